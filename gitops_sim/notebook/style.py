"""The style sheets of the notebook room: what every page needs, and what only live widgets need."""

from __future__ import annotations

import re
from importlib.resources import files


def _read(name: str) -> str:
    text = (files(__package__) / name).read_text(encoding="utf-8")
    return re.sub(r"\s+", " ", re.sub(r"/\*.*?\*/", "", text)).strip()


STYLE = _read("notebook.css")
WIDGET_STYLE = _read("widgets.css")
