"""What a rollout command is about."""

from __future__ import annotations

from gitops_sim.kubectl import common_flags as flags
from gitops_sim.kubectl import sources
from gitops_sim.kubectl.invocation import Invocation
from gitops_sim.kubectl.problems import KubectlError
from gitops_sim.kubectl.resources import Found, Query, look_up

FLAGS = (*flags.FILENAME, flags.SELECTOR)
USE = "(TYPE NAME | TYPE/NAME | -f FILE)"


def require(inv: Invocation) -> None:
    if not inv.args and not sources.given(inv):
        raise KubectlError("required resource not specified")
    if "revision" in inv.flags and inv["revision"] < 0:
        raise KubectlError(f"revision must be a positive integer: {inv['revision']}")


def find(inv: Invocation) -> Found:
    return look_up(inv, Query(inv.args, selector=inv["selector"], everything=True))


def none_found(inv: Invocation) -> None:
    inv.warn(f"No resources found in {inv.namespace} namespace.\n")
