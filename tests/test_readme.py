import subprocess
from pathlib import Path

import pytest

from lab import readme
from lab.errors import UsageError
from lab.runner import run
from lab.runner.study import find, names

ROOT = Path(__file__).resolve().parents[1]


def test_a_study_without_result_shows_its_question(project):
    assert readme.table(project).splitlines()[2] == (
        "| `tiny` | How many rows does a table of a few rows have? |  |"
    )


def test_the_computed_sentence_is_written_between_the_marks(project):
    path = project / "README.md"
    path.write_text(f"# A\n\n{readme.BEGIN}\nold\n{readme.END}\n\nend\n", encoding="utf-8")
    run("tiny")
    assert readme.update(project)
    assert not readme.update(project)
    text = path.read_text(encoding="utf-8")
    assert "| The table has 3 rows. |" in text
    assert "old" not in text
    assert text.startswith("# A\n\n<!--")
    assert text.endswith("-->\n\nend\n")


def test_without_marks_nothing_is_written(project):
    (project / "README.md").write_text("# A\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"README.md must hold the lines"):
        readme.update(project)


def test_a_project_without_readme_is_left_alone(project):
    assert readme.update(project) is False


def test_the_committed_readme_holds_the_committed_headlines(tmp_path):
    """Both as git's HEAD holds them: a run may have moved the working tree's metrics."""
    studies = [find(name, ROOT) for name in names(ROOT) if name != "index"]
    held = subprocess.run(
        ["git", "ls-tree", "-r", "--name-only", "HEAD"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    missing = [s.name for s in studies if s.metrics not in held and not s.by_name]
    assert missing == [], "only a study by name may not have run yet"
    paths = ["README.md", *[s.metrics for s in studies if s.metrics in held]]
    for path in paths:
        shown = subprocess.run(
            ["git", "show", f"HEAD:{path}"], cwd=ROOT, capture_output=True, text=True, check=True
        )
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(shown.stdout, encoding="utf-8")
    for name in ("notebooks", "dvc.yaml", "benchmarks", "params.yaml"):
        (tmp_path / name).symlink_to(ROOT / name)
    assert readme.table(tmp_path) in (tmp_path / "README.md").read_text(encoding="utf-8")
