"""Empty bare repositories, the same on every machine: ``git init`` would ask the user's templates and configuration."""

from __future__ import annotations

from pathlib import Path

_CONFIG = """\
[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = true
\thooksPath = hooks
[gc]
\tauto = 0
[receive]
\tautogc = false
\tunpackLimit = 1000000
[http]
\treceivepack = true
"""
_UPDATE_HOOK = """\
#!/bin/sh
# Refuses pushes to the branches listed in protected-branches: they take changes by merge only.
# Refuses what a file named after it forbids: refuse-commit, refuse-branch (new, or gone), refuse-reset (not a step forward).
dir=${GIT_DIR:-.}
new_branch=no gone=no
case "$2" in *[!0]*) ;; *) new_branch=yes ;; esac
case "$3" in *[!0]*) ;; *) gone=yes ;; esac
if [ $new_branch = no ] && grep -qxF "${1#refs/heads/}" "$dir/protected-branches" 2>/dev/null; then
    echo "error: GH006: Protected branch update failed for $1." >&2
    echo "error: Changes must be made through a pull request." >&2
    exit 1
fi
if [ $gone = yes ] || { [ $new_branch = yes ] && [ "ref: $1" != "$(cat "$dir/HEAD")" ]; }; then
    what=branch
elif [ $new_branch = yes ] || git merge-base --is-ancestor "$2" "$3"; then
    what=commit
else
    what=reset
fi
if [ -f "$dir/refuse-$what" ]; then
    cat "$dir/refuse-$what" >&2
    exit 1
fi
"""


def make_bare(path: Path, branch: str) -> None:
    """Makes one whose default branch will be ``branch``. Pushes to branches in its file ``protected-branches`` are refused, and
    those that a file ``refuse-commit``, ``refuse-branch`` or ``refuse-reset`` forbids, in the words of the file."""
    for folder in ("objects/info", "objects/pack", "refs/heads", "refs/tags", "hooks"):
        (path / folder).mkdir(parents=True)
    (path / "HEAD").write_text(f"ref: refs/heads/{branch}\n")
    (path / "config").write_text(_CONFIG)
    write_hook(path, "update", _UPDATE_HOOK)


def write_hook(path: Path, name: str, script: str) -> None:
    """What the real git runs there."""
    hook = path / "hooks" / name
    hook.write_text(script)
    hook.chmod(0o755)


def borrow(path: Path, objects: Path) -> None:
    """Lets a repository find objects in another one's folder of them, too."""
    (path / "objects" / "info").mkdir(exist_ok=True)
    (path / "objects" / "info" / "alternates").write_text(f"{objects}\n")
