"""What goes wrong for a learner at the ``argocd`` CLI: the real words as they are, and behind them the way out."""

from __future__ import annotations

import json

import pytest

from gitops_sim.output import Output
from tests.agents.lab import Lab, application, config_map, deployment

CREATE = "app create web --repo https://git.example/shop.git --path manifests --dest-server https://kubernetes.default.svc"
AUTO_SYNC_OFF = "switch auto-sync off first: argocd app set web --sync-policy none"


@pytest.fixture
def shop(lab: Lab) -> Lab:
    """Two Applications that are synced automatically, one of them twice."""
    lab.repo({"manifests/web.yaml": deployment(2), "orders/a.yaml": config_map("a")})
    lab.add(application(automated={}))
    lab.add(application("orders", path="orders", automated={}))
    lab.commit({"manifests/web.yaml": deployment(3)})
    lab.run(200)
    return lab


def said(output: Output) -> str:
    """The message, as the real one logs it."""
    assert output.exit == 20
    return str(json.loads(output.stderr)["msg"]).removeprefix("rpc error: code = ")


@pytest.mark.parametrize(
    ("args", "message", "mend"),
    [
        ("app get wbe", "PermissionDenied desc = permission denied", "you see no Application 'wbe': did you mean 'web'?"),
        ("app sync x", "PermissionDenied desc = permission denied", "you see no Application 'x': use one of orders, web"),
        ("app rollback web 0", "FailedPrecondition desc = rollback cannot be initiated when auto-sync is enabled",
         f"revert the commit in Git, which lasts; or {AUTO_SYNC_OFF}"),
        ("app rollback web 7", "application 'web' does not have deployment id '7' in history",
         "its ids are 0, 1: argocd app history web"),
        ("app rollback orders", "application 'orders' should have at least two successful deployments",
         "sync something else first: there is nothing to go back to yet"),
        ("app rollback web x", 'strconv.Atoi: parsing "x": invalid syntax', "an id is a number: 0, 1, 2"),
        ("app sync web --revision v1", "FailedPrecondition desc = Cannot sync to v1: auto-sync currently set to main",
         f"leave out the revision, or {AUTO_SYNC_OFF}"),
        (CREATE, "InvalidArgument desc = existing application spec is different, use upsert flag to force update",
         "--upsert makes it what you wrote; argocd app set web changes one thing of it"),
        ("proj get defualt", 'NotFound desc = appprojects.argoproj.io "defualt" not found', "did you mean 'default'?"),
        ("app list -o names", "unknown output format: names", "did you mean 'name'?"),
    ],
)  # fmt: skip
def test_what_the_server_refuses_is_answered_with_its_words_and_the_way_out(
    shop: Lab, args: str, message: str, mend: str
) -> None:
    output = shop.cli(args)
    assert (said(output), output.mend) == (message, mend)


@pytest.mark.parametrize(
    ("args", "printed", "mend"),
    [
        ("app gett web", "Usage:\n  argocd app [command]\n\nAvailable Commands:\n",
         "argocd app has no 'gett' here: did you mean 'get'?"),
        ("app", "Usage:\n  argocd app [command]\n", "say which command"),
        ("app get", "Usage:\n  argocd app get APPNAME [flags]\n", "say APPNAME"),
        ("app get web x", "Usage:\n  argocd app get APPNAME [flags]\n", "leave out x: write argocd app get APPNAME [flags]"),
        ("app sync", "Usage:\n  argocd app sync [APPNAME... | -l selector | --project project-name] [flags]\n",
         "say which: by name, or with -l"),
        ("app sync web --prun", "Error: unknown flag: --prun\n", "argocd app sync has no --prun here: did you mean '--prune'?"),
        ("app get web -q", "Error: unknown shorthand flag: 'q' in -q\n", "argocd app get has no -q here: use one of "),
        ("app sync web --revision", "Error: flag needs an argument: --revision\n", "write argocd app sync "),
        ("app sync web --prune=perhaps",
         'Error: invalid argument "perhaps" for "--prune" flag: strconv.ParseBool: parsing "perhaps": invalid syntax\n',
         "write argocd app sync "),
        ("app wait web --timeout 1m",
         'Error: invalid argument "1m" for "--timeout" flag: strconv.ParseInt: parsing "1m": invalid syntax\n',
         "write argocd app wait "),
        ("apps list", 'Error: unknown command "apps" for "argocd"\n\nDid you mean this?\n\tapp\n\tappset\n\n'
         "Run 'argocd --help' for usage.\n", "the argocd of this simulator has account, app, "),
        ("version", "Error: argocd version is not built in\n", "the argocd of this simulator has account, app, "),
        ("", "Usage:\n  argocd [command]\n", "the argocd of this simulator has account, app, "),
    ],
)  # fmt: skip
def test_words_that_it_does_not_understand_are_answered_with_how_they_are_written(
    lab: Lab, args: str, printed: str, mend: str
) -> None:
    output = lab.cli(args)
    assert (output.exit, output.stderr) == (1, "")
    assert output.stdout.startswith(printed)
    assert output.mend.startswith(mend)


