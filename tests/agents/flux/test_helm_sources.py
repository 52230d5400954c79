"""HelmRepositories and HelmCharts: which version is meant, what is kept, and what is told."""

from __future__ import annotations

from typing import Any

import pytest

from tests.agents.flux.helmlab import RAW, HelmLab, chart, helm_release, helm_repository
from tests.agents.flux.lab import git_repository


def from_repository(version: str = "*", **spec: Any) -> dict[str, Any]:
    ref = {"kind": "HelmRepository", "name": "charts"}
    return helm_release(chart={"spec": {"chart": "web", "version": version, "sourceRef": ref, **spec}})


def published(*versions: str) -> HelmLab:
    lab = HelmLab()
    lab.publish(*(chart(version) for version in versions))
    return lab


def test_an_index_is_kept_under_its_checksum() -> None:
    lab = published("1.0.0").start(helm_repository())
    found = lab.cluster.get("helmrepo", "charts", "flux-system")["status"]
    revision = found["artifact"]["revision"]
    assert revision.startswith("sha256:")
    assert lab.ready("charts", "helmrepo") == ("True", "Succeeded", f"stored artifact: revision '{revision}'")
    (event,) = lab.events("charts", "HelmRepository")
    assert event[:2] == ("Normal", "NewArtifact")
    assert event[2].startswith("stored fetched index of size ")
    assert event[2].endswith(f"B from '{RAW}'")
    lab.run("50m")
    assert len(lab.events("charts", "HelmRepository")) == 1
    assert lab.cluster.get("helmrepo", "charts", "flux-system")["status"] == found


def test_a_repository_that_is_not_there() -> None:
    lab = HelmLab().start(helm_repository())
    why = f"failed to fetch {RAW}/index.yaml : 404 Not Found"
    text = f"failed to fetch Helm repository index: failed to cache index to temporary file: {why}"
    assert lab.ready("charts", "helmrepo") == ("False", "Failed", text)
    assert lab.conditions("charts", "helmrepo")["FetchFailed"] == ("True", "Failed", text)
    lab.publish(chart())
    lab.run("5m")
    assert lab.ready("charts", "helmrepo")[0] == "True"
    assert "FetchFailed" not in lab.conditions("charts", "helmrepo")


def test_an_oci_repository_is_static() -> None:
    lab = HelmLab().start(helm_repository(url="oci://registry.example/charts", type="oci"))
    lab.run("10m")
    assert "conditions" not in lab.cluster.get("helmrepo", "charts", "flux-system").get("status", {})
    other = HelmLab().start(helm_repository(url="oci://registry.example/charts"))
    assert other.conditions("charts", "helmrepo")["Stalled"][1] == "URLInvalid"


@pytest.mark.parametrize(
    ("wanted", "version"),
    [("*", "2.1.0"), ("1.x", "1.1.0"), ("~1.0.0", "1.0.5"), ("1.0.0", "1.0.0"), (">=2.2.0-0", "2.2.0-rc.1")],
)
def test_the_newest_version_of_a_range_is_released(wanted: str, version: str) -> None:
    lab = published("1.0.0", "1.0.5", "1.1.0", "2.1.0", "2.2.0-rc.1").start(helm_repository(), from_repository(wanted))
    lab.run("1m")
    assert lab.hr()["status"]["history"][0]["chartVersion"] == version
    found = lab.cluster.get("hc", "flux-system-web", "flux-system")
    assert found["spec"]["version"] == wanted
    assert lab.ready("flux-system-web", "hc") == ("True", "ChartPullSucceeded", f"pulled 'web' chart with version '{version}'")
    assert found["status"]["artifact"]["revision"] == version


def test_a_version_that_is_not_there_stalls_until_it_is() -> None:
    lab = published("1.0.0").start(helm_repository(), from_repository(">=2"))
    text = "invalid chart reference: failed to get chart version for remote reference"
    text += ": no 'web' chart with version matching '>=2' found"
    found = lab.conditions("flux-system-web", "hc")
    assert found["Ready"] == ("False", "InvalidChartReference", text)
    assert found["Stalled"] == ("True", "InvalidChartReference", text)
    why = f"HelmChart 'flux-system/flux-system-web' is not ready: {text}"
    lab.run("30s")
    assert lab.ready("web", "hr") == ("False", "SourceNotReady", why)
    lab.publish(chart("1.0.0"), chart("2.0.0"))
    lab.run("10m")
    assert lab.ready("web", "hr")[0] == "True"
    assert "flux takes chart web 2.0.0" in "\n".join(r.actor + " " + r.message for r in lab.world.trace)


