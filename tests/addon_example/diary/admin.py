"""The diary in the admin: to be read, not written."""

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from tests.addon_example.diary.models import Entry


@admin.register(Entry)
class EntryAdmin(ModelAdmin):
    list_display = ("written_at", "app", "kind", "subject")
    list_filter = ("kind",)
    list_select_related = ("app",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Entry | None = None) -> bool:
        return False
