"""The admin's forms and the API hold to the same limits."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from tests.admin.conftest import page_of

TEXTS = {
    "username": [
        "", "abc", "abcd", "x" * 128, "x" * 129, "_abc", ".abc", "a_b.c@d-e", "ab cd", "用户名", "abcé",
        "abcd\n", "1234", "-abc", "ab\0cd", " abcd",
    ],
    "password": ["", "abc", "abcd", "密" * 42, "密" * 43, "x" * 128, "x" * 129, "    ", " abc"],
    "nickname": ["", "x" * 64, "x" * 65, "爱" * 21, "爱" * 22, "a\nb", " a "],
    "avatar": ["", "x" * 255, "x" * 256, "媒" * 85, "媒" * 86],
    "signature": ["", "签" * 83, "签" * 84, "a\nb", "x" * 250, "x" * 251],
    "region": ["", "x" * 250, "x" * 251],
    "address": ["", "x" * 250, "x" * 251],
}  # fmt: skip
NUMBERS = {
    "gender": [-1, 0, 1, 2, 3],
    "star": [-(2**31) - 1, -(2**31), 0, 2**31 - 1, 2**31],
}
DAYS = ["1990-04-05", "1990-02-30", "0001-01-01", "9999-12-31", "10000-01-01", "1990-4-5"]
EXTRAS = [
    {},
    {"a": 1},
    {"a": "x" * 504},
    {"a": "x" * 505},
    {"a": "名" * 168},
    {"a": "名" * 169},
    {"a": {"b": [None, True, 1.5]}},
    [1],
    "text",
    {"a": "\0"},
    {"a": "\ud800"},
]
CASES = [
    *((field, text, text) for field, texts in TEXTS.items() for text in texts),
    *((field, number, str(number)) for field, numbers in NUMBERS.items() for number in numbers),
    *(("birthday", day, day) for day in DAYS if day != "1990-4-5"),
    *(("extras", extras, json.dumps(extras)) for extras in EXTRAS),
]


@pytest.mark.parametrize(("field", "wire", "typed"), CASES)
def test_a_registration_is_taken_by_both_or_by_none(
    root, api, app, final_api, final_app, field, wire, typed
):
    good = {"username": "newcomer", "password": "a password"}
    # A star is for the draft's users alone.
    speaker, theirs, ours = (
        (api, app, final_app) if field == "star" else (final_api, final_app, app)
    )

    reply = speaker.call("post", "/v1/users", [{**good, field: wire}])
    (row,) = reply.json() if reply.status_code == 201 else [{"error": "all"}]
    page = root.post(reverse("admin:accounts_user_add"), {"app": ours.pk, **good, field: typed})

    by_api, by_admin = theirs.users.first(), ours.users.first()
    assert (by_api is None) == ("error" in row)
    assert (by_admin is None) == (page.status_code == 200)
    assert (by_api is None) == (by_admin is None), (row, page.status_code)
    if by_api is not None and by_admin is not None and field not in ("password", "extras"):
        assert getattr(by_api, field) == getattr(by_admin, field)


@pytest.mark.parametrize(
    ("field", "wire_name", "values"),
    [
        ("name", "name", ["", "x", "x" * 64, "x" * 65, "名" * 21, "名" * 22, "a\nb", " a "]),
        ("description", "desc", ["", "x" * 250, "x" * 251, "描" * 83, "描" * 84, "a\nb"]),
        ("avatar", "avatar", ["", "x" * 255, "x" * 256]),
    ],
)
def test_a_change_of_a_group_is_taken_by_both_or_by_none(
    browser, api, group, field, wire_name, values
):
    for value in values:
        reply = api.call("put", f"/v1/groups/{group.pk}", {wire_name: value})
        form = {"name": "friends", "kind": "1", "max_members": "500", field: value}
        page = browser.post(page_of(group), form)

        assert (reply.status_code < 300) == (page.status_code == 302), (value, reply.content)
