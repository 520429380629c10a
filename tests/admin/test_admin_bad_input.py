"""Nothing that is typed into an address or a form ends in an error of the server."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from django.urls import reverse

from apps.accounts.models import User
from tests.admin.conftest import Browser, list_of, lists_of, page_of

ODD = [
    "",
    "\0",
    "abc",
    "-1",
    "1.5",
    "9" * 40,
    "\uff11",
    "%",
    "\U0001f600",
    "a" * 5000,
    "__in",
    "1,2",
]
OF_EVERY_LIST = [
    "q",
    "p",
    "o",
    "e",
    "all",
    "_facets",
    "_popup",
    "_to_field",
    "older_than",
    "newer_than",
    "app",
]
OF_SOME = [
    "state", "role", "type", "kind", "conversation", "group", "user", "owner", "blocked",
    "created_at_from", "created_at_to", "sent_at_from", "sent_at_to",
]  # fmt: skip


@pytest.mark.parametrize("name", [*OF_EVERY_LIST, *OF_SOME])
def test_no_parameter_breaks_a_list(root, ours, name):
    for address in lists_of(ours):
        for value in ODD:
            more = urlencode({name: value})
            response = root.get(f"{address}{'&' if '?' in address else '?'}{more}")

            assert response.status_code in (200, 302, 400), (address, name, value)


@pytest.mark.parametrize(
    "key", ["abc", "0", "-1", "9" * 40, "1.5", "_2F", "%00", "%E4%BD%A0", "1,2"]
)
def test_no_key_breaks_a_page(root, ours, key):
    for row in ours.rows:
        for action in ("change", "history"):
            address = page_of(row, action).replace(f"/{row.pk}/", f"/{key}/")
            response = root.get(address)

            assert response.status_code in (302, 404), address


def test_no_autocomplete_breaks(root, ours):
    address = reverse("admin:autocomplete")
    good = {"app_label": "accounts", "model_name": "user", "field_name": "app", "term": "a"}

    assert root.get(address, good).status_code == 200
    for name in [*good, "page"]:
        for value in ODD:
            status = root.get(address, {**good, name: value}).status_code
            assert status in (200, 403, 404), (name, value)


def test_no_relation_breaks_autocomplete_and_it_skips_few_rows(root, ours):
    address = reverse("admin:autocomplete")
    for model in {type(row) for row in ours.rows}:
        source = {"app_label": model._meta.app_label, "model_name": model._meta.model_name}
        for field in model._meta.get_fields():
            status = root.get(address, {**source, "field_name": field.name}).status_code
            assert status in (200, 403, 404), (model, field.name)
    users = {"app_label": "accounts", "model_name": "block", "field_name": "blocked"}

    assert root.get(address, {**users, "page": "50"}).status_code == 200
    assert root.get(address, {**users, "page": "51"}).status_code == 404


@pytest.mark.parametrize("value", ODD)
def test_no_value_breaks_an_action(root, ours, value):
    users = list_of(User)
    for data in (
        {"action": value},
        {"action": "disable_selected", "_selected_action": value},
        {"action": "disable_selected", "_selected_action": str(ours.user.pk), "index": value},
        {"action": "delete_these", "_selected_action": [value], "confirmed": "yes"},
        {"action": "delete_these", "_selected_action": [value], "select_across": value},
    ):
        response = root.post(users, data)

        assert response.status_code in (200, 302, 400), data
    assert ours.app.users.enabled().count() == 2


@pytest.mark.parametrize("value", ODD)
def test_no_value_breaks_a_page_that_asks(root, ours, value):
    asked = [
        (ours.app, "new_secret", "grace"),
        (ours.user, "new_password", "password"),
        (ours.user, "block", "usernames"),
        (ours.group, "add_members", "usernames"),
        (ours.group, "transfer", "username"),
    ]
    for row, action, name in asked:
        assert root.answer(page_of(row, action), **{name: value}).status_code in (200, 302)


@pytest.mark.parametrize("value", ODD)
def test_no_value_breaks_a_form(root, ours, value):
    forms = [page_of(ours.app), page_of(ours.user), page_of(ours.group)]
    forms += [
        reverse(f"admin:{name}")
        for name in (
            "core_app_add",
            "accounts_user_add",
            "groups_group_add",
            "accounts_operator_add",
        )
    ]
    for address in forms:
        fields = root.get(address).context["adminform"].form.fields
        response = root.post(address, dict.fromkeys(fields, value))

        assert response.status_code in (200, 302), address


def test_bytes_that_are_no_text_break_nothing(root, ours):
    for address in (page_of(ours.user), page_of(ours.group, "add_members")):
        response = root.generic(
            "POST",
            address,
            b"confirmed=yes&nickname=%ff%fe&usernames=%ed%a0%80",
            content_type="application/x-www-form-urlencoded",
        )

        assert response.status_code in (200, 302)


def test_what_does_not_exist_is_a_page(root, ours):
    for address in ("/admin/nothing/", "/admin/accounts/nothing/", "/admin/search/?s=a&page=x"):
        page = root.page(address, status=404)

        assert "There is no such page" in page
        assert "nav-sidebar" in page


def test_no_page_offers_the_search_that_is_not_there(root, ours):
    assert reverse("admin:search") not in root.page(reverse("admin:index"))


def test_a_forged_form_is_refused(ours, olga):
    strict = Browser(olga, enforce_csrf_checks=True)

    assert strict.answer(page_of(ours.user, "delete")).status_code == 403
    assert strict.post(page_of(ours.user), {"nickname": "x"}).status_code == 403
    assert ours.app.users.filter(pk=ours.user.pk, nickname="").exists()


def test_a_page_may_not_be_framed_nor_load_from_elsewhere(root, client, ours):
    for response in (
        root.get(list_of(User)),
        client.get(reverse("admin:login")),
        root.get("/admin/nothing/"),
    ):
        policy = response.headers["Content-Security-Policy"]

        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "http" not in policy
        assert "no-store" in response.headers["Cache-Control"]
