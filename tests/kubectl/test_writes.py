"""What the recordings do not show of apply, create, replace, patch and delete."""

from __future__ import annotations

import pytest

from gitops_sim.cluster.apply import LAST_APPLIED
from gitops_sim.kubectl import Kubectl
from tests.kubectl.stage import CONF, WEB, Stage


def test_a_conflict_is_reported_when_an_old_version_is_put_back() -> None:
    stage = Stage()
    stage.ok("apply -f conf.yaml")
    stage.files["live.yaml"] = stage.ok("get cm conf -o yaml").replace('"1"', '"5"', 1)
    assert stage.ok("replace -f live.yaml") == "configmap/conf replaced\n"
    assert stage.error("replace -f live.yaml") == (
        'Error from server (Conflict): error when replacing "live.yaml": Operation cannot be fulfilled on configmaps "conf": the '
        "object has been modified; please apply your changes to the latest version and try again\n"
    )


def test_a_conflict_while_applying_names_the_patch() -> None:
    stage = Stage()
    stage.ok("apply -f conf.yaml")
    stage.files["old.yaml"] = CONF.replace("name: conf", 'name: conf, resourceVersion: "1"') + "  b: x\n"
    error = stage.error("apply -f old.yaml")
    assert error.startswith('Error from server (Conflict): error when applying patch:\n{"data":{"b":"x"},"metadata":')
    assert 'Name: "conf", Namespace: "default"\nfor: "old.yaml": error when patching "old.yaml": Operation cannot be' in error


def test_apply_with_force_creates_again_what_cannot_be_changed() -> None:
    stage = Stage()
    stage.ok("apply -f web.yaml")
    stage.after(20)
    old = stage.ok("get deploy web -o jsonpath={.metadata.uid}")
    stage.files["web.yaml"] = WEB.replace("{app: web}", "{app: other}")
    assert "field is immutable" in stage.error("apply -f web.yaml")
    assert stage.ok("apply -f web.yaml --force") == "deployment.apps/web configured\n"
    assert stage.ok("get deploy web -o jsonpath={.metadata.uid}") != old


@pytest.mark.parametrize("annotation", ["{", "[]", "7", "[" * 5000])
def test_an_annotation_that_is_no_manifest_is_an_error(annotation: str) -> None:
    stage = Stage()
    stage.ok("create -f conf.yaml")
    stage.ok(["annotate", "cm", "conf", f"{LAST_APPLIED}={annotation}"])
    error = stage.error("apply -f conf.yaml")
    assert error.startswith('error: error when applying patch:\n\nto:\nResource: "/v1, Resource=configmaps"')
    assert f"the annotation {LAST_APPLIED} cannot be read" in error
    if annotation != "7" and annotation != "[]":
        assert "cannot be read" in stage.error("apply view-last-applied cm conf")


def test_an_object_that_is_being_deleted_can_be_changed_with_a_warning() -> None:
    stage = Stage({"held.yaml": CONF.replace("name: conf", "name: conf, finalizers: [example.org/hold]")})
    stage.ok("apply -f held.yaml")
    stage.ok("delete -f held.yaml --wait=false")
    stage.files["held.yaml"] += "  b: x\n"
    output = stage.run("apply -f held.yaml")
    assert output.stdout == "configmap/conf configured\n"
    assert output.stderr == "Warning: Detected changes to resource conf which is currently being deleted.\n"
    stage.files["held.yaml"] += "  c: y\n"
    assert "currently being deleted" in stage.run("diff -f held.yaml").stderr


def test_deleting_waits_for_finalizers() -> None:
    stage = Stage({"held.yaml": CONF.replace("name: conf", "name: conf, finalizers: [example.org/hold]")})
    stage.ok("apply -f held.yaml")
    output = stage.run("delete -f held.yaml --timeout=5s")
    assert output.stdout == 'configmap "conf" deleted from default namespace\n'
    assert output.stderr == "error: timed out waiting for the condition on configmaps/conf\n"
    before = stage.cluster.clock.now
    assert stage.run("delete cm conf").exit == 1
    assert stage.cluster.clock.now == before + 3600


