"""When a CronJob runs: its schedule and its time zone.

Source: ``pkg/apis/batch/validation`` of kubernetes/kubernetes. :mod:`gitops_sim.cluster.schedules` reads the schedule itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitops_sim.cluster.schedules import ScheduleError, parse, zone_of
from gitops_sim.cluster.validation.causes import required, wrong
from gitops_sim.errors import Cause


def schedule(field: str, spec: Mapping[str, Any]) -> list[Cause]:
    text, zone = spec["schedule"], spec.get("timeZone")
    causes: list[Cause] = []
    if not text:
        causes.append(required(f"{field}.schedule"))
    else:
        try:
            parse(text.partition(" ")[2].strip() if text.startswith(("TZ=", "CRON_TZ=")) else text)
        except ScheduleError as error:
            causes.append(wrong(f"{field}.schedule", text, str(error)))
        if "TZ" in text:
            why = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"
            causes.append(wrong(f"{field}.schedule", text, why))
    return causes + ([] if zone is None else _time_zone(f"{field}.timeZone", zone))


def _time_zone(field: str, zone: str) -> list[Cause]:
    if not zone:
        return [wrong(field, zone, "timeZone must be nil or non-empty string")]
    if zone.lower() == "local":
        return [wrong(field, zone, "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones")]
    try:
        zone_of(zone)
    except ScheduleError as error:
        return [wrong(field, zone, str(error))]
    return []
