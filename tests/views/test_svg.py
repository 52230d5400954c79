"""Names come from people who may be hostile; pictures must stay well-formed, inert and equal to the byte."""

import subprocess
import sys
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitops_sim.views.compare import Field, compare
from gitops_sim.views.countdown import AgentState, Wait, agent, countdown
from gitops_sim.views.dashboard import dashboard
from gitops_sim.views.flow import Flow, Move, flow
from gitops_sim.views.gitlog import Commit, Pointer, git_log
from gitops_sim.views.svg import clip, clip_middle, tag, width_of
from gitops_sim.views.timeline import Happening, Interval, timeline
from gitops_sim.views.tree import Node, tree
from gitops_sim.views.view import View, stack

HOSTILE = [
    "<script>alert(1)</script>",
    '" onload="alert(1)',
    "</text></svg><img src=x onerror=alert(1)>",
    "a\x00b\x1b[31mc",
    "\u202egnp.exe",
    "\ud800",
    "&lt;not yet escaped&gt; & 'so' on",
    "x" * 5000,
    "数据库-主节点",
]


def every_view(name: str) -> list[View]:
    log = git_log([Commit(name, name, name, 1, name)], [Pointer(name, name), Pointer("elsewhere", name)])
    who = agent(AgentState(name, name, name, name, [(name, True)], name), Wait(0, 10, 20, name, name))
    nodes = tree(Node(name, name, name, name, name, [Node(name, name)] * 20))
    line = timeline([Happening(1, name, name, name), Happening(2, name, name, past_git=True)], [Interval(1, None, name)], now=9)
    states = {"git": name, "worker": name, "cluster": name, "person": name}
    moves = [Move("commit", 0, name, name, name), Move("manual", 5, name, name, name)]
    return [
        log,
        who,
        nodes,
        line,
        dashboard(log, who, nodes, line, title=name),
        flow(Flow("pull", moves, states, wrong="differs from Git", next=name, person=name, worker=name)),
        flow(Flow("push", moves, states, next=name, person=name, worker=name)),
        compare([Field(name, name, name + "!")], subject=name),
        countdown(Wait(0, None, 20, name, name)),
        stack([nodes, line], title=name),
    ]


def assert_inert(view: View) -> None:
    root = ElementTree.fromstring(view.svg)
    for element in root.iter():
        assert element.tag.rpartition("}")[2] in {"svg", "title", "desc", "style", "g", "rect", "path", "circle", "text", "tspan"}
        for attribute, value in element.attrib.items():
            assert not attribute.startswith("on")
            assert attribute not in {"id", "href"}
            assert "url(" not in value


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_stay_text(name: str) -> None:
    for view in every_view(name):
        assert_inert(view)
        assert "<script" not in view.html
        assert "<img" not in view.html


@given(st.text())
def test_any_text_gives_a_well_formed_picture(name: str) -> None:
    for view in (tree(Node("Pod", name)), flow(Flow("push", [Move("apply", 1, name, name, name)], wrong="differs from Git"))):
        assert_inert(view)
        view.html.encode()


def test_a_picture_says_what_it_is_to_those_who_do_not_see_it() -> None:
    for view in every_view("web"):
        root = ElementTree.fromstring(view.svg)
        assert root.attrib["role"] == "img"
        assert root.attrib["aria-label"].startswith(view.title)
        names = [child.tag.rpartition("}")[2] for child in root]
        assert names[:2] == ["title", "desc"]
        assert view.text
        assert "\x1b" not in view.html


def test_a_view_shows_as_picture_with_words_in_a_notebook_and_as_words_in_a_terminal() -> None:
    view = tree(Node("Pod", "web", health="Healthy"))
    bundle = view._repr_mimebundle_()
    assert bundle["text/plain"] == repr(view) == str(view) == "Pod/web  Healthy"
    assert view.svg in bundle["text/html"]
    assert "<pre>Pod/web  Healthy</pre>" in bundle["text/html"]
    assert view._repr_html_() == bundle["text/html"]


def test_pictures_are_equal_to_the_byte_in_every_process() -> None:
    code = (
        "import hashlib; from tests.views.test_svg import every_view;"
        "print(hashlib.sha256(''.join(v.html for v in every_view('web')).encode()).hexdigest())"
    )
    seen = set()
    for seed in ("0", "1", "4711"):
        run = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."},
        )
        seen.add(run.stdout)
    assert len(seen) == 1


def test_text_is_cut_to_its_room_and_says_so() -> None:
    assert clip("short", 200) == "short"
    cut = clip("kubectl scale deployment web --replicas=10", 120)
    assert cut.startswith("kubectl")
    assert cut.endswith("…")
    assert width_of(cut) <= 120


def test_generated_names_keep_their_ends() -> None:
    cut = clip_middle("web-7d4b9c5f68-x2x7k", 110)
    assert cut.startswith("web-")
    assert cut.endswith("…-x2x7k")


def test_wide_characters_count_as_wide() -> None:
    assert width_of("数据") > width_of("ab") * 1.5


def test_attributes_without_a_value_are_left_out() -> None:
    assert tag("rect", x=1.234567, class_="", rx=None, fill_opacity=0.5) == '<rect x="1.23" fill-opacity="0.5"/>'
