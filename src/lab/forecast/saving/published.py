"""Files of published forecasts: an archive of the members' own files and the state as JSON."""

import dataclasses
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from lab import modelfile
from lab.forecast.band import Band
from lab.forecast.difficulty import Announced
from lab.forecast.model import Model
from lab.forecast.published import Combined, Evening, Published

LEARNT = ("mean", "scale", "weight")


def writer(members: modelfile.Kinds) -> Callable[[Published], bytes]:
    """Return the function that writes a published forecast of members of such kinds."""

    def write(model: Published) -> bytes:
        told, evening = model.band.announced, model.evening
        head = modelfile.header(
            "Published",
            name=model.name,
            members=len(model.members),
            weights=None if model.weights is None else list(model.weights),
            move=model.move.tolist(),
            quantiles=model.band.quantiles.tolist(),
            recent=model.band.recent,
            announced=told and {name: getattr(told, name).tolist() for name in LEARNT},
            evening=evening and dataclasses.asdict(evening),
        )
        return _archived(head, model, members)

    return write


def combined_writer(members: modelfile.Kinds) -> Callable[[Combined], bytes]:
    """Return the function that writes a combination of members of such kinds."""

    def write(model: Combined) -> bytes:
        found = model.coefficients
        head = modelfile.header(
            "Combined",
            name=model.name,
            members=len(model.members),
            weights=None if model.weights is None else list(model.weights),
            coefficients=None if found is None else found.tolist(),
        )
        return _archived(head, model, members)

    return write


def combined_reader(members: modelfile.Kinds) -> Callable[[dict[str, Any], bytes], Combined]:
    """Return the function that builds a combination from header and archive."""

    def read(header: dict[str, Any], content: bytes) -> Combined:
        found = header["coefficients"]
        return Combined(
            header["name"],
            _models(header, content, members),
            weights=header["weights"],
            coefficients=None if found is None else np.array(found, dtype=float),
        )

    return read


def reader(members: modelfile.Kinds) -> Callable[[dict[str, Any], bytes], Published]:
    """Return the function that builds a published forecast from header and archive."""

    def read(header: dict[str, Any], content: bytes) -> Published:
        told, evening = header["announced"], header["evening"]
        return Published(
            header["name"],
            _models(header, content, members),
            np.array(header["move"], dtype=float),
            Band(
                np.array(header["quantiles"], dtype=float),
                float(header["recent"]),
                told and Announced(*(np.array(told[name], dtype=float) for name in LEARNT)),
            ),
            weights=header["weights"],
            evening=evening and Evening(**evening),
        )

    return read


def _archived(head: bytes, model: Published | Combined, members: modelfile.Kinds) -> bytes:
    """Return an archive of a header and the members' own files."""
    with tempfile.TemporaryDirectory() as folder:
        files = [
            modelfile.save(member, Path(folder) / _member(number), members)
            for number, member in enumerate(model.members)
        ]
        return modelfile.archive(head, {file.name: file.read_bytes() for file in files})


def _models(header: dict[str, Any], content: bytes, members: modelfile.Kinds) -> list[Model]:
    """Return the members of an archive."""
    held, models = modelfile.members(content), []
    with tempfile.TemporaryDirectory() as folder:
        for name in map(_member, range(header["members"])):
            file = Path(folder) / name
            file.write_bytes(held[name])
            models.append(modelfile.load(file, members))
    return models


def _member(number: int) -> str:
    """Return the name of a member in the archive."""
    return f"member-{number}"


def kinds(members: modelfile.Kinds) -> modelfile.Kinds:
    """Return the kinds that hold members of other kinds."""
    return {
        Published: (writer(members), reader(members)),
        Combined: (combined_writer(members), combined_reader(members)),
    }
