"""A class that was graded: one row a learner, whoever handed in what."""

from __future__ import annotations

import csv
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from gitops_sim.course.exercises import load_exercise
from gitops_sim.course.grading import Classroom, write_result
from gitops_sim.course.session import Session
from tests.course.grading.handing_in import EXERCISE, graded, of, raw, row_of, wrong

ROSTER = "id,name,email\nana,Ana Silva,ana@example.org\nben,Ben Okafor,ben@example.org\ncleo,Cleo Wu,\n4711,Dora,\n"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("class")
    folder = home / "in"
    (folder / "ben").mkdir(parents=True)
    (folder / "ana.yaml").write_text(of("ana", name="Somebody else", hints=2))
    (folder / "ben" / "try-2.yaml").write_text(wrong("ben"))
    (folder / "ben" / "try-10.yaml").write_text(of("ben"))
    (folder / "ben" / "try-11.yaml").write_text("learner: {id: ben}\nactions: [")
    (folder / "4711_drift.zip").write_bytes(b"PK\x03\x04")
    (folder / "eve.yaml").write_text(of("eve", load_exercise("first-sync").solution, exercise="first-sync"))
    (folder / "nobody.yaml").write_text(of("x").replace("learner:\n  id: x\n  name: X\n", ""))
    (folder / ".DS_Store").write_bytes(b"\0\1\2")
    (home / "class.csv").write_text(ROSTER)
    write_result(graded(folder, roster=home / "class.csv"), home / "out")
    return home


@pytest.fixture(scope="module")
def room(home: Path) -> Classroom:
    return graded(home / "in", roster=home / "class.csv")


def cells(out: Path) -> list[dict[str, str]]:
    with (out / "grades.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_there_is_one_row_for_everybody_the_class_list_first(room: Classroom) -> None:
    assert [row.id for row in room.rows] == ["ana", "ben", "cleo", "4711", "eve", ""]
    assert [row.status for row in room.rows] == ["graded", "partly graded", "missing", "not graded", "graded", "graded"]


def test_the_class_list_has_the_last_word_on_names(room: Classroom) -> None:
    assert row_of(room, "ana").name == "Ana Silva"


def test_the_last_that_can_be_replayed_counts_in_the_order_that_people_count(room: Classroom) -> None:
    work = row_of(room, "ben").work(EXERCISE)
    assert work is not None
    assert [attempt.label for attempt in work.attempts] == ["ben/try-2.yaml", "ben/try-10.yaml"]
    assert work.counts is not None
    assert work.counts.label == "ben/try-10.yaml"
    assert work.counts.points == work.counts.max_points
    assert "ben/try-11.yaml" in row_of(room, "ben").reason


def test_a_file_that_says_nothing_belongs_to_whom_its_name_says(room: Classroom) -> None:
    row = row_of(room, "4711")
    assert "is a zip archive" in row.reason
    assert row.notes == ["4711_drift.zip does not say whose it is; its name says 4711"]


def test_whoever_is_missing_and_whoever_is_unknown_is_told(room: Classroom) -> None:
    assert row_of(room, "cleo").reason == "nothing was handed in"
    assert row_of(room, "eve").notes == ["not on the class list"]
    assert room.rows[-1].notes == ["nobody knows whose it is"]
    assert room.rows[-1].points > 0


def test_equal_work_is_noticed_and_graded_alike(tmp_path: Path) -> None:
    long = load_exercise("hands-on").solution
    for learner in ("ana", "ben"):
        (tmp_path / f"{learner}.yaml").write_text(of(learner, long, exercise="hands-on"))
        (tmp_path / f"{learner}-short.yaml").write_text(of(learner))
    room = graded(tmp_path)
    assert row_of(room, "ana").points == row_of(room, "ben").points
    assert row_of(room, "ana").notes == ["hands-on: the same actions at the same times as ben"]


def test_a_file_named_after_one_that_says_it_is_anothers_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "class.csv").write_text(ROSTER)
    (tmp_path / "ben.yaml").write_text(of("ana"))
    room = graded(tmp_path, roster=tmp_path / "class.csv")
    assert row_of(room, "ana").notes == ["ben.yaml is named after ben, but says it is ana's"]
    assert row_of(room, "ben").status == "missing"


def test_the_table_says_what_the_rows_say(home: Path, room: Classroom) -> None:
    rows = cells(home / "out")
    assert [row["id"] for row in rows] == [row.id for row in room.rows]
    ana = rows[0]
    most = load_exercise(EXERCISE).max_points
    assert ana[EXERCISE] == str(most)
    assert ana[f"{EXERCISE}: heals"] == "3"
    assert ana["help"] == f"{EXERCISE}: 2 hints"
    assert ana["max_points"] == str(most + load_exercise("first-sync").max_points)
    assert rows[2][EXERCISE] == ""


