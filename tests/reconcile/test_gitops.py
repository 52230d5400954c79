"""``gitops-sim reconcile`` on GitOps repositories: the agent's own objects are found and run, with stand-ins for the rest."""

from __future__ import annotations

import pytest

from gitops_sim.errors import BadInput
from gitops_sim.reconcile import reconcile
from gitops_sim.reconcile.attention import grouped
from gitops_sim.reconcile.report import report
from gitops_sim.views.story import Style
from tests.reconcile.conftest import git
from tests.reconcile.manifests import CONFIG, FLUX, HERE, application, kustomization, resources, source, states, why_of

# ---------------------------------------------------------------------- Argo CD


def test_an_app_of_apps_is_the_root_and_its_applications_are_run(repository):
    folder = repository(
        {
            "root.yaml": application("root", f"repoURL: {HERE}, path: apps, targetRevision: stable"),
            "apps/web.yaml": application("web", "repoURL: 'git@github.com:acme/shop.git', path: web"),
            "web/c.yaml": CONFIG,
        },
        origin="ssh://git@github.com/acme/shop.git",
    )
    done = reconcile(folder)
    assert done.agent == "argocd"
    assert "begins with what no other Application deploys: Application/root |" in why_of(done)
    assert states(done) == {"Application/root": "Synced, Healthy", "Application/web": "Synced, Healthy"}
    assert resources(done, "web") == ["ConfigMap/c"]
    assert done.stand_ins == []
    assert (done.sync, done.health, done.attention) == ("Synced", "Healthy", [])


@pytest.mark.parametrize(
    ("name", "url", "why"),
    [("shop", HERE, "has the name of its folder"), ("copy", HERE, "1 folder named of https://github.com/acme/shop are in it")],
)
def test_without_an_origin_the_folders_name_or_its_content_tells_its_address(repository, name, url, why):
    other = application("other", "repoURL: https://github.com/acme/other, path: elsewhere")
    folder = repository(
        {"a.yaml": application("web", f"repoURL: {url}, path: web"), "b.yaml": other, "web/c.yaml": CONFIG}, name=name
    )
    done = reconcile(folder)
    assert resources(done, "web") == ["ConfigMap/c"]
    assert why in why_of(done)
    assert [made.url for made in done.stand_ins] == ["https://github.com/acme/other"]


def test_what_cannot_be_fetched_is_stood_in_for_and_named(repository):
    sources = (
        "\n  sources:\n  - {repoURL: https://charts.example.com/stable, chart: redis, targetRevision: ^17.1,"
        " helm: {valueFiles: [$values/env/prod.yaml]}}\n  - {repoURL: 'https://git.acme.com/values', ref: values}"
    )
    several = application("redis", "", extra=sources).replace("  source: {}", "  # several")
    folder = repository(
        {
            "a.yaml": application("web", f"repoURL: {HERE}, path: web", namespace="web"),
            "b.yaml": application(
                "plain", "repoURL: https://github.com/acme/other.git, path: deploy/prod, targetRevision: v2.0.1"
            ),
            "c.yaml": application("edited", "repoURL: https://github.com/acme/other, path: base, kustomize: {namePrefix: p-}"),
            "d.yaml": application("packed", "repoURL: https://github.com/acme/other, path: chart, helm: {valueFiles: [x.yaml]}"),
            "e.yaml": several,
            "web/c.yaml": CONFIG,
        },
        origin=HERE,
    )
    done = reconcile(folder)
    assert set(states(done).values()) == {"Synced, Healthy"}, [(o.name, o.message) for o in done.objects]
    found = {made.what: made.url for made in done.stand_ins}
    assert found["chart redis 17.1.0"] == "https://charts.example.com/stable"
    assert found["repository other"] == "https://github.com/acme/other.git"
    assert found["Namespace web"] == ""
    assert resources(done, "redis") == ["ConfigMap/redis-stand-in"]
    assert resources(done, "edited") == ["ConfigMap/p-stand-in-other-base"]
    told = done.world.cluster().get("configmaps", "stand-in-other-deploy-prod", "default")
    assert told["data"] == {"stands-for": "deploy/prod of https://github.com/acme/other.git"}
    assert told["metadata"]["labels"]["gitops-sim/stand-in"] == "true"
    causes = dict(grouped(done.attention))
    assert len(causes["cannot be fetched from here, so a stand-in took its place: one ConfigMap that says so"]) == 3


