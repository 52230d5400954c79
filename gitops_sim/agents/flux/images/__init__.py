"""Flux's automation of images: what a registry has, which of it is wanted, and Git told so."""
