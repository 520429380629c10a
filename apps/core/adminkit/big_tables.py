"""Lists of tables that grow without bound: users, groups, members, messages.

No page counts rows or skips them. A page is found by the key of the row before it (keyset paging), so the
last one costs what the first does; how many rows there are is the planner's estimate. The rows of several
apps are merged from one short index scan for each, since an index that begins with the app has an order only
within it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.admin.views.main import ERROR_FLAG, SEARCH_VAR
from django.core.exceptions import PermissionDenied
from django.core.paginator import EmptyPage, Page, Paginator
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.functional import Promise
from django.utils.translation import gettext
from unfold.views import ChangeList

from apps.core.adminkit.filters import DaysFilter, chosen_apps, is_number
from apps.core.adminkit.numbers import about, planned_rows
from apps.core.adminkit.operations import change_url
from apps.core.adminkit.scoped import ScopedAdmin
from apps.core.adminkit.suggestions import suggested
from apps.core.adminkit.wholes import Link, WholeAction, links_of, may_take_whole, take_whole

OLDER, NEWER = "older_than", "newer_than"
_MOST_MERGED = 100  # apps; for more, the table is read in the order of its primary key
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LARGEST = 2**63 - 1
_MOST_PAGES = 50  # of autocomplete: whoever wants more types more

Key = tuple[Any, ...]


def key_of(row: Model, fields: Sequence[str]) -> Key:
    """The row's place in a list ordered by those fields."""
    return tuple(getattr(row, name) for name in fields)


def write_key(key: Key) -> str:
    """A key for the address of a page: times in microseconds since 1970, texts in hexadecimal digits."""
    return "_".join(_write_part(part) for part in key)


