"""Who replays: threads of this process, each with a process of its own behind it, or the workers of a Dask cluster."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager

from gitops_sim.course.grading.isolation import end_mothers
from gitops_sim.errors import BadInput

_CONNECT = "10s"


@contextmanager
def executor(jobs: int, scheduler: str, most: int) -> Iterator[Executor]:
    """An executor for the time of the block, with at most ``jobs`` at work; there are ``most`` things to do.

    Raises BadInput when ``scheduler`` is named and Dask is not installed, or nobody answers there.
    """
    if scheduler:
        with _dask(scheduler) as remote:
            yield remote
        return
    local = ThreadPoolExecutor(max(1, min(jobs, most)), thread_name_prefix="grader")
    try:
        yield local
    finally:
        local.shutdown(wait=False, cancel_futures=True)
        end_mothers()
        local.shutdown(wait=True)


@contextmanager
def _dask(address: str) -> Iterator[Executor]:
    try:
        distributed = importlib.import_module("distributed")
    except ImportError:
        raise BadInput(
            "--scheduler needs Dask, which is not installed", mend="pip install 'gitops-sim[dask]', or leave --scheduler out"
        ) from None
    try:
        client = distributed.Client(address, timeout=_CONNECT, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        mend = "give the address that the scheduler prints, such as tcp://10.0.0.5:8786"
        raise BadInput(f"no Dask scheduler answers: {error}", where=address, mend=mend) from None
    try:
        yield client.get_executor(pure=False, retries=1)
    finally:
        client.close()
