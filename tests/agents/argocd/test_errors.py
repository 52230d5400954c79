"""Applications that cannot be loaded or used: said with the real words, and the others go on."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_sim.agents.argocd.validity import SKIP_DRY_RUN
from tests.agents.lab import WIDGETS, Lab, application, config_map, deployment

PREFIX = "Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = "


def broken(lab: Lab, **spec: Any) -> None:
    lab.repo({"manifests/a.yaml": config_map(), "empty/keep.txt": "x"})
    lab.add(application("bad", automated={}, **spec))
    lab.add(application("good", automated={}))


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"repo": "https://git.example/shoop.git"}, "Unknown desc = failed to list refs: repository '"),
        ({"revision": "mian"}, "Unknown desc = unable to resolve 'mian' to a commit SHA"),
        ({"path": "manifest"}, "Unknown desc = manifest: app path does not exist"),
        ({"path": "manifests/a.yaml"}, "Unknown desc = manifests/a.yaml: app path is not a directory"),
        ({"path": "/manifests"}, "Unknown desc = /manifests: app path is absolute"),
        ({"path": "../other"}, "Unknown desc = ../other: app path outside root"),
    ],
)
def test_what_is_not_there_is_a_comparison_error(lab: Lab, spec: dict[str, Any], message: str) -> None:
    broken(lab, **spec)
    assert lab.conditions("bad")["ComparisonError"].startswith(PREFIX + message)
    assert (lab.sync("bad"), lab.health("bad")) == ("Unknown", "Healthy")
    record = lab.last("ComparisonFailed")
    assert record.story
    assert record.data["mend"]
    assert (lab.sync("good"), lab.health("good")) == ("Synced", "Healthy")


def test_a_broken_file_names_its_line(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map()})
    lab.add(application(automated={}))
    lab.commit({"manifests/b.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: [\n"})
    lab.cli("app get web --refresh")
    words = "error converting YAML to JSON: yaml: line 3: did not find expected node content"
    assert lab.conditions()["ComparisonError"] == (
        f'{PREFIX}FailedPrecondition desc = Failed to unmarshal "b.yaml": failed to unmarshal manifest: {words}'
    )
    assert lab.last("ComparisonFailed").data["mend"].startswith("manifests/b.yaml:4: ")
    assert lab.sync() == "Unknown"
    assert lab.cluster.find("cm", "settings") is not None  # nothing is half-done
    assert [r["status"] for r in lab.status()["resources"]] == ["Unknown"]


def test_lines_of_a_broken_file_are_counted_from_where_its_document_begins(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": f"{config_map()}---\napiVersion: v1\n\tkind: ConfigMap\nmetadata: {{name: x}}\n"})
    lab.add(application())
    words = "error converting YAML to JSON: yaml: line 2: found a tab character that violates indentation"
    assert lab.conditions()["ComparisonError"].endswith(f"failed to unmarshal manifest: {words}")


def test_it_recovers_by_itself_when_git_does(lab: Lab) -> None:
    broken(lab, path="later")
    lab.commit({"later/a.yaml": config_map("later")})
    lab.next_poll("bad")
    assert (lab.sync("bad"), lab.conditions("bad")) == ("Synced", {})
    assert lab.cluster.find("cm", "later") is not None


def test_a_first_git_error_is_swallowed_for_three_minutes(lab: Lab) -> None:
    """The status stays as it was; only a look that a person asked for shows the error at once."""
    repo = lab.repo({"manifests/a.yaml": config_map()})
    repo.branch("release")
    lab.add(application(automated={}, revision="release"))
    repo.delete_branch("release")
    first = lab.next_poll()
    assert (lab.sync(), lab.conditions()) == ("Synced", {})
    assert lab.last("GitErrorIgnored").time == first
    while lab.clock.now <= first + 180:
        assert lab.sync() == "Synced"
        lab.next_poll()
    assert lab.sync() == "Unknown"
    assert "unable to resolve 'release'" in lab.conditions()["ComparisonError"]


def test_a_refresh_shows_a_git_error_at_once(lab: Lab) -> None:
    repo = lab.repo({"manifests/a.yaml": config_map()})
    repo.branch("release")
    lab.add(application(automated={}, revision="release"))
    repo.delete_branch("release")
    lab.cli("app get web --refresh")
    assert lab.sync() == "Unknown"


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"project": "team-a"}, "Application referencing project team-a which does not exist"),
        ({"destination": {"name": "mars"}}, "there are no clusters with this name: mars"),
    ],
)
def test_a_spec_that_cannot_be_used_makes_both_axes_unknown(lab: Lab, spec: dict[str, Any], message: str) -> None:
    broken(lab, **spec)
    assert lab.conditions("bad")["InvalidSpecError"] == message
    assert (lab.sync("bad"), lab.health("bad")) == ("Unknown", "Unknown")
    assert message in lab.last("SpecInvalid").message
    assert lab.sync("good") == "Synced"
    assert len(lab.find("SpecInvalid")) == 1
    lab.run(600)
    assert len(lab.find("SpecInvalid")) == 1


def test_a_project_that_comes_later_is_noticed(lab: Lab) -> None:
    broken(lab, project="team-a")
    lab.cluster.create(
        {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "AppProject",
            "metadata": {"name": "team-a", "namespace": "argocd"},
            "spec": {"sourceRepos": ["*"], "destinations": [{"server": "*", "namespace": "*"}]},
        }
    )
    lab.clock.settle()
    assert lab.sync("bad") == "Synced"


def test_syncing_what_cannot_be_loaded_is_an_error_of_the_operation(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map()})
    lab.add(application(path="nope"))
    output = lab.cli("app sync web")
    assert "Operation has completed with phase: Error" in output.stderr
    message = lab.status()["operationState"]["message"]
    assert message == f"ComparisonError: {PREFIX}Unknown desc = nope: app path does not exist"
    lab.set_spec({"project": "x"})
    lab.cluster.patch("app", "web", "argocd", {"operation": {"sync": {"revision": "main"}}}, type="merge")
    lab.clock.settle()
    message = lab.status()["operationState"]["message"]
    assert message == "InvalidSpecError: Application referencing project x which does not exist"


def test_a_namespace_has_to_come_from_somewhere(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map()})
    lab.add(application(automated={}, destination={"server": "https://kubernetes.default.svc"}))
    assert lab.conditions() == {"InvalidSpecError": "Namespace for settings /v1, Kind=ConfigMap is missing."}
    lab.cli("app sync web")
    assert "Namespace for settings /v1, Kind=ConfigMap is missing." in lab.status()["operationState"]["message"]


def test_two_documents_with_one_identity_are_a_warning_and_the_last_one_counts(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map(value="a"), "manifests/b.yaml": config_map(value="b")})
    lab.add(application(automated={}))
    text = "Resource /ConfigMap/default/settings appeared 2 times among application resources."
    assert lab.conditions() == {"RepeatedResourceWarning": text}
    assert lab.cluster.get("cm", "settings")["data"]["key"] == "b"
    assert lab.sync() == "Synced"


def test_two_applications_that_claim_one_object_are_warned(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map()})
    lab.add(application("one", automated={}))
    lab.add(application("two"))
    assert lab.conditions("two") == {"SharedResourceWarning": "ConfigMap/settings is part of applications argocd/two and one"}


WIDGET = "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w%s}\nspec: {size: 1}\n"


def test_a_kind_that_the_cluster_does_not_have_keeps_everything_from_being_applied(lab: Lab) -> None:
    lab.repo({"manifests/w.yaml": WIDGET % "", "manifests/s.yaml": config_map()})
    lab.add(application())
    lab.cli("app sync web")
    assert lab.status()["operationState"]["phase"] == "Failed"
    assert lab.status()["operationState"]["message"] == (
        "one or more synchronization tasks are not valid: the server could not find the requested resource"
    )
    message = "The Kubernetes API could not find example.com/Widget for requested resource default/w. "
    message += 'Make sure the "Widget" CRD is installed on the destination cluster.'
    assert lab.results() == {"Widget/w": ("SyncFailed", message)}
    assert (lab.sync(), lab.health(), lab.cluster.find("cm", "settings")) == ("OutOfSync", "Missing", None)


def test_a_version_that_the_cluster_does_not_serve_is_named_with_the_one_that_it_does(lab: Lab) -> None:
    lab.repo({"manifests/web.yaml": deployment(1).replace("apps/v1", "apps/v1beta1")})
    lab.add(application())
    lab.cli("app sync web")
    message = 'The Kubernetes API could not find version "v1beta1" of apps/Deployment for requested resource default/web. '
    message += 'Version "v1" of apps/Deployment is installed on the destination cluster.'
    assert lab.results() == {"Deployment/web": ("SyncFailed", message)}


def test_a_kind_that_comes_with_its_definition_is_applied_compared_and_kept(lab: Lab) -> None:
    lab.repo({"manifests/w.yaml": WIDGET % "", "manifests/crd.yaml": WIDGETS})
    lab.add(application(automated={"selfHeal": True}))
    lab.run(30)
    assert lab.sync() == "Synced"
    lab.cluster.patch("widgets", "w", "default", {"spec": {"size": 5}}, type="merge")
    lab.clock.settle()
    assert lab.cluster.get("widgets", "w")["spec"] == {"size": 1}


def test_a_missing_kind_may_be_left_for_its_wave_to_find_out(lab: Lab) -> None:
    lab.repo(
        {
            "manifests/w.yaml": WIDGET % f", annotations: {{argocd.argoproj.io/sync-options: {SKIP_DRY_RUN}}}",
            "manifests/s.yaml": config_map(),
        }
    )
    lab.add(application())
    lab.cli("app sync web")
    assert lab.cluster.find("cm", "settings") is not None
    status, message = lab.results()["Widget/w"]
    assert (status, message.partition("no matches")[2]) == (
        "SyncFailed",
        ' for kind "Widget" in version "example.com/v1"\nensure CRDs are installed first',
    )


def test_what_has_no_name_and_is_no_hook_cannot_be_applied(lab: Lab) -> None:
    unnamed = "apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: migrate-}\nspec: {}\n"
    lab.repo({"manifests/a.yaml": config_map(), "manifests/u.yaml": unnamed})
    lab.add(application())
    lab.cli("app sync web")
    assert lab.status()["operationState"]["message"] == "one or more objects failed to apply (dry run)"
    assert lab.results() == {"Job/migrate-1": ("SyncFailed", "from migrate-: cannot use generate name with apply")}
    assert lab.cluster.find("cm", "settings") is None


def test_a_misspelt_field_is_told_and_leaves_the_app_out_of_sync(lab: Lab) -> None:
    text = "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {ports: [{port: 80}], sellector: {a: b}}\n"
    lab.repo({"manifests/s.yaml": text})
    lab.add(application(automated={"selfHeal": True}))
    assert lab.sync() == "OutOfSync"
    record = lab.last("FieldDropped")
    assert record.message == "applies Service/s without .spec.sellector: the API server does not know that field and drops it"


def test_a_manifest_that_cannot_be_compared_makes_the_app_unknown_and_is_not_applied(lab: Lab) -> None:
    service = "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {ports: [{port: 80}]}\n"
    lab.repo({"manifests/a.yaml": config_map(), "manifests/s.yaml": service})
    lab.add(application(automated={"selfHeal": True}))
    lab.commit({"manifests/s.yaml": service.replace("{port: 80}", "{name: http}")})
    lab.next_poll()
    assert (lab.sync(), lab.health()) == ("Unknown", "Healthy")
    assert {r["status"] for r in lab.status()["resources"]} == {"Unknown"}
    text = lab.conditions()["ComparisonError"]
    assert text.startswith("Failed to compare desired state to live state: failed to calculate diff: Service/s: map: map[")
    assert lab.last("ComparisonFailed").message == f"cannot compare: {text}"
    assert "Operation has completed with phase: Error" in lab.cli("app sync web").stderr
    assert lab.status()["operationState"]["message"] == f"ComparisonError: {text}"
    lab.commit({"manifests/s.yaml": service.replace("80", "81")})
    lab.next_poll()
    assert (lab.sync(), lab.conditions()) == ("Synced", {})


def test_a_source_cannot_be_of_two_tools(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map()})
    source = application()["spec"]["source"]
    tools = {"helm": {"releaseName": "x"}, "kustomize": {"namePrefix": "x-"}, "directory": {"recurse": False}}
    lab.add(application(automated={}, source={**source, **tools}))
    text = "error getting app source type: multiple application sources defined: Kustomize,Helm"
    assert lab.conditions() == {"ComparisonError": f"{PREFIX}Unknown desc = {text}"}
