"""The README's picture, drawn from a run: ``python -m tests.notebook.picture`` writes it anew."""

from __future__ import annotations

from pathlib import Path

from gitops_sim.notebook.stage import Stage
from gitops_sim.notebook.worlds import start
from gitops_sim.views.view import View, stack

PICTURE = Path(__file__).parents[2] / "notebooks" / "images" / "push-and-pull.svg"


def draw() -> View:
    """One slip of the hand, a second later: the pipeline is long gone, the agent has put it right."""
    stages = []
    for by in ("push", "pull"):
        world = start(by)
        world.run("5m")
        world.kubectl("scale deployment web --replicas=10", by="ben")
        world.run("1s")
        stages.append(Stage(world))
    return stack([stage.flow() for stage in stages], title="Push and pull after the same change by hand")


if __name__ == "__main__":
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text(draw().svg + "\n", encoding="utf-8")
