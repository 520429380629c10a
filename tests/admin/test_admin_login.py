"""How operators log in: guessing is slowed down, a second factor asked for."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from apps.accounts.models import LoginGuard, Operator
from apps.accounts.services.operators import set_operator_password
from apps.accounts.services.two_factor import (
    begin_two_factor,
    check_second_factor,
    codes_left,
    confirm_two_factor,
    drop_two_factor,
    renew_recovery_codes,
)
from apps.core.errors import ImError
from apps.core.models import AuditEntry
from tests.admin.conftest import HOME, LOGIN, SECRET, enter, inside, page_of

SECOND = "/admin/login/second/"


def code_of(operator: Operator, *, later: int = 0) -> str:
    """What the operator's authenticator shows; `later` steps from now, since each code is good once."""
    device = TOTPDevice.objects.get(user=operator)
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits, device.drift + later)
    totp.time = time.time()
    return f"{totp.token():06}"


def wrong(code: str) -> str:
    """Another one."""
    return f"{(int(code) + 1) % 1_000_000:06}"


def shown_codes(response) -> list[str]:
    """The recovery codes that the page shows once."""
    codes: str = response.context["shown"].facts[0].value
    return codes.split("\n")


def forget_wrong_codes() -> None:
    """As if the wait were over."""
    for device in (TOTPDevice, StaticDevice):
        device.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)


def not_yet() -> None:
    """The wait after the failures is not over, however slow the test."""
    later = timezone.now() + timedelta(minutes=1)
    LoginGuard.objects.filter(failures__gte=3).update(refused_until=later)


@pytest.fixture
def guarded(olga) -> tuple[Operator, list[str]]:
    """Olga with a second factor, and her recovery codes."""
    begin_two_factor(operator=olga)
    return olga, confirm_two_factor(operator=olga, code=code_of(olga))


# Guessing


def test_after_some_failures_the_password_is_not_looked_at(olga, client, settings):
    settings.IM_LOGIN_FAILURES_PER_USER = 3
    for _ in range(3):
        enter(client, "wrong")
    not_yet()
    refused = enter(client)
    others = enter(Client(REMOTE_ADDR="192.0.2.9"))

    assert "Too many failed log-ins" in refused.content.decode()
    assert "Too many failed log-ins" in others.content.decode()
    assert not inside(client)


def test_an_address_that_fails_for_many_names_has_to_wait(olga, client, settings):
    settings.IM_LOGIN_FAILURES_PER_ADDRESS = 3
    for number in range(3):
        enter(client, "wrong", f"name-{number}")
    not_yet()

    assert "Too many failed log-ins" in enter(client).content.decode()
    assert enter(Client(REMOTE_ADDR="192.0.2.9")).status_code == 302


def test_the_wait_ends_and_a_log_in_forgives(olga, client, settings):
    settings.IM_LOGIN_FAILURES_PER_USER = 3
    for _ in range(2):
        enter(client, "wrong")
    enter(client)

    assert inside(client)
    assert not LoginGuard.objects.filter(key__startswith="operator").exists()


def test_operators_and_users_of_the_same_name_have_guards_of_their_own(olga, client, app):
    enter(client, "wrong")

    assert set(LoginGuard.objects.values_list("failures", flat=True)) == {1}
    assert not LoginGuard.objects.filter(key__startswith="user").exists()


def test_ones_own_password_is_not_guessed_at_either(browser, olga, settings):
    settings.IM_LOGIN_FAILURES_PER_USER = 3
    new = {"new_password1": "another long phrase", "new_password2": "another long phrase"}
    address = reverse("admin:password_change")
    for _ in range(3):
        assert browser.post(address, {"old_password": "wrong", **new}).status_code == 200
    not_yet()
    refused = browser.post(address, {"old_password": SECRET, **new})

    assert "Too many wrong passwords" in browser.said(refused)
    olga.refresh_from_db()
    assert olga.check_password(SECRET)
    LoginGuard.objects.all().delete()
    assert browser.post(address, {"old_password": SECRET, **new}).url == reverse(
        "admin:password_change_done"
    )


