"""Every error that the package raises on purpose, under one root.

Two families: :class:`BadInput` is the user's to mend (exit code 2 on the command line), :class:`ApiError` is an answer of the
Kubernetes API (a ``Status`` object) that ``kubectl`` and the agents print or act upon.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class GitOpsSimError(Exception):
    """Root of all errors of this package."""


class BadInput(GitOpsSimError):
    """Something that a person gave us cannot be used.

    ``what`` says what is wrong, ``where`` the file, line or field (empty when there is none), ``mend`` the way out.
    """

    def __init__(self, what: str, *, where: str = "", mend: str = "") -> None:
        self.what, self.where, self.mend = what, where, mend
        super().__init__(": ".join(part for part in (where, what) if part) + (f"\n  to mend it: {mend}" if mend else ""))


class GitFailed(BadInput):
    """A Git operation that the forge refuses: unknown branch, merge conflict, rejected push."""


class OutOfBounds(Exception):
    """A world grew beyond the bounds that it was made with. Not of the family above: nothing in a world may catch it and
    go on."""


class ApiError(GitOpsSimError):
    """A failed API call; ``status()`` is the ``Status`` object that the real API server would answer.

    ``reason`` is empty where the real server names none (some answers with code 500). Source of the reasons and codes:
    k8s.io/apimachinery ``pkg/api/errors``.
    """

    def __init__(self, code: int, reason: str, message: str, *, details: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code, self.reason, self.message = code, reason, message
        self.details: Mapping[str, Any] = details or {}
        self._says_details = details is not None

    def status(self) -> dict[str, Any]:
        body: dict[str, Any] = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
        }
        if self.reason:
            body["reason"] = self.reason
        if self._says_details:
            body["details"] = dict(self.details)
        return body | {"code": self.code}


def not_found(resource: str, name: str, group: str = "") -> ApiError:
    qualified = f"{resource}.{group}" if group else resource
    details = {"name": name, **({"group": group} if group else {}), "kind": resource}
    return ApiError(404, "NotFound", f'{qualified} "{name}" not found', details=details)


def already_exists(resource: str, name: str, group: str = "") -> ApiError:
    qualified = f"{resource}.{group}" if group else resource
    details = {"name": name, **({"group": group} if group else {}), "kind": resource}
    return ApiError(409, "AlreadyExists", f'{qualified} "{name}" already exists', details=details)


def conflict(resource: str, name: str, group: str = "", *, why: str = "") -> ApiError:
    """``why`` replaces the usual text about an object that was modified in between."""
    qualified = f"{resource}.{group}" if group else resource
    details = {"name": name, **({"group": group} if group else {}), "kind": resource}
    text = why or "the object has been modified; please apply your changes to the latest version and try again"
    return ApiError(409, "Conflict", f'Operation cannot be fulfilled on {qualified} "{name}": {text}', details=details)


def forbidden(resource: str, name: str, group: str = "", *, why: str) -> ApiError:
    qualified = f"{resource}.{group}" if group else resource
    details = {"name": name, **({"group": group} if group else {}), "kind": resource}
    return ApiError(403, "Forbidden", f'{qualified} "{name}" is forbidden: {why}', details=details)


def bad_request(message: str) -> ApiError:
    return ApiError(400, "BadRequest", message)


class Cause:
    """One field of an object that breaks a rule, worded as the API server words it.

    ``reason`` is ``FieldValueRequired``, ``FieldValueInvalid``, ``FieldValueNotSupported``, ``FieldValueForbidden``,
    ``FieldValueDuplicate`` or ``FieldValueTypeInvalid``; ``message`` already starts with its prefix
    (``Required value: ...``); ``field`` is a dotted path.
    """

    __slots__ = ("field", "message", "reason")

    def __init__(self, field: str, message: str, reason: str = "FieldValueInvalid") -> None:
        self.field, self.message, self.reason = field, message, reason


def invalid(kind: str, name: str, causes: Sequence[Cause], group: str = "") -> ApiError:
    """422 with one or more causes: ``Deployment.apps "web" is invalid: spec.replicas: Invalid value: ...``."""
    qualified = f"{kind}.{group}" if group else kind
    texts = list(dict.fromkeys(f"{cause.field}: {cause.message}" for cause in causes))
    joined = texts[0] if len(texts) == 1 else "[" + ", ".join(texts) + "]"
    details = {
        **({"name": name} if name else {}),
        **({"group": group} if group else {}),
        **({"kind": kind} if kind else {}),
        "causes": [{"reason": c.reason, "message": c.message, "field": c.field} for c in causes],
    }
    return ApiError(422, "Invalid", f'{qualified} "{name}" is invalid: {joined}', details=details)
