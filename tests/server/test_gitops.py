"""GitOps with real tools: the real git pushes to a served world, its agent syncs, the real kubectl looks and interferes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.server.tools import KUBECTLS, Shell, Terminal, serving

_ME = "git -c user.name=me -c user.email=me@example.com"
_REFRESH = "kubectl annotate application web -n argocd --overwrite argocd.argoproj.io/refresh=normal"
_STANDS = (
    "kubectl get application web -n argocd -o jsonpath='{.status.sync.status} {.status.health.status} {.status.sync.revision}'"
)
_SCALED = "kubectl get events --field-selector=reason=ScalingReplicaSet -o jsonpath='{range .items[*]}{.message}{\"\\n\"}{end}'"


def _until(replicas: int) -> str:
    return f"kubectl wait deployment/web --for=jsonpath='{{.status.readyReplicas}}'={replicas} --timeout=60s"


@pytest.mark.parametrize("version", KUBECTLS)
def test_push_sync_drift_and_rollback(version: str, tmp_path: Path) -> None:
    shell = Shell(tmp_path / "home", Path("/nowhere"), {"kubectl": KUBECTLS[version]})
    with serving(tmp_path, "--scenario", "drift", "--speed", "30") as (ready, export), Terminal(shell) as terminal:

        def ok(line: str) -> str:
            said = terminal(line)
            assert said.exit == 0, f"{line}\n{said}"
            return said.stdout

        ok(export)
        ok(f"git clone -q {ready['git']}/shop.git && cd shop")
        assert ok("git log --format=%s") == "Deploy web 1.4.0\n"

        ok(f"sed -i.bak 's/replicas: 3/replicas: 5/' web/deployment.yaml && {_ME} commit -qam 'Scale to 5' && git push -q")
        assert ok(_REFRESH) == "application.argoproj.io/web annotated\n"
        assert ok(_until(5)) == "deployment.apps/web condition met\n"
        pushed = ok("git rev-parse HEAD").strip()

        assert ok("kubectl scale deployment web --replicas=9") == "deployment.apps/web scaled\n"
        assert ok("kubectl wait deployment/web --for=jsonpath='{.spec.replicas}'=5 --timeout=60s").endswith("condition met\n")
        assert [line.rpartition(" from ")[2] for line in ok(_SCALED).splitlines()][-2:] == ["5 to 9", "9 to 5"]
        assert ok(_STANDS) == f"Synced Healthy {pushed}"

        ok(f"{_ME} revert --no-edit HEAD && git push -q")
        ok(_REFRESH)
        assert ok(_until(3)).endswith("condition met\n")
        assert ok(_STANDS).startswith("Synced ")
        assert ok(_STANDS).split()[-1] == ok("git rev-parse HEAD").strip() != pushed
