"""How names of images are read, and which rule is the most specific."""

from __future__ import annotations

import pytest

from gitops_sim.agents.image_updater.image import parse_image
from gitops_sim.agents.image_updater.matching import most_specific_first

DIGEST = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("text", "registry", "name", "tag", "alias"),
    [
        ("nginx", "", "nginx", "", ""),
        ("nginx:1.25", "", "nginx", "1.25", ""),
        ("docker.io/library/nginx:1", "docker.io", "nginx", "1", ""),
        ("library/nginx:1", "", "library/nginx", "1", ""),
        ("web=ghcr.io/org/web:~1.2", "ghcr.io", "org/web", "~1.2", "web"),
        ("localhost:5000/web:1", "localhost:5000", "web", "1", ""),
        ("web=ghcr.io/org/web:>=1.0, <2", "ghcr.io", "org/web", ">=1.0, <2", "web"),
        (f"org/web:1@{DIGEST}", "", "org/web", "1", ""),
    ],
)
def test_a_name_is_taken_apart_and_a_range_of_versions_stands_where_a_tag_does(
    text: str, registry: str, name: str, tag: str, alias: str
) -> None:
    found = parse_image(text)
    assert (found.registry, found.name, found.tag.name if found.tag else "", found.alias) == (registry, name, tag, alias)


def test_a_digest_stays_beside_its_tag_and_alone_counts_as_one_of_latest() -> None:
    assert str(parse_image(f"ghcr.io/org/web:1@{DIGEST}")) == f"ghcr.io/org/web:1@{DIGEST}"
    assert parse_image(f"ghcr.io/org/web@{DIGEST}").version == f"latest@{DIGEST}"


def test_exact_names_come_before_labels_and_labels_before_longer_patterns() -> None:
    labels = {"matchLabels": {"tier": "web"}}
    refs = [
        {"namePattern": "*"},
        {"namePattern": "web-*"},
        {"namePattern": "web-prod-*"},
        {"namePattern": "*", "labelSelectors": labels},
        {"namePattern": "web-prod-1"},
    ]
    found = [(ref["namePattern"], "labelSelectors" in ref) for ref in most_specific_first(refs)]
    assert found == [("web-prod-1", False), ("*", True), ("web-prod-*", False), ("web-*", False), ("*", False)]
