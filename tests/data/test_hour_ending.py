import pandas as pd
import pytest

from lab.data import readers, sources
from lab.errors import DataError

HEADER = "Delivery Date,Hour Ending,Repeated Hour Flag,Settlement Point,Settlement Point Price\n"
POINTS = ("HB_HUBAVG", "LZ_HOUSTON", "LZ_WEST")


@pytest.fixture(scope="module")
def ercot():
    return sources()["ercot_prices"]


def day(date, endings):
    """Rows of one day; a price is its hour ending, plus 0.1 and 0.2 for the later points."""
    return HEADER + "".join(
        f"{date},{ending[:5]},{ending[5:] or 'N'},{point},{int(ending[:2]) + offset / 10}\n"
        for ending in endings
        for offset, point in enumerate(POINTS)
    )


SPRING = [f"{hour:02}:00" for hour in range(1, 25) if hour != 3]
AUTUMN = [
    *(f"{hour:02}:00" for hour in range(1, 3)),
    "02:00Y",
    *(f"{h:02}:00" for h in range(3, 25)),
]


@pytest.mark.parametrize(
    ("date", "endings", "first", "hours"),
    [
        ("03/13/2022", SPRING, "2022-03-13 06:00Z", 23),
        ("11/06/2022", AUTUMN, "2022-11-06 05:00Z", 25),
        ("07/01/2022", [f"{h:02}:00" for h in range(1, 25)], "2022-07-01 05:00Z", 24),
    ],
    ids=["spring", "autumn", "ordinary"],
)
def test_a_local_day_becomes_consecutive_utc_hours(file, ercot, date, endings, first, hours):
    frame = readers.read(file(day(date, endings)), ercot)
    expected = pd.date_range(first, periods=hours, freq="h", name="time", unit="us")
    pd.testing.assert_index_equal(frame.index, expected)
    assert frame["price_hub_usd_per_mwh"].tolist() == [int(ending[:2]) for ending in endings]
    assert frame["price_west_usd_per_mwh"].iloc[0] == 1.2


def test_the_real_file_is_complete_on_both_days(ercot):
    from lab.data import load

    local = load("ercot_prices").tz_convert("America/Chicago")
    assert len(local.loc["2021-03-14"]) == 23
    # Hour ending 02:00 with flag N, then Y: 20.53 and 27.00 at the hub.
    assert local.loc["2021-11-07", "price_hub_usd_per_mwh"].iloc[1:3].tolist() == [20.53, 27.0]
    assert len(local.loc["2021-11-07"]) == 25
    assert local.notna().all().all()


BROKEN = {
    "hour that is left out": ("02:00,N", "03:00,N", r"'Hour Ending', row 5 .*does not exist"),
    "flag on an ordinary hour": ("05:00,N", "05:00,Y", r"'Hour Ending', row 11 .*comes only once"),
    "hour 25": ("24:00", "25:00", r"'Hour Ending', row 68 .*'25:00' is not 01:00 to 24:00"),
    "hour 00": ("24:00", "00:00", r"'Hour Ending', row 68 .*'00:00' is not"),
    "flag X": ("05:00,N", "05:00,X", r"'Repeated Hour Flag', row 11 .*'X' is not Y or N"),
    "iso date": ("03/13/2022", "2022-03-13", r"'Delivery Date', row 2 .*is not a date"),
    "no such date": ("03/13/2022", "02/30/2022", r"'Delivery Date', row 2 .*no date from"),
    "unknown point": ("LZ_WEST", "LZ_NORTH", r"'Settlement Point', row 4 .*'LZ_NORTH' is not decl"),
    "price is text": ("1.0\n", "one\n", r"'Settlement Point Price', row 2 .*'one'"),
    "price too high": ("1.0\n", "1e300\n", r"'Settlement Point Price', row 2 .*is outside"),
    "row twice": ("02:00,N,HB", "01:00,N,HB", r"'Hour Ending', row 5 .*comes twice"),
    "backwards": ("05:00,N,HB", "01:00,N,HB", r"'Hour Ending', row 11 .*(earlier|twice)"),
    "column missing": ("Hour Ending", "Hour", r"'Hour Ending', row 1 .*missing"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_price_table_ends_in_one_sentence(file, ercot, case):
    old, new, expected = BROKEN[case]
    text = day("03/13/2022", SPRING)
    assert old in text
    with pytest.raises(DataError, match=expected):
        readers.read(file(text.replace(old, new, 1)), ercot)


def test_an_undeclared_column_is_named(file, ercot):
    text = day("07/01/2022", ["01:00"]).replace("\n", ",x\n").replace("Price,x", "Price,Extra")
    with pytest.raises(DataError, match=r"'Extra', row 1 .*does not declare"):
        readers.read(file(text), ercot)


def test_a_point_without_rows_is_named(file, ercot):
    text = "".join(
        line for line in day("07/01/2022", ["01:00"]).splitlines(True) if "WEST" not in line
    )
    with pytest.raises(DataError, match=r"'Settlement Point'.*no row is about 'LZ_WEST'"):
        readers.read(file(text), ercot)


def test_an_hour_that_one_point_lacks_stays_missing(file, ercot):
    text = day("07/01/2022", ["01:00", "02:00"]).rsplit("\n", 2)[0] + "\n"
    frame = readers.read(file(text), ercot)
    assert frame["price_west_usd_per_mwh"].isna().tolist() == [False, True]
    assert frame.attrs["reading"]["missing_cells"] == 1
