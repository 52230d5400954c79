"""The kustomizations of ``cases.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import yaml

_WRITTEN = yaml.safe_load(Path(__file__).with_name("cases.yaml").read_text(encoding="utf-8"))
CASES: Mapping[str, Mapping[str, str]] = {
    name: {**(_WRITTEN["base"] if case.get("uses") else {}), **{file: text for file, text in case.items() if file != "uses"}}
    for name, case in _WRITTEN["cases"].items()
}
"""By name: the text of every file."""
