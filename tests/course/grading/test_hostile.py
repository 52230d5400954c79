"""Submissions that mean harm, or look as if they did: each ends in a row with a plain reason, soon, and touches nothing."""

from __future__ import annotations

import gzip
import io
import json
import os
import socket
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from gitops_sim.course.grading import Classroom, Row, write_result
from gitops_sim.course.grading.replay import replay
from tests.course.grading.handing_in import SMALL, graded, of, raw, row_of

SECONDS_FOR_ALL = 100


class Case(NamedTuple):
    """``name`` of the file; what is in it; what the reason says (empty: it is harmless, and graded)."""

    name: str
    content: str | bytes
    reason: str


def bomb(levels: int = 12) -> str:
    lines = ["version: 1", "a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, levels)]
    return "\n".join(lines)


def zipped() -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.yaml", b"0" * 20_000_000)
    return data.getvalue()


def kubectl(args: str, at: str = "5m") -> str:
    return f"- {{at: {at}, do: kubectl, args: {json.dumps(args)}}}"


def commit(file: str, content: str = "x", repo: str = "shop") -> str:
    return f"- {{at: 5m, do: commit, repo: {json.dumps(repo)}, message: m, files: {{{json.dumps(file)}: {json.dumps(content)}}}}}"


HUGE = json.dumps(
    {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {
            "replicas": 1_000_000_000,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {"containers": [{"name": "web", "image": "shop/web:1.4.0"}]},
            },
        },
    }
)
ITSELF = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "Application",
    "metadata": {"name": "self", "namespace": "argocd"},
    "spec": {
        "project": "default",
        "source": {"repoURL": "https://git.example/shop.git", "path": "web"},
        "destination": {"server": "https://kubernetes.default.svc", "namespace": "default"},
        "syncPolicy": {"automated": {"prune": True, "selfHeal": True}},
    },
}
STORM = "\n".join(kubectl("scale deployment web --replicas=900", at=str(n + 2)) for n in range(1_500))
DEEP = "version: 1\nactions: " + "[" * 5_000 + "]" * 5_000
MANY = "\n".join(kubectl("get pods", at=str(n)) for n in range(10_000))

