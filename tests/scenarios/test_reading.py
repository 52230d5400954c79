"""A person who writes a scenario is told what is wrong, where, and how to mend it."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitops_sim.errors import BadInput
from gitops_sim.scenarios.reading import Reader, merged, read_file, read_yaml


def fails(text: str, use: object) -> BadInput:
    assert callable(use)
    with pytest.raises(BadInput) as caught:
        use(read_yaml(text, "story.yaml"))
    return caught.value


def test_unknown_key_names_line_field_and_the_nearest() -> None:
    error = fails(
        "id: a\nworld:\n  reops: {}\n", lambda r: r.mapping(("world",), ("id",))["world"].mapping((), ("repos", "images"))
    )
    assert error.where == "story.yaml:3: world.reops"
    assert "unknown key 'reops'" in error.what
    assert error.mend == "did you mean 'repos'?"


def test_missing_key_says_what_to_add() -> None:
    error = fails("id: a\n", lambda r: r.mapping(("id", "title")))
    assert error.what == "'title' is missing"
    assert error.mend == "add 'title: ...'"


def test_a_null_counts_as_missing() -> None:
    assert fails("title:\n", lambda r: r.mapping(("title",))).what == "'title' is missing"


@pytest.mark.parametrize(
    ("text", "use", "what"),
    [
        ("5", Reader.text, "must be text, not 5"),
        ("''", Reader.text, "must not be empty"),
        ("yes please", Reader.flag, "must be true or false, not 'yes please'"),
        ("-1", Reader.whole, "must be a whole number, 0 or more, not -1"),
        ("true", Reader.whole, "must be a whole number, 0 or more, not true"),
        ("y", Reader.text, "must be text, not 'y', which YAML reads as true"),
        ("many", Reader.number, "must be a number, not 'many'"),
        ("soon", Reader.duration, "not a duration: 'soon'"),
        ("{a: 1}", Reader.items, "must be a list, not a mapping"),
        ("[1]", Reader.entries, "must be a mapping, not a list"),
        ("{}", Reader.text, "must be text, not a mapping"),
        ("!!python/object:os.system x", Reader.plain, "unknown YAML tag 'tag:yaml.org,2002:python/object:os.system'"),
        ("{<<: {a: 1}}", Reader.entries, "merge keys (<<) are not read here"),
    ],
)
def test_wrong_types(text: str, use: object, what: str) -> None:
    error = fails(f"- 0\n- {text}\n", lambda r: use(r.items()[1]))  # type: ignore[operator]
    assert error.what == what
    assert error.where.startswith("story.yaml:2: [1]")


def test_values_mean_what_they_mean_to_kubernetes() -> None:
    reader = read_yaml("a: 1:30\nb: 2026-01-05\nc: on\nd: '5'\ne: 0.5\nf: |\n  5\ng: ~\n", "s.yaml")
    assert reader.plain() == {"a": "1:30", "b": "2026-01-05", "c": True, "d": "5", "e": 0.5, "f": "5\n", "g": None}


def test_durations_are_seconds_or_have_units() -> None:
    assert [item.duration() for item in read_yaml("[90, 90s, 1h30m]", "s.yaml").items()] == [90, 90, 5400]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "the file is empty"),
        ("a: [", "not valid YAML"),
        ("a: 1\na: 2\n", "given twice"),
        ("[" * 5000, "nested more than 40 levels deep"),
        ("a: 1\n---\nb: 2\n", "holds more than 1 documents"),
    ],
)
def test_what_is_no_yaml_of_ours(text: str, what: str) -> None:
    with pytest.raises(BadInput, match=r"^s\.yaml") as caught:
        read_yaml(text, "s.yaml")
    assert what in caught.value.what


def test_an_alias_bomb_is_refused_before_it_is_expanded() -> None:
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    bomb += "".join(f"a{i}: &a{i} [" + ", ".join([f"*a{i - 1}"] * 10) + "]\n" for i in range(1, 12))
    with pytest.raises(BadInput, match="use fewer aliases"):
        read_yaml(bomb, "s.yaml")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="No such file"):
        read_file(tmp_path / "nope.yaml")
    with pytest.raises(BadInput, match="cannot be read"):
        read_file(tmp_path)
    large = tmp_path / "large.yaml"
    large.write_bytes(b"#" * 1_000_001)
    with pytest.raises(BadInput, match="limit"):
        read_file(large)
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadInput, match="UTF-16"):
        read_file(tmp_path / "binary.yaml")


def test_merging_keeps_the_line_of_each_value() -> None:
    base = read_yaml("a: {b: 1, c: 2}\nd: 3\n", "s.yaml")
    patch = read_yaml("\n\n\na: {c: null, e: five}\n", "s.yaml")
    both = merged(base, patch)
    assert both.plain() == {"a": {"b": 1, "e": "five"}, "d": 3}
    with pytest.raises(BadInput, match=r"^s\.yaml:4: a\.e"):
        both.entries()["a"].entries()["e"].whole()
    with pytest.raises(BadInput, match=r"^s\.yaml:1: a\.b"):
        both.entries()["a"].entries()["b"].text()
