"""argocd app create, manifests, resources and diff of other revisions."""

from __future__ import annotations

import json

import yaml

from tests.agents.lab import Lab, application, config_map, deployment

CREATE = "app create web --repo https://git.example/shop.git --path manifests --revision main --dest-namespace default"


def message(output: object) -> str:
    return str(json.loads(output.stderr)["msg"])  # type: ignore[attr-defined]


def test_create_makes_an_application(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map()})
    words = f"{CREATE} --sync-policy auto --self-heal --sync-option PruneLast=true --set-finalizer -l team=shop"
    assert lab.cli(words).stdout == "application 'web' created\n"
    app = lab.app()
    assert app["spec"] == {
        "project": "default",
        "source": {"repoURL": "https://git.example/shop.git", "path": "manifests", "targetRevision": "main"},
        "destination": {"server": "https://kubernetes.default.svc", "namespace": "default"},
        "syncPolicy": {"automated": {"selfHeal": True}, "syncOptions": ["PruneLast=true"]},
    }
    assert app["metadata"]["labels"] == {"team": "shop"}
    assert app["metadata"]["finalizers"] == ["resources-finalizer.argocd.argoproj.io"]
    assert lab.sync() == "Synced"
    assert lab.cli(words).stdout == "application 'web' unchanged\n"
    assert "use upsert flag to force update" in message(lab.cli(CREATE))
    assert lab.cli(f"{CREATE} --upsert").stdout == "application 'web' updated\n"
    assert "syncPolicy" not in lab.app()["spec"]


def test_create_refuses_what_could_not_work_unless_told_not_to_look(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map()})
    wrong = CREATE.replace("--path manifests", "--path nope")
    text = message(lab.cli(wrong))
    doing = "rpc error: code = InvalidArgument desc = error while validating and normalizing app: "
    assert text.startswith(
        f"{doing}rpc error: code = InvalidArgument desc = application spec for web is invalid: "
        "InvalidSpecError: Unable to generate manifests in nope: "
    )
    assert "application destination spec for web is invalid: there are no clusters with this name: mars" in message(
        lab.cli(f"{CREATE} --dest-name mars --validate=false")
    )
    assert "project x which does not exist" in message(lab.cli(f"{CREATE} --project x"))
    assert lab.cluster.find("app", "web", "argocd") is None
    assert lab.cli(f"{wrong} --validate=false").exit == 0
    assert lab.sync() == "Unknown"


def test_set_takes_the_same_flags(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map()})
    lab.add(application())
    lab.cli(
        "app set web --sync-option PruneLast=true --sync-option Validate=false --directory-recurse --revision-history-limit 3"
    )
    spec = lab.app()["spec"]
    assert spec["syncPolicy"]["syncOptions"] == ["PruneLast=true", "Validate=false"]
    assert (spec["source"]["directory"], spec["revisionHistoryLimit"]) == ({"recurse": True}, 3)
    lab.cli("app set web --sync-option '!PruneLast=true'")
    assert lab.app()["spec"]["syncPolicy"]["syncOptions"] == ["Validate=false"]


def test_set_refuses_what_could_not_work_unless_told_not_to_look(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map()})
    lab.add(application())
    refused = lab.cli("app set web --path nope")
    doing = "rpc error: code = InvalidArgument desc = error validating and updating app: error validating and normalizing app: "
    assert message(refused).startswith(
        f"{doing}rpc error: code = InvalidArgument desc = application spec for web is invalid: "
        "InvalidSpecError: Unable to generate manifests in nope: "
    )
    assert refused.mend == "mend it, or add --validate=false: then nobody looks at Git first"
    assert lab.app()["spec"]["source"]["path"] == "manifests"
    assert lab.cli("app set web --path nope --validate=false").exit == 0
    assert lab.app()["spec"]["source"]["path"] == "nope"
    assert lab.cli("app set web --dest-server https://nowhere.example --validate=false").exit == 20


