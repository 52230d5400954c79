"""Argo CD Image Updater: looks for new images of Applications, and writes them to the Application or to Git.

One file a concept: how an image is named, which tag is the newest, which settings count for an Application, where the change is
written, and how. Behaviour, words and defaults are those of argocd-image-updater 1.3 (github.com/argoproj-labs).
"""

from gitops_sim.agents.image_updater.controller import ImageUpdater

__all__ = ["ImageUpdater"]
