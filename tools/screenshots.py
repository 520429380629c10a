"""The pictures of docs/console.md: `python tools/screenshots.py` makes them anew, in both languages.

It starts a server on a PostgreSQL of its own with a world to look at, opens each screen in Chromium, and
writes docs/images/console/<language>/<screen>.webp. Needs chromium, and what developers install.
"""

from __future__ import annotations

import argparse
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
PICTURES = ROOT / "docs" / "images" / "console"
PASSWORD = "a long enough pass phrase"  # noqa: S105 of a world that lives for a minute
WIDTH, HEIGHT = 1280, 860
QUALITY = 55
WHOLE = {"user": 2150, "group": 1500, "app": 1450, "system": 1700, "compose": 1010}
"""Heights of screens that are longer."""
SAID = {"reading": ".im-talk", "media": "img.im-preview"}
"""Screens that are shown for a reason, and what is there then."""
LANGUAGES = {"en": "en", "zh": "zh-hans"}
TALK = [
    ("alice", "Good morning! Is the parcel on its way?"),
    ("bobby", "早上好!昨天已经寄出了。"),
    ("bobby", "It should be there on Friday."),
    ("alice", "Wonderful, thank you."),
    ("alice", "Could you send me the number, so that I can follow it?"),
    ("bobby", "Of course: SF 1024 2048."),
    ("alice", "收到,谢谢!"),
]


def make_world() -> dict[str, Any]:
    """The world: a demo app with some hundreds of users, and a few whom one gets to know."""
    from apps.accounts.services.blocks import block_users
    from apps.accounts.services.friends import add_friends
    from apps.accounts.services.operators import create_operator, create_superuser
    from apps.accounts.services.presence import beat, connect
    from apps.accounts.services.sessions import open_session
    from apps.accounts.services.users import Registration, register_users
    from apps.console.big_world import Sizes, fill, tidy
    from apps.console.services import rollup
    from apps.core.services.apps import create_app, rotate_secret
    from apps.groups.services.chatrooms import NewChatroom, create_chatroom
    from apps.groups.services.groups import NewGroup, create_group
    from apps.messaging.drafts import Draft
    from apps.messaging.services.messages import send_message
    from apps.messaging.services.sensitive_words import add_words
    from apps.webhooks.services.endpoints import NewEndpoint, create_endpoint

    create_app(name="Staging")
    app = create_app(name="Demo", calls_per_minute=0).app
    fill(app=app, sizes=Sizes(600, 40, 9000), password=PASSWORD, say=lambda _said: None)
    people = {
        "alice": "Alice",
        "bobby": "Bobby",
        "carol": "Carol",
        "david": "David",
        "emily": "小梅",
    }
    register_users(
        app=app,
        registrations=[
            Registration(username=name, password=PASSWORD, nickname=nickname)
            for name, nickname in people.items()
        ],
    )
    users = app.users.by_usernames(list(people))
    new = NewGroup(
        owner_username="alice", name="Weekend hikers", members_username=["bobby", "carol", "emily"]
    )
    group = create_group(app=app, new=new)
    room = NewChatroom(owner_username="alice", name="Lobby", members_username=["bobby", "david"])
    create_chatroom(app=app, new=room)
    add_friends(app=app, owner=users["alice"], usernames=["bobby", "carol"])
    block_users(app=app, owner=users["alice"], usernames=["david"])

    def say(sender: str, target: str, text: str) -> int:
        draft = Draft(
            target_type="group" if target.isdigit() else "single",
            target_id=target,
            from_type="user",
            from_id=sender,
            msg_type="text",
            body={"text": text},
        )
        return send_message(app=app, draft=draft).msg_id

    for sender, text in TALK:
        number = say(sender, "bobby" if sender == "alice" else "alice", text)
        say(sender, str(group.pk), text)
    gateway = beat(gateway="here")
    for name in ("alice", "bobby", "emily"):
        session = open_session(app=app, user=users[name], platform="j", device_id="browser").session
        connect(session_ids=[session.pk], gateway_id=gateway)
    upload_pictures(app)
    rotate_secret(app=app)
    add_words(app=app, words=["casino", "lottery", "赌博", "彩票", "free money"])
    new_endpoint = NewEndpoint(url="https://shop.example.com/im/callback")
    create_endpoint(app=app, new=new_endpoint)
    root = create_superuser(username="root", password=PASSWORD)
    create_operator(username="olga", password=PASSWORD, apps=[app])
    job = begin_jobs(app, root)
    note_what_was_done(app, group, users["david"])
    while rollup.step():
        pass
    tidy()
    conversation = app.messages.get(pk=number).conversation
    return {
        "app": app,
        "user": users["alice"],
        "group": group,
        "conversation": conversation,
        "job": job,
    }


