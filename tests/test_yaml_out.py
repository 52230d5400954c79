"""What is written reads as kubectl prints it, and comes back as it went in."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from gitops_sim.yaml_in import load_document, load_documents
from gitops_sim.yaml_out import dump_all, dump_yaml

STRINGS = [
    *("a", "", "y", "on", "Yes", "null", "~", "true", "1", "1.5", "1e3", "0o17", "017", "08", "0b1", "+1", "-.5"),
    *(".inf", ".nan", "0x", "1:30", "2026-01-05", "2026-01-05T09:00:00Z", "=", "1_000", "_1", "a: b", "a #b", "#x"),
    *("@x", "`x", "%x", "- x", "-", "?", ":", "x:", "'q'", '"q"', "{a}", "{{ x }}", "[a]", "&a", "*a", "!a", "|"),
    *("> x", "a,b", "a]b", " lead", "trail ", "...", "---", "a\\b", "line1\nline2\n", "l1\nl2", "  lead\nx\n"),
    *("trail \nx\n", "tab\tx", "\n", "\n\nx\n", "a\n\n", "ü", "😀", "\ttab", "a\rb", "\u2028x"),
    "word " * 40,
]


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="no kubectl on this machine")
def test_it_is_what_kubectl_prints(tmp_path: Path) -> None:
    spec: dict[str, Any] = {f"v{n:03d}": text for n, text in enumerate(STRINGS)}
    spec["list"] = [1, [2, [3]], {"a": [{"b": {}}]}, [], {}]
    spec["numbers"] = [1.5, 1e20, 0.1, 1e-8, 0.00001234, 0.0001, 1234567.5, 100000.5, -3, True, False, None, 123456789012]
    spec |= {"on": "k", "1": "k", "a: b": "k"}
    thing = {"apiVersion": "x.example/v1", "kind": "Thing", "metadata": {"name": "t", "annotations": {"a": "b"}}, "spec": spec}
    (tmp_path / "thing.json").write_text(json.dumps(thing))
    command = ["kubectl", "annotate", "--local", "-f", "thing.json", "a=b", "--overwrite", "-o", "yaml"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert dump_yaml(thing, sort_keys=True).splitlines() == done.stdout.splitlines()
    assert load_document(done.stdout, where="x") == thing


TEXT = st.text(st.characters(codec="utf-8"), max_size=12) | st.sampled_from(STRINGS)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=10,
)


@given(st.dictionaries(TEXT, JSON, min_size=1), st.booleans())
def test_it_comes_back_as_it_went_in(value: dict[str, Any], sort_keys: bool) -> None:
    assert load_document(dump_yaml(value, sort_keys=sort_keys), where="x") == value


@given(st.lists(TEXT, min_size=1))
def test_other_readers_see_the_same_strings(values: list[str]) -> None:
    assume("=" not in values)  # kubectl leaves it plain, PyYAML cannot read it back
    assert yaml.safe_load(dump_yaml(values)) == values


def test_keys_keep_their_order_and_manifests_look_as_people_write_them() -> None:
    manifest = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "spec": {"template": {"spec": {"containers": [{"name": "web", "image": "nginx:1.25", "args": ["--port", "8080"]}]}}},
    }
    assert dump_yaml(manifest) == (
        "apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n"
        '      - name: web\n        image: nginx:1.25\n        args:\n        - --port\n        - "8080"\n'
    )


def test_several_documents_are_told_apart() -> None:
    text = dump_all([{"a": 1}, "x", {"b": 2}])
    assert text == "a: 1\n---\nx\n---\nb: 2\n"
    assert [d.value for d in load_documents(text, where="x")] == [{"a": 1}, "x", {"b": 2}]


def test_shared_parts_are_written_in_full_and_long_lines_stay_whole_on_request() -> None:
    part = {"text": "word " * 40}
    text = dump_yaml([part, part], width=10**9)
    assert "&" not in text
    assert len(text.splitlines()) == 2
