"""Writing new images to Git: a commit on the branch that the Application follows, on another one, or in a pull request.

Source: argocd-image-updater ``pkg/argocd/git.go`` (commitChangesGit) and ``pkg/argocd/pr_service.go``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gitops_sim.agents.image_updater.helm_values import helm_values_text
from gitops_sim.agents.image_updater.image import ContainerImage
from gitops_sim.agents.image_updater.kustomization import kustomization_text
from gitops_sim.agents.image_updater.overrides_file import overrides_text
from gitops_sim.agents.image_updater.secrets import SecretError, check_git_credentials
from gitops_sim.agents.image_updater.settings import ImageRule
from gitops_sim.agents.image_updater.sources import kustomize_images, source_of
from gitops_sim.agents.image_updater.templates import PULL_REQUEST_BRANCH, ImageChange, branch_name
from gitops_sim.agents.image_updater.write_back import WriteBack
from gitops_sim.cluster.protocol import ClusterAPI
from gitops_sim.errors import BadInput, GitFailed
from gitops_sim.forge import Forge, Person, Repository, Tree
from gitops_sim.manifests.directory import KUSTOMIZATION_NAMES
from gitops_sim.manifests.go_template import GoTemplateError
from gitops_sim.objects import Object, get_path

ROBOT = "image-updater"
"""Its id among the people of the forge."""


class CommitError(Exception):
    """Why nothing was written, in the words of the real one."""


@dataclass(frozen=True, slots=True)
class Write:
    """What is to be written for an Application. ``app`` has the new images in its source; ``live`` are those that run."""

    app: Object
    rules: Sequence[ImageRule]
    to: WriteBack
    changes: Sequence[ImageChange]
    message: str
    live: Mapping[str, ContainerImage]


@dataclass(frozen=True, slots=True)
class Written:
    """``commit`` is empty when the branch holds all that already; ``note`` says why then."""

    commit: str = ""
    branch: str = ""
    note: str = ""


class Committer:
    """Commits as the robot of the forge, whose name and address are those of its settings."""

    def __init__(self, forge: Forge, cluster: ClusterAPI) -> None:
        self._forge, self._cluster = forge, cluster
        self._proposed: set[str] = set()

    def sign_as(self, name: str, email: str) -> None:
        """Who the author of its commits is from now on."""
        self._forge.people.add(Person(ROBOT, name, email))

    def new_cycle(self) -> None:
        """Of several Applications with the same place to write to, one proposes a pull request in a cycle."""
        self._proposed.clear()

    def write(self, write: Write) -> Written:
        """Raises CommitError."""
        to, meta = write.to, write.app["metadata"]
        try:
            check_git_credentials(self._cluster, to.credentials, to.repository, write.app)
        except SecretError as error:
            raise CommitError(f"could not get creds for repo '{to.repository}': {error}") from None
        if to.pull_request and to.key in self._proposed:
            text = "Skipping PR creation: another application already created a PR for the same write-back target in this cycle"
            return Written(note=text)
        base = self._base(write)
        try:
            repository = self._forge.repository(to.repository)
        except BadInput:
            raise CommitError(f"{_fetching(base)}: fatal: repository '{to.repository}/' not found") from None
        base = base if base not in ("", "HEAD") else repository.default_branch
        template = PULL_REQUEST_BRANCH if to.pull_request else to.push_to
        branch = self._branch(template, write) if template else base
        if to.pull_request:
            self._proposed.add(to.key)
            if self._proposal(repository, branch, base):
                return Written(note=f'open PR from "{branch}" to "{base}" already exists, skipping update')
        commit = self._commit(repository, write, base, branch)
        if not commit:
            return Written(branch=branch, note=f"{branch} holds that already")
        if to.pull_request:
            self._propose(repository, write, branch, base, f"{meta['namespace']}/{meta['name']}")
        return Written(commit, branch)

    # ------------------------------------------------------------------ inside

    def _base(self, write: Write) -> str:
        """The branch to start from; empty for the default one."""
        if write.to.branch:
            return write.to.branch
        sources = get_path(write.app, ("spec", "sources")) or ()
        same = [source for source in sources if source.get("repoURL") == write.to.repository]
        source = same[0] if same else source_of(write.app, write.to.type)
        return str(source.get("targetRevision") or "")

    @staticmethod
    def _branch(template: str, write: Write) -> str:
        meta = write.app["metadata"] if write.to.pull_request else {"namespace": "", "name": ""}
        key = write.to.key if write.to.pull_request else ""
        try:
            name = branch_name(template, meta["namespace"], meta["name"], key, write.changes)
        except GoTemplateError:
            name = ""
        if not name:
            raise CommitError(f"git branch name could not be created from the template: {template}")
        return name

    def _commit(self, repository: Repository, write: Write, base: str, branch: str) -> str:
        """The id of the commit; empty when there is nothing to change."""
        there = branch in repository.branches
        start = branch if there else base
        if start not in repository.branches:
            raise CommitError(f"{_fetching(start)}: fatal: couldn't find remote ref {start}")
        path, text = self._content(repository, write, start)
        if text is None:
            return ""
        try:
            if not there:
                repository.branch(branch, base, author=ROBOT)
            return repository.commit({path: text}, write.message, author=ROBOT, branch=branch)
        except GitFailed as error:
            force = " -f" if branch != base else ""
            what = f"`git push{force} origin {branch}` failed exit status 1: remote: error: {error.what}"
            raise CommitError(f"could not push {branch} to origin: {what}") from None

    @staticmethod
    def _content(repository: Repository, write: Write, branch: str) -> tuple[str, str | None]:
        """The file and its new text, None when it stays as it is."""
        tree, path = repository.tree(branch), write.to.path
        if write.to.target == "kustomization":
            names = [f"{path}/{name}" if path else name for name in KUSTOMIZATION_NAMES]
            path = next((name for name in names if tree.look(name) == "file"), "")
            if not path:
                raise CommitError(f"could not find kustomization in {write.to.path}")
        before = _read(tree, path)
        try:
            if write.to.target == "kustomization":
                text = kustomization_text(before, kustomize_images(write.app), where=path)
            elif write.to.target == "helmvalues":
                text = helm_values_text(before, write.app, write.rules, write.live, where=path)
            else:
                text = overrides_text(write.app, write.to.type, write.rules, before)
        except BadInput as error:
            raise CommitError(error.what) from None
        return path, None if text == before else text

    def _proposal(self, repository: Repository, head: str, base: str) -> bool:
        pulls = self._forge.pull_requests.of(repository.name)
        return any((pull.head, pull.base, pull.state) == (head, base, "open") for pull in pulls)

    def _propose(self, repository: Repository, write: Write, head: str, base: str, app: str) -> None:
        title, _, body = write.message.partition("\n")
        try:
            self._forge.pull_requests.open(
                repository.name,
                head,
                base,
                title=title.strip()[:_LONGEST_TITLE] or f"chore: update images for {app}",
                body=body.strip(),
                author=ROBOT,
            )
        except GitFailed as error:
            raise CommitError(error.what) from None


_LONGEST_TITLE = 255


def _read(tree: Tree, path: str) -> str:
    """A file as it is; empty when it is not there. Raises CommitError."""
    if path.startswith("../"):
        raise CommitError(f"`git add {path}` failed exit status 128: fatal: {path}: '{path}' is outside repository")
    if tree.look(path) == "folder":
        raise CommitError(f"read {path}: is a directory")
    try:
        return tree.read(path).decode() if tree.exists(path) else ""
    except UnicodeDecodeError:
        raise CommitError("yaml: invalid leading UTF-8 octet") from None


def _fetching(branch: str) -> str:
    return f"`git fetch origin {branch} --force --prune --depth 1` failed exit status 128"
