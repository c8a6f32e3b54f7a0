"""Execute a notebook through Papermill in a kernel of our own making."""

import logging
import os
import signal
import sys
import types
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from lab import notebooks
from lab.runner.guard import Guard
from lab.runner.study import Study
from lab.runner.workspace import Workspace


def spare_the_grammar() -> None:
    """Keep jsonschema from building a grammar for a format that notebooks never use.

    Importing nbformat imports jsonschema, which imports rfc3987_syntax if it can, and that
    parses a grammar for 1.4 s: half of a small study's time. The stub's one function
    refuses every input, as jsonschema expects of a validator.
    """

    def is_valid_syntax(*_: object) -> bool:
        return False

    stub = types.ModuleType("rfc3987_syntax")
    stub.is_valid_syntax = is_valid_syntax  # type: ignore[attr-defined]
    sys.modules.setdefault("rfc3987_syntax", stub)


def execute(
    study: Study,
    parameters: Mapping[str, Any],
    *,
    workspace: Workspace,
    environment: Mapping[str, str],
    guard: Guard,
) -> Any:
    """Run a notebook from top to bottom and return it with its outputs.

    Parameters
    ----------
    study : Study
        The study whose notebook is run, in canonical form, in the root.
    parameters : mapping
        Values that replace the cell's.
    workspace : Workspace
        Where the half-executed notebook, TMPDIR and the connection file live.
    environment : mapping of str
        Variables on top of the inherited environment.
    guard : Guard
        Takes responsibility for the kernel's process.

    Returns
    -------
    nbformat.NotebookNode

    Raises
    ------
    papermill.exceptions.PapermillExecutionError
        If a cell raises.
    nbclient.exceptions.DeadKernelError
        If the kernel dies.
    """
    spare_the_grammar()
    import nbformat
    from papermill.execute import execute_notebook

    notebook = nbformat.from_dict(notebooks.read(study.notebook))

    with _quiet_papermill():
        return execute_notebook(
            notebook,
            workspace.notebook,
            parameters=dict(parameters),
            cwd=study.root,
            kernel_name="python3",
            progress_bar={"desc": study.label, "unit": "cell"},
            start_timeout=120,
            shutdown_kernel="immediate",
            coalesce_streams=True,
            kernel_manager_class=_kernel_class(environment, workspace, guard),
        )


def _kernel_class(environment: Mapping[str, str], workspace: Workspace, guard: Guard) -> type:
    """Return a kernel manager with our environment, whose kernel the guard watches."""
    import asyncio

    from jupyter_client.manager import AsyncKernelManager

    class StageKernel(AsyncKernelManager):
        """Starts the kernel in the run's environment and hands its process to the guard."""

        async def _async_start_kernel(self, **kwargs: Any) -> None:
            self.connection_file = str(workspace.runtime / "kernel.json")
            self.transport_encryption = "auto"
            inherited = kwargs.pop("env", None) or os.environ
            await super()._async_start_kernel(env={**inherited, **environment}, **kwargs)
            guard.watch(int(getattr(self.provisioner, "pid")))  # noqa: B009
            # nbclient puts its own handlers in place first; ours also end the watchdog.
            loop = asyncio.get_running_loop()
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, guard.stop, number)

        start_kernel = _async_start_kernel

    return StageKernel


@contextmanager
def _quiet_papermill() -> Iterator[None]:
    """Silence Papermill's own remarks: the runner reports errors itself."""
    logger = logging.getLogger("papermill")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)
