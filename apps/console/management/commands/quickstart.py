"""`manage.py quickstart`: from nothing to a server that can be tried. Safe to repeat."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING, Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection, transaction

from apps.accounts.models import Operator
from apps.console.demo import Demo, Login, ensure_demo
from apps.console.serving import ServingPlan, add_options, plan_of, serve
from apps.core.management.noting import note_made
from apps.core.models import App

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from apps.core.services.apps import Credentials


class Command(BaseCommand):
    """Bring the database up to date, make the demo unless there is data, and serve if asked to."""

    help = (
        "Migrates, makes a demo app and an operator unless there are some, and shows how to go on."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--serve", action="store_true", help="serve afterwards")
        add_options(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it all."""
        plan = plan_of(options)
        call_command("migrate", verbosity=0, interactive=False)
        with transaction.atomic():
            demo = ensure_demo()
            if demo.credentials:
                note_made(demo.credentials.app)
            if demo.operator:
                note_made(Operator.objects.get(username=demo.operator.name))  # tenant-free
        self.report(demo, plan)
        if options["serve"]:
            serve(plan, by=options["server"], say=self.stdout.write, work=options["work"])

    def report(self, demo: Demo, plan: ServingPlan) -> None:
        """Print what was made, with the secrets that won't be shown again."""
        if demo.credentials:
            self.stdout.write("A demo app was made. Its secret is shown only now:")
            self.stdout.write(f"  app key        {demo.credentials.app.app_key}")
            self.stdout.write(f"  master secret  {demo.credentials.master_secret}")
            for user in demo.users:
                self.stdout.write(f"  user           {user.name}, password {user.password}")
        else:
            count = App.objects.count()  # tenant-free: all of them
            self.stdout.write(f"The data of before is kept, {place()}; apps in it: {count}.")
            self.stdout.write("A new app with a key and a secret: manage.py create_app NAME")
        if demo.operator:
            self.stdout.write("An operator for the admin. The password is shown only now:")
            self.stdout.write(f"  name           {demo.operator.name}")
            self.stdout.write(f"  password       {demo.operator.password}")
        if demo.credentials:
            self.stdout.write(f"The data is {place()}.")
            self.stdout.write("Let them chat, each in a window of their own:")
            for user in demo.users:
                self.stdout.write(f"  {chat_of(user, demo.credentials, plan.url)}")
            self.stdout.write("Call the API, in another terminal:")
            for line in examples(demo.credentials, plan.url):
                self.stdout.write(f"  {line}")
        self.stdout.write("")


def place() -> str:
    """Tell where the data lies, without a password."""
    home = os.environ.get("IM_EMBEDDED_HOME")
    if home:
        return f"in {home}"
    at = connection.settings_dict
    return f"in the database {at['NAME']} on {at['HOST'] or 'this machine'}"


def chat_of(user: Login, credentials: Credentials, url: str) -> str:
    """Return the address of the chat page, all filled in but the password."""
    return f"{url}/chat/?appkey={credentials.app.app_key}&username={user.name}"


def examples(credentials: Credentials, url: str) -> list[str]:
    """Return calls to paste into a shell, as the app's server would make them."""
    key = f"{credentials.app.app_key}:{credentials.master_secret}"
    message = (
        '{"version":1,"target_type":"single","target_id":"bobby","from_type":"user",'
        '"from_id":"alice","create_time":"2015-02-12 15:49:09","msg_type":"text",'
        '"msg_body":{"content":"Hello, Bob!"}}'
    )
    users = '[{"username":"carol","password":"a-secret"}]'
    json = ["-H", "Content-Type: application/json"]
    calls = [
        ["curl", "-u", key, f"{url}/users/alice"],
        ["curl", "-u", key, *json, "-d", users, f"{url}/v1/users/"],
        ["curl", "-u", key, *json, "-d", message, f"{url}/messages"],
        ["curl", "-u", key, f"{url}/users/bobby/sync"],
    ]
    return [shlex.join(call) for call in calls]