def test_a_diff_of_nothing_named_has_an_exit_code_of_its_own(lab: Lab) -> None:
    assert [lab.cli(args).exit for args in ("app diff", "app diff web x", "app get")] == [2, 2, 1]


def test_the_way_out_stands_behind_the_real_words_on_a_line_of_its_own(shop: Lab) -> None:
    output = shop.cli("app get wbe")
    real = '{"level":"fatal","msg":"rpc error: code = PermissionDenied desc = permission denied","time":"2026-01-05T09:03:20Z"}'
    assert str(output) == f"{real}\n  to mend it: you see no Application 'wbe': did you mean 'web'?"
    assert output.stderr == f"{real}\n"


def test_flags_that_say_how_to_reach_the_server_change_nothing(shop: Lab) -> None:
    assert shop.cli("app list --grpc-web --server argocd.example:443 -o name --core") == shop.cli("app list -o name")


def test_a_name_that_somebody_may_not_see_is_not_given_away(shop: Lab) -> None:
    rules = "p, ben, applications, get, default/orders, allow"
    shop.cluster.create(
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "argocd-rbac-cm", "namespace": "argocd"},
            "data": {"policy.csv": rules},
        }
    )
    assert shop.cli("app get web", user="ben").mend == "you see no Application 'web': use one of orders"
    assert shop.cli("app get web", user="eve").mend == "you see no Application 'web': there is none that you may see"
    refused = shop.cli("app sync orders", user="ben")
    assert refused.mend.endswith("such as: p, ben, applications, sync, default/orders, allow")
    changed = shop.cli("app set orders --path web", user="ben")
    assert changed.mend == "you may see orders, and not update it: argocd account can-i update applications default/orders"


def test_a_sync_that_leaves_something_behind_says_how_to_go_on(shop: Lab) -> None:
    shop.commit({"orders/a.yaml": None, "orders/b.yaml": config_map("b")})
    output = shop.cli("app sync orders")
    assert "resources require pruning" in output.stderr
    assert output.mend == "argocd app sync orders --prune deletes what Git does not have any more"
    shop.commit({"orders/b.yaml": config_map("b").replace("data:", "immutable: 3\ndata:")})
    assert shop.cli("app sync orders").mend.startswith("MESSAGE says which resource failed, and why; ")


def test_a_closed_window_names_the_windows(lab: Lab) -> None:
    lab.repo({"manifests/web.yaml": deployment(2)})
    windows = [{"kind": "deny", "schedule": "* * * * *", "duration": "1h", "applications": ["*"]}]
    lab.cluster.patch("appproject", "default", "argocd", {"spec": {"syncWindows": windows}}, type="merge")
    lab.add(application())
    output = lab.cli("app sync web")
    assert said(output) == "PermissionDenied desc = cannot sync: blocked by sync window"
    assert output.mend.startswith("argocd proj windows list default shows when it may")


def test_what_is_deleted_only_when_somebody_says_so_is_asked_for(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map("a", annotation="argocd.argoproj.io/sync-options: Delete=confirm")})
    lab.add(application(automated={}))
    output = lab.cli("app delete web --yes")
    assert (output.stdout, output.exit) == ("application 'web' deleted\n", 0)
    assert output.mend == "say that ConfigMap/a may go: argocd app confirm-deletion web"
    lab.run(60)
    assert lab.cluster.find("cm", "a") is not None
    assert lab.cli("app confirm-deletion web").stdout == "Application 'web' updated successfully\n"
    lab.run(60)
    assert (lab.cluster.find("cm", "a"), lab.cluster.find("app", "web", "argocd")) == (None, None)


def test_of_several_applications_those_before_the_mistake_are_done_and_told(shop: Lab) -> None:
    output = shop.cli("app delete orders nope --yes")
    assert (output.stdout, said(output)) == ("application 'orders' deleted\n", "PermissionDenied desc = permission denied")
    shop.run(60)
    assert [obj["metadata"]["name"] for obj in shop.argocd.applications()] == ["web"]
    assert said(shop.cli("app delete -l team=none")) == "no apps match selector team=none"