def test_an_application_without_automated_sync_is_synced_once_and_that_is_said(repository):
    folder = repository(
        {"a.yaml": application("web", f"repoURL: {HERE}, path: web", automated=False), "web/c.yaml": CONFIG}, HERE
    )
    done = reconcile(folder)
    assert states(done) == {"Application/web": "Synced, Healthy"}
    assert [(a.subject, "argocd app sync" in a.what) for a in done.attention] == [("Application/web", True)]


def test_a_chart_of_applications_becomes_an_application(repository):
    template = application("{{ .Values.name }}", "repoURL: {{ .Values.repo }}, path: web")
    folder = repository(
        {
            "apps/Chart.yaml": "apiVersion: v2\nname: apps\nversion: 0.1.0\n",
            "apps/values.yaml": f"name: web\nrepo: {HERE}\n",
            "apps/templates/app.yaml": template,
            "web/c.yaml": CONFIG,
        },
        name="shop",
    )
    done = reconcile(folder)
    assert states(done) == {"Application/apps": "Synced, Healthy", "Application/web": "Synced, Healthy"}


def test_tests_in_the_repository_are_left_out_unless_they_are_named(repository):
    tried = {"testdata/app.yaml": application("t", f"repoURL: {HERE}, path: m"), "m/c.yaml": CONFIG}
    folder = repository({"app.yaml": application("web", f"repoURL: {HERE}, path: m"), **tried}, HERE)
    done = reconcile(folder)
    assert states(done).keys() == {"Application/web"}
    assert [a.subject for a in done.attention] == ["testdata/app.yaml"]
    assert states(reconcile(folder, path="testdata")).keys() == {"Application/t"}


def test_names_that_two_have_and_other_namespaces_are_told(repository):
    one = application("web", f"repoURL: {HERE}, path: web")
    folder = repository({"a.yaml": one.replace("argocd", "gitops"), "b.yaml": one, "web/c.yaml": CONFIG}, HERE)
    told = {a.subject: a.what for a in reconcile(folder).attention}
    assert told == {"Application/web of b.yaml": "is called like the one of a.yaml", "Application/web": "is in gitops"}


# ---------------------------------------------------------------------- Flux


def test_flux_is_bootstrapped_at_the_cluster_of_production_and_the_others_are_named(repository):
    done = reconcile(repository(FLUX))
    assert done.agent == "flux"
    assert "bootstrapped at clusters/production, for no other Kustomization takes what is there | " in why_of(done)
    assert "there are other clusters in it: try --path clusters/staging" in why_of(done)
    assert states(done) == {
        "GitRepository/flux-system": "Ready",
        "Kustomization/apps": "Ready",
        "Kustomization/flux-system": "Ready",
    }
    assert resources(done, "apps") == ["ConfigMap/p-c"]
    assert (done.sync, done.attention) == ("", [])


def test_a_path_is_what_bootstrap_is_given(repository):
    done = reconcile(repository(FLUX), path="clusters/staging")
    assert resources(done, "apps") == ["ConfigMap/s"]


def test_flux_takes_plain_manifests_when_it_is_asked_to(repository):
    done = reconcile(repository({"m/c.yaml": CONFIG.replace("name: c", "name: c, namespace: default")}), agent="flux", path="m")
    assert resources(done, "flux-system") == ["ConfigMap/c"]
    with pytest.raises(BadInput, match="no path 'nope'"):
        reconcile(repository({"c.yaml": CONFIG}, name="other"), agent="flux", path="nope")


