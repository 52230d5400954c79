"""The first drift that is put right comes after less than two minutes of reading."""

from __future__ import annotations

import json
import re

from gitops_sim.course.shipped import shipped
from gitops_sim.notebook.stops import stop

WORDS_PER_MINUTE = 200


def test_the_first_drift_comes_early() -> None:
    read = json.loads((shipped("notebooks") / "01-what-is-gitops.ipynb").read_text(encoding="utf-8"))
    question = stop("by-hand")
    words = [*question.ask.split(), *(word for option in question.options for word in option.text.split())]
    for cell in read["cells"]:
        text = "".join(cell["source"])
        words += re.findall(r"[\w'`.&]+", text)
        if 'predict("by-hand"' in text:
            break
    else:
        raise AssertionError("the first notebook has lost its first drift")
    assert len(words) < 2 * WORDS_PER_MINUTE