def upload_pictures(app: Any) -> None:
    """Hills at different hours, and the way there, as users have uploaded them."""
    from apps.messaging.services.media import as_upload, store_media

    views = [
        ("alice", "morning.jpg", (255, 214, 170), (92, 122, 94)),
        ("bobby", "noon.jpg", (150, 200, 245), (70, 130, 80)),
        ("carol", "evening.jpg", (240, 150, 120), (74, 70, 98)),
        ("emily", "夜.jpg", (40, 50, 90), (20, 28, 44)),
    ]
    for uploader, name, sky, hills in views:
        upload = as_upload(landscape(sky, hills), name)
        store_media(app=app, kind="image", upload=upload, uploader=uploader)
    way = as_upload(BytesIO(b"<gpx version='1.1'></gpx>" * 900), "way.gpx")
    store_media(app=app, kind="file", upload=way, uploader="alice")


def landscape(sky: tuple[int, int, int], hills: tuple[int, int, int]) -> BytesIO:
    """Two rows of hills below a sky, as a JPEG."""
    from PIL import Image, ImageDraw

    width, height = 640, 480
    picture = Image.new("RGB", (width, height), sky)
    draw = ImageDraw.Draw(picture)
    draw.ellipse((440, 70, 520, 150), fill=(255, 244, 214))
    for row, (period, swing) in enumerate(((310, 90), (190, 50))):
        middle = 250 + 90 * row
        crest = [
            (x, middle - swing * math.sin(x / period * math.pi + row)) for x in range(width + 1)
        ]
        shade = tuple(channel - 20 * row for channel in hills)
        draw.polygon([*crest, (width, height), (0, height)], fill=shade)
    file = BytesIO()
    picture.save(file, "JPEG", quality=85)
    file.seek(0)
    return file


def begin_jobs(app: Any, operator: Any) -> Any:
    """One that is done, with rows that were refused; one that waits; and the one that is under way."""
    from apps.accounts.jobs import IMPORT_USERS
    from apps.core.services.jobs import work_on_jobs

    def begin(name: str, names: list[str]) -> Any:
        rows = "".join(f"{each},a password,{each.capitalize()}\n" for each in names)
        file = BytesIO(f"username,password,nickname\n{rows}".encode())
        return IMPORT_USERS.begin(
            app=app, operator_id=operator.pk, file=file, name=name, format="csv"
        )

    done = begin("staff.csv", [*(f"staff{number:02}" for number in range(40)), "alice", "bob"])
    while not done.is_over:
        work_on_jobs()
        done.refresh_from_db()
    under_way = begin("members.csv", [f"member{number:04}" for number in range(400)])
    work_on_jobs()
    begin("guests.csv", [f"guest{number:03}" for number in range(120)])
    return under_way


def note_what_was_done(app: Any, group: Any, user: Any) -> None:
    """Entries of the audit, as an operator's work in the console leaves them."""
    from apps.core.services.audit import Actor, Change, record

    olga = Actor(None, "olga", "192.0.2.7")
    word = app.sensitive_words.order_by("-pk")[0]
    changes = {"before": {"name": "Hikers"}, "after": {"name": group.name}}
    record(actor=olga, action="Changed", changes=[Change(target=group, app=app, **changes)])
    record(actor=olga, action="Disable users", changes=[Change(target=user, app=app)])
    record(actor=olga, action="Remove sensitive words", changes=[Change(target=word, app=app)])


