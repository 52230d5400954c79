"""Which images are updated, to which tag, and what is said of it."""

from __future__ import annotations

import pytest

from tests.agents.image_updater.lab import WEB, Updated, git, updater
from tests.agents.lab import application


def test_by_default_a_new_image_is_set_in_the_live_application_within_two_minutes_and_git_holds_nothing_of_it() -> None:
    lab = Updated().deployed().add(updater())
    commits = len(lab.repo.log())
    lab.push("1.5.1")
    lab.run("1m59s")
    assert lab.images() is None
    lab.run("2m")
    assert lab.images() == ["shop/web:1.5.1"]
    assert lab.running() == "shop/web:1.5.1"
    assert len(lab.repo.log()) == commits


def test_the_status_tells_what_was_checked_matched_and_updated() -> None:
    lab = Updated().deployed().add(updater())
    assert lab.condition() == ("True", "ReconcileSucceeded", "Reconciled 1 applications, 0 images updated.")
    assert "lastUpdatedAt" not in lab.status()
    lab.push("1.5.1")
    lab.run("2m")
    status = lab.status()
    assert (status["applicationsMatched"], status["imagesManaged"]) == (1, 1)
    assert status["lastUpdatedAt"] == status["lastCheckedAt"] == lab.world.clock.timestamp()
    (update,) = status["recentUpdates"]
    assert update["message"] == "Updated from 1.5.0 to 1.5.1."
    assert (update["alias"], update["image"], update["newVersion"], update["applicationsUpdated"]) == (
        "web",
        "shop/web",
        "1.5.1",
        1,
    )
    table = lab.world.kubectl("get imageupdaters -n argocd").stdout.splitlines()
    assert table[0].split() == ["NAME", "APPS", "IMAGES", "LAST", "CHECKED", "READY"]
    assert table[1].split() == ["images", "1", "1", "0s", "True"]


def test_an_event_on_the_application_says_what_was_updated() -> None:
    lab = Updated().deployed().add(updater())
    lab.push("1.5.1")
    lab.run("2m")
    (event,) = [e for e in lab.cluster.list("events", "argocd") if e["reason"] == "ImagesUpdated"]
    assert event["message"] == "Successfully updated application 'web'"
    assert event["source"] == {"component": "ArgocdImageUpdater"}
    assert event["metadata"]["annotations"] == {
        "argocd-image-updater.image-0/full-image-name": "shop/web",
        "argocd-image-updater.image-0/image-name": "shop/web",
        "argocd-image-updater.image-0/old-tag": "1.5.0",
        "argocd-image-updater.image-0/new-tag": "1.5.1",
    }


@pytest.mark.parametrize(
    ("image", "settings", "expected"),
    [
        ("shop/web:1.x", {}, "1.6.0"),
        ("shop/web:~1.5", {}, "1.5.2"),
        ("shop/web", {}, "2.0.0"),
        ("shop/web:~2.1-0", {}, "2.1.0-rc1"),
        ("shop/web:1.x", {"ignoreTags": ["1.6*"]}, "1.5.2"),
        ("shop/web:1.x", {"allowTags": "regexp:^1\\.5\\."}, "1.5.2"),
        ("shop/web:1.x", {"allowTags": "regexp:^(?P<all>[[:digit:].]+)+$", "ignoreTags": ["1.6*"]}, "1.5.2"),
        ("shop/web", {"updateStrategy": "newest-build"}, "1.5.2"),
        ("shop/web", {"updateStrategy": "latest", "ignoreTags": ["1.5.2"]}, "main-7"),
        ("shop/web", {"updateStrategy": "alphabetical"}, "main-7"),
    ],
)
def test_strategy_range_and_filters_say_which_tag_is_the_newest(image: str, settings: dict[str, object], expected: str) -> None:
    lab = Updated(tags=("1.5.0", "1.6.0", "2.0.0", "2.1.0-rc1", "main-7", "1.5.2")).deployed()
    lab.add(updater({"alias": "web", "imageName": image, "commonUpdateSettings": settings}))
    assert lab.images() == [f"shop/web:{expected}"]


def test_the_strategy_digest_follows_a_tag_that_moves() -> None:
    lab = Updated(tags=("1.5.0", "main"))
    lab.deployed().add(
        updater({"alias": "web", "imageName": "shop/web:main", "commonUpdateSettings": {"updateStrategy": "digest"}})
    )
    before = lab.images()
    assert before[0].startswith("shop/web:main@sha256:")
    lab.push("main")
    lab.run("2m")
    assert lab.images() != before
    assert lab.running() == lab.images()[0]


