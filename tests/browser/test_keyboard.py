"""The same two notebooks without a mouse: palette, Tab, Space, Enter and arrows."""

from __future__ import annotations

from typing import Any

from tests.browser.sheet import Sheet


def test_the_first_notebook(sheet: Sheet) -> None:
    sheet.open("01", "keyboard")
    sheet.run_all_by_keyboard()
    assert sheet.counts == list(range(1, len(sheet.counts) + 1))
    assert sheet.tracebacks == []

    card = sheet.card("Ben runs kubectl scale deployment web --replicas=10. Git still says 3.")
    choose_and_commit(sheet, card, "3")
    sheet.says(card, "As you said.")
    sheet.says(card, "Ben's change is gone")
    on = card.get_by_role("button", name="Next")
    sheet.tab_to(on)
    sheet.page.keyboard.press("Enter")
    sheet.says(card, r"2 of \d+")
    sheet.tab_to(card.get_by_role("slider"))
    sheet.page.keyboard.press("ArrowRight")
    sheet.says(card, r"3 of \d+")
    sheet.picture("keyboard-01-film", card)

    ground = sheet.card("TRY IT")
    sheet.walk_to(ground)
    press(sheet, ground.get_by_role("button", name="Next event"))
    sheet.says(ground, "later")
    sheet.tab_to(ground.get_by_role("spinbutton").or_(ground.get_by_role("textbox")).first)
    sheet.page.keyboard.press("Control+A")
    sheet.page.keyboard.type("7")
    press(sheet, ground.get_by_role("button", name="Scale by hand"))
    sheet.says(ground, "replicas=7.*scaled")
    sheet.tab_to(ground.get_by_role("checkbox", name="in words"))
    sheet.page.keyboard.press("Space")
    sheet.says(ground, "person -> Git")
    sheet.picture("keyboard-01-played", ground)
    assert sheet.errors == []


def test_drift_and_reconciliation(sheet: Sheet) -> None:
    sheet.open("03", "keyboard")
    sheet.run_all_by_keyboard()
    assert sheet.counts == list(range(1, len(sheet.counts) + 1))
    assert sheet.tracebacks == []

    card = sheet.card("Commit and run")
    first = card.get_by_role("radio").first
    sheet.walk_to(card)
    sheet.tab_to(first)
    sheet.page.keyboard.press("Space")
    commit(sheet, card)
    sheet.says(card, "As you said|Not what you expected")
    sheet.picture("keyboard-03-predicted", card)

    quiz = sheet.card("Question 1 of 5")
    sheet.walk_to(quiz)
    sheet.tab_to(quiz.get_by_role("checkbox").or_(quiz.get_by_role("radio")).first)
    sheet.page.keyboard.press("Space")
    press(sheet, quiz.get_by_role("button", name="Answer", exact=True))
    sheet.says(quiz, "[Rr]ight")
    press(sheet, quiz.get_by_role("button", name="Next", exact=True))
    sheet.says(sheet.card("Question 2 of 5"), "1 answered")
    sheet.picture("keyboard-03-quiz", sheet.card("Question 2 of 5"))
    assert sheet.errors == []


def choose_and_commit(sheet: Sheet, card: Any, option: str) -> None:
    sheet.walk_to(card)
    radio = card.get_by_role("radio", name=option, exact=True)
    sheet.tab_to(radio)
    sheet.page.keyboard.press("Space")
    commit(sheet, card)


def commit(sheet: Sheet, card: Any) -> None:
    button = card.locator("button:not([disabled])").filter(has_text="Commit and run")
    button.wait_for()
    sheet.tab_to(button)
    sheet.picture("keyboard-focus", card)
    sheet.page.keyboard.press("Enter")


def press(sheet: Sheet, button: Any) -> None:
    sheet.tab_to(button)
    sheet.page.keyboard.press("Enter")
