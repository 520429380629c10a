"""The diary in the admin: to be read, not written."""

from django.contrib import admin

from apps.core.adminkit.scoped import ReadOnlyAdmin
from tests.addon_example.diary.models import Entry


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin):
    """An operator sees the lines of their apps; `app_path` says how a line leads to its app."""

    app_path = "app"
    list_display = ("written_at", "app", "kind", "subject")
    list_select_related = ("app",)
