"""The one writer of model files: same model, same bytes; reading one executes no code.

A file is canonical JSON, or a zip archive of fixed dates whose member `lab.json` is that
JSON, beside binary members such as a network. The header names format, version and kind;
another format or version is refused. What a kind of model holds is told by its package in
`Kinds`: how to write one as bytes, how to build one from header and bytes.
"""

import io
import json
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from lab.errors import DataError, LabError, UsageError

FORMAT, VERSION = "lab.model", 2
HEADER_MEMBER = "lab.json"
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
# How damaged content may end; RecursionError (JSON nested too deeply) is a RuntimeError.
FAULTS = (
    *(AttributeError, LookupError, TypeError, ValueError, RuntimeError, OSError, EOFError),
    *(zipfile.BadZipFile, zlib.error),
)
Write = Callable[[Any], bytes]
Read = Callable[[dict[str, Any], bytes], Any]
Kinds = Mapping[type, tuple[Write, Read]]


def save(model: object, path: Path, kinds: Kinds) -> Path:
    """Write a fitted model; a kill leaves the old file or the new one.

    Parameters
    ----------
    model : object
        Its type must be among `kinds`.
    path : pathlib.Path
    kinds : mapping
        Type to its writer and reader.

    Raises
    ------
    UsageError
        If the kind of model cannot be saved, or it has not been fitted, for instance because
        its last fit failed.
    """
    if type(model) not in kinds:
        raise UsageError(
            f"A model of type {type(model).__name__} cannot be saved; it must be one of "
            f"{', '.join(kind.__name__ for kind in kinds)}."
        )
    partial = path.with_name(f".{path.name}.partial")
    try:
        partial.write_bytes(kinds[type(model)][0](model))
    except AttributeError as error:
        if error.obj is not model or not str(error.name).endswith("_"):
            raise
        raise UsageError(
            f"A model of type {type(model).__name__} must be fitted to be saved; it has not been, "
            "or its last fit failed."
        ) from error
    return partial.replace(path)


def load(path: Path, kinds: Kinds) -> Any:
    """Read a model file.

    Raises
    ------
    DataError
        If the file is missing, damaged, or of another format, version or kind, or holds
        settings that its kind of model refuses.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"The model file {path.name} cannot be read: {error.strerror}.") from error
    header = _check(_header(content, path), path)
    readers = {kind.__name__: read for kind, (_, read) in kinds.items()}
    if header["kind"] not in readers:
        raise DataError(
            f"{path.name} holds a model of kind {header['kind']!r}; this version reads "
            f"{', '.join(readers)}."
        )
    try:
        return readers[header["kind"]](header, content)
    except (LabError, *FAULTS) as error:
        told = str(error).removesuffix(".")
        raise DataError(f"{path.name} is not a complete {header['kind']} model: {told}.") from error


def header(kind: str, **content: Any) -> bytes:
    """Return format, version, kind and content as canonical JSON: a whole file, or its header."""
    first = {"format": FORMAT, "version": VERSION, "kind": kind}
    return (json.dumps(first | content, sort_keys=True, allow_nan=False) + "\n").encode()


def archive(head: bytes, members: Mapping[str, bytes]) -> bytes:
    """Return a zip archive of a header and members; its bytes depend on them alone."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as file:
        for name, content in {HEADER_MEMBER: head, **members}.items():
            entry = zipfile.ZipInfo(name, date_time=ZIP_EPOCH)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            file.writestr(entry, content)
    return target.getvalue()


def members(content: bytes) -> dict[str, bytes]:
    """Return the members of an archive but its header, by name in order."""
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return {name: file.read(name) for name in file.namelist() if name != HEADER_MEMBER}


def _header(content: bytes, path: Path) -> Any:
    """Return the part of a model file that says what it is."""
    try:
        if content.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(content)) as file:
                return json.loads(file.read(HEADER_MEMBER))
        return json.loads(content)
    except FAULTS as error:
        raise DataError(
            f"{path.name} is not a model file of this project: it must be JSON, or an archive "
            f"with {HEADER_MEMBER}."
        ) from error


def _check(head: Any, path: Path) -> dict[str, Any]:
    """Refuse another format or version."""
    if not isinstance(head, dict) or head.get("format") != FORMAT:
        raise DataError(f"{path.name} is not a model file of this project: no format {FORMAT!r}.")
    if not isinstance(head.get("kind"), str):
        raise DataError(
            f"{path.name} must name its kind of model as text, got {head.get('kind')!r}."
        )
    if head.get("version") != VERSION:
        raise DataError(
            f"{path.name} has version {head.get('version')!r} of the model format; this code "
            f"reads version {VERSION}. Run the stage again to write it anew."
        )
    return head
