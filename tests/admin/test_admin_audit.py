"""Whatever an operator does leaves an entry, which nobody changes."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Operator, User
from apps.core.models import AuditEntry
from apps.core.services.audit import Actor, Change, record
from tests.admin.conftest import SECRET, list_of, page_of
from tests.conftest import person


def last() -> AuditEntry:
    """The newest entry."""
    return AuditEntry.objects.order_by("-pk")[0]


def test_an_answered_question_is_noted_with_before_and_after_and_from_where(
    browser, olga, app, alice
):
    browser.answer(page_of(alice, "disable"), REMOTE_ADDR="192.0.2.7")

    entry = last()
    alice.refresh_from_db()
    assert (entry.operator, entry.operator_name, entry.app, entry.app_name) == (
        olga,
        "olga",
        app,
        "Acme",
    )
    assert (entry.action, entry.target_type, entry.target_id) == (
        "Disable users", "accounts.user", str(alice.pk),
    )  # fmt: skip
    assert entry.target_name == "alice"
    assert entry.before == {"disabled_at": None}
    assert entry.after["disabled_at"].startswith(f"{alice.disabled_at:%Y-%m-%dT%H:%M:%S}")
    assert entry.address == "127.0.0.1"


def test_the_address_is_that_behind_a_trusted_proxy(browser, alice, settings):
    settings.IM_TRUSTED_PROXIES = ["127.0.0.1"]
    browser.post(
        page_of(alice, "disable"), {"confirmed": "yes"}, headers={"x-forwarded-for": "203.0.113.9"}
    )

    assert last().address == "203.0.113.9"


def test_a_form_is_noted_field_by_field(browser, alice):
    browser.post(page_of(alice), {"nickname": "Al", "star": "0", "extras": ""})

    entry = last()
    assert (entry.action, entry.before, entry.after) == (
        "Changed",
        {"nickname": ""},
        {"nickname": "Al"},
    )


def test_a_form_that_changes_nothing_is_not_noted(browser, alice):
    before = AuditEntry.objects.count()
    browser.post(page_of(alice), {"nickname": "", "star": "0", "extras": ""})

    assert AuditEntry.objects.count() == before


def test_what_is_made_is_noted_without_its_password(browser, app):
    form = {"app": app.pk, "username": "newcomer", "password": "a-password", "star": "0"}
    browser.post(reverse("admin:accounts_user_add"), form)

    entry = last()
    assert (entry.action, entry.target_name, entry.before) == ("Added", "newcomer", None)
    assert entry.after["username"] == "newcomer"
    assert entry.after["Password"] == "•••"
    assert "a-password" not in str(entry.after)


def test_every_row_that_was_ticked_has_its_entry(browser, app, alice, bobby):
    browser.run(list_of(User), "disable_selected", [alice, bobby], confirmed="yes")

    entries = AuditEntry.objects.filter(action="Disable users")
    assert {entry.target_name for entry in entries} == {"alice", "bobby"}


def test_a_question_about_several_rows_tells_how_many(browser, app, alice, bobby):
    page = browser.run(list_of(User), "delete_these", [alice, bobby]).content.decode()

    assert "2 rows:" in page


def test_the_deleted_are_kept_in_the_audit_as_they_were_but_for_their_secrets(browser, app, alice):
    password_hash, pk = alice.password_hash, alice.pk
    browser.answer(page_of(alice, "delete"))

    entry = last()
    assert not app.users.filter(pk=pk).exists()
    assert (entry.action, entry.target_id, entry.after) == ("Delete users", str(pk), None)
    assert entry.before["username"] == "alice"
    assert entry.before["password_hash"] == "•••"
    assert password_hash not in str(entry.before)


def test_a_new_password_is_noted_and_not_told(browser, alice):
    browser.answer(page_of(alice, "new_password"), password="another one")

    entry = last()
    assert entry.action == "New password"
    assert entry.before["password_hash"] == entry.after["password_hash"] == "•••"
    assert entry.details == {"New password": "•••", "Concerns": ["Password"]}


def test_what_was_filled_in_is_told(browser, group, carol):
    browser.answer(page_of(group, "add_members"), usernames="carol")

    assert last().details == {
        "Usernames": ["carol"],
        "Pass over who can't be added": False,
        "Concerns": ["group members"],
    }


def test_what_a_service_refuses_leaves_no_entry(browser, group):
    before = AuditEntry.objects.count()
    browser.answer(page_of(group, "add_members"), usernames="nobody")

    assert AuditEntry.objects.count() == before


def test_a_new_secret_is_noted_under_its_app(browser, app):
    browser.answer(page_of(app, "new_secret"), grace="0")

    entry = last()
    assert (entry.action, entry.app, entry.target_type) == ("New master secret", app, "core.app")


def test_a_change_of_an_operator_is_noted(root, olga, app):
    root.post(page_of(olga), {"apps": [str(app.pk)], "role": "support"})

    entry = last()
    assert (entry.target_type, entry.app, entry.operator_name) == (
        "accounts.operator",
        None,
        "root",
    )
    assert (entry.before["is_active"], entry.before["role"]) == (True, "owner")
    assert (entry.after["is_active"], entry.after["role"]) == (False, "support")


def test_log_ins_failures_and_log_outs_are_noted(olga):
    client = Client(REMOTE_ADDR="192.0.2.8")
    address = reverse("admin:login")
    client.post(address, {"username": "olga", "password": "wrong"})
    client.post(address, {"username": "olga", "password": SECRET})
    client.post(reverse("admin:logout"))

    entries = AuditEntry.objects.order_by("pk")
    assert [(entry.action, entry.operator_name, entry.address) for entry in entries] == [
        ("Log-in failed", "olga", "192.0.2.8"),
        ("Log-in", "olga", "192.0.2.8"),
        ("Log-out", "olga", "192.0.2.8"),
    ]
    assert [entry.operator_id for entry in entries] == [None, olga.pk, olga.pk]


def test_the_name_of_a_failed_log_in_may_be_anything(db, client):
    for name in ("x" * 254, "a\0b", "王"):
        client.post(reverse("admin:login"), {"username": name, "password": "wrong"})

    assert AuditEntry.objects.filter(action="Log-in failed").count() >= 2


def test_a_change_of_ones_own_password_is_noted(browser):
    form = {
        "old_password": SECRET,
        "new_password1": "a wholly new phrase",
        "new_password2": "a wholly new phrase",
    }
    browser.post(reverse("admin:password_change"), {**form, "old_password": "wrong"})
    assert last().action == "Log-in"
    browser.post(reverse("admin:password_change"), form)

    assert (last().action, last().operator_name) == ("Own password changed", "olga")


@pytest.mark.parametrize("write", ["update", "delete"])
def test_the_database_refuses_to_change_or_delete_an_entry(app, write):
    record(actor=Actor(None, "somebody"), action="Changed")
    entries = AuditEntry.objects.filter(operator_name="somebody")

    with pytest.raises(DatabaseError, match="neither changed nor deleted"), transaction.atomic():
        entries.update(action="Added") if write == "update" else entries._raw_delete(entries.db)
    assert entries.get().action == "Changed"


def test_nobody_changes_adds_or_deletes_an_entry_in_the_console(root, ours):
    entry = AuditEntry.objects.get(operator_name="ours-somebody")
    count = AuditEntry.objects.count()
    answers = [
        root.get(reverse("admin:core_auditentry_add")),
        root.post(reverse("admin:core_auditentry_add"), {"action": "x"}),
        root.post(page_of(entry), {"action": "x", "operator_name": "y"}),
        root.post(page_of(entry, "delete"), {"post": "yes"}),
    ]
    root.run(list_of(AuditEntry), "delete_selected", [entry], post="yes")

    assert [answer.status_code for answer in answers] == [403] * 4
    entry.refresh_from_db()
    assert (entry.action, entry.operator_name) == ("Changed", "ours-somebody")
    assert AuditEntry.objects.count() == count
    assert 'name="_save"' not in root.page(page_of(entry))


def test_an_operator_sees_the_entries_of_their_apps_and_no_log_ins(browser, ours, theirs):
    shown = browser.get(list_of(AuditEntry)).context["cl"].result_list

    assert [entry.operator_name for entry in shown] == ["ours-somebody"]


def test_a_superuser_sees_log_ins_as_well(root, ours, theirs):
    shown = root.get(list_of(AuditEntry)).context["cl"].result_list

    told = [(entry.operator_name, entry.action) for entry in shown]
    assert told == [
        ("theirs-somebody", "Changed"),
        ("ours-somebody", "Changed"),
        ("root", "Log-in"),
    ]


def test_entries_are_found_by_operator_app_action_and_day(root, app, ours, theirs):
    def shown(**parameters) -> list[str]:
        response = root.get(list_of(AuditEntry), parameters)
        return [entry.operator_name for entry in response.context["cl"].result_list]

    assert shown(q="ours-somebody") == ["ours-somebody"]
    assert shown(q="ours") == []
    assert shown(app=app.pk) == ["ours-somebody"]
    assert shown(done="Log-in") == ["root"]
    assert shown(at_from="2100-01-01") == []
    assert len(shown(at_from="2020-01-01")) == 3


def test_an_entry_shows_the_names_of_fields_before_and_after(root, ours):
    page = root.page(page_of(AuditEntry.objects.get(operator_name="ours-somebody")))

    assert "<td>old</td><td>ours-group</td>" in page
    assert page_of(ours.group) in page


def test_the_history_of_a_row_is_what_the_audit_has_of_it(browser, ours):
    browser.answer(page_of(ours.user, "disable"))
    page = browser.page(page_of(ours.user, "history"))

    assert "Disable users" in page
    assert "olga" in page
    assert "ours-somebody" not in page


def test_the_home_page_shows_what_one_did_last(browser, root, alice):
    browser.answer(page_of(alice, "disable"))

    assert "Disable users" in browser.page(reverse("admin:index"))
    assert "Disable users" not in root.page(reverse("admin:index"))


def test_long_values_are_cut_and_secrets_hidden(app):
    long = {"signature": "x" * 600, "token_digest": b"1234", "names": [str(n) for n in range(200)]}
    record(actor=Actor(None, "somebody"), action="Changed", changes=[Change(app=app, after=long)])

    told = last().after
    assert told["signature"] == "x" * 500 + "…"
    assert told["token_digest"] == "•••"
    assert len(told["names"]) == 101


def test_a_list_of_entries_costs_the_same_however_many(root, ours, django_assert_max_num_queries):
    for number in range(60):
        record(
            actor=Actor(None, f"n{number}"),
            action="Changed",
            changes=[Change(target=ours.user, app=ours.app)],
        )

    with django_assert_max_num_queries(15):
        root.page(list_of(AuditEntry))
    with django_assert_max_num_queries(15):
        root.page(page_of(last()))


def test_kinds_of_actions_are_found_each_once(app):
    for action in ("Changed", "Added", "Changed"):
        record(actor=Actor(None, "somebody"), action=action)

    assert AuditEntry.objects.known_actions() == ["Added", "Changed"]


def test_an_entry_of_what_is_gone_stays_readable(root, app, group, alice):
    root.answer(page_of(alice, "delete"))
    entry = AuditEntry.objects.get(action="Delete users")

    page = root.page(page_of(entry))

    assert "alice" in page
    assert Operator.objects.get(username="root").pk == entry.operator_id
    assert person(app, "alice").pk != int(entry.target_id)
