"""Who is told what, and how often."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gitops_sim.agents.argocd.notifications import catalog
from gitops_sim.agents.argocd.notifications.expressions import ExpressionError, evaluate
from gitops_sim.agents.argocd.notifications.subscriptions import Subscription, subscriptions
from tests.agents.argocd.test_projects import project
from tests.agents.lab import Lab, application, config_map, deployment

PREFIX = "notifications.argoproj.io"
SLACK = {"service.slack": "token: $slack-token"}
APP = {"status": {"phase": "Failed", "n": 3, "list": ["a", "b"]}, "metadata": {"name": "web-prod"}}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("app.status.phase in ['Error', 'Failed']", True),
        ("app.status.phase not in ['Error', 'Failed']", False),
        ('app.status.phase == "Failed" and app.status.n >= 3', True),
        ("app.status.phase == 'x' or not (app.status.n < 3)", True),
        ("app.status.phase == 'x' && true || !false", True),
        ("app.status.nothing?.more?.deep", None),
        ("app.status.nothing != nil and app.status.nothing.more == 1", False),
        ("app.status['phase']", "Failed"),
        ("app.status.list[1]", "b"),
        ("app.metadata.name contains 'prod' and app.metadata.name startsWith 'web'", True),
        ("app.metadata.name matches '^web-.*$'", True),
        ("app.status.list == ['a', 'b']", True),
    ],
)
def test_expressions(text: str, value: Any) -> None:
    assert evaluate(text, {"app": APP}) == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("app.status.nothing.more", "cannot fetch more from <nil>"),
        ("nobody", "unknown name nobody"),
        ("app.status.phase ==", "unexpected token 'end of expression'"),
        ("(true", "expected ')'"),
        ("true true", "unexpected token 'true'"),
        ("app.status.n @ 3", "unrecognized character"),
        ("app.status.phase < 3", "cannot compare 'Failed' with 3"),
        ("time.Parse(app.x)", "unknown name time"),
        ("app.status.Parse(1)", "functions are not supported by this simulator: Parse()"),
        ("3 in 4", "operator in is not defined on 4"),
    ],
)
def test_expressions_that_have_no_value(text: str, message: str) -> None:
    with pytest.raises(ExpressionError) as found:
        evaluate(text, {"app": APP})
    assert message in str(found.value)


def annotated(**annotations: str) -> dict[str, Any]:
    return {"metadata": {"name": "x", "annotations": {f"{PREFIX}/{name}": value for name, value in annotations.items()}}}


def test_subscriptions_are_annotations_of_the_application_of_its_project_and_everybodys() -> None:
    app = annotated(**{"subscribe.on-sync-failed.slack": "alerts; ops", "subscribe.slack": "all"})
    app["metadata"]["labels"] = {"team": "a"}
    config = {
        "defaultTriggers": "[on-created]",
        "subscriptions": "- recipients: ['email:a@x']\n  triggers: [on-deleted]\n  selector: team=a\n"
        "- recipients: ['email:b@x']\n  triggers: [on-deleted]\n  selector: team=b\n",
    }
    structured = "- trigger: [on-deployed]\n  destinations: [{service: teams, recipients: [one]}]\n"
    found = subscriptions(app, annotated(subscriptions=structured), config)
    assert found == [
        Subscription("on-created", "slack", "all"),
        Subscription("on-deleted", "email", "a@x"),
        Subscription("on-deployed", "teams", "one"),
        Subscription("on-sync-failed", "slack", "alerts"),
        Subscription("on-sync-failed", "slack", "ops"),
    ]


def subscribed(lab: Lab, *triggers: str, files: dict[str, str] | None = None, **app: Any) -> None:
    lab.repo(files or {"manifests/a.yaml": config_map()})
    lab.cluster.create(catalog(**SLACK))
    made = application(automated={}, **app)
    made["metadata"]["annotations"] = {f"{PREFIX}/subscribe.{trigger}.slack": "team" for trigger in triggers}
    lab.add(made)


def sent(lab: Lab) -> list[str]:
    return [r.message for r in lab.find("NotificationSent")]


def test_a_sync_is_told_once_for_each_revision(lab: Lab) -> None:
    subscribed(lab, "on-sync-succeeded")
    assert sent(lab) == ["tells team on slack: Application web was synced at 2026-01-05T09:00:00Z."]
    lab.cli("app sync web")
    lab.cli("app get web --refresh")
    assert len(sent(lab)) == 1
    lab.commit({"manifests/a.yaml": config_map(value="b")})
    lab.next_poll()
    assert len(sent(lab)) == 2
    record = lab.last("NotificationSent")
    assert (record.data["trigger"], record.data["service"], record.data["recipient"]) == ("on-sync-succeeded", "slack", "team")
    notes = json.loads(lab.app()["metadata"]["annotations"]["notified.notifications.argoproj.io"])
    revision = lab.forge.repository("shop").tip()
    assert [name for name in notes if name.startswith(f"{revision}:on-sync-succeeded:[0].") and name.endswith(":slack:team")]


def test_deployed_means_synced_and_healthy(lab: Lab) -> None:
    subscribed(lab, "on-deployed", "on-sync-succeeded", files={"manifests/web.yaml": deployment()})
    assert len(sent(lab)) == 1
    lab.run(30)
    assert sent(lab)[1] == "tells team on slack: Application web runs a new version: https://argocd.example/applications/web"


def test_a_failed_sync_says_why(lab: Lab) -> None:
    subscribed(lab, "on-sync-failed", namespace="nowhere", policy={"retry": {"limit": 0}})
    lab.run(10)
    [text] = sent(lab)
    assert 'namespaces "nowhere" not found' in text


def test_created_and_deleted(lab: Lab) -> None:
    subscribed(lab, "on-created", "on-deleted")
    lab.cli("app delete web --yes")
    lab.run(30)
    begin = "tells team on slack: Application web is"
    assert sent(lab) == [f"{begin} there.", f"{begin} being deleted."]


def test_a_trigger_without_once_per_fires_again_after_its_condition_held_no_more(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map()})
    trigger = "- when: app.status.sync.status == 'OutOfSync'\n  send: [mine]\n"
    own = {"trigger.on-drift": trigger, "template.mine": "message: 'drift in {{.app.metadata.name}}'"}
    lab.cluster.create(catalog(**SLACK, **own))
    made = application(automated={})
    made["metadata"]["annotations"] = {f"{PREFIX}/subscribe.on-drift.slack": "team"}
    lab.add(made)
    for value in ("x", "y"):
        lab.cluster.as_user("ben").patch("cm", "settings", "default", {"data": {"key": value}})
        lab.run(1)
    assert sent(lab) == ["tells team on slack: drift in web"]
    lab.cli("app sync web")
    lab.cluster.as_user("ben").patch("cm", "settings", "default", {"data": {"key": "z"}})
    lab.run(1)
    assert sent(lab) == ["tells team on slack: drift in web"] * 2


def test_a_project_subscribes_for_all_of_its_applications(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map()})
    lab.cluster.create(catalog(**SLACK))
    made = project()
    made["metadata"]["annotations"] = {f"{PREFIX}/subscribe.on-sync-succeeded.slack": "team-a"}
    lab.cluster.create(made)
    lab.add(application(project="team-a", automated={}))
    assert [r.data["recipient"] for r in lab.find("NotificationSent")] == ["team-a"]


@pytest.mark.parametrize(
    ("annotation", "message"),
    [
        ("subscribe.on-nothing.slack", "trigger 'on-nothing' is not configured"),
        ("subscribe.on-created.pager", "notification service 'pager' is not supported"),
        ("subscribe.on-odd.slack", "trigger 'on-odd' cannot be evaluated: unknown name time"),
        ("subscribe.on-lost.slack", "template 'none' is not supported"),
    ],
)
def test_what_cannot_be_sent_is_said_once(lab: Lab, annotation: str, message: str) -> None:
    lab.repo({"manifests/a.yaml": config_map()})
    odd = {"trigger.on-odd": "- when: time.Now() == 1\n  send: [x]\n", "trigger.on-lost": "- when: 'true'\n  send: [none]\n"}
    lab.cluster.create(catalog(**SLACK, **odd))
    made = application(automated={})
    made["metadata"]["annotations"] = {f"{PREFIX}/{annotation}": "team"}
    lab.add(made)
    lab.run(600)
    [record] = lab.find("NotificationFailed")
    assert record.message.endswith(f"defined in resource argocd/web: {message}")
    assert sent(lab) == []


def test_without_the_config_map_nobody_is_told_anything(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map()})
    made = application(automated={})
    made["metadata"]["annotations"] = {f"{PREFIX}/subscribe.on-created.slack": "team"}
    lab.add(made)
    assert lab.find("NotificationSent", "NotificationFailed") == []
    lab.cluster.create(catalog(**SLACK))
    lab.clock.settle()
    assert len(sent(lab)) == 1
