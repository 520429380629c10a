"""What the console's templates say of rows."""

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from apps.core.adminkit import audit_entries
from apps.core.models import AuditEntry

register = template.Library()


@register.filter
def action_said(entry: AuditEntry) -> str:
    """What was done."""
    return gettext(entry.action)


@register.filter
def object_said(entry: AuditEntry) -> SafeString | str:
    """To what."""
    return audit_entries.object_of(entry)


@register.filter
def comparison(entry: AuditEntry) -> SafeString | str:
    """What changed."""
    return audit_entries.comparison(entry)


@register.filter
def details(entry: AuditEntry) -> SafeString | str:
    """What was filled in."""
    return audit_entries.details_of(entry)
