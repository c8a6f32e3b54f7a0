"""Bring a benchmark set into data/benchmarks/<name>/: from its public address or a folder.

Each file is written under a temporary name beside its target, verified, and renamed. A kill
at any moment leaves the old file or the new one; leftovers are swept at the next start.
"""

import hashlib
import logging
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path

from lab import paths
from lab.data.records import Benchmark, BenchmarkFile, shown
from lab.data.register import choose, read_register
from lab.errors import BusyError, DataError, FetchError, UsageError

FOLDER = Path("data") / "benchmarks"
PARTS = ".part"
TABLES = (".csv", ".csv.gz")


def fetch(
    name: str,
    from_dir: Path | str | None = None,
    root: Path | str | None = None,
    timeout_s: float = 30,
) -> list[Path]:
    """Bring the benchmark set `name` into data/benchmarks/<name>/.

    Parameters
    ----------
    name : str
        A set of the register's `benchmarks`.
    from_dir : path, optional
        Folder to copy from; it holds the files as the register lists them (epf/BE.csv.gz)
        or directly (BE.csv.gz). Without it the set's public addresses are used. From a set
        that is `open`, further files of the same layout are copied too.
    root : path, optional
        Root of the project; found from the current folder when omitted.
    timeout_s : float
        Longest wait for a connection and between two packets [s].

    Returns
    -------
    list of pathlib.Path
        The files that are in place now, in the register's order, further ones last. A file
        that is there already with the right checksum is not fetched again.

    Raises
    ------
    UsageError
        If there is no such set or folder, or the set has no public address.
    FetchError
        If a file is missing, a download breaks off, stalls or is refused, or a checksum is
        wrong. Files that were complete before are kept.
    BusyError
        If another fetch of the same set is at work.
    """
    base = Path(root) if root is not None else paths.root()
    benchmark: Benchmark = choose("benchmark set", name, read_register(base).benchmarks)
    folder = base / FOLDER / name
    if from_dir is not None:
        found = _found_in(benchmark, Path(from_dir))
        with _at_work(folder) as parts:
            return [_copy(path, file, parts) for path, file in found]
    public = [file for file in benchmark.files if file.url is not None]
    if not public:
        raise UsageError(
            f"The set {name} has no public address in the register; it comes only from a "
            f"folder: lab fetch {name} --from DIR."
        )
    with _at_work(folder) as parts:
        return [_download(file, benchmark.open, parts, timeout_s) for file in public]


@contextmanager
def _at_work(folder: Path) -> Iterator[Path]:
    """Lock the set's folder and give an empty one inside it for unfinished files."""
    from filelock import FileLock, Timeout

    parts = folder / PARTS
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / ".lock", timeout=0):
            shutil.rmtree(parts, ignore_errors=True)
            parts.mkdir()
            try:
                yield parts
            finally:
                shutil.rmtree(parts, ignore_errors=True)
    except Timeout:
        raise BusyError(f"Another fetch of {folder.name} is at work; wait until it ends.") from None
    except OSError as error:
        raise FetchError(f"{FOLDER / folder.name} cannot be written: {error}.") from None


def _found_in(benchmark: Benchmark, folder: Path) -> list[tuple[Path, BenchmarkFile]]:
    """Return what of the set lies in `folder`, each with what the register says of it."""
    packed = {file.file: file for file in benchmark.files if file.path is not None}
    try:
        if not folder.is_dir():
            raise UsageError(f"--from must be a folder, got {shown(str(folder))}.")
        inner = folder / benchmark.name
        place = inner if inner.is_dir() else folder
        names = [name for name in packed if (place / name).is_file()]
        if benchmark.open:
            names += sorted(path.name for path in place.iterdir() if _is_further(path, packed))
    except (OSError, ValueError) as error:
        raise FetchError(f"{shown(str(folder))} cannot be read: {error}.") from None
    missing = [name for name in packed if name not in names]
    if not names or (missing and not benchmark.open):
        raise FetchError(
            f"{place} lacks {', '.join(missing)} of the set {benchmark.name}; nothing was copied."
        )
    return [(place / name, packed.get(name, BenchmarkFile(name))) for name in names]


def _is_further(path: Path, packed: Mapping[str, BenchmarkFile]) -> bool:
    """Return whether `path` is a market that the register does not list."""
    listed = path.name in packed or not path.name.endswith(TABLES)
    return not listed and path.is_file() and _has_prices(path)


def _has_prices(path: Path) -> bool:
    """Return whether a table has the benchmark's layout: a date, a price, and more."""
    from lab.data import text

    try:
        header = text.header(text.unzip(text.read_bytes(path, path.name), path.name), path.name)
    except DataError as error:
        raise FetchError(f"{error} The fetch was given up.") from None
    return len(header) > 1 and "price" in header[1].lower()


def _copy(path: Path, file: BenchmarkFile, parts: Path) -> Path:
    target, part = parts.parent / file.file, parts / file.file
    if not _verified(target, file):
        try:
            shutil.copyfile(path, part)
        except OSError as error:
            raise FetchError(f"{path} cannot be copied: {error}.") from None
        _check(part, file, str(path))
        part.replace(target)
    return target


def _download(file: BenchmarkFile, is_open: bool, parts: Path, timeout_s: float) -> Path:
    target, part = parts.parent / file.file, parts / file.file
    if _verified(target, file):
        return target
    _retrieve(str(file.url), part, timeout_s)
    _check(part, file, str(file.url))
    # Without a checksum an error page served as a file would pass; its header does not.
    if is_open and file.sha256 is None and not _has_prices(part):
        raise FetchError(f"{file.url} gave no table with a date and a price; it was not kept.")
    part.replace(target)
    return target


def _retrieve(url: str, part: Path, timeout_s: float) -> None:
    import pooch
    from urllib3.exceptions import HTTPError

    pooch.get_logger().setLevel(logging.ERROR)
    loader = pooch.HTTPDownloader(timeout=timeout_s, progressbar=sys.stderr.isatty())
    try:
        # OSError covers what requests raises; the rest slips through it on odd replies.
        pooch.retrieve(url, known_hash=None, fname=part.name, path=part.parent, downloader=loader)
    except (OSError, ValueError, HTTPError, HTTPException) as error:
        reason = " ".join(str(error).split())[:200]
        raise FetchError(
            f"{part.name} could not be downloaded from {url}: {type(error).__name__}, {reason}; "
            "nothing of it was kept, the same command starts anew."
        ) from None


def _verified(target: Path, file: BenchmarkFile) -> bool:
    return file.sha256 is not None and target.is_file() and _sha256(target) == file.sha256


def _check(part: Path, file: BenchmarkFile, origin: str) -> None:
    got = _sha256(part)
    if file.sha256 not in (None, got):
        raise FetchError(
            f"{origin} has the SHA-256 {got}, the register declares {file.sha256} for "
            f"{file.file}; it was not kept."
        )


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
