"""Two servers over one database: what happens at one is heard at the other."""

import asyncio
import contextlib
import time
from typing import Any

import pytest

from tests.realtime.clients import Answer, Line, Talk, talking
from tests.realtime.conftest import QUICK
from tests.realtime.people import People
from tests.realtime.servers import Database, Served, serving

pytestmark = pytest.mark.slow

#: Far less than the seconds after which who waits looks again without a bell, by default.
AT_ONCE = 3.0


class Pair:
    """Alice at one server, Bobby at the other; and a line to each for what is asked over HTTP."""

    def __init__(self, alice: str, bobby: str, alices: Line, bobbys: Line) -> None:
        self.alice, self.bobby, self.alices, self.bobbys = alice, bobby, alices, bobbys

    async def say(self, said: str) -> Any:
        """From Alice to Bobby."""
        body = {"target_type": "single", "target_id": self.bobby, "msg_type": "text"}
        return await asks(
            self.alices, "POST", "/client/v1/messages", {**body, "msg_body": {"text": said}}
        )


async def asks(line: Line, method: str, path: str, body: Any = None) -> Any:
    answer: Answer = await line.call(method, path, body)
    assert answer.status < 300, answer
    return answer.body


@pytest.fixture
def meet(served: Served, other_served: Served, people: People) -> Any:
    async def meet() -> tuple[Pair, str, str]:
        alice, bobby = await people.register("alice", "bobby")
        alices, bobbys = await people.token(alice), await people.token(bobby)
        here = Line(served.address, f"Bearer {alices}")
        there = Line(other_served.address, f"Bearer {bobbys}")
        return Pair(alice, bobby, here, there), alices, bobbys

    return meet


async def within(talk: Talk, kind: str, seconds: float = AT_ONCE) -> dict[str, Any]:
    return await talk.hear_of(kind, seconds)


async def test_messages_typing_and_read_marks_pass_from_one_to_the_other(
    meet, served, other_served
) -> None:
    pair, alices, bobbys = await meet()
    async with (
        talking(served.address, alices) as here,
        talking(other_served.address, bobbys) as there,
    ):
        sent = await pair.say("hello")
        (row,) = (await within(there, "messages"))["messages"]
        conversation = row["conversation_id"]
        await within(here, "messages")
        await pair.alices.call("POST", f"/client/v1/conversations/{conversation}/typing")
        typing = await within(there, "typing")
        # A whisper is lost on a server that has only just begun to listen: so first one that can be repeated.
        for _ in range(5):
            await there.say(type="typing", conversation_id=conversation)
            with contextlib.suppress(TimeoutError):
                await within(here, "typing")
                break
        await there.say(type="read", conversation_id=conversation, msg_id=sent["msg_id"])
        read = await within(here, "read")
    assert row["msgid"] == sent["msg_id"]
    assert typing == {"type": "typing", "conversation_id": conversation, "username": pair.alice}
    assert (read["username"], read["read_up_to"]) == (pair.bobby, sent["msg_id"])


async def test_what_was_read_is_told_to_ones_own_other_devices_and_typing_is_not(
    meet, served, other_served, people
) -> None:
    pair, _, bobbys = await meet()
    phone = await people.token(pair.bobby, "a")
    sent = await pair.say("hello")
    async with (
        talking(served.address, phone) as other,
        talking(other_served.address, bobbys) as one,
    ):
        (thread,) = (await asks(pair.bobbys, "GET", "/client/v1/conversations"))["conversations"]
        conversation = thread["conversation_id"]
        await one.say(type="typing", conversation_id=conversation)
        await one.say(type="read", conversation_id=conversation, msg_id=sent["msg_id"])
        assert (await other.hear(AT_ONCE))["type"] == "read"


async def test_a_session_that_ends_here_closes_its_socket_there(meet, other_served, people) -> None:
    pair, _, bobbys = await meet()
    async with talking(other_served.address, bobbys) as there:
        await people.ask("DELETE", f"/v1/users/{pair.bobby}/sessions")
        code, reason = await there.closed(AT_ONCE)
    assert (code, reason) == (4401, "the session has ended")


async def test_a_deleted_users_socket_is_closed(meet, other_served, people) -> None:
    pair, _, bobbys = await meet()
    async with talking(other_served.address, bobbys) as there:
        await people.ask("DELETE", f"/v1/users/{pair.bobby}")
        assert (await there.closed(AT_ONCE))[0] == 4401


async def test_a_new_password_closes_all_sockets_but_that_of_who_chose_it(
    meet, served, other_served, people
) -> None:
    pair, _, bobbys = await meet()
    phone = await people.token(pair.bobby, "a")
    async with (
        talking(other_served.address, bobbys) as own,
        talking(served.address, phone) as other,
    ):
        body = {"old_password": "secret", "new_password": "other secret"}
        await asks(pair.bobbys, "PUT", "/client/v1/me/password", body)
        assert (await other.closed(AT_ONCE))[0] == 4401
        await own.say(type="ping", id=1)
        assert await own.hear(AT_ONCE) == {"type": "pong", "id": 1}


async def test_changes_of_members_take_effect_at_once_at_both(meet, other_served, people) -> None:
    pair, _, bobbys = await meet()
    gid = await people.group(pair.alice, [])
    speech = {"target_type": "group", "target_id": str(gid), "msg_type": "text"}

    async def speak(said: str) -> None:
        body = {**speech, "msg_body": {"text": said}}
        await asks(pair.alices, "POST", "/client/v1/messages", body)

    async with talking(other_served.address, bobbys) as there:
        await speak("before")
        await people.ask("POST", f"/v1/groups/{gid}/members", {"add": [pair.bobby]})
        await speak("during")
        await people.ask("POST", f"/v1/groups/{gid}/members", {"remove": [pair.bobby]})
        await speak("after")
        await pair.say("the end")
        heard: list[str] = []
        while "the end" not in heard:
            for row in (await within(there, "messages"))["messages"]:
                body = row["msg_body"]
                heard.append(body.get("text") or body["event_type"])
    assert heard == ["add_members", "during", "remove_members", "the end"]


async def test_lost_bells_cost_seconds_and_no_message(database: Database) -> None:
    safety = 2
    with serving(database, workers=1, **QUICK, IM_SAFETY_SECONDS=str(safety)) as served:
        people = People(database, served)
        alice, bobby = await people.register("alice", "bobby")
        alices, bobbys = await people.token(alice), await people.token(bobby)
        with serving(database, workers=1, **QUICK, IM_SAFETY_SECONDS=str(safety)) as other:
            line = Line(served.address, f"Bearer {alices}")
            pair = Pair(alice, bobby, line, line)
            async with talking(other.address, bobbys) as there:
                await pair.say("with a bell")
                await within(there, "messages")
                for said in ("one", "two", "three"):
                    await asyncio.to_thread(database.silence_bells, processes=2)
                    began = time.monotonic()
                    await pair.say(said)
                    frame = await within(there, "messages", safety + AT_ONCE)
                    assert [row["msg_body"]["text"] for row in frame["messages"]] == [said]
                    assert time.monotonic() - began < safety + AT_ONCE
