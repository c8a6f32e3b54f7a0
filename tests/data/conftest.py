"""A small project with one table, and files of its layout that are broken in every way."""

import gzip
import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from lab.data import sources
from lab.data.records import Source

HEADER = "Time,Demand,Temperature,Date,Holiday"
ROWS = (
    "2012-03-31T15:00:00Z,4000.5,20.0,2012-04-01,True",
    "2012-03-31T15:30:00Z,,19.5,2012-04-01,False",
    "2012-03-31T16:00:00Z,-3,nan,2012-04-01,False",
    "2012-03-31T17:00:00Z,1e3,18,2012-04-01,false",
)
GOOD = "\n".join((HEADER, *ROWS)) + "\n"


@pytest.fixture
def good() -> str:
    """Four half-hours of Victoria's layout: a gap, two missing cells, a negative one."""
    return GOOD


@pytest.fixture(scope="session")
def vic() -> Source:
    return sources()["vic_demand"]


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str | bytes], Path]:
    """Write text (or bytes) to a .csv.gz file and return its path."""

    def write(content: str | bytes, name: str = "x.csv.gz") -> Path:
        data = content.encode() if isinstance(content, str) else content
        path = tmp_path / name
        path.write_bytes(gzip.compress(data, mtime=0) if name.endswith(".gz") else data)
        return path

    return write


ENTRY = {
    "file": "data/raw/vic.csv.gz",
    "licence": "MIT",
    "citation": "made up",
    "origin": {"package": "p", "version": "1", "path": "x.csv"},
    "clock": {"kind": "utc", "time": "Time", "step": "30min"},
    "columns": {
        "demand_mw": {"from": "Demand", "unit": "MW"},
        "temperature_c": {"from": "Temperature", "unit": "degC"},
        "holiday": {"from": "Holiday", "unit": "flag"},
    },
    "unused": ["Date"],
}


@pytest.fixture
def project(tmp_path: Path) -> Callable[..., Path]:
    """Make a project of one table from the bytes of its file; return its root."""

    def make(data: bytes, sha256: str | None = None) -> Path:
        raw = tmp_path / "data" / "raw"
        raw.mkdir(parents=True, exist_ok=True)
        (raw / "vic.csv.gz").write_bytes(data)
        checksum = sha256 or hashlib.sha256(data).hexdigest()
        content = {"tables": {"vic": ENTRY | {"sha256": checksum}}}
        (tmp_path / "data" / "sources.yaml").write_text(yaml.safe_dump(content, sort_keys=False))
        (tmp_path / "params.yaml").touch()
        return tmp_path

    return make
