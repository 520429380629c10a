"""The admin of apps and their secrets, and of the audit."""

from __future__ import annotations

from apps.core.admin.apps import AppAdmin, AppSecretAdmin
from apps.core.admin.audit import AuditEntryAdmin

__all__ = ["AppAdmin", "AppSecretAdmin", "AuditEntryAdmin"]
