"""deploy/nginx.conf with a real nginx and two real roles: each call reaches its role, whole and in time."""

import asyncio
import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from tests.deploy.conftest import Site, free_port
from tests.deploy.test_compose import OURS
from tests.threads import until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.needs("nginx"),
    pytest.mark.needs("openssl"),
]

AT_ONCE = 3.0  # seconds: far less than it takes to look again without a bell


def text_to(username: str, said: str) -> dict[str, Any]:
    return {
        "target_type": "single",
        "target_id": username,
        "msg_type": "text",
        "msg_body": {"text": said},
    }


def say(site: Site, said: str) -> int:
    """From bobby to alice, over the API; the message's id."""
    with site.user("bobby") as bobby:
        answer = bobby.post("/client/v1/messages", json=text_to("alice", said))
    assert answer.status_code == 201, answer.text
    msg_id: int = answer.json()["msg_id"]
    return msg_id


def texts(reply: Any) -> list[str]:
    return [row["msg_body"]["text"] for row in reply["messages"] if row["msg_type"] == "text"]


def answered_by(site: Site, port: int, request: str) -> bool:
    """Whether nginx noted such a request as answered by the role on that port."""
    line = re.compile(rf'"{request} HTTP[^"]*" .* 127\.0\.0\.1:{port}$', re.MULTILINE)
    return line.search(site.log()) is not None


@asynccontextmanager
async def socket_of(site: Site, token: str, **more: Any) -> AsyncIterator[ClientConnection]:
    """A WebSocket through nginx that follows from now on.

    By one thread: where one reads from TLS while another writes, as websockets' own threads do, what is
    written is now and then lost.
    """
    url = f"wss://127.0.0.1:{site.https}/client/v1/ws"
    async with connect(url, ssl=site.trust, **more) as socket:
        await socket.send(json.dumps({"type": "auth", "token": token, "after": "now"}))
        async with asyncio.timeout(10):
            assert json.loads(await socket.recv())["type"] == "ready"
        yield socket


def test_plain_http_is_sent_to_https_with_its_method(site: Site):
    answer = httpx.post(f"http://127.0.0.1:{site.http}/v1/messages?a=b")

    assert answer.status_code == 308
    assert answer.headers["Location"] == "https://127.0.0.1/v1/messages?a=b"


def test_the_api_is_answered_by_its_role_over_http_2_too(site: Site):
    with site.app_server() as server:
        assert server.get("/v1/users/alice").json()["username"] == "alice"

    until(lambda: answered_by(site, site.ports["api"], "GET /v1/users/alice"), "the line")
    assert not answered_by(site, site.ports["gateway"], "GET /v1/users/alice")


@pytest.mark.needs("curl")
def test_http_2_is_spoken(site: Site):
    key = f"{site.known['app_key']}:{site.known['master_secret']}"
    command = ["curl", "--silent", "--show-error", "--http2", "--user", key]
    certificate = ["--cacert", str(site.home / "fullchain.pem")]
    said = subprocess.run(
        [*command, *certificate, "--write-out", " %{http_version}", f"{site.url}/v1/users/bobby"],
        capture_output=True,
        text=True,
        check=True,
    )

    reply, _, version = said.stdout.rpartition(" ")
    assert json.loads(reply)["username"] == "bobby"
    assert version == "2"


def test_a_long_poll_waits_at_the_gateway_and_is_answered_at_once(site: Site):
    with site.user("alice") as alice, site.user("bobby") as bobby:
        cursor = alice.get("/client/v1/sync?limit=500").json()["cursor"]
        message = text_to("alice", "to a long-poll")
        sending = threading.Timer(0.5, bobby.post, ["/client/v1/messages"], {"json": message})
        before = time.monotonic()
        sending.start()
        reply = alice.get(f"/client/v1/sync?after={cursor}&wait=50").json()
        waited = time.monotonic() - before
        sending.join()

    assert texts(reply) == ["to a long-poll"]
    assert 0.5 < waited < AT_ONCE
    until(lambda: answered_by(site, site.ports["gateway"], r"GET /client/v1/sync\S*"), "the line")
    assert not answered_by(site, site.ports["api"], r"GET /client/v1/sync\S*")


