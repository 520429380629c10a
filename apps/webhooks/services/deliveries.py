"""Deliveries: begun, recorded, tried again.

Whoever calls these for an endpoint has its lock (`claim`), so that it is told one thing after another. The
cursor moves in the transaction that records the try: a process that is killed in between leaves a delivery
that is under way, which the next one repeats.
"""

from collections.abc import Collection
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import DateTimeField, Func, Q
from django.utils import timezone

from apps.webhooks import batches
from apps.webhooks.models import (
    Delivery,
    DeliveryState,
    Endpoint,
    EndpointKind,
    PauseReason,
)
from apps.webhooks.postman import Outcome

_LOCK = (
    0x1064  # the class of advisory locks that are endpoints; see apps/messaging/log.py for the logs
)
_LONGEST_PAUSE = 3600  # seconds between two tries
#: Deliveries given up one after another, without one that was taken, upon which an endpoint is paused.
DEAD_AFTER = 3
_TIDIED = 10_000
#: Batches without anything to tell that are gone over before others have their turn.
_SKIPPED_AT_ONCE = 50


class _Clock(Func):
    """The database's clock at this moment, which all workers share."""

    function = "clock_timestamp"
    output_field = DateTimeField()


_CLAIM = f"""
WITH due AS MATERIALIZED (
    SELECT e.id FROM webhooks_endpoint e JOIN core_app a ON a.id = e.app_id
    WHERE e.paused_at IS NULL AND a.suspended_at IS NULL AND NOT e.id = ANY(%(but)s::bigint[])
        AND (EXISTS (
            SELECT FROM webhooks_delivery d WHERE d.endpoint_id = e.id AND d.state = '{DeliveryState.AGAIN}'
        ) OR (e.next_attempt_at IS NULL OR e.next_attempt_at <= clock_timestamp()) AND (EXISTS (
            SELECT FROM webhooks_delivery d WHERE d.endpoint_id = e.id AND d.state = '{DeliveryState.PENDING}'
        ) OR e.kind <> '{EndpointKind.EVENTS}' AND EXISTS (
            SELECT FROM messaging_message m WHERE m.app_id = e.app_id AND m.id > e.position
        ) OR EXISTS (
            SELECT FROM webhooks_occurrence o WHERE o.endpoint_id = e.id AND o.delivery_id IS NULL
        )))
    ORDER BY e.attempted_at NULLS FIRST, e.id LIMIT %(most)s
)
SELECT id FROM due WHERE pg_try_advisory_lock({_LOCK}, id::int)
"""  # noqa: S608 constants of its own


def claim(*, at_most: int, but: Collection[int] = ()) -> list[int]:
    """Lock endpoints that are due, by id: those that waited longest. `but` are the ones claimed already.

    The locks are this connection's, and go with it if the process dies. Nobody waits for them: what another
    process has is left to it.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"most": at_most, "but": list(but)})
        return [pk for (pk,) in cursor.fetchall()]


def release(*, endpoint_id: int) -> None:
    """Unlock an endpoint."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s, %s::int)", [_LOCK, endpoint_id])


def next_delivery(*, endpoint_id: int) -> tuple[Delivery, bytes] | None:
    """What to post to the endpoint now, and its body; None if there is nothing.

    First what an operator wants tried again, then what is under way, then what is new. Where there is nothing
    to tell of what is new, the cursor moves over it.
    """
    for _ in range(_SKIPPED_AT_ONCE):
        found = _following(endpoint_id)
        if found is None:
            return None
        body = batches.body_of(found)
        if body is not None:
            return found, body
        _drop(found)
    return None


def _following(endpoint_id: int) -> Delivery | None:
    endpoint = (
        Endpoint.objects.filter(pk=endpoint_id, paused_at=None)  # tenant-free: one that was claimed
        .select_related("app")
        .annotate(waits=Q(next_attempt_at__gt=_Clock()))
        .first()
    )
    if endpoint is None:
        return None
    delivery = endpoint.deliveries.in_state(DeliveryState.AGAIN).first()
    if delivery is None and not getattr(endpoint, "waits"):  # noqa: B009 see above
        delivery = endpoint.deliveries.in_state(DeliveryState.PENDING).first() or _begin(endpoint)
    if delivery is not None:
        delivery.endpoint = endpoint
    return delivery


def put_off(*, endpoint_id: int, seconds: int) -> None:
    """Don't look at the endpoint for that long: something is wrong with it, or with us."""
    row = Endpoint.objects.filter(pk=endpoint_id)  # tenant-free: one that was claimed
    row.update(attempted_at=_Clock(), next_attempt_at=_Clock() + timedelta(seconds=seconds))


