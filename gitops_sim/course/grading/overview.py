"""The class on one page: who has what, which checks passed how often, and which beliefs stand behind the failures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from gitops_sim.course.curriculum import BELIEFS
from gitops_sim.course.grading.attempts import GRADED
from gitops_sim.course.grading.classroom import RULE, Classroom, Row, Task
from gitops_sim.course.grading.feedback import title
from gitops_sim.course.grading.names import shown
from gitops_sim.course.grading.page import page, plain, text
from gitops_sim.course.grading.tables import help_used, number, percent


def class_page(room: Classroom, pages: dict[str, str]) -> str:
    """``index.html``; ``pages`` are the names of the feedback pages by learner."""
    learners = len({row.id for row in room.rows if row.id})
    counts = Counter(row.status for row in room.rows)
    told = ", ".join(f"{counts[status]} {status}" for status in sorted(counts))
    parts = ["<h1>The class</h1>", f'<p class="soft">{learners} learners · {plain(told or "nobody")}</p>']
    if not room.complete:
        parts.append('<p class="card bad"><span class="word">✗ interrupted</span> What was not replayed by then says so.</p>')
    parts.append(_learners(room, pages))
    for task in room.tasks:
        parts += _checks(room, task)
    parts.append(_beliefs(room))
    parts.append(f'<footer class="soft"><p>How it is counted: {plain(RULE)}. Points of all: {number(room.max_points)}, every '
                 "exercise that somebody was graded for. Answers to questions stand beside the points. Help is told, and costs "
                 "nothing. Also here: grades.csv, grades.json.</p></footer>")  # fmt: skip
    return page("The class", "\n".join(parts), wide=True)


def _learners(room: Classroom, pages: dict[str, str]) -> str:
    heads = "".join(f'<th scope="col" class="n">{text(task.title)}<br>of {number(task.max_points)}</th>' for task in room.tasks)
    rows = "\n".join(_row(row, room, pages) for row in room.rows)
    return (
        '<h2>Learners</h2><div class="scroll"><table><thead><tr><th scope="col">Learner</th><th scope="col">Id</th>'
        f'<th scope="col">Status</th>{heads}<th scope="col" class="n">Points<br>of {number(room.max_points)}</th>'
        '<th scope="col" class="n">%</th><th scope="col">Help used</th><th scope="col">What to know</th></tr></thead>'
        f"<tbody>\n{rows}\n</tbody></table></div>"
    )


def _row(row: Row, room: Classroom, pages: dict[str, str]) -> str:
    name = text(title(row) or "unknown")
    link = f'<a href="learners/{pages[row.id]}.html">{name}</a>' if row.id in pages else name
    sign, tone = ("✓", "good") if row.status == GRADED else ("✗", "bad")
    cells = ""
    for task in room.tasks:
        work = row.work(task.id)
        attempt = work.counts if work else None
        cells += f'<td class="n">{number(attempt.points) if attempt else "–"}</td>'
    used = "; ".join(help_used(a) for a in row.graded if a.hints or a.solution)
    know = "; ".join(part for part in (row.reason, *row.notes) if part)
    return (
        f'<tr><th scope="row">{link}</th><td>{text(shown(row.id))}</td>'
        f'<td class="line {tone}">{sign} {plain(row.status)}</td>{cells}'
        f'<td class="n">{number(row.points)}</td><td class="n">{percent(row.points, room.max_points)}</td>'
        f'<td class="line">{plain(used)}</td><td class="text">{text(shown(know, 600))}</td></tr>'
    )


def _checks(room: Classroom, task: Task) -> Iterator[str]:
    graded = [work.counts for row in room.rows if (work := row.work(task.id)) is not None and work.counts is not None]
    yield f'<h2>{text(task.title)}</h2><div class="scroll"><table><caption>{len(graded)} graded</caption><thead><tr>'
    yield '<th scope="col">Check</th><th scope="col" class="n">Passed</th><th scope="col" class="n">Failed</th>'
    yield '<th scope="col" class="n">Not judged</th><th scope="col">Pass rate</th></tr></thead><tbody>'
    for id, description in task.checks.items():
        results = [check.passed for attempt in graded for check in attempt.checks if check.id == id]
        yield _rate(description, results.count(True), results.count(False), results.count(None))
    asked = {answer.id: answer.description for attempt in graded for answer in attempt.answers}
    for id, prompt in sorted(asked.items()):
        answers = [answer.passed for attempt in graded for answer in attempt.answers if answer.id == id]
        yield _rate(f"Question: {prompt}", answers.count(True), answers.count(False), len(graded) - len(answers))
    yield "</tbody></table></div>"


def _rate(description: str, passed: int, failed: int, other: int) -> str:
    every = passed + failed + other
    return (
        f'<tr><th scope="row">{text(description)}</th><td class="n">{passed}</td><td class="n">{failed}</td>'
        f'<td class="n">{other}</td><td class="line"><meter min="0" max="{every or 1}" value="{passed}"></meter> '
        f"{percent(passed, every)} %</td></tr>"
    )


def _beliefs(room: Classroom) -> str:
    counted = Counter(
        belief for row in room.rows for belief in {b: 0 for attempt in row.graded for b in attempt.beliefs} if belief in BELIEFS
    )
    if not counted:
        return "<h2>Beliefs</h2><p>No belief of the course's list stands behind what failed.</p>"
    rows = "\n".join(
        f'<tr><th scope="row">{plain(BELIEFS[id].belief)}</th><td class="n">{count}</td>'
        f'<td class="text">{plain(BELIEFS[id].truth)}</td><td>{plain(id)}</td></tr>'
        for id, count in sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    )
    return (
        "<h2>Beliefs</h2><p>What those who failed a check or a question may think: worth a word to all.</p>"
        '<div class="scroll"><table>'
        '<thead><tr><th scope="col">Belief</th><th scope="col" class="n">Learners</th><th scope="col">What is so</th>'
        f'<th scope="col">Id</th></tr></thead><tbody>\n{rows}\n</tbody></table></div>'
    )
