"""Whatever is typed, whatever files hold, whatever objects look like: kubectl answers, and never with a traceback."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gitops_sim.cluster import Cluster
from gitops_sim.kubectl import Kubectl
from gitops_sim.kubectl.commands import COMMANDS
from gitops_sim.kubectl.common_flags import GLOBAL
from gitops_sim.objects import Key

FILES = {
    "web.yaml": """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: c, image: "nginx:1.24", env: [{name: A, value: b}]}]}
""",
    "folder/conf.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: conf}\ndata: {a: '1'}\n",
    "folder/deeper/x.json": '{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}}',
    "bad.yaml": "a: [1\nb: {",
    "odd.yaml": "- 1\n---\nkind: List\napiVersion: v1\nitems: [1, {}]\n---\n5\n",
    "env": "A=1\n# x\nB\n=\n",
}
WORDS = (
    *(word for command in COMMANDS for word in command.path.split()),
    *(f"--{flag.name}" for command in COMMANDS for flag in command.flags),
    *(f"-{flag.short}" for command in COMMANDS for flag in command.flags if flag.short),
    *(f"--{flag.name}={value}" for flag in GLOBAL for value in ("", "x")),
    *("deploy", "deploy/web", "web", "pods", "cm/conf", "all", "svc,deploy", "foo", "nodes", "events", "rs", "ns/default"),
    *("-f", "web.yaml", "folder", "-", "bad.yaml", "odd.yaml", "*.yaml", "none.yaml", "-R", "-k", "folder/deeper/x.json"),
    *("-o", "yaml", "json", "name", "wide", "jsonpath={.items[*].metadata.name}", "jsonpath={range .items[*]}{.a[?(@.b)]}{end}"),
    *("custom-columns=A:.metadata.name", "go-template={{range .items}}{{.x}}{{end}}", "-o=jsonpath-as-json={..name}", "kyaml"),
    *("-l", "app=web", "app in (a,b", "!x,,", "--all", "-A", "-n", "default", "--dry-run=client", "--dry-run", "--watch=false"),
    *("nginx=nginx:1.25", "*=x", "A=1", "A-", "=", "-p", '{"spec":{"replicas":2}}', "[]", "{", '[{"op":"add","path":"/x"}]'),
    *("--type=json", "--type=merge", "--replicas=2", "--replicas=-1", "--timeout=1s", "--timeout=-1s", "--for=delete"),
    *("--for=condition=Available", "--for=jsonpath={.spec.replicas}=1", "--to-revision=1", "--revision=1", "--image=nginx"),
    *("--from-literal=a=b", "--from-file=folder", "--from-env-file=env", "--port=80", "--sort-by=.metadata.name", "--", "", "-"),
    *("--subresource=scale", "--force", "--grace-period=0", "--cascade=orphan", "--selector=a=b", "--field-selector=a.b=c"),
)


def kubectl() -> Kubectl:
    cluster = Cluster()
    for name in ("web.yaml", "folder/conf.yaml"):
        assert Kubectl(cluster).run(["apply", "-f", name], files=FILES).exit == 0
    cluster.clock.run_until(30)

    def wait(condition: Any, timeout: float) -> bool:
        cluster.clock.run_until(cluster.clock.now + min(timeout, 20))
        return bool(condition())

    return Kubectl(cluster, wait=wait)


SHARED = kubectl()
"""One cluster for all examples: whatever one leaves behind is there for the next."""

COMMON = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
PATHS = sorted({command.path for command in COMMANDS})
TEXT = st.text(max_size=12)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 10**12) | st.floats() | TEXT | st.just("2026-01-05T09:00:00Z"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@COMMON
@given(
    st.sampled_from(PATHS),
    st.lists(st.sampled_from(WORDS) | TEXT | TEXT.map("--{}".format) | TEXT.map("jsonpath={{{}}}".format), max_size=7),
    TEXT,
)
def test_any_words(path: str, words: list[str], stdin: str) -> None:
    output = SHARED.run([*path.split(), *words], files=FILES, stdin=stdin)
    assert output.exit in (0, 1, 2)
    assert "Traceback" not in output.stderr


@COMMON
@given(st.text(max_size=40))
def test_any_line(line: str) -> None:
    assert SHARED.run(line, files=FILES).exit in (0, 1, 2)


@COMMON
@given(st.text(max_size=60) | st.binary(max_size=60) | JSON.map(str))
def test_any_manifest(content: Any) -> None:
    class OneFile:
        def read(self, path: str) -> Any:
            return content

        def list(self, folder: str) -> list[str]:
            return ["x.yaml"]

    for command in (
        "apply",
        "create",
        "diff",
        "delete",
        "get",
        "replace",
        "describe",
        "label a=b",
        "set env A=1",
        "scale --replicas=1",
    ):
        assert SHARED.run([*command.split(), "-f", "x.yaml"], files=OneFile()).exit in (0, 1, 2)


@COMMON
@given(st.sampled_from(("jsonpath", "go-template", "custom-columns")), st.text("{}[].*@?()$'\"|:-<>=!&,ab01 \n", max_size=25))
def test_any_template(kind: str, template: str) -> None:
    for target in ("deploy", "deploy/web"):
        assert SHARED.run(["get", target, "-o", f"{kind}={template}"]).exit in (0, 1)


FIELDS = {
    "Pod": (
        "spec.containers",
        "status.containerStatuses",
        "status.conditions",
        "spec.volumes",
        "spec.tolerations",
        "status.podIPs",
    ),
    "Service": ("spec.ports", "spec.selector", "status.loadBalancer.ingress"),
    "Deployment": ("spec.template.spec.containers", "status.conditions", "spec.strategy.rollingUpdate", "spec.selector"),
    "StatefulSet": ("spec.template", "spec.volumeClaimTemplates", "spec.updateStrategy"),
    "DaemonSet": ("spec.selector", "status"),
    "Job": ("status.conditions", "status.startTime", "spec"),
    "CronJob": ("spec.jobTemplate", "status.active"),
    "Node": ("status.conditions", "status.capacity", "spec.taints", "status.addresses", "status.nodeInfo"),
    "Event": ("involvedObject", "series", "source", "count", "lastTimestamp"),
    "Ingress": ("spec.rules", "spec.tls", "spec.defaultBackend"),
    "NetworkPolicy": ("spec.ingress", "spec.egress", "spec.policyTypes"),
    "Namespace": ("status.conditions",),
    "ResourceQuota": ("status.hard", "spec.scopes"),
    "LimitRange": ("spec.limits",),
    "EndpointSlice": ("endpoints", "ports"),
    "Endpoints": ("subsets",),
    "Role": ("rules",),
    "RoleBinding": ("subjects", "roleRef"),
    "Secret": ("data", "type"),
    "ConfigMap": ("data", "binaryData"),
    "HorizontalPodAutoscaler": ("spec", "status"),
    "PersistentVolumeClaim": ("spec", "status"),
    "PersistentVolume": ("spec", "status"),
    "CustomResourceDefinition": ("spec.versions",),
    "PodDisruptionBudget": ("spec", "status"),
    "Application": ("spec", "status"),
    "ReplicaSet": ("spec", "status", "metadata.annotations"),
}


@COMMON
@given(st.data(), st.sampled_from(sorted(FIELDS)))
def test_any_object(data: st.DataObject, kind: str) -> None:
    """Not even an object that no server would have stored breaks a printer."""
    cluster = Cluster(controllers=False)
    known = cluster.kind(kind)
    obj: dict[str, Any] = {"apiVersion": known.api_version, "kind": kind, "metadata": {"name": "x", "uid": "u"}}
    namespace = "default" if known.namespaced else ""
    if namespace:
        obj["metadata"]["namespace"] = namespace
    for path in data.draw(st.lists(st.sampled_from(FIELDS[kind]), min_size=1, max_size=3)):
        inner = data.draw(st.lists(st.dictionaries(st.sampled_from(NAMES), JSON, max_size=5), max_size=2) | JSON)
        *steps, last = path.split(".")
        place = obj
        for step in steps:
            place = place.setdefault(step, {})
            if not isinstance(place, dict):
                break
        else:
            place[last] = inner
    cluster.store._root = cluster.store._root.set(  # past every check, and past those who learn from what is stored
        (known.group, kind),
        (cluster.store._root.get((known.group, kind)) or type(cluster.store._root)()).set((namespace, "x"), obj),
    )
    assert cluster.store.get(Key(known.group, kind, namespace, "x")) == obj
    view = Kubectl(cluster)
    for command in ("get", "get -o wide", "get --show-labels -L a", "describe", "get -o name", "get -o yaml", "get -o json"):
        verb, *options = command.split()
        output = view.run([verb, f"{known.resource}/x", *options])
        assert output.exit in (0, 1), output
    for words in (
        ["events"],
        ["get", "all", "-A"],
        ["rollout", "status", f"{known.resource}/x"],
        ["logs", f"{known.resource}/x"],
    ):
        assert view.run(words).exit in (0, 1)
    for words in (["rollout", "history", f"{known.resource}/x"], ["set", "env", f"{known.resource}/x", "--list"]):
        assert view.run(words).exit in (0, 1)


NAMES = (
    *(
        "name",
        "type",
        "status",
        "reason",
        "message",
        "image",
        "ports",
        "env",
        "state",
        "ready",
        "key",
        "value",
        "effect",
        "hosts",
        "http",
    ),
    *(
        "addresses",
        "ip",
        "port",
        "protocol",
        "targetPort",
        "conditions",
        "resources",
        "limits",
        "requests",
        "rules",
        "verbs",
        "paths",
    ),
    *("lastTransitionTime", "restartCount", "valueFrom", "volumeMounts", "kind", "running", "waiting", "terminated", "backend"),
)