@transaction.atomic
def _drop(delivery: Delivery) -> None:
    """Nobody is to be told any more: all are online meanwhile, or the rows are gone."""
    if delivery.state == DeliveryState.PENDING and delivery.endpoint.reads_log:
        _move(delivery.endpoint, delivery.after, delivery.up_to)
    delivery.delete()


def _begin(endpoint: Endpoint) -> Delivery | None:
    """Begin the next delivery; without rows for it, only the cursor moves."""
    if not endpoint.reads_log:
        return _begin_with_occurrences(endpoint)
    batch = batches.next_of_log(endpoint)
    if batch is not None and not batch.rows:
        _move(endpoint, batch.after, batch.up_to)
        batch = batches.next_of_log(endpoint)
    if batch is None or not batch.rows:
        return None
    return endpoint.deliveries.create(after=batch.after, up_to=batch.up_to, rows=batch.rows)


@transaction.atomic
def _begin_with_occurrences(endpoint: Endpoint) -> Delivery | None:
    noted = batches.next_occurrences(endpoint)
    if not noted:
        return None
    delivery = endpoint.deliveries.create(rows=len(noted))
    endpoint.occurrences.filter(pk__in=noted).update(delivery=delivery)
    return delivery


@transaction.atomic
def record(*, delivery: Delivery, outcome: Outcome) -> None:
    """Note how a try went. The cursor moves on if it was taken, or given up; otherwise it is tried again."""
    now = timezone.now()
    again = delivery.state == DeliveryState.AGAIN
    delivery.attempts += 1
    delivery.attempted_at = now
    delivery.status = outcome.status
    delivery.problem = outcome.problem
    delivery.detail = outcome.detail
    delivery.milliseconds = outcome.milliseconds
    if outcome.taken:
        delivery.state = DeliveryState.DELIVERED
    elif again or delivery.attempts >= settings.IM_WEBHOOK_ATTEMPTS:
        delivery.state = DeliveryState.PARKED
    delivery.save(
        update_fields=[
            "state",
            "attempts",
            "attempted_at",
            "status",
            "problem",
            "detail",
            "milliseconds",
        ]
    )
    if outcome.taken:
        delivery.occurrences.all().delete()
    _record_of_endpoint(delivery, outcome, again=again)


def _record_of_endpoint(delivery: Delivery, outcome: Outcome, *, again: bool) -> None:
    endpoint = delivery.endpoint
    now = delivery.attempted_at
    row = Endpoint.objects.filter(pk=endpoint.pk)  # tenant-free: the delivery's
    if outcome.taken:
        row.update(attempted_at=now, succeeded_at=now, next_attempt_at=None, parked_in_a_row=0)
    elif again:
        row.update(attempted_at=now)
    elif delivery.state == DeliveryState.PARKED:
        parked = endpoint.parked_in_a_row + 1
        row.update(attempted_at=now, next_attempt_at=None, parked_in_a_row=parked)
        if parked >= DEAD_AFTER:
            row.filter(paused_at=None).update(paused_at=now, paused_because=PauseReason.FAILURES)
    else:
        pause = min(2 ** (delivery.attempts - 1), _LONGEST_PAUSE)
        row.update(attempted_at=now, next_attempt_at=_Clock() + timedelta(seconds=pause))
    if delivery.state != DeliveryState.PENDING and not again and endpoint.reads_log:
        _move(endpoint, delivery.after, delivery.up_to)


def _move(endpoint: Endpoint, after: int, up_to: int) -> None:
    """Move the cursor on, unless somebody has."""
    here = Endpoint.objects.filter(pk=endpoint.pk, position=after)  # tenant-free: a worker's
    here.update(position=up_to)
    endpoint.position = up_to


def try_again(*, delivery: Delivery) -> bool:
    """Have a delivery that was given up tried once more; whether it was. Later ones don't wait for it."""
    parked = Delivery.objects.filter(
        pk=delivery.pk, state=DeliveryState.PARKED
    )  # tenant-free: one row
    return bool(parked.update(state=DeliveryState.AGAIN))


def forget_old() -> bool:
    """Delete deliveries of IM_WEBHOOK_KEEP_DAYS ago that need no more doing, up to some thousands."""
    horizon = timezone.now() - timedelta(days=settings.IM_WEBHOOK_KEEP_DAYS)
    old = Delivery.objects.filter(  # tenant-free: all
        created_at__lt=horizon, state__in=[DeliveryState.DELIVERED, DeliveryState.PARKED]
    )
    with transaction.atomic():
        claimed = old.select_for_update(skip_locked=True).values_list("pk", flat=True)
        deleted, _ = Delivery.objects.filter(pk__in=list(claimed[:_TIDIED])).delete()  # tenant-free
    return deleted > 0
