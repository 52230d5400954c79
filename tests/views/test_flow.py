from xml.etree import ElementTree

from gitops_sim.views.flow import Flow, Move, flow

COMMIT = Move("commit", 0, "ana", "commits 4be1c07 to main: Scale web to 3")
POLL = Move("poll", 151, "argocd", "polls, finds 4be1c07", "the last poll was 2m31s ago")
APPLY = Move("apply", 151, "argocd", "syncs 4be1c07: Deployment/web configured", "Git says 3 replicas, the cluster has 2")
BY_HAND = Move("manual", 600, "ben", "kubectl scale deployment web --replicas=10")


def lit(diagram: Flow) -> list[str]:
    """The verbs whose arrows glow."""
    root = ElementTree.fromstring(flow(diagram).svg)
    verbs = []
    for group in root.iter("{http://www.w3.org/2000/svg}g"):
        glows = [child for child in group if "stroke-opacity" in child.attrib.get("style", "")]
        if glows:
            verbs.append("".join(text for text in group.itertext()))
    return verbs


def test_only_the_arrow_of_the_last_move_is_lit() -> None:
    assert len(lit(Flow("pull", [COMMIT, POLL, APPLY]))) == 1
    assert "applies" in lit(Flow("pull", [COMMIT, POLL, APPLY]))[0]
    assert "polls" in lit(Flow("pull", [COMMIT, POLL]))[0]
    assert lit(Flow("pull")) == []
    assert lit(Flow("pull", [COMMIT], quiet=True)) == []


def test_who_what_when_and_why_are_told_under_the_picture() -> None:
    svg = flow(Flow("pull", [COMMIT, POLL, APPLY], next="next poll in 2m41s")).svg
    for words in (
        "09:02:31",
        "argocd",
        "syncs 4be1c07: Deployment/web configured",
        "because Git says 3 replicas",
        "next poll in 2m41s",
    ):
        assert words in svg


def test_keys_are_where_they_are_held() -> None:
    push, pull = flow(Flow("push")), flow(Flow("pull"))
    assert "cluster credentials (outside the cluster)" in push.text
    assert "outside the cluster" not in pull.text
    assert "reads Git, writes here" in pull.text
    assert "cluster credentials" in push.svg
    assert "cluster credentials" not in pull.svg


def test_in_pull_the_agent_acts_on_git_and_stands_inside_the_fence() -> None:
    assert "person -> Git <- [ cluster: agent -> workload ]" in flow(Flow("pull")).text
    assert "person -> Git -> CI pipeline -> [ cluster: workload ]" in flow(Flow("push")).text


def test_a_change_by_hand_passes_git_by_and_marks_the_cluster() -> None:
    view = flow(Flow("push", [COMMIT, BY_HAND], {"cluster": "web 10/10"}, wrong="differs from Git"))
    assert "past Git: kubectl scale deployment web --replicas=10" in view.svg
    assert "differs from Git" in view.svg
    assert view.text.endswith("the cluster: differs from Git")
    assert "> 09:10:00  ben kubectl scale" in view.text
    assert "past Git" not in flow(Flow("push", [COMMIT])).svg


def test_nothing_yet_is_said() -> None:
    assert "nothing has happened yet" in flow(Flow("push")).svg
    assert "nothing moves" in flow(Flow("push", [COMMIT], quiet=True)).svg
