"""What the commands of the ``argocd`` CLI share: how words are read, and how a command gives up."""

from __future__ import annotations

import argparse
import json
from typing import Any, NoReturn

from gitops_sim.yaml_out import dump_yaml

GENERIC = 20
"""The exit code for whatever the server refuses."""


class UsageError(Exception):
    """Words that the command line does not understand."""


class FatalError(Exception):
    """The real one's ``log.Fatal``: what was printed so far stays."""

    def __init__(self, message: str, *, code: int = 1, printed: str = "", level: str = "fatal") -> None:
        super().__init__(message)
        self.code, self.printed, self.level = code, printed, level


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(message)


def switch(text: str) -> bool:
    """A flag that may be given as ``--flag``, ``--flag=true`` and ``--flag=false``."""
    if text not in ("true", "false"):
        raise argparse.ArgumentTypeError(f'invalid argument "{text}": parsing "{text}": invalid syntax')
    return text == "true"


def encoded(value: Any, output: str) -> str:
    """As ``-o json`` or ``-o yaml`` prints it."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n" if output == "json" else dump_yaml(value, sort_keys=True)
