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


@needs_git
def test_git_shows_the_changed_cell_of_a_notebook(checkout):
    """`git diff` speaks of cells, from any folder and without an activated environment."""
    _git(checkout, "init", "--quiet")
    shutil.copy(ROOT / ".gitattributes", checkout)
    assert len(jupyter.install_drivers(checkout, Path(sys.prefix) / "bin")) == 3
    path = checkout / "notebooks" / "x.ipynb"
    path.parent.mkdir()
    cell = {"cell_type": "code", "id": "one", "metadata": {}, "source": "a = 1"}
    for source in ("a = 1", "a = 2"):
        content = {"cells": [cell | {"source": source}], "nbformat": 4}
        notebooks.write(content, path)
        if source == "a = 1":
            _git(checkout, "add", "notebooks")
    shown = _git(path.parent, "diff")
    assert "nbdiff" in shown
    assert "a = 2" in shown
    assert "execution_count" not in shown


def test_the_command_says_what_it_did(checkout, tmp_path, monkeypatch, capsys):
    (checkout / "params.yaml").touch()
    monkeypatch.chdir(checkout)
    monkeypatch.setattr(jupyter.sys, "prefix", str(tmp_path / "prefix"))
    assert jupyter.main() == 0
    assert "Wrote" in capsys.readouterr().out
    (tmp_path / "prefix" / "etc" / "jupyter" / jupyter.CONFIG).write_text("other\n")
    assert jupyter.main() == UsageError.exit_code
    assert "is not this project's configuration" in capsys.readouterr().err
