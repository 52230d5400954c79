"""Grading a class: submissions are data, replayed in fresh worlds, each in its own process. No learner's code is ever run."""

from gitops_sim.course.grading.budget import Budget
from gitops_sim.course.grading.classroom import Classroom, Row
from gitops_sim.course.grading.grade import Grading, grade
from gitops_sim.course.grading.outfolder import check_out, write_result

__all__ = ["Budget", "Classroom", "Grading", "Row", "check_out", "grade", "write_result"]
