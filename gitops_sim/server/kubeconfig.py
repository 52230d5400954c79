"""The file that tells kubectl where the cluster is and who asks."""

from __future__ import annotations

import base64
import os
from pathlib import Path

from gitops_sim.errors import BadInput
from gitops_sim.server.credentials import Credentials
from gitops_sim.yaml_out import dump_yaml


def _encoded(pem: bytes) -> str:
    return base64.b64encode(pem).decode()


def write_kubeconfig(path: Path, cluster: str, server: str, credentials: Credentials) -> None:
    """With the token and the certificate, readable for its owner alone. Raises BadInput."""
    context = {"name": cluster, "context": {"cluster": cluster, "user": credentials.user}}
    user = {
        "token": credentials.token,
        "client-certificate-data": _encoded(credentials.client_certificate),
        "client-key-data": _encoded(credentials.client_key),
    }
    text = dump_yaml(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [
                {
                    "name": cluster,
                    "cluster": {"server": server, "certificate-authority-data": _encoded(credentials.authority)},
                }
            ],
            "users": [{"name": credentials.user, "user": user}],
            "contexts": [context],
            "current-context": cluster,
        },
        width=2**30,
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f".{path.name}.{os.getpid()}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(fresh, path)
    except OSError as error:
        raise BadInput(f"cannot be written: {error.strerror}", where=str(path), mend="name another file") from None
