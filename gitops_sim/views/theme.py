"""Colours, type and the signs for states: one palette for light and dark pages, never colour alone.

Hues are Okabe and Ito's eight, which people with any kind of colour vision can tell apart, deepened where a white page asks for
more contrast. Each state has its own icon and its own word beside the colour.
"""

from __future__ import annotations

from typing import NamedTuple

_LIGHT = {
    "ink": "#1f2328", "soft": "#59636e", "line": "#d1d9e0", "card": "#ffffff", "ground": "#f6f8fa",
    "good": "#00875f", "change": "#0072b2", "warn": "#b87400", "bad": "#d55e00", "odd": "#b0578a", "calm": "#6e7781",
    "person": "#b0578a", "agent": "#0072b2", "pipeline": "#b87400", "cluster": "#59636e", "tint": ".11",
}  # fmt: skip
_DARK = {
    "ink": "#e6edf3", "soft": "#a2acb8", "line": "#3d4650", "card": "#1b2027", "ground": "#15191f",
    "good": "#2fbf93", "change": "#56b4e9", "warn": "#e69f00", "bad": "#f0802b", "odd": "#dd93bc", "calm": "#9aa4af",
    "person": "#dd93bc", "agent": "#56b4e9", "pipeline": "#e69f00", "cluster": "#a2acb8", "tint": ".2",
}  # fmt: skip
_TONES = ("good", "change", "warn", "bad", "odd", "calm", "person", "agent", "pipeline", "cluster")
_SANS = "system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"
_MONO = "ui-monospace,SFMono-Regular,Menlo,Consolas,'Liberation Mono','DejaVu Sans Mono',monospace"


def _variables(palette: dict[str, str]) -> str:
    return "".join(f"--gs-{name}:{value};" for name, value in palette.items())


def _style() -> str:
    light, dark = _variables(_LIGHT), _variables(_DARK)
    rules = [
        f".gs{{{light}}}",
        f"@media(prefers-color-scheme:dark){{.gs{{{dark}}}}}",
        # A page that states its theme has the last word: JupyterLab on its body, other pages with data-theme.
        f"[data-jp-theme-light=true] .gs,[data-theme=light] .gs{{{light}}}",
        f"[data-jp-theme-light=false] .gs,[data-theme=dark] .gs{{{dark}}}",
        f"svg.gs{{display:block;width:100%;height:auto;font-family:{_SANS};font-size:13px}}",
        "svg.gs text{fill:var(--gs-ink)}svg.gs text.soft{fill:var(--gs-soft)}",
        f"svg.gs .mono{{font-family:{_MONO};font-size:12px}}svg.gs .small{{font-size:11.5px}}svg.gs .tiny{{font-size:10.5px}}",
        "svg.gs .strong{font-weight:600}svg.gs .big{font-size:15px;font-weight:600}svg.gs .huge{font-size:22px;font-weight:650}",
        "svg.gs .caps{font-size:10.5px;letter-spacing:.06em;text-transform:uppercase;font-weight:600;fill:var(--gs-soft)}",
        "svg.gs .card{fill:var(--gs-card);stroke:var(--gs-line)}svg.gs .ground{fill:var(--gs-ground);stroke:none}",
        "svg.gs .edge{fill:none;stroke:var(--gs-line);stroke-width:1.5}svg.gs .rule{fill:none;stroke:var(--gs-line)}",
        "svg.gs .fence{fill:var(--gs-ground);stroke:var(--gs-soft);stroke-dasharray:5 4;stroke-opacity:.65}",
        "svg.gs .dash{stroke-dasharray:5 4}svg.gs .thick{stroke-width:3}svg.gs .hair{stroke-width:1}",
    ]
    for tone in _TONES:
        colour = f"var(--gs-{tone})"
        rules.append(
            f"svg.gs .{tone}-fill{{fill:{colour}}}svg.gs .{tone}-line{{fill:none;stroke:{colour};stroke-width:2}}"
            f"svg.gs .{tone}-tint{{fill:{colour};fill-opacity:var(--gs-tint)}}svg.gs text.{tone}-text{{fill:{colour}}}"
            f"svg.gs .{tone}-card{{fill:var(--gs-card);stroke:{colour};stroke-width:2}}"
        )
    return "".join(rules)


STYLE = _style()
"""The style sheet that every view carries. The same text each time, so that views on one page cannot disagree."""


class Sign(NamedTuple):
    """How a state looks: icon, colour, and the word that says it."""

    icon: str
    tone: str
    word: str


_SYNC = {
    "Synced": Sign("check", "good", "Synced"),
    "OutOfSync": Sign("differs", "warn", "OutOfSync"),
    "Unknown": Sign("question", "odd", "Unknown"),
}
_HEALTH = {
    "Healthy": Sign("heart", "good", "Healthy"),
    "Progressing": Sign("turning", "change", "Progressing"),
    "Degraded": Sign("broken", "bad", "Degraded"),
    "Suspended": Sign("pause", "calm", "Suspended"),
    "Missing": Sign("absent", "warn", "Missing"),
    "Unknown": Sign("question", "odd", "Unknown"),
}

_PHASE = {
    "Succeeded": Sign("check", "good", "Succeeded"),
    "Running": Sign("turning", "change", "Running"),
    "Terminating": Sign("turning", "warn", "Terminating"),
    "Failed": Sign("cross", "bad", "Failed"),
    "Error": Sign("cross", "bad", "Error"),
}


def phase_sign(phase: str) -> Sign:
    """How an operation went."""
    return _PHASE.get(phase, Sign("question", "odd", phase))


def sync_sign(status: str) -> Sign:
    return _SYNC.get(status, Sign("question", "odd", status))


def health_sign(status: str) -> Sign:
    return _HEALTH.get(status, Sign("question", "odd", status))


def actor_sign(actor: str) -> Sign:
    """People are everyone who is not a known piece of machinery."""
    kind = actor.partition("/")[0]
    if kind in ("argocd", "flux", "image-updater", "agent"):
        return Sign("agent", "agent", actor)
    if kind in ("pipeline", "ci"):
        return Sign("pipeline", "pipeline", actor)
    if kind in ("cluster", "kubernetes", "forge", "registry"):
        return Sign("git" if kind == "forge" else "cluster", "cluster", actor)
    return Sign("person", "person", actor)
