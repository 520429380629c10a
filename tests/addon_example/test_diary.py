"""The add-on at work: every door it uses, and that it costs the server nothing when it is not there."""

import io
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from apps.accounts.services.operators import create_operator
from apps.accounts.services.users import delete_users
from apps.core.errors import BUSY, ErrorCode, ImError
from apps.core.models import App
from apps.core.services.jobs import submit_job
from apps.groups.services.members import change_members
from apps.messaging.drafts import Draft
from apps.messaging.services.messages import send_message
from tests.addon_example.diary import services
from tests.addon_example.diary.admin import EntryAdmin
from tests.addon_example.diary.errors import NOTHING_WRITTEN, SHOUTING
from tests.addon_example.diary.jobs import DROPPING
from tests.conftest import basic, person

pytestmark = pytest.mark.django_db

OPERATORS = "correct horse battery"


def text(words, **more):
    """What alice tells bobby."""
    given = {
        "target_type": "single",
        "target_id": "bobby",
        "from_type": "user",
        "from_id": "alice",
        "msg_type": "text",
        "body": {"text": words},
    }
    return Draft(**(given | more))


def lines(app: App) -> list[tuple[str, int]]:
    """The diary, without its times."""
    return list(app.diary.in_list_order().values_list("kind", "subject"))


def test_a_registration_is_noted(app, alice):
    assert lines(app) == [("registered", alice.pk)]


def test_a_message_is_noted(app, alice, bobby):
    sent = send_message(app=app, draft=text("Hello"))

    assert lines(app)[-1] == ("said", sent.msg_id)


def test_a_message_that_a_receiver_refuses_is_not_stored(app, alice, bobby, monkeypatch):
    def refuse(**kwargs):
        raise ImError(BUSY)

    monkeypatch.setattr(services, "write", refuse)
    with pytest.raises(ImError) as refused:
        send_message(app=app, draft=text("Hello"))

    assert refused.value.code is BUSY
    assert not app.messages.exists()


def test_who_comes_and_who_goes_is_noted(app, group, bobby, carol):
    change_members(app=app, gid=group.pk, add=["carol"], remove=["bobby"])

    assert lines(app)[-2:] == [("came", carol.pk), ("went", bobby.pk)]


def test_a_user_who_has_lines_can_be_deleted(app, alice, bobby):
    send_message(app=app, draft=text("Hello"))

    delete_users(app=app, usernames=["alice", "bobby"])

    assert [kind for kind, _ in lines(app)] == ["registered", "registered", "said"]


def test_the_filter_changes_what_is_stored(app, alice, bobby):
    sent = send_message(app=app, draft=text("Hello!!!"))

    assert app.messages.get(pk=sent.msg_id).body == {"text": "Hello!"}


def test_the_filter_leaves_other_messages_alone(app, alice, bobby):
    sent = send_message(app=app, draft=text("", msg_type="custom", body={"text": "A!!"}))

    assert app.messages.get(pk=sent.msg_id).body == {"text": "A!!"}


def test_the_filter_refuses_with_a_code_of_its_own(credentials, alice, bobby):
    # Not by `api`, which holds replies to the documentation: that of a send knows no filters.
    key = basic(credentials.app.app_key, credentials.master_secret)
    server = Client(headers={"authorization": key})
    message = {
        "version": 1,
        "target_type": "single",
        "target_id": "bobby",
        "from_type": "user",
        "from_id": "alice",
        "create_time": "2015-02-12 15:49:09",
        "msg_type": "text",
        "msg_body": {"content": "HELLO, BOBBY!"},
    }

    answer = server.post("/messages", message, content_type="application/json")

    assert answer.status_code == SHOUTING.status
    assert answer.json() == {"error": {"code": 1_000_001, "message": "Not so loud"}}


def test_a_number_that_is_taken_is_refused():
    with pytest.raises(ValueError, match="1000001 is already taken"):
        ErrorCode(SHOUTING.number, 400, "Something else")


@pytest.mark.parametrize("path", ["/v1/diary", "/v1/diary/"])
def test_an_app_reads_its_own_diary_alone(api, path, alice, mallory):
    answer = api.call("get", path)

    assert answer.status_code == 200
    page = answer.json()
    (entry,) = page.pop("entries")
    assert page == {"total": 1, "start": 0, "count": 1}
    assert (entry["kind"], entry["subject"]) == ("registered", alice.pk)
    assert "X-Rate-Limit-Remaining" in answer


def test_the_diary_is_not_open_to_nobody(nobody_api, alice):
    assert nobody_api.call("get", "/v1/diary").status_code == 401


