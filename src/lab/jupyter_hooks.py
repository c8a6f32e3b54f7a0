"""What the JupyterLab server does for this project: clean saves, fixed kernels.

`jupyter_server_config.py` hands these to the server. Both act only on notebooks under
notebooks/ of a project that carries that file; all others are treated as usual.
"""

from pathlib import Path
from typing import Any

from jupyter_server.services.sessions.sessionmanager import SessionManager
from tornado.web import HTTPError

from lab import compute, notebooks, paths
from lab.errors import LabError
from lab.runner import parameters
from lab.runner.study import Study

CONFIG = "jupyter_server_config.py"


def project(file: Path) -> Path | None:
    """Return the root of the project whose study `file` is; None for any other file.

    The root is the nearest folder upwards with params.yaml. Since many tools use a file
    of that name, it or a folder above it must also carry our server configuration.
    """
    root = next((folder for folder in file.parents if (folder / paths.MARKER).is_file()), None)
    if root is None or root / "notebooks" not in file.parents:
        return None
    carries = any((folder / CONFIG).is_file() for folder in (root, *root.parents))
    return root if carries else None


def save_without_outputs(model: dict[str, Any], path: str, contents_manager: Any, **_: Any) -> None:
    """Save a study's notebook in canonical form; on screen its outputs stay.

    A pre-save hook of jupyter_server's contents manager.

    Parameters
    ----------
    model : dict
        What the browser sends; its `content` is replaced.
    path : str
        Path in the server's file browser.
    contents_manager : jupyter_server.services.contents.manager.ContentsManager
        Names the folder that `path` is relative to.
    """
    if model.get("type") != "notebook" or "content" not in model:
        return
    file = Path(contents_manager.root_dir, path.strip("/")).resolve()
    if project(file):
        model["content"] = notebooks.canonical(model["content"], path)


def environment(file: Path) -> dict[str, str]:
    """Return what a kernel of the notebook `file` gets beside its inherited environment.

    In a project that is what the runner gives to a stage's kernel, so that *Run all*
    computes the stage's numbers; elsewhere it is nothing.

    Raises
    ------
    UsageError
        If the section `compute` of params.yaml is missing or wrong.
    """
    root = project(file)
    if root is None:
        return {}
    return compute.environment(parameters.compute(Study(file.stem, root, stage=None)))


class ProjectSessionManager(SessionManager):
    """Starts the kernel of a study's notebook as the runner would."""

    def get_kernel_env(self, path: str | None, name: Any = None) -> dict[str, str]:
        """Return the kernel's environment.

        Raises
        ------
        tornado.web.HTTPError
            With the sentence that explains it, if params.yaml cannot be used.
        """
        inherited = super().get_kernel_env(path, name)
        file = Path(self.contents_manager.root_dir, inherited["JPY_SESSION_NAME"]).resolve()
        try:
            return {**inherited, **environment(file)}
        except LabError as error:
            raise HTTPError(400, str(error), reason="params.yaml cannot be used") from None
