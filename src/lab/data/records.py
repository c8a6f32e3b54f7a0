"""The records of the register: a source, its clock, its columns, a benchmark set."""

from collections.abc import Mapping
from dataclasses import dataclass
from reprlib import Repr

# Outside these limits a number is a damaged cell, not an outlier: no meter can show it.
# Outliers and impossible-but-recorded values inside them are for the study data_quality.
LIMITS: Mapping[str, tuple[float, float]] = {
    "W": (-1e9, 1e9),
    "kW": (-1e7, 1e7),
    "MW": (-1e7, 1e7),
    "kWh": (-1e7, 1e7),
    "W/kW": (-1e5, 1e5),
    "W/m2": (-1e4, 1e4),
    "degC": (-100.0, 100.0),
    "m/s": (-200.0, 200.0),
    "share": (-10.0, 10.0),
    "EUR/MWh": (-1e6, 1e6),
    "USD/MWh": (-1e6, 1e6),
    "USD/kWh": (-1e3, 1e3),
    "kg/kWh": (-1e3, 1e3),
    "normalised": (-1e3, 1e3),
    "own": (-1e12, 1e12),
}
OTHER_UNITS = ("flag", "text", "time")
CLOCKS = ("utc", "local", "local_standard", "market24", "offset")
SHAPES = ("series", "events", "market24", "hour_ending")

_SHORT = Repr()
_SHORT.maxstring = _SHORT.maxother = 60


def shown(value: object) -> str:
    """Return `value` as it may stand in a sentence: quoted, escaped, cut to 60 characters."""
    return _SHORT.repr(value)


@dataclass(frozen=True)
class Clock:
    """How a source writes time.

    `kind` is one of `CLOCKS`; `time` the provider's column; `zone` an IANA name where the
    clock is local; `step` the spacing of the grid, None for events; `naive` admits stamps
    without an offset under `utc`.
    """

    kind: str
    time: str
    zone: str | None = None
    step: str | None = None
    naive: bool = False


@dataclass(frozen=True)
class Column:
    """One column: our `name`, the provider's header `source`, its `unit`.

    A family of columns has `{id}` in both names and lists the `ids` that the file of record
    has. A number is divided by `divide_by` at the door (100 for percent to share).
    """

    name: str
    source: str
    unit: str
    divide_by: float = 1.0
    ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Origin:
    """The openly licensed package that a file was taken from, and where it lies inside."""

    package: str
    version: str
    path: str


@dataclass(frozen=True)
class Source:
    """One file as data/sources.yaml declares it.

    `shape` is one of `SHAPES`; `by` the provider's column that splits a long table (zone,
    settlement point); with `by_position` the header's names do not count, only their order;
    `unused` are the provider's columns that are not read.
    """

    name: str
    file: str
    sha256: str | None
    clock: Clock
    columns: tuple[Column, ...]
    shape: str = "series"
    by: str | None = None
    by_position: bool = False
    unused: tuple[str, ...] = ()
    about: str = ""
    origin: Origin | None = None
    licence: str = ""
    citation: str = ""
    defects: tuple[str, ...] = ()


@dataclass(frozen=True)
class BenchmarkFile:
    """One file of a benchmark set: where it lies in a folder or on the web.

    `file` is the name it gets; `path` its place inside the folder of `--from`; `url` its
    public address; `sha256` the checksum of exactly this source, None where not known.
    """

    file: str
    path: str | None = None
    url: str | None = None
    sha256: str | None = None


@dataclass(frozen=True)
class Benchmark:
    """A set that `lab fetch` brings into data/benchmarks/<name>/.

    With `open` the folder may hold further files of the same layout, known or not.
    """

    name: str
    files: tuple[BenchmarkFile, ...]
    open: bool = False
    about: str = ""
    licence: str = ""
    citation: str = ""


@dataclass(frozen=True)
class Register:
    """Everything that data/sources.yaml holds."""

    tables: Mapping[str, Source]
    layouts: Mapping[str, Source]
    benchmarks: Mapping[str, Benchmark]
