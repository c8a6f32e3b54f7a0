import subprocess
import sys
from pathlib import Path

import pytest
from dvc.repo import Repo

from lab import listing
from lab.runner import run
from lab.runner.study import find
from lab.runner.workspace import locked


@pytest.fixture
def study(project):
    return find("tiny", project)


def test_states_follow_what_is_on_disk(study, project):
    assert listing.state(study, set()) == "not run"
    run("tiny")
    assert listing.state(study, set()) == "up to date"
    assert listing.state(study, {"tiny"}) == "changed"
    (project / ".lab" / "failed").mkdir()
    (project / ".lab" / "failed" / "tiny.html").touch()
    assert listing.state(study, set()) == "failed"
    with locked(project, "tiny"):
        assert listing.state(study, set()) == "running"


def test_what_only_dvc_can_tell_is_unknown_while_it_is_at_work(project, monkeypatch):
    subprocess.run([Path(sys.executable).parent / "dvc", "init", "-q", "--no-scm"], check=True)
    monkeypatch.setattr("dvc.lock.DEFAULT_TIMEOUT", 0.06)
    run("tiny")
    with Repo(str(project)).lock:
        text = listing.table(project)
        with locked(project, "tiny"):
            assert "running" in listing.table(project)
    assert text.split()[:2] == ["tiny", "unknown"]
    assert text.endswith(listing.AT_WORK)
    assert listing.AT_WORK not in listing.table(project)


def test_the_last_runtime_and_the_peak_of_memory_are_shown(study):
    assert listing.runtime(study) == "-"
    result = run("tiny")
    seconds, memory = listing.runtime(study).split(" s ")
    assert seconds == f"{round(result.seconds, 2):.1f}"
    # This process and a kernel with numpy at least.
    assert float(memory.removesuffix(" GB")) >= 0.1


def test_the_table_shows_question_and_state(project):
    subprocess.run([Path(sys.executable).parent / "dvc", "init", "-q", "--no-scm"], check=True)
    text = listing.table(project)
    assert "tiny" in text
    assert "not run" in text
    assert "How many rows does a table of a few rows have?" in text


def test_a_study_by_name_is_marked_and_its_state_told(project):
    (project / "benchmarks").mkdir()
    text = (
        (project / "dvc.yaml")
        .read_text(encoding="utf-8")
        .replace("    cmd", "    wdir: ..\n    cmd")
    )
    (project / "benchmarks" / "dvc.yaml").write_text(text, encoding="utf-8")
    (project / "dvc.yaml").write_text("stages: {}\n", encoding="utf-8")
    subprocess.run([Path(sys.executable).parent / "dvc", "init", "-q", "--no-scm"], check=True)
    assert listing.changed(project) == {"tiny"}
    run("tiny")
    (line,) = [row for row in listing.table(project).splitlines() if row.startswith("tiny")]
    assert "changed" in line
    assert line.endswith("Tiny (by name)")


def test_each_variant_of_a_matrix_has_a_state_of_its_own(parts):
    subprocess.run([Path(sys.executable).parent / "dvc", "init", "-q", "--no-scm"], check=True)
    assert listing.changed(parts) == {"tiny", "parts@AA", "parts@BB"}
    first, second = find("parts", parts).variants
    run("parts", ["part=BB"])
    assert listing.state(first, set()) == "not run"
    assert listing.state(second, {"parts@AA"}) == "up to date"
    assert listing.state(second, {"parts@BB"}) == "changed"
    (parts / ".lab" / "failed").mkdir()
    (parts / ".lab" / "failed" / "parts_AA.html").touch()
    with locked(parts, "parts_BB"):
        rows = [row.split() for row in listing.table(parts).splitlines() if "(by name)" in row]
    assert [row[:2] for row in rows] == [["parts_AA", "failed"], ["parts_BB", "running"]]
    assert listing.runtime(first) == "-"
    assert listing.runtime(second) != "-"


def test_without_dvc_nothing_is_stale(project):
    (project / "dvc.yaml").unlink()
    assert listing.changed(project) == set()
