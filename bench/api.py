"""How fast the Kubernetes API is, in process and over HTTPS, with 10,000 objects held; beside what else is there to compare with.

``python bench/api.py [--kmock PYTHON]``: takes under two minutes and stops by itself. ``etcd`` is measured when it is on the PATH
(Debian: etcd-server). PYTHON is the interpreter of an environment in which kmock is installed (its pytest plugin would change our
tests); GITOPS_SIM_KMOCK may name it as well. The same aiohttp client with 16 connections asks all servers.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import os
import resource
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import yaml
from aiohttp import ClientError, ClientSession, TCPConnector

from gitops_sim.api import Request, handle
from gitops_sim.cluster import Cluster

HELD = 10_000
SECONDS = 3.0
CONNECTIONS = 16
REAL = {"create": 613, "get": 1594}
"""Requests a second of a real 1.36 API server with 100 objects, on a machine like this, asked by such a client."""
MAPS = "/api/v1/namespaces/default/configmaps"
DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments"
MERGE = {"content-type": "application/merge-patch+json"}


def config_map(number: int) -> bytes:
    return json.dumps({"metadata": {"name": f"c{number}", "labels": {"n": str(number % 100)}}, "data": {"a": "b" * 50}}).encode()


def deployment(name: str) -> bytes:
    container = {"name": "web", "image": "nginx:1", "ports": [{"containerPort": 80}]}
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [container]}}
    spec = {"replicas": 1, "selector": {"matchLabels": {"app": "web"}}, "template": template}
    return json.dumps({"metadata": {"name": name}, "spec": spec}).encode()


# ---------------------------------------------------------------------- in process


def in_process() -> dict[str, float]:
    cluster = Cluster(controllers=False)
    done = {"create": 0.0}
    began = time.perf_counter()
    for number in range(HELD):
        response = handle(cluster, Request("POST", MAPS, {}, config_map(number)))
        assert response.status == 201, response.body
    done["create"] = HELD / (time.perf_counter() - began)
    handle(cluster, Request("POST", DEPLOYMENTS, {}, deployment("web")))
    number = 0

    def get() -> Request:
        return Request("GET", f"{MAPS}/c{number * 7919 % HELD}")

    def patch() -> Request:
        return Request("PATCH", f"{MAPS}/c{number * 7919 % HELD}", MERGE, b'{"data":{"n":"%d"}}' % number)

    def create_deployment() -> Request:
        return Request("POST", DEPLOYMENTS, {}, deployment(f"d{number}"))

    def patch_deployment() -> Request:
        return Request("PATCH", f"{DEPLOYMENTS}/web", MERGE, b'{"spec":{"replicas":%d}}' % (number % 50))

    for name, make in (
        ("get", get),
        ("patch", patch),
        ("create Deployment", create_deployment),
        ("patch Deployment", patch_deployment),
    ):
        count, began = 0, time.perf_counter()
        while time.perf_counter() - began < SECONDS / 2:
            number = count
            assert handle(cluster, make()).status < 300
            count += 1
        done[name] = count / (time.perf_counter() - began)
    return done


# ---------------------------------------------------------------------- over HTTP


async def rate(ask: Callable[[int], Awaitable[int]], seconds: float = SECONDS, most: int = 1_000_000) -> float:
    """Requests a second of 16 at a time."""
    begun, count, end = time.perf_counter(), 0, time.perf_counter() + seconds

    async def one() -> None:
        nonlocal count
        while count < most and time.perf_counter() < end:
            number, count = count, count + 1
            status = await ask(number)
            assert status < 300, status

    await asyncio.gather(*(one() for _ in range(CONNECTIONS)))
    return count / (time.perf_counter() - begun)


async def over_http(kubeconfig: Path) -> dict[str, float]:
    config = yaml.safe_load(kubeconfig.read_text())
    where, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
    context = ssl.create_default_context(cadata=base64.b64decode(where["certificate-authority-data"]).decode())
    headers = {"Authorization": f"Bearer {user['token']}"}
    done: dict[str, float] = {}
    connector = TCPConnector(limit=CONNECTIONS, ssl=context)
    async with ClientSession(where["server"], connector=connector, headers=headers) as session:

        async def send(method: str, path: str, body: bytes | None = None, kind: str = "application/json") -> int:
            async with session.request(method, path, data=body, headers={"Content-Type": kind}) as response:
                await response.read()
                return response.status

        done["create"] = await rate(lambda n: send("POST", MAPS, config_map(n)), 60, HELD)
        done["get"] = await rate(lambda n: send("GET", f"{MAPS}/c{n * 7919 % HELD}"))
        merge = MERGE["content-type"]
        done["patch"] = await rate(lambda n: send("PATCH", f"{MAPS}/c{n * 7919 % HELD}", b'{"data":{"n":"%d"}}' % n, merge))
        done["list of 100"] = await rate(lambda n: send("GET", f"{MAPS}?labelSelector=n={n % 100}"))
    return done


def served() -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        kubeconfig = Path(folder) / "kubeconfig"
        command = [sys.executable, "-m", "gitops_sim", "serve", "--kubeconfig", str(kubeconfig)]
        server = subprocess.Popen(command, stdout=subprocess.PIPE)
        try:
            assert server.stdout is not None
            assert json.loads(server.stdout.readline())["ready"]
            return asyncio.run(over_http(kubeconfig))
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(10)
            used = resource.getrusage(resource.RUSAGE_CHILDREN)
            print(f"the server used {used.ru_utime + used.ru_stime:.1f} s of processor time and {used.ru_maxrss / 1024:.0f} MB")


# ---------------------------------------------------------------------- others


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def etcd() -> float | None:
    """Puts a second, one after another, through its HTTP gateway; None when there is no etcd."""
    program = shutil.which("etcd")
    if program is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        client, peer = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
        command = [program, "--data-dir", folder, "--listen-client-urls", client, "--advertise-client-urls", client]
        command += ["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", f"default={peer}"]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ})
        try:
            return asyncio.run(_puts(client))
        finally:
            server.terminate()
            server.wait(10)


async def _puts(url: str) -> float:
    async with ClientSession(url, connector=TCPConnector(limit=1)) as session:

        async def put(number: int) -> int:
            key, value = base64.b64encode(f"/registry/c{number}".encode()), base64.b64encode(config_map(number))
            async with session.post("/v3/kv/put", json={"key": key.decode(), "value": value.decode()}) as response:
                await response.read()
                return response.status

        for _ in range(100):
            try:
                if await put(0) == 200:
                    break
            except OSError:
                await asyncio.sleep(0.1)
        count, began = 0, time.perf_counter()
        while time.perf_counter() - began < SECONDS:
            assert await put(count) == 200
            count += 1
        return count / (time.perf_counter() - began)


_KMOCK = """
import asyncio, sys
from kmock import KubernetesEmulator, Server

