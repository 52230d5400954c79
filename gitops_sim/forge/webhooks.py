"""Webhooks: the forge tells an address about every push to a repository, as Git hosts do.

A delivery says which branch moved, and nothing of what is in it: whoever hears it still asks Git. It can get lost, and nobody
tries again, as with most hosts: that is why agents poll as well.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from gitops_sim.clock import Clock, Priority
from gitops_sim.errors import BadInput
from gitops_sim.forge.branches import Push
from gitops_sim.trace import Trace

LATENCY = 1.0
"""Simulated seconds from the push to the delivery; our figure: hosts promise none, and mostly take a second or so."""

State = Literal["on", "lost", "removed"]


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is posted: ``repo`` and ``url`` name the repository; its ``branch`` moved from ``before`` to ``after`` (commit ids,
    None for a branch that is new, or gone)."""

    repo: str
    url: str
    branch: str
    before: str | None
    after: str | None


Receiver = Callable[[str, Delivery], bool]
"""``receiver(url, delivery)`` takes what was posted to an address; False when nobody listens there."""


class Webhooks:
    """The webhooks of all repositories, and who listens to them."""

    def __init__(self, clock: Clock, trace: Trace) -> None:
        self._clock, self._trace = clock, trace
        self._states: dict[tuple[str, str], State] = {}
        self._receivers: list[Receiver] = []

    def listen(self, receiver: Receiver) -> None:
        """Offers every delivery to ``receiver`` as well; the first who takes it is the only one."""
        self._receivers.append(receiver)

    def set(self, repo: str, url: str, state: State = "on", *, by: str = "platform") -> None:
        """Sets up the webhook of a repository (its name) to an address. ``lost``: whatever is sent there never arrives;
        ``removed``: it is there no more. Raises BadInput for an address that is none."""
        if not url.startswith(("http://", "https://")):
            raise BadInput(f"{url!r} is no address of a webhook", mend="write https://argocd.production.example/api/webhook")
        if self._states.get((repo, url), "removed") == state:
            return
        if state == "removed":
            del self._states[repo, url]
        else:
            self._states[repo, url] = state
        text = {
            "on": f"sets up a webhook of {repo} to {url}",
            "lost": f"loses whatever the webhook of {repo} sends to {url} from now on",
            "removed": f"removes the webhook of {repo} to {url}",
        }[state]
        self._trace.add(by, "WebhookChanged", f"repo/{repo}", text, story=self._clock.now > 0, repo=repo, url=url, state=state)

    def of(self, repo: str) -> dict[str, State]:
        """The webhooks of a repository: their addresses, and how they are."""
        return {url: state for (owner, url), state in self._states.items() if owner == repo}

    def pushed(self, push: Push) -> None:
        """Sends what is due for a push."""
        repo = push.repository
        for url in self.of(repo.name):
            delivery = Delivery(repo.name, repo.url, push.branch, push.old, push.new)
            self._clock.after(LATENCY, self._deliver, url, delivery, priority=Priority.AGENT)

    def _deliver(self, url: str, delivery: Delivery) -> None:
        state = self._states.get((delivery.repo, url))
        if state is None:
            return
        moved = f"{delivery.branch} moved to {delivery.after[:7]}" if delivery.after else f"{delivery.branch} is gone"
        about = {"repo": delivery.repo, "url": url, "branch": delivery.branch, "after": delivery.after}
        if state == "lost":
            text = f"tells {url} that {moved}: the delivery gets lost"
            why = "nobody sends it again; the next poll will find out"
            self._trace.add("forge", "WebhookLost", f"repo/{delivery.repo}", text, reason=why, story=True, **about)
            return
        text = f"tells {url} that {moved}"
        why = "a webhook says that something moved, not what"
        self._trace.add("forge", "WebhookDelivered", f"repo/{delivery.repo}", text, reason=why, story=True, **about)
        if not any(receiver(url, delivery) for receiver in self._receivers):
            text = f"gets no answer from {url}"
            mend = "nobody listens there: compare the address with the agent's"
            self._trace.add("forge", "WebhookFailed", f"repo/{delivery.repo}", text, reason=mend, story=True, **about)
