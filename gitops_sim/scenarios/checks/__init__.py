"""The closed vocabulary of checks and measures: one function each, with declared parameters and a doc line.

A new word is a function in one of the modules below, decorated with ``check`` or ``measure``.
"""

from gitops_sim.scenarios.checks import agents, events, filewords, gitwords, pullwords, rights, state, trajectory
from gitops_sim.scenarios.checks.vocabulary import CHECKS, MEASURES, Call, Measured, Param, Verdict, Word, read_call

__all__ = [
    "CHECKS",
    "MEASURES",
    "Call",
    "Measured",
    "Param",
    "Verdict",
    "Word",
    "agents",
    "events",
    "filewords",
    "gitwords",
    "pullwords",
    "read_call",
    "rights",
    "state",
    "trajectory",
]
