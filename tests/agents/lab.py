"""A small world for the agents' tests: the real cluster, the real forge, and one Argo CD."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from gitops_sim.agents.argocd import CLI, ArgoCD, Dashboard
from gitops_sim.clock import Clock
from gitops_sim.cluster import Cluster
from gitops_sim.forge import Forge, Repository
from gitops_sim.objects import Object
from gitops_sim.randomness import Randomness
from gitops_sim.registry import Registry
from gitops_sim.trace import Record, Trace

IN_CLUSTER = "https://kubernetes.default.svc"


def deployment(replicas: int | None = 2, image: str = "nginx:1.24", name: str = "web", extra: str = "") -> str:
    count = "" if replicas is None else f"\n  replicas: {replicas}"
    return f"""\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}{extra}
spec:{count}
  selector:
    matchLabels: {{app: {name}}}
  template:
    metadata:
      labels: {{app: {name}}}
    spec:
      containers:
      - name: {name}
        image: {image}
"""


def config_map(name: str = "settings", value: str = "a", annotation: str = "") -> str:
    notes = f"\n  annotations: {{{annotation}}}" if annotation else ""
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}{notes}\ndata:\n  key: {value}\n"


SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector: {app: web}
  ports: [{port: 80}]
"""


WIDGETS = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  names: {kind: Widget, plural: widgets}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
"""


def application(
    name: str = "web",
    *,
    automated: dict[str, Any] | None = None,
    options: list[str] | None = None,
    namespace: str = "default",
    revision: str = "main",
    path: str = "manifests",
    repo: str = "https://git.example/shop.git",
    policy: dict[str, Any] | None = None,
    **spec: Any,
) -> dict[str, Any]:
    sync: dict[str, Any] = dict(policy or {})
    if automated is not None:
        sync["automated"] = automated
    if options:
        sync["syncOptions"] = options
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": name, "namespace": "argocd"},
        "spec": {
            "project": "default",
            "source": {"repoURL": repo, "path": path, "targetRevision": revision},
            "destination": {"server": IN_CLUSTER, "namespace": namespace},
            **({"syncPolicy": sync} if sync else {}),
            **spec,
        },
    }


def job(name: str, hook: str = "", image: str = "shop/migrate:1", notes: str = "", backoff: int = 0) -> str:
    """A Job; with ``hook`` one of these phases, with ``notes`` more annotations."""
    found = ", ".join(part for part in (hook and f'argocd.argoproj.io/hook: "{hook}"', notes) if part)
    named = f"generateName: {name}" if name.endswith("-") else f"name: {name}"
    return f"""\
apiVersion: batch/v1
kind: Job
metadata: {{{named}, annotations: {{{found}}}}}
spec:
  backoffLimit: {backoff}
  template:
    spec:
      restartPolicy: Never
      containers: [{{name: run, image: "{image}"}}]
"""


class Lab:
    def __init__(self, folder: Path, *, seed: int = 0, shuffle: int | None = None, **settings: Any) -> None:
        self.clock = Clock(shuffle=None if shuffle is None else Random(shuffle))
        self.trace = Trace(self.clock)
        self.randomness = Randomness(seed)
        self.registry = Registry()
        self.cluster = Cluster(clock=self.clock, trace=self.trace, randomness=self.randomness, registry=self.registry)
        self.forge = Forge(self.clock, self.trace, folder / "git")
        self.argocd = ArgoCD(self.cluster, self.forge, self.clock, self.trace, self.randomness, **settings)
        self.clock.settle()

    # ------------------------------------------------------------------ doing

    def repo(self, files: dict[str, str], name: str = "shop") -> Repository:
        return self.forge.create(name, files, author="ana")

    def commit(self, files: dict[str, str | None], message: str = "Change") -> str:
        return self.forge.repository("shop").commit(files, message, author="ana")

    def add(self, app: dict[str, Any]) -> None:
        self.cluster.create(app)
        self.clock.settle()

    def run(self, seconds: float) -> None:
        self.clock.run_until(self.clock.now + seconds)

    def next_poll(self, app: str = "web") -> float:
        """Lets the time pass up to and including the next poll; returns that time."""
        due = self.argocd.next_poll(app)
        assert due is not None
        self.clock.run_until(due)
        return due

    def scale(self, replicas: int, name: str = "web", user: str = "ben") -> None:
        self.cluster.as_user(user).patch("deploy", name, "default", {"spec": {"replicas": replicas}})
        self.clock.settle()

    def set_spec(self, change: dict[str, Any], app: str = "web") -> None:
        self.cluster.patch("app", app, "argocd", {"spec": change}, type="merge")
        self.clock.settle()

    def cli(self, args: str, user: str = "ana") -> Any:
        """Time passes while the command waits."""
        output = CLI(self.argocd, user, self.wait).run(args)
        self.clock.settle()
        return output

    def wait(self, condition: Callable[[], bool], timeout: float) -> bool:
        """Lets time pass until the condition holds, ten minutes at most."""
        end = self.clock.now + min(timeout, 600.0)
        while not condition():
            due = self.clock.next_event
            if due is None or due > end:
                self.clock.run_until(end)
                return condition()
            self.clock.run_until(due)
        return True

    def dashboard(self, user: str = "ben") -> Dashboard:
        return Dashboard(self.argocd, user)

    # ------------------------------------------------------------------ looking

    def app(self, name: str = "web") -> Object:
        return self.cluster.get("app", name, "argocd")

    def status(self, name: str = "web") -> Any:
        return self.app(name).get("status", {})

    def sync(self, name: str = "web") -> str:
        return str(self.status(name)["sync"]["status"])

    def health(self, name: str = "web") -> str:
        return str(self.status(name)["health"]["status"])

    def replicas(self, name: str = "web") -> int:
        return int(self.cluster.get("deploy", name)["spec"]["replicas"])

    def conditions(self, name: str = "web") -> dict[str, str]:
        return {c["type"]: c["message"] for c in self.status(name).get("conditions", [])}

    def results(self, name: str = "web") -> dict[str, tuple[str, str]]:
        found = self.status(name)["operationState"]["syncResult"]["resources"]
        return {f"{r['kind']}/{r['name']}": (r["status"], r["message"]) for r in found}

    def find(self, *events: str, since: float = 0.0) -> list[Record]:
        return self.trace.find(event=events, since=since)

    def last(self, event: str) -> Record:
        return self.find(event)[-1]

    def story(self, since: float = 0.0) -> list[str]:
        """What people and Argo CD did; the cluster tells its own side elsewhere."""
        return [f"{r.actor} {r.message}" for r in self.trace.story() if r.time >= since and r.actor != "cluster"]
