"""Random small trees of kustomizations: a base of some objects, overlays and a component over it, each with random settings.

Names, images, labels and texts come from small pools, so that references meet what they refer to, patches meet what they patch,
and sometimes do not.
"""

from __future__ import annotations

from typing import Any

import yaml
from hypothesis import strategies as st

from tests.manifests.kustomize.trees import Case

Value = dict[str, Any]

NAMES = st.sampled_from(["web", "db", "app", "web-2"])
USED = st.sampled_from(["web", "db", "app", "web-2", "gen", "gen", "low", "top"])
"""Names that are referred to: objects and what generators make."""
NAMESPACES = st.sampled_from(["", "", "", "one", "two", "default"])
IMAGES = st.sampled_from(
    ["nginx", "nginx:1.27", "reg.io:5000/team/nginx:1", "busybox@sha256:aa", "busybox", "team/app:1@sha256:b"]
)
KEYS = st.sampled_from(["a", "b", "z", "app", "a.b/c", "Key"])
RAW = (
    r"""
plain|'single'|"double"|yes|'yes'|1|'1'|0755|0o17|0x1F|1_000|1e3|1.50|.5|-0|~|null|2001-01-01|1:30|''|' lead'|"tab\t"
"two\nlines\n"|"a\n  b"|'a: b'|'#x'|"é✓"|'- x'|12e03|[]|{}|on|n|0b11|+1|1.|<<|=|'*x'|"%d"|9223372036854775808
""".strip()
    .replace("\n", "|")
    .split("|")
)
RAW += [f'"{"word " * 30}"', "|-\n  in\n  block"]
"""Values as they stand in a file."""
TEXTS = ["plain", "yes", "1", "0755", "0x1F", "", " lead", "trail ", "two\nlines", "two\nlines\n", "a: b", "#x", "é✓", "- x"]
TEXTS += ["a=b", '"q"', "'"]
IMAGE_CHANGES: list[Value] = [{"newTag": "v2"}, {"newName": "o/n"}, {"digest": "sha256:cc"}, {"newName": "x", "newTag": "3"}]
GENERATOR_OPTIONS: list[Value] = [{"disableNameSuffixHash": True}, {"immutable": True}, {"labels": {"a": "x"}}]
GENERATOR_OPTIONS += [{"annotations": {"b": "1"}}]
REPLACEMENT_OPTIONS: list[Value] = [{}, {"create": True}, {"create": True}, {"delimiter": "e", "index": 1}, {"delimiter": "-"}]
METADATA = ["originAnnotations", "managedByLabel", "transformerAnnotations"]


def labels() -> st.SearchStrategy[dict[str, str]]:
    return st.dictionaries(KEYS, st.sampled_from(TEXTS[:12]), max_size=3)


@st.composite
def metadata(draw: st.DrawFn, name: str) -> Value:
    made: Value = {"name": name}
    namespace = draw(NAMESPACES)
    if namespace:
        made["namespace"] = namespace
    for field in ("labels", "annotations"):
        if draw(st.integers(0, 3)) == 0:
            made[field] = draw(labels())
    return made


@st.composite
def containers(draw: st.DrawFn) -> list[Value]:
    made = []
    for name in draw(st.lists(st.sampled_from(["main", "side", "init"]), min_size=1, max_size=2, unique=True)):
        container: Value = {"name": name, "image": draw(IMAGES)}
        if draw(st.booleans()):
            kinds = st.sampled_from(["configMapRef", "secretRef"])
            container["envFrom"] = [{draw(kinds): {"name": draw(USED)}} for _ in range(draw(st.integers(1, 2)))]
        if draw(st.booleans()):
            source = draw(st.sampled_from(["configMapKeyRef", "secretKeyRef"]))
            container["env"] = [
                {"name": "A", "value": draw(st.sampled_from(TEXTS))},
                {"name": "B", "valueFrom": {source: {"name": draw(USED), "key": "a"}}},
            ]
        if draw(st.booleans()):
            container["ports"] = [{"containerPort": 80}, {"containerPort": 443, "protocol": "TCP", "name": "https"}]
        if draw(st.integers(0, 3)) == 0:
            container["args"] = draw(st.lists(st.sampled_from(["--a", "$(A)", "1"]), max_size=2))
        made.append(container)
    return made


