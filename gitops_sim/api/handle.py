"""One request in, one response out: where everything in this room comes together."""

from __future__ import annotations

from collections.abc import Callable

from gitops_sim.api import access, bodies, discovery, forms, lists, openapi, options, pods
from gitops_sim.api.accept import Form, form_of
from gitops_sim.api.request import Request
from gitops_sim.api.response import Response, answer, failure, no_such_method, no_such_path
from gitops_sim.api.route import Target, target_of
from gitops_sim.api.subresources import subresource_of
from gitops_sim.api.watching import Watch
from gitops_sim.api.writes import Writer
from gitops_sim.cluster import scale
from gitops_sim.cluster.cluster import Cluster
from gitops_sim.cluster.warnings import deprecation
from gitops_sim.errors import ApiError, BadInput, not_found
from gitops_sim.objects import Object

_VERBS = {"GET": "get", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
_SUBRESOURCE_VERBS = {**_VERBS, "POST": "create"}
_HEALTH = ("healthz", "livez", "readyz")


def handle(cluster: Cluster, request: Request, *, before_write: Callable[[], object] | None = None) -> Response:
    """Answers as the API server would, whatever is asked; no exception comes out. What it writes, it writes as the user of the
    request; time does not move, and controllers have not yet seen what was written.

    ``before_write`` is called once, before the first verb of the cluster that may change something.
    """
    try:
        if request.method == "HEAD":
            given = _answered(cluster, Request("GET", request.target, request.headers, b"", request.user, request.groups), None)
            return Response(given.status, b"", given.content_type, given.headers)
        return _answered(cluster, request, before_write)
    except ApiError as error:
        return failure(error)
    except BadInput as error:
        return failure(ApiError(403, "Forbidden", str(error), details={}))


def _answered(cluster: Cluster, request: Request, before_write: Callable[[], object] | None) -> Response:
    bodies.check_size(request.body)
    steps = request.steps
    if (steps[0] == "api" and len(steps) > 2) or (steps[0] == "apis" and len(steps) > 3):
        return _resource(cluster, request, before_write)
    if request.method != "GET":
        raise no_such_method() if _is_document(cluster, steps) else no_such_path()
    access.check_path(cluster, request)
    return _document(cluster, request)


# ---------------------------------------------------------------------- documents


def _is_document(cluster: Cluster, steps: tuple[str, ...]) -> bool:
    if steps[0] in ("api", "apis"):
        kinds = cluster.kinds.served()
        return len(steps) == 1 or any(steps[1:] in ((k.version,), (k.group,), (k.group, k.version)) for k in kinds)
    return steps[0] in ("version", "openapi", *_HEALTH)


def _document(cluster: Cluster, request: Request) -> Response:
    steps = request.steps
    if steps == ("",):
        return answer({"paths": _paths(cluster)})
    if steps == ("version",):
        return answer(discovery.version(), pretty=True)
    if steps[0] in _HEALTH:
        return Response(200, b"ok", "text/plain; charset=utf-8")
    if steps == ("openapi", "v2"):
        return openapi.swagger(cluster, request.headers.get("accept", ""))
    if steps == ("openapi", "v3"):
        return answer(openapi.index(cluster))
    if steps[:2] == ("openapi", "v3"):
        return openapi.document(cluster, "/".join(steps[2:]), request.option("hash"))
    if steps in (("api",), ("apis",)):
        return _groups(cluster, request)
    media = form_of(request.headers.get("accept", "")).media
    if steps == ("api", "v1"):
        return answer(discovery.resource_list(cluster, "", "v1"), media=media)
    if steps[0] == "apis" and len(steps) == 2:
        return answer(discovery.group(cluster, steps[1]), media=media)
    if steps[0] == "apis" and len(steps) == 3:
        return answer(discovery.resource_list(cluster, steps[1], steps[2]), media=media)
    raise no_such_path()


def _groups(cluster: Cluster, request: Request) -> Response:
    core = request.steps == ("api",)
    accept = request.headers.get("accept", "")
    version = discovery.aggregated_version(accept)
    if not version:
        host = request.headers.get("host", "")
        return answer(discovery.core_versions(host) if core else discovery.group_list(cluster), media=form_of(accept).media)
    given = answer(discovery.aggregated(cluster, core, version))
    media = f"application/json;g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList"
    return Response(given.status, given.body, media, {"Vary": "Accept"})


def _paths(cluster: Cluster) -> list[str]:
    groups = discovery.group_versions(cluster)
    served = [f"/apis/{group}" for group in groups]
    served += [f"/apis/{group}/{version}" for group, versions in groups.items() for version in versions]
    return sorted(
        ["/api", "/api/v1", "/apis", *served, *(f"/{name}" for name in _HEALTH), "/openapi/v2", "/openapi/v3", "/version"]
    )


# ---------------------------------------------------------------------- objects


def _resource(cluster: Cluster, request: Request, before_write: Callable[[], object] | None) -> Response:
    target = target_of(cluster, request.steps)
    asked = access.question(request, target, target.watch or (request.method == "GET" and lists.is_watch(request, target)))
    view = access.seen_as_user(cluster, request, asked)
    cluster = view.authorize(asked.verb, target.kind, target.name, target.namespace, target.subresource)
    form = form_of(request.headers.get("accept", ""))
    forms.check_include(form, request.option("includeObject"))
    warnings: list[str] = []
    writer = Writer(cluster, request, target, warnings, before_write)
    try:
        if target.subresource:
            return _subresource(cluster, request, target, form, writer)
        return (
            _object(cluster, request, target, form, writer)
            if target.name
            else _collection(cluster, request, target, form, writer)
        )
    except ApiError as error:
        return failure(error, warnings=warnings, wrote=writer.reached)


def _collection(cluster: Cluster, request: Request, target: Target, form: Form, writer: Writer) -> Response:
    include = request.option("includeObject")
    placed, verbs = bool(target.namespace) or not target.kind.namespaced, target.kind.verbs
    if request.method == "GET" and "list" in verbs:
        watching = lists.is_watch(request, target)
        chosen = options.list_options(request, watch=watching)
        if watching:
            return Response(200, watch=Watch(cluster, target, chosen, form, include))
        found, meta = lists.page(cluster, target, chosen)
        shown = forms.many(cluster, target.kind, found, meta, form, include)
        return _shown(request, shown, form, [deprecation(target.kind)])
    if request.method == "POST" and placed and access.is_review(target.kind):
        return _shown(request, access.reviewed(cluster, request, target), form, [], 201)
    if request.method == "POST" and placed and "create" in verbs:
        obj, code = writer.create()
        return _shown(request, forms.one(cluster, target.kind, obj, form, include), form, writer.warnings, code, writer.reached)
    if request.method == "DELETE" and placed and "deletecollection" in verbs:
        gone, meta = writer.delete_all()
        shown = forms.many(cluster, target.kind, gone, meta, form, include)
        return _shown(request, shown, form, writer.warnings, 200, writer.reached)
    raise no_such_method()


def _object(cluster: Cluster, request: Request, target: Target, form: Form, writer: Writer) -> Response:
    include = request.option("includeObject")
    if _VERBS.get(request.method) not in target.kind.verbs:
        raise no_such_method()
    if request.method == "GET":
        if target.watch:
            chosen = options.list_options(request, watch=True)
            return Response(200, watch=Watch(cluster, target, chosen, form, include))
        obj = _read(cluster, request, target)
        shown = forms.one(cluster, target.kind, obj, form, include)
        return _shown(request, shown, form, [deprecation(target.kind)])
    code = 200
    if request.method == "PUT":
        obj, code = writer.update()
    elif request.method == "PATCH":
        obj, code = writer.patch()
    else:
        obj = writer.delete()
    return _shown(request, forms.one(cluster, target.kind, obj, form, include), form, writer.warnings, code, writer.reached)


def _read(cluster: Cluster, request: Request, target: Target) -> Object:
    version = request.option("resourceVersion")
    if version not in ("", "0"):
        wanted = options.revision_of(version)
        if wanted is None:
            raise ApiError(500, "", options.no_number(version))
        lists.check_not_future(cluster, wanted)
    return cluster.get(target.kind, target.name, target.namespace)


def _subresource(cluster: Cluster, request: Request, target: Target, form: Form, writer: Writer) -> Response:
    found, method = subresource_of(target.kind, target.subresource), request.method
    if found is None:
        kind = target.kind
        raise not_found(kind.plural, target.name, kind.group) if kind.custom else no_such_path()
    if _SUBRESOURCE_VERBS.get(method) not in found.verbs:
        raise no_such_method()
    code = 200
    if target.subresource == "log":
        text = pods.log(cluster.get("pods", target.name, target.namespace), request.option("container"))
        return Response(200, text.encode(), "text/plain")
    if target.subresource == "token":
        obj, code = access.token(cluster, request, target), 201
    elif target.subresource in ("binding", "eviction"):
        obj, code = (pods.bind if target.subresource == "binding" else pods.evict)(writer), 201
    elif method == "GET":
        obj = cluster.get(target.kind, target.name, target.namespace)
        obj = scale.of(target.kind, obj) if target.subresource == "scale" else obj
    else:
        obj, code = writer.patch() if method == "PATCH" else writer.update()
    return _shown(
        request,
        forms.one(cluster, target.kind, obj, form, request.option("includeObject")),
        form,
        writer.warnings,
        code,
        writer.reached,
    )


def _shown(request: Request, value: object, form: Form, warnings: list[str], code: int = 200, wrote: bool = False) -> Response:
    return answer(value, code, media=form.media, pretty=request.flag("pretty"), warnings=warnings, wrote=wrote)
