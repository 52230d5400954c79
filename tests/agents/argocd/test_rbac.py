"""Who may ask Argo CD for what."""

from __future__ import annotations

import pytest

from gitops_sim.agents.argocd.rbac import PolicyError, read_policy
from tests.agents.argocd.test_projects import project
from tests.agents.lab import Lab, application, config_map

POLICY = """\
# developers look everywhere, and sync what is theirs
p, role:developer, applications, get, */*, allow
p, role:developer, applications, sync, team-a/*, allow
p, role:developer, applications, sync, team-a/billing, deny
g, developers, role:developer
g, ben, role:developer
g, ana, role:admin
"""


def config(policy: str = POLICY, **more: str) -> dict[str, object]:
    name = {"name": "argocd-rbac-cm", "namespace": "argocd"}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": name, "data": {"policy.csv": policy, **more}}


@pytest.mark.parametrize(
    ("asked", "allowed"),
    [
        (("ana", "applications", "delete", "team-b/web"), True),
        (("ana", "clusters", "get", "https://x"), True),  # an admin is a reader, too
        (("ben", "applications", "get", "team-b/web"), True),
        (("ben", "applications", "sync", "team-a/web"), True),
        (("ben", "applications", "sync", "team-b/web"), False),
        (("ben", "applications", "sync", "team-a/billing"), False),  # a deny beats the allow
        (("eve", "applications", "get", "team-a/web"), False),
        (("developers", "applications", "sync", "team-a/web"), True),
        (("admin", "projects", "update", "default"), True),
    ],
)
def test_a_policy(asked: tuple[str, str, str, str], allowed: bool) -> None:
    assert read_policy(POLICY).allows(*asked) is allowed


def test_a_deny_takes_nothing_away_that_the_default_role_grants() -> None:
    denied = "p, ben, applications, get, team-a/*, deny\n"
    assert not read_policy(denied + "p, ben, applications, get, */*, allow").allows("ben", "applications", "get", "team-a/web")
    assert read_policy(denied, default="role:readonly").allows("ben", "applications", "get", "team-a/web")


def test_patterns_may_be_regular_expressions() -> None:
    rule = "p, ben, applications, get, ^team-[ab]/.*$, allow"
    assert read_policy(rule, regex=True).allows("ben", "applications", "get", "team-b/web")
    assert not read_policy(rule, regex=True).allows("ben", "applications", "get", "team-c/web")
    assert not read_policy(rule).allows("ben", "applications", "get", "team-b/web")


@pytest.mark.parametrize("line", ["p, ben, applications, get, */*", "g, ben", "x, a, b"])
def test_a_line_that_is_no_policy(line: str) -> None:
    with pytest.raises(PolicyError) as found:
        read_policy(line)
    assert str(found.value) == f"invalid RBAC policy: {line}"


def guarded(lab: Lab, **more: str) -> None:
    lab.repo({"manifests/a.yaml": config_map()})
    lab.cluster.create(config(**more))
    lab.cluster.create(project())
    lab.add(application("web", project="team-a"))
    lab.add(application("other"))


def test_without_a_policy_everybody_may_do_everything(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map()})
    lab.add(application())
    assert lab.cli("app sync web", user="eve").exit == 0


def test_a_sync_that_is_not_allowed_says_so_in_the_real_words(lab: Lab) -> None:
    guarded(lab)
    assert lab.cli("app sync web", user="ben").exit == 0
    output = lab.cli("app sync other", user="ben")
    assert output.exit == 20
    why = "permission denied: applications, sync, default/other, sub: ben, iat: 2026-01-05T09:00:00Z"
    assert f"rpc error: code = PermissionDenied desc = {why}" in output.stderr
    assert "permission denied: applications, delete, team-a/web, sub: ben" in lab.cli("app delete web --yes", user="ben").stderr


def test_who_may_not_even_look_does_not_learn_whether_it_is_there(lab: Lab) -> None:
    guarded(lab)
    for command in ("app get web", "app get nothing", "app set web --revision x"):
        output = lab.cli(command, user="eve")
        assert output.stderr.count('"rpc error: code = PermissionDenied desc = permission denied"') == 1
    assert lab.cli("app set web --revision x", user="ben").exit == 20  # he may look, not change
    assert lab.cli("app rollback web", user="eve").exit == 20
    assert "web" in str(lab.cli("app list", user="ben"))
    assert "web" not in str(lab.cli("app list", user="eve"))
    assert lab.cli("proj list -o name", user="eve").stdout == ""
    assert "permission denied: projects, get, team-a, sub: eve" in lab.cli("proj get team-a", user="eve").stderr


def test_the_dashboard_is_held_to_the_same_policy(lab: Lab) -> None:
    guarded(lab)
    assert lab.dashboard("ben").click("sync web").exit == 0
    refused = lab.dashboard("ben").click("sync other")
    assert (refused.exit, "permission denied: applications, sync, default/other" in refused.stderr) == (1, True)


def test_groups_have_roles(lab: Lab) -> None:
    lab.cluster.people = {"eve": ("developers",)}
    guarded(lab)
    assert lab.cli("app sync web", user="eve").exit == 0
    assert lab.cli("app sync other", user="eve").exit == 20


def test_a_project_has_roles_of_its_own(lab: Lab) -> None:
    guarded(lab)
    policies = ["p, proj:team-a:ci, applications, sync, team-a/*, allow", "p, proj:team-a:ci, applications, get, team-a/*, allow"]
    role = {"name": "ci", "policies": policies, "groups": ["robots"]}
    lab.cluster.patch("appproj", "team-a", "argocd", {"spec": {"roles": [role]}}, type="merge")
    assert lab.cli("app sync web", user="proj:team-a:ci").exit == 0
    assert lab.cli("app get other", user="proj:team-a:ci").exit == 20
    assert lab.cli("proj get team-a", user="proj:team-a:ci").exit == 0
    lab.cluster.people = {"r2": ("robots",)}
    assert lab.cli("app sync web", user="r2").exit == 0


def test_argocd_account_can_i(lab: Lab) -> None:
    guarded(lab, **{"policy.default": "role:readonly"})

    def can(user: str, words: str) -> str:
        return str(lab.cli(f"account can-i {words}", user=user))

    assert can("ben", "sync applications team-a/web") == "yes"
    assert can("ben", "sync applications default/web") == "no"
    assert can("ben", "rollback applications team-a/web") == "yes"  # rolling back is syncing, as long as nobody says otherwise
    assert can("eve", "get clusters '*'") == "yes"
    assert can("eve", "create clusters '*'") == "no"
    wrong = lab.cli("account can-i dance applications x", user="ben")
    assert wrong.exit == 20
    assert "[get create update delete sync rollback override action invoke] does not contain dance" in wrong.stderr
