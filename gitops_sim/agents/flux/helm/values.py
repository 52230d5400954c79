"""The values of a HelmRelease: those of ConfigMaps and Secrets in their order, its own over them, single ones with a
``targetPath`` over all.

Source: fluxcd/pkg ``chartutil/values.go`` (ChartValuesFromReferences) and ``digest.go``.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from gitops_sim.agents.flux.helm.helmrelease import HelmRelease, ValuesFrom
from gitops_sim.cluster.go_text import json_text
from gitops_sim.cluster.protocol import ClusterAPI
from gitops_sim.errors import ApiError, BadInput
from gitops_sim.manifests.helm import Values, load_values, merge_maps, set_strings, set_values
from gitops_sim.manifests.helm.numbers import floats, plain

_LITERAL = str.maketrans({char: f"\\{char}" for char in "\\,[]{}"})


class ValuesError(Exception):
    """``message`` as Flux reports it; ``mend`` is the way out."""

    def __init__(self, message: str, mend: str) -> None:
        super().__init__(message)
        self.message, self.mend = message, mend


def composed(cluster: ClusterAPI, app: HelmRelease) -> Values:
    """All values that the user gives, numbers as floats. Raises ValuesError."""
    values: Values = {}
    placed: list[tuple[ValuesFrom, str]] = []
    for source in app.values_from:
        text = _read(cluster, app, source)
        if text is not None and source.path:
            placed.append((source, text))
        elif text is not None:
            with _told(app, source):
                values = merge_maps(values, load_values(text, where=f"{source.kind}/{source.name}"))
    values = merge_maps(values, floats(dict(app.values)))
    for source, text in placed:
        with _told(app, source):
            _put(values, source, text)
    return values


def digest(values: Mapping[str, Any]) -> str:
    """``status.lastAttemptedConfigDigest``: of no values at all, the checksum of nothing."""
    text = json_text(plain(dict(values))) if values else ""
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


# ---------------------------------------------------------------------- inside


def _read(cluster: ClusterAPI, app: HelmRelease, source: ValuesFrom) -> str | None:
    """What is under the key; None for an optional source that is not there."""
    plural = "configmaps" if source.kind == "ConfigMap" else "secrets"
    mend = f"create the {source.kind}, or say optional: true"
    try:
        obj = cluster.get(plural, source.name, app.key.namespace)
    except ApiError as error:
        if error.code != 404:
            raise ValuesError(error.message, mend) from None
        if source.optional:
            return None
        raise ValuesError(_message(app, source, error.message), mend) from None
    data: Mapping[str, str] = obj.get("data") or {}
    if source.key not in data:
        if source.optional:
            return None
        raise ValuesError(_message(app, source, "key not found"), f"it has {', '.join(data) or 'no keys'}")
    text = data[source.key]
    return text if source.kind == "ConfigMap" else base64.b64decode(text).decode("utf-8", "replace")


@contextmanager
def _told(app: HelmRelease, source: ValuesFrom) -> Iterator[None]:
    try:
        yield
    except BadInput as error:
        raise ValuesError(_message(app, source, error.what), error.mend) from None


def _put(values: Values, source: ValuesFrom, text: str) -> None:
    """Puts a value where ``targetPath`` says, as ``--set`` would; one in quotes stays text."""
    if source.literal:
        set_strings(values, f"{source.path}={text.translate(_LITERAL)}")
    elif len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        trimmed = text.strip("'\"")
        set_strings(values, f"{source.path}={trimmed}")
    else:
        set_values(values, f"{source.path}={text}")


def _message(app: HelmRelease, source: ValuesFrom, reason: str) -> str:
    optional = " optional" if source.optional else ""
    name = f"{app.key.namespace}/{source.name}"
    return f"could not resolve{optional} {source.kind} chart values reference '{name}' with key '{source.key}': {reason}"
