"""Colour is never the only sign, and every sign can be seen on light and on dark pages."""

from itertools import combinations

import pytest

from gitops_sim.views import theme
from gitops_sim.views.icons import icon

STATES = {
    "sync": [theme.sync_sign(s) for s in ("Synced", "OutOfSync", "Unknown")],
    "health": [theme.health_sign(s) for s in ("Healthy", "Suspended", "Progressing", "Missing", "Degraded", "Unknown")],
}


def luminance(colour: str) -> float:
    def linear(part: str) -> float:
        value = int(part, 16) / 255
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(colour[i : i + 2]) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("palette", [theme._LIGHT, theme._DARK], ids=["light", "dark"])
def test_colours_stand_out_from_cards_and_ground(palette: dict[str, str]) -> None:
    for ground in (palette["card"], palette["ground"]):
        assert contrast(palette["ink"], ground) >= 7
        assert contrast(palette["soft"], ground) >= 4.5
        for tone in theme._TONES:
            assert contrast(palette[tone], ground) >= 3, tone


@pytest.mark.parametrize("axis", STATES)
def test_states_of_one_axis_differ_in_icon_and_in_word(axis: str) -> None:
    for one, other in combinations(STATES[axis], 2):
        assert one.icon != other.icon
        assert one.word != other.word
        assert icon(one.icon, 0, 0) != icon(other.icon, 0, 0)


def test_a_state_that_we_do_not_know_is_shown_as_it_is() -> None:
    assert theme.sync_sign("Whatever").word == "Whatever"
    assert theme.health_sign("Whatever").icon == "question"


@pytest.mark.parametrize(
    ("actor", "looks"),
    [("argocd", "agent"), ("argocd/production", "agent"), ("pipeline", "pipeline"), ("cluster", "cluster"), ("ana", "person")],
)
def test_machinery_and_people_look_different(actor: str, looks: str) -> None:
    assert theme.actor_sign(actor).icon == looks


def test_the_page_s_own_theme_beats_the_system_s() -> None:
    style = theme.STYLE
    assert style.index("prefers-color-scheme:dark") < style.index("[data-jp-theme-light=true]")
    assert "[data-jp-theme-light=false] .gs" in style
