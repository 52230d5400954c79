"""The scenarios that come with the package, and those in files of your own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gitops_sim.errors import BadInput
from gitops_sim.nearest import nearest
from gitops_sim.scenarios.format import ScenarioSpec, read_scenario
from gitops_sim.scenarios.player import Played, play
from gitops_sim.scenarios.reading import read_file

_FOLDER = Path(__file__).parent / "data"
DEFAULT_SCENARIOS = ("sync", "drift", "push-vs-pull", "rollback")
"""What ``gitops-sim demo`` plays, in this order."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A story to play: ``load_scenario("drift").play()``."""

    spec: ScenarioSpec

    @property
    def id(self) -> str:
        return self.spec.id

    @property
    def title(self) -> str:
        return self.spec.title

    @property
    def summary(self) -> str:
        return self.spec.summary

    def play(self, *, seed: int | None = None, shuffle: int | None = None) -> Played:
        """``seed`` fixes all chance (the file's own when left out); ``shuffle`` deals events of one instant in another order."""
        return play(self.spec, seed=seed, shuffle=shuffle)


def scenario_names() -> list[str]:
    """The scenarios that come with the package: those of the demo first, then by name."""
    names = sorted(path.stem for path in _FOLDER.glob("*.yaml"))
    return [*DEFAULT_SCENARIOS, *(name for name in names if name not in DEFAULT_SCENARIOS)]


def load_scenario(name_or_path: str | Path) -> Scenario:
    """By name, or from a file of your own (a path with ``/`` or ending in ``.yaml``).

    Raises BadInput for an unknown name, which names the nearest, and for a file that is not a scenario.
    """
    text = str(name_or_path)
    if isinstance(name_or_path, Path) or "/" in text or text.endswith((".yaml", ".yml")):
        return Scenario(read_scenario(read_file(Path(text))))
    if text not in scenario_names():
        raise BadInput(f"no scenario {text!r}", mend=nearest(text, scenario_names()))
    return Scenario(read_scenario(read_file(_FOLDER / f"{text}.yaml")))
