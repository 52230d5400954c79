"""A small quiz with one item of each kind, to test the engine on."""

from __future__ import annotations

from pathlib import Path

from gitops_sim.course.quiz import Quiz, load_quiz

SMALL = """\
title: A small quiz
section: flux
items:
- id: one
  concepts: [drift]
  difficulty: 1
  kind: single
  prompt: Which one?
  options:
    red: {text: The red one, why: It is not red., belief: everything-drifts}
    green: {text: The green one, right: true, why: It is.}
    blue: {text: A blue one, why: It is not blue.}
  explanation: Green it is.
  source: a test
- id: some
  concepts: [drift, prune]
  difficulty: 2
  kind: multiple
  prompt: Which ones?
  options:
    aa: {text: Alpha, right: true}
    bb: {text: Beta, right: true}
    cc: {text: Gamma, why: Gamma is wrong., belief: prune-is-safe}
    dd: {text: Delta, why: Delta is wrong.}
  explanation: Alpha and Beta.
  source: a test
- id: many
  concepts: [polling]
  difficulty: 2
  kind: numeric
  unit: s
  tolerance: 5
  prompt: How long?
  answer: 90
  mistakes:
  - {value: 60, why: That is a minute., belief: commit-is-instant}
  explanation: A minute and a half.
  source: a test
- id: steps
  concepts: [rollout]
  difficulty: 1
  kind: order
  prompt: In which order?
  steps:
    first: {text: Begin, why: It begins.}
    second: {text: Go on, why: It goes on.}
    third: {text: Go further, why: It goes further.}
    fourth: {text: End, why: It ends.}
  explanation: From the beginning to the end.
  source: a test
- id: pairs
  concepts: [tools]
  difficulty: 3
  kind: match
  prompt: What belongs together?
  pairs:
    fish: {left: Fish, right: water, why: Fish swim.}
    bird: {left: Bird, right: air, why: Birds fly.}
    whale: {left: Whale, right: water, why: Whales swim.}
  spares:
    stone: {right: stone, why: Nothing lives in stone., belief: apply-is-sync}
  explanation: Each to its own.
  source: a test
- id: bug
  concepts: [health]
  difficulty: 2
  kind: bug
  prompt: Which line?
  yaml: |
    name: web
    replicas: three
    image: web:1
  bugs:
  - {lines: ['replicas: three'], why: A number is a number.}
  decoys:
  - {line: 'image: web:1', why: A tag is fine., belief: latest-is-fresh}
  elsewhere: Nothing is wrong there.
  explanation: Write 3.
  source: a test
- id: free
  concepts: [rollback]
  difficulty: 3
  kind: free
  prompt: How do you go back?
  rubric:
    revert: {idea: revert the commit, any: [revert*, undo commit]}
    push: {idea: push it, any: [push*]}
  need: 2
  model: Revert the commit and push the revert.
  misreadings:
  - {any: [rollout undo], why: The agent undoes that., belief: undo-is-rollback}
  explanation: A revert is a commit.
  source: a test
"""

RIGHT = {
    "one": "green",
    "some": ["aa", "bb"],
    "many": 90,
    "steps": ["first", "second", "third", "fourth"],
    "pairs": {"fish": "fish", "bird": "bird", "whale": "fish"},
    "bug": 2,
    "free": "git revert, then push",
}


def small_quiz(folder: Path, text: str = SMALL) -> Quiz:
    path = folder / "small.yaml"
    path.write_text(text)
    return load_quiz(path)
