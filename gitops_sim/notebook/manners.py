"""Plain words where a cell cannot go on: a name from a cell that has not run yet, or something that the world refuses."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Any

from gitops_sim.errors import GitOpsSimError


def be_plain() -> None:
    """In a notebook, tells these errors in a line or two instead of a traceback. The cell still counts as failed, so that
    "Run All" stops there. Elsewhere nothing changes."""
    try:
        from IPython import get_ipython
    except ImportError:
        return
    shell = get_ipython()
    if getattr(shell, "kernel", None) is not None:
        shell.set_custom_exc((NameError, GitOpsSimError), _tell)


def _tell(
    _shell: Any, _kind: type[BaseException], error: BaseException, _trace: TracebackType, tb_offset: int | None = None
) -> None:
    print(plain(error), file=sys.stderr)


def plain(error: BaseException) -> str:
    """What a learner is told instead of a traceback."""
    name = getattr(error, "name", None)
    if isinstance(error, NameError) and name:
        return f"{name!r} is not there yet: a cell further up makes it. Choose Run > Run All Above Selected Cell."
    return str(error)
