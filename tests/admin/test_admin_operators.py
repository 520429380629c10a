"""The pages of operators, for superusers."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Operator, User
from apps.accounts.services.operators import set_operator_time_zone
from tests.admin.conftest import SECRET, Browser, list_of, page_of


def permission(name: str) -> str:
    """The value that ticks a permission."""
    label, _dot, codename = name.partition(".")
    return str(Permission.objects.get(content_type__app_label=label, codename=codename).pk)


def test_an_operator_is_made_and_can_do_what_was_ticked(root, app, alice):
    response = root.post(
        reverse("admin:accounts_operator_add"),
        {
            "username": "oscar",
            "password": SECRET,
            "apps": [str(app.pk)],
            "role": "chosen",
            "permissions": [permission("accounts.view_user")],
        },
    )

    oscar = Operator.objects.get(username="oscar")
    theirs = Browser(oscar)
    assert response.status_code == 302
    assert Client().login(username="oscar", password=SECRET)
    assert (oscar.is_active, oscar.is_staff, oscar.is_superuser) == (True, True, False)
    assert "alice" in theirs.page(list_of(User))
    assert theirs.answer(page_of(alice, "disable")).status_code == 403


def test_a_new_operator_is_offered_every_permission_that_a_page_asks_for(root):
    form = root.get(reverse("admin:accounts_operator_add")).context["adminform"].form

    offered = [str(label) for _value, label in form.fields["permissions"].choices]
    assert set(form.fields["permissions"].initial) == {
        value for value, _label in form.fields["permissions"].choices
    }
    assert {"users: see", "users: delete", "master secrets: add", "messages: see"} <= set(offered)
    assert "messages: change" not in offered
    assert not [label for label in offered if label.startswith("operators")]
    assert len(offered) == len(set(offered))


def test_what_is_offered_suffices_for_everything(root, app, olga):
    everything = [value for value, _label in offered(root)]
    form = {"is_active": "on", "apps": [str(app.pk)], "role": "chosen", "permissions": everything}
    root.post(page_of(olga), form)

    fresh = Operator.objects.get(pk=olga.pk)
    asked_for = {
        "core.view_app", "core.change_app", "core.add_appsecret", "core.delete_appsecret",
        "accounts.add_user", "accounts.change_user", "accounts.delete_user", "accounts.add_block",
        "accounts.delete_block", "accounts.delete_clientsession", "groups.add_group",
        "groups.change_group", "groups.delete_group", "groups.add_groupmember",
        "groups.delete_groupmember", "messaging.view_message", "messaging.view_conversation",
        "messaging.view_participant",
    }  # fmt: skip
    assert fresh.has_perms(asked_for)


def offered(root) -> list[tuple[str, str]]:
    """The permissions that can be ticked."""
    form = root.get(reverse("admin:accounts_operator_add")).context["adminform"].form
    return list(form.fields["permissions"].choices)


def test_a_superuser_is_made(root):
    root.post(
        reverse("admin:accounts_operator_add"),
        {"username": "rita", "password": SECRET, "is_superuser": "on", "role": "owner"},
    )

    assert Operator.objects.get(username="rita").is_superuser


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"username": "root"}, "username"),
        ({"username": "with space"}, "username"),
        ({"username": ""}, "username"),
        ({"username": "x" * 151}, "username"),
        ({"password": "12345678"}, "password"),
        ({"password": "short"}, "password"),
        ({"password": ""}, "password"),
        ({"apps": ["9999"]}, "apps"),
        ({"apps": ["x"]}, "apps"),
        ({"permissions": ["9999"]}, "permissions"),
        ({"permissions": ["x"]}, "permissions"),
        ({"role": "emperor"}, "role"),
        ({"role": ""}, "role"),
    ],
)
def test_what_can_not_be_is_told_at_its_field(root, data, field):
    form = {"username": "oscar", "password": SECRET, "role": "owner", **data}

    response = root.post(reverse("admin:accounts_operator_add"), form)

    assert response.status_code == 200
    assert field in response.context["adminform"].form.errors
    assert Operator.objects.count() == 1


def test_an_operator_who_is_barred_is_logged_out_at_once(root, olga, browser, app):
    before = browser.get(list_of(User)).status_code
    root.post(page_of(olga), {"apps": [str(app.pk)], "role": "owner"})
    after = browser.get(list_of(User))

    assert before == 200
    assert after.status_code == 302
    assert after.url.startswith(reverse("admin:login"))
    assert Operator.objects.filter(pk=olga.pk).exists()


def test_an_operator_who_loses_an_app_sees_nothing_of_it(root, olga, browser, app, alice):
    before = browser.page(list_of(User))
    kept = [value for value, _label in offered(root)]
    root.post(page_of(olga), {"is_active": "on", "role": "chosen", "permissions": kept})

    assert "alice" in before
    assert "alice" not in browser.page(list_of(User))
    assert browser.get(page_of(alice)).status_code == 302


def test_an_operator_gets_a_new_password_and_has_to_log_in_with_it(root, olga, browser):
    done = root.answer(page_of(olga, "new_password"), password="another pass phrase")

    assert "The operator has a new password." in root.said(done)
    assert Client().login(username="olga", password="another pass phrase")
    assert browser.get(list_of(User)).status_code == 302


def test_a_weak_password_is_refused(root, olga):
    response = root.answer(page_of(olga, "new_password"), password="password")

    assert "password" in response.context["form"].errors
    assert Client().login(username="olga", password=SECRET)


def test_superusers_do_not_take_their_own_power(root):
    me = Operator.objects.get(username="root")
    page = root.page(page_of(me))
    root.post(page_of(me), {})

    me.refresh_from_db()
    assert 'name="is_superuser"' not in page
    assert (me.is_active, me.is_superuser) == (True, True)


def test_operators_are_not_deleted(root, olga):
    response = root.post(page_of(olga, "delete"), {"post": "yes"})
    root.run(list_of(Operator), "delete_selected", [olga], post="yes")

    assert response.status_code == 403
    assert Operator.objects.filter(pk=olga.pk).exists()


def test_operators_are_found_by_a_part_of_their_name(root, olga):
    page = root.page(list_of(Operator), q="lg")

    assert "olga" in page
    assert page_of(Operator.objects.get(username="root")) not in page


def test_operators_change_their_own_password(browser, olga):
    address = reverse("admin:password_change")
    form = {
        "old_password": SECRET,
        "new_password1": "a wholly new phrase",
        "new_password2": "a wholly new phrase",
    }

    browser.page(address)
    response = browser.post(address, form, follow=True)

    assert response.status_code == 200
    assert Client().login(username="olga", password="a wholly new phrase")


def test_an_operator_chooses_the_zone_of_their_times(browser, olga, ours):
    browser.cookies["im_time_zone"] = "America/New_York"
    ours.app.users.filter(pk=ours.user.pk).update(created_at="2026-07-01T12:00:00Z")
    assert "2026-07-01 08:00:00" in browser.page(page_of(ours.user))

    browser.answer(reverse("admin:time_zone"), time_zone="Asia/Shanghai")
    assert "2026-07-01 20:00:00" in browser.page(page_of(ours.user))

    browser.answer(reverse("admin:time_zone"), time_zone="")
    assert "2026-07-01 08:00:00" in browser.page(page_of(ours.user))


def test_a_zone_that_is_none_is_refused(browser, olga):
    answer = browser.answer(reverse("admin:time_zone"), time_zone="Mars/Olympus")

    assert answer.status_code == 200
    olga.refresh_from_db()
    assert olga.time_zone == ""
    with pytest.raises(ValidationError):
        set_operator_time_zone(operator=olga, time_zone="Mars/Olympus")


def test_the_menu_of_an_operator_leads_to_their_own_pages(browser):
    page = browser.page("/admin/")

    for name in ("password_change", "two_factor", "time_zone"):
        assert f'href="{reverse(f"admin:{name}")}"' in page
