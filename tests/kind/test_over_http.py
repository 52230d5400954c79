"""Through a real connection, with faults in it: nothing is written twice, nothing is lost, and what is waited for is said."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gitops_sim.kind import KindCluster, connect, open_door
from gitops_sim.objects import Object
from gitops_sim.wallclock import WallClock
from tests.kind.served import Stand, stand

HERE = "gitops-sim"


def config(name: str = "settings", **data: str) -> Object:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": HERE}, "data": data}


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Stand]:
    with stand(tmp_path) as made:
        yield made


@pytest.fixture
def cluster(there: Stand) -> Iterator[KindCluster]:
    """Without watches, which would take part in the faults."""
    door = open_door(there.settings)
    door._pause = lambda seconds: there.proxy.open()
    made = KindCluster(door, WallClock(), namespaces=(HERE,), any_loopback_server=True)
    yield made
    made.close()


def writes(there: Stand, name: str) -> list[str]:
    """The changes that the server saw of one object."""
    with there.world.turn:
        return [change.type for change in there.world.cluster().store.log if change.key.name == name]


def test_a_create_whose_answer_was_lost_is_carried_out_once(there: Stand, cluster: KindCluster) -> None:
    there.proxy.lose_answers = 1
    made = cluster.create(config(a="1"))
    assert made["data"] == {"a": "1"}
    assert writes(there, "settings") == ["ADDED"]
    assert any("does not answer" in line for line in there.told)
    assert any(line.startswith("goes on") for line in there.told)


def test_a_patch_whose_answer_was_lost_is_carried_out_once(there: Stand, cluster: KindCluster) -> None:
    cluster.create(config(a="1"))
    there.proxy.lose_answers = 1
    assert cluster.patch("cm", "settings", HERE, {"data": {"a": "2"}}, type="merge")["data"] == {"a": "2"}
    assert writes(there, "settings") == ["ADDED", "MODIFIED"]


def test_a_delete_whose_answer_was_lost_is_done(there: Stand, cluster: KindCluster) -> None:
    made = cluster.create(config(a="1"))
    cluster.get("cm", "settings", HERE)
    lost: list[int] = []
    ask = cluster.door.ask

    def losing(method: str, *rest: Any, **more: Any) -> Any:
        if method == "DELETE" and not lost:
            lost.append(1)
            there.proxy.lose_answers = 1
        return ask(method, *rest, **more)

    cluster.door.ask = losing  # type: ignore[method-assign]
    assert cluster.delete("cm", "settings", HERE)["metadata"]["uid"] == made["metadata"]["uid"]
    assert writes(there, "settings") == ["ADDED", "DELETED"]


def test_a_server_that_went_away_is_waited_for(there: Stand, cluster: KindCluster) -> None:
    there.proxy.close()
    assert cluster.create(config(a="1"))["data"] == {"a": "1"}
    assert writes(there, "settings") == ["ADDED"]
    assert any("does not answer" in line for line in there.told)


def test_changes_arrive_through_a_cut_connection(there: Stand, cluster: KindCluster) -> None:
    told: list[tuple[str, str]] = []
    cluster.follow()
    cluster.watch(lambda change: told.append((change.type, change.key.name)))
    cluster.find("cm", "settings", HERE)
    cluster.create(config(a="1"))
    _until(cluster, lambda: ("ADDED", "settings") in told)
    there.proxy.cut()
    cluster.patch("cm", "settings", HERE, {"data": {"a": "2"}}, type="merge")
    _until(cluster, lambda: ("MODIFIED", "settings") in told)
    assert told.count(("ADDED", "settings")) == 1
    assert told.count(("MODIFIED", "settings")) == 1


def _until(cluster: KindCluster, condition: Any) -> None:
    for _ in range(100):
        if condition():
            return
        cluster.receive(0.2)
    raise AssertionError("it never came")


def test_expired_credentials_are_told_and_taken_up_when_they_are_renewed(there: Stand, tmp_path: Path) -> None:
    path = there.settings.kubeconfig
    assert path is not None
    good = path.read_text()
    token = next(line.split()[1] for line in good.splitlines() if "token:" in line)
    bad = good.replace(token, hashlib.sha256(b"expired").hexdigest())
    path.write_text("\n".join(line for line in bad.splitlines() if "client-" not in line))
    door = open_door(there.settings)
    door._pause = lambda seconds: path.write_text(good)
    assert door.ask("GET", "/api/v1/namespaces").status == 200
    assert "401 Unauthorized" in there.told[0]
    assert "kind export kubeconfig --name test" in there.told[0]
    door.close()


def test_the_current_context_and_the_file_stay_as_they_are(there: Stand) -> None:
    path = there.settings.kubeconfig
    assert path is not None
    before = path.read_bytes()
    connect(there.settings, WallClock()).close()
    assert path.read_bytes() == before
