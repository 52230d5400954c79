"""How the API server says no.

Source: k8s.io/apiserver ``pkg/endpoints/handlers/responsewriters/errors.go``.
"""

from __future__ import annotations

from gitops_sim.cluster.access.rules import Asked
from gitops_sim.errors import ApiError


def refusal(user: str, asked: Asked, reason: str = "") -> ApiError:
    why = f'User "{user}" cannot {asked.verb} '
    if asked.path:
        why += f'path "{asked.path}"'
        return ApiError(403, "Forbidden", f"forbidden: {why}{': ' + reason if reason else ''}", details={})
    place = f'in the namespace "{asked.namespace}"' if asked.namespace else "at the cluster scope"
    why += f'resource "{asked.combined}" in API group "{asked.group}" {place}'
    qualified = f"{asked.resource}.{asked.group}" if asked.group else asked.resource
    details = {
        **({"name": asked.name} if asked.name else {}),
        **({"group": asked.group} if asked.group else {}),
        "kind": asked.resource,
    }
    subject = f'{qualified} "{asked.name}"' if asked.name else qualified
    return ApiError(403, "Forbidden", f"{subject} is forbidden: {why}{': ' + reason if reason else ''}", details=details)
