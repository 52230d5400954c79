"""Repositories that come with the package, for worlds to begin with: the module's monorepo and its polyrepos.

``monorepo``: apps, infrastructure and clusters in one repository. ``polyrepo/frontend-app`` and ``polyrepo/backend-app`` belong
to developers; ``polyrepo/gitops-config`` says with Argo CD's Applications what of them each cluster runs,
``polyrepo/fleet-config`` says the same with Flux's objects. The programs in them are stand-ins: the right kinds and names,
nothing that would run.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from gitops_sim.errors import BadInput
from gitops_sim.nearest import nearest

_FOLDER = Path(__file__).parent / "data" / "kit"


def kit_names() -> list[str]:
    """``monorepo``, ``polyrepo/frontend-app`` and so on."""
    alone = [path.name for path in _FOLDER.iterdir() if path.name != "polyrepo"]
    return sorted([*alone, *(f"polyrepo/{path.name}" for path in (_FOLDER / "polyrepo").iterdir())])


@cache
def kit_files(name: str) -> dict[str, str]:
    """The files of a repository of the kit by their path in it. Raises BadInput for one that there is not."""
    if name not in kit_names():
        raise BadInput(f"no repository {name!r} in the kit", mend=nearest(name, kit_names()))
    home = _FOLDER / name
    found = sorted(path for path in home.rglob("*") if path.is_file())
    return {path.relative_to(home).as_posix(): path.read_text(encoding="utf-8") for path in found}
