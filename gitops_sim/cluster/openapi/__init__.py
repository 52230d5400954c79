"""The OpenAPI documents of a cluster: what its kinds hold, and which operations there are on them.

Source of their form: k8s.io/kube-openapi, and what kubectl 1.32 to 1.37 read in them: :func:`document` is one group and version
as OpenAPI 3.0, for ``apply``, ``create`` and ``explain``; :func:`swagger` all of them as Swagger 2.0, for ``explain`` with
``--output=plaintext-openapiv2``, which takes it in protobuf alone (:func:`gitops_sim.cluster.openapi.gnostic.encoded`).
"""

from gitops_sim.cluster.openapi.documents import document, names, swagger

__all__ = ["document", "names", "swagger"]
