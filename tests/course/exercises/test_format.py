"""An author who mistypes is told the file, the line and the way to mend it."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitops_sim.course.exercises import exercise_ids, load_exercise
from gitops_sim.errors import BadInput
from tests.course.exercises.small import EXERCISE, SOLUTION, WRONG, write


def test_a_folder_is_an_exercise(tmp_path: Path) -> None:
    exercise = load_exercise(write(tmp_path))
    assert (exercise.id, exercise.max_points, exercise.ends) == ("small", 3, 600)
    assert [check.id for check in exercise.checks] == ["two", "nobody-deletes"]
    assert exercise.checks[1].needs == ("two",)
    assert [item.id for item in exercise.questions] == ["how-many"]
    assert exercise.wrong[0].belief == "autosync-heals"
    assert exercise.text.startswith("# A small one")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("id: small", "id: ../small", "not an id: '../small'"),
        ("minutes: 1\n", "minuets: 1\n", r"exercise.yaml:4: minuets: unknown key 'minuets'\n.*did you mean 'minutes'"),
        ("concepts: [drift]\nsections", "concepts: [drifts]\nsections", "did you mean 'drift'"),
        ("sections: [four-principles]", "sections: [four-principle]", "did you mean 'four-principles'"),
        ("principle: continuously-reconciled", "principle: continuous", "continuously-reconciled"),
        ("check: replicas_ready", "check: replica_ready", "did you mean 'replicas_ready'"),
        ("needs: [two]", "needs: [too]", "no check 'too' stands above this one\n.*did you mean 'two'"),
        ("id: nobody-deletes", "id: two", "two checks are called 'two'"),
        ("belief: autosync-heals\n- id", "belief: auto\n- id", "did you mean 'autosync-heals'"),
        ("  count: 2\n", "  count: many\n", "must be a whole number"),
        ("  help: Scale it back.\n", "", "'help' is missing"),
        ("hints: [Look at it., Compare", "hints: [Compare", "must be 3 hints, not 2"),
        ("{kubectl: [get,", "{kubectle: [get,", "unknown action 'kubectle'"),
        ("commit: any,", "commit: [add],", "'commit' has no verbs"),
        ("commit: any,", "commit: all,", "unknown value 'all'"),
        ("{kubectl: [get, scale, rollout status, apply], argocd: any, commit: any, revert: any}", "[]", "allows nothing"),
        ("by: ben, args", "args", "nobody is said to do this"),
        ("by: ben, args", "by: bob, args", "use one of ana, ben"),
        ("questions:\n", "questions:\n- rollback/none-such\n", "no item 'none-such'"),
        ("questions:\n", "questions:\n- none-such\n", "write topic/item"),
        ("  points: 2\n", "  points: 0\n", ""),
    ],
)  # fmt: skip
def test_mistakes_are_named(old: str, new: str, says: str, tmp_path: Path) -> None:
    assert EXERCISE.count(old) == 1
    folder = write(tmp_path, exercise=EXERCISE.replace(old, new))
    if not says:
        assert load_exercise(folder).max_points == 1
        return
    with pytest.raises(BadInput, match=f"(?s){says}"):
        load_exercise(folder)


def test_checks_without_points_judge_nothing(tmp_path: Path) -> None:
    text = EXERCISE.replace("points: 2", "points: 0").replace("  points: 1\n", "  points: 0\n")
    with pytest.raises(BadInput, match="no points can be had"):
        load_exercise(write(tmp_path, exercise=text))


def test_a_wrong_way_names_a_belief_and_a_check_that_are_there(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="did you mean 'two'"):
        load_exercise(write(tmp_path, wrong=WRONG.replace("check: two", "check: tow")))
    folder = write(tmp_path)
    (folder / "wrong" / "autosync-heal.yaml").write_text(WRONG)
    with pytest.raises(BadInput, match="did you mean 'autosync-heals'"):
        load_exercise(folder)


@pytest.mark.parametrize(
    ("solution", "says"),
    [
        (SOLUTION.replace("version: 1", "version: 2"), "solution.yaml:1: version: must be 1"),
        (SOLUTION.replace("ends: 3m", "ends: 1m"), "ends at 60 s, before its last action at 120 s"),
        (SOLUTION.replace("args: scale", "arg: scale"), "unknown field 'arg'"),
        (SOLUTION + "fails: {check: two, message: x}\n", "unknown key 'fails'"),
    ],
)
def test_a_solution_is_read_strictly(solution: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=says):
        load_exercise(write(tmp_path, solution=solution))


def test_missing_and_empty_files_are_named(tmp_path: Path) -> None:
    folder = write(tmp_path)
    (folder / "text.md").write_text(" \n")
    with pytest.raises(BadInput, match=r"text\.md: the file is empty"):
        load_exercise(folder)
    (folder / "text.md").unlink()
    with pytest.raises(BadInput, match=r"text\.md: cannot be read"):
        load_exercise(folder)
    (folder / "solution.yaml").unlink()
    with pytest.raises(BadInput, match=r"solution\.yaml"):
        load_exercise(folder)
    with pytest.raises(BadInput, match="no such folder"):
        load_exercise(tmp_path / "elsewhere")


def test_files_of_a_folder_are_in_the_first_commit(tmp_path: Path) -> None:
    folder = write(tmp_path)
    (folder / "repo" / "shop" / "docs").mkdir(parents=True)
    (folder / "repo" / "shop" / "docs" / "README.md").write_text("hello\n")
    (commit,) = load_exercise(folder).world.repos["shop"]
    assert set(commit.files) == {"docs/README.md", "web/deployment.yaml"}
    assert (commit.author, commit.message) == ("ana", "Deploy web")
    (folder / "repo" / "shop" / "logo.png").write_bytes(b"\x89PNG")
    with pytest.raises(BadInput, match="not text"):
        load_exercise(folder)
    (folder / "repo" / "shop" / "logo.png").unlink()
    (folder / "repo" / "store").mkdir()
    with pytest.raises(BadInput, match="no repository 'store' in this world"):
        load_exercise(folder)


def test_the_courses_own_are_found_by_id_and_the_nearest_is_named() -> None:
    assert exercise_ids()[:2] == ["first-sync", "drift-and-reconcile"]
    with pytest.raises(BadInput, match="did you mean 'first-sync'"):
        load_exercise("first-snyc")
