"""The flux command line: what it prints, what it does, and how it ends."""

from __future__ import annotations

import pytest

from gitops_sim.agents.flux import CLI
from gitops_sim.output import Output
from tests.agents.flux.lab import FluxLab, config_map, deployment, git_repository, kustomization


def flux(lab: FluxLab, args: str, **more: object) -> Output:
    return lab.world.flux(args, **more)  # type: ignore[arg-type]


PLACED = deployment(1).replace("name: web\n", "name: web\n  namespace: default\n", 1)


def test_get_kustomizations_and_sources() -> None:
    lab = FluxLab().start()
    short = lab.repo.tip()[:8]
    message = f"Applied revision: main@sha1:{short}"
    assert flux(lab, "get ks").stdout == (
        f"NAME\tREVISION          \tSUSPENDED\tREADY\tMESSAGE{' ' * (len(message) - 7)}\n"
        f"shop\tmain@sha1:{short}\tFalse    \tTrue \t{message}\t\n"
    )
    stored = f"stored artifact for revision 'main@sha1:{short}'"
    assert flux(lab, "get sources git").stdout.splitlines()[1] == f"shop\tmain@sha1:{short}\tFalse    \tTrue \t{stored}\t"
    assert flux(lab, "flux get ks -A").stdout.splitlines()[1].split("\t")[:2] == ["flux-system", "shop"]
    assert flux(lab, "get ks --show-source --no-header").stdout.split("\t")[1] == "GitRepository/flux-system/shop"
    every = flux(lab, "get all").stdout
    assert "gitrepository/shop" in every
    assert every.endswith("\n\n")


def test_get_of_what_is_not_there_and_of_what_is_not_reconciled_yet() -> None:
    lab = FluxLab()
    none = flux(lab, "get ks")
    assert (none.stderr, none.exit) == ('✗ no Kustomization objects found in "flux-system" namespace\n', 1)
    lab.start(kustomization(suspend=True))
    assert flux(lab, "get ks web -n apps").stderr == "✗ Kustomization object 'web' not found in \"apps\" namespace\n"
    assert flux(lab, "get ks -A web").stderr == "✗ Kustomization object 'web' not found in any namespace\n"
    assert flux(lab, "get ks").stdout.splitlines()[1] == "shop\t        \tTrue     \tFalse\twaiting to be reconciled\t"


def test_get_selects_by_status() -> None:
    lab = FluxLab().start(git_repository(), kustomization(), kustomization("bad", path="nowhere"))
    names = [
        line.split("\t")[0].strip() for line in flux(lab, "get ks --status-selector ready=false --no-header").stdout.splitlines()
    ]
    assert names == ["bad"]
    assert "shop" in flux(lab, "get ks --status-selector ready!=false").stdout
    assert flux(lab, "get ks --status-selector ready").exit == 1


def test_reconcile_does_not_fetch_git_and_with_source_it_does() -> None:
    lab = FluxLab().start()
    old = lab.repo.tip()
    new = lab.commit({"manifests/web.yaml": deployment(5)})
    lab.kubectl("scale deploy web --replicas=10")
    assert flux(lab, "reconcile ks shop") == Output(
        "",
        "► annotating Kustomization shop in flux-system namespace\n✔ Kustomization annotated\n"
        f"◎ waiting for Kustomization reconciliation\n✔ applied revision main@sha1:{old}\n",
    )
    assert lab.replicas() == 3
    assert flux(lab, "reconcile kustomization shop --with-source") == Output(
        "",
        "► annotating GitRepository shop in flux-system namespace\n✔ GitRepository annotated\n"
        f"◎ waiting for GitRepository reconciliation\n✔ fetched revision main@sha1:{new}\n"
        "► annotating Kustomization shop in flux-system namespace\n✔ Kustomization annotated\n"
        f"◎ waiting for Kustomization reconciliation\n✔ applied revision main@sha1:{new}\n",
    )
    assert lab.replicas() == 5
    assert lab.world.now == 0
    assert [line for line in lab.story() if line.startswith("you flux")] == [
        "you flux reconcile ks shop",
        "you flux reconcile kustomization shop --with-source",
    ]


