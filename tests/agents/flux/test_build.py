"""What Flux builds: kustomizations, what its spec adds to them, and variables."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from gitops_sim.agents.flux.decryption import stood_in
from gitops_sim.objects import get_path
from gitops_sim.yaml_in import load_document
from tests.agents.flux.lab import FluxLab, config_map, deployment, git_repository, kustomization

BASE = {
    "base/kustomization.yaml": "resources: [web.yaml, cm.yaml]\n",
    "base/web.yaml": deployment(2),
    "base/cm.yaml": config_map(),
}
OVERLAY = {**BASE, "prod/kustomization.yaml": "resources: [../base]\nreplicas: [{name: web, count: 5}]\n"}


IMAGES = "images: [{name: nginx, newName: shop/nginx, newTag: '1'}]\n"
COMPONENT = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\ncommonAnnotations: {a: b}\n"
ACCUMULATING = "kustomize build failed: accumulating resources: accumulation err="


def test_a_kustomization_file_is_built_with_its_bases() -> None:
    lab = FluxLab(OVERLAY).start(path="prod")
    assert lab.replicas() == 5
    assert lab.inventory() == ["default_settings__ConfigMap", "default_web_apps_Deployment"]


def test_a_folder_below_that_is_a_kustomization_counts_as_one() -> None:
    inner = {"manifests/b/kustomization.yaml": "resources: [web.yaml]\nnamePrefix: b-\n", "manifests/b/web.yaml": deployment(2)}
    lab = FluxLab({"manifests/a.yaml": config_map("a"), "manifests/b/values.yaml": "no: manifest\n", **inner}).start()
    assert lab.inventory() == ["default_a__ConfigMap", "default_b-web_apps_Deployment"]


def test_what_the_spec_adds_to_the_kustomization() -> None:
    patch = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 7}\n"
    lab = FluxLab(
        {
            **BASE,
            "base/kustomization.yaml": BASE["base/kustomization.yaml"] + IMAGES,
            "extra/kustomization.yaml": COMPONENT,
        }
    )
    lab.cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "prod"}})
    lab.start(
        path="base",
        targetNamespace="prod",
        namePrefix="my-",
        nameSuffix="-1",
        patches=[{"patch": patch, "target": {"kind": "Deployment"}}],
        images=[{"name": "nginx", "newTag": "9"}],
        components=["../extra"],
    )
    assert lab.ready()[0] == "True", lab.ready()
    assert lab.inventory() == ["prod_my-settings-1__ConfigMap", "prod_my-web-1_apps_Deployment"]
    web = lab.cluster.get("deploy", "my-web-1", "prod")
    assert get_path(web, ("spec", "template", "spec", "containers", 0, "image")) == "shop/nginx:9"
    assert (web["spec"]["replicas"], web["metadata"]["annotations"]["a"]) == (7, "b")


def test_fields_that_kustomize_does_not_know_are_passed_over() -> None:
    files = {**BASE, "base/kustomization.yaml": "resources: [web.yaml]\nresource: [cm.yaml]\n"}
    assert FluxLab(files).start(path="base").inventory() == ["default_web_apps_Deployment"]


def test_files_of_other_folders_may_be_named() -> None:
    files = {**BASE, "prod/kustomization.yaml": "resources: [../base/web.yaml]\n"}
    assert FluxLab(files).start(path="prod").inventory() == ["default_web_apps_Deployment"]


def test_a_base_in_another_repository_is_followed() -> None:
    lab = FluxLab({"prod/kustomization.yaml": "resources: ['https://git.example/base.git//web?ref=main']\n"})
    base = lab.world.git.create("base", {"web/kustomization.yaml": "resources: [web.yaml]\n", "web/web.yaml": deployment(2)})
    lab.start(path="prod")
    assert lab.replicas() == 2
    base.commit({"web/web.yaml": deployment(4)}, "Four", author="ana")
    lab.run("10m")
    assert lab.replicas() == 4


def test_a_folder_without_manifests_applies_nothing_and_prunes_all() -> None:
    lab = FluxLab().start()
    lab.commit({"manifests/web.yaml": None, "manifests/README.md": "empty"})
    lab.run("1m")
    assert (lab.ready()[0], lab.inventory()) == ("True", [])
    assert lab.cluster.find("deploy", "web") is None


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (
            {"manifests/kustomization.yaml": "resources: [gone.yaml]\n"},
            f"{ACCUMULATING}'accumulating resources from 'gone.yaml': ",
        ),
        ({"manifests/kustomization.yaml": "resources: {a: b}\n"}, "json: cannot unmarshal object into Go struct field "),
        ({"manifests/values.yaml": "replicas: 3\n"}, "failed to decode Kubernetes YAML from /tmp/kustomization-"),
        (
            {"manifests/a.yaml": config_map(), "manifests/b.yaml": config_map()},
            f"{ACCUMULATING}'merging resources from './b.yaml': may not add resource",
        ),
    ],
)
def test_what_cannot_be_built(files: dict[str, str], message: str) -> None:
    lab = FluxLab({"README.md": "", **files}).start()
    kind, reason, text = lab.ready()
    assert (kind, reason) == ("False", "BuildFailed")
    assert text.startswith(message), text
    assert lab.status()["lastAttemptedRevision"] == f"main@sha1:{lab.repo.tip()}"


def test_a_component_must_be_in_the_repository() -> None:
    lab = FluxLab(BASE).start(path="base", components=["https://git.example/base.git"])
    assert lab.ready()[2] == "component path 'https://git.example/base.git' must be local and relative"
    lab.spec(components=["../gone"], ignoreMissingComponents=True)
    assert lab.ready()[0] == "True"


# ---------------------------------------------------------------------- variables

WEB = deployment(None).replace("spec:\n", "spec:\n  replicas: ${replicas:=1}\n", 1).replace("nginx:1.24", "nginx:${tag}")


def values(kind: str, name: str, data: dict[str, str]) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": "flux-system"}, "data": data}


def image(lab: FluxLab) -> str:
    found = get_path(lab.cluster.get("deploy", "web"), ("spec", "template", "spec", "containers", 0, "image"))
    return str(found)


def test_variables_come_from_the_spec_and_from_the_cluster() -> None:
    lab = FluxLab({"manifests/web.yaml": WEB})
    lab.cluster.create(values("ConfigMap", "vars", {"tag": "2", "replicas": "3"}))
    lab.cluster.create(values("Secret", "secrets", {"tag": "Mw=="}))
    sources = [{"kind": "ConfigMap", "name": "vars"}, {"kind": "Secret", "name": "secrets"}]
    lab.start(postBuild={"substituteFrom": sources, "substitute": {"replicas": "4"}})
    assert (image(lab), lab.replicas()) == ("nginx:3", 4)


def test_changed_values_count_at_the_next_interval_or_at_once_when_they_are_watched() -> None:
    lab = FluxLab({"manifests/web.yaml": WEB})
    lab.cluster.create(values("ConfigMap", "vars", {"tag": "2"}))
    lab.start(postBuild={"substituteFrom": [{"kind": "ConfigMap", "name": "vars"}]})
    lab.cluster.patch("cm", "vars", "flux-system", {"data": {"tag": "3"}})
    lab.run("9m")
    assert image(lab) == "nginx:2"
    lab.run("1m")
    assert image(lab) == "nginx:3"
    watched = {"metadata": {"labels": {"reconcile.fluxcd.io/watch": "Enabled"}}, "data": {"tag": "4"}}
    lab.cluster.patch("cm", "vars", "flux-system", watched)
    lab.world.clock.settle()
    assert image(lab) == "nginx:4"


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (
            {"substitute": {"other": "x"}},
            "post build failed for 'Deployment.v1.apps/web': envsubst error: variable substitution failed: "
            'variable not set (strict mode): "tag"',
        ),
        (
            {"substituteFrom": [{"kind": "ConfigMap", "name": "vars"}]},
            "post build failed for 'Deployment.v1.apps/web': substitute from 'ConfigMap/vars' error: "
            'configmaps "vars" not found',
        ),
    ],
)
def test_variables_that_are_missing_fail_the_build(build: dict[str, Any], message: str) -> None:
    assert FluxLab({"manifests/web.yaml": WEB}).start(postBuild=build).ready() == ("False", "BuildFailed", message)


def test_without_any_variable_nothing_is_substituted_unless_always() -> None:
    lab = FluxLab({"manifests/cm.yaml": config_map(value="${a:=b}")}).start(postBuild={})
    assert lab.cluster.get("cm", "settings")["data"] == {"key": "${a:=b}"}
    lab.spec(postBuild={"substituteStrategy": "Always"})
    assert lab.cluster.get("cm", "settings")["data"] == {"key": "b"}


def test_objects_may_opt_out_of_substitution_and_sources_may_be_optional() -> None:
    note = "kustomize.toolkit.fluxcd.io/substitute: disabled"
    lab = FluxLab({"manifests/cm.yaml": config_map(value="${a}", annotation=note)})
    lab.start(postBuild={"substitute": {"a": "b"}, "substituteFrom": [{"kind": "Secret", "name": "x", "optional": True}]})
    assert lab.cluster.get("cm", "settings")["data"] == {"key": "${a}"}


def test_what_was_built_is_kept_for_the_same_files(monkeypatch: pytest.MonkeyPatch) -> None:
    from gitops_sim.manifests import kustomize

    real, built = kustomize.build, []
    monkeypatch.setattr(kustomize, "build", lambda *args, **more: built.append(1) or real(*args, **more))
    lab = FluxLab().start()
    lab.run("2h")
    lab.commit({".gitignore": "out/"})
    lab.run("5m")
    assert lab.status()["lastAppliedRevision"] == f"main@sha1:{lab.repo.tip()}"
    assert len(built) == 1


def test_two_kustomizations_of_one_source_are_built_each_for_itself() -> None:
    lab = FluxLab(OVERLAY).start(
        git_repository(), kustomization("a", path="base", namePrefix="a-"), kustomization("b", path="prod", namePrefix="b-")
    )
    assert (lab.replicas("a-web"), lab.replicas("b-web")) == (2, 5)


SECRET = """\
apiVersion: v1
kind: Secret
metadata: {name: s}
data: {PASS_WORD: "ENC[AES256_GCM,data:aGk=,iv:x=,tag:y=,type:str]", plain: aGk=}
stringData: {host: "ENC[AES256_GCM,data:a,iv:x,tag:y,type:str]"}
sops: {mac: "ENC[AES256_GCM,data:a,iv:x,tag:y,type:str]", version: 3.9.0}
"""


def test_of_what_sops_has_encrypted_stand_ins_take_the_place_of_the_values() -> None:
    text = SECRET.replace(", host", ", no").replace('port: "ENC[AES256_GCM,data:aGk=,iv:x=,tag:y=,type:int]"', "port: '1'")
    lab = FluxLab({"manifests/s.yaml": text}).start(decryption={"provider": "sops"})
    assert lab.ready()[0] == "True", lab.ready()
    found = lab.cluster.get("secret", "s")
    values = {name: base64.b64decode(value).decode() for name, value in found["data"].items()}
    assert values == {"PASS_WORD": "stand-in-pass-word", "plain": "hi", "host": "stand-in-host"}
    assert "sops" not in found


VALUE = "ENC[AES256_GCM,data:aGk=,iv:x=,tag:y=,type:str]"
PORT = "ENC[AES256_GCM,data:aGk=,iv:x=,tag:y=,type:int]"


@pytest.mark.parametrize(
    ("generator", "content", "expected"),
    [
        (
            "files: [values.yaml=x.enc]",
            f"db:\n  password: {VALUE}\n  port: {PORT}\nname: shop\nsops:\n  mac: {VALUE}\n",
            {"values.yaml": "db:\n  password: stand-in-password\n  port: 0\nname: shop\n"},
        ),
        (
            "files: [c.json=x.enc]",
            f'{{"token": "{VALUE}", "sops": {{"mac": "{VALUE}"}}}}',
            {"c.json": '{\n\t"token": "stand-in-token"\n}'},
        ),
        (
            "files: [key.pem=x.enc]",
            f'{{"data": "{VALUE}", "sops": {{"mac": "{VALUE}"}}}}',
            {"key.pem": "stand-in-key-pem"},
        ),
        ("files: [app.env=x.enc]", f"A={VALUE}\nB=b\nsops_mac={VALUE}\n", {"app.env": "A=stand-in-a\nB=b\n"}),
        ("envs: [x.enc]", f"A={VALUE}\nB=b\nsops_mac={VALUE}\nsops_version=3.9.0\n", {"A": "stand-in-a", "B": "b"}),
        ("files: [plain=x.enc]", "mac: ENC[ is how it begins: [\n", {"plain": "mac: ENC[ is how it begins: [\n"}),
    ],
)
def test_encrypted_files_that_a_generator_puts_into_a_secret_are_stood_in_for(
    generator: str, content: str, expected: dict[str, str]
) -> None:
    made = f"secretGenerator: [{{name: s, {generator}}}]\ngeneratorOptions: {{disableNameSuffixHash: true}}\n"
    lab = FluxLab({"manifests/kustomization.yaml": made, "manifests/x.enc": content}).start(decryption={"provider": "sops"})
    assert lab.ready()[0] == "True", lab.ready()
    data = lab.cluster.get("secret", "s")["data"]
    assert {name: base64.b64decode(value).decode() for name, value in data.items()} == expected


def test_an_encrypted_entry_needs_a_key_too() -> None:
    made = "secretGenerator: [{name: s, files: [a.env]}]\n"
    files = {"manifests/kustomization.yaml": made, "manifests/a.env": f"A={VALUE}\nsops_mac={VALUE}\n"}
    lab = FluxLab(files)
    lab.add(keys(age_txt="AGE-SECRET-KEY-1"))
    lab.start(decryption={"provider": "sops", "secretRef": {"name": "sops-keys"}})
    assert lab.ready()[1] == "BuildFailed"
    assert "failed to decrypt and format 'default/s-" in lab.ready()[2]
    assert "Secret field 'a.env': cannot get sops data key: " in lab.ready()[2]


def test_numbers_that_sops_has_encrypted_stay_numbers() -> None:
    config = config_map("c").replace("ConfigMap", "Widget") + "spec: {count: 'ENC[AES256_GCM,data:a,iv:x,tag:y,type:int]'}\n"
    assert stood_in(load_document(config, where="")) | {"metadata": None, "data": None} == {
        "apiVersion": "v1",
        "kind": "Widget",
        "metadata": None,
        "data": None,
        "spec": {"count": 0},
    }


def test_without_decryption_an_encrypted_secret_is_refused_and_nothing_is_applied() -> None:
    lab = FluxLab({"manifests/s.yaml": SECRET, "manifests/c.yaml": config_map("c")}).start()
    message = "Secret/default/s is SOPS encrypted, configuring decryption is required for this secret to be reconciled"
    assert lab.ready() == ("False", "ReconciliationFailed", message)
    assert lab.cluster.find("cm", "c", "default") is None
    assert lab.status()["history"][0]["lastReconciledStatus"] == "ReconciliationFailed"


@pytest.mark.parametrize("decryption", [None, {"provider": "sops"}])
def test_a_secret_that_opts_out_of_decryption_is_left_to_the_api_server(decryption: Any) -> None:
    opted = SECRET.replace("{name: s}", "{name: s, annotations: {kustomize.toolkit.fluxcd.io/decrypt: Disabled}}")
    status, _, message = FluxLab({"manifests/s.yaml": opted}).start(decryption=decryption).ready()
    assert (status, ".sops: field not declared in schema" in message) == ("False", True)


def keys(**data: str) -> dict[str, Any]:
    meta = {"name": "sops-keys", "namespace": "flux-system"}
    named = {name.replace("_", "."): text for name, text in data.items()}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": meta, "stringData": named}


def test_the_secret_with_the_keys_of_sops_must_be_there_and_have_a_key() -> None:
    lab = FluxLab({"manifests/s.yaml": SECRET}).start(decryption={"provider": "sops", "secretRef": {"name": "sops-keys"}})
    assert lab.ready() == ("False", "BuildFailed", 'secrets "sops-keys" not found')
    lab.add(keys(age_txt="AGE-SECRET-KEY-1"))
    lab.world.flux("reconcile kustomization shop")
    message = (
        "decryption failed for 'Secret.v1.[noGrp]/s': failed to decrypt and format 'default/s' Secret data: cannot get sops "
        "data key: Failed to get the data key required to decrypt the SOPS file."
    )
    assert lab.ready() == ("False", "BuildFailed", message)
    lab.cluster.delete("secrets", "sops-keys", "flux-system")
    lab.add(keys(age_agekey="AGE-SECRET-KEY-1"))
    lab.world.flux("reconcile kustomization shop")
    assert lab.ready()[0] == "True"


def test_keys_of_a_cloud_by_a_service_account_need_a_feature_gate() -> None:
    lab = FluxLab().start(decryption={"provider": "sops", "serviceAccountName": "sops"})
    status, reason, message = lab.ready()
    assert (status, reason) == ("False", "FeatureGateDisabled")
    assert "please enable the ObjectLevelWorkloadIdentity feature gate in the controller" in message
    assert lab.conditions()["Stalled"] == ("True", reason, message)


def test_the_origin_of_objects_is_noted_where_the_spec_asks_for_it() -> None:
    lab = FluxLab(OVERLAY | {"prod/own.yaml": config_map("own")}).start(path="./base", buildMetadata=["originAnnotations"])
    origin = lab.cluster.get("deploy", "web")["metadata"]["annotations"]["config.kubernetes.io/origin"]
    assert origin == "path: web.yaml\n"


def test_an_object_whose_name_is_a_number_is_passed_over_and_that_is_told() -> None:
    lab = FluxLab({"manifests/a.yaml": config_map("a"), "manifests/b.yaml": config_map("5")}).start()
    assert lab.ready()[0] == "True", lab.ready()
    assert lab.inventory() == ["default_a__ConfigMap"]
    assert [record.message for record in lab.world.trace if record.event == "ObjectPassedOver"] == [
        "passes over ConfigMap 5: the name is no text"
    ]


def test_a_changed_secret_of_keys_is_noticed_at_once_if_it_says_so() -> None:
    lab = FluxLab({"manifests/s.yaml": SECRET}).start(decryption={"provider": "sops", "secretRef": {"name": "sops-keys"}})
    secret = keys(age_agekey="AGE-SECRET-KEY-1")
    secret["metadata"]["labels"] = {"reconcile.fluxcd.io/watch": "Enabled"}
    lab.add(secret)
    assert lab.ready()[0] == "True"
