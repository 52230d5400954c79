"""Where the course's own files are: beside the package in a checkout, inside it once it is installed."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import gitops_sim
from gitops_sim.errors import BadInput

_PACKAGE = Path(gitops_sim.__file__).resolve().parent


def shipped(folder: Literal["exercises", "notebooks"]) -> Path:
    """The folder with the course's exercises or notebooks. Read from it; what a learner writes belongs elsewhere.

    Raises BadInput when it is not there, which means that the installation is broken.
    """
    for place in (_PACKAGE / "shipped" / folder, _PACKAGE.parent / folder):
        if place.is_dir():
            return place
    raise BadInput(f"the course's {folder} are missing", where=str(_PACKAGE), mend="install gitops-sim again")
