"""Grants between apps: given, revoked, asked for."""

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.core.errors import CROSS_APP_REFUSED, NO_SUCH_TARGET_APP, ImError
from apps.core.models import CrossAppGrant
from apps.core.services.cross_app_grants import grant_cross_app, revoke_cross_app

pytestmark = pytest.mark.django_db


def refusal(app, *keys):
    with pytest.raises(ImError) as caught:
        app.reach(keys)
    return caught.value.code


def test_an_app_reaches_the_app_that_it_has_a_grant_for(app, other_app):
    grant_cross_app(app=app, target=other_app)

    assert app.reach([other_app.app_key]) == {
        other_app.app_key: other_app,
        app.app_key: app,
    }


def test_a_grant_holds_one_way(app, other_app):
    grant_cross_app(app=app, target=other_app)

    assert refusal(other_app, app.app_key) is CROSS_APP_REFUSED


def test_an_app_reaches_itself_without_a_grant_and_without_asking(app):
    with CaptureQueriesContext(connection) as asked:
        assert app.reach([app.app_key]) == {app.app_key: app}

    assert len(asked) == 0


def test_one_app_out_of_reach_refuses_all(app, other_app, final_app):
    grant_cross_app(app=app, target=other_app)

    assert refusal(app, other_app.app_key, final_app.app_key) is CROSS_APP_REFUSED


@pytest.mark.parametrize("key", ["x" * 24, "", "nul\0"])
def test_a_key_of_no_app_is_told_apart_from_one_without_a_grant(app, other_app, key):
    assert refusal(app, other_app.app_key, key) is NO_SUCH_TARGET_APP


def test_to_reach_an_app_is_one_query(app, other_app):
    grant_cross_app(app=app, target=other_app)

    with CaptureQueriesContext(connection) as asked:
        app.reach([other_app.app_key])

    assert len(asked) == 1


def test_granting_again_changes_nothing(app, other_app):
    first = grant_cross_app(app=app, target=other_app)

    assert grant_cross_app(app=app, target=other_app) == first
    assert app.cross_grants.count() == 1


def test_after_it_is_revoked_the_app_is_out_of_reach(app, other_app):
    grant_cross_app(app=app, target=other_app)

    assert revoke_cross_app(app=app, target=other_app) is True
    assert revoke_cross_app(app=app, target=other_app) is False
    assert refusal(app, other_app.app_key) is CROSS_APP_REFUSED


def test_an_app_gets_no_grant_for_itself_from_anyone(app):
    with pytest.raises(ValidationError):
        grant_cross_app(app=app, target=app)
    with pytest.raises(IntegrityError), transaction.atomic():
        CrossAppGrant.objects.create(app=app, target=app)


class TestTheCommand:
    def test_it_grants_one_way_and_says_so(self, app, other_app, capsys):
        call_command("grant_cross_app", app.app_key, other_app.app_key)

        assert capsys.readouterr().out == "Acme -> Rival: granted\n"
        assert [(grant.app, grant.target) for grant in CrossAppGrant.objects.all()] == [
            (app, other_app)
        ]

    def test_it_grants_both_ways_and_revokes_both(self, app, other_app, capsys):
        call_command("grant_cross_app", app.app_key, other_app.app_key, "--both-ways")
        assert CrossAppGrant.objects.count() == 2

        call_command("grant_cross_app", app.app_key, other_app.app_key, "--both-ways", "--revoke")
        assert not CrossAppGrant.objects.exists()
        call_command("grant_cross_app", app.app_key, other_app.app_key, "--revoke")
        assert capsys.readouterr().out.splitlines()[-1] == "Acme -> Rival: was not granted"

    def test_it_refuses_what_cannot_be(self, app):
        with pytest.raises(CommandError, match="no app with the key"):
            call_command("grant_cross_app", app.app_key, "x" * 24)
        with pytest.raises(CommandError, match="needs no grant"):
            call_command("grant_cross_app", app.app_key, app.app_key)
