"""Each word of the vocabulary against worlds made by hand: it passes what is right, and says what was found when it is not."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_sim.actions import Action
from gitops_sim.errors import BadInput
from gitops_sim.output import Output
from gitops_sim.scenarios import Evidence, Performed, build_world, read_world
from gitops_sim.scenarios.checks import CHECKS, MEASURES, Measured, Verdict, read_call
from gitops_sim.scenarios.reading import read_yaml
from gitops_sim.world import World

Object = dict[str, Any]


def config(value: str, name: str = "conf") -> Object:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": "default"},
        "data": {"value": value},
    }


def verdict(evidence: Evidence, text: str) -> Verdict:
    return read_call(read_yaml(text, "checks.yaml").entries(), "check", CHECKS).check(evidence)


def measured(evidence: Evidence, text: str) -> Measured:
    return read_call(read_yaml(text, "checks.yaml").entries(), "measure", MEASURES).measure(evidence)


def at(world: World, time: float) -> World:
    world.clock.run_before(time)
    return world


@pytest.fixture
def changing() -> Evidence:
    """ConfigMap/conf: made at 10 s with 1, 2 from 20 s to 25 s, 1 again, gone at 40 s; until 60 s."""
    world = World()
    cluster = world.cluster()
    at(world, 10).cluster().create(config("1"))
    at(world, 20)
    cluster.update(config("2"))
    at(world, 25)
    cluster.update(config("1"))
    at(world, 30)
    cluster.update(config("7"))
    cluster.update(config("1"))
    at(world, 40)
    cluster.delete("ConfigMap", "conf")
    at(world, 60)
    return Evidence(world)


IS_1 = "{object: ConfigMap/conf, field: .data.value, equals: '1'}"
IS_2 = "{object: ConfigMap/conf, field: .data.value, equals: '2'}"


@pytest.mark.parametrize(
    ("text", "passed", "actual"),
    [
        ("{check: object_exists, object: ConfigMap/conf, at: 10}", True, "ConfigMap/conf exists"),
        ("{check: object_exists, object: ConfigMap/conf}", False, "no ConfigMap/conf"),
        ("{check: object_absent, object: ConfigMap/default/conf}", True, "no ConfigMap/default/conf"),
        ("{check: object_absent, object: cm/conf, at: 39}", False, "cm/conf exists"),
        ("{check: field_equals, object: ConfigMap/conf, field: .data.value, value: '2', at: 24}", True, "2"),
        ("{check: field_equals, object: ConfigMap/conf, field: data.value, value: '2', at: 25}", False, "1"),
        ("{check: field_equals, object: ConfigMap/conf, field: '.data[no/key]', value: null, at: 9}", False, "no ConfigMap/conf"),
        (f"{{check: converged_by, condition: {IS_2}, by: 20}}", True, "09:00:20"),
        (f"{{check: converged_by, condition: {IS_2}, by: 19}}", False, "09:00:20"),
        (f"{{check: converged_by, condition: {IS_2}, since: 12, within: 8}}", True, "8 s"),
        (f"{{check: converged_by, condition: {IS_2}, since: 12, within: 7}}", False, "8 s"),
        (f"{{check: converged_by, condition: {IS_2}, since: 26}}", False, "not until the end (34 s): no ConfigMap/conf"),
        (f"{{check: converged_by, condition: {IS_2}, stays: true}}", False, "not until the end (1m): no ConfigMap/conf"),
        ("{check: converged_by, condition: {object: ConfigMap/conf, exists: false}, stays: true, by: 40}", True, "09:00:40"),
        (f"{{check: converged_by, condition: {IS_2}, since: {{event: Never}}}}", False, "never: Never"),
        (f"{{check: never, condition: {IS_2}}}", False, "from 09:00:20 for 5 s"),
        (f"{{check: never, condition: {IS_2}, since: 25}}", True, "never"),
        (f"{{check: never, condition: {IS_2}, until: 20}}", True, "never"),
        ("{check: never, condition: {object: ConfigMap/conf, field: .data.value, equals: '7'}}", True, "never"),
        ("{check: always, condition: {object: ConfigMap/conf}, since: 10, until: 40}", True, "always"),
        ("{check: always, condition: {object: cm/conf}, since: 10}", False, "no cm/conf from 09:00:40 for 20 s, until the end"),
        (f"{{check: always, condition: {{any: [{IS_2}, {IS_1}]}}, since: 10, until: 40}}", True, "always"),
        (f"{{check: always, condition: {{all: [{IS_2}, {{object: ConfigMap/conf}}]}}, since: 20, until: 25}}", True, "always"),
        ("{check: never, condition: {object: ConfigMap/conf, field: .data.value, not: '1'}, until: 20}", True, "never"),
        (f"{{check: seconds_while, condition: {IS_2}, equals: 5}}", True, "5 s"),
        (f"{{check: seconds_while, condition: {IS_2}, at_most: 4}}", False, "5 s"),
        (f"{{check: seconds_until, condition: {IS_2}, since: 15, at_least: 5, at_most: 5s}}", True, "5 s"),
        (f"{{check: seconds_until, condition: {IS_2}, since: 26, at_most: 10m}}", False, "never (in this run 34 s)"),
    ],
)  # fmt: skip
def test_states_and_their_spans(changing: Evidence, text: str, passed: bool, actual: str) -> None:
    found = verdict(changing, text)
    assert (found.passed, found.actual) == (passed, actual)


def test_a_verdict_says_what_was_expected(changing: Evidence) -> None:
    assert verdict(changing, f"{{check: converged_by, condition: {IS_2}, since: 12, within: 8}}").expected == (
        "ConfigMap/conf .data.value = 2 within 8 s"
    )
    assert verdict(changing, f"{{check: seconds_while, condition: {IS_2}, at_least: 1, at_most: 90}}").expected == (
        "at least 1 s and at most 1m30s"
    )


def test_an_unknown_kind_is_bad_input_with_its_place(changing: Evidence) -> None:
    with pytest.raises(BadInput, match="no kind 'Deploymnt'") as caught:
        verdict(changing, "{check: object_exists, object: Deploymnt/web}")
    assert caught.value.where == "checks.yaml:1: check"
    assert caught.value.mend == "did you mean 'Deployment'?"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("{check: never, condition: {object: cm/a, field: .x}}", "not a condition: object, field"),
        ("{check: never, condition: {object: cm/a, ready: 1, exists: true}}", "not a condition: object, ready, exists"),
        ("{check: never, condition: {all: []}}", "must not be empty"),
        ("{check: never, condition: {application: web}}", "says nothing about the application"),
        ("{check: never, condition: {application: web, sync: Sinced}}", "unknown value 'Sinced'"),
        ("{check: sync_status, application: web, value: Healthy}", "unknown value 'Healthy'"),
        ("{check: field_equals, object: cm/a, field: 'a..b', value: 1}", "not a field: 'a..b'"),
        ("{check: field_equals, object: cm/a/b/c, field: a, value: 1}", "not an object: 'cm/a/b/c'"),
        ("{check: history_has, repo: shop, message: '*'}", "not a regular expression: nothing to repeat at position 0"),
        ("{check: output_equals, action: 0, text: a}", "must be a whole number, 1 or more, not 0"),
        ("{check: event_happened, event: {actor: ana}}", "'event' is missing"),
        ("{check: drift_seconds}", "drift_seconds needs a bound"),
        ("{check: credential_held, access: root}", "unknown value 'root'"),
    ],
)  # fmt: skip
def test_calls_that_make_no_sense(text: str, what: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_call(read_yaml(text, "checks.yaml").entries(), "check", CHECKS)
    assert caught.value.what == what


# ---------------------------------------------------------------------- workloads


def deployment(**status: int) -> Object:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "default", "generation": 2},
        "spec": {"replicas": 3},
        "status": status,
    }


AT_REST = {"observedGeneration": 2, "replicas": 3, "updatedReplicas": 3, "readyReplicas": 3}


@pytest.mark.parametrize(
    ("status", "passed", "actual"),
    [
        (AT_REST, True, "3/3 ready"),
        ({**AT_REST, "observedGeneration": 1}, False, "3/3 ready, but its controller has not seen the change yet"),
        ({**AT_REST, "readyReplicas": 2}, False, "2/3 ready"),
        ({**AT_REST, "replicas": 4, "updatedReplicas": 1}, False, "3/3 ready, 3 of an old version"),
        ({**AT_REST, "terminatingReplicas": 7}, False, "3/3 ready, 7 stopping"),
        ({}, False, "0/3 ready, but its controller has not seen the change yet"),
    ],
)
def test_ready_means_at_rest(status: dict[str, int], passed: bool, actual: str) -> None:
    from gitops_sim.scenarios.checks.conditions import Ready
    from gitops_sim.scenarios.evidence import ObjectRef

    ready = Ready(ObjectRef("Deployment", "", "web"), 3)
    assert (ready.fits(deployment(**status)), ready.seen(deployment(**status))) == (passed, actual)
    assert not Ready(ObjectRef("Deployment", "", "web"), 4).fits(deployment(**AT_REST))


def test_the_lowest_number_on_the_way_counts() -> None:
    world = World()
    for time, value in ((10, 3), (20, 1), (21, 3)):
        at(world, time)
        obj = {"apiVersion": "example.com/v1", "kind": "Counter", "metadata": {"name": "c"}, "spec": {"count": value}}
        if time == 10:
            world.cluster().create(obj)
        else:
            world.cluster().update(obj)
    evidence = Evidence(at(world, 30))
    text = "{check: always_at_least, object: Counter/c, field: .spec.count, least: %s, since: %s}"
    assert verdict(evidence, text % (2, 10)) == Verdict(
        False, "Counter/c .spec.count always at least 2", "lowest 1 at 09:00:20", 20
    )
    assert verdict(evidence, text % (3, 21)).passed
    assert verdict(evidence, text % (1, 0)).actual == "lowest 0 at 09:00:00"


# ---------------------------------------------------------------------- trace, writes, output


@pytest.fixture
def told() -> Evidence:
    world = World()
    at(world, 10).trace.add("ana", "CommitPushed", "repo/shop", "commits 4be1c07 to main: Scale web to 3")
    at(world, 20).trace.add("argocd", "DriftDetected", "Deployment/default/web", "sees it")
    at(world, 30).trace.add("ana", "CommitPushed", "repo/shop", "commits 5be1c07 to main: Deploy 1.5.0")
    at(world, 60)
    performed = [
        Performed(Action(5, "kubectl", {"args": "get pods", "by": "ben"}), 5, 5, Output("NAME   READY\nweb    1/1\n")),
        Performed(Action(6, "kubectl", {"args": "get nope"}), 6, 6, Output("", "error: nope\n", 1)),
        Performed(Action(7, "commit", {"repo": "shop"}), 7, 7, Output()),
    ]
    return Evidence(world, performed)


@pytest.mark.parametrize(
    ("text", "passed", "actual"),
    [
        ("{check: event_happened, event: CommitPushed}", True, "at 09:00:10"),
        ("{check: event_happened, event: CommitPushed, count: 2}", True, "2 times"),
        ("{check: event_happened, event: CommitPushed, count: 3}", False, "2 times"),
        ("{check: event_happened, event: {event: [Never, CommitPushed], actor: a*, message: 1.5.}}", True, "at 09:00:30"),
        ("{check: event_happened, event: CommitPushed, since: 31}", False, "did not happen"),
        ("{check: event_happened, event: CommitPushed, since: {event: Never}}", False, "did not happen"),
        ("{check: event_happened, event: DriftDetected, since: {event: CommitPushed, nth: 2}}", False, "did not happen"),
        ("{check: event_absent, event: DriftDetected, until: 19}", True, "none"),
        ("{check: event_absent, event: DriftDetected}", False, "argocd sees it at 09:00:20"),
        ("{check: event_before, first: CommitPushed, then: DriftDetected}", True, "09:00:10 and 09:00:20"),
        ("{check: event_before, first: DriftDetected, then: CommitPushed}", False, "09:00:20 and 09:00:10"),
        ("{check: event_before, first: DriftDetected, then: Synced}", False, "no Synced"),
        ("{check: noticed, event: DriftDetected, since: {event: CommitPushed}, at_most: 10}", True, "argocd, after 10 s"),
        ("{check: noticed, event: DriftDetected, since: 20, equals: 0}", True, "argocd, at once"),
        ("{check: noticed, event: DriftDetected, since: 21, at_most: 60}", False, "nobody"),
        ("{check: noticed, event: DriftDetected, since: 21, reads: nobody}", True, "nobody"),
        ("{check: output_contains, action: 1, text: web    1/1}", True, "NAME   READY\nweb    1/1"),
        ("{check: output_contains, action: any, text: 'error: nope'}", True, "error: nope"),
        ("{check: output_contains, action: last, text: x}", False, "(nothing)"),
        ("{check: output_contains, action: 9, text: x}", False, "no such action"),
        ("{check: output_equals, action: 2, text: 'error: nope'}", True, "error: nope"),
        ("{check: output_equals, action: 3, text: ''}", True, "(nothing)"),
        ("{check: output_matches, action: 1, pattern: 'web +1/1$'}", True, "NAME   READY\nweb    1/1"),
        ("{check: exit_code, action: 2, code: 1}", True, "1"),
        ("{check: exit_code, action: any, code: 3}", False, "0, 1, 0"),
    ],
)  # fmt: skip
def test_events_and_outputs(told: Evidence, text: str, passed: bool, actual: str) -> None:
    found = verdict(told, text)
    assert (found.passed, found.actual) == (passed, actual)


def test_the_last_answer_counts_and_is_not_given_away() -> None:
    world = World()
    text = "{check: answered, question: who, value: carl}"
    assert verdict(Evidence(world), text).actual == "no answer"
    world.do("answer", question="who", value="carl")
    world.do("answer", question="when", value="ben")
    assert verdict(Evidence(world), text).passed
    world.do("answer", question="who", value="ben")
    assert verdict(Evidence(world), text) == Verdict(False, "the right answer to 'who'", "ben", 0)


def test_direct_writes_are_those_of_people() -> None:
    world = World()
    evidence = Evidence(world, [Performed(Action(0, "kubectl", {"args": "x", "by": "ben"}), 0, 0, Output())])
    world.cluster().as_component("system:serviceaccount:argocd:argocd-application-controller").create(config("1"))
    assert verdict(evidence, "{check: no_direct_writes}").passed
    at(world, 30).cluster().as_user("ben").update(config("2"))
    found = verdict(evidence, "{check: no_direct_writes}")
    assert (found.passed, found.actual) == (False, "ben wrote ConfigMap/default/conf at 09:00:30")
    assert verdict(evidence, "{check: no_direct_writes, by: ana}").passed
    assert verdict(evidence, "{check: no_direct_writes, until: 29}").passed


# ---------------------------------------------------------------------- Git


def manifest(value: str) -> str:
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: conf\ndata:\n  value: '{value}'\n"


@pytest.fixture
def deployed() -> Evidence:
    """A pipeline that deploys in 10 s. Git: 1, at 100 s 2, at 300 s nothing. By hand: 9 from 200 s on."""
    world = World()
    repository = world.git.create("shop", {"web/conf.yaml": manifest("1")}, author="ana")
    world.add_pipeline("deploy", repo="shop", path="web", build_time=10).run(by="ana")
    at(world, 100)
    repository.commit({"web/conf.yaml": manifest("2")}, "Two", author="ana")
    at(world, 200)
    world.cluster().as_user("ben").patch("ConfigMap", "conf", "default", {"data": {"value": "9", "mine": "x"}}, type="merge")
    at(world, 300)
    repository.commit({"web/conf.yaml": None, "web/keep.yaml": manifest("k").replace("conf", "keep")}, "Gone", author="ben")
    at(world, 400)
    return Evidence(world, [Performed(Action(200, "kubectl", {"args": "patch", "by": "ben"}), 200, 200, Output())])


@pytest.mark.parametrize(
    ("text", "passed", "actual"),
    [
        ("{check: history_has, repo: shop, message: ^Two}", True, "Two"),
        ("{check: history_has, repo: shop, message: ^Two, author: ben}", False, "none; the newest is"),
        ("{check: history_lacks, repo: shop, message: Revert}", True, "none"),
        ("{check: history_lacks, repo: shop, message: Gone}", False, "Gone"),
        ("{check: commits, repo: shop, equals: 3}", True, "3: "),
        ("{check: commits, repo: shop, author: ben, equals: 1}", True, "Gone"),
        ("{check: commits, repo: shop, message: Nothing, at_most: 0}", True, "none"),
        ("{check: file_matches, repo: shop, path: web/keep.yaml, pattern: 'value: .k.'}", True, "value: 'k'"),
        ("{check: file_matches, repo: shop, path: web/keep.yaml, pattern: nope}", False, "web/keep.yaml without it"),
        ("{check: file_matches, repo: shop, path: web/conf.yaml, pattern: '2', at: 150}", True, "2"),
        ("{check: file_matches, repo: shop, path: web/conf.yaml, pattern: '2'}", False, "no file web/conf.yaml"),
        ("{check: file_matches, repo: shop, path: web/keep.yaml, pattern: k, branch: other}", False, "no file web/keep.yaml"),
        ("{check: file_matches, repo: shop, path: web/conf.yaml, pattern: '2', at: {event: CommitPushed}}", True, "2"),
        ("{check: file_matches, repo: shop, path: web/conf.yaml, pattern: '2', at: {event: Never}}", False, "never: Never"),
        ("{check: file_absent, repo: shop, path: web/conf.yaml, at: {event: Never}}", False, "never: Never"),
        ("{check: file_absent, repo: shop, path: web/conf.yaml}", True, "no file web/conf.yaml"),
        ("{check: file_absent, repo: shop, path: web/conf.yaml, at: 299}", False, "web/conf.yaml is there"),
        ("{check: git_says, object: ConfigMap/keep, field: .data.value, value: k}", True, "k"),
        ("{check: git_says, object: ConfigMap/conf, field: .data.value, value: '2'}", False, "no ConfigMap/conf in Git"),
        ("{check: merge_to_deploy, repo: shop, message: Two, equals: 10}", True, "10 s"),
        ("{check: drift_seconds, equals: 100}", True, "1m40s"),
        ("{check: drift_seconds, object: ConfigMap/keep, equals: 0}", True, "0 s"),
        ("{check: drift_seconds, since: 250, until: 260, equals: 10}", True, "10 s"),
        ("{check: lag_seconds, until: 299, equals: 20}", True, "20 s"),
        ("{check: lag_seconds, object: ConfigMap/conf, since: 300, equals: 100}", True, "1m40s, until the end"),
        ("{check: left_behind, equals: 1}", True, "ConfigMap/conf"),
        ("{check: left_behind, reader: somebody, equals: 0}", True, "nothing"),
        ("{check: value_of, object: ConfigMap/conf, field: .data.value, reads: '9'}", True, "9"),
        ("{check: value_of, object: ConfigMap/conf, field: .data.value, at: 150, reads: '2'}", True, "2"),
        ("{check: credential_held, holder: deploy, target: cluster/production, access: write}", True, "deploy (outside"),
        ("{check: credential_held, access: admin}", False, "none"),
        ("{check: credential_absent, place: inside cluster}", True, "none"),
        ("{check: credential_absent, target: cluster/production}", False, "deploy (outside cluster): cluster/production write"),
        ("{check: credentials, holder: deploy, at_least: 2}", True, "deploy (outside"),
    ],
)  # fmt: skip
def test_git_and_the_distance_to_it(deployed: Evidence, text: str, passed: bool, actual: str) -> None:
    found = verdict(deployed, text)
    assert found.passed is passed, found
    assert actual in found.actual


def test_a_field_that_git_never_states_is_no_drift(deployed: Evidence) -> None:
    from gitops_sim.scenarios.divergence import divergences

    fields = {(d.field, d.mover) for d in divergences(deployed) if d.key.name == "conf"}
    assert fields == {("", "git"), (".data.value", "git"), (".data.value", "cluster")}


def test_what_never_got_there(deployed: Evidence) -> None:
    world = deployed.world
    world.git.repository("shop").commit({"web/keep.yaml": manifest("last").replace("conf", "keep")}, "Last", author="ana")
    at(world, 405)
    assert measured(deployed, "{measure: merge_to_deploy, repo: shop}") == Measured(None, "never (in this run 5 s)")
    assert measured(deployed, "{measure: merge_to_deploy, repo: shop, message: Nope}") == Measured(None, "no such commit")
    with pytest.raises(BadInput, match="no agent or pipeline reads repository 'shp'"):
        measured(deployed, "{measure: merge_to_deploy, repo: shp}")


@pytest.mark.parametrize(
    "spec",
    [
        {"source": {"repoURL": "URL", "targetRevision": "gone"}},
        {"source": {"repoURL": "URL", "path": "gone"}},
        {"destination": {}},
    ],
)
def test_an_application_that_somebody_spoilt_says_nothing_of_git(spec: Object) -> None:
    world = World()
    repository = world.git.create("shop", {"conf.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: conf}\n"})
    spec = {"project": "default", "destination": {"namespace": "default"}, **spec}
    if "source" in spec:
        spec = {**spec, "source": {**spec["source"], "repoURL": repository.url}}
    application = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": {"name": "web"}, "spec": spec}
    world.argocd_in()
    world.cluster().create(application, namespace="argocd")
    world.run(seconds=10)
    found = verdict(Evidence(world, []), "{check: git_says, object: ConfigMap/conf, field: .data.value, value: k}")
    assert (found.passed, found.actual) == (False, "no ConfigMap/conf in Git")


REVIEWED = """\
people: [ana, ben]
repos:
  shop:
    by: ana
    files:
      web/conf.yaml: "{apiVersion: v1, kind: ConfigMap, metadata: {name: conf}, data: {a: b, c: 1}}"
      web/two.yaml: "a: [1\\n"
      README.md: "[a]"
    rules: {main: {approvals: 1, checks: [manifests]}}
    reviewers: {ana: 60}