# Second factor


def test_the_password_alone_opens_nothing(guarded, client):
    response = enter(client)

    assert response.url == SECOND
    assert not inside(client)
    assert not AuditEntry.objects.filter(action="Log-in").exists()


def test_password_and_code_open_the_console_and_lead_on(guarded, client):
    olga, _codes = guarded
    client.post(f"{LOGIN}?next=/admin/accounts/user/", {"username": "olga", "password": SECRET})
    response = client.post(SECOND, {"code": code_of(olga, later=1)})

    assert response.url == "/admin/accounts/user/"
    assert inside(client)
    assert AuditEntry.objects.filter(action="Log-in").count() == 1


def test_a_code_is_good_once(guarded, client):
    olga, _codes = guarded
    code = code_of(olga, later=1)
    enter(client)
    client.post(SECOND, {"code": code})
    second = Client()
    enter(second)
    forget_wrong_codes()
    second.post(SECOND, {"code": code})

    assert not inside(second)


def test_a_wrong_code_opens_nothing_is_noted_and_makes_one_wait(guarded, client):
    olga, _codes = guarded
    good = code_of(olga, later=1)
    enter(client)
    first = client.post(SECOND, {"code": wrong(good)})
    second = client.post(SECOND, {"code": good})

    assert "This is not the code" in first.content.decode()
    assert "Too many wrong codes" in second.content.decode()
    assert not inside(client)
    assert AuditEntry.objects.filter(action="Second factor failed").count() == 1


def test_a_recovery_code_opens_the_console_once_however_it_is_written(guarded, client):
    olga, codes = guarded
    enter(client)
    client.post(SECOND, {"code": codes[0].replace("-", " ").upper()})
    again = Client()
    enter(again)
    again.post(SECOND, {"code": codes[0]})

    assert inside(client)
    assert not inside(again)
    assert codes_left(operator=olga) == 9
    assert AuditEntry.objects.filter(action="Recovery code used").count() == 1


def test_recovery_codes_are_stored_as_hashes(guarded):
    _olga, codes = guarded

    stored = set(StaticToken.objects.values_list("token", flat=True))
    assert len(codes) == len(stored) == 10
    assert not stored & {code.replace("-", "") for code in codes}


def test_the_page_for_the_code_is_for_those_whose_password_was_right_a_moment_ago(guarded, client):
    olga, _codes = guarded
    before = client.get(SECOND)
    enter(client)
    page = client.get(SECOND)
    session = client.session
    session["im_second_factor"] = {**session["im_second_factor"], "since": int(time.time()) - 301}
    session.save()
    late = client.post(SECOND, {"code": code_of(olga, later=1)})

    assert before.url == late.url == reverse("admin:login")
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]
    assert not inside(client)


def test_somebody_barred_in_between_is_not_let_in(guarded, client):
    olga, _codes = guarded
    enter(client)
    Operator.objects.update(is_active=False)

    assert client.post(SECOND, {"code": code_of(olga, later=1)}).url == reverse("admin:login")
    assert not inside(client)


def test_a_password_that_was_changed_in_between_opens_nothing(guarded, client):
    olga, _codes = guarded
    enter(client)
    set_operator_password(operator=olga, password="another long pass phrase")

    assert client.post(SECOND, {"code": code_of(olga, later=1)}).url == reverse("admin:login")
    assert not inside(client)


@pytest.mark.parametrize("page", ["recovery_codes", "two_factor_off"])
def test_codes_are_not_guessed_at_on_ones_own_pages_either(guarded, client, page):
    olga, codes = guarded
    enter(client)
    client.post(SECOND, {"code": codes[0]})
    good = code_of(olga, later=1)
    address = reverse(f"admin:{page}")
    first = client.post(address, {"confirmed": "yes", "code": wrong(good)})
    second = client.post(address, {"confirmed": "yes", "code": good})

    assert "This is not the code" in first.content.decode()
    assert "Too many wrong codes" in second.content.decode()
    olga.refresh_from_db()
    assert olga.two_factor_since is not None
    assert AuditEntry.objects.filter(action="Second factor failed").count() == 1


