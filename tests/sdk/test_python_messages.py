"""The official Python SDK 2.0.0: messages, and the switch for registration."""

import jmessage.message
import pytest

from tests.sdk.test_python_users import codes

pytestmark = pytest.mark.slow


@pytest.fixture
def text(people):
    tom, _, _, _, admin = people
    model = jmessage.message.Model().text("Hello").set_from(admin, "admin", name="Boss")
    return model.set_target(tom, "single", name="Tom")


def test_a_text_is_sent_and_stands_in_the_history(sdk, pointed, people, text):
    sent = sdk.messages.send(text.notification(title="T", alert="A").notifiable(False))

    assert sent.status_code == 201
    assert sent.json().keys() == {"msg_id", "msg_ctime"}
    sync = sdk.client.get(f"{pointed.host}/v1/users/{people[0]}/sync").json()
    (message,) = sync["messages"]
    assert message["msgid"] == sent.json()["msg_id"]
    assert message["msg_body"] == {"text": "Hello"}
    assert (message["from_name"], message["target_name"]) == ("Boss", "Tom")


def test_an_image_and_a_voice_are_sent(sdk, text):
    image = {
        "media_id": "qiniu/image/j/7C21AE4E",
        "media_crc32": 1338734977,
        "width": 720,
        "height": 1280,
        "format": "jpg",
        "fsize": 52468,
    }
    voice = {"media_id": "qiniu/voice/j/F3", "media_crc32": 1, "duration": 3, "fsize": 9}

    assert sdk.messages.send(text.image(image)).status_code == 201
    assert sdk.messages.send(text.voice(voice)).status_code == 201


def test_a_plain_dict_is_sent_as_well(sdk, text):
    custom = {**text.json(), "msg_type": "custom", "msg_body": {"any": ["thing"]}}

    assert sdk.messages.send(custom).status_code == 201


def test_the_sdk_loses_the_body_of_a_custom_message_and_is_told_so(sdk, people):
    tom, _, _, _, admin = people
    model = jmessage.message.Model().custom({"any": "thing"}).set_from(admin, "admin")

    assert codes(sdk.messages.send(model.set_target(tom, "single"))) == (400, 899003)


def test_a_group_is_sent_to(sdk, people, text):
    tom, dick, *_ = people
    gid = sdk.groups.create(tom, "friends", members=[dick]).json()["gid"]

    assert sdk.messages.send(text.set_target(gid, "group")).status_code == 201
    assert sdk.messages.send(text.set_target(str(gid), "group")).status_code == 201


def test_who_may_not_send_is_told(sdk, people, text):
    assert codes(sdk.messages.send(text.set_from(people[1], "admin"))) == (403, 899016)
    assert codes(sdk.messages.send(text.set_from("nobody", "admin"))) == (403, 899002)


def test_the_switch_for_registration(sdk):
    assert sdk.im.open_sdk().status_code == 204
    assert sdk.im.sdk_status().json() == {"status": 1}
    assert sdk.im.close_sdk().status_code == 204
    assert sdk.im.sdk_status().json() == {"status": 0}


def test_a_message_is_taken_back_once(sdk, pointed, people, text):
    msg_id = sdk.messages.send(text).json()["msg_id"]

    assert codes(sdk.messages.retract(people[0], msg_id)) == (403, 855002)
    assert sdk.messages.retract(people[-1], msg_id).status_code == 204
    assert codes(sdk.messages.retract(people[-1], msg_id)) == (400, 855004)
    assert codes(sdk.messages.retract(people[-1], 99999999)) == (403, 855003)

    sync = sdk.client.get(f"{pointed.host}/v1/users/{people[0]}/sync").json()
    assert sync["messages"][0]["retracted"]
    assert sync["messages"][0]["msg_body"] == {}
