"""The objects of a build so far, in order, and finding one by what it is or was.

Source: kustomize ``api/resmap/reswrangler.go``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from gitops_sim.manifests.kustomize.errors import KustomizeError
from gitops_sim.manifests.kustomize.identity import Id
from gitops_sim.manifests.kustomize.resource import ORIGIN, STAND_IN, Resource


class ResMap:
    """``all`` holds the objects in the order in which they came; no two have one identity when they are added."""

    def __init__(self) -> None:
        self.all: list[Resource] = []
        self._known: set[tuple[str, ...]] | None = None

    def append(self, resource: Resource) -> None:
        self.extend([resource])

    def extend(self, resources: Iterable[Resource]) -> None:
        """Raises KustomizeError for an identity that is there already."""
        known = self._known
        if known is None:
            known = self._known = {_key(resource.id) for resource in self.all}
        for resource in resources:
            identity = resource.id
            key = _key(identity)
            if key in known:
                raise KustomizeError(
                    f"may not add resource with an already registered id: {identity}",
                    mend=f"{identity.kind}/{identity.name} comes twice: remove one, or make it a patch",
                )
            known.add(key)
            self.all.append(resource)

    def rebuild(self) -> None:
        """Drops what was deleted, and looks for identities that became the same."""
        kept = [resource for resource in self.all if not resource.deleted]
        self.all, self._known = [], None
        self.extend(kept)
        self._known = None

    def changed(self) -> None:
        """To be called when identities may have changed; what was deleted goes."""
        self._known = None
        if any(resource.deleted for resource in self.all):
            self.all = [resource for resource in self.all if not resource.deleted]

    def matching(self, test: Callable[[Id], bool]) -> list[Resource]:
        """Objects that are, or were, what the test looks for."""
        return [resource for resource in self.all if not resource.deleted and any(map(test, resource.ids))]

    def by_any_id(self, wanted: Id) -> Resource:
        """The one object that is or was this. Raises KustomizeError for none and for several."""
        found = self.matching(wanted.same)
        if len(found) == 1:
            return found[0]
        what = "multiple matches" if found else "no matches"
        raise KustomizeError(
            f"{what} for Id {wanted}; failed to find unique target for patch {wanted}",
            mend="a patch names an object of this kustomization: kind, name and namespace",
        )

    def targets(self, wanted: Id) -> list[Resource]:
        """The one object that a patch is for; none where it would come with what a stand-in takes the place of. Raises
        KustomizeError."""
        if not self.matching(wanted.same) and any(STAND_IN in resource.labels for resource in self.all):
            return []
        return [self.by_any_id(wanted)]

    def absorb(self, resource: Resource) -> None:
        """Adds what a generator made, or puts it in the place of what it replaces or merges with."""
        identity = resource.id
        found = self.matching(identity.same)
        behavior = resource.behavior
        if not found:
            if behavior in ("merge", "replace"):
                raise KustomizeError(
                    f"id {_go_id(identity)} does not exist; cannot merge or replace",
                    mend="use behavior: create, or name what a base generates",
                )
            self.append(resource)
            return
        if len(found) > 1:
            raise KustomizeError(f"found multiple objects {_pointers(found)} that could accept merge of {identity}")
        old = found[0]
        if behavior == "unspecified" or behavior == "create":
            raise KustomizeError(
                f"id {_go_id(identity)} exists; can not use behavior: '{behavior}', behavior must be merge or replace",
                mend="add behavior: merge or behavior: replace to the generator",
            )
        origin = old.annotations.get(ORIGIN)
        resource.take_metadata(old)
        if behavior == "merge":
            resource.merge_data(old, "data")
            resource.merge_data(old, "binaryData")
            if origin is not None:
                resource.set_annotations({**resource.annotations, ORIGIN: origin})
        self.all[self.all.index(old)] = resource
        self._known = None


def _key(identity: Id) -> tuple[str, ...]:
    return (*identity[:4], identity.effective_namespace)


def _go_id(identity: Id) -> str:
    """Go's ``%#v``."""
    scoped = str(identity.cluster).lower()
    gvk = f'Group:"{identity.group}", Version:"{identity.version}", Kind:"{identity.kind}", isClusterScoped:{scoped}'
    return f'resid.ResId{{Gvk:resid.Gvk{{{gvk}}}, Name:"{identity.name}", Namespace:"{identity.namespace}"}}'


def _pointers(resources: list[Resource]) -> str:
    from gitops_sim.manifests.kustomize.output import as_json

    return "[" + " ".join(as_json(resource.node) for resource in resources) + "]"
