"""Where Helm keeps releases: a Secret for each revision, which the real ``helm`` reads and writes as well.

The content is JSON, packed with gzip, encoded as base64, and encoded once more as all Secrets are. Source: helm
``pkg/storage/storage.go`` and ``pkg/storage/driver`` (``secrets.go``, ``util.go``).
"""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from dataclasses import dataclass
from functools import lru_cache

from gitops_sim.agents.flux.helm.release import Release
from gitops_sim.clock import Clock
from gitops_sim.cluster.go_text import json_text
from gitops_sim.cluster.protocol import ClusterAPI
from gitops_sim.objects import Object, labels_of, with_path

TYPE = "helm.sh/release.v1"
_PREFIX = "sh.helm.release.v1"
_GZIP = b"\x1f\x8b\x08"
_MOST = 16 * 2**20
"""Bytes of an unpacked release: a Secret holds 1 MiB."""


@dataclass(frozen=True, slots=True)
class Releases:
    """The releases in one namespace, read and written as the user of ``cluster``. All methods raise ApiError."""

    cluster: ClusterAPI
    clock: Clock
    namespace: str
    manager: str

    def history(self, name: str) -> list[Release]:
        """All revisions that are kept, the oldest first."""
        secrets = self.cluster.list("secrets", self.namespace, labels=f"owner=helm,name={name}")
        found = [release for secret in secrets if (release := _decoded(secret)) is not None]
        return sorted(found, key=lambda release: release.version)

    def last(self, name: str) -> Release | None:
        return next(reversed(self.history(name)), None)

    def get(self, name: str, version: int) -> Release | None:
        return next((release for release in self.history(name) if release.version == version), None)

    def deployed(self, name: str) -> list[Release]:
        """Those that say that they are deployed, the newest first."""
        return [release for release in reversed(self.history(name)) if release.status == "deployed"]

    def create(self, release: Release, most: int) -> None:
        """Adds a revision; the oldest ones go, so that there are ``most`` at the end (0 for any number). What is deployed
        stays."""
        if most > 0:
            self._make_room(release.name, most - 1)
        secret: Object = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {
                "name": _name(release.name, release.version),
                "namespace": self.namespace,
                "labels": {**_labels(release), "createdAt": str(self.clock.unix())},
            },
            "type": TYPE,
            "data": {"release": _encoded(release)},
        }
        self.cluster.create(secret, manager=self.manager)

    def update(self, release: Release) -> None:
        """Writes a revision that is there."""
        secret = self.cluster.get("secrets", _name(release.name, release.version), self.namespace)
        kept = {name: text for name, text in labels_of(secret).items() if name != "createdAt"}
        labels = {**kept, **_labels(release), "modifiedAt": str(self.clock.unix())}
        secret = with_path(secret, ("metadata", "labels"), labels)
        self.cluster.update({**secret, "data": {"release": _encoded(release)}}, manager=self.manager)

    def delete(self, release: Release) -> None:
        self.cluster.delete("secrets", _name(release.name, release.version), self.namespace)

    def _make_room(self, name: str, most: int) -> None:
        kept = self.history(name)
        deployed = next(iter(self.deployed(name)), None)
        for release in kept[: max(0, len(kept) - most)]:
            if deployed is None or release.version != deployed.version:
                self.delete(release)


def _name(name: str, version: int) -> str:
    return f"{_PREFIX}.{name}.v{version}"


def _labels(release: Release) -> dict[str, str]:
    return {"name": release.name, "owner": "helm", "status": release.status, "version": str(release.version)}


def _encoded(release: Release) -> str:
    packed = gzip.compress(json_text(release.data).encode(), mtime=0)
    return base64.b64encode(base64.b64encode(packed)).decode()


def _decoded(secret: Object) -> Release | None:
    """None for a Secret that holds something else."""
    text = (secret.get("data") or {}).get("release")
    return _unpacked(text) if secret.get("type") == TYPE and isinstance(text, str) else None


@lru_cache(maxsize=64)
def _unpacked(text: str) -> Release | None:
    try:
        content = base64.b64decode(base64.b64decode(text))
        if content.startswith(_GZIP):
            content = zlib.decompressobj(wbits=31).decompress(content, _MOST)
        data = json.loads(content)
    except (ValueError, zlib.error, RecursionError):
        return None
    whole = isinstance(data, dict) and data.keys() >= {"name", "namespace", "version", "info"}
    return Release(data) if whole else None
