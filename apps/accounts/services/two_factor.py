"""An operator's second factor: a code of an authenticator's, or one of ten recovery codes, each good once."""

from __future__ import annotations

import hashlib
import secrets
from typing import Literal

from django.db import transaction
from django.utils import timezone
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from apps.accounts.models import Operator
from apps.core.errors import PARAMETER_INVALID, RATE_LIMITED, ImError

Factor = Literal["authenticator", "recovery code"]

_NAME = "console"
_CODES = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none looks like another


@transaction.atomic
def begin_two_factor(*, operator: Operator) -> TOTPDevice:
    """A secret for the operator's authenticator. It counts for nothing until `confirm_two_factor`.

    The same one until it is confirmed, so that a page that is loaded again shows no other.
    """
    Operator.objects.select_for_update().get(pk=operator.pk)  # tenant-free: operators are of no app
    found = TOTPDevice.objects.filter(user=operator, confirmed=False).first()  # tenant-free
    if found is not None:
        return found
    return TOTPDevice.objects.create(user=operator, name=_NAME, confirmed=False)  # tenant-free


@transaction.atomic
def confirm_two_factor(*, operator: Operator, code: str) -> list[str]:
    """Turn the second factor on, given a code of the authenticator with the new secret; ten recovery codes.

    Raises PARAMETER_INVALID for another code, RATE_LIMITED after wrong ones.
    """
    device = begin_two_factor(operator=operator)
    if not _matches(device, code.replace(" ", "")):
        raise ImError(PARAMETER_INVALID, "code: is not the one that the authenticator shows now")
    TOTPDevice.objects.filter(user=operator).exclude(pk=device.pk).delete()  # tenant-free
    device.confirmed = True
    device.save(update_fields=["confirmed"])
    operator.two_factor_since = timezone.now()
    operator.save(update_fields=["two_factor_since"])
    return renew_recovery_codes(operator=operator)


@transaction.atomic
def renew_recovery_codes(*, operator: Operator) -> list[str]:
    """Ten new codes in place of those before. They are stored as hashes: this is where they can be seen."""
    StaticDevice.objects.filter(user=operator).delete()  # tenant-free: operators are of no app
    device = StaticDevice.objects.create(user=operator, name=_NAME)  # tenant-free
    codes = ["".join(secrets.choice(_LETTERS) for _ in range(10)) for _ in range(_CODES)]
    for code in codes:
        device.token_set.create(token=_stored(code))
    return [f"{code[:5]}-{code[5:]}" for code in codes]


@transaction.atomic
def drop_two_factor(*, operator: Operator) -> None:
    """Turn it off: the password alone logs the operator in again."""
    TOTPDevice.objects.filter(user=operator).delete()  # tenant-free: operators are of no app
    StaticDevice.objects.filter(user=operator).delete()  # tenant-free
    operator.two_factor_since = None
    operator.save(update_fields=["two_factor_since"])


def check_second_factor(*, operator: Operator, code: str) -> Factor | None:
    """Which factor the code is one of; None for a wrong one. A code is good once.

    Raises RATE_LIMITED while there were too many wrong ones: the wait doubles with each.
    """
    code = code.strip().lower().replace(" ", "").replace("-", "")
    totp = _device(TOTPDevice, operator)
    if code.isdecimal() and totp is not None:
        return "authenticator" if _matches(totp, code) else None
    static = _device(StaticDevice, operator)
    if static is not None and _matches(static, _stored(code)):
        return "recovery code"
    return None


def codes_left(*, operator: Operator) -> int:
    """Recovery codes that were not used."""
    device = _device(StaticDevice, operator)
    return 0 if device is None else int(device.token_set.count())


def _device(
    kind: type[TOTPDevice | StaticDevice], operator: Operator
) -> TOTPDevice | StaticDevice | None:
    return kind.objects.filter(user=operator, confirmed=True).first()  # tenant-free: an operator's


def _matches(device: TOTPDevice | StaticDevice, token: str) -> bool:
    """Whether it does; a wrong one counts. The row is held, so that no two try the same at once."""
    with transaction.atomic():
        held = type(device).objects.select_for_update().get(pk=device.pk)  # tenant-free
        allowed, _reason = held.verify_is_allowed()
        matched = allowed and bool(held.verify_token(token))
    if not allowed:
        raise ImError(RATE_LIMITED, "Too many wrong codes: wait a little")
    return matched


def _stored(code: str) -> str:
    """As much of a hash as the column holds: there are 50 bits to guess, and few tries."""
    return hashlib.sha256(code.encode()).hexdigest()[:16]
