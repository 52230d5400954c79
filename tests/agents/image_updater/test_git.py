"""Writing new images to Git: which file, which branch, as whom, and what becomes of what is refused."""

from __future__ import annotations

import pytest

from gitops_sim.forge import BranchRules
from tests.agents.image_updater.lab import CHART, CREDENTIALS, KUSTOMIZED, OVERRIDES, URL, WEB, Updated, git, updater

HELM = "manifests/values.yaml"
FORCED = {"alias": "web", "imageName": "shop/web:1.x"}


def test_git_write_back_commits_a_file_beside_the_kustomization_which_argo_cd_then_honours() -> None:
    lab = Updated(tags=("1.5.0", "1.5.1")).deployed().add(updater(writeBackConfig=git()))
    assert lab.file() == "kustomize:\n  images:\n  - shop/web:1.5.1\n"
    assert lab.file("manifests/kustomization.yaml") == KUSTOMIZED["manifests/kustomization.yaml"]
    assert lab.images() is None, "the Application stays as it was"
    lab.run("3m")
    assert lab.running() == "shop/web:1.5.1"


def test_the_commit_is_signed_and_worded_as_the_real_one() -> None:
    lab = Updated(tags=("1.5.0", "1.5.1")).deployed().add(updater(writeBackConfig=git()))
    commit = lab.repo.log()[0]
    assert (commit.author_name, commit.email) == ("argocd-image-updater", "noreply@argoproj.io")
    assert commit.message == "build: automatic update of web\n\nupdates image shop/web tag '1.5.0' to '1.5.1'\n"
    assert lab.repo.changed_files() == [OVERRIDES]


def test_the_same_world_makes_the_same_commit_again() -> None:
    tips = {Updated(tags=("1.5.0", "1.5.1")).deployed().add(updater(writeBackConfig=git())).repo.tip() for _ in range(2)}
    assert len(tips) == 1


def test_nothing_is_committed_twice_while_argo_cd_has_yet_to_see_the_commit() -> None:
    lab = Updated(tags=("1.5.0", "1.5.1")).deployed().add(updater(writeBackConfig=git()))
    lab.cluster.patch("app", "web", "argocd", {"spec": {"syncPolicy": {"automated": None}}}, type="merge")
    tip = lab.repo.tip()
    lab.run("10m")
    assert lab.repo.tip() == tip
    assert lab.running() == "shop/web:1.5.0"


def test_images_of_others_in_the_file_stay_and_other_settings_in_it_are_lost() -> None:
    before = "# ours\nkustomize:\n  namePrefix: a-\n  images:\n  - shop/other:3\n  - shop/web:1.4.0\n"
    lab = Updated({**KUSTOMIZED, OVERRIDES: before}, tags=("1.4.0", "1.5.1"))
    lab.deployed().add(updater(writeBackConfig=git()))
    assert lab.file() == "kustomize:\n  images:\n  - shop/other:3\n  - shop/web:1.5.1\n"


def test_with_helm_the_file_holds_parameters_sorted_by_name_and_forced_to_be_texts() -> None:
    lab = Updated(CHART, tags=("1.5.0", "1.20")).deployed().add(updater(writeBackConfig=git()))
    expected = "helm:\n  parameters:\n"
    for name, value in (("image.name", "shop/web"), ("image.tag", '"1.20"')):
        expected += f"  - name: {name}\n    value: {value}\n    forcestring: true\n"
    assert lab.file() == expected
    lab.run("3m")
    assert lab.running() == "shop/web:1.20"


def test_without_credentials_in_argo_cd_nothing_is_written_and_the_message_says_why() -> None:
    lab = Updated(tags=("1.5.0", "1.5.1"))
    lab.cluster.delete("secret", "shop-repo", "argocd")
    lab.deployed().add(updater(writeBackConfig=git())).run("10m")
    assert lab.file() == ""
    (failed,) = lab.told("WriteBackFailed")
    why = f"could not get creds for repo '{URL}': credentials for '{URL}' are not configured in Argo CD settings"
    assert failed.data["error"] == why
    assert lab.condition()[2] == "Reconciled 1 applications with 1 errors, 0 images updated."
    lab.add(CREDENTIALS).run("2m")
    assert lab.file() != ""


