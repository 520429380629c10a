"""What PostgreSQL tells of itself, without reading any table."""

from datetime import datetime

from django.db import connection

_DATABASE = """
SELECT current_setting('server_version'), pg_database_size(current_database()),
    pg_postmaster_start_time(), (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()),
    current_setting('max_connections')::int
"""
_TABLES = """
SELECT relname, reltuples::bigint, pg_total_relation_size(c.oid) AS size
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = current_schema() AND relkind = 'r'
ORDER BY size DESC LIMIT %s
"""


def about_database() -> tuple[str, int, datetime, int, int]:
    """Its version, size in bytes, start, connections to it, and how many there may be."""
    with connection.cursor() as cursor:
        cursor.execute(_DATABASE)
        found: tuple[str, int, datetime, int, int] = cursor.fetchone()
    return found


def largest_tables(number: int) -> list[tuple[str, int, int]]:
    """The names of the largest, their rows as the planner estimates them, their bytes with their indexes."""
    with connection.cursor() as cursor:
        cursor.execute(_TABLES, [number])
        found: list[tuple[str, int, int]] = cursor.fetchall()
    return found
