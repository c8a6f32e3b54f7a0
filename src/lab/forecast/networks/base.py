"""What all networks share: fit with early stopping, seeds averaged, compiled forecasts."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import InitVar, dataclass, field, fields
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd

from lab import compute
from lab.errors import UsageError
from lab.forecast.intervals import ascending
from lab.forecast.model import CLOCK, Stacked, check_inputs, shapes_of, usable
from lab.forecast.networks import engine
from lab.forecast.networks.inputs import SequenceInputs
from lab.forecast.networks.outcomes import LogDeviation, Outcome
from lab.forecast.networks.training import Curves, Schedule, pinball, train
from lab.forecast.view import View

HALF = 0.5
Tensors = dict[str, Any]


@dataclass(eq=False, kw_only=True)
class Network(ABC):
    """A network that forecasts the whole day at once, as deviations from a base.

    It takes any named arrays: those of shape (steps, channels) form the sequence, those of
    shape (inputs,) the vector; a missing value counts as average. The number of slots is
    that of the target. Training stops early on the last days of the training part, in
    order of time, and the best weights are restored. With several seeds as many networks
    are trained, and the mean of their outputs is the model.

    Parameters
    ----------
    inputs : callable
        From a view to named arrays, a frozen value so that the model can be saved.
    outcome : Outcome
        What is learned of the target, and the way back.
    levels : sequence of float
        Quantile levels in ascending order, 0.5 among them.
    seeds : int
        Networks trained; their seeds are consecutive, the first is that of `lab.compute`.
    epochs : int
        At most.
    patience : int
        Epochs without a better validation loss before training stops.
    validation_days : int
        Last days of the training part, kept for the stop.
    learning_rate : float
    batch : int
        Days of a batch.

    Attributes
    ----------
    network_ : keras.Model
        The mean of the seeds' networks, from inputs by name to outputs by name.
    answer_ : callable
        The same, compiled.
    histories_ : list of dict of list of float
        `loss` and `val_loss` by epoch, one for each seed.

    Raises
    ------
    UsageError
        If a parameter is out of its range.
    """

    name: ClassVar[str] = "network"
    layout: ClassVar[str] = CLOCK

    inputs: Callable[[View], dict[str, np.ndarray]] = field(default_factory=SequenceInputs)
    outcome: Outcome = field(default_factory=LogDeviation)
    levels: tuple[float, ...] = (HALF,)
    seeds: int = 1
    epochs: int = 100
    patience: int = 10
    validation_days: int = 42
    learning_rate: float = 0.001
    batch: int = 64

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            value = tuple(value) if isinstance(value, list) else value
            setattr(self, one.name, value)
            _check(one.name, value)
        if not 0 < self.learning_rate < 1:
            raise UsageError(
                f"learning_rate must be above 0 and below 1, got {self.learning_rate}."
            )
        if list(self.levels) != sorted(set(self.levels)) or HALF not in self.levels:
            raise UsageError(
                f"The levels must ascend and contain 0.5, got {', '.join(map(str, self.levels))}."
            )

    def fit(self, inputs: Stacked, target: np.ndarray) -> Self:
        """Fit on complete days; the last `validation_days` of them decide when to stop.

        Raises
        ------
        UsageError
            If there are not more complete days than `validation_days`, or the inputs lack
            what the architecture needs.
        """
        learned = self.outcome.forward(target, inputs)
        days = usable(inputs["base"], learned)
        if days.sum() <= self.validation_days:
            raise UsageError(
                f"A network needs more than validation_days = {self.validation_days} complete "
                f"days of training, got {days.sum()}."
            )
        parts = {name: values[days] for name, values in self._parts(inputs).items()}
        engine.deterministic_keras()
        y = learned[days].astype(np.float32)
        members = [self._member(parts, y, seed) for seed in range(self.seeds)]
        self.histories_ = [history for _, history in members]
        self.shapes_ = shapes_of(inputs)
        return self.hold(engine.mean_network([network for network, _ in members]))

    def hold(self, network: Any) -> Self:
        """Take a trained network as the model's own."""
        self.network_ = network
        self.answer_ = engine.compiled(network)
        return self

    def __getstate__(self) -> dict[str, Any]:
        """Return what another process needs: the compiled network is made there again."""
        return {name: value for name, value in vars(self).items() if name != "answer_"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take up a state, and compile its network."""
        vars(self).update(state)
        if "network_" in state:
            self.hold(state["network_"])

    def predict(self, inputs: Stacked) -> np.ndarray:
        """Return forecasts, shape (days, slots, levels); NaN where the base is missing.

        Raises
        ------
        UsageError
            If it has not been fitted.
        DataError
            If an input is missing, extra or of another shape than in the fit.
        """
        day = self.answers(inputs)[engine.DAY]
        return self.outcome.back(ascending(day, self.levels), inputs)

    def answers(self, inputs: Stacked) -> engine.Parts:
        """Return all outputs of the network by name; `predict` tells what it raises."""
        check_inputs(self, inputs)
        parts = self._parts(inputs)
        return {name: value.astype(float) for name, value in self.answer_(parts).items()}

    @property
    def history_(self) -> dict[str, list[float]]:
        """Learning curve of the first seed: `loss` and `val_loss` by epoch."""
        return self.histories_[0]

    @property
    def best_epoch_(self) -> int:
        """Epoch whose weights the first seed's network holds, counted from 1."""
        return int(np.argmin(self.history_["val_loss"])) + 1

    def learning_curves(self) -> pd.DataFrame:
        """Return `loss` and `val_loss` by `seed` (from 0) and `epoch` (from 1), one row each."""
        curves = [
            pd.DataFrame(history).assign(seed=seed, epoch=range(1, len(history["loss"]) + 1))
            for seed, history in enumerate(self.histories_)
        ]
        return pd.concat(curves, ignore_index=True)[["seed", "epoch", "loss", "val_loss"]]

    def _parts(self, inputs: Stacked) -> engine.Parts:
        """Return what the network sees: numbers as vectors of one, 32 bits."""
        seen = {name: v for name, v in inputs.items() if name not in self.outcome.aside}
        return {
            name: (v[:, None] if v.ndim == 1 else v).astype(np.float32) for name, v in seen.items()
        }

    def _member(self, parts: engine.Parts, learned: np.ndarray, seed: int) -> tuple[Any, Curves]:
        """Return the network of one seed and its learning curve."""
        import keras

        engine.set_seed(compute.seed() + seed)
        cut = len(learned) - self.validation_days
        early, late = (
            ({name: values[days] for name, values in parts.items()}, learned[days])
            for days in (slice(None, cut), slice(cut, None))
        )
        network = self._network(*early)
        how = Schedule(self.epochs, self.patience, self.learning_rate, self.batch, seed)
        day = keras.Model(network.input, network.output[engine.DAY])
        return network, train(day, pinball(self.levels), early, late, how)

    def _network(self, parts: engine.Parts, learned: np.ndarray) -> Any:
        """Return the untrained network, its scaling taken from the training days."""
        import keras

        layers, slots = keras.layers, learned.shape[1]
        tensors = {n: keras.Input(v.shape[1:], name=n) for n, v in sorted(parts.items())}
        flows = {n: engine.scaled(layers, tensor, parts[n]) for n, tensor in tensors.items()}
        sequence, vector = (
            engine.joined(layers, [flow for flow in flows.values() if len(flow.shape) == axes])
            for axes in (3, 2)
        )
        hidden, told = self._hidden(layers, sequence, vector)
        day = layers.Dense(slots * len(self.levels))(hidden)
        day = layers.Reshape((slots, len(self.levels)))(day)
        day = layers.Rescaling(float(learned.std()))(day)
        return keras.Model(tensors, {engine.DAY: day} | told)

    @abstractmethod
    def _hidden(self, layers: Any, sequence: Any, vector: Any) -> tuple[Any, Tensors]:
        """Return the features that the last layer turns into a day, and other outputs.

        Parameters
        ----------
        layers : module
            `keras.layers`.
        sequence : keras tensor (issues, steps, channels), or None
        vector : keras tensor (issues, inputs), or None
        """


@dataclass(eq=False, kw_only=True)
class SequenceNetwork(Network):
    """A network whose architecture reads the sequence; the vector joins its last layer.

    Parameters
    ----------
    vector_dropout : float
        Of the vector, on its way to the last layer.
    step_hours : int, optional
        Short for `inputs=SequenceInputs(step_hours)`.
    """

    vector_dropout: float = 0.4
    step_hours: InitVar[int | None] = None

    def __post_init__(self, step_hours: int | None) -> None:
        if step_hours is not None:
            self.inputs = SequenceInputs(step_hours)
        super().__post_init__()

    def _hidden(self, layers: Any, sequence: Any, vector: Any) -> tuple[Any, Tensors]:
        if sequence is None:
            raise UsageError(
                f"The network {self.name} needs a sequence among its inputs, an array of shape "
                "(steps, channels) for each issue, got vectors alone."
            )
        read, told = self._read(layers, sequence)
        if vector is None:
            return read, told
        return layers.Concatenate()([read, layers.Dropout(self.vector_dropout)(vector)]), told

    @abstractmethod
    def _read(self, layers: Any, sequence: Any) -> tuple[Any, Tensors]:
        """Return what the network makes of a sequence, (issues, features), and other outputs."""


def _check(name: str, value: Any) -> None:
    """Refuse whole numbers below 1, there is no layer of no units, and impossible shares."""
    numbers = value if isinstance(value, tuple) else (value,)
    if not numbers or any(isinstance(n, int) and n < 1 for n in numbers):
        raise UsageError(f"{name} must be at least 1, got {value}.")
    if name.endswith("dropout") and not 0 <= value < 1:
        raise UsageError(f"{name} must be from 0 to below 1, got {value}.")