def test_reconcile_waits_for_the_health_check() -> None:
    lab = FluxLab().start(wait=True)
    lab.run("1m")
    lab.commit({"manifests/web.yaml": deployment(3, image="nginx:2")})
    assert flux(lab, "reconcile ks shop --with-source").exit == 0
    assert lab.world.now == 65


def test_reconcile_fails_for_the_suspended_the_unknown_and_after_its_time() -> None:
    lab = FluxLab().start(git_repository(), kustomization(suspend=True), kustomization("bad", path="nowhere"))
    assert flux(lab, "reconcile ks shop") == Output("", "✗ resource is suspended\n", 1, "flux resume kustomization shop")
    assert flux(lab, "reconcile ks nobody").stderr == '✗ kustomizations.kustomize.toolkit.fluxcd.io "nobody" not found\n'
    before = lab.world.now
    assert flux(lab, "reconcile ks bad --timeout 1m").stderr.splitlines()[-1] == "✗ context deadline exceeded"
    assert lab.world.now == before + 60


def test_suspend_and_resume() -> None:
    lab = FluxLab().start()
    assert flux(lab, "suspend ks shop nobody") == Output(
        "",
        "► suspending kustomization shop in flux-system namespace\n✔ kustomization suspended\n"
        "✗ Kustomization nobody not found in flux-system namespace\n",
    )
    assert lab.ks()["spec"]["suspend"] is True
    lab.kubectl("scale deploy web --replicas=10")
    lab.run("1h")
    assert lab.replicas() == 10
    assert flux(lab, "resume ks shop").stderr == (
        "► resuming kustomization shop in flux-system namespace\n✔ kustomization resumed\n"
        "◎ waiting for Kustomization reconciliation\n✔ Kustomization shop reconciliation completed\n"
        f"✔ applied revision main@sha1:{lab.repo.tip()}\n"
    )
    assert lab.replicas() == 3
    assert "suspend" not in lab.ks()["spec"]
    assert "source git suspended" in flux(lab, "suspend source git --all").stderr


def test_tree() -> None:
    files = {
        "clusters/a.yaml": git_yaml(),
        "apps/web.yaml": PLACED,
        "apps/ns.yaml": "apiVersion: v1\nkind: Namespace\nmetadata: {name: apps}\n",
    }
    lab = FluxLab(files).start(git_repository(), kustomization(path="clusters", targetNamespace=None))
    assert flux(lab, "tree ks shop").stdout == (
        "Kustomization/flux-system/shop\n"
        "└── Kustomization/flux-system/apps\n"
        "    ├── Namespace/apps\n"
        "    └── Deployment/default/web\n\n"
    )
    assert flux(lab, "tree ks shop --compact").stdout == "Kustomization/flux-system/shop\n└── Kustomization/flux-system/apps\n\n"
    assert '"Kind": "Namespace"' in flux(lab, "tree ks shop -o json").stdout
    assert "Namespace" in flux(lab, "tree ks shop -o yaml").stdout


def git_yaml() -> str:
    return (
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: apps, namespace: flux-system}\n"
        "spec: {interval: 10m, prune: true, path: ./apps, sourceRef: {kind: GitRepository, name: shop}}\n"
    )


def test_suspending_what_is_in_git_is_undone_by_its_parent() -> None:
    files = {
        "clusters/a.yaml": git_yaml(),
        "apps/web.yaml": deployment(1).replace("name: web\n", "name: web\n  namespace: default\n", 1),
    }
    lab = FluxLab(files).start(git_repository(), kustomization(path="clusters", targetNamespace=None))
    flux(lab, "suspend ks apps")
    lab.run("10m")
    assert lab.ks("apps")["spec"].get("suspend") is True  # the real flux is no kubectl: its field stays
    lab.kubectl('patch ks apps -n flux-system --type merge -p \'{"spec":{"suspend":true,"wait":true}}\'')
    lab.run("10m")
    assert "wait" not in lab.ks("apps")["spec"]


