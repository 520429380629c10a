"""Whom an operator sends to: found, named and counted before anything is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext, gettext_noop, override
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.core.adminkit.audited import in_english
from apps.core.adminkit.filters import AppFilter, in_words, is_number
from apps.core.adminkit.numbers import Number, number_of
from apps.core.adminkit.operations import change_url, list_url
from apps.core.adminkit.wholes import ListOnly, rows_of
from apps.core.errors import NO_SUCH_CHATROOM, NO_SUCH_GROUP, ImError
from apps.core.models import App
from apps.groups.models import Chatroom, Group
from apps.messaging.drafts import TargetType

USER = "user"
GROUP: Final = "group"
CHATROOM: Final = "chatroom"
USERS, LISTED, EVERYONE = "users", "listed", "everyone"
BROADCASTS = frozenset({USERS, LISTED, EVERYONE})
"""Those that are sent to one by one, by a job."""

COUNTED = 10_000  # recipients; more are estimated
EVERYONES = gettext_noop("everyone in the app")
_NAMED = 8  # of many users; an ellipsis stands for the others


@dataclass(frozen=True, kw_only=True)
class Recipients:
    """Who gets it. `name` is said to the operator, `noted` in the audit."""

    to: str
    name: str
    noted: str
    number: Number
    url: str = ""  # of their page
    target_type: TargetType = "single"
    target_id: str = ""  # nobody's, for a broadcast
    users: Sequence[User] = ()
    asked: HttpRequest | None = None  # for the list, where they are listed

    @property
    def are_many(self) -> bool:
        """Whether each gets a message of their own, from a job."""
        return self.to in BROADCASTS


def find_recipients(
    request: HttpRequest, app: App, sender: User, to: str, target: Any
) -> Recipients:
    """Those whom the form names. What it says wrong is an ImError or a ValidationError."""
    found = _FINDERS[to](request, app, sender, target)
    if found.are_many and not found.number.value:
        raise ValidationError(_("There is nobody to send it to."))
    return found


def listed_users(request: HttpRequest, app: App, query: str) -> tuple[HttpRequest, QuerySet[Any]]:
    """The app's users that the list of users shows for that query, and a request that asks for them."""
    narrowed = QueryDict(query, mutable=True)
    narrowed[AppFilter.parameter_name] = str(app.pk)
    asked = ListOnly(request.user, narrowed.urlencode())
    try:
        return asked, rows_of(admin.site.get_model_admin(User), asked)
    except IncorrectLookupParameters:
        raise ValidationError(_("The list can't be filtered like this.")) from None


def url_of_list(query: str) -> str:
    """The list of users with that query."""
    return f"{list_url(User)}?{query}"


def name_of(user: User) -> str:
    """How a user is named: by the nickname, too, where there is one."""
    return f"{user.username} ({user.nickname})" if user.nickname else user.username


def _user(_request: HttpRequest, app: App, _sender: User, target: str) -> Recipients:
    user = app.users.by_username(target)
    return Recipients(
        to=USER,
        name=name_of(user),
        noted=user.username,
        number=Number(1, exact=True),
        url=change_url(user),
        target_id=user.username,
    )


def _group(_request: HttpRequest, app: App, sender: User, target: str) -> Recipients:
    if not is_number(target):
        raise ImError(NO_SUCH_GROUP)
    return _members(GROUP, app.groups.by_gid(int(target)), sender)


def _chatroom(_request: HttpRequest, app: App, sender: User, target: str) -> Recipients:
    if not is_number(target):
        raise ImError(NO_SUCH_CHATROOM)
    return _members(CHATROOM, app.chatrooms.by_room_id(int(target)), sender)


def _members(to: TargetType, place: Group | Chatroom, sender: User) -> Recipients:
    """Those in a group or a chatroom, but for the sender."""
    return Recipients(
        to=to,
        name=str(place),
        noted=str(place),
        number=number_of(place.members.exclude(user=sender), counted=COUNTED),
        url=change_url(place),
        target_type=to,
        target_id=str(place.pk),
    )


def _users(_request: HttpRequest, app: App, sender: User, target: Sequence[str]) -> Recipients:
    found = app.users.known_among(target)
    absent = [name for name in target if name not in found]
    if absent:
        raise ValidationError(
            _("There are no such users: %(names)s"), params={"names": _some(absent)}
        )
    users = [found[name] for name in target if name != sender.username]
    return Recipients(
        to=USERS,
        name=_some(user.username for user in users),
        noted=", ".join(user.username for user in users),
        number=Number(len(users), exact=True),
        users=users,
    )


def _listed(request: HttpRequest, app: App, sender: User, target: str) -> Recipients:
    asked, rows = listed_users(request, app, target)
    query = asked.GET.urlencode()
    with override("en"):
        noted = _filters_of(asked)
    return Recipients(
        to=LISTED,
        name=_filters_of(asked),
        noted=noted,
        number=number_of(rows.exclude(pk=sender.pk), counted=COUNTED),
        url=url_of_list(query),
        asked=asked,
    )


def _filters_of(asked: HttpRequest) -> str:
    words = in_words(admin.site.get_model_admin(User), asked)
    told = [
        gettext("%(name)s: %(value)s") % {"name": what, "value": which} for what, which in words
    ]
    return ", ".join(told)


def _everyone(_request: HttpRequest, app: App, sender: User, _target: object) -> Recipients:
    return Recipients(
        to=EVERYONE,
        name=gettext(EVERYONES),
        noted=in_english(EVERYONES),
        number=number_of(app.users.enabled().exclude(pk=sender.pk), counted=COUNTED),
    )


def _some(names: Iterable[str]) -> str:
    """The first of them; an ellipsis stands for the others."""
    first = list(islice(names, _NAMED + 1))
    return ", ".join([*first[:_NAMED], *(["…"] if len(first) > _NAMED else [])])


_FINDERS: Mapping[str, Callable[[HttpRequest, App, User, Any], Recipients]] = {
    USER: _user,
    GROUP: _group,
    CHATROOM: _chatroom,
    USERS: _users,
    LISTED: _listed,
    EVERYONE: _everyone,
}
