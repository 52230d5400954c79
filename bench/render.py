"""How long an overlay takes to render, in process and as a whole command, beside ``kubectl kustomize``.

``python bench/render.py``: takes about ten seconds and stops by itself. Overlays of 10 and of 100 objects, half Deployments and
half ConfigMaps, with a prefix, a namespace, labels, an image, a patch and a generated ConfigMap that every Deployment refers to.

*gross* is the whole process. *net* is that without what the same program needs for a kustomization of one ConfigMap: starting
it, and the tables that it loads. *cold* is the first build of a fresh process after its imports, *another commit* one in which a
single file is new, *the same tree* a build of what was built before. Medians of processor time, which neighbours change least
(kubectl collects its garbage on a second core, so its wall time is shorter); nothing is asserted.
"""

from __future__ import annotations

import json
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from gitops_sim import World
from gitops_sim.manifests.kustomize import build

SIZES = (10, 100)
RUNS = 5
BASE = {
    "base/kustomization.yaml": "resources: [one.yaml]\n",
    "base/one.yaml": "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n",
}
"""The least that a build can be."""
COLD = """
import sys, time
from gitops_sim.manifests import Folder
from gitops_sim.manifests.kustomize import build
began = time.process_time()
build(Folder(sys.argv[1]), sys.argv[2]).text
print(time.process_time() - began)
"""


def deployment(number: int) -> str:
    return f"""\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web-{number}
  labels: {{app: web-{number}}}
spec:
  replicas: 2
  selector:
    matchLabels: {{app: web-{number}}}
  template:
    metadata:
      labels: {{app: web-{number}}}
    spec:
      containers:
      - name: web
        image: nginx:1.27
        ports: [{{containerPort: 80}}]
        envFrom:
        - configMapRef: {{name: settings}}
        resources:
          requests: {{cpu: 100m, memory: 128Mi}}
        readinessProbe:
          httpGet: {{path: /healthz, port: 80}}
"""


def config(number: int, value: str) -> str:
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: config-{number}}}\ndata: {{key: {value}}}\n"


def overlay(objects: int, value: str = "a") -> dict[str, str]:
    """The files of a base with so many objects, and of an overlay over it. ``value`` is what one file says."""
    half = objects // 2
    files = {f"base/web-{n}.yaml": deployment(n) for n in range(half)}
    files |= {f"base/config-{n}.yaml": config(n, "a" if n else value) for n in range(objects - half)}
    files["base/kustomization.yaml"] = json.dumps({"resources": [name.removeprefix("base/") for name in files]})
    files["overlay/kustomization.yaml"] = """\
resources: [../base]
namePrefix: prod-
namespace: production
labels: [{pairs: {team: blue}, includeSelectors: true}]
images: [{name: nginx, newTag: "1.28"}]
configMapGenerator: [{name: settings, literals: [MODE=fast]}]
patches:
- target: {kind: Deployment}
  patch: |
    - {op: replace, path: /spec/replicas, value: 3}
"""
    return files


def written(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def median(measure: Callable[[], float]) -> float:
    """After one warm-up."""
    measure()
    return statistics.median(measure() for _ in range(RUNS))


def process(*command: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def cold(folder: Path) -> float:
    command = [sys.executable, "-c", COLD, str(folder), "overlay"]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def commits(objects: int) -> tuple[float, float]:
    """Seconds for a build of a commit with one new file, and for one of a tree that was built already."""
    world = World()
    repository = world.git.create(f"bench-{objects}", files=overlay(objects))
    build(repository.tree(repository.tip()), "overlay").text  # noqa: B018
    fresh, again = [], []
    for number in range(RUNS):
        world.run(seconds=1)
        head = repository.commit({"base/config-0.yaml": config(0, f"v{number}")}, message=f"Set v{number}", author="ana")
        tree = repository.tree(head)
        for taken in (fresh, again):
            began = time.process_time()
            build(tree, "overlay").text  # noqa: B018
            taken.append(time.process_time() - began)
    return statistics.median(fresh), statistics.median(again)


def main() -> None:
    own, kubectl = Path(sys.executable).with_name("kubectl"), shutil.which("kubectl")
    theirs = str(own) if own.exists() else kubectl
    tool = [sys.executable, "-m", "gitops_sim", "render"]
    with tempfile.TemporaryDirectory() as scratch:
        least = written(Path(scratch) / "least", BASE) / "base"
        starts = {"ours": median(lambda: process(*tool, str(least)))}
        if theirs:
            starts["real"] = median(lambda: process(theirs, "kustomize", str(least)))
        for objects in SIZES:
            folder = written(Path(scratch) / str(objects), overlay(objects))
            path = str(folder / "overlay")
            rows = {"in process, cold": median(lambda: cold(folder))}  # noqa: B023
            rows["in process, another commit"], rows["in process, the same tree"] = commits(objects)
            rows["gitops-sim render, gross"] = median(lambda: process(*tool, path))  # noqa: B023
            rows["gitops-sim render, net"] = rows["gitops-sim render, gross"] - starts["ours"]
            if theirs:
                rows["kubectl kustomize, gross"] = median(lambda: process(theirs, "kustomize", path))  # noqa: B023
                rows["kubectl kustomize, net"] = rows["kubectl kustomize, gross"] - starts["real"]
            print(f"an overlay of {objects} objects")
            for name, seconds in rows.items():
                print(f"  {name:30}{seconds * 1000:9.2f} ms" + ratios(seconds, rows))
    if theirs is None:
        print("there is no kubectl: nothing to compare with")


def ratios(seconds: float, rows: dict[str, float]) -> str:
    """How often a row fits into each of kubectl's."""
    real = [(name.rpartition(" ")[2], rows[name]) for name in rows if name.startswith("kubectl")]
    return "".join(f"   {name} of kubectl x{value / seconds:.1f}" for name, value in real)


if __name__ == "__main__":
    main()
