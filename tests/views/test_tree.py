from time import perf_counter

from gitops_sim.views.tree import Node, tree

WEB = Node(
    "Application",
    "shop",
    "OutOfSync",
    "Degraded",
    "4be1c07",
    [
        Node("ConfigMap", "settings", "Synced"),
        Node(
            "Deployment",
            "web",
            "OutOfSync",
            "Degraded",
            "1/2 ready",
            [
                Node(
                    "ReplicaSet",
                    "web-7d4b",
                    "",
                    "Degraded",
                    "",
                    [Node("Pod", "web-7d4b-a", "", "Healthy"), Node("Pod", "web-7d4b-b", "", "Degraded")],
                )
            ],
        ),
    ],
)


def hundred() -> Node:
    pods = [
        [Node("Pod", f"svc-{i}-7d4b9c5f68-{j}", "", "Degraded" if i == j == 1 else "Healthy") for j in range(4)]
        for i in range(17)
    ]
    return Node(
        "Application",
        "big",
        "Synced",
        "Healthy",
        "",
        [
            Node(
                "Deployment",
                f"svc-{i}",
                "Synced",
                "Healthy",
                "",
                [Node("ReplicaSet", f"svc-{i}-7d4b9c5f68", "", "Healthy", "", p)],
            )
            for i, p in enumerate(pods)
        ],
    )


def test_the_words_say_the_tree_with_every_state() -> None:
    assert tree(WEB).text == (
        "Application/shop  4be1c07  OutOfSync, Degraded\n"
        "├─ ConfigMap/settings  Synced\n"
        "└─ Deployment/web  1/2 ready  OutOfSync, Degraded\n"
        "   └─ ReplicaSet/web-7d4b  Degraded\n"
        "      ├─ Pod/web-7d4b-a  Healthy\n"
        "      └─ Pod/web-7d4b-b  Degraded"
    )


def test_the_picture_has_icon_and_word_for_each_state() -> None:
    svg = tree(WEB).svg
    assert svg.count(">OutOfSync<") == 2
    assert svg.count(">Degraded<") == 4
    assert svg.count(">Healthy<") == 1
    assert "5 objects under it" in svg


def test_a_column_per_generation_and_no_card_on_another() -> None:
    import re

    view = tree(hundred())
    spots = re.findall(r'<g transform="translate\(([\d.]+) ([\d.]+)\)"', view.body)
    assert len(spots) == len(hundred())
    assert len({x for x, _ in spots}) == 4
    assert len(set(spots)) == len(spots)
    assert all(float(x) < view.width and float(y) < view.height for x, y in spots)


def test_a_state_that_wants_attention_keeps_its_word_in_a_crowd() -> None:
    body = tree(hundred()).body
    assert body.count(">Degraded<") == 1
    assert ">Healthy<" not in body


def test_a_hundred_resources_are_drawn_within_50_ms() -> None:
    root = hundred()
    assert len(root) >= 100
    best = 1.0
    for _ in range(5):
        start = perf_counter()
        tree(root).html  # noqa: B018
        best = min(best, perf_counter() - start)
    assert best < 0.05