def test_diff_shows_what_a_folder_would_change() -> None:
    lab = FluxLab({"manifests/web.yaml": deployment(2), "manifests/cm.yaml": config_map()}).start()
    changed = deployment(3).replace("name: web\n", "name: web\n  labels: {tier: front}\n", 1)
    files = {"manifests/web.yaml": changed, "manifests/new.yaml": config_map("new"), "other/x.yaml": "x: 1"}
    done = flux(lab, "diff ks shop --path ./manifests", files=files)
    assert done.exit == 1
    assert done.stderr == "⚠️ identified at least one change, exiting with non-zero exit code\n"
    assert done.stdout == (
        "► ConfigMap/default/new created\n"
        "► Deployment/default/web drifted\n"
        "\nmetadata.labels\n+ one map entry added:\n  tier: front\n"
        "\nmetadata.generation\n± value change\n- 1\n+ 2\n"
        "\nspec.replicas\n± value change\n- 2\n+ 3\n"
        "\n"
        "► ConfigMap/default/settings deleted\n"
    )
    same = {"manifests/web.yaml": deployment(2), "manifests/cm.yaml": config_map()}
    assert flux(lab, "diff ks shop --path manifests", files=same) == Output("", "", 0)


def test_diff_of_a_secret_hides_its_values() -> None:
    secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {a: YQ==, b: YQ==}\n"
    lab = FluxLab({"manifests/s.yaml": secret}).start()
    done = flux(lab, "diff ks shop --path manifests", files={"manifests/s.yaml": secret.replace("a: YQ==", "a: Yg==")})
    assert done.stdout == "► Secret/default/s drifted\n\ndata.a\n± value change\n- *** (before)\n+ *** (after)\n\n"


@pytest.mark.parametrize("args", ["diff ks shop", "diff ks shop --path nowhere"])
def test_diff_without_a_folder(args: str) -> None:
    lab = FluxLab().start()
    path = args.partition("--path ")[2]
    assert flux(lab, args, files={"manifests/a.yaml": config_map()}) == Output("", f'✗ invalid resource path "{path}"\n', 2)


def test_diff_of_what_cannot_be_applied_or_built() -> None:
    lab = FluxLab().start()
    broken = deployment(1).replace("replicas: 1", "replicas: many")
    assert "dry-run failed" in flux(lab, "diff ks shop --path m", files={"m/a.yaml": broken}).stderr
    assert flux(lab, "diff ks shop --path m", files={"m/a.yaml": "a: ["}).exit == 2


def test_events() -> None:
    lab = FluxLab().start()
    lab.run("20m")
    lines = flux(lab, "events --for Kustomization/shop").stdout.splitlines()
    assert [cell.strip() for cell in lines[0].split("\t")] == ["LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"]
    assert [cell.strip() for cell in lines[-1].split("\t")][:4] == [
        "0s (x3 over 20m)",
        "Normal",
        "ReconciliationSucceeded",
        "Kustomization/shop",
    ]
    assert any("GitRepository/shop" in line for line in lines)
    assert flux(lab, "events --types Warning") == Output("", "✗ No events found in flux-system namespace.\n")
    assert flux(lab, "events --for Pod").stderr == "✗ 'Pod' is not a recognized Flux kind\n"
    assert flux(lab, "events --types Bad").exit == 1
    assert flux(lab, "events -A").stdout.startswith("NAMESPACE")


def test_logs() -> None:
    lab = FluxLab().start(git_repository(), kustomization(), kustomization("bad", path="nowhere"))
    lab.run("10m")
    lines = flux(lab, "logs --kind kustomization --name shop").stdout.splitlines()
    start = "2026-01-05T09:00:00.000Z info Kustomization/shop.flux-system - "
    assert lines[:2] == [f"{start}server-side apply completed ", f"{start}Reconciliation finished in 0s, next run in 10m0s "]
    assert lines[-1] == (
        "2026-01-05T09:10:00.000Z info Kustomization/shop.flux-system - Reconciliation finished in 0s, next run in 10m0s "
    )
    errors = flux(lab, "logs --level error --tail 1").stdout
    assert "error Kustomization/bad.flux-system - Reconciliation failed after 0s, next try in 10m0s kustomization path" in errors
    assert flux(lab, "logs --since 1s --namespace apps").stdout == ""


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ("get pods", '✗ unknown command "pods" for "flux"\n'),
        ("suspend ks", "✗ kustomization name is required\n"),
        ("reconcile ks", "✗ Kustomization name is required\n"),
        ("tree ks", "✗ kustomization name is required\n"),
        ("get 'ks", "✗ cannot read the command line: no closing quotation\n"),
    ],
)
def test_words_that_it_does_not_understand(args: str, message: str) -> None:
    done = flux(FluxLab().start(), args)
    assert (done.stdout, done.stderr, done.exit) == ("", message, 1)


