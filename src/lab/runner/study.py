"""A study and everything that carries its name: notebook, parameters, stage, outputs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from lab import notebooks
from lab.errors import UsageError
from lab.runner import matrix


@dataclass(frozen=True)
class Study:
    """One question: `notebooks/<name>.ipynb` and what belongs to it.

    A stage with a `matrix` stands for several variants of the study, one for each combination
    of its values; without `variant`, its paths are those of all of them.

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
    variant : mapping of str
        The values of the matrix keys, in their order; empty for the study as a whole.
    """

    name: str
    root: Path
    stage: Mapping[str, Any] | None
    by_name: bool = False
    variant: Mapping[str, str] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """Name of the study and of its variant, as outputs, locks and records carry it."""
        return "_".join([self.name, *self.variant.values()])

    @property
    def stage_name(self) -> str:
        """Name of the stage as DVC gives it, `name@value` for a variant."""
        return "@".join([self.name, *(["-".join(self.variant.values())] if self.variant else [])])

    @property
    def matrix(self) -> dict[str, list[str]]:
        """Values that the stage's matrix lists, by key; empty without a matrix."""
        return matrix.choices(self.stage, self.name)

    @property
    def variants(self) -> "list[Study]":
        """The variants that the matrix lists; the study itself if it has none or is one."""
        if self.variant or not self.matrix:
            return [self]
        return [replace(self, variant=values) for values in matrix.combinations(self.matrix)]

    @property
    def is_listed(self) -> bool:
        """Whether dvc.yaml has a stage for just this: false for values outside the matrix."""
        return all(value in self.matrix[key] for key, value in self.variant.items())

    @property
    def overrides(self) -> list[str]:
        """What `lab run NAME -p` takes to run this variant."""
        return [f"{key}={value}" for key, value in self.variant.items()]

    def of(self, values: Mapping[str, Any]) -> "Study":
        """Return the variant that a run with these parameters is; itself without a matrix.

        Raises
        ------
        UsageError
            If a value cannot be part of a file's name.
        """
        chosen = {key: matrix.checked(values[key], key, self.name) for key in self.matrix}
        return replace(self, variant=chosen)

    @property
    def notebook(self) -> Path:
        """Path of the study's notebook."""
        return self.root / "notebooks" / f"{self.name}.ipynb"

    @property
    def report(self) -> str:
        """Path of the rendered report, relative to the root."""
        return f"reports/{self.label}.html"

    @property
    def metrics(self) -> str:
        """Path of the metrics file, relative to the root."""
        return f"reports/metrics/{self.label}.json"

    @property
    def lock(self) -> str:
        """Path of the lock file that records the stage's last run, relative to the root."""
        return "benchmarks/dvc.lock" if self.by_name else "dvc.lock"

    @property
    def measured(self) -> list[str]:
        """Outputs that show measured seconds, so two runs never give the same bytes."""
        declared = ((self.stage or {}).get("meta") or {}).get("measured") or []
        return self._filled(declared)

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
        """Paths that the stage declares as deps, relative to the root.

        Of those that are named by a variant: what there is, in whatever format.
        """
        if not self.variant:
            return self._paths("deps")
        declared = self._declared("deps")
        return [found for path in declared for found in matrix.found(path, self.variant, self.root)]

    def _paths(self, kind: str) -> list[str]:
        return self._filled(self._declared(kind))

    def _declared(self, kind: str) -> list[str]:
        entries = (self.stage or {}).get(kind) or []
        return [entry if isinstance(entry, str) else next(iter(entry)) for entry in entries]

    def _filled(self, declared: Iterable[str]) -> list[str]:
        """Return paths as each variant has them, each path once."""
        variants = [study.variant for study in self.variants]
        filled = [matrix.fill(path, variant) for path in declared for variant in variants]
        return list(dict.fromkeys(filled))


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