def _write_part(part: Any) -> str:
    if isinstance(part, str):
        return part.encode().hex()
    return str((part - _EPOCH) // _MICROSECOND if isinstance(part, datetime) else int(part))


def read_key(text: str, fields: Sequence[str], texts: Sequence[str] = ()) -> Key | None:
    """The key that was written so; None for anything else."""
    parts = text.split("_")
    if len(parts) != len(fields):
        return None
    try:
        return tuple(
            _read_text(part) if name in texts else _read_number(part, name)
            for name, part in zip(fields, parts, strict=True)
        )
    except (ValueError, OverflowError):
        return None


def _read_text(part: str) -> str:
    """Raises ValueError for what is no text that PostgreSQL can hold."""
    text = bytes.fromhex(part).decode()
    if "\0" in text:
        raise ValueError(part)
    return text


def _read_number(part: str, name: str) -> Any:
    """Raises ValueError for what is no number, OverflowError for a time that no calendar has."""
    if not is_number(part):
        raise ValueError(part)
    return _EPOCH + int(part) * _MICROSECOND if name.endswith("_at") else int(part)


def beyond(fields: Sequence[str], key: Key, *, older: bool) -> Q:
    """The rows before (older) or after that key, as a range of the index on the fields."""
    sign = "lt" if older else "gt"
    first, *rest = fields
    strictly = Q(**{f"{first}__{sign}": key[0]})
    if not rest:
        return strictly
    same = Q(**{first: key[0]}) & beyond(rest, key[1:], older=older)
    return Q(**{f"{first}__{sign}e": key[0]}) & (strictly | same)


@dataclass(frozen=True)
class Reading:
    """How the table is read: in the order of `fields`, the last of which is unique; newest first, or A to Z.

    Names that end in `_at` are times, `texts` are texts, others whole numbers. `by_app`: an index begins with
    the app, followed by the fields, so the rows of each app are read by themselves.
    """

    fields: tuple[str, ...] = ("pk",)
    by_app: bool = False
    ascending: bool = False
    texts: tuple[str, ...] = ()


class KeysetChangeList(ChangeList):
    """A page of a big table, with links to the ones before and behind it."""

    older_url = newer_url = ""
    estimate: int | None = (
        None  # rows in all pages, at least as many as here; None where all are here
    )
    is_too_wide = False  # of more apps than can be looked through
    parent: Model | None = None
    parent_url = parent_query = ""
    parent_kind: str | Promise = ""
    whole_links: Sequence[Link] = ()

    def get_queryset(
        self, request: HttpRequest, exclude_parameters: Sequence[str] | None = None
    ) -> QuerySet[Any]:
        """Without the place in the list, which is no filter."""
        for name in (OLDER, NEWER):
            self.params.pop(name, None)
            self.filter_params.pop(name, None)
        found: QuerySet[Any] = super().get_queryset(request, exclude_parameters)
        return found

    def get_results(self, request: HttpRequest) -> None:
        """Fetch the page and one row more, to know whether another follows."""
        self.reading = self.model_admin.reading(request)
        if self.reading.by_app and len(chosen_apps(request)) > _MOST_MERGED:
            if self.reading.fields != ("pk",):
                messages.info(
                    request, gettext("Choose one app: there are too many to look through.")
                )
                self.is_too_wide = True
            self.reading = Reading()
        self.parent = self.model_admin.parent_of(request)
        if self.parent is not None:
            self.parent_url = change_url(self.parent)
            self.parent_kind = self.parent._meta.verbose_name or ""
            named = {name: request.GET.get(name, "") for name in self.model_admin.parents}
            self.parent_query = urlencode({name: pk for name, pk in named.items() if pk})
        self._find_page(request)
        self.result_count = self.full_result_count = len(self.result_list)
        self.paginator = self.model_admin.get_paginator(request, self.queryset, self.list_per_page)
        if self.parent is not None or not self.model_admin.parents:
            self.whole_links = links_of(
                self.model_admin, request, self.get_query_string(remove=[ERROR_FLAG])
            )
        self.show_full_result_count = False
        self.show_admin_actions = True
        self.can_show_all = self.multi_page = False

    def _find_page(self, request: HttpRequest) -> None:
        self.result_list: list[Any] = []
        if self.is_too_wide or (self.model_admin.parents and self.parent is None):
            return
        older, newer = (
            read_key(request.GET.get(name, ""), self.reading.fields, self.reading.texts)
            for name in (OLDER, NEWER)
        )
        if newer is not None and self._turn(request, newer, backwards=True):
            return
        if older is not None and self._turn(request, older, backwards=False):
            return
        self._turn(request, None, backwards=False)

    def _turn(self, request: HttpRequest, key: Key | None, *, backwards: bool) -> bool:
        """Fetch the page behind the key, or the first. Returns whether it has rows."""
        rows = self.queryset
        if key is not None:
            older = backwards is self.reading.ascending
            rows = rows.filter(beyond(self.reading.fields, key, older=older))
        found = self._first(request, rows, backwards=backwards)
        page, more = found[: self.list_per_page], len(found) > self.list_per_page
        if not page:
            return False
        if backwards:
            page.reverse()
        self.result_list = page
        # Turning back from a page leaves that page behind; so does turning on.
        has_older, has_newer = (True, more) if backwards else (more, key is not None)
        if has_older:
            self.older_url = self._url(OLDER, page[-1])
        if has_newer:
            self.newer_url = self._url(NEWER, page[0])
        if has_older or has_newer:
            self.estimate = max(about(self._planned_rows()), len(page))
        return True

    def _first(self, request: HttpRequest, rows: QuerySet[Any], *, backwards: bool) -> list[Any]:
        """The first rows of the order, one more than a page has."""
        ascending = backwards is not self.reading.ascending
        order = [name if ascending else f"-{name}" for name in self.reading.fields]
        wanted = self.list_per_page + 1
        path = self.model_admin.app_path
        if rows.query.is_empty():
            return []
        apps = chosen_apps(request) if self.reading.by_app else []
        if not apps or self._is_of_all(request):
            return list(rows.order_by(*order)[:wanted])
        if len(apps) == 1:
            return list(rows.filter(**{path: apps[0].pk}).order_by(*order)[:wanted])
        parts = [
            rows.filter(**{path: app.pk})
            .order_by(*order)
            .values_list(*self.reading.fields)[:wanted]
            for app in apps
        ]
        merged = parts[0].union(*parts[1:], all=True).order_by(*order)[:wanted]
        return list(rows.filter(pk__in=[row[-1] for row in merged]).order_by(*order))

    def _is_of_all(self, request: HttpRequest) -> bool:
        """Whether the list is the whole table in the order of its primary key, which serves it best."""
        if not request.user.is_superuser or self.query or self.reading.fields != ("pk",):
            return False
        return not any(map(request.GET.get, self.model_admin.parameters(request)))

    def _planned_rows(self) -> int:
        return planned_rows(self.queryset)

    def _url(self, name: str, row: Any) -> str:
        url: str = self.get_query_string(
            {name: write_key(key_of(row, self.reading.fields))}, remove=[ERROR_FLAG]
        )
        return url


def is_searched(request: HttpRequest) -> bool:
    """Whether the list shows what its search box found."""
    return bool(request.GET.get(SEARCH_VAR, "").strip())


class UncountedPage(Page):  # type: ignore[type-arg]  # generic for the type checker alone
    """A page that knows whether another follows."""

    more = False

    def has_next(self) -> bool:
        """Whether there is a row behind this page's last."""
        return self.more


class UncountedPaginator(Paginator):  # type: ignore[type-arg]  # generic for the type checker alone
    """Pages for autocomplete: each reads one row more than it has, and nothing is counted."""

    template_name = "admin/older_newer.html"
    count = _LARGEST

    def page(self, number: Any) -> UncountedPage:
        """The page of that number, from 1 to a few: each skips the rows of those before it."""
        number = self.validate_number(number)
        if number > _MOST_PAGES:
            raise EmptyPage
        start = (number - 1) * self.per_page
        rows = list(self.object_list[start : start + self.per_page + 1])
        page = UncountedPage(rows[: self.per_page], number, self)
        page.more = len(rows) > self.per_page
        return page


class BigTableAdmin(ScopedAdmin):
    """A ScopedAdmin whose list is a `KeysetChangeList`."""

    parents: ClassVar[dict[str, type[Model]]] = {}
    """Foreign keys one of which the list's address must name: such a list is too long, or too vague, without.

    The list is then reached from the parent's page, and headed by it.
    """

    wholes: ClassVar[dict[str, WholeAction]] = {}
    """What can be done to all that the list shows, by a job: names as in addresses."""

    found_by: ClassVar[str] = ""
    """A text column: the search box finds by how it begins, and shows what it found from A to Z.

    The column has the collation C, and an index on the app, it and the primary key. In any other order, the
    few rows that begin so might be sought through the whole table.
    """

    by_days: ClassVar[type[DaysFilter] | None] = None
    """One of its filters: while days are given, the list is read in the order of their times.

    There is an index on the app and that time: it is what finds the rows of a few days.
    """

    ordering = ("-pk",)
    list_per_page = 50
    list_max_show_all = 0
    paginator = UncountedPaginator
    list_before_template = "admin/parent.html"

    def exported(self, request: HttpRequest) -> Mapping[str, Callable[[Any], Any]]:
        """The columns of an export, each with how to tell it of a row; none: the list is not exported."""
        return {}

    def needs_reason(self, request: HttpRequest, name: str) -> bool:
        """Whether the operator has to say why, for the audit."""
        return False

    def get_urls(self) -> list[Any]:
        """With those of what is done to the whole list, and of what is suggested from it."""
        urls: list[Any] = super().get_urls()
        label, name = self.opts.app_label, self.opts.model_name
        view = self.admin_site.admin_view
        ours = [path("all/<slug:name>/", view(self.whole_view), name=f"{label}_{name}_all")]
        if self.found_by:
            suggesting = view(partial(suggested, self))
            ours.append(path("suggested/", suggesting, name=f"{label}_{name}_suggested"))
        return [*ours, *urls]

    def whole_view(self, request: HttpRequest, name: str) -> HttpResponse:
        """Do something to all that the list shows, or refuse it."""
        if not may_take_whole(self, request, name):
            raise PermissionDenied
        return take_whole(self, request, name)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeysetChangeList]:
        """Ours."""
        return KeysetChangeList

    def reading(self, request: HttpRequest) -> Reading:
        """In which order the list that is asked for is read: that of the index which finds its rows.

        The name that is searched for, the days that are given, or else the number; a parent's own index.
        """
        if self.found_by and is_searched(request):
            fields = (self.found_by, "pk")
            return Reading(fields, by_app=True, ascending=True, texts=(self.found_by,))
        if self.by_days is not None and any(map(request.GET.get, self.by_days.parameters())):
            return Reading((self.by_days.field, "pk"), by_app=True)
        return Reading(by_app=not self.parents)

    def find(self, request: HttpRequest, rows: QuerySet[Any], term: str) -> QuerySet[Any]:
        """By the beginning, a range of an index."""
        if not self.found_by:
            return super().find(request, rows, term)
        return rows.filter(**{f"{self.found_by}__startswith": term})

    def suggestible(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Those of the rows that a `SuggestingInput` may offer."""
        return rows

    def named_by_hand(self, row: Any) -> tuple[str, str]:
        """What is typed into a form to mean the row, and what a `SuggestingInput` says of it beside that."""
        return str(row.pk), str(row)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """In the order of the index that finds them, where one chooses among them, too."""
        found, _duplicates = super().get_search_results(request, queryset, search_term)
        if self.found_by and search_term.strip():
            found = found.order_by(self.found_by, "pk")
        return found, False

    def get_list_display(self, request: HttpRequest) -> list[str]:
        """Without the parent, which heads the list."""
        columns = super().get_list_display(request)
        heads = {f"{name}_link" for name in self.parents if request.GET.get(name)}
        return [column for column in columns if column not in heads]

    def parameters(self, request: HttpRequest) -> set[str]:
        """The parents, too."""
        return {*super().parameters(request), *self.parents}

    def parent_of(self, request: HttpRequest) -> Model | None:
        """The row whose own rows the list shows, if the operator sees it."""
        for name, model in self.parents.items():
            if is_number(pk := request.GET.get(name, "")):
                parent_admin = self.admin_site.get_model_admin(model)
                return parent_admin.get_object(request, pk)  # type: ignore[no-any-return]  # untyped base
        return None


__all__ = ["NEWER", "OLDER", "BigTableAdmin", "KeysetChangeList", "Reading"]