@pytest.mark.parametrize(
    ("allow", "warning"),
    [
        ("regexp:(", "Could not compile regexp '('"),
        ("regexp:(?=1)", "Could not compile regexp '(?=1)'"),
        ("1.*", "Invalid match option syntax '1.*', ignoring"),
        ("glob:1.*", "Unknown match function: glob"),
    ],
)
def test_a_filter_that_cannot_be_read_lets_nothing_through_and_says_so_once(allow: str, warning: str) -> None:
    lab = Updated(tags=("1.5.0", "1.6.0")).deployed()
    lab.add(updater(WEB, commonUpdateSettings={"allowTags": allow})).run("10m")
    assert lab.images() is None
    assert [record.message for record in lab.told("ImageUpdaterWarned")] == [warning]


def test_settings_of_an_image_win_over_those_of_its_application_and_these_over_the_whole() -> None:
    tags = ("1.5.0", "1.5.1", "1.6.0", "2.0.0")
    whole = {"ignoreTags": ["2*"]}
    for ref, image, expected in (
        ({}, {}, "1.6.0"),
        ({"commonUpdateSettings": {"ignoreTags": ["1.6*", "2*"]}}, {}, "1.5.1"),
        ({"commonUpdateSettings": {"ignoreTags": ["1.6*"]}}, {"commonUpdateSettings": {"ignoreTags": []}}, "2.0.0"),
    ):
        lab = Updated(tags=tags).deployed()
        lab.add(updater({"alias": "web", "imageName": "shop/web", **image}, ref=ref, commonUpdateSettings=whole))
        assert lab.images() == [f"shop/web:{expected}"]


def test_a_block_of_an_image_brings_the_default_strategy_along_for_the_api_server_fills_it_in() -> None:
    lab = Updated(tags=("1.5.0", "1.6.0", "nightly")).deployed()
    image = {"alias": "web", "imageName": "shop/web", "commonUpdateSettings": {"allowTags": "any"}}
    lab.add(updater(image, commonUpdateSettings={"updateStrategy": "newest-build"}))
    assert lab.images() == ["shop/web:1.6.0"]


def test_an_image_that_does_not_run_there_is_left_alone_unless_forced() -> None:
    lab = Updated().deployed()
    lab.world.registry.push("shop/tools:2.0.0")
    lab.add(updater({"alias": "tools", "imageName": "shop/tools"}))
    assert lab.images() is None
    assert lab.status()["imagesManaged"] == 0
    (skipped,) = lab.told("ImageSkipped")
    assert "does not run there" in skipped.message
    lab.cluster.delete("imageupdater", "images", "argocd")
    lab.run("1s")
    lab.add(updater({"alias": "tools", "imageName": "shop/tools", "commonUpdateSettings": {"forceUpdate": True}}))
    assert lab.images() == ["shop/tools:2.0.0"]


def test_an_application_of_plain_manifests_cannot_be_updated_and_that_is_said_once_in_the_real_words() -> None:
    lab = Updated(files={"manifests/web.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"})
    lab.deployed().add(updater()).run("10m")
    (skipped,) = lab.told("ApplicationSkipped")
    assert skipped.reason == "skipping app 'argocd/web' of type 'Directory' because it's not of supported source type"
    assert lab.status()["applicationsMatched"] == 0


def test_what_cannot_be_updated_is_reported_and_the_others_are_updated_all_the_same() -> None:
    lab = Updated(tags=("1.5.0", "1.6.0")).deployed()
    lab.add(updater({"alias": "gone", "imageName": "shop/gone", "commonUpdateSettings": {"forceUpdate": True}}, WEB))
    assert lab.images() == ["shop/web:1.6.0"]
    assert lab.condition("Error") == ("True", "PartialErrors", "1 error(s) occurred during image update checks.")
    assert lab.condition() == (
        "True",
        "ReconcileCompletedWithErrors",
        "Reconciled 1 applications with 1 errors, 1 images updated.",
    )
    (failed,) = lab.told("ImageUpdateFailed")
    assert failed.data["error"] == "Could not get tags from registry: name unknown: repository name not known to registry"


def test_a_range_that_cannot_be_read_is_an_error_of_its_image() -> None:
    lab = Updated().deployed().add(updater({"alias": "web", "imageName": "shop/web:one.two"}))
    (failed,) = lab.told("ImageUpdateFailed")
    assert failed.data["error"] == "Unable to find newest version from available tags: improper constraint: one.two"


def test_an_image_that_is_set_but_not_yet_synced_is_not_set_again() -> None:
    lab = Updated(tags=("1.5.0", "1.6.0")).add(application())
    lab.world.argocd("app sync web")
    lab.run("30s")
    lab.add(updater()).run("10m")
    assert lab.images() == ["shop/web:1.6.0"]
    assert lab.running() == "shop/web:1.5.0", "nobody synced it"
    assert len(lab.told("ImageWrittenBack")) == 1
    assert lab.condition()[2] == "Reconciled 1 applications, 0 images updated."


