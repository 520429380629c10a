"""`manage.py create_app`: a key and a secret of its own, or those that the app had elsewhere."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from apps.core.models import App
from tests.conftest import ApiClient, basic

KEY = "4f7aef34fb361292c566a1cd"
SECRET = "054d6103823a726fc12d0466"

pytestmark = pytest.mark.django_db


def create(*words, **options):
    out = io.StringIO()
    call_command("create_app", "Shop", *words, stdout=out, **options)
    return out.getvalue()


def test_an_app_goes_on_with_the_key_and_secret_it_had():
    made = json.loads(create("--app-key", KEY, "--master-secret", SECRET, "--json"))

    assert (made["app_key"], made["master_secret"]) == (KEY, SECRET)
    client = ApiClient()
    reply = client.get("/v1/users", headers={"Authorization": basic(KEY, SECRET)})
    assert reply.status_code == 200


def test_the_secret_can_be_read_from_where_nobody_sees_it(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{SECRET}\n"))

    assert f"master_secret: {SECRET}\n" in create("--app-key", KEY, "--master-secret", "-")


@pytest.mark.parametrize(
    ("key", "secret"),
    [(KEY[:-1], SECRET), (f"{KEY}a", SECRET), (KEY, SECRET[:-1]), (KEY, f"{SECRET[:-1]}!")],
)
def test_a_key_or_secret_of_another_form_is_refused(key, secret):
    with pytest.raises(CommandError, match="exactly 24 letters and digits"):
        create("--app-key", key, "--master-secret", secret)
    assert not App.objects.exists()


def test_a_key_that_is_taken_is_refused_and_nothing_changed():
    create("--app-key", KEY, "--master-secret", SECRET)

    with pytest.raises(CommandError, match="already exists"):
        create("--app-key", KEY, "--master-secret", SECRET[::-1])
    assert App.objects.get().secrets.count() == 1


def test_an_empty_standard_input_is_no_secret(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(""))

    with pytest.raises(CommandError, match="standard input"):
        create("--master-secret", "-")