def screens(world: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The name of each picture, and the address of its screen."""
    from django.urls import reverse

    def change(name: str, row: Any, action: str = "change") -> str:
        return reverse(f"admin:{name}_{action}", args=[row.pk])

    def listed(name: str, query: str = "") -> str:
        return reverse(f"admin:{name}_changelist") + query

    app, group = world["app"], world["group"]
    yield "reading", change("messaging_conversation", world["conversation"], "read")
    yield "home", f"{reverse('admin:index')}?app={app.pk}"
    yield "app", change("core_app", app)
    yield "users", listed("accounts_user", f"?app={app.pk}")
    yield "user", change("accounts_user", world["user"])
    yield "groups", listed("groups_group", f"?app={app.pk}")
    yield "group", change("groups_group", group)
    yield "chatrooms", listed("groups_chatroom")
    yield "sensitive-words", listed("messaging_sensitiveword")
    yield "messages", listed("messaging_message", f"?app={app.pk}")
    yield "conversations", listed("messaging_conversation", f"?app={app.pk}")
    yield "media", f"{reverse('admin:messaging_media_show_images')}?app={app.pk}"
    yield "compose", f"{reverse('admin:compose')}?app={app.pk}"
    written = {
        "app": app.pk,
        "sender": "alice",
        "to": "group",
        "group": group.pk,
        "text": "We meet at the station on Sunday, at nine.\n周日九点,车站见!",
        "title": "Weekend hikers",
        "alert": "Sunday, at nine",
    }
    yield "compose-preview", f"{reverse('admin:compose')}?{urlencode(written)}"
    yield "import", reverse("admin:accounts_user_import_users")
    yield "jobs", listed("core_job")
    yield "job", change("core_job", world["job"])
    yield "webhooks", listed("webhooks_endpoint")
    yield "audit", listed("core_auditentry")
    yield "system", reverse("admin:system")


def take(base: str, world: dict[str, Any], folder: Path) -> None:
    """Log in, and take the pictures of both languages; some in the dark, some on a phone."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"]
        )
        for short, code in LANGUAGES.items():
            for suffix, options in (
                ("", {"viewport": {"width": WIDTH, "height": HEIGHT}}),
                ("-dark", {"viewport": {"width": WIDTH, "height": HEIGHT}, "color_scheme": "dark"}),
                ("-phone", {"viewport": {"width": 390, "height": 780}}),
            ):
                context = browser.new_context(
                    timezone_id="Asia/Shanghai", reduced_motion="reduce", **options
                )
                context.add_cookies([{"name": "django_language", "value": code, "url": base}])
                page = context.new_page()
                page.goto(f"{base}/admin/")
                page.fill("[name=username]", "root")
                page.fill("[name=password]", PASSWORD)
                page.click("#login-form button[type=submit]")
                page.wait_for_selector("#nav-sidebar", state="attached")
                for name, address in screens(world):
                    if suffix and name not in ("home", "reading", "users"):
                        continue
                    page.goto(base + address)
                    if name in SAID:
                        reason = "A complaint of the user" if short == "en" else "用户投诉"
                        page.fill("[name=reason]", reason)
                        page.click(".im-ask #content form button[type=submit]")
                        page.wait_for_selector(SAID[name])
                    if name == "compose-preview":
                        page.click(".im-compose [type=submit]")
                    size = {"width": WIDTH, "height": WHOLE.get(name, HEIGHT)}
                    page.set_viewport_size(options["viewport"] if suffix else size)
                    page.wait_for_load_state("networkidle")
                    _save(
                        page.screenshot(),
                        folder / short / f"{name}{suffix}.webp",
                    )
                context.close()
        browser.close()


def _save(png: bytes, path: Path) -> None:
    from PIL import Image

    path.parent.mkdir(parents=True, exist_ok=True)
    Image.open(BytesIO(png)).convert("RGB").save(path, "WEBP", quality=QUALITY, method=6)


def main() -> None:
    """Make the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=PICTURES)
    arguments = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "imserver.settings.dev")
    os.environ["IM_PRESENCE_SECONDS"] = "3600"  # nobody beats while the pictures are taken
    from imserver.embedded import EmbeddedServer

    with tempfile.TemporaryDirectory() as home:
        Path(home).chmod(0o755)
        os.environ["IM_VAR_DIR"] = home
        with EmbeddedServer(Path(home, "postgresql")) as server:
            os.environ["DATABASE_URL"] = server.url
            manage = [sys.executable, str(ROOT / "manage.py")]
            subprocess.run([*manage, "migrate", "--verbosity=0"], check=True)
            import django

            django.setup()
            world = make_world()
            command = [*manage, "serve", "--port", "0", "--workers", "1", "--no-work"]
            served = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
            assert served.stdout is not None  # noqa: S101 for mypy: it is a pipe
            try:
                line = next(line for line in served.stdout if "http://" in line)
                take(
                    "http://" + line.split("http://")[1].split()[0].rstrip("/"), world, arguments.to
                )
            finally:
                served.terminate()
                served.wait(30)


if __name__ == "__main__":
    main()