@st.composite
def pod_spec(draw: st.DrawFn) -> Value:
    made: Value = {"containers": draw(containers())}
    if draw(st.booleans()):
        volumes = [
            {"name": "v", "configMap": {"name": draw(USED)}},
            {"name": "s", "secret": {"secretName": draw(USED)}},
            {"name": "c", "persistentVolumeClaim": {"claimName": draw(USED)}},
            {"name": "p", "projected": {"sources": [{"secret": {"name": draw(USED)}}, {"configMap": {"name": draw(USED)}}]}},
        ]
        made["volumes"] = draw(st.lists(st.sampled_from(volumes), min_size=1, max_size=3, unique_by=lambda one: one["name"]))
    if draw(st.integers(0, 2)) == 0:
        made["serviceAccountName"] = draw(NAMES)
    if draw(st.integers(0, 3)) == 0:
        made["initContainers"] = draw(containers())
    return made


@st.composite
def workload(draw: st.DrawFn, kind: str, name: str) -> Value:
    template: Value = {"spec": draw(pod_spec())}
    if draw(st.booleans()):
        template["metadata"] = {"labels": draw(labels())}
    spec: Value = {"template": template}
    if kind == "CronJob":
        spec = {"schedule": "* * * * *", "jobTemplate": {"spec": spec}}
    elif kind not in ("Job", "DaemonSet") and draw(st.booleans()):
        spec["replicas"] = draw(st.integers(0, 3))
    if kind in ("Deployment", "StatefulSet", "DaemonSet") and draw(st.booleans()):
        spec["selector"] = {"matchLabels": draw(labels())}
    if kind == "StatefulSet":
        spec["serviceName"] = draw(NAMES)
        if draw(st.booleans()):
            spec["volumeClaimTemplates"] = [{"metadata": {"name": "data"}}]
    group = "batch/v1" if kind in ("Job", "CronJob") else "apps/v1"
    return {"apiVersion": group, "kind": kind, "metadata": draw(metadata(name)), "spec": spec}


def _rule(name: str) -> Value:
    return {"http": {"paths": [{"backend": {"service": {"name": name, "port": {"number": 80}}}}]}}


