"""Prepare JupyterLab and git for this project: `python -m lab.jupyter install`.

Jupyter reads no configuration from the current folder, so the project's file is copied to
where the environment's own lies. Git asks nbdime how notebooks differ.
"""

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from lab import paths
from lab.errors import LabError, UsageError

CONFIG = "jupyter_server_config.py"
# Only our configuration names this module: an older copy of it may be replaced.
SIGN = "lab.jupyter_hooks"
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
    if target.is_file() and SIGN not in target.read_text(encoding="utf-8"):
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
    nothing is done. Scripts are named by full path, because git runs in any shell; once the
    environment is gone, git compares text again.
    """
    if shutil.which("git") is None or not (root / ".git").exists():
        return []
    diff = _unless_gone(scripts / "git-nbdiffdriver", "diff", 'diff -u "$2" "$5"; true')
    merge = _unless_gone(scripts / "git-nbmergedriver", "merge", 'git merge-file "$2" "$1" "$3"')
    wanted = {
        "diff.jupyternotebook.command": diff,
        "merge.jupyternotebook.name": "nbdime merges notebooks",
        "merge.jupyternotebook.driver": f"{merge} %O %A %B %L %P",
    }
    changed = [key for key, value in wanted.items() if _git_config(root, "--get", key) != value]
    for key in changed:
        _git_config(root, key, wanted[key])
    return [f"Set {key} in this repository's git configuration." for key in changed]


def _unless_gone(script: Path, verb: str, fallback: str) -> str:
    """Return a shell command that hands its arguments to a script or, without it, falls back."""
    path = shlex.quote(str(script))
    chosen = f'if test -x {path}; then exec {path} {verb} "$@"; else {fallback}; fi'
    return f"sh -c {shlex.quote(chosen)} {verb}"


def _git_config(root: Path, *arguments: str) -> str:
    """Run `git config --local` and return what it prints; empty for an unset key."""
    command = ["git", "-C", str(root), "config", "--local", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.rstrip("\n")


def main(arguments: Sequence[str]) -> int:
    """Install, say what changed, and return the exit code."""
    try:
        if list(arguments) != ["install"]:
            raise UsageError(
                f"The one command is `python -m lab.jupyter install`, got {list(arguments)}."
            )
        changed = install(paths.root())
    except LabError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    for sentence in changed:
        print(sentence)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
