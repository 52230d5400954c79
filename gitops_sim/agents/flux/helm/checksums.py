"""Checksums of what a HelmRelease adds to every object: a change of it is a reason to upgrade."""

from __future__ import annotations

import hashlib
from typing import Any

from gitops_sim.agents.flux.helm.helmrelease import HelmRelease
from gitops_sim.cluster.go_text import json_text


def renderers_digest(app: HelmRelease) -> str:
    """``status.observedPostRenderersDigest``; empty without post-renderers."""
    return _digest(list(app.post_renderers))


def common_digest(app: HelmRelease) -> str:
    """``status.observedCommonMetadataDigest``; empty without common metadata."""
    return _digest(dict(app.common))


def _digest(value: Any) -> str:
    return f"sha256:{hashlib.sha256((json_text(value) + chr(10)).encode()).hexdigest()}" if value else ""
