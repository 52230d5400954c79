"""What a description says is there is there, and nothing has happened yet."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitops_sim.errors import BadInput
from gitops_sim.forge import BranchRules
from gitops_sim.scenarios import Evidence, WorldSpec, build_world, read_world
from gitops_sim.scenarios.divergence import divergences, sources
from gitops_sim.scenarios.reading import read_yaml

WORLD = """\
seed: 5
people: {ana: Ana Silva, ben: Ben Okafor}
images: {"shop/web:1": {start: 3s}}
clusters: [production, staging]
repos:
  shop:
    commits:
    - {by: ana, message: First, files: {web/conf.yaml: "%s", old.txt: x}}
    - {by: ben, message: Second, files: {old.txt: null, new.txt: new}}
  empty: {}
applications:
  staging:web:
    apiVersion: argoproj.io/v1alpha1
    kind: Application
    metadata: {name: web, namespace: argocd}
    spec:
      project: default
      source: {repoURL: https://git.example/%s.git, path: web, targetRevision: HEAD}
      destination: {server: https://kubernetes.default.svc, namespace: shop}
      syncPolicy: {automated: {}, syncOptions: [CreateNamespace=true]}
pipelines:
  deploy: {repo: shop, path: web, build_time: 30s}
"""
CONF = "{apiVersion: v1, kind: ConfigMap, metadata: {name: conf}, data: {a: b}}"


def spec(conf: str = CONF, repo: str = "shop") -> WorldSpec:
    return read_world(read_yaml(WORLD % (conf, repo), "world.yaml"))


def test_a_world_as_described() -> None:
    world = build_world(spec())
    assert (world.seed, world.now) == (5, 0)
    log = world.git.repository("shop").log()
    assert [(c.author_name, c.subject, c.time) for c in log] == [("Ben Okafor", "Second", 0), ("Ana Silva", "First", 0)]
    assert world.git.repository("shop").tree().files() == ["new.txt", "web/conf.yaml"]
    assert world.git.repository("empty").branches == {}
    assert world.registry.image("shop/web:1").start == 3
    assert list(world.agents) == ["pipeline/deploy", "argocd/staging"]
    assert world.cluster("staging").find("ConfigMap", "conf", "shop") is None


def test_each_agent_works_in_its_own_cluster() -> None:
    world = build_world(spec()).run("1m")
    assert world.cluster("staging").find("ConfigMap", "conf", "shop") is not None
    assert world.cluster("production").find("ConfigMap", "conf") is not None
    found = {(s.reader, s.cluster, s.namespace) for s in sources(Evidence(world))}
    assert found == {("web", "staging", "shop"), ("deploy", "production", "default")}


def test_the_seed_and_the_folder_can_be_chosen(tmp_path: Path) -> None:
    world = build_world(spec(), seed=9, folder=tmp_path)
    assert world.seed == 9
    assert (tmp_path / "shop.git").is_dir()


@pytest.mark.parametrize(("conf", "repo"), [("kind: [", "shop"), (CONF, "gone")])
def test_what_cannot_be_read_asks_for_nothing(conf: str, repo: str) -> None:
    world = build_world(spec(conf, repo)).run("1m")
    assert [d for d in divergences(Evidence(world)) if d.source.cluster == "staging"] == []


GADGETS = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "gadgets.example.com"},
    "spec": {
        "group": "example.com",
        "names": {"kind": "Gadget", "plural": "gadgets", "singular": "gadget", "listKind": "GadgetList"},
        "scope": "Namespaced",
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
            }
        ],
    },
}


def test_a_custom_resource_and_a_cluster_scoped_object_are_compared_too() -> None:
    both = "apiVersion: example.com/v1\\nkind: Gadget\\nmetadata: {name: g}\\nspec: {size: 1}\\n---\\n"
    both += "apiVersion: v1\\nkind: Namespace\\nmetadata: {name: extra, labels: {a: b}}\\n"
    world = build_world(spec(both))
    world.cluster("production").create(GADGETS)
    world.run("1m")
    cluster = world.cluster("production").as_user("ben")
    cluster.patch("gadgets.example.com", "g", "default", {"spec": {"size": 2, "mine": True}}, type="merge")
    cluster.patch("namespaces", "extra", "", {"metadata": {"labels": {"a": "c"}}}, type="merge")
    found = [str(d) for d in divergences(Evidence(world)) if d.mover == "cluster" and d.source.cluster == "production"]
    assert found == ["Gadget/g .spec.size: Git 1, cluster 2", "Namespace/extra .metadata.labels.a: Git b, cluster c"]


def test_a_cluster_that_is_not_there() -> None:
    with pytest.raises(BadInput, match="no cluster 'stage' in this world") as caught:
        read_world(read_yaml(WORLD.replace("staging:web:", "stage:web:") % (CONF, "shop"), "world.yaml"))
    assert caught.value.mend == "did you mean 'staging'?"


def test_a_repository_with_rules_and_reviewers() -> None:
    rules = "    rules: {main: {approvals: 2, checks: [yaml]}}\n    reviewers: {ben: 1m}\n"
    world = build_world(read_world(read_yaml(WORLD.replace("  shop:\n", f"  shop:\n{rules}") % (CONF, "shop"), "world.yaml")))
    assert world.git.repository("shop").rules == {"main": BranchRules(2, ("yaml",))}
    assert world.git.pull_requests.reviewers == {"shop": {"ben": 60}}
    assert [commit.author for commit in world.git.repository("shop").log()] == ["ben", "ana"]


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ("rules: {man: {approvals: 1}}", "unknown branch 'man'"),
        ("rules: {main: {approval: 1}}", "unknown key 'approval'"),
        ("rules: {main: {checks: [tests]}}", "unknown value 'tests'"),
        ("reviewers: {dora: 1m}", "nobody is called 'dora'"),
        ("reviewers: {ana: soon}", "not a duration"),
    ],
)
def test_rules_that_cannot_be_kept_are_refused(lines: str, says: str) -> None:
    text = WORLD.replace("  shop:\n", f"  shop:\n    {lines}\n") % (CONF, "shop")
    with pytest.raises(BadInput, match=says):
        build_world(read_world(read_yaml(text, "world.yaml")))


def test_nodes_belong_to_the_cluster_that_their_name_says() -> None:
    text = "{clusters: [production, staging], nodes: {a: {cpu: 2}, b: {labels: {disk: ssd}}, staging:c: {memory: 1Gi}}}"
    world = build_world(read_world(read_yaml(text, "world.yaml")))
    names = {name: [node["metadata"]["name"] for node in cluster.list("nodes")] for name, cluster in world.clusters.items()}
    assert names == {"production": ["a", "b"], "staging": ["c"]}


@pytest.mark.parametrize(
    ("nodes", "what"),
    [
        ("{a: {cpu: much}}", "not an amount of cpu: 'much'"),
        ("{test:a: {}}", "no cluster 'test' in this world"),
        ("{A_1: {}}", "'A_1' cannot be the name of a node"),
        ("[a]", "must be a mapping, not a list"),
    ],
)
def test_nodes_that_cannot_be_are_refused_with_their_line(nodes: str, what: str) -> None:
    with pytest.raises(BadInput) as refusal:
        read_world(read_yaml(f"seed: 1\nnodes: {nodes}\n", "world.yaml"))
    assert refusal.value.what == what
    assert refusal.value.where.startswith("world.yaml:2")


@pytest.mark.parametrize(("without", "addresses"), [("[]", 2), ("[loadbalancer]", 1), ("[ingress, loadbalancer]", 0)])
def test_a_cluster_can_do_without_what_gives_addresses(without: str, addresses: int) -> None:
    world = build_world(read_world(read_yaml(f"{{seed: 1, without: {without}}}", "world.yaml")))
    service = "{apiVersion: v1, kind: Service, metadata: {name: s}, spec: {type: LoadBalancer, ports: [{port: 80}]}}"
    backend = "{service: {name: s, port: {number: 80}}}"
    ingress = f"{{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {{name: i}}, spec: {{defaultBackend: {backend}}}}}"
    assert world.kubectl("apply -f -", stdin=f"{service}\n---\n{ingress}\n").exit == 0
    world.run("1m")
    shown = str(world.kubectl("get svc,ingress --no-headers"))
    assert shown.count("192.0.2.") == addresses
    assert ("<pending>" in shown) == ("loadbalancer" in without)


def test_what_no_cluster_can_do_without() -> None:
    with pytest.raises(BadInput) as refusal:
        read_world(read_yaml("{without: [scheduler]}", "world.yaml"))
    assert refusal.value.what == "unknown value 'scheduler'"


def test_a_world_with_a_hub_a_project_and_a_set_of_applications() -> None:
    text = """\
clusters: [hub, eu]
repos:
  shop: {files: {apps/web/conf.yaml: "%s"}}
applications:
  eu-cluster:
    apiVersion: v1
    kind: Secret
    metadata: {name: eu-cluster, labels: {argocd.argoproj.io/secret-type: cluster}}
    stringData: {name: eu, server: "https://eu.example:6443"}
  team-a:
    apiVersion: argoproj.io/v1alpha1
    kind: AppProject
    metadata: {name: team-a}
    spec: {sourceRepos: ["*"], destinations: [{name: eu, namespace: "*"}]}
  all:
    apiVersion: argoproj.io/v1alpha1
    kind: ApplicationSet
    metadata: {name: all}
    spec:
      generators: [{git: {repoURL: "https://git.example/shop.git", revision: main, directories: [{path: "apps/*"}]}}]
      template:
        metadata: {name: "{{path.basename}}"}
        spec:
          project: team-a
          source: {repoURL: "https://git.example/shop.git", path: "{{path}}"}
          destination: {name: eu, namespace: default}
          syncPolicy: {automated: {}}
"""
    world = build_world(read_world(read_yaml(text % CONF, "world.yaml"))).run("1m")
    assert world.cluster("eu").find("ConfigMap", "conf") is not None
    assert world.cluster("hub").get("app", "web", "argocd")["status"]["sync"]["status"] == "Synced"


IMAGES = """\
imageUpdaters:
  images:
    apiVersion: argocd-image-updater.argoproj.io/v1alpha1
    kind: ImageUpdater
    metadata: {name: images}
    spec: {applicationRefs: [{namePattern: "*", images: [{alias: web, imageName: shop/web}]}]}
"""


def test_image_updaters_stand_in_worlds_beside_the_applications() -> None:
    world = build_world(read_world(read_yaml(IMAGES, "world.yaml"))).run("1s")
    assert list(world.agents) == ["argocd/production", "image-updater/production"]
    assert world.cluster().get("imageupdater", "images", "argocd")["status"]["applicationsMatched"] == 0


@pytest.mark.parametrize(
    ("right", "wrong", "words"),
    [
        ("kind: ImageUpdater", "kind: Pod", "must be ImageUpdater, not 'Pod'"),
        ("name: images", "name: other", "is 'other', but stands under 'images'"),
        ("imageName: shop/web", "image: shop/web", "imageName: Required value"),
    ],
)
def test_an_image_updater_that_cannot_be_is_refused_with_its_place(right: str, wrong: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        build_world(read_world(read_yaml(IMAGES.replace(right, wrong), "world.yaml")))
