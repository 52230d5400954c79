"""What the real helm cannot be asked for: the world's time and chance, its objects, and what a release keeps."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import Any

from gitops_sim.manifests.folder import Folder
from gitops_sim.manifests.helm import Release, load_archive, load_chart, pack, render_chart
from tests.manifests.helm.charts import packed, render
from tests.manifests.helm.helm import CHARTS, rendered

LUCK = 'x: {{ randAlphaNum 8 }}-{{ uuidv4 }}-{{ randInt 1 9000 }}-{{ shuffle "abcdef" }}-{{ randBytes 4 }}\n'


def test_chance_comes_from_the_world_alone() -> None:
    chart = load_archive(packed({"templates/a.yaml": LUCK}))
    texts = [render_chart(chart, chance=random.Random(seed)).text() for seed in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]
    assert render_chart(chart).text() == render_chart(chart).text() != render_chart(chart, Release("other")).text()


def test_time_is_the_worlds() -> None:
    template = 'x: {{ now | date "2006-01-02 15:04:05 MST" }} {{ now | unixEpoch }} {{ ago (now) }}\n'
    chart = load_archive(packed({"templates/a.yaml": template}))
    text = render_chart(chart, now=datetime(2026, 1, 6, 7, 8, 9, tzinfo=UTC)).text()
    assert "x: 2026-01-06 07:08:09 UTC 1767683289 0s" in text


def test_lookup_asks_the_world() -> None:
    asked: list[tuple[str, ...]] = []

    def lookup(*what: str) -> dict[str, Any]:
        asked.append(what)
        return {"data": {"token": "a2VwdA=="}} if what[3] else {"items": [{"metadata": {"name": "one"}}]}

    chart = load_chart(Folder(CHARTS / "lookup" / "chart"))
    text = render_chart(chart, Release("web", "prod"), lookup=lookup).text()
    assert "token: a2VwdA==" in text
    assert "items: one" in text
    assert asked == [("v1", "Secret", "prod", "token"), ("v1", "Pod", "x", ""), ("v1", "Namespace", "", "default")]


def test_what_a_release_keeps() -> None:
    chart = rendered(CHARTS / "hooks", ["--name-template", "web"])
    hooks = {hook.manifest.name: hook for hook in chart.hooks}
    assert hooks["migrate"].events == ("pre-install", "pre-upgrade")
    assert (hooks["migrate"].weight, hooks["first"].weight, hooks["test"].weight) == (5, -5, 0)
    assert hooks["migrate"].delete_policies == ("before-hook-creation", "hook-succeeded")
    assert hooks["test"].events == ("test",)
    assert [(m.kind, m.name, m.file) for m in chart.manifests] == [("ConfigMap", "plain", "hooks/templates/a.yaml")]
    assert chart.manifest.startswith("---\n# Source: hooks/templates/a.yaml\napiVersion: v1\n")
    assert chart.chart.metadata.as_json() == {"apiVersion": "v2", "name": "hooks", "version": "0.1.0"}
    assert rendered(CHARTS / "shop", []).notes == "Visit http://shop.example \n"


def test_nothing_of_a_chart_is_changed_by_rendering_it() -> None:
    chart = load_chart(Folder(CHARTS / "imports" / "chart"))
    first = render_chart(chart, values={"port": 5.0}).text()
    assert render_chart(chart, values={"port": 6.0}).text() != first
    assert render_chart(chart, values={"port": 5.0}).text() == first


def test_templates_may_change_values_but_not_those_of_the_next_rendering() -> None:
    chart = load_archive(packed({"templates/a.yaml": 'x: {{ set .Values "a" 2 | toJson }}\n', "values.yaml": "a: 1\n"}))
    given: dict[str, Any] = {"b": {"c": 1.0}}
    assert render_chart(chart, values=given).text() == render_chart(chart, values=given).text()
    assert given == {"b": {"c": 1.0}}


def test_packing_is_the_same_every_time() -> None:
    assert pack({"a": b"1", "b": b"2"}, "x") == pack({"b": b"2", "a": b"1"}, "x")


def test_templates_in_templates_may_be_deep() -> None:
    helpers = '{{ define "down" }}{{ if . }}{{ . }},{{ include "down" (sub . 1) }}{{ end }}{{ end }}'
    assert "x: 150,149," in render('x: {{ include "down" 150 }}', helpers=helpers).text()
