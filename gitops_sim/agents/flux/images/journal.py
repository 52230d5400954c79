"""What the automation of images leaves in the trace: who found which tag, who chose it and why, and who wrote it down where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Any

from gitops_sim.agents.flux.cause import Cause
from gitops_sim.agents.flux.images.automation import Automation
from gitops_sim.agents.flux.images.changes import Change
from gitops_sim.agents.flux.images.choosing import Choice
from gitops_sim.agents.flux.images.imagepolicy import ImagePolicy, image_text
from gitops_sim.agents.flux.images.imagerepository import ImageRepository
from gitops_sim.agents.flux.images.pushing import Pushed
from gitops_sim.agents.flux.images.setters import MARKER, Edits
from gitops_sim.agents.flux.journal import Journal
from gitops_sim.agents.flux.story import listed
from gitops_sim.clock import format_duration
from gitops_sim.cluster.protocol import ClusterAPI
from gitops_sim.objects import Key
from gitops_sim.trace import Trace

_FEW = 3
"""Lines that a story tells one by one."""


class ImageJournal(Journal):
    def __init__(self, trace: Trace, actor: str, cluster: ClusterAPI) -> None:
        super().__init__(trace, actor, cluster)
        self._seen: dict[Key, frozenset[str]] = {}

    # ------------------------------------------------------------------ scans

    def scanned(
        self, wanted: ImageRepository, tags: Sequence[str], known: Sequence[str], cause: Cause, *, first: bool, recovered: bool
    ) -> None:
        """Nothing is told of a poll that finds what was known."""
        key, every = wanted.key, format_duration(wanted.interval)
        self.calm(key)
        new, gone = [tag for tag in tags if tag not in known], [tag for tag in known if tag not in tags]
        if not (first or new or gone or recovered or cause == "request"):
            return
        asked = f"polls the registry (next in {every})" if cause == "poll" else "asks the registry"
        if first:
            found = f"{wanted.image} has {listed(tags) if tags else 'no tags'}"
        elif new or gone:
            parts = [f"{listed(new)} is new" if len(new) == 1 else f"{listed(new)} are new"] if new else []
            found = f"{wanted.image}: {', '.join([*parts, *([f'{listed(gone)} gone'] if gone else [])])}"
        else:
            found = f"{wanted.image} has the same {len(tags)} tags as before"
        event = "RegistryScanned" if first or new or gone else "RegistryUnchanged"
        why = f"every {every} it lists the tags"
        self.add(key, event, f"{asked}: {found}", reason=why, image=wanted.image, new=new, gone=gone, tags=len(tags), cause=cause)

    def scan_failed(self, key: Key, image: str, message: str, mend: str, wait: float) -> None:
        if self.once(key, message):
            text = f"cannot list the tags of {image}, tries again in {format_duration(wait)}, then after twice as long each time"
            self.add(key, "ScanFailed", f"{text}: {message}", reason=mend, mend=mend, error=message)

    def stalled(self, key: Key, message: str, mend: str) -> None:
        if self.once(key, message):
            text = f"gives {key.kind} {key.name} up until its spec changes: {message}"
            self.add(key, "ImageAutomationStalled", text, reason=mend, mend=mend, error=message)

    # ------------------------------------------------------------------ choices

    def chosen(self, policy: ImagePolicy, latest: Mapping[str, str], last: Mapping[str, str] | None, choice: Choice) -> None:
        key = policy.key
        self.calm(key)
        everything = frozenset(choice.fitting) | frozenset(choice.left_out)
        seen, self._seen[key] = self._seen.get(key, frozenset()), everything
        by, now = _short_rule(policy), image_text(latest)
        data: dict[str, Any] = {"image": latest["name"], "tag": latest["tag"], "rule": by, "considered": len(everything)}
        if latest != last:
            before = f", was {image_text(last)}" if last else ""
            why = f"{_rule(policy)}; {_counted(len(choice.fitting), len(everything))}"
            if choice.left_out:
                why += f", not {listed(choice.left_out)}"
            text = f"chooses {now} by {by}{self.called(key, 'for')}{before}"
            self.add(key, "ImageChosen", text, reason=why, digest=latest.get("digest", ""), **data)
            return
        for tag in (*choice.left_out, *choice.fitting[1:]):
            if tag not in seen:
                why = "does not fit" if tag in choice.left_out else "comes before it"
                text = f"stays with {now}{self.called(key, 'for')}: {tag} {why} by {by}"
                self.add(key, "ImageLeftOut", text, reason=_rule(policy), left_out=tag, **data)

    def no_choice(self, key: Key, message: str, wait: float) -> None:
        if self.once(key, message):
            text = f"cannot choose an image{self.called(key, 'for')}, looks again in {format_duration(wait)}: {message}"
            self.add(key, "ImageNotChosen", text, error=message)

    # ------------------------------------------------------------------ Git

    def looked(self, wanted: Automation, repository: str, edits: Edits, *, undecided: Set[str]) -> None:
        """What an automation found in the files, apart from what it changes; ``undecided`` policies will say more."""
        key, waiting = wanted.key, {f"{wanted.key.namespace}:{name}" for name in undecided}
        for path, why in edits.problems:
            if self.once(key, f"for good problem {path}"):
                self.add(key, "FileSkipped", f"cannot read {path} of {repository}, and leaves it alone: {why}", file=path)
        for setter, path, line in edits.unknown:
            whose = ":".join(setter.split(":")[:2])
            if whose not in waiting and self.once(key, f"for good unknown {setter} {path}"):
                text = f"leaves line {line} of {path} as it is: no policy that it follows is {setter}"
                why = "a marker names namespace:policy, with :tag, :name or :digest behind it for a part of the image"
                self.add(key, "MarkerIgnored", text, reason=why, file=path, line=line, setter=setter)
        if not edits.markers and self.once(key, "for good no markers"):
            text = f"finds no marker in {repository}, so {key.kind} {key.name} changes nothing, whatever its policies say"
            why = f'it edits only lines that end with # {{"{MARKER}": "{key.namespace}:POLICY"}}'
            self.add(key, "MarkersMissing", text, reason=why)

    def pushed(self, wanted: Automation, repository: str, changes: Sequence[Change], pushed: Pushed) -> None:
        """What was written, where; the commit itself is the forge's to tell."""
        key, few = wanted.key, len(changes) <= _FEW
        self.calm(key)
        for change in changes:
            place = f"line {change.line} of {change.full}"
            text = f"writes {change.new} over {change.old} in {place}: commit {pushed.commit[:7]} to {pushed.branch}"
            why = f"the line is marked {change.setter}"
            data: dict[str, Any] = {"old": change.old, "new": change.new, "setter": change.setter, "line": change.line}
            self.add(
                key,
                "ManifestUpdated",
                text,
                reason=why,
                story=few,
                repo=repository,
                commit=pushed.commit,
                file=change.full,
                **data,
            )
        if not few:
            files = sorted({change.full for change in changes})
            text = f"writes {len(changes)} new values into {listed(files)}: commit {pushed.commit[:7]} to {pushed.branch}"
            self.add(key, "ManifestsUpdated", text, repo=repository, commit=pushed.commit, files=files)

    def up_to_date(self, key: Key) -> None:
        self.calm(key)
        self.add(key, "AutomationUpToDate", f"has nothing to write for {key.name}: Git says what its policies have chosen")

    def run_failed(self, key: Key, message: str, mend: str, wait: float) -> None:
        if self.once(key, message):
            text = f"cannot write new images into Git{self.called(key, 'for')}, tries again in {format_duration(wait)},"
            text += " then after twice as long each time"
            self.add(key, "AutomationFailed", f"{text}: {message}", reason=mend, mend=mend, error=message)


def _short_rule(policy: ImagePolicy) -> str:
    return f"{policy.order} {policy.argument}" + (f" of {policy.pattern}" if policy.pattern is not None else "")


def _rule(policy: ImagePolicy) -> str:
    if policy.order == "semver":
        return "the newest version in the range" + ("" if "-" in policy.argument else ", no candidates")
    what = {"alphabetical": ("last of the alphabet", "first of the alphabet"), "numerical": ("greatest", "smallest")}
    return f"the {what[policy.order][policy.argument == 'desc']}"


def _counted(fitting: int, all_: int) -> str:
    return f"{fitting} of {all_} tags fit{'s' * (fitting == 1)}"
