"""ImageUpdateAutomations: what policies have chosen, written into Git where it is marked."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_sim.forge.rules import BranchRules
from tests.agents.flux.imagelab import BOT, MARKED, ImageLab, automation, image_policy, image_repository
from tests.agents.flux.lab import git_repository

MANY = """\
apiVersion: apps/v1\r
kind: Deployment\r
metadata: {name: web, namespace: shop}\r
spec:\r
  template:\r
    spec:\r
      containers:\r
      -   name:  web   # four spaces\r
          image: shop/web:1.4.0 # {"$imagepolicy": "flux-system:web"}\r
      -   image: 'shop/web:1.4.0'\r
---\r
kind: HelmRelease\r
metadata:\r
  name: web\r
spec:\r
  values:\r
    image:\r
      repository: old/web # {"$imagepolicy": "flux-system:web:name"}\r
      tag: 1.4.0   # {"$imagepolicy": "flux-system:web:tag"}\r
"""
KUSTOMIZATION = """\
images:
- name: shop/web
  newTag: "1.4.0" # {"$imagepolicy": "flux-system:web:tag"}
"""


def updated(files: dict[str, str] | None = None, **spec: Any) -> ImageLab:
    """A lab whose Git says 1.5.0 where 1.5.1 is there."""
    return ImageLab("1.5.0", "1.5.1", files=files).begin(**spec)


def status(lab: ImageLab) -> Any:
    return lab.cluster.get("iua", "web", "flux-system")["status"]


# ---------------------------------------------------------------------- files


def test_only_the_marked_values_change_and_every_other_byte_stays() -> None:
    files = {"web.yaml": MANY, "kustomization.yaml": KUSTOMIZATION, "plain.yaml": "image: shop/web:1.4.0\n", "readme.md": MARKED}
    lab = updated(files)
    new = MANY.replace("shop/web:1.4.0 #", "shop/web:1.5.1 #").replace("old/web", "shop/web").replace("tag: 1.4.0", "tag: 1.5.1")
    assert lab.file("web.yaml") == new
    assert lab.file("kustomization.yaml") == KUSTOMIZATION.replace("1.4.0", "1.5.1")
    assert {path: lab.file(path) for path in ("plain.yaml", "readme.md")} == {
        path: files[path] for path in ("plain.yaml", "readme.md")
    }
    assert lab.repo.changed_files("main") == ["kustomization.yaml", "web.yaml"]


def test_without_a_marker_nothing_changes_whatever_the_policy_says() -> None:
    lab = updated({"web.yaml": MARKED.partition(" # {")[0] + "\n"})
    lab.run("2h")
    assert lab.ready("web", "iua") == ("True", "Succeeded", "repository up-to-date")
    assert len(lab.repo.log("main")) == 1
    [record] = lab.told("MarkersMissing")
    assert record.message == "finds no marker in shop, so ImageUpdateAutomation web changes nothing, whatever its policies say"


@pytest.mark.parametrize("marker", ["flux-system:wbe", "default:web", "flux-system:web:version"])
def test_a_marker_that_no_policy_answers_to_is_passed_over_and_the_story_names_its_line(marker: str) -> None:
    lab = updated({"web.yaml": MARKED.replace("flux-system:web", marker)}, interval="5m", git={"push": {"branch": "updates"}})
    lab.run("1h")
    assert len(lab.repo.log("main")) == 1
    [record] = lab.told("MarkerIgnored")
    assert record.message == f"leaves line 11 of web.yaml as it is: no policy that it follows is {marker}"


def test_the_marker_of_a_policy_that_has_not_chosen_yet_is_no_mistake() -> None:
    lab = ImageLab("2.0.0").begin()
    lab.push("1.5.1")
    lab.run("2m")
    assert (lab.told("MarkerIgnored"), "1.5.1" in lab.file()) == ([], True)


def test_a_file_that_is_no_yaml_is_left_alone_and_the_others_are_written() -> None:
    chart = 'image: {{ .Values.image }} # {"$imagepolicy": "flux-system:web"}\n'
    lab = updated({"chart/web.yaml": chart, "web.yaml": MARKED})
    assert lab.file("chart/web.yaml") == chart
    assert "shop/web:1.5.1" in lab.file("web.yaml")
    assert lab.told("FileSkipped")[0].data["file"] == "chart/web.yaml"


def test_only_the_folder_of_update_path_is_changed() -> None:
    lab = updated({"staging/web.yaml": MARKED, "production/web.yaml": MARKED}, update={"path": "./staging"})
    assert lab.repo.changed_files("main") == ["staging/web.yaml"]
    assert lab.told("ManifestUpdated")[0].data["file"] == "staging/web.yaml"


def test_update_path_may_be_one_file() -> None:
    lab = updated({"apps/web.yaml": MARKED, "apps/other.yaml": MARKED}, update={"path": "apps/web.yaml"})
    assert lab.repo.changed_files("main") == ["apps/web.yaml"]


def test_a_folder_that_is_not_there_fails_the_run_until_it_is() -> None:
    lab = updated(update={"path": "./nope"})
    status_, reason, message = lab.ready("web", "iua")
    assert (status_, reason) == ("False", "UpdateFailed")
    assert message.startswith("failed to apply policies: walking path for files: lstat /tmp/flux-system-shop")
    assert message.endswith("/nope: no such file or directory")
    lab.commit({"nope/web.yaml": MARKED})
    lab.run("2m")
    assert lab.repo.changed_files("main") == ["nope/web.yaml"]


def test_the_digest_is_written_with_the_tag_when_the_policy_looks_it_up() -> None:
    lab = ImageLab("1.5.1").begin(image_repository(), image_policy(digestReflectionPolicy="IfNotPresent"), automation())
    digest = lab.cluster.get("imgpol", "web", "flux-system")["status"]["latestRef"]["digest"]
    assert f'image: "shop/web:1.5.1@{digest}" #' in lab.file()


# ---------------------------------------------------------------------- when it runs


def test_it_runs_as_soon_as_a_policy_chooses_another_image() -> None:
    lab = ImageLab().begin()
    lab.push("1.5.1")
    lab.run("50s")
    commit = lab.repo.commit_at("main")
    assert (commit.time, commit.author, commit.author_name, commit.email) == (60, "fluxcdbot", BOT["name"], BOT["email"])
    assert commit.message == "Update from image update automation\n"
    assert status(lab)["lastPushCommit"] == commit.sha
    assert status(lab)["lastPushTime"] == status(lab)["lastAutomationRunTime"] == "2026-01-05T09:01:00Z"
    assert status(lab)["observedPolicies"] == {"web": {"name": "shop/web", "tag": "1.5.1"}}
    assert status(lab)["observedSourceRevision"] == f"main@sha1:{commit.sha}"
    message = f"pushed commit '{commit.short}' to branch 'main'\nUpdate from image update automation"
    assert lab.events("web", "ImageUpdateAutomation")[-1] == ("Normal", "Succeeded", message, 1)
    record = lab.told("ManifestUpdated")[-1]
    assert record.message == (
        f"writes shop/web:1.5.1 over shop/web:1.5.0 in line 11 of deploy/web.yaml: commit {commit.short} to main"
    )
    assert record.reason == "the line is marked flux-system:web"


def test_what_somebody_else_wrote_is_put_right_at_the_interval() -> None:
    lab = updated(interval="10m")
    lab.commit({"deploy/web.yaml": MARKED}, "Go back to 1.5.0")
    lab.world.flux("reconcile source git shop")
    lab.run("9m")
    assert "1.5.0" in lab.file()
    lab.run("1m")
    assert "1.5.1" in lab.file()


def test_with_nothing_new_it_only_says_so() -> None:
    lab = updated(interval="10m")
    lab.run("2m")
    records = len(list(lab.world.trace))
    lab.run("50m")
    told = [r for r in list(lab.world.trace)[records:] if r.actor == "flux"]
    assert told == []
    assert status(lab)["lastAutomationRunTime"] == "2026-01-05T09:50:00Z"
    assert lab.events("web", "ImageUpdateAutomation")[-1] == ("Normal", "Succeeded", "no change since last reconciliation", 5)


def test_only_the_policies_that_are_selected_count() -> None:
    lab = updated(policySelector={"matchLabels": {"team": "shop"}})
    assert len(lab.repo.log("main")) == 1
    lab.cluster.patch("imgpol", "web", "flux-system", {"metadata": {"labels": {"team": "shop"}}}, type="merge")
    assert lab.world.flux("reconcile image update web").stderr.splitlines()[-1] == "✔ repository up-to-date"
    assert "1.5.1" in lab.file()


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"key": "team", "operator": "Is"}, '"Is" is not a valid label selector operator'),
        ({"key": "a b", "operator": "Exists"}, "unable to parse requirement"),
    ],
)
def test_a_selector_that_is_none_stalls(rule: dict[str, str], message: str) -> None:
    lab = updated(policySelector={"matchExpressions": [rule]})
    assert lab.ready("web", "iua")[:2] == ("False", "InvalidPolicySelector")
    assert f"failed to parse policy selector: {message}" in lab.ready("web", "iua")[2]


@pytest.mark.parametrize("operator", [{"operator": "In", "values": ["shop", "ops"]}, {"operator": "DoesNotExist"}])
def test_a_selector_may_have_rules(operator: dict[str, Any]) -> None:
    lab = updated(policySelector={"matchExpressions": [{"key": "team", **operator}]})
    lab.cluster.patch("imgpol", "web", "flux-system", {"metadata": {"labels": {"team": "shop"}}}, type="merge")
    lab.world.flux("reconcile image update web")
    assert "1.5.1" in lab.file()


def test_suspended_it_writes_nothing() -> None:
    lab = ImageLab().begin()
    lab.world.flux("suspend image update web")
    lab.push("1.5.1")
    lab.run("1h")
    assert len(lab.repo.log("main")) == 1


# ---------------------------------------------------------------------- the message


TEMPLATE = """\
Update {{ .AutomationObject }} for {{ .Values.team | upper }}
{{ range .Changed.Changes }}
- {{ .OldValue }} -> {{ .NewValue }} ({{ .Setter }}){{ end }}
{{ range $file, $objects := .Changed.FileChanges }}{{ range $object, $changes := $objects }}
{{ $file }}: {{ $object.Kind }}/{{ $object.Name }} {{ len $changes }}{{ end }}{{ end }}"""


def test_a_template_sees_what_was_changed_where() -> None:
    commit = {"author": BOT, "messageTemplate": TEMPLATE, "messageTemplateValues": {"team": "shop"}}
    lab = updated({"deploy/web.yaml": MANY}, git={"commit": commit}, update={"path": "deploy"})
    assert lab.repo.commit_at("main").message.splitlines() == [
        "Update flux-system/web for SHOP",
        "",
        "- shop/web:1.4.0 -> shop/web:1.5.1 (flux-system:web)",
        "- old/web -> shop/web (flux-system:web:name)",
        "- 1.4.0 -> 1.5.1 (flux-system:web:tag)",
        "",
        "web.yaml: HelmRelease/web 2",
        "web.yaml: Deployment/web 1",
    ]


def test_new_tag_is_no_field_of_fluxs_template() -> None:
    lab = updated(template="Update to {{.NewTag}}")
    what = 'template: commit message:1:12: executing "commit message" at <.NewTag>: '
    what += "can't evaluate field NewTag in type source.TemplateData"
    message = f"failed to update source: failed to run template from spec: {what}"
    assert lab.ready("web", "iua") == ("False", "GitOperationFailed", message)
    assert len(lab.repo.log("main")) == 1
    assert lab.conditions("web", "iua")["Reconciling"][1] == "ProgressingWithRetry"


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("{{ range .Changed.Changes }}{{ .NewTag }}{{ end }}", "can't evaluate field NewTag in type update.Change"),
        ("{{ if }}", "failed to update source: unable to create commit message template from spec: template: commit message:1: "),
        ("{{ now }}", 'template: commit message:1: function "now" not defined'),
    ],
)
def test_a_template_that_fails_is_reported_and_tried_again(template: str, words: str) -> None:
    lab = updated(template=template)
    assert words in lab.ready("web", "iua")[2]
    lab.patch({"spec": {"git": {"commit": {"messageTemplate": "Update"}}}}, "web", "iua")
    assert (lab.ready("web", "iua")[0], lab.repo.commit_at("main").subject) == ("True", "Update")


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("{{ range .Updated.Images }}{{ . }}{{ end }}", "template uses removed '.Updated' field. Please use '.Changed' instead."),
        (
            "{{ .Changed.ImageResult.Images }}",
            "template uses removed '.Changed.ImageResult' field. Please use '.Changed.FileChanges' or"
            " '.Changed.Objects' instead.",
        ),
    ],
)
def test_a_field_that_flux_took_out_stalls_until_the_template_is_mended(template: str, words: str) -> None:
    lab = updated(template=template, interval="1m")
    see = "See: https://fluxcd.io/flux/components/image/imageupdateautomations/#message-template"
    assert lab.conditions("web", "iua") == {
        "Stalled": ("True", "RemovedTemplateField", f"{words} {see}"),
        "Ready": ("False", "RemovedTemplateField", f"{words} {see}"),
    }
    lab.run("20m")
    assert len([e for e in lab.events("web", "ImageUpdateAutomation") if e[0] == "Warning"]) == 1
    lab.patch({"spec": {"git": {"commit": {"messageTemplate": ""}}}}, "web", "iua")
    assert "1.5.1" in lab.file()


# ---------------------------------------------------------------------- branches


def test_a_branch_of_its_own_is_made_from_the_one_that_is_checked_out_and_built_upon() -> None:
    lab = updated(git={"push": {"branch": "flux-updates"}})
    first = lab.repo.commit_at("flux-updates")
    assert (first.parents, lab.repo.tip("main") == first.parents[0]) == ((lab.repo.tip("main"),), True)
    assert status(lab)["observedSourceRevision"] == f"main@sha1:{lab.repo.tip('main')}"
    lab.push("1.5.2")
    lab.run("1m")
    assert lab.repo.commit_at("flux-updates").parents == (first.sha,)
    assert "1.5.2" in lab.file(branch="flux-updates")
    assert "1.5.0" in lab.file()


def test_a_protected_branch_refuses_the_push_and_a_branch_of_its_own_is_the_way_out() -> None:
    lab = ImageLab("1.5.0", "1.5.1")
    lab.repo.protect("main", BranchRules(approvals=1))
    lab.begin()
    message = (
        "failed to update source: failed to push to remote: command error on refs/heads/main: protected branch hook declined"
    )
    assert lab.ready("web", "iua") == ("False", "GitOperationFailed", message)
    lab.run("10m")
    assert len(lab.told("AutomationFailed")) == 1
    lab.patch({"spec": {"git": {"push": {"branch": "flux-updates"}}}}, "web", "iua")
    assert "1.5.1" in lab.file(branch="flux-updates")


def test_a_refspec_pushes_to_another_branch_as_well() -> None:
    lab = updated(git={"push": {"branch": "main", "refspec": "refs/heads/main:refs/heads/mirror"}})
    assert lab.repo.tip("mirror") == lab.repo.tip("main") == status(lab)["lastPushCommit"]
    assert (
        " to branch 'main' and refspecs 'refs/heads/main:refs/heads/mirror'\n"
        in lab.events("web", "ImageUpdateAutomation")[-1][2]
    )


def test_a_refspec_moves_a_branch_that_is_there_and_can_name_nothing_but_a_branch() -> None:
    lab = ImageLab("1.5.0", "1.5.1")
    lab.repo.branch("mirror", author="ana")
    lab.begin(git={"push": {"branch": "main", "refspec": "+refs/heads/main:refs/heads/mirror"}})
    assert lab.repo.tip("mirror") == lab.repo.tip("main")
    lab = updated(git={"push": {"branch": "main", "refspec": "refs/heads/main:refs/for/main"}})
    [record] = lab.told("AutomationFailed")
    assert record.data["error"] == "failed to update source: failed to push to remote: refs/for/main is no branch"


def test_another_address_of_the_source_is_another_repository_to_write_to() -> None:
    lab = updated()
    lab.world.git.create("copy", {"web.yaml": MARKED}, author="ana")
    lab.patch({"spec": {"url": "https://git.example/copy.git"}}, kind="gitrepo")
    lab.run("1s")
    assert "1.5.1" in lab.world.git.repository("copy").tree().read("web.yaml").decode()


def test_a_checkout_of_its_own_goes_before_that_of_the_source() -> None:
    lab = ImageLab("1.5.0", "1.5.1")
    lab.repo.branch("staging", author="ana")
    lab.begin(git={"checkout": {"ref": {"branch": "staging"}}})
    assert ("1.5.1" in lab.file(branch="staging"), "1.5.1" in lab.file()) == (True, False)


@pytest.mark.parametrize(
    ("source", "spec", "reason", "message"),
    [
        (
            git_repository(ref={"tag": "v1"}),
            {},
            "SourceManagerFailed",
            "failed configuring source manager: push spec not provided, and cannot be inferred from .spec.git.checkout.ref or"
            " GitRepository .spec.ref",
        ),
        (
            git_repository(),
            {"sourceRef": {"kind": "GitRepository", "name": "nope"}},
            "SourceManagerFailed",
            "failed configuring source manager: referenced git repository does not exist: GitRepository.source.toolkit.fluxcd.io"
            ' "nope" not found',
        ),
        (
            git_repository(secretRef={"name": "deploy-key"}),
            {},
            "SourceManagerFailed",
            "failed configuring source manager: failed to get auth secret 'flux-system/deploy-key': secrets"
            ' "deploy-key" not found',
        ),
        (
            git_repository(url="https://git.example/nope.git"),
            {},
            "GitOperationFailed",
            "failed to checkout source: unable to clone: repository not found: git repository: 'https://git.example/nope.git'",
        ),
    ],
)
def test_without_a_repository_to_write_to_it_says_why(source: Any, spec: Any, reason: str, message: str) -> None:
    lab = ImageLab("1.5.1")
    lab.start(source, image_repository(), image_policy(), automation(**spec))
    lab.run("10s")
    assert lab.ready("web", "iua") == ("False", reason, message)


def test_without_git_it_stalls() -> None:
    lab = ImageLab("1.5.1").begin(image_repository(), image_policy(), automation(git=None))
    lab.cluster.patch("iua", "web", "flux-system", [{"op": "remove", "path": "/spec/git"}], type="json")
    lab.run("1s")
    message = "source kind 'GitRepository' necessitates field .spec.git: invalid source configuration"
    assert lab.conditions("web", "iua")["Stalled"] == ("True", "InvalidSourceConfiguration", message)


# ---------------------------------------------------------------------- the whole chain


def test_the_events_of_one_instant_may_come_in_any_order() -> None:
    """The commit is the same to the byte."""
    found = set()
    for shuffle in range(8):
        lab = ImageLab(shuffle=shuffle).begin()
        lab.push("1.5.1")
        lab.run("2m")
        found.add((lab.repo.tip("main"), lab.file()))
    assert len(found) == 1


def test_a_world_that_goes_two_ways_writes_in_each() -> None:
    lab = ImageLab().begin()
    lab.push("1.5.1")
    other = lab.world.fork()
    lab.run("2m")
    other.run("2m")
    assert other.git.repository("shop").tip() == lab.repo.tip("main") != lab.repo.commit_at("main").parents[0]


def test_it_holds_a_key_that_writes_to_git_and_one_that_reads_the_registry() -> None:
    lab = ImageLab().begin()
    keys = [(key.target, key.access) for key in lab.flux.credentials()]
    assert keys[1:] == [
        ("https://git.example/shop.git", "read"),
        ("https://git.example/shop.git", "write"),
        ("registry", "read"),
    ]