def test_the_apps_own_server_may_wait_as_well(site: Site):
    with site.app_server() as server:
        for path in ("/v1/users/alice/sync", "/users/alice/sync/", "/v1//users//alice/sync"):
            assert server.get(path, params={"limit": 1}).status_code == 200

    until(
        lambda: answered_by(site, site.ports["gateway"], r"GET /v1//users//alice/sync\S*"),
        "the line",
    )
    assert not answered_by(site, site.ports["api"], r"GET \S*/sync\S*")


def test_events_of_a_stream_are_not_held_back(site: Site):
    with (
        site.user("alice") as alice,
        alice.stream("GET", "/client/v1/events?after=now", timeout=20) as stream,
    ):
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        lines = stream.iter_lines()
        assert next(lines).startswith(":")
        for said in ("the first", "the second"):
            before = time.monotonic()
            say(site, said)
            data = next(line for line in lines if line.startswith("data:"))
            assert texts(json.loads(data.removeprefix("data:"))) == [said]
            assert time.monotonic() - before < AT_ONCE

    until(lambda: answered_by(site, site.ports["gateway"], r"GET /client/v1/events\S*"), "the line")


def test_a_socket_sends_and_receives(site: Site):
    async def talk(alices: str, bobbys: str) -> None:
        async with socket_of(site, alices) as alice, socket_of(site, bobbys) as bobby:
            message = text_to("alice", "by socket")
            await bobby.send(json.dumps({"type": "send", "id": 1, "message": message}))
            async with asyncio.timeout(AT_ONCE):
                frame = json.loads(await alice.recv())
                frames = [json.loads(await bobby.recv()) for _ in range(2)]

        assert (frame["type"], texts(frame)) == ("messages", ["by socket"])
        assert {frame["type"] for frame in frames} == {"sent", "messages"}

    asyncio.run(talk(site.token("alice"), site.token("bobby")))


def test_a_page_of_the_site_may_open_a_socket_and_a_page_of_another_may_not(site: Site):
    async def open_from(origin: str) -> None:
        async with socket_of(site, token, origin=origin):
            pass

    token = site.token("alice")
    asyncio.run(open_from(site.url))
    with pytest.raises(InvalidStatus) as refused:
        asyncio.run(open_from("https://evil.example"))
    assert refused.value.response.status_code == 403


def test_no_other_protocol_is_passed_on(site: Site):
    headers = {
        "Upgrade": "h2c",
        "Connection": "Upgrade, HTTP2-Settings",
        "HTTP2-Settings": "AAMAAABk",
    }
    with site.app_server() as server:
        assert server.get("/v1/users/alice", headers=headers).status_code == 200


def test_no_token_is_logged(site: Site):
    token = site.token("alice")
    with site.client(headers={"Authorization": f"Bearer {token}"}) as alice:
        assert alice.get("/client/v1/me", params={"seen": "in the log"}).status_code == 200

    until(lambda: "in+the+log" in site.log() or "in%20the%20log" in site.log(), "the line")
    assert token not in site.log()


def test_the_admin_and_its_files_are_served(site: Site):
    with site.client(headers={"Referer": f"{site.url}/admin/login/"}) as browser:
        page = browser.get("/admin/login/?next=/admin/")
        forged = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)[0]
        styles = re.findall(r'href="(/static/[^"]+\.css)"', page.text)[0]
        login = {
            "username": "admin",
            "password": site.known["operator"],
            "csrfmiddlewaretoken": forged,
            "next": "/admin/",
        }

        assert "immutable" in browser.get(styles).headers["Cache-Control"]
        inside = browser.post("/admin/login/", data=login, follow_redirects=True)

    assert inside.status_code == 200
    assert inside.url.path == "/admin/"
    assert "Secure" in page.headers["Set-Cookie"]
    assert "max-age" in page.headers["Strict-Transport-Security"]


def test_the_chat_may_talk_to_its_own_socket(site: Site):
    with site.client() as browser:
        policy = browser.get("/chat/").headers["Content-Security-Policy"]

    assert f"wss://127.0.0.1:{site.https}" in policy


