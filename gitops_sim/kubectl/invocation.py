"""One kubectl command while it runs: what it was given, what it may touch, and what it has printed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from gitops_sim.clock import EPOCH
from gitops_sim.cluster import Cluster
from gitops_sim.kubectl.files import Files
from gitops_sim.kubectl.flags import FALSE, TRUE, Flag, Flags
from gitops_sim.kubectl.problems import KubectlError, usage

Wait = Callable[[Callable[[], bool], float], bool]
"""Lets time pass until a condition holds, at most so many seconds; says whether it held."""

PATIENCE = 3600.0
"""Simulated seconds after which a command gives up that would wait for ever."""

DryRun = Literal["none", "client", "server"]


class Invocation:
    """What a command works with. ``command`` is its full name (``kubectl rollout status``)."""

    def __init__(
        self,
        command: str,
        cluster: Cluster,
        flags: Flags,
        args: Sequence[str],
        *,
        default_namespace: str,
        files: Files,
        stdin: str,
        wait: Wait | None,
    ) -> None:
        self.command, self.cluster, self.flags, self.args = command, cluster, flags, list(args)
        self.files, self.stdin = files, stdin
        self._default_namespace, self._wait = default_namespace, wait
        self._out: list[str] = []
        self._err: list[str] = []
        self._warned: set[str] = set()

    def __getitem__(self, flag: str) -> Any:
        """The value of a flag."""
        return self.flags[flag]

    @property
    def now(self) -> float:
        """Simulated seconds."""
        return self.cluster.clock.now

    @property
    def namespace(self) -> str:
        return str(self.flags["namespace"]) or self._default_namespace

    @property
    def namespace_given(self) -> bool:
        """Whether ``-n`` was given, so that manifests of another namespace are refused."""
        return bool(self.flags["namespace"])

    @property
    def dry_run(self) -> DryRun:
        """Raises KubectlError for a value that means nothing."""
        value = self.flags["dry-run"]
        if value in ("client", "server", "none"):
            strategy: DryRun = value
            return strategy
        if value == "unchanged" or value in TRUE:
            return "client"
        if value in FALSE:
            return "none"
        raise KubectlError(f'Invalid dry-run value ({value}). Must be "none", "server", or "client".')

    @property
    def line(self) -> str:
        """The command line, as ``--record`` writes it down."""
        return " ".join([self.command, *self.args, *(f"--{name}={text}" for name, text in self.flags.words)])

    def say(self, text: str) -> None:
        """Standard output, as it stands."""
        self._out.append(text)

    def warn(self, text: str) -> None:
        """Standard error, as it stands."""
        self._err.append(text)

    def log_line(self, level: str, place: str, text: str) -> str:
        """A line of kubectl's own log: ``W0105 09:00:00.000000       1 helpers.go:704] text``."""
        time = (EPOCH + timedelta(seconds=self.now)).strftime("%m%d %H:%M:%S.%f")
        return f"{level}{time}       1 {place}] {text}\n"

    def warn_of(self, warnings: Iterable[str]) -> None:
        """Passes on what the server warns of, each but once."""
        for warning in warnings:
            if warning and warning not in self._warned:
                self._warned.add(warning)
                self.warn(f"Warning: {warning}\n")

    def output(self) -> tuple[str, str]:
        return "".join(self._out), "".join(self._err)

    @property
    def silent(self) -> bool:
        """Whether nothing went to standard output yet."""
        return not any(self._out)

    @property
    def can_wait(self) -> bool:
        """Whether there is a clock to turn."""
        return self._wait is not None

    def wait(self, condition: Callable[[], bool], timeout: float) -> bool:
        """Lets time pass; without a clock of its own to turn, the command only looks at what is."""
        return condition() if self._wait is None else self._wait(condition, timeout)

    def no_arguments(self) -> None:
        if self.args:
            raise usage(self.command, f"Unexpected args: [{' '.join(self.args)}]")


@dataclass(frozen=True, slots=True)
class Command:
    """``path`` is the name without ``kubectl``; ``use`` shows the arguments, ``example`` one way to call it."""

    path: str
    run: Callable[[Invocation], None]
    about: str
    use: str = ""
    flags: tuple[Flag, ...] = ()
    aliases: tuple[str, ...] = ()
    example: str = ""
    failure: int = 1
    """The exit code after an error."""
