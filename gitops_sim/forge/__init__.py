"""A forge of real Git repositories and their pull requests, driven by the people of a world."""

from gitops_sim.forge.branches import Push
from gitops_sim.forge.checks import CHECKS
from gitops_sim.forge.commit import Commit
from gitops_sim.forge.downloads import download
from gitops_sim.forge.following import Followed
from gitops_sim.forge.forge import Forge
from gitops_sim.forge.people import People, Person
from gitops_sim.forge.pull_request import PullRequest
from gitops_sim.forge.pull_requests import PullRequests
from gitops_sim.forge.raw import Signed
from gitops_sim.forge.repository import Repository
from gitops_sim.forge.rules import BranchRules
from gitops_sim.forge.tree import Tree
from gitops_sim.forge.webhooks import Delivery, Webhooks

__all__ = [
    "CHECKS",
    "BranchRules",
    "Commit",
    "Delivery",
    "Followed",
    "Forge",
    "People",
    "Person",
    "PullRequest",
    "PullRequests",
    "Push",
    "Repository",
    "Signed",
    "Tree",
    "Webhooks",
    "download",
]
