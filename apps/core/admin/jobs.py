"""Jobs: how far they are, their results, and the way to cancel them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.template.loader import render_to_string
from django.urls import path
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant

from apps.core.adminkit.audited import note
from apps.core.adminkit.big_tables import BigTableAdmin, Reading
from apps.core.adminkit.filters import AppFilter, ChoiceFilter
from apps.core.adminkit.job_states import counted, status_of
from apps.core.adminkit.operations import Question, ask, change_url, page_action
from apps.core.adminkit.scoped import ReadOnlyAdmin
from apps.core.jobs import kind_of
from apps.core.models import Job, JobPart, JobState
from apps.core.services.jobs import cancel_job, result_of


class JobStateFilter(ChoiceFilter):
    """One state."""

    title = _("status")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Each."""
        return list(JobState.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Those in that state."""
        known = self.value() in JobState.values
        return queryset.filter(state=self.value()) if known else queryset


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin, BigTableAdmin):
    """Long work of the operator's apps."""

    grants = ("view", "add", "change")
    list_display = ("title", "app", "operator", "status", "progress_short", "created_at")
    list_select_related = ("app", "operator")
    list_filter = (AppFilter, JobStateFilter)
    fieldsets = (
        (None, {"fields": ("title", "app", "operator", "status", "progress", "about", "failure")}),
        (_("Record"), {"fields": ("created_at", "ended_at")}),
    )
    actions_detail = ("download", "cancel")

    class Media:
        js = ("imserver/jobs.js",)

    def reading(self, request: HttpRequest) -> Reading:
        """By number; a superuser's, together with those of no app."""
        everyones = request.user.is_superuser and not request.GET.get(AppFilter.parameter_name)
        return Reading(by_app=not everyones)

    def has_cancel_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may change jobs."""
        return bool(request.user.has_perm("core.change_job"))

    def has_download_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The operator who began it, and nobody else, while they still may: it is made as they saw things."""
        if not isinstance(obj, Job):
            return True
        kind = kind_of(obj.kind)
        return (
            obj.operator_id == request.user.pk
            and self.has_view_permission(request, obj)
            and (kind is None or kind.may_see(obj, request.user))
        )

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[Any]:
        """No way to a result that is another's."""
        actions = super().get_actions_detail(request, object_id)
        row = self.get_object(request, object_id) if actions else None
        if row is None or self.has_download_permission(request, row):
            return actions
        download = self.get_unfold_action("download").action_name
        return [action for action in actions if action.action_name != download]

    @admin.display(description=_("job"))
    def title(self, job: Job) -> str:
        """What it does."""
        kind = kind_of(job.kind)
        return f"{kind.title if kind else job.kind} {job}"

    def title_of(self, row: Job) -> str:
        """With what it does."""
        return self.title(row)

    @admin.display(description=_("status"))
    def status(self, job: Job) -> SafeString:
        """Where it stands; cancelled, but not yet at its end, too."""
        return status_of(job)

    @admin.display(description=_("progress"))
    def progress_short(self, job: Job) -> str:
        """So many rows of so many."""
        return counted(job)

    @admin.display(description=_("progress"))
    def progress(self, job: Job) -> SafeString:
        """A bar that moves by itself."""
        address = "" if job.is_over else change_url(job, "progress")
        context = {"job": job, "address": address, "counted": counted(job)}
        return render_to_string("admin/job_progress.html", context)

    @admin.display(description=_("details"))
    def about(self, job: Job) -> SafeString | str:
        """What was asked for."""
        kind = kind_of(job.kind)
        rows = list(kind.describe(job).items()) if kind is not None else []
        return render_to_string("admin/details.html", {"rows": rows}) if rows else "-"

    @admin.display(description=_("error"))
    def failure(self, job: Job) -> str:
        """Why it failed."""
        return gettext(job.error) if job.error else ""

    def senseless(self, row: Job) -> set[str]:
        """What is over can't be cancelled; what is not has no result."""
        kind = kind_of(row.kind)
        nothing = not row.is_over or kind is None or not kind.result_name
        if not nothing:
            nothing = not row.parts.filter(name=JobPart.RESULT).exists()
        done = {"cancel"} if row.is_over or row.cancel_asked_at else set()
        return done | ({"download"} if nothing else set())

    @page_action(
        description=_("Cancel the job"),
        permission="cancel",
        icon="cancel",
        variant=ActionVariant.DANGER,
    )
    def cancel(self, request: HttpRequest, job: Job) -> HttpResponse:
        """End it before its next batch."""
        kind = kind_of(job.kind)
        question = Question(
            title=_("Cancel the job"),
            text=kind.cancelling if kind is not None else "",
            button=_("Cancel it"),
            back=change_url(job),
            danger=True,
            about=[f"{self.title(job)}: {counted(job)}"],
        )

        def perform(data: dict[str, Any]) -> str:
            self.noted(request, job)
            if cancel_job(job=job):
                return gettext("The job ends before its next batch.")
            return gettext("The job was over already.")

        return ask(self, request, question, perform)

    @page_action(
        description=_("Download the result"),
        permission="download",
        icon="download",
        variant=ActionVariant.PRIMARY,
    )
    def download(self, request: HttpRequest, job: Job) -> HttpResponse:
        """The result, piece by piece."""
        kind = kind_of(job.kind)
        if kind is None or not kind.result_name or not job.is_over:
            raise Http404
        note(request, gettext_noop("Result downloaded"), job)
        response = StreamingHttpResponse(result_of(job=job), content_type="text/csv; charset=utf-8")
        stem, _dot, suffix = kind.result_name.rpartition(".")
        response.headers["Content-Disposition"] = f'attachment; filename="{stem}-{job.pk}.{suffix}"'
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response  # type: ignore[return-value]  # a page all the same

    @page_action(description=_("Progress"), permission="view")
    def progress_view(self, request: HttpRequest, job: Job) -> HttpResponse:
        """What the bar asks for."""
        return JsonResponse(
            {"done": job.done, "total": job.total, "counted": counted(job), "over": job.is_over}
        )

    def get_urls(self) -> list[Any]:
        """With that of the bar."""
        view = self.admin_site.admin_view(self.progress_view)
        return [
            path("<path:object_id>/progress/", view, name="core_job_progress"),
            *super().get_urls(),
        ]