def test_a_new_version_is_released_at_the_repositorys_interval() -> None:
    lab = published("1.0.0").start(helm_repository(), from_repository())
    lab.run("10m30s")
    lab.publish(chart("1.0.0"), chart("1.1.0"))
    lab.run("4m")
    assert lab.hr()["status"]["lastAttemptedRevision"] == "1.0.0"
    lab.run("1m")
    assert lab.hr()["status"]["lastAttemptedRevision"] == "1.1.0"
    assert "flux takes chart web 1.1.0, was 1.0.0 for flux-system-web" in lab.story()


def test_values_files_of_the_chart() -> None:
    more = {"values-prod": "replicas: 8\n"}
    lab = HelmLab()
    lab.publish(chart("1.0.0", **more))
    lab.start(helm_repository(), from_repository(valuesFiles=["values.yaml", "values-prod.yaml"]))
    lab.run("1m")
    assert lab.replicas() == 8
    text = "packaged 'web' chart with version '1.0.0+1' and merged values files [values.yaml values-prod.yaml]"
    assert lab.ready("flux-system-web", "hc")[2] == text
    lab.set(chart={"spec": {"valuesFiles": ["nobody.yaml"]}})
    text = "values files merge error: failed to merge chart values: no values file found at path 'nobody.yaml'"
    assert lab.conditions("flux-system-web", "hc")["BuildFailed"] == ("True", "ValuesFilesError", text)


def test_a_folder_in_git_that_is_no_chart() -> None:
    spec = {"chart": "./nowhere", "sourceRef": {"kind": "GitRepository", "name": "shop"}}
    lab = HelmLab().start(git_repository(), helm_release(chart={"spec": spec}))
    ready = lab.ready("flux-system-web", "hc")
    assert ready[:2] == ("False", "InvalidChartReference")
    assert "nowhere/Chart.yaml: no such file or directory" in ready[2]


def test_a_source_that_is_missing_and_a_chart_of_ones_own() -> None:
    lab = HelmLab().start(helm_release())
    assert lab.ready("flux-system-web", "hc")[1] == "SourceUnavailable"
    lab.add(git_repository())
    lab.run("5m")
    assert lab.ready("web", "hr")[0] == "True"
    ref = {"kind": "HelmChart", "name": "shared"}
    shared = {
        "apiVersion": "source.toolkit.fluxcd.io/v1",
        "kind": "HelmChart",
        "metadata": {"name": "shared", "namespace": "flux-system"},
        "spec": {"chart": "charts/web", "interval": "5m", "sourceRef": {"kind": "GitRepository", "name": "shop"}},
    }
    lab.add(shared)
    lab.add(helm_release("api", chart=None, chartRef=ref))
    lab.run("1m")
    assert lab.ready("api", "hr")[0] == "True"
    assert lab.cluster.find("hc", "flux-system-api", "flux-system") is None


# ---------------------------------------------------------------------- the command line


def test_get_shows_sources_charts_and_releases() -> None:
    lab = published("1.0.0").start(helm_repository(), from_repository())
    lab.run("1m")
    table = lab.world.flux("get hr").stdout.splitlines()
    message = "Helm install succeeded for release default/web.v1 with chart web@1.0.0"
    assert table == [
        f"NAME\tREVISION\tSUSPENDED\tREADY\t{'MESSAGE'.ljust(len(message))}",
        f"web \t1.0.0   \tFalse    \tTrue \t{message}\t",
    ]
    assert (
        lab.world.flux("get helmreleases --show-source").stdout.splitlines()[1].split("\t")[1]
        == "HelmRepository/flux-system/charts"
    )
    index = lab.cluster.get("helmrepo", "charts", "flux-system")["status"]["artifact"]["revision"]
    row = lab.world.flux("get sources helm").stdout.splitlines()[1].split("\t")
    assert [cell.strip() for cell in row[:4]] == ["charts", index[: len("sha256:") + 8], "False", "True"]
    row = lab.world.flux("get sources chart").stdout.splitlines()[1].split("\t")
    assert row[0].strip() == "flux-system-web"
    assert row[4] == "pulled 'web' chart with version '1.0.0'"
    lab.add(helm_repository("oci", "oci://registry.example/charts", type="oci"))
    assert "Helm repository is Ready" in lab.world.flux("get sources helm").stdout
    every = lab.world.flux("get all").stdout
    assert every.index("helmchart/flux-system-web") < every.index("helmrelease/web")


