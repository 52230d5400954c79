"""Only a local kind cluster may be touched: everything else is refused by its kubeconfig alone, with the reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from gitops_sim.errors import BadInput
from gitops_sim.kind.context import check_nodes, choose


def kubeconfig(name: str = "kind-dev", *, cluster: dict[str, Any] | None = None, user: dict[str, Any] | None = None) -> str:
    return yaml.safe_dump(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "prod",
            "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
            "clusters": [{"name": name, "cluster": {"server": "https://127.0.0.1:6443", **(cluster or {})}}],
            "users": [{"name": name, "user": user or {"client-certificate-data": "", "client-key-data": ""}}],
        }
    )


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config"
    path.write_text(kubeconfig())
    return path


@pytest.mark.parametrize(
    "server", ["https://127.0.0.1:6443", "https://127.8.9.1:1", "https://[::1]:6443", "https://localhost:6443"]
)
def test_a_kind_context_on_loopback_is_taken(config: Path, server: str) -> None:
    config.write_text(kubeconfig(cluster={"server": server}))
    found = choose("kind-dev", config)
    assert (found.server, found.kind_name) == (server, "dev")


@pytest.mark.parametrize("name", ["prod", "kind-", "kind", "docker-desktop", "minikube", "", "Kind-dev"])
def test_a_context_with_another_name_is_refused(config: Path, name: str) -> None:
    config.write_text(kubeconfig(name))
    with pytest.raises(BadInput, match="is not one of a kind cluster"):
        choose(name, config)


@pytest.mark.parametrize(
    "server",
    [
        "https://10.0.0.1:6443",
        "https://example.com:6443",
        "https://127.0.0.1.example.com",
        "https://localhost.example.com",
        "https://127.0.0.1@example.com:6443",
        "https://0.0.0.0:6443",
        "https://[::ffff:10.0.0.1]:6443",
        "http://127.0.0.1:8080",
        "127.0.0.1:6443",
        "",
    ],
)
def test_a_server_elsewhere_is_refused_whatever_its_context_is_called(config: Path, server: str) -> None:
    config.write_text(kubeconfig(cluster={"server": server}))
    with pytest.raises(BadInput, match=r"not on this machine.*nothing was written"):
        choose("kind-dev", config)


def test_a_proxy_is_refused(config: Path) -> None:
    config.write_text(kubeconfig(cluster={"proxy-url": "http://proxy.example:3128"}))
    with pytest.raises(BadInput, match="through a proxy"):
        choose("kind-dev", config)


@pytest.mark.parametrize("way", ["exec", "auth-provider"])
def test_no_program_is_run_for_credentials(config: Path, tmp_path: Path, way: str) -> None:
    config.write_text(kubeconfig(user={way: {"command": "touch", "args": [str(tmp_path / "ran")]}}))
    with pytest.raises(BadInput, match="nothing was run or written"):
        choose("kind-dev", config)
    assert not (tmp_path / "ran").exists()


def test_an_unknown_context_is_told_with_those_that_are_there(config: Path) -> None:
    with pytest.raises(BadInput, match="there are kind-dev"):
        choose("kind-prod", config)


@pytest.mark.parametrize("text", ["[]", "contexts: 5", "contexts: [5]", "contexts: [{name: kind-dev}]", "a: [", "x: &a [*a]"])
def test_a_broken_kubeconfig_is_bad_input(config: Path, text: str) -> None:
    config.write_text(text)
    with pytest.raises(BadInput):
        choose("kind-dev", config)


def test_it_is_found_where_kubectl_looks(config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "other"
    other.write_text(kubeconfig("kind-other"))
    monkeypatch.setenv("KUBECONFIG", f"{tmp_path / 'missing'}:{other}:{config}")
    assert choose("kind-dev").kubeconfig == config
    monkeypatch.delenv("KUBECONFIG")
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(BadInput, match="no context 'kind-dev'"):
        choose("kind-dev")


def node(name: str, provider: str) -> dict[str, Any]:
    return {"metadata": {"name": name}, "spec": {"providerID": provider}}


def test_nodes_must_be_those_of_kind(config: Path) -> None:
    context = choose("kind-dev", config)
    ours = node("dev-control-plane", "kind://docker/dev/dev-control-plane")
    check_nodes([ours, ours], context)
    for nodes in ([], [ours, node("gke-1", "gce://project/zone/gke-1")], [node("bare", "")], [{"metadata": {"name": "x"}}]):
        with pytest.raises(BadInput, match=r"no kind cluster.*nothing was written"):
            check_nodes(nodes, context)
