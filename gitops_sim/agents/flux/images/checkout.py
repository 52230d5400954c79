"""Where an automation reads and writes: the repository, the commit that it begins at, and the branch that it pushes to.

Source: image-automation-controller ``internal/source/git.go`` and ``source.go``. Credentials are only looked for: the forge lets
everybody in.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from gitops_sim.agents.flux.fetch import FAILED, FetchError, head_of
from gitops_sim.agents.flux.gitrepository import DEFAULT_BRANCH, KIND, GitRepository, Reference, read_git_repository
from gitops_sim.agents.flux.images.automation import Automation
from gitops_sim.agents.flux.images.failures import RunFailed
from gitops_sim.cluster.protocol import ClusterAPI
from gitops_sim.forge import Forge, Repository

_BEGIN = "failed configuring source manager: "


@dataclass(frozen=True, slots=True)
class Origin:
    """``branch`` is pushed to; it ``switches`` when that is not the one that is checked out."""

    source: GitRepository
    branch: str
    switches: bool


@dataclass(frozen=True, slots=True)
class Checkout:
    """``revision`` is what was checked out, ``base`` the commit that the next one comes after."""

    repository: Repository
    revision: str
    base: str


def origin_of(cluster: ClusterAPI, wanted: Automation) -> Origin:
    """Raises RunFailed."""
    if not wanted.has_git:
        what = "source kind 'GitRepository' necessitates field .spec.git: invalid source configuration"
        raise RunFailed("InvalidSourceConfiguration", what, "say in spec.git who commits, and where to push", for_good=True)
    key = wanted.source
    found = cluster.find(KIND, key.name, key.namespace)
    if found is None:
        what = f'referenced git repository does not exist: GitRepository.{key.group} "{key.name}" not found'
        raise _not_configured(what, "create the GitRepository, or name another one in spec.sourceRef")
    source, explicit = read_git_repository(found), found["spec"].get("ref") is not None
    if wanted.checkout is not None:
        source = replace(source, reference=Reference(**{name: str(text) for name, text in wanted.checkout.items()}))
        explicit = True
    branch = wanted.push_branch or source.reference.branch
    if not branch:
        what = "push spec not provided, and cannot be inferred from .spec.git.checkout.ref or GitRepository .spec.ref"
        raise _not_configured(what, "name the branch in spec.git.push.branch")
    if source.secret and cluster.find("secrets", source.secret, source.key.namespace) is None:
        what = f"failed to get auth secret '{source.key.namespace}/{source.secret}': secrets \"{source.secret}\" not found"
        raise _not_configured(what, "create the Secret, or take secretRef out of the GitRepository")
    from_ = source.reference.branch if explicit else DEFAULT_BRANCH
    return Origin(source, branch, bool(wanted.push_branch) and branch != from_)


def check_out(forge: Forge, origin: Origin, *, known: bool) -> Checkout:
    """``known``: Git was looked at before, and is only asked for its references at first. Raises RunFailed."""
    try:
        head = head_of(forge, origin.source, known=known)
    except FetchError as error:
        what = error.message.removeprefix(FAILED)
        raise RunFailed("GitOperationFailed", f"failed to checkout source: {what}", error.mend) from None
    repository = forge.repository(origin.source.url)
    pushed = repository.branches.get(origin.branch) if origin.switches else None
    return Checkout(repository, head.revision, pushed or head.commit)


def _not_configured(what: str, mend: str) -> RunFailed:
    return RunFailed("SourceManagerFailed", _BEGIN + what, mend)
