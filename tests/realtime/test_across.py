"""Users of two apps, connected each to their own, hear each other at once."""

import pytest

from apps.core.services.cross_app_grants import grant_cross_app
from apps.groups.services.members import MemberChange, change_members_across
from tests.realtime.in_process import Socket, a_gateway, ask, texts

pytestmark = pytest.mark.django_db(transaction=True)


async def test_a_message_to_a_user_of_another_app_reaches_both_and_so_does_the_answer(
    app, other_app, alice, mallory, token
) -> None:
    await ask(grant_cross_app, app=app, target=other_app)
    await ask(grant_cross_app, app=other_app, target=app)
    alices, mallorys = await ask(token, alice), await ask(token, mallory)
    async with a_gateway() as gateway, Socket(gateway) as hers, Socket(gateway) as theirs:
        await hers.start(alices)
        await theirs.start(mallorys)

        hers.say(type="send", id=1, message=message("mallory", other_app.app_key, "hi"))
        # The answer and the row itself come in either order.
        frames = {frame["type"]: frame for frame in [await hers.hear(), await hers.hear()]}
        (mine,) = frames["messages"]["messages"]
        (row,) = (await theirs.hear_of("messages"))["messages"]
        theirs.say(type="send", id=1, message=message("alice", app.app_key, "ho"))

        assert texts((await hers.hear_of("messages"))["messages"]) == ["ho"]
        assert mine["msgid"] == frames["sent"]["msg_id"]
        for frame in (mine, row):
            assert (frame["from_id"], frame["from_appkey"]) == ("alice", app.app_key)
            assert (frame["target_id"], frame["target_appkey"]) == ("mallory", other_app.app_key)
            assert frame["msg_level"] == 1


async def test_typing_and_reading_pass_between_apps_with_the_key_of_who_it_is(
    app, other_app, alice, mallory, token
) -> None:
    await ask(grant_cross_app, app=app, target=other_app)
    await ask(grant_cross_app, app=other_app, target=app)
    alices, mallorys = await ask(token, alice), await ask(token, mallory)
    async with a_gateway() as gateway, Socket(gateway) as hers, Socket(gateway) as theirs:
        await hers.start(alices)
        await theirs.start(mallorys)
        hers.say(type="send", id=1, message=message("mallory", other_app.app_key, "hi"))
        (mine,) = (await hers.hear_of("messages"))["messages"]
        (row,) = (await theirs.hear_of("messages"))["messages"]

        theirs.say(type="typing", conversation_id=row["conversation_id"])
        typing = await hers.hear_of("typing")
        theirs.say(type="read", conversation_id=row["conversation_id"], msg_id=row["msgid"])
        read = await hers.hear_of("read")

        them = {
            "conversation_id": mine["conversation_id"],
            "username": "mallory",
            "appkey": other_app.app_key,
        }
        assert typing == {"type": "typing", **them}
        assert read == {"type": "read", **them, "read_up_to": mine["msgid"]}
        own = await theirs.hear_of("read")  # for their other devices
        assert (own["username"], own["read_up_to"]) == ("mallory", row["msgid"])
        assert "appkey" not in own


async def test_a_group_of_two_apps_is_told_who_comes_and_what_is_said(
    app, other_app, alice, bobby, mallory, group, token
) -> None:
    alices, mallorys = await ask(token, alice), await ask(token, mallory)
    async with a_gateway() as gateway, Socket(gateway) as hers, Socket(gateway) as theirs:
        await hers.start(alices)
        await theirs.start(mallorys)

        change = MemberChange(app=other_app, add=["mallory"])
        await ask(change_members_across, app=app, gid=group.pk, changes=[change])
        (event,) = (await theirs.hear_of("messages"))["messages"]
        assert event["msg_body"]["to_appkey_list"] == [other_app.app_key]
        assert (await hers.hear_of("messages"))["messages"][0]["msg_body"] == event["msg_body"]

        said = {"target_type": "group", "target_id": str(group.pk), "msg_type": "text"}
        theirs.say(type="send", id=1, message={**said, "msg_body": {"text": "hello"}})
        (row,) = (await hers.hear_of("messages"))["messages"]
        assert texts([row]) == ["hello"]
        assert (row["from_id"], row["from_appkey"]) == ("mallory", other_app.app_key)
        (row,) = (await theirs.hear_of("messages"))["messages"]
        assert row["target_appkey"] == app.app_key


def message(target, appkey, said):
    return {
        "target_type": "single",
        "target_id": target,
        "target_appkey": appkey,
        "msg_type": "text",
        "msg_body": {"text": said},
    }
