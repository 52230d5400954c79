"""``KEY=VALUE`` and ``KEY-`` arguments behind the resources they are for.

Source: k8s.io/kubectl ``pkg/cmd/util/helpers.go``.
"""

from __future__ import annotations

from collections.abc import Sequence

from gitops_sim.kubectl.problems import KubectlError


def split_pairs(args: Sequence[str], word: str) -> tuple[list[str], list[str]]:
    """The resources, and the pairs behind them. Raises KubectlError for a resource among the pairs."""
    resources: list[str] = []
    pairs: list[str] = []
    for arg in args:
        is_pair = ("=" in arg and not arg.startswith("=")) or (arg.endswith("-") and arg != "-")
        if is_pair:
            pairs.append(arg)
        elif pairs:
            raise KubectlError(f"all resources must be specified before {word} changes: {arg}")
        else:
            resources.append(arg)
    return resources, pairs


def parse_pairs(pairs: Sequence[str], word: str, *, removable: bool) -> tuple[dict[str, str], list[str]]:
    """What is to be set, and what is to be removed."""
    new: dict[str, str] = {}
    remove: list[str] = []
    unfit: list[str] = []
    for pair in pairs:
        if "=" in pair and not pair.startswith("="):
            key, _, value = pair.partition("=")
            new[key] = value
        elif removable and pair.endswith("-") and pair != "-":
            remove.append(pair[:-1])
        else:
            unfit.append(pair)
    if unfit:
        raise KubectlError(f"invalid {word} format: {', '.join(unfit)}")
    return new, remove
