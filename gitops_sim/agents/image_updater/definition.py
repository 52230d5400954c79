"""What an installation of the image updater brings along: its CustomResourceDefinition, and the rights that it acts with.

Source: argocd-image-updater 1.3 ``config/crd`` and ``config/rbac``, installed in the namespace of Argo CD, as its documentation
recommends.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from gitops_sim.agents.argocd.application import NAMESPACE
from gitops_sim.cluster.access.accounts import account, binding, role
from gitops_sim.cluster.openapi.custom import custom_schema
from gitops_sim.objects import Object, Path, with_path

GROUP = "argocd-image-updater.argoproj.io"
API_VERSION = f"{GROUP}/v1alpha1"
KIND = f"imageupdaters.{GROUP}"
ACCOUNT = "argocd-image-updater-controller"
USER = f"system:serviceaccount:{NAMESPACE}:{ACCOUNT}"

_METHOD = r"^(argocd|git|git:[a-zA-Z0-9][a-zA-Z0-9-._/:]*)$"
_ALIAS = r"^[a-zA-Z0-9][a-zA-Z0-9-._]*$"
_SPEC = ("properties", "spec")
_REFS = (*_SPEC, "properties", "applicationRefs")
_IMAGES = (*_REFS, "items", "properties", "images")
_WRITTEN = ("properties", "writeBackConfig", "properties", "method", "pattern")
_TARGET = (*_IMAGES, "items", "properties", "manifestTargets")
_PULL_REQUEST = ("properties", "writeBackConfig", "properties", "gitConfig", "properties", "pullRequest")
_VERIFICATION = ("properties", "imagesVerification")


def _one_of(*fields: str) -> str:
    return f"{' + '.join(f'(has(self.{field}) ? 1 : 0)' for field in fields)} == 1"


_RULES: tuple[tuple[Path, str, str], ...] = (
    (
        (*_REFS, "items"),
        "!(has(self.useAnnotations) && self.useAnnotations == true) ? (has(self.images) && size(self.images) > 0) : true",
        "Either useAnnotations must be true, or images must be provided with at least one item",
    ),
    (
        _TARGET,
        _one_of("helm", "kustomize", "plugin"),
        "Exactly one of helm, kustomize, or plugin must be specified within manifestTargets if the block is present.",
    ),
    (
        (*_TARGET, "properties", "plugin"),
        "has(self.spec) || has(self.name)",
        "At least one of spec or name must be specified in plugin target.",
    ),
    *(
        ((*place, *_PULL_REQUEST), _one_of("github", "gitlab"), "Exactly one of github or gitlab must be set")
        for place in (_SPEC, (*_REFS, "items"))
    ),
    *(
        (
            (*place, *_VERIFICATION),
            "self.enabled == false || has(self.cosignKey)",
            "at least one verification method (cosignKey) is required when verification is enabled",
        )
        for place in (_SPEC, (*_REFS, "items"), (*_IMAGES, "items"))
    ),
)
"""What must not be said, or must be: where, as CEL has it, and what the API server then says."""
_MANAGER_RULES: tuple[dict[str, Any], ...] = (
    {"apiGroups": [""], "resources": ["events"], "verbs": ["create"]},
    {
        "apiGroups": [GROUP],
        "resources": ["imageupdaters"],
        "verbs": ["create", "delete", "get", "list", "patch", "update", "watch"],
    },
    {"apiGroups": [GROUP], "resources": ["imageupdaters/finalizers"], "verbs": ["update"]},
    {"apiGroups": [GROUP], "resources": ["imageupdaters/status"], "verbs": ["get", "patch", "update"]},
    {"apiGroups": ["argoproj.io"], "resources": ["applications"], "verbs": ["get", "list", "patch", "update", "watch"]},
)
_READER_RULES = ({"apiGroups": [""], "resources": ["secrets", "configmaps"], "verbs": ["get", "list", "watch"]},)


@cache
def definition() -> Object:
    """Of ImageUpdaters."""
    schema: Any = custom_schema("imageupdater")
    keys: tuple[tuple[Path, str], ...] = ((_REFS, "namePattern"), (_IMAGES, "alias"))
    for path, key in keys:
        schema = with_path(schema, (*path, "x-kubernetes-list-type"), "map")
        schema = with_path(schema, (*path, "x-kubernetes-list-map-keys"), [key])
    schema = with_path(schema, (*_REFS, "minItems"), 1)
    schema = with_path(schema, (*_IMAGES, "items", "properties", "alias", "pattern"), _ALIAS)
    for path in (_SPEC, (*_REFS, "items")):
        schema = with_path(schema, (*path, *_WRITTEN), _METHOD)
    for path, rule, message in _RULES:
        schema = with_path(schema, (*path, "x-kubernetes-validations"), [{"message": message, "rule": rule}])
    columns = [
        {"jsonPath": ".status.applicationsMatched", "name": "Apps", "type": "integer"},
        {"jsonPath": ".status.imagesManaged", "name": "Images", "type": "integer"},
        {"jsonPath": ".status.lastCheckedAt", "name": "Last Checked", "type": "date"},
        {"jsonPath": '.status.conditions[?(@.type=="Ready")].status', "name": "Ready", "type": "string"},
    ]
    served = {
        "additionalPrinterColumns": columns,
        "name": "v1alpha1",
        "schema": {"openAPIV3Schema": schema},
        "served": True,
        "storage": True,
        "subresources": {"status": {}},
    }
    names = {"kind": "ImageUpdater", "listKind": "ImageUpdaterList", "plural": "imageupdaters", "singular": "imageupdater"}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": KIND},
        "spec": {"group": GROUP, "names": names, "scope": "Namespaced", "versions": [served]},
    }


def accounts() -> list[Object]:
    """The ServiceAccount that it acts as, and its Roles."""
    manager, reader = "argocd-image-updater-manager-role", "argocd-image-updater"
    return [
        account(NAMESPACE, ACCOUNT),
        role(manager, NAMESPACE, _MANAGER_RULES),
        binding("argocd-image-updater-manager-rolebinding", manager, NAMESPACE, ACCOUNT, NAMESPACE, "Role"),
        role(reader, NAMESPACE, _READER_RULES),
        binding(reader, reader, NAMESPACE, ACCOUNT, NAMESPACE, "Role"),
    ]
