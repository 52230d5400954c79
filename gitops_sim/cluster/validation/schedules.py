"""When a CronJob runs: its schedule and its time zone.

Source: ``pkg/apis/batch/validation`` of kubernetes/kubernetes, and the words of the parser of robfig/cron.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gitops_sim.cluster.validation.causes import required, wrong
from gitops_sim.errors import Cause

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS: tuple[tuple[int, int, dict[str, int]], ...] = (
    (0, 59, {}),
    (0, 23, {}),
    (1, 31, {}),
    (1, 12, {name: number for number, name in enumerate(_MONTHS, 1)}),
    (0, 6, {name: number for number, name in enumerate(_DAYS)}),
)
_DESCRIPTORS = ("@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly")
_DURATION = re.compile(r"[+-]?(\d+(\.\d*)?(ns|us|µs|ms|s|m|h))+|0")


class ScheduleError(ValueError):
    """What is wrong with a schedule, in the words of the parser."""


def schedule(field: str, spec: Mapping[str, Any]) -> list[Cause]:
    text, zone = spec["schedule"], spec.get("timeZone")
    causes: list[Cause] = []
    if not text:
        causes.append(required(f"{field}.schedule"))
    else:
        try:
            parse(text)
        except ScheduleError as error:
            causes.append(wrong(f"{field}.schedule", text, str(error)))
        if "TZ" in text:
            why = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"
            causes.append(wrong(f"{field}.schedule", text, why))
    if zone == "":
        causes.append(wrong(f"{field}.timeZone", zone, "timeZone must be nil or non-empty string"))
    elif zone is not None and zone.lower() == "local":
        why = "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"
        causes.append(wrong(f"{field}.timeZone", zone, why))
    return causes


def parse(text: str) -> None:
    """Raises ScheduleError."""
    if text.startswith(("TZ=", "CRON_TZ=")):
        text = text.partition(" ")[2].strip()
    if text.startswith("@"):
        _descriptor(text)
        return
    fields = text.split()
    if len(fields) != 5:
        raise ScheduleError(f"expected exactly 5 fields, found {len(fields)}: [{' '.join(fields)}]")
    for field, (least, most, names) in zip(fields, _FIELDS, strict=True):
        for part in filter(None, field.split(",")):
            _range(part, least, most, names)


def _descriptor(text: str) -> None:
    if text.startswith("@every "):
        duration = text.removeprefix("@every ")
        if not _DURATION.fullmatch(duration):
            raise ScheduleError(f'failed to parse duration {text}: time: invalid duration "{duration}"')
    elif text not in _DESCRIPTORS:
        raise ScheduleError(f"unrecognized descriptor: {text}")


def _range(text: str, least: int, most: int, names: Mapping[str, int]) -> None:
    span, *steps = text.split("/")
    first, *last = span.split("-")
    if first in ("*", "?"):
        start, end = least, most
    else:
        start = _number(first, names)
        if len(last) > 1:
            raise ScheduleError(f"too many hyphens: {text}")
        end = _number(last[0], names) if last else start
    if len(steps) > 1:
        raise ScheduleError(f"too many slashes: {text}")
    step = 1
    if steps:
        step = _number(steps[0], {})
        end = end if last else most
    if start < least:
        raise ScheduleError(f"beginning of range ({start}) below minimum ({least}): {text}")
    if end > most:
        raise ScheduleError(f"end of range ({end}) above maximum ({most}): {text}")
    if start > end:
        raise ScheduleError(f"beginning of range ({start}) beyond end of range ({end}): {text}")
    if step == 0:
        raise ScheduleError(f"step of range should be a positive number: {text}")


def _number(text: str, names: Mapping[str, int]) -> int:
    if text.lower() in names:
        return names[text.lower()]
    if not re.fullmatch(r"[+-]?[0-9]{1,18}", text):
        raise ScheduleError(f'failed to parse int from {text}: strconv.Atoi: parsing "{text}": invalid syntax')
    if int(text) < 0:
        raise ScheduleError(f"negative number ({int(text)}) not allowed: {text}")
    return int(text)
