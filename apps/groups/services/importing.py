"""Importing groups with their members, under the numbers that they had."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.core.errors import GROUP_FULL, NO_SUCH_USER, NOT_A_MEMBER, TOO_MANY_GROUPS, ImError
from apps.core.importing import Importer, Outcome, Row, fields
from apps.core.importing.rows import refusal
from apps.core.models import App
from apps.groups.models import Group, GroupKind, GroupMember, Role
from apps.groups.signals import GroupsImported, groups_imported

GROUP_COLUMNS = (
    "gid",
    "name",
    "desc",
    "avatar",
    "flag",
    "owner_username",
    "members_username",
    "MaxMemberCount",
    "silenced",
    "shielded",
    "no_disturb",
    "ctime",
    "mtime",
)
"""`members_username`, `silenced`, `shielded` and `no_disturb` are lists of usernames."""

_KNOWN = frozenset({*GROUP_COLUMNS, "members", "appkey", "level"})  # as the API's views have them
_LEAST_GID = 1000  # a known client takes no number of fewer digits
_LARGEST_GID = 10**12 - 1  # room is left above it for the numbers of groups to come
LARGEST_GROUP = 100_000  # members
_TAKEN = refusal("gid: is taken")
_FACTS = ("silenced", "shielded", "no_disturb")

# Numbers that are given by hand must not be given again by the sequence. `setval` is not undone with its
# transaction, this is; the first statement changes nothing, and keeps others from taking numbers meanwhile.
_NUMBERS = "groups_group_id_seq"
_LAST_NUMBER = f"SELECT last_value FROM {_NUMBERS}"  # noqa: S608 a constant
_HOLD_NUMBERS = f"ALTER SEQUENCE {_NUMBERS} CACHE 1"
_MOVE_NUMBERS_ON = f"ALTER SEQUENCE {_NUMBERS} RESTART WITH "


@dataclass(frozen=True)
class _Arrival:
    """A row: a group to be, or the error that says why it can't be."""

    number: int
    gid: int = 0
    columns: Mapping[str, Any] = field(default_factory=dict)
    owner: str = ""
    members: tuple[str, ...] = ()  # the owner among them
    facts: Mapping[str, frozenset[str]] = field(default_factory=dict)
    error: ImError | None = None


PreparedGroups = Sequence[_Arrival]


def prepare_groups(app: App, rows: Sequence[Row]) -> PreparedGroups:
    """Check each row by itself. Reads and writes nothing."""
    now = timezone.now()
    return [_read(app, row, now) for row in rows]


def store_groups(app: App, prepared: PreparedGroups) -> list[Outcome]:
    """Store the groups whose owner and members are all there, and announce them as imported.

    Outcomes may have NO_SUCH_USER, GROUP_FULL above the group's own limit, TOO_MANY_GROUPS, NOT_A_MEMBER
    for an owner's or member's fact that names no member, and PARAMETER_INVALID. Holds the users.
    """
    with transaction.atomic():
        hopeful = [one for one in prepared if one.error is None]
        names = {name for one in hopeful for name in one.members}
        users = app.users.held().known_among(names)
        _move_numbers_on(hopeful)
        gids = [one.gid for one in hopeful]
        known = Group.objects.filter(pk__in=gids)  # tenant-free: numbers are the whole server's
        taken = set(known.values_list("pk", flat=True))
        groups_of = _groups_of(users.values())
        outcomes, arriving = [], []
        for one in prepared:
            error = one.error or _refused(app, one, users, taken, groups_of)
            outcomes.append(Outcome(one.number, str(one.gid or ""), error))
            if error is None:
                taken.add(one.gid)
                groups_of.update(users[name].pk for name in one.members)
                arriving.append(one)
        _write(app, arriving, users)
        if arriving:
            event = GroupsImported(app.pk, tuple(one.gid for one in arriving))
            groups_imported.send(sender=Group, event=event)
    return outcomes


GROUPS = Importer(
    kind="groups",
    columns=GROUP_COLUMNS,
    prepare=prepare_groups,
    store=store_groups,
    batch=50,
    repeated=_TAKEN,
)


def _refused(
    app: App,
    one: _Arrival,
    users: Mapping[str, User],
    taken: set[int],
    groups_of: Mapping[int, int],
) -> ImError | None:
    if one.gid in taken:
        return _TAKEN
    for name in one.members:
        if name not in users:
            return ImError(NO_SUCH_USER, f"No such user: {name}")
        if groups_of[users[name].pk] >= app.max_groups_per_user:
            return ImError(TOO_MANY_GROUPS)
    return None


