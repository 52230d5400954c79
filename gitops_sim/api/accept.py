"""What form of answer a client takes: plain objects, tables or metadata alone, as JSON or as YAML.

Source: k8s.io/apiserver ``pkg/endpoints/handlers/negotiation`` and ``pkg/endpoints/handlers/rest.go``. Who takes nothing but
protobuf gets JSON: the real clients read both.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from gitops_sim.api.response import JSON, YAML
from gitops_sim.errors import ApiError

PROTOBUF = "application/vnd.kubernetes.protobuf"
MEDIA_TYPES = f"{JSON}, {YAML}, {PROTOBUF}"
_SHAPES = {"Table": "Table", "PartialObjectMetadata": "Partial", "PartialObjectMetadataList": "Partial"}
_VERSIONS = ("v1", "v1beta1")


@dataclass(frozen=True, slots=True)
class Form:
    """``shape`` is empty for plain objects, ``Table`` or ``Partial``; ``version`` is that of meta.k8s.io."""

    media: str = JSON
    shape: str = ""
    version: str = "v1"


@lru_cache(maxsize=256)
def form_of(accept: str) -> Form:
    """The first form that the client takes and that there is. Raises ApiError 406."""
    known = not accept.strip()
    if known:
        return Form()
    for clause in accept.split(","):
        media, *rest = (part.strip() for part in clause.split(";"))
        media = {"*/*": JSON, "application/*": JSON, PROTOBUF: JSON}.get(media.lower(), media.lower())
        if media not in (JSON, YAML):
            continue
        known = True
        given = dict(part.partition("=")[::2] for part in rest)
        if "as" not in given:
            return Form(media)
        if given["as"] in _SHAPES and given.get("g") == "meta.k8s.io" and given.get("v") in _VERSIONS:
            return Form(media, _SHAPES[given["as"]], given["v"])
    if known:
        raise ApiError(406, "NotAcceptable", f"only the following media types are accepted: {MEDIA_TYPES}")
    text = f"406: Not Acceptable\n\nAvailable representations: {MEDIA_TYPES}"
    raise ApiError(406, "NotAcceptable", text, details={})
