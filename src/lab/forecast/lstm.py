"""The LSTM of the project's specification; the one module that imports TensorFlow."""

import os
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from lab import compute
from lab.errors import UsageError
from lab.forecast.inputs import WEEK, History, calendar_inputs, cooling, log_demand
from lab.forecast.model import CLOCK, Stacked, usable
from lab.forecast.view import View

CHANNELS = ("log_demand", "temperature_c", "deviation", "cooling")
CLIP = 4.0
HOURS_PER_DAY = 24


@dataclass(frozen=True)
class SequenceInputs:
    """The last 168 hours as a sequence, and the target day's calendar.

    Parameters
    ----------
    step_hours : int
        Hours averaged into one step; 3 gives 56 steps, 1 gives 168.
    """

    step_hours: int = 3

    def __call__(self, view: View) -> dict[str, np.ndarray]:
        """Return `sequence` (steps, 4), `calendar` (inputs,) and `base` (slots,)."""
        past = History.of(view)
        calendar = np.array(list(calendar_inputs(view).values()))
        steps = WEEK * HOURS_PER_DAY // self.step_hours
        sequence = np.full((steps, len(CHANNELS)), np.nan)
        if len(past.log) >= WEEK:
            heat = past.temperature[-WEEK:]
            channels = (past.log[-WEEK:], heat, past.deviation, cooling(heat))
            sequence = np.stack([c.reshape(steps, -1).mean(axis=1) for c in channels], axis=1)
        return {"sequence": sequence, "calendar": calendar, "base": past.base}


class Lstm:
    """LSTM (128, with sequences), dropout 0.2, LSTM (64), dense for the whole day.

    The target day's calendar joins the last layer. It forecasts the deviation of log
    demand from its usual value; scaling is part of the network, so the model file is
    complete. Training stops early on the last days of the training part, in order of
    time, and the best weights are restored.

    Parameters
    ----------
    units : sequence of two int
        Cells of the two layers.
    dropout : float
    epochs : int
        At most.
    patience : int
        Epochs without a better validation loss before training stops.
    validation_days : int
        Last days of the training part, kept for the stop.
    step_hours : int
        Hours of one step of the sequence.
    learning_rate : float
    batch : int
        Days of a batch.

    Attributes
    ----------
    network_ : keras.Model
    history_ : dict of list of float
        `loss` and `val_loss` by epoch: the learning curve.
    best_epoch_ : int
        Counted from 1.

    References
    ----------
    Hochreiter, Schmidhuber, Long short-term memory (1997), doi:10.1162/neco.1997.9.8.1735.
    """

    name = "lstm"
    levels = (0.5,)
    layout = CLOCK

    def __init__(
        self,
        *,
        units: tuple[int, int] = (128, 64),
        dropout: float = 0.2,
        epochs: int = 30,
        patience: int = 8,
        validation_days: int = 90,
        step_hours: int = 3,
        learning_rate: float = 0.002,
        batch: int = 32,
    ) -> None:
        if step_hours < 1 or HOURS_PER_DAY % step_hours:
            raise UsageError(f"step_hours must divide 24, got {step_hours}.")
        self.units, self.dropout, self.epochs, self.patience = units, dropout, epochs, patience
        self.validation_days, self.step_hours = validation_days, step_hours
        self.learning_rate, self.batch = learning_rate, batch
        self.inputs = SequenceInputs(step_hours)

    def fit(self, inputs: Stacked, target: np.ndarray) -> Self:
        """Fit on complete days; the last `validation_days` of them decide when to stop.

        Raises
        ------
        UsageError
            If there are not more complete days than `validation_days`.
        """
        deviation = log_demand(target) - inputs["base"]
        known = inputs["sequence"].sum(axis=2) + inputs["calendar"].sum(axis=1, keepdims=True)
        days = usable(np.hstack([inputs["base"], known]), deviation)
        if days.sum() <= self.validation_days:
            raise UsageError(
                f"The LSTM needs more than validation_days = {self.validation_days} complete "
                f"days of training, got {days.sum()}."
            )
        keras = deterministic_keras()
        x = [inputs[name][days].astype(np.float32) for name in ("sequence", "calendar")]
        y = deviation[days].astype(np.float32)
        cut = len(y) - self.validation_days
        network = self._network(keras, [part[:cut] for part in x], y[:cut])
        stop = keras.callbacks.EarlyStopping(
            monitor="val_loss", patience=self.patience, restore_best_weights=True
        )
        log = network.fit(
            [part[:cut] for part in x],
            y[:cut],
            validation_data=([part[cut:] for part in x], y[cut:]),
            epochs=self.epochs,
            batch_size=self.batch,
            verbose=0,
            callbacks=[stop],
        )
        # Without its optimiser: a model file holds what a forecast needs.
        self.network_ = keras.Model(network.inputs, network.outputs, name="day_ahead")
        self.history_ = {k: [float(loss) for loss in log.history[k]] for k in ("loss", "val_loss")}
        self.best_epoch_ = int(np.argmin(self.history_["val_loss"])) + 1
        return self

    def predict(self, inputs: Stacked) -> np.ndarray:
        """Return forecasts, shape (days, slots, 1); NaN where the history is incomplete."""
        x = [inputs[name].astype(np.float32) for name in ("sequence", "calendar")]
        deviation = np.asarray(self.network_.predict(x, batch_size=64, verbose=0))
        return np.exp(inputs["base"] + deviation.astype(float))[:, :, None]

    def _network(self, keras: Any, x: list[np.ndarray], y: np.ndarray) -> Any:
        """Return the compiled network, its scaling taken from the training days."""
        layers = keras.layers
        sequence = keras.Input(x[0].shape[1:], name="sequence")
        calendar = keras.Input(x[1].shape[1:], name="calendar")
        flow = layers.LSTM(self.units[0], return_sequences=True)(_scaled(layers, sequence, x[0]))
        flow = layers.Dropout(self.dropout)(flow)
        flow = layers.LSTM(self.units[1])(flow)
        flow = layers.Concatenate()([flow, _scaled(layers, calendar, x[1])])
        day = layers.Dense(y.shape[1])(flow)
        network = keras.Model([sequence, calendar], layers.Rescaling(float(y.std()))(day))
        network.compile(keras.optimizers.Adam(self.learning_rate), loss="mae")
        return network


def deterministic_keras() -> Any:
    """Import Keras with the seed set and deterministic kernels; return the module.

    Layer names start anew, so that a model's file does not depend on how many models
    were built before it.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras
    import tensorflow as tf

    keras.backend.clear_session()
    keras.utils.set_random_seed(compute.seed() % 2**31)
    tf.config.experimental.enable_op_determinism()
    return keras


def _scaled(layers: Any, tensor: Any, values: np.ndarray) -> Any:
    """Standardise an input by what it is in training, and clip what is far outside."""
    axes = tuple(range(values.ndim - 1))
    mean, spread = values.mean(axis=axes), values.std(axis=axes)
    variance = np.where(spread > 1e-6, spread**2, 1.0)
    flow = layers.Normalization(mean=mean.tolist(), variance=variance.tolist())(tensor)
    flow = layers.ReLU(max_value=2 * CLIP)(layers.Rescaling(1.0, offset=CLIP)(flow))
    return layers.Rescaling(1.0, offset=-CLIP)(flow)
