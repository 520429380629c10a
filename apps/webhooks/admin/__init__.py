"""Webhooks in the console."""

from django.utils.translation import gettext_lazy as _

from apps.core.adminkit.menu import menu_entry
from apps.webhooks.admin.deliveries import DeliveryAdmin
from apps.webhooks.admin.endpoints import EndpointAdmin

menu_entry(
    section="server",
    title=_("Webhooks"),
    icon="webhook",
    view="admin:webhooks_endpoint_changelist",
    permission="webhooks.view_endpoint",
)

__all__ = ["DeliveryAdmin", "EndpointAdmin"]
