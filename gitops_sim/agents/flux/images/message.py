"""The message of an automation's commit: a Go template, with those functions of sprig that always say the same.

Source: image-automation-controller ``internal/source/source.go`` (templateMsg).
"""

from __future__ import annotations

from gitops_sim.agents.flux.images.failures import RunFailed
from gitops_sim.manifests.go_template import GoTemplateError, fill
from gitops_sim.manifests.helm.go import Struct

_DEFAULT = "Update from image update automation"
_REMOVED = {
    "can't evaluate field Updated in type source.TemplateData": (".Updated", "'.Changed'"),
    "can't evaluate field ImageResult in type update.Result": (
        ".Changed.ImageResult",
        "'.Changed.FileChanges' or '.Changed.Objects'",
    ),
}
_SEE = "See: https://fluxcd.io/flux/components/image/imageupdateautomations/#message-template"
_MEND = "spec.git.commit.messageTemplate sees .AutomationObject, .Changed and .Values"


def commit_message(template: str, data: Struct) -> str:
    """Raises RunFailed; a field that was taken out of Flux is never tried again."""
    try:
        return fill(template or _DEFAULT, data, name="commit message", sprig=True)
    except GoTemplateError as error:
        for part, (field, instead) in _REMOVED.items():
            if part in str(error):
                what = f"template uses removed '{field}' field. Please use {instead} instead. {_SEE}"
                raise RunFailed("RemovedTemplateField", what, _MEND, for_good=True) from None
        failed = "unable to create commit message template from spec" if error.unread else "failed to run template from spec"
        raise RunFailed("GitOperationFailed", f"failed to update source: {failed}: {error}", _MEND) from None
