"""Each role opens the screens and has the buttons that the matrix in tests/roles says, and no others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.urls import URLPattern, reverse

from apps.accounts.models import Operator, OperatorRole
from apps.accounts.roles import allows
from apps.accounts.services.operators import create_operator, create_superuser
from apps.core.adminkit.big_tables import BigTableAdmin
from tests.admin.conftest import CHILDREN, SECRET, Browser, list_of, page_of
from tests.roles import PAGES, SCREENS

LETTERS = {
    "O": OperatorRole.OWNER,
    "S": OperatorRole.SUPPORT,
    "A": OperatorRole.AUDITOR,
}
#: Addresses that are no screens: what pages are made with, the way in and out, and what catches the rest.
NO_SCREENS = {
    "login",
    "logout",
    "jsi18n",
    "autocomplete",
    "view_on_site",
    "search",
    "app_list",
    None,
    "recovery_codes", "two_factor_off",  # for whoever has a second factor: tested with the log-in
}  # fmt: skip


@pytest.fixture(params=["R", *LETTERS])
def letter(request) -> str:
    """Each role in turn."""
    return str(request.param)


@pytest.fixture
def visitor(letter: str, app) -> Browser:
    """The browser of somebody with that role."""
    if letter == "R":
        return Browser(create_superuser(username="root", password=SECRET))
    operator = create_operator(username="vera", password=SECRET, apps=[app], role=LETTERS[letter])
    return Browser(operator)


@pytest.fixture
def rows(ours, visitor) -> dict[str, Any]:
    """A row for each model."""
    operator = Operator.objects.get()
    return {row._meta.label_lower.replace(".", "_"): row for row in [*ours.rows, operator]}


def address_of(screen: str, name: str, row: Any) -> str:
    """That of a page: most are a row's."""
    if name.startswith("all:"):
        return reverse(f"admin:{screen}_all", args=[name.removeprefix("all:")])
    model_admin = admin.site.get_model_admin(apps.get_model(screen.replace("_", ".", 1)))
    if name in ("suggested", *(model_admin.actions_list or ())):  # type: ignore[attr-defined]  # unfold's
        return reverse(f"admin:{screen}_{name}")
    return page_of(row, name)


def names_of(patterns) -> Iterator[str | None]:
    """The names of all addresses of the console."""
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield pattern.name
        else:
            yield from names_of(pattern.url_patterns)


def test_every_screen_and_every_action_has_a_row(rf):
    request = rf.get("/")
    request.user = Operator(is_active=True, is_superuser=True)
    screens = {
        f"{screen}_{name}"
        for screen, names in SCREENS.items()
        for name in names
        if name != "save" and not name.startswith(("list:", "all:"))
    }
    wholes = {f"{screen}_all" for screen in SCREENS if _registered(screen, BigTableAdmin)}
    pages = {name for name in PAGES if ":" not in name}
    served = set(names_of(admin.site.urls[0])) - NO_SCREENS

    assert served == screens | pages | wholes

    listed = {
        model._meta.label_lower.replace(".", "_"): set(model_admin.actions or ())
        for model, model_admin in admin.site._registry.items()
    }
    told = {
        screen: {name.removeprefix("list:") for name in names if name.startswith("list:")}
        for screen, names in SCREENS.items()
    }
    assert listed == told

    for screen, names in SCREENS.items():
        model_admin = _registered(screen, BigTableAdmin)
        if model_admin is not None:
            can = {*model_admin.wholes, *(["export"] if model_admin.exported(request) else [])}
            told_of = {name.removeprefix("all:") for name in names if name.startswith("all:")}
            assert can == told_of, screen


def _registered(screen: str, kind: type) -> Any:
    """The screen's admin, if it is of that kind."""
    found = admin.site.get_model_admin(apps.get_model(screen.replace("_", ".", 1)))
    return found if isinstance(found, kind) else None


def test_the_pages_of_rows_are_for_those_whom_the_matrix_names(letter, visitor, ours, rows):
    wrong = {}
    for screen, names in SCREENS.items():
        for name, letters in names.items():
            if name in ("save", "changelist", "add") or name.startswith("list:"):
                continue
            response = visitor.get(address_of(screen, name, rows[screen]))
            if response.status_code != (200 if letter in letters else 403):
                wrong[f"{screen}_{name}"] = response.status_code

    assert wrong == {}