def test_a_summary_is_sent_as_a_message(app, api, alice, bobby):
    body = {"from_username": "alice", "to_username": "bobby"}
    answer = api.call("post", "/v1/diary/summary", body)

    assert answer.status_code == 201
    message = app.messages.get(pk=answer.json()["msg_id"])
    assert (message.from_id, message.target_id) == ("alice", "bobby")
    assert message.body == {"text": "The diary has 2 lines."}


def test_an_empty_diary_has_no_summary(app, api, alice):
    app.diary.all().delete()

    answer = api.call("post", "/v1/diary/summary", {"from_username": "alice", "to_username": "x"})

    assert answer.status_code == NOTHING_WRITTEN.status
    assert answer.json()["error"]["code"] == NOTHING_WRITTEN.number


def test_a_summary_names_the_field_that_is_missing(api, alice):
    answer = api.call("post", "/v1/diary/summary", {"from_username": "alice"})

    assert answer.status_code == 400
    assert answer.json()["error"]["message"].startswith("to_username: ")


def test_the_servers_own_paths_still_answer(api, alice):
    assert api.call("get", "/users/alice").status_code == 200
    assert api.call("get", "/nowhere").json()["error"]["message"] == "No such path"


def test_an_operator_sees_the_diary_of_their_apps_alone(app, other_app, alice):
    person(other_app, "oscar")
    operator = create_operator(username="olga", password=OPERATORS, apps=[app], role="chosen")
    operator.user_permissions.add(Permission.objects.get(codename="view_entry"))
    browser = Client()
    assert browser.login(username="olga", password=OPERATORS)

    page = browser.get("/admin/diary/entry/")

    assert page.status_code == 200
    assert [entry.app for entry in page.context["cl"].result_list] == [app]
    assert browser.get("/admin/diary/entry/add/").status_code == 403


def test_lines_of_one_kind_are_dropped_by_a_job(app, alice, bobby):
    arguments = {"kind": "registered"}
    job = submit_job(kind=DROPPING, app=app, operator_id=None, arguments=arguments)

    call_command("work", "--once", "--only", "jobs")

    job.refresh_from_db()
    assert (job.state, job.done) == ("done", 2)
    assert not app.diary.filter(kind="registered").exists()


def test_old_lines_are_forgotten_by_the_background_work(app, alice, bobby):
    young, old = app.diary.in_list_order()
    app.diary.filter(pk=old.pk).update(written_at=timezone.now() - timedelta(days=366))

    call_command("work", "--once", "--only", "diary")

    assert list(app.diary.all()) == [young]


@pytest.fixture
def browser(app):
    """Olga's, who may see users and diaries of her app."""
    operator = create_operator(username="olga", password=OPERATORS, apps=[app], role="chosen")
    seen = Permission.objects.filter(codename__in=["view_entry", "view_user"])
    operator.user_permissions.set(seen)
    client = Client()
    client.force_login(operator)
    return client


def test_the_menu_leads_to_the_diary_for_whoever_may_see_it(browser, other_app):
    bare = Client()
    operator = create_operator(username="bare", password=OPERATORS, apps=[other_app], role="chosen")
    bare.force_login(operator)

    assert 'href="/admin/diary/entry/"' in browser.get("/admin/").content.decode()
    assert 'href="/admin/diary/entry/"' not in bare.get("/admin/").content.decode()


def test_the_home_page_has_a_card_for_the_diary(browser, app, other_app, alice):
    person(other_app, "oscar")

    cards = {str(card.title): str(card.value) for card in browser.get("/admin/").context["cards"]}

    assert cards["Lines of the diary"] == "1"


def test_the_page_of_a_user_has_a_panel_of_the_diary(browser, app, group, carol):
    change_members(app=app, gid=group.pk, add=["carol"])

    page = browser.get(f"/admin/accounts/user/{carol.pk}/change/")

    panels = {str(panel.title): panel for panel in page.context["panels"]}
    assert [row[1] for row in panels["Diary"].rows] == ["Came", "Registered"]


def test_the_list_turns_its_pages_by_key(browser, app, monkeypatch):
    monkeypatch.setattr(EntryAdmin, "list_per_page", 2)
    for name in ("anna", "bert", "carl"):
        person(app, name)

    first = browser.get("/admin/diary/entry/").context["cl"]
    second = browser.get(f"/admin/diary/entry/{first.older_url}").context["cl"]

    shown = [entry.pk for entry in [*first.result_list, *second.result_list]]
    assert shown == list(app.diary.order_by("-pk").values_list("pk", flat=True))


def test_the_migrations_are_complete():
    call_command("makemigrations", "--check", "--dry-run", stdout=io.StringIO())


def test_the_paths_are_documented(schema):
    assert "/v1/diary/summary:" in schema.read_text()
