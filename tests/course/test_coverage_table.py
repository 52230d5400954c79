"""Which notebook, exercises and quiz items teach each section of the module; written to ``out/coverage.md`` and printed.

A hole fails.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from gitops_sim.course.curriculum import CONCEPTS, NOTEBOOKS, SECTIONS
from gitops_sim.course.exercises import exercise_ids, load_exercise
from gitops_sim.course.quiz import load_quiz
from gitops_sim.course.shipped import shipped

OUT = Path(__file__).parents[2] / "out" / "coverage.md"

SIGNS: dict[str, str] = {
    "why-it-matters": r"Why it matters[\s\S]*shop_deleted",
    "what-is-gitops": r"with GitOps you write down in Git|pipeline.*push|Push and pull",
    "four-principles": r"Declarative[\s\S]*Versioned and immutable[\s\S]*Pulled[\s\S]*reconciled|\*\*reconcile\*\*",
    "argo-cd": r"selfHeal|argocd\(",
    "workflow": r"pull request|reviewed|review",
    "rollback": r"git revert",
    "did-you-know": r"coined",
    "common-mistakes": r"kubectl in production[\s\S]*Secrets in Git[\s\S]*health checks",
    "hands-on": r"Steps 1 and 2[\s\S]*Step 11",
    "summary": r"In one sentence",
    "flux": r"kind: GitRepository[\s\S]*kind: Kustomization[\s\S]*HelmRelease",
    "comparison": r"Side by side|How to choose",
    "repository-structure": r"monorepo[\s\S]*polyrepo[\s\S]*three repositories",
    "image-automation": r"registry[\s\S]*ImagePolicy[\s\S]*ImageUpdateAutomation",
    "promotion": r"staging[\s\S]*prod[\s\S]*one line",
}
"""Words without which a notebook does not teach the section that it claims."""


@pytest.fixture(scope="module")
def table() -> dict[str, dict[str, list[str]]]:
    """For each section its notebooks, exercises and quiz items."""
    exercises = {id: load_exercise(id).sections for id in exercise_ids()}
    items = load_quiz().items
    return {
        section: {
            "notebook": [name for name, sections in NOTEBOOKS.items() if section in sections],
            "exercise": [id for id, sections in exercises.items() if section in sections],
            "quiz": [item.id for item in items if item.section == section],
        }
        for section in SECTIONS
    }


def test_every_section_is_taught(table: dict[str, dict[str, list[str]]]) -> None:
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(written(table), encoding="utf-8")
    print(written(table))
    holes = {(section, kind) for section, row in table.items() for kind, found in row.items() if not found}
    assert holes == set(), "nothing teaches this"


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_a_notebook_teaches_what_it_claims(notebook: str) -> None:
    read = json.loads((shipped("notebooks") / f"{notebook}.ipynb").read_text(encoding="utf-8"))
    text = "\n".join("".join(cell["source"]) for cell in read["cells"])
    assert [section for section in NOTEBOOKS[notebook] if not re.search(SIGNS[section], text, re.IGNORECASE)] == []


def test_every_notebook_claims_something() -> None:
    assert list(NOTEBOOKS) == sorted(path.stem for path in shipped("notebooks").glob("*.ipynb"))


def test_every_concept_is_asked() -> None:
    asked = {concept for item in load_quiz().items for concept in item.concepts}
    assert set(CONCEPTS) - asked == set()


def written(table: dict[str, dict[str, list[str]]]) -> str:
    lines = ["| Section of the module | Notebook | Exercises | Quiz items |", "|---|---|---|---|"]
    for section, row in table.items():
        cells = [", ".join(row[kind]) or "*hole*" for kind in ("notebook", "exercise")]
        lines.append(f"| {SECTIONS[section]} | {' | '.join(cells)} | {len(row['quiz'])}: {', '.join(row['quiz'])} |")
    return "\n".join(lines) + "\n"
