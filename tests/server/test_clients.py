"""Other programs than kubectl against a served world: helm with its stock chart, the official Python client and lightkube."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import kubernetes
import lightkube
import pytest
from kubernetes.client.exceptions import ApiException
from kubernetes.dynamic import DynamicClient
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.apps_v1 import Deployment
from lightkube.resources.core_v1 import ConfigMap, Pod

from gitops_sim import World
from gitops_sim.server import Served
from tests.server.tools import HELM, KUBECTLS, Shell

IMAGES = {"busybox": {"complete": "2s"}, "nginx:bad": {"pull_error": "not found"}}
"""What the test Pod of the stock chart does, and a release that cannot work."""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with World(seed=7, images=IMAGES).serve(speed=50, kubeconfig=tmp_path / "kubeconfig") as served:
        yield served


# ---------------------------------------------------------------------- helm


class Helm:
    """helm and kubectl in one shell."""

    def __init__(self, served: Served, home: Path) -> None:
        self.shell = Shell(home, served.kubeconfig, {"helm": HELM, "kubectl": next(iter(KUBECTLS.values()))})

    def __call__(self, line: str) -> str:
        said = self.shell.run(line)
        assert said.exit == 0, f"{line}\n{said}"
        return said.stdout

    def fails(self, line: str) -> str:
        said = self.shell.run(line)
        assert said.exit == 1, f"{line}\n{said}"
        return said.stderr

    def history(self, release: str) -> list[tuple[str, str, str]]:
        """Revision, status and description."""
        lines = self(f"helm history {release}").splitlines()
        rows = [re.split(r"\s*\t", line.strip()) for line in lines if line[:1].isdigit()]
        return [(row[0], row[2], row[5]) for row in rows]


@pytest.fixture
def helm(served: Served, tmp_path: Path) -> Helm:
    if not HELM or not KUBECTLS:
        pytest.skip("no helm 4 here: python -m tests.server.fetch")
    helm = Helm(served, tmp_path / "home")
    helm("helm create shop")
    return helm


def test_the_life_of_a_release(helm: Helm) -> None:
    installed = helm("helm install web shop --wait --timeout 60s")
    assert "STATUS: deployed\nREVISION: 1\nDESCRIPTION: Install complete\n" in installed
    assert re.search(r"(?m)^web \tdefault  \t1       \t.*\tdeployed\tshop-0\.1\.0\t1\.16\.0", helm("helm list"))
    assert re.search(r"(?m)^web-shop   1/1     1            1           \d+s$", helm("helm status web"))
    assert helm("kubectl get deployment web-shop -o jsonpath='{.metadata.labels.app\\.kubernetes\\.io/managed-by}'") == "Helm"
    assert re.search(r"Phase: +Succeeded", helm("helm test web"))

    assert "REVISION: 2" in helm("helm upgrade web shop --set replicaCount=3 --wait --timeout 60s")
    assert helm("helm get values web") == "USER-SUPPLIED VALUES:\nreplicaCount: 3\n"
    assert helm("kubectl get deployment web-shop -o jsonpath={.status.readyReplicas}") == "3"
    assert helm("helm rollback web 1 --wait --timeout 60s") == "Rollback was a success! Happy Helming!\n"
    assert helm("kubectl get deployment web-shop -o jsonpath={.spec.replicas}") == "1"
    assert helm.history("web") == [
        ("1", "superseded", "Install complete"),
        ("2", "superseded", "Upgrade complete"),
        ("3", "deployed", "Rollback to 1"),
    ]
    secrets = helm("kubectl get secrets --no-headers").splitlines()
    assert [line.split()[:2] for line in secrets] == [[f"sh.helm.release.v1.web.v{n}", "helm.sh/release.v1"] for n in (1, 2, 3)]

    assert helm("helm uninstall web --wait --timeout 60s") == 'release "web" uninstalled\n'
    assert len(helm("helm list -A").splitlines()) == 1
    assert helm("kubectl get deployments,replicasets,secrets -o name") == ""


def test_releases_that_fail(helm: Helm) -> None:
    helm("helm upgrade --install web shop --wait --timeout 60s")
    assert "cannot reuse a name that is still in use" in helm.fails("helm install web shop")
    assert ".spec.replicas: expected numeric (int or float), got string" in helm.fails(
        "helm upgrade web shop --set replicaCount=x"
    )
    stuck = helm.fails("helm upgrade web shop --set image.tag=bad --wait --timeout 1s --rollback-on-failure")
    assert "release web failed, and has been rolled back due to rollback-on-failure being set" in stuck
    assert [(number, status) for number, status, _ in helm.history("web")] == [
        ("1", "superseded"),
        ("2", "failed"),
        ("3", "failed"),
        ("4", "deployed"),
    ]
    assert helm("kubectl get deployment web-shop -o jsonpath='{.spec.template.spec.containers[0].image}'") == "nginx:1.16.0"
    assert helm.fails("helm status none") == "Error: release: not found\n"


def test_the_older_way_to_apply_and_another_namespace(helm: Helm) -> None:
    helm("helm install web shop --server-side=false -n prod --create-namespace")
    helm("helm upgrade web shop --server-side=false -n prod --set autoscaling.enabled=true --set ingress.enabled=true")
    kinds = "deployments,services,serviceaccounts,ingresses,hpa"
    assert helm(f"kubectl get {kinds} -n prod -o name -l app.kubernetes.io/instance=web").split() == [
        "deployment.apps/web-shop",
        "service/web-shop",
        "serviceaccount/web-shop",
        "ingress.networking.k8s.io/web-shop",
        "horizontalpodautoscaler.autoscaling/web-shop",
    ]
    helm("helm upgrade web shop --server-side=false -n prod --reset-values")
    assert helm("kubectl get ingresses,hpa -n prod -o name") == ""


# ---------------------------------------------------------------------- Python


def deployment(replicas: int, image: str = "nginx:1.24") -> dict[str, Any]:
    labels = {"app": "web"}
    container = {"name": "nginx", "image": image}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    spec = {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": spec}


def test_the_official_client(served: Served) -> None:
    with kubernetes.config.new_client_from_config(str(served.kubeconfig)) as api:
        apps, core = kubernetes.client.AppsV1Api(api), kubernetes.client.CoreV1Api(api)
        created = apps.create_namespaced_deployment("default", deployment(2)).metadata
        seen = []
        watch = kubernetes.watch.Watch()
        for event in watch.stream(
            apps.list_namespaced_deployment, "default", resource_version=created.resource_version, timeout_seconds=20
        ):
            seen.append((event["type"], event["object"].status.ready_replicas))
            if event["object"].status.ready_replicas == 2:
                watch.stop()
        assert ({kind for kind, _ in seen}, seen[-1][1]) == ({"MODIFIED"}, 2)

        apps.patch_namespaced_deployment_scale("web", "default", {"spec": {"replicas": 3}})
        image = {"spec": {"template": {"spec": {"containers": [{"name": "nginx", "image": "nginx:1.25"}]}}}}
        patched = apps.patch_namespaced_deployment("web", "default", image)
        assert (patched.spec.replicas, patched.spec.template.spec.containers[0].image) == (3, "nginx:1.25")
        with pytest.raises(ApiException, match="already exists") as refused:
            apps.create_namespaced_deployment("default", deployment(2))
        assert (refused.value.status, refused.value.reason) == (409, "Conflict")
        pods = core.list_namespaced_pod("default", label_selector="app=web", limit=1)
        assert len(pods.items) == 1
        assert pods.metadata._continue
        core.create_namespaced_config_map("default", {"metadata": {"name": "conf"}, "data": {"a": "1"}})
        assert core.read_namespaced_config_map("conf", "default").data == {"a": "1"}
        core.delete_namespaced_config_map("conf", "default")
        with pytest.raises(ApiException, match="not found"):
            core.read_namespaced_config_map("conf", "default")

        dynamic = DynamicClient(api)
        kind = dynamic.resources.get(api_version="apps/v1", kind="Deployment")
        with pytest.raises(kubernetes.dynamic.exceptions.ConflictError, match=r"\.spec\.replicas"):
            kind.server_side_apply(deployment(5), "web", "default", field_manager="gitops")
        applied = kind.server_side_apply(deployment(5), "web", "default", field_manager="gitops", force_conflicts=True)
        owners = {field.manager: field.operation for field in applied.metadata.managedFields}
        assert (applied.spec.replicas, owners["gitops"]) == (5, "Apply")
        assert kubernetes.client.VersionApi(api).get_code().git_version.startswith("v1.")


def test_lightkube(served: Served) -> None:
    config = lightkube.KubeConfig.from_file(str(served.kubeconfig))
    with lightkube.Client(config, field_manager="me", namespace="default") as client:
        created = client.create(Deployment.from_dict(deployment(2)))
        assert created.metadata is not None
        assert created.metadata.uid
        with closing(client.watch(Deployment, fields={"metadata.name": "web"})) as watch:
            assert any(seen.status and seen.status.readyReplicas == 2 for _, seen in watch)
        assert {pod.status.phase for pod in client.list(Pod, labels={"app": "web"}) if pod.status} == {"Running"}
        scaled = client.patch(Deployment, "web", {"spec": {"replicas": 1}})
        assert scaled.spec is not None
        assert scaled.spec.replicas == 1

        conf = ConfigMap(apiVersion="v1", kind="ConfigMap", metadata=ObjectMeta(name="conf"), data={"a": "1", "b": "2"})
        assert client.apply(conf).data == {"a": "1", "b": "2"}
        conf.data = {"a": "1"}
        assert client.apply(conf).data == {"a": "1"}
        conf.data = {"a": "3"}
        with pytest.raises(lightkube.ApiError, match=r"conflict with \"me\": \.data\.a"):
            client.apply(conf, field_manager="other")
        assert client.apply(conf, field_manager="other", force=True).data == {"a": "3"}
        client.delete(ConfigMap, "conf")
        with pytest.raises(lightkube.ApiError) as missing:
            client.get(ConfigMap, "conf")
        assert missing.value.status.reason == "NotFound"
