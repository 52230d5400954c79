"""The style sheet of the notebook room, from ``notebook.css``."""

from __future__ import annotations

import re
from importlib.resources import files

STYLE = re.sub(r"\s+", " ", re.sub(r"/\*.*?\*/", "", (files(__package__) / "notebook.css").read_text(encoding="utf-8"))).strip()