def test_reconcile_with_source_goes_all_the_way() -> None:
    lab = published("1.0.0").start(helm_repository(), from_repository())
    lab.run("1m")
    lab.publish(chart("1.0.0"), chart("1.1.0"))
    done = lab.world.flux("reconcile hr web --with-source")
    lines = done.stderr.splitlines()
    index = lab.cluster.get("helmrepo", "charts", "flux-system")["status"]["artifact"]["revision"]
    assert lines == [
        "► annotating HelmRepository charts in flux-system namespace",
        "✔ HelmRepository annotated",
        "◎ waiting for HelmRepository reconciliation",
        f"✔ fetched revision {index}",
        "► annotating HelmChart flux-system-web in flux-system namespace",
        "✔ HelmChart annotated",
        "◎ waiting for HelmChart reconciliation",
        "✔ fetched revision 1.1.0",
        "► annotating HelmRelease web in flux-system namespace",
        "✔ HelmRelease annotated",
        "◎ waiting for HelmRelease reconciliation",
        "✔ applied revision 1.1.0",
    ]
    assert done.exit == 0


def test_reset_and_force_try_again_what_was_given_up() -> None:
    lab = HelmLab().release()
    lab.set(values={"image": "nginx:bad"}, timeout="1m")
    lab.run("5m")
    assert lab.world.flux("reconcile hr web").stderr.splitlines()[-1] == "✗ Failed to upgrade after 1 attempt(s)"
    assert lab.history()[0] == (2, "failed")
    lab.world.flux("reconcile hr web --reset")
    assert lab.history()[0] == (3, "failed")
    lab.world.flux("reconcile hr web --force")
    assert lab.history()[0] == (4, "failed")
    lab.set(values=None)
    lab.run("1m")
    assert lab.world.flux("reconcile hr web").exit == 0
    before = lab.history()[0][0]
    assert lab.world.flux("reconcile hr web --force").stderr.splitlines()[-1] == "✔ applied revision 1.0.0"
    assert lab.history()[0] == (before + 1, "deployed"), "forced, although nothing was to be done"


def test_suspend_resume_and_tree() -> None:
    lab = HelmLab().release()
    assert lab.world.flux("suspend hr web").stderr == (
        "► suspending helmrelease web in flux-system namespace\n✔ helmrelease suspended\n"
    )
    assert lab.world.flux("reconcile hr web").stderr == "✗ resource is suspended\n"
    assert lab.world.flux("resume hr web").stderr == (
        "► resuming helmrelease web in flux-system namespace\n✔ helmrelease resumed\n"
        "◎ waiting for HelmRelease reconciliation\n✔ HelmRelease web reconciliation completed\n✔ applied revision 1.0.0\n"
    )


def test_logs_say_how_the_release_was_found() -> None:
    lab = HelmLab().release()
    lab.run("10m")
    lines = [
        line.partition(" - ")[2].strip() for line in lab.world.flux("logs --kind HelmRelease --name web").stdout.splitlines()
    ]
    assert "release not installed: no release in storage for object" in lines
    assert "running 'install' action with timeout of 5m0s" in lines
    assert lines[-1] == "release in-sync with desired state"


def test_a_chart_object_that_somebody_changed_is_put_back_and_what_they_added_stays() -> None:
    lab = published("1.0.0", "1.1.0").start(helm_repository(), from_repository("1.0.0"))
    lab.run("1m")
    lab.spec("flux-system-web", "hc", version="1.1.0")
    lab.run("1m")
    assert lab.cluster.get("hc", "flux-system-web", "flux-system")["spec"]["version"] == "1.0.0"
    assert lab.hr()["status"]["lastAttemptedRevision"] == "1.0.0"
    lab.spec("flux-system-web", "hc", suspend=True)
    lab.run("11m")
    assert lab.cluster.get("hc", "flux-system-web", "flux-system")["spec"]["suspend"] is True


@pytest.mark.parametrize("kind", ["gitrepo", "helmrepo", "hc", "hr"])
def test_an_interval_of_zero_asks_for_no_further_reconciliation(kind: str) -> None:
    lab = published("1.0.0").start(git_repository(), helm_repository(), from_repository("1.0.0"))
    lab.run("1m")
    name = {"gitrepo": "shop", "helmrepo": "charts", "hc": "flux-system-web", "hr": "web"}[kind]
    spec = {"chart": {"spec": {**lab.hr()["spec"]["chart"]["spec"], "interval": "0s"}}} if kind == "hc" else {"interval": "0s"}
    lab.spec("web" if kind == "hc" else name, "hr" if kind == "hc" else kind, **spec)
    lab.run("1h")
    assert lab.ready(name, kind)[0] == "True"
