"""Every documented request and answer, in both dialects, as data. See `tests.contract.replay`."""

import re

import pytest
from django.db import transaction
from django.test import override_settings
from django.urls import Resolver404, resolve

from apps.core.api.dialects import dialect_of
from apps.core.api.operations import routes
from apps.core.management import evidence
from tests.contract import world
from tests.contract.replay import DIALECTS, Case, cases, parameters, replay
from tests.documented import HOST, canonical


@pytest.mark.django_db
@pytest.mark.parametrize("case", parameters())
def test_contract(case: Case):
    with override_settings(**case.given.get("settings", {})):
        clients, names = world.build(case.dialect, case.given)

        replay(case, clients, names)


def _bare(path: str) -> str:
    return re.sub("^/v1/", "/", path)


def _versioned(path: str) -> str:
    return path if re.match("/(client/v1|v[12])/", path) else f"/v1{path}"


def _with_slash(path: str) -> str:
    path, question, query = path.partition("?")
    return f"{path.rstrip('/')}/{question}{query}"


def _without_slash(path: str) -> str:
    path, question, query = path.partition("?")
    return f"{path.rstrip('/')}{question}{query}"


def _doubled(path: str) -> str:
    path, question, query = path.partition("?")
    return f"{HOST}{path.replace('/', '//')}{question}{query}"


FORMS = {
    "bare": lambda path: _without_slash(_bare(path)),
    "bare with a slash": lambda path: _with_slash(_bare(path)),
    "bare, doubled": lambda path: _doubled(_bare(path)),
    "versioned": lambda path: _without_slash(_versioned(path)),
    "versioned with a slash": lambda path: _with_slash(_versioned(path)),
    "versioned, doubled": lambda path: _doubled(_versioned(path)),
}

#: The case of each operation that is replayed with its paths in every form.
FORMED = "documented"


@pytest.mark.django_db
@pytest.mark.parametrize("case", [one for one in parameters() if one.values[0].name == FORMED])
def test_every_form_of_a_path_is_answered_alike(case: Case):
    clients, names = world.build(case.dialect)

    for form in FORMS.values():
        with transaction.atomic():  # the next form starts in the same world
            replay(case, clients.afresh(), dict(names), form)
            transaction.set_rollback(True)


def test_every_operation_has_a_documented_case_in_each_dialect_that_has_it():
    expected = {
        (route.name, dialect)
        for route in routes()
        for dialect in DIALECTS
        if route.name not in dialect_of(dialect).lacks
    }

    found = {(case.operation, case.dialect) for case in cases() if case.name == FORMED}

    assert found == expected


def operation_of(call: str) -> str:
    """The name of the operation that a case's call is of; empty for one of none."""
    method, _, path = call.partition(" ")
    try:
        found = resolve(canonical(re.sub(r"\{\w+\}", "1", path)))
    except Resolver404:
        return ""
    action = getattr(found.func, "actions", {}).get(method.lower())
    view = getattr(found.func, "cls", None)
    return f"{view.operation_group}.{action}" if view and action else ""


#: Refusals that no sequence of calls can bring about, and what does.
ONLY_AT_ONCE = {
    ("client_chatroom_entries.create", 899002): "deleted between the log-in and the call",
    ("client_groups.join", 899002): "likewise",
    ("client_me.set_password", 899002): "likewise",
    ("client_me.update", 899002): "likewise",
    ("client_messages.create", 899016): "disabled between the log-in and the call",
    ("client_shields.change", 899002): "deleted between the log-in and the call",
}


def test_every_refusal_that_an_operation_tells_of_is_shown_by_a_case():
    told = {(route.name, code.number) for route in routes() for code in route.operation.all_errors}

    shown = {
        (operation_of(exchange["call"]), number)
        for case in cases()
        for exchange in case.exchanges
        for number in evidence.codes_in(exchange)
    }

    assert sorted(told - shown - set(ONLY_AT_ONCE)) == []
    assert set(ONLY_AT_ONCE) <= told - shown


def test_every_case_belongs_to_an_operation():
    known = {route.name for route in routes()} | {"errors"}

    assert {case.operation for case in cases()} == known
