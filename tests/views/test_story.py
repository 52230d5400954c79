"""The told story: one fact a line, who did it, what went past Git; short, plain, and to be read in any terminal."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gitops_sim.clock import Clock
from gitops_sim.trace import Record, Trace
from gitops_sim.views.story import PAST_GIT, Style, tell, tell_run

CONTROLLER = "system:serviceaccount:argocd:argocd-application-controller"


@dataclass
class Found:
    name: str
    passed: bool = True
    expected: str = "so"
    actual: str = "2 s"


@dataclass
class Run:
    records: Sequence[Record]
    heading: str = "drift · Argo CD · seed 0"
    title: str = "Argo CD"
    begins: int = 0
    expectations: Sequence[Found] = ()


@dataclass
class Tale:
    runs: Sequence[Run]
    comparison: Sequence[tuple[str, Sequence[str]]] = ()
    shows_output: bool = False
    summary: str = ""
    lesson: str = ""


class Teller:
    """Writes a trace by hand."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.trace = Trace(self.clock)

    def at(self, time: float, actor: str, text: str, event: str = "Happened", subject: str = "", **data: object) -> Teller:
        self.clock.now = time
        self.trace.add(actor, event, subject, text, story=bool(text), **data)
        return self

    def told(self, width: int = 110, **options: bool) -> str:
        return tell_run(Run(list(self.trace)), Style(width, verbose=options.pop("verbose", False)), **options)


def drift() -> Teller:
    teller = Teller().at(0, CONTROLLER, "", "ObjectCreated", "Deployment/default/web")
    teller.at(600, "ben", "kubectl scale deployment web --replicas=10", "CommandRun")
    teller.at(600, "ben", "", "ObjectUpdated", "Deployment/default/web")
    return teller.at(600, "ben", "", "CommandAnswered", output="deployment.apps/web scaled\n")


def test_the_layout_of_a_line() -> None:
    teller = Teller().at(0, "ana", "commits 4be1c07 to main: Scale web to 3").at(151, "argocd", "polls")
    assert teller.told().splitlines() == [
        "drift · Argo CD · seed 0",
        "",
        "  09:00:00  ana     commits 4be1c07 to main: Scale web to 3",
        "  09:02:31  argocd  polls",
    ]


def test_a_change_past_git_is_said_at_the_right() -> None:
    (line,) = (line for line in drift().told().splitlines() if "scale" in line)
    assert line.endswith(PAST_GIT)
    assert len(line) == 110


def test_a_rollback_in_the_dashboard_goes_past_git_too() -> None:
    assert PAST_GIT in Teller().at(0, "ben", "asks web to roll back", "RollbackRequested").told()


def test_what_no_agent_keeps_is_nobodys_drift() -> None:
    teller = Teller().at(0, "you", "kubectl apply -f manifests/", "CommandRun")
    teller.at(0, "you", "", "ObjectCreated", "Deployment/default/web")
    teller.at(9, "you", "kubectl scale deployment web --replicas=5", "CommandRun")
    teller.at(9, "you", "", "ObjectUpdated", "Deployment/default/web")
    assert PAST_GIT not in teller.told()


def test_a_command_that_only_reads_goes_past_nothing() -> None:
    told = drift().at(700, "ben", "kubectl get deployment web", "CommandRun").told()
    assert told.count(PAST_GIT) == 1


def test_commands_show_their_answers_where_the_story_is_about_them() -> None:
    assert "| deployment.apps/web scaled" in drift().told(shows_output=True)
    assert "deployment.apps/web scaled" not in drift().told()


def test_a_command_that_only_looks_is_told_where_outputs_are() -> None:
    teller = Teller()
    teller.trace.add("you", "CommandRun", "cluster/production", "kubectl get pods", story=False)
    assert "get pods" not in teller.told()
    assert "get pods" in teller.told(shows_output=True)


def test_a_command_that_fails_says_why() -> None:
    teller = Teller().at(0, "you", "kubectl scale deploy web --replicas=x", "CommandRun")
    teller.at(0, "you", "", "CommandAnswered", output="error: invalid\nSee help\n", exit=1)
    assert teller.told().endswith("| error: invalid")


def test_details_are_for_verbose() -> None:
    teller = Teller().at(0, "argocd", "syncs")
    teller.clock.now = 1
    teller.trace.add(CONTROLLER, "ObjectUpdated", "Deployment/default/web", reason="as Git says")
    assert "ObjectUpdated" not in teller.told()
    assert "argocd-application-controller  ObjectUpdated Deployment/default/web  (as Git says)" in teller.told(verbose=True)


