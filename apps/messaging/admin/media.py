"""Media: what was uploaded, by whom, how much of it; images shown for a reason; removed."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_noop, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant

from apps.accounts.models import User
from apps.core.adminkit.audited import note
from apps.core.adminkit.badges import badge
from apps.core.adminkit.big_tables import BigTableAdmin
from apps.core.adminkit.filters import AppFilter, ChoiceFilter, DaysFilter, chosen_apps
from apps.core.adminkit.menu import menu_entry
from apps.core.adminkit.numbers import COUNTED, Number, about, planned_rows, size_of
from apps.core.adminkit.operations import (
    Question,
    ask,
    change_url,
    link,
    list_action,
    list_url,
    page_action,
    ticked,
)
from apps.core.adminkit.panels import Panel, panel
from apps.core.adminkit.scoped import ReadOnlyAdmin
from apps.core.models import App
from apps.messaging.admin.bodies import may_read
from apps.messaging.admin.reasons import REASON, Why, ask_why, reason_given
from apps.messaging.models import Media, MediaKind
from apps.messaging.services.media import link_token
from apps.messaging.services.media_purge import remove_media

_MEASURED = 5  # apps above the list
LOOKED = gettext_noop("Looked at media files")
FIRST = gettext_noop("First file")
LAST = gettext_noop("Last file")
_WHY = _(
    "These files are of people who do not know that you look at them. Say why you need to: the app's "
    "files are then open to you for %(minutes)d minutes, and each page of images and each file you look at "
    "is noted."
)

menu_entry(
    section="log",
    title=_("Media files"),
    icon="image",
    view="admin:messaging_media_changelist",
    permission="messaging.view_media",
)


class MediaKindFilter(ChoiceFilter):
    """One kind."""

    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Each."""
        return list(MediaKind.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Those of the kind."""
        kind = self.value()
        return queryset.filter(kind=kind) if kind in MediaKind.values else queryset


class UploadedFilter(DaysFilter):
    """Uploaded from a day to a day."""

    title = _("day of upload")
    field = "created_at"


@admin.register(Media)
class MediaAdmin(ReadOnlyAdmin, BigTableAdmin):
    """What was uploaded to the operator's apps."""

    grants = ("view", "delete")
    list_display = ("name", "app", "kind", "bytes", "by", "created_at")
    list_display_links = ("name",)
    list_select_related = ("app",)
    list_filter = (AppFilter, MediaKindFilter, UploadedFilter)
    by_days = UploadedFilter
    list_before_template = "admin/messaging/media/totals.html"
    search_fields = ("uploader",)
    search_help_text = _("Username of the uploader, or a media id")
    fieldsets = (
        (None, {"fields": ("name", "media_id", "app", "kind", "bytes", "by")}),
        (_("Found in its bytes"), {"fields": ("content_type", "format", "measures", "sha256")}),
        (_("Record"), {"fields": ("created_at", "seen_at")}),
    )
    actions = ("remove_selected",)
    actions_list = ("show_images",)
    actions_detail = ("look", "remove")

    def has_remove_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may delete media."""
        return bool(request.user.has_perm("messaging.delete_media"))

    def has_look_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may read what was said."""
        return may_read(request)

    def find(self, request: HttpRequest, rows: QuerySet[Any], term: str) -> QuerySet[Any]:
        """By the uploader's name of then, exactly, or by the id."""
        return rows.filter(**{"media_id" if term.startswith("qiniu/") else "uploader": term})

    # Looking at what they are

    def get_list_display(self, request: HttpRequest) -> list[str]:
        """With the images, where a reason was given for the one app that the list shows."""
        columns = super().get_list_display(request)
        return ["preview", *columns] if _opened(request) is not None else columns

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """With the sizes of the apps. A page that shows images is noted."""
        totals = {"totals": totals_of(chosen_apps(request)[:_MEASURED])}
        response = super().changelist_view(request, {**(extra_context or {}), **totals})
        opened = _opened(request)
        if opened is not None and isinstance(response, TemplateResponse):
            app, reason = opened
            rows = (response.context_data or {})["cl"].result_list
            if rows:
                told = {REASON: reason, FIRST: rows[0].media_id, LAST: rows[-1].media_id}
                note(request, LOOKED, app, details=told)
        return response  # type: ignore[no-any-return]  # the base is untyped

    @list_action(description=_("Show images"), permission="look", icon="visibility")
    def show_images(self, request: HttpRequest) -> HttpResponse:
        """Ask why, and show the images of one app in its list."""
        apps = chosen_apps(request)
        if len(apps) != 1:
            return TemplateResponse(
                request,
                "admin/messaging/media/which.html",
                {
                    **self.admin_site.each_context(request),
                    "title": gettext("Show images"),
                    "opts": self.opts,
                    "apps": [(app, f"{request.path}?app={app.pk}") for app in apps],
                },
            )
        way_on = f"{list_url(Media)}?app={apps[0].pk}"
        if _reason(request, apps[0].pk) is not None:
            return redirect(way_on)
        why = Why(
            key=_key(apps[0].pk),
            title=_("Show images"),
            text=_WHY,
            button=_("Show them"),
            about=apps[0],
            back=way_on,
            way_on=way_on,
        )
        return ask_why(self, request, why)

    @page_action(description=_("Look at it"), permission="look", icon="visibility")
    def look(self, request: HttpRequest, media: Media) -> HttpResponse:
        """Ask why, and go to the file."""
        reason = _reason(request, media.app_id)
        if reason is not None:
            note(request, LOOKED, media, details={REASON: reason})
            return redirect("media", token=link_token(media))
        why = Why(
            key=_key(media.app_id),
            title=_("Look at the file"),
            text=_WHY,
            button=_("Look at it"),
            about=media,
            back=change_url(media),
        )
        return ask_why(self, request, why)

    @admin.display(description=_("image"))
    def preview(self, media: Media) -> SafeString | str:
        """The image, small; an icon for what is none."""
        if media.kind != MediaKind.IMAGE:
            icon = "mic" if media.kind == MediaKind.VOICE else "description"
            return format_html(
                '<span class="material-symbols-outlined text-subtle" aria-hidden="true">{}</span>',
                icon,
            )
        return format_html(
            '<img src="{}" alt="" loading="lazy" decoding="async" width="48" height="48" class="im-preview">',
            reverse("media", args=[link_token(media)]),
        )

    # Removing

    @page_action(
        description=_("Remove"), permission="remove", icon="delete", variant=ActionVariant.DANGER
    )
    def remove(self, request: HttpRequest, media: Media) -> HttpResponse:
        """Remove one."""
        return self._ask_remove(request, [media])

    @admin.action(description=_("Remove selected files"), permissions=["remove"])
    def remove_selected(self, request: HttpRequest, found: QuerySet[Any]) -> HttpResponse:
        """Remove these."""
        chosen = list(found.select_related("app"))
        return self._ask_remove(request, chosen, hidden=ticked("remove_selected", chosen))

    def _ask_remove(
        self, request: HttpRequest, found: list[Media], *, hidden: Any = None
    ) -> HttpResponse:
        question = Question(
            title=_("Remove media files"),
            text=_(
                "This can't be undone. Messages and profiles that refer to them stay, but what they show is "
                "gone: links answer that the file was removed."
            ),
            button=_("Remove"),
            back=list_url(Media),
            danger=True,
            about=found,
            hidden=hidden or {},
        )

        def perform(data: dict[str, Any]) -> str:
            with transaction.atomic():
                for media in sorted(found, key=lambda media: media.stored_as):
                    remove_media(app=media.app, media=media)
            text = ngettext("%(count)d file removed.", "%(count)d files removed.", len(found))
            return text % {"count": len(found)}

        return ask(self, request, question, perform)

    @admin.display(description=_("file name"))
    def name(self, media: Media) -> str:
        """What it was called; else its id."""
        return media.file_name or media.media_id

    @admin.display(description=_("size"))
    def bytes(self, media: Media) -> str:
        """In a unit that suits."""
        return size_of(media.size)

    @admin.display(description=_("uploader"))
    def by(self, media: Media) -> SafeString | str:
        """Whoever came first with it."""
        return media.uploader or badge(_("the app"))

    @admin.display(description=_("width and height"))
    def measures(self, media: Media) -> str:
        """Of an image."""
        if media.width is None or media.height is None:
            return "-"
        return f"{media.width} × {media.height}"  # noqa: RUF001 a multiplication sign

    @admin.display(description="SHA-256")
    def sha256(self, media: Media) -> str:
        """Of its bytes."""
        return media.sha256


def _key(app_id: int) -> str:
    return f"media of {app_id}"


def _reason(request: HttpRequest, app_id: int) -> str | None:
    return reason_given(request, _key(app_id)) if may_read(request) else None


def _opened(request: HttpRequest) -> tuple[App, str] | None:
    """The one app that the list shows and whose files are open to the operator, and the reason."""
    apps = chosen_apps(request)
    reason = _reason(request, apps[0].pk) if len(apps) == 1 else None
    return None if reason is None else (apps[0], reason)


def totals_of(apps: list[App]) -> list[tuple[App, Number, str]]:
    """How many files each app has, and their size: of many, by the average of the newest."""
    measured = Media.objects.measured(apps, at_most=COUNTED)  # tenant-free: of these apps
    totals = []
    for app in apps:
        number, size = measured[app.pk]
        if number <= COUNTED:
            totals.append((app, Number(number, exact=True), size_of(size)))
            continue
        many = Number(max(about(planned_rows(app.media.all())), COUNTED), exact=False)
        estimate = size_of(size * many.value // number)
        totals.append((app, many, gettext("about %(number)s") % {"number": estimate}))
    return totals


@panel(App, place=40)
def media_of_app(request: HttpRequest, app: App) -> Panel | None:
    """How much the app has uploaded."""
    if not request.user.has_perm("messaging.view_media"):
        return None
    ((_app, number, size),) = totals_of([app])
    return Panel(
        title=_("Media files"),
        headers=[_("files"), _("size")],
        rows=[[link(f"{list_url(Media)}?app={app.pk}", number), size]],
        empty="",
    )


@panel(User, place=80)
def media_of_user(request: HttpRequest, user: User) -> Panel | None:
    """What the user has uploaded last."""
    if not request.user.has_perm("messaging.view_media"):
        return None
    found = user.app.media.filter(uploader=user.username).order_by("-pk")[:10]
    return Panel(
        title=_("Media files"),
        headers=[_("uploaded at"), _("file name"), _("kind"), _("size")],
        rows=[
            [
                media.created_at,
                link(change_url(media), media.file_name or media.media_id),
                media.get_kind_display(),
                size_of(media.size),
            ]
            for media in found
        ],
        empty=_("The user has uploaded nothing."),
        more=f"{list_url(Media)}?app={user.app_id}&q={user.username}",
    )
