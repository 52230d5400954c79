"""An exercise goes on where it was left, whatever happens to the kernel, the files, or the order of the cells."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gitops_sim.actions import load_actions
from gitops_sim.course.commands import named_set, told
from gitops_sim.course.exercises import play
from gitops_sim.course.exercises.rules import Refused
from gitops_sim.course.quiz import NotAnAnswer
from gitops_sim.course.session import Session
from gitops_sim.errors import BadInput
from tests.course.exercises.small import write

WEB = "/apis/apps/v1/namespaces/default/deployments/web"


@pytest.fixture(name="session")
def _session(tmp_path: Path) -> Session:
    return Session(write(tmp_path), tmp_path / "course")


def again(session: Session) -> Session:
    """The same exercise after a restart."""
    return Session(session.exercise, session.workspace.folder)


def test_a_learner_plays_checks_and_hands_in(session: Session) -> None:
    told = session.run("2m")
    assert "ben      kubectl scale deployment web --replicas=5" in told
    assert "5/5" in session.kubectl("get deployment web").stdout
    assert not session.check().passed
    session.kubectl("scale deployment web --replicas=2")
    session.run("1m")
    assert session.check().passed
    path = session.submit(learner="4711", name="Ana Silva")
    log = load_actions(path.read_bytes(), path.name)
    assert log.learner == {"id": "4711", "name": "Ana Silva"}
    assert log.exercise == {"id": "small", "version": 1}
    assert log.help == {"hints": 0, "solution": False}
    graded = play(session.exercise, log)
    assert graded.passed
    record = session.workspace.records().exercises["small"]
    assert [attempt.points for attempt in record.attempts] == [0, 3, 3]
    assert record.submitted == 3


def test_what_the_learner_sees_is_what_a_grader_replays(session: Session) -> None:
    """Also at instants in which things happen: people act first, live as in a replay."""
    session.run("1m")  # ben acts in this very instant
    session.kubectl("scale deployment web --replicas=4")
    session.argocd("app get web")
    session.run(1.0)
    session.kubectl("rollout status deployment web")
    session.edit("More", "web/deployment.yaml", "replicas: 2", "replicas: 3")
    session.run("4m")
    session.revert()
    graded = play(session.exercise, session.log)
    session.world.clock.settle()
    assert graded.world.trace.digest() == session.world.trace.digest()


def test_a_restart_goes_on_where_it_was(session: Session) -> None:
    session.run("90s")
    session.kubectl("scale deployment web --replicas=2")
    other = again(session)
    assert (other.now, other.log.actions) == (90, session.log.actions)
    assert other.world.trace.digest() == session.world.trace.digest()


def test_two_windows_on_one_exercise_lose_nothing(session: Session) -> None:
    other = again(session)
    session.run("2m")
    other.kubectl("scale deployment web --replicas=2")
    session.run("30s")
    session.kubectl("get pods")
    assert [action.at for action in session.log.actions] == [120, 150]
    assert "Another window" in session.workspace.notes[0]
    assert again(session).log == session.log
    assert session.check().passed


def test_undo_takes_back_the_last_thing_and_its_time_but_no_answer(session: Session) -> None:
    session.run("2m")
    session.kubectl("scale deployment web --replicas=1")
    session.run("1m")
    session.answer("how-many", "five")
    assert session.undo().get("args") == "scale deployment web --replicas=1"
    assert session.now == 120
    assert [action.do for action in session.log.actions] == ["answer"]
    assert "5/5" in session.kubectl("get deployment web").stdout
    session.undo()
    with pytest.raises(BadInput, match="nothing to take back"):
        session.undo()


def test_what_cannot_be_done_leaves_no_trace(session: Session) -> None:
    session.run("10s")
    before = session.world.trace.digest()
    with pytest.raises(Refused, match="done without 'kubectl delete'"):
        session.kubectl("delete deployment web")
    with pytest.raises(BadInput, match="unknown branch 'nope'"):
        session.commit("x", {"a": "b"}, branch="nope")
    with pytest.raises(BadInput, match="unknown field"):
        session.do("kubectl", arg="get pods")
    with pytest.raises(BadInput, match="does not stand in"):
        session.edit("x", "web/deployment.yaml", "replicas: 99", "replicas: 1")
    with pytest.raises(BadInput, match="close the quotes"):
        session.kubectl("scale 'deployment web")
    with pytest.raises(NotAnAnswer):
        session.answer("how-many", ["five", 3])
    with pytest.raises(BadInput, match="did you mean 'how-many'"):
        session.answer("how-manny", "five")
    with pytest.raises(BadInput, match="not a duration"):
        session.run("soon")
    assert session.world.trace.digest() == before
    assert session.log.actions == ()
    assert again(session).log == session.log


def test_git_answers_questions_and_changes_nothing(session: Session, tmp_path: Path) -> None:
    assert "Deploy web" in session.git("log --oneline").stdout
    assert session.git("git show HEAD:web/none.yaml").exit != 0
    for args in ("push", "branch -D main", "log --output=x", "", "diff --ext-diff", "grep -Ovi web"):
        with pytest.raises(Refused):
            session.git(args)
    assert "replicas: 2" in session.read("web/deployment.yaml")


def test_files_that_a_command_names_come_from_the_repository(session: Session) -> None:
    session.run("2m")
    assert session.kubectl("apply -f web/").stdout.startswith("deployment.apps/web configured")
    assert set(session.log.actions[-1].get("files")) == {"web/deployment.yaml"}
    assert session.kubectl("apply -f none.yaml").exit == 1


@pytest.mark.parametrize(
    ("args", "file"),
    [
        ("appset generate sets.yaml", "sets.yaml"),
        ("argocd appset create --upsert -o json apps/sets.yaml", "apps/sets.yaml"),
        ("appset create --output=yaml sets.yaml --dry-run", "sets.yaml"),
        ("appset generate", ""),
        ("appset get web", ""),
    ],
)
def test_which_file_of_applicationsets_a_command_names(args: str, file: str) -> None:
    assert named_set(args) == file


def test_hints_come_one_by_one_and_are_kept_with_the_solution(session: Session) -> None:
    assert [session.hint() for _ in range(4)] == [*session.exercise.hints, session.exercise.hints[-1]]
    assert "scale deployment web --replicas=2" in session.solution()
    session.restart()
    assert (session.hints_used, session.solution_seen) == (3, True)
    assert session.submission().help == {"hints": 3, "solution": True}
    assert not session.submission().learner


def test_answers_are_graded_at_once_and_count_for_the_quiz(session: Session) -> None:
    assert not session.answer("how-many", "two").passed
    assert session.answer("how-many", "five").passed
    assert [(a.question, a.passed, a.at_attempt) for a in session.workspace.answers.attempts()] == [
        ("how-many", False, 1),
        ("how-many", True, 2),
    ]
    assert session.check().answers[0].passed


def test_time_stops_at_the_end_of_the_exercise(session: Session) -> None:
    session.run("1h")
    assert session.now == 600
    with pytest.raises(Refused, match="ends after 10m"):
        session.run("1s")
    session.kubectl("get pods")
    assert session.now == 600


# ---------------------------------------------------------------------- accidents


def test_an_exercise_whose_folder_is_deleted_goes_on(session: Session) -> None:
    session.run("2m")
    shutil.rmtree(session.exercise.folder)
    session.kubectl("scale deployment web --replicas=2")
    session.run("1m")
    assert session.check().passed
    assert "scale deployment web" in session.solution()


def test_a_log_that_is_deleted_or_broken_under_a_running_session_is_written_again(session: Session) -> None:
    session.run("2m")
    session.kubectl("scale deployment web --replicas=2")
    file = session.workspace.folder / "exercises" / "small.yaml"
    file.unlink()
    session.run("1m")
    assert again(session).log == session.log
    file.write_text("version: 1\nactions: [{at: 1, do: kub")
    assert session.check().passed
    assert again(session).log == session.log
    assert file.with_name("small.yaml.kept-1").exists()


def test_a_broken_log_begins_anew_and_stays_beside(session: Session) -> None:
    session.run("2m")
    file = session.workspace.folder / "exercises" / "small.yaml"
    file.write_text("version: 1\nactions: [{at: 1, do: kub")
    other = again(session)
    assert other.now == 0
    assert "kept as small.yaml.kept-1" in other.workspace.notes[0]
    other.run("1m")
    assert again(session).now == 60


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("version: 1\nseed", "version: 2\nseed", "is of version 2 of this exercise, not 1"),
        ("get pods", "delete pods", "cannot be replayed"),
    ],
)
def test_a_log_of_another_version_or_one_that_does_not_fit_begins_anew(session: Session, old: str, new: str, says: str) -> None:
    session.kubectl("get pods")
    file = session.workspace.folder / "exercises" / "small.yaml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    other = again(session)
    assert other.log.actions == ()
    assert says in other.workspace.notes[0]
    assert file.with_name("small.yaml.kept-1").exists()


def test_starting_again_keeps_what_was_done_beside(session: Session) -> None:
    session.run("2m")
    session.restart()
    assert (session.now, again(session).now) == (0, 0)
    session.run("1m")
    assert (session.workspace.folder / "exercises" / "small.yaml.kept-1").exists()


def test_the_nearest_repository_is_named(session: Session) -> None:
    with pytest.raises(BadInput, match="did you mean 'shop'"):
        session.git("log", repo="shopp")


def test_undo_takes_back_a_whole_command_of_the_real_kubectl_and_what_was_looked_at_after_it(session: Session) -> None:
    scale = {"method": "PATCH", "path": f"{WEB}/scale", "contentType": "application/merge-patch+json"}
    look = {"method": "GET", "path": WEB, "command": "kubectl get", "as": "Table"}
    session.run("2m")
    assert "5/5" in str(session.do("api", **look))
    session.do("api", **scale, body={"spec": {"replicas": 3}}, command="kubectl scale")
    session.do("api", **scale, body={"spec": {"replicas": 2}}, command="kubectl scale", continues=True)
    session.run("1m")
    assert "2/2" in str(session.do("api", **look))
    commands = [record.message for record in session.world.trace.find(event="CommandRun", actor="you")]
    assert commands == ["kubectl scale deployments/web/scale"]
    assert told(session.undo()) == "kubectl scale deployments"
    assert [action.get("method") for action in session.log.actions] == ["GET"]
    assert session.now == 120
    with pytest.raises(BadInput, match="nothing to take back"):
        session.undo()


def test_a_write_of_another_command_than_allowed_is_refused_whatever_it_says_of_itself(session: Session) -> None:
    for said in ({}, {"command": "kubectl get"}, {"command": "kubectl scale"}):
        with pytest.raises(Refused, match="done without 'kubectl delete'"):
            session.do("api", method="DELETE", path=WEB, **said)


def test_what_another_window_does_while_time_went_on_here_is_done_now(session: Session) -> None:
    """As in an exercise that is served: its time is written down only now and then."""
    session.run("1m")
    other = again(session)
    session.world.run("30s")
    other.kubectl("scale deployment web --replicas=4")
    served = session.world
    session.catch_up()
    assert session.world is served
    assert (session.now, session.log.actions[-1].at) == (90, 90)
    assert play(session.exercise, session.log).world.trace.digest() == served.trace.digest()
