"""The bell over a Redis of the tests' own, which goes away and comes back."""

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from django.core.exceptions import ImproperlyConfigured

from apps.messaging import bells, checks
from apps.messaging.bells import redis as redis_bell
from apps.messaging.bells.redis import RedisBell
from apps.messaging.services.messages import send_message
from tests.messaging.bell_contract import APP, BellContract, MakeBell, another_process, makers, text
from tests.messaging.redis_server import RedisServer, running_redis
from tests.threads import PATIENCE, until

pytestmark = [pytest.mark.needs("redis-server"), pytest.mark.slow]

KIND = "apps.messaging.bells.redis.RedisBell"


@pytest.fixture
def server(settings: Any) -> Iterator[RedisServer]:
    with running_redis() as server:
        settings.IM_REDIS_URL = server.url
        yield server


@pytest.fixture
def make_bell(server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[MakeBell]:
    yield from makers(RedisBell, monkeypatch)


@pytest.mark.django_db(transaction=True)
class TestRedisBell(BellContract):
    def test_what_is_not_of_a_bell_is_passed_over(self, make_bell: MakeBell, server: RedisServer):
        here, there = make_bell(), make_bell()
        before = there.count(APP)

        with server.client() as client:
            channels = [name for name in client.pubsub_channels() if name.endswith(":bell")]
            assert len(channels) == 1
            for payload in ("", "nonsense", "-1 x", f"{10**30}", "1.5"):
                assert client.publish(channels[0], payload) == 2
        here.ring(APP)

        assert there.wait_past(APP, before, PATIENCE)

    def test_another_installation_on_the_same_redis_hears_nothing(
        self, make_bell: MakeBell, settings: Any
    ):
        here = make_bell()
        settings.SECRET_KEY = "of another installation, which has its own"
        stranger, friend = make_bell(), make_bell()
        heard: list[str] = []
        stranger.subscribe_whispers(heard.append)
        before = stranger.count(APP)

        here.whisper("alice is typing")
        here.ring(APP)
        friend.whisper("the end")

        until(lambda: "the end" in heard, "the friend's whisper to be heard")
        assert heard == ["the end"]
        assert stranger.count(APP) == before

    def test_redis_keeps_nothing(self, make_bell: MakeBell, server: RedisServer):
        here, there = make_bell(), make_bell()
        before = there.count(APP)
        here.ring(APP)
        here.whisper("hush")
        assert there.wait_past(APP, before, PATIENCE)

        with server.client() as client:
            assert client.dbsize() == 0


@pytest.mark.django_db(transaction=True)
class TestLostRedis:
    def test_while_it_is_away_readers_here_hear_at_once_and_all_others_when_it_is_back(
        self, make_bell: MakeBell, server: RedisServer, caplog: pytest.LogCaptureFixture
    ):
        here, there = make_bell(), make_bell()
        before = here.count(APP), there.count(APP)

        server.stop()
        here.ring(APP)

        assert here.wait_past(APP, before[0], 0)
        until(lambda: "the bell lost its connection" in caplog.text, "the loss to be noticed")
        assert there.count(APP) == before[1]

        server.start()
        assert there.wait_past(APP, before[1], PATIENCE), "as if rung: something may have been"
        until(lambda: not here._to_send, "the ring that met no Redis to be sent")
        before = here.count(APP), there.count(APP)
        here.ring(APP)
        assert there.wait_past(APP, before[1], PATIENCE)

    def test_one_that_has_fallen_silent_is_given_up(
        self,
        make_bell: MakeBell,
        server: RedisServer,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ):
        monkeypatch.setattr(redis_bell, "_SILENCE", 0.2)
        monkeypatch.setattr(redis_bell, "_TIMEOUT", 0.3)
        there = make_bell()
        before = there.count(APP)

        server.freeze()
        until(lambda: "no answer to PING" in caplog.text, "the silence to be noticed")
        server.thaw()

        assert there.wait_past(APP, before, PATIENCE), "it looks again when it is back"
        before = there.count(APP)
        make_bell().ring(APP)
        assert there.wait_past(APP, before, PATIENCE)

    def test_one_that_says_little_is_kept(
        self,
        make_bell: MakeBell,
        server: RedisServer,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ):
        monkeypatch.setattr(redis_bell, "_SILENCE", 0.0)
        make_bell()

        with server.client() as client:
            until(lambda: pings(client) > 2, "Redis to be asked again and again")

        assert "lost its connection" not in caplog.text


def pings(client: redis.Redis) -> int:
    calls: Any = client.info("commandstats")
    return int(calls.get("cmdstat_ping", {"calls": 0})["calls"])


@pytest.mark.django_db(transaction=True)
def test_another_process_hears_of_a_message_by_one_setting(
    app, alice, bobby, make_bell: MakeBell, server: RedisServer, monkeypatch: pytest.MonkeyPatch
):
    bell = make_bell()
    monkeypatch.setattr(bells, "get", lambda: bell)

    with another_process(app.pk, IM_REDIS_URL=server.url) as said:
        send_message(app=app, draft=text("alice", "bobby"))

        assert said.readline() == "heard\n"


@pytest.mark.parametrize("url", ["", "localhost:6379", "http://:hush@host", "redis://host:hush"])
def test_a_url_that_is_none_is_found_before_the_start_and_not_repeated(url, settings):
    settings.IM_BELL, settings.IM_REDIS_URL = KIND, url

    (found,) = checks.the_bell_can_be_made()

    assert "IM_REDIS_URL: must be like redis://" in found.msg
    assert "hush" not in found.msg
    with pytest.raises(ImproperlyConfigured):
        RedisBell()


def test_a_bell_that_there_is_not_is_found_before_the_start(settings):
    settings.IM_BELL = "apps.messaging.bells.nowhere.Bell"

    (found,) = checks.the_bell_can_be_made()

    assert "apps.messaging.bells.nowhere" in found.msg


@pytest.mark.parametrize(
    ("variables", "bell"),
    [
        ({}, "apps.messaging.bells.postgres.PostgresBell"),
        ({"IM_REDIS_URL": "redis://127.0.0.1"}, KIND),
        ({"IM_REDIS_URL": "redis://127.0.0.1", "IM_BELL": "my.Bell"}, "my.Bell"),
    ],
)
def test_the_url_alone_chooses_redis(variables, bell):
    told = {
        key: value for key, value in os.environ.items() if key not in ("IM_BELL", "IM_REDIS_URL")
    }
    code = "from imserver.settings import test; print(test.IM_BELL)"

    said = subprocess.run(
        [sys.executable, "-c", code], env={**told, **variables}, capture_output=True, check=True
    )

    assert said.stdout.decode().strip() == bell