@pytest.mark.parametrize(
    ("method", "data", "error"),
    [
        ("git:secret:argocd/creds", {"username": "a", "password": "b"}, ""),
        ("git:secret:creds", {"username": "a"}, "invalid secret creds: does not contain field password"),
        (
            "git:secret:creds",
            {"token": "a"},
            "invalid repository credentials in secret creds: does not contain githubAppID or username",
        ),
        ("git:secret:prod/creds", {}, "secret namespace 'prod' differs from app namespace 'argocd'"),
        ("git:secret:others", {}, 'secrets "others" not found'),
    ],
)
def test_credentials_may_be_in_a_secret_of_their_own(method: str, data: dict[str, str], error: str) -> None:
    lab = Updated(tags=("1.5.0", "1.5.1")).deployed()
    lab.cluster.delete("secret", "shop-repo", "argocd")
    lab.add({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "creds", "namespace": "argocd"}, "stringData": data})
    lab.add(updater(writeBackConfig={"method": method}))
    assert [r.data["error"] for r in lab.told("WriteBackFailed")] == (
        [f"could not get creds for repo '{URL}': {error}"] if error else []
    )
    assert bool(lab.file()) == (not error)


def test_a_protected_branch_refuses_the_push_and_the_updater_goes_on() -> None:
    lab = Updated(tags=("1.5.0", "1.5.1"))
    lab.repo.protect("main", BranchRules(approvals=1))
    lab.deployed().add(updater(writeBackConfig=git())).run("10m")
    (failed,) = lab.told("WriteBackFailed")
    assert failed.data["error"].startswith("could not push main to origin: `git push origin main` failed exit status 1: ")
    assert "Protected branch update failed" in failed.data["error"]
    assert lab.condition()[0] == "True"
    assert lab.status()["lastCheckedAt"] > lab.status()["conditions"][2]["lastTransitionTime"]


def test_base_and_target_of_a_branch_write_to_a_new_branch_named_by_a_template() -> None:
    lab = Updated(tags=("1.5.0", "1.5.1"))
    lab.repo.protect("main", BranchRules())
    template = "main:image-updater{{range .Images}}-{{.Alias}}-{{.NewTag}}{{end}}"
    lab.deployed().add(updater(writeBackConfig=git(branch=template))).run("5m")
    assert lab.file() == ""
    assert lab.file(branch="image-updater-web-1.5.1") == "kustomize:\n  images:\n  - shop/web:1.5.1\n"
    assert len(lab.repo.log("image-updater-web-1.5.1")) == 2, "one commit, however often it looks"


def test_a_branch_may_be_named_by_a_hash_of_the_changes() -> None:
    lab = Updated(tags=("1.5.0", "1.5.1")).deployed().add(updater(writeBackConfig=git(branch=":bot-{{.SHA256}}")))
    (name,) = [branch for branch in lab.repo.branches if branch != "main"]
    assert name == "bot-57426980516933102b88fd196086b1e97784569b8e437f670b9740aeccf80a07"


def test_an_application_that_follows_a_tag_needs_a_branch_to_be_named() -> None:
    lab = Updated(tags=("1.5.0", "1.5.1"))
    lab.repo.tag("v1")
    lab.deployed(revision="v1").add(updater(writeBackConfig=git()))
    (failed,) = lab.told("WriteBackFailed")
    assert "couldn't find remote ref v1" in failed.data["error"]
    lab.cluster.patch("imageupdater", "images", "argocd", {"spec": {"writeBackConfig": git(branch="main")}}, type="merge")
    lab.run("1s")
    assert lab.file() != ""


