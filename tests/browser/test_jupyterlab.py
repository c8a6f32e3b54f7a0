"""JupyterLab in a real browser: running and saving a study leaves no trace in git or DVC."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml

from lab import data, jupyter, notebooks
from lab.sync import sync_study
from lab.tuning.chosen import FILE as TUNED

ROOT = Path(__file__).parents[2]
STUDY = "demand_forecast"
NOTEBOOK = f"notebooks/{STUDY}.ipynb"
CLEAN = "data/clean/vic_demand.parquet"
PATIENCE_S = 120

# What the study needs of the checkout; no .venv, no caches, no earlier results.
CARRIED = (
    *(".dvc/config", ".dvcignore", ".gitattributes", ".gitignore", "dvc.yaml", "params.yaml"),
    *("data/raw", "data/sources.yaml", "notebooks", "src", "templates", "pyproject.toml"),
    *("requirements.lock", "matplotlibrc", jupyter.CONFIG),
)
# The two quickest models of the tiny run: seconds, and still nearly every cell and figure.
TINY: dict[str, Any] = {
    **yaml.safe_load((ROOT / "tests" / "tiny.yaml").read_text(encoding="utf-8"))[STUDY],
    "models": ["ridge", "xgboost"],
}


@dataclass(frozen=True)
class Server:
    """A running JupyterLab: where it is, and the key to it."""

    url: str
    token: str

    def get(self, path: str) -> Any:
        """Ask its REST interface."""
        return json.load(self._open(path, "GET"))

    def post(self, path: str) -> None:
        """Tell its REST interface to do something."""
        self._open(path, "POST").close()

    def _open(self, path: str, method: str) -> Any:
        request = urllib.request.Request(self.url + path, method=method)
        request.add_header("Authorization", f"token {self.token}")
        return urllib.request.urlopen(request, timeout=PATIENCE_S)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project with tiny parameters, committed to git, its stage up to date."""
    root = tmp_path / "project"
    for name in CARRIED:
        _carry(ROOT / name, root / name)
    _shrink(root)
    _write_dependencies(root)
    _git(root, "init", "--quiet")
    _finish_stage(root)
    _git(root, "add", "--all")
    _git(root, "commit", "--quiet", "--message", "Start")
    return root


