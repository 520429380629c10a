"""The statements of the roll-up. Days and hours are those of the app's time zone."""

from typing import Any

from django.conf import settings

from apps.console.models import ActivityKind, ChangeKind

_HOUR = "date_trunc('hour', {0} AT TIME ZONE {1}) AT TIME ZONE {1}"
_DAY = "date_trunc('day', {0} AT TIME ZONE {1}) AT TIME ZONE {1}"
_DATE = "({0} AT TIME ZONE {1})::date"
_ZONE = "%(zone)s"

#: Days for which it is kept who has been counted. A message is counted seconds after it was sent; this is
#: for a server that was away.
_REMEMBERED = "interval '3 days'"
#: The final API keeps statistics for 60 days; hours are asked for within one.
_HOURS_KEPT = "interval '62 days'"

_WHERE_TO = ("single", "group")
_TYPES = ("text", "image", "voice")


#: A message across apps is a row in the log of each. It is counted where its sender is.
_OWN = "from_app_key = ''"


def _message_counts() -> dict[str, str]:
    """For each column the sum that goes there."""
    counts = {}
    named = ", ".join(f"'{name}'" for name in _TYPES)
    for target in _WHERE_TO:
        for name in _TYPES:
            condition = f"{_OWN} AND target_type = '{target}' AND msg_type = '{name}'"
            counts[f"{target}_{name}"] = f"count(*) FILTER (WHERE {condition})"
        condition = f"{_OWN} AND target_type = '{target}' AND msg_type NOT IN ({named})"
        counts[f"{target}_other"] = f"count(*) FILTER (WHERE {condition})"
    counts["chatroom_all"] = f"count(*) FILTER (WHERE {_OWN} AND target_type = 'chatroom')"
    return counts


def _of_kind(kind: ActivityKind) -> str:
    return f"count(*) FILTER (WHERE kind = {kind.value})"


def _added_up(table: str, key: str, columns: list[str]) -> str:
    """What an INSERT of counts does where there is a row."""
    sums = ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in columns)
    return f"ON CONFLICT (app_id, {key}) DO UPDATE SET {sums}"


_HOURLY = "console_hourlystatistic"
_DAILY = "console_dailystatistic"
_COUNTS = _message_counts()
_OF_HOURS = {"active_users": _of_kind(ActivityKind.USER_OF_HOUR)}
_OF_DAYS = {
    "active_users": _of_kind(ActivityKind.USER_OF_DAY),
    "senders": _of_kind(ActivityKind.SENDER_OF_DAY),
    "active_groups": _of_kind(ActivityKind.GROUP_OF_DAY),
}

BEGIN_ROWS = """
INSERT INTO console_rollup (app_id, position, begun)
SELECT a.id, 0, false FROM core_app a
WHERE NOT EXISTS (SELECT FROM console_rollup r WHERE r.app_id = a.id)
ON CONFLICT DO NOTHING
"""

#: One probe of an index for each app.
CLAIM = """
SELECT r.app_id FROM console_rollup r
WHERE NOT r.begun
    OR EXISTS (SELECT FROM messaging_message m WHERE m.app_id = r.app_id AND m.id > r.position)
    OR EXISTS (SELECT FROM console_change c WHERE c.app_id = r.app_id)
LIMIT 1 FOR UPDATE SKIP LOCKED
"""

#: Users and groups of before the first roll-up. What is committed of their changes is among them, so that it
#: goes in the same statement, which sees the same moment.
BEGIN = f"""
WITH first AS (
    UPDATE console_rollup SET begun = true WHERE app_id = %(app)s AND NOT begun RETURNING app_id
),
among_them AS (
    DELETE FROM console_change WHERE app_id IN (SELECT app_id FROM first)
),
came AS (
    SELECT 'new_users' AS what, created_at AS at FROM accounts_user WHERE app_id IN (SELECT app_id FROM first)
    UNION ALL
    SELECT 'new_groups', created_at FROM groups_group WHERE app_id IN (SELECT app_id FROM first)
    UNION ALL
    SELECT 'gone_groups', dissolved_at FROM groups_group
    WHERE app_id IN (SELECT app_id FROM first) AND dissolved_at IS NOT NULL
),
hours AS (
    INSERT INTO {_HOURLY} (app_id, hour, new_users)
    SELECT %(app)s, {_HOUR.format("at", _ZONE)}, count(*) FROM came
    WHERE what = 'new_users' AND at > now() - {_HOURS_KEPT}
    GROUP BY 2 ORDER BY 2
    {_added_up(_HOURLY, "hour", ["new_users"])}
)
INSERT INTO {_DAILY} (app_id, date, new_users, new_groups, gone_groups)
SELECT %(app)s, {_DATE.format("at", _ZONE)}, count(*) FILTER (WHERE what = 'new_users'),
    count(*) FILTER (WHERE what = 'new_groups'), count(*) FILTER (WHERE what = 'gone_groups')
FROM came GROUP BY 2 ORDER BY 2
{_added_up(_DAILY, "date", ["new_users", "new_groups", "gone_groups"])}
"""


