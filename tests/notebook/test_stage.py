"""Looking at worlds: the right arrow at the right moment, the right state in each box."""

import pytest

from gitops_sim.errors import BadInput
from gitops_sim.notebook import edit, git, self_heal, show, start
from gitops_sim.notebook.film import Film, Frame
from gitops_sim.notebook.stage import Stage, side_by_side
from gitops_sim.world import World


def story(world: World) -> Stage:
    stage = Stage(world, since=len(world.trace))
    edit(world, "Scale web to 5", "replicas: 3", "replicas: 5", by="ana")
    world.run(minutes=5)
    world.kubectl("scale deployment web --replicas=10", by="ben")
    world.run(minutes=5)
    return stage


@pytest.fixture(scope="module")
def pull() -> Stage:
    return story(start())


@pytest.fixture(scope="module")
def push() -> Stage:
    return story(start("push"))


def frame(film: Film, words: str) -> Frame:
    return next(frame for frame in film.frames if words in frame.caption)


def test_a_film_of_pull_goes_from_commit_to_poll_to_drift_and_back(pull: Stage) -> None:
    film = pull.film()
    assert film.frames[0].caption == "before anything happens"
    assert "workload: web 3/3" in film.frames[0].view.text
    assert "the cluster: behind Git" in frame(film, "ana commits").view.text
    assert "argocd: saw 9d7b189" in frame(film, "ana commits").view.text
    polled = frame(film, "argocd polls").view
    assert "the cluster: behind Git" in polled.text
    assert "because every 2 minutes" in polled.text
    by_hand = frame(film, "ben kubectl scale").view
    assert "workload: web 5/10" in by_hand.text
    assert "the cluster: differs from Git" in by_hand.text
    healed = frame(film, "argocd self-heals").view
    assert "differs from Git" not in healed.text
    assert "next poll in" in film.frames[-1].view.text


def test_in_push_nobody_comes_back(push: Stage) -> None:
    film = push.film()
    assert "pipeline: job 2 runs" in frame(film, "pipeline starts job 2").view.text
    assert "pipeline: job 2 is over" in frame(film, "pipeline applies").view.text
    assert "the cluster: differs from Git" in film.frames[-1].view.text
    assert "no look planned" in film.frames[-1].view.text
    assert push.countdown().text == "no look planned the pipeline does not look by itself (now 09:11:00)"


def test_side_by_side_only_what_moves_now_is_lit(push: Stage, pull: Stage) -> None:
    film = side_by_side([push, pull], "Push and pull")
    polls = frame(film, "pull: argocd polls")
    assert polls.view.body.count("nothing moves") == 1
    both = frame(film, "push: ben kubectl scale")
    assert "pull: ben kubectl scale" in both.caption
    assert both.view.text.startswith("Push: the pipeline reaches into the cluster")


def test_intervals_are_the_time_in_which_git_and_cluster_differed(push: Stage, pull: Stage) -> None:
    (until_poll, at_once) = pull.intervals()
    assert until_poll.start == 60
    assert 60 < (until_poll.end or 0) <= 60 + 180
    assert at_once.start == at_once.end == 360
    (until_job, by_hand) = push.intervals()
    assert (until_job.start, until_job.end) == (60, 105)
    assert (by_hand.start, by_hand.end) == (360, None)


def test_the_log_says_where_agent_and_cluster_stand() -> None:
    world = start()
    edit(world, "Scale web to 5", "replicas: 3", "replicas: 5", by="ana")
    first, second, *_ = show(world, "log").text.splitlines()
    assert first.endswith("<- main")
    assert second.endswith("<- argocd saw, cluster, drifted")
    world.run(minutes=4)
    assert show(world, "log").text.splitlines()[0].endswith("<- main, argocd saw, cluster")


def test_desired_and_actual_show_what_differs_first() -> None:
    world = start()
    self_heal(world, False)
    world.kubectl("scale deployment web --replicas=10", by="ben")
    rows = show(world, "compare").text.splitlines()
    assert rows[1].split() == ["Deployment/web", ".spec.replicas", "3", "10", "differs"]
    assert rows[-1].endswith("same")
    assert "self-heal: off" in show(world, "agent").text


def test_an_object_that_git_does_not_have_any_more_is_compared_too() -> None:
    world = start()
    world.do("commit", repo="shop", message="Remove the address", files={"web/service.yaml": None}, by="ana")
    world.run(minutes=4)
    assert "Service/web" in show(world, "compare").text
    assert "gone" in show(world, "compare").text
    assert "Service/web  ClusterIP  OutOfSync, Healthy" in show(world, "tree").text


def test_every_picture_can_be_asked_for_in_both_worlds(push: Stage, pull: Stage) -> None:
    for stage in (push, pull):
        for name in ("dashboard", "flow", "tree", "log", "timeline", "compare", "agent", "countdown"):
            assert stage.picture(name).text
    with pytest.raises(BadInput, match="did you mean 'timeline'"):
        pull.picture("timelin")
    with pytest.raises(BadInput, match="nobody deploys"):
        Stage(World())


def test_the_tree_of_a_pipeline_has_health_but_no_sync_status(push: Stage) -> None:
    text = push.tree().text
    assert text.startswith("Namespace/default")
    assert "Synced" not in text
    assert "Deployment/web  10/10 ready  Healthy" in text


def test_the_start_is_settled_and_calm() -> None:
    assert show(start()).text.count("commits") == 0
    assert "Synced, Healthy" in show(start(), "agent").text


def test_git_answers_as_in_a_terminal() -> None:
    world = start()
    assert str(git(world, "log --format=%s")).splitlines() == ["Scale web to 3", "Give web an address", "Deploy web 1.4.0"]
    assert git(world, "git log --oneline -1").stdout.startswith("9d7b189 ")
    failed = git(world, "show nowhere")
    assert failed.exit != 0
    assert "nowhere" in failed.stderr


def test_unknown_worlds_and_edits_that_fit_nowhere_are_refused() -> None:
    with pytest.raises(BadInput, match="did you mean 'pull'"):
        start("pul")  # type: ignore[arg-type]
    world = start()
    before = git(world, "log --oneline").stdout
    with pytest.raises(BadInput, match="look at the file first"):
        edit(world, "Nothing", "replicas: 99", "replicas: 1")
    assert git(world, "log --oneline").stdout == before


def test_a_film_can_be_stepped_through_and_read() -> None:
    film = story(start()).film("A film")
    last = len(film.frames) - 1
    _, picture, bar, words = film.widget.children
    _, play, back, on, slider, count, in_words = bar.children
    assert play.tooltip == "Play the moments"
    assert picture.value == film.frames[0].view.svg
    back.click()
    assert slider.value == 0
    on.click()
    assert picture.value == film.frames[1].view.svg
    assert count.value == f"2 of {last + 1}"
    for _ in range(last + 3):
        on.click()
    assert slider.value == last
    assert words.layout.display == "none"
    in_words.value = True
    assert words.layout.display == ""
    assert film.frames[last].caption.split(":")[0] in words.value
    assert film.text.startswith("A film\n  1  before anything happens")
    with pytest.raises(ValueError, match="at least one frame"):
        Film([], title="")
