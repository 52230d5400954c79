"""Flags in every spelling, as pflag reads them."""

from __future__ import annotations

import pytest

from gitops_sim.kubectl.flags import Flag, parse, parse_go_duration
from gitops_sim.kubectl.problems import FlagError

KNOWN = (
    Flag("output", short="o"),
    Flag("all", "bool", short="A"),
    Flag("recursive", "bool", short="R", default=True),
    Flag("replicas", "int", short="r", default=1),
    Flag("timeout", "duration"),
    Flag("filename", "list", short="f"),
    Flag("env", "array"),
    Flag("dry-run", default="none", bare="unchanged"),
)


@pytest.mark.parametrize(
    ("words", "name", "value", "arguments"),
    [
        (["--output", "yaml", "x"], "output", "yaml", ["x"]),
        (["--output=yaml"], "output", "yaml", []),
        (["--output="], "output", "", []),
        (["-o", "yaml"], "output", "yaml", []),
        (["-oyaml"], "output", "yaml", []),
        (["-o=yaml"], "output", "yaml", []),
        (["-o="], "output", "=", []),
        (["-Aoyaml"], "output", "yaml", []),
        (["-A"], "all", True, []),
        (["--all=false"], "all", False, []),
        (["--all", "false"], "all", True, ["false"]),
        ([], "recursive", True, []),
        (["-R=0"], "recursive", False, []),
        (["-r3"], "replicas", 3, []),
        (["--replicas", "-3"], "replicas", -3, []),
        (["--replicas=0x10"], "replicas", 16, []),
        (["--replicas=0b11"], "replicas", 3, []),
        (["--replicas=017"], "replicas", 15, []),
        (["--replicas=1_000"], "replicas", 1000, []),
        (["--timeout=1m30s"], "timeout", 90.0, []),
        (["-f", "a,b", "-f", "c"], "filename", ("a", "b", "c"), []),
        (["-f", 'a,"b,c"'], "filename", ("a", "b,c"), []),
        (["-f", "a\nb"], "filename", ("a\nb",), []),
        (["--env=a,b", "--env=c"], "env", ("a,b", "c"), []),
        (["--dry-run", "x"], "dry-run", "unchanged", ["x"]),
        (["--dry-run=client"], "dry-run", "client", []),
        (["a", "--", "-o", "b"], "output", "", ["a", "-o", "b"]),
        (["-", "a"], "output", "", ["-", "a"]),
    ],
)
def test_flags_are_read(words: list[str], name: str, value: object, arguments: list[str]) -> None:
    flags, found = parse(KNOWN, words)
    assert flags[name] == value
    assert found == arguments
    assert len(flags) == len(KNOWN)
    assert set(flags) == {flag.name for flag in KNOWN}


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--nope"], "unknown flag: --nope"),
        (["--nope=1"], "unknown flag: --nope"),
        (["--=1"], "bad flag syntax: --=1"),
        (["---a"], "bad flag syntax: ---a"),
        (["-x"], "unknown shorthand flag: 'x' in -x"),
        (["-Ax"], "unknown shorthand flag: 'x' in -x"),
        (["--output"], "flag needs an argument: --output"),
        (["-o"], "flag needs an argument: 'o' in -o"),
        (["--all=maybe"], 'invalid argument "maybe" for "-A, --all" flag: strconv.ParseBool: parsing "maybe": invalid syntax'),
        (["-r", "x"], 'invalid argument "x" for "-r, --replicas" flag: strconv.ParseInt: parsing "x": invalid syntax'),
        (
            ["-r", "9" * 20],
            f'invalid argument "{"9" * 20}" for "-r, --replicas" flag: '
            f'strconv.ParseInt: parsing "{"9" * 20}": value out of range',
        ),
        (["--timeout=5"], 'invalid argument "5" for "--timeout" flag: time: missing unit in duration "5"'),
        (["--timeout=5x"], 'invalid argument "5x" for "--timeout" flag: time: unknown unit "x" in duration "5x"'),
        (["--timeout=x"], 'invalid argument "x" for "--timeout" flag: time: invalid duration "x"'),
        (["--timeout=1s2"], 'invalid argument "1s2" for "--timeout" flag: time: missing unit in duration "1s2"'),
    ],
)
def test_flags_are_refused(words: list[str], why: str) -> None:
    with pytest.raises(FlagError) as refused:
        parse(KNOWN, words)
    assert str(refused.value) == why


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0", 0.0), ("-1.5h", -5400.0), ("+2m", 120.0), ("1h2m3s4ms", 3723.004), (".5s", 0.5), ("", None), ("s", None)],
)
def test_durations_are_those_of_go(text: str, seconds: float | None) -> None:
    assert parse_go_duration(text) == seconds