def test_the_most_specific_rule_counts_alone() -> None:
    lab = Updated(tags=("1.5.0", "1.5.1", "1.6.0")).deployed()
    made = updater(pattern="*")
    exact = {"namePattern": "web", "images": [{"alias": "web", "imageName": "shop/web:~1.5"}]}
    made["spec"]["applicationRefs"].append(exact)
    lab.add(made)
    assert lab.images() == ["shop/web:1.5.1"]


def test_a_pattern_that_cannot_be_read_stops_all_of_its_image_updater() -> None:
    lab = Updated(tags=("1.5.0", "1.6.0")).deployed().add(updater(pattern="web["))
    assert lab.images() is None
    error = "invalid application name pattern 'web[': syntax error in pattern"
    assert lab.condition("Error") == ("True", "ReconcileError", error)
    assert lab.condition() == ("False", "ReconcileFailed", f"Reconciliation failed: {error}")


def test_the_config_map_says_how_often_it_looks() -> None:
    lab = Updated().deployed()
    lab.add({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "argocd-image-updater-config", "namespace": "argocd"},
             "data": {"interval": "10m"}})  # fmt: skip
    lab.add(updater())
    lab.push("1.5.1")
    lab.run("9m")
    assert lab.images() is None
    lab.run("1m")
    assert lab.images() == ["shop/web:1.5.1"]
    lab.push("1.5.2")
    lab.cluster.patch("cm", "argocd-image-updater-config", "argocd", {"data": {"interval": "5m"}})
    lab.run("1s")
    assert lab.images() == ["shop/web:1.5.2"], "a change counts as a restart: it looks at once"
    assert lab.told("PollingChanged")[-1].message == "looks for new images every 5m from now on"


def test_a_deleted_image_updater_goes_and_nothing_is_updated_any_more() -> None:
    lab = Updated().deployed().add(updater())
    assert lab.cluster.get("imageupdater", "images", "argocd")["metadata"]["finalizers"]
    lab.cluster.delete("imageupdater", "images", "argocd")
    lab.push("1.5.1")
    lab.run("10m")
    assert lab.cluster.find("imageupdater", "images", "argocd") is None
    assert lab.images() is None


def test_the_trace_says_which_tag_was_found_why_and_where_it_was_written_and_repeats_nothing() -> None:
    lab = Updated().deployed().add(updater())
    lab.run("20m")
    assert not [r for r in lab.told("ImageUpToDate") if r.story]
    assert len(lab.told("ImageUpToDate")) == 1, "nothing new is told once"
    lab.push("1.6.0-rc1")
    lab.push("1.5.1")
    lab.run("20m")
    (found,), (written,) = lab.told("ImageUpdateFound"), lab.told("ImageWrittenBack")
    assert found.message == "finds shop/web:1.5.1 for web, which runs 1.5.0"
    assert found.reason == "semver 1.x: the newest of 3 eligible of 4 tags, without 1.6.0-rc1 (a pre-release)"
    assert written.message == "sets shop/web:1.5.1 in Application web: source.kustomize.images"


def test_a_copy_of_a_world_goes_on_updating_by_itself() -> None:
    lab = Updated().deployed().add(updater(writeBackConfig=git()))
    twin = lab.world.fork()
    twin.do("registry", args="push shop/web:1.5.1", by="ci")
    twin.run("2m")
    assert ".argocd-source-web.yaml" in "".join(twin.git.repository("shop").tree().files())
    lab.run("10m")
    assert lab.file() == ""


def test_newer_tags_that_do_not_count_are_named_with_the_reason() -> None:
    lab = Updated(tags=("1.5.0", "1.6.0", "1.7.0", "2.0.0", "2.1.0-rc1", "1.8.0-rc1", "latest")).deployed()
    lab.add(updater({"alias": "web", "imageName": "shop/web:1.x", "commonUpdateSettings": {"ignoreTags": ["1.7*"]}}))
    (found,) = lab.told("ImageUpdateFound")
    passed = "2.1.0-rc1 (not in 1.x), 2.0.0 (not in 1.x), 1.8.0-rc1 (a pre-release) and 1 more"
    assert found.reason == f"semver 1.x: the newest of 2 eligible of 7 tags, without {passed}"


def test_where_no_tag_counts_the_reasons_are_named_too() -> None:
    lab = Updated(tags=("1.5.0", "1.6.0")).deployed().add(updater({"alias": "web", "imageName": "shop/web:3.x"}))
    (skipped,) = lab.told("ImageSkipped")
    assert skipped.message == "finds no tag of shop/web for web: none of 2 tags counts"
    assert skipped.reason.startswith(
        'no tags for image shop/web matched constraint "3.x" (semver 3.x), without 1.6.0 (not in 3.x)'
    )
