"""CronJobs: when they make Jobs, which they keep, and what they say."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from gitops_sim.clock import EPOCH
from gitops_sim.cluster import Cluster
from gitops_sim.errors import ApiError
from gitops_sim.objects import with_path

from . import stage

MINUTE = int(EPOCH.timestamp()) // 60
"""The minute since 1970 in which the simulated world begins: 09:00."""


def cron_job(schedule: str = "*/5 * * * *", image: str = "batch:1", **spec: Any) -> dict[str, Any]:
    template = {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": image}]}}
    job = {"spec": {"backoffLimit": 0, "template": template}}
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": "tick"},
        "spec": {"schedule": schedule, "jobTemplate": job, **spec},
    }


def world(shuffle: int | None = None) -> Cluster:
    return stage.cluster({"slow:1": {"complete": "12m"}, "bad:1": {"crash": "1s"}}, shuffle)


def jobs(home: Cluster) -> list[int]:
    """The minutes since the beginning that the Jobs are for."""
    return sorted(int(job["metadata"]["name"].removeprefix("tick-")) - MINUTE for job in home.list("Job"))


def told(home: Cluster) -> list[tuple[str, str]]:
    return [(event["reason"], event["message"]) for event in stage.events(home, "CronJob")]


def change(home: Cluster, **spec: Any) -> None:
    for name, value in spec.items():
        home.update(with_path(home.get("CronJob", "tick"), ("spec", name), value))


@pytest.mark.parametrize("shuffle", stage.SHUFFLES)
def test_makes_a_job_each_time_and_keeps_the_last_three(shuffle: int | None) -> None:
    home = world(shuffle)
    home.create(cron_job())
    home.clock.run_until(301)
    assert jobs(home) == [5]
    made = home.list("Job")[0]
    assert made["metadata"]["annotations"] == {"batch.kubernetes.io/cronjob-scheduled-timestamp": home.clock.timestamp(300)}
    status = home.get("CronJob", "tick")["status"]
    assert status["lastScheduleTime"] == home.clock.timestamp(300)
    assert [entry["name"] for entry in status["active"]] == [made["metadata"]["name"]]
    home.clock.run_until(1790)
    assert jobs(home) == [15, 20, 25]
    status = home.get("CronJob", "tick")["status"]
    assert "active" not in status
    assert status["lastSuccessfulTime"] > status["lastScheduleTime"]
    assert told(home)[:2] == [
        ("SuccessfulCreate", f"Created job tick-{MINUTE + 5}"),
        ("SawCompletedJob", f"Saw completed job: tick-{MINUTE + 5}, condition: Complete"),
    ]
    assert ("SuccessfulDelete", f"Deleted job tick-{MINUTE + 5}") in told(home)
    assert {reason for reason, _ in told(home)} == {"SuccessfulCreate", "SawCompletedJob", "SuccessfulDelete"}


@pytest.mark.parametrize("shuffle", stage.SHUFFLES)
def test_keeps_one_failed_job(shuffle: int | None) -> None:
    home = world(shuffle)
    home.create(cron_job(image="bad:1"))
    home.clock.run_until(1000)
    assert jobs(home) == [15]
    assert "lastSuccessfulTime" not in home.get("CronJob", "tick")["status"]


@pytest.mark.parametrize(("policy", "expected"), [("Allow", [5, 10]), ("Forbid", [5]), ("Replace", [10])])
def test_what_becomes_of_a_job_that_still_runs(policy: str, expected: list[int]) -> None:
    home = world()
    home.create(cron_job(image="slow:1", concurrencyPolicy=policy))
    home.clock.run_until(700)
    assert jobs(home) == expected
    refused = ("JobAlreadyActive", "Not starting job because prior execution is running and concurrency policy is Forbid")
    assert (refused in told(home)) == (policy == "Forbid")
    assert len(home.get("CronJob", "tick")["status"]["active"]) == len(expected)


def test_a_forbidden_time_is_made_up_for_when_the_job_ends() -> None:
    home = world()
    home.create(cron_job(image="slow:1", concurrencyPolicy="Forbid"))
    home.clock.run_until(1100)
    assert jobs(home) == [5, 15]
    assert home.clock.now > 300 + 720


def test_a_suspended_one_sleeps_and_makes_up_for_the_latest_time_only() -> None:
    home = world()
    home.create(cron_job(suspend=True))
    home.clock.settle()
    home.clock.run_until(20)
    assert home.clock.next_event is None
    home.clock.run_until(1000)
    change(home, suspend=False)
    home.clock.run_until(1001)
    assert jobs(home) == [15]


def test_too_late_is_missed() -> None:
    home = world()
    home.create(cron_job(suspend=True, startingDeadlineSeconds=60))
    home.clock.run_until(1000)
    change(home, suspend=False)
    home.clock.run_until(1001)
    assert jobs(home) == []
    home.clock.run_until(1201)
    assert jobs(home) == [20]


def test_warns_of_more_than_a_hundred_missed_times() -> None:
    home = world()
    home.create(cron_job("* * * * *", suspend=True))
    home.clock.run_until(6090)
    change(home, suspend=False)
    home.clock.run_until(6091)
    assert jobs(home) == [101]
    why = "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew"
    assert ("TooManyMissedTimes", why) in told(home)


def test_a_new_schedule_makes_up_for_nothing() -> None:
    home = world()
    home.create(cron_job("0 * * * *"))
    home.clock.run_until(1000)
    change(home, schedule="*/5 * * * *")
    home.clock.run_until(1100)
    assert jobs(home) == []
    home.clock.run_until(1201)
    assert jobs(home) == [20]


def test_a_schedule_that_never_fits() -> None:
    home = world()
    home.create(cron_job("0 0 30 2 *"))
    home.clock.run_until(10)
    why = "invalid schedule: 0 0 30 2 * : time difference between two schedules is less than 1 second"
    assert told(home) == [("InvalidSchedule", why)]
    assert home.clock.next_event is None


def test_a_job_that_somebody_deletes_is_missed() -> None:
    home = world()
    home.create(cron_job(image="slow:1"))
    home.clock.run_until(310)
    home.delete("Job", f"tick-{MINUTE + 5}")
    home.clock.run_until(400)
    assert ("MissingJob", f"Active job went missing: tick-{MINUTE + 5}") in told(home)
    assert "active" not in home.get("CronJob", "tick")["status"]


def test_its_jobs_go_with_it() -> None:
    home = world()
    home.create(cron_job())
    home.clock.run_until(700)
    home.delete("CronJob", "tick")
    home.clock.run_until(5000)
    assert home.list("Job") == []


def test_a_copy_of_the_cluster_goes_its_own_way() -> None:
    home = world()
    home.create(cron_job())
    home.clock.run_until(100)
    twin = copy.deepcopy(home)
    home.delete("CronJob", "tick")
    home.clock.run_until(400)
    twin.clock.run_until(400)
    assert (jobs(home), jobs(twin)) == ([], [5])


def test_the_server_reads_schedule_and_time_zone() -> None:
    home = world()
    with pytest.raises(ApiError) as error:
        home.create(cron_job("61 * * * *", timeZone="Europe/Atlantis"))
    assert 'spec.schedule: Invalid value: "61 * * * *": end of range (61) above maximum (59): 61' in error.value.message
    assert 'spec.timeZone: Invalid value: "Europe/Atlantis": unknown time zone Europe/Atlantis' in error.value.message
