"""Who owns which field of an object: server-side apply, and ``metadata.managedFields``.

A set of fields is a frozenset of paths; a path is a tuple of steps, written as in FieldsV1: ``f:spec``, ``k:{"name":"web"}``,
``v:"a"``. :mod:`shapes` says how the fields of a kind merge, :mod:`typed` compares, merges and cuts values by it,
:mod:`managers` keeps the sets of all managers, and :mod:`history` works them out from the versions of an object.

Source of the rules: k8s.io/apimachinery ``pkg/util/managedfields`` and sigs.k8s.io/structured-merge-diff.
"""
