"""Agents are service accounts: what they lack, they cannot do, and the story tells it."""

from __future__ import annotations

from gitops_sim.agents.argocd.accounts import CONTROLLER_USER
from gitops_sim.cluster.access.reach import may, reach
from gitops_sim.world import World

_FILE = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: conf}\ndata: {a: "1"}\n'
_APP = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "Application",
    "metadata": {"name": "web", "namespace": "argocd"},
    "spec": {
        "project": "default",
        "source": {"repoURL": "https://git.example/shop.git", "path": "manifests", "targetRevision": "main"},
        "destination": {"server": "https://kubernetes.default.svc", "namespace": "default"},
        "syncPolicy": {"automated": {"selfHeal": True}},
    },
}


def _world() -> World:
    world = World()
    world.git.create("shop", {"manifests/conf.yaml": _FILE}, author="ana", message="First")
    return world


def _story(world: World) -> list[str]:
    return [f"{record.actor} {record.message}" for record in world.trace.find() if record.story]


def test_argocd_holds_a_key_to_everything_and_shows_it() -> None:
    world = _world()
    world.argocd_in()
    found = reach(world.cluster(), CONTROLLER_USER)
    assert len({right.resource for right in found.writes}) == found.kinds
    assert "yes" in world.kubectl(f"auth can-i '*' '*' --as={CONTROLLER_USER}").stdout
    assert "argocd-application-controller" in world.kubectl("get sa -n argocd").stdout


def test_a_sync_fails_for_what_argocd_may_not_write() -> None:
    world = _world()
    world.argocd_in()
    rules = [
        {"apiGroups": ["*"], "resources": ["*"], "verbs": ["get", "list", "watch"]},
        {"apiGroups": ["argoproj.io"], "resources": ["*"], "verbs": ["*"]},
    ]
    world.cluster().patch("clusterrole", "argocd-application-controller", "", {"rules": rules})
    world.cluster().create(_APP)
    world.run("10m")
    refusal = f'configmaps is forbidden: User "{CONTROLLER_USER}" cannot create resource "configmaps" in API group ""'
    assert any(line.startswith("argocd fails to sync") and refusal in line for line in _story(world))
    assert refusal in world.kubectl("get app web -n argocd -o jsonpath={.status.operationState.message}").stdout
    assert world.cluster().find("cm", "conf") is None


def test_an_argocd_without_any_right_is_told_of_and_does_no_harm() -> None:
    world = _world()
    world.argocd_in()
    world.cluster().create(_APP)
    world.run("5m")
    world.kubectl("delete clusterrolebinding argocd-application-controller argocd-server")
    world.kubectl("delete rolebinding argocd-server -n argocd")
    world.git.repository("shop").commit({"manifests/conf.yaml": _FILE.replace("1", "2")}, "Two", author="ana")
    world.run("30m")
    assert world.cluster().get("cm", "conf")["data"] == {"a": "1"}
    told = [line for line in _story(world) if line.startswith("argocd may not work on web: applications.argoproj.io")]
    assert len(told) == 1
    output = world.argocd("app sync web")
    assert output.exit != 0
    assert "code = PermissionDenied" in output.stderr


def test_a_pipeline_has_the_role_that_it_was_given() -> None:
    world = _world()
    pipeline = world.add_pipeline(repo="shop", role="view")
    pipeline.run()
    world.run("2m")
    refusal = 'Error from server (Forbidden): configmaps is forbidden: User "system:serviceaccount:ci:deployer" cannot create'
    assert any(line.startswith(refusal) for line in pipeline.jobs[0].log)
    assert any("pipeline fails in job 1" in line and "cannot create" in line for line in _story(world))
    assert not may(world.cluster(), pipeline.user, "get", "pods", "kube-system")
    assert may(world.cluster(), pipeline.user, "get", "pods/log", "default")


def test_a_pipeline_has_the_keys_to_the_whole_cluster_unless_somebody_saw_to_it() -> None:
    world = _world()
    pipeline = world.add_pipeline(repo="shop")
    found = reach(world.cluster(), pipeline.user)
    assert found.places(changes=True) == ["ci", "default", "kube-node-lease", "kube-public", "kube-system"]
    narrow = _world()
    limited = narrow.add_pipeline(repo="shop", role="edit")
    assert reach(narrow.cluster(), limited.user).places(changes=True) == ["default"]