def test_without_a_clock_of_its_own_kubectl_only_looks() -> None:
    stage = Stage()
    stage.ok("apply -f web.yaml")
    kubectl = Kubectl(stage.cluster)
    assert kubectl.run("rollout status deploy/web").stdout == "Waiting for deployment spec update to be observed...\n"
    assert kubectl.run("wait --for=condition=Available deploy/web").exit == 1
    assert stage.cluster.clock.now == 0


def test_a_type_in_small_letters_is_refused_by_the_server() -> None:
    stage = Stage({"typo.yaml": CONF.replace("ConfigMap", "configmap")})
    for command in ("apply", "create"):
        assert stage.error(f"{command} -f typo.yaml") == (
            'Error from server (BadRequest): error when creating "typo.yaml": configmap in version "v1" cannot be handled as a '
            'ConfigMap: no kind "configmap" is registered for version "v1" in scheme "pkg/api/legacyscheme/scheme.go:30"\n'
        )


def test_a_key_given_twice_is_an_error_here() -> None:
    """The real kubectl takes the second one in silence."""
    stage = Stage({"twice.yaml": CONF + "data: {b: '2'}\n"})
    assert "key 'data' is given twice" in stage.error("apply -f twice.yaml")


def test_an_empty_generate_name_is_told_apart_from_no_name() -> None:
    stage = Stage({"many.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: many-}\n"})
    name = stage.ok("create -f many.yaml -o name")
    assert name.startswith("configmap/many-")
    assert stage.ok("create -f many.yaml -o name") != name


def test_an_unknown_kind_may_exist_once_the_cluster_knows_it() -> None:
    stage = Stage({"app.yaml": "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\nspec: {x: [1]}\n"})
    assert stage.ok("apply -f app.yaml") == "application.argoproj.io/a created\n"
    assert stage.ok("apply -f app.yaml") == "application.argoproj.io/a unchanged\n"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (
            "apply -f conf.yaml --prune --all",
            "--prune is not built in: delete what is no longer wanted, or let a GitOps agent do it",
        ),
        ("apply -f conf.yaml --subresource=status", "--subresource can only be specified for --server-side"),
        ("apply -f conf.yaml --dry-run=server --force", "--dry-run=server cannot be used with --force"),
        (
            "apply view-last-applied cm/conf -o name",
            "Unexpected -o output mode: name, the flag 'output' must be one of yaml|json",
        ),
        ("create -f conf.yaml --edit", "--edit and --raw are not built in: change the file, then create -f it"),
        ("create svc x", "kubectl create svc is not built in: write kubectl create service"),
        ("create cm x --append-hash", "--append-hash is not built in"),
        ("replace -f conf.yaml --timeout=1s", "--timeout must have --force specified"),
        ("replace -f conf.yaml --raw=/x", "--raw and --subresource are not built in"),
        ("diff -f conf.yaml --force-conflicts", "--force-conflicts only works with --server-side"),
        ("patch cm conf -p {} --local", "--local is not built in: use --dry-run=client"),
        ("patch cm conf -p {} --patch-file=x", "cannot specify --patch and --patch-file together"),
        ("label cm conf a=b --local", "--local is not built in: use --dry-run=client"),
        ("label cm conf --all -l a=b c=d", "cannot set --all and --selector at the same time"),
        ("set image cm/conf a=b --local", "--local is not built in: use --dry-run=client"),
        ("set env deploy/web --list --resolve", "--resolve is not built in: look at the ConfigMap or the Secret itself"),
        ("set env deploy/web --list -o yaml", "--list and --output may not be specified together"),
        ("scale cm --replicas=1 --all --current-replicas=-5", "The --current-replicas must specify an integer of -1 or greater"),
        ("apply -k folder -f conf.yaml", "only one of -f or -k can be specified"),
        ("apply -f - -f -", "standard input cannot be used for multiple arguments"),
        ("get ns --raw=/x", "--raw is not built in: name a resource type"),
        ("get ns -o kyaml", "kyaml is not built in: use -o yaml"),
        ("run x --image=y --stdin", "--stdin is not built in: nothing runs inside the simulated Pods"),
    ],
)
def test_what_is_refused(line: str, why: str) -> None:
    output = Stage().run(line)
    assert output.exit in (1, 2)
    assert output.stderr == f"error: {why}\n"


