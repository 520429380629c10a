"""The admin of apps and their secrets, of grants between apps, of jobs and of the audit."""

from __future__ import annotations

from apps.core.admin.apps import AppAdmin
from apps.core.admin.audit import AuditEntryAdmin
from apps.core.admin.cross_app_grants import CrossAppGrantAdmin
from apps.core.admin.jobs import JobAdmin
from apps.core.admin.secrets import AppSecretAdmin

__all__ = ["AppAdmin", "AppSecretAdmin", "AuditEntryAdmin", "CrossAppGrantAdmin", "JobAdmin"]
