"""The kinds of quiz items: each knows how its answer is read, judged and shown."""

from gitops_sim.course.quiz.kinds.body import Body
from gitops_sim.course.quiz.kinds.bug import FindTheBug
from gitops_sim.course.quiz.kinds.choice import Choice, Option
from gitops_sim.course.quiz.kinds.free import FreeText
from gitops_sim.course.quiz.kinds.match import Match
from gitops_sim.course.quiz.kinds.numeric import Numeric
from gitops_sim.course.quiz.kinds.order import Order

__all__ = ["Body", "Choice", "FindTheBug", "FreeText", "Match", "Numeric", "Option", "Order"]
