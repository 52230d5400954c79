"""Two notebooks with the mouse: all of it runs, predictions are committed to, a world is played with, a quiz is answered."""

from __future__ import annotations

import re

from tests.browser.sheet import Sheet


def test_the_first_notebook(sheet: Sheet) -> None:
    sheet.open("01", "mouse")
    sheet.picture("mouse-01-before")
    sheet.run_all_by_mouse()
    assert sheet.counts == list(range(1, len(sheet.counts) + 1))
    assert sheet.tracebacks == []
    nothing_shown_before_a_prediction(sheet)
    every_control_has_a_name(sheet)

    right = sheet.card("Ben runs kubectl scale deployment web --replicas=10. Git still says 3.")
    commit = right.get_by_role("button", name="Commit and run")
    assert commit.is_disabled()
    sheet.picture("mouse-01-asked", right)
    right.get_by_text("3", exact=True).click()
    commit.click()
    sheet.says(right, "As you said.")
    sheet.says(right, "Ben's change is gone")
    right.get_by_role("button", name="Next").click()
    sheet.says(right, r"2 of \d+")
    right.get_by_text("in words").click()
    sheet.says(right, "kubectl scale")
    sheet.picture("mouse-01-right", right)
    assert sheet.nameless(right) == []

    wrong = sheet.card("Ana commits: 5 replicas instead of 3. Nobody runs kubectl.")
    wrong.get_by_text("at once: Git tells the cluster").click()
    wrong.get_by_role("button", name="Commit and run").click()
    sheet.says(wrong, "Not what you expected")
    sheet.says(wrong, "Git does not know that there is a cluster")
    sheet.picture("mouse-01-wrong", wrong)

    play_with_the_world(sheet)
    every_control_has_a_name(sheet)
    assert sheet.violations() == []
    assert sheet.errors == []


def test_drift_and_reconciliation(sheet: Sheet) -> None:
    sheet.open("03", "mouse")
    sheet.run_all_by_mouse()
    assert sheet.counts == list(range(1, len(sheet.counts) + 1))
    assert sheet.tracebacks == []
    nothing_shown_before_a_prediction(sheet)
    every_control_has_a_name(sheet)

    shown = sheet.card("Commit and run")
    shown.get_by_role("button", name="Just show me").click()
    sheet.says(shown, "What happened:")
    sheet.picture("mouse-03-just-shown", shown)

    quiz = sheet.card("Question 1 of 5")
    sheet.picture("mouse-03-quiz", quiz)
    quiz.get_by_role("checkbox").or_(quiz.get_by_role("radio")).first.check()
    quiz.get_by_role("button", name="Answer", exact=True).click()
    sheet.says(quiz, "[Rr]ight")
    sheet.says(quiz, "1 answered")
    sheet.picture("mouse-03-quiz-answered", quiz)
    quiz.get_by_role("button", name="Next", exact=True).click()
    quiz = sheet.card("Question 2 of 5")
    sheet.says(quiz, "Question 2 of 5 · 1 answered")
    quiz.get_by_role("button", name="Show the answer").click()
    sheet.says(quiz, "[Rr]ight:")
    sheet.picture("mouse-03-quiz-shown", quiz)
    assert sheet.violations() == []
    assert sheet.errors == []


def play_with_the_world(sheet: Sheet) -> None:
    ground = sheet.card("TRY IT")
    sheet.picture("mouse-01-playground", ground)

    def press(name: str) -> None:
        ground.get_by_role("button", name=name, exact=True).click()

    sheet.says(ground, "it is 09:01:00")
    ground.get_by_text("self-heal", exact=True).click()
    sheet.says(ground, "self-heal is off")
    press("Scale by hand")
    sheet.says(ground, "deployment.apps/web scaled")
    press("+10 minutes")
    sheet.says(ground, "it is 09:11:00")
    press("Desired and actual")
    ground.get_by_text("in words").click()
    sheet.says(ground, r"spec\.replicas")
    press("Undo")
    sheet.says(ground, "back at 09:01:00")
    press("Start again")
    press("Commit to Git")
    sheet.says(ground, "committed")
    press("Next poll")
    sheet.says(ground, r"it is 09:0[1-3]:\d\d")
    sheet.picture("mouse-01-played", ground)


def nothing_shown_before_a_prediction(sheet: Sheet) -> None:
    cards = sheet.page.locator(".jp-Cell .widget-vbox.gn-box").filter(has_text="Commit and run")
    assert cards.count() >= 3
    assert not [text for text in cards.all_inner_texts() if re.search("What happened|As you said|Not what you expected", text)]


def every_control_has_a_name(sheet: Sheet) -> None:
    cards = sheet.page.locator(".jp-Cell .widget-vbox.gn-box")
    assert [(index, role) for index in range(cards.count()) for role in sheet.nameless(cards.nth(index))] == []


def test_argo_cd_and_flux(sheet: Sheet) -> None:
    sheet.open("09", "mouse")
    sheet.run_all_by_mouse()
    assert sheet.counts == list(range(1, len(sheet.counts) + 1))
    assert sheet.tracebacks == []
    nothing_shown_before_a_prediction(sheet)
    every_control_has_a_name(sheet)

    asked = sheet.card("How long do his 10 replicas last?")
    asked.get_by_role("button", name="Just show me").click()
    sheet.says(asked, r"compares \(every 5m\): Deployment/web drifted")
    sheet.picture("mouse-09-drift-under-flux", asked)
    sheet.picture("mouse-09-side-by-side", sheet.page.locator(".gn-box", has_text="Side by side").last)
