"""The quiz: items as data, asked in practice or in an exam, some of them answered by the simulator."""

from gitops_sim.course.quiz.answers import NotAnAnswer
from gitops_sim.course.quiz.item import Item, Question
from gitops_sim.course.quiz.keeping import AnswerFile, latest_sitting
from gitops_sim.course.quiz.mastery import Mastery, mastery
from gitops_sim.course.quiz.quiz import Quiz, load_quiz, quiz_topics
from gitops_sim.course.quiz.result import Note, Result
from gitops_sim.course.quiz.session import Attempt, Session, Summary, read_attempt

__all__ = [
    "AnswerFile",
    "Attempt",
    "Item",
    "Mastery",
    "NotAnAnswer",
    "Note",
    "Question",
    "Quiz",
    "Result",
    "Session",
    "Summary",
    "latest_sitting",
    "load_quiz",
    "mastery",
    "quiz_topics",
    "read_attempt",
]
