"""A thousand commands, word for word: recorded from the real kubectl 1.37.1 on a Cluster of this package behind an HTTP server.

What depends on chance or on the cluster's inner life (uids, versions, suffixes, hashes, addresses, ages) is masked on both sides.
Left out: help texts, and what is not built in.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from gitops_sim.cluster import Cluster, limit_ranges, quotas
from gitops_sim.cluster.controllers.cronjob import CronJobController
from gitops_sim.kubectl import Kubectl
from gitops_sim.registry import Registry
from tests.goldens.masking import bare, marked
from tests.kubectl.transcripts import run_clock

RECORDED = json.loads((Path(__file__).parent.parent / "goldens" / "kubectl-client.json").read_text(encoding="utf-8"))
IMAGES = {
    "broken:1": {"pull_error": "not found"},
    "crash:1": {"crash": "3s"},
    "done:1": {"complete": "4s"},
    "done:2": {"complete": "4s"},
}
_HASH = re.compile(
    r"\b((?:web|db|agent|often|once|d1)-)(?:[bcdfghjklmnpqrstvwxz2456789]{5}|[bcdfghjklmnpqrstvwxz2456789]{7,10}|\d{8})\b"
)
_VERSION = re.compile(r'(resourceVersion"?:\s?"?)\d+')
_NUMBERED = re.compile(r"<(rand|uid|rv|ip|podip|event|nodeport):[^>]*>")
_FOLDER = re.compile(r"/tmp/(LIVE|MERGED)-\d+")
_STAMP = re.compile(r"(?m)^(---|\+\+\+) (\S+)\t.*$")
_KLOG = re.compile(r"[EFIW]\d{4} \d\d:\d\d:\d\d\.\d{6}\s+\d+ \S+\] ")
_AGE = re.compile(r"\(?\b\d+(?:y\d+d|d|d\d+h|h|h\d+m|m|m\d+s|s)\b( ago)?\)?")


def masked(text: str) -> str:
    """Where nothing had to be masked, every blank counts; otherwise tables are aligned anew."""
    hidden = _STAMP.sub(r"\1 \2", _FOLDER.sub(r"\1", text))
    hidden = _AGE.sub("<age>", _KLOG.sub("<klog> ", hidden))
    hidden = _VERSION.sub(r"\g<1><rv>", _HASH.sub(r"\1<hash>", marked(hidden)))
    return text if hidden == text else bare(_NUMBERED.sub(r"<\1>", hidden))


def compare(step: dict[str, Any], kubectl: Kubectl) -> list[str]:
    shown = kubectl.run(step["cmd"], files=RECORDED["files"], stdin=step.get("stdin", ""))
    wanted = {"exit": 0, "stdout": "", "stderr": ""} | step
    differences = [] if shown.exit == wanted["exit"] else [f"exit: recorded {wanted['exit']}, here {shown.exit}"]
    for name, here in (("stdout", shown.stdout), ("stderr", shown.stderr)):
        if masked(wanted[name]) != masked(here):
            differences += [f"{name}, recorded:", masked(wanted[name]), "here:", masked(here)]
    return differences


_LETS_EVERYBODY = {
    "apiVersion": "rbac.authorization.k8s.io/v1",
    "kind": "ClusterRoleBinding",
    "metadata": {"name": "everybody"},
    "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
    "subjects": [{"kind": "Group", "name": "system:authenticated"}],
}
"""The server of these recordings held nobody to roles."""


@pytest.fixture(autouse=True)
def no_schedules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor did that server run CronJobs."""
    monkeypatch.setattr(CronJobController, "sync", lambda self, key: None)


@pytest.fixture(autouse=True)
def no_amounts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor did it look at what Pods ask for, and at the scopes of quotas."""
    monkeypatch.setattr(limit_ranges, "filled", lambda store, pod: pod)
    monkeypatch.setattr(limit_ranges, "check", lambda store, kind, obj: None)
    monkeypatch.setattr(quotas, "_missing", lambda hard, pod: "")
    monkeypatch.setattr(quotas, "_of_pod", lambda pod: {})
    monkeypatch.setattr(quotas, "_concerns", lambda quota, kind, obj: True)


@pytest.mark.parametrize("chapter", RECORDED["chapters"])
def test_commands_of_the_real_client(chapter: str) -> None:
    cluster = Cluster(registry=Registry(IMAGES))
    cluster.furnish([_LETS_EVERYBODY])
    kubectl = Kubectl(cluster, wait=lambda condition, timeout: run_clock(cluster.clock, condition, timeout))
    for step in RECORDED["chapters"][chapter]:
        if isinstance(step, int | float):
            cluster.clock.run_until(cluster.clock.now + step)
            continue
        differences = compare(step, kubectl)
        assert not differences, "\n".join([f"$ kubectl {step['cmd']}", *differences])
