"""Which source of an Application is changed, and how it says the image."""

from __future__ import annotations

from typing import Any

import pytest

from tests.agents.image_updater.lab import CHART, KUSTOMIZED, URL, WEB, Updated, git, updater
from tests.agents.lab import application, config_map, deployment


def parameters(lab: Updated) -> Any:
    return lab.app()["spec"]["source"]["helm"]["parameters"]


def test_with_helm_the_parameters_for_name_and_tag_are_set_and_forced_to_be_texts() -> None:
    lab = Updated(CHART, tags=("1.5.0", "1.20")).deployed().add(updater())
    assert parameters(lab) == [
        {"name": "image.name", "value": "shop/web", "forceString": True},
        {"name": "image.tag", "value": "1.20", "forceString": True},
    ]
    lab.run("5s")
    assert lab.running() == "shop/web:1.20"
    lab.run("10m")
    assert len(lab.told("ImageWrittenBack")) == 1, "what was set stays set"


def test_parameters_that_others_have_set_stay_and_are_not_written_to_git() -> None:
    lab = Updated(CHART, tags=("1.5.0", "1.6.0"))
    app = application(automated={})
    app["spec"]["source"]["helm"] = {"parameters": [{"name": "port", "value": "81"}]}
    lab.add(app).run("30s")
    lab.add(updater())
    assert [entry["name"] for entry in parameters(lab)] == ["port", "image.name", "image.tag"]
    lab.push("1.7.0")
    lab.cluster.patch("imageupdater", "images", "argocd", {"spec": {"writeBackConfig": git()}}, type="merge")
    lab.run("1s")
    assert "port" not in lab.file()
    assert "1.7.0" in lab.file()


def test_one_parameter_may_hold_the_whole_image() -> None:
    chart = {**CHART, "manifests/values.yaml": "image: shop/web:1.5.0\n"}
    chart["manifests/templates/web.yaml"] = deployment(image='"{{ .Values.image }}"')
    target = {"manifestTargets": {"helm": {"spec": "image", "name": "ignored"}}}
    lab = Updated(chart, tags=("1.5.0", "1.6.0")).deployed().add(updater({**WEB, **target}))
    assert parameters(lab) == [{"name": "image", "value": "shop/web:1.6.0", "forceString": True}]
    lab.run("5s")
    assert lab.running() == "shop/web:1.6.0"


@pytest.mark.parametrize("method", ["argocd", "git"])
def test_of_several_sources_the_one_that_is_a_kustomization_gets_the_image(method: str) -> None:
    files = {**KUSTOMIZED, "settings/a.yaml": config_map()}
    lab = Updated(files, tags=("1.5.0", "1.6.0"))
    app = application(automated={})
    del app["spec"]["source"]
    app["spec"]["sources"] = [{"repoURL": URL, "path": path, "targetRevision": "main"} for path in ("settings", "manifests")]
    lab.add(app).run("30s")
    lab.add(updater(writeBackConfig={"method": method})).run("5m")
    assert lab.running() == "shop/web:1.6.0"
    first, second = lab.app()["spec"]["sources"]
    assert "kustomize" not in first
    assert ("kustomize" in second) == (method == "argocd")


def test_several_applications_of_a_repository_get_a_commit_each_and_the_status_counts_them_together() -> None:
    files = {
        f"{name}/{file}": text.replace("name: web", f"name: {name}")
        for name in ("web", "api")
        for file, text in (("kustomization.yaml", "resources: [web.yaml]\n"), ("web.yaml", KUSTOMIZED["manifests/web.yaml"]))
    }
    lab = Updated(files, tags=("1.5.0", "1.6.0"))
    lab.add(*(application(name, automated={}, path=name) for name in ("web", "api"))).run("30s")
    lab.add(updater(pattern="*", writeBackConfig=git()))
    subjects = [commit.subject for commit in lab.repo.log()[:2]]
    assert subjects == ["build: automatic update of web", "build: automatic update of api"]
    (update,) = lab.status()["recentUpdates"]
    assert update["applicationsUpdated"] == 2
    lab.run("5m")
    assert {lab.running("web"), lab.running("api")} == {"shop/web:1.6.0"}


def test_an_image_that_the_application_renames_keeps_its_name_in_the_manifests() -> None:
    web = KUSTOMIZED["manifests/web.yaml"].replace("shop/web:1.5.0", "web")
    lab = Updated({**KUSTOMIZED, "manifests/web.yaml": web}, tags=("1.5.0", "1.6.0"))
    app = application(automated={})
    app["spec"]["source"]["kustomize"] = {"images": ["web=shop/web:1.5.0"]}
    lab.add(app).run("30s")
    lab.add(updater({**WEB, "manifestTargets": {"kustomize": {"name": "web"}}}))
    assert lab.images() == ["web=shop/web:1.6.0"]
    lab.run("5s")
    assert lab.running() == "shop/web:1.6.0"


def test_an_app_of_apps_takes_back_what_git_names_and_leaves_what_git_is_silent_about() -> None:
    """A field that Git never states is no difference in the three-way comparison of custom resources."""
    for stated, expected in ((["shop/web:1.5.0"], "shop/web:1.5.0"), (None, "shop/web:1.6.0")):
        child = application(automated={})
        if stated:
            child["spec"]["source"]["kustomize"] = {"images": stated}
        files = {**KUSTOMIZED, "apps/web.yaml": str(child).replace("'", '"').replace("None", "null")}
        lab = Updated(files, tags=("1.5.0", "1.6.0"))
        lab.add(application("apps", automated={"selfHeal": True}, path="apps", namespace="argocd")).run("30s")
        lab.add(updater()).run("5m")
        assert lab.images() == [expected]
        assert lab.running() == expected
        assert (len(lab.told("ImageWrittenBack")) == 3) == bool(stated), "every two minutes anew, or once"