def _amounts(kind: ChangeKind) -> str:
    return f"COALESCE(sum(amount) FILTER (WHERE kind = {kind.value}), 0)"


_CHANGES = {
    "new_users": _amounts(ChangeKind.USERS_REGISTERED),
    "gone_users": _amounts(ChangeKind.USERS_DELETED),
    "new_groups": _amounts(ChangeKind.GROUP_CREATED),
    "gone_groups": _amounts(ChangeKind.GROUP_DISSOLVED),
}

COUNT_CHANGES = f"""
WITH changes AS (
    DELETE FROM console_change WHERE app_id = %(app)s RETURNING kind, amount, happened_at
),
hours AS (
    INSERT INTO {_HOURLY} (app_id, hour, new_users)
    SELECT %(app)s, {_HOUR.format("happened_at", _ZONE)}, {_CHANGES["new_users"]} FROM changes
    GROUP BY 2 ORDER BY 2
    {_added_up(_HOURLY, "hour", ["new_users"])}
)
INSERT INTO {_DAILY} (app_id, date, {", ".join(_CHANGES)})
SELECT %(app)s, {_DATE.format("happened_at", _ZONE)}, {", ".join(_CHANGES.values())} FROM changes
GROUP BY 2 ORDER BY 2
{_added_up(_DAILY, "date", list(_CHANGES))}
"""

#: The number of rows read: with fewer than `rows` there was nothing more.
COUNT_MESSAGES = f"""
WITH place AS (
    SELECT position FROM console_rollup WHERE app_id = %(app)s
),
batch AS MATERIALIZED (
    SELECT id, conversation_id, target_type, msg_type, from_app_key, target_app_key,
        CASE WHEN {_OWN} THEN sender_id END AS sender_id,
        {_HOUR.format("sent_at", _ZONE)} AS hour,
        {_DAY.format("sent_at", _ZONE)} AS day,
        {_DATE.format("sent_at", _ZONE)} AS date
    FROM messaging_message
    WHERE app_id = %(app)s AND id > (SELECT position FROM place)
    ORDER BY id LIMIT %(rows)s
),
said AS (
    SELECT * FROM batch WHERE msg_type <> 'event'
),
seen AS (
    INSERT INTO console_activity (app_id, kind, began, subject)
    SELECT %(app)s, kind, began, subject FROM (
        SELECT {ActivityKind.USER_OF_DAY.value} AS kind, day AS began, sender_id AS subject FROM said
        UNION SELECT {ActivityKind.USER_OF_HOUR.value}, hour, sender_id FROM said
        UNION SELECT {ActivityKind.SENDER_OF_DAY.value}, day, sender_id FROM said
        UNION SELECT {ActivityKind.GROUP_OF_DAY.value}, day, conversation_id FROM said
            WHERE target_type = 'group' AND target_app_key = ''
    ) AS active
    WHERE subject IS NOT NULL
    ORDER BY kind, began, subject
    ON CONFLICT DO NOTHING
    RETURNING kind, began
),
hours AS (
    INSERT INTO {_HOURLY} (app_id, hour, {", ".join(_COUNTS)}, {", ".join(_OF_HOURS)})
    SELECT %(app)s, hour, {", ".join(_COUNTS.values())},
        (SELECT {_OF_HOURS["active_users"]} FROM seen WHERE began = hour)
    FROM said GROUP BY hour ORDER BY hour
    {_added_up(_HOURLY, "hour", [*_COUNTS, *_OF_HOURS])}
),
days AS (
    INSERT INTO {_DAILY} (app_id, date, {", ".join(_COUNTS)}, {", ".join(_OF_DAYS)})
    SELECT %(app)s, date, {", ".join(_COUNTS.values())},
        {", ".join(f"(SELECT {count} FROM seen WHERE began = day)" for count in _OF_DAYS.values())}
    FROM said GROUP BY date, day ORDER BY date
    {_added_up(_DAILY, "date", [*_COUNTS, *_OF_DAYS])}
),
moved AS (
    UPDATE console_rollup SET position = (SELECT max(id) FROM batch)
    WHERE app_id = %(app)s AND EXISTS (SELECT FROM batch)
)
SELECT count(*) FROM batch
"""

