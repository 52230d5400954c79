"""ImageRepositories: what a registry has, found at their interval."""

from __future__ import annotations

from typing import Any

import pytest

from tests.agents.flux.imagelab import ImageLab, automation, image_policy, image_repository
from tests.agents.flux.test_notifications import notification, secret


def scanned(*tags: str, **spec: object) -> ImageLab:
    return ImageLab(*tags).begin(image_repository(**spec))


def status(lab: ImageLab) -> Any:
    return lab.cluster.get("imgrepo", "web", "flux-system")["status"]


def test_a_scan_says_how_many_tags_there_are_and_shows_the_last_ten_of_the_alphabet() -> None:
    lab = scanned(*(f"1.{n}.0" for n in range(12)), "1.0.0.sig")
    assert lab.ready(kind="imgrepo", name="web")[:2] == ("True", "Succeeded")
    result = status(lab)["lastScanResult"]

    assert result["latestTags"] == ["1.9.0", "1.8.0", "1.7.0", "1.6.0", "1.5.0", "1.4.0", "1.3.0", "1.2.0", "1.11.0", "1.10.0"]
    assert (result["tagCount"], result["scanTime"]) == (12, "2026-01-05T09:00:00Z")
    message = f"successful scan: found 12 tags with checksum {result['revision']}"
    assert lab.ready(kind="imgrepo", name="web")[2] == message
    assert status(lab)["canonicalImageName"] == "index.docker.io/shop/web"


def test_the_checksum_is_that_of_the_list_as_json_so_that_it_moves_with_the_tags_alone() -> None:
    """The Adler-32 of ``["1.5.0","1.4.9"]``."""
    lab = scanned("1.5.0", "1.4.9")
    total, weighted = 1, 0
    for byte in b'["1.5.0","1.4.9"]':
        total = (total + byte) % 65521
        weighted = (weighted + total) % 65521
    assert status(lab)["lastScanResult"]["revision"] == str(weighted << 16 | total)


def test_a_new_tag_is_found_at_the_interval_and_told_while_other_polls_are_not() -> None:
    lab = scanned(interval="5m")
    lab.push("1.5.1")
    lab.run("4m")
    assert len(lab.told("RegistryScanned")) == 1
    lab.run("30m")
    first, second = lab.told("RegistryScanned")
    assert (first.time, second.time, second.data["new"]) == (0, 300, ["1.5.1"])
    assert lab.told("RegistryUnchanged") == []
    assert ("Normal", "Succeeded", "tags did not change, next scan in 5m0s", 5) in lab.events("web", "ImageRepository")


def test_a_request_scans_at_once() -> None:
    lab = scanned(interval="1h")
    lab.push("1.5.1")
    out = lab.world.flux("reconcile image repository web")
    assert out.stderr.splitlines()[-1] == "✔ scan fetched 3 tags"


def test_a_change_of_the_spec_that_is_none_of_the_scans_does_not_scan() -> None:
    lab = scanned(interval="10m")
    lab.run("1m")
    lab.patch({"spec": {"timeout": "20s"}}, "web", "imgrepo")
    assert status(lab)["lastScanResult"]["scanTime"] == "2026-01-05T09:00:00Z"
    last = lab.events("web", "ImageRepository")[-1][2]
    assert last == "no change in repository configuration since last scan, next scan in 8m50s"
    lab.patch({"spec": {"exclusionList": ["^1\\.4"]}}, "web", "imgrepo")
    assert status(lab)["lastScanResult"]["tagCount"] == 1


@pytest.mark.parametrize(
    ("image", "message"),
    [
        ("https://ghcr.io/shop/web", "image 'https://ghcr.io/shop/web' should not include URL scheme; remove 'https://'"),
        ("shop/web:1.5", "image 'shop/web:1.5' should not include a tag; remove ':1.5'"),
        ("Shop/Web", "could not parse reference: Shop/Web"),
        ("localhost:5000/shop/web:1.5", "image 'localhost:5000/shop/web:1.5' should not include a tag; remove ':1.5'"),
    ],
)
def test_what_is_no_name_of_images_stalls_until_the_spec_changes(image: str, message: str) -> None:
    lab = scanned(image=image)
    assert lab.conditions("web", "imgrepo") == {
        "Stalled": ("True", "ImageURLInvalid", message),
        "Ready": ("False", "ImageURLInvalid", message),
    }
    lab.run("30m")
    assert lab.events("web", "ImageRepository") == [("Warning", "ImageURLInvalid", message, 1)]
    lab.patch({"spec": {"image": "shop/web"}}, "web", "imgrepo")
    assert lab.ready("web", "imgrepo")[0] == "True"


