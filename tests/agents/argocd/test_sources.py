"""spec.sources: several sources at once, and sources that lend their files to others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.agents.lab import Lab, application, config_map
from tests.forge.conftest import real_git

URL = "https://git.example/"
CHART = {
    "chart/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
    "chart/values.yaml": "size: small\n",
    "chart/templates/cm.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: sized}\ndata: {size: '{{ .Values.size }}'}\n",
}


def source(repo: str, path: str = "", **more: Any) -> dict[str, Any]:
    return {"repoURL": f"{URL}{repo}.git", "targetRevision": "main", **({"path": path} if path else {}), **more}


def several(*sources: dict[str, Any], **more: Any) -> dict[str, Any]:
    app = application(**more)
    del app["spec"]["source"]
    app["spec"]["sources"] = list(sources)
    return app


def two(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map("a")})
    lab.repo({"other/b.yaml": config_map("b")}, "more")


def test_what_several_sources_hold_is_one_application(lab: Lab) -> None:
    two(lab)
    lab.add(several(source("shop", "manifests"), source("more", "other"), automated={}))
    assert list(lab.results()) == ["ConfigMap/a", "ConfigMap/b"]
    tips = [lab.forge.repository(name).tip() for name in ("shop", "more")]
    status = lab.status()
    assert (status["sync"]["status"], status["sync"]["revisions"]) == ("Synced", tips)
    assert "revision" not in status["sync"]
    assert [s["repoURL"] for s in status["sync"]["comparedTo"]["sources"]] == [f"{URL}shop.git", f"{URL}more.git"]
    assert status["sourceTypes"] == ["Directory", "Directory"]
    assert (status["history"][0]["revisions"], len(status["history"][0]["sources"])) == (tips, 2)


def test_a_change_in_any_source_is_synced(lab: Lab) -> None:
    two(lab)
    lab.add(several(source("shop", "manifests"), source("more", "other"), automated={}))
    lab.forge.repository("more").commit({"other/b.yaml": config_map("b", "new")}, "Change", author="ana")
    lab.run(400)
    assert lab.cluster.get("cm", "b")["data"]["key"] == "new"
    assert [entry["id"] for entry in lab.status()["history"]] == [0, 1]
    lab.run(3600)
    assert len(lab.status()["history"]) == 2  # and not again


def test_the_last_source_wins_and_a_warning_says_so(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map("a", "one")})
    lab.repo({"other/a.yaml": config_map("a", "two")}, "more")
    lab.add(several(source("shop", "manifests"), source("more", "other"), automated={}))
    assert lab.cluster.get("cm", "a")["data"]["key"] == "two"
    text = "Resource /ConfigMap/default/a appeared 2 times among application resources."
    assert lab.conditions() == {"RepeatedResourceWarning": text}


def test_value_files_of_another_source(lab: Lab) -> None:
    lab.repo(CHART)
    lab.repo({"prod/values.yaml": "size: large\n"}, "config")
    chart = source("shop", "chart", helm={"valueFiles": ["$values/prod/values.yaml"]})
    lab.add(several(chart, source("config", ref="values"), automated={}))
    assert lab.cluster.get("cm", "sized")["data"] == {"size": "large"}
    assert lab.status()["sourceTypes"] == ["Helm"]
    lab.forge.repository("config").commit({"prod/values.yaml": "size: huge\n"}, "Grow", author="ana")
    lab.run(400)
    assert lab.cluster.get("cm", "sized")["data"] == {"size": "huge"}


def test_a_source_that_nobody_named_is_told(lab: Lab) -> None:
    lab.repo(CHART)
    lab.repo({"prod/values.yaml": "size: large\n"}, "config")
    chart = source("shop", "chart", helm={"valueFiles": ["$vals/prod/values.yaml"]})
    lab.add(several(chart, source("config", ref="values"), automated={}))
    text = lab.conditions()["ComparisonError"]
    assert text.startswith("Failed to load target state: failed to generate manifest for source 1 of 2: rpc error: code = ")
    assert 'source referenced "vals", which is not one of the available sources (values)' in text


def test_the_source_that_fails_is_named(lab: Lab) -> None:
    two(lab)
    lab.add(several(source("shop", "manifests"), source("more", "nope"), automated={}))
    assert (
        "failed to generate manifest for source 2 of 2: rpc error: code = Unknown desc = nope"
        in lab.conditions()["ComparisonError"]
    )


def test_each_source_needs_a_repository_and_a_path(lab: Lab) -> None:
    two(lab)
    lab.add(several(source("shop", "manifests"), {"repoURL": f"{URL}more.git"}))
    assert "are required for source 2" in lab.conditions()["InvalidSpecError"]


def test_a_rollback_goes_back_in_all_sources(lab: Lab) -> None:
    two(lab)
    lab.add(several(source("shop", "manifests"), source("more", "other")))
    lab.cli("app sync web")
    lab.forge.repository("more").commit({"other/b.yaml": config_map("b", "new")}, "Change", author="ana")
    lab.cli("app sync web")
    assert lab.cluster.get("cm", "b")["data"]["key"] == "new"
    assert lab.cli("app rollback web 0").exit == 0
    assert lab.cluster.get("cm", "b")["data"]["key"] == "a"
    assert lab.sync() == "OutOfSync"
    assert [entry["id"] for entry in lab.status()["history"]] == [0, 1, 2]


def test_the_command_line_shows_all_sources(lab: Lab) -> None:
    two(lab)
    lab.add(several(source("shop", "manifests"), source("more", "other", ref="extra"), automated={}))
    tips = [lab.forge.repository(name).tip() for name in ("shop", "more")]
    text = lab.cli("app get web --show-operation").stdout
    assert "Sources:\n- Repo:             https://git.example/shop.git\n" in text
    assert "  Path:             other\n  Ref:              extra\n" in text
    assert f"Sync Revision:      {tips[0]}, {tips[1]}\n" in text
    assert lab.cli("app history web").stdout.count("SOURCE  ") == 2
    assert "multi-source app with --revision flag" in lab.cli("app sync web --revision main").stderr
    assert "Source position should be specified" in lab.cli("app set web --path x").stderr


def test_self_heal_knows_what_was_synced(lab: Lab) -> None:
    two(lab)
    lab.add(several(source("shop", "manifests"), source("more", "other"), automated={"selfHeal": True}))
    lab.cluster.patch("cm", "b", "default", {"data": {"key": "drift"}})
    lab.run(10)
    assert lab.cluster.get("cm", "b")["data"]["key"] == "a"
    assert len(lab.status()["history"]) == 1


def test_applications_of_one_folder_have_objects_of_their_own(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map("a")})
    options = ["CreateNamespace=true"]
    for name in ("one", "two"):
        lab.add(application(name, automated={}, namespace=name, options=options))
    lab.commit({"manifests/a.yaml": config_map("a", "new")})
    lab.run(400)
    for name in ("one", "two"):
        found = lab.cluster.get("cm", "a", name)
        assert found["data"] == {"key": "new"}
        assert found["metadata"]["annotations"]["argocd.argoproj.io/tracking-id"] == f"{name}:/ConfigMap:{name}/a"


def test_what_a_link_leads_to_is_read_at_every_commit(lab: Lab, tmp_path: Path) -> None:
    shop = lab.repo({"manifests/b.yaml": config_map("b"), "shared/a.yaml": config_map("a", "old")})
    clone = tmp_path / "clone"
    real_git("clone", "-q", shop.path, clone)
    (clone / "manifests" / "a.yaml").symlink_to("../shared/a.yaml")
    real_git("add", ".", cwd=clone)
    real_git("commit", "-qm", "Link", cwd=clone)
    real_git("push", "-q", cwd=clone)
    lab.add(application(automated={}))
    assert lab.cluster.get("cm", "a")["data"] == {"key": "old"}
    lab.commit({"shared/a.yaml": config_map("a", "new")})
    lab.run(400)
    assert lab.cluster.get("cm", "a")["data"] == {"key": "new"}


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (("a", "a"), "invalid sources: multiple sources had the same `ref` key"),
        (("a b", "c"), "sources.ref a b cannot contain any special characters except '_' and '-'"),
    ],
)
def test_the_names_that_sources_have_for_each_other_are_names_and_different(lab: Lab, names: tuple[str, str], text: str) -> None:
    lab.repo({"manifests/a.yaml": config_map()})
    whole = application(automated={})
    source = whole["spec"].pop("source")
    whole["spec"]["sources"] = [source, *({"repoURL": source["repoURL"], "targetRevision": "main", "ref": n} for n in names)]
    lab.add(whole)
    assert lab.conditions() == {"ComparisonError": f"Failed to load target state: failed to get ref sources: {text}"}
    assert lab.sync() == "Unknown"
