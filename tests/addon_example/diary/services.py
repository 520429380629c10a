"""The diary's writes."""

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from apps.core.errors import ImError
from apps.core.models import App
from apps.messaging.drafts import Draft
from apps.messaging.log import Appended
from apps.messaging.services.messages import send_message
from tests.addon_example.diary.errors import NOTHING_WRITTEN
from tests.addon_example.diary.models import Entry, Kind

A_YEAR = timedelta(days=365)


def write(*, app_id: int, kind: Kind, subjects: Iterable[int]) -> None:
    """Add a line for each subject, in the caller's transaction."""
    Entry.objects.bulk_create(
        Entry(app_id=app_id, kind=kind, subject=subject) for subject in subjects
    )


def forget_old() -> bool:
    """Delete up to 1,000 lines older than a year that nobody else is deleting; whether there were any."""
    with transaction.atomic():
        old = Entry.objects.filter(written_at__lt=timezone.now() - A_YEAR)
        claimed = old.select_for_update(skip_locked=True).values_list("pk", flat=True)[:1000]
        deleted, _ = Entry.objects.filter(pk__in=list(claimed)).delete()
    return deleted > 0


def send_summary(*, app: App, from_username: str, to_username: str) -> Appended:
    """Tell a user, as a message from another, how long the diary is.

    Raises NOTHING_WRITTEN, and whatever `send_message` raises.
    """
    lines = app.diary.count()
    if not lines:
        raise ImError(NOTHING_WRITTEN)
    draft = Draft(
        target_type="single",
        target_id=to_username,
        from_type="api",
        from_id=from_username,
        msg_type="text",
        body={"text": f"The diary has {lines} lines."},
    )
    return send_message(app=app, draft=draft)
