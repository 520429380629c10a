"""A name that is none of the server's."""

import logging

from django.test import Client


def test_a_wrong_host_is_refused_and_leaves_the_log_alone(db, settings, caplog):
    settings.ALLOWED_HOSTS = ["im.example.com"]

    with caplog.at_level(logging.ERROR):
        answer = Client().get("/admin/login/", headers={"host": "elsewhere.example.com"})

    assert answer.status_code == 400
    assert [record for record in caplog.records if record.name.startswith("django.security")] == []
