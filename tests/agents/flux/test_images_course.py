"""What the course says of Flux's automation of images is what it does here."""

from __future__ import annotations

from pathlib import Path

import yaml

from tests.agents.flux.imagelab import ImageLab

ROOT = Path(__file__).parents[3]


def test_the_manifest_of_the_quiz_stays_as_it_is_while_the_automation_says_up_to_date() -> None:
    [item] = [
        i
        for i in yaml.safe_load((ROOT / "exercises/quiz/09-image-automation.yaml").read_text())["items"]
        if i["id"] == "missing-marker"
    ]
    lab = ImageLab("1.4.0", "1.5.0", files={"web.yaml": item["yaml"]}).begin()
    assert lab.ready("web", "imgpol")[2] == "Latest image tag for shop/web resolved to 1.5.0"
    assert lab.ready("web", "iua")[2] == "repository up-to-date"
    assert lab.file("web.yaml") == item["yaml"]


def test_the_line_that_the_exercise_asks_for_lets_flux_take_over() -> None:
    marked = 'image: shop/web:1.5.0 # {"$imagepolicy": "flux-system:web"}\n'
    assert '`# {"$imagepolicy": "flux-system:web"}`' in (ROOT / "exercises/12-image-automation/text.md").read_text()
    lab = ImageLab("1.5.0", "1.5.1", "1.6.0-rc1", files={"web.yaml": marked}).begin()
    assert lab.file("web.yaml") == marked.replace("1.5.0", "1.5.1")