def test_no_button_is_pressed_by_those_who_lack_it(letter, visitor, ours, rows):
    """Not seeing a button is not enough: posting to its address is refused as well."""
    wrong = {}
    for screen, names in SCREENS.items():
        for name, letters in names.items():
            if letter in letters or name in ("save", "changelist", "add", "change", "history"):
                continue
            if not name.startswith("list:"):
                response = visitor.answer(address_of(screen, name, rows[screen]))
                if response.status_code != 403:
                    wrong[f"{screen}_{name}"] = response.status_code
        if letter not in names["save"] and letter in names["change"]:
            response = visitor.post(
                page_of(rows[screen]), {"name": "changed", "nickname": "changed"}
            )
            if response.status_code != 403:
                wrong[f"{screen} save"] = response.status_code

    assert wrong == {}


def test_lists_and_forms_are_for_those_whom_the_matrix_names(letter, visitor, ours, rows):
    wrong = {}
    for screen, names in SCREENS.items():
        addresses = {name: reverse(f"admin:{screen}_{name}") for name in ("changelist", "add")}
        for name, address in addresses.items():
            response = visitor.get(address)
            if response.status_code != (200 if letter in names[name] else 403):
                wrong[f"{screen}_{name}"] = response.status_code

    assert wrong == {}


def test_forms_are_saved_and_rows_ticked_by_those_whom_the_matrix_names(
    letter, visitor, ours, rows
):
    wrong = {}
    for screen, names in SCREENS.items():
        if letter in names["change"]:
            saves = 'name="_save"' in visitor.page(page_of(rows[screen]))
            if saves != (letter in names["save"]):
                wrong[f"{screen} save"] = saves
        actions = [name for name in names if name.startswith("list:")]
        if not actions or letter not in names["changelist"]:
            continue
        model = apps.get_model(screen.replace("_", ".", 1))
        name = model._meta.model_name
        parent = (
            f"?{CHILDREN[name][0]}={getattr(ours, CHILDREN[name][1]).pk}"
            if name in CHILDREN
            else ""
        )
        page = visitor.page(list_of(model) + parent)
        for action in actions:
            offered = f'value="{action.removeprefix("list:")}"' in page
            if offered != (letter in names[action]):
                wrong[f"{screen} {action}"] = offered

    assert wrong == {}


def test_pages_of_no_model_are_for_those_whom_the_matrix_names(letter, visitor, ours):
    wrong = {}
    for name, letters in PAGES.items():
        view, _colon, argument = name.partition(":")
        response = visitor.get(reverse(f"admin:{view}", args=[argument] if argument else []))
        if response.status_code != (200 if letter in letters else 403):
            wrong[name] = response.status_code

    assert wrong == {}


def test_what_was_said_is_read_by_those_alone_who_may(letter, visitor, ours):
    pages = [
        visitor.page(list_of(type(ours.message))),
        visitor.page(page_of(ours.message)),
        visitor.page(page_of(ours.conversation)),
        visitor.page(page_of(ours.group)),
    ]

    assert not any("ours-text" in page for page in pages) or letter in "ROA"


@pytest.mark.parametrize(
    ("role", "permission", "allowed"),
    [
        ("owner", "diary.change_entry", True),
        ("owner", "messaging.read_message", True),
        ("owner", "accounts.view_operator", False),
        ("owner", "auth.change_permission", False),
        ("support", "accounts.delete_user", True),
        ("support", "messaging.view_message", True),
        ("support", "messaging.read_message", False),
        ("support", "core.view_auditentry", False),
        ("support", "diary.view_entry", False),
        ("auditor", "diary.view_entry", True),
        ("auditor", "messaging.read_message", True),
        ("auditor", "accounts.change_user", False),
        ("auditor", "accounts.view_operator", False),
        ("chosen", "accounts.view_user", False),
        ("unheard-of", "accounts.view_user", False),
    ],
)
def test_a_role_is_a_rule_that_covers_add_ons(role, permission, allowed):
    assert allows(role, permission) is allowed


def test_who_is_barred_has_no_permission(app):
    operator = create_operator(username="vera", password=SECRET, apps=[app])
    operator.is_active = False

    assert not operator.has_perm("accounts.view_user")
    assert not operator.has_module_perms("accounts")


def test_ticked_permissions_count_for_that_role_alone(app):
    operator = create_operator(username="vera", password=SECRET, apps=[app], role="chosen")

    assert not operator.has_perm("accounts.view_user")
    assert not operator.has_module_perms("accounts")