CASES = {
    "a forged result": Case("h01.yaml", raw("h01", kubectl("get pods"), more="points: 100\n"), "unknown field 'points'"),
    "a forged check": Case("h02.yaml", raw("h02", "- {at: 1m, do: check, id: heals, passed: true}"), "unknown action 'check'"),
    "a time before the beginning": Case("h03.yaml", raw("h03", kubectl("get pods", at="-5")), "a duration cannot be -5"),
    "time that runs backwards": Case(
        "h04.yaml", raw("h04", kubectl("get pods", at="9m") + "\n" + kubectl("get pods", at="1m")), "comes after an action"
    ),
    "a time after the end of the world": Case("h05.yaml", raw("h05", kubectl("get pods", at="900d"), ends="900d"), "too many"),
    "a time after the exercise": Case(
        "h06.yaml", raw("h06", kubectl("get pods", at="20h"), ends="20h"), "the exercise ends after 1h30m"
    ),
    "an action that is not allowed": Case(
        "h07.yaml", raw("h07", "- {at: 1m, do: reset, repo: shop, branch: main, to: HEAD}"), "is done without 'reset'"
    ),
    "acting as somebody else": Case(
        "h08.yaml", raw("h08", "- {at: 1m, do: kubectl, args: get pods, by: ben}"), "you cannot act as ben"
    ),
    "a file outside the repository": Case("h09.yaml", raw("h09", commit("../../../../etc/cron.d/x")), "invalid path"),
    "a file with an absolute path": Case("h10.yaml", raw("h10", commit("/etc/cron.d/x")), "invalid path"),
    "a file in .git": Case("h11.yaml", raw("h11", commit(".git/hooks/post-commit")), "invalid path"),
    "a repository that is a path": Case("h12.yaml", raw("h12", commit("a", repo="../../../tmp")), "not found"),
    "a revision that is an option": Case(
        "h13.yaml", raw("h13", "- {at: 1m, do: revert, repo: shop, commit: --upload-pack=id}"), "unknown revision"
    ),
    "an exercise that is a path": Case(
        "h14.yaml", of("h14").replace("id: drift-and-reconcile", "id: ../../../tmp/evil"), "no exercise '../../../tmp/evil'"
    ),
    "an exercise that does not exist": Case("h15.yaml", of("h15").replace("drift-and", "give-me"), "no exercise"),
    "a version that does not exist": Case(
        "h16.yaml", of("h16").replace("  version: 1", "  version: 99"), "this course has version 1"
    ),
    "a forged seed": Case("h17.yaml", raw("h17", kubectl("get pods"), seed=4711), "seed 4711; the exercise has 7"),
    "an alias bomb": Case("h18.yaml", bomb() + "\nlearner: {id: h18}\n", "expands to more than"),
    "a zip bomb": Case("h19.zip", zipped(), "is a zip archive"),
    "a zip bomb in disguise": Case("h20.yaml", zipped(), "is a zip archive"),
    "a gzip file": Case("h21.yaml.gz", gzip.compress(b"0" * 1_000_000), "is a gzip archive"),
    "binary": Case("h22.yaml", bytes(range(256)) * 10, "is not a text file"),
    "not UTF-8": Case("h23.yaml", b"version: 1\nlearner: {id: h23, name: \xff\xfe}\n", "is not UTF-8 text"),
    "too many actions": Case("h24.yaml", raw("h24", MANY), "the limit is 2000"),
    "a billion replicas by command": Case(
        "h25.yaml", raw("h25", kubectl("scale deployment web --replicas=1000000000")), "the replay was stopped"
    ),
    "a billion replicas in Git": Case("h26.yaml", raw("h26", commit("web/deployment.yaml", HUGE)), "the replay was stopped"),
    "a storm of reconciling": Case(
        "h27.yaml", raw("h27", "- {at: 1, do: argocd, args: app set web --self-heal}\n" + STORM), "the replay was stopped"
    ),
    "a command that waits for years": Case(
        "h28.yaml", raw("h28", kubectl("wait --for=delete deployment/web --timeout=100000h")), ""
    ),
    "deep nesting": Case("h29.yaml", DEEP, "nested more than"),
    "a key given twice": Case("h30.yaml", of("h30") + "seed: 9\n", "is given twice"),
    "a wrong type": Case("h31.yaml", raw("h31", "- {at: 1m, do: kubectl, args: [get, pods]}"), "must be text"),
    "a list instead of a log": Case("h32.yaml", "- {learner: {id: h32}, points: 100}", "is not an action log"),
    "a file of the grader's machine": Case("h33.yaml", raw("h33", kubectl("apply -f /etc/passwd")), ""),
    "a command for a shell": Case("h34.yaml", raw("h34", kubectl("get pods; touch h34-was-here")), ""),
    "a number beyond all numbers": Case("h35.yaml", raw("h35", kubectl("get pods", at="1e999")), "not a number"),
    "an Application that keeps itself": Case("h40.yaml", raw("h40", commit("web/app.yaml", json.dumps(ITSELF))), ""),
    "a quote that is never closed": Case("h41.yaml", raw("h41", '- {at: 1m, do: argocd, args: "app get \'web"}'), ""),
    "a button that is never closed": Case(
        "h42.yaml", raw("h42", '- {at: 1m, do: dashboard, args: "sync \'web"}'), "is not closed"
    ),
    "an empty file": Case("h36.yaml", "", "is empty"),
    "a notebook": Case("h37.ipynb", json.dumps({"cells": [], "nbformat": 4}), "does not end in .yaml"),
    "code instead of data": Case("h38.yaml", "!!python/object/apply:os.system ['touch h38-was-here']", "not an action log"),
    "an answer to a question that nobody asked": Case(
        "h39.yaml", raw("h39", "- {at: 1m, do: answer, question: ../x, value: 1}"), "no question '../x'"
    ),
}
PLACES: dict[str, tuple[str, Callable[[Path], None], str]] = {
    "a link to a file of the machine": ("p1.yaml", lambda path: path.symlink_to("/etc/passwd"), "is a link"),
    "a link to nowhere": ("p2.yaml", lambda path: path.symlink_to("/nowhere/at/all"), "is a link"),
    "a folder named as a file": ("p3.yaml", lambda path: path.mkdir(), "is a folder"),
    "a pipe that nobody writes to": ("p4.yaml", lambda path: os.mkfifo(path), "is a named pipe"),
    "a hundred megabytes": ("p5.yaml", lambda path: big(path), "is 100.0 MB large; the limit is 2 MB"),
    "a link to a folder": ("p6", lambda path: path.symlink_to("/etc", target_is_directory=True), "is a link"),
}


