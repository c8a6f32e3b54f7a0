"""What the JupyterLab server does with this project's notebooks, and not with others."""

import asyncio
import json
import shutil
from pathlib import Path

import nbformat
import pytest
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from nbclient import NotebookClient
from tornado.web import HTTPError
from traitlets.config import PyFileConfigLoader

from lab import compute, jupyter_hooks, notebooks, runner

ROOT = Path(__file__).parents[1]
STUDY = "notebooks/tiny.ipynb"
# Depends on what a kernel is started with: seed, threads, time zone and hash seed.
DRAWN = """\
import time
import numpy as np
import pandas as pd
from lab import compute, outputs
drawn = np.random.default_rng(compute.seed()).normal(size=rows)
words = list({"a", "b", "c", "d", "e", label})
table = pd.DataFrame({"value": drawn, "word": words[:rows], "zone": time.tzname[0]})
outputs.table(table, "data/clean/tiny.parquet")
headline = {"model": "draw", "metric": "mean", "value": drawn.mean(), "unit": "1",
            "baseline": "none", "baseline_value": 0, "sentence": "Drawn."}
outputs.metrics("tiny", headline, {"all": {"draw": {"threads": compute.threads()}}})
"""
# As in the configuration: the server validates the hook twice.
pytestmark = pytest.mark.filterwarnings("ignore:Overriding existing pre_save_hook")


@pytest.fixture
def carried(project):
    """The tiny project, carrying the server configuration."""
    shutil.copy(ROOT / jupyter_hooks.CONFIG, project)
    return project


@pytest.fixture
def config(carried):
    """The server configuration as Jupyter loads it."""
    return PyFileConfigLoader(jupyter_hooks.CONFIG, path=str(carried)).load_config()


def _executed(path):
    """Return the notebook as a browser sends it after running it."""
    content = nbformat.read(path, as_version=4)
    content.metadata.language_info.version = "3.11.7"
    for number, cell in enumerate(content.cells, start=1):
        cell.metadata["trusted"] = True
        if cell.cell_type == "code":
            cell.execution_count = number
            cell.outputs = [nbformat.v4.new_output("stream", text=f"{number}\n")]
    return content


def _save(root, path, content, config):
    """Save through the contents manager that JupyterLab uses."""
    manager = AsyncLargeFileManager(root_dir=str(root), config=config)
    model = {"type": "notebook", "format": "json", "content": content}
    return asyncio.run(manager.save(model, path))


def test_saving_an_executed_study_gives_the_committed_bytes(carried, config):
    before = (carried / STUDY).read_bytes()
    answer = _save(carried, STUDY, _executed(carried / STUDY), config)
    assert (carried / STUDY).read_bytes() == before
    assert answer["content"] is None, "the browser is sent nothing that would replace its outputs"


def test_a_change_of_the_source_is_saved(carried, config):
    content = _executed(carried / STUDY)
    content.cells[0].source = "# Tiny é\nWhy?"
    _save(carried, STUDY, content, config)
    saved = notebooks.read(carried / STUDY)
    assert saved["cells"][0]["source"] == "# Tiny é\nWhy?"
    assert (carried / STUDY).read_text(encoding="utf-8") == notebooks.serialise(saved)


def test_it_acts_when_the_server_was_started_elsewhere(carried, config):
    before = (carried / STUDY).read_bytes()
    content = _executed(carried / STUDY)
    _save(carried.parent, f"/project/{STUDY}", content, config)
    assert (carried / STUDY).read_bytes() == before


@pytest.mark.parametrize(
    "path", ["elsewhere.ipynb", "drafts/x.ipynb"], ids=["root", "another-folder"]
)
def test_other_notebooks_of_the_project_keep_their_outputs(carried, config, path):
    (carried / "drafts").mkdir()
    _save(carried, path, _executed(carried / STUDY), config)
    assert json.loads((carried / path).read_text())["cells"][1]["outputs"]


def test_a_project_of_another_kind_keeps_its_outputs(carried, config):
    (carried / jupyter_hooks.CONFIG).unlink()
    _save(carried, STUDY, _executed(carried / STUDY), config)
    assert json.loads((carried / STUDY).read_text())["cells"][1]["outputs"]


def test_a_folder_with_parameters_of_its_own_inside_the_project_counts(carried):
    inner = carried / "benchmarks"
    (inner / "notebooks").mkdir(parents=True)
    (inner / "params.yaml").touch()
    assert jupyter_hooks.project(inner / "notebooks" / "x.ipynb") == inner


def test_files_that_are_no_notebooks_pass(carried, config):
    manager = AsyncLargeFileManager(root_dir=str(carried), config=config)
    model = {"type": "file", "format": "text", "content": "a"}
    asyncio.run(manager.save(model, "notebooks/x.txt"))
    assert (carried / "notebooks" / "x.txt").read_text() == "a"


@pytest.fixture
def sessions(carried):
    """The session manager on a server that was started in the project."""
    contents = AsyncLargeFileManager(root_dir=str(carried))
    kernels = AsyncMappingKernelManager(root_dir=str(carried))
    return jupyter_hooks.ProjectSessionManager(contents_manager=contents, kernel_manager=kernels)


def test_the_kernel_of_a_study_gets_the_runners_environment(sessions, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "64")
    environment = sessions.get_kernel_env("notebooks", "tiny.ipynb")
    wanted = compute.environment({"threads": 1, "seed": 7})
    assert wanted["OMP_NUM_THREADS"] == "1"
    assert {key: environment[key] for key in wanted} == wanted
    assert environment["PATH"]


def test_a_study_run_by_hand_shows_the_numbers_of_the_stage(sessions, carried, rewrite):
    """The kernel starts in notebooks/ with the session's environment, as in JupyterLab."""
    rewrite(DRAWN)
    content = nbformat.read(carried / STUDY, as_version=4)
    place = {"metadata": {"path": str(carried / "notebooks")}}
    client = NotebookClient(content, resources=place, kernel_name="python3")
    client.execute(env=sessions.get_kernel_env("notebooks", "tiny.ipynb"))
    runner.run("tiny", root=carried)
    by_hand = carried / ".lab/scratch/by-hand"
    for path in ("reports/metrics/tiny.json", "data/clean/tiny.parquet"):
        assert (by_hand / path).read_bytes() == (carried / path).read_bytes()


def test_another_kernel_gets_the_servers_environment(sessions, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "64")
    monkeypatch.delenv("LAB_THREADS", raising=False)
    environment = sessions.get_kernel_env("", "elsewhere.ipynb")
    assert environment["OMP_NUM_THREADS"] == "64"
    assert "LAB_THREADS" not in environment


def test_faulty_parameters_are_told_to_the_browser(sessions, carried):
    (carried / "params.yaml").write_text("compute: {threads: many, seed: 1}\n")
    with pytest.raises(HTTPError) as caught:
        sessions.get_kernel_env("notebooks", "tiny.ipynb")
    assert caught.value.status_code == 400
    assert "compute.threads in params.yaml must be a whole number" in caught.value.log_message


def test_the_configuration_asks_the_network_for_nothing(config):
    assert config.LabApp.news_url is None
    assert config.LabApp.check_for_updates_class == "jupyterlab.NeverCheckForUpdate"
    assert config.LabApp.extension_manager == "readonly"
    assert config.ServerApp.session_manager_class is jupyter_hooks.ProjectSessionManager
