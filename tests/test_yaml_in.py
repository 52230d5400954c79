"""YAML means what it means to Kubernetes, and hostile text is refused before it costs anything."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gitops_sim.errors import BadInput
from gitops_sim.yaml_in import Limits, load_document, load_documents, resolve

# What kubectl 1.32 makes of each unquoted scalar.
SCALARS: dict[str, Any] = {
    "y": True,
    "Y": True,
    "on": True,
    "yes": True,
    "TRUE": True,
    "n": False,
    "off": False,
    "No": False,
    "False": False,
    "yEs": "yEs",
    "~": None,
    "": None,
    "Null": None,
    "nULL": "nULL",
    "017": 15,
    "0o17": 15,
    "0644": 420,
    "08": 8,
    "09.5": 9.5,
    "00": 0,
    "-0": 0,
    "+1": 1,
    "1_000": 1000,
    "1_": 1,
    "_1": "_1",
    "0b11": 3,
    "-0x10": -16,
    "0x": "0x",
    "1.0": 1,
    "1.": 1,
    "0.10": 0.1,
    ".5": 0.5,
    "-.5": -0.5,
    "+.5": 0.5,
    "._5": "._5",
    "1e3": 1000,
    "1E+3": 1000,
    "12e03": 12000,
    "0.1e-7": 1e-8,
    "1e20": 1e20,
    "123456789012345678": 123456789012345678,
    "18446744073709551615": 18446744073709551615.0,
    "99999999999999999999999": 1e23,
    "1:30": "1:30",
    "2026-01-05": "2026-01-05",
    "2001-12-14t21:59:43.10-05:00": "2001-12-14t21:59:43.10-05:00",
    "=": "=",
    "-": "-",
    "1.2.3": "1.2.3",
    "1" * 500: "1" * 500,
}


@pytest.mark.parametrize("text", SCALARS)
def test_an_unquoted_scalar_means_what_kubernetes_reads(text: str) -> None:
    found = resolve(text)
    assert found == SCALARS[text]
    assert isinstance(found, bool) == isinstance(SCALARS[text], bool)


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="no kubectl on this machine")
def test_the_real_kubectl_reads_the_same(tmp_path: Path) -> None:
    lines = [f"  v{n}: {text}" for n, text in enumerate(SCALARS) if text != "-"]
    text = "apiVersion: x.example/v1\nkind: Thing\nmetadata: {name: thing, annotations: {a: b}}\nspec:\n" + "\n".join(lines)
    text += '\n  1: a\n  0x10: b\n  1.5: c\n  on: d\n  1e3: e\n  t: !!str 12\n  u: !!int "3"\n  v: !x 12\n  w: !!binary aGk=\n'
    text += "  anchors: &a {k: [1, 2], l: 3}\n  again: *a\n  merged: {<<: *a, l: 4}\n  x: ! 12\n"
    text += "  list: {<<: [{m: 1}, {m: 2, n: 3}]}\n"
    (tmp_path / "thing.yaml").write_text(text)
    command = ["kubectl", "annotate", "--local", "-f", "thing.yaml", "a=b", "--overwrite", "-o", "json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    real = json.loads(done.stdout, parse_int=resolve)  # an integer beyond 64 bits was a float on the way
    ours = load_document(text, where="thing.yaml")
    assert {k: v for k, v in ours["spec"].items() if v is not None} == {k: v for k, v in real["spec"].items() if v is not None}


def test_documents_know_their_lines_and_empty_ones_are_kept_as_none() -> None:
    text = "# head\n---\na: 1\n---\n---\n# only a comment\n---\n\n- b\n...\n"
    assert [(d.value, d.line) for d in load_documents(text, where="x")] == [({"a": 1}, 3), (None, 5), (None, 7), (["b"], 9)]
    assert load_documents("", where="x") == []
    assert load_document("---\n", where="x") is None
    with pytest.raises(BadInput, match=r"^x:3: holds more than one document"):
        load_document("a: 1\n---\nb: 2\n", where="x")


def test_json_is_read_as_well() -> None:
    assert load_document('{"a": [1, 1.0, 1e3, null, true, "\\u00fc\\/"]}', where="x") == {"a": [1, 1, 1000, None, True, "ü/"]}
    assert load_document('{"a": "\\ud83d\\ude00", "b": 0.5, "c": 12}', where="x") == {"a": "😀", "b": 0.5, "c": 12}
    assert load_document('{\n\t"a": 1\n}', where="x") == {"a": 1}


@pytest.mark.parametrize("text", ['{"a": "\\ud800"}', '{"a": "\\ud83d\\ude00", "a": 1}', '{"a": 1e999, "b": "\\ud83d\\ude00"}'])
def test_json_that_is_no_text_or_no_number_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        load_document(text, where="x")


def test_nesting_is_limited_in_json_too() -> None:
    deep = '{"a": ' * 200 + '"\\ud83d\\ude00"' + "}" * 200
    with pytest.raises(BadInput, match="levels deep"):
        load_document(deep, where="x")
    with pytest.raises(BadInput):
        load_document('["\\ud83d\\ude00", NaN]', where="x")


def test_a_byte_order_mark_and_windows_lines_do_no_harm() -> None:
    assert load_document(b"\xef\xbb\xbfa: 1\r\nb: |\r\n  x\r\n", where="x") == {"a": 1, "b": "x\n"}
    assert load_document("\ufeffa: 1", where="x") == {"a": 1}


def test_merge_keys_give_way_to_what_is_written_and_to_earlier_ones() -> None:
    text = "a: &a {x: 1, v: 1}\nb: &b {v: 2, z: 2}\nc: {x: 0, <<: [*a, *b], '<<': quoted}\n"
    assert load_document(text, where="x")["c"] == {"x": 0, "v": 1, "z": 2, "<<": "quoted"}


BAD: list[tuple[str | bytes, str, str]] = [
    ("a: 1\nb: [1,\nc: 2", "4:1", "close the bracket"),
    ("\ta: 1", "1:1", "replace the tab"),
    ("a:\n  b: 1\n\tc: 2", "3:1", "replace the tab"),
    ("a: b: c", "1:5", "quote a value"),
    ("a: 1\nb", "3:1", "space behind the colon"),
    ("a: 1\n b: 2", "2:3", "quote a value"),
    ("- 1\nb: 2", "2:1", "items of one list"),
    ("a: 'x", "1:6", "close the quotation mark"),
    ("a: 'x\n---\nb: 1", "2:1", "close the quotation mark"),
    ("a: @x", "1:4", "quote a value that begins"),
    ('a: "\\d"', "1:5", "single quotes"),
    ("a: - b", "1:4", "a line of its own"),
    ("a: {b: 1\n  c: 2}", "2:4", "close the bracket"),
    ("x: {{ .Values.a }}", "1:5", "render it first"),
    ("{{ if .x }}\na: 1", "1:2", "render it first"),
    ("{% if x %}\na: 1", "1:2", "render it first"),
    ("a: 1\nb: 2\na: 3", "3:1", "keep one"),
    ("y: 1\non: 2", "2:1", "keep one"),
    ("? [1]\n: 2", "1:3", "string as key"),
    ("? {a: 1}\n: 2", "1:3", "string as key"),
    ("~: 1", "1:1", "string as key"),
    ("a: *b", "1:4", "define it above with &b"),
    ("a: &a [*a]", "1:8", "ends above it"),
    ("a: {<<: 1}", "1:9", "alias"),
    ("a: .nan", "1:4", "quote it"),
    ("a: -.Inf", "1:4", "quote it"),
    ("a: 1e999", "1:4", "quote it"),
    ('a: !!int "x"', "1:4", "drop the tag"),
    ("a: !!float x", "1:4", "drop the tag"),
    ("a: !!bool 1", "1:4", "drop the tag"),
    ("a: !!null 1", "1:4", "drop the tag"),
    ("a: !!binary \xff", "1:4", "base64"),
    ("a: !!binary /w==", "1:4", "base64"),
    ("a: \x00", "1:4", "remove it"),
    ("a\nb\x1b", "2:2", "remove it"),
    ("a: \ud800", "1:4", "remove it"),
    (b"a: 1\nb: \xff", "2:4", "save it as UTF-8"),
    ("a: 1".encode("utf-16"), "", "save it as UTF-8"),
    ("a: !b!c d", "1:4", "check this line"),
]


@pytest.mark.parametrize(("text", "at", "mend"), BAD)
def test_bad_text_is_refused_with_line_column_and_the_way_to_mend_it(text: str | bytes, at: str, mend: str) -> None:
    with pytest.raises(BadInput) as caught:
        load_documents(text, where="web.yaml")
    assert caught.value.where == (f"web.yaml:{at}" if at else "web.yaml")
    assert mend in caught.value.mend


def test_a_doubled_key_is_named_as_written_and_as_read() -> None:
    with pytest.raises(BadInput, match=r"key 'on' \(read as true\) is given twice, first on line 1"):
        load_document("y: 1\non: 2", where="x")


def test_tags_never_make_anything_but_data() -> None:
    text = "a: !!python/object/apply:os.system [echo]\nb: !Ref x\nc: !!set {d, e}\nf: !!timestamp 2026-01-05\n"
    text += "g: !!null ''\nh: !!float 3"
    assert load_document(text, where="x") == {
        "a": ["echo"],
        "b": "x",
        "c": {"d": None, "e": None},
        "f": "2026-01-05",
        "g": None,
        "h": 3,
    }


def bomb(levels: int, width: int) -> str:
    lines = ["l0: &l0 [" + ", ".join(["lol"] * width) + "]"]
    lines += [f"l{n}: &l{n} [" + ", ".join([f"*l{n - 1}"] * width) + "]" for n in range(1, levels)]
    return "\n".join(lines)


HUGE_STRING = "a: &a " + "x" * 2_000_000 + "\nb: [" + ", ".join(["*a"] * 100_000) + "]"
MERGE_BOMB = "a0: &a0 {k: 1}\n" + "".join(f"a{n}: &a{n} {{x: *a{n - 1}, y: *a{n - 1}, <<: *a{n - 1}}}\n" for n in range(1, 40))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (bomb(12, 10), "expands to more than 2000000 values"),
        (bomb(90, 2), "expands to more than 2000000 values"),
        (HUGE_STRING, "expands to more than 2000000 values"),
        (MERGE_BOMB, "expands to more than 2000000 values"),
        ("[" * 1_000_000, "nested more than 100 levels deep"),
        ("{a: " * 1_000_000, "nested more than 100 levels deep"),
        ("- " * 1_000_000, "nested more than 100 levels deep"),
        ("? " * 100_000, "nested more than 100 levels deep"),
        ("---\n" * 20_000, "holds more than 10000 documents"),
        ("a" * 10_000_001, "is 10 MB large; the limit is 10 MB"),
        (b"\0" * 10_000_001, "the limit is 10 MB"),
    ],
    ids=[
        "bomb",
        "deep-bomb",
        "long-string",
        "merge-bomb",
        "brackets",
        "braces",
        "dashes",
        "keys",
        "documents",
        "large",
        "large-bytes",
    ],
)
def test_hostile_text_is_refused_before_it_is_expanded(text: str | bytes, says: str) -> None:
    start = time.process_time()
    with pytest.raises(BadInput, match=says):
        load_documents(text, where="x")
    assert time.process_time() - start < 5


def test_limits_can_be_narrower() -> None:
    assert load_document("a: 1", where="x", limits=Limits(bytes=4)) == {"a": 1}
    with pytest.raises(BadInput, match="is 5 bytes large; the limit is 4 bytes"):
        load_document("a: 12", where="x", limits=Limits(bytes=4))


def test_aliases_share_what_they_name() -> None:
    value = load_document("a: &a [1, 2]\nb: *a", where="x")
    assert value["a"] is value["b"]


@given(st.text(st.sampled_from("ab01 :-\n\t'\"{}[],&*!|>#%@?.~<="), max_size=30))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    try:
        documents = load_documents(text, where="x")
    except BadInput as refused:
        error: BadInput | None = refused
    else:
        error = None
        json.dumps([d.value for d in documents], allow_nan=False)
    assert error is None or (error.where.startswith("x") and error.mend)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_json_comes_out_as_it_went_in(value: Any) -> None:
    assert load_document(json.dumps([value]), where="x") == [value]


def test_ordinary_yaml_is_read_as_by_the_reference() -> None:
    text = "a:\n- b: 1\n  c: [x, {d: e}]\n- |\n  two\n  lines\n- >\n  folded\n  text\nf: {}\ng: ''\nh: \"\\t\"\n"
    assert load_document(text, where="x") == yaml.safe_load(text)