_ONLINE = """
    SELECT DISTINCT u.app_id, u.id AS user_id
    FROM accounts_connection c
    JOIN accounts_gateway g ON g.id = c.gateway_id
        AND g.beat_at > now() - make_interval(secs => %(presence)s)
    JOIN accounts_clientsession s ON s.id = c.session_id
    JOIN accounts_user u ON u.id = s.user_id
"""

LOCK_APPS_WITH_SOMEBODY_ONLINE = f"""
SELECT r.app_id FROM console_rollup r
WHERE r.app_id IN (SELECT app_id FROM ({_ONLINE}) AS online)
ORDER BY r.app_id FOR UPDATE
"""

_NOW_AND_ZONE = ("now()", "a.time_zone")
COUNT_ONLINE = f"""
WITH online AS MATERIALIZED ({_ONLINE}),
present AS (
    SELECT o.app_id, o.user_id, {_HOUR.format(*_NOW_AND_ZONE)} AS hour,
        {_DAY.format(*_NOW_AND_ZONE)} AS day, {_DATE.format(*_NOW_AND_ZONE)} AS date
    FROM online o JOIN core_app a ON a.id = o.app_id
    JOIN console_rollup r ON r.app_id = a.id
),
seen AS (
    INSERT INTO console_activity (app_id, kind, began, subject)
    SELECT app_id, {ActivityKind.USER_OF_DAY.value}, day, user_id FROM present
    UNION ALL
    SELECT app_id, {ActivityKind.USER_OF_HOUR.value}, hour, user_id FROM present
    ON CONFLICT DO NOTHING
    RETURNING app_id, kind
),
counted AS (
    SELECT app_id, {_of_kind(ActivityKind.USER_OF_HOUR)} AS of_hour,
        {_of_kind(ActivityKind.USER_OF_DAY)} AS of_day
    FROM seen GROUP BY app_id
),
moments AS (
    SELECT DISTINCT app_id, hour, date FROM present
),
hours AS (
    INSERT INTO {_HOURLY} (app_id, hour, active_users)
    SELECT app_id, hour, of_hour FROM counted JOIN moments USING (app_id) WHERE of_hour > 0
    {_added_up(_HOURLY, "hour", ["active_users"])}
)
INSERT INTO {_DAILY} (app_id, date, active_users)
SELECT app_id, date, of_day FROM counted JOIN moments USING (app_id) WHERE of_day > 0
{_added_up(_DAILY, "date", ["active_users"])}
"""

_CAUGHT_UP = """
    NOT EXISTS (
        SELECT FROM console_rollup r
        JOIN messaging_message m ON m.app_id = r.app_id AND m.id > r.position
        WHERE r.app_id = old.app_id
    )
"""
TIDY_ACTIVITIES = f"""
DELETE FROM console_activity WHERE id IN (
    SELECT id FROM console_activity old
    WHERE began < now() - {_REMEMBERED} AND {_CAUGHT_UP}
    LIMIT %(rows)s FOR UPDATE SKIP LOCKED
)
"""
TIDY_HOURS = f"""
DELETE FROM {_HOURLY} WHERE id IN (
    SELECT id FROM {_HOURLY} old
    WHERE hour < now() - {_HOURS_KEPT} AND {_CAUGHT_UP}
    LIMIT %(rows)s FOR UPDATE SKIP LOCKED
)
"""


def presence() -> dict[str, Any]:
    """The values of the statements about who is online."""
    return {"presence": settings.IM_PRESENCE_SECONDS}
