"""People who chat through the page, each in a browser of their own, and the site that serves it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from copy import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx
from playwright.sync_api import expect

from imserver.env import CHECKOUT

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Locator, Page, WebSocketRoute

PASSWORD = "correct horse"
SOCKETS = re.compile(r"/client/v1/ws$")
#: Milliseconds that anything may take which is not told to take its time.
PATIENCE = 15_000
expect.set_options(timeout=PATIENCE)

# In every page: note what the Content-Security-Policy refused.
_WITNESS = """
window.refused = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.refused.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sample}`);
});
"""


class Site:
    """What `make run` starts, on a port that it keeps when it is started again."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = "0"
        self.url = ""
        self.credentials = ("", "")
        self.operator = ("", "")
        self.process: subprocess.Popen[str] | None = None
        self.links: list[str] = []
        self.people = 0

    def start(self) -> None:
        """Until it answers."""
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "quickstart", "--serve", "--workers", "1"],
            cwd=CHECKOUT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self.process.stdout is not None
        printed = ""
        for line in self.process.stdout:
            printed += line
            if line.startswith("Serving "):
                break
        served = re.search(r"^Serving (http://\S+:(\d+))", printed, re.MULTILINE)
        assert served, printed
        self.url, self.port = served[1], served[2]
        made = re.search(r"app key +(\S+)\n +master secret +(\S+)", printed)
        if made:
            self.credentials = (made[1], made[2])
            operator = re.search(r"operator.*\n +name +(\S+)\n +password +(\S+)", printed)
            assert operator, printed
            self.operator = (operator[1], operator[2])
            self.links = re.findall(r"^ +(http\S+/chat/\S*)$", printed, re.MULTILINE)

    @property
    def environment(self) -> dict[str, str]:
        """Of its processes."""
        told = ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "HOST", "IM_EMBEDDED_HOME")
        kept = {name: value for name, value in os.environ.items() if name not in told}
        return kept | {
            "IM_VAR_DIR": str(self.home),
            "PORT": self.port,
            "DJANGO_SETTINGS_MODULE": "imserver.settings.dev",
        }

    def manage(self, *words: str) -> str:
        """What a command of the server's prints."""
        ran = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=CHECKOUT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

    def another_app(self, name: str) -> Site:
        """The same site as another app on it sees it; each of the two may operate on the other."""
        made = json.loads(self.manage("create_app", name, "--api-version", "v1", "--json"))
        other = copy(self)
        other.credentials = (made["app_key"], made["master_secret"])
        self.manage("grant_cross_app", self.credentials[0], made["app_key"], "--both-ways")
        return other

    def stop(self) -> None:
        """As a service manager would."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=60)

    def unused(self, name: str) -> str:
        """A username that nobody has, nor will get from here again."""
        self.people += 1
        return f"{name}{self.people}"

    def register(self, name: str, **fields: str) -> str:
        """Somebody new, and their username."""
        username = self.unused(name)
        self.call("POST", "/v1/users", [{"username": username, "password": PASSWORD, **fields}])
        return username

    def say(self, sender: str, recipient: str, text: str) -> None:
        """A message that the app's server sends for somebody."""
        message = {
            "version": 1,
            "target_type": "single",
            "target_id": recipient,
            "from_type": "user",
            "from_id": sender,
            "msg_type": "text",
            "msg_body": {"text": text},
        }
        self.call("POST", "/v1/messages", message)

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """What the app's server is answered."""
        answer = httpx.request(method, self.url + path, json=body, auth=self.credentials)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def stored(self, username: str) -> list[str]:
        """The texts that the user may read, in the order of the log: the truth."""
        rows = self.call("GET", f"/v1/users/{username}/sync?limit=500")["messages"]
        return [row["msg_body"]["text"] for row in rows if row["msg_type"] == "text"]


@dataclass
class Person:
    """Somebody at a browser."""

    site: Site
    username: str
    context: BrowserContext
    page: Page
    trouble: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)

    @classmethod
    def at(cls, browser: Browser, site: Site, username: str, **options: Any) -> Person:
        """In front of the page that asks who they are."""
        options.setdefault("viewport", {"width": 1100, "height": 720})
        context = browser.new_context(**options)
        context.set_default_timeout(PATIENCE)
        context.add_init_script(_WITNESS)
        person = cls(site, username, context, context.new_page())
        person.page.on("pageerror", lambda error: person.trouble.append(str(error)))
        person.page.on("dialog", lambda dialog: person.trouble.append(dialog.message))
        person.page.on("request", lambda request: person.addresses.append(request.url))
        person.page.on("websocket", lambda socket: person.addresses.append(socket.url))
        person.page.goto(f"{site.url}/chat/?appkey={site.credentials[0]}")
        return person

    def log_in(self, password: str = PASSWORD) -> None:
        """Until the connection stands."""
        self.page.locator("#login-username").fill(self.username)
        self.page.locator("#login-password").fill(password)
        self.page.locator("#login-form button").click()
        self.expect_state("online")

    def expect_state(self, *states: str) -> None:
        """Wait until the page says that the connection is in one of those states."""
        state = self.page.locator("#state")
        expect(state).to_have_attribute(
            "data-state", re.compile("|".join(states)), timeout=3 * PATIENCE
        )

    def begin_with(self, other: str, app: str = "") -> None:
        """A new conversation, by the other's username."""
        self.page.locator("#open-new-chat").click()
        self.page.locator("#new-chat-username").fill(other)
        if app:
            self.page.locator("#new-chat-app").select_option(app)
        self.page.locator("#new-chat-form [type=submit]").click()

    def sit_down_in(self, room: str) -> None:
        """A chatroom, out of the list of all of them."""
        self.page.locator("#open-rooms").click()
        self.page.get_by_role("button", name=f"Enter {room}").click()
        expect(self.page.locator("#thread-title")).to_have_text(room)

    def turn(self, name: str) -> Locator:
        """A switch of the dialog that is open, once it has been turned."""
        switch = self.page.get_by_role("dialog").get_by_role("switch", name=name)
        switch.click()
        expect(switch).to_be_enabled()
        return switch

    def open(self, title: str) -> None:
        """A conversation of the list."""
        self.row(title).click()

    def row(self, title: str) -> Locator:
        """What the list has of a conversation."""
        return self.page.locator(".conversation").filter(
            has=self.page.locator(f'[data-part="title"]:text-is("{title}")')
        )

    def say(self, text: str) -> None:
        """Write it and press Enter."""
        self.page.locator("#composer-text").fill(text)
        self.page.locator("#composer-text").press("Enter")

    def message(self, text: str) -> Locator:
        """A message in the open conversation."""
        said = self.page.locator(f'[data-part="said"]:text-is("{text}")')
        return self.page.locator(".message").filter(has=said)

    def expect_said(self, *texts: str) -> None:
        """Wait until the open conversation has exactly these messages, in this order."""
        expect(self.page.locator(".message .said")).to_have_text(list(texts))

    def expect_status(self, text: str, status: str) -> None:
        """Wait until a message of one's own is on its way ("sending"), "sent" or "read"."""
        tick = self.message(text).locator(".tick")
        expect(tick).to_have_attribute("data-status", status)

    def expect_nothing_waits(self) -> None:
        """Wait until the server has confirmed all that was sent."""
        self.page.evaluate(
            """(patience) => new Promise((resolve, reject) => {
              const give_up = Date.now() + patience;
              const look = () => {
                const place = Object.keys(sessionStorage).find((key) => key.startsWith("chat.outbox."));
                if (sessionStorage[place] === "[]") resolve();
                else if (Date.now() > give_up) reject(new Error(sessionStorage[place]));
                else setTimeout(look, 20);
              };
              look();
            })""",
            PATIENCE,
        )

    def through(self, passes: Any) -> None:
        """Let every socket from now on pass through `passes(route)`."""

        def route(socket: WebSocketRoute) -> None:
            passes(socket)

        self.context.route_web_socket(SOCKETS, route)

    def refused(self) -> list[str]:
        """What the policy refused to the page."""
        found: list[str] = self.page.evaluate("window.refused")
        return found
