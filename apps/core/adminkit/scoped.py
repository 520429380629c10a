"""ScopedAdmin: the rows of the operator's apps alone, and no write but through a service."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib.admin import ShowFacets
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Field, Model, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.dataclasses import UnfoldAction
from unfold.forms import ActionForm

from apps.core.adminkit.audited import actor_of, app_of, asked_of, note, saved
from apps.core.adminkit.filters import chosen_apps, is_number, shown_by
from apps.core.adminkit.operations import ONCE, answered, list_url
from apps.core.adminkit.panels import panels_of
from apps.core.adminkit.refusals import said
from apps.core.adminkit.scope import apps_of
from apps.core.errors import ImError
from apps.core.models import AuditEntry
from apps.core.services.answers import AnsweredError, answer_once, new_number
from apps.core.services.audit import CONCERNS, Change, record

_REFUSAL = "refusal_of_service"
_HISTORY = 100  # entries
SEEN = "seen"
"""Along with a form: how the row was when it was opened."""


if TYPE_CHECKING:
    AnyModelForm = forms.ModelForm[Any]
else:
    AnyModelForm = forms.ModelForm


class ServiceForm(AnyModelForm):
    """A form whose rows are written by a service, and which shows what the service refused."""

    refusal: ClassVar[str] = ""

    def clean(self) -> dict[str, Any] | None:
        """Refuse what the service has refused a moment ago."""
        cleaned: dict[str, Any] | None = super().clean()
        if self.refusal:
            raise ValidationError(self.refusal)
        return cleaned

    @property
    def changes(self) -> dict[str, Any]:
        """The fields that are not as they were, with their new values."""
        return {name: self.cleaned_data[name] for name in self.changed_data}


def may_see_audit(request: HttpRequest) -> bool:
    """Whether the operator may see what was done, and by whom."""
    return bool(request.user.has_perm("core.view_auditentry"))


def seen_of(form: forms.BaseForm) -> str:
    """How the row was when its form was made, in a few letters: another row, or another state, has others."""
    values = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    told = {name: _told(value) for name, value in values.items()}
    return hashlib.sha256(repr(sorted(told.items())).encode()).hexdigest()[:32]


def _told(value: Any) -> str:
    if isinstance(value, (list, tuple, QuerySet)):
        return repr(sorted(str(getattr(each, "pk", each)) for each in value))
    return repr(value)


class OnePageActionForm(ActionForm):
    """An action takes what is ticked on the page: never "all of the list", which may be millions."""

    def clean_select_across(self) -> bool:
        """Whatever is posted."""
        return False


class ScopedAdmin(ModelAdmin):
    """Shows an operator the rows of their apps, and nothing of others; a superuser sees all.

    The rows of other apps are absent wherever rows are looked up: lists, pages, histories, actions,
    autocomplete and the choices of foreign keys. A subclass writes by overriding `save_model` with a call of
    a service, whose ImError ends up on the form; nothing can be deleted unless it says how.
    """

    app_path: ClassVar[str] = "app"
    """How a row leads to its app, as a lookup."""

    grants: ClassVar[tuple[str, ...]] = ()
    """The permissions that its pages ask for, which operators may be given: view, add, change, delete."""

    form = ServiceForm
    action_form = OnePageActionForm
    sortable_by: ClassVar[tuple[str, ...]] = ()
    list_filter_submit = True
    list_disable_select_all = True
    show_facets = ShowFacets.NEVER
    change_form_before_template = "admin/form_marks.html"
    change_form_outer_after_template = "admin/panels.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The rows of the operator's apps."""
        rows: QuerySet[Any] = super().get_queryset(request)
        if request.user.is_superuser:
            return rows
        seen = [app.pk for app in apps_of(request)]
        return rows.filter(**{f"{self.app_path}__in": seen})

    def get_list_display(self, request: HttpRequest) -> list[str]:
        """Without the app where all rows are of one."""
        columns: list[str] = list(super().get_list_display(request))
        if len(chosen_apps(request)) == 1:
            return [column for column in columns if column != "app"]
        return columns

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find by `find`. Text that PostgreSQL can't hold finds nothing."""
        term = search_term.strip()
        if "\0" in term:
            return queryset.none(), False
        if not term or not self.get_search_fields(request):
            return queryset, False
        return self.find(request, queryset, term), False

    def find(self, request: HttpRequest, rows: QuerySet[Any], term: str) -> QuerySet[Any]:
        """What the search box finds: without duplicates, and by an index."""
        raise NotImplementedError(f"{type(self).__name__} has search_fields, but not find()")

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Only what the filters declare: a lookup on any field would let its values be guessed at."""
        return lookup in self.parameters(request)

    def parameters(self, request: HttpRequest) -> set[str]:
        """The names that the list's address may have, other than those of every list."""
        filters = self.get_list_filter(request)
        return {name for each in filters for name in each.parameters()}

    def get_field_queryset(
        self, db: str | None, db_field: Field[Any, Any], request: HttpRequest
    ) -> QuerySet[Any] | None:
        """A foreign key offers what its own admin shows."""
        relation = db_field.remote_field
        remote = self.admin_site._registry.get(relation.model) if relation is not None else None
        if isinstance(remote, ScopedAdmin):
            return remote.get_queryset(request)
        found: QuerySet[Any] | None = super().get_field_queryset(db, db_field, request)
        return found

    def formfield_for_dbfield(
        self, db_field: Field[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        """Without the links to add or change the related row in a window of its own."""
        formfield = super().formfield_for_dbfield(db_field, request, **kwargs)
        for link in ("can_add_related", "can_change_related", "can_view_related"):
            if formfield is not None and hasattr(formfield.widget, link):
                setattr(formfield.widget, link, False)
        return formfield

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[AnyModelForm]:
        """The form, with what the service refused, if it did."""
        form: type[AnyModelForm] = super().get_form(request, obj, change=change, **kwargs)
        if refusal := vars(request).get(_REFUSAL):
            return type(form.__name__, (form,), {"refusal": refusal})
        return form

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """The app that the list showed, or the only one there is, is chosen beforehand."""
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        apps = shown_by(request, QueryDict(request.GET.get("_changelist_filters", "")))
        return {"app": apps[0].pk, **initial} if len(apps) == 1 else initial

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The form's page. What a service refuses undoes the request, and is then shown on the form."""
        try:
            shown: HttpResponse = super().changeform_view(
                request, object_id, form_url, extra_context
            )
        except AnsweredError:
            return answered(request, list_url(self.model))
        except (ImError, ValidationError) as refusal:
            vars(request)[_REFUSAL] = said(refusal)
            shown = super().changeform_view(request, object_id, form_url, extra_context)
        return shown

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Model | None = None,
    ) -> HttpResponse:
        """Below the form come the row's panels. In it are marks: sent once, and how the row was."""
        form = context["adminform"].form
        context |= {
            "once_name": ONCE,
            "once": new_number(),
            "seen_name": SEEN,
            "seen": request.POST.get(SEEN) or seen_of(form),
        }
        context["panels"] = panels_of(request, obj) if obj is not None else []
        context["show_history"] = context.get("show_history", True) and may_see_audit(request)
        context["show_save_and_add_another"] = False
        context["show_save_and_continue"] = False
        if obj is not None:
            context["subtitle"] = self.title_of(obj)
        shown: HttpResponse = super().render_change_form(
            request, context, add=add, change=change, form_url=form_url, obj=obj
        )
        return shown

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        """What is to be saved: once, and not over what somebody else has made of the row meanwhile."""
        answer_once(number=request.POST.get(ONCE, ""))
        seen = request.POST.get(SEEN)
        if change and seen and seen != seen_of(form):
            raise ValidationError(
                _(
                    "Somebody has changed this since you opened it. Open the page anew, and change it there."
                )
            )
        return super().save_form(request, form, change)

    def save_model(self, request: HttpRequest, obj: Any, form: AnyModelForm, change: bool) -> None:
        """Has to be overridden by a call of a service where something can be saved."""
        raise PermissionDenied

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """No, unless the subclass has a service for it."""
        return False

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Django's would collect all rows that hang from this one."""
        raise PermissionDenied

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Without "delete selected", which deletes without a service."""
        actions: dict[str, Any] = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        """Run an action. What was ticked may be anything, for whoever forges it: rows have numbers."""
        posted = request.POST.copy()
        ticked = posted.getlist(ACTION_CHECKBOX_NAME)
        posted.setlist(ACTION_CHECKBOX_NAME, [pk for pk in ticked if is_number(pk)])
        request.POST = posted  # type: ignore[assignment]  # a copy that may be changed serves as well
        response: HttpResponse | None = super().response_action(request, queryset)
        return response

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[UnfoldAction]:
        """The buttons that make sense for this row."""
        actions: list[UnfoldAction] = super().get_actions_detail(request, object_id)
        row = self.get_object(request, unquote(object_id)) if actions else None
        if row is None:
            return []
        senseless = {self.get_unfold_action(name).action_name for name in self.senseless(row)}
        return [action for action in actions if action.action_name not in senseless]

    def senseless(self, row: Any) -> set[str]:
        """Names of those of `actions_detail` that make no sense for the row as it is."""
        return set()

    def title_of(self, row: Any) -> str:
        """What the row is called at the head of its pages."""
        return str(row)

    def noted(self, request: HttpRequest, row: Any, *what: str) -> None:
        """Note in the audit that this row, too, is changed by what is being done in answer to a question.

        The rows that the question is about are noted anyway. `what` are message ids that tell what of it is
        concerned, where that is not seen in its fields.
        """
        asked = asked_of(request)
        if asked is None:
            note(request, "Changed", row, details={CONCERNS: what} if what else None)
            return
        asked.watch(row)
        asked.concerns = tuple(dict.fromkeys([*asked.concerns, *what]))

    # Django's own way to note things, led to the audit: a form's page calls these.

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> Any:
        """What the form has changed."""
        return saved(form, anew=add)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Note that the row was made."""
        self._record(request, gettext_noop("Added"), obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Note what was changed of it, if anything was."""
        if message.after:
            self._record(request, gettext_noop("Changed"), obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """Note that these are going to be deleted."""
        for row in queryset:
            self.noted(request, row)

    def _record(self, request: HttpRequest, action: str, row: Any, change: Change) -> None:
        whole = replace(change, target=row, app=app_of(row))
        record(actor=actor_of(request), action=action, changes=[whole])

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The last entries of the audit about the row, for whoever may see the audit."""
        row = self.get_object(request, unquote(object_id))
        if row is None:
            absent: HttpResponse = self._get_obj_does_not_exist_redirect(
                request, self.opts, object_id
            )
            return absent
        if not (self.has_view_or_change_permission(request, row) and may_see_audit(request)):
            raise PermissionDenied
        request.current_app = self.admin_site.name
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Change history: %s") % self.title_of(row),
            "opts": self.opts,
            "object": row,
            "entries": AuditEntry.objects.about(row, _HISTORY),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/history.html", context)


class ReadOnlyAdmin(ScopedAdmin):
    """Rows to look at: nothing is added, changed or deleted here."""

    grants: ClassVar[tuple[str, ...]] = ("view",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """No."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """No."""
        return False
