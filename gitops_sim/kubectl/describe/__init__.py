"""``kubectl describe``: what each kind looks like in words."""

from gitops_sim.kubectl.describe.command import COMMANDS

__all__ = ["COMMANDS"]
