"""The closed lists that the whole course refers to: sections of the module, concepts, and beliefs that learners bring.

Exercises, quiz items, progress and class reports use these ids and no others; tests hold the course to covering each of them.
"""

from __future__ import annotations

from dataclasses import dataclass

SECTIONS: dict[str, str] = {
    "why-it-matters": "Why this module matters",
    "what-is-gitops": "What is GitOps?",
    "four-principles": "The four principles of GitOps",
    "argo-cd": "Argo CD",
    "flux": "Flux CD",
    "comparison": "Argo CD and Flux compared",
    "repository-structure": "Repository structure",
    "workflow": "GitOps workflow",
    "image-automation": "Image update automation",
    "promotion": "Environment promotion",
    "rollback": "Rollback with GitOps",
    "did-you-know": "Did you know?",
    "common-mistakes": "Common mistakes",
    "hands-on": "Hands-on exercise",
    "summary": "Summary",
}
"""Sections of the module, in its order: id and title."""

NOTEBOOKS: dict[str, tuple[str, ...]] = {
    "01-what-is-gitops": ("why-it-matters", "what-is-gitops", "four-principles"),
    "02-four-principles": ("four-principles", "workflow"),
    "03-drift-and-reconciliation": ("four-principles", "argo-cd"),
    "04-push-versus-pull": ("what-is-gitops",),
    "05-rollback": ("rollback", "argo-cd"),
    "06-hands-on": ("hands-on",),
    "07-common-mistakes": ("common-mistakes", "workflow"),
    "08-quiz-and-summary": ("did-you-know", "summary"),
    "09-argo-cd-and-flux": ("flux", "comparison"),
    "10-repositories-and-promotion": ("repository-structure", "image-automation", "promotion"),
}
"""Notebooks, and the sections that each of them teaches."""

CONCEPTS: dict[str, str] = {
    "source-of-truth": "Git as the source of truth",
    "desired-and-actual": "Desired state and actual state",
    "declarative": "Declarative description",
    "versioning": "Versioned, immutable state",
    "pull-and-push": "Pull and push",
    "reconciliation": "Reconciliation",
    "drift": "Drift",
    "sync-status": "Sync status",
    "health": "Health",
    "auto-sync": "Automatic sync",
    "self-heal": "Self-heal",
    "prune": "Prune",
    "polling": "Polling intervals and webhooks",
    "credentials": "Who holds which credentials",
    "secrets": "Secrets",
    "audit-trail": "Audit trail",
    "review": "Pull requests, review, protected branches",
    "argocd-application": "Argo CD's Application",
    "flux-objects": "Flux's sources and Kustomizations",
    "helm": "Helm under GitOps",
    "tenancy": "Tenancy and access",
    "tools": "Choosing tools",
    "repository-layout": "Repository layout and ownership",
    "overlays": "Bases and overlays",
    "promotion": "Promotion between environments",
    "image-tags": "Image tags and digests",
    "image-automation": "Image automation",
    "rollout": "Rolling updates",
    "probes": "Probes",
    "rollback": "Rollback",
    "apply": "What kubectl apply does",
    "field-ownership": "Who owns a field",
}
"""Concepts: id and name. Mastery is reckoned for each of them."""


@dataclass(frozen=True, slots=True)
class Belief:
    """Something that learners often think (``belief``), and what is so (``truth``)."""

    belief: str
    truth: str


BELIEFS: dict[str, Belief] = {
    "synced-is-healthy": Belief("Synced means that it works.", "Sync and health are two axes: Synced and Degraded is ordinary."),
    "autosync-heals": Belief(
        "Auto-sync puts drift right.",
        "Argo CD does so only with selfHeal; a Flux Kustomization always; a Flux HelmRelease not unless told to.",
    ),
    "everything-drifts": Belief(
        "Any change by hand is drift.", "Drift is in what Git states. Argo CD does not look at fields that Git never mentions."
    ),
    "delete-file-deletes": Belief(
        "Deleting the file deletes the object.", "Only with prune, and only what the agent tracks as its own."
    ),
    "prune-is-safe": Belief(
        "Prune only removes rubbish.", "It removes what Git no longer holds: a moved folder can take production along."
    ),
    "ui-rollback-in-git": Belief(
        "A rollback in the dashboard is recorded in Git.", "It syncs an old revision; Git still asks for the bad one."
    ),
    "undo-is-rollback": Belief(
        "kubectl rollout undo rolls back.", "The agent brings the bad version back, for Git still asks for it."
    ),
    "revert-erases": Belief("git revert removes a leaked secret.", "It stays in the history. Rotate it."),
    "base64-hides": Belief("A Secret in Git is encoded, so it is safe.", "base64 is not encryption: anybody decodes it."),
    "private-repo-safe": Belief(
        "A private repository may hold secrets.", "Everybody with read access, each clone and each CI job has them."
    ),
    "pull-no-credentials": Belief(
        "Pull needs no credentials.",
        "Cluster credentials stay inside; those for Git and the registry remain, and CI still writes to Git.",
    ),
    "push-is-gitops": Belief(
        "CI that runs kubectl apply from Git is GitOps.",
        "Nobody looks again after the job: no reconciliation, no drift detection.",
    ),
    "commit-is-instant": Belief("Merged means deployed.", "The agent has to notice, apply, and the rollout has to finish."),
    "webhook-replaces-poll": Belief(
        "With webhooks no polling is needed.", "Webhooks get lost; polling is what makes it converge."
    ),
    "faster-is-better": Belief(
        "The shorter the interval the better.", "Load on Git, the API and people grows, while staleness hardly falls."
    ),
    "history-immutable": Belief(
        "The history of a Git branch cannot change.", "Branches move by force push and rebase, unless they are protected."
    ),
    "probes-optional": Belief("Kubernetes notices a broken app without probes.", "A container that runs counts as ready."),
    "degraded-rolls-back": Belief(
        "An unhealthy release rolls back by itself.", "Nobody rolls back unless told to; the old pods keep serving."
    ),
    "crash-is-degraded": Belief(
        "A Deployment that crash-loops is Degraded at once.", "It is Progressing until its progress deadline, 600 s unless set."
    ),
    "hpa-and-replicas": Belief(
        "replicas in Git and an autoscaler agree.", "They fight. Leave replicas out of Git or ignore the field."
    ),
    "drop-replicas-keeps": Belief(
        "Removing replicas from the manifest keeps the number.", "Client-side apply deletes the field, and the default is 1."
    ),
    "apply-is-sync": Belief(
        "kubectl apply in production is a quick sync.", "It leaves no audit trail, and is undone or left as drift."
    ),
    "latest-is-fresh": Belief(
        "The tag latest deploys the newest image.",
        "The manifest does not change, so nothing is applied, and there is no way back.",
    ),
    "monorepo-only": Belief(
        "One repository for all is the only right way.", "It is a trade: one view and one review for a larger blast radius."
    ),
    "polyrepo-only": Belief(
        "A repository for each team is the only right way.", "It is a trade: ownership for changes that span repositories."
    ),
    "promotion-copies": Belief("Promotion is copying the files.", "It is a reviewed commit that moves a version."),
    "checks-replace-review": Belief(
        "Green checks are enough, nobody needs to look.", "Checks judge the form. What was meant, only people know."
    ),
    "drift-is-attack": Belief(
        "Drift is always somebody's fault.", "Controllers and operators write too. Decide which fields are Git's."
    ),
    "reconcile-once": Belief(
        "The agent acts when Git changes.", "It acts when desired and actual state differ, whichever of them moved."
    ),
}
"""Wrong beliefs by id. A distractor, a wrong solution or a class report names them."""
