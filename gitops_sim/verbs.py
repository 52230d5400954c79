"""What each kind of action does to a world: the one way in for notebooks, stories, solutions and grading."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from typing import TYPE_CHECKING

from gitops_sim.actions import Action
from gitops_sim.agents import argocd, flux
from gitops_sim.cluster import Cluster
from gitops_sim.cluster.scale import SCALABLE
from gitops_sim.errors import BadInput
from gitops_sim.kubectl import Kubectl
from gitops_sim.objects import Key
from gitops_sim.output import Output
from gitops_sim.wallclock import WallClock

if TYPE_CHECKING:
    from gitops_sim.world import World

LEARNER = "you"
"""Who acts when an action names nobody."""


_LOOKS = (
    "get ",
    "describe ",
    "diff ",
    "rollout status",
    "rollout history",
    "logs ",
    "wait ",
    "auth can-i",
    "auth whoami",
    "api-resources",
    "version",
)


def perform(world: World, action: Action) -> Output:
    """Does what the action says, now; a command answers with its output. Raises BadInput when it cannot be done."""
    verb = _VERBS.get(action.do)
    if verb is None:
        raise BadInput(f"{action.do!r} cannot be played", mend="use one of " + ", ".join(sorted(_VERBS)))
    return verb(world, action, action.by or LEARNER) or Output()


def _kubectl(world: World, action: Action, by: str) -> Output:
    """Leaves two records: ``CommandRun`` when it begins, ``CommandAnswered`` when it is back. One that only looks is a detail."""
    cluster, args = world.cluster(action.cluster), " ".join(action.get("args").split()).removeprefix("kubectl ")
    subject, tells = f"cluster/{cluster.name}", not args.startswith(_LOOKS)
    world.trace.add(by, "CommandRun", subject, f"kubectl {args}", story=tells, tool="kubectl", args=args, cluster=cluster.name)
    tool = Kubectl(cluster.as_user(by), namespace=cluster.home, wait=world.wait)
    output = tool.run(action.get("args"), files=action.get("files"), stdin=action.get("stdin", ""))
    world.trace.add(by, "CommandAnswered", subject, output=output.said, exit=output.exit, tool="kubectl", args=args)
    return output


def _argocd(world: World, action: Action, by: str) -> Output:
    return argocd.CLI(world.argocd_in(action.cluster), by, world.wait, action.get("files")).run(action.get("args"))


def _flux(world: World, action: Action, by: str) -> Output:
    """Leaves the two records of a command; one that only looks is a detail."""
    agent, args = world.flux_in(action.cluster), " ".join(action.get("args").split()).removeprefix("flux ")
    subject, tells = f"cluster/{agent.cluster.name}", args.startswith(("reconcile", "suspend", "resume"))
    name = agent.cluster.name
    world.trace.add(by, "CommandRun", subject, f"flux {args}", story=tells, tool="flux", args=args, cluster=name)
    output = flux.CLI(agent, by, world.wait, action.get("files")).run(action.get("args"))
    world.trace.add(by, "CommandAnswered", subject, output=output.said, exit=output.exit, tool="flux", args=args)
    return output


def _dashboard(world: World, action: Action, by: str) -> Output:
    return argocd.Dashboard(world.argocd_in(action.cluster), by).click(action.get("args"))


def _commit(world: World, action: Action, by: str) -> None:
    repository = world.git.repository(action.get("repo"))
    repository.commit(action.get("files"), action.get("message"), author=by, branch=action.get("branch", ""))


def _branch(world: World, action: Action, by: str) -> None:
    world.git.repository(action.get("repo")).branch(action.get("name"), action.get("from", ""), author=by)


def _merge(world: World, action: Action, by: str) -> None:
    world.git.repository(action.get("repo")).merge(
        action.get("branch"),
        action.get("into", ""),
        author=by,
        message=action.get("message"),
        fast_forward=action.get("fastForward", False),
    )


def _revert(world: World, action: Action, by: str) -> None:
    repository = world.git.repository(action.get("repo"))
    repository.revert(action.get("commit", "HEAD"), author=by, branch=action.get("branch", ""), mainline=action.get("mainline"))


def _reset(world: World, action: Action, by: str) -> None:
    world.git.repository(action.get("repo")).reset(action.get("branch"), action.get("to"), author=by)


def _push(world: World, action: Action, by: str) -> None:
    repository = world.git.repository(action.get("repo"))
    repository.receive_push(action.get("ref"), action.get("commits"), action.get("to", ""), author=by)


def _webhook(world: World, action: Action, by: str) -> None:
    repository = world.git.repository(action.get("repo"))
    world.git.webhooks.set(repository.name, action.get("url"), action.get("state", "on"), by=by)


def _pr(world: World, action: Action, by: str) -> Output:
    """Answers as the forge's page does: what there is now, and what it still waits for."""
    pulls, repo = world.git.pull_requests, action.get("repo")
    verb = next(name for name in ("open", "review", "comment", "merge", "close") if name in action.fields)
    fields = action.get(verb)
    if verb == "open":
        more = {"title": fields["title"], "body": fields.get("body", "")}
        pull = pulls.open(repo, fields["branch"], fields.get("into", ""), author=by, **more)
        done = f"opened #{pull.number}, {pull.head} into {pull.base}: {pull.title}"
    else:
        number, text = fields.get("number") or pulls.of_branch(repo, fields["branch"]).number, fields.get("text", "")
        if verb == "review":
            pull = pulls.review(repo, number, fields["verdict"], text, author=by)
        elif verb == "comment":
            pull = pulls.comment(repo, number, text, author=by)
        elif verb == "merge":
            pull = pulls.merge(repo, number, author=by, message=fields.get("message"))
        else:
            pull = pulls.close(repo, number, text, author=by)
        done = {
            "review": f"reviewed #{number}",
            "comment": f"commented on #{number}",
            "merge": f"merged #{number} into {pull.base} as {pull.merged[:7]}",
            "close": f"closed #{number}",
        }[verb]
    unmet = pulls.unmet(pull)
    return Output(f"{done}\n" + "".join(f"  it waits for: {what}\n" for what in unmet))


