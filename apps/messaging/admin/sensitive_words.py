"""Sensitive words: added, tried on a text, removed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminTextareaWidget,
)

from apps.core.adminkit.big_tables import BigTableAdmin
from apps.core.adminkit.filters import AppFilter, chosen_apps
from apps.core.adminkit.form_fields import AppField
from apps.core.adminkit.menu import menu_entry
from apps.core.adminkit.operations import (
    Question,
    ask,
    change_url,
    list_action,
    list_url,
    page_action,
    ticked,
)
from apps.core.adminkit.scope import apps_of
from apps.core.adminkit.scoped import ReadOnlyAdmin
from apps.core.models import App, WordPolicy
from apps.messaging.models import SensitiveWord
from apps.messaging.services.sensitive_words import (
    LONGEST,
    Trial,
    add_words,
    remove_words,
    try_text,
)
from apps.messaging.words import fold

_LARGEST = 1024 * 1024  # bytes of a file of words
_LONGEST_TEXT = 4096  # characters of a text to be tried
_NAMED = 5  # words that are wrong; there may be thousands
_APPS_SHOWN = 5  # above the list
_BETWEEN = re.compile(r"[\n\r\t,，、;；]+")  # noqa: RUF001 typed in Chinese

menu_entry(
    section="log",
    title=_("Sensitive words"),
    icon="spellcheck",
    view="admin:messaging_sensitiveword_changelist",
    permission="messaging.view_sensitiveword",
)


class _OfAnAppForm(forms.Form):
    """A form about one of the operator's apps."""

    app = AppField()

    def __init__(self, *args: Any, apps: list[App], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.apps = {str(app.pk): app for app in apps}
        cast("AppField", self.fields["app"]).offer(apps)


class AddWordsForm(_OfAnAppForm):
    """Words that are typed, pasted, or in a file."""

    words = forms.CharField(
        label=_("Words"),
        required=False,
        max_length=_LARGEST,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 8}),
        help_text=_("One in each line, or with commas between them."),
    )
    file = forms.FileField(
        label=_("File"),
        required=False,
        widget=UnfoldAdminFileFieldWidget,
        help_text=_("A text with a word in each line, in UTF-8 or GB 18030."),
    )

    def clean_file(self) -> str:
        """The text in it."""
        file = self.cleaned_data["file"]
        if not file:
            return ""
        if file.size > _LARGEST:
            raise ValidationError(_("At most 1 MB."))
        content = file.read()
        for encoding in ("utf-8-sig", "gb18030"):
            try:
                return str(content.decode(encoding))
            except UnicodeDecodeError:
                continue
        raise ValidationError(_("This is no text in UTF-8 or GB 18030."))

    def clean(self) -> dict[str, Any]:
        """The words of both, each once, none of them too long or without a letter."""
        given = self.cleaned_data
        typed = f"{given.get('words', '')}\n{given.get('file', '')}"
        words = list(dict.fromkeys(filter(None, map(str.strip, _BETWEEN.split(typed)))))
        if not words and not self.errors:
            self.add_error("words", _("No words: type some, or choose a file."))
        wrong = [word for word in words if len(word) > LONGEST or not fold(word) or "\0" in word]
        if wrong:
            message = _(
                "Not words of 1 to %(longest)d characters with a letter or digit: %(words)s"
            )
            named = [word[: 2 * LONGEST] for word in wrong[:_NAMED]]
            if len(wrong) > _NAMED:
                named.append("…")
            told = {"longest": LONGEST, "words": " ".join(named)}
            self.add_error("words", ValidationError(message, params=told))
        given["words"] = words
        return given


class TryForm(_OfAnAppForm):
    """A text to be looked through."""

    text = forms.CharField(
        label=_("Text"),
        max_length=_LONGEST_TEXT,
        strip=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 5}),
    )


@dataclass(frozen=True)
class _Standing:
    """How an app stands to sensitive words."""

    app: App
    count: int
    address: str


