"""Changes as teams make them: to a whole repository in one commit, and by a pull request that somebody else looks at."""

from __future__ import annotations

from gitops_sim.errors import BadInput
from gitops_sim.notebook.chain import settled
from gitops_sim.notebook.worlds import REPOSITORY, git
from gitops_sim.output import Output
from gitops_sim.world import World


def sweep(world: World, message: str, old: str, new: str, *, by: str = "you", repo: str = REPOSITORY) -> None:
    """One commit in which ``old`` becomes ``new`` in every file of a repository. Raises BadInput when it stands in none."""
    tree = world.git.repository(repo).tree()
    texts = {path: tree.read(path).decode() for path in tree.files()}
    files = {path: text.replace(old, new) for path, text in texts.items() if old in text}
    if not files:
        raise BadInput(f"{old!r} stands nowhere in {repo}", mend="look at a file first: git(world, 'show HEAD:...')")
    world.do("commit", repo=repo, message=message, files=files, by=by)


def propose(world: World, title: str, old: str, new: str, *, file: str, by: str = "you") -> Output:
    """The same for one file, by a pull request: a branch, a commit, a look by somebody else, and the merge as soon as it is
    approved. Raises BadInput when ``old`` does not stand there, and when nobody approves within an hour."""
    before = world.git.repository(REPOSITORY).tree().read(file).decode()
    if old not in before:
        raise BadInput(f"{old!r} does not stand in {file}", mend=f'look at the file first: git(world, "show HEAD:{file}")')
    pulls = world.git.pull_requests
    number = len(pulls.of(REPOSITORY)) + 1
    branch = f"change-{number}"
    world.do("branch", repo=REPOSITORY, name=branch, by=by)
    world.do("commit", repo=REPOSITORY, branch=branch, message=title, files={file: before.replace(old, new)}, by=by)
    world.do("pr", repo=REPOSITORY, open={"branch": branch, "title": title}, by=by)
    if not world.run_until(lambda: bool(pulls.find(REPOSITORY, number).approved_by), timeout="1h"):
        raise BadInput(f"nobody has approved #{number} within an hour", mend="use a world with reviewers")
    world.do("pr", repo=REPOSITORY, merge={"number": number}, by=by)
    return git(world, "log -1 --oneline")


def wait_for(world: World, application: str) -> float:
    """Lets time pass until an Application runs what its branch says, and works; at most an hour. Returns the seconds."""
    begin = world.now
    world.run_until(lambda: settled(world, application), timeout="1h")
    return world.now - begin