def _groups_of(users: Any) -> Counter[int]:
    """In how many groups each of them is. One query."""
    found: Counter[int] = Counter()
    memberships = GroupMember.objects.filter(user__in=users)  # tenant-free: the tenant's users
    found.update(memberships.values_list("user", flat=True))
    return found


def _move_numbers_on(arriving: Sequence[_Arrival]) -> None:
    """Have groups to come numbered above those. Others who create groups wait only if it is needed."""
    highest = max((one.gid for one in arriving), default=0)
    if highest >= _last_number():
        with connection.cursor() as cursor:
            cursor.execute(_HOLD_NUMBERS)
            if highest >= _last_number():
                cursor.execute(f"{_MOVE_NUMBERS_ON}{highest + 1:d}")


def _last_number() -> int:
    with connection.cursor() as cursor:
        cursor.execute(_LAST_NUMBER)
        return int(cursor.fetchone()[0])


def _write(app: App, arriving: Sequence[_Arrival], users: Mapping[str, User]) -> None:
    groups = [
        Group(
            pk=one.gid,
            app=app,
            owner=users[one.owner],
            **{"max_members": app.max_group_members, **one.columns},
        )
        for one in arriving
    ]
    members = [
        GroupMember(
            group=group,
            user=users[name],
            role=Role.OWNER if name == one.owner else Role.MEMBER,
            joined_at=group.created_at,
            **{fact: name in one.facts[fact] for fact in _FACTS},
        )
        for group, one in zip(groups, arriving, strict=True)
        for name in one.members
    ]
    Group.objects.bulk_create(groups)  # tenant-free: each row names the app
    GroupMember.objects.bulk_create(members, batch_size=1000)  # tenant-free: of those groups


def _read(app: App, row: Row, now: datetime) -> _Arrival:
    gid = 0
    try:
        if row.fault is not None:
            raise row.fault
        fields.check_names(row.values, _KNOWN)
        gid = _gid(row.values)
        return _arrival(app, row, gid, now)
    except ImError as error:
        return _Arrival(row.number, gid, error=error)


def _gid(values: fields.Values) -> int:
    gid = fields.integer(values, "gid", minimum=_LEAST_GID, maximum=_LARGEST_GID)
    if gid is None:
        raise refusal("gid: This field is required.")
    return gid


def _arrival(app: App, row: Row, gid: int, now: datetime) -> _Arrival:
    values = row.values
    owner, members = _people(values)
    created = fields.moment(values, "ctime", app.zone) or now
    if created > now:
        raise refusal("ctime: must not be in the future")
    limit = fields.integer(values, "MaxMemberCount", minimum=1, maximum=LARGEST_GROUP)
    if len(members) > (limit or app.max_group_members):
        raise ImError(GROUP_FULL)
    facts = {fact: frozenset(fields.names(values, fact)) for fact in _FACTS}
    for fact, names in facts.items():
        if strangers := names - set(members):
            raise ImError(NOT_A_MEMBER, f"{fact}: {min(strangers)} is not in the group")
    columns = {
        "name": fields.text(values, "name", at_least=1, at_most=64, single_line=True),
        "description": fields.text(values, "desc", at_most=250),
        "avatar": fields.text(values, "avatar", at_most=255),
        "kind": fields.integer(values, "flag", minimum=0, maximum=max(GroupKind))
        or GroupKind.PRIVATE,
        "created_at": created,
        "updated_at": fields.moment(values, "mtime", app.zone) or created,
    }
    if limit:
        columns["max_members"] = limit
    return _Arrival(row.number, gid, columns, owner, members, facts)


def _people(values: fields.Values) -> tuple[str, tuple[str, ...]]:
    """The owner, and all members with the owner first. The API's lists of members tell owners by a flag."""
    listed = values.get("members", [])
    owner = fields.text(values, "owner_username", at_most=128)
    if not owner and isinstance(listed, list):
        owners = [one for one in listed if isinstance(one, dict) and one.get("flag") == 1]
        owner = fields.text(owners[0], "username", at_most=128) if owners else ""
    if not owner:
        raise refusal("owner_username: This field is required.")
    names = [*fields.names(values, "members_username"), *fields.names(values, "members")]
    return owner, tuple(dict.fromkeys([owner, *names]))
