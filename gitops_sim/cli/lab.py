"""``gitops-sim lab``: the course in JupyterLab."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from pathlib import Path

import click


@click.command("lab", epilog="Example: gitops-sim lab --workspace ~/gitops-course")
@click.option("--workspace", type=click.Path(path_type=Path), help="Where your work is kept (default: ./gitops-course).")
@click.option("--no-browser", is_flag=True, help="Only print the address.")
def command(workspace: Path | None, no_browser: bool) -> None:
    """Opens the course in JupyterLab.

    You work on copies of the notebooks, in your workspace: what you change there is never overwritten, and a notebook
    that you delete comes
    back fresh at the next start.
    """
    from gitops_sim.course.shipped import shipped
    from gitops_sim.course.workspace import HOME, Workspace
    from gitops_sim.errors import BadInput

    if importlib.util.find_spec("jupyterlab") is None:
        raise BadInput("JupyterLab is not installed", mend="pip install 'gitops-sim[notebook]', or 'make lab' in a checkout")
    folder = Workspace(workspace).folder.resolve()
    first = lay_out(shipped("notebooks"), folder / "notebooks")
    words = [sys.executable, "-m", "jupyter", "lab", f"--notebook-dir={folder}"]
    words += ["--no-browser"] if no_browser else [f"--LabApp.default_url=/lab/tree/notebooks/{first}"]
    click.echo(f"your work is kept in {folder}")
    sys.stdout.flush()
    os.execve(sys.executable, words, {**os.environ, HOME: str(folder)})


def lay_out(source: Path, target: Path) -> str:
    """Copies the notebooks that are not there yet, and signs them as ours, so that their stored pictures show; answers
    the name of the
    first one."""
    from nbformat import read
    from nbformat.sign import NotebookNotary

    target.mkdir(parents=True, exist_ok=True)
    names = sorted(path.name for path in source.glob("*.ipynb"))
    for name in names:
        if not (target / name).exists():
            shutil.copyfile(source / name, target / name)
            NotebookNotary().sign(read(target / name, as_version=4))
    return names[0]
