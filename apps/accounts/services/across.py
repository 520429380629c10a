"""Relations between users of several apps: what the services of one app do, for names of several at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from apps.accounts.models import User
from apps.accounts.services.blocks import block_users, unblock_users
from apps.accounts.services.friends import Note, note_friends
from apps.core.models import App


@dataclass(frozen=True, kw_only=True)
class Named:
    """Users of one app, by name."""

    app: App
    usernames: Sequence[str]


def hold_named(*, owner: User, named: Iterable[Named]) -> None:
    """Lock the rows of all of them and the owner's, in the order of their ids. Nobody is missed here.

    What is done for one app after another then locks nothing out of order. Call inside a transaction.
    """
    wanted = Q(pk=owner.pk)
    for each in named:
        findable = [name for name in each.usernames if "\0" not in name]
        wanted |= Q(app=each.app, username__in=findable)
    list(User.objects.filter(wanted).held().values_list("pk"))  # tenant-free: each by their app


@transaction.atomic
def block_across(*, app: App, owner: User, named: Sequence[Named]) -> None:
    """As `block_users`, for users of several apps: all or none."""
    hold_named(owner=owner, named=named)
    for each in named:
        block_users(app=app, owner=owner, usernames=each.usernames, of=each.app)


@transaction.atomic
def unblock_across(*, app: App, owner: User, named: Sequence[Named]) -> None:
    """As `unblock_users`, for users of several apps: all or none."""
    hold_named(owner=owner, named=named)
    for each in named:
        unblock_users(app=app, owner=owner, usernames=each.usernames, of=each.app)


@transaction.atomic
def note_friends_across(*, app: App, owner: User, notes: Sequence[tuple[App, Note]]) -> None:
    """As `note_friends`, for friends of several apps: all or none."""
    by_app: dict[App, list[Note]] = {}
    for friends_app, note in notes:
        by_app.setdefault(friends_app, []).append(note)
    named = [
        Named(app=each, usernames=[note.username for note in some]) for each, some in by_app.items()
    ]
    hold_named(owner=owner, named=named)
    for each, some in by_app.items():
        note_friends(app=app, owner=owner, notes=some, of=each)