@pytest.fixture
def server(project: Path, tmp_path: Path) -> Iterator[Server]:
    """JupyterLab on the copy, with a configuration of its own; nothing of it outlives the test."""
    settings, log = tmp_path / "settings", tmp_path / "jupyter.log"
    jupyter.install_config(ROOT, settings)
    jupyter.install_settings(settings)
    token, port = secrets.token_hex(16), _free_port()
    command = [sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root"]
    options = [f"--port={port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={token}"]
    with log.open("wb") as out:
        process = subprocess.Popen(
            [*command, *options],
            cwd=project,
            env=_environment(tmp_path, settings),
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    started = Server(f"http://127.0.0.1:{port}/", token)
    try:
        _wait(lambda: _answers(started, process), f"JupyterLab to start, see {log}")
        yield started
    finally:
        _end(process, started)


def test_running_and_saving_a_study_changes_nothing(project: Path, server: Server, page) -> None:
    """Run all and Save in JupyterLab leave the notebook, `git status` and `dvc status` alone."""
    before = (project / NOTEBOOK).read_bytes()
    assert "up to date" in _dvc(project, "status", STUDY)

    page.set_default_timeout(PATIENCE_S * 1000)
    page.goto(f"{server.url}lab/tree/{NOTEBOOK}?token={server.token}")
    _wait(lambda: _is_connected(server), "an idle kernel with a connection")
    _run_all_cells(page)
    picture = page.locator(".jp-OutputArea-output img").first
    picture.scroll_into_view_if_needed()
    assert picture.evaluate("image => image.naturalWidth") > 100

    written = (project / NOTEBOOK).stat().st_mtime_ns
    _save(page)
    assert (project / NOTEBOOK).stat().st_mtime_ns > written, "the server wrote nothing"
    assert picture.is_visible(), "outputs stay on screen after saving"
    assert page.locator(".jp-Notification, .Toastify__toast").count() == 0

    assert (project / NOTEBOOK).read_bytes() == before
    assert _git(project, "status", "--porcelain") == ""
    assert "up to date" in _dvc(project, "status", STUDY)
    assert (project / f".lab/scratch/by-hand/reports/metrics/{STUDY}.json").is_file()


def _run_all_cells(page) -> None:
    """Choose Run > Run All Cells and wait until each has a number; fail at the first error."""
    page.locator("li.lm-MenuBar-item:has-text('Run')").click()
    page.locator("li[data-command='runmenu:run-all']").click()
    page.wait_for_function(
        """() => {
            const prompts = [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')];
            const done = prompts.every(one => /^\\[\\d+\\]:$/.test(one.textContent));
            return (prompts.length && done)
                || document.body.textContent.includes('Traceback (most recent call last)');
        }"""
    )
    failed = page.locator(".jp-OutputArea-output", has_text="Traceback (most recent call last)")
    assert failed.count() == 0, failed.first.text_content()


def _save(page) -> None:
    """Press Control+S and wait until the server has stored the notebook."""
    with page.expect_response(
        lambda answer: answer.request.method == "PUT" and "/api/contents/" in answer.url
    ) as waiting:
        page.keyboard.press("Control+s")
    assert waiting.value.ok


def _is_connected(server: Server) -> bool:
    """Tell whether the notebook's kernel is idle and the page talks to it."""
    kernels = [session["kernel"] for session in server.get("api/sessions")]
    return any(one["execution_state"] == "idle" and one["connections"] > 0 for one in kernels)


def _carry(source: Path, target: Path) -> None:
    """Copy a file or folder, if the checkout has it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        ignored = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints", "*.egg-info")
        shutil.copytree(source, target, ignore=ignored)
    elif source.exists():
        shutil.copy(source, target)


def _shrink(root: Path) -> None:
    """Set tiny parameters in params.yaml and, through it, in the notebook."""
    path = root / "params.yaml"
    params = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert set(TINY) <= set(params[STUDY])
    params[STUDY] |= TINY
    path.write_text(yaml.safe_dump(params, sort_keys=False), encoding="utf-8")
    sync_study(root, STUDY)
    shown = notebooks.parameters(notebooks.read(root / NOTEBOOK))
    assert shown == params[STUDY]


def _write_dependencies(root: Path) -> None:
    """Stand in for the stages `data_quality` and `model_tuning`, which take longer."""
    target, tuned = root / CLEAN, root / TUNED
    target.parent.mkdir(parents=True)
    data.load("vic_demand").to_parquet(target, compression="zstd")
    tuned.parent.mkdir(parents=True)
    small = {"trees": 5, "leaves": 5, "depth": 4, "learning_rate": 0.1}
    tuned.write_text(json.dumps({"vic_demand": {"lightgbm": small}}), encoding="utf-8")


def _finish_stage(root: Path) -> None:
    """Record the stage as done, with empty outputs: DVC then sees any change of its inputs."""
    stage = yaml.safe_load((root / "dvc.yaml").read_text(encoding="utf-8"))["stages"][STUDY]
    for kind in ("outs", "metrics", "plots"):
        for entry in stage.get(kind, []):
            path = root / (entry if isinstance(entry, str) else next(iter(entry)))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
    _dvc(root, "commit", "--force", STUDY)


def _environment(folder: Path, settings: Path) -> dict[str, str]:
    """Keep Jupyter and IPython inside the test's folder, away from the user's settings."""
    places = {
        "JUPYTER_CONFIG_DIR": folder / "config",
        "JUPYTER_CONFIG_PATH": settings,
        "JUPYTER_DATA_DIR": folder / "data",
        "JUPYTER_RUNTIME_DIR": folder / "runtime",
        "IPYTHONDIR": folder / "ipython",
    }
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("LAB_")}
    return {**inherited, **{key: str(path) for key, path in places.items()}}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _answers(server: Server, process: subprocess.Popen) -> bool:
    assert process.poll() is None, "JupyterLab ended at its start"
    try:
        server.get("api/status")
    except OSError:
        return False
    return True


def _wait(condition: Callable[[], bool], what: str) -> None:
    """Ask again and again until it is so."""
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, f"waited {PATIENCE_S} s for {what}"
        time.sleep(0.05)


def _end(process: subprocess.Popen, server: Server) -> None:
    """Shut the server and its kernels down; kill whatever is left of them."""
    if process.poll() is not None:
        return
    family = psutil.Process(process.pid).children(recursive=True)
    with suppress(OSError, subprocess.TimeoutExpired):
        server.post("api/shutdown")
        process.wait(20)
    process.kill()
    process.wait()
    for member in family:
        with suppress(psutil.NoSuchProcess):
            member.kill()


def _git(root: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.invalid")
    return _call(["git", *identity, *arguments], root)


def _dvc(root: Path, *arguments: str) -> str:
    return _call([sys.executable, "-m", "dvc", *arguments], root)


def _call(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command} said:\n{done.stdout}{done.stderr}"
    return done.stdout
