"""Deleting an Application: what goes with it and what stays."""

from __future__ import annotations

import pytest

from gitops_sim.errors import BadInput
from tests.agents.lab import Lab, application, config_map, deployment


@pytest.fixture
def shop(lab: Lab) -> Lab:
    keep = config_map("keep", annotation="argocd.argoproj.io/sync-options: Delete=false")
    lab.repo({"manifests/web.yaml": deployment(2), "manifests/a.yaml": config_map("a"), "manifests/k.yaml": keep})
    lab.add(application(automated={"selfHeal": True}))
    lab.run(30)
    return lab


def test_the_cli_deletes_everything_with_it(shop: Lab) -> None:
    assert shop.cli("app delete web -y").stdout == "application 'web' deleted\n"
    shop.run(60)
    assert shop.cluster.find("app", "web", "argocd") is None
    assert shop.cluster.find("deploy", "web") is None
    assert shop.cluster.list("pod", "default") == []
    assert shop.cluster.find("cm", "a") is None
    assert shop.cluster.find("cm", "keep") is not None
    assert shop.last("ResourcesDeleted").message == "deletes what web manages: Deployment/web, ConfigMap/a"
    with pytest.raises(BadInput, match="no Application 'web'"):
        shop.argocd.next_poll("web")
    records = len(shop.trace)
    shop.run(3600)
    assert len(shop.trace) == records


def test_without_cascade_everything_stays(shop: Lab) -> None:
    shop.cli("app delete web --cascade=false")
    shop.run(60)
    assert shop.cluster.find("app", "web", "argocd") is None
    assert shop.cluster.find("deploy", "web") is not None
    shop.scale(9)
    assert shop.replicas() == 9


def test_kubectl_delete_of_a_manifest_without_finalizer_does_not_cascade(shop: Lab) -> None:
    shop.cluster.delete("app", "web", "argocd")
    shop.run(60)
    assert shop.cluster.find("deploy", "web") is not None


def test_a_background_deletion(shop: Lab) -> None:
    shop.cli("app delete web --propagation-policy background")
    shop.run(60)
    assert shop.cluster.find("app", "web", "argocd") is None
    assert shop.cluster.list("pod", "default") == []


def test_nothing_can_be_asked_of_an_application_that_is_going(shop: Lab) -> None:
    shop.cluster.patch("app", "web", "argocd", {"metadata": {"finalizers": ["example.com/hold"]}}, type="merge")
    shop.cluster.delete("app", "web", "argocd")
    assert "application is deleting" in shop.cli("app sync web").stderr
    shop.run(60)
    assert shop.cluster.find("deploy", "web") is not None  # not our finalizer


def test_an_application_made_again_starts_anew(shop: Lab) -> None:
    shop.cli("app delete web")
    shop.run(60)
    shop.add(application(automated={}))
    shop.run(10)
    assert [h["id"] for h in shop.status()["history"]] == [0]
    assert shop.sync() == "Synced"
