"""Acting in an exercise: the tools of the trade, and time."""

from __future__ import annotations

import shlex
import sys
from dataclasses import replace
from typing import Any

import click

from gitops_sim.cli.exercise.going_on import current_session, end_as, local_files, pull, tell_notes, tell_where
from gitops_sim.cli.terminal import color_option, width

_PASS_ON: dict[str, Any] = {"ignore_unknown_options": True, "help_option_names": [], "allow_interspersed_args": False}
_words = click.argument("words", nargs=-1, type=click.UNPROCESSED)


@click.command("kubectl", context_settings=_PASS_ON, epilog="Example: gitops-sim exercise kubectl get pods")
@_words
def kubectl(words: tuple[str, ...]) -> None:
    """Runs kubectl in the exercise's cluster."""
    from gitops_sim.course.commands import named_files

    session, args = current_session(), shlex.join(words)
    files = {name: text for path in named_files(args) for name, text in local_files(session, path).items()}
    stdin = sys.stdin.read() if "-" in words and not sys.stdin.isatty() else ""
    end_as(session, session.kubectl(args, files=files, stdin=stdin))


@click.command("argocd", context_settings=_PASS_ON, epilog="Example: gitops-sim exercise argocd app get web")
@_words
def argocd(words: tuple[str, ...]) -> None:
    """Runs the argocd CLI. A file of ApplicationSets on your disk goes before one in the repositories."""
    from gitops_sim.course.commands import named_set

    session, args = current_session(), shlex.join(words)
    file = named_set(args)
    end_as(session, session.argocd(args, files=local_files(session, file) if file else {}))


@click.command("flux", context_settings=_PASS_ON, epilog="Example: gitops-sim exercise flux get kustomizations")
@_words
def flux(words: tuple[str, ...]) -> None:
    """Runs the flux CLI. A folder on your disk that --path names goes before one in the repositories."""
    from gitops_sim.course.commands import named_folder

    session, args = current_session(), shlex.join(words)
    folder = named_folder(args)
    end_as(session, session.flux(args, files=local_files(session, folder) if folder else {}))


@click.command("dashboard", context_settings=_PASS_ON, epilog="Example: gitops-sim exercise dashboard show web Deployment/web")
@_words
def dashboard(words: tuple[str, ...]) -> None:
    """Argo CD's pages in words, and its buttons.

    \b
    dashboard                        all Applications
    dashboard show APP               health, sync, last sync, resource tree, decisions
    dashboard show APP KIND/NAME     every field with its rule, diff, decisions, events
    dashboard sync APP [--prune] [--dry-run] [--apply-only] [--force] [--resource ...] [--options ...]
    dashboard refresh APP [--hard], rollback APP [ID] [--prune], delete APP [--cascade none]
    dashboard delete-resource APP GROUP:KIND:NAMESPACE/NAME [--orphan | --force]
    dashboard enable-auto-sync APP, disable-auto-sync APP, terminate APP, confirm APP
    """
    from gitops_sim.cli.exercise.dashboard import run_dashboard

    if words in (("--help",), ("-h",)):
        return click.echo(click.get_current_context().get_help())
    session = current_session()
    end_as(session, run_dashboard(session, list(words)))
    return None


@click.command("pipeline", context_settings=_PASS_ON, epilog="Example: gitops-sim exercise pipeline help")
@_words
def pipeline(words: tuple[str, ...]) -> None:
    """Gives the CI system a command; help names them."""
    session = current_session()
    end_as(session, session.pipeline(shlex.join(words or ("help",))))


@click.command("git", context_settings=_PASS_ON, epilog='Example: gitops-sim exercise git commit -m "Scale web to 5"')
@_words
def git(words: tuple[str, ...]) -> None:
    """Commits what you changed in the exercise's files, reverts, merges, or looks (log, show, diff).

    \b
    git commit -m MESSAGE [--repo R]     what you changed in the files of repository R
    git revert [COMMIT]
    git branch, switch [-c] NAME, merge NAME, reset --hard COMMIT
    git status, git pull                 what you changed; what others did
    git log --oneline, git show HEAD     as in the real git
    """
    from gitops_sim.cli.exercise.git import run_git_command

    if words in ((), ("--help",), ("-h",)):
        return click.echo(click.get_current_context().get_help())
    session = current_session()
    end_as(session, run_git_command(session, list(words)))
    return None


