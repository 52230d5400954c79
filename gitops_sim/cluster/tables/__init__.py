"""Tables: how the API server prints objects when a client asks for ``as=Table``. The one printer behind ``kubectl get``."""

from gitops_sim.cluster.tables.common import format_labels, format_selector
from gitops_sim.cluster.tables.resources import node_roles
from gitops_sim.cluster.tables.table import Column, Row, Table, make_table, scale_table

__all__ = ["Column", "Row", "Table", "format_labels", "format_selector", "make_table", "node_roles", "scale_table"]
