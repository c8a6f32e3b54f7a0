"""Each architecture on tiny parameters: repeats itself, saves, loads, answers one issue alone."""

import numpy as np
import pytest

from lab.errors import UsageError
from lab.forecast import saving
from lab.forecast.networks.cnn_lstm import CnnLstm
from lab.forecast.networks.dnn import Dnn
from lab.forecast.networks.gru import Gru
from lab.forecast.networks.lstm import Lstm, StackedLstm
from lab.forecast.networks.outcomes import Deviation
from lab.forecast.networks.transformer import Transformer, positions

TINY = {"outcome": Deviation(), "validation_days": 4, "epochs": 1, "levels": (0.1, 0.5)}
BUILD = {
    "dnn": lambda **more: Dnn(**TINY | {"seeds": 2} | more, units=(3,)),
    "lstm": lambda **more: Lstm(**TINY | more, units=(3, 2)),
    "stacked_lstm": lambda **more: StackedLstm(**TINY | more, units=(3, 2, 2), dense=3),
    "gru": lambda **more: Gru(**TINY | more, units=(3, 2)),
    "transformer": lambda **more: Transformer(
        **TINY | more, width=4, heads=2, key_size=2, feed_forward=3, blocks=2
    ),
    "cnn_lstm": lambda **more: CnnLstm(**TINY | {"seeds": 2} | more, filters=(2, 3), units=(3, 2)),
}


def test_names_are_those_of_the_files():
    assert {name: build().name for name, build in BUILD.items()} == {n: n for n in BUILD}
    assert {saving.file_name(build()) for build in BUILD.values()} == {f"{n}.keras" for n in BUILD}


@pytest.mark.parametrize("name", BUILD)
@pytest.mark.usefixtures("eager")
@pytest.mark.filterwarnings("ignore:Even though the .tf.config")
def test_same_model_same_bytes_same_forecasts(name, examples, of_issues, tmp_path):
    inputs, target = examples(8)
    model, again = (BUILD[name]().fit(inputs, target) for _ in range(2))
    first = saving.save(model, tmp_path / "first.keras").read_bytes()
    assert saving.save(again, tmp_path / "again.keras").read_bytes() == first
    loaded = saving.load(tmp_path / "first.keras")
    assert saving.save(loaded, tmp_path / "loaded.keras").read_bytes() == first
    few = of_issues(inputs, slice(0, 2))
    found = model.predict(few)
    assert found.shape == (2, 4, 2)
    assert np.isfinite(found).all()
    assert loaded.predict(few).tobytes() == found.tobytes()
    assert loaded.learning_curves().equals(model.learning_curves())


def test_compiled_one_issue_alone_is_what_it_is_among_others(examples, of_issues, tmp_path):
    inputs, target = examples(8)
    model = BUILD["dnn"](seeds=1).fit(inputs, target)
    among = model.predict(inputs)
    loaded = saving.load(saving.save(model, tmp_path / "model.keras"))
    alone = loaded.predict(of_issues(inputs, slice(5, 6)))
    assert alone.tobytes() == among[5:6].tobytes()


@pytest.mark.usefixtures("eager")
@pytest.mark.filterwarnings("ignore:Even though the .tf.config")
def test_attention_weighs_every_step(examples):
    inputs, target = examples(8)
    weights = BUILD["cnn_lstm"](seeds=1).fit(inputs, target).attention(inputs)
    assert weights.shape == (8, 4)
    assert weights.sum(axis=1) == pytest.approx(1.0)
    assert (weights > 0).all()


def test_positions_tell_steps_apart():
    found = positions(168, 64)
    assert found.shape == (168, 64)
    assert len(np.unique(found.round(6), axis=0)) == 168
    assert np.abs(found).max() <= 1


@pytest.mark.parametrize("name", ["lstm", "stacked_lstm", "gru", "transformer", "cnn_lstm"])
def test_step_hours_is_short_for_inputs(name):
    kind = type(BUILD[name]())
    assert kind(step_hours=6).inputs.step_hours == 6
    with pytest.raises(UsageError, match="step_hours must divide 24, got 5"):
        kind(step_hours=5)


def test_an_odd_width_has_no_waves():
    with pytest.raises(UsageError, match="width must be even, got 7"):
        Transformer(width=7)