def _pipeline(world: World, action: Action, by: str) -> Output:
    return world.pipeline(action.get("name", "")).command(action.get("args"), user=by)


def _registry(world: World, action: Action, by: str) -> None:
    """``push IMAGE``: an image appears, or its tag means something else from now on."""
    try:
        words = shlex.split(action.get("args"))
    except ValueError:
        words = []
    if len(words) != 2 or words[0] != "push":
        raise BadInput(f"the registry cannot {action.get('args')!r}", mend="write args: push IMAGE, and image: {its traits}")
    world.registry.push(words[1], action.get("image"), at=world.now)
    world.trace.add(by, "ImagePushed", f"image/{words[1]}", f"pushes image {words[1]}", story=True, image=words[1])


def _simulated(world: World, action: Action) -> Cluster:
    """The cluster, if its machines and their load are the world's to say. Raises BadInput for a real one."""
    if isinstance(world.clock, WallClock):
        raise BadInput("a real cluster has real machines and a real load", mend="try it in a simulated world: World()")
    return world.cluster(action.cluster)


def _load(world: World, action: Action, by: str) -> None:
    """What all Pods of a workload (``deployment/web``) need together from now on; see :mod:`gitops_sim.cluster.load`."""
    cluster, (word, _, name) = _simulated(world, action), action.get("workload").partition("/")
    kind, namespace = cluster.kinds.find(word), action.get("namespace", cluster.home)
    if kind is None or kind.kind not in SCALABLE or not name:
        mend = "write workload: deployment/web, and cpu: 900m"
        raise BadInput(f"{action.get('workload')!r} cannot have a load", mend=mend)
    given = {resource: action.get(resource) for resource in ("cpu", "memory") if action.get(resource)}
    if not given:
        raise BadInput("a load of nothing", mend="give cpu: 900m, or memory: 1Gi")
    cluster.load.set(kind.kind, name, namespace, **given)
    shown = ", ".join(f"{resource} {quantity}" for resource, quantity in given.items())
    subject = f"{kind.kind}/{namespace}/{name}"
    world.trace.add(by, "LoadChanged", subject, f"the load of {name} is now {shown}", story=True, **given)


def _node(world: World, action: Action, by: str) -> None:
    """``lose NODE``: nobody hears of this machine any more; ``return NODE``: it is back. See ``gitops_sim.cluster.machines``."""
    cluster, words = _simulated(world, action), action.get("args").split()
    if len(words) != 2 or words[0] not in ("lose", "return"):
        raise BadInput(f"nodes cannot {action.get('args')!r}", mend="write args: lose node-1, or args: return node-1")
    verb, name = words
    if cluster.store.get(Key("", "Node", "", name)) is None:
        there = ", ".join(machine.name for machine in cluster.machines.all)
        raise BadInput(f"no node {name!r} in cluster {cluster.name}", mend=f"use one of {there}")
    if verb == "lose":
        cluster.machines.lose(name, cluster.clock.now)
        world.trace.add(by, "NodeLost", f"node/{name}", f"{name} is cut off", story=True, node=name)
    else:
        cluster.machines.bring_back(name)


def _api(world: World, action: Action, by: str) -> Output:
    """A request of any client of the API; answers with what was seen, if it was a look."""
    from gitops_sim.apicalls import call, request_of, seen

    return seen(action, call(world, request_of(action, by), action.cluster, lambda: action))


def _answer(world: World, action: Action, by: str) -> None:
    world.trace.add(by, "QuestionAnswered", action.get("question"), question=action.get("question"), value=action.get("value"))


_VERBS: dict[str, Callable[[World, Action, str], Output | None]] = {
    "kubectl": _kubectl,
    "argocd": _argocd,
    "dashboard": _dashboard,
    "flux": _flux,
    "commit": _commit,
    "branch": _branch,
    "merge": _merge,
    "revert": _revert,
    "reset": _reset,
    "push": _push,
    "pr": _pr,
    "webhook": _webhook,
    "node": _node,
    "pipeline": _pipeline,
    "registry": _registry,
    "load": _load,
    "api": _api,
    "answer": _answer,
}
