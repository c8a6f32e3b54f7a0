"""Keep notebooks equal to params.yaml: their defaults, and their canonical form.

A notebook run by hand shows the stage's numbers only if its parameters cell holds what
params.yaml holds, so `lab sync` writes the one into the other; nobody types them twice.
"""

from pathlib import Path

from lab import notebooks
from lab.runner.parameters import resolve
from lab.runner.study import find, names


def sync(root: Path, check: bool = False) -> list[str]:
    """Write the values of params.yaml into every study's parameters cell.

    A notebook that was saved with outputs, by an editor without this project's save hook,
    is brought back to canonical form too.

    Parameters
    ----------
    root : pathlib.Path
        Root of the project.
    check : bool
        Only report what differs; write nothing.

    Returns
    -------
    list of str
        One sentence for each difference found (and, unless `check`, mended).

    Raises
    ------
    UsageError
        If a notebook cannot be read, its parameters cell holds more than literals, or
        its names or types do not match its section of params.yaml.
    """
    found: list[str] = []
    for name in names(root):
        found += sync_study(root, name, check)
    return found


def sync_study(root: Path, name: str, check: bool = False) -> list[str]:
    """Compare one study with params.yaml, and mend it unless `check`; as `sync` does for all."""
    study = find(name, root)
    shown = study.notebook.relative_to(root).as_posix()
    notebook = notebooks.read(study.notebook)
    before, after = notebooks.parameters(notebook, shown), resolve(study)
    found = [
        f"{shown}: {key} is {before[key]!r}, params.yaml has {value!r}."
        for key, value in after.items()
        if repr(before[key]) != repr(value)
    ]
    if study.notebook.read_bytes() != notebooks.serialise(notebook).encode():
        found.append(f"{shown}: is not in canonical form (outputs, counts or metadata).")
    if found and not check:
        notebooks.write(notebooks.with_parameters(notebook, after, shown), study.notebook)
    return found