def big(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(100_000_000)


class Done(NamedTuple):
    room: Classroom
    home: Path
    seconds: float

    def row(self, name: str) -> Row:
        """The row that speaks of a file."""
        return next(row for row in self.room.rows for work in row.works for a in work.attempts if a.label == name)


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Done:
    """All of them handed in at once, between two honest learners."""
    home = tmp_path_factory.mktemp("hostile")
    folder = home / "in"
    folder.mkdir()
    for case in CASES.values():
        content = case.content.encode() if isinstance(case.content, str) else case.content
        (folder / case.name).write_bytes(content)
    for name, make, _ in PLACES.values():
        make(folder / name)
    (folder / "a-honest.yaml").write_text(of("ana"))
    (folder / "z-honest.yaml").write_text(of("zoe"))
    start = time.monotonic()
    room = graded(folder)
    seconds = time.monotonic() - start
    write_result(room, home / "out")
    return Done(room, home, seconds)


@pytest.mark.parametrize("what", CASES)
def test_it_ends_in_a_row_with_a_plain_reason(done: Done, what: str) -> None:
    case = CASES[what]
    row = done.row(case.name)
    if case.reason:
        assert (row.status, row.points) == ("not graded", 0)
        assert case.reason in row.reason
        assert "Traceback" not in row.reason
        assert str(done.home) not in row.reason
    else:
        assert row.status == "graded"


@pytest.mark.parametrize("what", [what for what, case in CASES.items() if "stopped" not in case.reason])
def test_a_system_without_forks_says_the_same(done: Done, what: str) -> None:
    """Where nothing can be forked, the same function is called without a copied world."""
    case = CASES[what]
    told = next(a for row in done.room.rows for work in row.works for a in work.attempts if a.label == case.name)
    if case.name.endswith(".yaml") and isinstance(case.content, str) and case.content:
        reply = replay(case.content.encode(), case.name, SMALL)
        assert (reply["state"], reply.get("reason", "")) == (told.state, told.reason)


@pytest.mark.parametrize("what", PLACES)
def test_what_is_no_file_is_not_opened(done: Done, what: str) -> None:
    name, _, reason = PLACES[what]
    row = done.row(name)
    assert (row.status, row.points) == ("not graded", 0)
    assert reason in row.reason


def test_whoever_is_named_in_a_broken_file_has_one_row(done: Done) -> None:
    for learner in ("h01", "h18", "h24", "h30"):
        assert row_of(done.room, learner).status == "not graded"


def test_the_honest_ones_before_and_after_have_all_their_points(done: Done) -> None:
    for learner in ("ana", "zoe"):
        row = row_of(done.room, learner)
        assert (row.status, row.points) == ("graded", done.room.max_points)


def test_nothing_is_left_anywhere_but_in_the_result(done: Done) -> None:
    assert {path.name for path in done.home.iterdir()} == {"in", "out"}
    assert {path.name for path in (done.home / "out").iterdir()} == {"grades.csv", "grades.json", "index.html", "learners"}
    assert not [*Path.cwd().glob("h3*-was-here")]
    expected = {case.name for case in CASES.values()} | {name for name, _, _ in PLACES.values()}
    assert {p.name for p in (done.home / "in").iterdir()} == expected | {"a-honest.yaml", "z-honest.yaml"}


def test_all_together_take_seconds(done: Done) -> None:
    assert done.seconds < SECONDS_FOR_ALL, f"{done.seconds:.0f} s"


def test_a_socket_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # names of sockets must be short
    with socket.socket(socket.AF_UNIX) as made:
        made.bind("x.yaml")
        assert "is a socket" in graded(tmp_path).rows[0].reason


NAMES = {
    "script": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "quotes": "\"'><svg onload=alert(1)>",
    "formula": '=HYPERLINK("http://x","win")',
    "formula behind a tab": "\t=1+1",
    "minus": "-2+3+cmd|' /C calc'!A0",
    "at": "@SUM(1)",
    "path": "../../../../etc/passwd",
    "windows path": "C:\\con\\..\\x",
    "reserved": "con",
    "index": "index",
    "bidi": "ana\u202egnp.exe",
    "zero width": "an\u200ba",
    "line break": "ana\nben",
    "escape": "\x1b[31mred\x1b[0m",
    "emoji and scripts": "Zoë 李 🦊 עדה",
    "dots": "...",
    "long": "x" * 200,
}


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> tuple[Classroom, Path]:
    home = tmp_path_factory.mktemp("names")
    (home / "in").mkdir()
    for number, name in enumerate(NAMES.values()):
        (home / "in" / f"n{number:02}.yaml").write_text(of(name, name=name))
    room = graded(home / "in")
    write_result(room, home / "out")
    return room, home


def test_every_name_has_a_row_and_two_files_of_its_own(named: tuple[Classroom, Path]) -> None:
    room, home = named
    assert [row.status for row in room.rows] == ["graded"] * len(NAMES)
    files = sorted((home / "out" / "learners").iterdir())
    assert len(files) == 2 * len(NAMES)
    for path in files:
        assert path.name.isascii()
        assert len(path.name) < 100
        assert not set(path.name) - set("abcdefghijklmnopqrstuvwxyz0123456789-_.")
        assert path.name not in ("con.html", "index.html")
    assert sorted(p.name for p in home.iterdir()) == ["in", "out"]


def test_no_name_becomes_markup_or_hides_anything(named: tuple[Classroom, Path]) -> None:
    _, home = named
    for path in (home / "out").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert "<script" not in text
        assert "<svg" not in text
        assert "<img" not in text
    for path in (home / "out").rglob("*.*"):
        text = path.read_text(encoding="utf-8")
        assert not set("\u202e\u200b\x1b") & set(text), path.name


def test_no_cell_of_the_table_is_a_formula(named: tuple[Classroom, Path]) -> None:
    import csv

    _, home = named
    with (home / "out" / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(NAMES)
    for row in rows:
        for column in ("id", "name", "reason", "notes", "files"):
            assert not row[column].lstrip().startswith(("=", "+", "-", "@", "\t", "\r")), row[column]
    assert any(row["name"].startswith("'=HYPERLINK") for row in rows)


def test_script_in_what_a_learner_did_stays_text(tmp_path: Path) -> None:
    evil = "</pre><script>alert(1)</script>\\e[2J\\u202e"
    actions = f"- {{at: 1m, do: kubectl, args: \"label deployment web '{evil}'\"}}"
    (tmp_path / "in.yaml").write_text(raw("ana", actions))
    room = graded(tmp_path / "in.yaml")
    write_result(room, tmp_path / "out")
    page = (tmp_path / "out" / "learners" / "ana.html").read_text(encoding="utf-8")
    assert "&lt;script&gt;alert(1)" in page
    assert "<script" not in page
    for path in (tmp_path / "out" / "learners").iterdir():
        assert not set("\u202e\x1b") & set(path.read_text(encoding="utf-8"))
