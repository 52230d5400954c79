"""Kinds that a CustomResourceDefinition brings along: their definitions, and what becomes of their objects on the way in."""
