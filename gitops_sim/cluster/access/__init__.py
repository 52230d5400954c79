"""Who may do what: users and their groups, roles and bindings, tokens, and the questions that can be asked about them.

Source of the rules: k8s.io/kubernetes ``plugin/pkg/auth/authorizer/rbac`` and ``pkg/registry/rbac``.
"""

from gitops_sim.cluster.access.authorizer import Authorizer, Verdict
from gitops_sim.cluster.access.tokens import authenticate
from gitops_sim.cluster.access.users import MASTERS, User, service_account, user_of

__all__ = ["MASTERS", "Authorizer", "User", "Verdict", "authenticate", "service_account", "user_of"]
