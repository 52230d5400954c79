"""The table of known differences is what the tests leave out, all of it and no more."""

from __future__ import annotations

from tests.differences import FILE, table


def test_the_table_is_up_to_date() -> None:
    assert FILE.read_text(encoding="utf-8") == table(), "write it anew: python -m tests.differences"
