"""Who may do what, and what was done: the one way in for whoever acts, and the chain that tells of it."""

from process_manager.governance.acts import Acted, Requested, acting, acting_on_each
from process_manager.governance.audit_rows import ActResult
from process_manager.governance.policies import Policies

__all__ = ["ActResult", "Acted", "Policies", "Requested", "acting", "acting_on_each"]
