"""One look at the images of one Application: which of them run, whether there are newer ones, and that these are written.

Source: argocd-image-updater ``pkg/argocd/update.go`` (UpdateApplication), step by step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from gitops_sim.agents.image_updater.committing import CommitError, Write
from gitops_sim.agents.image_updater.image import ContainerImage, ImageTag, find_image, parse_image
from gitops_sim.agents.image_updater.journal import Journal
from gitops_sim.agents.image_updater.secrets import SecretError, check_pull_secret
from gitops_sim.agents.image_updater.settings import ImageRule
from gitops_sim.agents.image_updater.sources import SourceError, image_in, with_image
from gitops_sim.agents.image_updater.tags import Choice, TagError, newest
from gitops_sim.agents.image_updater.templates import ImageChange, commit_message
from gitops_sim.agents.image_updater.write_back import WriteBack
from gitops_sim.agents.image_updater.writing import Writer
from gitops_sim.cluster.protocol import ClusterAPI
from gitops_sim.manifests.go_template import GoTemplateError
from gitops_sim.objects import Object, get_path
from gitops_sim.registry import Registry, Tag

_MOST_TOLD = 3
"""How many of the tags that do not count are named."""
_UNKNOWN = "name unknown: repository name not known to registry"


@dataclass(slots=True)
class Result:
    """What a look came to, of one Application or of all of a cycle."""

    considered: int = 0
    updated: int = 0
    errors: int = 0
    changes: list[ImageChange] = field(default_factory=list)

    def add(self, other: Result) -> None:
        self.considered += other.considered
        self.updated += other.updated
        self.errors += other.errors
        self.changes += other.changes


class Updates:
    """Looks at Applications, one after the other. ``message`` is the template of commit messages."""

    def __init__(self, cluster: ClusterAPI, registry: Registry, writer: Writer, journal: Journal, message: str) -> None:
        self._cluster, self._registry, self._writer, self._journal = cluster, registry, writer, journal
        self.message = message

    def update(self, app: Object, rules: Sequence[ImageRule], to: WriteBack) -> Result:
        """Asks the registry about each image, and writes what is newer."""
        running = _running(app, rules)
        result, changed, live = Result(), app, dict[str, ContainerImage]()
        for rule in rules:
            found = find_image(running, rule.image)
            if found is None:
                self._journal.image(
                    app,
                    rule,
                    "ImageSkipped",
                    f"leaves {rule.image.repository} of {_name(app)} alone: it does not run there",
                    reason=f"Image '{rule.image.name}' seems not to be live in this application, skipping; forceUpdate is false",
                    story=False,
                )
                continue
            result.considered += 1
            live[rule.alias] = found
            try:
                changed = self._look(app, changed, rule, running, found, to, result)
            except (TagError, SecretError, SourceError) as error:
                self._fail(app, rule, str(error), result)
        if result.changes:
            try:
                self._writer.write(Write(changed, rules, to, result.changes, self._text(app, result), live))
            except CommitError:
                result.errors += 1
                result.updated = 0
        return result

    # ------------------------------------------------------------------ inside

    def _look(
        self,
        app: Object,
        changed: Object,
        rule: ImageRule,
        running: Sequence[ContainerImage],
        found: ContainerImage,
        to: WriteBack,
        result: Result,
    ) -> Object:
        """``changed`` with the image as it is to be. Raises TagError, SecretError, SourceError."""
        check_pull_secret(self._cluster, rule.pull_secret, app)
        tags = self._tags(rule.image)
        choice = newest(tags, rule.wanted, rule.image)
        if choice.tag is None:
            self._journal.image(
                app,
                rule,
                "ImageSkipped",
                f"finds no tag of {rule.image.repository} for {_name(app)}: none of {_count(choice.total)} counts",
                reason=f"{choice.note} ({rule.wanted}){_without(choice)}",
                tags=choice.total,
            )
            return changed
        if rule.wanted.strategy == "digest":
            found = _of_digest(running, rule.image, choice.tag.digest) or found
        now = found.tag or ImageTag()
        if not _is_newer(found, now, rule, choice.tag):
            self._journal.image(
                app,
                rule,
                "ImageUpToDate",
                f"finds {_name(app)} on the newest {rule.image.repository}, {choice.tag}",
                reason=_why(rule, choice),
                story=False,
                tags=choice.total,
            )
            return with_image(changed, to.type, rule, rule.image.at(_kept(rule, now)))
        new = rule.image.at(choice.tag)
        try:
            said = image_in(changed, to.type, rule)
        except SourceError:
            return changed
        if said == str(new):
            self._journal.image(
                app,
                rule,
                "ImageUpToDate",
                f"finds {new} set in Application {_name(app)} already",
                reason=f"New image {new} already set in spec: Argo CD has yet to sync it",
                story=False,
            )
            return changed
        if rule.verified:
            what = f'no cosign signature found in OCI referrers or tag-based fallback for image tag "{choice.tag.name}"'
            raise TagError(f"Unable to verify image {new} with public key: failed to fetch cosign signature for {new}: {what}")
        updated = with_image(changed, to.type, rule, new)
        result.changes.append(ImageChange(new, now, choice.tag))
        result.updated += 1
        self._journal.image(
            app,
            rule,
            "ImageUpdateFound",
            f"finds {new} for {_name(app)}, which runs {now or 'no tag'}",
            reason=_why(rule, choice),
            tags=choice.total,
            eligible=choice.eligible,
            old=str(now),
            new=str(choice.tag),
        )
        return updated

    def _tags(self, image: ContainerImage) -> list[Tag]:
        """Those that the registry has; Docker Hub may be named or not. Raises TagError."""
        plain = image.repository.removeprefix("docker.io/")
        for name in (image.repository, plain, plain.removeprefix("library/"), f"docker.io/{plain}"):
            found = self._registry.tags(name)
            if found is not None:
                return found
        raise TagError(f"Could not get tags from registry: {_UNKNOWN}")

    def _fail(self, app: Object, rule: ImageRule, error: str, result: Result) -> None:
        result.errors += 1
        text = f"cannot update {rule.image.repository} of {_name(app)}: {error}"
        self._journal.image(app, rule, "ImageUpdateFailed", text, reason="it goes on with the others", error=error)

    def _text(self, app: Object, result: Result) -> str:
        """The commit message; a template that fails is replaced by a plain one."""
        try:
            return commit_message(self.message, _name(app), result.changes)
        except GoTemplateError as error:
            what = f"could not execute template for Git commit message: {error}"
            self._journal.app(app, "CommitTemplateFailed", what, reason="a plain message takes its place", error=str(error))
            return f"build: update of application {_name(app)}"


def _running(app: Object, rules: Sequence[ImageRule]) -> list[ContainerImage]:
    """The images of the Application, and those that count whether they run or not."""
    running = [parse_image(str(text)) for text in get_path(app, ("status", "summary", "images")) or ()]
    for rule in rules:
        if rule.force and find_image(running, rule.image) is None:
            running.append(rule.image.at(None))
    return running


def _is_newer(found: ContainerImage, now: ImageTag, rule: ImageRule, newest: ImageTag) -> bool:
    if rule.wanted.strategy == "digest" and now.digest != newest.digest:
        return True
    return not now.same(newest) or (rule.image.kustomize is not None and not rule.image.same_place(found))


def _of_digest(running: Sequence[ContainerImage], image: ContainerImage, latest: str) -> ContainerImage | None:
    """Where several containers run an image, the one that a rule is about: with its tag, and rather one with an old digest."""
    same = [live for live in running if live.same_place(image)]
    stale = [live for live in same if live.tag and live.tag.digest and live.tag.digest != latest]
    wanted = image.tag.name if image.tag else ""
    tagged = [live for live in same if wanted and live.tag and live.tag.name == wanted]
    return next((live for live in (*(live for live in tagged if live in stale), *tagged, *stale)), None)


def _kept(rule: ImageRule, now: ImageTag) -> ImageTag:
    """The tag that runs; of a digest alone, with the tag that it follows."""
    if rule.wanted.strategy == "digest" and rule.wanted.constraint and not now.name:
        return ImageTag(rule.wanted.constraint, now.digest)
    return now


def _why(rule: ImageRule, choice: Choice) -> str:
    """``semver 1.x: the newest of 2 eligible of 4 tags, without 1.6.0-rc1 (a pre-release)``."""
    return f"{rule.wanted}: the newest of {choice.eligible} eligible of {_count(choice.total)}{_without(choice)}"


def _without(choice: Choice) -> str:
    told = [f"{name} ({why})" for name, why in choice.passed[:_MOST_TOLD]]
    more = len(choice.passed) - len(told)
    return f", without {', '.join(told)}{f' and {more} more' if more else ''}" if told else ""


def _count(tags: int) -> str:
    return f"{tags} tag{'s' * (tags != 1)}"


def _name(app: Object) -> str:
    return str(app["metadata"]["name"])