@pytest.mark.parametrize(
    ("args", "said", "mend"),
    [
        ("get ks shp", """✗ Kustomization object 'shp' not found in "flux-system" namespace""", "did you mean 'shop'?"),
        ("get hr web", """✗ HelmRelease object 'web' not found in "flux-system" namespace""",
         "there is no HelmRelease in flux-system yet"),
        ("get ks shop -n apps", """✗ Kustomization object 'shop' not found in "apps" namespace""",
         "it is in another namespace: -n flux-system"),
        ("reconcile ks shp", '✗ kustomizations.kustomize.toolkit.fluxcd.io "shp" not found', "did you mean 'shop'?"),
        ("reconcile ks", "✗ Kustomization name is required", "name one of shop"),
        ("suspend source git", "✗ source git name is required", "name one of shop"),
        ("get imgae all", '✗ unknown command "imgae" for "flux"', "did you mean 'image'?"),
        ("get kz", '✗ unknown command "kz" for "flux"', "did you mean 'ks'?"),
        ("get sources gti", '✗ unknown command "sources" for "flux"', "did you mean 'sources git'?"),
        ("get ks --no-haeder", "✗ unknown flag: --no-haeder", "flux get has no --no-haeder here: did you mean '--no-header'?"),
        ("get ks --status-selector", "✗ flag needs an argument: --status-selector", ""),
        ("bootstrap git", "✗ flux bootstrap is not built in", "the flux of this simulator has get, reconcile, suspend, "),
        ("recncile ks shop", '✗ unknown command "recncile" for "flux"\n\nDid you mean this?\n\treconcile\n',
         "the flux of this simulator has get, reconcile, suspend, "),
        ("", '✗ unknown command "" for "flux"', "the flux of this simulator has get, reconcile, suspend, "),
    ],
)  # fmt: skip
def test_a_mistake_is_answered_with_the_real_words_and_the_way_out(args: str, said: str, mend: str) -> None:
    done = CLI(FluxLab().start().flux, "you").run(args)
    assert (done.exit, done.stderr) == (1, f"{said}\n")
    assert done.mend.startswith(mend)


def test_what_is_suspended_or_late_is_answered_with_the_next_command() -> None:
    lab = FluxLab({"manifests/web.yaml": deployment(1, "shop/bad:1")}, images={"shop/bad:1": {"crash": "1s"}})
    lab.start(wait=True, timeout="1m")
    done = flux(lab, "reconcile ks shop --timeout 30s")
    assert "✗ context deadline exceeded\n" in done.stderr
    assert done.mend == "look at what it waits for: flux get kustomization shop, flux events --for Kustomization/shop"
    flux(lab, "suspend ks shop")
    done = flux(lab, "reconcile ks shop")
    assert str(done) == "✗ resource is suspended\n  to mend it: flux resume kustomization shop"


def test_a_person_without_the_right_is_told_so() -> None:
    lab = FluxLab().start()
    lab.cluster.people = {"ben": ("viewers",)}
    done = flux(lab, "suspend ks shop", by="ben")
    assert done.exit == 1
    assert 'User "ben" cannot get resource "kustomizations"' in done.stderr


def test_what_a_person_did_plays_again() -> None:
    from gitops_sim.actions import ActionLog, dump_actions, load_actions

    lab = FluxLab().start()
    flux(lab, "suspend ks shop", by="ben")
    log = load_actions(dump_actions(ActionLog(lab.world.actions)), "log")
    assert [(a.do, a.get("args"), a.by) for a in log.actions] == [("flux", "suspend ks shop", "ben")]
