"""The fixed conditions of a computation: threads, seed, clock and instruction set.

Equal inputs give equal bytes only where these are equal too, so the runner and the
JupyterLab server hand the same environment to every kernel.
"""

import os
import platform
from collections.abc import Mapping
from typing import Any

# Names the file in which long work inside a notebook tells the runner how far it is.
PROGRESS_VARIABLE = "LAB_PROGRESS"
THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
)

# Kernels chosen by CPU model round differently in the last bit: every x86-64 machine takes
# those of AVX2, which all of the last ten years have.
X86_64 = {
    "OPENBLAS_CORETYPE": "Haswell",
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "XLA_FLAGS": "--xla_cpu_max_isa=AVX2",
    "NUMBA_CPU_NAME": "haswell",
    "NUMBA_CPU_FEATURES": "+avx,+avx2,+fma,+sse4.2",
}


def environment(compute: Mapping[str, Any]) -> dict[str, str]:
    """Return the environment variables that fix how a kernel computes.

    Parameters
    ----------
    compute : mapping
        The section `compute` of params.yaml: `threads` and `seed`, and for backtests of
        many series `workers` (processes, 1) and `scheduler` (a Dask address, none).

    Returns
    -------
    dict of str
        Variables to set on top of the inherited environment.
    """
    threads, seed = str(compute["threads"]), str(compute["seed"])
    fixed = {
        "LAB_THREADS": threads,
        "LAB_SEED": seed,
        "LAB_WORKERS": str(compute.get("workers", 1)),
        "LAB_SCHEDULER": compute.get("scheduler") or "",
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
        "TZ": "UTC",
        "LC_ALL": "C.UTF-8",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TF_ENABLE_ONEDNN_OPTS": "0",
        "TF_DETERMINISTIC_OPS": "1",
        "TF_NUM_INTEROP_THREADS": "1",
        # Threads that wait sleep instead of spinning: trees share a busy machine ten times
        # as well, and lose nothing on an idle one.
        "OMP_WAIT_POLICY": "PASSIVE",
        # Warnings name the cell's file, which otherwise holds the kernel's process id.
        "IPYKERNEL_CELL_NAME": "<cell>",
    }
    fixed |= dict.fromkeys(THREAD_VARIABLES, threads)
    return fixed | (X86_64 if platform.machine() in ("x86_64", "AMD64") else {})


def threads() -> int:
    """Return the number of threads a model may use: LAB_THREADS, else the machine's cores."""
    return int(os.environ.get("LAB_THREADS", os.cpu_count() or 1))


def seed() -> int:
    """Return the seed of every random draw: LAB_SEED, else 0."""
    return int(os.environ.get("LAB_SEED", "0"))


def workers() -> int:
    """Return how many processes share the work of many series: LAB_WORKERS, else 1."""
    return int(os.environ.get("LAB_WORKERS", "1"))


def scheduler() -> str | None:
    """Return the address of the Dask scheduler that takes this work: LAB_SCHEDULER, or none."""
    return os.environ.get("LAB_SCHEDULER") or None


def keep() -> bool:
    """Return whether backtests keep what they have finished: LAB_KEEP, else no.

    Whoever runs a study decides on it, not params.yaml: it changes no result.
    """
    return bool(os.environ.get("LAB_KEEP"))
