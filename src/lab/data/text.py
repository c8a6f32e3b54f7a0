"""From the bytes of a file to a table of text cells, every fault named by file, column and row.

A row is the line of the file as an editor counts it: the header is row 1. Nothing is
converted here; `cells` and `clocks` do that.
"""

import csv
import gzip
import hashlib
import io
import re
import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv

from lab.data.records import shown
from lab.errors import DataError

# The largest file at hand has 13 MB; a gzip that unfolds to more than this is a mistake or
# an attack, and stops before it fills the memory.
MAX_BYTES = 256 * 2**20
FIRST_DATA_ROW = 2


def fault(file: str, problem: str, column: str | None = None, row: int | None = None) -> DataError:
    """Return the error that says where in `file` the `problem` sits."""
    place = file
    if column is not None:
        place += f", column {shown(column)}"
    if row is not None:
        place += f", row {row} (the header is row 1)"
    return DataError(f"{place}: {problem}")


@dataclass(frozen=True)
class Text:
    """A table of text cells.

    `columns` maps each header name to its cells, one per data row; the cell at position 0
    stands in row `FIRST_DATA_ROW` of `file`.
    """

    file: str
    columns: dict[str, pa.ChunkedArray]
    rows: int


def read_bytes(path: Path, file: str) -> bytes:
    """Return the content of `path`, called `file` in messages, as it lies on disk.

    Raises
    ------
    DataError
        If it is not there, not a plain file or not readable.
    """
    try:
        if not path.is_file():
            raise fault(file, "there is no such file; `git status` shows what is missing.")
        return path.read_bytes()
    except (OSError, ValueError) as error:
        raise fault(file, f"the file cannot be read ({error}).") from None


def sha256(data: bytes) -> str:
    """Return the SHA-256 of `data` in lower-case hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def unzip(data: bytes, file: str, limit: int = MAX_BYTES) -> bytes:
    """Return what the gzip `data` holds; plain data is returned as it is.

    Raises
    ------
    DataError
        If `file` is named .gz and is not gzip, if the stream is cut off or damaged, or if it
        unfolds to more than `limit` bytes.
    """
    if data and (file.endswith(".gz") or data.startswith(b"\x1f\x8b")):
        try:
            with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
                data = stream.read(limit + 1)
        except EOFError:
            raise fault(file, "the gzip stream is cut off before its end.") from None
        except (OSError, zlib.error) as error:
            raise fault(file, f"the gzip stream is damaged ({error}).") from None
    if len(data) > limit:
        raise fault(file, f"it holds more than {limit} bytes of text, the most that is read.")
    return data


def parse(data: bytes, file: str) -> Text:
    """Return the cells of the CSV text `data`.

    Raises
    ------
    DataError
        If the text is empty, not UTF-8, holds a NUL byte, a row has more or fewer cells
        than the header, a quote is not closed, or a column name comes twice.
    """
    data = _decoded(data, file).rstrip(b"\r\n")
    header = _header(data, file)
    _quotes_close_on_their_line(data, file)
    body = _body(data, header, file)
    if b'"' in data and body.num_rows + 1 != len(data.splitlines()):
        raise fault(file, "a quoted cell spans several lines; a row must be one line.")
    return Text(file, dict(zip(header, body.columns, strict=True)), body.num_rows)


def header(data: bytes, file: str) -> list[str]:
    """Return the column names of the CSV text `data`, white space around them removed.

    Raises
    ------
    DataError
        If the text is empty or not UTF-8, or its first line is no header with rows below.
    """
    return _header(_decoded(data, file).rstrip(b"\r\n"), file)


def _decoded(data: bytes, file: str) -> bytes:
    data = data.removeprefix(b"\xef\xbb\xbf")
    if not data.strip():
        raise fault(file, "the file is empty; a header and rows are expected.")
    for problem, position in (
        ("a NUL byte; the file is no text", data.find(b"\0")),
        ("bytes that are not UTF-8; save the file as UTF-8", _not_utf8(data)),
    ):
        if position >= 0:
            row = data.count(b"\n", 0, position) + 1
            raise fault(file, f"it holds {problem}.", row=row)
    return data


def _not_utf8(data: bytes) -> int:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start
    return -1


def _header(data: bytes, file: str) -> list[str]:
    line, *rest = re.split(rb"\r\n|\r|\n", data, maxsplit=1)
    if not rest:
        raise fault(file, "it has a header and no rows.")
    try:
        names = [name.strip() for name in next(csv.reader([line.decode("utf-8")], strict=True), [])]
    except csv.Error as error:
        raise fault(file, f"the header is not a line of CSV ({error}).", row=1) from None
    if not names:
        raise fault(file, "the header is an empty line.", row=1)
    name, times = Counter(names).most_common(1)[0]
    if times > 1:
        raise fault(file, "this column name comes twice.", column=name, row=1)
    return names


def _quotes_close_on_their_line(data: bytes, file: str) -> None:
    if b'"' not in data:
        return
    for row, line in enumerate(data.splitlines(), start=1):
        if line.count(b'"') % 2:
            problem = "a quote is not closed; a quoted cell must end on its line."
            raise fault(file, problem, row=row)


def _body(data: bytes, header: list[str], file: str) -> pa.Table:
    ragged: list[pa_csv.InvalidRow] = []

    def stop(row: pa_csv.InvalidRow) -> str:
        ragged.append(row)
        return "error"

    try:
        return pa_csv.read_csv(
            pa.py_buffer(data),
            # One block: then a row number in an error is the line of the file.
            read_options=pa_csv.ReadOptions(
                use_threads=False, block_size=len(data) + 1, column_names=header, skip_rows=1
            ),
            parse_options=pa_csv.ParseOptions(ignore_empty_lines=False, invalid_row_handler=stop),
            convert_options=pa_csv.ConvertOptions(
                column_types={name: pa.string() for name in header},
                strings_can_be_null=False,
                check_utf8=False,
            ),
        )
    except pa.ArrowException as error:
        if ragged:
            bad = ragged[0]
            problem = f"{bad.actual_columns} cells where the header has {bad.expected_columns}."
            raise fault(file, problem, row=bad.number) from None
        raise fault(file, f"it is not a table of comma-separated text ({error}).") from None
