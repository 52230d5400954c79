"""The house keeps its floors: a room imports only from floors below, and not from its neighbours."""

from __future__ import annotations

import ast
import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import gitops_sim

ROOT = Path(gitops_sim.__file__).parent
FLOORS: dict[str, float] = {
    "errors": 0.1,
    "clock": 1,
    "nearest": 1,
    "output": 1,
    "randomness": 1,
    "objects": 1,
    "yaml_in": 1,
    "yaml_out": 1.1,
    "yaml_sorted": 1.1,
    "wallclock": 1.1,
    "trace": 1.5,
    "actions": 1.5,
    "registry": 2,
    "manifests": 2,
    "forge": 2.1,
    "cluster": 2.5,
    "agents": 3,
    "kind": 3,
    "api": 3,
    "kubectl": 3,
    "commandwords": 3,
    "apicalls": 3.8,
    "verbs": 3.9,
    "hosting": 3.9,
    "world": 4,
    "scenarios": 5,
    "views": 5,
    "reconcile": 5.5,
    "live_agent": 5.5,
    "counterfactual": 5.5,
    "course": 6,
    "server": 6,
    "cli": 7,
    "notebook": 7,
}
ROOMS = sorted(path for path in ROOT.rglob("*.py") if (path.name != "__main__.py" and path.parent != ROOT) or path.stem in FLOORS)


def room_of(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


def imports_of(path: Path, *, types_too: bool = False) -> set[str]:
    """What a file imports of ours, as ``module.name``; ``types_too``: also what only types need."""
    found: set[str] = set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for_types_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in for_types_only and not types_too:
            continue
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "gitops_sim":
            found.update(f"{node.module}.{a.name}" for a in node.names)
        elif isinstance(node, ast.Import):
            found.update(a.name for a in node.names if a.name.split(".")[0] == "gitops_sim")
    return found


@pytest.mark.parametrize("path", ROOMS, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_only_go_down(path: Path) -> None:
    own = path.relative_to(ROOT).parts[0].removesuffix(".py")
    for module in imports_of(path):
        room = room_of(module)
        if room in (own, ""):
            continue
        assert room in FLOORS, f"{path.name} imports {module}, which has no floor: add it to FLOORS"
        assert FLOORS[room] < FLOORS[own], f"{own} (floor {FLOORS[own]}) imports {room} (floor {FLOORS[room]})"


def test_the_files_of_an_agent_do_not_need_each_other_in_a_circle() -> None:
    """Not even for their types: a command line knows its controllers, and they do not know it."""
    files = {
        ".".join(path.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(".__init__"): path
        for path in (ROOT / "agents").rglob("*.py")
    }
    needs = {
        path: {files.get(name) or files.get(name.rpartition(".")[0]) for name in imports_of(path, types_too=True)} - {path, None}
        for path in files.values()
    }
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        pytest.fail("a circle of imports: " + ", ".join(path.relative_to(ROOT).as_posix() for path in error.args[1]))


def test_no_message_sends_the_reader_to_a_command_that_is_not_there() -> None:
    from gitops_sim.cli.main import group

    named = {name for path in ROOMS for name in re.findall(r"'gitops-sim ([a-z]+)", path.read_text(encoding="utf-8"))}
    assert named <= set(group.list_commands(None))  # type: ignore[arg-type]
