"""What the API server refuses of an ImageUpdater, in the words of the real definition."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_sim.errors import ApiError
from tests.agents.image_updater.lab import WEB, Updated, git, updater

NOTHING = {"namePattern": "web"}
COSIGN = {"cosignKey": {"secretName": "keys", "key": "cosign.pub"}}


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (updater(applicationRefs=[]), "spec.applicationRefs in body should have at least 1 items"),
        (
            updater(applicationRefs=[NOTHING]),
            "Either useAnnotations must be true, or images must be provided with at least one item",
        ),
        (updater(applicationRefs=[{**NOTHING, "images": [WEB]}] * 2), "Duplicate value"),
        (updater({**WEB, "alias": "-web"}), "spec.applicationRefs[0].images[0].alias"),
        (
            updater({**WEB, "manifestTargets": {}}),
            "Exactly one of helm, kustomize, or plugin must be specified within manifestTargets",
        ),
        (updater(writeBackConfig={"method": "svn"}), "spec.writeBackConfig.method"),
        (updater(writeBackConfig=git(pullRequest={})), "Exactly one of github or gitlab must be set"),
        (updater(imagesVerification={}), "at least one verification method (cosignKey) is required when verification is enabled"),
    ],
)
def test_an_image_updater_that_makes_no_sense_is_refused(made: dict[str, Any], words: str) -> None:
    with pytest.raises(ApiError) as refused:
        Updated().add(made)
    assert words in refused.value.message


def test_annotations_need_no_images_and_signatures_may_be_waived() -> None:
    Updated().add(updater(applicationRefs=[{**NOTHING, "useAnnotations": True}], imagesVerification={"enabled": False}))


def test_an_image_without_a_signature_is_not_written_where_signatures_are_asked_for() -> None:
    lab = Updated(tags=("1.5.0", "1.6.0")).deployed().add(updater(imagesVerification=COSIGN))
    assert lab.images() is None
    (failed,) = lab.told("ImageUpdateFailed")
    assert failed.data["error"].startswith("Unable to verify image shop/web:1.6.0 with public key: ")