def test_who_moves_an_application_to_a_project_needs_rights_there(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map()})
    lab.add(application())
    whole = {"sourceRepos": ["*"], "destinations": [{"server": "*", "namespace": "*"}]}
    meta = {"name": "team-b", "namespace": "argocd"}
    lab.cluster.create({"apiVersion": "argoproj.io/v1alpha1", "kind": "AppProject", "metadata": meta, "spec": whole})
    rules = {"policy.csv": "p, ben, applications, *, default/*, allow"}
    meta = {"name": "argocd-rbac-cm", "namespace": "argocd"}
    lab.cluster.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": rules})
    refused = lab.cli("app set web --project team-b", user="ben")
    assert "permission denied: applications, create, team-b/web, sub: ben" in message(refused)
    rules = {"policy.csv": "p, ben, applications, *, */*, allow"}
    lab.cluster.patch("cm", "argocd-rbac-cm", "argocd", {"data": rules}, type="merge")
    assert lab.cli("app set web --project team-b", user="ben").exit == 0


def test_parameters_are_for_charts_alone(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map()})
    lab.add(application(automated={}))
    refused = lab.cli("app set web -p replicas=3")
    assert (refused.exit, message(refused)) == (1, "Parameters can only be set against Helm applications")
    assert message(lab.cli("app set web --helm-set replicas")).startswith("expected helm parameter of the form param=value but")
    lab.cli("app set web --helm-set 'hosts=a,b' --validate=false")
    assert lab.app()["spec"]["source"]["helm"]["parameters"] == [{"name": "hosts", "value": r"a\,b"}]
    lab.cli("app set web -p hosts=c --validate=false")
    assert lab.app()["spec"]["source"]["helm"]["parameters"] == [{"name": "hosts", "value": "c"}]


def test_a_limit_of_retries_brings_its_back_off_along(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map()})
    lab.add(application())
    lab.cli("app set web --sync-retry-limit 3 --sync-retry-backoff-duration 10s --sync-retry-refresh")
    backoff = {"duration": "10s", "factor": 2, "maxDuration": "3m0s"}
    assert lab.app()["spec"]["syncPolicy"]["retry"] == {"limit": 3, "backoff": backoff, "refresh": True}
    lab.cli("app set web --sync-retry-limit 0")
    assert "syncPolicy" not in lab.app()["spec"]
    assert message(lab.cli("app set web --sync-retry-limit=-1")) == "Invalid sync-retry-limit [-1]"


def test_manifests_from_git_from_the_cluster_and_of_another_revision(lab: Lab) -> None:
    repo = lab.repo({"manifests/web.yaml": deployment(2), "manifests/a.yaml": config_map()})
    first = repo.tip()
    lab.add(application(automated={}))
    lab.scale(5)
    text = lab.cli("app manifests web").stdout
    assert text.startswith("---\n")
    assert text.endswith("\n\n")
    assert "\n\n---\napiVersion: " in text
    found = {obj["kind"]: obj for obj in yaml.safe_load_all(text)}
    assert found["Deployment"]["spec"]["replicas"] == 2
    live = {obj["kind"]: obj for obj in yaml.safe_load_all(lab.cli("app manifests web --source live").stdout)}
    assert live["Deployment"]["spec"]["replicas"] == 5
    lab.commit({"manifests/web.yaml": deployment(9)})
    old = {obj["kind"]: obj for obj in yaml.safe_load_all(lab.cli(f"app manifests web --revision {first}").stdout)}
    assert old["Deployment"]["spec"]["replicas"] == 2
    assert "unable to resolve 'nope'" in message(lab.cli("app manifests web --revision nope"))


def test_resources(lab: Lab) -> None:
    lab.repo({"manifests/web.yaml": deployment(2), "manifests/a.yaml": config_map()})
    lab.add(application(automated={}))
    assert lab.cli("app resources web").stdout == (
        "GROUP  KIND        NAMESPACE  NAME      ORPHANED\n"
        "       ConfigMap   default    settings  No\n"
        "apps   Deployment  default    web       No\n"
    )


