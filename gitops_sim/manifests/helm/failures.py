"""Errors of templates in the words of ``helm template``, as BadInput: ``where`` is the file, line and column of the innermost.

Source: helm ``pkg/engine/engine.go`` (``cleanupParseError``, ``reformatExecErrorMsg``).
"""

from __future__ import annotations

import re

from gotpl.errors import TemplateSyntaxError

from gitops_sim.errors import BadInput
from gitops_sim.manifests.helm.functions import HelmFailure
from gitops_sim.manifests.helm.template import ExecError

_QUOTED = re.compile(r"^(function|undefined variable) '(.*?)'")


def parse_failure(file: str, text: str, error: TemplateSyntaxError) -> BadInput:
    """A text that is no template. Go gives the line alone: of an action that does not end, the last one."""
    said = str(error).split(": ", 1)[1]
    last = text.count("\n") + 1
    if said == "unclosed action" and last > error.line:
        what = f"parse error at ({file}:{last}): unclosed action started at {file}:{error.line}"
        return BadInput(what, where=f"{file}:{error.line}", mend="close it with }}")
    said = re.sub(r"^unexpected (end|else)$", r"unexpected {{\1}}", said)
    said = _QUOTED.sub(lambda m: f'{m[1]} "{m[2]}"', said)
    return BadInput(f"parse error at ({file}:{error.line}): {said}", where=f"{file}:{error.line}", mend="mend the template")


def in_chart(folder: str, location: str) -> str:
    """``shop/templates/web.yaml:3:5`` as a path in the folder that the chart is in. A text of ``tpl`` is in no file."""
    return f"{folder}{location.partition('/')[2]}" if "/" in location else location


def exec_failure(error: ExecError, folder: str) -> BadInput:
    """A template that failed at work: where each template of the chain stood, and why the last one failed."""
    chain: list[ExecError] = []
    cause: BaseException | None = error
    last: BaseException = error
    while cause is not None:
        last = cause
        if isinstance(cause, ExecError):
            chain.append(cause)
            cause = cause.cause
        else:
            cause = cause.__cause__ if isinstance(cause.__cause__, ExecError) else None
    where = in_chart(folder, next((one.location for one in reversed(chain) if "/" in one.location), chain[0].location))
    if isinstance(last, HelmFailure):
        what = f"execution error at ({chain[0].location}): {last}"
        return BadInput(what, where=where, mend="the chart asks for this: set the value that it names")
    mend = "mend the template, or set the value that it reads"
    plain = isinstance(last, ExecError) or str(last).startswith("template: no template")
    if not plain or "tpl function execution" in str(error):
        return BadInput(str(error), where=where, mend=mend)
    parts: list[str] = []
    for one in chain:
        message = one.message.split(" template:")[0]
        part = f'{one.location}\n  executing "{one.template}" at <{one.context}>:\n    {message}\n'
        if not parts or parts[-1] != part:
            parts.append(part)
    if not isinstance(last, ExecError):
        parts.append(f"{last}\n")
    return BadInput("".join(parts).strip(), where=where, mend=mend)


def too_much(file: str, error: Exception) -> BadInput:
    """A template that goes on and on."""
    what = "templates nest too deep: unable to execute template" if isinstance(error, RecursionError) else str(error)
    return BadInput(what, where=file, mend="find the template that includes itself, or the range over far too much")
