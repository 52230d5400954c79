"""A forge of real Git repositories, driven by the people of a world."""

from gitops_sim.forge.commit import Commit, Push
from gitops_sim.forge.forge import Forge
from gitops_sim.forge.people import People, Person
from gitops_sim.forge.repository import Repository
from gitops_sim.forge.tree import Tree

__all__ = ["Commit", "Forge", "People", "Person", "Push", "Repository", "Tree"]
