"""What can go wrong in a command, and how kubectl words it on standard error.

Source: k8s.io/kubectl ``pkg/cmd/util/helpers.go`` (checkErr).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gitops_sim.errors import ApiError, BadInput, GitOpsSimError


class KubectlError(GitOpsSimError):
    """An error of the client itself: ``error: ...``."""


class FlagError(KubectlError):
    """A flag that does not exist, or that cannot hold its value."""


class BareError(KubectlError):
    """An error that kubectl prints without ``error: `` in front."""


class Exit(GitOpsSimError):
    """The end of a command with this exit code and nothing more to say."""

    def __init__(self, code: int = 1) -> None:
        super().__init__(f"exit {code}")
        self.code = code


class SeveralErrors(GitOpsSimError):
    """Several errors, each on a line of its own."""

    def __init__(self, errors: Sequence[GitOpsSimError]) -> None:
        super().__init__("; ".join(map(str, errors)))
        self.errors = tuple(errors)


def raise_all(errors: Iterable[GitOpsSimError]) -> None:
    """Raises what there is: nothing, the one error, or all of them."""
    found = _flat(errors)
    if len(found) == 1:
        raise found[0]
    if found:
        raise SeveralErrors(found)


def _flat(errors: Iterable[GitOpsSimError]) -> list[GitOpsSimError]:
    return [inner for error in errors for inner in (_flat(error.errors) if isinstance(error, SeveralErrors) else [error])]


def usage(command: str, message: str) -> KubectlError:
    """A command used the wrong way."""
    return KubectlError(f"{message}\nSee '{command} -h' for help and examples")


def from_source(verb: str, source: str, error: GitOpsSimError) -> GitOpsSimError:
    """The same error, saying which file it concerns: ``error when creating "web.yaml": ...``."""
    if not source:
        return error
    message = f'error when {verb} "{source}": {error}'
    if isinstance(error, ApiError):
        return ApiError(error.code, error.reason, message, details=error.details)
    return KubectlError(message)


def report(error: GitOpsSimError) -> str:
    """The lines that kubectl prints for an error."""
    if isinstance(error, Exit):
        return ""
    if isinstance(error, SeveralErrors):
        return "".join(f"{_sentence(inner, prefix='')}\n" for inner in error.errors)
    if isinstance(error, ApiError) and error.reason == "Invalid":
        return _invalid(error)
    text = _sentence(error, prefix="" if isinstance(error, BareError) else "error: ")
    return text if text.endswith("\n") else text + "\n"


def _sentence(error: GitOpsSimError, prefix: str) -> str:
    if isinstance(error, ApiError):
        return f"Error from server ({error.reason}): {error.message}" if error.reason else f"Error from server: {error.message}"
    text = _of_bad_input(error) if isinstance(error, BadInput) else str(error)
    return text if not prefix or text.startswith(prefix) else prefix + text


def _of_bad_input(error: BadInput) -> str:
    parts = ": ".join(part for part in (error.where, error.what) if part)
    return f"{parts} ({error.mend})" if error.mend else parts


def _invalid(error: ApiError) -> str:
    """Each field that breaks a rule on a line."""
    details = error.details or {}
    start = "The request is invalid"
    if details.get("kind") or details.get("name"):
        kind = str(details.get("kind") or "")
        start = f'The {kind} "{details.get("name") or ""}" is invalid'
    elif error.message and not details.get("causes"):
        return f"{start}: {error.message}\n"
    causes = list(dict.fromkeys(f"{cause['field']}: {cause['message']}" for cause in details.get("causes") or ()))
    if not causes:
        return f"{start}\n"
    if len(causes) == 1:
        return f"{start}: {causes[0]}\n"
    return f"{start}: \n" + "".join(f"* {cause}\n" for cause in causes)
