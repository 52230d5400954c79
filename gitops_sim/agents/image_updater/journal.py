"""What the image updater leaves in the trace: every decision with its reason, told again only when it becomes another one."""

from __future__ import annotations

from typing import Any

from gitops_sim.agents.image_updater.settings import ImageRule
from gitops_sim.objects import Object
from gitops_sim.trace import Trace


class Journal:
    """``actor`` is the name in the trace; ``where`` tells clusters apart in the data."""

    def __init__(self, trace: Trace, actor: str, where: str) -> None:
        self._trace, self._actor, self._where = trace, actor, where
        self._told: dict[str, str] = {}

    def add(self, subject: str, event: str, message: str, *, reason: str = "", story: bool = True, **data: Any) -> None:
        self._trace.add(self._actor, event, subject, message, reason=reason, story=story, cluster=self._where, **data)

    def image(
        self, app: Object, rule: ImageRule, event: str, message: str, *, reason: str = "", story: bool = True, **data: Any
    ) -> None:
        """A decision about an image of an Application, once until another one is made about it."""
        subject = subject_of(app)
        if self.once(f"{subject} {rule.alias}", event + message):
            more = {"app": app["metadata"]["name"], "image": rule.image.repository, "alias": rule.alias}
            self.add(subject, event, message, reason=reason, story=story, **more, **data)

    def app(self, app: Object, event: str, message: str, *, reason: str = "", story: bool = True, **data: Any) -> None:
        """A decision about an Application, likewise."""
        subject = subject_of(app)
        if self.once(subject, event + message):
            self.add(subject, event, message, reason=reason, story=story, app=app["metadata"]["name"], **data)

    def once(self, about: str, what: str) -> bool:
        """Whether this was not the last thing said about something."""
        if self._told.get(about) == what:
            return False
        self._told[about] = what
        return True

    def forget(self, app: Object) -> None:
        """What was said of an Application and its images: it was changed, so that the same may be news again."""
        subject = subject_of(app)
        self._told = {
            about: said for about, said in self._told.items() if about != subject and not about.startswith(f"{subject} ")
        }


def subject_of(app: Object) -> str:
    meta = app["metadata"]
    return f"Application/{meta['namespace']}/{meta['name']}"
