"""Cron schedules, as the server reads them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gitops_sim.cluster import schedules


def times(text: str, start: str, count: int = 3, zone: str = "") -> list[str]:
    schedule, found = schedules.parse(text, zone), []
    time = datetime.fromisoformat(start).replace(tzinfo=UTC)
    for _ in range(count):
        following = schedule.after(time)
        assert following is not None
        time = following
        found.append(time.strftime("%Y-%m-%d %H:%M"))
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("*/15 * * * *", ["2026-01-05 09:15", "2026-01-05 09:30", "2026-01-05 09:45"]),
        ("30 2 * * *", ["2026-01-06 02:30", "2026-01-07 02:30", "2026-01-08 02:30"]),
        ("0 0 1 * *", ["2026-02-01 00:00", "2026-03-01 00:00", "2026-04-01 00:00"]),
        ("0 9-17/4 * * mon-fri", ["2026-01-05 13:00", "2026-01-05 17:00", "2026-01-06 09:00"]),
        ("0 0 29 2 *", ["2028-02-29 00:00", "2032-02-29 00:00", "2036-02-29 00:00"]),
        ("@hourly", ["2026-01-05 10:00", "2026-01-05 11:00", "2026-01-05 12:00"]),
        ("@weekly", ["2026-01-11 00:00", "2026-01-18 00:00", "2026-01-25 00:00"]),
        ("@every 90m", ["2026-01-05 10:30", "2026-01-05 12:00", "2026-01-05 13:30"]),
    ],
)
def test_fires_when_the_fields_fit(text: str, expected: list[str]) -> None:
    assert times(text, "2026-01-05 09:00") == expected


def test_a_day_fits_either_of_its_fields_when_both_are_given() -> None:
    """2026-01-13 is a Tuesday, and the 9th and the 16th are Fridays."""
    assert times("0 0 13 * fri", "2026-01-05 00:00") == ["2026-01-09 00:00", "2026-01-13 00:00", "2026-01-16 00:00"]
    assert times("0 0 13 * *", "2026-01-05 00:00", 1) == ["2026-01-13 00:00"]


def test_time_zones_and_their_summer_time() -> None:
    """In Berlin the clocks go from 02:00 to 03:00 on 2026-03-29, and from 03:00 back to 02:00 on 2026-10-25."""
    noon = times("0 12 * * *", "2026-03-28 00:00", zone="Europe/Berlin")
    assert noon == ["2026-03-28 11:00", "2026-03-29 10:00", "2026-03-30 10:00"]
    skipped = times("30 2 * * *", "2026-03-28 00:00", 2, "Europe/Berlin")
    assert skipped == ["2026-03-28 01:30", "2026-03-30 00:30"]
    twice = times("30 2 * * *", "2026-10-24 12:00", 3, "Europe/Berlin")
    assert twice == ["2026-10-25 00:30", "2026-10-25 01:30", "2026-10-26 01:30"]


def test_a_day_that_never_comes() -> None:
    assert schedules.parse("0 0 30 2 *").after(datetime(2026, 1, 5, tzinfo=UTC)) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("* * * *", "expected exactly 5 fields, found 4: [* * * *]"),
        ("60 * * * *", "end of range (60) above maximum (59): 60"),
        ("* * 0 * *", "beginning of range (0) below minimum (1): 0"),
        ("* * * * 7", "end of range (7) above maximum (6): 7"),
        ("5-1 * * * *", "beginning of range (5) beyond end of range (1): 5-1"),
        ("*/0 * * * *", "step of range should be a positive number: */0"),
        ("x * * * *", 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'),
        ("1-2-3 * * * *", "too many hyphens: 1-2-3"),
        ("1/2/3 * * * *", "too many slashes: 1/2/3"),
        ("@noon", "unrecognized descriptor: @noon"),
    ],
)
def test_says_what_is_wrong(text: str, message: str) -> None:
    with pytest.raises(schedules.ScheduleError) as error:
        schedules.parse(text)
    assert str(error.value) == message
