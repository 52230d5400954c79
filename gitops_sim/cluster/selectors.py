"""placeholder"""
from __future__ import annotations
from gitops_sim.cluster.kinds import Kind
from gitops_sim.objects import Object
from collections.abc import Callable
def label_selector(text: str) -> Callable[[Object], bool]: raise NotImplementedError
def field_selector(kind: Kind, text: str) -> Callable[[Object], bool]: raise NotImplementedError
