"""What generators make, and how templates are filled in with it."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_sim import World
from gitops_sim.agents.argocd.appsets.generators import Workbench, again_after, generate
from gitops_sim.agents.argocd.appsets.params import GenerationError, flattened, go_text, merged, sanitized, slug
from gitops_sim.agents.argocd.appsets.rendering import Renderer

SHOP = "https://git.example/shop.git"
FILES = {
    "README.md": "hello\n",
    "apps/api/deployment.yaml": "a: 1\n",
    "apps/web/deployment.yaml": "a: 1\n",
    "apps/web/base/x.yaml": "a: 1\n",
    "apps/Old_One/deployment.yaml": "a: 1\n",
    ".github/workflows/ci.yaml": "a: 1\n",
    "clusters/dev/config.json": '{"cluster": {"name": "dev", "replicas": 1}, "tags": ["x", "y"]}',
    "clusters/prod/config.json": '[{"cluster": {"name": "eu"}}, {"cluster": {"name": "us"}}]',
}


@pytest.fixture(scope="module")
def world() -> World:
    world = World(clusters=("hub", "staging"))
    world.git.create("shop", FILES, author="ana")
    world.argocd_in("hub")
    world.argocd("cluster add staging", cluster="hub")
    [secret] = world.cluster("hub").list("secrets", "argocd", labels="argocd.argoproj.io/secret-type=cluster")
    change = {"metadata": {"labels": {"env": "staging"}, "annotations": {"team": "a"}}}
    world.cluster("hub").patch("secret", secret["metadata"]["name"], "argocd", change, type="merge")
    return world


def bench(world: World, *, go: bool = True, options: tuple[str, ...] = ()) -> Workbench:
    renderer = Renderer(go, options, world.clock, world.randomness)
    return Workbench(renderer, world.git, world.argocd_in("hub").clusters)


def made(world: World, raw: dict[str, Any], *, go: bool = True) -> list[dict[str, Any]]:
    return [params for part in generate(raw, bench(world, go=go)) for params in part.params]


def test_names() -> None:
    assert [sanitized(name) for name in ("Old_One", "a.b-c", "-x-", "a b")] == ["old-one", "a.b-c", "x", "a-b"]
    assert slug("feature/Add_Login") == "feature-add-login"
    assert (
        slug("a-very-long-branch-name-that-goes-on-and-on-for-ever-and-ever") == "a-very-long-branch-name-that-goes-on-and-on-for"
    )
    assert slug("abcdef", 3, whole_words=False) == "abc"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1, "1"),
        (100000, "100000"),
        (1000000, "1e+06"),
        (1234567, "1.234567e+06"),
        (0.5, "0.5"),
        (0.00001, "1e-05"),
        (-3, "-3"),
        (0, "0"),
        (1.25e21, "1.25e+21"),
        (True, "true"),
        (None, "<nil>"),
        ("x", "x"),
    ],
)
def test_values_are_printed_as_go_prints_them(value: Any, text: str) -> None:
    assert go_text(value) == text


def test_flat_and_merged() -> None:
    assert flattened({"a": {"b": [1, {"c": "d"}]}, "e": True}) == {"a.b.0": "1", "a.b.1.c": "d", "e": "true"}
    assert merged({"a": {"b": 1, "c": 2}, "d": 3}, {"a": {"b": 9}, "d": ""}) == {"a": {"b": 9, "c": 2}, "d": 3}


def test_a_list(world: World) -> None:
    raw = {"list": {"elements": [{"env": "dev", "values": {"replicas": "1"}}]}}
    assert made(world, raw, go=False) == [{"env": "dev", "values.replicas": "1"}]
    assert made(world, {"list": {"elements": [{"n": 3}], "elementsYaml": "- size: 4\n"}}) == [{"n": 3}, {"size": 4}]
    with pytest.raises(GenerationError, match="error parsing value as string"):
        made(world, {"list": {"elements": [{"n": 3}]}}, go=False)


def test_clusters(world: World) -> None:
    found = made(world, {"clusters": {}})
    assert [params["name"] for params in found] == ["staging", "in-cluster"]
    assert found[0]["server"] == "https://staging.example:6443"
    assert found[0]["metadata"]["labels"]["env"] == "staging"
    assert "metadata" not in found[1]
    chosen = {"clusters": {"selector": {"matchLabels": {"env": "staging"}}, "values": {"team": "{{metadata.annotations.team}}"}}}
    [flat] = made(world, chosen, go=False)
    assert (flat["metadata.labels.env"], flat["values.team"]) == ("staging", "a")
    assert [len(params["clusters"]) for params in made(world, {"clusters": {"flatList": True}})] == [2]


def test_folders_of_git(world: World) -> None:
    raw = {
        "git": {"repoURL": SHOP, "revision": "main", "directories": [{"path": "apps/*"}, {"path": "apps/api", "exclude": True}]}
    }
    assert [params["path"]["path"] for params in made(world, raw)] == ["apps/Old_One", "apps/web"]
    first = made(world, raw)[0]["path"]
    assert first == {
        "path": "apps/Old_One",
        "basename": "Old_One",
        "basenameNormalized": "old-one",
        "segments": ["apps", "Old_One"],
    }
    flat = made(world, raw, go=False)[0]
    assert (flat["path"], flat["path.basename"], flat["path[0]"], flat["path[1]"]) == (
        "apps/Old_One",
        "Old_One",
        "apps",
        "Old_One",
    )
    raw["git"]["directories"] = [{"path": "*"}]
    assert [params["path"]["path"] for params in made(world, raw)] == ["apps", "clusters"]  # hidden folders are none
    raw["git"] |= {"directories": [{"path": "apps/web"}], "pathParamPrefix": "app"}
    assert made(world, raw)[0]["app"]["path"]["basename"] == "web"
    assert made(world, raw, go=False)[0]["app.path.basename"] == "web"


def test_files_of_git(world: World) -> None:
    raw = {"git": {"repoURL": SHOP, "revision": "HEAD", "files": [{"path": "clusters/**/config.json"}]}}
    assert [params["cluster"]["name"] for params in made(world, raw)] == ["dev", "eu", "us"]
    flat = made(world, raw, go=False)[0]
    assert (flat["cluster.name"], flat["cluster.replicas"], flat["tags.1"]) == ("dev", "1", "y")
    assert (flat["path"], flat["path.filename"], flat["path.basename"]) == ("clusters/dev", "config.json", "dev")
    raw["git"]["files"].append({"path": "clusters/prod", "exclude": True})
    assert len(made(world, raw)) == 1


@pytest.mark.parametrize(
    ("git", "message"),
    [
        (
            {"repoURL": SHOP, "revision": "nope", "directories": [{"path": "*"}]},
            "error generating params from git: error getting directories from repo: error retrieving Git Directories: rpc error: "
            "code = Internal desc = unable to resolve git revision nope: unable to resolve 'nope' to a commit SHA",
        ),
        ({"repoURL": SHOP}, "ApplicationSet is empty"),
        (
            {"repoURL": SHOP, "files": [{"path": "README.md"}]},
            "error generating params from git: unable to process file 'README.md' from repository "
            f"'{SHOP}': unable to parse file: json: cannot unmarshal string into Go value of type map[string]interface {{}}",
        ),
    ],
)
def test_git_that_cannot_be_read(world: World, git: dict[str, Any], message: str) -> None:
    with pytest.raises(GenerationError) as found:
        made(world, {"git": git})
    assert str(found.value) == message


def test_a_matrix_is_everything_with_everything_and_the_second_may_use_the_first(world: World) -> None:
    folders = {"git": {"repoURL": SHOP, "directories": [{"path": "apps/web"}, {"path": "apps/api"}]}}
    raw = {"matrix": {"generators": [folders, {"list": {"elements": [{"env": "dev"}, {"env": "prod"}]}}]}}
    assert [(p["path"]["basename"], p["env"]) for p in made(world, raw)] == [
        ("api", "dev"),
        ("api", "prod"),
        ("web", "dev"),
        ("web", "prod"),
    ]
    second = {"git": {"repoURL": SHOP, "files": [{"path": "clusters/{{.env}}/config.json"}]}}
    raw = {"matrix": {"generators": [{"list": {"elements": [{"env": "dev"}]}}, second]}}
    assert [(p["env"], p["cluster"]["name"]) for p in made(world, raw)] == [("dev", "dev")]


def test_a_matrix_of_the_wrong_size_or_with_a_contradiction(world: World) -> None:
    one = {"list": {"elements": [{"a": "1"}]}}
    for size, word in ((1, "less"), (3, "more")):
        with pytest.raises(GenerationError, match=f"found {word} than two generators, Matrix support only two"):
            made(world, {"matrix": {"generators": [one] * size}})
    other = {"list": {"elements": [{"a": "2"}]}}
    with pytest.raises(GenerationError, match="found duplicate key a with different value, a: 1 ,b: 2"):
        made(world, {"matrix": {"generators": [one, other]}}, go=False)


def test_merge_overrides_by_key(world: World) -> None:
    base = {"list": {"elements": [{"server": "a", "size": "1"}, {"server": "b", "size": "1"}]}}
    over = {"list": {"elements": [{"server": "b", "size": "9"}, {"server": "c", "size": "9"}]}}
    raw = {"merge": {"mergeKeys": ["server"], "generators": [base, over]}}
    for go in (True, False):
        assert made(world, raw, go=go) == [{"server": "a", "size": "1"}, {"server": "b", "size": "9"}]
    twice = {"list": {"elements": [{"server": "a"}, {"server": "a"}]}}
    with pytest.raises(GenerationError, match=r'Merge requires all param sets to be unique\. Duplicate key was \{"server":"a"\}'):
        made(world, {"merge": {"mergeKeys": ["server"], "generators": [twice, base]}})
    with pytest.raises(GenerationError, match="no merge keys were specified"):
        made(world, {"merge": {"generators": [base, over]}})
    with pytest.raises(GenerationError, match="found less than two generators, Merge requires two or more"):
        made(world, {"merge": {"mergeKeys": ["server"], "generators": [base]}})


def test_a_selector_filters_what_was_made(world: World) -> None:
    elements = [{"env": "dev", "at": {"eu": True}}, {"env": "prod", "at": {"eu": True}}]
    raw = {
        "list": {"elements": elements},
        "selector": {"matchExpressions": [{"key": "env", "operator": "NotIn", "values": ["dev"]}]},
    }
    assert [params["env"] for params in made(world, raw)] == ["prod"]
    raw["selector"] = {"matchLabels": {"at.eu": "false"}}
    assert made(world, raw) == []


def test_pull_requests_of_the_forge() -> None:
    world = World()
    repo = world.git.create("acme/shop", {"a.txt": "a\n"}, author="ana")
    for branch in ("feature/Login", "docs"):
        repo.branch(branch)
        repo.commit({f"{branch.replace('/', '-')}.txt": "x\n"}, "Change", author="ben", branch=branch)
        world.git.pull_requests.open("acme/shop", branch, title=f"About {branch}", author="ben")
    world.git.pull_requests.open("acme/shop", "docs", "feature/Login", title="Into another", author="ben")
    world.argocd_in()
    found = bench_of(world)
    github = {"pullRequest": {"github": {"owner": "acme", "repo": "shop"}}}
    first, *_ = generate(github, found)[0].params
    sha = repo.tip("feature/Login")
    assert first == {
        "number": "1",
        "title": "About feature/Login",
        "branch": "feature/Login",
        "branch_slug": "feature-login",
        "target_branch": "main",
        "target_branch_slug": "main",
        "head_sha": sha,
        "head_short_sha": sha[:8],
        "head_short_sha_7": sha[:7],
        "author": "ben",
        "labels": [],
    }
    github["pullRequest"]["filters"] = [{"branchMatch": "^docs", "targetBranchMatch": "main"}]  # type: ignore[assignment]
    assert [params["number"] for params in generate(github, found)[0].params] == ["2"]
    world.git.pull_requests.close("acme/shop", 2, author="ben")
    assert generate(github, found)[0].params == []
    with pytest.raises(GenerationError, match="error listing repos: error listing pull requests for acme/none"):
        generate({"pullRequest": {"github": {"owner": "acme", "repo": "none"}}}, found)


def bench_of(world: World) -> Workbench:
    return Workbench(Renderer(True, (), world.clock, world.randomness), world.git, world.argocd_in().clusters)


def test_generators_that_are_not_simulated_say_so(world: World) -> None:
    for kind in ("scmProvider", "clusterDecisionResource", "plugin"):
        with pytest.raises(GenerationError, match=f"the generator {kind} is not available in this simulator: there is no"):
            made(world, {kind: {}})


def test_when_to_look_again() -> None:
    git, pulls = {"git": {"repoURL": SHOP}}, {"pullRequest": {}}
    assert [again_after([raw]) for raw in (git, pulls, {"list": {}}, {"clusters": {}})] == [180, 1800, 0, 0]
    assert again_after([{"git": {"requeueAfterSeconds": 30}}]) == 30
    assert again_after([{"matrix": {"generators": [pulls, git]}}]) == 180
    assert again_after([{"merge": {"generators": [{"list": {}}, pulls]}}]) == 1800


# ---------------------------------------------------------------------- templates


def test_simple_templates_leave_alone_what_they_do_not_know(world: World) -> None:
    text = bench(world, go=False).renderer.text
    assert text("{{path.basename}}-{{ env }}-{{other}}", {"path.basename": "web", "env": "dev"}) == "web-dev-{{other}}"
    assert text("{{ .env }}", {"env": "dev"}) == "{{ .env }}"


def test_go_templates_have_sprig_and_functions_of_their_own(world: World) -> None:
    params = {"path": {"basename": "Old_One", "segments": ["apps", "x"]}, "n": 3}
    text = bench(world).renderer.text
    assert text("{{.path.basename | lower | quote}} {{index .path.segments 1}}", params) == '"old_one" x'
    assert text("{{normalize .path.basename}} {{slugify 5 false .path.basename}}", params) == "old-one old-o"
    assert text('{{toYaml .path.segments}}|{{(fromYaml "a: 1").a}}', params) == "- apps\n- x|1"
    assert text("{{.nothing}}", params) == "<no value>"
    assert bench(world).renderer.deep({"{{.n}}": ["{{.n}}", 5]}, params) == {"3": ["3", 5]}


def test_go_templates_that_fail(world: World) -> None:
    strict = bench(world, options=("missingkey=error",)).renderer
    with pytest.raises(GenerationError) as found:
        strict.text("app-{{.path.nope}}", {"path": {}})
    why = 'template: base:1:11: executing "base" at <.path.nope>: map has no entry for key "nope"'
    assert str(found.value) == f"failed to execute go template app-{{{{.path.nope}}}}: {why}"
    with pytest.raises(GenerationError, match=r"^failed to parse template \{\{.x: template: base:1: unclosed action"):
        strict.text("{{.x", {})
    with pytest.raises(GenerationError, match=r"failed to parse template \{\{env 1\}\}: .*function .env. not defined"):
        strict.text("{{env 1}}", {})


def test_values_of_a_generator(world: World) -> None:
    raw = {"git": {"repoURL": SHOP, "directories": [{"path": "apps/web"}], "values": {"name": "x-{{.path.basename}}"}}}
    assert made(world, raw)[0]["values"] == {"name": "x-web"}
    broken = {"git": {**raw["git"], "values": {"name": "{{.x"}}}
    with pytest.raises(GenerationError, match="failed to append templated values: failed to replace templated string"):
        made(world, broken)
    second = {"list": {"elements": [{"b": "{{.a}}2"}]}}
    first = {"list": {"elements": [{"a": "1"}]}}
    assert made(world, {"matrix": {"generators": [first, second]}}) == [{"a": "1", "b": "12"}]
    late = {"clusters": {"selector": {"matchLabels": {"env": "staging"}}, "values": {"w": "{{.name}}", "v": "{{.a}}"}}}
    [found] = made(world, {"matrix": {"generators": [first, late]}})
    assert found["values"] == {"w": "staging", "v": "1"}


def test_children_that_make_nothing_or_fail(world: World) -> None:
    one = {"list": {"elements": [{"a": "1"}]}}
    lost = {"git": {"repoURL": "https://git.example/none.git", "directories": [{"path": "*"}]}}
    with pytest.raises(GenerationError, match="first generator in matrix generator: child generator returned an error"):
        made(world, {"matrix": {"generators": [lost, one]}})
    with pytest.raises(GenerationError, match="in the matrix generator: child generator generated no parameters"):
        made(world, {"matrix": {"generators": [one, {}]}})
    with pytest.raises(GenerationError, match="error getting params from generator 2 of 2: found more than one generator"):
        made(world, {"merge": {"mergeKeys": ["a"], "generators": [one, {**one, "clusters": {}}]}})
    lost_files = {"git": {"repoURL": "https://git.example/none.git", "files": [{"path": "*"}]}}
    with pytest.raises(GenerationError, match="Git files: rpc error: code = Internal desc = failed to list refs"):
        made(world, lost_files)
    with pytest.raises(GenerationError, match="no Pull Request provider implementation configured"):
        made(world, {"pullRequest": {}})
