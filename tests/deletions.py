"""What becomes of something that is done while users are being deleted.

Tests that use it are marked `django_db(transaction=True)`.
"""

from collections.abc import Callable

import pytest

from apps.accounts.services.users import delete_users
from apps.core.errors import ImError
from apps.core.models import App
from tests.threads import Pause, Session, pause_before, until_done_or_waiting


def pause_at_deletion(monkeypatch: pytest.MonkeyPatch) -> Pause:
    """Stops the first deletion of users when it has locked them, and no group yet."""
    return pause_before(monkeypatch, "apps.groups.receivers.leave_all_groups")


def during_deletion_of(username: str, app: App, pause: Pause, job: Callable[[], object]) -> object:
    """The result of a job that begins when the user is being deleted, or the code of its refusal."""
    with Session() as deleter, Session() as other:
        deletion = deleter.start(delete_users, app=app, usernames=[username])
        pause.until_reached()
        running = other.start(job)
        until_done_or_waiting(running)
        pause.go_on()
        deletion.result(30)
        try:
            return running.result(30)
        except ImError as error:
            return error.code
