"""The Git log and the timeline."""

import re

from gitops_sim.views.gitlog import Commit, Pointer, git_log
from gitops_sim.views.timeline import Happening, Interval, timeline

LOG = [
    Commit("9f31c0d2aa", 'Revert "Use nginx 1.26"', "ana", 900, "undoes 77aa001"),
    Commit("77aa00188b", "Use nginx 1.26", "ben", 600),
    Commit("4be1c07aaa", "Scale web to 3", "ana", 0),
]
STORY = [
    Happening(0, "ana", "commits 4be1c07 to main"),
    Happening(151, "argocd", "polls, finds 4be1c07", "Git 3, cluster 2"),
    Happening(151, "argocd", "syncs 4be1c07"),
    Happening(154, "cluster", "web 3/3 ready"),
    Happening(600, "ben", "kubectl scale deployment web --replicas=10", past_git=True),
    Happening(600, "argocd", "self-heals"),
]


def test_the_log_says_where_branch_agent_and_cluster_stand() -> None:
    view = git_log(LOG, [Pointer("9f31c0d2aa", "main"), Pointer("77aa00188b", "argocd saw"), Pointer("77aa00188b", "cluster")])
    assert view.text == (
        '* 9f31c0d  09:15:00  ana: Revert "Use nginx 1.26" (undoes 77aa001)  <- main\n'
        "* 77aa001  09:10:00  ben: Use nginx 1.26  <- argocd saw, cluster\n"
        "* 4be1c07  09:00:00  ana: Scale web to 3"
    )
    assert ">argocd saw<" in view.svg


def test_a_long_log_says_how_much_is_left_out() -> None:
    view = git_log(LOG * 5, most=3)
    assert "12 older" in view.svg
    assert view.text.endswith("(12 older)")


def test_a_pointer_to_a_commit_that_was_rewritten_away_is_told() -> None:
    view = git_log(LOG, [Pointer("deadbeef00", "cluster")])
    assert "cluster is at deadbee, which this branch does not hold" in view.text


def test_an_empty_log_is_said_to_be_empty() -> None:
    assert git_log([]).text == "(no commits yet)"


def test_lanes_go_from_people_to_cluster() -> None:
    body = timeline(STORY, now=700).body
    names = re.findall(r'class="strong">(ana|ben|argocd|cluster)<', body)[:4]
    assert names == ["ana", "ben", "argocd", "cluster"]


def test_the_time_in_which_the_cluster_was_wrong_is_marked_and_counted() -> None:
    view = timeline(STORY, [Interval(0, 154), Interval(600, None)], now=3598)
    assert "differs from Git for 2m34s" in view.svg
    assert "differs from Git for 49m58s, still" in view.svg
    assert "from 09:00:00 until 09:02:34: 2m34s" in view.text
    assert "from 09:10:00 and still is: 49m58s" in view.text
    assert view.summary == "6 events; the cluster differed from Git for 52m32s"


def test_what_happens_in_one_instant_stands_side_by_side() -> None:
    body = timeline(STORY, now=700).body
    spots = re.findall(r'<g transform="translate\(([\d.]+) ([\d.]+)\)"><title>', body)
    assert len(set(spots)) == len(STORY)


def test_later_is_further_right() -> None:
    body = timeline(STORY, now=700, legend=False).body
    xs = [float(x) for x in re.findall(r'<g transform="translate\(([\d.]+) [\d.]+\)"><title>', body)]
    assert xs == sorted(xs) or [xs[i] for i in (0, 1, 2, 3)] == sorted(xs[:4])


def test_a_long_story_is_drawn_from_its_end_and_told_whole() -> None:
    story = [Happening(60.0 * i, "argocd", f"event {i}") for i in range(100)]
    view = timeline(story, [Interval(0, 60), Interval(5900, None)], now=6000)
    assert ">100<" in view.body
    assert ">76<" not in view.body
    assert "event 0" in view.text
    assert max(float(x) for x in re.findall(r"translate\(([\d.]+) ", view.body)) < view.width


def test_the_very_beginning_can_be_drawn() -> None:
    view = timeline([], [Interval(0, None)], now=0, actors=["ana", "argocd"])
    assert "nothing has happened yet" in view.svg
    assert view.text.startswith("nothing has happened yet")
