"""ImagePolicies: which of many tags is wanted, and what is said when none is."""

from __future__ import annotations

from typing import Any

import pytest

from tests.agents.flux.imagelab import ImageLab, image_policy, image_repository

MIXED = ("1.4.9", "1.5.0", "v1.5.2", "1.5", "1.5.3-rc1", "1.6.0-rc1", "1.10.0", "latest")


def policy(*tags: str, **spec: Any) -> ImageLab:
    return ImageLab(*tags).begin(image_repository(), image_policy(**spec))


def latest(lab: ImageLab) -> Any:
    return lab.cluster.get("imgpol", "web", "flux-system")["status"].get("latestRef")


@pytest.mark.parametrize(
    ("spec", "tag"),
    [
        ({"policy": {"semver": {"range": "1.5.x"}}}, "v1.5.2"),
        ({"policy": {"semver": {"range": ">=1.0.0"}}}, "1.10.0"),
        ({"policy": {"semver": {"range": "^1.5.0-0"}}}, "1.10.0"),
        ({"policy": {"semver": {"range": "~1.6.0-0"}}}, "1.6.0-rc1"),
        ({"policy": {"alphabetical": {}}}, "v1.5.2"),
        ({"policy": {"alphabetical": {"order": "desc"}}}, "1.10.0"),
    ],
)
def test_the_best_of_all_tags_is_chosen_and_a_version_has_three_numbers(spec: dict[str, Any], tag: str) -> None:
    assert latest(policy(*MIXED, **spec)) == {"name": "shop/web", "tag": tag}


@pytest.mark.parametrize(
    ("filter_", "order", "tag"),
    [
        ({"pattern": r"^main-[a-f0-9]+-(?P<ts>\d+)$", "extract": "$ts"}, {"numerical": {"order": "asc"}}, "main-b2-100"),
        ({"pattern": r"^main-[a-f0-9]+-(?P<ts>\d+)$", "extract": "$ts"}, {"numerical": {"order": "desc"}}, "main-a1-9"),
        ({"pattern": r"^main-[a-f0-9]+-(\d+)$", "extract": "${1}"}, {"alphabetical": {}}, "main-a1-9"),
        ({"pattern": r"^main-"}, {"alphabetical": {}}, "main-b2-100"),
        ({"pattern": r"^main-[[:xdigit:]]+-([[:digit:]]+)$", "extract": "$$${1}-$9"}, {"alphabetical": {}}, "main-a1-9"),
        ({}, {"alphabetical": {}}, "main-b2-100"),
        ({"pattern": r"^main-(?<hash>[a-f0-9]+)", "extract": "$hash"}, {"alphabetical": {"order": "desc"}}, "main-a1-9"),
    ],
)
def test_a_filter_picks_tags_and_the_part_of_them_that_is_compared(filter_: Any, order: Any, tag: str) -> None:
    lab = policy("main-a1-9", "main-b2-100", "dev-c3-500", filterTags=filter_, policy=order)
    assert latest(lab)["tag"] == tag


