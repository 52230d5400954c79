"""Single files of repositories, as a forge serves them to browsers, and to helm as a chart repository.

``https://git.example/charts/raw/main/index.yaml`` is the file ``index.yaml`` on the branch ``main`` of the repository ``charts``.
Where a repository is published, an address is that of a file of its default branch.
"""

from __future__ import annotations

from gitops_sim.errors import BadInput
from gitops_sim.forge.forge import Forge
from gitops_sim.forge.repository import Repository


def download(forge: Forge, url: str) -> bytes:
    """The content of the file at an address. Raises BadInput in the words of an HTTP client."""
    published = forge.published(url)
    if published is not None:
        return _read(*published, url)
    name, raw, rest = url.partition("/raw/")
    revision, _, path = rest.partition("/")
    mend = "write it as https://git.example/REPOSITORY/raw/BRANCH/PATH"
    if not raw or not path:
        raise BadInput(f"failed to fetch {url} : 404 Not Found", where=url, mend=mend)
    try:
        repository = forge.repository(name)
    except BadInput as error:
        raise BadInput(f"failed to fetch {url} : 404 Not Found", where=url, mend=error.mend or error.what) from None
    return _read(repository, path, url, revision)


def _read(repository: Repository, path: str, url: str, revision: str = "HEAD") -> bytes:
    try:
        return repository.tree(revision).read(path)
    except BadInput as error:
        raise BadInput(f"failed to fetch {url} : 404 Not Found", where=url, mend=error.mend or error.what) from None
