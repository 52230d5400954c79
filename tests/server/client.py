"""A small HTTPS client that knows nothing of the server but its kubeconfig."""

from __future__ import annotations

import base64
import http.client
import json
import socket
import ssl
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml


class Client:
    """``token=False`` leaves the token out, ``certificate`` is a folder in which to keep the client's certificate."""

    def __init__(self, kubeconfig: Path, *, token: bool = True, certificate: Path | None = None) -> None:
        config = yaml.safe_load(kubeconfig.read_text())
        cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
        where = urlsplit(cluster["server"])
        self.host, self.port = str(where.hostname), int(where.port or 0)
        authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
        self.context = ssl.create_default_context(cadata=authority)
        if certificate is not None:
            file = certificate / "client.pem"
            file.write_bytes(b"".join(base64.b64decode(user[f"client-{part}-data"]) for part in ("certificate", "key")))
            self.context.load_cert_chain(file)
        self.headers = {"Authorization": f"Bearer {user['token']}"} if token else {}

    def request(
        self, method: str, target: str, body: Any = None, *, content_type: str = "application/json", **headers: str
    ) -> tuple[int, Any]:
        """The status, and the body as JSON or text."""
        sent = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        connection = http.client.HTTPSConnection(self.host, self.port, context=self.context, timeout=20)
        try:
            given = {"Content-Type": content_type} if sent is not None else {}
            connection.request(method, target, sent, {**self.headers, **given, **headers})
            response = connection.getresponse()
            text = response.read().decode()
        finally:
            connection.close()
        try:
            return response.status, json.loads(text)
        except ValueError:
            return response.status, text

    def open(self) -> ssl.SSLSocket:
        """A connection on which to be rude."""
        plain = socket.create_connection((self.host, self.port), timeout=20)
        return self.context.wrap_socket(plain, server_hostname=self.host)

    def head(self, method: str, target: str, **headers: str) -> bytes:
        """A request line and headers."""
        lines = [f"{method} {target} HTTP/1.1", f"Host: {self.host}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in {**self.headers, **headers}.items()]
        return "\r\n".join([*lines, "", ""]).encode()
