"""What watches the processes is told whether one can answer."""

import pytest
from django.db import OperationalError, connection


@pytest.mark.django_db
def test_a_process_that_reaches_its_database_is_well(client):
    answer = client.get("/health")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.django_db
def test_any_name_of_the_host_will_do(client, settings):
    settings.ALLOWED_HOSTS = ["im.example.com"]

    assert client.get("/health", headers={"host": "10.0.0.3:8000"}).status_code == 200


def test_one_that_does_not_is_not(client, monkeypatch):
    def refuse() -> None:
        raise OperationalError

    monkeypatch.setattr(connection, "cursor", refuse)

    answer = client.get("/health")

    assert (answer.status_code, answer.json()) == (503, {"status": "no database"})


def test_nothing_can_be_changed_there(client):
    assert client.post("/health").status_code == 405
