"""The API over HTTPS: who is let in, what is too much, and clients that behave badly."""

from __future__ import annotations

import os
import ssl
import stat
import subprocess
import threading
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from gitops_sim import BadInput, World
from gitops_sim.api.bodies import LARGEST
from gitops_sim.scenarios.player import perform
from gitops_sim.server import Served
from tests.server.client import Client

MAPS = "/api/v1/namespaces/default/configmaps"


def config_map(name: str, **data: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def test_nobody_is_let_in_without_a_token_or_a_certificate(served: Served, tmp_path: Path) -> None:
    bare = Client(served.kubeconfig, token=False)
    for target in ("/version", "/api/v1/namespaces", "/nonsense"):
        status, body = bare.request("GET", target)
        assert (status, body["reason"], body["message"]) == (401, "Unauthorized", "Unauthorized")
    assert bare.request("GET", "/version", Authorization="Bearer wrong")[0] == 401
    assert bare.request("GET", "/version", Authorization="Basic YTpi")[0] == 401
    assert bare.request("POST", MAPS, config_map("a"))[0] == 401
    assert Client(served.kubeconfig, token=False, certificate=tmp_path).request("GET", "/version")[0] == 200
    assert served.world.actions == []


def test_the_kubeconfig_is_its_owners_alone_and_the_server_on_loopback(served: Served) -> None:
    assert stat.S_IMODE(served.kubeconfig.stat().st_mode) == 0o600
    assert served.server.startswith("https://127.0.0.1:")


def test_a_port_that_is_taken_is_said(served: Served) -> None:
    port = int(served.server.rpartition(":")[2])
    with pytest.raises(BadInput, match=f"port {port} cannot be had"):
        World().serve(port=port)


def test_a_body_of_more_than_three_mebibytes_is_refused_announced_or_not(served: Served, client: Client) -> None:
    large = b'{"data": "' + b"x" * LARGEST + b'"}'
    with client.open() as connection:
        connection.sendall(client.head("POST", MAPS, Content_Length=str(len(large))))
        assert b" 413 " in connection.recv(100)
    with client.open() as connection:
        connection.sendall(client.head("POST", MAPS, Transfer_Encoding="chunked"))
        try:
            for at in range(0, len(large), 2**18):
                piece = large[at : at + 2**18]
                connection.sendall(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
            connection.sendall(b"0\r\n\r\n")
        except (BrokenPipeError, ConnectionError, ssl.SSLError):
            pass  # it need not read all that before it refuses
        assert b" 413 " in connection.recv(100)
    assert served.world.actions == []
    assert client.request("GET", "/version")[0] == 200


def test_clients_that_stop_in_the_middle_harm_nobody(served: Served, client: Client) -> None:
    for rude in (b"", b"GET /vers", client.head("POST", MAPS, Content_Length="100") + b'{"meta', b"\x00\xff" * 50):
        with client.open() as connection:
            connection.sendall(rude)
    assert client.request("POST", MAPS, config_map("after"))[0] == 201
    assert [action.get("path").partition("?")[0] for action in served.world.actions] == [MAPS]
    assert threading.active_count() < 20


def test_two_hundred_watchers_see_every_change_and_leave_nothing_behind(served: Served, client: Client) -> None:
    _, listed = client.request("GET", MAPS)
    target = f"{MAPS}?watch=1&resourceVersion={listed['metadata']['resourceVersion']}"
    threads = threading.active_count()
    watchers = [client.open() for _ in range(200)]
    for watcher in watchers:
        watcher.sendall(client.head("GET", target))
        assert b" 200 " in watcher.recv(4096)
    assert served.watchers == 200
    assert client.request("POST", MAPS, config_map("seen"))[0] == 201
    for watcher in watchers[:100]:
        assert b'"ADDED"' in watcher.recv(65536)
    for watcher in watchers:
        watcher.close()
    for _ in range(500):
        client.request("PATCH", f"{MAPS}/seen", {"data": {"n": str(_)}}, content_type="application/merge-patch+json")
        if not served.watchers:
            break
    assert served.watchers == 0
    assert threading.active_count() == threads


def test_a_watch_ends_when_its_time_is_over(client: Client) -> None:
    status, event = client.request("GET", f"{MAPS}?watch=1&timeoutSeconds=1&fieldSelector=metadata.name=kube-root-ca.crt")
    assert (status, event["type"], event["object"]["metadata"]["name"]) == (200, "ADDED", "kube-root-ca.crt")


def test_what_was_written_is_recorded_and_plays_again_to_the_same_digest(served: Served, client: Client) -> None:
    deployment = {
        "metadata": {"name": "web"},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "web", "image": "nginx:1"}]}},
        },
    }
    where = "/apis/apps/v1/namespaces/default/deployments"
    assert client.request("POST", where, deployment)[0] == 201
    assert client.request("POST", where, deployment)[0] == 409  # it has taken a uid: what comes later depends on that
    assert client.request("POST", f"{where}?dryRun=All", {**deployment, "metadata": {"name": "not"}})[0] == 201
    scale = {"spec": {"replicas": 3}}
    patch = "application/merge-patch+json"
    assert client.request("PATCH", f"{where}/web/scale", scale, content_type=patch, **{"User-Agent": "kubectl/v1"})[0] == 200
    assert client.request("POST", MAPS, b"{", content_type="application/json")[0] == 400
    yaml = b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: y-1}\n"
    assert client.request("POST", MAPS, yaml, content_type="application/yaml")[0] == 201
    assert client.request("DELETE", f"{where}/web?propagationPolicy=Foreground")[0] == 200
    served.stop()
    world = served.world
    assert [action.get("method") for action in world.actions] == ["POST", "POST", "PATCH", "POST", "DELETE"]
    again = World(seed=7)
    perform(again, world.actions, world.now)
    assert again.trace.digest() == world.trace.digest()


def test_a_real_git_push_is_noticed_and_plays_again(tmp_path: Path) -> None:
    world = World(seed=7)
    world.git.create("shop", {"a.txt": "1\n"})
    with world.serve(kubeconfig=tmp_path / "second") as again:
        env = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1"}
        for who in ("AUTHOR", "COMMITTER"):
            env |= {f"GIT_{who}_NAME": "Ana", f"GIT_{who}_EMAIL": "ana@example.com"}
        run = partial(subprocess.run, env=env, check=True, capture_output=True)
        run(["git", "clone", "-q", f"{again.git}/shop.git", str(tmp_path / "shop")])
        (tmp_path / "shop" / "a.txt").write_text("2\n")
        run(["git", "-C", str(tmp_path / "shop"), "commit", "-qam", "Say two"])
        run(["git", "-C", str(tmp_path / "shop"), "push", "-q", "origin", "HEAD"])
        other = Client(again.kubeconfig)
        for _ in range(1000):
            if world.actions:
                break
            other.request("GET", "/version")
        assert other.request("POST", MAPS, config_map("later"))[0] == 201
    assert [action.do for action in world.actions] == ["push", "api"]
    twin = World(seed=7)
    twin.git.create("shop", {"a.txt": "1\n"})
    perform(twin, world.actions, world.now)
    assert twin.trace.digest() == world.trace.digest()
