"""What others would bring: remote bases and charts of kustomizations, namespaces, Secrets, and the work of operators."""

from __future__ import annotations

import base64

from gitops_sim.reconcile import Reconciled, reconcile
from tests.reconcile.manifests import CONFIG, FLUX, HERE, application, kustomization, resources, source, states, why_of

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      volumes: [{name: tls, secret: {secretName: tls}}]
      containers:
      - name: web
        image: nginx:1.25
        envFrom: [{configMapRef: {name: settings}}]
        env: [{name: PASSWORD, valueFrom: {secretKeyRef: {name: database, key: password}}}]
"""
PATCH = "- patch: '{apiVersion: apps/v1, kind: Deployment, metadata: {name: theirs}, spec: {replicas: 3}}'\n"


def made(done: Reconciled) -> list[str]:
    return [one.what for one in done.stand_ins]


def test_what_kustomizations_use_of_elsewhere_is_stood_in_for(repository):
    text = (
        "namespace: web\nresources:\n- https://example.com/v1/install.yaml\n"
        "- github.com/acme/other/deploy/base?ref=v1.2\n- https://github.com/acme/third//config?ref=main\n- c.yaml\n"
        "components: [https://github.com/acme/parts//tls]\n"
    )
    files = {"web/kustomization.yaml": f"{text}patches:\n{PATCH}", "web/c.yaml": CONFIG}
    done = reconcile(repository({**files, "a.yaml": application("web", f"repoURL: {HERE}, path: web")}, HERE))
    assert states(done) == {"Application/web": "Synced, Healthy"}, done.objects[0].message
    assert sorted(resources(done, "web")) == [
        "ConfigMap/c",
        "ConfigMap/stand-in-install-yaml",
        "ConfigMap/stand-in-other-deploy-base",
        "ConfigMap/stand-in-parts-tls",
        "ConfigMap/stand-in-third-config",
    ]
    assert {one.what: one.url for one in done.stand_ins}["file install.yaml"] == "https://example.com/v1/install.yaml"


def test_a_patch_that_fits_nothing_is_still_wrong_where_all_is_there(repository):
    files = {"web/kustomization.yaml": f"resources: [c.yaml]\npatches:\n{PATCH}", "web/c.yaml": CONFIG}
    done = reconcile(repository({**files, "a.yaml": application("web", f"repoURL: {HERE}, path: web")}, HERE))
    assert "no matches for Id Deployment.v1.apps/theirs" in done.objects[0].message


def test_argo_cd_inflates_the_charts_of_kustomizations_and_that_is_said(repository):
    chart = (
        "helmCharts:\n- {name: redis, repo: 'oci://registry.example/charts', version: ^17, releaseName: cache, namespace: data}\n"
    )
    files = {"web/kustomization.yaml": chart, "a.yaml": application("web", f"repoURL: {HERE}, path: web", namespace="data")}
    done = reconcile(repository(files, HERE))
    assert states(done) == {"Application/web": "Synced, Healthy"}, done.objects[0].message
    assert resources(done, "web") == ["ConfigMap/cache-stand-in"]
    assert "kustomize runs with --enable-helm, for kustomizations inflate 1 chart" in why_of(done)
    assert made(done) == ["chart redis 17.0.0", "Namespace data"]


def test_a_chart_below_a_path_of_its_registry_is_found(repository):
    app = application("db", "repoURL: registry.example, chart: bitnami/redis, targetRevision: 1.2.3")
    done = reconcile(repository({"a.yaml": app}))
    assert states(done) == {"Application/db": "Synced, Healthy"}, done.objects[0].message
    assert made(done) == ["chart bitnami/redis 1.2.3"]


def test_namespaces_and_projects_that_nothing_brings_are_made_when_they_are_missed(repository):
    app = application("web", f"repoURL: {HERE}, path: web").replace("project: default", "project: shop")
    files = {"a.yaml": app, "web/c.yaml": CONFIG.replace("name: c", "name: c, namespace: other")}
    done = reconcile(repository(files, HERE))
    assert states(done) == {"Application/web": "Synced, Healthy"}, done.objects[0].message
    assert made(done) == ["AppProject argocd/shop", "Namespace other"]
    failed = done.world.trace.find(event="SyncFailed")
    assert 'namespaces "other" not found' in failed[0].message


def test_an_application_that_is_synced_by_hand_is_synced_again_when_its_namespace_is_there(repository):
    files = {"web/c.yaml": CONFIG.replace("name: c", "name: c, namespace: other")}
    app = application("web", f"repoURL: {HERE}, path: web", automated=False)
    done = reconcile(repository({**files, "a.yaml": app}, HERE))
    assert states(done) == {"Application/web": "Synced, Healthy"}


def test_pods_get_the_configuration_that_they_wait_for(repository):
    files = {"web/d.yaml": DEPLOYMENT, "a.yaml": application("web", f"repoURL: {HERE}, path: web")}
    done = reconcile(repository(files, HERE))
    assert states(done) == {"Application/web": "Synced, Healthy"}
    assert sorted(made(done)) == ["ConfigMap default/settings", "Secret default/database", "Secret default/tls"]
    secret = done.world.cluster().get("secrets", "database", "default")
    assert base64.b64decode(secret["data"]["password"]) == b"stand-in-password"
    assert secret["metadata"]["labels"] == {"gitops-sim/stand-in": "true"}


def test_a_key_that_a_secret_lacks_is_added(repository):
    secret = "---\napiVersion: v1\nkind: Secret\nmetadata: {name: database}\nstringData: {user: ana}\n"
    files = {"web/d.yaml": DEPLOYMENT + secret, "a.yaml": application("web", f"repoURL: {HERE}, path: web")}
    done = reconcile(repository(files, HERE))
    assert "key password of Secret default/database" in made(done)
    assert done.world.cluster().get("secrets", "database", "default")["data"].keys() == {"user", "password"}


def test_variables_of_flux_come_from_a_manifest_that_nothing_applies_and_the_others_are_stood_in_for(repository):
    config = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {NAME: ana}\n"
    refs = "[{kind: ConfigMap, name: settings}, {kind: Secret, name: secrets}]"
    files = {
        "clusters/one/all.yaml": kustomization("apps", "./apps", extra=f", postBuild: {{substituteFrom: {refs}}}"),
        "by-hand/settings.yaml": config,
        "apps/c.yaml": CONFIG.replace("name: c", "name: '${NAME}-${ZONE}', namespace: default"),
    }
    done = reconcile(repository(files))
    assert states(done)["Kustomization/apps"] == "Ready", [o.message for o in done.objects]
    assert resources(done, "apps") == ["ConfigMap/ana-stand-in-zone"]
    assert sorted(made(done)) == ["ConfigMap flux-system/settings", "Secret flux-system/secrets"]
    assert done.world.cluster().get("configmaps", "settings", "flux-system")["data"] == {"NAME": "ana"}


def test_operators_are_stood_in_for_so_that_what_waits_for_them_goes_on(repository):
    secret = "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: s}\nspec: {}\n"
    first = "metadata: {name: s, annotations: {argocd.argoproj.io/sync-wave: '-1'}}"
    files = {
        "web/s.yaml": secret.replace("metadata: {name: s}", first),
        "web/c.yaml": CONFIG,
        "a.yaml": application("web", f"repoURL: {HERE}, path: web"),
    }
    done = reconcile(repository(files, HERE))
    assert states(done) == {"Application/web": "Synced, Healthy"}, done.objects[0].message
    [told] = [item for item in done.attention if "operator" in item.what]
    assert told.subject == "1 ExternalSecret.external-secrets.io"
    [condition] = done.world.cluster().get("externalsecrets.external-secrets.io", "s", "default")["status"]["conditions"]
    assert (condition["type"], condition["status"], condition["reason"]) == ("Ready", "True", "StandIn")


def test_charts_of_a_registry_and_repositories_that_nobody_uses_are_there(repository):
    text = (
        source("HelmRepository", "{interval: 1h, type: oci, url: 'oci://registry.example/charts'}", "oci")
        + source("HelmRepository", "{interval: 1h, url: 'https://charts.example.com'}", "unused")
        + source(
            "HelmRelease",
            "{interval: 1h, chart: {spec: {chart: redis, version: 1.x, sourceRef: {kind: HelmRepository, name: oci}}}}",
            "redis",
            "helm.toolkit.fluxcd.io/v2",
        )
    )
    done = reconcile(repository({**FLUX, "clusters/production/more.yaml": text}))
    found = states(done)
    assert (found["HelmRepository/unused"], found["HelmRelease/redis"]) == ("Ready", "Ready"), [o.message for o in done.objects]
    assert resources(done, "redis") == ["ConfigMap/redis-stand-in"]


def test_a_name_that_cannot_be_is_left_to_the_agent(repository):
    files = {"web/c.yaml": CONFIG.replace("name: c", "name: c, namespace: No_Name")}
    done = reconcile(repository({**files, "a.yaml": application("web", f"repoURL: {HERE}, path: web")}, HERE))
    assert done.stand_ins == []
    assert done.objects[0].state != "Synced, Healthy"


def test_a_variable_with_a_default_keeps_it(repository):
    files = {
        "clusters/one/all.yaml": kustomization(
            "apps", "./apps", extra=", postBuild: {substituteFrom: [{kind: Secret, name: s}]}"
        ),
        "apps/c.yaml": CONFIG.replace("name: c", "name: '${NAME}-${ZONE:=here}', namespace: default"),
    }
    assert resources(reconcile(repository(files)), "apps") == ["ConfigMap/stand-in-name-here"]


def test_the_cluster_gets_the_labels_that_application_sets_look_for_unless_another_one_would_lose_its_applications(repository):
    def by_label(name: str, rules: str) -> str:
        return (
            f"apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: {name}, namespace: argocd}}\nspec:\n"
            f"  generators: [{{clusters: {{selector: {{{rules}}}}}}}]\n"
            f"  template:\n    metadata: {{name: '{name}-{{{{name}}}}'}}\n"
            "    spec:\n      project: default\n      syncPolicy: {automated: {}}\n"
            "      destination: {server: '{{server}}', namespace: default}\n"
            "      source: {repoURL: '{{metadata.annotations.addons_url}}', path: web}\n"
        )

    none = "matchExpressions: [{key: aws, operator: DoesNotExist}, {key: tier, operator: In, values: [one, two]}]"
    files = {
        "a.yaml": by_label("a", "matchLabels: {enable_a: 'true'}"),
        "b.yaml": by_label("b", none),
        "c.yaml": by_label("c", "matchExpressions: [{key: aws, operator: Exists}]"),
        "web/c.yaml": CONFIG,
    }
    done = reconcile(repository(files, HERE))
    found = states(done)
    assert {"Application/a-in-cluster", "Application/b-in-cluster"} <= found.keys()
    assert "Application/c-in-cluster" not in found
    assert made(done)[:2] == ["cluster label enable_a=true", "cluster annotation addons_url=https://git.example/copy.git"]
    assert [item.subject for item in done.attention if "makes no Application" in item.what] == ["ApplicationSet/c"]


def test_of_a_catalog_one_is_taken_of_those_that_share_objects_though_they_build_upon_others_elsewhere(repository):
    role = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: r}\nrules: []\n"
    files = {
        "a/kustomization.yaml": "resources: [github.com/acme/other/base, ../r]\n",
        "b/kustomization.yaml": "resources: [github.com/acme/other/base, ../r, c.yaml]\n",
        "b/c.yaml": role.replace("name: r", "name: c"),
        "r/kustomization.yaml": "resources: [r.yaml]\n",
        "r/r.yaml": role,
    }
    done = reconcile(repository(files))
    assert states(done) == {"Application/b": "Synced, Healthy"}


def test_a_custom_resource_that_a_chart_would_bring_is_there_for_a_health_check(repository):
    check = "{apiVersion: ceph.rook.io/v1, kind: CephCluster, name: rook, namespace: default}"
    files = {
        "clusters/one/all.yaml": kustomization("apps", "./apps", extra=f", timeout: 20m, healthChecks: [{check}]"),
        "apps/c.yaml": CONFIG.replace("name: c", "name: c, namespace: default"),
    }
    done = reconcile(repository(files))
    assert states(done)["Kustomization/apps"] == "Ready", [o.message for o in done.objects]
    assert made(done) == ["CephCluster default/rook"]


def test_what_sops_hides_with_its_kind_is_passed_over(repository):
    hidden = 'apiVersion: "ENC[AES256_GCM,data:a,iv:x,tag:y,type:str]"\nkind: "ENC[AES256_GCM,data:b,iv:x,tag:y,type:str]"\n'
    hidden += 'metadata:\n  name: "ENC[AES256_GCM,data:c,iv:x,tag:y,type:str]"\nsops:\n  mac: x\n'
    files = {
        "clusters/one/all.yaml": kustomization("apps", "./apps", extra=", decryption: {provider: sops}"),
        "apps/c.yaml": CONFIG.replace("name: c", "name: c, namespace: default"),
        "apps/hidden.yaml": hidden,
    }
    done = reconcile(repository(files))
    assert states(done)["Kustomization/apps"] == "Ready", [o.message for o in done.objects]
    assert resources(done, "apps") == ["ConfigMap/c"]
