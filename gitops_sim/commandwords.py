"""Which kubectl command a request to the API is part of: the one place that says so, for rules, records and checks.

kubectl names its command in the header ``Kubectl-Command`` (``kubectl set image``), and whose fields it sets in ``fieldManager``
(``kubectl-set``). A client may claim anything there, so that a command counts only where it sends such requests at all.
Source: k8s.io/cli-runtime ``pkg/genericclioptions/command_headers.go``, and the field managers in k8s.io/kubectl ``pkg/cmd``.
"""

from __future__ import annotations

from collections.abc import Sequence

from gitops_sim.cluster.kinds import Kinds

_SENDS: dict[str, tuple[str, ...]] = {
    "GET": ("get", "describe", "logs", "events", "top", "explain", "wait", "diff"),
    "POST": ("create", "apply", "run", "expose", "autoscale", "replace", "debug", "cp", "annotate", "label", "edit"),
    "PUT": ("replace", "edit", "apply", "taint", "cordon", "uncordon", "drain", "scale"),
    "PATCH": (
        "patch", "apply", "set", "edit", "label", "annotate", "rollout", "taint", "cordon", "uncordon", "drain", "scale",
        "create", "run", "expose", "autoscale", "replace",
    ),
    "DELETE": ("delete", "replace", "apply", "run", "drain", "debug"),
    "scale": ("scale",),
    "eviction": ("drain",),
}  # fmt: skip
"""What sends requests of a method, or to a subresource. The first is what such a request is when it does not say."""
_MANAGERS = {"kubectl": "apply", "kubectl-client-side-apply": "apply", "kubectl-last-applied": "apply"}
_KINDS = Kinds()


def words_of(method: str, about: str, manager: str = "", command: str = "") -> tuple[str, ...]:
    """The words of the command, without ``kubectl``: ``("scale", "deployments")``, ``("set", "image", "deployments")``.

    ``about`` is what the path names (``deployments/web/scale``), ``command`` what the client said that it runs."""
    plural, _, rest = about.partition("/")
    sends = _SENDS.get(rest.partition("/")[2]) or _SENDS.get(method) or ("",)
    said = command.removeprefix("kubectl ").split()
    if not said or said[0] not in sends:
        known = _MANAGERS.get(manager) or manager.removeprefix("kubectl-").partition("-")[0]
        said = [known if known in sends and manager.startswith("kubectl") else sends[0]]
    return (*said, plural)


def is_kubectl(manager: str, command: str) -> bool:
    """Whether a request came from kubectl."""
    return command.startswith("kubectl ") or manager == "kubectl" or manager.startswith("kubectl-")


def plain(words: Sequence[str]) -> list[str]:
    """The words with every resource type called by its plural: ``patch app/web`` is ``patch applications``."""
    found = [(_KINDS.find(word.partition("/")[0]), word) for word in words[1:]]
    return [*words[:1], *(kind.plural if kind else word for kind, word in found)]
