"""Pages that ask before they do: a confirmation, or a short form, in front of a service.

A link or an action leads to `ask`, which shows the page; its button leads back to the same place, and then
the service is called. What the service refuses is shown on the page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from unfold.enums import ActionVariant

from apps.core.adminkit.audited import begin, conclude
from apps.core.adminkit.refusals import said
from apps.core.errors import ImError
from apps.core.services.answers import AnsweredError, answer_once, new_number

Page = Callable[..., HttpResponse]
_CONFIRMED = "confirmed"
ONCE = "once"
"""The number of a page that asks, along with the answer."""
_NAMED = 20  # of the things concerned; the rest are counted


class NoQuestions(forms.Form):
    """A confirmation asks for nothing but the button."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """What the page says. `about` are the things concerned; `hidden` is posted along with the answer."""

    title: str | Promise
    text: str | Promise
    button: str | Promise
    back: str  # the URL of "Back", and of the way on unless `perform` answers otherwise
    danger: bool = False
    about: Iterable[object] = ()
    named: Callable[[Any], object] = str  # what a thing is called on the page
    is_own_page: bool = False  # at the head stands the title, not the list that the admin is for
    hidden: Mapping[str, Iterable[str]] = field(default_factory=dict)
    form_class: Callable[..., forms.Form] = NoQuestions
    initial: Mapping[str, Any] = field(default_factory=dict)


def ask(
    admin: Any,
    request: HttpRequest,
    question: Question,
    perform: Callable[[dict[str, Any]], str | Promise | HttpResponse],
) -> HttpResponse:
    """Show the question; once it is answered, call `perform` with the form's data, and note it in the audit.

    Both in one transaction, with an entry for each row that the question is about. `perform` returns what to
    say about it on the page that follows, or a page. An ImError or a ValidationError of its undoes all, and
    is shown on the form. A page is answered once: pressing its button again does nothing more.
    """
    confirmed = request.method == "POST" and _CONFIRMED in request.POST
    given = (request.POST, request.FILES) if confirmed else (None, None)
    form = question.form_class(*given, initial=dict(question.initial))
    things = list(question.about)
    if confirmed and form.is_valid():
        asked = begin(request, question.title, things)
        try:
            with transaction.atomic():
                answer_once(number=request.POST.get(ONCE, ""))
                done = perform(form.cleaned_data)
                conclude(request, asked, form, things)
        except AnsweredError:
            return answered(request, question.back)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        except ImError as refusal:
            form.add_error(None, said(refusal))
        else:
            if isinstance(done, HttpResponse):
                return done
            messages.success(request, str(done))
            return redirect(question.back)
    return show_question(admin, request, question, form)


def answered(request: HttpRequest, back: str) -> HttpResponse:
    """The way on for whoever has pressed a button twice."""
    messages.info(request, gettext("This was done already: the button was pressed twice."))
    return redirect(back)


def show_question(
    admin: Any, request: HttpRequest, question: Question, form: forms.BaseForm
) -> HttpResponse:
    """The page of a question, with the form as it stands."""
    things = list(question.about)
    about = [str(question.named(thing)) for thing in things]
    request.current_app = admin.admin_site.name
    context = {
        **admin.admin_site.each_context(request),
        "title": question.title,
        "opts": admin.opts,
        "original": things[0] if len(things) == 1 else None,
        "question": question,
        "about": about[:_NAMED],
        "unnamed": len(about[_NAMED:]),
        "rows": sum(isinstance(thing, Model) for thing in things),
        "form": form,
        "media": admin.media + form.media,
        "confirmed": _CONFIRMED,
        "once_name": ONCE,
        "once": new_number(),
    }
    return TemplateResponse(request, "admin/ask.html", context)


def ticked(action: str, rows: Iterable[Any]) -> dict[str, list[str]]:
    """What is posted along with an answer about rows ticked in a list for an action; without one, nothing."""
    if not action:
        return {}
    return {"action": [action], ACTION_CHECKBOX_NAME: [str(row.pk) for row in rows]}


def change_url(row: Any, action: str = "change") -> str:
    """The page of a row in the admin, or of one of its `page_action`s."""
    meta = row._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_{action}", args=[row.pk])


def link(url: str, text: object) -> SafeString:
    """A link in a list, a form or a panel."""
    return format_html('<a href="{}" class="text-link">{}</a>', url, text)


def row_link(row: Any) -> SafeString:
    """A link to the page of a row, under its own name."""
    return link(change_url(row), row)


def list_url(model: Any) -> str:
    """The list of a model in the admin."""
    meta = model._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")


def list_action(
    *, description: str | Promise, permission: str, icon: str = ""
) -> Callable[[Callable[[Any, HttpRequest], HttpResponse]], Page]:
    """A button at the head of a list, for `actions_list`: there for those alone who have the permission."""

    def decorate(method: Callable[[Any, HttpRequest], HttpResponse]) -> Page:
        @wraps(method)
        def page(admin: Any, request: HttpRequest) -> HttpResponse:
            if not getattr(admin, f"has_{permission}_permission")(request):
                raise PermissionDenied
            return method(admin, request)

        told = {
            "short_description": description,
            "allowed_permissions": (permission,),
            "icon": icon,
            "variant": ActionVariant.DEFAULT,
            "attrs": {},
            "url_path": getattr(method, "__name__", "").replace("_", "-"),
        }
        vars(page).update(told)
        return page

    return decorate


def page_action(
    *,
    description: str | Promise,
    permission: str,
    icon: str = "",
    variant: ActionVariant = ActionVariant.DEFAULT,
) -> Callable[[Callable[[Any, HttpRequest, Any], HttpResponse]], Page]:
    """A button on the page of a row, for `actions_detail`: the method gets the row itself.

    A row that the operator does not see is absent, as on its own page; without the permission
    (`has_<permission>_permission`) the button is not there, and its address refused.
    """

    def decorate(method: Callable[[Any, HttpRequest, Any], HttpResponse]) -> Page:
        @wraps(method)
        def page(admin: Any, request: HttpRequest, object_id: str, **kwargs: Any) -> HttpResponse:
            row = admin.get_object(request, unquote(object_id))
            if row is None:
                absent: HttpResponse = admin._get_obj_does_not_exist_redirect(
                    request, admin.opts, object_id
                )
                return absent
            if not getattr(admin, f"has_{permission}_permission")(request, row):
                raise PermissionDenied
            return method(admin, request, row)

        told = {
            "short_description": description,
            "allowed_permissions": (permission,),
            "icon": icon,
            "variant": variant,
            "attrs": {},
            "url_path": getattr(method, "__name__", "").replace("_", "-"),
        }
        vars(page).update(told)
        return page

    return decorate
