"""The admin's Django app."""

from __future__ import annotations

from django.contrib.admin.apps import AdminConfig


class ConsoleAdminConfig(AdminConfig):
    """Django's admin on our own site."""

    default_site = "apps.core.adminkit.site.ConsoleSite"
