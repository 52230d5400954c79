"""argocd-cm: whether Applications have a health, and differences that never count."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_sim.agents.argocd.customizations import read_customizations
from gitops_sim.yaml_out import dump_yaml
from tests.agents.lab import Lab, application, config_map, deployment

LUA = 'hs = {}\nhs.status = "Progressing"\nif obj.status ~= nil then hs.status = obj.status.health.status end\nreturn hs\n'
HEALTH = {"resource.customizations.health.argoproj.io_Application": LUA}


def settings(lab: Lab, data: dict[str, str]) -> None:
    found = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "argocd-cm", "namespace": "argocd"}, "data": data}
    lab.cluster.create(found)
    lab.clock.settle()


def family(lab: Lab, wave: str = "") -> None:
    """A parent with a child that is slow, and with something after it."""
    lab.registry.push("nginx:1.24", {"pull": "30s"})
    child = application("child", automated={}, path="child")
    child["metadata"]["annotations"] = {"argocd.argoproj.io/sync-wave": "0"}
    late = config_map("late", annotation='argocd.argoproj.io/sync-wave: "1"')
    lab.repo({"apps/child.yaml": dump_yaml(child), "apps/late.yaml": late, "child/web.yaml": deployment(1)})
    lab.add(application("parent", automated={}, path="apps"))


def test_applications_have_no_health_by_default(lab: Lab) -> None:
    family(lab)
    lab.run(10)
    assert (lab.health("child"), lab.health("parent")) == ("Progressing", "Healthy")
    assert lab.cluster.find("cm", "late") is not None  # the wave did not wait
    assert lab.status("parent")["operationState"]["phase"] == "Succeeded"


def test_with_the_check_of_the_documentation_waves_wait_for_applications(lab: Lab) -> None:
    settings(lab, HEALTH)
    family(lab)
    lab.run(10)
    assert (lab.health("child"), lab.health("parent")) == ("Progressing", "Progressing")
    assert lab.cluster.find("cm", "late") is None
    assert lab.status("parent")["operationState"]["message"] == "waiting for healthy state of argoproj.io/Application/child"
    lab.run(60)
    assert (lab.health("child"), lab.health("parent")) == ("Healthy", "Healthy")
    assert lab.cluster.find("cm", "late") is not None


def test_a_check_that_comes_later_counts_at_once(lab: Lab) -> None:
    family(lab)
    lab.run(10)
    settings(lab, HEALTH)
    assert lab.health("parent") == "Progressing"
    lab.cluster.delete("cm", "argocd-cm", "argocd")
    lab.clock.settle()
    assert lab.health("parent") == "Healthy"


def test_an_unknown_child_does_not_make_its_parent_unknown(lab: Lab) -> None:
    settings(lab, HEALTH)
    child = application("child", automated={}, project="nobodys")
    lab.repo({"apps/child.yaml": dump_yaml(child), "apps/a.yaml": config_map()})
    lab.add(application("parent", automated={}, path="apps"))
    lab.run(10)
    assert (lab.health("child"), lab.health("parent")) == ("Unknown", "Healthy")


RULE = "jsonPointers: [/spec/replicas]\n"


@pytest.mark.parametrize(
    "data",
    [
        {"resource.customizations.ignoreDifferences.apps_Deployment": RULE},
        {"resource.customizations.ignoreDifferences.all": "jqPathExpressions: ['.spec.replicas']\n"},
        {"resource.customizations": "apps/Deployment:\n  ignoreDifferences: |\n    jsonPointers: [/spec/replicas]\n"},
    ],
)
def test_differences_may_be_ignored_for_all_applications(lab: Lab, data: dict[str, Any]) -> None:
    settings(lab, data)
    lab.repo({"manifests/web.yaml": deployment(2)})
    lab.add(application(automated={"selfHeal": True}))
    lab.scale(7)
    lab.run(60)
    assert (lab.sync(), lab.replicas()) == ("Synced", 7)


def test_what_is_not_honoured_is_told(lab: Lab) -> None:
    found = read_customizations(
        {
            "data": {
                "resource.customizations.health.cert-manager.io_Certificate": LUA,
                "resource.customizations.ignoreDifferences.apps_Deployment": "jqPathExpressions: ['.spec | keys']\n",
                "resource.customizations": "- a\n",
            }
        }
    )
    told = " ".join(found.problems)
    assert "the health check of cert-manager.io/Certificate is Lua: it is not run here" in told
    assert "cannot follow the jq expression '.spec | keys'" in told
    assert "resource.customizations: must be a mapping" in told
    settings(lab, {"resource.customizations.health.apps_Deployment": LUA})
    assert lab.last("SettingIgnored").message == "the health check of apps/Deployment is Lua: it is not run here"
