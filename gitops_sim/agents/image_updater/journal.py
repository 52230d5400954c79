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
        self._images: dict[tuple[str, str], str] = {}
        self._others: dict[tuple[str, str], str] = {}

    def image(
        self, app: Object, rule: ImageRule, event: str, message: str, *, reason: str = "", story: bool = True, **data: Any
    ) -> None:
        """A decision about an image of an Application, once until another one is made about it."""
        about, name = (subject_of(app), rule.alias), app["metadata"]["name"]
        if self._images.get(about) == event + message:
            return
        self._images[about] = event + message
        more = {"app": name, "image": rule.image.repository, "alias": rule.alias}
        self._add(about[0], event, message, reason, story, **more, **data)

    def app(self, app: Object, event: str, message: str, *, reason: str = "", story: bool = True, **data: Any) -> None:
        """Something about an Application, once until something else of this kind happens to it."""
        self.tell(subject_of(app), event, message, reason=reason, story=story, app=app["metadata"]["name"], **data)

    def warn(self, app: Object, message: str) -> None:
        """Something about its settings, once."""
        subject = subject_of(app)
        if (subject, message) not in self._others:
            self._others[subject, message] = ""
            self._add(subject, "ImageUpdaterWarned", message, "", True, app=app["metadata"]["name"])

    def tell(self, subject: str, event: str, message: str, *, reason: str = "", story: bool = True, **data: Any) -> None:
        """Something about whatever it is, likewise."""
        if self._others.get((subject, event)) != message:
            self._others[subject, event] = message
            self._add(subject, event, message, reason, story, **data)

    def written(self, app: Object, *, live: bool) -> None:
        """An Application has got its new images: what failed before is news again. What was found is, too, when they were set in
        the ``live`` one, where others may take them back."""
        subject = subject_of(app)
        self._others = {about: said for about, said in self._others.items() if about[0] != subject}
        if live:
            self._images = {about: said for about, said in self._images.items() if about[0] != subject}

    def _add(self, subject: str, event: str, message: str, reason: str, story: bool, **data: Any) -> None:
        self._trace.add(self._actor, event, subject, message, reason=reason, story=story, cluster=self._where, **data)


def subject_of(app: Object) -> str:
    meta = app["metadata"]
    return f"Application/{meta['namespace']}/{meta['name']}"
