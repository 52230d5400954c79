"""The Go templates of commit messages and of names of branches, with the fields that they can speak of.

Source: argocd-image-updater ``pkg/argocd/git.go`` (TemplateCommitMessage, TemplateBranchName) and ``pkg/common/constants.go``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from gitops_sim.agents.image_updater.image import ContainerImage, ImageTag
from gitops_sim.manifests.go_template import Record, fill

DEFAULT_MESSAGE = """\
build: automatic update of {{ .AppName }}

{{ range .AppChanges -}}
updates image {{ .Image }} tag '{{ .OldTag }}' to '{{ .NewTag }}'
{{ end -}}
"""
PULL_REQUEST_BRANCH = "image-updater-{{.TargetKey}}-{{.SHA256}}"
_LONGEST = 255


@dataclass(frozen=True, slots=True)
class ImageChange:
    """``image`` is the new one, as it is written."""

    image: ContainerImage
    old: ImageTag
    new: ImageTag

    @property
    def alias(self) -> str:
        return self.image.alias or self.image.name


def commit_message(template: str, app: str, changes: Sequence[ImageChange]) -> str:
    """What a template says of the changes of an Application. Raises GoTemplateError."""
    told = [
        Record("argocd.commitMessageChange", Image=c.image.name, OldTag=str(c.old), NewTag=str(c.new), Labels={}) for c in changes
    ]
    return fill(template, Record("argocd.commitMessageTemplate", AppName=app, AppChanges=told), name="commitmessage")


def branch_name(template: str, namespace: str, app: str, key: str, changes: Sequence[ImageChange]) -> str:
    """The branch to write to; longer names are cut. Raises GoTemplateError."""
    told = [
        Record("argocd.imageChange", Name=c.image.name, Alias=c.image.alias, OldTag=str(c.old), NewTag=str(c.new))
        for c in changes
    ]
    hashed = sha256("".join(f"{c.image.name}-{c.old}-{c.new}," for c in changes).encode()).hexdigest()
    names = {"AppNamespace": namespace, "AppName": app, "TargetKey": key}
    data = Record("argocd.branchNameTemplate", **names, Images=told, SHA256=hashed)
    return fill(template, data, name="branchName")[:_LONGEST]