def test_a_repository_that_nobody_pushed_to_is_asked_for_again_and_again_until_somebody_does() -> None:
    lab = scanned(image="shop/wbe")
    message = "scan failed: GET https://index.docker.io/v2/shop/wbe/tags/list?n=1000: NAME_UNKNOWN: repository name not known to"
    message += " registry; map[name:shop/wbe]"
    assert lab.ready("web", "imgrepo") == ("False", "ReadOperationFailed", message)
    assert lab.conditions("web", "imgrepo")["Reconciling"][1] == "ProgressingWithRetry"
    lab.world.do("registry", by="ci", args="push shop/wbe:1.0.0")
    lab.run("1m")
    assert lab.ready("web", "imgrepo")[0] == "True"
    assert len(lab.told("ScanFailed")) == 1


def test_an_expression_that_go_does_not_know_fails_the_scan_in_its_words() -> None:
    lab = scanned(exclusionList=["^(?!1)"])
    message = "scan failed: failed to compile regex ^(?!1): error parsing regexp: invalid or unsupported Perl syntax: `(?!`"
    assert lab.ready("web", "imgrepo")[2] == message


def test_credentials_that_are_not_there_fail_the_scan() -> None:
    lab = scanned(secretRef={"name": "regcred"})
    reason, message = lab.ready("web", "imgrepo")[1:]
    assert reason == "AuthenticationFailed"
    assert message.endswith('secrets "regcred" not found')


def test_suspended_it_asks_no_registry() -> None:
    lab = scanned(interval="1m")
    lab.world.flux("suspend image repository web")
    lab.push("1.5.1")
    lab.run("10m")
    assert status(lab)["lastScanResult"]["tagCount"] == 2
    [record] = lab.told("ReconcileSkipped")
    assert record.message == "leaves ImageRepository web alone, it is suspended: the registry is not asked"


def test_a_webhook_lets_the_registry_be_asked_at_once_and_an_alert_tells_of_news_alone() -> None:
    lab = ImageLab()
    source = [{"kind": "ImageRepository", "name": "*"}, {"kind": "ImagePolicy", "name": "*"}]
    hook = {"type": "generic", "secretRef": {"name": "hook"}, "resources": [{"kind": "ImageRepository", "name": "web"}]}
    lab.begin(
        secret(token="s3cret"),
        notification("Receiver", "shop", "v1", **hook),
        notification("Provider", "chat", type="slack", address="https://hooks.example/x"),
        notification("Alert", "images", providerRef={"name": "chat"}, eventSources=source),
        image_repository(interval="1h"),
        image_policy(),
    )
    lab.world.git.webhooks.set("shop", lab.flux.webhook("shop"))
    lab.push("1.5.1")
    lab.commit({"README": "hello\n"})
    lab.run("3s")
    said = [record.data["said"] for record in lab.told("NotificationSent")]
    assert said[-1] == "Latest image tag for shop/web resolved to 1.5.1 (previously shop/web:1.5.0)"
    lab.run("3h")
    assert not any("tags did not change" in record.data["said"] for record in lab.told("NotificationSent"))


def test_an_interval_of_zero_is_one_look_and_no_more() -> None:
    lab = ImageLab().begin(image_repository(interval="0s"), image_policy(), automation(interval="0s"))
    lab.push("1.5.1")
    lab.run("1h")
    assert (len(lab.told("RegistryScanned")), "1.5.0" in lab.file()) == (1, True)
    lab.world.flux("reconcile image repository web")
    assert "1.5.1" in lab.file()
