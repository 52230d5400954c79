"""Acting as somebody else: who may, and who that is then.

Source: k8s.io/apiserver ``pkg/endpoints/filters/impersonation``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gitops_sim.cluster.access.refusal import refusal
from gitops_sim.cluster.access.rules import Asked
from gitops_sim.cluster.access.users import service_account
from gitops_sim.errors import bad_request

if TYPE_CHECKING:
    from gitops_sim.cluster.cluster import Cluster


def impersonated(cluster: Cluster, user: str, groups: Sequence[str] = (), instead: Asked | None = None) -> Cluster:
    """The cluster as ``user``, a member of just these groups. Raises Forbidden when the one who asks may not impersonate them.

    ``instead`` is the request itself, which the refusal then names, as servers since 1.36 do.
    """
    if not user:
        named = ",".join(f'"{group}"' for group in groups)
        who = f'&user.DefaultInfo{{Name:"", UID:"", Groups:[]string{{{named}}}, Extra:map[string][]string(nil)}}'
        raise bad_request(f"requested {who} without impersonating a user name")
    account = service_account(user)
    asked = [
        Asked("impersonate", "", "serviceaccounts", "", *account)
        if account
        else Asked("impersonate", resource="users", name=user)
    ]
    asked += [Asked("impersonate", resource="groups", name=group) for group in groups]
    for question in asked:
        verdict = cluster.verdict(question)
        if not verdict.allowed:
            raise refusal(cluster.user, instead or question, verdict.reason)
    return cluster.as_user(user, groups)
