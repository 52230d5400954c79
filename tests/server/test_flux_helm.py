"""The real helm on releases that Flux made, and Flux on what the real helm did to them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gitops_sim import World
from gitops_sim.server import Served
from tests.agents.flux.helmlab import IMAGES, chart
from tests.server.tools import HELM, KUBECTLS, Shell

SOURCE = {
    "apiVersion": "source.toolkit.fluxcd.io/v1",
    "kind": "GitRepository",
    "metadata": {"name": "shop", "namespace": "default"},
    "spec": {"interval": "1m", "url": "https://git.example/shop.git", "ref": {"branch": "main"}},
}
RELEASE = {
    "apiVersion": "helm.toolkit.fluxcd.io/v2",
    "kind": "HelmRelease",
    "metadata": {"name": "web", "namespace": "default"},
    "spec": {
        "interval": "1h",
        "chart": {"spec": {"chart": "charts/web", "sourceRef": {"kind": "GitRepository", "name": "shop"}}},
        "values": {"replicas": 2},
    },
}


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    world = World(seed=7, images=IMAGES)
    files = {f"charts/web/{name}": text for name, text in chart(templates__NOTES="").items()}
    files["charts/web/templates/NOTES.txt"] = "Look at {{ .Release.Name }}\n"
    world.git.create("shop", files, author="ana")
    world.flux_in()
    for obj in (SOURCE, RELEASE):
        world.cluster().create(obj)
    world.run("30s")
    with world.serve(speed=50, kubeconfig=tmp_path / "kubeconfig") as served:
        yield served


def test_helm_reads_what_flux_wrote_and_flux_takes_back_what_helm_changed(served: Served, tmp_path: Path) -> None:
    if not HELM or not KUBECTLS:
        pytest.skip("no helm 4 here: python -m tests.server.fetch")
    shell = Shell(tmp_path / "home", served.kubeconfig, {"helm": HELM, "kubectl": next(iter(KUBECTLS.values()))})

    def run(line: str) -> str:
        said = shell.run(line)
        assert said.exit == 0, f"{line}\n{said}"
        return said.stdout

    def taken_back(line: str, replicas: int) -> None:
        """Does something while Flux looks away, and lets it look again."""
        run("""kubectl patch hr web --type=merge -p '{"spec": {"suspend": true}}'""")
        run(line)
        assert run("kubectl get deploy web -o jsonpath={.spec.replicas}") == str(replicas)
        run("""kubectl patch hr web --type=merge -p '{"spec": {"suspend": false}}'""")
        run("kubectl wait deploy/web --for=jsonpath='{.spec.replicas}'=2 --timeout=60s")
        run("kubectl wait hr/web --for=condition=Ready --timeout=60s")

    listed = run("helm list -A").splitlines()
    assert re.match(r"web \tdefault  \t1       \t2026-01-05 09:00:\S+ \+0000 UTC\tdeployed\tweb-1\.0\.0\t1\.4", listed[1])
    history = json.loads(run("helm history web -o json"))
    assert [(h["revision"], h["status"], h["chart"], h["description"]) for h in history] == [
        (1, "deployed", "web-1.0.0", "Install complete")
    ]
    status = run("helm status web")
    assert "STATUS: deployed\nREVISION: 1" in status
    assert "NOTES:\nLook at web" in status
    assert run("helm get values web") == "USER-SUPPLIED VALUES:\nreplicas: 2\n"
    manifest = run("helm get manifest web")
    assert manifest.startswith("---\n# Source: web/templates/web.yaml\napiVersion: apps/v1\n")
    assert "helm.toolkit.fluxcd.io/name: web" in manifest
    assert run("helm get values web --all") == "COMPUTED VALUES:\nimage: nginx:1\nreplicas: 2\n"

    for name, text in chart().items():
        path = shell.work / "web" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    taken_back("helm upgrade --install web ./web --set replicas=7 --force-conflicts --wait --timeout 60s", 7)
    rows = json.loads(run("helm history web -o json"))
    assert [(h["revision"], h["status"], h["description"]) for h in rows] == [
        (1, "superseded", "Install complete"),
        (2, "superseded", "Upgrade complete"),
        (3, "deployed", "Upgrade complete"),
    ]
    taken_back("helm rollback web 2 --force-conflicts --wait --timeout 60s", 7)
    assert run("helm get values web --revision 5") == "USER-SUPPLIED VALUES:\nreplicas: 2\n"

    api: dict[str, Any] = {**RELEASE, "metadata": {"name": "api", "namespace": "default"}}
    manifest_of_api = shell.work / "api.yaml"
    run("kubectl create deployment api --image=nginx:1")
    manifest_of_api.write_text(json.dumps({**api, "spec": {**api["spec"], "install": {"disableTakeOwnership": True}}}))
    run("kubectl apply -f api.yaml")
    run("kubectl wait hr/api --for=condition=Released=False --timeout=60s")
    refused = shell.run("helm install api ./web").stderr.partition("INSTALLATION FAILED: ")[2].strip()
    assert "invalid ownership metadata" in refused
    assert run("kubectl get hr api -o jsonpath='{.status.conditions[?(@.type==\"Released\")].message}'").endswith(refused)
    run("kubectl delete hr/api deploy/api --timeout=60s")

    run("helm install api ./web --set replicas=1 --wait --timeout 60s")
    manifest_of_api.write_text(json.dumps(api))
    run("kubectl apply -f api.yaml")
    run("kubectl wait hr/api --for=condition=Ready --timeout=60s")
    rows = json.loads(run("helm history api -o json"))
    assert [(h["revision"], h["status"]) for h in rows] == [(1, "superseded"), (2, "deployed")]
    run("kubectl delete hr api --timeout=60s")
    assert [release["name"] for release in json.loads(run("helm list -o json"))] == ["web"]