@pytest.mark.parametrize(
    ("spec", "reason", "message"),
    [
        ({"policy": {"semver": {"range": "1.x.x.x"}}}, "InvalidPolicy", "invalid policy: improper constraint: 1.x.x.x"),
        ({"policy": {}}, "InvalidPolicy", "invalid policy: given ImagePolicyChoice object is invalid"),
        (
            {"filterTags": {"pattern": "^main-(\\d+$"}},
            "InvalidPolicy",
            "failed to filter tags: invalid regular expression pattern '^main-(\\d+$': error parsing regexp: missing closing ):"
            " `^main-(\\d+$`",
        ),
        (
            {"filterTags": {"pattern": "(?!rc)"}},
            "InvalidPolicy",
            "failed to filter tags: invalid regular expression pattern '(?!rc)': error parsing regexp: invalid or unsupported"
            " Perl syntax: `(?!`",
        ),
    ],
)
def test_a_policy_that_can_choose_nothing_ever_stalls(spec: dict[str, Any], reason: str, message: str) -> None:
    lab = policy(**spec)
    assert lab.conditions("web", "imgpol") == {"Stalled": ("True", reason, message), "Ready": ("False", reason, message)}
    lab.patch({"spec": {"policy": {"semver": {"range": "1.5.x"}}, "filterTags": None}}, "web", "imgpol")
    assert latest(lab)["tag"] == "1.5.0"


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"policy": {"semver": {"range": "2.x"}}}, "unable to determine latest version from provided list"),
        ({"filterTags": {"pattern": "^main-"}}, "version list argument cannot be empty"),
        ({"policy": {"numerical": {}}}, "failed to parse invalid numeric value '1.5.0'"),
    ],
)
def test_when_no_tag_fits_it_looks_again_and_chooses_as_soon_as_one_does(spec: dict[str, Any], message: str) -> None:
    lab = policy(**spec)
    assert lab.ready("web", "imgpol") == ("False", "Failure", message)
    assert lab.conditions("web", "imgpol")["Reconciling"][1] == "ProgressingWithRetry"
    assert len(lab.told("ImageNotChosen")) == 1


def test_it_chooses_as_soon_as_its_repository_has_other_tags() -> None:
    lab = policy()
    lab.push("1.5.1")
    lab.run("50s")
    assert lab.cluster.get("imgpol", "web", "flux-system")["status"]["observedPreviousRef"] == {
        "name": "shop/web",
        "tag": "1.5.0",
    }
    message = "Latest image tag for shop/web resolved to 1.5.1 (previously shop/web:1.5.0)"
    assert lab.ready("web", "imgpol")[2] == message
    record = lab.told("ImageChosen")[-1]
    assert (record.time, record.message) == (60, "chooses shop/web:1.5.1 by semver 1.5.x, was shop/web:1.5.0")
    assert record.reason == "the newest version in the range, no candidates; 2 of 3 tags fit, not 1.4.9"


def test_a_candidate_is_left_out_of_a_range_that_names_none_and_the_story_says_so() -> None:
    lab = policy()
    lab.push("1.5.1-rc1")
    lab.run("1m")
    [record] = lab.told("ImageLeftOut")
    assert record.message == "stays with shop/web:1.5.0: 1.5.1-rc1 does not fit by semver 1.5.x"
    lab.run("10m")
    assert len(lab.told("ImageLeftOut")) == 1


def test_without_its_repository_it_is_not_ready_and_a_new_one_ends_that_at_once() -> None:
    lab = ImageLab().begin(image_policy())
    what = 'referenced ImageRepository does not exist: ImageRepository.image.toolkit.fluxcd.io "web" not found'
    message = f"failed to get the referred ImageRepository: {what}"
    assert lab.ready("web", "imgpol") == ("False", "DependencyNotReady", message)
    lab.add(image_repository())
    assert latest(lab) == {"name": "shop/web", "tag": "1.5.0"}


def test_without_tags_it_waits_a_little_then_says_so_every_half_minute() -> None:
    lab = ImageLab().start(image_repository(image="shop/wbe"), image_policy())
    lab.run("2s")
    assert lab.ready("web", "imgpol")[:2] == ("Unknown", "Progressing")
    lab.run("4s")
    assert lab.ready("web", "imgpol") == ("False", "DependencyNotReady", "retrying in 30s error: no tags in database")


def test_a_repository_of_another_namespace_must_let_it_in() -> None:
    lab = ImageLab()
    lab.cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "apps", "labels": {"team": "shop"}}})
    shared = image_repository()
    lab.begin(
        {**shared, "metadata": {"name": "web", "namespace": "apps"}},
        image_policy(repository={"name": "web", "namespace": "apps"}),
    )
    begin = "failed to get the referred ImageRepository: access denied: 'apps/web' can't be accessed due to "
    assert lab.ready("web", "imgpol") == ("False", "AccessDenied", f"{begin}missing ACL labels on 'accessFrom'")
    access = {"accessFrom": {"namespaceSelectors": [{"matchLabels": {"team": "shop"}}]}}
    lab.cluster.patch("imgrepo", "web", "apps", {"spec": access}, type="merge")
    lab.run("1m")
    assert lab.ready("web", "imgpol")[2] == f"{begin}ACL labels mismatch on namespace 'flux-system'"
    lab.cluster.patch(
        "imgrepo", "web", "apps", {"spec": {"accessFrom": {"namespaceSelectors": [{"matchLabels": {}}]}}}, type="merge"
    )
    lab.run("2m")
    assert latest(lab)["tag"] == "1.5.0"


