import gzip
import hashlib
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import lab.data
from lab import paths
from lab.errors import DataError, UsageError

UTC = pd.DatetimeTZDtype("us", "UTC")
# Rows, columns, first stamp and one value that was read off each file by hand.
TABLES = {
    "vic_demand": (52608, 3, "2011-12-31 13:00Z", "demand_mw", 4382.825174),
    "be_meters": (8785, 18, "2015-12-31 23:00Z", "meter_7863_w", 233.945),
    "be_weather": (8953, 4, "2015-12-24 23:00Z", "wind_speed_m_per_s", 4.04),
    "be_house_minute": (23040, 1, "2017-10-06 22:00Z", "power_w", 155.88),
    # 23:00 on the standard clock of California is 07:00 UTC, in summer too.
    "california_homes": (8760, 40, "2016-08-01 07:00Z", "humidity", 0.84),
    "caiso_carbon": (246528, 1, "2019-04-30 00:00Z", "carbon_kg_per_kwh", 0.192101497978084),
    # Hour ending 01:00 of 1 January begins at midnight in Texas, 06:00 UTC.
    "ercot_prices": (17520, 3, "2021-01-01 06:00Z", "price_houston_usd_per_mwh", 18.31),
    "pv_nrel": (47616, 6, "2011-04-15 00:00Z", "ghi_w_per_m2", 279.0),
    "pv_labelled_stale": (3000, 2, "2010-12-29 14:15Z", "power_normalised", 0.0),
    "pv_labelled_interpolated": (3000, 2, "2010-12-29 14:15Z", "interpolated", False),
    "pv_labelled_outliers": (500, 2, "2017-04-10 19:15Z", "power_normalised", 1.66e-6),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_series_is_indexed_in_utc_with_units_in_its_names(name):
    rows, columns, first, column, value = TABLES[name]
    frame = lab.data.load(name)
    assert frame.shape == (rows, columns)
    assert frame.index.name == "time"
    assert frame.index.dtype == UTC
    assert frame.index.is_monotonic_increasing
    assert frame.index.is_unique
    assert frame.index[0] == pd.Timestamp(first)
    assert frame[column].iloc[0] == value


def test_every_registered_table_is_tested():
    assert set(lab.data.sources()) == {*TABLES, "ev_sessions", "prices_fr_be"}


def test_every_raw_file_is_registered():
    files = {source.file for source in lab.data.sources().values()}
    raw = paths.root() / "data" / "raw"
    assert files == {f"data/raw/{path.name}" for path in raw.glob("*.csv.gz")}


def test_ev_sessions_are_ordered_by_arrival():
    frame = lab.data.load("ev_sessions")
    assert list(frame.columns) == [
        "arrival",
        "departure",
        "estimated_departure",
        "requested_kwh",
        "delivered_kwh",
        "station_id",
        "session_id",
        "claimed",
        "site",
    ]
    assert len(frame) == 27407
    assert frame["arrival"].is_monotonic_increasing
    # 01:18:45 at seven hours behind.
    assert frame["arrival"].iloc[0] == pd.Timestamp("2019-05-01 08:18:45Z")
    assert (frame["delivered_kwh"] > frame["requested_kwh"]).sum() == 1994
    assert (~frame["claimed"]).sum() == 2060
    # The file lists one site after the other.
    assert frame.attrs["reading"]["reordered_rows"] == 1


def test_market_prices_keep_delivery_date_and_hour():
    frame = lab.data.load("prices_fr_be")
    assert list(frame.columns) == [
        "zone",
        "delivery_date",
        "hour",
        "price_eur_per_mwh",
        "generation_forecast_mw",
        "load_forecast_mw",
    ]
    assert len(frame) == 2 * 16080
    march = frame[(frame["delivery_date"] == "2015-03-29") & (frame["zone"] == "BE")]
    assert march["hour"].tolist() == list(range(24))
    assert frame["price_eur_per_mwh"].min() == -10.69


def test_missing_cells_stay_missing_and_are_counted():
    frame = lab.data.load("pv_nrel")
    assert frame["power_w"].isna().sum() == 1437
    assert frame.attrs["reading"]["missing_cells"] == 1437


@pytest.mark.parametrize("name", ["nope", "<script>", "../etc/passwd", "", None, 3])
def test_an_unknown_table_is_refused_with_the_list(name):
    with pytest.raises(UsageError, match="Unknown table .* choose one of be_house_minute, "):
        lab.data.load(name)
    with pytest.raises(UsageError, match="Unknown table"):
        lab.data.clean(name)


def test_an_unknown_layout_is_refused_with_the_list():
    with pytest.raises(UsageError, match="Unknown layout 'x'; choose one of epf, epf_forecasts"):
        lab.data.layout("x")


def test_load_reads_the_project_at_root(project, good):
    frame = lab.data.load("vic", root=project(gzip.compress(good.encode())))
    assert frame["demand_mw"].isna().tolist() == [False, True, False, False]
    assert frame["holiday"].tolist() == [True, False, False, False]


def test_a_wrong_checksum_is_refused_although_the_table_is_sound(project, good):
    data = gzip.compress(good.encode())
    root = project(data, sha256="0" * 64)
    got = hashlib.sha256(data).hexdigest()
    with pytest.raises(DataError, match=rf"data/raw/vic.csv.gz: its SHA-256 is {got}, .* 0{{64}}"):
        lab.data.load("vic", root=root)


def test_a_wrong_checksum_also_says_what_is_wrong_inside(project, good):
    root = project(gzip.compress(good.replace("4000.5", "abc").encode()), sha256="0" * 64)
    with pytest.raises(DataError, match=r"vic.csv.gz, column 'Demand', row 2 .*'abc'.*SHA-256 is"):
        lab.data.load("vic", root=root)


def test_a_missing_file_is_named(project, good):
    root = project(gzip.compress(good.encode()))
    (root / "data" / "raw" / "vic.csv.gz").unlink()
    with pytest.raises(DataError, match=r"data/raw/vic.csv.gz: there is no such file"):
        lab.data.load("vic", root=root)


def test_read_takes_any_file_of_a_layout(file, good, vic):
    assert lab.data.read(file(good), vic).shape == (4, 3)


def test_clean_reads_what_the_study_wrote(project, good):
    root = project(gzip.compress(good.encode()))
    frame = lab.data.load("vic", root=root)
    folder = root / "data" / "clean"
    folder.mkdir()
    frame.to_parquet(folder / "vic.parquet")
    pd.testing.assert_frame_equal(lab.data.clean("vic", root=root), frame, check_freq=False)


@pytest.mark.parametrize("content", [None, b"", b"PAR1", b"PAR1" + bytes(200) + b"PAR1"])
def test_clean_says_how_to_get_a_missing_or_damaged_table(project, good, content):
    root = project(gzip.compress(good.encode()))
    path = root / "data" / "clean" / "vic.parquet"
    path.parent.mkdir()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError, match=r"data/clean/vic.parquet.*`lab run data_quality`"):
        lab.data.clean("vic", root=root)


def test_importing_the_package_brings_no_heavy_module():
    heavy = ("pandas", "pandera", "pyarrow", "pooch")
    code = f"import sys, lab.data; print([m for m in {heavy} if m in sys.modules])"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path.cwd()
    )
    assert run.stdout.strip() == "[]"
