"""The register: data/sources.yaml read, checked key by key, and turned into records."""

import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from lab import paths
from lab.data.records import (
    CLOCKS,
    LIMITS,
    OTHER_UNITS,
    SHAPES,
    Benchmark,
    BenchmarkFile,
    Clock,
    Column,
    Origin,
    Register,
    Source,
    shown,
)
from lab.errors import DataError, UsageError

REGISTER = "data/sources.yaml"
RESERVED = ("time", "delivery_date", "hour", "zone", "point")

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_COLUMN = re.compile(r"[a-z][a-z0-9_]{0,63}|[a-z][a-z0-9_]*\{id\}[a-z0-9_]*")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_STEP = re.compile(r"[1-9]\d{0,3}(min|h)")
_FILE = re.compile(r"[A-Za-z0-9][\w.-]{0,99}")

T = TypeVar("T")


def read_register(root: Path | str | None = None) -> Register:
    """Read data/sources.yaml of the project at `root` (the current one when omitted).

    Raises
    ------
    DataError
        If the file is missing, not YAML, or an entry has an unknown, missing or
        ill-typed key; the sentence names entry and key.
    """
    top = _Entry(_read_yaml(_path(root)), REGISTER)
    tables = top.each("tables", _table)
    layouts = top.each("layouts", _source, required=False)
    benchmarks = top.each("benchmarks", _benchmark, required=False)
    top.done()
    return Register(tables, layouts, benchmarks)


def sources(root: Path | str | None = None) -> dict[str, Source]:
    """Return every table of the register by name; see `read_register` for what is raised."""
    return dict(read_register(root).tables)


def choose(kind: str, name: str, known: Mapping[str, Any]) -> Any:
    """Return `known[name]`.

    Raises
    ------
    UsageError
        If there is none; the sentence lists those that exist.
    """
    if not isinstance(name, str) or name not in known:
        raise UsageError(f"Unknown {kind} {shown(name)}; choose one of {', '.join(sorted(known))}.")
    return known[name]


def _path(root: Path | str | None) -> Path:
    return Path(root if root is not None else paths.root()) / REGISTER


class _Loader(yaml.CSafeLoader):
    """YAML without the silent rule that a key given twice keeps its last value."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        for key in keys:
            if isinstance(key, str) and keys.count(key) > 1:
                raise DataError(
                    f"{REGISTER} gives the key {shown(key)} twice in one entry "
                    f"(line {node.start_mark.line + 1}); keep one of them."
                )
        return super().construct_mapping(node, deep=deep)


def _read_yaml(path: Path) -> Any:
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
    except OSError as error:
        raise DataError(
            f"The data register {REGISTER} cannot be read: {error.strerror}; it lies in the "
            "project's root and is part of the repository."
        ) from None
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        where = " ".join(str(error).split())[:200]
        raise DataError(f"{REGISTER} is not valid YAML in UTF-8: {where}.") from None


class _Entry:
    """A mapping of the register that is taken apart key by key; what is left is unknown."""

    def __init__(self, content: Any, where: str) -> None:
        if not isinstance(content, dict):
            raise DataError(f"{where} must be a mapping of keys to values, got {shown(content)}.")
        self.left = dict(content)
        self.where = where
        self.taken: list[str] = []

    def take(self, key: str, kind: type, default: Any = None, required: bool = False) -> Any:
        """Return the value under `key`, which must be of `kind`."""
        self.taken.append(key)
        value = self.left.pop(key, None)
        if value is None and not required:
            return default
        if value is None:
            raise DataError(f"{self.where} lacks the key {key!r}, a {kind.__name__}.")
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise DataError(f"{self.where}: {key!r} must be a {kind.__name__}, got {shown(value)}.")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return the list of strings under `key`, empty where it is not given."""
        values = self.take(key, list, [])
        if not all(isinstance(value, str) for value in values):
            raise DataError(f"{self.where}: {key!r} must be a list of texts, got {shown(values)}.")
        return tuple(values)

    def one_of(self, key: str, allowed: tuple[str, ...], default: str | None = None) -> str:
        """Return the value under `key`, which must be one of `allowed`."""
        value: str = self.take(key, str, default, required=default is None)
        if value not in allowed:
            raise DataError(
                f"{self.where}: {key!r} must be one of {', '.join(allowed)}, got {shown(value)}."
            )
        return value

    def each(
        self, key: str, build: Callable[[str, "_Entry"], T], required: bool = True
    ) -> dict[str, T]:
        """Return `{name: build(name, entry)}` over the mapping under `key`."""
        content = self.take(key, dict, {}, required)
        result = {}
        for name, value in content.items():
            if not isinstance(name, str):
                raise DataError(f"{self.where}: a name in {key!r} must be text, got {shown(name)}.")
            entry = _Entry(value, f"{self.where}, {key}, {shown(name)}")
            result[name] = build(name, entry)
            entry.done()
        return result

    def done(self) -> None:
        """Refuse whatever nobody asked for."""
        if self.left:
            raise DataError(
                f"{self.where} has the unknown key {shown(next(iter(self.left)))}; "
                f"allowed are {', '.join(self.taken)}."
            )


def _table(name: str, entry: _Entry) -> Source:
    source = _source(name, entry)
    for key, value in (("file", source.file), ("sha256", source.sha256)):
        if not value:
            raise DataError(f"{entry.where} lacks the key {key!r}, a str.")
    return source


