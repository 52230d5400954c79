"""What the terminal can show."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def color_option(function: F) -> F:
    """``--no-color``; the command gets ``color``: never true when NO_COLOR is set, nor where the output is no terminal."""
    option = click.option(
        "--no-color",
        "color",
        is_flag=True,
        flag_value=False,
        default=True,
        callback=_may_color,
        help="Plain text; so does NO_COLOR, and any output that is no terminal.",
    )
    return option(function)


def _may_color(ctx: click.Context, param: click.Parameter, wanted: bool) -> bool:
    return wanted and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb" and sys.stdout.isatty()


def width() -> int:
    """Columns to fill: those of the terminal, between 60 and 120; 110 where there is none."""
    return max(60, min(120, shutil.get_terminal_size((110, 40)).columns))


json_option = click.option("--json", "as_json", is_flag=True, help="For scripts.")
