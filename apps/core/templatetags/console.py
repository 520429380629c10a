"""What the console's templates say of rows and of pages."""

from typing import Any

from django import template
from django.utils.formats import number_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from apps.core.adminkit import audit_entries
from apps.core.adminkit.crumbs import back_of, crumbs_of
from apps.core.models import AuditEntry

register = template.Library()


@register.filter
def grouped(number: int) -> str:
    """The number in the reader's language, with separators."""
    return number_format(number, force_grouping=True)


@register.filter
def actor_said(entry: AuditEntry) -> str:
    """Who did it."""
    return audit_entries.actor_of_entry(entry)


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


@register.simple_tag(takes_context=True)
def crumbs(context: template.RequestContext) -> dict[str, Any]:
    """Where the page is, and the way back from it."""
    told: dict[Any, Any] = context.flatten()
    trail = crumbs_of(context["request"], told)
    return {"crumbs": trail, "back": back_of(told, trail)}
