"""The demo world of a first start: made once, and only where there is nothing."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth import authenticate
from django.db import connection

from apps.accounts.models import Operator
from apps.accounts.services.operators import create_operator
from apps.console.demo import Demo, ensure_demo
from apps.core.models import App
from apps.core.services.apps import create_app

pytestmark = pytest.mark.django_db


def test_the_first_start_makes_an_app_with_users_and_an_operator() -> None:
    demo = ensure_demo()
    assert demo.credentials is not None
    assert sorted(demo.credentials.app.users.values_list("username", flat=True)) == [
        "alice",
        "bobby",
    ]
    assert [user.name for user in demo.users] == ["alice", "bobby"]
    assert demo.operator is not None
    operator = authenticate(username=demo.operator.name, password=demo.operator.password)
    assert isinstance(operator, Operator)
    assert operator.is_superuser


def test_the_second_start_makes_nothing() -> None:
    ensure_demo()
    again = ensure_demo()
    assert again == Demo(credentials=None, users=[], operator=None)
    assert App.objects.count() == 1
    assert Operator.objects.count() == 1


def test_an_app_that_is_there_is_enough() -> None:
    create_app(name="Shop")
    demo = ensure_demo()
    assert demo.credentials is None
    assert demo.operator is not None


def test_an_operator_that_is_there_is_enough() -> None:
    create_operator(username="olga", password="correct horse")
    demo = ensure_demo()
    assert demo.operator is None
    assert demo.credentials is not None


@pytest.mark.django_db(transaction=True)
def test_two_first_starts_at_once_make_one_demo() -> None:
    def make(_number: int) -> Demo:
        try:
            return ensure_demo()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        demos = list(pool.map(make, range(2)))
    assert sum(demo.credentials is not None for demo in demos) == 1
    assert App.objects.count() == 1
    assert Operator.objects.count() == 1
