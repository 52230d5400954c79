"""``flux`` and ``kubectl`` on the objects of image automation."""

from __future__ import annotations

import pytest

from tests.agents.flux.imagelab import ImageLab


def test_get_prints_the_three_kinds_with_columns_of_their_own() -> None:
    lab = ImageLab("1.5.1").begin()
    out = lab.world.flux("get images all")
    pad = "\t"
    assert [[cell.strip() for cell in line.split(pad)] for line in out.stdout.splitlines() if line] == [
        ["NAME", "LAST SCAN", "SUSPENDED", "READY", "MESSAGE"],
        ["imagerepository/web", "2026-01-05T09:00:00Z", "False", "True", lab.ready("web", "imgrepo")[2], ""],
        ["NAME", "IMAGE", "TAG", "READY", "MESSAGE"],
        ["imagepolicy/web", "shop/web", "1.5.1", "True", "Latest image tag for shop/web resolved to 1.5.1", ""],
        ["NAME", "LAST RUN", "SUSPENDED", "READY", "MESSAGE"],
        ["imageupdateautomation/web", "2026-01-05T09:00:00Z", "False", "True", "repository up-to-date", ""],
    ]
    assert out.stdout in lab.world.flux("get all").stdout


def test_what_is_not_there_is_named_by_its_kind() -> None:
    lab = ImageLab()
    out = lab.world.flux("get image policy nope")
    assert (out.stderr, out.exit) == ("✗ ImagePolicy object 'nope' not found in \"flux-system\" namespace\n", 1)
    assert lab.world.flux("get images update").stderr == '✗ no ImageUpdateAutomation objects found in "flux-system" namespace\n'


@pytest.mark.parametrize(
    ("what", "kind", "human", "done"),
    [
        ("repository", "ImageRepository", "image repository", "scan fetched 1 tags"),
        ("policy", "ImagePolicy", "image policy", "selected ref shop/web:1.5.1"),
        ("update", "ImageUpdateAutomation", "image update automation", "repository up-to-date"),
    ],
)
def test_reconcile_suspend_and_resume_say_what_the_real_ones_say(what: str, kind: str, human: str, done: str) -> None:
    lab = ImageLab("1.5.1").begin()
    assert lab.world.flux(f"reconcile image {what} web").stderr.splitlines() == [
        f"► annotating {kind} web in flux-system namespace",
        f"✔ {kind} annotated",
        f"◎ waiting for {kind} reconciliation",
        f"✔ {done}",
    ]
    assert lab.world.flux(f"suspend image {what} web").stderr.splitlines() == [
        f"► suspending {human} web in flux-system namespace",
        f"✔ {human} suspended",
    ]
    assert lab.world.flux(f"reconcile image {what} web").stderr == "✗ resource is suspended\n"
    assert lab.world.flux(f"resume image {what} web").stderr.splitlines() == [
        f"► resuming {human} web in flux-system namespace",
        f"✔ {human} resumed",
        f"◎ waiting for {kind} reconciliation",
        f"✔ {kind} web reconciliation completed",
        f"✔ {done}",
    ]


def test_events_of_a_policy_are_told_with_those_of_its_repository() -> None:
    lab = ImageLab("1.5.1").begin()
    out = lab.world.flux("events --for ImagePolicy/web").stdout
    assert [line.split("\t")[3].strip() for line in out.splitlines()[1:]] == ["ImageRepository/web", "ImagePolicy/web"]


def test_kubectl_prints_the_columns_of_the_real_definitions_and_knows_the_short_names() -> None:
    lab = ImageLab("1.5.1").begin()
    heads = [
        lab.kubectl(f"get {kind} -n flux-system -o wide").stdout.splitlines()[0].split("  ")
        for kind in ("imgrepo", "imgpol", "iua")
    ]
    assert [[head.strip() for head in row if head.strip()] for row in heads] == [
        ["NAME", "IMAGE", "TAGS", "READY", "STATUS", "LAST SCAN", "AGE"],
        ["NAME", "IMAGE", "TAG", "READY", "STATUS", "AGE"],
        ["NAME", "READY", "STATUS", "LAST RUN", "AGE"],
    ]
    assert lab.kubectl("get fluxcd-images -n flux-system -o name").stdout.splitlines() == [
        "imagepolicy.image.toolkit.fluxcd.io/web",
        "imagerepository.image.toolkit.fluxcd.io/web",
        "imageupdateautomation.image.toolkit.fluxcd.io/web",
    ]


def test_an_old_version_of_the_api_is_refused() -> None:
    lab = ImageLab()
    old = "apiVersion: image.toolkit.fluxcd.io/v1beta1\nkind: ImagePolicy\nmetadata: {name: web}\nspec: {}\n"
    out = lab.kubectl("apply -f policy.yaml", files={"policy.yaml": old})
    assert 'no matches for kind "ImagePolicy" in version "image.toolkit.fluxcd.io/v1beta1"' in out.stderr
