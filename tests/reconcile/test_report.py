"""How a run is told: first what is not well and why, then what was stood in for, then the rest."""

from __future__ import annotations

from gitops_sim.reconcile import reconcile
from gitops_sim.reconcile.attention import Attention, alike, grouped
from gitops_sim.reconcile.report import report
from gitops_sim.views.story import Style
from tests.reconcile.manifests import CONFIG, FLUX, HERE, application, kustomization

WRONG = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: NAME, namespace: default}\ndata: {a: {b: "c"}}\n'


def text_of(folder) -> str:
    return "\n".join(report(reconcile(folder), Style(width=120)))


def test_the_first_screen_says_what_is_well_what_is_not_and_what_was_stood_in_for(repository):
    files = {
        "a.yaml": application("web", f"repoURL: {HERE}, path: web"),
        "b.yaml": application("bad", f"repoURL: {HERE}, path: nope"),
        "c.yaml": application("far", "repoURL: https://github.com/acme/far, path: x"),
        "tests/d.yaml": application("tried", f"repoURL: {HERE}, path: web"),
        "web/c.yaml": CONFIG,
    }
    text = text_of(repository(files, HERE))
    places = [
        text.index(part)
        for part in (
            "  Application: 2 Synced, Healthy · 1 Unknown, Healthy\n  resources: 2, all of them well\n",
            "not well: 1\n  ! Application/bad: ComparisonError: ",
            "stood in for: 1\n  ! repository far: is not here: https://github.com/acme/far\n",
            "also: 1\n  ! tests/d.yaml: is left out\n",
            "  Application web  Synced, Healthy\n",
            "timeline\n",
        )
    ]
    assert places == sorted(places)


def test_a_repository_that_is_well_says_so(repository):
    assert "not well: nothing\n" in text_of(repository(FLUX))


def test_what_failed_at_first_and_is_well_now_is_not_told(repository):
    files = {
        "a.yaml": application("web", f"repoURL: {HERE}, path: web"),
        "web/c.yaml": CONFIG.replace("c}", "c, namespace: other}"),
    }
    done = reconcile(repository(files, HERE))
    assert done.world.trace.find(event="SyncFailed")
    assert [item.sort for item in done.attention] == ["stand-in"]


def test_many_failures_of_one_cause_are_told_together_and_those_that_wait_last(repository):
    names = [f"n{number}" for number in range(4)]
    files = {f"apps/{name}/c.yaml": WRONG.replace("NAME", name) for name in names}
    parts = [kustomization(name, f"./apps/{name}") for name in names]
    waiting = kustomization("a", "./apps/n0", extra=", dependsOn: [{name: n1}]")
    done = reconcile(repository({**files, "clusters/one/all.yaml": "---\n".join([waiting, *parts])}))
    text = "\n".join(report(done, Style(width=200)))
    assert "not well: 5\n  ! 4 × Kustomization Not ready: ConfigMap/… dry-run failed" in text
    assert text.index("4 × Kustomization") < text.index("Kustomization/flux-system/a: dependency 'flux-system/n1' is not ready")


def test_messages_are_alike_without_their_names_paths_and_attempts():
    first = 'namespaces "a" not found in <path to cached source>/x/y of Job/web/one. Retrying attempt #3 at 9:30AM.'
    second = 'namespaces "b" not found in <path to cached source>/z of Job/two. Retrying attempt #12 at 11:05PM.'
    assert alike("Application", first) == alike("Application", second)
    assert alike("Application", first) != alike("Application", first.replace("not found", "is being terminated"))


def test_without_a_cause_nothing_is_told_together():
    assert [len(items) for _, items in grouped([Attention("a", "x"), Attention("b", "x"), Attention("c", "x", cause="y")])] == [
        1,
        1,
        1,
    ]