def test_what_repeats_is_told_once() -> None:
    teller = Teller()
    for attempt in range(6):
        teller.at(600 + 10 * attempt, "argocd", "sees it at once (watch)")
        teller.at(600 + 10 * attempt, "argocd", f"self-heals, attempt {attempt + 1}")
    lines = teller.at(900, "cluster", "web 3/3 ready").told().splitlines()[2:]
    assert lines[0].endswith("sees it at once (watch)")
    assert lines[1].endswith("self-heals, attempt 1")
    assert lines[2].strip() == "... the same 2 steps 5 times more, the last at 09:10:50"
    assert lines[3].endswith("web 3/3 ready")


def test_two_of_a_kind_are_two_facts() -> None:
    told = Teller().at(0, "ana", "commits 4be1c07").at(1, "ana", "commits 5be1c07").told()
    assert "4be1c07" in told
    assert "5be1c07" in told


def test_nothing_is_wider_than_the_terminal() -> None:
    teller = drift().at(601, "argocd", "sees it: Deployment/web OutOfSync  .spec.replicas  Git 3, cluster 10 " + "and more " * 20)
    run = Run(list(teller.trace), expectations=[Found("something long " * 8, passed=False, actual="word " * 50)])
    cells = ["a long cell with many words in it", "another long cell with many words"]
    tale = Tale([run, run], [("a measure with a long name, longer than most", cells)], summary="word " * 60, lesson="word " * 60)
    for width in (60, 80, 110):
        assert max(len(line) for line in tell(tale, Style(width)).splitlines()) <= width


def test_a_field_and_its_values_stay_on_one_line() -> None:
    teller = Teller().at(0, "argocd", "finds 4be1c07: Deployment/web OutOfSync  .spec.replicas  Git 3, cluster 2")
    assert teller.told(70).splitlines()[-2:] == [
        "  09:00:00  argocd  finds 4be1c07: Deployment/web OutOfSync",
        " " * 22 + ".spec.replicas  Git 3, cluster 2",
    ]


def test_findings_say_yes_or_no_beside_the_sign() -> None:
    run = Run([], expectations=[Found("replicas 3 within 10 s"), Found("no drift", False, "none", "10 replicas")])
    assert tell_run(run).splitlines()[-2:] == [
        "  ✓ expected: replicas 3 within 10 s ... yes (2 s)",
        "  ✗ expected: no drift ... no (10 replicas); it should be: none",
    ]


def test_an_answer_that_says_nothing_more_than_yes_is_left_out() -> None:
    assert tell_run(Run([], expectations=[Found("it stays", actual="always")])).endswith("... yes")


def test_of_a_table_the_last_line_is_enough() -> None:
    assert tell_run(Run([], expectations=[Found("all ready", actual="NAME  READY\nweb   3/3\n")])).endswith("yes (web 3/3)")


def test_runs_are_compared_side_by_side() -> None:
    runs = [Run([], title="push"), Run([], title="pull")]
    told = tell(Tale(runs, [("noticed by", ["nobody", "argocd, at once"]), ("wrong", ["1h", "2 s"])], lesson="Look again."))
    assert told.splitlines()[-6:] == [
        "              push    pull",
        "  " + "-" * 35,
        "  noticed by  nobody  argocd, at once",
        "  wrong       1h      2 s",
        "",
        "  Look again.",
    ]


def test_what_two_runs_have_in_common_is_told_once() -> None:
    def story(end: str) -> Run:
        teller = Teller()
        for time, verb in enumerate(("polls", "finds", "syncs", "waits", "reports")):
            teller.at(time, "argocd", verb)
        return Run(list(teller.at(9, "ben", "scales").at(9, "argocd", end).trace))

    told = tell(Tale([story("heals"), story("leaves it so")])).splitlines()
    assert told[-3:] == [
        "                    ... as above until 09:00:04",
        "  09:00:09  ben     scales",
        "  09:00:09  argocd  leaves it so",
    ]
    assert "polls" in tell(Tale([story("heals"), story("heals")])).split("seed 0")[2]


def test_set_up_is_no_part_of_the_story() -> None:
    teller = Teller().at(0, "ana", "commits the past").at(0, "ana", "commits the present")
    assert "past" not in tell_run(Run(list(teller.trace), begins=1))


def test_colour_only_repeats_what_the_words_say() -> None:
    run = Run(list(drift().trace), expectations=[Found("a"), Found("b", False)])
    plain, coloured = tell_run(run), tell_run(run, Style(color=True))
    assert "\033[" not in plain
    assert re.sub(r"\033\[\d+m", "", coloured) == plain
    assert coloured != plain


def test_a_second_day_is_told_as_one() -> None:
    told = Teller().at(0, "ana", "goes").at(86_400, "ben", "comes").told()
    assert "+1d 09:00:00  ben  comes" in told
    assert "  09:00:00      ana  goes" in told


def test_a_quiet_run_says_so() -> None:
    assert "nothing happened" in tell_run(Run([]))
