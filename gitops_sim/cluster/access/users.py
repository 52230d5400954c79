"""Users and their groups: a name, and what whoever vouches for the name adds to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

MASTERS = "system:masters"
AUTHENTICATED = "system:authenticated"
UNAUTHENTICATED = "system:unauthenticated"
ANONYMOUS = "system:anonymous"
_ACCOUNT = "system:serviceaccount:"


@dataclass(frozen=True, slots=True)
class User:
    """Who asks. ``all_powerful``: no rule is ever looked at for members of ``system:masters``."""

    name: str
    groups: tuple[str, ...] = ()
    uid: str = field(default="", compare=False)
    credential: str = field(default="", compare=False)
    """The id of the token that was shown, where there is one."""

    @property
    def all_powerful(self) -> bool:
        return MASTERS in self.groups

    @property
    def account(self) -> tuple[str, str] | None:
        """Namespace and name of a ServiceAccount; None for anybody else."""
        return service_account(self.name)


def service_account(user: str) -> tuple[str, str] | None:
    """The ServiceAccount that ``system:serviceaccount:NAMESPACE:NAME`` names; None for any other user."""
    namespace, _, name = user.removeprefix(_ACCOUNT).partition(":")
    return (namespace, name) if user.startswith(_ACCOUNT) and namespace and name and ":" not in name else None


def user_of(name: str, groups: Iterable[str] = ()) -> User:
    """The user with the groups that the API server adds by itself: those of a ServiceAccount, and that of all who are known."""
    given = list(groups)
    account = service_account(name)
    if account and not given:
        given = ["system:serviceaccounts", f"system:serviceaccounts:{account[0]}"]
    if name == ANONYMOUS:
        given.append(UNAUTHENTICATED)
    elif AUTHENTICATED not in given:
        given.append(AUTHENTICATED)
    return User(name, tuple(dict.fromkeys(given)))
