"""A learner's work survives restarts, crashes, broken files, other versions and second windows."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from gitops_sim.actions import Action, ActionLog
from gitops_sim.course.progress import keep_prediction
from gitops_sim.course.records import Records, dump_records, load_records
from gitops_sim.course.workspace import Workspace
from gitops_sim.errors import BadInput

LOG = ActionLog(
    (Action(5, "kubectl", {"args": "get pods"}),), ends=9, seed=7, exercise={"id": "drift-and-reconcile", "version": 1}
)


def _points_at(records: Records, exercise: str) -> None:
    records.exercise(exercise).submitted = (records.exercise(exercise).submitted or 0) + 1


def test_nothing_is_written_until_there_is_something_to_keep(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "course")
    assert workspace.records() == Records()
    assert workspace.log("first-sync") is None
    assert not workspace.folder.exists()


def test_the_folder_is_the_one_that_the_environment_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Workspace().folder == Path("gitops-course")
    monkeypatch.setenv("GITOPS_SIM_HOME", str(tmp_path / "mine"))
    assert Workspace().folder == tmp_path / "mine"


def test_records_and_logs_come_back_as_they_were(tmp_path: Path) -> None:
    Workspace(tmp_path).update(partial(_points_at, exercise="first-sync"))
    Workspace(tmp_path).write_log("drift-and-reconcile", LOG)
    again = Workspace(tmp_path)
    assert again.records().exercises["first-sync"].submitted == 1
    assert again.log("drift-and-reconcile") == LOG
    assert not [path for path in tmp_path.rglob("*") if ".progress.json." in path.name]  # no draft is left behind


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "broken or half-written"),
        ('{"version": 1, "exerc', "broken or half-written"),
        ("[" * 100_000, "broken or half-written"),
        ("[]", "not a progress file"),
        ('{"version": 9}', "of version 9, and this is version 1"),
        ('{"version": 1}', "does not hold what a progress file holds"),
        ('{"version": 1, "exercises": {"a": {"attempts": 3}}, "predictions": {}, "current": "", "learner": {}}', "does not hold"),
        ('{"version": 1, "exercises": {}, "predictions": {}, "current": 5, "learner": {}}', "does not hold"),
        ("\udcff\udcfe", "broken or half-written"),
    ],
)
def test_a_file_that_cannot_be_used_is_kept_beside(content: str, says: str, tmp_path: Path) -> None:
    file = tmp_path / "progress.json"
    file.write_text(content, errors="surrogateescape")
    workspace = Workspace(tmp_path)
    for number in (1, 2):
        workspace.update(partial(_points_at, exercise="first-sync"))
        (note,) = workspace.notes
        assert says in note
        assert f"progress.json.kept-{number}" in note
        assert (tmp_path / f"progress.json.kept-{number}").read_text(errors="surrogateescape") == content
        workspace.notes.clear()
        assert load_records(file.read_text()).exercises["first-sync"].submitted == 1
        file.write_text(content, errors="surrogateescape")


def test_a_broken_log_is_kept_beside_too(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    workspace.write_log("first-sync", LOG)
    (tmp_path / "exercises" / "first-sync.yaml").write_text("version: 1\nactions: [{at: 1, do: fly}]\n")
    assert workspace.log("first-sync") is None
    assert "unknown action 'fly'" in workspace.notes[0]
    assert (tmp_path / "exercises" / "first-sync.yaml.kept-1").exists()


def test_two_programs_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    script = (
        "import sys; from functools import partial; from gitops_sim.course.workspace import Workspace\n"
        "from tests.course.test_workspace import _points_at\n"
        "for _ in range(25): Workspace(sys.argv[1]).update(partial(_points_at, exercise='first-sync'))"
    )
    running = [subprocess.Popen([sys.executable, "-c", script, str(tmp_path)]) for _ in range(2)]
    assert [process.wait(60) for process in running] == [0, 0]
    assert Workspace(tmp_path).records().exercises["first-sync"].submitted == 50


def test_the_first_prediction_counts(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    keep_prediction(workspace, "drift/1", "ten", True)
    keep_prediction(workspace, "drift/1", "three", False)
    assert workspace.records().predictions["drift/1"].choice == "ten"


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match=r"file: cannot be written(?s:.*)GITOPS_SIM_HOME"):
        Workspace(tmp_path / "file").update(partial(_points_at, exercise="a"))
    (tmp_path / "progress.json").mkdir()
    with pytest.raises(BadInput, match="cannot be read"):
        Workspace(tmp_path).records()


# ---------------------------------------------------------------------- export and import


def test_an_export_can_be_taken_over_elsewhere(tmp_path: Path) -> None:
    here, there = Workspace(tmp_path / "here"), Workspace(tmp_path / "there")
    here.update(partial(_points_at, exercise="first-sync"))
    here.write_log("drift-and-reconcile", LOG)
    here.answers.path.write_text('{"one": 1}\n{"half')
    there.update(partial(_points_at, exercise="rollback"))
    there.import_(here.export(tmp_path / "all.json"))
    assert there.records() == here.records()
    assert there.log("drift-and-reconcile") == LOG
    assert there.answers.path.read_text() == '{"one": 1}\n{"half\n'
    kept = load_records((there.folder / "progress.json.kept-1").read_text())
    assert "rollback" in kept.exercises


def test_nothing_else_is_taken_over(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "here")
    workspace.update(partial(_points_at, exercise="first-sync"))
    before = (workspace.folder / "progress.json").read_text()
    good = {"version": 1, "records": json.loads(dump_records(Records())), "logs": {}, "answers": []}
    bad = [
        "", "[]", "{}", "[" * 100_000, json.dumps({**good, "records": {}}), json.dumps({**good, "logs": {"../../evil": "x"}}),
        json.dumps({**good, "logs": {"a": 1}}), json.dumps({**good, "answers": ["a\nb"]}), json.dumps({**good, "more": 1}),
    ]  # fmt: skip
    file = tmp_path / "export.json"
    for content in bad:
        file.write_text(content)
        with pytest.raises(BadInput, match=r"export\.json"):
            workspace.import_(file)
    with pytest.raises(BadInput, match="cannot be read"):
        workspace.import_(tmp_path / "none.json")
    assert (workspace.folder / "progress.json").read_text() == before
    assert not list(tmp_path.rglob("*evil*"))