def test_sources_and_charts_of_flux_are_stood_in_for(repository):
    source = (
        "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: other, namespace: flux-system}\n"
        "spec: {interval: 1h, url: 'https://github.com/acme/other', ref: {semver: '>=1.2.0 <2.0.0'}}\n"
    )
    charts = (
        "---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata: {name: stable, namespace: flux-system}\n"
        "spec: {interval: 1h, url: 'https://charts.example.com'}\n"
        "---\napiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: redis, namespace: flux-system}\n"
        "spec: {interval: 1h, chart: {spec: {chart: redis, version: 17.x, sourceRef: {kind: HelmRepository, name: stable}}}}\n"
    )
    folder = repository({"c/all.yaml": source + "---\n" + kustomization("other", "./deploy", "other") + charts})
    done = reconcile(folder)
    assert set(states(done).values()) == {"Ready"}, [(o.name, o.message) for o in done.objects]
    assert resources(done, "other") == ["ConfigMap/stand-in-other-deploy"]
    assert {made.what for made in done.stand_ins} == {"repository other", "chart redis 17.0.0"}


# ---------------------------------------------------------------------- the report


def test_a_long_report_is_folded_and_groups_what_has_one_cause(repository):
    many = "---\n".join(CONFIG.replace("name: c", f"name: c{number}") for number in range(80))
    apps = {f"{n}.yaml": application(n, f"repoURL: https://github.com/acme/{n}, path: x") for n in "abcdefgh"}
    folder = repository({"web.yaml": application("web", f"repoURL: {HERE}, path: web"), "web/c.yaml": many, **apps}, HERE)
    done = reconcile(folder)
    text = "\n".join(report(done, Style(width=100)))
    assert "  Application: 9 Synced, Healthy\n" in text
    assert "  Application web  Synced, Healthy  80 ConfigMap\n" in text
    assert "ConfigMap/c7 " not in text
    assert "  ! 8 × cannot be fetched from here" in text
    assert "      repository a, repository b, repository c," in text
    whole = "\n".join(report(done, Style(width=100, verbose=True)))
    assert "      ConfigMap/c79  Synced\n" in whole


def test_json_holds_all_of_it_and_is_the_same_every_time(repository):
    folder = repository(FLUX)
    first = reconcile(folder).as_json()
    assert first == reconcile(folder).as_json()
    apps = next(obj for obj in first["agent_objects"] if obj["name"] == "apps")
    assert apps["resources"] == [
        {"group": "", "kind": "ConfigMap", "namespace": "default", "name": "p-c", "sync": "", "health": ""}
    ]
    assert apps["ready"] == "Ready"


# ---------------------------------------------------------------------- what others would bring


def test_kinds_that_nothing_defines_are_defined_by_stand_ins_and_named(repository):
    issuer = "apiVersion: cert-manager.io/v1\nkind: ClusterIssuer\nmetadata: {name: le}\nspec: {}\n"
    gateway = "apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: g, namespace: default}\nspec: {}\n"
    widget = "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w, namespace: default}\nspec: {}\n"
    definition = (
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: widgets.example.com}\n"
        "spec:\n  group: example.com\n  scope: Namespaced\n  names:\n    kind: Widget\n    plural: widgets\n"
        "  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema:"
        " {type: object, x-kubernetes-preserve-unknown-fields: true}}}]\n"
    )
    files = {**FLUX, "apps/kustomization.yaml": "resources: [i.yaml, g.yaml, w.yaml, d.yaml]\n"}
    done = reconcile(
        repository({**files, "apps/i.yaml": issuer, "apps/g.yaml": gateway, "apps/w.yaml": widget, "apps/d.yaml": definition})
    )
    assert states(done)["Kustomization/apps"] == "Ready", [o.message for o in done.objects]
    assert done.world.cluster().get("clusterissuers.cert-manager.io", "le", "")["metadata"].get("namespace") is None
    named = [a.subject for a in done.attention if "a stand-in does" in a.what]
    assert named == ["ClusterIssuer.cert-manager.io", "Gateway.gateway.networking.k8s.io"]


