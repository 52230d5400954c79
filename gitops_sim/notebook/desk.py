"""A desk for the hands-on exercise: a folder of files, an empty cluster and a terminal with the few tools that are needed."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping

from gitops_sim.errors import BadInput
from gitops_sim.forge.process import run_git
from gitops_sim.output import Output
from gitops_sim.verbs import LEARNER
from gitops_sim.wallclock import WallClock
from gitops_sim.world import World

REPOSITORY = "gitops-demo"
TYPING = 10.0
"""Simulated seconds that pass with each command: somebody has to type it. On a real cluster they pass by themselves."""
_IMAGES = {"nginx:1.24": {"start": "2s"}, "nginx:1.25": {"start": "2s"}}
_TOOLS = "kubectl, git, sed, cat, ls, rm, mkdir, cd"


class Desk:
    """``desk("kubectl get pods")`` runs a command in the folder; ``desk.write(path, text)`` saves a file.

    ``world`` holds the cluster and the repository. Commands answer as the real tools do; one that is not here says so, with exit
    code 127, and nothing raises.
    """

    def __init__(self, world: World | None = None, files: Mapping[str, str] | None = None) -> None:
        self.world = World(images=_IMAGES) if world is None else world
        self.files = dict(files or {})
        if all(repository.name != REPOSITORY for repository in self.world.git.repositories):
            self.world.git.create(REPOSITORY, {})

    def at(self, world: World) -> Desk:
        """The same files before another cluster: for predictions, which run in a copy of the world."""
        return Desk(world, self.files)

    def write(self, path: str, text: str) -> Output:
        """Saves a file, as an editor does."""
        self.files[path] = text.lstrip("\n")
        return Output(f"wrote {path}, {len(self.files[path].splitlines())} lines\n")

    def __call__(self, command: str) -> Output:
        try:
            words = shlex.split(command)
        except ValueError as error:
            return Output(stderr=f"bash: {error}\n", exit=2)
        if not words:
            return Output()
        try:
            output = self._run(words, command)
        except BadInput as error:
            output = Output(stderr=f"{error}\n", exit=1)
        if not isinstance(self.world.clock, WallClock):
            self.world.run(TYPING)
        return output

    def _run(self, words: list[str], command: str) -> Output:
        tool, rest = words[0], words[1:]
        if tool == "kubectl":
            return self.world.kubectl(command.strip().removeprefix("kubectl").strip(), files=self.files)
        if tool == "git":
            return self._git(rest)
        if tool == "sed":
            return self._sed(rest)
        if tool == "cat":
            return self._cat(rest)
        if tool == "ls":
            return Output("".join(f"{path}\n" for path in sorted(self.files)))
        if tool == "rm":
            return self._rm([word for word in rest if not word.startswith("-")])
        if tool in ("mkdir", "cd"):
            return Output()
        return Output(stderr=f"bash: {tool}: command not found; here are {_TOOLS}\n", exit=127)

    # ------------------------------------------------------------------ tools

    def _cat(self, paths: list[str]) -> Output:
        missing = [path for path in paths if path not in self.files]
        return Output(
            "".join(self.files[path] for path in paths if path in self.files),
            "".join(f"cat: {path}: No such file or directory\n" for path in missing),
            1 if missing else 0,
        )

    def _rm(self, paths: list[str]) -> Output:
        for path in paths:
            inside = [name for name in self.files if name == path or name.startswith(path.rstrip("/") + "/")]
            for name in inside or (list(self.files) if path.endswith(REPOSITORY) else []):
                del self.files[name]
        return Output()

    def _sed(self, words: list[str]) -> Output:
        """``sed -i s/old/new/ FILE`` and ``sed -i /word/d FILE``, as GNU sed reads them: after ``-i`` comes the script, and what
        follows are files."""
        if words[:1] != ["-i"] or len(words) < 2:
            return Output(stderr="sed: write sed -i 's/old/new/' FILE\n", exit=1)
        script, paths = words[1], words[2:]
        if script and not _SCRIPT.fullmatch(script):
            return Output(stderr=f"sed: {script!r} is more than this sed can do; write s/old/new/ or /word/d\n", exit=1)
        for path in paths:
            if path in self.files:
                self.files[path] = "".join(_edited(line, script) for line in self.files[path].splitlines(keepends=True))
        missing = [path for path in paths if path not in self.files]
        said = "".join(f"sed: can't read {path}: No such file or directory\n" for path in missing)
        return Output(stderr=said, exit=2 if missing else 0)

    def _git(self, words: list[str]) -> Output:
        repository = self.world.git.repository(REPOSITORY)
        if words[:1] != ["commit"]:
            done = run_git("--no-pager", *words, cwd=repository.path)
            return Output(done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"), done.returncode)
        message = next((word for word in reversed(words[1:]) if not word.startswith("-")), "Change the manifests")
        tree = repository.tree() if repository.branches else None
        known = {path: tree.read(path).decode() for path in tree.files()} if tree else {}
        changed: dict[str, str | None] = {path: text for path, text in self.files.items() if known.get(path) != text}
        changed |= {path: None for path in known if path not in self.files}
        if not changed:
            return Output("nothing to commit, working tree clean\n", exit=1)
        self.world.do("commit", repo=REPOSITORY, message=message, files=changed, by=LEARNER)
        return self._git(["log", "-1", "--format=[%D %h] %s"])


_SCRIPT = re.compile(r"s/[^/]+/[^/]*/g?|/[^/]+/d")


def _edited(line: str, script: str) -> str:
    """One line after a script; words in it stand for themselves."""
    if script.endswith("/d"):
        return "" if script[1:-2] in line else line
    if not script:
        return line
    _, old, new, everywhere = script.split("/")
    return line.replace(old, new, -1 if everywhere else 1)
