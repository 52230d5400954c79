"""Every field has a verdict, and the rule behind it is the one that made it."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_sim.objects import Key
from gitops_sim.views.applications.explain import FieldFact, explain, explain_text
from gitops_sim.views.applications.resource import ResourceFacts, diff_html, read_resource, resource_html, resource_text
from tests.agents.lab import Lab, application, config_map, deployment

WEB = Key("apps", "Deployment", "default", "web")
REPLICAS = [{"group": "apps", "kind": "Deployment", "jsonPointers": ["/spec/template", "/spec/replicas"]}]


def fields(lab: Lab, kind: str = "Deployment") -> dict[str, FieldFact]:
    comparison = lab.argocd.comparison("web")
    assert comparison is not None
    (resource,) = [r for r in comparison.resources if r.key.kind == kind]
    return {f.path: f for f in explain(resource, lab.argocd.application(lab.app()), lab.trace)}


def page(lab: Lab, key: Key = WEB) -> ResourceFacts:
    found = read_resource(lab.argocd, lab.app(), key, lab.trace)
    assert found is not None
    return found


def deployed(lab: Lab, manifest: str, **spec: Any) -> None:
    lab.repo({"manifests/web.yaml": manifest})
    lab.add(application(**spec))
    lab.cli("app sync web")
    lab.run(10)


def test_what_differs_comes_first_with_who_wrote_it(lab: Lab) -> None:
    deployed(lab, deployment(2))
    lab.scale(5)
    first = next(iter(fields(lab).values()))
    assert (first.path, first.desired, first.live, first.verdict) == (".spec.replicas", 2, 5, "differs")
    assert first.by == "ben, 09:00:10"
    assert first.rule == "Git states it and the cluster has another value"


def test_the_verdicts_agree_with_the_comparison_field_by_field(lab: Lab) -> None:
    deployed(lab, deployment(2))
    lab.scale(5)
    lab.cluster.patch(
        "deploy", "web", "default", {"spec": {"template": {"spec": {"containers": [{"name": "web", "image": "x:2"}]}}}}
    )
    lab.clock.settle()
    comparison = lab.argocd.comparison("web")
    assert comparison is not None
    assert {f.path for f in fields(lab).values() if f.verdict == "differs"} == {
        d.path for d in comparison.resources[0].differences
    }


def test_an_entry_of_ignore_differences_is_named_with_its_number(lab: Lab) -> None:
    other = {"kind": "ConfigMap", "jsonPointers": ["/spec/replicas"]}
    deployed(lab, deployment(2), ignoreDifferences=[other, *REPLICAS])
    lab.scale(5)
    assert lab.sync() == "Synced"
    found = fields(lab)
    assert found[".spec.replicas"].verdict == "ignored"
    assert found[".spec.replicas"].rule == "spec.ignoreDifferences[1], jsonPointer /spec/replicas"
    assert found[".spec.template.spec.containers[0].image"].rule == "spec.ignoreDifferences[1], jsonPointer /spec/template"
    assert found[".spec.selector.matchLabels.app"].verdict == "same"


def test_so_is_one_that_names_a_path_in_jq_or_a_manager(lab: Lab) -> None:
    image = '.spec.template.spec.containers[] | select(.name == "web") | .image'
    rules = [{"kind": "Deployment", "jqPathExpressions": [image]}, {"kind": "*", "managedFieldsManagers": ["autoscaler"]}]
    deployed(lab, deployment(2), ignoreDifferences=[{**rule, "group": "apps"} for rule in rules])
    lab.cluster.patch(
        "deploy", "web", "default", {"spec": {"template": {"spec": {"containers": [{"name": "web", "image": "x:2"}]}}}}
    )
    lab.cluster.patch("deploy", "web", "default", {"spec": {"replicas": 7}}, manager="autoscaler")
    lab.clock.settle()
    assert lab.sync() == "Synced"
    found = {f.path: f for f in page(lab).fields}
    assert found[".spec.template.spec.containers[0].image"].rule == f"spec.ignoreDifferences[0], jqPathExpression {image}"
    assert found[".spec.replicas"].rule == "spec.ignoreDifferences[1], managedFieldsManagers: autoscaler owns it"
    assert found[".spec.selector.matchLabels.app"].verdict == "same"
    lab.cluster.patch("deploy", "web", "default", {"spec": {"replicas": 8}}, manager="kubectl-edit")
    lab.clock.settle()
    assert {f.path: f.verdict for f in page(lab).fields}[".spec.replicas"] == "differs"


def test_a_comparison_by_the_server_says_so(lab: Lab) -> None:
    deployed(lab, deployment(2), options=["ServerSideApply=true"])
    assert page(lab).verdict.endswith("The server was asked, by a dry run of a server-side apply.")
    lab.scale(5)
    assert "-  replicas: 5" in page(lab).diff
    assert next(iter(fields(lab).values())).path == ".spec.replicas"


def test_defaults_and_what_git_never_mentions_are_no_difference(lab: Lab) -> None:
    deployed(lab, deployment(2))
    lab.cluster.patch("deploy", "web", "default", {"metadata": {"labels": {"by": "hand"}}})
    lab.clock.settle()
    assert lab.sync() == "Synced"
    found = fields(lab)
    assert (found[".spec.revisionHistoryLimit"].verdict, found[".spec.revisionHistoryLimit"].live) == ("not in Git", 10)
    assert "default" in found[".spec.revisionHistoryLimit"].rule
    assert found[".metadata.labels.by"].rule == "Git never mentions it: whoever wrote it, it is no difference"
    assert found[".status"].verdict == "ignored"
    assert found[".metadata.uid"].verdict == "ignored"


def test_another_spelling_of_an_amount_is_the_same(lab: Lab) -> None:
    limits = "\n        resources: {limits: {cpu: 1000m}}\n"
    deployed(lab, deployment(2).rstrip("\n") + limits)
    cpu = fields(lab)[".spec.template.spec.containers[0].resources.limits.cpu"]
    assert (cpu.desired, cpu.live, cpu.verdict) == ("1000m", "1", "same")
    assert cpu.rule == "the API's way to write the same value"


def test_what_git_dropped_and_what_never_arrives_are_told_apart(lab: Lab) -> None:
    deployed(lab, deployment(2, extra="\n  labels: {team: shop}"))
    lab.commit({"manifests/web.yaml": deployment(2).replace("  selector:", "  replica: 3\n  selector:")})
    lab.cli("app get web --refresh")
    found = fields(lab)
    assert "Git has dropped it" in found[".metadata.labels.team"].rule
    assert found[".spec.replica"].rule == "Git states it and it is not in the cluster"


def test_an_object_says_what_was_made_of_it(lab: Lab) -> None:
    lab.repo({"manifests/web.yaml": deployment(2), "manifests/a.yaml": config_map("a")})
    lab.add(application())
    assert page(lab).verdict == "OutOfSync: Git has it, the cluster does not."
    assert (page(lab).health, page(lab).live) == ("Missing", "")
    lab.cli("app sync web")
    lab.commit({"manifests/a.yaml": None})
    lab.cli("app get web --refresh")
    extra = page(lab, Key("", "ConfigMap", "default", "a"))
    assert "Only a sync with prune deletes it" in extra.verdict
    assert extra.diff.startswith("@@ -1,")
    assert read_resource(lab.argocd, lab.app(), Key("", "ConfigMap", "default", "nope"), lab.trace) is None


def test_decisions_about_an_object_stand_in_order_with_their_reasons(lab: Lab) -> None:
    deployed(lab, deployment(2), automated={})
    lab.scale(5)
    told = [(d.actor, d.what) for d in page(lab).decided]
    start = told.index(("ben", "writes it: .spec.replicas"))
    assert [what for _, what in told[start : start + 3]] == [
        "writes it: .spec.replicas",
        "sees it at once (watch): Deployment/web OutOfSync  .spec.replicas  Git 2, cluster 5",
        f"leaves it so: self-heal is off: already synced {lab.status()['sync']['revision'][:7]}",
    ]
    assert "managed objects are watched" in next(d.why for d in page(lab).decided if d.what.startswith("sees it"))
    assert any(what == "syncs " + lab.status()["sync"]["revision"][:7] + ": deployment.apps/web created" for _, what in told)


def test_what_a_controller_made_is_not_compared_but_has_its_story(lab: Lab) -> None:
    deployed(lab, deployment(2))
    pods = lab.cluster.list("pods", "default")
    found = page(lab, Key("", "Pod", "default", pods[0]["metadata"]["name"]))
    assert (found.sync, found.health, found.desired) == ("", "Healthy", "")
    assert next(e.reason for e in found.events) == "Scheduled"
    assert "not compared" in found.verdict


def test_the_values_of_a_secret_are_nowhere_on_its_page(lab: Lab) -> None:
    secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: keys}\nstringData: {password: hunter2}\n"
    deployed(lab, secret)
    lab.cluster.patch("secret", "keys", "default", {"data": {"password": "Y2hhbmdlZA=="}})
    lab.clock.settle()
    assert lab.sync() == "OutOfSync"
    found = page(lab, Key("", "Secret", "default", "keys"))
    everything = resource_html(found) + resource_text(found)
    assert "password" in everything
    for value in ("hunter2", "aHVudGVyMg==", "Y2hhbmdlZA==", "changed"):
        assert value not in everything


def test_page_and_words_say_the_same(lab: Lab) -> None:
    deployed(lab, deployment(2))
    lab.scale(5)
    found = page(lab)
    html, text = resource_html(found), resource_text(found)
    for fact in found.fields:
        assert fact.path in text
        assert fact.path in html
        assert fact.rule.partition("'")[0] in html
    assert explain_text(found.fields).splitlines()[1].split()[:4] == [".spec.replicas", "2", "5", "differs"]


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "\"><img src=x onerror='alert(1)'>", "\u202eevil\x00"])
def test_nothing_hostile_gets_out_of_its_place(lab: Lab, name: str) -> None:
    deployed(lab, deployment(2))
    lab.cluster.patch("deploy", "web", "default", {"metadata": {"annotations": {"note": name}}})
    lab.clock.settle()
    html = resource_html(page(lab)) + diff_html(f"-{name}\n")
    for bad in ("<script", "<img", "\u202e", "\x00"):
        assert bad not in html