def test_a_pull_request_is_opened_once_and_merged_by_people() -> None:
    lab = Updated(tags=("1.5.0", "1.5.1"))
    lab.repo.protect("main", BranchRules())
    lab.deployed().add(updater(writeBackConfig=git(pullRequest={"github": {}}))).run("10m")
    (pull,) = lab.world.git.pull_requests.of("shop")
    assert (pull.title, pull.base, pull.author) == ("build: automatic update of web", "main", "image-updater")
    assert pull.body == "updates image shop/web tag '1.5.0' to '1.5.1'"
    assert pull.head.startswith("image-updater-")
    lab.world.do("pr", repo="shop", merge={"number": 1}, by="ana")
    lab.run("3m")
    assert lab.running() == "shop/web:1.5.1"


def test_the_template_of_the_message_is_configured_and_new_tag_is_known_inside_the_range_only() -> None:
    good, bad = "{{range .AppChanges}}{{.Image}} {{.OldTag}} -> {{.NewTag}}{{end}}", "to {{.NewTag}}"
    for template, expected in ((good, "shop/web 1.5.0 -> 1.5.1"), (bad, "build: update of application web")):
        lab = Updated(tags=("1.5.0", "1.5.1")).deployed()
        data = {"git.commit-message-template": template, "git.user": "bot", "git.email": "bot@example.com"}
        meta = {"name": "argocd-image-updater-config", "namespace": "argocd"}
        lab.add({"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": data}, updater(writeBackConfig=git()))
        assert lab.repo.log()[0].subject == expected
        assert lab.repo.log()[0].email == "bot@example.com"
    (failed,) = lab.told("CommitTemplateFailed")
    assert "at <.NewTag>: can't evaluate field NewTag in type argocd.commitMessageTemplate" in failed.message


# ---------------------------------------------------------------------- the kustomization as the target

