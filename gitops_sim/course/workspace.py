"""A learner's workspace: a folder with where they stand, the exercises that they are in, their answers and submissions.

::

    gitops-course/
      progress.json            exercises tried and passed, help used, predictions
      exercises/<id>.yaml      the action log of an exercise that is going on; it is replayed, so a restart loses nothing
      answers.jsonl            answers to quiz questions
      submissions/<id>.yaml    what was handed in

Every write replaces a whole file at once, and one program writes at a time. A file that cannot be read is put beside under
another name, never overwritten; :attr:`Workspace.notes` then says so.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gitops_sim.actions import ActionLog, dump_actions, load_actions
from gitops_sim.course.locking import locked
from gitops_sim.course.quiz import AnswerFile
from gitops_sim.course.records import VERSION, Records, UnreadableError, dump_records, empty_records, load_records
from gitops_sim.errors import BadInput

HOME = "GITOPS_SIM_HOME"
"""The environment variable that names another folder."""
DEFAULT = "gitops-course"
MOST_BYTES = 20_000_000
"""What a file to import may hold."""
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")


class Workspace:
    """The workspace in ``folder``; without one, in ``$GITOPS_SIM_HOME`` or else in ``./gitops-course``. Nothing is written until
    there is something to keep. Its methods raise BadInput when the folder cannot be read or written."""

    def __init__(self, folder: str | Path | None = None) -> None:
        self.folder = Path(folder or os.environ.get(HOME) or DEFAULT)
        self.notes: list[str] = []
        """What the learner should be told, oldest first; whoever tells it empties the list."""

    @property
    def answers(self) -> AnswerFile:
        """Answers to quiz questions."""
        return AnswerFile(self.folder / "answers.jsonl")

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Nobody else writes meanwhile."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = locked(self.folder)
            lock.__enter__()
        except OSError as error:
            raise self._trouble("written", self.folder, error) from None
        try:
            yield
        finally:
            lock.__exit__(None, None, None)

    # ------------------------------------------------------------------ records

    def records(self) -> Records:
        """Where the learner stands. A file that cannot be used is put beside, and everything begins anew."""
        path = self.folder / "progress.json"
        text = self._read(path)
        if text is None:
            return empty_records()
        try:
            return load_records(text)
        except UnreadableError as error:
            with self.lock():
                kept = self._put_beside(path)
            self.notes.append(f"{path} {error}. It is kept as {kept.name}, and a new one begins.")
            return empty_records()

    def update(self, change: Callable[[Records], None]) -> Records:
        """Changes the records, after reading again what others may have written meanwhile."""
        with self.lock():
            records = self.records()
            change(records)
            self._write(self.folder / "progress.json", dump_records(records))
        return records

    # ------------------------------------------------------------------ exercises

    def log_text(self, exercise: str) -> str | None:
        """The kept action log of an exercise as it stands in its file; None when there is none."""
        return self._read(self._log_path(exercise))

    def log(self, exercise: str) -> ActionLog | None:
        """The kept action log. One that cannot be used is put beside, and the exercise begins anew."""
        text = self.log_text(exercise)
        if text is None:
            return None
        try:
            return load_actions(text, str(self._log_path(exercise)))
        except BadInput as error:
            self.set_log_aside(exercise, f"cannot be read ({error.what})")
            return None

    def write_log(self, exercise: str, log: ActionLog) -> str:
        """Keeps the log; gives the text that the file now holds."""
        text = dump_actions(log)
        with self.lock():
            self._write(self._log_path(exercise), text)
        return text

    def set_log_aside(self, exercise: str, why: str) -> None:
        """Puts the log beside, so that the exercise begins anew."""
        path = self._log_path(exercise)
        with self.lock():
            if path.exists():
                kept = self._put_beside(path)
                self.notes.append(f"{path} {why}. It is kept as {kept.name}, and the exercise begins anew.")

    def write_submission(self, log: ActionLog) -> Path:
        """Writes what is handed in; gives the file's path."""
        path = self.folder / "submissions" / f"{log.exercise['id']}.yaml"
        with self.lock():
            self._write(path, dump_actions(log))
        return path

    def _log_path(self, exercise: str) -> Path:
        return self.folder / "exercises" / f"{exercise}.yaml"

    # ------------------------------------------------------------------ export and import

    def export(self, path: str | Path) -> Path:
        """Everything but submissions, in one JSON file, for another machine."""
        with self.lock():
            logs = {file.stem: self._read(file) for file in sorted((self.folder / "exercises").glob("*.yaml"))}
            whole = {
                "version": VERSION,
                "records": json.loads(dump_records(self.records())),
                "logs": logs,
                "answers": (self._read(self.answers.path) or "").splitlines(),
            }
        self._write(Path(path), json.dumps(whole, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
        return Path(path)

    def import_(self, path: str | Path) -> None:
        """Takes over what :meth:`export` wrote; what was here is put beside. Raises BadInput for any other file, and changes
        nothing then."""
        records, logs, answers = _exported(Path(path))
        with self.lock():
            for file in (self.folder / "progress.json", self.answers.path, *sorted((self.folder / "exercises").glob("*.yaml"))):
                if file.exists():
                    self._put_beside(file)
            self._write(self.folder / "progress.json", dump_records(records))
            self._write(self.answers.path, "".join(f"{line}\n" for line in answers))
            for exercise, text in logs.items():
                self._write(self._log_path(exercise), text)

    # ------------------------------------------------------------------ files

    def _read(self, path: Path) -> str | None:
        try:
            return path.read_text(encoding="utf-8", errors="surrogateescape")
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._trouble("read", path, error) from None

    def _write(self, path: Path, text: str) -> None:
        """Old content or new content, never half of it, whenever the machine stops."""
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with draft.open("w", encoding="utf-8", errors="surrogateescape") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        except OSError as error:
            raise self._trouble("written", path, error) from None

    def _put_beside(self, path: Path) -> Path:
        number = 1
        while (kept := path.with_name(f"{path.name}.kept-{number}")).exists():
            number += 1
        try:
            path.rename(kept)
        except OSError as error:
            raise self._trouble("moved", path, error) from None
        return kept

    def _trouble(self, done: str, path: Path, error: OSError) -> BadInput:
        mend = f"choose another folder: {HOME}=FOLDER"
        return BadInput(f"cannot be {done}: {error.strerror or error}", where=str(path), mend=mend)


def _exported(path: Path) -> tuple[Records, Mapping[str, str], list[str]]:
    """The parts of an exported file. Raises BadInput."""
    mend = "give a file that 'gitops-sim progress --export FILE' wrote"
    try:
        if path.stat().st_size > MOST_BYTES:
            raise BadInput(f"is larger than {MOST_BYTES} bytes", where=str(path), mend=mend)
        whole: Any = json.loads(path.read_bytes())
    except OSError as error:
        raise BadInput(f"cannot be read: {error.strerror or error}", where=str(path), mend=mend) from None
    except (ValueError, RecursionError):
        raise BadInput("is not JSON", where=str(path), mend=mend) from None
    if not isinstance(whole, dict) or set(whole) != {"version", "records", "logs", "answers"}:
        raise BadInput("is not an exported progress", where=str(path), mend=mend)
    try:
        records = load_records(json.dumps(whole["records"]))
    except UnreadableError as error:
        raise BadInput(f"its records: {error}", where=str(path), mend=mend) from None
    logs, answers = whole["logs"], whole["answers"]
    if not isinstance(logs, dict) or not all(_SLUG.match(id) and isinstance(text, str) for id, text in logs.items()):
        raise BadInput("its logs are not texts by exercise", where=str(path), mend=mend)
    if not isinstance(answers, list) or not all(isinstance(line, str) and "\n" not in line for line in answers):
        raise BadInput("its answers are not lines", where=str(path), mend=mend)
    return records, logs, answers