def test_a_body_of_the_largest_size_reaches_the_server_and_a_larger_one_is_refused_by_it(
    site: Site,
):
    with site.app_server() as server:
        largest = server.post("/v1/users", content=b" " * (4 * 1024 * 1024))
        larger = server.post("/v1/users", content=b" " * (5 * 1024 * 1024))

    assert "error" in largest.json()
    assert largest.json() != larger.json()
    assert "4194304" in larger.json()["error"]["message"]


def test_files_may_be_larger_than_other_bodies_and_come_back_whole(site: Site):
    content = bytes(range(256)) * 24_000  # 6 MB
    with site.app_server() as server:
        stored = server.post("/v1/resource?type=file", files={"filename": ("a.bin", content)})
        assert stored.status_code == 200, stored.text
        media_id = stored.json()["media_id"]
        url = server.get("/v1/resource", params={"mediaId": media_id}).json()["url"]
        assert url.startswith(f"{site.url}/media/")
        too_large = server.post(
            "//v1//resource/?type=file", files={"x": ("b", bytes(10 * 1024**2))}
        )
    with site.client() as anybody:
        whole = anybody.get(url)
        part = anybody.get(url, headers={"Range": "bytes=1000000-1000009"})

    assert whole.content == content
    assert (part.status_code, part.content) == (206, content[1000000:1000010])
    assert part.headers["Content-Range"] == f"bytes 1000000-1000009/{len(content)}"
    assert (too_large.status_code, too_large.json()["error"]["code"]) == (400, 899003)
    assert too_large.json()["error"]["message"] == "file: must be at most 8388608 bytes"


def guess(site: Site, address: str, username: str) -> int:
    """Try to log in with a wrong password, from an address, as if it were another one's."""
    body = {
        "appkey": site.known["app_key"],
        "username": username,
        "password": "wrong",
        "platform": "w",
    }
    with site.client(address) as client:
        made_up = {"X-Forwarded-For": f"198.51.100.{username.removeprefix('user')}"}
        return client.post("/client/v1/sessions", json=body, headers=made_up).status_code


def test_who_guesses_passwords_is_counted_by_the_address_that_nginx_sees(site: Site):
    statuses = [guess(site, "127.0.0.9", f"user{n}") for n in range(8)]

    assert statuses[:3] == [401] * 3
    assert 429 in statuses
    assert guess(site, "127.0.0.10", "user100") == 401, "who comes from elsewhere is not held up"


def test_log_ins_of_operators_are_counted_too(site: Site):
    with site.client("127.0.0.11") as browser:
        statuses = [browser.get("/admin/login/").status_code for _ in range(40)]
    with site.client("127.0.0.12") as other:
        assert other.get("/admin/login/").status_code == 200

    assert statuses[:20] == [200] * 20
    assert statuses.count(429) > 10


def test_each_role_says_that_it_is_well_to_whoever_watches_it(site: Site):
    _, _, option, code = OURS["api"]["healthcheck"]["test"]
    for port in site.ports.values():
        answer = httpx.get(f"http://127.0.0.1:{port}/health", headers={"Host": f"10.0.0.3:{port}"})
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
        subprocess.run([sys.executable, option, code.replace("8000", str(port))], check=True)

    nobody = code.replace("8000", str(free_port()))
    assert subprocess.run([sys.executable, option, nobody], stderr=subprocess.DEVNULL).returncode


def test_without_its_gateway_the_api_goes_on_and_readers_lose_nothing(site: Site):
    with site.user("alice") as alice:
        cursor = alice.get("/client/v1/sync?limit=500").json()["cursor"]
        site.end("gateway")
        try:
            away = alice.get(f"/client/v1/sync?after={cursor}")
            say(site, "meanwhile")
        finally:
            site.serve("gateway")
        until(lambda: alice.get("/client/v1/sync?limit=1").status_code == 200, "the gateway")

        back = alice.get(f"/client/v1/sync?after={cursor}").json()

    assert (away.status_code, away.json()["error"]["code"]) == (503, 899030)
    assert away.headers["Retry-After"] == "1"
    assert texts(back) == ["meanwhile"]