def test_the_json_holds_each_check_with_its_reason(home: Path) -> None:
    data = json.loads((home / "out" / "grades.json").read_text())
    ben = next(row for row in data["learners"] if row["id"] == "ben")
    first = ben["work"][0]["attempts"][0]
    assert (first["file"], first["counts"]) == ("ben/try-2.yaml", False)
    failed = next(check for check in first["checks"] if check["id"] == "heals")
    assert set(failed) == {"id", "description", "points", "max_points", "passed", "cause", "beliefs"}
    assert set(failed["cause"]) == {"rationale", "help", "expected", "actual", "at"}
    assert failed["passed"] is False
    assert failed["beliefs"] == ["autosync-heals"]


def test_the_same_files_give_the_same_bytes_however_they_are_graded(home: Path, tmp_path: Path) -> None:
    for jobs in (1, 3):
        write_result(graded(home / "in", roster=home / "class.csv", jobs=jobs), tmp_path / f"out{jobs}")
    first = {p.relative_to(home / "out"): p.read_bytes() for p in (home / "out").rglob("*.*")}
    for out in (tmp_path / "out1", tmp_path / "out3"):
        assert {p.relative_to(out): p.read_bytes() for p in out.rglob("*.*")} == first


class _Tags(HTMLParser):
    """Collects what a page is made of, and fails on tags that are not closed in order."""

    void = ("meta", "br")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in self.void:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_pages_stand_alone_without_scripts_and_are_well_formed(home: Path) -> None:
    pages = [*(home / "out").rglob("*.html")]
    assert len(pages) == 6
    for page in pages:
        text = page.read_text(encoding="utf-8")
        parser = _Tags()
        parser.feed(text)
        assert not parser.open
        names = {tag for tag, _ in parser.seen}
        assert not names & {"script", "img", "link", "iframe", "object", "form", "base"}
        for _, attributes in parser.seen:
            assert not [name for name in attributes if name.startswith("on") or name in ("src", "srcset", "action")]
            link = attributes.get("href")
            assert link is None or re.fullmatch(r"learners/[a-z0-9_.-]+\.html", link)
        assert "url(" not in text


def test_a_page_says_what_was_expected_and_found_when_and_what_to_try_next(tmp_path: Path) -> None:
    (tmp_path / "ben.yaml").write_text(wrong("ben"))
    write_result(graded(tmp_path / "ben.yaml"), tmp_path / "out")
    for page in (tmp_path / "out" / "learners").iterdir():
        text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.read_text(encoding="utf-8")))
        for told in (
            "3 of 8 points",
            "Deployment/web 3 ready within 1m",
            "09:51:02",
            "try next",
            "Argo CD has a switch of its own",
            "Help used: none.",
            "kubectl scale deployment web --replicas=3",
            "✗",
            "not yet",
            "0 of 1 answered",
        ):
            assert told in text, f"{page.name}: {told}"


def test_the_class_page_counts_checks_and_beliefs(tmp_path: Path) -> None:
    for learner, belief in (("ana", ""), ("ben", "apply-is-sync"), ("cleo", "autosync-heals")):
        (tmp_path / f"{learner}.yaml").write_text(wrong(learner, belief) if belief else of(learner))
    write_result(graded(tmp_path), tmp_path / "out")
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", (tmp_path / "out" / "index.html").read_text(encoding="utf-8")))
    assert "Auto-sync puts drift right. 2 Argo CD does so only with selfHeal" in text
    assert re.search(r"is undone within a minute 1 2 0 33.3 %", text)


def test_answers_are_graded_and_stand_beside_the_points(tmp_path: Path) -> None:
    exercise = load_exercise(EXERCISE)
    item = exercise.questions[0]
    right = json.dumps(item.ask(exercise.seed).right_answer)
    action = f"- {{at: 1m, do: answer, question: {item.id}, value: {right}}}"
    (tmp_path / "ana.yaml").write_text(raw("ana", action))
    room = graded(tmp_path)
    attempt = row_of(room, "ana").graded[0]
    assert attempt.answered == (item.points, item.points)
    assert row_of(room, "ana").points == attempt.points
    write_result(room, tmp_path / "out")
    assert cells(tmp_path / "out")[0][f"{EXERCISE}: questions"] == f"{item.points:g}"
    assert "1 of 1 answered" in (tmp_path / "out" / "learners" / "ana.txt").read_text()


def test_what_submit_writes_is_graded_as_check_said(tmp_path: Path) -> None:
    session = Session(EXERCISE, tmp_path / "work")
    session.run("12m")
    session.argocd("app set web --self-heal")
    session.answer(session.exercise.questions[0].id, session.exercise.questions[0].ask(session.exercise.seed).right_answer)
    session.hint()
    session.run("50m")
    said = session.check()
    path = session.submit(learner="=4711", name="Zoë <b>O'Neill</b>")
    room = graded(path)
    attempt = row_of(room, "=4711").graded[0]
    assert (attempt.points, attempt.max_points) == (said.points, said.max_points)
    assert [check.as_json()["cause"] for check in attempt.checks] == [check.as_json()["cause"] for check in said.checks]
    assert attempt.hints == 1
    assert attempt.answered[0] > 0
    assert attempt.trace_digest == said.world.trace.digest()