def test_it_is_set_up_on_ones_own_page(browser, olga):
    address = reverse("admin:two_factor")
    page = browser.page(address)
    key = TOTPDevice.objects.get(user=olga).config_url.partition("secret=")[2].partition("&")[0]
    refused = browser.answer(address, code=wrong(code_of(olga)))
    forget_wrong_codes()
    done = browser.answer(address, code=code_of(olga))

    assert "<svg" in page
    assert "style=" not in page.split("<svg", 1)[1].split("</svg>")[0]
    assert key[:4] in page
    assert "code" in str(refused.context["form"].errors)
    assert len(shown_codes(done)) == 10
    olga.refresh_from_db()
    assert olga.two_factor_since is not None
    assert inside(browser)  # the session that set it up goes on
    assert AuditEntry.objects.order_by("-pk")[0].action == "Set up the second factor"
    assert "10 recovery codes are left" in browser.page(address)


def test_sessions_from_before_it_was_set_up_are_closed(browser, guarded):
    assert not inside(browser)


def test_new_recovery_codes_replace_those_before(guarded, client):
    olga, codes = guarded
    enter(client)
    client.post(SECOND, {"code": code_of(olga, later=1)})
    TOTPDevice.objects.update(last_t=-1)
    response = client.post(
        reverse("admin:recovery_codes"), {"confirmed": "yes", "code": code_of(olga)}
    )

    fresh = shown_codes(response)
    assert not set(fresh) & set(codes)
    assert check_second_factor(operator=olga, code=codes[0]) is None
    forget_wrong_codes()
    assert check_second_factor(operator=olga, code=fresh[0]) == "recovery code"


def test_it_is_turned_off_with_a_code_alone(guarded, client, settings):
    olga, codes = guarded
    enter(client)
    client.post(SECOND, {"code": codes[0]})
    address = reverse("admin:two_factor_off")
    client.post(address, {"confirmed": "yes", "code": "000000"})
    forget_wrong_codes()
    settings.IM_TWO_FACTOR_REQUIRED = True
    client.post(address, {"confirmed": "yes", "code": codes[1]})
    olga.refresh_from_db()
    assert olga.two_factor_since is not None

    settings.IM_TWO_FACTOR_REQUIRED = False
    client.post(address, {"confirmed": "yes", "code": codes[2]})

    olga.refresh_from_db()
    assert olga.two_factor_since is None
    assert not TOTPDevice.objects.exists()
    assert enter(Client()).url == HOME


def test_a_superuser_turns_it_off_for_somebody_who_has_lost_it(root, guarded, client):
    olga, _codes = guarded
    root.answer(page_of(olga, "reset_two_factor"))

    enter(client)
    assert inside(client)


def test_where_it_is_required_nothing_else_is_open_before(browser, olga, settings):
    settings.IM_TWO_FACTOR_REQUIRED = True

    assert browser.get(HOME).url == reverse("admin:two_factor")
    assert browser.get(page_of(olga)).url == reverse("admin:two_factor")
    browser.page(reverse("admin:two_factor"))
    browser.answer(reverse("admin:two_factor"), code=code_of(olga))
    assert inside(browser)


def test_pages_about_it_are_for_those_who_have_it(browser):
    for name in ("recovery_codes", "two_factor_off"):
        assert browser.get(reverse(f"admin:{name}")).url == reverse("admin:two_factor")


def test_wrong_codes_are_refused_by_the_service(guarded):
    olga, _codes = guarded
    with pytest.raises(ImError, match="not the one"):
        confirm_two_factor(operator=olga, code="abc")
    assert renew_recovery_codes(operator=olga)
    drop_two_factor(operator=olga)
    assert check_second_factor(operator=olga, code="123456") is None
    assert codes_left(operator=olga) == 0
