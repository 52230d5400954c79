"""Class lists as they come out of spreadsheets."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gitops_sim.course.grading.roster import Enrolled, read_roster
from gitops_sim.errors import BadInput


def read(tmp_path: Path, content: str | bytes) -> list[Enrolled]:
    path = tmp_path / "class.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return [*read_roster(path).values()]


@pytest.mark.parametrize(
    "content",
    [
        "id,name,email\n1,Ana,a@x\n2,Ben,\n",
        "\ufeffID;Name;Email\r\n1;Ana;a@x\r\n\r\n2;Ben;\r\n",
        "Name\tgroup\tid\temail\nAna\tA\t1\ta@x\nBen\tB\t2\t\n",
        'id,name,email\n" 1 ","Ana",a@x\n2,Ben\n',
    ],
)
def test_what_spreadsheets_write_is_understood(tmp_path: Path, content: str) -> None:
    assert read(tmp_path, content) == [Enrolled("1", "Ana", "a@x"), Enrolled("2", "Ben")]


def test_accents_that_look_alike_are_alike(tmp_path: Path) -> None:
    assert read(tmp_path, "id,name\nzoe\u0308,Z\n")[0].id == "zo\u00eb"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "has no column 'id'"),
        ("name,mail\nAna,x\n", "has no column 'id'"),
        ("id,nam\n1,Ana\n", "did you mean 'nam'?"),
        ("id,name\n", "names no learner"),
        ("id,name\n1,Ana\n,Ben\n", "class.csv:3: a learner without an id"),
        ("id,name\n1,Ana\n1,Ben\n", "id '1' is given twice, first on line 2"),
        (b"id,name\n1,\xff\n", "is not UTF-8"),
        (b"PK\x03\x04\0\0", "is not a text file"),
        ("id,name\n1," + "x" * 200_000 + "\n", "is not CSV"),
    ],
)
def test_what_is_no_class_list_is_refused_with_the_way_to_mend_it(tmp_path: Path, content: str | bytes, says: str) -> None:
    with pytest.raises(BadInput) as caught:
        read(tmp_path, content)
    assert says in str(caught.value)
    assert caught.value.mend


def test_a_class_list_that_is_a_pipe_or_not_there_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(BadInput, match="is a named pipe"):
        read_roster(tmp_path / "pipe.csv")
    with pytest.raises(BadInput, match="no such file"):
        read_roster(tmp_path / "none.csv")
