"""The annotations of before 1.0: read where a rule says so, and nowhere else."""

from __future__ import annotations

from typing import Any

import pytest

from tests.agents.image_updater.lab import Updated, updater
from tests.agents.lab import application

PREFIX = "argocd-image-updater.argoproj.io"


def annotated(**annotations: str) -> Updated:
    """A world in which the Application web has annotations; ``web__x`` stands for ``web.x``."""
    lab = Updated(tags=("1.5.0", "1.5.1", "1.6.0", "2.0.0"))
    app: dict[str, Any] = application(automated={})
    names = {name.replace("__", ".").replace("_", "-"): value for name, value in annotations.items()}
    app["metadata"]["annotations"] = {f"{PREFIX}/{name}": value for name, value in names.items()}
    lab.add(app)
    return lab.run("30s")


def by_annotations() -> dict[str, Any]:
    made = updater(ref={"useAnnotations": True})
    del made["spec"]["applicationRefs"][0]["images"]
    return made


def test_annotations_alone_do_nothing_since_an_image_updater_has_to_say_that_they_count() -> None:
    lab = annotated(image_list="shop/web:1.x").run("30m")
    assert lab.images() is None
    lab.add(updater({"alias": "web", "imageName": "shop/web:~1.5"}))
    assert lab.images() == ["shop/web:1.5.1"], "what the ImageUpdater says counts, not what the annotation says"


def test_with_use_annotations_the_application_says_everything() -> None:
    lab = annotated(
        image_list="web=shop/web, shop/none:1",
        web__ignore_tags="2.*, 1.6.0",
        write_back_method="git",
        write_back_target="kustomization",
        git_branch="main",
    ).add(by_annotations())
    assert lab.file("manifests/kustomization.yaml").endswith("images:\n- name: shop/web\n  newTag: 1.5.1\n")


def test_with_use_annotations_the_settings_of_the_image_updater_do_not_count() -> None:
    made = by_annotations()
    made["spec"] |= {"commonUpdateSettings": {"ignoreTags": ["*"]}, "writeBackConfig": {"method": "git"}}
    lab = annotated(image_list="web=shop/web:1.x").add(made)
    assert lab.images() == ["shop/web:1.6.0"]


@pytest.mark.parametrize(
    ("annotations", "words"),
    [
        ({}, "image-list annotation not found on app argocd/web"),
        ({"image_list": " "}, "image-list annotation is empty on app argocd/web"),
        ({"image_list": "web="}, "empty image name in"),
        ({"image_list": "web=shop/web", "web__force_update": "perhaps"}, 'strconv.ParseBool: parsing "perhaps": invalid syntax'),
        (
            {"image_list": "web=shop/web", "web__helm__image_tag": "a", "web__kustomize__image_name": "b"},
            'both helm and kustomize manifest targets configured for alias "web"',
        ),
    ],
)
def test_annotations_that_make_no_sense_are_reported_and_the_application_is_left_alone(
    annotations: dict[str, str], words: str
) -> None:
    lab = annotated(**annotations).add(by_annotations())
    (skipped,) = lab.told("ApplicationSkipped")
    assert skipped.reason.startswith("Could not create image list, skipping: ")
    assert words in skipped.reason
    assert lab.images() is None
