"""Where a run begins: what a person would apply by hand, and what ``flux bootstrap`` was pointed at."""

from __future__ import annotations

from gitops_sim.reconcile import reconcile
from tests.reconcile.manifests import CONFIG, FLUX, HERE, application, kustomization, resources, states, why_of

SET = """\
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: sets, namespace: argocd}
spec:
  generators:
  - list:
      elements: [patch-me]
  template:
    metadata: {name: '{{env}}'}
    spec:
      project: default
      destination: {server: https://kubernetes.default.svc, namespace: default}
      source: {repoURL: HERE, path: web}
      syncPolicy: {automated: {}}
""".replace("HERE", HERE)
FOLDERS = SET.replace(
    "  - list:\n      elements: [patch-me]\n",
    f"  - git: {{repoURL: '{HERE}', revision: HEAD, directories: [{{path: 'apps/*'}}]}}\n",
)
FOLDERS = FOLDERS.replace("'{{env}}'", "'{{path.basename}}'").replace("path: web", "path: '{{path}}'")


def elements(name: str) -> str:
    return (
        "resources: [../../base]\npatches:\n- patch: |\n    - op: replace\n      path: /spec/generators/0/list/elements\n"
        f"      value: [{{env: {name}}}]\n  target: {{kind: ApplicationSet}}\n"
    )


def test_of_applications_that_deploy_each_other_the_one_that_brings_most_is_the_first(repository):
    folder = repository(
        {
            "argo/root.yaml": application("root", f"repoURL: {HERE}, path: argo"),
            "argo/more.yaml": application("more", f"repoURL: {HERE}, path: more"),
            "more/again.yaml": application("again", f"repoURL: {HERE}, path: argo"),
            "more/web.yaml": application("web", f"repoURL: {HERE}, path: web"),
            "web/c.yaml": CONFIG,
        },
        HERE,
    )
    done = reconcile(folder)
    assert "begins with what no other Application deploys: Application/root |" in why_of(done)
    assert states(done)["Application/web"] == "Synced, Healthy"


def test_what_a_kustomization_patches_is_applied_as_it_builds_it(repository):
    folder = repository(
        {
            "argo/base/kustomization.yaml": "resources: [set.yaml]\n",
            "argo/base/set.yaml": SET,
            "argo/overlays/dev/kustomization.yaml": elements("dev"),
            "argo/overlays/prod/kustomization.yaml": elements("prod"),
            "web/c.yaml": CONFIG,
        },
        HERE,
    )
    done = reconcile(folder)
    assert states(done) == {"ApplicationSet/sets": "Ready", "Application/prod": "Synced, Healthy"}
    assert "kustomization argo/overlays/prod | there are others beside it: try --path argo/overlays/dev" in why_of(done)
    assert states(reconcile(folder, path="argo/overlays/dev")).keys() == {"ApplicationSet/sets", "Application/dev"}


def test_of_a_kustomization_that_cannot_be_built_the_files_are_taken(repository):
    files = {"argo/kustomization.yaml": "resources: [a.yaml, nope.yaml]\n", "web/c.yaml": CONFIG}
    done = reconcile(repository({**files, "argo/a.yaml": application("web", f"repoURL: {HERE}, path: web")}, HERE))
    assert states(done) == {"Application/web": "Synced, Healthy"}
    [told] = done.attention
    assert (told.subject, told.cause) == ("kustomization argo", "cannot be built, so its files were taken as they are")
    assert "nope.yaml" in told.what


def test_what_an_application_set_finds_in_folders_is_no_beginning(repository):
    files = {
        "sets.yaml": FOLDERS,
        "apps/one/app.yaml": application("inner", f"repoURL: {HERE}, path: web"),
        "apps/two/kustomization.yaml": "resources: [../../shared]\n",
        "shared/kustomization.yaml": "resources: [other.yaml]\n",
        "shared/other.yaml": application("other", f"repoURL: {HERE}, path: web"),
        "web/c.yaml": CONFIG,
    }
    done = reconcile(repository(files, HERE))
    assert "begins with what no other Application deploys: ApplicationSet/sets |" in why_of(done)
    assert set(states(done)) == {
        "ApplicationSet/sets",
        "Application/one",
        "Application/two",
        "Application/inner",
        "Application/other",
    }


def test_flux_begins_where_its_operator_is_told_to(repository):
    values = "instance:\n  sync: {kind: GitRepository, path: ./clusters/staging}\n"
    done = reconcile(repository({**FLUX, "apps/flux-instance/values.yaml": values}))
    assert "bootstrapped at clusters/staging, as the Flux Operator is told" in why_of(done)
    assert resources(done, "apps") == ["ConfigMap/s"]


def test_flux_begins_where_its_own_kustomization_points(repository):
    sync = kustomization("flux-system", "./clusters/staging")
    done = reconcile(repository({**FLUX, "boot/gotk-sync.yaml": sync}))
    assert "bootstrapped at clusters/staging, as its Kustomization flux-system says" in why_of(done)


def test_kustomizations_that_a_kustomization_of_elsewhere_uses_do_not_begin(repository):
    files = {
        "clusters/one/apps.yaml": kustomization("apps", "./overlays/one"),
        "overlays/one/kustomization.yaml": "resources: [../../base/web]\n",
        "base/web/kustomization.yaml": "resources: [ks.yaml]\n",
        "base/web/ks.yaml": kustomization("web", "./web"),
        "web/c.yaml": CONFIG.replace("name: c", "name: c, namespace: default"),
    }
    done = reconcile(repository(files))
    assert "bootstrapped at clusters/one," in why_of(done)
    assert "other clusters" not in why_of(done)
    assert resources(done, "web") == ["ConfigMap/c"]


def test_the_repository_is_called_in_the_cluster_as_kustomizations_call_it(repository):
    files = {
        "clusters/one/web.yaml": kustomization("web", "./web", "homelab"),
        "web/c.yaml": CONFIG.replace("name: c", "name: c, namespace: default"),
    }
    done = reconcile(repository(files))
    assert states(done) == {"GitRepository/homelab": "Ready", "Kustomization/homelab": "Ready", "Kustomization/web": "Ready"}


def test_flux_applies_its_own_installation_from_git(repository):
    roles = (
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: crd-controller-flux-system}\n"
        "rules: [{apiGroups: [source.toolkit.fluxcd.io], resources: ['*'], verbs: ['*']}]\n"
    )
    files = {**FLUX, "clusters/production/flux-system/gotk-components.yaml": roles}
    done = reconcile(repository(files))
    assert states(done)["Kustomization/apps"] == "Ready", [o.message for o in done.objects]
