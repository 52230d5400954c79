"""A small exercise, written into a folder, to test the engine on: two pods wanted, somebody scales at one minute."""

from __future__ import annotations

from pathlib import Path

EXERCISE = """\
id: small
version: 1
title: A small one
minutes: 1
principle: continuously-reconciled
concepts: [drift]
sections: [four-principles]
seed: 1
world:
  people: [ana, ben]
  images:
    web:1: {start: 1s}
  repos:
    shop:
      by: ana
      message: Deploy web
      files:
        web/deployment.yaml: |
          apiVersion: apps/v1
          kind: Deployment
          metadata: {name: web}
          spec:
            replicas: 2
            selector: {matchLabels: {app: web}}
            template:
              metadata: {labels: {app: web}}
              spec:
                containers: [{name: web, image: "web:1"}]
  applications:
    web:
      apiVersion: argoproj.io/v1alpha1
      kind: Application
      metadata: {name: web, namespace: argocd}
      spec:
        project: default
        source: {repoURL: "https://git.example/shop.git", path: web, targetRevision: main}
        destination: {server: "https://kubernetes.default.svc", namespace: default}
        syncPolicy: {automated: {}}
happens:
- {at: 1m, do: kubectl, by: ben, args: scale deployment web --replicas=5}
allowed: {kubectl: [get, scale, rollout status, apply], argocd: any, commit: any, revert: any}
refusal: this is a small shop
ends: 10m
checks:
- id: two
  description: Two pods run
  points: 2
  check: replicas_ready
  object: Deployment/web
  count: 2
  rationale: Git says so.
  help: Scale it back.
  belief: autosync-heals
- id: nobody-deletes
  description: Web is there all the time
  points: 1
  check: always_at_least
  object: Deployment/web
  field: .status.readyReplicas
  least: 1
  since: 10s
  needs: [two]
  rationale: It serves people.
  help: Do not delete it.
hints: [Look at it., Compare two numbers., One verb of kubectl changes a number.]
questions:
- id: how-many
  concepts: [drift]
  difficulty: 1
  kind: single
  prompt: How many pods run after two minutes?
  options:
    five: {text: Five, right: true, why: Nobody undoes it.}
    two: {text: Two, why: Self-heal is off., belief: autosync-heals}
  explanation: Drift stays.
  source: a test
"""
SOLUTION = """\
version: 1
actions:
- {at: 2m, do: kubectl, args: scale deployment web --replicas=2}
ends: 3m
"""
WRONG = """\
version: 1
actions:
- {at: 2m, do: argocd, args: app get web}
ends: 3m
fails: {check: two, message: Scale it back}
"""


def write(folder: Path, *, exercise: str = EXERCISE, solution: str = SOLUTION, wrong: str = WRONG) -> Path:
    """The exercise's folder; ``exercise`` and the others replace its files."""
    home = folder / "90-small"
    (home / "wrong").mkdir(parents=True, exist_ok=True)
    (home / "exercise.yaml").write_text(exercise)
    (home / "text.md").write_text("# A small one\n\nMake it two.\n")
    (home / "solution.yaml").write_text(solution)
    (home / "wrong" / "autosync-heals.yaml").write_text(wrong)
    return home


REVIEWED = EXERCISE.replace(
    "      by: ana\n",
    "      by: ana\n      rules: {main: {approvals: 1, checks: [manifests]}}\n      reviewers: {ana: 1m}\n",
).replace("commit: any, revert: any}", "commit: any, revert: any, branch: any, pr: any}")
"""The same, in which ``main`` takes changes by pull request only, and ana reviews them."""
