import math

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.data import cells
from lab.data.records import Column
from lab.errors import DataError


def column(*values):
    return pa.chunked_array([list(values)], type=pa.string())


def test_numbers_with_missing_cells():
    found = cells.numbers(column("1.5", "", "-2e3", "NaN", "nan", "+.5"), "P", "f")
    assert found.dtype == float
    assert found.isna().tolist() == [False, True, False, True, True, False]
    assert found.dropna().tolist() == [1.5, -2000.0, 0.5]


@pytest.mark.parametrize(
    "bad", ["abc", "1,5", "0x1", "1_0", " 1", "--1", "NAN", "-nan", "1.2.3", "١", "<b>1</b>"]
)
def test_the_first_cell_that_is_no_number_is_named(bad):
    with pytest.raises(DataError, match=r"f, column 'P', row 4 .*is not a number"):
        cells.numbers(column("1", "", bad, "2", bad), "P", "f")


def test_percent_becomes_a_share_at_the_door():
    percent = Column("humidity", "RH [%]", "share", divide_by=100)
    assert cells.values(column("84", ""), percent, "f").tolist()[0] == 0.84


def test_flags_in_any_case():
    found = cells.values(column("True", "FALSE", "true"), Column("holiday", "H", "flag"), "f")
    assert found.dtype == bool
    assert found.tolist() == [True, False, True]


@pytest.mark.parametrize("bad", ["", "1", "yes", "TRUE "])
def test_a_cell_that_is_no_flag_is_named(bad):
    with pytest.raises(DataError, match=r"f, column 'H', row 3 .*is not a flag"):
        cells.flags(column("True", bad), "H", "f")


def test_texts_are_taken_as_they_are_but_not_empty():
    station = Column("station_id", "S", "text")
    assert cells.values(column("<b>&", "é"), station, "f").tolist() == ["<b>&", "é"]
    with pytest.raises(DataError, match=r"column 'S', row 2 .*empty"):
        cells.values(column(""), station, "f")


@given(st.lists(st.floats(width=64) | st.just(math.nan), min_size=1, max_size=20))
def test_every_float_that_python_writes_comes_back(values):
    found = cells.numbers(column(*map(repr, values)), "P", "f").tolist()
    assert all(
        a == b or (math.isnan(a) and math.isnan(b)) for a, b in zip(found, values, strict=True)
    )


@given(st.lists(st.text(max_size=8), min_size=1, max_size=20))
def test_any_text_is_a_number_or_a_sentence(values):
    try:
        assert len(cells.numbers(column(*values), "P", "f")) == len(values)
    except DataError as error:
        assert "column 'P', row " in str(error)
