"""Probes read numbers from a run, and say so when there is nothing to read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gitops_sim.course.quiz.probes import PROBES
from gitops_sim.course.quiz.runs import PlayedRun, read_run
from gitops_sim.scenarios.checks import read_call
from gitops_sim.scenarios.reading import read_yaml

RUN = """\
world:
  repos:
    shop:
      files:
        web/deployment.yaml: &web |
          apiVersion: apps/v1
          kind: Deployment
          metadata: {name: web}
          spec:
            replicas: 4
            selector: {matchLabels: {app: web}}
            template:
              metadata: {labels: {app: web}}
              spec: {containers: [{name: web, image: "shop/web:1"}]}
        web/config.yaml: |
          apiVersion: v1
          kind: ConfigMap
          metadata: {name: web-config}
  pipelines:
    deploy: {repo: shop, path: web}
actions:
- at: 5m
  do: commit
  repo: shop
  message: One more
  files: {web/more.yaml: "{apiVersion: v1, kind: ConfigMap, metadata: {name: more}}"}
ends: 10m
"""


@pytest.fixture(scope="module")
def played() -> PlayedRun:
    return read_run(read_yaml(RUN, "run.yaml"), Path()).play(0)


@pytest.mark.parametrize(
    ("probe", "value"),
    [
        ("{probe: number_at, object: Deployment/web, field: .spec.replicas}", 4),
        ("{probe: number_at, object: Deployment/web, field: .spec.paused}", 0),
        ("{probe: number_at, object: Deployment/gone, field: .spec.replicas}", None),
        ("{probe: number_at, object: Deployment/web, field: .status.readyReplicas, at: 0}", None),
        ("{probe: highest, object: Deployment/web, field: .status.readyReplicas}", 4),
        ("{probe: lowest, object: Deployment/web, field: .status.readyReplicas, since: 5m}", 4),
        ("{probe: lowest, object: Deployment/web, field: .status.readyReplicas}", 0),
        ("{probe: highest, object: Deployment/gone, field: .status.readyReplicas}", None),
        ("{probe: lowest, object: Deployment/web, field: .spec.replicas, since: {event: CommitReverted}}", None),
        ("{probe: count_events, event: CommitPushed}", 1),
        ("{probe: count_events, event: CommitPushed, until: 4m}", 0),
        ("{probe: count_events, event: CommitPushed, since: {event: CommitReverted}}", None),
        ("{probe: count_objects, kind: Pod}", 4),
        ("{probe: count_objects, kind: cm, namespace: default, name: 'web-*'}", 1),
        ("{probe: count_objects, kind: ConfigMap, namespace: elsewhere}", 0),
        ("{probe: count_existing, objects: [Deployment/web, ConfigMap/more, ConfigMap/none]}", 2),
        ("{probe: count_existing, objects: [Deployment/web, ConfigMap/more], at: 4m}", 1),
        ("{probe: commits, repo: shop}", 2),
    ],
)
def test_a_probe_reads_a_number(probe: str, value: float | None, played: PlayedRun) -> None:
    call = read_call(read_yaml(probe, "probe.yaml").entries(), "probe", PROBES)
    found: Any = call.measure(played.evidence)
    assert found.value == value
    assert found.text