def test_oci_repositories_and_buckets_are_manifests_or_charts_whichever_is_asked_for(repository):
    release = "{interval: 1h, chartRef: {kind: OCIRepository, name: chart}}"
    text = (
        source("OCIRepository", "{interval: 1h, url: 'oci://ghcr.io/acme/manifests', ref: {semver: 1.x}}")
        + source("OCIRepository", "{interval: 1h, url: 'oci://ghcr.io/acme/charts/redis', ref: {tag: 2.0.1}}", "chart")
        + source("Bucket", "{interval: 1h, endpoint: s3.acme.com, bucketName: conf}", "bucket")
        + source("HelmRelease", release, "redis", "helm.toolkit.fluxcd.io/v2")
    )
    applied = kustomization("other", "./deploy").replace(
        "kind: GitRepository, name: flux-system", "kind: OCIRepository, name: other"
    )
    files = kustomization("files", "./").replace("kind: GitRepository, name: flux-system", "kind: Bucket, name: bucket")
    done = reconcile(repository({"c/all.yaml": f"{text}---\n{applied}---\n{files}"}))
    assert set(states(done).values()) == {"Ready"}, [(o.name, o.message) for o in done.objects]
    assert resources(done, "other") == ["ConfigMap/stand-in-manifests-deploy", *resources(done, "other")[1:]]
    assert resources(done, "redis") == ["ConfigMap/redis-stand-in"]
    assert resources(done, "files") == ["ConfigMap/stand-in-conf"]
    whats = {made.what for made in done.stand_ins}
    assert whats == {"OCIRepository manifests 1.x", "OCIRepository redis 2.0.1", "Bucket conf latest"}


def test_an_artifact_generator_composes_its_artifacts_of_this_repository(repository):
    generator = source(
        "ArtifactGenerator",
        "{sources: [{alias: mono, kind: GitRepository, name: flux-system}], artifacts: [{name: apps, copy: ["
        "{from: '@mono/base/**', to: '@artifact/b/', exclude: ['**/skip.yaml']},"
        " {from: '@mono/overlay/k.yaml', to: '@artifact/kustomization.yaml'}]}]}",
        "gen",
        "source.extensions.fluxcd.io/v1beta1",
    )
    applied = kustomization("apps", "./").replace("kind: GitRepository, name: flux-system", "kind: ExternalArtifact, name: apps")
    files = {
        "clusters/prod/all.yaml": applied + generator,
        "base/x/c.yaml": CONFIG.replace("name: c", "name: c, namespace: default"),
        "base/skip.yaml": CONFIG,
        "overlay/k.yaml": "resources: [b/x/c.yaml]\n",
    }
    done = reconcile(repository(files))
    assert states(done)["Kustomization/apps"] == "Ready", [(o.name, o.message) for o in done.objects]
    assert resources(done, "apps") == ["ConfigMap/c"]
    assert states(done)["ExternalArtifact/apps"] == "Ready"


def test_the_secret_with_the_keys_of_sops_is_stood_in_for(repository):
    secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: default}\n"
    secret += 'stringData: {a: "ENC[AES256_GCM,data:a,iv:x,tag:y,type:str]"}\nsops:\n  mac: x\n'
    decryption = ", decryption: {provider: sops, secretRef: {name: sops-age}}"
    files = {"clusters/one/all.yaml": kustomization("apps", "./apps", extra=decryption), "apps/s.sops.yaml": secret}
    done = reconcile(repository(files))
    assert states(done)["Kustomization/apps"] == "Ready", [(o.name, o.message) for o in done.objects]
    assert "Secret flux-system/sops-age" in [made.what for made in done.stand_ins]


