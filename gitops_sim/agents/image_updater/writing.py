"""Writing what was found: into the live Application, or into Git, and telling of it in an Event.

Source: argocd-image-updater ``pkg/argocd/update.go`` (commitChanges) and ``pkg/kube/kubernetes.go`` (CreateApplicationEvent).
"""

from __future__ import annotations

from collections.abc import Sequence

from gitops_sim.agents.events import event
from gitops_sim.agents.image_updater.committing import CommitError, Committer, Write
from gitops_sim.agents.image_updater.journal import Journal
from gitops_sim.agents.image_updater.templates import ImageChange
from gitops_sim.clock import Clock
from gitops_sim.cluster.protocol import ClusterAPI
from gitops_sim.errors import ApiError
from gitops_sim.objects import Object, with_path

COMPONENT = "ArgocdImageUpdater"


class Writer:
    """Writes by the method that a ``writeBackConfig`` names."""

    def __init__(self, cluster: ClusterAPI, committer: Committer, clock: Clock, journal: Journal) -> None:
        self._cluster, self._committer, self._clock, self._journal = cluster, committer, clock, journal
        self._events = 0

    def write(self, write: Write) -> None:
        """Raises CommitError, and tells of it before."""
        app = write.app
        try:
            if write.to.git:
                self._commit(write)
            else:
                self._change(write)
        except CommitError as error:
            text = f"cannot write the new images of {app['metadata']['name']}: {error}"
            why = "Could not update application spec; it tries again in the next cycle"
            self._journal.app(app, "WriteBackFailed", text, reason=why, error=str(error))
            raise
        self._tell(app, write.changes)

    # ------------------------------------------------------------------ inside

    def _commit(self, write: Write) -> None:
        written = self._committer.write(write)
        images = ", ".join(str(change.image) for change in write.changes)
        place = f"the kustomization in {write.to.path or '.'}" if write.to.target == "kustomization" else write.to.path
        if not written.commit:
            text = f"commits nothing for {write.app['metadata']['name']}: {written.note}"
            why = "target parameter file and marshaled data are the same, skipping commit"
            self._journal.app(write.app, "WriteBackSkipped", text, reason=why, story=False)
            return
        self._journal.app(
            write.app,
            "ImageWrittenBack",
            f"writes {images} to {place}: {written.commit[:7]} on {written.branch}",
            reason="write-back method git: Argo CD deploys it when it sees the commit",
            method="git",
            target=write.to.target,
            path=write.to.path,
            commit=written.commit,
            branch=written.branch,
            images=[str(change.image) for change in write.changes],
        )
        self._journal.written(write.app, live=False)

    def _change(self, write: Write) -> None:
        """Into the live Application. Raises CommitError."""
        meta, images = write.app["metadata"], ", ".join(str(change.image) for change in write.changes)
        try:
            current = self._cluster.get("applications.argoproj.io", meta["name"], meta["namespace"])
            self._cluster.update(with_path(current, ("spec",), write.app["spec"]))
        except ApiError as error:
            what = f"failed to update application spec for {meta['name']} after retries: {error.message}"
            raise CommitError(what) from None
        field_ = "kustomize.images" if write.to.type == "Kustomize" else "helm.parameters"
        self._journal.app(
            write.app,
            "ImageWrittenBack",
            f"sets {images} in Application {meta['name']}: source.{field_}",
            reason="write-back method argocd, the default: Git holds nothing of it",
            method="argocd",
            images=[str(change.image) for change in write.changes],
        )
        self._journal.written(write.app, live=True)

    def _tell(self, app: Object, changes: Sequence[ImageChange]) -> None:
        notes: dict[str, str] = {}
        for number, change in enumerate(changes):
            prefix = f"argocd-image-updater.image-{number}"
            notes |= {
                f"{prefix}/full-image-name": change.image.repository,
                f"{prefix}/image-name": change.image.name,
                f"{prefix}/old-tag": str(change.old),
                f"{prefix}/new-tag": str(change.new),
            }
        self._events += 1
        message = f"Successfully updated application '{app['metadata']['name']}'"
        made = event(app, self._clock, self._events, type="Normal", reason="ImagesUpdated", message=message, component=COMPONENT)
        try:
            self._cluster.create(with_path(made, ("metadata", "annotations"), notes))
        except ApiError:
            return  # the real one only logs that
