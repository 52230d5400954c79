"""GitRepository: what is fetched, how its revision is written, and what happens when Git cannot be reached."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_sim.errors import ApiError
from tests.agents.flux.lab import FluxLab, config_map, deployment, git_repository, kustomization


def test_an_artifact_says_branch_and_commit() -> None:
    lab = FluxLab().start(git_repository())
    revision = f"main@sha1:{lab.repo.tip()}"
    message = f"stored artifact for revision '{revision}'"
    assert lab.conditions(kind="gitrepo") == {
        "Ready": ("True", "Succeeded", message),
        "ArtifactInStorage": ("True", "Succeeded", message),
    }
    artifact = lab.source()["status"]["artifact"]
    path = f"gitrepository/flux-system/shop/{lab.repo.tip()}.tar.gz"
    assert (artifact["revision"], artifact["path"]) == (revision, path)
    assert artifact["url"] == f"http://source-controller.flux-system.svc.cluster.local./{path}"
    assert artifact["digest"].startswith("sha256:")
    assert lab.source()["status"]["observedGeneration"] == 1
    assert lab.events(kind="GitRepository") == [("Normal", "NewArtifact", "stored artifact for commit 'Initial commit'", 1)]


def test_kubectl_prints_the_columns_of_flux() -> None:
    lab = FluxLab().start()
    sources = lab.kubectl("get gitrepo -n flux-system").stdout.splitlines()
    assert sources[0].split() == ["NAME", "URL", "AGE", "READY", "STATUS"]
    applied = lab.kubectl("get ks -n flux-system").stdout.splitlines()
    assert applied[0].split() == ["NAME", "AGE", "READY", "STATUS"]
    assert applied[1].split()[2:] == ["True", "Applied", "revision:", f"main@sha1:{lab.repo.tip()}"]


@pytest.mark.parametrize(
    ("ref", "form"),
    [
        ({"branch": "main"}, "main@sha1:{main}"),
        ({"branch": "dev"}, "dev@sha1:{dev}"),
        ({"tag": "v1.0.0"}, "v1.0.0@sha1:{tag}"),
        ({"tag": "v1.0.0", "branch": "main"}, "v1.0.0@sha1:{tag}"),
        ({"name": "refs/heads/dev", "tag": "v1.0.0", "branch": "main"}, "refs/heads/dev@sha1:{dev}"),
        ({"name": "refs/tags/v1.0.0"}, "refs/tags/v1.0.0@sha1:{tag}"),
        ({"commit": "{tag}", "name": "refs/heads/dev"}, "sha1:{tag}"),
        ({"commit": "{tag}", "branch": "main"}, "main@sha1:{tag}"),
        ({"semver": ">=1.0.0 <2.0.0", "tag": "v9", "branch": "main"}, "v1.0.0@sha1:{tag}"),
    ],
)
def test_of_several_references_one_counts(ref: dict[str, str], form: str) -> None:
    lab = FluxLab()
    ids = {"tag": lab.repo.tip()}
    lab.repo.tag("v1.0.0")
    ids["main"] = lab.commit({"README.md": "main"})
    lab.repo.branch("dev")
    ids["dev"] = lab.repo.commit({"README.md": "dev"}, "Dev", author="ana", branch="dev")
    lab.start(git_repository(ref={key: value.format(**ids) for key, value in ref.items()}))
    assert lab.source()["status"]["artifact"]["revision"] == form.format(**ids)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [("1.x", "v1.10.0"), ("~1.9.0", "1.9.3"), (">=1.0.0-0", "v2.0.0-rc.1"), (">=1.0.0", "v1.10.0"), ("v1.9.0", "v1.9.0")],
)
def test_a_range_means_the_newest_tag_in_it(wanted: str, found: str) -> None:
    lab = FluxLab()
    for tag in ("v1.9.0", "v1.10.0", "1.9.3", "v2.0.0-rc.1", "v3", "1.20", "latest"):
        lab.commit({"README.md": tag})
        lab.repo.tag(tag)
    lab.start(git_repository(ref={"semver": wanted}))
    commit = lab.repo.resolve(f"refs/tags/{found}")
    assert lab.source()["status"]["artifact"]["revision"] == f"{found}@sha1:{commit}"


def test_a_newer_tag_is_fetched_at_the_interval_and_a_range_without_one_fails() -> None:
    lab = FluxLab()
    lab.start(git_repository(ref={"semver": "^1.0.0"}))
    message = "failed to checkout and determine revision: no match found for semver: ^1.0.0"
    assert lab.ready(kind="gitrepo") == ("False", "GitOperationFailed", message)
    lab.repo.tag("v1.0.0")
    lab.run("2m")
    assert lab.ready(kind="gitrepo")[0] == "True"
    lab.commit({"README.md": "more"})
    lab.repo.tag("v1.1.0")
    lab.run("1m5s")
    assert lab.source()["status"]["artifact"]["revision"] == f"v1.1.0@sha1:{lab.repo.tip()}"


def test_the_branch_of_a_source_that_names_none_is_master() -> None:
    lab = FluxLab().start(git_repository(ref={}))
    text = 'couldn\'t find remote ref "refs/heads/master"'
    message = f"failed to checkout and determine revision: unable to clone 'https://git.example/shop.git': {text}"
    assert lab.ready(kind="gitrepo") == ("False", "GitOperationFailed", message)
    lab.world.git.create("old", {"a.yaml": config_map()}, branch="master")
    lab.add(git_repository("old", url="https://git.example/old.git", ref={}))
    assert lab.source("old")["status"]["artifact"]["revision"].startswith("master@sha1:")


@pytest.mark.parametrize(
    ("spec", "reason", "message"),
    [
        (
            {"url": "https://git.example/shoop.git"},
            "GitOperationFailed",
            "failed to checkout and determine revision: unable to clone: repository not found: git repository: "
            "'https://git.example/shoop.git'",
        ),
        (
            {"ref": {"tag": "v9"}},
            "GitOperationFailed",
            "failed to checkout and determine revision: unable to clone 'https://git.example/shop.git': "
            'couldn\'t find remote ref "refs/tags/v9"',
        ),
        (
            {"ref": {"commit": "1234567"}},
            "GitOperationFailed",
            "failed to checkout and determine revision: unable to resolve commit object for '1234567': object not found",
        ),
        (
            {"ref": {"name": "refs/pull/1/head"}},
            "GitOperationFailed",
            "failed to checkout and determine revision: unable to resolve ref 'refs/pull/1/head' to a specific commit",
        ),
        (
            {"secretRef": {"name": "key"}},
            "AuthenticationFailed",
            "failed to get secret 'flux-system/key': failed to get secret 'flux-system/key': secrets \"key\" not found",
        ),
        (
            {"url": "ssh://git@git.example/shop.git"},
            "AuthenticationFailed",
            "failed to configure authentication options: invalid 'ssh' auth option: 'identity' is required",
        ),
    ],
)
def test_what_cannot_be_fetched_says_why(spec: dict[str, Any], reason: str, message: str) -> None:
    lab = FluxLab().start(git_repository(**spec))
    assert lab.conditions(kind="gitrepo") == {
        "Reconciling": ("True", "ProgressingWithRetry", "building artifact"),
        "Ready": ("False", reason, message),
        "FetchFailed": ("True", reason, message),
    }
    assert lab.source()["status"]["observedGeneration"] == -1
    assert lab.events(kind="GitRepository") == [("Warning", reason, message, 1)]


def test_an_empty_repository() -> None:
    lab = FluxLab()
    lab.world.git.create("empty", {})
    lab.start(git_repository("empty", url="https://git.example/empty.git"))
    assert lab.ready("empty", "gitrepo") == ("False", "EmptyGitRepository", "git repository is empty")


def test_retries_wait_twice_as_long_each_time_and_not_the_interval() -> None:
    lab = FluxLab().start(git_repository(ref={"branch": "dev"}, interval="1h"))
    counts = []
    for _ in range(5):
        lab.run(0.75 * 2 ** len(counts))
        counts.append(lab.events(kind="GitRepository")[0][3])
    assert counts == [2, 3, 4, 5, 6]
    lab.run("10h")
    before = lab.events(kind="GitRepository")[0][3]
    lab.run("30m")
    assert lab.events(kind="GitRepository")[0][3] == before + 2  # 15 minutes at most
    lab.repo.branch("dev")
    lab.run("15m")
    assert lab.ready(kind="gitrepo")[0] == "True"
    assert len([line for line in lab.story() if "cannot fetch shop" in line]) == 1


def test_a_failing_fetch_keeps_the_last_artifact_and_what_uses_it_goes_on() -> None:
    lab = FluxLab().start()
    first = lab.source()["status"]["artifact"]
    lab.spec(kind="gitrepo", ref={"branch": "gone"})
    conditions = lab.conditions(kind="gitrepo")
    assert (conditions["Ready"][0], conditions["ArtifactInStorage"][0]) == ("False", "True")
    assert conditions["Reconciling"][2] == "processing object: new generation 1 -> 2"
    assert lab.source()["status"]["artifact"] == first
    lab.cluster.as_user("ben").delete("deploy", "web")
    lab.run("10m")
    assert lab.replicas() == 3
    assert lab.ready()[0] == "True"


def test_a_new_commit_is_found_at_the_interval_and_applied_at_once() -> None:
    lab = FluxLab().start()
    sha = lab.commit({"manifests/web.yaml": deployment(5)}, "Five")
    lab.run(59)
    assert lab.replicas() == 3
    lab.run(1)
    assert lab.replicas() == 5
    assert lab.ready()[2] == f"Applied revision: main@sha1:{sha}"
    told = lab.world.trace.find(event="PollFoundRevision")
    assert [(r.time, r.data["revision"]) for r in told] == [(60, sha)]
    assert lab.story(60) == [
        f"flux polls (next in 1m), finds main@{sha[:7]} of shop",
        f"flux applies main@{sha[:7]} to shop: Deployment/web configured",
    ]


def test_a_poll_that_finds_nothing_leaves_no_trace() -> None:
    lab = FluxLab().start(git_repository())
    records, writes = len(lab.world.trace), lab.cluster.store.revision
    lab.run("1h")
    assert (len(lab.world.trace), lab.cluster.store.revision) == (records, writes)


def test_a_commit_to_what_is_ignored_is_a_new_revision_of_the_same_files() -> None:
    lab = FluxLab().start()
    digest = lab.source()["status"]["artifact"]["digest"]
    sha = lab.commit({".github/workflows/ci.yaml": "on: push", "logo.png": "x", ".gitignore": "a"})
    lab.run("1m")
    artifact = lab.source()["status"]["artifact"]
    assert (artifact["revision"], artifact["digest"]) == (f"main@sha1:{sha}", digest)
    assert len(lab.events(kind="GitRepository")) == 1


def test_ignored_files_are_not_applied() -> None:
    files = {
        "manifests/a.yaml": config_map("a"),
        "manifests/dev/b.yaml": config_map("b"),
        "manifests/c.yaml": config_map("c"),
        "manifests/keep/d.yaml": config_map("d"),
        ".sourceignore": "/manifests/dev/\n# a comment\n/manifests/c.yaml\n",
    }
    lab = FluxLab(files).start()
    assert [cm["metadata"]["name"] for cm in lab.cluster.list("cm", "default")] == ["a", "d", "kube-root-ca.crt"]
    lab.spec(kind="gitrepo", ignore="/*\n!/manifests\n/manifests/a.yaml\n")
    lab.run("10m")  # the revision is the same, so nobody is told
    assert [cm["metadata"]["name"] for cm in lab.cluster.list("cm", "default")] == ["b", "c", "d", "kube-root-ca.crt"]
    assert lab.source()["status"]["observedIgnore"].startswith("/*")


def test_a_request_looks_at_git_at_once_and_is_answered() -> None:
    lab = FluxLab().start()
    sha = lab.commit({"manifests/web.yaml": deployment(4)})
    lab.patch({"metadata": {"annotations": {"reconcile.fluxcd.io/requestedAt": "2026-01-05T09:00:30Z"}}}, kind="gitrepo")
    assert lab.source()["status"]["lastHandledReconcileAt"] == "2026-01-05T09:00:30Z"
    assert lab.status()["lastAppliedRevision"] == f"main@sha1:{sha}"


def test_a_suspended_source_asks_nothing_until_it_is_resumed() -> None:
    lab = FluxLab().start()
    lab.spec(kind="gitrepo", suspend=True)
    lab.commit({"manifests/web.yaml": deployment(4)})
    lab.run("1h")
    assert lab.replicas() == 3
    lab.spec(kind="gitrepo", suspend=False)
    assert lab.replicas() == 4
    assert "flux leaves GitRepository shop alone, it is suspended: Git is not asked" in lab.story()


def test_a_deleted_source_is_gone_and_its_kustomization_says_so() -> None:
    lab = FluxLab().start()
    lab.cluster.as_user("ben").delete("gitrepo", "shop", "flux-system")
    lab.run("10m")
    assert lab.cluster.find("gitrepo", "shop", "flux-system") is None
    assert lab.ready() == ("False", "ArtifactFailed", 'GitRepository.source.toolkit.fluxcd.io "shop" not found')
    assert lab.replicas() == 3


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"interval": "-1m"}, "spec.interval in body should match '^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$'"),
        ({"interval": None}, "spec.interval: Required value"),
        ({"url": "git.example/shop"}, "spec.url in body should match '^(http|https|ssh)://.*$'"),
        ({"timeout": "1h"}, "spec.timeout in body should match"),
        ({"provider": "gitea"}, 'Unsupported value: "gitea": supported values: "generic", "aws", "azure", "github"'),
    ],
)
def test_the_api_server_refuses_what_is_no_source(spec: dict[str, Any], message: str) -> None:
    lab = FluxLab()
    obj = git_repository(**spec)
    obj["spec"] = {key: value for key, value in obj["spec"].items() if value is not None}
    with pytest.raises(ApiError) as refused:
        lab.cluster.create(obj)
    assert message in refused.value.message, refused.value.message


def test_an_unknown_field_is_refused_by_kubectl_and_dropped_by_the_server() -> None:
    lab = FluxLab()
    obj = git_repository(brnch="main")
    assert "brnch" not in lab.cluster.create(obj)["spec"]
    text = lab.kubectl("apply -f -", stdin=str(kustomization(pruned=True)).replace("'", '"').replace("True", "true"))
    assert 'unknown field "spec.pruned"' in text.stderr
