"""The push pipeline: applies once per push, and never looks again."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_sim.agents.credentials import Credential
from gitops_sim.agents.pipeline import PushPipeline
from gitops_sim.errors import BadInput
from tests.agents.lab import SERVICE, Lab, application, config_map, deployment


def pipeline(lab: Lab, **settings: Any) -> PushPipeline:
    return PushPipeline("pipeline", lab.cluster, lab.forge, lab.clock, lab.trace, repo="shop", **settings)


@pytest.fixture
def ci(lab: Lab) -> PushPipeline:
    lab.repo({"manifests/web.yaml": deployment(2), "manifests/svc.yaml": SERVICE})
    return pipeline(lab)


def test_it_runs_on_a_push_and_applies_when_the_build_is_done(lab: Lab, ci: PushPipeline) -> None:
    lab.run(60)
    assert lab.cluster.find("deploy", "web") is None  # nobody pushed yet
    sha = lab.commit({"manifests/web.yaml": deployment(3)})
    lab.run(44)
    assert lab.cluster.find("deploy", "web") is None
    lab.run(1)
    assert lab.replicas() == 3
    job = ci.jobs[0]
    assert (job.number, job.revision, job.result, job.started, job.finished) == (1, sha, "succeeded", 60, 105)
    assert job.log == [
        f"job 1: main at {sha[:7]}, pushed by ana",
        "build and tests passed in 45s",
        "$ kubectl apply -n default -f manifests/",
        "service/web created",
        "deployment.apps/web created",
        "job 1 succeeded",
    ]
    writers = {c.user for c in lab.cluster.store.log if c.key.name == "web" and c.key.kind == "Service"}
    assert writers == {"system:serviceaccount:ci:deployer"}
    assert lab.story(60) == [
        f"ana commits {sha[:7]} to main: Change",
        f"pipeline starts job 1 for {sha[:7]}, deploys in 45s",
        f"pipeline applies {sha[:7]}: Service/web created, Deployment/web created; job 1 is done and looks no more",
    ]


def test_it_never_looks_again(lab: Lab, ci: PushPipeline) -> None:
    lab.commit({"manifests/web.yaml": deployment(3)})
    lab.run(60)
    lab.scale(10)
    lab.cluster.delete("svc", "web")
    records = len(lab.trace.find(actor="pipeline"))
    lab.run(86400)
    assert lab.replicas() == 10
    assert lab.cluster.find("svc", "web") is None
    assert len(lab.trace.find(actor="pipeline")) == records


def test_the_next_push_overwrites_drift_but_deletes_nothing(lab: Lab, ci: PushPipeline) -> None:
    lab.commit({"manifests/web.yaml": deployment(3)})
    lab.run(60)
    lab.scale(10)
    lab.commit({"manifests/svc.yaml": None})
    lab.run(60)
    assert lab.replicas() == 3
    assert lab.cluster.find("svc", "web") is not None
    assert lab.last("PipelineSucceeded").data["applied"] == ["Deployment/web configured"]


def test_other_branches_and_repositories_do_not_concern_it(lab: Lab, ci: PushPipeline) -> None:
    other = lab.forge.create("other", {"a.txt": "x"})
    other.commit({"a.txt": "y"}, "Change", author="ana")
    shop = lab.forge.repository("shop")
    shop.branch("feature")
    shop.commit({"README.md": "x"}, "Work", author="ana", branch="feature")
    assert ci.jobs == []
    shop.merge("feature", author="ana")
    assert len(ci.jobs) == 1
    shop.delete_branch("feature")
    assert len(ci.jobs) == 1


def test_each_push_is_a_job_of_its_own_at_its_own_revision(lab: Lab, ci: PushPipeline) -> None:
    first = lab.commit({"manifests/web.yaml": deployment(3)})
    lab.run(10)
    second = lab.commit({"manifests/web.yaml": deployment(4)})
    lab.run(36)
    assert lab.replicas() == 3
    lab.run(10)
    assert lab.replicas() == 4
    assert [job.revision for job in ci.jobs] == [first, second]


def test_a_job_that_fails_half_way_leaves_the_half_it_did(lab: Lab, ci: PushPipeline) -> None:
    lab.commit({"manifests/a.yaml": config_map(), "manifests/web.yaml": deployment(2).replace("replicas: 2", "replicas: two")})
    lab.run(60)
    job = ci.jobs[0]
    assert job.result == "failed"
    assert any(
        line.startswith('Error from server (BadRequest): Deployment in version "v1" cannot be handled') for line in job.log
    )
    assert lab.cluster.find("cm", "settings") is not None
    record = lab.last("PipelineFailed")
    assert record.data["applied"] == ["ConfigMap/settings created", "Service/web created"]
    assert "applied before: ConfigMap/settings created" in record.message


def test_a_broken_file_fails_the_job_before_anything_is_applied(lab: Lab, ci: PushPipeline) -> None:
    lab.commit({"manifests/z.yaml": "kind: [\n"})
    lab.run(60)
    assert ci.jobs[0].result == "failed"
    assert lab.cluster.find("deploy", "web") is None
    assert "manifests/z.yaml" in lab.last("PipelineFailed").message


def test_settings(lab: Lab) -> None:
    lab.repo({"k8s/a.yaml": config_map()})
    lab.cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "prod"}})
    made = pipeline(lab, path="k8s", namespace="prod", build_time="2m", branch="main", user="ci-bot")
    lab.commit({"README.md": "x"})
    lab.run(119)
    assert lab.cluster.find("cm", "settings", "prod") is None
    lab.run(1)
    assert lab.cluster.find("cm", "settings", "prod") is not None
    assert (made.repo, made.branch, made.path, made.namespace, made.cluster_name) == ("shop", "main", "k8s", "prod", "production")
    with pytest.raises(BadInput, match="not a duration"):
        pipeline(lab, build_time="soon")


def test_it_can_be_started_by_hand_and_asked_for_its_log(lab: Lab, ci: PushPipeline) -> None:
    sha = lab.forge.repository("shop").tip()
    assert str(ci.command("run", user="ben")) == f"job 1 started for {sha[:7]}"
    lab.run(60)
    assert ci.jobs[0].triggered_by == "ben"
    assert ci.command("log").stdout.splitlines()[-1] == "job 1 succeeded"
    assert ci.command("log 1").stdout == ci.command("log").stdout
    for args in ("log 7", "fly", "run a b"):
        with pytest.raises(BadInput):
            ci.command(args)
    with pytest.raises(BadInput, match="unknown revision"):
        ci.run("nope")


def test_an_empty_folder_is_said_to_be_one(lab: Lab) -> None:
    lab.repo({"manifests/readme.txt": "x"})
    pipeline(lab)
    lab.commit({"README.md": "x"})
    lab.run(60)
    assert "no manifests there" in lab.last("PipelineSucceeded").message


def test_who_holds_which_keys_push_against_pull(lab: Lab, ci: PushPipeline) -> None:
    url = "https://git.example/shop.git"
    assert ci.credentials() == [
        Credential("pipeline", "outside cluster", "cluster/production", "write", "applies the manifests, from outside"),
        Credential("pipeline", "outside cluster", url, "read", "checks out the commit"),
        Credential("pipeline", "outside cluster", "registry", "write", "pushes the image that it builds"),
    ]
    lab.add(application())
    pull = lab.argocd.credentials()
    assert [(c.place, c.target, c.access) for c in pull] == [
        ("inside cluster", "cluster/production", "write"),
        ("inside cluster", url, "read"),
    ]


def test_a_pipeline_that_applies_over_argocd_takes_its_tracking_id_away_and_is_undone(lab: Lab, ci: PushPipeline) -> None:
    """Argo CD's tracking id is in the last-applied annotation and not in the pipeline's manifest, so kubectl apply deletes it."""
    lab.add(application(automated={"selfHeal": True}))
    lab.run(10)
    lab.commit({"README.md": "x"})
    lab.run(45)
    drift = lab.find("DriftDetected")[0]
    assert drift.data["fields"][0][0].startswith(".metadata.annotations")
    assert lab.find("SelfHealed")
    lab.run(600)
    assert lab.sync() == "Synced"


def test_its_key_and_its_deploy_step_are_two_things(lab: Lab, ci: PushPipeline) -> None:
    def opens_the_cluster() -> bool:
        return any(c.target == f"cluster/{lab.cluster.name}" for c in ci.credentials())

    assert opens_the_cluster()
    assert str(ci.command("help")) == "write run [REVISION], log [NUMBER], remove-step deploy, delete-secret kubeconfig"
    ci.command("delete-secret kubeconfig", user="ana")
    assert not opens_the_cluster()
    lab.commit({"manifests/web.yaml": deployment(3)})
    lab.run(60)
    assert ci.jobs[0].result == "failed"  # it still tries
    assert ci.jobs[0].log[-2] == "error: no kubeconfig among the secrets of this pipeline"
    ci.command("remove-step deploy", user="ana")
    lab.commit({"manifests/web.yaml": deployment(4)})
    lab.run(60)
    assert ci.jobs[1].result == "succeeded"
    assert lab.cluster.find("deploy", "web") is None
    with pytest.raises(BadInput, match="cannot 'remove-step deploy'"):
        ci.command("remove-step deploy")


def test_a_kind_that_the_cluster_does_not_have_fails_the_job_after_the_rest_is_applied(lab: Lab, ci: PushPipeline) -> None:
    lab.commit({"manifests/a.yaml": "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\n"})
    lab.run(60)
    (job,) = ci.jobs
    assert job.result == "failed"
    assert job.log[-5:] == [
        "service/web created",
        "deployment.apps/web created",
        'error: resource mapping not found for name: "w" namespace: "" from "manifests/a.yaml": no matches for kind "Widget" in '
        'version "example.com/v1"',
        "ensure CRDs are installed first",
        "job 1 failed",
    ]
