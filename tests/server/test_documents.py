"""The real kubectl reads our OpenAPI documents: it explains, looks ahead and leaves checking to the server."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gitops_sim.cluster import Cluster
from gitops_sim.kubectl import Kubectl as BuiltIn
from tests.server.test_kubectl import DEPLOYMENT, Kubectl, kubectl, served

__all__ = ["kubectl", "served"]
RECORDED = json.loads((Path(__file__).parent.parent / "goldens" / "kubectl-explain.json").read_text(encoding="utf-8"))
EXPLAINED = (
    "pods --recursive",
    "deployment.spec.strategy --recursive",
    "hpa.spec --api-version=autoscaling/v1",
    "widgets.spec --recursive",
    "widgets.spec.size",
    "customresourcedefinitions.spec.versions.schema.openAPIV3Schema",
    "networkpolicy.spec.ingress",
    "application",
    "application.spec.syncPolicy.automated",
    "applications --recursive",
)


def test_explain_is_that_of_the_built_in_one(kubectl: Kubectl, tmp_path: Path) -> None:
    (tmp_path / "widget.json").write_text(json.dumps(RECORDED["definition"]), encoding="utf-8")
    kubectl("create -f widget.json")
    cluster = Cluster(controllers=False)
    cluster.create(RECORDED["definition"])
    own = BuiltIn(cluster)
    for command in EXPLAINED:
        assert kubectl(f"explain {command}") == own.run(f"explain {command}").stdout, command


def test_explain_of_the_old_form_reads_protobuf(kubectl: Kubectl) -> None:
    shown = kubectl("explain deployment.spec.replicas --output=plaintext-openapiv2")
    assert shown.startswith("KIND:     Deployment\nVERSION:  apps/v1\n\nFIELD:    replicas <integer>\n")


@pytest.mark.parametrize("way", ["client", "server"])
def test_looking_ahead_creates_nothing(kubectl: Kubectl, way: str) -> None:
    assert kubectl(f"create deployment web --image=nginx:1 --dry-run={way} -o name") == "deployment.apps/web\n"
    assert "NotFound" in kubectl("get deployment web", fails=True)


def test_unknown_fields_are_refused_or_warned_of_by_the_server(kubectl: Kubectl, tmp_path: Path) -> None:
    text = DEPLOYMENT.replace("REPLICAS", "1").replace("image:", "imag: x, image:")
    (tmp_path / "web.yaml").write_text(text, encoding="utf-8")
    unknown = 'unknown field "spec.template.spec.containers[0].imag"'
    assert f"strict decoding error: {unknown}" in kubectl("apply -f web.yaml", fails=True)
    assert kubectl("apply --validate=warn -f web.yaml") == "deployment.apps/api created\n"


def test_kinds_are_written_and_read_in_each_of_their_versions(kubectl: Kubectl, tmp_path: Path) -> None:
    scaler = {
        "apiVersion": "autoscaling/v1",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "web"},
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
            "maxReplicas": 5,
            "targetCPUUtilizationPercentage": 70,
        },
    }
    (tmp_path / "hpa.json").write_text(json.dumps(scaler), encoding="utf-8")
    assert kubectl("apply -f hpa.json").endswith("/web created\n")
    assert kubectl("apply -f hpa.json").endswith("/web unchanged\n")
    assert (
        kubectl("get hpa web -o jsonpath={.apiVersion}:{.spec.metrics[0].resource.target.averageUtilization}")
        == "autoscaling/v2:70"
    )
    old = "get horizontalpodautoscalers.v1.autoscaling web -o jsonpath={.apiVersion}:{.spec.targetCPUUtilizationPercentage}"
    assert kubectl(old) == "autoscaling/v1:70"
    assert kubectl("get horizontalpodautoscalers.v1.autoscaling web").splitlines()[0].split()[:2] == ["NAME", "REFERENCE"]
