"""What every network keeps: shapes, seeds, missing values, curves and refusals."""

import numpy as np
import pytest

from lab.backtest import Backtest
from lab.errors import DataError, UsageError
from lab.forecast.networks.dnn import Dnn
from lab.forecast.networks.gru import Gru
from lab.forecast.networks.outcomes import Deviation, RootDeviation
from lab.forecast.profile import ProfileInputs

pytestmark = [
    pytest.mark.usefixtures("eager"),
    pytest.mark.filterwarnings("ignore:Even though the .tf.config"),
]
SMALL = {"outcome": Deviation(), "units": (8,), "validation_days": 6, "epochs": 1}


def test_it_learns_and_keeps_its_curves(examples):
    inputs, target = examples()
    model = Dnn(**SMALL | {"epochs": 25, "learning_rate": 0.05, "seeds": 2, "dropout": 0.0})
    found = model.fit(inputs, target).predict(inputs)
    assert found.shape == (24, 4, 1)
    assert np.abs(found[:, :, 0] - target).mean() < 0.5 * np.abs(target - inputs["base"]).mean()
    curves = model.learning_curves()
    assert list(curves.columns) == ["seed", "epoch", "loss", "val_loss"]
    assert curves.groupby("seed")["epoch"].max().tolist() == [
        len(history["loss"]) for history in model.histories_
    ]
    assert model.history_["val_loss"][model.best_epoch_ - 1] == min(model.history_["val_loss"])


def test_levels_ascend_and_slots_are_those_of_the_target(examples):
    inputs, target = examples(slots=24)
    model = Dnn(**SMALL, levels=[0.1, 0.5, 0.9]).fit(inputs, target)
    found = model.predict(inputs)
    assert found.shape == (24, 24, 3)
    assert (np.diff(found, axis=2) >= 0).all()
    assert model.levels == (0.1, 0.5, 0.9)


def test_a_model_is_the_mean_of_its_seeds(examples):
    inputs, target = examples()
    first = Dnn(**SMALL).fit(inputs, target).predict(inputs)
    model = Dnn(**SMALL, seeds=2).fit(inputs, target)
    both = model.predict(inputs)
    assert not np.allclose(both, first)
    feed = {n: v for n, v in model._parts(inputs).items()}
    members = [layer for layer in model.network_.layers if hasattr(layer, "layers")]
    days = [np.asarray(member(feed)["day"]) for member in members]
    assert np.allclose(days[0] + inputs["base"][:, :, None], first, atol=1e-5)
    assert np.allclose(np.mean(days, axis=0) + inputs["base"][:, :, None], both, atol=1e-5)


def test_what_is_missing_counts_as_average_and_without_base_there_is_no_forecast(examples):
    inputs, target = examples()
    model = Dnn(**SMALL).fit(inputs, target)
    gap, average = ({n: v.copy() for n, v in inputs.items()} for _ in range(2))
    gap["vector"][0, 1] = np.nan
    average["vector"][0, 1] = inputs["vector"][:18, 1].mean()
    gap["base"][1, 2] = np.nan
    found, wanted = model.predict(gap), model.predict(average)
    assert found[0] == pytest.approx(wanted[0], abs=1e-5)
    assert np.isnan(found[1, :, 0]).tolist() == [False, False, True, False]


def test_days_that_are_not_complete_are_not_learnt(examples, of_issues):
    inputs, target = examples()
    target[5, 1] = np.nan
    whole = [n for n in range(24) if n != 5]
    found = Dnn(**SMALL).fit(inputs, target).predict(inputs)
    assert found.tobytes() == (
        Dnn(**SMALL).fit(of_issues(inputs, whole), target[whole]).predict(inputs).tobytes()
    )


def test_vectors_alone_are_enough_for_dense_layers_only(examples):
    inputs, target = examples()
    del inputs["sequence"]
    assert np.isfinite(Dnn(**SMALL).fit(inputs, target).predict(inputs)).all()
    with pytest.raises(UsageError, match=r"gru needs a sequence .* got vectors alone"):
        Gru(**SMALL).fit(inputs, target)


def test_sequences_alone_are_enough(examples):
    inputs, target = examples()
    del inputs["vector"], inputs["season"]
    assert np.isfinite(Dnn(**SMALL).fit(inputs, target).predict(inputs)).all()


def test_inputs_of_another_field_go_through_a_backtest(table):
    model = Gru(
        inputs=ProfileInputs("demand_mw", year=False),
        outcome=RootDeviation(),
        units=(2,),
        epochs=1,
        validation_days=20,
    )
    found = Backtest(table, "2014-05-09", "2014-05-10").run(model).forecasts.values
    assert found.shape == (96, 1)
    assert (found > 3000).all()
    assert [x.name for x in model.network_.inputs] == ["x"]


def test_other_inputs_than_those_of_the_fit_are_refused(examples):
    inputs, target = examples()
    model = Dnn(**SMALL).fit(inputs, target)
    fitted = "^The model dnn was fitted on inputs of the shapes "
    for changed, words in (
        ({"vector": inputs["vector"][:, :2]}, r"vector \(3,\); got vector \(2,\)\.$"),
        ({"extra": inputs["vector"]}, r"no extra; got extra \(3,\)\.$"),
    ):
        with pytest.raises(DataError, match=fitted + words):
            model.predict(inputs | changed)
    del inputs["season"]
    with pytest.raises(DataError, match=fitted + r"season \(\); got no season\.$"):
        model.predict(inputs)


def test_sequences_stand_side_by_side(examples):
    inputs, target = examples()
    inputs["other"] = inputs["sequence"][:, :3]
    with pytest.raises(UsageError, match="the same number of steps, got 3, 4"):
        Gru(**SMALL).fit(inputs, target)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"levels": (0.1, 0.9)}, "must ascend and contain 0.5, got 0.1, 0.9"),
        ({"levels": (0.5, 0.1)}, "must ascend and contain 0.5, got 0.5, 0.1"),
        ({"seeds": 0}, "seeds must be at least 1, got 0"),
        ({"epochs": 0}, "epochs must be at least 1, got 0"),
        ({"units": (8, -1)}, r"units must be at least 1, got \(8, -1\)"),
        ({"units": []}, r"units must be at least 1, got \(\)"),
        ({"dropout": 1.0}, "dropout must be from 0 to below 1, got 1.0"),
        ({"learning_rate": 0.0}, "learning_rate must be above 0 and below 1, got 0.0"),
    ],
    ids=["no median", "descending", "seeds", "epochs", "width", "no layer", "dropout", "rate"],
)
def test_impossible_parameters_are_refused(given, words):
    with pytest.raises(UsageError, match=words):
        Dnn(**given)


def test_too_short_a_training_is_refused(examples):
    with pytest.raises(UsageError, match="more than validation_days = 42 complete days .* got 24"):
        Dnn(outcome=Deviation()).fit(*examples())