def test_patches_that_leave_no_object_are_refused() -> None:
    stage = Stage()
    stage.ok("apply -f conf.yaml")
    words = ["patch", "cm", "conf", "--dry-run=client", "--type=merge", "-p"]
    assert stage.error([*words, '{"metadata": null}']) == "error: the patch leaves no object\n"
    assert "exceeded max depth" in stage.error(["patch", "cm", "conf", "-p", '{"a":' * 100_000])


def test_an_application_is_patched_with_a_merge_patch_only() -> None:
    stage = Stage({"app.yaml": "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\n"})
    stage.ok("apply -f app.yaml")
    error = stage.error("patch app a -p '{\"spec\": {}}'")
    assert error.startswith(
        "error: application/strategic-merge-patch+json is not supported by argoproj.io/v1alpha1, Kind=Application"
    )
    assert "locally, try --type merge" in stage.error("patch app a -p '{\"spec\": {}}' --dry-run=client")


def test_the_scale_of_a_deployment_is_waited_for() -> None:
    stage = Stage()
    stage.ok("apply -f web.yaml")
    stage.ok("scale deploy web --replicas=4 --timeout=1m")
    assert stage.ok("get deploy web -o jsonpath={.status.replicas}") == "4"
    Kubectl(stage.cluster).run("scale deploy web --replicas=5")
    assert Kubectl(stage.cluster).run("scale deploy web --replicas=6 --timeout=1s").stderr == (
        'error: timed out waiting for "web" to be synced\n'
    )


def test_new_objects_from_flags() -> None:
    stage = Stage({"folder/a.txt": "1", "folder/b.txt": "2", "vars": "A=1\nB\n"})
    assert stage.ok("create ns team") == "namespace/team created\n"
    assert stage.error("create ns team") == 'Error from server (AlreadyExists): namespaces "team" already exists\n'
    assert stage.ok("create cm files --from-file=folder -n team -o jsonpath={.data}") == '{"a.txt":"1","b.txt":"2"}'
    assert stage.error("create cm files -n team") == 'error: failed to create configmap: configmaps "files" already exists\n'
    assert stage.error("create cm files -n nowhere") == 'error: failed to create configmap: namespaces "nowhere" not found\n'
    assert stage.ok("create cm vars --from-env-file=vars -o jsonpath={.data}") == '{"A":"1","B":""}'
    assert stage.ok("create secret generic s --from-literal=a=1 --type=t -o jsonpath={.type}{.data.a}") == "tMQ=="
    assert stage.error("create secret generic s") == 'error: failed to create secret secrets "s" already exists\n'
    assert stage.ok("create deployment d --image=my_app:1 -- run me") == "deployment.apps/d created\n"
    assert stage.ok("get deploy d -o jsonpath={..command}") == '["run","me"]'
    assert stage.ok("get deploy d -o jsonpath={..containers[0].name}").startswith("my-app-")
    assert "is invalid" in stage.error("create deployment d2 --image=x --replicas=-1")
    assert stage.ok("create job j --image=x -- echo hi") == "job.batch/j created\n"
    assert stage.ok("create sa robot --save-config") == "serviceaccount/robot created\n"
    assert stage.ok("apply view-last-applied sa robot -o json").startswith("{\n")
    assert stage.ok("run p --image=x --port=80 --expose") == "pod/p created\nservice/p created\n"
    assert stage.error("run p --image=x") == 'Error from server (AlreadyExists): pods "p" already exists\n'
