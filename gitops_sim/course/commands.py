"""Reading the command lines that a learner types in an exercise, and answering those that only look into Git."""

from __future__ import annotations

import shlex
import tempfile
from itertools import pairwise
from pathlib import Path

from gitops_sim.actions import Action
from gitops_sim.apicalls import command_of
from gitops_sim.course.exercises.rules import Refused
from gitops_sim.errors import BadInput
from gitops_sim.forge import Repository
from gitops_sim.forge.process import run_git
from gitops_sim.output import Output

GIT_LOOKS = ("log", "show", "diff", "ls-tree", "grep", "blame", "shortlog")
_WRITES_FILES = ("--output", "--open-files-in-pager", "-O", "--ext-diff", "--textconv")
_MANIFESTS = ("-f", "--filename", "-k", "--kustomize")


def words_of(args: str, tool: str) -> list[str]:
    """The words of a command line without the tool's name. Raises BadInput for quotes that do not close."""
    try:
        words = shlex.split(args)
    except ValueError as error:
        raise BadInput(f"cannot read the command line: {str(error).lower()}", mend="close the quotes") from None
    return words[1:] if words[:1] == [tool] else words


def take_option(words: list[str], names: tuple[str, ...]) -> str:
    """Takes an option and its value out of the words; empty when it is not there."""
    for index, word in enumerate(words):
        name, equals, value = word.partition("=")
        if name in names and equals:
            del words[index]
            return value
        if word in names and index + 1 < len(words):
            value = words[index + 1]
            del words[index : index + 2]
            return value
    return ""


def look_with_git(repository: Repository, args: str, *, branch: str = "", folder: Path | None = None) -> Output:
    """What the real ``git`` answers, to somebody who is on ``branch`` (the default one) with the files of ``folder`` before them.

    Raises Refused for whatever is not a question, and for what would write a file.
    """
    words = words_of(args, "git")
    if not words or words[0] not in GIT_LOOKS:
        named = " ".join(["git", *words[:1]])
        mend = f"to look: {', '.join(GIT_LOOKS)}; to change something: commit, which needs no add and no push, or revert"
        raise Refused(f"'{named}' is not there", mend=mend)
    if any(word.startswith(_WRITES_FILES) for word in words):
        raise Refused("git writes no files here", mend="leave that option out")
    if folder is None or not folder.is_dir():
        done = run_git("--no-pager", *words, cwd=repository.path)
    else:
        with tempfile.TemporaryDirectory(prefix="gitops-sim-") as own:
            (Path(own) / "HEAD").write_text(f"ref: refs/heads/{branch or repository.default_branch}\n")
            (Path(own) / "commondir").write_text(f"{repository.path.resolve()}\n")
            place = {"GIT_DIR": own, "GIT_WORK_TREE": str(folder.resolve())}
            run_git("read-tree", "HEAD", cwd=folder, env=place)
            done = run_git("--no-pager", *words, cwd=folder, env=place)
    return Output(done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"), done.returncode)


def named_files(args: str) -> list[str]:
    """What a kubectl command names with ``-f`` or ``-k``; not standard input, and nothing on the web."""
    words = words_of(args, "kubectl")
    named = [after for word, after in pairwise(words) if word in _MANIFESTS]
    named += [word.partition("=")[2] for word in words if word.partition("=")[0] in _MANIFESTS and "=" in word]
    parts = [part for text in named for part in text.split(",")]
    return [part for part in parts if part not in ("", "-") and "://" not in part]


def named_folder(args: str) -> str:
    """The folder that a flux command names with ``--path``; empty when it names none."""
    words = words_of(args, "flux")
    after = [after for word, after in pairwise(words) if word == "--path"]
    return next(iter([*after, *(word.removeprefix("--path=") for word in words if word.startswith("--path="))]), "")


def named_set(args: str) -> str:
    """The file of ApplicationSets that an argocd command names; empty when it names none."""
    words = words_of(args, "argocd")
    if words[:2] not in (["appset", "create"], ["appset", "generate"]):
        return ""
    flags = (before in ("-o", "--output") or word.startswith("-") for before, word in pairwise(words[1:]))
    return next((word for word, flag in zip(words[2:], flags, strict=True) if not flag), "")


def files_of(repository: Repository, path: str) -> dict[str, str]:
    """The file at ``path``, or the files below it, as they stand on the default branch; by their paths in the repository."""
    if not repository.branches:
        return {}
    prefix, tree = path.removeprefix("./").strip("/"), repository.tree("HEAD")
    chosen = [file for file in tree.files() if prefix in ("", ".", file) or file.startswith(f"{prefix}/")]
    return {file: tree.read(file).decode(errors="replace") for file in chosen}


def told(action: Action) -> str:
    """What was done, in a few words: ``kubectl scale deployments``, ``pr merge 3``, ``push to main of shop``."""
    if action.do == "api":
        return " ".join(("kubectl", *command_of(action)))
    if action.do == "push":
        return f"push to {action.get('ref').removeprefix('refs/heads/')} of {action.get('repo')}"
    if action.do == "pr":
        verb, fields = next((name, value) for name, value in action.fields.items() if isinstance(value, dict))
        return f"pr {verb} {fields.get('number') or fields['branch']}"
    given = (str(action.get(name, "")) for name in ("args", "message", "commit", "branch", "name"))
    return f"{action.do} {next(filter(None, given), '')}".rstrip()
