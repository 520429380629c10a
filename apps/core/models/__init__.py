"""The tenant, and what belongs to it alone."""

from apps.core.models.answer import Answer
from apps.core.models.app import ApiVersion, App, AppQuerySet, AppSecret, DevicePolicy, WordPolicy
from apps.core.models.audit import AuditedRow, AuditEntry
from apps.core.models.call_window import CallWindow
from apps.core.models.cross_app_grant import CrossAppGrant, CrossAppGrantQuerySet
from apps.core.models.import_run import ImportRun, ImportRunQuerySet
from apps.core.models.job import Job, JobPart, JobState

__all__ = [
    "Answer",
    "ApiVersion",
    "App",
    "AppQuerySet",
    "AppSecret",
    "AuditEntry",
    "AuditedRow",
    "CallWindow",
    "CrossAppGrant",
    "CrossAppGrantQuerySet",
    "DevicePolicy",
    "ImportRun",
    "ImportRunQuerySet",
    "Job",
    "JobPart",
    "JobState",
    "WordPolicy",
]
