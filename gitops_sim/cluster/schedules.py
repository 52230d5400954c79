"""Schedules in cron's five fields: when a CronJob fires.

Our own and not a library's, because the server's dialect is one of its own (no ``7`` for Sunday, ``@every``, a day that fits
either field) and its complaints are shown word for word. Source of the rules: github.com/robfig/cron ``parser.go`` and
``spec.go``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
_BOUNDS: tuple[tuple[int, int, dict[str, int]], ...] = (
    (0, 59, {}),
    (0, 23, {}),
    (1, 31, {}),
    (1, 12, {name: number for number, name in enumerate(_MONTHS, 1)}),
    (0, 6, {name: number for number, name in enumerate(_DAYS)}),
)
_NAMED = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_YEARS = 5
"""How far ahead the next time is looked for."""
_DURATION = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|h|m|s)")
_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_LONGEST = 2**63 / 1e9
"""Seconds; a Go duration holds no more."""
_MINUTE = timedelta(minutes=1)


class ScheduleError(ValueError):
    """In the server's words."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """Minutes, hours, days, months and days of the week that fit, in one time zone; or a fixed distance, ``every`` seconds."""

    minutes: frozenset[int] = frozenset()
    hours: frozenset[int] = frozenset()
    days: frozenset[int] = frozenset()
    months: frozenset[int] = frozenset()
    weekdays: frozenset[int] = frozenset()
    both: bool = True
    """Whether a day must fit both of its fields: only when one of them is ``*``."""
    every: int = 0
    zone: str = ""

    def after(self, moment: datetime) -> datetime | None:
        """The first time after ``moment``, in UTC; None when there is none within five years."""
        if self.every:
            return moment.replace(microsecond=0) + timedelta(seconds=self.every)
        zone = zone_of(self.zone)
        time = (moment.astimezone(UTC) + _MINUTE).replace(second=0, microsecond=0)
        last = time.astimezone(zone).year + _YEARS
        while (local := time.astimezone(zone)).year <= last:
            if local.month not in self.months:
                following = (local.replace(day=1, hour=0, minute=0, fold=0) + timedelta(days=32)).replace(day=1)
            elif not self._fits(local):
                following = local.replace(hour=0, minute=0, fold=0) + timedelta(days=1)
            elif local.hour not in self.hours:
                time += timedelta(minutes=60 - local.minute)
                continue
            elif local.minute not in self.minutes:
                time += _MINUTE
                continue
            else:
                return time
            time = max(time + _MINUTE, following.astimezone(UTC))
        return None

    def _fits(self, local: datetime) -> bool:
        day, weekday = local.day in self.days, local.isoweekday() % 7 in self.weekdays
        return day and weekday if self.both else day or weekday


@lru_cache(maxsize=256)
def parse(text: str, zone: str = "") -> Schedule:
    """The schedule that ``text`` means in a time zone (UTC when empty). Raises ScheduleError."""
    if text.startswith("@every "):
        return Schedule(every=max(1, int(_duration(text.removeprefix("@every ")))), zone=zone)
    if text.startswith("@") and text not in _NAMED:
        raise ScheduleError(f"unrecognized descriptor: {text}")
    words = _NAMED.get(text, text).split()
    if not text:
        raise ScheduleError("empty spec string")
    if len(words) != len(_BOUNDS):
        raise ScheduleError(f"expected exactly 5 fields, found {len(words)}: [{' '.join(words)}]")
    fields = [_field(word, *bounds) for word, bounds in zip(words, _BOUNDS, strict=True)]
    (minutes, _), (hours, _), (days, any_day), (months, _), (weekdays, any_weekday) = fields
    return Schedule(minutes, hours, days, months, weekdays, any_day or any_weekday, zone=zone)


def zone_of(name: str) -> ZoneInfo:
    """Raises ScheduleError for a name that stands for no time zone."""
    try:
        return ZoneInfo(name or "UTC")
    except (OSError, ValueError, KeyError):
        raise ScheduleError(f"unknown time zone {name}") from None


def _field(text: str, low: int, high: int, names: dict[str, int]) -> tuple[frozenset[int], bool]:
    """The values that fit, and whether any does because of a ``*`` without steps."""
    found: set[int] = set()
    star = False
    for part in filter(None, text.split(",")):
        span, *steps = part.split("/")
        ends = span.split("-")
        if len(steps) > 1:
            raise ScheduleError(f"too many slashes: {part}")
        step = _number(steps[0], {}) if steps else 1
        if ends[0] in ("*", "?"):
            first, last = low, high
            star = star or step <= 1
        else:
            if len(ends) > 2:
                raise ScheduleError(f"too many hyphens: {part}")
            first = _number(ends[0], names)
            last = _number(ends[1], names) if len(ends) > 1 else (high if steps else first)
        if first < low:
            raise ScheduleError(f"beginning of range ({first}) below minimum ({low}): {part}")
        if last > high:
            raise ScheduleError(f"end of range ({last}) above maximum ({high}): {part}")
        if first > last:
            raise ScheduleError(f"beginning of range ({first}) beyond end of range ({last}): {part}")
        if step == 0:
            raise ScheduleError(f"step of range should be a positive number: {part}")
        found.update(range(first, last + 1, step))
    return frozenset(found), star


def _number(text: str, names: dict[str, int]) -> int:
    if text.lower() in names:
        return names[text.lower()]
    sign, digits = (text[:1], text[1:]) if text[:1] in ("+", "-") else ("", text)
    if not (digits.isascii() and digits.isdigit()):
        raise ScheduleError(f'failed to parse int from {text}: strconv.Atoi: parsing "{text}": invalid syntax')
    if len(digits.lstrip("0")) > 18:
        raise ScheduleError(f'failed to parse int from {text}: strconv.Atoi: parsing "{text}": value out of range')
    value = int(digits)
    if sign == "-" and value:
        raise ScheduleError(f"negative number (-{value}) not allowed: {text}")
    return value


def _duration(text: str) -> float:
    digits = text.removeprefix("-").removeprefix("+")
    parts = _DURATION.findall(digits) if len(text) <= 60 else []
    seconds = sum(float(number) * _UNITS[unit] for number, unit in parts)
    whole = "".join(number + unit for number, unit in parts) == digits
    if digits != "0" and not (parts and whole and seconds < _LONGEST):
        raise ScheduleError(f'failed to parse duration @every {text}: time: invalid duration "{text}"')
    return -seconds if text.startswith("-") else seconds