def test_variables_may_come_from_what_sops_has_encrypted_and_that_is_named(repository):
    secret = (
        "apiVersion: v1\nkind: Secret\nmetadata: {name: vars, namespace: flux-system}\n"
        'stringData: {DOMAIN: "ENC[AES256_GCM,data:a,iv:x,tag:y,type:str]"}\nsops: {mac: x}\n'
    )
    secret = secret.replace("sops: {mac: x}", "sops:\n  mac: x")
    settings = kustomization("vars", "./vars", extra=", decryption: {provider: sops}, wait: true")
    extra = ", dependsOn: [{name: vars}], postBuild: {substituteFrom: [{kind: Secret, name: vars}]}"
    files = {
        "clusters/one/all.yaml": settings + "---\n" + kustomization("apps", "./apps", extra=extra),
        "vars/s.sops.yaml": secret,
        "apps/c.yaml": CONFIG.replace("name: c", "name: 'c-${DOMAIN}', namespace: default"),
    }
    done = reconcile(repository(files))
    assert states(done)["Kustomization/apps"] == "Ready", [(o.name, o.message) for o in done.objects]
    assert resources(done, "apps") == ["ConfigMap/c-stand-in-domain"]
    assert [a.subject for a in done.attention if "SOPS" in a.what] == ["vars/s.sops.yaml"]


# ---------------------------------------------------------------------- catalogs


def test_a_catalog_gets_an_application_for_each_thing_that_shares_no_object_with_a_larger_one(repository):
    role = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: r}\nrules: []\n"
    folder = repository(
        {
            "web/base/kustomization.yaml": "resources: [c.yaml]\n",
            "web/base/c.yaml": CONFIG,
            "web/overlays/dev/kustomization.yaml": "resources: [../../base]\n",
            "web/overlays/prod/kustomization.yaml": "resources: [../../base]\nnamePrefix: p-\n",
            "all/kustomization.yaml": "resources: [r.yaml, s.yaml]\n",
            "all/r.yaml": role,
            "all/s.yaml": role.replace("name: r", "name: s"),
            "small/kustomization.yaml": "resources: [r.yaml]\n",
            "small/r.yaml": role,
            "chart/Chart.yaml": "apiVersion: v2\nname: x\nversion: 1.0.0\n",
            "chart/templates/c.yaml": CONFIG,
            "broken/kustomization.yaml": "resources: [nope.yaml]\n",
        }
    )
    done = reconcile(folder)
    assert states(done) == {
        "Application/all": "Synced, Healthy",
        "Application/broken": "Unknown, Healthy",
        "Application/chart": "Synced, Healthy",
        "Application/web-overlays-prod": "Synced, Healthy",
    }
    told = {a.subject: a.what for a in done.attention}
    assert told["small"] == "shares objects with all"
    assert "nope.yaml: no such file or directory" in told["Application/broken"]
    assert [node.name for node in reconcile(folder, path="web/overlays/dev").tree.children] == ["c"]


def test_charts_that_a_chart_depends_on_are_stood_in_for(repository):
    chart = "apiVersion: v2\nname: redis\nversion: 1.0.0\ndependencies:\n"
    chart += "- {name: redis, version: ^17.1, repository: https://charts.example.com/stable}\n"
    chart += "- {name: local, version: 1.0.0, repository: 'file://../nope'}\n"
    folder = repository(
        {"a.yaml": application("web", f"repoURL: {HERE}, path: web"), "web/Chart.yaml": chart.rpartition("- ")[0]}, HERE
    )
    done = reconcile(folder)
    assert states(done) == {"Application/web": "Synced, Healthy"}, done.objects[0].message
    assert resources(done, "web") == ["ConfigMap/web-stand-in"]
    assert [made.what for made in done.stand_ins] == ["chart redis 17.1.0"]
    (folder / "web/Chart.yaml").write_text(chart)
    git(folder, "commit", "-qam", "Depend on what is not there")
    assert "missing in charts/ directory: local" in reconcile(folder).objects[0].message
