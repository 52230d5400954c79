"""Sync windows: when auto-sync acts, when a person may, and what they hear meanwhile."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gitops_sim.agents.argocd.application import read_application
from gitops_sim.agents.argocd.windows import Window, WindowError, can_sync, read_window, state_of
from tests.agents.argocd.test_projects import project
from tests.agents.lab import Lab, application, config_map, job

HOUR = 3600.0
"""The world begins on a Monday at 9:00 UTC."""


def window(**given: Any) -> dict[str, Any]:
    return {"kind": "deny", "schedule": "0 10 * * *", "duration": "1h", "applications": ["*"], **given}


def read(**given: Any) -> Window:
    return read_window(window(**given))


def test_a_window_is_open_from_its_start_and_closed_at_its_end() -> None:
    found = read()
    assert [found.open_at(time) for time in (HOUR - 1, HOUR, 2 * HOUR - 1, 2 * HOUR)] == [False, True, True, False]


def test_a_window_opens_by_the_clock_of_its_time_zone() -> None:
    found = read(timeZone="Europe/Berlin")  # 10:00 there is 9:00 UTC in January
    assert [found.open_at(time) for time in (0.0, HOUR - 1, HOUR)] == [True, True, False]
    assert read(timeZone="Mars/Olympus").open_at(HOUR)  # unknown: UTC


@pytest.mark.parametrize(
    ("windows", "auto", "manual"),
    [
        ([], True, True),
        ([window()], False, False),
        ([window(manualSync=True)], False, True),
        ([window(manualSync=True), window(duration="2h")], False, False),
        ([window(kind="allow")], True, True),
        ([window(kind="allow", schedule="0 12 * * *")], False, False),
        ([window(kind="allow", schedule="0 12 * * *", manualSync=True)], False, True),
        ([window(kind="allow"), window(kind="allow", schedule="0 12 * * *")], True, True),
        ([window(kind="allow"), window()], False, False),
        ([window(schedule="0 12 * * *")], True, True),
        ([window(kind="allow", duration="-1h")], False, False),
    ],
)
def test_at_half_past_ten(windows: list[dict[str, Any]], auto: bool, manual: bool) -> None:
    found, time = [read_window(raw) for raw in windows], 1.5 * HOUR
    assert (can_sync(found, time, manual=False), can_sync(found, time, manual=True)) == (auto, manual)
    assert state_of(found, time) == ("Sync Allowed" if auto else "Manual Allowed" if manual else "Sync Denied")


def test_what_began_before_the_window_may_go_on_when_the_window_says_so() -> None:
    assert not can_sync([read()], 1.5 * HOUR, manual=False, began=0.5 * HOUR)
    assert can_sync([read(syncOverrun=True)], 1.5 * HOUR, manual=False, began=0.5 * HOUR)
    assert not can_sync([read(syncOverrun=True)], 1.5 * HOUR, manual=False, began=1.2 * HOUR)
    allow = read(kind="allow", syncOverrun=True)
    assert can_sync([allow], 2.5 * HOUR, manual=False, began=1.5 * HOUR)
    assert not can_sync([allow], 2.5 * HOUR, manual=False, began=2.2 * HOUR)


@pytest.mark.parametrize(
    ("selectors", "fits"),
    [
        ({"applications": ["web*"]}, True),
        ({"applications": ["api"]}, False),
        ({"applications": ["api"], "namespaces": ["default"]}, True),
        ({"applications": ["api"], "namespaces": ["default"], "andOperator": True}, False),
        ({"applications": ["web"], "namespaces": ["default"], "andOperator": True}, True),
        ({"applications": [], "clusters": ["https://kubernetes.*"]}, True),
        ({"applications": []}, False),
    ],
)
def test_which_applications_a_window_is_about(selectors: dict[str, Any], fits: bool) -> None:
    assert read(**selectors).fits(read_application(application())) is fits


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"schedule": "often"}, "cannot parse schedule 'often': expected exactly 5 fields, found 1: [often]"),
        ({"duration": "1d"}, "cannot parse duration '1d': time: invalid duration \"1d\""),
    ],
)
def test_a_window_that_cannot_be_read(given: dict[str, Any], message: str) -> None:
    with pytest.raises(WindowError) as found:
        read(**given).open_at(0.0)
    assert str(found.value) == message


def blocked(lab: Lab, *windows: dict[str, Any], **app: Any) -> None:
    """A world in which a commit came inside a window."""
    lab.repo({"manifests/a.yaml": config_map(value="a")})
    lab.cluster.create(project(syncWindows=list(windows)))
    lab.add(application(project="team-a", **app))
    lab.run(HOUR + 60)
    lab.commit({"manifests/a.yaml": config_map(value="b")})
    lab.next_poll()


def test_auto_sync_waits_for_the_end_of_a_deny_window_and_acts_at_the_next_poll(lab: Lab) -> None:
    blocked(lab, window(), automated={})
    assert lab.sync() == "OutOfSync"
    assert lab.last("SyncSkipped").data["gate"] == "window"
    while lab.next_poll() < 2 * HOUR:
        assert lab.cluster.get("cm", "settings")["data"]["key"] == "a"
    assert lab.sync() == "Synced"
    assert lab.cluster.get("cm", "settings")["data"]["key"] == "b"
    assert len(lab.find("SyncSkipped")) == 1


def test_a_person_is_refused_in_the_real_words(lab: Lab) -> None:
    blocked(lab, window())
    output = lab.cli("app sync web")
    assert output.exit == 20
    assert "rpc error: code = PermissionDenied desc = cannot sync: blocked by sync window" in output.stderr
    page = str(lab.cli("app get web"))
    assert "SyncWindow:         Sync Denied\nAssigned Windows:   deny:0 10 * * *:1h\n" in page


def test_a_person_is_let_through_where_the_window_lets_people_through(lab: Lab) -> None:
    blocked(lab, window(manualSync=True), automated={})
    assert "SyncWindow:         Manual Allowed\n" in str(lab.cli("app get web"))
    assert lab.cli("app sync web").exit == 0
    assert lab.cluster.get("cm", "settings")["data"]["key"] == "b"


def test_an_operation_that_is_there_already_waits_and_says_so(lab: Lab) -> None:
    blocked(lab, window())
    operation = {"sync": {"revision": lab.forge.repository("shop").tip()}, "initiatedBy": {"username": "ben"}}
    lab.cluster.update({**lab.app(), "operation": operation})
    lab.clock.settle()
    state = lab.status()["operationState"]
    assert (state["phase"], state["message"]) == ("Running", "Sync operation blocked by sync window")
    lab.run(HOUR)
    assert lab.status()["operationState"]["phase"] == "Succeeded"
    assert lab.cluster.get("cm", "settings")["data"]["key"] == "b"
    assert len(lab.find("SyncBlocked")) == 1


def test_argocd_proj_windows_list(lab: Lab) -> None:
    windows = [window(manualSync=True), window(kind="allow", applications=["a", "b"], duration="24h")]
    lab.cluster.create(project(syncWindows=windows))
    lines = lab.cli("proj windows list team-a").stdout.splitlines()
    assert len({len(line) for line in lines}) == 1  # the last column is padded, too
    rows = [line.split("  ") for line in lines]
    cells = [[cell.strip() for cell in row if cell.strip()] for row in rows]
    assert cells[0] == [
        "ID",
        "STATUS",
        "KIND",
        "SCHEDULE",
        "DURATION",
        "APPLICATIONS",
        "NAMESPACES",
        "CLUSTERS",
        "MANUALSYNC",
        "SYNCOVERRUN",
        "TIMEZONE",
        "USEANDOPERATOR",
    ]
    assert cells[1] == ["0", "Inactive", "deny", "0 10 * * *", "1h", "*", "-", "-", "Enabled", "Disabled", "Disabled"]
    assert cells[2] == ["1", "Active", "allow", "0 10 * * *", "24h", "a,b", "-", "-", "Disabled", "Disabled", "Disabled"]
    assert [w["kind"] for w in json.loads(lab.cli("proj windows list team-a -o json").stdout)] == ["deny", "allow"]


@pytest.mark.parametrize(("overrun", "phase"), [(True, "Succeeded"), (False, "Running")])
def test_a_sync_that_is_under_way_when_a_window_begins(lab: Lab, overrun: bool, phase: str) -> None:
    """It waits for a hook, and may go on afterwards only where the window lets what began in time run over."""
    lab.registry.push("shop/migrate:1", {"complete": "2m"})
    lab.repo({"manifests/a.yaml": config_map(), "manifests/migrate.yaml": job("migrate", "PreSync")})
    lab.cluster.create(project(syncWindows=[window(syncOverrun=overrun)]))
    lab.add(application(project="team-a"))
    lab.run(HOUR - 60)
    lab.cli("app sync web --async")
    lab.run(1800)
    assert lab.status()["operationState"]["phase"] == phase
    assert (lab.cluster.find("cm", "settings") is not None) is overrun
    if not overrun:
        assert lab.status()["operationState"]["message"] == "Sync operation blocked by sync window"
        lab.run(HOUR)
        assert lab.status()["operationState"]["phase"] == "Succeeded"