@st.composite
def other(draw: st.DrawFn, kind: str, name: str) -> Value:
    version, body = {
        "Service": ("v1", {"spec": {"selector": draw(labels()), "ports": [{"port": 80}]}}),
        "ConfigMap": ("v1", {"data": dict.fromkeys(draw(st.lists(KEYS, max_size=3, unique=True)), "RAW")}),
        "Secret": ("v1", {"type": "Opaque", "stringData": draw(labels())}),
        "ServiceAccount": ("v1", {"imagePullSecrets": [{"name": draw(USED)}]}),
        "Namespace": ("v1", {}),
        "PersistentVolumeClaim": ("v1", {"spec": {"storageClassName": "fast"}}),
        "Ingress": (
            "networking.k8s.io/v1",
            {"spec": {"tls": [{"secretName": draw(NAMES)}], "rules": [_rule(draw(NAMES))]}},
        ),
        "HorizontalPodAutoscaler": (
            "autoscaling/v2",
            {"spec": {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": draw(USED)}}},
        ),
        "RoleBinding": (
            "rbac.authorization.k8s.io/v1",
            {
                "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": draw(NAMES)},
                "subjects": [
                    {"kind": "ServiceAccount", "name": draw(st.sampled_from(["web", "app", "default"]))},
                    {"kind": "ServiceAccount", "name": draw(NAMES), "namespace": draw(st.sampled_from(["one", "two"]))},
                ],
            },
        ),
        "Role": (
            "rbac.authorization.k8s.io/v1",
            {"rules": [{"resources": ["secrets"], "resourceNames": [draw(NAMES)], "verbs": ["get"]}]},
        ),
        "NetworkPolicy": ("networking.k8s.io/v1", {"spec": {"podSelector": {"matchLabels": draw(labels())}}}),
        "PodDisruptionBudget": ("policy/v1", {"spec": {"selector": {"matchLabels": draw(labels())}}}),
        "Thing": ("example.com/v1", {"spec": {"value": "RAW", "list": ["RAW", {"name": "x", "raw": "RAW"}], "ref": draw(USED)}}),
    }[kind]
    return {"apiVersion": version, "kind": kind, "metadata": draw(metadata(name)), **body}


WORKLOADS = ["Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"]
OTHERS = ["Service", "ConfigMap", "Secret", "ServiceAccount", "Namespace", "PersistentVolumeClaim", "Ingress"]
OTHERS += [
    "HorizontalPodAutoscaler",
    "RoleBinding",
    "Role",
    "NetworkPolicy",
    "PodDisruptionBudget",
    "Thing",
    "ConfigMap",
    "Service",
    "Thing",
]


@st.composite
def objects(draw: st.DrawFn, most: int) -> list[Value]:
    pairs = draw(st.lists(st.tuples(st.sampled_from([*WORKLOADS, *OTHERS]), NAMES), min_size=1, max_size=most, unique=True))
    return [draw(workload(kind, name) if kind in WORKLOADS else other(kind, name)) for kind, name in pairs]


@st.composite
def strategic_patch(draw: st.DrawFn, known: list[Value]) -> Value:
    target = draw(st.sampled_from(known))
    patch: Value = {"apiVersion": target["apiVersion"], "kind": target["kind"], "metadata": {"name": target["metadata"]["name"]}}
    if "namespace" in target["metadata"]:
        patch["metadata"]["namespace"] = target["metadata"]["namespace"]
    if draw(st.integers(0, 9)) == 0:
        return patch | {"$patch": draw(st.sampled_from(["delete", "replace", "merge"]))}
    if draw(st.booleans()):
        patch["metadata"]["labels"] = draw(st.one_of(labels(), st.just({"a": None}), st.just({"$patch": "replace", "only": "x"})))
    if draw(st.integers(0, 2)) == 0:
        patch["metadata"]["annotations"] = draw(st.one_of(labels(), st.none()))
    if target["kind"] in WORKLOADS and draw(st.booleans()):
        spec = draw(pod_spec())
        for container in spec["containers"]:
            if draw(st.integers(0, 5)) == 0:
                container["$patch"] = "delete"
            if draw(st.integers(0, 5)) == 0:
                container["env"] = draw(st.sampled_from([None, [], [{"name": "A", "value": None}], [{"name": "C"}]]))
        inner: Value = {"template": {"spec": spec}}
        patch["spec"] = {"jobTemplate": {"spec": inner}} if target["kind"] == "CronJob" else inner
    elif target["kind"] in ("ConfigMap", "Thing"):
        field = "data" if target["kind"] == "ConfigMap" else "spec"
        patch[field] = draw(st.sampled_from([{"a": "RAW", "list": ["RAW"]}, {"b": None, "new": {"deep": "RAW"}}, None, {}]))
    return patch


def present(value: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """The paths of everything in an object, but for what identifies it."""
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = [path] if len(path) > 1 and path[:2] not in (("metadata", "name"), ("metadata", "namespace")) else []
    return found + [inner for key, item in below for inner in present(item, (*path, str(key)))]


@st.composite
def json_patch(draw: st.DrawFn, known: list[Value]) -> Value:
    """Mostly of what is there, sometimes of what is not."""
    target = draw(st.sampled_from(known))
    select: Value = {"kind": target["kind"], "name": target["metadata"]["name"]}
    paths = [*present(target), ("metadata", "labels"), ("metadata", "annotations"), ("metadata", "annotations")]
    path = "/" + "/".join(key.replace("~", "~0").replace("/", "~1") for key in draw(st.sampled_from(paths)))
    step: Value = {"op": "add", "path": path, "value": draw(st.sampled_from(["RAW", {"a": "x", "b": "RAW"}, ["RAW"], 7]))}
    if path.startswith("/metadata/") and path.count("/") == 2:
        step["value"] = draw(labels())
    unusual = draw(st.integers(0, 9))
    if unusual == 0:
        step["op"] = draw(st.sampled_from(["replace", "test", "remove"]))
    elif unusual == 1:
        step["path"] += draw(st.sampled_from(["/-", "/0", "/new", "/a/b"]))
    elif unusual == 2:
        select["name"] = draw(st.sampled_from(["w.*", "web|db"]))
    elif unusual == 3:
        step = {"op": "remove", "path": path}
    return {"target": select, "patch": text(draw, [step]).replace("\n", "\n  ").join(["- ", ""]).rstrip() + "\n"}


@st.composite
def generators(draw: st.DrawFn, own: str, below: list[str]) -> list[Value]:
    """New ones under names of this layer, and changes of those ``below``; sometimes what cannot be."""
    made = []
    names = draw(st.lists(st.sampled_from([own, f"{own}-2", *below, *below]), min_size=1, max_size=2, unique=True))
    for name in names:
        keys = draw(st.lists(st.sampled_from("ABC"), max_size=3, unique=True))
        entry: Value = {"name": name, "literals": [f"{key}={draw(st.sampled_from(TEXTS))}" for key in keys]}
        if name in below:
            entry["behavior"] = draw(st.sampled_from(["merge", "merge", "replace"]))
        if draw(st.integers(0, 19)) == 0:
            entry["behavior"] = draw(st.sampled_from(["create", "merge"]))
        if draw(st.integers(0, 7)) == 0:
            entry["namespace"] = draw(st.sampled_from(["one", "two"]))
        if draw(st.integers(0, 3)) == 0:
            entry["options"] = draw(st.sampled_from(GENERATOR_OPTIONS))
        made.append(entry)
    return made


@st.composite
def replacement(draw: st.DrawFn, known: list[Value]) -> Value:
    source, target = draw(st.sampled_from(known)), draw(st.sampled_from(known))
    chosen: Value = {"kind": source["kind"], "name": source["metadata"]["name"]}
    fields = ["", "", "metadata.name", "kind"]
    fields += [".".join(path) for path in present(source) if not any("." in key for key in path)]
    field = draw(st.sampled_from(fields)) if draw(st.integers(0, 9)) else "data.nope"
    if field:
        chosen["fieldPath"] = field
    options = draw(st.sampled_from(REPLACEMENT_OPTIONS))
    paths = ["metadata.labels.new", "metadata.annotations.[a.b/c]", *(".".join(path) for path in present(target))]
    if target["kind"] in ("Deployment", "StatefulSet", "DaemonSet", "Job"):
        paths += ["spec.template.spec.containers.*.image", "spec.template.spec.containers.[name=main].env.[name=A].value"]
    path = draw(st.sampled_from(paths))
    entry: Value = {"select": {"kind": target["kind"]}, "fieldPaths": [path]}
    if options:
        entry["options"] = options
    return {"source": chosen, "targets": [entry]}


@st.composite
def settings(draw: st.DrawFn, known: list[Value], layer: str, below: dict[str, list[str]]) -> Value:
    """The fields of one kustomization but for what it gathers. ``below`` are the names of generators, and is added to."""
    made: Value = {}

    def maybe(chances: int = 4) -> bool:
        return draw(st.integers(1, chances)) == 1

    if maybe():
        made["namePrefix"] = draw(st.sampled_from(["p-", "pre"]))
    if maybe():
        made["nameSuffix"] = draw(st.sampled_from(["-s", "9x"]))
    if maybe():
        made["namespace"] = draw(st.sampled_from(["one", "three", "default"]))
    if maybe():
        made["commonAnnotations"] = draw(labels())
    if maybe(6):
        made["commonLabels"] = draw(labels())
    if maybe():
        flags = draw(st.sampled_from([{}, {"includeSelectors": True}, {"includeTemplates": True}]))
        made["labels"] = [{"pairs": draw(labels()), **flags}]
    if maybe():
        entry = draw(st.sampled_from(IMAGE_CHANGES))
        made["images"] = [{"name": draw(st.sampled_from(["nginx", "busybox", "team/app", "reg.io:5000/team/nginx"])), **entry}]
    scaled = [o["metadata"]["name"] for o in known if o["kind"] in ("Deployment", "StatefulSet")]
    if scaled and maybe():
        made["replicas"] = [{"name": draw(st.sampled_from(scaled)), "count": draw(st.integers(0, 9))}]
    for field in ("configMapGenerator", "secretGenerator"):
        if maybe(3):
            made[field] = draw(generators(layer, below.get(field, [])))
            below[field] = below.get(field, []) + [entry["name"] for entry in made[field]]
    if maybe(6):
        made["generatorOptions"] = draw(st.sampled_from(GENERATOR_OPTIONS))
    patches: list[Value] = []
    if maybe(2):
        for patch in draw(st.lists(strategic_patch(known), min_size=1, max_size=2)):
            patches.append({"patch": text(draw, [patch])})
    if maybe(3):
        patches += draw(st.lists(json_patch(known), min_size=1, max_size=2))
    if patches:
        made["patches"] = patches
    if maybe(5):
        made["replacements"] = draw(st.lists(replacement(known), min_size=1, max_size=2))
    if maybe(8):
        made["sortOptions"] = {"order": draw(st.sampled_from(["fifo", "legacy"]))}
    if maybe(12):
        made["buildMetadata"] = draw(st.lists(st.sampled_from(METADATA), max_size=2))
    return made


def text(draw: st.DrawFn, documents: list[Value]) -> str:
    """The YAML of some objects; every ``RAW`` becomes a value as somebody might have written it."""
    written = []
    for document in documents:
        flow = draw(st.sampled_from([False, False, None]))
        dumped = yaml.safe_dump(document, sort_keys=draw(st.booleans()), default_flow_style=flow)
        pieces = dumped.split("RAW")
        for piece in pieces[1:]:
            raw = draw(st.sampled_from(RAW))
            last = pieces[0].rsplit("\n", 1)[-1]
            indent = " " * (len(last) - len(last.lstrip()))
            inline = "{" in last or "[" in last
            pieces[0] += ("plain" if inline and "\n" in raw else raw.replace("\n", f"\n{indent}  ")) + piece
        written.append(pieces[0])
    return "---\n".join(written)


@st.composite
def trees(draw: st.DrawFn) -> Case:
    """A base, up to two overlays over it, and sometimes a component of the top one."""
    known = draw(objects(5))
    below: dict[str, list[str]] = {}
    base = draw(settings(known, "gen", below)) | {"resources": ["all.yaml"]}
    files = {"base/all.yaml": text(draw, known), "base/kustomization.yaml": text(draw, [base])}
    path = "base"
    for name in ["low", "top"][: draw(st.integers(0, 2))]:
        layer = draw(settings(known, name, below)) | {"resources": [f"../{path}"]}
        if draw(st.integers(0, 2)) == 0:
            extra = draw(objects(2))
            layer["resources"].insert(draw(st.integers(0, 1)), "more.yaml")
            files[f"{name}/more.yaml"] = text(draw, extra)
        if name == "top" and draw(st.integers(0, 3)) == 0:
            component = draw(settings(known, "part", below))
            component |= {"apiVersion": "kustomize.config.k8s.io/v1alpha1", "kind": "Component"}
            files["component/kustomization.yaml"] = text(draw, [component])
            layer["components"] = ["../component"]
        files[f"{name}/kustomization.yaml"] = text(draw, [layer])
        path = name
    return Case(id="generated", shows="a random tree", files=files, path=path)
