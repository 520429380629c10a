"""The admin of apps and their secrets, of jobs and of the audit."""

from __future__ import annotations

from apps.core.admin.apps import AppAdmin, AppSecretAdmin
from apps.core.admin.audit import AuditEntryAdmin
from apps.core.admin.jobs import JobAdmin

__all__ = ["AppAdmin", "AppSecretAdmin", "AuditEntryAdmin", "JobAdmin"]
