"""Receivers, Alerts and Providers: who calls Flux, and whom Flux calls."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_sim.trace import Record
from tests.agents.flux.lab import FluxLab, config_map, deployment, git_repository

PATH = "/hook/fa44455a398030f48be62cbad338f1cfff7de2cf591be81edf56a42924c5d7d8"


def notification(kind: str, name: str, /, version: str = "v1beta3", **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": f"notification.toolkit.fluxcd.io/{version}",
        "kind": kind,
        "metadata": {"name": name, "namespace": "flux-system"},
        "spec": spec,
    }


def secret(name: str = "hook", /, **data: str) -> dict[str, Any]:
    meta = {"name": name, "namespace": "flux-system"}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": meta, "stringData": data}


def receiver(resources: Any = None, **spec: Any) -> dict[str, Any]:
    given = {"type": "github", "secretRef": {"name": "hook"}, **spec}
    listed = resources or [{"kind": "GitRepository", "name": "shop"}]
    return notification("Receiver", "shop", "v1", resources=listed, **{k: v for k, v in given.items() if v is not None})


def called(**spec: Any) -> FluxLab:
    """A lab whose repository tells a Receiver of pushes; the source itself asks once an hour."""
    lab = FluxLab()
    lab.start(secret(token="s3cret"), receiver(**spec), git_repository(interval="1h"))
    lab.world.git.webhooks.set("shop", lab.flux.webhook("shop") or f"https://flux.production.example{PATH}")
    lab.run("1m")
    return lab


def told(lab: FluxLab, event: str) -> list[Record]:
    return [record for record in lab.world.trace if record.event == event]


# ---------------------------------------------------------------------- Receivers


def test_a_receiver_says_which_path_to_call() -> None:
    """The digest is that of token, name and namespace: what the real one answers for these three."""
    lab = called()
    ready = ("True", "Succeeded", f"Receiver initialized for path: {PATH}")
    assert lab.conditions(kind="receiver") == {"Ready": ready}
    status = lab.cluster.get("receiver", "shop", "flux-system")["status"]
    assert (status["webhookPath"], status["observedGeneration"]) == (PATH, 1)
    assert lab.events(kind="Receiver") == [("Normal", "Succeeded", "Reconciliation finished, next run in 10m0s", 1)]
    assert lab.flux.webhook("shop") == f"https://flux.production.example{PATH}"
    assert (
        lab.world.flux("get receivers")
        .stdout.splitlines()[1]
        .startswith("shop\tFalse    \tTrue \tReceiver initialized for path:")
    )


def test_a_push_is_fetched_when_the_forge_calls_not_at_the_interval() -> None:
    lab = called()
    commit = lab.commit({"manifests/web.yaml": deployment(5)})
    lab.run("2s")
    assert lab.source()["status"]["artifact"]["revision"] == f"main@sha1:{commit}"
    asked = lab.source()["metadata"]["annotations"]["reconcile.fluxcd.io/requestedAt"]
    assert asked.endswith(" +0000 UTC")
    assert lab.source()["status"]["lastHandledReconcileAt"] == asked
    [record] = told(lab, "ReconcileRequested")
    assert record.message == "asks for a look at GitRepository/shop: shop told shop of a push to main"


def test_a_delivery_that_gets_lost_is_found_at_the_interval() -> None:
    lab = called()
    lab.world.git.webhooks.set("shop", lab.flux.webhook("shop"), "lost")
    commit = lab.commit({"manifests/web.yaml": deployment(5)})
    lab.run("58m")
    assert lab.source()["status"]["artifact"]["revision"] != f"main@sha1:{commit}"
    lab.run("2m")
    assert lab.source()["status"]["artifact"]["revision"] == f"main@sha1:{commit}"


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"suspend": True}, "receiver is suspended"),
        ({"events": ["ping"]}, 'unable to validate payload: the GitHub event "push" is not authorised'),
        ({"type": "harbor"}, "unable to validate payload: a Git host does not speak as harbor"),
        ({"resources": [{"kind": "GitRepository", "name": "api"}]}, 'unable to read GitRepository "flux-system/api" error'),
        ({"resources": [{"kind": "Kustomization", "name": "api"}]}, 'apiVersion must be specified for kind "Kustomization"'),
        ({"resources": [{"kind": "Bucket", "name": "api"}]}, 'no matches for kind "Bucket"'),
        ({"resources": [{"kind": "GitRepository", "name": "*"}]}, "matchLabels field not set when using wildcard '*' as name"),
    ],
)
def test_a_call_that_comes_to_nothing_says_why(spec: Any, said: str) -> None:
    lab = called()
    lab.spec(kind="receiver", **spec)
    lab.commit({"manifests/web.yaml": deployment(5)})
    lab.run("2s")
    [record] = told(lab, "WebhookRefused")
    assert said in record.message
    assert "reconcile.fluxcd.io/requestedAt" not in lab.source()["metadata"].get("annotations", {})
    assert not told(lab, "WebhookFailed")


def test_a_star_means_all_that_have_the_labels() -> None:
    listed = [{"kind": "GitRepository", "name": "*", "matchLabels": {"team": "shop"}}]
    lab = called(resources=listed, events=["push"])
    lab.cluster.patch("gitrepo", "shop", "flux-system", {"metadata": {"labels": {"team": "shop"}}}, type="merge")
    lab.add(git_repository("other", interval="1h"))
    lab.commit({"manifests/web.yaml": deployment(5)})
    lab.run("2s")
    assert [record.subject.rpartition("/")[2] for record in told(lab, "ReconcileRequested")] == ["shop"]


def test_nobody_answers_at_an_address_with_another_token() -> None:
    lab = called()
    lab.world.git.webhooks.set("shop", lab.flux.webhook("shop"), "removed")
    lab.world.git.webhooks.set("shop", "https://flux.production.example/hook/0123")
    lab.commit({"manifests/web.yaml": deployment(5)})
    lab.run("2s")
    assert [record.event for record in lab.world.trace if record.event.startswith("Webhook")][-1] == "WebhookFailed"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (None, "unable to read token from secret 'flux-system/hook' error: secrets \"hook\" not found"),
        ({"password": "x"}, "invalid 'flux-system/hook' secret data: required fields 'token'"),
    ],
)
def test_without_a_token_there_is_no_path_and_it_is_tried_again(given: Any, message: str) -> None:
    lab = FluxLab()
    lab.start(*([secret(**given)] if given else []), receiver())
    assert lab.ready(kind="receiver") == ("False", "TokenNotFound", message)
    assert lab.conditions(kind="receiver")["Reconciling"][1] == "ProgressingWithRetry"
    assert "webhookPath" not in lab.cluster.get("receiver", "shop", "flux-system")["status"]
    assert lab.flux.webhook("shop") == ""
    lab.run("5s")
    assert lab.events(kind="Receiver") == [("Warning", "Failed", message, 3)]
    if given:
        lab.cluster.delete("secret", "hook", "flux-system")
    lab.add(secret(token="s3cret"))
    lab.run("10s")
    assert lab.ready(kind="receiver")[0] == "True"


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"secretRef": None}, "secretRef is required when type is not generic-oidc"),
        ({"type": "generic-oidc"}, "generic-oidc receiver requires at least one oidcProvider"),
    ],
)
def test_a_contradiction_stalls(spec: Any, message: str) -> None:
    lab = FluxLab()
    lab.start(receiver(**spec))
    text = f"Reconciliation failed terminally due to configuration error: {message}"
    assert lab.conditions(kind="receiver") == {
        "Stalled": ("True", "ValidationFailed", text),
        "Ready": ("False", "ValidationFailed", text),
    }
    lab.run("30m")
    assert lab.events(kind="Receiver") == [("Warning", "ValidationFailed", text, 1)]


def test_a_new_token_is_a_new_path() -> None:
    lab = called()
    lab.cluster.patch("secret", "hook", "flux-system", {"stringData": {"token": "other"}}, type="merge")
    lab.run("11m")
    assert PATH not in lab.ready(kind="receiver")[2]
    lab.world.flux("suspend receiver shop")
    lab.cluster.delete("receiver", "shop", "flux-system")
    lab.run("1s")
    assert lab.cluster.find("receiver", "shop", "flux-system") is None


# ---------------------------------------------------------------------- Alerts


def alert(**spec: Any) -> dict[str, Any]:
    sources = [{"kind": "Kustomization", "name": "*"}, {"kind": "GitRepository", "name": "*"}]
    return notification("Alert", "ops", **{"providerRef": {"name": "slack"}, "eventSources": sources, **spec})


def provider(**spec: Any) -> dict[str, Any]:
    given = {"type": "slack", "channel": "ops", "address": "https://slack.example", **spec}
    return notification("Provider", "slack", **given)


def alerted(*, alert_spec: Any = None, provider_spec: Any = None) -> FluxLab:
    lab = FluxLab()
    lab.add(provider(**(provider_spec or {})))
    lab.add(alert(**(alert_spec or {})))
    return lab.start()


def sent(lab: FluxLab) -> list[str]:
    return [record.message for record in told(lab, "NotificationSent")]


def test_what_happens_is_told_where_the_provider_says() -> None:
    lab = alerted()
    assert sent(lab)[0] == "tells slack ops of gitrepository/shop.flux-system: stored artifact for commit 'Initial commit'"
    assert sent(lab)[1].startswith("tells slack ops of kustomization/shop.flux-system: Deployment/default/web created")
    record = told(lab, "NotificationSent")[1]
    assert record.data["severity"] == "info"
    assert record.data["username"] == "kustomize-controller"
    assert record.data["metadata"] == {"revision": lab.status()["lastAppliedRevision"]}
    assert record.data["alert"] == "ops"
    assert lab.cluster.get("provider", "slack", "flux-system")["metadata"]["finalizers"] == ["finalizers.fluxcd.io"]
    lab.cluster.delete("provider", "slack", "flux-system")
    lab.run("1s")
    assert lab.cluster.find("provider", "slack", "flux-system") is None


def test_the_updates_of_commit_statuses_are_for_git_hosts_and_generic_ones() -> None:
    assert not any("Reconciliation finished" in message for message in sent(alerted()))
    generic = alerted(provider_spec={"type": "generic"})
    assert any("Reconciliation finished" in message for message in sent(generic))
    host = alerted(provider_spec={"type": "github"})
    assert [message for message in sent(host) if "Reconciliation finished" not in message] == []


@pytest.mark.parametrize(
    ("spec", "number"),
    [
        ({}, 2),
        ({"suspend": True}, 0),
        ({"eventSeverity": "error"}, 0),
        ({"inclusionList": [".*created.*"]}, 1),
        ({"exclusionList": ["^stored artifact"]}, 1),
        ({"eventSources": [{"kind": "Kustomization", "name": "shop"}]}, 1),
        ({"eventSources": [{"kind": "Kustomization", "name": "web"}]}, 0),
        ({"eventSources": [{"kind": "Kustomization", "name": "*", "namespace": "default"}]}, 0),
        ({"eventSources": [{"kind": "Kustomization", "name": "*", "matchLabels": {"team": "shop"}}]}, 0),
    ],
)
def test_an_alert_says_what_it_is_about(spec: Any, number: int) -> None:
    assert len(sent(alerted(alert_spec=spec))) == number


def test_an_error_is_told_once_in_five_minutes() -> None:
    lab = alerted(alert_spec={"eventSeverity": "error"})
    lab.spec(path="./nowhere", retryInterval="1m")
    lab.run("4m30s")
    assert len(sent(lab)) == 1
    assert "kustomization path not found" in sent(lab)[0]
    lab.run("1m")
    assert len(sent(lab)) == 2


def test_that_git_says_the_same_as_before_is_an_event_and_no_message() -> None:
    lab = alerted()
    before = sent(lab)
    lab.world.flux("reconcile source git shop")
    assert lab.events(kind="GitRepository")[-1][1] == "GitOperationSucceeded"
    assert sent(lab) == before


def test_what_goes_along_comes_from_the_alert_and_the_controller() -> None:
    lab = alerted(alert_spec={"eventMetadata": {"env": "production", "revision": "mine"}, "summary": "the shop"})
    revision = lab.status()["lastAppliedRevision"]
    found = told(lab, "NotificationSent")[1].data["metadata"]
    assert found == {"env": "production", "summary": "the shop", "revision": revision}


@pytest.mark.parametrize(
    ("spec", "error"),
    [
        (
            {"providerRef": {"name": "teams"}},
            'failed to read provider: Provider.notification.toolkit.fluxcd.io "teams" not found',
        ),
    ],
)
def test_a_provider_that_is_missing_is_said_of_the_alert(spec: Any, error: str) -> None:
    lab = alerted(alert_spec=spec)
    what = f"failed to dispatch notification for GitRepository/flux-system/shop: {error}"
    assert lab.events("ops", "Alert")[0] == ("Warning", "NotificationDispatchFailed", what, 1)
    assert len(told(lab, "NotificationFailed")) == 1
    assert sent(lab) == []


@pytest.mark.parametrize(
    ("spec", "error"),
    [
        ({"address": ""}, "failed to initialize notifier: invalid Slack hook URL : 'parse \"\": empty url'"),
        ({"secretRef": {"name": "slack-url"}}, "failed to get secret 'flux-system/slack-url': secrets \"slack-url\" not found"),
    ],
)
def test_a_provider_without_an_address_is_said_of_the_alert(spec: Any, error: str) -> None:
    lab = alerted(provider_spec=spec)
    assert lab.events("ops", "Alert")[0][2].endswith(f"failed to initialize notifier for provider 'slack': {error}")


def test_a_suspended_provider_says_nothing() -> None:
    lab = alerted(provider_spec={"suspend": True})
    assert (sent(lab), lab.events("ops", "Alert")) == ([], [])


def test_an_address_in_a_secret_is_not_told() -> None:
    lab = FluxLab()
    lab.add(secret("url", address="https://slack.example/T0/secret"))
    lab.add(provider(address=None, secretRef={"name": "url"}))
    lab.add(alert())
    lab.start()
    assert len(sent(lab)) == 2
    assert "T0" not in str([record.data for record in told(lab, "NotificationSent")])


def test_a_pattern_that_is_none_is_said_of_the_alert() -> None:
    lab = alerted(alert_spec={"inclusionList": ["("]})
    assert lab.events("ops", "Alert")[0][:3] == ("Warning", "InvalidConfig", "failed to compile inclusion regex: (")


def test_a_fork_tells_its_own_story() -> None:
    lab = alerted()
    other = lab.world.fork()
    other.git.repository("shop").commit({"manifests/cm.yaml": config_map("conf")}, "Conf", author="ana")
    other.run("2m")
    assert len([r for r in other.trace if r.event == "NotificationSent"]) == 4
    lab.run("2m")
    assert len(sent(lab)) == 2
