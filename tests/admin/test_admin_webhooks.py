"""Webhooks in the console: made, tried, paused, given up and tried again."""

import pytest
from django.urls import reverse

from apps.core.models import AuditEntry
from apps.webhooks.models import Endpoint
from apps.webhooks.services.endpoints import NewEndpoint, create_endpoint, pause_endpoint
from apps.webhooks.signing import secret_of
from tests.admin.conftest import list_of, page_of, say
from tests.conftest import person
from tests.webhooks.conftest import work
from tests.webhooks.receiver import receiving

pytestmark = pytest.mark.django_db

ADD = "admin:webhooks_endpoint_add"


@pytest.fixture
def receiver(settings):
    """Somebody to be told, on this machine."""
    settings.IM_WEBHOOK_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def endpoint(app, receiver):
    return create_endpoint(app=app, new=NewEndpoint(url=receiver.url))


def test_a_webhook_is_made_and_its_secret_shown_in_that_answer_alone(browser, app):
    said = {
        "app": app.pk,
        "kind": "messages",
        "url": "https://example.com/hook",
        "group_events": "on",
    }

    response = browser.post(reverse(ADD), said)

    (endpoint,) = app.webhook_endpoints.all()
    assert (endpoint.url, endpoint.group_events, endpoint.presence) == (said["url"], True, False)
    assert response.status_code == 200
    assert secret_of(endpoint) in response.content.decode()
    assert "no-store" in response.headers["Cache-Control"]
    assert f'data-shown-once="{page_of(endpoint)}"' in response.content.decode()
    assert secret_of(endpoint) not in browser.page(page_of(endpoint))


def test_a_url_that_can_not_be_posted_to_is_refused_on_the_form(browser, app):
    said = {"app": app.pk, "kind": "messages", "url": "http://169.254.169.254/"}

    page = browser.post(reverse(ADD), said).content.decode()

    assert "leads to an address of a private network" in page
    assert not app.webhook_endpoints.all()


def test_only_one_s_own_apps_are_offered_and_taken(browser, app, other_app):
    said = {"app": other_app.pk, "kind": "messages", "url": "https://example.com/"}
    browser.post(reverse(ADD), said)

    assert not Endpoint.objects.all()
    assert other_app.name not in browser.page(reverse(ADD))


def test_the_url_is_changed(browser, endpoint):
    browser.post(page_of(endpoint), {"url": "https://example.com/other"})

    endpoint.refresh_from_db()
    assert endpoint.url == "https://example.com/other"


def test_a_test_tells_how_it_went(browser, endpoint, receiver):
    said = browser.said(browser.answer(page_of(endpoint, "send_test")))
    receiver.answer = lambda _: 403
    page = browser.answer(page_of(endpoint, "send_test")).content.decode()

    assert "It was taken: HTTP 200" in said
    assert "It was not taken: answered otherwise than with 200" in page
    assert [received.body["total"] for received in receiver.received] == [0, 0]


def test_a_new_secret_is_shown_and_used(browser, endpoint):
    before = secret_of(endpoint)

    page = browser.answer(page_of(endpoint, "new_secret")).content.decode()

    endpoint.refresh_from_db()
    assert secret_of(endpoint) in page
    assert before not in page
    assert not any(
        secret_of(endpoint) in str(vars(entry)) or before in str(vars(entry))
        for entry in AuditEntry.objects.all()
    )


def test_a_webhook_is_paused_resumed_and_removed(browser, endpoint):
    assert "paused" in browser.said(browser.answer(page_of(endpoint, "pause")))
    endpoint.refresh_from_db()
    assert endpoint.paused_at is not None
    assert "paused by an operator" in browser.page(list_of(Endpoint))

    assert "goes on" in browser.said(browser.answer(page_of(endpoint, "resume")))
    endpoint.refresh_from_db()
    assert endpoint.paused_at is None

    assert "removed" in browser.said(browser.answer(page_of(endpoint, "remove")))
    assert not Endpoint.objects.all()
    actions = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"Pause the webhook", "Resume the webhook", "Remove the webhook"} <= actions


def test_the_buttons_are_those_that_make_sense(browser, endpoint):
    page = browser.page(page_of(endpoint))
    assert page_of(endpoint, "pause") in page
    assert page_of(endpoint, "resume") not in page
    pause_endpoint(endpoint=endpoint)
    page = browser.page(page_of(endpoint))
    assert page_of(endpoint, "pause") not in page
    assert page_of(endpoint, "resume") in page


class TestDeliveries:
    @pytest.fixture
    def parked(self, app, endpoint, receiver, settings):
        settings.IM_WEBHOOK_ATTEMPTS = 1
        owner = person(app, "alice")
        receiver.answer = lambda _: 500
        person(app, "bobby")
        say(app, owner.username, "bobby", "what was said")
        work()
        receiver.answer = lambda _: 200
        return endpoint.deliveries.get()

    def test_are_shown_with_what_went_wrong(self, browser, endpoint, parked):
        for page in (browser.page(page_of(endpoint)), browser.page(page_of(parked))):
            assert "given up" in page
            assert "answered otherwise" in page
        page = browser.page(page_of(parked))
        assert "&quot;from_id&quot;: &quot;alice&quot;" in page
        assert "what was said" not in page
        assert "answered otherwise" in browser.page(
            f"{list_of(type(parked))}?endpoint={endpoint.pk}"
        )

    def test_of_pushes_show_whom_and_not_what(self, browser, app, receiver):
        push = create_endpoint(app=app, new=NewEndpoint(url=receiver.url, kind="push"))
        for name in ("alice", "bobby"):
            person(app, name)
        receiver.answer = lambda _: 500
        notification = {"alert": "a secret alert"}
        say(app, "alice", "bobby", "what was said", options={"notification": notification})
        work()

        page = browser.page(page_of(push.deliveries.get()))

        assert "&quot;username&quot;: &quot;bobby&quot;" in page
        assert "what was said" not in page
        assert "a secret alert" not in page

    def test_of_users_show_them(self, browser, app, receiver):
        events = create_endpoint(app=app, new=NewEndpoint(url=receiver.url, kind="events"))
        receiver.answer = lambda _: 500
        person(app, "carol")
        work()

        assert "users_registered" in browser.page(page_of(events.deliveries.get()))

    def test_are_tried_again_on_demand(self, browser, endpoint, parked, receiver):
        said = browser.said(browser.answer(page_of(parked, "retry")))
        work()

        assert "1 delivery is tried again" in said
        parked.refresh_from_db()
        assert parked.state == "delivered"
        assert len(receiver.received) == 2

    def test_that_are_ticked_are_tried_again(self, browser, endpoint, parked):
        address = f"{list_of(type(parked))}?endpoint={endpoint.pk}"
        browser.run(address, "retry_selected", [parked], confirmed="yes")

        parked.refresh_from_db()
        assert parked.state == "again"

    def test_of_a_state_are_found(self, browser, endpoint, parked):
        address = f"{list_of(type(parked))}?endpoint={endpoint.pk}&state="

        assert "answered otherwise" in browser.page(f"{address}parked")
        assert "answered otherwise" not in browser.page(f"{address}delivered")