def _source(name: str, entry: _Entry) -> Source:
    _match(_NAME, name, entry.where, "a name", "lower-case letters, digits and _")
    source = Source(
        name=name,
        file=_inside(entry.take("file", str, ""), entry.where),
        sha256=_sha256(entry),
        clock=_clock(_Entry(entry.take("clock", dict, required=True), f"{entry.where}, clock")),
        columns=tuple(entry.each("columns", _column).values()),
        shape=entry.one_of("shape", SHAPES, "series"),
        by=entry.take("by", str),
        by_position=entry.take("by_position", bool, False),
        unused=entry.texts("unused"),
        about=entry.take("about", str, ""),
        origin=_origin(entry),
        licence=entry.take("licence", str, required=True),
        citation=entry.take("citation", str, required=True),
        defects=entry.texts("defects"),
    )
    _consistent(source, entry.where)
    return source


def _origin(entry: _Entry) -> Origin | None:
    content = entry.take("origin", dict)
    if content is None:
        return None
    inner = _Entry(content, f"{entry.where}, origin")
    origin = Origin(
        *(inner.take(key, str, required=True) for key in ("package", "version", "path"))
    )
    inner.done()
    return origin


def _consistent(source: Source, where: str) -> None:
    """Refuse a declaration that no reader could follow."""
    events = source.shape == "events"
    kinds = {"market24": ("market24",), "hour_ending": ("local",)}
    allowed = kinds.get(source.shape, ("utc", "local", "local_standard", "offset"))
    times = [column.source for column in source.columns if column.unit == "time"]
    for broken, problem in (
        (source.clock.kind not in allowed, f"its clock must be of kind {' or '.join(allowed)}"),
        (not source.columns, "it must declare at least one column"),
        (not events and times, "a column of unit time belongs into a table of shape events"),
        (events and source.clock.time not in times, "the clock's time must be a column of it"),
        (source.by_position and source.shape != "market24", "only market24 reads by position"),
        (source.by and (source.shape != "market24" or source.by_position), "'by' needs names"),
    ):
        if broken:
            raise DataError(
                f"{where}: {problem}, got shape {source.shape} and clock {source.clock.kind}."
            )


def _clock(entry: _Entry) -> Clock:
    clock = Clock(
        kind=entry.one_of("kind", CLOCKS),
        time=entry.take("time", str, required=True),
        zone=entry.take("zone", str),
        step=entry.take("step", str),
        naive=entry.take("naive", bool, False),
    )
    entry.done()
    if clock.kind.startswith("local"):
        _known_zone(clock.zone, entry.where)
    if clock.step is not None:
        _match(_STEP, clock.step, entry.where, "step", "30min or 1h")
    return clock


def _column(name: str, entry: _Entry) -> Column:
    _match(_COLUMN, name, entry.where, "a column name", "lower-case letters, digits and _")
    column = Column(
        name=name,
        source=entry.take("from", str, required=True),
        unit=entry.one_of("unit", (*LIMITS, *OTHER_UNITS)),
        divide_by=float(entry.take("divide_by", int, 1)),
        ids=entry.texts("ids"),
    )
    if name in RESERVED:
        raise DataError(f"{entry.where}: the names {', '.join(RESERVED)} are kept for the clock.")
    if ("{id}" in name) != ("{id}" in column.source):
        raise DataError(f"{entry.where}: a family of columns has {{id}} in its name and in 'from'.")
    if column.divide_by <= 0:
        raise DataError(f"{entry.where}: 'divide_by' must be positive, got {column.divide_by:g}.")
    return column


def _benchmark(name: str, entry: _Entry) -> Benchmark:
    _match(_NAME, name, entry.where, "a name", "lower-case letters, digits and _")
    listed = [
        *entry.each("packed", partial(_benchmark_file, "path"), required=False).values(),
        *entry.each("public", partial(_benchmark_file, "url"), required=False).values(),
    ]
    return Benchmark(
        name=name,
        files=tuple(listed),
        open=entry.take("open", bool, False),
        about=entry.take("about", str, ""),
        licence=entry.take("licence", str, required=True),
        citation=entry.take("citation", str, required=True),
    )


def _benchmark_file(origin: str, name: str, entry: _Entry) -> BenchmarkFile:
    _match(_FILE, name, entry.where, "a file name", "no folder")
    place = entry.take(origin, str, required=True)
    if origin == "path":
        return BenchmarkFile(name, path=_inside(place, entry.where), sha256=_sha256(entry))
    if not place.startswith(("https://", "http://")):
        raise DataError(f"{entry.where}: 'url' must be http or https, got {shown(place)}.")
    return BenchmarkFile(name, url=place, sha256=_sha256(entry))


def _sha256(entry: _Entry) -> str | None:
    value: str | None = entry.take("sha256", str)
    if value is not None:
        _match(_SHA256, value, entry.where, "'sha256'", "64 hexadecimal digits in lower case")
    return value


def _inside(file: str, where: str) -> str:
    if Path(file).is_absolute() or ".." in Path(file).parts or "\0" in file:
        raise DataError(f"{where}: a path must stay inside its folder, got {shown(file)}.")
    return file


def _known_zone(zone: str | None, where: str) -> None:
    try:
        ZoneInfo(zone or "")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise DataError(
            f"{where}: a local clock needs a 'zone' such as Europe/Brussels, got {shown(zone)}."
        ) from None


def _match(pattern: re.Pattern[str], value: str, where: str, what: str, allowed: str) -> None:
    if not pattern.fullmatch(value):
        raise DataError(f"{where}: {what} must be {allowed}, got {shown(value)}.")
