"""The pages of groups and of chatrooms, where they are alike: found, filled, handed on, dissolved."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant

from apps.core import errors
from apps.core.adminkit.badges import badge
from apps.core.adminkit.big_tables import BigTableAdmin
from apps.core.adminkit.filters import ChoiceFilter, is_number
from apps.core.adminkit.numbers import Number, number_of
from apps.core.adminkit.operations import NoQuestions, Question, ask, change_url, page_action
from apps.core.adminkit.row_search import rows_found
from apps.core.adminkit.scoped import AnyModelForm
from apps.core.errors import ErrorCode
from apps.core.models import App
from apps.groups.admin.forms import NewMembersForm, NewOwnerForm
from apps.groups.admin.gatherings import Gathering, heirs_of

_NAMED = 20  # of those who can't be added
_BARRED: Mapping[ErrorCode, Any] = {
    errors.NO_SUCH_USER: _("There is no such user."),
    errors.ALREADY_MEMBER: _("Is a member already."),
    errors.TOO_MANY_GROUPS: _("Is in as many groups as the app allows."),
    errors.TOO_MANY_CHATROOMS: _("Is in as many chatrooms as the server allows."),
}


class StandingFilter(ChoiceFilter):
    """Standing or dissolved."""

    title = _("status")
    parameter_name = "state"

    def __init__(
        self, request: HttpRequest, params: dict[str, Any], model: type[Model], model_admin: Any
    ) -> None:
        self.ended: str = model_admin.gathering.ended
        super().__init__(request, params, model, model_admin)

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Either."""
        return [("standing", _("active")), ("dissolved", _("dissolved"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Those in that state."""
        if self.value() not in ("standing", "dissolved"):
            return queryset
        return queryset.filter(**{f"{self.ended}__isnull": self.value() == "standing"})


class GatheringAdmin(BigTableAdmin):
    """Groups, or chatrooms, of the operator's apps. A dissolved one is there to be read."""

    gathering: ClassVar[Gathering]
    add_form: ClassVar[type[AnyModelForm]]

    grants = ("view", "add", "change", "delete")
    list_select_related = ("app", "owner")
    search_fields = ("name",)
    found_by = "name"
    actions_detail = ("add_members", "transfer", "dissolve")

    def get_urls(self) -> list[Any]:
        """With that of the search for a new owner."""
        view = self.admin_site.admin_view(self.heirs_view)
        name = f"{self.opts.app_label}_{self.opts.model_name}_heirs"
        return [path("<path:object_id>/heirs/", view, name=name), *super().get_urls()]

    def stands(self, row: Any) -> bool:
        """Whether it is not dissolved."""
        return getattr(row, self.gathering.ended) is None

    def suggestible(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Nothing is done any more to what is dissolved."""
        return rows.filter(**{f"{self.gathering.ended}__isnull": True})

    def named_by_hand(self, row: Any) -> tuple[str, str]:
        """The number; the name beside it."""
        return str(row.pk), row.name

    def size(self, row: Any) -> Number:
        """How many are in it."""
        return number_of(row.members.all())

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing changes in what is dissolved."""
        if isinstance(obj, self.model) and not self.stands(obj):
            return False
        return bool(super().has_change_permission(request, obj))

    def has_dissolve_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may delete one: nothing more can be done to it."""
        return bool(request.user.has_perm(f"groups.delete_{self.opts.model_name}"))

    def has_add_members_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may add members."""
        return bool(request.user.has_perm(f"groups.add_{self.opts.model_name}member"))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Sequence[str]:
        """Much is given once, or changes in ways of its own."""
        return tuple(self.readonly_fields) if obj is not None else ()

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[AnyModelForm]:
        """A new one has people."""
        if obj is None:
            kwargs["form"] = self.add_form
        form: type[AnyModelForm] = super().get_form(request, obj, change=change, **kwargs)
        return form

    def find(self, request: HttpRequest, rows: QuerySet[Any], term: str) -> QuerySet[Any]:
        """By the beginning of the name, a range of an index; or by number."""
        named = super().find(request, rows, term)
        return named | rows.filter(pk=int(term)) if is_number(term) else named

    @admin.display(description=_("number"))
    def number(self, row: Any) -> str:
        """As the API names it."""
        return str(row.pk)

    @admin.display(description=_("status"))
    def status(self, row: Any) -> SafeString:
        """Whether it stands."""
        return badge(_("active"), "success") if self.stands(row) else badge(_("dissolved"))

    def senseless(self, row: Any) -> set[str]:
        """Nothing makes sense for what is dissolved."""
        return set() if self.stands(row) else set(self.actions_detail)

    @page_action(
        description=_("Add members"),
        permission="add_members",
        icon="group_add",
        variant=ActionVariant.PRIMARY,
    )
    def add_members(self, request: HttpRequest, row: Any) -> HttpResponse:
        """Let users join, of the app or of one that it may operate on."""
        apps = {str(app.pk): app for app in App.objects.reached_by(row.app)}

        def perform(data: dict[str, Any]) -> str:
            of = apps[data.get("app") or str(row.app_id)]
            barred = self.gathering.barred(row, of, data["usernames"])
            coming = [name for name in data["usernames"] if name not in barred]
            if barred and not (coming and data["pass_over"]):
                raise ValidationError({"usernames": _complaints(barred)})
            self.gathering.let_in(row, of, coming)
            self.noted(request, row, self.gathering.members_name)
            return _added(len(coming), barred)

        return self._ask(
            request,
            row,
            perform,
            title=_("Add members"),
            text=self.gathering.words.adding,
            button=_("Add"),
            form_class=partial(
                NewMembersForm, apps=apps, own=row.app, at_most=self.gathering.at_once
            ),
        )

    @page_action(description=_("Transfer"), permission="change", icon="swap_horiz")
    def transfer(self, request: HttpRequest, row: Any) -> HttpResponse:
        """Make another member the owner."""
        url = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_heirs", args=[row.pk])

        def perform(data: dict[str, Any]) -> str:
            self.gathering.hand_over(row, data["member"].user)
            self.noted(request, row, "owner")
            return str(self.gathering.words.transferred)

        return self._ask(
            request,
            row,
            perform,
            title=self.gathering.words.transfer,
            text=_("Another member becomes the owner. The owner before stays a member."),
            button=_("Transfer"),
            form_class=partial(NewOwnerForm, members=heirs_of(row), url=url, told=told_of(row)),
        )

    def heirs_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Answer the search for a new owner: members whose name begins with what was typed."""
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        if not self.has_change_permission(request, row):
            raise PermissionDenied
        return rows_found(request, heirs_of(row), lookup="user__username", told=told_of(row))

    @page_action(
        description=_("Dissolve"),
        permission="dissolve",
        icon="group_off",
        variant=ActionVariant.DANGER,
    )
    def dissolve(self, request: HttpRequest, row: Any) -> HttpResponse:
        """End it for good."""

        def perform(data: dict[str, Any]) -> str:
            self.gathering.end(row)
            self.noted(request, row, "dissolved at")
            return str(self.gathering.words.dissolved)

        count = gettext("Members: %(count)s.") % {"count": self.size(row)}
        return self._ask(
            request,
            row,
            perform,
            title=self.gathering.words.dissolve,
            text=f"{self.gathering.words.dissolving} {count}",
            button=_("Dissolve"),
            danger=True,
        )

    def _ask(
        self, request: HttpRequest, row: Any, perform: Callable[[dict[str, Any]], str], **more: Any
    ) -> HttpResponse:
        """Ask about one row, and go back to it."""
        more.setdefault("form_class", NoQuestions)
        question = Question(back=change_url(row), about=[row], **more)
        return ask(self, request, question, perform)


def told_of(row: Any) -> Callable[[Any], str]:
    """How a member of it is told: with the nickname, and the app where there are several."""

    def told(member: Any) -> str:
        user = member.user
        name = f"{user.username} ({user.nickname})" if user.nickname else user.username
        return f"{name} – {user.app.name}" if user.app_id != row.app_id else name  # noqa: RUF001

    return told


def _complaints(barred: Mapping[str, ErrorCode]) -> list[str]:
    """A line for each who can't be added, up to as many as one reads."""
    return _first([f"{name}: {_BARRED[code]}" for name, code in barred.items()])


def _added(count: int, barred: Iterable[str]) -> str:
    told = ngettext("%(count)d member added.", "%(count)d members added.", count)
    said = told % {"count": count}
    if names := ", ".join(_first(list(barred))):
        said = f"{said} {gettext('Passed over: %(names)s.') % {'names': names}}"
    return said


def _first(lines: list[str]) -> list[str]:
    more = len(lines) - _NAMED
    if more <= 0:
        return lines
    told = ngettext("and %(count)d more", "and %(count)d more", more) % {"count": more}
    return [*lines[:_NAMED], told]
