"""Sends by clients: as any other, but not too many a minute."""

from django.conf import settings

from apps.core.errors import SENDING_TOO_FAST, ImError
from apps.core.models import App
from apps.core.pace import Pace
from apps.messaging.drafts import Draft
from apps.messaging.log import Appended
from apps.messaging.services.messages import send_message

_pace = Pace()


def send_as_client(*, app: App, draft: Draft) -> Appended:
    """As `send_message`, within `settings.IM_CLIENT_SENDS_PER_MINUTE` of the sender (SENDING_TOO_FAST).

    Counted by each process for itself: it is there to stop a runaway, not to be exact.
    """
    if not _pace.take((app.pk, draft.from_id), settings.IM_CLIENT_SENDS_PER_MINUTE):
        raise ImError(SENDING_TOO_FAST)
    return send_message(app=app, draft=draft)
