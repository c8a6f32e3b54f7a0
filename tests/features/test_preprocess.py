"""What is learned is learned from the training part, and survives a trip through JSON."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lab.errors import DataError, UsageError
from lab.features import Imputer, OutlierLimiter, Preprocessor, Scaler

NAN = np.nan
STEPS = [Imputer, OutlierLimiter, Scaler, Preprocessor]


def frame(*columns) -> pd.DataFrame:
    """Return hourly columns called c0, c1 and so on."""
    index = pd.date_range("2016-10-29", periods=len(columns[0]), freq="h", tz="UTC")
    return pd.DataFrame(
        {f"c{number}": values for number, values in enumerate(columns)}, index=index, dtype=float
    )


def test_a_gap_is_carried_forward_for_a_while_then_filled_with_the_median():
    train = frame([1.0, 2.0, 9.0])
    part = frame([NAN, -5.0, NAN, NAN, NAN, 4.0])
    filled = Imputer(limit_h=2).fit(train).transform(part)
    assert filled["c0"].tolist() == [2, -5, -5, -5, 2, 4]
    assert Imputer(limit_h=0).fit(train).transform(part)["c0"].tolist() == [2, -5, 2, 2, 2, 4]


def test_the_age_of_an_observation_is_a_duration():
    part = frame([7.0, 0.0, 0.0, NAN]).iloc[[0, 3]]
    assert Imputer(limit_h=2).fit(frame([1.0])).transform(part)["c0"].tolist() == [7, 1]
    assert Imputer(limit_h=3).fit(frame([1.0])).transform(part)["c0"].tolist() == [7, 7]


def test_a_column_without_a_value_in_training_becomes_zero():
    assert Imputer().fit(frame([NAN, NAN])).transform(frame([NAN]))["c0"].tolist() == [0]


def test_far_values_move_to_the_limit_of_the_training_part():
    train = frame([0.0, 1.0, 2.0, 3.0, 4.0], [0.0, 0.0, 0.0, 0.0, 1.0])
    limiter = OutlierLimiter(width=10).fit(train)
    part = frame([9000.0, -9000.0, NAN], [1.0, 50.0, 0.0])
    limited = limiter.transform(part)
    # Median 2, MAD 1: limits 2 -+ 14.826. The flag has no spread and is left alone.
    np.testing.assert_allclose(limited["c0"], [16.826, -12.826, NAN])
    assert limited["c1"].tolist() == [1, 50, 0]
    assert limiter.outside(part).to_dict() == {"c0": 2, "c1": 0}


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        pytest.param("standard", [-1.0, 1.0], id="standard"),
        pytest.param("robust", [-1 / 1.4826, 1 / 1.4826], id="robust"),
    ],
)
def test_scaling_by_hand(method, expected):
    scaler = Scaler(method).fit(frame([1.0, 3.0], [5.0, 5.0]))
    scaled = scaler.transform(frame([1.0, 3.0], [5.0, 6.0]))
    assert scaled["c0"].tolist() == pytest.approx(expected)
    assert scaled["c1"].tolist() == [0, 1]  # constant in training: only centred


@given(st.lists(st.floats(-1e4, 1e4), min_size=2, max_size=30))
@example([0.0, 59.0, 2.2e-307])
def test_scaling_can_be_undone(values):
    part = frame(values)
    for method in Scaler.METHODS:
        scaler = Scaler(method).fit(part)
        back = scaler.inverse_transform(scaler.transform(part))
        np.testing.assert_allclose(back, part, atol=1e-6)


@pytest.mark.parametrize("step", STEPS)
@given(seed=st.integers(0, 1000))
def test_the_test_part_teaches_nothing(step, seed):
    noise = np.random.default_rng(seed)
    whole = frame(noise.normal(size=60), noise.normal(size=60))
    whole.iloc[noise.integers(0, 60, 12), 0] = NAN
    other = whole.copy()
    other.iloc[41:] = 1e6
    fitted = step().fit(whole.iloc[:40])
    before = fitted.transform(whole).iloc[:41]
    after = fitted.transform(other).iloc[:41]
    assert before.to_numpy().tobytes() == after.to_numpy().tobytes()


def test_nothing_is_missing_after_the_three_steps(simulated):
    table = simulated(400)
    done = Preprocessor().fit(table.iloc[:300]).transform(table)
    assert done.notna().all(axis=None)
    assert done.iloc[:300].std(ddof=0).tolist() == pytest.approx([1.0] * table.shape[1])


def test_a_preprocessor_survives_json(tmp_path, simulated):
    table = simulated(400)
    table["flag"] = 0.0
    fitted = Preprocessor(OutlierLimiter(5.0), Imputer(limit_h=1.0), Scaler("robust")).fit(
        table.iloc[:300]
    )
    fitted.save(tmp_path / "preprocessor.json")
    loaded = Preprocessor.load(tmp_path / "preprocessor.json")

    json.loads((tmp_path / "preprocessor.json").read_text(), parse_constant=pytest.fail)
    pd.testing.assert_frame_equal(loaded.transform(table), fitted.transform(table))
    assert loaded.scaler.method == "robust"
    loaded.save(tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == (tmp_path / "preprocessor.json").read_bytes()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("not json", id="text"),
        pytest.param("{}", id="empty"),
        pytest.param("[1]", id="list"),
        pytest.param('{"limiter": {"columns_": ["a"], "width": 8}}', id="not-fitted"),
        pytest.param(
            '{"limiter": {"columns_": ["a"], "width": 8, "low_": [1, 2], "high_": [3]}}', id="long"
        ),
    ],
)
def test_a_damaged_file_is_one_sentence(tmp_path, text):
    (tmp_path / "p.json").write_text(text)
    with pytest.raises(DataError, match="must be a preprocessor saved as JSON"):
        Preprocessor.load(tmp_path / "p.json")
    with pytest.raises(DataError, match="must be a preprocessor saved as JSON"):
        Preprocessor.load(tmp_path / "absent.json")


@pytest.mark.parametrize("step", [Imputer, OutlierLimiter, Scaler])
def test_misuse_is_one_sentence(step):
    with pytest.raises(UsageError, match="must be fitted on a training part first"):
        step().transform(frame([1.0]))
    with pytest.raises(DataError, match="at least one row"):
        step().fit(frame([1.0]).iloc[:0])
    with pytest.raises(DataError, match="'c0' must be numeric"):
        step().fit(frame([1.0]).astype(str))
    with pytest.raises(DataError, match="was fitted on 1 columns from 'c0' to 'c0'"):
        step().fit(frame([1.0])).transform(frame([1.0], [2.0]))


def test_an_unknown_scaling_is_refused():
    with pytest.raises(UsageError, match="Unknown scaling 'minmax'; choose one of standard"):
        Scaler("minmax")