@click.command("pr", context_settings=_PASS_ON, epilog='Example: gitops-sim exercise pr open --title "Deploy web 1.5.0"')
@_words
def pr(words: tuple[str, ...]) -> None:
    """Opens, reviews and merges pull requests.

    \b
    pr open --title TITLE [--body TEXT] [BRANCH] [--into main]    of the branch you are on
    pr list, pr view N, pr diff N
    pr merge N, pr comment N --body TEXT, pr close N
    pr review N --approve | --request-changes                     of somebody else's
    """
    from gitops_sim.cli.exercise.git import work_copies
    from gitops_sim.course.pr_commands import run_pr_command

    if words in (("--help",), ("-h",)):
        return click.echo(click.get_current_context().get_help())
    session = current_session()
    copies = work_copies(session)
    output = run_pr_command(session, list(words), lambda repo: copies[repo].branch if repo in copies else "")
    for name in (name for name in copies if words[:1] == ("merge",)):
        kept = copies[name].pull()
        output = replace(output, stdout=output.stdout + "".join(f"kept beside: {path}\n" for path in kept))
    end_as(session, output)
    return None


@click.command("run", epilog="Example: gitops-sim exercise run 5m")
@click.argument("duration")
@color_option
def run(duration: str, color: bool) -> None:
    """Lets time pass (90s, 5m, 1h) and tells what happened."""
    from gitops_sim.views.story import Style

    session = current_session()
    click.echo(session.run(duration, Style(width(), color=color)))
    tell_notes(session.workspace)


@click.command("log", epilog="Example: gitops-sim exercise log")
@click.option("--actions", is_flag=True, help="The action log instead: what you did, as it will be handed in.")
@click.option("--verbose", "-v", is_flag=True, help="Every record, not only the story.")
@color_option
def log(actions: bool, verbose: bool, color: bool) -> None:
    """Tells all that happened since the exercise began."""
    from gitops_sim.actions import dump_actions
    from gitops_sim.views.story import Style

    session = current_session()
    if actions:
        click.echo(dump_actions(session.submission()), nl=False)
    else:
        click.echo(session.story(style=Style(width(), color=color, verbose=verbose)))
    tell_notes(session.workspace)


@click.command("answer", epilog="Example: gitops-sim exercise answer predict-drift a")
@click.argument("question", default="")
@click.argument("values", metavar="VALUE", nargs=-1)
def answer(question: str, values: tuple[str, ...]) -> None:
    """Shows the exercise's questions, asks QUESTION, or answers it with VALUE: a letter, several letters, a number, or text."""
    from gitops_sim.course.quiz.text import tell_question, tell_result

    session, value = current_session(), ("" if all(len(word) == 1 for word in values) else " ").join(values)
    asked = [item for item in session.exercise.questions if question in ("", item.id)]
    if not value:
        if not asked and question:
            session.answer(question, value)  # says which questions there are
        for item in asked:
            click.echo(f"{item.id}: {tell_question(item.ask(session.exercise.seed), width=min(100, width()))}\n")
        return click.echo("" if asked else "This exercise has no questions.", nl=not asked)
    result = session.answer(question, value)
    click.echo(tell_result(result, reveal=result.passed, width=min(100, width())))
    tell_notes(session.workspace)
    sys.exit(0 if result.passed else 1)


@click.command("undo", epilog="Example: gitops-sim exercise undo")
def undo() -> None:
    """Takes the last thing you did back, and the time that passed since."""
    from gitops_sim.cli.exercise.git import work_copies
    from gitops_sim.course.commands import told

    session = current_session()
    clean = {name for name, copy in work_copies(session).items() if not copy.changes()}
    click.echo(f"Taken back: {told(session.undo())}")
    pull(session, clean)
    tell_where(session)


COMMANDS = (kubectl, argocd, flux, dashboard, pipeline, git, pr, run, log, answer, undo)