async def serve():
    emulator = KubernetesEmulator()
    async with emulator, Server(emulator, port=int(sys.argv[1])):
        await asyncio.Event().wait()

asyncio.run(serve())
"""


def kmock(python: str) -> tuple[int, float]:
    """How many objects kmock's emulator was made to hold, and then its patches a second over plain HTTP, 16 at a time."""
    port = free_port()
    server = subprocess.Popen([python, "-c", _KMOCK, str(port)])
    try:
        return asyncio.run(_kmock_patches(f"http://127.0.0.1:{port}"))
    finally:
        server.terminate()
        server.wait(10)


async def _kmock_patches(url: str) -> tuple[int, float]:
    async with ClientSession(url, connector=TCPConnector(limit=CONNECTIONS)) as session:

        async def send(method: str, path: str, body: bytes, kind: str) -> int:
            async with session.request(method, path, data=body, headers={"Content-Type": kind}) as response:
                await response.read()
                return response.status

        for _ in range(100):
            try:
                await send("GET", MAPS, b"", "application/json")
                break
            except ClientError:
                await asyncio.sleep(0.1)
        held = 0

        async def create(number: int) -> int:
            nonlocal held
            held += 1
            return await send("POST", MAPS, config_map(number), "application/json")

        await rate(create, 10 * SECONDS, HELD)
        merge = MERGE["content-type"]
        rest = await rate(lambda n: send("PATCH", f"{MAPS}/c{n * 7919 % held}", b'{"data":{"n":"%d"}}' % n, merge))
        return held, rest


def main() -> None:
    parser = argparse.ArgumentParser(description="How fast the Kubernetes API is.")
    parser.add_argument("--kmock", metavar="PYTHON", default=os.environ.get("GITOPS_SIM_KMOCK"), help="to measure kmock as well")
    peer = parser.parse_args().kmock
    process, http, puts = in_process(), served(), etcd()
    print(f"{HELD:,} objects held; requests a second")
    print(f"  {'':20}{'in process':>12}{'HTTPS, 16 at a time':>22}{'a real API server':>20}")
    names = list(dict.fromkeys([*process, *http]))
    for name in names:
        cells: list[Any] = [process.get(name), http.get(name), REAL.get(name)]
        shown = ["-" if cell is None else f"{cell:,.0f}" for cell in cells]
        print(f"  {name:20}{shown[0]:>12}{shown[1]:>22}{shown[2]:>20}")
    if puts is None:
        print("etcd is not on the PATH: nothing to compare writes in process with")
    else:
        print(
            f"etcd, serial puts on loopback: {puts:,.0f} a second; a create in process is x{process['create'] / puts:.1f} of that"
        )
    if peer is None:
        print("kmock is not measured: name the Python that has it with --kmock or GITOPS_SIM_KMOCK")
    else:
        held, patches = kmock(peer)
        ratios = f"in process x{process['patch'] / patches:.0f}, over HTTPS x{http['patch'] / patches:.1f} of that"
        print(f"kmock, {held:,} objects held, patches over plain HTTP: {patches:,.0f} a second; ours {ratios}")
    for name, least in REAL.items():
        verdict = "more" if http[name] > least else "LESS"
        print(f"{name} over HTTPS: {verdict} than a real API server's {least}, x{http[name] / least:.1f}")


if __name__ == "__main__":
    main()
