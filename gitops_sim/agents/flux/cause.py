"""Why a controller of Flux looks at an object."""

from __future__ import annotations

from typing import Literal

Cause = Literal["new", "poll", "request", "spec", "source", "interval", "retry", "config"]
"""A new object, the interval of a source, a request (``flux reconcile``, a webhook), a new spec, a new
artifact of the source, the interval of a Kustomization, a retry, a changed ConfigMap or Secret."""
