from __future__ import annotations

import pytest

from gitops_sim.cluster.ages import age, human_duration

M, H, D, Y = 60, 3600, 86400, 365 * 86400


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-2, "<invalid>"),
        (-1.9, "0s"),
        (0.9, "0s"),
        (119.9, "119s"),
        (2 * M, "2m"),
        (3 * M + 20, "3m20s"),
        (10 * M - 1, "9m59s"),
        (10 * M + 59, "10m"),
        (3 * H - 1, "179m"),
        (3 * H, "3h"),
        (4 * H + 5 * M, "4h5m"),
        (8 * H, "8h"),
        (47 * H + 59 * M, "47h"),
        (2 * D, "2d"),
        (3 * D + 2 * H, "3d2h"),
        (8 * D + 5 * H, "8d"),
        (2 * Y - 1, "729d"),
        (2 * Y, "2y"),
        (3 * Y + 40 * D, "3y40d"),
        (9 * Y + 40 * D, "9y"),
    ],
)
def test_ages_get_coarser_with_time_as_kubectl_prints_them(seconds: float, text: str) -> None:
    assert human_duration(seconds) == text


@pytest.mark.parametrize("timestamp", [None, "", "yesterday", 5, "2026-01-05T09:00:00"])
def test_no_moment_has_an_unknown_age(timestamp: object) -> None:
    assert age(timestamp, 10.0) == "<unknown>"


def test_an_age_counts_from_the_world_s_clock() -> None:
    assert age("2026-01-05T09:00:00Z", 61.5) == "61s"
