"""An ImageUpdateAutomation's wishes, read from its object. The API server has checked their form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gitops_sim.agents.flux.durations import seconds_of
from gitops_sim.agents.flux.gitrepository import GROUP as SOURCE_GROUP
from gitops_sim.agents.flux.images.imagerepository import GROUP
from gitops_sim.objects import Key, Object, get_path, key_of

AUTOMATIONS = f"imageupdateautomations.{GROUP}"


@dataclass(frozen=True, slots=True)
class Automation:
    """``checkout`` is the ``ref`` of its own, None for that of the GitRepository; ``has_git`` whether there is a ``spec.git`` at
    all; ``path`` is the folder that it changes, ``selector`` the policies that it follows (None: all); ``unsupported`` are the
    fields that are not honoured here."""

    key: Key
    source: Key
    interval: float
    suspended: bool
    has_git: bool
    checkout: Mapping[str, str] | None
    author: str
    email: str
    template: str
    values: Mapping[str, str]
    push_branch: str
    refspec: str
    path: str
    selector: Mapping[str, Any] | None
    unsupported: tuple[str, ...]


def read_automation(obj: Object) -> Automation:
    spec: Mapping[str, Any] = obj["spec"]
    git: Mapping[str, Any] = spec.get("git") or {}
    commit, push, source = git.get("commit") or {}, git.get("push") or {}, spec["sourceRef"]
    ignored = {"spec.git.commit.signingKey": commit.get("signingKey"), "spec.git.push.options": push.get("options")}
    return Automation(
        key=key_of(obj),
        source=Key(SOURCE_GROUP, source["kind"], source.get("namespace") or obj["metadata"]["namespace"], source["name"]),
        interval=seconds_of(spec["interval"]),
        suspended=spec.get("suspend") is True,
        has_git=spec.get("git") is not None,
        checkout=get_path(git, ("checkout", "ref")),
        author=get_path(commit, ("author", "name"), ""),
        email=get_path(commit, ("author", "email"), ""),
        template=commit.get("messageTemplate") or "",
        values=commit.get("messageTemplateValues") or {},
        push_branch=push.get("branch") or "",
        refspec=push.get("refspec") or "",
        path=get_path(spec, ("update", "path"), ""),
        selector=spec.get("policySelector"),
        unsupported=tuple(name for name, given in ignored.items() if given),
    )
