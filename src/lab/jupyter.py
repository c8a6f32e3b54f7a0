"""Prepare JupyterLab and git for this project: `python -m lab.jupyter`.

Jupyter reads no configuration from the current folder, so the project's file is copied to
where the environment's own lies. Git asks nbdime how notebooks differ.
"""

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from lab import paths
from lab.errors import LabError, UsageError

CONFIG = "jupyter_server_config.py"
SETTINGS = "default_setting_overrides.json"
# The server cannot answer this question for the browser: whether to fetch news and updates.
QUIET = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}
}


def install(root: Path, prefix: Path | str | None = None) -> list[str]:
    """Bring the environment's Jupyter configuration and git's notebook drivers up to date.

    Parameters
    ----------
    root : pathlib.Path
        Root of the project, which carries jupyter_server_config.py.
    prefix : path, optional
        The environment; the running one when omitted.

    Returns
    -------
    list of str
        What was changed; empty if everything was as it should be.

    Raises
    ------
    UsageError
        If the environment has a Jupyter configuration that is not ours.
    """
    prefix = Path(prefix or sys.prefix)
    folder = prefix / "etc" / "jupyter"
    drivers = install_drivers(root, prefix / "bin")
    return install_config(root, folder) + install_settings(folder) + drivers


def install_config(root: Path, folder: Path) -> list[str]:
    """Copy jupyter_server_config.py into a folder that Jupyter reads, if it differs."""
    ours = (root / CONFIG).read_text(encoding="utf-8")
    target = folder / CONFIG
    there = target.read_text(encoding="utf-8") if target.is_file() else ours
    if there.splitlines()[:1] != ours.splitlines()[:1]:
        raise UsageError(
            f"{target} is not this project's configuration and would be overwritten; move it away."
        )
    return _write(target, ours)


def install_settings(folder: Path) -> list[str]:
    """Let JupyterLab ask for no news and no updates; settings of others are kept."""
    target = folder / "labconfig" / SETTINGS
    try:
        there = json.loads(target.read_text(encoding="utf-8")) if target.is_file() else {}
    except ValueError:
        there = None
    if not isinstance(there, dict):
        raise UsageError(f"{target} is not a JSON object; mend it or move it away.")
    return _write(target, json.dumps({**there, **QUIET}, indent=2) + "\n")


def _write(target: Path, text: str) -> list[str]:
    """Write a file unless it holds the text already; say so if it was written."""
    if target.is_file() and target.read_text(encoding="utf-8") == text:
        return []
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(target)
    return [f"Wrote {target}."]


def install_drivers(root: Path, scripts: Path) -> list[str]:
    """Let this repository's git show and merge notebooks with nbdime.

    The setting stays in this checkout (.git/config); without git or outside a checkout
    nothing is done. Scripts are named by full path: git finds them in any shell.
    """
    if shutil.which("git") is None or not (root / ".git").exists():
        return []
    differ, merger = (
        shlex.quote(str(scripts / name)) for name in ("git-nbdiffdriver", "git-nbmergedriver")
    )
    wanted = {
        "diff.jupyternotebook.command": f"{differ} diff",
        "merge.jupyternotebook.name": "nbdime merges notebooks",
        "merge.jupyternotebook.driver": f"{merger} merge %O %A %B %L %P",
    }
    changed = [key for key, value in wanted.items() if _git_config(root, "--get", key) != value]
    for key in changed:
        _git_config(root, key, wanted[key])
    return [f"Set {key} in this repository's git configuration." for key in changed]


def _git_config(root: Path, *arguments: str) -> str:
    """Run `git config --local` and return what it prints; empty for an unset key."""
    command = ["git", "-C", str(root), "config", "--local", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.rstrip("\n")


def main() -> int:
    """Install, say what changed, and return the exit code."""
    try:
        changed = install(paths.root())
    except LabError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    for sentence in changed:
        print(sentence)
    return 0


if __name__ == "__main__":
    sys.exit(main())
