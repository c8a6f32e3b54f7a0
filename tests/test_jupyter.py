"""Setting up JupyterLab's configuration and git's notebook drivers."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lab import jupyter, notebooks
from lab.errors import UsageError

ROOT = Path(__file__).parents[1]
IDENTITY = ("-c", "user.name=Test", "-c", "user.email=test@example.invalid")
needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


@pytest.fixture
def checkout(tmp_path):
    """A folder with our configuration file and nothing else."""
    root = tmp_path / "checkout"
    root.mkdir()
    shutil.copy(ROOT / jupyter.CONFIG, root)
    return root


def _git(root, *arguments):
    return subprocess.run(
        ["git", "-C", root, *arguments], capture_output=True, text=True, check=True
    ).stdout


def test_installing_twice_changes_nothing_the_second_time(checkout, tmp_path):
    _git(checkout, "init", "--quiet") if shutil.which("git") else None
    assert jupyter.install(checkout, tmp_path / "prefix")
    assert jupyter.install(checkout, tmp_path / "prefix") == []
    folder = tmp_path / "prefix" / "etc" / "jupyter"
    assert (folder / jupyter.CONFIG).read_bytes() == (checkout / jupyter.CONFIG).read_bytes()
    assert sorted(path.name for path in folder.iterdir()) == [jupyter.CONFIG, "labconfig"]


def test_a_changed_configuration_is_copied_again(checkout, tmp_path):
    jupyter.install_config(checkout, tmp_path)
    with (checkout / jupyter.CONFIG).open("a") as file:
        file.write("# more\n")
    assert jupyter.install_config(checkout, tmp_path) == [f"Wrote {tmp_path / jupyter.CONFIG}."]
    assert (tmp_path / jupyter.CONFIG).read_text().endswith("# more\n")


def test_the_configuration_of_somebody_else_is_kept(checkout, tmp_path):
    (tmp_path / jupyter.CONFIG).write_text("c.ServerApp.port = 1\n")
    with pytest.raises(UsageError, match="is not this project's configuration"):
        jupyter.install_config(checkout, tmp_path)
    assert (tmp_path / jupyter.CONFIG).read_text() == "c.ServerApp.port = 1\n"


def test_settings_of_others_are_kept(tmp_path):
    target = tmp_path / "labconfig" / jupyter.SETTINGS
    target.parent.mkdir()
    target.write_text('{"theme": {"dark": true}}')
    jupyter.install_settings(tmp_path)
    assert json.loads(target.read_text()) == {"theme": {"dark": True}, **jupyter.QUIET}
    assert jupyter.install_settings(tmp_path) == []


def test_damaged_settings_are_named_and_kept(tmp_path):
    target = tmp_path / "labconfig" / jupyter.SETTINGS
    target.parent.mkdir()
    target.write_text("{")
    with pytest.raises(UsageError, match=r"default_setting_overrides\.json is not a JSON object"):
        jupyter.install_settings(tmp_path)
    assert target.read_text() == "{"


def test_without_a_checkout_git_is_left_alone(checkout, tmp_path):
    assert jupyter.install_drivers(checkout, tmp_path) == []


@pytest.fixture
def repository(checkout):
    """A git repository whose notebooks/x.ipynb goes through nbdime."""
    _git(checkout, "init", "--quiet", "--initial-branch=main")
    shutil.copy(ROOT / ".gitattributes", checkout)
    assert len(jupyter.install_drivers(checkout, Path(sys.prefix) / "bin")) == 3
    (checkout / "notebooks").mkdir()
    return checkout


def _commit(repository, *sources):
    """Commit notebooks/x.ipynb with these code cells."""
    cells = [
        {"cell_type": "code", "id": f"c{number}", "metadata": {}, "source": source}
        for number, source in enumerate(sources)
    ]
    notebooks.write({"cells": cells, "nbformat": 4}, repository / "notebooks" / "x.ipynb")
    _git(repository, "add", "--all")
    _git(repository, *IDENTITY, "commit", "--quiet", "--message", "Change")


@needs_git
def test_git_shows_the_changed_cell_of_a_notebook(repository):
    """`git diff` speaks of cells, from any folder and without an activated environment."""
    _commit(repository, "a = 1", "b = 1")
    _commit(repository, "a = 1", "b = 2")
    shown = _git(repository / "notebooks", "diff", "HEAD~1")
    assert "nbdiff" in shown
    assert "b = 2" in shown
    assert "a = 1" not in shown


@needs_git
def test_git_still_works_once_the_environment_is_gone(repository):
    """After `make clean` git shows text and merges lines."""
    assert len(jupyter.install_drivers(repository, repository / "a gone" / "bin")) == 2
    _commit(repository, "a = 1", "b = 1")
    _git(repository, "checkout", "--quiet", "-b", "side")
    _commit(repository, "a = 2", "b = 1")
    assert '+    "a = 2"' in _git(repository, "diff", "HEAD~1")
    _git(repository, "checkout", "--quiet", "main")
    _commit(repository, "a = 1", "b = 2")
    _git(repository, *IDENTITY, "merge", "--quiet", "--no-edit", "side")
    merged = notebooks.read(repository / "notebooks" / "x.ipynb")
    assert [cell["source"] for cell in merged["cells"]] == ["a = 2", "b = 2"]


@needs_git
def test_a_merge_conflict_leaves_a_notebook_that_opens(repository):
    """Git's own markers would break the JSON; nbdime puts both versions into cells."""
    _commit(repository, "a = 1", "b = 1")
    _git(repository, "checkout", "--quiet", "-b", "side")
    _commit(repository, "a = 2", "b = 1")
    _git(repository, "checkout", "--quiet", "main")
    _commit(repository, "a = 3", "b = 2")
    with pytest.raises(subprocess.CalledProcessError):
        _git(repository, *IDENTITY, "merge", "--quiet", "--no-edit", "side")
    merged = notebooks.read(repository / "notebooks" / "x.ipynb")
    sources = "\n".join(cell["source"] for cell in merged["cells"])
    assert all(version in sources for version in ("a = 2", "a = 3", "b = 2"))


def test_the_command_says_what_it_did(checkout, tmp_path, monkeypatch, capsys):
    (checkout / "params.yaml").touch()
    monkeypatch.chdir(checkout)
    monkeypatch.setattr(jupyter.sys, "prefix", str(tmp_path / "prefix"))
    assert jupyter.main(["install"]) == 0
    assert "Wrote" in capsys.readouterr().out
    (tmp_path / "prefix" / "etc" / "jupyter" / jupyter.CONFIG).write_text("other\n")
    assert jupyter.main(["install"]) == UsageError.exit_code
    assert "is not this project's configuration" in capsys.readouterr().err


def test_another_command_is_refused(capsys):
    assert jupyter.main(["remove"]) == UsageError.exit_code
    assert "`python -m lab.jupyter install`, got ['remove']" in capsys.readouterr().err
