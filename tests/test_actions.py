"""The action log: what is written is read, and nothing else is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitops_sim.actions import FIELDS, LONGEST, MOST_ACTIONS, Action, ActionLog, Shape, check_action, dump_actions, load_actions
from gitops_sim.errors import BadInput

LOG = """\
version: 1
exercise: {id: drift-and-reconcile, version: 1}
learner: {id: "17", name: Ana}
seed: 7
actions:
- {at: 0, do: kubectl, args: "scale deployment web --replicas=5", by: ben, cluster: production}
- {at: 30s, do: commit, repo: shop, branch: main, message: Scale, files: {web.yaml: "replicas: 3\\n", old.yaml: null}}
- {at: 40, do: revert, repo: shop}
- {at: 1m5s, do: pr, repo: shop, open: {branch: fix, title: Fix}}
- {at: 80.5, do: api, method: PATCH, path: /apis/apps/v1/x, contentType: application/json, body: [{op: remove, path: /a}]}
- {at: 200, do: answer, question: q1, value: null}
ends: 400
"""


def test_a_log_is_read_with_times_fields_and_lines() -> None:
    log = load_actions(LOG, "drift.yaml")
    assert (log.version, log.seed, log.ends) == (1, 7, 400)
    assert (log.exercise, log.learner) == ({"id": "drift-and-reconcile", "version": 1}, {"id": "17", "name": "Ana"})
    assert [(a.at, a.do, a.line) for a in log.actions] == [
        (0, "kubectl", 6),
        (30, "commit", 7),
        (40, "revert", 8),
        (65, "pr", 9),
        (80.5, "api", 10),
        (200, "answer", 11),
    ]
    first = log.actions[0]
    assert (first.by, first.cluster, first.get("args")) == ("ben", "production", "scale deployment web --replicas=5")
    assert (log.actions[2].by, log.actions[2].get("commit", "HEAD")) == ("", "HEAD")
    assert log.actions[1].get("files") == {"web.yaml": "replicas: 3\n", "old.yaml": None}


def test_a_log_is_written_readably_and_the_same_every_time() -> None:
    text = dump_actions(load_actions(LOG, "x"))
    assert text.startswith(
        'version: 1\nexercise:\n  id: drift-and-reconcile\n  version: 1\nlearner:\n  id: "17"\n  name: Ana\nseed: 7\nactions:\n'
        "- at: 0\n  do: kubectl\n  args: scale deployment web --replicas=5\n  by: ben\n  cluster: production\n- at: 30\n"
        "  do: commit\n  repo: shop\n  message: Scale\n  files:\n    web.yaml: |\n      replicas: 3\n"
        "    old.yaml: null\n  branch: main\n"
    )
    assert text.endswith("  question: q1\n  value: null\nends: 400\n")
    assert dump_actions(load_actions(text, "x")) == text
    assert load_actions(text, "x") == load_actions(LOG, "y")


def test_the_smallest_log_is_enough() -> None:
    assert load_actions("version: 1", "x") == ActionLog()
    assert load_actions('{"version": 1, "actions": [{"at": 5, "do": "revert", "repo": "a"}]}', "x").ends == 5
    assert dump_actions(ActionLog()) == "version: 1\nseed: 0\nactions: []\nends: 0\n"


@given(
    st.lists(
        st.tuples(st.floats(0, LONGEST), st.text(), st.dictionaries(st.text(), st.text() | st.none(), min_size=1)), max_size=5
    )
)
def test_any_log_goes_through_a_file_byte_for_byte(steps: list[tuple[float, str, dict[str, Any]]]) -> None:
    times = sorted(round(at, 6) for at, _, _ in steps)
    actions = [
        Action(at, "commit", {"repo": "r", "message": message or "m", "files": files})
        for at, (_, message, files) in zip(times, steps, strict=True)
    ]
    log = ActionLog(tuple(actions), ends=LONGEST, learner={"id": "x", "name": "\u2028'\""})
    text = dump_actions(log)
    assert load_actions(text.encode(), "x") == log
    assert dump_actions(load_actions(text, "x")) == text


def one(action: str) -> str:
    return f"version: 1\nactions:\n- {action}\n"


@pytest.mark.parametrize(
    ("text", "where", "says"),
    [
        ("- 1", "x", "is not an action log"),
        ("", "x", "is not an action log"),
        ("version: 2", "x", "version must be 1, not 2"),
        ("version: true", "x", "version must be 1, not true"),
        ("seed: 1", "x", "version must be 1, not nothing"),
        ("version: 1\nactoins: []", "x", "unknown field 'actoins'(?s:.*)did you mean 'actions'"),
        ("version: 1\nseed: x", "x", "seed must be a whole number"),
        ("version: 1\nseed: -1", "x", "seed must be a whole number"),
        ("version: 1\nseed: 1.5", "x", "not 1.5"),
        ("version: 1\nexercise: x", "x", "exercise must be a mapping, not 'x'"),
        ("version: 1\nexercise: {id: x, version: '1'}", "x", "exercise.version must be a whole number"),
        ("version: 1\nexercise: {version: 1}", "x", "exercise needs an id"),
        ("version: 1\nlearner: {id: 5}", "x", "learner.id must be text, not 5"),
        ("version: 1\nlearner: {id: x, mail: y}", "x", "unknown field 'mail' of learner"),
        ("version: 1\nactions: {}", "x", "actions must be a list, not a mapping"),
        ("version: 1\nactions:\n- x", "x:3: actions[0]", "must be a mapping, not 'x'"),
        (one("{at: 1}"), "x:3: actions[0]", "an action without 'do'(?s:.*)use one of kubectl, commit"),
        (one("{at: 1, do: 3}"), "x:3: actions[0]", "'do' must be text, not 3"),
        (one("{at: 1, do: kubctl}"), "x:3: actions[0]", "unknown action 'kubctl'(?s:.*)did you mean 'kubectl'"),
        (one("{do: kubectl, args: x}"), "x:3: actions[0]", "an action without 'at'"),
        (one("{at: soon, do: kubectl, args: x}"), "x:3: actions[0].at", "not a duration: 'soon'"),
        (one("{at: -1, do: kubectl, args: x}"), "x:3: actions[0].at", "cannot be -1"),
        (one("{at: 31d, do: kubectl, args: x}"), "x:3: actions[0].at", "31d of simulated time are too many"),
        (one("{at: 1, do: kubectl}"), "x:3: actions[0]", "'kubectl' needs 'args'(?s:.*)write {at: ..., do: kubectl, args: ...}"),
        (one("{at: 1, do: kubectl, arg: x}"), "x:3: actions[0]", "unknown field 'arg' of 'kubectl'(?s:.*)did you mean 'args'"),
        (one("{at: 1, do: kubectl, args: ''}"), "x:3: actions[0]", "'args' of 'kubectl' must be text, not empty"),
        (one("{at: 1, do: kubectl, args: x, stdin: 3}"), "x:3: actions[0]", "'stdin' of 'kubectl' must be text, not 3"),
        (one("{at: 1, do: kubectl, args: x, files: {a: null}}"), "x:3: actions[0]", "a mapping of file names to text"),
        (one("{at: 1, do: kubectl, args: x, by: 3}"), "x:3: actions[0]", "'by' of 'kubectl' must be text"),
        (one("{at: 1, do: commit, repo: a, message: b, files: {}}"), "x:3: actions[0]", "must name at least one file"),
        (one("{at: 1, do: commit, repo: a, message: b, files: {c: 3}}"), "x:3: actions[0]", "file names to text, or to null"),
        (one("{at: 1, do: commit, repo: a, message: b, files: c}"), "x:3: actions[0]", "not 'c'"),
        (one("{at: 1, do: revert, repo: a, mainline: 0}"), "x:3: actions[0]", "must be a number, 1 or more, not 0"),
        (one("{at: 1, do: merge, repo: a, branch: b, fastForward: 1}"), "x:3: actions[0]", "must be true or false, not 1"),
        (one("{at: 1, do: push, repo: a, ref: b, commits: [1]}"), "x:3: actions[0]", "must be a list of commits, not a list"),
        (one("{at: 1, do: registry, args: push, image: x}"), "x:3: actions[0]", "must be a mapping"),
        (one("{at: 1, do: pr, repo: a}"), "x:3: actions[0]", "'pr' needs one of open, review"),
        (one("{at: 1, do: pr, repo: a, open: 1, merge: 1}"), "x:3: actions[0]", "exactly one of them"),
        (
            one("{at: 1, do: pr, repo: a, merge: 1}"),
            "x:3: actions[0]",
            "'merge' of 'pr' must be a mapping, not 1(?s:.*){number",
        ),
        (
            one("{at: 1, do: pr, repo: a, merge: {}}"),
            "x:3: actions[0]",
            "'merge' of 'pr' needs one of number, branch(?s:.*){number: ...}",
        ),
        (
            one("{at: 1, do: pr, repo: a, close: {number: 1, branch: x}}"),
            "x:3: actions[0]",
            "'close' of 'pr' needs one of number",
        ),
        (one("{at: 1, do: pr, repo: a, merge: {number: 0}}"), "x:3: actions[0]", "'number' in 'merge' of 'pr' must be a number"),
        (one("{at: 1, do: pr, repo: a, open: {branch: x}}"), "x:3: actions[0]", "needs 'title'(?s:.*){branch: ..., title: ...}"),
        (one("{at: 1, do: pr, repo: a, open: {branch: x, titel: y}}"), "x:3: actions[0]", "'titel'(?s:.*)did you mean 'title'"),
        (
            one("{at: 1, do: pr, repo: a, review: {number: 1, verdict: [yes]}}"),
            "x:3: actions[0]",
            "'verdict' in 'review' of 'pr' must be approve or request-changes, not a list",
        ),
        (
            one("{at: 9, do: revert, repo: a}") + "- {at: 8, do: revert, repo: a}",
            "x:4: actions[1]",
            "at 8 s comes after .* at 9 s",
        ),
        (one("{at: 9, do: revert, repo: a}") + "ends: 8", "x: ends", "ends at 8 s, before its last action at 9 s"),
        ("version: 1\nends: 3000000", "x: ends", "34d17h of simulated time are too many"),
        ("version: 1\nends: [1]", "x: ends", "not a duration"),
        ("version: 1\nseed: " + "[" * 50 + "]" * 50, "x:2:46", "nested more than 40 levels deep"),
        ("version: 1\nversion: 1", "x:2:1", "given twice"),
    ],
)
def test_what_is_wrong_is_said_with_its_place_and_the_way_to_mend_it(text: str, where: str, says: str) -> None:
    with pytest.raises(BadInput, match=says) as caught:
        load_actions(text, "x")
    assert caught.value.where == where
    assert caught.value.mend


def test_too_many_actions_and_too_large_a_file_are_refused() -> None:
    with pytest.raises(BadInput, match=f"holds {MOST_ACTIONS + 1} actions; the limit is {MOST_ACTIONS}"):
        load_actions("version: 1\nactions:\n" + "- {at: 1, do: revert, repo: a}\n" * (MOST_ACTIONS + 1), "x")
    with pytest.raises(BadInput, match="the limit is 2 MB"):
        load_actions("#" * 2_000_001, "x")


def test_json_that_yaml_cannot_read_has_no_lines_but_the_index() -> None:
    with pytest.raises(BadInput) as caught:
        load_actions('{"version": 1, "actions": [{"at": 1, "do": "\\ud83d\\ude00"}]}', "x")
    assert caught.value.where == "x: actions[0]"


def test_every_action_can_be_written_as_its_hint_says() -> None:
    values = {"files": {"a": "b"}, "commits": [], "value": 1}
    for do, shape in FIELDS.items():
        fields: dict[str, Any] = {name: values.get(name, "x") for name in shape.required}
        fields |= {
            name: dict.fromkeys(inner.required, "x") for name, inner in [*shape.one_of.items()][:1] if isinstance(inner, Shape)
        }
        check_action(do, fields)
        for name in shape.required:
            with pytest.raises(BadInput, match=f"'{do}' needs '{name}'(?s:.*){name}: "):
                check_action(do, {key: value for key, value in fields.items() if key != name}, where="here")


def test_a_binary_file_is_no_log(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(bytes(range(256)))
    with pytest.raises(BadInput, match="log"):
        load_actions((tmp_path / "log").read_bytes(), "log")


def test_help_used_is_kept_and_nothing_else_passes_for_it() -> None:
    log = ActionLog(ends=5, help={"hints": 2, "solution": False})
    assert load_actions(dump_actions(log), "x.yaml").help == {"hints": 2, "solution": False}
    for wrong in ("3", "{hints: -1, solution: false}", "{hints: true, solution: false}", "{hints: 1}", "{hints: 1, solution: 1}"):
        with pytest.raises(BadInput, match="help must say"):
            load_actions(f"version: 1\nhelp: {wrong}\n", "x.yaml")
