"""The token controller: fills Secrets that ask for the token of a ServiceAccount, and deletes them with the account.

Source: k8s.io/kubernetes ``pkg/controller/serviceaccount/tokens_controller.go``.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable

from gitops_sim.cluster.access.tokens import secret_token
from gitops_sim.cluster.controllers.base import ClusterController
from gitops_sim.cluster.controllers.namespace import CA
from gitops_sim.cluster.store import Change
from gitops_sim.objects import Key, get_path, key_of, with_path

TYPE = "kubernetes.io/service-account-token"
_NAME, _UID = "kubernetes.io/service-account.name", "kubernetes.io/service-account.uid"


class TokenController(ClusterController):
    """Only Secrets of this one type, and accounts that come or go, make it look."""

    name = "tokens-controller"
    own = ("", "Secret")
    watches = (("", "Secret"), ("", "ServiceAccount"))

    def concerned(self, change: Change) -> Iterable[Key]:
        if change.key.kind == "Secret":
            return [change.key] if change.object.get("type") == TYPE else []
        if change.type == "MODIFIED":
            return []
        secrets = self.store.list("", "Secret", change.key.namespace)
        return [key_of(secret) for secret in secrets if secret.get("type") == TYPE]

    def sync(self, key: Key) -> None:
        secret = self.store.get(key)
        if secret is None or "deletionTimestamp" in secret["metadata"]:
            return
        said = secret["metadata"].get("annotations") or {}
        account = self.store.get(Key("", "ServiceAccount", key.namespace, said.get(_NAME, "")))
        if account is None or said.get(_UID) not in (None, "", account["metadata"]["uid"]):
            self.cluster.delete("Secret", key.name, key.namespace)
            return
        data = dict(secret.get("data") or {})
        if not get_path(secret, ("data", "token")):
            data["token"] = _encoded(secret_token(self.cluster, account, key.name))
        data |= {"ca.crt": _encoded(CA), "namespace": _encoded(key.namespace)}
        filled = with_path({**secret, "data": data}, ("metadata", "annotations", _UID), account["metadata"]["uid"])
        if filled != secret:
            self.cluster.update(filled)


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
