"""What the course says of Flux's automation of images is what it does here."""

from __future__ import annotations

import json
from pathlib import Path

import yaml

from tests.agents.flux.imagelab import MARKED, ImageLab
from tests.agents.flux.lab import FluxLab, git_repository

ROOT = Path(__file__).parents[3]


def test_the_objects_that_the_notebook_shows_write_the_newest_tag_of_the_range_into_dev() -> None:
    cells = json.loads((ROOT / "notebooks/10-repositories-and-promotion.ipynb").read_text())["cells"]
    [text] = [
        source
        for cell in cells
        if "kind: ImagePolicy " in (source := "".join(cell["source"])) and cell["cell_type"] == "markdown"
    ]
    shown = list(yaml.safe_load_all(text.partition("```yaml\n")[2].partition("```")[0]))
    images = {f"registry.example/shop/web:{tag}": {} for tag in ("1.4.0", "1.4.2", "1.5.0")}
    files = {f"{place}/web.yaml": MARKED for place in ("dev", "production")}
    lab = FluxLab(files, images=images)
    lab.start(git_repository(), *shown)
    lab.run("10s")
    new = {place: lab.repo.tree().read(f"{place}/web.yaml").decode() for place in ("dev", "production")}
    assert new == {"dev": MARKED.replace("shop/web:1.5.0", "registry.example/shop/web:1.4.2"), "production": MARKED}
    assert lab.repo.commit_at("main").message == "Update images\nshop/web:1.5.0 -> registry.example/shop/web:1.4.2\n"


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
