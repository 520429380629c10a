"""Every documented request and answer, in both dialects, as data. See `tests.contract.replay`."""

import re

import pytest
from django.db import transaction

from apps.core.api.dialects import dialect_of
from apps.core.api.operations import routes
from tests.contract import world
from tests.contract.replay import DIALECTS, Case, cases, parameters, replay
from tests.documented import HOST


@pytest.mark.django_db
@pytest.mark.parametrize("case", parameters())
def test_contract(case: Case):
    clients, names = world.build(case.dialect)

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


def test_every_case_belongs_to_an_operation():
    known = {route.name for route in routes()} | {"errors"}

    assert {case.operation for case in cases()} == known
