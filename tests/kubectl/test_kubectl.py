"""The command line as such: which command is meant, help, what is left out, what a caller may pass."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from gitops_sim.cluster import Cluster
from gitops_sim.errors import BadInput
from gitops_sim.kubectl import Files, Kubectl, MemoryFiles
from gitops_sim.kubectl.commands import COMMANDS, NOT_BUILT_IN
from tests.kubectl.stage import CONF, WEB, Stage


def test_a_command_may_be_a_line_or_words_with_or_without_kubectl_in_front() -> None:
    stage = Stage()
    shown = stage.ok("get ns default -o name")
    assert shown == "namespace/default\n"
    for form in (
        "kubectl get ns default -o name",
        ["get", "ns", "default", "-o", "name"],
        ["kubectl", "get", "ns/default", "-oname"],
    ):
        assert stage.ok(form) == shown


def test_global_flags_may_stand_in_front_of_the_command() -> None:
    stage = Stage()
    assert stage.ok("-n kube-system get cm -o name") == "configmap/kube-root-ca.crt\n"
    assert stage.ok("get -n kube-system cm -o name") == "configmap/kube-root-ca.crt\n"


def test_a_kubectl_has_a_namespace_of_its_own() -> None:
    cluster = Cluster()
    kubectl = Kubectl(cluster, namespace="kube-public")
    kubectl.run("create cm here")
    assert cluster.find("configmaps", "here", "kube-public") is not None
    assert "kube-public" in kubectl.run("config get-contexts").stdout


def test_a_command_acts_as_another_user() -> None:
    stage = Stage()
    assert 'User "jane" cannot create resource "configmaps"' in stage.error("create cm x --as=jane")
    stage.ok("create clusterrolebinding janes --clusterrole=edit --group=janes")
    stage.ok("create cm x --as=jane --as-group=janes")
    assert stage.cluster.store.log[-1].user == "jane"


@pytest.mark.parametrize("sign", ["|", ">", "&&", ";"])
def test_what_needs_a_shell_is_refused(sign: str) -> None:
    assert "is for a shell" in Stage().error(f"get pods {sign} head")


def test_an_open_quote_is_refused() -> None:
    assert Stage().error("get pods -l 'a") == "error: cannot read the command line: no closing quotation\n"


@pytest.mark.parametrize("name", NOT_BUILT_IN)
def test_what_is_left_out_says_why(name: str) -> None:
    assert Stage().error(f"{name} x") == f"error: kubectl {name} is not built in: {NOT_BUILT_IN[name]}\n"


def test_an_unknown_command_suggests_others() -> None:
    assert Stage().error("delte") == 'error: unknown command "delte" for "kubectl"\n\nDid you mean this?\n\tdelete\n'
    assert Stage().error("frobnicate") == 'error: unknown command "frobnicate" for "kubectl"\n'
    assert Stage().error("list") == 'error: unknown command "list" for "kubectl"\n\nDid you mean this?\n\tget\n'


def test_without_a_command_all_are_listed() -> None:
    shown = Stage().ok("")
    for command in COMMANDS:
        assert f"  {command.path} " in shown


@pytest.mark.parametrize("path", [command.path for command in COMMANDS])
def test_every_command_explains_itself(path: str) -> None:
    shown = Stage().ok(f"{path} --help")
    assert f"kubectl {path}" in shown
    assert shown == Stage().ok(f"{path} -h")


@pytest.mark.parametrize("group", ["rollout", "set", "config", "create secret", "top"])
def test_a_group_lists_its_commands(group: str) -> None:
    stage = Stage()
    assert f"kubectl {group} COMMAND" in stage.ok(f"{group} --help")
    output = stage.run(group)
    assert output.exit == 1
    assert f"kubectl {group} COMMAND" in output.stdout + output.stderr
    assert stage.error(f"{group} nope").startswith('error: unknown command "nope"')
    assert stage.error(f"{group} --nope") == f"error: unknown flag: --nope\nSee 'kubectl {group} --help' for usage.\n"


def test_a_flag_in_front_of_an_unknown_command_is_taken_for_one_of_a_plugin() -> None:
    assert Stage().error("--nope foo") == "Error: flags cannot be placed before plugin name: --nope\n"
    assert Stage().error("--nope") == "error: unknown flag: --nope\nSee 'kubectl --help' for usage.\n"


class Disk:
    """Files that are not in memory, one of which cannot be read."""

    def read(self, path: str) -> str | bytes:
        if path == "locked.yaml":
            raise BadInput("may not be read", where=path, mend="ask for the right to")
        if path == "gone.yaml":
            raise FileNotFoundError(path)
        return {"m/web.yaml": WEB, "m/conf.yaml": CONF.encode(), "bin": b"\xff\xfe\xfd"}[path]

    def list(self, folder: str) -> Sequence[str] | None:
        return {".": ["bin", "gone.yaml", "locked.yaml", "m/"], "m": ["conf.yaml", "web.yaml"]}.get(folder)


def test_files_may_be_any_object_that_lists_and_reads() -> None:
    stage = Stage()
    assert isinstance(Disk(), Files)
    assert isinstance(MemoryFiles(), Files)
    shown = stage.kubectl.run("apply -f m", files=Disk())
    assert shown.stdout == "configmap/conf created\ndeployment.apps/web created\n"
    assert (
        stage.kubectl.run("apply -f locked.yaml", files=Disk()).stderr
        == "error: locked.yaml: may not be read (ask for the right to)\n"
    )
    assert stage.kubectl.run("apply -f gone.yaml", files=Disk()).stderr == 'error: the path "gone.yaml" does not exist\n'
    assert "is no text file" in stage.kubectl.run("get ns -o jsonpath-file=bin", files=Disk()).stderr
    made = stage.kubectl.run("create cm b --from-file=bin -o jsonpath={.binaryData.bin}", files=Disk())
    assert made.stdout == "//79"
    assert "may not be read" in stage.kubectl.run("create cm c --from-file=locked.yaml", files=Disk()).stderr
    assert "invalid utf8" in stage.kubectl.run("create cm c --from-env-file=bin", files=Disk()).stderr


def test_the_disk_is_never_read() -> None:
    assert Stage().error("apply -f pyproject.toml") == 'error: the path "pyproject.toml" does not exist\n'
    assert Stage().error("apply -f /etc/hostname") == 'error: the path "/etc/hostname" does not exist\n'


def test_addresses_are_not_fetched() -> None:
    assert "there is no network here" in Stage().error("apply -f https://example.org/x.yaml")


def test_half_characters_become_replacement_characters() -> None:
    stage = Stage()
    stage.ok(["create", "cm", "half", "--from-literal=a=x\udcff"])
    stage.ok(["patch", "cm", "half", "-p", '{"data": {"b": "\\ud83d"}}'])
    assert stage.ok("get cm half -o jsonpath={.data}") == '{"a":"x\ufffd","b":"\ufffd"}'


def test_deep_nesting_is_an_error() -> None:
    deep = "{{if .a}}" * 5000
    assert Stage().error(["get", "ns", "default", "-o", f"go-template={deep}"]) == "error: what was given is nested too deeply\n"


def test_the_past_can_be_looked_at_but_not_changed() -> None:
    stage = Stage()
    stage.ok("apply -f conf.yaml")
    stage.after(60)
    stage.ok("delete cm conf")
    then = Kubectl(stage.cluster.at(30))
    assert then.run("get cm conf -o name").stdout == "configmap/conf\n"
    assert "this is the past" in then.run("delete cm conf").stderr