def test_a_diff_with_another_revision_and_without_its_exit_code(lab: Lab) -> None:
    lab.repo({"manifests/web.yaml": deployment(2)})
    lab.add(application(automated={}))
    lab.forge.repository("shop").branch("next")
    lab.forge.repository("shop").commit({"manifests/web.yaml": deployment(3)}, "Scale", author="ana", branch="next")
    assert lab.cli("app diff web").exit == 0
    output = lab.cli("app diff web --revision next")
    assert output.exit == 1
    assert "<   replicas: 2\n---\n>   replicas: 3\n" in output.stdout
    lab.scale(7)
    output = lab.cli("app diff web --exit-code=false")
    assert (output.exit, "<   replicas: 7" in output.stdout) == (0, True)


def test_a_tree_shows_what_grew_out_of_what(lab: Lab) -> None:
    lab.repo({"manifests/web.yaml": deployment(2), "manifests/a.yaml": config_map()})
    lab.add(application(automated={}))
    lab.run(30)
    text = lab.cli("app get web -o tree").stdout.partition("\n\n")[2]
    rows = [line.split() for line in text.splitlines()]
    assert rows[:3] == [
        ["KIND/NAME", "STATUS", "HEALTH", "MESSAGE"],
        ["ConfigMap/settings", "Synced", "configmap/settings", "created"],
        ["Deployment/web", "Synced", "Healthy", "deployment.apps/web", "created"],
    ]
    replica_set = lab.cluster.list("rs", "default")[0]["metadata"]["name"]
    pods = [pod["metadata"]["name"] for pod in lab.cluster.list("pod", "default")]
    lines = [line.rstrip().rsplit("  ", 1)[0].rstrip() for line in text.splitlines()[3:]]
    lab.add(application("lost", destination={"name": "mars", "namespace": "x"}))
    assert lab.cli("app get lost -o tree").exit == 0
    assert lines == [f"└─ReplicaSet/{replica_set}", f"  ├─Pod/{pods[0]}", f"  └─Pod/{pods[1]}"]


def test_a_detailed_tree_says_how_old_each_object_is_and_why_it_is_as_it_is(lab: Lab) -> None:
    lab.registry.push("nginx:1.24", {"pull": "1h"})
    lab.repo({"manifests/web.yaml": deployment(1)})
    lab.add(application(automated={}))
    lab.run(65)
    rows = lab.cli("app get web -o tree=detailed").stdout.partition("\n\n")[2].splitlines()
    assert rows[0].split() == ["KIND/NAME", "STATUS", "HEALTH", "AGE", "MESSAGE", "REASON"]
    assert rows[1].split()[:4] == ["Deployment/web", "Synced", "Progressing", "65s"]
    assert rows[1].endswith("Waiting for rollout to finish: 0 of 1 updated replicas are available...")
    assert [row.split()[0].partition("/")[0] for row in rows[2:]] == ["└─ReplicaSet", "└─Pod"]
    waited = lab.cli("app sync web -o tree").stdout
    assert waited.count("KIND/NAME") == 1
    assert "└─ReplicaSet/web-" in waited


def test_applications_are_found_by_their_path_their_namespace_and_their_project(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map("a"), "other/b.yaml": config_map("b")})
    lab.add(application())
    lab.add(application("other", path="other"))
    assert lab.cli("app list --path other -o name").stdout == "argocd/other\n"
    assert lab.cli("app get web -N argocd").stdout == lab.cli("app get argocd/web").stdout
    assert "permission denied" in lab.cli("app get web -N elsewhere").stderr
    assert lab.cli("app sync --project default").exit == 0
    assert [lab.app(name)["status"]["sync"]["status"] for name in ("web", "other")] == ["Synced", "Synced"]
    none = lab.cli("app sync -l team=x --project nobody")
    assert message(none) == "No matching apps found for filter: selector team=x projects [nobody]"
