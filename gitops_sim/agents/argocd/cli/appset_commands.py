"""``argocd appset list|get|create|generate|delete``.

Source: ``cmd/argocd/commands/applicationset.go``, ``cmd/util/applicationset.go`` and ``server/applicationset/applicationset.go``.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from gitops_sim.agents.argocd import rbac
from gitops_sim.agents.argocd.application import NAMESPACE, read_application
from gitops_sim.agents.argocd.appsets.checking import read_set, unrecognized
from gitops_sim.agents.argocd.appsets.keeping import KIND
from gitops_sim.agents.argocd.appsets.params import GenerationError
from gitops_sim.agents.argocd.appsets.status import resources
from gitops_sim.agents.argocd.cli.appsets import appset_page, appsets_table
from gitops_sim.agents.argocd.cli.parsing import GENERIC, FatalError, Parser, each, encoded, read
from gitops_sim.agents.argocd.cli.printing import applications, qualified
from gitops_sim.agents.argocd.controller import ArgoCD
from gitops_sim.agents.argocd.project import DEFAULT, PROJECTS
from gitops_sim.agents.argocd.requests import RefusedError
from gitops_sim.cluster import selectors
from gitops_sim.errors import ApiError, BadInput
from gitops_sim.nearest import nearest
from gitops_sim.objects import Object, annotations_of, get_path, labels_of, with_path
from gitops_sim.output import Output
from gitops_sim.yaml_in import load_documents

_TEMPLATED = "the Argo CD API does not currently support creating ApplicationSets with templated `project` fields"
_DIFFERENT = "existing ApplicationSet spec is different, use upsert flag to force update"


class AppSetCommands:
    """Commands of one person; ``files`` are those of the working folder."""

    def __init__(self, agent: ArgoCD, user: str, files: Mapping[str, str]) -> None:
        self._agent, self._user, self._files = agent, user, files

    def run(self, words: Sequence[str]) -> Output | str:
        """Raises what :meth:`CLI.run` turns into an exit code."""
        given = read(appset_parser(), words)
        answer: Output | str = getattr(self, given.command)(given)
        return answer

    # ------------------------------------------------------------------ looking

    def list(self, given: argparse.Namespace) -> str:
        fits = selectors.label_selector(given.selector)
        found = [obj for obj in self._seen() if fits(obj) and (not given.project or _project(obj) in given.project)]
        if given.output == "name":
            return "".join(f"{qualified(obj)}\n" for obj in found)
        return encoded(found, given.output) if given.output != "wide" else appsets_table(found)

    def get(self, given: argparse.Namespace) -> str:
        return _shown(self._find(given.name, "get"), given.output)

    def _seen(self) -> Sequence[Object]:
        return [obj for obj in self._agent.server.list(KIND) if self._may("get", obj)]

    def _find(self, name: str, action: str) -> Object:
        namespace, _, plain = name.rpartition("/")
        found = self._agent.server.find(KIND, plain, namespace or NAMESPACE)
        if found is None:
            text = f'applicationset.argoproj.io "{plain}" not found'
            mend = nearest(plain, (str(obj["metadata"]["name"]) for obj in self._seen()))
            raise RefusedError("Unknown", f"error getting ApplicationSet: {text}", mend=mend)
        if not self._may(action, found):
            raise self._forbidden(action, found)
        return found

    # ------------------------------------------------------------------ changing

    def create(self, given: argparse.Namespace) -> Output:
        """What became of each is told beside what is printed of it."""
        found = self._read(given.file)
        if not found:
            raise FatalError("", printed="No ApplicationSets found while parsing the input file")
        told, printed = "", ""
        for appset in found:
            self._named(appset, "creating ApplicationSet")
            made, action = self._make(appset, upsert=given.upsert, dry_run=given.dry_run)
            told += f"ApplicationSet '{made['metadata']['name']}' {action}{' (dry-run)' if given.dry_run else ''}\n"
            printed += _shown(made, given.output)
        return Output(printed, told)

    def generate(self, given: argparse.Namespace) -> str:
        """The Applications that a set would make; nothing is stored."""
        found = self._read(given.file)
        if len(found) != 1:
            raise FatalError("", printed="Input file must contain one ApplicationSet")
        [appset] = found
        self._named(appset, "generating apps for ApplicationSet")
        self._check(appset)
        apps = self._generated(appset)
        if given.output == "wide":
            return applications([(app, read_application(app)) for app in apps], wide=True)
        return encoded(apps[0] if len(apps) == 1 else apps, given.output, bare=False)

    def delete(self, given: argparse.Namespace) -> str:
        return each(given.names, self._delete)

    def _delete(self, name: str) -> str:
        obj = self._find(name, "delete")
        self._tell("ApplicationSetDeleted", name, f"deletes ApplicationSet {name}, and all that it made")
        self._agent.server.delete(KIND, obj["metadata"]["name"], obj["metadata"]["namespace"])
        return f"applicationset '{name}' deleted\n"

    def _make(self, appset: Any, *, upsert: bool, dry_run: bool) -> tuple[Object, str]:
        """The set as it is stored then, and whether it was created, updated or left unchanged."""
        self._check(appset)
        name = appset["metadata"]["name"]
        before = self._agent.server.find(KIND, name, appset["metadata"]["namespace"])
        if dry_run:
            made = with_path(appset, ("status", "resources"), resources(self._generated(appset)))
            return made, "created" if before is None else "updated" if upsert and not _same(before, appset) else "unchanged"
        try:
            if before is None:
                self._tell("ApplicationSetCreated", name, f"creates ApplicationSet {name}")
                return self._agent.server.create(appset), "created"
            if _same(before, appset):
                return before, "unchanged"
            if not upsert:
                raise RefusedError("InvalidArgument", _DIFFERENT, mend="say --upsert")
            if not self._may("update", appset):
                raise self._forbidden("update", appset)
            self._tell("ApplicationSetChanged", name, f"changes ApplicationSet {name}")
            return self._agent.server.update(_changed(before, appset)), "updated"
        except ApiError as error:
            what = "creating ApplicationSet" if before is None else "updating ApplicationSets"
            raise ApiError(error.code, error.reason, f"error {what}: {error.message}") from None

    def _check(self, appset: Any) -> None:
        name, project = appset["metadata"]["name"], str(get_path(appset, ("spec", "template", "spec", "project")) or "")
        problem = _TEMPLATED if "{{" in project else unrecognized(appset)
        if problem:
            raise RefusedError("Unknown", f"error validating ApplicationSets: {problem}")
        refused = None
        if not self._may("create", appset):
            refused = self._forbidden("create", appset)
        elif self._agent.server.find(PROJECTS, project, NAMESPACE) is None:
            refused = RefusedError("InvalidArgument", f"ApplicationSet references project {project} which does not exist")
        if refused is not None:
            raise RefusedError(refused.code, f"error checking create permissions for ApplicationSets {name} : {refused}")

    def _generated(self, appset: Any) -> Sequence[Any]:
        try:
            return self._agent.sets.generated(appset)
        except GenerationError as error:
            why = f"error generating applications: {error}"
            raise RefusedError("Unknown", f"unable to generate Applications of ApplicationSet: {why}") from None

    # ------------------------------------------------------------------ files

    def _read(self, file: str) -> Sequence[Any]:
        begin = f"error reading applicationset from file {file}: "
        if file not in self._files:
            why = f"error reading file payload: open {file}: no such file or directory"
            raise FatalError(begin + why, code=GENERIC, mend=nearest(file, self._files) if self._files else "")
        try:
            found = [document.value for document in load_documents(self._files[file], where=file)]
            return [read_set(one, NAMESPACE) for one in found if one is not None]
        except BadInput as error:
            why = f"error unmarshalling appset: error unmarshaling JSON: while decoding JSON: {error.what}"
            raise FatalError(begin + why, code=GENERIC, mend=error.mend) from None

    @staticmethod
    def _named(appset: Any, what: str) -> None:
        if not appset["metadata"].get("name"):
            raise FatalError(f"Error {what}. ApplicationSet does not have Name field set", code=GENERIC)

    # ------------------------------------------------------------------ inside

    def _may(self, action: str, obj: Object) -> bool:
        return self._agent.guard.allows(self._user, "applicationsets", action, _rbac_name(obj))

    def _forbidden(self, action: str, obj: Object) -> RefusedError:
        return RefusedError.forbidden(self._user, "applicationsets", action, _rbac_name(obj))

    def _tell(self, event: str, name: str, text: str) -> None:
        self._agent.trace.add(self._user, event, f"appset/{name}", text, reason="by the argocd CLI", story=True)


def _shown(obj: Object, output: str) -> str:
    return encoded(obj, output) if output != "wide" else appset_page(obj)


def _project(obj: Object) -> str:
    return str(get_path(obj, ("spec", "template", "spec", "project")) or DEFAULT)


def _rbac_name(obj: Object) -> str:
    return rbac.named(_project(obj), obj["metadata"]["namespace"], obj["metadata"]["name"])


def _same(one: Object, other: Object) -> bool:
    return all(
        (get_path(one, path) or None) == (get_path(other, path) or None)
        for path in (("spec",), *(("metadata", part) for part in ("labels", "annotations", "finalizers")))
    )


def _changed(before: Object, appset: Object) -> Any:
    """Labels and annotations are added to, finalizers are replaced."""
    both = {
        "labels": {**labels_of(before), **labels_of(appset)},
        "annotations": {**annotations_of(before), **annotations_of(appset)},
        "finalizers": appset["metadata"].get("finalizers") or [],
    }
    kept = {part: value for part, value in before["metadata"].items() if part not in both}
    return {**before, "metadata": {**kept, **{part: value for part, value in both.items() if value}}, "spec": appset["spec"]}


@cache
def appset_parser() -> Parser:
    parser = Parser(prog="argocd")
    rooms = parser.add_subparsers(dest="room", required=True, parser_class=Parser)
    commands = rooms.add_parser("appset").add_subparsers(dest="command", required=True, parser_class=Parser)

    def command(name: str, use: str = "", outputs: Sequence[str] = ()) -> Parser:
        made: Parser = commands.add_parser(name, use=use)
        made.set_defaults(parser=made)
        if outputs:
            made.add_argument("-o", "--output", choices=outputs, default=outputs[0])
        return made

    found = command("list", outputs=("wide", "name", "json", "yaml"))
    found.add_argument("-l", "--selector", default="")
    found.add_argument("-p", "--project", action="append", default=[])
    command("get", "APPSETNAME", ("wide", "json", "yaml")).add_argument("name")
    create = command("create", "FILE", ("wide", "json", "yaml"))
    create.add_argument("--upsert", action="store_true")
    create.add_argument("--dry-run", action="store_true")
    for made in (create, command("generate", "FILE", ("wide", "json", "yaml"))):
        made.add_argument("file")
    gone = command("delete", "APPSETNAME")
    gone.add_argument("names", nargs="+")
    gone.add_argument("-y", "--yes", action="store_true")
    return parser
