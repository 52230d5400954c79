"""A folder is read as the Directory source of Argo CD reads it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gitops_sim.clock import Clock
from gitops_sim.errors import BadInput
from gitops_sim.forge import Forge
from gitops_sim.manifests import Folder, Limits, directory, parse_directory, read_directory, source_type
from gitops_sim.trace import Trace


def config(name: str, **metadata: str) -> str:
    extra = "".join(f"  {key}: {value}\n" for key, value in metadata.items())
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n{extra}"


class Memory:
    """Files in memory, which notes what is read."""

    def __init__(self, files: dict[str, str], sizes: dict[str, int] | None = None) -> None:
        self._files, self._sizes = files, sizes or {}
        self.reads: list[str] = []

    def files(self) -> list[str]:
        return sorted(self._files)

    def read(self, path: str) -> bytes:
        self.reads.append(path)
        return self._files[path].encode()

    def size(self, path: str) -> int:
        return self._sizes.get(path, len(self._files[path]))


def names(files: Memory, path: str = "", **options: Any) -> list[str]:
    return [m.object["metadata"]["name"] for m in read_directory(files, path, **options)]


TREE = Memory(
    {
        "README.md": "# Shop",
        "apps/a.yaml": config("a"),
        "apps/b.yml": config("b"),
        "apps/c.json": '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}}',
        "apps/.hidden.yaml": config("hidden"),
        "apps/notes.txt": config("notes"),
        "apps/a/deep.yaml": config("deep"),
        "apps/test/more.yaml": config("more"),
        "apps-two/x.yaml": config("x"),
        "top.yaml": config("top"),
    }
)


def test_manifest_files_of_the_folder_itself_are_read_in_order() -> None:
    assert names(TREE, "apps") == names(TREE, "./apps/") == ["hidden", "a", "b", "c"]
    assert names(TREE) == names(TREE, ".") == ["top"]


def test_recursion_goes_through_folders_in_the_order_of_a_walk() -> None:
    assert names(TREE, "apps", recurse=True) == ["hidden", "deep", "a", "b", "c", "more"]


@pytest.mark.parametrize(
    ("include", "exclude", "expected"),
    [
        ("*.yaml", "", ["hidden", "deep", "a", "more"]),
        ("a.yaml", "", ["a"]),
        ("{a.yaml,b.yml}", "", ["a", "b"]),
        ("", "test/*", ["hidden", "deep", "a", "b", "c"]),
        ("", "*", []),
        ("?.yaml", "", ["a"]),
        ("[ab].y*ml", "", ["a", "b"]),
        ("[!a].*", "", ["b", "c"]),
        ("[!a-b].yml", "", []),
        ("*.{yaml,yml}", "{test,a}/*", ["hidden", "a", "b"]),
        ("a\\.yaml", "", ["a"]),
        ("a.yaml}", "", []),
    ],
)
def test_globs_choose_files_as_argo_cd_matches_them(include: str, exclude: str, expected: list[str]) -> None:
    found = names(TREE, "apps", recurse=True, include=include, exclude=exclude)
    assert found == expected


@pytest.mark.parametrize("glob", ["{a,b", "[", "a[b"])
def test_a_glob_that_is_not_closed_is_refused(glob: str) -> None:
    with pytest.raises(BadInput, match="does not close"):
        names(TREE, "apps", include=glob)


def test_a_missing_folder_is_refused() -> None:
    with pytest.raises(BadInput, match=r"no folder 'app'(?s:.*)did you mean 'apps'"):
        names(TREE, "app")
    with pytest.raises(BadInput, match=r"no folder 'zzz'(?s:.*)name a folder that holds manifests"):
        names(TREE, "zzz")


def test_kustomizations_and_charts_are_recognised_and_not_read_as_plain_files() -> None:
    chart, kustomization = {"web/Chart.yaml": "name: web\n"}, {"web/kustomization.yml": "resources: []\n"}
    assert source_type(Memory(chart), "web") == "helm"
    assert source_type(Memory(kustomization), "web") == source_type(Memory({**chart, **kustomization}), "web") == "kustomize"
    assert source_type(Memory({"web/Kustomization": ""}), "web/") == "kustomize"
    assert source_type(Memory({"web/base/kustomization.yaml": "", "web/a.yaml": ""}), "web") == "directory"
    with pytest.raises(BadInput, match="shop:web: is a kustomization, no folder of plain manifests"):
        read_directory(Memory(kustomization), "web", where="shop:")
    with pytest.raises(BadInput, match="is a Helm chart"):
        read_directory(Memory(chart), "web")


def test_two_documents_with_one_identity_are_refused_with_both_places() -> None:
    files = Memory({"a.yaml": config("x"), "b.yaml": config("z") + "---\n" + config("x")})
    with pytest.raises(BadInput, match=r"ConfigMap/x is there twice: in shop@1:a.yaml:1 and in shop@1:b.yaml:6") as caught:
        read_directory(files, where="shop@1:")
    assert caught.value.where == "shop@1:b.yaml:6"
    files = Memory({"a.yaml": config("x"), "b.yaml": config("x", namespace="default")})
    assert len(read_directory(files)) == 2
    with pytest.raises(BadInput, match="ConfigMap/default/x is there twice"):
        read_directory(files, namespace="default")


def test_of_one_identity_the_last_document_counts_for_an_agent() -> None:
    text = "---\n".join([config("x", namespace="one"), config("z"), config("x", namespace="one", uid="last")])
    found = parse_directory(Memory({"a.yaml": text})).counted()
    assert [(m.object["metadata"]["name"], m.line) for m in found.manifests] == [("z", 7), ("x", 12)]
    assert {str(key): places for key, places in found.repeated.items()} == {"ConfigMap/one/x": ["a.yaml:1", "a.yaml:12"]}


def test_objects_with_generated_names_have_no_identity_to_repeat() -> None:
    job = "apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: j-}\n"
    assert len(read_directory(Memory({"a.yaml": job, "b.yaml": job}))) == 2


def test_other_files_are_passed_over_and_named() -> None:
    files = Memory(
        {
            "a.yaml": config("a"),
            "empty.yaml": "# nothing yet\n",
            "skip.yaml": "# +argocd:skip-file-rendering\n{{ not yaml",
            "values.yaml": "image:\n  kind: x\n",
            "list.json": "[1, 2]",
        }
    )
    found = parse_directory(files, where="w/").counted()
    assert [m.file for m in found.manifests] == ["w/a.yaml"]
    assert [(s.file, s.reason) for s in found.skipped] == [
        ("w/empty.yaml", "it is empty"),
        ("w/list.json", "it has neither apiVersion nor kind"),
        ("w/skip.yaml", "it says +argocd:skip-file-rendering"),
        ("w/values.yaml", "it has neither apiVersion nor kind"),
    ]


@pytest.mark.parametrize("text", ["metadata: {name: a}\n", "kind: Pod\n", "foo: [}", "{{ if .Values.x }}\nkind: Pod\n"])
def test_what_looks_like_a_broken_manifest_is_never_passed_over(text: str) -> None:
    with pytest.raises(BadInput, match=r"^a.yaml:1"):
        read_directory(Memory({"a.yaml": text}))


def test_a_huge_file_is_refused_by_its_size_without_being_read() -> None:
    files = Memory({"a.yaml": config("a"), "huge.yaml": ""}, {"huge.yaml": 100_000_000})
    with pytest.raises(BadInput, match=r"huge.yaml: the manifests exceed 10 MB together; 100.0 MB of it are in this file"):
        read_directory(files)
    assert files.reads == ["a.yaml"]
    assert [m.file for m in read_directory(files, exclude="huge*")] == ["a.yaml"]
    with pytest.raises(BadInput, match=r"exceed 0.0001 MB together"):
        read_directory(Memory({f"{n}.yaml": config(str(n) + "x") for n in range(3)}), limits=Limits(bytes=100))


def test_a_revision_of_a_repository_is_read_and_files_that_stay_are_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    shop = Forge(clock, Trace(clock)).create("shop", {"apps/a.yaml": config("only-here-a"), "apps/b.yaml": config("b")})
    parsed: list[str] = []
    parse = directory._parse
    monkeypatch.setattr(directory, "_parse", lambda content, where, limits: parsed.append(where) or parse(content, where, limits))
    first = read_directory(shop.tree(), "apps")
    assert [m.title for m in first] == ["ConfigMap/only-here-a", "ConfigMap/b"]
    shop.commit({"apps/b.yaml": config("b2")}, "Rename b", author="ana")
    second = read_directory(shop.tree(), "apps")
    assert second[0].object is first[0].object
    assert [m.title for m in second] == ["ConfigMap/only-here-a", "ConfigMap/b2"]
    assert parsed.count("apps/a.yaml") <= 1
    assert parsed.count("apps/b.yaml") >= 1
    assert read_directory(shop.tree("main", "apps"))[0].file == "a.yaml"


def test_what_was_parsed_long_ago_is_forgotten() -> None:
    memory = directory._Parsed(2)
    for n in "abc":
        memory.get(("a", ""))
        memory.keep((n, ""), [])
    assert [memory.get((n, "")) for n in "abc"] == [[], None, []]


def test_a_link_out_of_the_repository_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text(config("secret"))
    (tmp_path / "repo").mkdir()
    (tmp_path / "repo" / "a.yaml").symlink_to("../secret.yaml")
    with pytest.raises(BadInput, match=r"a.yaml: leads out of the folder"):
        read_directory(Folder(tmp_path / "repo"))
