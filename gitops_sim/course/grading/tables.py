"""The class as CSV for spreadsheets and grade books, and as JSON for scripts."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from gitops_sim.course.grading.attempts import Attempt
from gitops_sim.course.grading.classroom import RULE, Classroom, Row, Work
from gitops_sim.course.grading.names import csv_text, shown

FORMAT, VERSION = "gitops-sim grades", 1


def number(value: float) -> str:
    """``3``, ``2.5``: no more digits than it needs."""
    return f"{round(value, 2):g}"


def percent(points: float, most: float) -> str:
    return number(round(100 * points / most, 1)) if most else ""


def help_used(attempt: Attempt) -> str:
    """What the learner had help from, in words."""
    parts = [f"{attempt.hints} hint{'s' if attempt.hints != 1 else ''}"] if attempt.hints else []
    return " and ".join(parts + (["the solution"] if attempt.solution else [])) or "none"


def as_csv(room: Classroom) -> str:
    """One line a learner, whatever happened. Texts that a spreadsheet would run as formulas are made harmless."""
    fixed = ["id", "name", "email", "status", "points", "max_points", "percent", "reason", "notes", "help", "beliefs", "files"]
    per_task: list[str] = []
    for task in room.tasks:
        per_task += [task.id, f"{task.id}: questions", *(f"{task.id}: {check}" for check in task.checks)]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")  # RFC 4180
    writer.writerow([csv_text(name) for name in (*fixed, *per_task)])
    for row in room.rows:
        cells = [csv_text(value) for value in (row.id, row.name, row.email, row.status)]
        cells += [number(row.points), number(room.max_points), percent(row.points, room.max_points)]
        used = "; ".join(f"{a.exercise}: {help_used(a)}" for a in row.graded if a.hints or a.solution)
        beliefs = " ".join(sorted({belief for attempt in row.graded for belief in attempt.beliefs}))
        files = "; ".join(attempt.label for work in row.works for attempt in work.attempts)
        cells += [csv_text(value) for value in (row.reason, "; ".join(row.notes), used, beliefs, files)]
        for task in room.tasks:
            cells += _of_task(row.work(task.id), list(task.checks))
        writer.writerow(cells)
    return text.getvalue()


def _of_task(work: Work | None, checks: list[str]) -> list[str]:
    attempt = work.counts if work else None
    if attempt is None:
        return [""] * (2 + len(checks))
    points = {check.id: number(check.points) for check in attempt.checks}
    answered = number(attempt.answered[0]) if attempt.questions else ""
    return [number(attempt.points), answered, *(points.get(check, "") for check in checks)]


def as_json(room: Classroom, pages: dict[str, str]) -> str:
    """Everything that is known, with the reasons; ``pages`` are the names of the feedback pages by learner."""
    whole = {
        "format": FORMAT,
        "version": VERSION,
        "complete": room.complete,
        "rule": RULE,
        "max_points": room.max_points,
        "exercises": [
            {"id": task.id, "title": task.title, "max_points": task.max_points, "checks": dict(task.checks)}
            for task in room.tasks
        ],
        "learners": [_row(row, room, pages) for row in room.rows],
    }
    return json.dumps(whole, indent=2, ensure_ascii=True) + "\n"


def _row(row: Row, room: Classroom, pages: dict[str, str]) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "email": row.email,
        "on_class_list": row.enrolled,
        "status": row.status,
        "reason": row.reason,
        "notes": list(row.notes),
        "points": row.points,
        "max_points": room.max_points,
        "page": f"learners/{pages[row.id]}.html" if row.id in pages else None,
        "work": [
            {"exercise": work.exercise, "attempts": [_attempt(a, counts=a is work.counts) for a in work.attempts]}
            for work in row.works
        ],
    }


def _attempt(attempt: Attempt, *, counts: bool) -> dict[str, Any]:
    told: dict[str, Any] = {"file": shown(attempt.label), "state": attempt.state, "counts": counts, "reason": attempt.reason}
    if attempt.details:
        told["details"] = attempt.details
    if not attempt.checks:
        return told
    points, most = attempt.answered
    return {
        **told,
        "version": attempt.version,
        "seed": attempt.seed,
        "actions": attempt.actions,
        "simulated_seconds": attempt.simulated_seconds,
        "trace_digest": attempt.trace_digest,
        "help": {"hints": attempt.hints, "solution": attempt.solution},
        "points": attempt.points,
        "max_points": attempt.max_points,
        "checks": [check.as_json() for check in attempt.checks],
        "questions": {
            "asked": list(attempt.questions),
            "points": points,
            "max_points": most,
            "answers": [answer.as_json() for answer in attempt.answers],
        },
    }
