"""Which processor to use, and how many cores there are."""

import os
import shutil

from indexer.errors import UsageError


def cpu_count() -> int:
    """Cores this process may use, which on shared machines are fewer than there are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def pick_device(requested: str | None = None) -> str:
    """`cuda` where an NVIDIA driver is installed, else `cpu`; or what was asked for.

    Only the driver's own tool is looked for, so that no framework is imported. Raises `UsageError` for an unknown
    name and for `cuda` on a machine without it.
    """
    if requested not in (None, "cpu", "cuda"):
        raise UsageError(f"The device '{requested}' is unknown: choose cpu or cuda.")
    has_gpu = shutil.which("nvidia-smi") is not None
    if requested == "cuda" and not has_gpu:
        raise UsageError("This machine has no NVIDIA driver: use --device cpu.")
    return requested or ("cuda" if has_gpu else "cpu")
