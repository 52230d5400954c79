"""The hands-on exercise of the notebook on a cluster behind a real connection: ``Desk(World(cluster="kind-dev"))``."""

from __future__ import annotations

from pathlib import Path

from gitops_sim import World
from gitops_sim.notebook.desk import Desk
from tests.kind.served import stand
from tests.test_live_agent import DEPLOYMENT


def test_the_eleven_steps(tmp_path: Path) -> None:
    with stand(tmp_path) as there:
        desk = Desk(World(cluster=there.settings))
        try:
            desk("mkdir -p ~/gitops-demo/manifests")
            desk.write("manifests/deployment.yaml", DEPLOYMENT)
            assert str(desk("kubectl apply -f manifests/")) == "deployment.apps/web created"
            assert "successfully rolled out" in str(desk("kubectl rollout status deployment web --timeout=30s"))
            assert str(desk("kubectl get deployment web")).splitlines()[1].split()[:2] == ["web", "2/2"]
            desk("kubectl scale deployment web --replicas=5")
            assert desk("kubectl diff -f manifests/").exit == 1
            assert str(desk("kubectl apply -f manifests/")) == "deployment.apps/web configured"
            desk("sed -i 's/web:1/web:2/' manifests/deployment.yaml")
            desk("kubectl apply -f manifests/")
            image = desk("kubectl get deployment web -o jsonpath='{.spec.template.spec.containers[0].image}'")
            assert str(image) == "shop/web:2"
            deleted = str(desk("kubectl delete -f manifests/"))
            assert deleted == 'deployment.apps "web" deleted from gitops-sim namespace'
            assert "NotFound" in desk("kubectl get deployment web").stderr
        finally:
            desk.world.close()