def test_a_tag_that_moves_is_seen_by_its_digest_when_that_is_always_looked_up() -> None:
    labs = {
        when: policy("latest", policy={"alphabetical": {}}, digestReflectionPolicy=when, **more)
        for when, more in (("Never", {}), ("IfNotPresent", {}), ("Always", {"interval": "5m"}))
    }
    before = {when: latest(lab).get("digest") for when, lab in labs.items()}
    for lab in labs.values():
        lab.push("latest")
        lab.run("6m")
    after = {when: latest(lab).get("digest") for when, lab in labs.items()}
    assert before["Never"] is None
    assert after["IfNotPresent"] == before["IfNotPresent"] == before["Always"] != after["Always"]
    message = f"Latest image tag for shop/web resolved to latest with digest {after['Always']} (previously shop/web:latest@"
    assert labs["Always"].ready("web", "imgpol")[2] == f"{message}{before['Always']})"


def test_always_needs_an_interval() -> None:
    lab = policy(digestReflectionPolicy="Always")
    message = "spec.interval must be set when spec.digestReflectionPolicy is set to 'Always'"
    assert lab.ready("web", "imgpol") == ("False", "IntervalNotConfigured", message)


def test_suspended_it_goes_on_wanting_what_it_has_chosen() -> None:
    lab = policy()
    lab.world.flux("suspend image policy web")
    lab.push("1.5.1")
    lab.run("5m")
    assert latest(lab)["tag"] == "1.5.0"
    assert lab.world.flux("resume image policy web").stderr.splitlines()[-1] == "✔ selected ref shop/web:1.5.1"


def test_a_hostile_pattern_takes_no_longer_than_any_other() -> None:
    lab = policy("a" * 120 + "-", filterTags={"pattern": "^(a+)+$"}, policy={"alphabetical": {}})
    assert lab.ready("web", "imgpol")[2] == "version list argument cannot be empty"


def test_a_name_that_is_none_stalls_the_policy_too() -> None:
    lab = ImageLab().begin(image_repository(image="shop/web:1.5"), image_policy())
    assert lab.ready("web", "imgpol")[:2] == ("False", "ImageURLInvalid")


def test_a_digest_that_the_registry_does_not_have_is_asked_for_again() -> None:
    """The ImageRepository names other images, and has not scanned them yet."""
    lab = policy(digestReflectionPolicy="IfNotPresent")
    lab.world.flux("suspend image repository web")
    lab.patch({"spec": {"image": "shop/wbe"}}, "web", "imgrepo")
    lab.world.flux("reconcile image policy web --timeout 1s")
    message = 'failed fetching digest of shop/wbe:1.5.0: failed fetching descriptor for "shop/wbe:1.5.0": HEAD'
    message += " https://index.docker.io/v2/shop/wbe/manifests/1.5.0: unexpected status code 404 Not Found"
    message += " (HEAD responses have no body, use GET for details)"
    assert lab.ready("web", "imgpol") == ("False", "Failed", message)


@pytest.mark.parametrize("kind", ["imgrepo", "imgpol", "iua"])
def test_what_is_deleted_goes_and_is_worked_on_no_more(kind: str) -> None:
    lab = ImageLab().begin()
    lab.cluster.delete(kind, "web", "flux-system")
    lab.run("1s")
    assert lab.cluster.find(kind, "web", "flux-system") is None
    lab.push("1.5.1")
    lab.run("2h")
    assert "1.5.0" in lab.file()
