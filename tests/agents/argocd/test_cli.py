"""The argocd command line: its tables, its blocks, its errors and exit codes."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from gitops_sim.agents.argocd import CLI
from gitops_sim.agents.argocd.cli.printing import classic_diff, go_duration
from tests.agents.lab import SERVICE, Lab, application, config_map, deployment


@pytest.fixture
def shop(lab: Lab) -> Lab:
    lab.repo({"manifests/web.yaml": deployment(2), "manifests/svc.yaml": SERVICE})
    lab.add(application(automated={"prune": True}))
    lab.run(30)
    return lab


def test_get_prints_the_summary_and_the_resources(shop: Lab) -> None:
    sha = shop.status()["sync"]["revision"][:7]
    assert shop.cli("app get web").stdout == (
        "Name:               argocd/web\n"
        "Project:            default\n"
        "Server:             https://kubernetes.default.svc\n"
        "Namespace:          default\n"
        "URL:                https://argocd.example/applications/web\n"
        "Source:\n"
        "- Repo:             https://git.example/shop.git\n"
        "  Target:           main\n"
        "  Path:             manifests\n"
        "SyncWindow:         Sync Allowed\n"
        "Sync Policy:        Automated (Prune)\n"
        f"Sync Status:        Synced to main ({sha})\n"
        "Health Status:      Healthy\n"
        "\n"
        "GROUP  KIND        NAMESPACE  NAME  STATUS  HEALTH   HOOK  MESSAGE\n"
        "       Service     default    web   Synced  Healthy        service/web created\n"
        "apps   Deployment  default    web   Synced  Healthy        deployment.apps/web created\n"
    )


def test_get_with_the_operation_and_in_other_formats(shop: Lab) -> None:
    text = shop.cli("argocd app get web --show-operation").stdout
    assert "Operation:          Sync\n" in text
    assert "Start:              2026-01-05 09:00:00 +0000 UTC\n" in text
    assert "Duration:           0s\nMessage:            successfully synced (all tasks run)\n" in text
    bare = {part: value for part, value in shop.app().items() if part not in ("apiVersion", "kind")}
    assert json.loads(shop.cli("app get web -o json").stdout) == bare
    assert yaml.safe_load(shop.cli("app get web -o yaml").stdout) == bare
    assert json.loads(shop.cli("app list -o json").stdout) == [bare]


def test_json_spells_out_what_html_would_take_for_its_own(lab: Lab) -> None:
    lab.add(application(info=[{"name": "why", "value": "a < b & c > d"}]))
    text = lab.cli("app get web -o json").stdout
    assert r'"value": "a \u003c b \u0026 c \u003e d"' in text
    assert json.loads(text)["spec"]["info"][0]["value"] == "a < b & c > d"


def test_get_shows_conditions_and_leaves_the_short_id_out_for_a_commit(lab: Lab) -> None:
    repo = lab.repo({"manifests/a.yaml": config_map()})
    lab.add(application(revision=repo.tip()))
    lab.add(application("bad", path="nope"))
    assert f"Sync Status:        OutOfSync from {repo.tip()}\n" in lab.cli("app get web").stdout
    text = lab.cli("app get bad").stdout
    assert "CONDITION        MESSAGE" in text
    assert "Sync Policy:        Manual\nSync Status:        Unknown\n" in text
    assert "ComparisonError  Failed to load target state: " in text
    assert "nope: app path does not exist" in text


def test_list(shop: Lab) -> None:
    shop.add(application("bad", path="nope"))
    lines = shop.cli("app list").stdout.splitlines()
    assert lines[0].split() == [
        "NAME", "CLUSTER", "NAMESPACE", "PROJECT", "STATUS", "HEALTH", "SYNCPOLICY", "CONDITIONS", "REPO", "PATH", "TARGET",
    ]  # fmt: skip
    assert lines[1].split()[4:8] == ["Unknown", "Healthy", "Manual", "ComparisonError"]
    assert lines[2].split()[4:8] == ["Synced", "Healthy", "Auto-Prune", "<none>"]
    assert shop.cli("app list -o name").stdout == "argocd/bad\nargocd/web\n"
    assert len(json.loads(shop.cli("app list -o json").stdout)) == 2


def test_sync_streams_and_sums_up(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map()})
    lab.add(application())
    text = lab.cli("app sync web").stdout
    lines = text.splitlines()
    assert lines[0].split() == ["TIMESTAMP", "GROUP", "KIND", "NAMESPACE", "NAME", "STATUS", "HEALTH", "HOOK", "MESSAGE"]
    assert lines[1].split() == ["2026-01-05T09:00:00+00:00", "ConfigMap", "default", "settings", "OutOfSync", "Missing"]
    assert lines[2].split()[:5] == ["2026-01-05T09:00:00+00:00", "ConfigMap", "default", "settings", "Synced"]
    assert "Phase:              Succeeded\n" in text
    assert text.endswith("ConfigMap  default    settings  Synced                configmap/settings created\n")
    assert lab.cli("app sync web --async").stdout == ""


def test_sync_leaves_with_an_error_when_something_still_has_to_be_pruned(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map("a"), "manifests/b.yaml": config_map("b")})
    lab.add(application())
    lab.cli("app sync web")
    lab.commit({"manifests/b.yaml": None})
    output = lab.cli("app sync web")
    assert (output.exit, json.loads(output.stderr)["msg"]) == (1, "1 resources require pruning")
    assert lab.cli("app sync web --prune").exit == 0
    assert lab.cluster.find("cm", "b") is None


def test_sync_of_chosen_resources_is_partial(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map("a"), "manifests/b.yaml": config_map("b")})
    lab.add(application())
    lab.cli("app sync web --resource :ConfigMap:a")
    assert lab.cluster.find("cm", "b") is None
    assert lab.sync() == "OutOfSync"
    assert "history" not in lab.status()
    assert lab.cli("app sync web --resource ':ConfigMap:default/b'").exit == 0
    assert lab.sync() == "Synced"
    assert "No matching app resources found" in lab.cli("app sync web --resource apps:Deployment:x").stderr
    assert "resource should have GROUP:KIND:NAME" in lab.cli("app sync web --resource x").stderr


def test_a_dry_run_changes_nothing(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map("a"), "manifests/b.yaml": config_map("b")})
    lab.add(application())
    lab.cli("app sync web")
    lab.commit({"manifests/a.yaml": config_map("a", "new"), "manifests/b.yaml": None})
    revision = lab.cluster.get("cm", "a")["metadata"]["resourceVersion"]
    assert lab.cli("app sync web --dry-run --prune").exit == 0
    assert lab.results()["ConfigMap/a"] == ("Synced", "configmap/a configured (dry run)")
    assert lab.results()["ConfigMap/b"] == ("Pruned", "pruned (dry run)")
    assert lab.cluster.get("cm", "a")["metadata"]["resourceVersion"] == revision
    assert lab.cluster.find("cm", "b") is not None
    assert len(lab.status()["history"]) == 1


def test_another_revision_needs_auto_sync_off(shop: Lab) -> None:
    old = shop.forge.repository("shop").tip()
    shop.commit({"manifests/web.yaml": deployment(5)})
    output = shop.cli(f"app sync web --revision {old}")
    assert f"code = FailedPrecondition desc = Cannot sync to {old}: auto-sync currently set to main" in output.stderr
    shop.cli("app set web --sync-policy manual")
    shop.cli("app sync web")
    assert shop.replicas() == 5
    shop.cli(f"app sync web --revision {old}")
    assert (shop.replicas(), shop.sync()) == (2, "OutOfSync")
    assert "unable to resolve 'nope'" in shop.cli("app sync web --revision nope").stderr


def test_set_writes_the_policy_as_the_real_one_does(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map(), "other/a.yaml": config_map()})
    lab.add(application())

    def policy() -> Any:
        return lab.app()["spec"].get("syncPolicy", {}).get("automated")

    lab.cli("app set web --self-heal")
    assert policy() == {"enabled": False, "selfHeal": True}  # of no effect: auto-sync is not on
    assert lab.sync() == "OutOfSync"
    lab.cli("app set web --sync-policy automated --self-heal --auto-prune=false")
    assert policy() == {"selfHeal": True, "prune": False}
    assert lab.sync() == "Synced"
    lab.cli("app set web --sync-policy none")
    assert policy() is None
    lab.cli("app set web --path other --revision HEAD")
    assert (lab.app()["spec"]["source"]["path"], lab.app()["spec"]["source"]["targetRevision"]) == ("other", "HEAD")
    assert lab.last("ApplicationChanged").message == "changes Application web: revision HEAD, path other"
    nothing = lab.cli("app set web")
    assert (json.loads(nothing.stderr)["level"], json.loads(nothing.stderr)["msg"], nothing.exit) == (
        "error",
        "Please set at least one option to update",
        1,
    )
    assert nothing.stdout == "Usage:\n  argocd app set APPNAME [flags]\n"
    assert "Invalid sync-policy: sometimes" in lab.cli("app set web --sync-policy sometimes").stderr
    assert lab.cli("app set web --self-heal=maybe").exit == 1


def test_history(shop: Lab) -> None:
    shop.commit({"manifests/web.yaml": deployment(3)})
    shop.next_poll()
    first, second = (h["revision"][:7] for h in shop.status()["history"])
    lines = shop.cli("app history web").stdout.splitlines()
    assert lines[:3] == [
        "SOURCE  https://git.example/shop.git",
        "ID      DATE                           REVISION",
        f"0       2026-01-05 09:00:00 +0000 UTC  main ({first})",
    ]
    assert lines[3].startswith("1       2026-01-05 09:02:")
    assert lines[3].endswith(f"+0000 UTC  main ({second})")
    assert shop.cli("app history web -o id").stdout == "0\n1\n"


def test_diff_is_classic_and_leaves_with_1(shop: Lab) -> None:
    assert shop.cli("app diff web").exit == 0
    shop.scale(7)
    output = shop.cli("app diff web")
    assert output.exit == 1
    assert output.stderr == ""
    lines = output.stdout.splitlines()
    assert lines[:2] == ["", "===== apps/Deployment default/web ======"]
    number = lines[2].split("c")[0]
    assert lines[2:] == [f"{number}c{number}", "<   replicas: 7", "---", ">   replicas: 2"]


def test_diff_of_what_is_missing_and_what_is_extra(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map("a")})
    lab.add(application(automated={}))
    lab.commit({"manifests/a.yaml": None, "manifests/b.yaml": config_map("b")})
    lab.set_spec({"syncPolicy": None})
    text = lab.cli("app diff web --refresh").stdout
    assert "===== /ConfigMap default/a ======\n1,12d0\n< apiVersion: v1" in text  # live has a uid and more
    assert "===== /ConfigMap default/b ======\n0a1,9\n> apiVersion: v1" in text


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("a\nb\nc\n", "a\nx\nc\n", "2c2\n< b\n---\n> x\n"),
        ("a\nb\n", "a\n", "2d1\n< b\n"),
        ("a\n", "a\nb\nc\n", "1a2,3\n> b\n> c\n"),
        ("", "a\n", "0a1\n> a\n"),
        ("a\nb\nc\n", "", "1,3d0\n< a\n< b\n< c\n"),
        ("a\n", "a\n", ""),
    ],
)
def test_classic_diff_agrees_with_diff(old: str, new: str, expected: str) -> None:
    assert classic_diff(old, new) == expected


def test_an_application_that_is_not_there_is_permission_denied(lab: Lab) -> None:
    output = lab.cli("app get nope")
    assert (output.exit, json.loads(output.stderr)) == (
        20,
        {"level": "fatal", "msg": "rpc error: code = PermissionDenied desc = permission denied", "time": "2026-01-05T09:00:00Z"},
    )


def test_a_person_is_named_for_what_they_asked(shop: Lab) -> None:
    shop.cli("app sync web", user="ben")
    record = shop.last("SyncRequested")
    assert record.actor == "ben"
    assert record.message == f"asks web to sync to main ({shop.status()['sync']['revision'][:7]})"
    assert shop.status()["operationState"]["operation"]["initiatedBy"] == {"username": "ben"}
    # the writes are the API server's, not a person's
    assert all(c.user.startswith("system:") for c in shop.cluster.store.history(_key()) if c.time == shop.clock.now)


def _key() -> Any:
    from gitops_sim.objects import Key

    return Key("argoproj.io", "Application", "argocd", "web")


def test_a_command_that_waits_lets_time_pass_until_the_retries_are_over(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map()})
    lab.add(application(namespace="prod", policy={"retry": {"limit": 2}}))

    def wait(condition: Any, timeout: float) -> bool:
        while not condition():
            assert lab.clock.step()
        return True

    output = CLI(lab.argocd, "ana", wait).run("app sync web")
    assert lab.clock.now == 30
    assert "Duration:           30s" in output.stdout
    assert "Operation has completed with phase: Failed" in output.stderr


def test_durations_as_go_prints_them() -> None:
    assert [go_duration(s) for s in (0, 59, 60, 3600, 3725)] == ["0s", "59s", "1m0s", "1h0m0s", "1h2m5s"]


def test_resources_are_sorted_by_group_first(lab: Lab) -> None:
    lab.repo({"manifests/web.yaml": deployment(2), "manifests/svc.yaml": SERVICE, "manifests/a.yaml": config_map()})
    lab.add(application())
    rows = lab.cli("app get web").stdout.partition("GROUP")[2].splitlines()[1:]
    assert [row.split()[:2] for row in rows] == [["ConfigMap", "default"], ["Service", "default"], ["apps", "Deployment"]]
    heads = [line for line in lab.cli("app diff web").stdout.splitlines() if line.startswith("=====")]
    assert [head.split()[1] for head in heads] == ["/ConfigMap", "/Service", "apps/Deployment"]
