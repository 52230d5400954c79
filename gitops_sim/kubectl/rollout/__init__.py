"""``kubectl rollout``: its state, its history, and how to steer it."""

from gitops_sim.kubectl.rollout import history, status, steer, undo

COMMANDS = (*status.COMMANDS, *history.COMMANDS, *undo.COMMANDS, *steer.COMMANDS)