"""


@pytest.fixture
def reviewed() -> Evidence:
    """Ben's #1 is approved by ana and merged at 200 s; his #2 is merged into main with nobody having looked, at 210 s; then he
    commits to main."""
    world = build_world(read_world(read_yaml(REVIEWED, "world.yaml")))
    home = world.git.repository("shop")
    for name in ("one", "two"):
        world.do("branch", repo="shop", name=name, by="ben")
        world.do("commit", repo="shop", branch=name, message=name, files={f"{name}/a.txt": name}, by="ben")
    world.do("pr", repo="shop", open={"branch": "one", "title": "One"}, by="ben")
    world.run(200)
    world.do("pr", repo="shop", merge={"number": 1}, by="ben")
    home.rules.clear()
    (home.path / "protected-branches").write_text("")
    world.do("pr", repo="shop", open={"branch": "two", "title": "Two"}, by="ben")
    world.run(10)
    world.do("pr", repo="shop", merge={"number": 2}, by="ben")
    world.run(10)
    world.do("commit", repo="shop", message="Past it", files={"three.txt": "3"}, by="ben")
    return Evidence(world)


@pytest.mark.parametrize(
    ("text", "passed", "actual"),
    [
        ("{check: merged_by_pull_request, repo: shop}", True, "#1 at 09:03:20"),
        ("{check: merged_by_pull_request, repo: shop, author: ben, path: 'two/*'}", True, "#2 at 09:03:30"),
        ("{check: merged_by_pull_request, repo: shop, author: ana}", False, "#1 is merged, #2 is merged"),
        ("{check: merged_by_pull_request, repo: shop, branch: one}", False, "#1 is merged, #2 is merged"),
        ("{check: merged_by_pull_request, repo: shop, until: 199}", False, "#1 is merged, #2 is merged"),
        ("{check: reviewed_before_merge, repo: shop, path: 'one/*'}", True, "approved by ana"),
        ("{check: reviewed_before_merge, repo: shop}", False, "#2 was merged without one at 09:03:30"),
        ("{check: reviewed_before_merge, repo: shop, author: ana}", False, "no pull request was merged"),
        ("{check: pushes_past_review, repo: shop, by: ana, equals: 0}", True, "never"),
        ("{check: pushes_past_review, repo: shop, until: 215, equals: 0}", True, "never"),
        ("{check: file_field_equals, repo: shop, path: 'web/c*', kind: ConfigMap, field: .data.a, value: b}", True, "b"),
        ("{check: file_field_equals, repo: shop, path: web/conf.yaml, field: .data.a, value: c}", False, "b"),
        ("{check: file_field_equals, repo: shop, path: web/conf.yaml, field: .data.z, value: null}", True, "nothing"),
        ("{check: file_field_equals, repo: shop, path: no.yaml, field: .a, value: b}", False, "no file no.yaml"),
        (
            "{check: file_field_equals, repo: shop, path: web/conf.yaml, kind: ConfigMap.apps, field: .data.a, value: b}",
            False,
            "no ConfigMap.apps in web/conf.yaml",
        ),
        ("{check: file_field_matches, repo: shop, path: web/conf.yaml, field: .data.a, pattern: '^[ab]$'}", True, "b"),
        ("{check: file_field_equals, repo: shop, path: web/conf.yaml, field: '.kind.a[0].b', value: c}", False, "nothing"),
        ("{check: file_field_equals, repo: shop, path: README.md, field: .a, value: b}", False, "no document in README.md"),
        (
            "{check: file_field_equals, repo: shop, path: web/conf.yaml, field: .a, value: b, at: {event: Never}}",
            False,
            "never: Never",
        ),
        ("{check: file_field_matches, repo: shop, path: web/conf.yaml, field: .data, pattern: b}", False, '{"a": "b", "c": 1}'),
        ("{check: file_field_equals, repo: shop, path: web/conf.yaml, field: .data.c, value: true}", False, "1"),
    ],
)
def test_pull_requests_and_files(reviewed: Evidence, text: str, passed: bool, actual: str) -> None:
    found = verdict(reviewed, text)
    assert (found.passed, found.actual) == (passed, actual)


def test_a_push_past_review_is_named(reviewed: Evidence) -> None:
    found = verdict(reviewed, "{check: pushes_past_review, repo: shop, equals: 0}")
    assert (found.passed, found.at) == (False, 220)
    assert found.actual.startswith("ben commits ")


def test_a_file_that_does_not_parse_is_named(reviewed: Evidence) -> None:
    found = verdict(reviewed, "{check: file_field_equals, repo: shop, path: 'web/*', field: .a, value: 1}")
    assert not found.passed
    assert found.actual.startswith("web/two.yaml:")


def test_what_is_still_to_come_is_no_never(changing: Evidence) -> None:
    found = verdict(changing, f"{{check: converged_by, condition: {IS_1}, since: 61}}")
    assert (found.passed, found.actual) == (False, "it is not yet 09:01:01")
