"""Stand-ins for registries: the repositories of images that Flux's ImageRepositories name have the tags that Git names already.

Those are the values that are marked for an ImagePolicy. For a policy that nothing is marked for it is a version in its range.
"""

from __future__ import annotations

from functools import cached_property

from gitops_sim.agents.flux.images.imagepolicy import IMAGE_POLICIES, read_image_policy
from gitops_sim.agents.flux.images.imagerepository import GROUP
from gitops_sim.agents.flux.images.setters import marked_values
from gitops_sim.cluster.store import Change
from gitops_sim.forge import Repository
from gitops_sim.manifests.versions import example
from gitops_sim.objects import Key, Object
from gitops_sim.registry import Reference
from gitops_sim.world import World

CAUSE = "cannot be listed from here, so it holds the tags that this repository names: what is newer, nobody here can know"


class ImageStandIns:
    """``this`` is the repository that is tried out."""

    def __init__(self, world: World, this: Repository) -> None:
        self._world, self._this = world, this
        self._images: dict[Key, str] = {}

    @cached_property
    def _marked(self) -> list[tuple[str, str]]:
        return marked_values(self._this.tree())

    def meet(self, change: Change) -> str:
        """Serves what an ImageRepository or an ImagePolicy asks for; returns the name of the images when it is a new one."""
        key, obj = change.key, change.object
        if key.group != GROUP:
            return ""
        if key.kind == "ImageRepository":
            image = str(obj["spec"]["image"])
            fresh = image not in self._images.values()
            self._images[key] = image
            for found in self._world.cluster().list(IMAGE_POLICIES):
                self._policy(found)
            return image if fresh else ""
        if key.kind == "ImagePolicy":
            self._policy(obj)
        return ""

    def _policy(self, obj: Object) -> None:
        policy = read_image_policy(obj)
        image = self._images.get(policy.repository)
        if image is None:
            return
        own = f"{policy.key.namespace}:{policy.key.name}"
        whole = {Reference.parse(value).tag for setter, value in self._marked if setter == own}
        tags = whole | {value for setter, value in self._marked if setter == f"{own}:tag"}
        if not tags and policy.order == "semver":
            tags = {example(policy.argument)}
        known = {tag.name for tag in self._world.registry.tags(image) or ()}
        for tag in sorted(tags - known - {""}):
            self._world.registry.push(f"{image}:{tag}", at=self._world.now)