COMMENTED = """\
# top
resources: [web.yaml]

images:
# the shop
- name: shop/web # ours
  newTag: 1.4.0   # released
- name: b
  newTag: '2'
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (COMMENTED, COMMENTED.replace("1.4.0", "1.5.1")),
        ("resources: [web.yaml]\n", "resources: [web.yaml]\nimages:\n- name: shop/web\n  newTag: 1.5.1\n"),
        ("resources: [web.yaml]\nimages:\n  - name: b\n    newTag: '2'\nnamePrefix: ''\n",
         "resources: [web.yaml]\nimages:\n  - name: b\n    newTag: '2'\n  - name: shop/web\n    newTag: 1.5.1\nnamePrefix: ''\n"),
        ("images: [{name: shop/web, newTag: 1.4.0}] # x\nresources: [web.yaml]\n",
         "images: [{name: shop/web, newTag: 1.5.1}] # x\nresources: [web.yaml]\n"),
        ("images:\n- digest: sha256:0 # pinned\n  name: shop/web # ours\nresources: [web.yaml]\n",
         "images:\n- name: shop/web # ours\n  newTag: 1.5.1\nresources: [web.yaml]\n"),
        ("images: [{name: shop/web, newName: shop/web}, {name: b}]\nresources: [web.yaml]\n",
         "images: [{name: shop/web, newTag: 1.5.1}, {name: b}]\nresources: [web.yaml]\n"),
        ("images: [{name: b, newTag: '2'}] # x\nresources: [web.yaml]\n",
         "images: [{name: b, newTag: '2'}, {name: shop/web, newTag: 1.5.1}] # x\nresources: [web.yaml]\n"),
        ("images: []\nresources:\n- web.yaml\n", "images:\n- name: shop/web\n  newTag: 1.5.1\nresources:\n- web.yaml\n"),
    ],
)  # fmt: skip
def test_with_the_kustomization_as_target_only_the_tag_changes_and_every_other_byte_stays(before: str, after: str) -> None:
    files = {**KUSTOMIZED, "manifests/kustomization.yaml": before, "manifests/web.yaml": KUSTOMIZED["manifests/web.yaml"]}
    lab = Updated(files, tags=("1.4.0", "1.5.0", "1.5.1")).deployed().add(updater(writeBackConfig=git("kustomization")))
    assert lab.file("manifests/kustomization.yaml") == after
    assert lab.file() == ""
    lab.run("3m")
    assert lab.running() == "shop/web:1.5.1"


def test_the_kustomization_of_a_base_may_be_the_target() -> None:
    files = {
        "base/kustomization.yaml": "resources: [web.yaml]\n",
        "base/web.yaml": KUSTOMIZED["manifests/web.yaml"],
        "manifests/kustomization.yaml": "resources: [../base]\n",
    }
    for target in ("kustomization:../base", "kustomization:/base"):
        lab = Updated(files, tags=("1.5.0", "1.5.1")).deployed().add(updater(writeBackConfig=git(target)))
        assert lab.file("base/kustomization.yaml") == "resources: [web.yaml]\nimages:\n- name: shop/web\n  newTag: 1.5.1\n"


def test_an_image_that_the_kustomization_renames_is_found_by_the_name_of_the_manifests() -> None:
    kustomization = "resources: [web.yaml]\nimages:\n- name: web\n  newName: shop/web\n  newTag: 1.5.0\n"
    image = {**WEB, "manifestTargets": {"kustomize": {"name": "web"}}}
    web = KUSTOMIZED["manifests/web.yaml"].replace("shop/web:1.5.0", "web")
    files = {"manifests/kustomization.yaml": kustomization, "manifests/web.yaml": web}
    lab = Updated(files, tags=("1.5.0", "1.5.1")).deployed().add(updater(image, writeBackConfig=git("kustomization")))
    assert lab.file("manifests/kustomization.yaml") == kustomization.replace("1.5.0", "1.5.1")


def test_a_kustomization_named_as_a_plain_target_is_refused_with_the_way_to_say_it() -> None:
    lab = Updated(tags=("1.5.0", "1.5.1")).deployed().add(updater(writeBackConfig=git("manifests/kustomization.yaml")))
    (skipped,) = lab.told("ApplicationSkipped")
    assert 'Use writeBackTarget: "kustomization:<path>" to update it in place instead' in skipped.reason
    assert lab.status()["applicationsMatched"] == 0


def test_a_folder_without_a_kustomization_is_reported() -> None:
    lab = Updated(tags=("1.5.0", "1.5.1")).deployed().add(updater(writeBackConfig=git("kustomization:nowhere")))
    assert lab.told("WriteBackFailed")[0].data["error"] == "could not find kustomization in manifests/nowhere"


# ---------------------------------------------------------------------- values of Helm as the target


def test_with_helm_values_as_target_only_the_tag_changes_and_every_other_byte_stays() -> None:
    lab = Updated(CHART, tags=("1.5.0", "1.5.1")).deployed().add(updater(writeBackConfig=git("helmvalues")))
    assert lab.file(HELM) == CHART[HELM].replace("1.5.0", "1.5.1")
    lab.run("3m")
    assert lab.running() == "shop/web:1.5.1"


@pytest.mark.parametrize(
    ("helm", "values", "after"),
    [
        ({"name": "web.image.repository", "tag": "web.image.tag"}, "web: {image: {repository: shop/web, tag: '1.5.0'}}\n",
         "web: {image: {repository: shop/web, tag: '1.5.1'}}\n"),
        ({"spec": "containers[1].image"}, "containers:\n- image: a:1\n- image: shop/web:1.5.0 # us\n",
         "containers:\n- image: a:1\n- image: shop/web:1.5.1 # us\n"),
        ({}, "image:\n  # ours\n  name: shop/web\n\nport: 80 # fixed\n",
         "image:\n  # ours\n  name: shop/web\n  tag: 1.5.1\n\nport: 80 # fixed\n"),
        ({}, "image: {name: shop/web}\n", "image:\n  name: shop/web\n  tag: 1.5.1\n"),
        ({}, "port: 80 # fixed\n", "port: 80 # fixed\nimage:\n  tag: 1.5.1\n  name: shop/web\n"),
        ({}, "", "# auto generated by argocd image updater\n\nimage:\n  tag: 1.5.1\n  name: shop/web\n"),
        ({"name": "image.name", "tag": "image.tag"}, "image.name: shop/web\nimage.tag: 1.5.0\n",
         "image.name: shop/web\nimage.tag: 1.5.1\n"),
    ],
)  # fmt: skip
def test_values_are_found_by_their_paths_and_made_where_there_are_none(helm: dict[str, str], values: str, after: str) -> None:
    image = {**FORCED, "manifestTargets": {"helm": helm}} if helm else FORCED
    files = {**CHART, "env/prod.yaml": values} if values else CHART
    lab = Updated(files, tags=("1.5.0", "1.5.1")).deployed()
    lab.add(updater(image, writeBackConfig=git("helmvalues:/env/prod.yaml")))
    assert lab.file("env/prod.yaml") == after


def test_an_entry_of_a_list_that_is_not_there_is_reported_and_nothing_is_written() -> None:
    image = {**FORCED, "manifestTargets": {"helm": {"spec": "containers[3]"}}}
    lab = Updated({**CHART, "env/prod.yaml": "containers: [a]\n"}, tags=("1.5.0", "1.5.1")).deployed()
    lab.add(updater(image, writeBackConfig=git("helmvalues:/env/prod.yaml")))
    assert "id 3 is out of range [0, 1)" in lab.told("WriteBackFailed")[0].data["error"]
    assert lab.file("env/prod.yaml") == "containers: [a]\n"


# ---------------------------------------------------------------------- what is in the way


@pytest.mark.parametrize(
    ("there", "target", "error"),
    [
        ({f"{OVERRIDES}/x": "a"}, "", f"read {OVERRIDES}: is a directory"),
        ({OVERRIDES: b"\xff\xfe"}, "", "yaml: invalid leading UTF-8 octet"),
        ({}, "helmvalues:../../x.yaml",
         "`git add ../x.yaml` failed exit status 128: fatal: ../x.yaml: '../x.yaml' is outside repository"),
        ({"manifests/kustomization.yaml": "resources: [web.yaml]\n---\nnamePrefix: a-\n"}, "kustomization",
         "target parameter file should contain a single YAML document"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_written_is_reported_and_the_updater_goes_on(
    there: dict[str, str], target: str, error: str
) -> None:
    lab = Updated(tags=("1.5.0", "1.5.1")).deployed()
    lab.repo.commit(there or {"README.md": "x"}, "In the way", author="ben")
    tip = lab.repo.tip()
    lab.add(updater(writeBackConfig=git(target))).run("5m")
    assert [r.data["error"] for r in lab.told("WriteBackFailed")] == [error]
    assert lab.repo.tip() == tip
    assert lab.status()["lastCheckedAt"] > "2026-01-05T09:04"


def test_an_updater_that_lost_its_rights_says_so_once_and_works_on_when_it_has_them_again() -> None:
    lab = Updated(tags=("1.5.0", "1.5.1")).deployed()
    name = "argocd-image-updater-manager-rolebinding"
    rights = lab.cluster.get("rolebinding", name, "argocd")
    lab.cluster.delete("rolebinding", name, "argocd")
    lab.add(updater()).run("10m")
    (refused,) = lab.told("AgentRefused")
    assert 'cannot update resource "imageupdaters"' in refused.message
    assert lab.images() is None
    lab.add(
        {key: value for key, value in rights.items() if key != "metadata"} | {"metadata": {"name": name, "namespace": "argocd"}}
    )
    lab.run("2m")
    assert lab.images() == ["shop/web:1.5.1"]


def test_nothing_breaks_when_the_definitions_go() -> None:
    lab = Updated(tags=("1.5.0", "1.5.1")).deployed().add(updater())
    lab.cluster.delete("crd", "imageupdaters.argocd-image-updater.argoproj.io")
    lab.run("10m")
    assert lab.running() == "shop/web:1.5.1"
