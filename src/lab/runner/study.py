"""A study and everything that carries its name: notebook, parameters, stage, outputs."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from lab import notebooks
from lab.errors import UsageError


@dataclass(frozen=True)
class Study:
    """One question: `notebooks/<name>.ipynb` and what belongs to it.

    Attributes
    ----------
    name : str
        The name that notebook, stage, parameters and report share.
    root : pathlib.Path
        Root of the project.
    stage : mapping or None
        The stage in its dvc.yaml as written there; None if there is none.
    by_name : bool
        Whether the stage stands in benchmarks/dvc.yaml: plain `dvc repro` never runs it.
    """

    name: str
    root: Path
    stage: Mapping[str, Any] | None
    by_name: bool = False

    @property
    def notebook(self) -> Path:
        """Path of the study's notebook."""
        return self.root / "notebooks" / f"{self.name}.ipynb"

    @property
    def report(self) -> str:
        """Path of the rendered report, relative to the root."""
        return f"reports/{self.name}.html"

    @property
    def metrics(self) -> str:
        """Path of the metrics file, relative to the root."""
        return f"reports/metrics/{self.name}.json"

    @property
    def lock(self) -> str:
        """Path of the lock file that records the stage's last run, relative to the root."""
        return "benchmarks/dvc.lock" if self.by_name else "dvc.lock"

    @property
    def measured(self) -> list[str]:
        """Outputs that show measured seconds, so two runs never give the same bytes."""
        return list(((self.stage or {}).get("meta") or {}).get("measured") or [])

    @property
    def outputs(self) -> list[str]:
        """Paths that the stage declares as outs, metrics and plots, relative to the root."""
        declared = [
            *self._paths("outs"),
            *self._paths("metrics"),
            *[path for path in self._paths("plots")],
        ]
        return list(dict.fromkeys(declared))

    @property
    def dependencies(self) -> list[str]:
        """Paths that the stage declares as deps, relative to the root."""
        return self._paths("deps")

    def _paths(self, kind: str) -> list[str]:
        entries = (self.stage or {}).get(kind) or []
        return [entry if isinstance(entry, str) else next(iter(entry)) for entry in entries]


def names(root: Path) -> list[str]:
    """Return the names of all studies: stages in their order, then notebooks without one.

    The stages of dvc.yaml come first, then those of benchmarks/dvc.yaml.
    """
    written = {path.stem for path in (root / "notebooks").glob("*.ipynb")}
    staged = [name for name in (*stages(root), *by_name(root)) if name in written]
    return staged + sorted(written - set(staged))


def find(name: str, root: Path) -> Study:
    """Return the study called `name`.

    Raises
    ------
    UsageError
        If there is no notebook of that name; the nearest names are suggested.
    """
    known = names(root)
    if not known:
        raise UsageError(f"{root} holds no studies: there is no notebook in its notebooks/.")
    if name not in known:
        near = get_close_matches(name, known, n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise UsageError(f"Unknown study {name!r}; choose one of {', '.join(known)}.{hint}")
    apart = by_name(root)
    return Study(name, root, stages(root).get(name, apart.get(name)), name in apart)


def stages(root: Path) -> dict[str, Any]:
    """Return the stages of dvc.yaml by name; empty without a dvc.yaml."""
    return _stages(root / "dvc.yaml")


def by_name(root: Path) -> dict[str, Any]:
    """Return the stages of benchmarks/dvc.yaml: studies that run only when they are named.

    Their `wdir` is the root, so their paths are written as those of dvc.yaml.

    Raises
    ------
    UsageError
        If a name stands in dvc.yaml too.
    """
    apart = _stages(root / "benchmarks" / "dvc.yaml")
    twice = [name for name in apart if name in stages(root)]
    if twice:
        raise UsageError(
            f"A study is a stage of dvc.yaml or of benchmarks/dvc.yaml, got {twice[0]!r} in both."
        )
    return apart


def _stages(path: Path) -> dict[str, Any]:
    return dict(read_yaml(path).get("stages") or {}) if path.is_file() else {}


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML file that holds a mapping.

    Raises
    ------
    UsageError
        If the file is missing, is not YAML or holds something else.
    """
    try:
        content = parse_yaml(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise UsageError(f"{path.name} cannot be read as YAML: {reason}.") from None
    if not isinstance(content, dict):
        kind = type(content).__name__
        raise UsageError(f"{path.name} must hold a mapping of names to values, got {kind}.")
    return content


def question(study: Study) -> tuple[str, str]:
    """Return title and question of the study, from the first cell of its notebook."""
    return notebooks.question(notebooks.read(study.notebook), study.notebook.name)


def parse_yaml(text: str) -> Any:
    """Return what YAML text holds; a date stays text, as a notebook's literals have it."""
    return yaml.load(text, Loader=_Loader)


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML's safe loader without dates."""


_Loader.yaml_implicit_resolvers = {
    first: [pair for pair in pairs if not pair[0].endswith(":timestamp")]
    for first, pairs in _Loader.yaml_implicit_resolvers.items()
}
