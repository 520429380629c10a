"""The statements that note occurrences for endpoints."""

from apps.webhooks.models import EndpointKind

_TOLD_OF_USERS = f"kind = '{EndpointKind.EVENTS.value}'"

#: `time` is in milliseconds since 1970, as in `msg_ctime`.
_TIME = "floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint"

NOTE_USERS = f"""
INSERT INTO webhooks_occurrence (endpoint_id, body)
SELECT e.id, jsonb_build_object('event', %(event)s::text, 'usernames', told.names, 'time', {_TIME})
FROM webhooks_endpoint e CROSS JOIN (
    SELECT part, jsonb_agg(username ORDER BY id) AS names
    FROM (
        SELECT id, username, (row_number() OVER (ORDER BY id) - 1) / %(together)s AS part
        FROM accounts_user WHERE app_id = %(app)s AND id = ANY(%(users)s::bigint[])
    ) AS numbered
    GROUP BY part
) AS told
WHERE e.app_id = %(app)s AND {_TOLD_OF_USERS}
ORDER BY e.id, told.part
"""

LOCK_ENDPOINTS_TOLD_OF_PRESENCE = f"""
SELECT id FROM webhooks_endpoint
WHERE {_TOLD_OF_USERS} AND presence AND paused_at IS NULL
ORDER BY id FOR NO KEY UPDATE
"""

NOTE_PRESENCE = f"""
WITH told AS MATERIALIZED (
    SELECT id, app_id FROM webhooks_endpoint
    WHERE {_TOLD_OF_USERS} AND presence AND paused_at IS NULL
),
online AS MATERIALIZED (
    SELECT DISTINCT t.id AS endpoint_id, u.id AS user_id, u.username
    FROM accounts_connection c
    JOIN accounts_gateway g ON g.id = c.gateway_id
        AND g.beat_at > now() - make_interval(secs => %(presence)s)
    JOIN accounts_clientsession s ON s.id = c.session_id
    JOIN accounts_user u ON u.id = s.user_id
    JOIN told t ON t.app_id = u.app_id
),
came AS (
    INSERT INTO webhooks_seen (endpoint_id, user_id, username)
    SELECT endpoint_id, user_id, username FROM online
    ON CONFLICT DO NOTHING
    RETURNING endpoint_id, user_id, username
),
went AS (
    DELETE FROM webhooks_seen seen USING told
    WHERE seen.endpoint_id = told.id AND NOT EXISTS (
        SELECT FROM online o WHERE o.endpoint_id = seen.endpoint_id AND o.user_id = seen.user_id
    )
    RETURNING seen.endpoint_id, seen.user_id, seen.username
),
changes AS (
    SELECT endpoint_id, 'users_online' AS event, user_id, username FROM came
    UNION ALL SELECT endpoint_id, 'users_offline', user_id, username FROM went
),
numbered AS (
    SELECT *, (row_number() OVER (PARTITION BY endpoint_id, event ORDER BY user_id) - 1)
        / %(together)s AS part
    FROM changes
)
INSERT INTO webhooks_occurrence (endpoint_id, body)
SELECT endpoint_id, jsonb_build_object(
    'event', event, 'usernames', jsonb_agg(username ORDER BY user_id), 'time', {_TIME}
)
FROM numbered GROUP BY endpoint_id, event, part ORDER BY endpoint_id, event, part
"""
