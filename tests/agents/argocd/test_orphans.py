"""Objects that no Application has, and objects that two of them want."""

from __future__ import annotations

from typing import Any

from gitops_sim.yaml_in import load_document
from tests.agents.argocd.test_projects import project
from tests.agents.lab import Lab, application, config_map, deployment


def watched(lab: Lab, **orphans: Any) -> None:
    lab.repo({"manifests/a.yaml": config_map(), "other/b.yaml": config_map("b")})
    lab.cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})
    lab.cluster.create(project(orphanedResources=orphans))
    lab.add(application(project="team-a", namespace="shop", automated={}))


def create(lab: Lab, text: str) -> None:
    lab.cluster.as_user("ben").create(load_document(text, where="test"), namespace="shop")
    lab.run(20)


def test_what_belongs_to_nobody_is_warned_of_with_all_that_it_owns(lab: Lab) -> None:
    watched(lab)
    assert lab.conditions() == {}
    create(lab, config_map("left"))
    assert lab.conditions() == {"OrphanedResourceWarning": "Application has 1 orphaned resources"}
    create(lab, deployment(2))
    assert lab.conditions() == {"OrphanedResourceWarning": "Application has 5 orphaned resources"}  # ReplicaSet, two Pods
    assert (lab.sync(), lab.health()) == ("Synced", "Healthy")
    lab.cluster.delete("cm", "left", "shop")
    lab.cluster.delete("deploy", "web", "shop")
    lab.run(120)
    assert lab.conditions() == {}


def test_argocd_app_resources_names_the_orphans(lab: Lab) -> None:
    watched(lab)
    create(lab, config_map("left"))
    head = "GROUP  KIND       NAMESPACE  NAME      ORPHANED\n"
    own, left = "       ConfigMap  shop       settings  No\n", "       ConfigMap  shop       left      Yes\n"
    assert lab.cli("app resources web").stdout == head + own + left
    assert lab.cli("app resources web --orphaned=false").stdout == head + own
    assert lab.cli("app resources web --orphaned").stdout == (head + left).replace("NAME      ", "NAME  ").replace(
        "left      ", "left  "
    )


def test_what_another_application_has_is_no_orphan_until_that_one_is_gone(lab: Lab) -> None:
    watched(lab)
    lab.add(application("other", path="other", namespace="shop", automated={}))
    lab.run(10)
    assert lab.cluster.find("cm", "b", "shop") is not None
    assert lab.conditions() == {}
    lab.cli("app delete other --cascade=false --yes")
    lab.cli("app get web --refresh")
    assert lab.conditions() == {"OrphanedResourceWarning": "Application has 1 orphaned resources"}


def test_orphans_can_be_ignored_and_the_warning_switched_off(lab: Lab) -> None:
    watched(lab, ignore=[{"kind": "ConfigMap", "name": "left*"}])
    create(lab, config_map("left-1"))
    assert lab.conditions() == {}
    create(lab, config_map("right"))
    assert lab.conditions() == {"OrphanedResourceWarning": "Application has 1 orphaned resources"}
    lab.cluster.patch("appproj", "team-a", "argocd", {"spec": {"orphanedResources": {"warn": False}}}, type="merge")
    lab.run(1)
    assert lab.conditions() == {}
    lab.cluster.patch("appproj", "team-a", "argocd", {"spec": {"orphanedResources": None}}, type="merge")
    lab.run(1)
    create(lab, config_map("more"))
    assert lab.conditions() == {}


def test_two_applications_that_want_one_object(lab: Lab) -> None:
    """Who syncs last has it; the other one says that it is shared, and takes it back when it is synced."""
    lab.repo({"manifests/a.yaml": config_map(value="a"), "other/a.yaml": config_map(value="b")})
    lab.add(application("first", automated={}))
    lab.add(application("second", path="other"))
    text = "ConfigMap/settings is part of applications argocd/second and first"
    assert lab.conditions("second") == {"SharedResourceWarning": text}
    assert lab.conditions("first") == {}
    lab.cli("app sync second")
    assert lab.conditions("second") == {}
    assert lab.conditions("first")["SharedResourceWarning"].endswith("argocd/first and second")
    assert lab.cluster.get("cm", "settings")["data"]["key"] == "b"
    assert lab.sync("first") == "OutOfSync"


def test_two_that_heal_one_object_fight_over_it_ever_more_slowly(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map(value="a"), "other/a.yaml": config_map(value="b")})
    lab.add(application("first", automated={"selfHeal": True}))
    lab.add(application("second", path="other", automated={"selfHeal": True}))
    lab.run(3600)
    healed = [r.time for r in lab.find("SelfHealed")]
    assert 10 < len(healed) < 60
    assert healed[-1] - healed[-3] > 100  # both at the same time, again and again
