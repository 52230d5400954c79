"""Flux's Helm half: chart repositories, charts, and HelmReleases that become real releases of Helm."""
