"""Files of the simple rules: a name and the column it continues."""

from typing import Any

from lab import modelfile
from lab.forecast.naive import Naive


def write_naive(model: Naive) -> bytes:
    """Return a rule as JSON."""
    return modelfile.header("Naive", rule=model.name, target=model.inputs.target)


def read_naive(header: dict[str, Any], content: bytes) -> Naive:
    """Return the rule of a file."""
    return Naive(header["rule"], header["target"])


KINDS: modelfile.Kinds = {Naive: (write_naive, read_naive)}