@admin.register(SensitiveWord)
class SensitiveWordAdmin(ReadOnlyAdmin, BigTableAdmin):
    """The words of the operator's apps. What is done about one is a setting of the app."""

    grants = ("view", "add", "delete")
    list_display = ("word", "app", "created_at")
    list_select_related = ("app",)
    list_filter = (AppFilter,)
    list_before_template = "admin/sensitive_words.html"
    search_fields = ("word",)
    search_help_text = _("How a word begins")
    fields = ("word", "app", "created_at")
    actions = ("remove_selected",)
    actions_list = ("add_some", "try_out")
    actions_detail = ("remove",)

    def has_add_some_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may add words."""
        return bool(request.user.has_perm("messaging.add_sensitiveword"))

    def has_remove_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may delete words."""
        return bool(request.user.has_perm("messaging.delete_sensitiveword"))

    def find(self, request: HttpRequest, rows: QuerySet[Any], term: str) -> QuerySet[Any]:
        """By how it begins, however that is written: a range of the unique index."""
        folded = fold(term)
        return rows.filter(folded__startswith=folded) if folded else rows.none()

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Above the list: how the apps stand to their words."""
        standings = [
            _Standing(app, app.sensitive_words.count(), change_url(app))
            for app in chosen_apps(request)[:_APPS_SHOWN]
        ]
        shown: HttpResponse = super().changelist_view(
            request, {**(extra_context or {}), "standings": standings}
        )
        return shown

    @list_action(description=_("Add words"), permission="add_some", icon="add")
    def add_some(self, request: HttpRequest) -> HttpResponse:
        """Add words to an app."""
        apps = apps_of(request)
        question = Question(
            title=_("Add sensitive words"),
            text=_(
                "A word has at most 10 characters. Width, case, accents, punctuation and spaces make "
                "no difference; words that the app has already are passed over."
            ),
            button=_("Add"),
            back=list_url(SensitiveWord),
            form_class=lambda *args, **kwargs: AddWordsForm(*args, apps=apps, **kwargs),
            initial={"app": request.GET.get("app", "")},
        )

        def perform(data: dict[str, Any]) -> str:
            (app,) = (app for app in apps if str(app.pk) == data["app"])
            self._check_room(app, data["words"])
            added = add_words(app=app, words=data["words"], pass_over_known=True)
            self.noted(request, app)
            return ngettext("%(count)d word added.", "%(count)d words added.", added) % {
                "count": added
            }

        return ask(self, request, question, perform)

    def _check_room(self, app: App, words: list[str]) -> None:
        """In the operator's language, what the service would refuse in English."""
        folded = {fold(word) for word in words}
        known = app.sensitive_words.filter(folded__in=folded).count()
        room = max(0, app.max_sensitive_words - app.sensitive_words.count())
        new = len(folded) - known
        if new > room:
            message = _("The app has room for %(room)d more words; these are %(new)d.")
            raise ValidationError(message, params={"room": room, "new": new})

    @list_action(description=_("Try a text"), permission="view", icon="troubleshoot")
    def try_out(self, request: HttpRequest) -> HttpResponse:
        """Show what is found in a text, and what would become of it. Nothing is stored."""
        apps = apps_of(request)
        asked = request.method == "POST"
        form = TryForm(
            request.POST if asked else None, apps=apps, initial={"app": request.GET.get("app", "")}
        )
        request.current_app = self.admin_site.name
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Try a text"),
            "opts": self.opts,
            "form": form,
            "media": self.media + form.media,
            "back": list_url(SensitiveWord),
        }
        if asked and form.is_valid():
            app = form.apps[form.cleaned_data["app"]]
            text = form.cleaned_data["text"]
            trial = try_text(app=app, text=text)
            context |= {
                "tried": True,
                "app": app,
                "words": list(dict.fromkeys(hit.word for hit in trial.hits)),
                "pieces": list(pieces(text, trial)),
                "masked": trial.masked,
                "masks": app.word_policy == WordPolicy.MASK,
            }
        return TemplateResponse(request, "admin/try_text.html", context)

    @page_action(
        description=_("Remove"), permission="remove", icon="delete", variant=ActionVariant.DANGER
    )
    def remove(self, request: HttpRequest, word: SensitiveWord) -> HttpResponse:
        """Remove one word."""
        return self._ask(request, [word], {})

    @admin.action(description=_("Remove words"), permissions=["remove"])
    def remove_selected(self, request: HttpRequest, words: QuerySet[SensitiveWord]) -> HttpResponse:
        """Remove these words."""
        chosen = list(words.select_related("app"))
        return self._ask(request, chosen, ticked("remove_selected", chosen))

    def _ask(
        self, request: HttpRequest, words: list[SensitiveWord], hidden: dict[str, list[str]]
    ) -> HttpResponse:
        question = Question(
            title=_("Remove sensitive words"),
            text=_("Messages are no longer looked through for them."),
            button=_("Remove"),
            back=list_url(SensitiveWord),
            danger=True,
            about=words,
            hidden=hidden,
        )

        def perform(data: dict[str, Any]) -> str:
            removed = 0
            with transaction.atomic():
                for app in sorted({word.app for word in words}, key=lambda app: app.pk):
                    ids = [word.pk for word in words if word.app == app]
                    removed += remove_words(app=app, ids=ids)
            return ngettext("%(count)d word removed.", "%(count)d words removed.", removed) % {
                "count": removed
            }

        return ask(self, request, question, perform)


def pieces(text: str, trial: Trial) -> Iterable[tuple[str, bool]]:
    """The text in pieces, each with whether it belongs to a word."""
    found = {place for hit in trial.hits for place in hit.places}
    start = 0
    for place in range(1, len(text) + 1):
        if place == len(text) or (place in found) != (start in found):
            yield text[start:place], start in found
            start = place
