"""GitRepositories that take files from others, or not all of their own: ``spec.include`` and ``spec.sparseCheckout``."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_sim.agents.flux.artifact import ArtifactFiles
from gitops_sim.objects import Key
from tests.agents.flux.lab import FluxLab, config_map, git_repository, kustomization

LIB = "https://git.example/lib.git"
MISSING = "could not get resource for include 'lib': GitRepository.source.toolkit.fluxcd.io \"lib\" not found"


def lab_with(*includes: dict[str, Any], **spec: Any) -> FluxLab:
    """A shop that includes a library."""
    lab = FluxLab({"manifests/own.yaml": config_map("own"), "README.md": "shop"})
    lab.world.git.create("lib", {"deploy/base/lent.yaml": config_map("lent"), "notes.md": "lib"}, author="ben")
    lab.start(git_repository("lib", url=LIB, interval="5m"), git_repository(include=list(includes), **spec))
    return lab


def include(source: str = "", place: str = "", name: str = "lib") -> dict[str, Any]:
    return {"repository": {"name": name}, **({"fromPath": source} if source else {}), **({"toPath": place} if place else {})}


def files(lab: FluxLab, name: str = "shop") -> list[str]:
    return opened(lab, name).files()


def opened(lab: FluxLab, name: str = "shop") -> ArtifactFiles:
    artifact = lab.flux.storage.get(Key("source.toolkit.fluxcd.io", "GitRepository", "flux-system", name))
    assert artifact is not None
    return lab.flux.storage.open(artifact)


def test_a_folder_of_another_repository_is_put_where_the_spec_says_and_applied_with_the_rest() -> None:
    lab = lab_with(include("deploy/base", "manifests/lent"))
    lab.add(kustomization())
    assert files(lab) == ["README.md", "manifests/lent/lent.yaml", "manifests/own.yaml"]
    assert [lab.cluster.get("cm", name)["metadata"]["name"] for name in ("own", "lent")] == ["own", "lent"]
    status, lent = lab.source()["status"], lab.source("lib")["status"]["artifact"]
    assert status["includedArtifacts"] == [lent]
    assert status["observedInclude"] == [include("deploy/base", "manifests/lent")]
    assert status["artifact"]["revision"] == f"main@sha1:{lab.repo.tip()}"
    assert any("with lib main@" in line for line in lab.story()), lab.story()


def test_without_paths_all_of_it_is_put_under_the_name_of_the_other() -> None:
    assert files(lab_with(include())) == ["README.md", "lib/deploy/base/lent.yaml", "lib/notes.md", "manifests/own.yaml"]


def test_what_the_spec_ignores_is_ignored_in_what_is_included_too() -> None:
    assert files(lab_with(include(place="more"), ignore="*.md")) == ["manifests/own.yaml", "more/deploy/base/lent.yaml"]


def test_a_new_revision_of_what_is_included_makes_a_new_artifact_of_the_same_revision_at_the_next_interval() -> None:
    lab = lab_with(include("deploy", "manifests/lent"))
    lab.add(kustomization())
    before = lab.source()["status"]["artifact"]
    library = lab.world.git.repository("lib")
    library.commit({"deploy/base/lent.yaml": config_map("lent", "new")}, "Change", author="ben")
    lab.run("4m59s")
    assert lab.source()["status"]["artifact"] == before, "the library is fetched every 5m"
    lab.run("1m5s")
    after = lab.source()["status"]["artifact"]
    assert (after["revision"], after["path"]) == (before["revision"], before["path"])
    assert after["digest"] != before["digest"]
    assert lab.source()["status"]["includedArtifacts"][0]["revision"] == f"main@sha1:{library.tip()}"


@pytest.mark.parametrize("there", [False, True])
def test_what_is_included_is_waited_for(there: bool) -> None:
    lab = FluxLab().start(git_repository(include=[include()]))
    reason, message = "NotFound", MISSING
    if there:
        lab.add(git_repository("lib", url=LIB))
        lab.run("31s")
        reason, message = "NoArtifact", "no artifact available for include 'lib'"
    assert lab.conditions(kind="gitrepo") == {
        "Reconciling": ("True", "ProgressingWithRetry", "building artifact"),
        "Ready": ("False", reason, message),
        "IncludeUnavailable": ("True", reason, message),
    }
    assert ("Normal", reason, message, 1) in lab.events(kind="GitRepository")
    lab.world.git.create("lib", {"notes.md": "lib"}, author="ben")
    if not there:
        lab.add(git_repository("lib", url=LIB))
    lab.run("2m")
    assert lab.ready(kind="gitrepo")[0] == "True"
    assert set(lab.conditions(kind="gitrepo")) == {"Ready", "ArtifactInStorage"}


def test_the_old_artifact_stays_while_what_is_included_is_gone() -> None:
    lab = lab_with(include())
    before = lab.source()["status"]["artifact"]
    lab.cluster.delete("gitrepo", "lib", "flux-system")
    lab.run("1m5s")
    assert lab.ready(kind="gitrepo") == ("False", "NotFound", MISSING)
    assert lab.source()["status"]["artifact"] == before


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        (include("nowhere", "x"), "cannot stat {from}/nowhere: stat {from}/nowhere: no such file or directory"),
        (include("deploy", "manifests"), "rename {from}/deploy {to}/manifests: file exists"),
        (include("deploy", "README.md"), "rename {from}/deploy {to}/README.md: not a directory"),
        (include("deploy", "README.md/x"), "mkdir {to}/README.md: not a directory"),
        (include("deploy", "./"), "rename {from}/deploy {to}: file exists"),
    ],
)
def test_what_cannot_be_put_there_says_why(wanted: dict[str, Any], why: str) -> None:
    lab = lab_with(wanted)
    status, reason, message = lab.conditions(kind="gitrepo")["StorageOperationFailed"]
    assert (status, reason) == ("True", "CopyFailure")
    assert message.startswith(f"failed to copy 'lib' include from {wanted['fromPath']} to {wanted['toPath']}: ")
    said = message.partition(": ")[2]
    unpacked = next((word for word in said.split() if "flux-include" in word), "").split("/unpack")[0] + "/unpack"
    target = next((word for word in said.split() if "gitrepository-" in word), "").rstrip(":")
    there = "/".join(target.split("/")[:3])
    assert said == why.format(**{"from": unpacked, "to": there})
    assert lab.ready(kind="gitrepo")[1:] == (reason, message)


def test_a_file_of_another_takes_the_place_of_a_file() -> None:
    lab = lab_with(include("notes.md", "README.md"))
    assert opened(lab).read("README.md") == b"lib"


def test_includes_of_includes_come_along() -> None:
    lab = lab_with(include("deploy", "manifests/lent"))
    lab.add(git_repository("top", include=[include(place="all", name="shop")]))
    assert "all/manifests/lent/base/lent.yaml" in files(lab, "top")


# ---------------------------------------------------------------------- not all of its own


def test_only_the_folders_that_are_to_be_checked_out_are_in_the_artifact() -> None:
    lab = lab_with(include("notes.md", "README.md"), sparseCheckout=["./manifests"])
    assert files(lab) == ["README.md", "manifests/own.yaml"]
    assert lab.source()["status"]["observedSparseCheckout"] == ["./manifests"]
    lab.spec(kind="gitrepo", include=None)
    assert files(lab) == ["manifests/own.yaml"]
    lab.spec(kind="gitrepo", sparseCheckout=None)
    assert files(lab) == ["README.md", "manifests/own.yaml"]


def test_a_folder_that_is_to_be_checked_out_must_be_there() -> None:
    lab = FluxLab().start(git_repository(sparseCheckout=["manifests", "charts"]))
    status, reason, message = lab.conditions(kind="gitrepo")["FetchFailed"]
    assert (status, reason) == ("True", "GitOperationFailed")
    start = "failed to sparse checkout directories : sparse checkout dir 'charts' does not exist in repository: lstat "
    assert message.startswith(f"{start}/tmp/gitrepository-flux-system-shop-")
    assert message.endswith("/charts: no such file or directory")
    assert lab.ready(kind="gitrepo") == ("False", reason, message)
