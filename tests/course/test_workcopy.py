"""Files that a learner changes with an editor become a commit; nothing of theirs is ever overwritten."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitops_sim.course.workcopy import WorkCopy
from gitops_sim.errors import BadInput
from gitops_sim.forge import Repository
from gitops_sim.world import World


@pytest.fixture(name="repository")
def _repository() -> Repository:
    return World().git.create("shop", {"web/a.yaml": "a: 1\n", "web/b.yaml": "b: 1\n"}, author="ana", message="First")


@pytest.fixture(name="copy")
def _copy(repository: Repository, tmp_path: Path) -> WorkCopy:
    copy = WorkCopy(tmp_path / "shop", repository)
    assert copy.pull() == []
    return copy


def test_what_is_changed_added_and_deleted_is_to_be_committed(copy: WorkCopy) -> None:
    assert copy.changes() == {}
    (copy.folder / "web" / "a.yaml").write_text("a: 2\n")
    (copy.folder / "web" / "b.yaml").unlink()
    (copy.folder / "new.yaml").write_text("n: 1\n")
    (copy.folder / ".new.yaml.swp").write_text("an editor's")
    assert copy.to_commit() == {"web/a.yaml": "a: 2\n", "web/b.yaml": None, "new.yaml": "n: 1\n"}


def test_nothing_to_commit_is_said(copy: WorkCopy) -> None:
    with pytest.raises(BadInput, match="nothing to commit"):
        copy.to_commit()


def test_others_changes_to_other_files_do_not_stand_in_the_way(copy: WorkCopy, repository: Repository) -> None:
    (copy.folder / "web" / "a.yaml").write_text("a: 2\n")
    repository.commit({"web/b.yaml": "b: 9\n", "c.yaml": "c: 1\n"}, "Theirs", author="ben")
    assert copy.to_commit() == {"web/a.yaml": "a: 2\n"}
    assert copy.pull() == []
    assert (copy.folder / "web" / "b.yaml").read_text() == "b: 9\n"
    assert copy.to_commit() == {"web/a.yaml": "a: 2\n"}


def test_a_file_that_both_changed_is_kept_beside(copy: WorkCopy, repository: Repository) -> None:
    (copy.folder / "web" / "a.yaml").write_text("a: 2\n")
    (copy.folder / "web" / "b.yaml").write_text("b: 9\n")
    repository.commit({"web/a.yaml": "a: 9\n", "web/b.yaml": None}, "Theirs", author="ben")
    with pytest.raises(BadInput, match=r"somebody else has changed web/a\.yaml, web/b\.yaml(?s:.*)git pull"):
        copy.to_commit()
    assert copy.pull() == ["web/a.yaml.mine", "web/b.yaml.mine"]
    assert (copy.folder / "web" / "a.yaml").read_text() == "a: 9\n"
    assert (copy.folder / "web" / "a.yaml.mine").read_text() == "a: 2\n"
    assert not (copy.folder / "web" / "b.yaml").exists()
    assert copy.changes() == {}


def test_files_that_are_no_text_or_too_many_are_named(copy: WorkCopy) -> None:
    (copy.folder / "logo.png").write_bytes(b"\x89PNG\xff")
    with pytest.raises(BadInput, match=r"logo\.png: is not text"):
        copy.changes()
    (copy.folder / "logo.png").write_bytes(b"x" * 1_000_001)
    with pytest.raises(BadInput, match="more than 500 files"):
        copy.changes()


def test_after_an_undo_the_folder_is_again_what_git_holds(copy: WorkCopy, repository: Repository, tmp_path: Path) -> None:
    repository.commit({"web/a.yaml": "a: 5\n", "extra.yaml": "e: 1\n"}, "Mine", author="you")
    copy.pull()
    undone = World().git.create("shop", {"web/a.yaml": "a: 1\n", "web/b.yaml": "b: 1\n"}, author="ana", message="First")
    earlier = WorkCopy(copy.folder, undone)
    assert earlier.pull(unchanged=True) == []
    assert earlier.changes() == {}
    assert (copy.folder / "web" / "a.yaml").read_text() == "a: 1\n"
    assert not (copy.folder / "extra.yaml").exists()
