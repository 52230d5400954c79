"""What command lines written in Go say of flags that they cannot read, in the place of what argparse says.

Source: github.com/spf13/pflag (errors.go, flag.go) and the errors of Go's strconv.
"""

from __future__ import annotations

import re

_FLAG = r"argument (?:\S*/)?(-[^\s/]+)"
_WORDS = (
    (re.compile(rf"{_FLAG}: expected one argument"), r"flag needs an argument: \1"),
    (
        re.compile(rf"{_FLAG}: invalid int value: '(.*)'"),
        r'invalid argument "\2" for "\1" flag: strconv.ParseInt: parsing "\2": invalid syntax',
    ),
    (
        re.compile(rf"{_FLAG}: not a switch: (.*)"),
        r'invalid argument "\2" for "\1" flag: strconv.ParseBool: parsing "\2": invalid syntax',
    ),
)


def in_go_words(complaint: str) -> str:
    """argparse's complaint of the value of a flag; empty for any other."""
    return next((pattern.sub(words, complaint) for pattern, words in _WORDS if pattern.match(complaint)), "")


def unknown_flag(word: str) -> str:
    """``unknown flag: --prun`` of ``--prun=true``."""
    flag = word.partition("=")[0]
    return f"unknown flag: {flag}" if flag.startswith("--") else f"unknown shorthand flag: {flag[1]!r} in {flag}"
