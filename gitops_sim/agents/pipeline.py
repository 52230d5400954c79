"""The push pipeline: a CI job that holds the keys to the cluster, deploys once for every push, and never looks again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from gitops_sim.agents.credentials import Credential, Place
from gitops_sim.clock import Clock, Priority, format_duration, parse_duration
from gitops_sim.cluster.access import service_account
from gitops_sim.cluster.access.accounts import account, binding
from gitops_sim.cluster.apply import apply
from gitops_sim.cluster.protocol import ClusterAPI
from gitops_sim.errors import ApiError, BadInput
from gitops_sim.forge import Forge, Push
from gitops_sim.manifests import Manifest, read_directory
from gitops_sim.objects import Object
from gitops_sim.output import Output
from gitops_sim.trace import Trace


@dataclass(slots=True)
class Job:
    """One run. ``log`` is what the job printed; times are simulated seconds, ``finished`` is None while it runs."""

    number: int
    revision: str
    started: float
    triggered_by: str
    result: Literal["running", "succeeded", "failed"] = "running"
    finished: float | None = None
    log: list[str] = field(default_factory=list)


class PushPipeline:
    """Runs for every push to ``branch`` of ``repo``, from outside the cluster, as ``user``.

    A job builds and tests for ``build_time``, then applies every manifest of ``path`` (with ``recurse`` of the folders below
    it too) at that revision, as ``kubectl apply -f`` would, once. It deletes nothing, compares nothing, and what becomes of
    the cluster afterwards it does not notice.

    ``user`` is a ServiceAccount, and ``role`` the ClusterRole that is bound to it: ``cluster-admin`` everywhere, as most
    pipelines have it, any other one in ``namespace`` only; with an empty one it has what the world's own objects bind to it.
    """

    def __init__(
        self,
        name: str,
        cluster: ClusterAPI,
        forge: Forge,
        clock: Clock,
        trace: Trace,
        *,
        repo: str,
        branch: str = "main",
        path: str = "manifests",
        recurse: bool = False,
        build_time: float | str = 45.0,
        namespace: str = "default",
        user: str = "system:serviceaccount:ci:deployer",
        role: str = "cluster-admin",
    ) -> None:
        self.name, self.repo, self.branch, self.path = name, repo, branch, path
        self.recurse = recurse
        self.namespace, self.user, self.cluster_name = namespace, user, cluster.name
        holder = service_account(user)
        if holder:
            cluster.furnish(_account(*holder, role, namespace))
        self.build_time = parse_duration(build_time, where=f"pipeline {name}: build_time")
        self.jobs: list[Job] = []
        self.deploys = True
        """Whether a job ends by applying the manifests; without that step it builds, tests and pushes the image."""
        self.has_kubeconfig = True
        """Whether the key to the cluster is among its secrets."""
        self._cluster, self._forge = cluster.as_user(user), forge
        self._clock, self._trace = clock, trace
        forge.on_push(self._pushed)

    def credentials(self) -> list[Credential]:
        """Which keys it holds, and where."""
        url = self._forge.repository(self.repo).url
        place: Place = "outside cluster"
        to_cluster = Credential(self.name, place, f"cluster/{self.cluster_name}", "write", "applies the manifests, from outside")
        return [
            *([to_cluster] if self.has_kubeconfig else []),
            Credential(self.name, place, url, "read", "checks out the commit"),
            Credential(self.name, place, "registry", "write", "pushes the image that it builds"),
        ]

    def run(self, revision: str = "", *, by: str = "you") -> Job:
        """Starts a job by hand, for the tip of the branch or another revision. Raises BadInput when there is no such revision."""
        return self._start(self._forge.repository(self.repo).resolve(revision or self.branch), by)

    def command(self, args: str, *, user: str = "you") -> Output:
        """``run [REVISION]`` starts a job, ``log [NUMBER]`` prints what a job said, ``remove-step deploy`` leaves a pipeline
        that only builds and tests, ``delete-secret kubeconfig`` takes the key to the cluster away from it, ``help`` names
        what there is to say."""
        words = args.split()
        if words == ["help"]:
            return Output(f"{self._usage()}\n")
        if words == ["remove-step", "deploy"] and self.deploys:
            self.deploys = False
            self._tell_changed(user, "PipelineChanged", f"removes the deploy step from pipeline {self.name}")
            return Output("step deploy removed\n")
        if words == ["delete-secret", "kubeconfig"] and self.has_kubeconfig:
            self.has_kubeconfig = False
            self._tell_changed(user, "CredentialDeleted", f"deletes the key to {self.cluster_name} from pipeline {self.name}")
            return Output("secret kubeconfig deleted\n")
        if words[:1] == ["run"] and len(words) <= 2:
            job = self.run(*words[1:], by=user)
            return Output(f"job {job.number} started for {job.revision[:7]}\n")
        if words[:1] == ["log"] and len(words) <= 2 and (len(words) < 2 or words[1].isdigit()):
            wanted = int(words[1]) if len(words) == 2 else len(self.jobs)
            if not 1 <= wanted <= len(self.jobs):
                raise BadInput(f"pipeline {self.name} has no job {wanted}", mend=f"it ran {len(self.jobs)} so far")
            return Output("".join(f"{line}\n" for line in self.jobs[wanted - 1].log))
        raise BadInput(f"the pipeline cannot {args!r}", mend=self._usage())

    # ------------------------------------------------------------------ inside

    def _usage(self) -> str:
        more = ["remove-step deploy"] * self.deploys + ["delete-secret kubeconfig"] * self.has_kubeconfig
        return "write " + ", ".join(["run [REVISION]", "log [NUMBER]", *more])

    def _pushed(self, push: Push) -> None:
        if push.repository.name == self._forge.repository(self.repo).name and push.branch == self.branch and push.new is not None:
            self._start(push.new, push.actor)

    def _start(self, revision: str, by: str) -> Job:
        job = Job(len(self.jobs) + 1, revision, self._clock.now, by)
        job.log.append(f"job {job.number}: {self.branch} at {revision[:7]}, pushed by {by}")
        self.jobs.append(job)
        ends = "deploys" if self.deploys else "is done"
        self._tell(
            "PipelineStarted",
            f"starts job {job.number} for {revision[:7]}, {ends} in {format_duration(self.build_time)}",
            job,
            reason=f"every push to {self.branch} starts one",
        )
        self._clock.after(self.build_time, self._deploy, job.number, priority=Priority.AGENT)
        return job

    def _deploy(self, number: int) -> None:
        job = self.jobs[number - 1]
        job.log.append(f"build and tests passed in {format_duration(self.build_time)}")
        if not self.deploys:
            job.result, job.finished = "succeeded", self._clock.now
            job.log.append(f"job {job.number} succeeded")
            text = f"builds and tests {job.revision[:7]}: job {job.number} is done, and deploys nothing"
            self._tell("PipelineSucceeded", text, job, reason="it has no deploy step", applied=[])
            return
        job.log.append(f"$ kubectl apply -n {self.namespace} {'-R ' * self.recurse}-f {self.path or '.'}/")
        if not self.has_kubeconfig:
            job.log.append("error: no kubeconfig among the secrets of this pipeline")
            self._finish(job, [], ["no key to the cluster"])
            return
        try:
            tree = self._forge.repository(self.repo).tree(job.revision)
            manifests = read_directory(tree, self.path, recurse=self.recurse, namespace=self.namespace)
        except BadInput as error:
            job.log.append(f"error: {error}")
            self._finish(job, [], [str(error).partition("\n")[0]])
            return
        done: list[str] = []
        errors: list[str] = []
        unknown = [manifest for manifest in manifests if not self._cluster.serves(manifest.object)]
        for manifest in manifests:
            if manifest not in unknown:
                self._apply(job, manifest, done, errors)
        for manifest in unknown:
            self._refuse(job, manifest, errors)
        self._finish(job, done, errors)

    def _apply(self, job: Job, manifest: Manifest, done: list[str], errors: list[str]) -> None:
        try:
            applied = apply(self._cluster, manifest.object, namespace=self.namespace)
        except ApiError as error:
            job.log.append(f"Error from server ({error.reason}): {error.message}")
            errors.append(f"{manifest.title}: {error.message}")
            return
        kind = self._cluster.kind_of(manifest.object)
        job.log.append(f"{kind.qualified}/{manifest.object['metadata']['name']} {applied.verb}")
        done.append(f"{manifest.title} {applied.verb}")

    def _refuse(self, job: Job, manifest: Manifest, errors: list[str]) -> None:
        """kubectl looks up all kinds before it applies the first object: a definition among them comes too late for this run."""
        obj, meta = manifest.object, manifest.object["metadata"]
        where = f'for name: "{meta.get("name", "")}" namespace: "{meta.get("namespace", "")}" from "{manifest.file}"'
        why = f'no matches for kind "{obj["kind"]}" in version "{obj["apiVersion"]}"'
        job.log += [f"error: resource mapping not found {where}: {why}", "ensure CRDs are installed first"]
        errors.append(f"{manifest.title}: {why}")

    def _finish(self, job: Job, done: list[str], errors: list[str]) -> None:
        job.result, job.finished = ("failed" if errors else "succeeded"), self._clock.now
        job.log.append(f"job {job.number} {job.result}")
        short = job.revision[:7]
        if errors:
            text = f"fails in job {job.number} for {short}: {'; '.join(errors)}"
            if done:
                text += f" (applied before: {', '.join(done)})"
            self._tell("PipelineFailed", text, job, reason="a job does not undo what it did", errors=errors, applied=done)
        else:
            text = f"applies {short}: {_summary(done)}; job {job.number} is done and looks no more"
            self._tell(
                "PipelineSucceeded", text, job, reason="it applies once per push: no pruning, no second look", applied=done
            )

    def _tell_changed(self, by: str, event: str, message: str) -> None:
        subject = f"pipeline/{self.name}"
        self._trace.add(by, event, subject, message, story=True, repo=self.repo, cluster=self.cluster_name)

    def _tell(self, event: str, message: str, job: Job, *, reason: str = "", **data: Any) -> None:
        facts: Mapping[str, Any] = {"job": job.number, "revision": job.revision, "repo": self.repo, "cluster": self.cluster_name}
        self._trace.add(self.name, event, f"pipeline/{self.name}", message, reason=reason, story=True, **facts, **data)


def _account(home: str, name: str, role: str, namespace: str) -> list[Object]:
    """The ServiceAccount whose token the pipeline holds, and its binding."""
    within = "" if role == "cluster-admin" else namespace
    place = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": home}}
    made = [place, account(home, name)]
    return [*made, binding(f"{home}-{name}", role, home, name, within)] if role else made


def _summary(done: list[str]) -> str:
    changed = [line for line in done if not line.endswith(" unchanged")]
    same = len(done) - len(changed)
    parts = [*changed[:4], *([f"{len(changed) - 4} more"] if len(changed) > 4 else []), *([f"{same} unchanged"] if same else [])]
    return ", ".join(parts) or "no manifests there"
