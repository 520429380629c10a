"""Whoever types a command leaves a trace, as whoever presses a button does."""

from __future__ import annotations

import io
import os
import pwd
import socket
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command, get_commands, load_command_class

from apps.accounts.models import Operator
from apps.core.management import noting
from apps.core.models import App, AuditEntry
from apps.core.services.audit import COMMAND_LINE
from tests.admin.conftest import SECRET, list_of, page_of
from tests.admin.conftest import root as root

NOTED = {
    "changepassword", "create_app", "createsuperuser", "grant_cross_app", "import_blacklists",
    "import_friends", "import_groups", "import_history", "import_users", "make_big_world",
    "purge_expired", "purge_media", "quickstart", "rollup_statistics", "start_log_epoch",
}  # fmt: skip
CHANGE_NOTHING = {"error_table", "serve", "work"}
"""That an operator would have to answer for: what these do, they do for others."""


def run(*words: str, **options: Any) -> str:
    """What it prints."""
    out = io.StringIO()
    call_command(*words, stdout=out, **options)
    return out.getvalue()


def entries(action: str) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(action=action).order_by("pk"))


def test_every_command_of_ours_is_known_to_be_noted_or_to_change_nothing():
    ours = {name for name, app in get_commands().items() if app.startswith("apps.")}

    assert ours == NOTED | CHANGE_NOTHING
    for name in ours:
        assert load_command_class(get_commands()[name], name).__module__.startswith("apps."), name


def test_a_new_app_is_noted_with_who_typed_it_and_without_its_secret(db):
    printed = run("create_app", "Acme", "--api-version=v1")

    app = App.objects.get()
    (entry,) = entries("Added")
    user = pwd.getpwuid(os.getuid()).pw_name
    assert (entry.operator, entry.operator_name) == (None, "command line")
    assert entry.address == f"{user}@{socket.gethostname()}"[:64]
    assert (entry.app, entry.target_name, entry.target_id) == (app, "Acme", str(app.pk))
    assert entry.after["api_version"] == "v1"
    secret = printed.partition("master_secret: ")[2].split()[0]
    assert len(secret) == 24
    assert secret not in str(vars(entry))


def test_an_app_that_is_refused_is_not_noted(db):
    with pytest.raises(CommandError):
        run("create_app", "")

    assert not AuditEntry.objects.exists()


def test_whatever_the_environment_claims_the_user_is_the_systems(db, monkeypatch):
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "somebody-else")
    assert "somebody-else" not in noting.command_line().address

    monkeypatch.setattr(pwd, "getpwuid", {}.__getitem__)
    assert noting.command_line().address.startswith(f"{os.getuid()}@")


def test_grants_are_noted_on_the_app_that_may_call(app, other_app):
    run("grant_cross_app", app.app_key, other_app.app_key, "--both-ways")
    run("grant_cross_app", app.app_key, other_app.app_key, "--revoke")
    run("grant_cross_app", app.app_key, other_app.app_key, "--revoke")

    given, revoked = entries("Grant"), entries("Revoke the grant")
    assert [entry.app for entry in given] == [app, other_app]
    assert [entry.app for entry in revoked] == [app]
    assert revoked[0].details == {"Concerns": ["Rival"]}


def test_a_grant_that_is_refused_halfway_leaves_neither_grant_nor_entry(app):
    with pytest.raises(CommandError):
        run("grant_cross_app", app.app_key, app.app_key)

    assert not AuditEntry.objects.exists()


def test_a_new_epoch_is_noted_for_each_app(app, other_app):
    run("start_log_epoch")

    found = entries("Log epoch begun")
    assert [(entry.app, entry.before, entry.after) for entry in found] == [
        (app, {"log_epoch": 1}, {"log_epoch": 2}),
        (other_app, {"log_epoch": 1}, {"log_epoch": 2}),
    ]


def test_an_import_is_noted_as_it_begins_and_as_it_ends(app, tmp_path):
    file = tmp_path / "users.csv"
    file.write_text("username,password\nalice,pass-phrase\nbob,pass-phrase\n")
    run("import_users", app.app_key, str(file), "--dry-run")
    assert not AuditEntry.objects.exists()

    run("import_users", app.app_key, str(file))

    begun, ended = entries("Import")
    assert begun.app == ended.app == app
    assert begun.details == {"Status": "begun", "Kind": "users", "Files": [str(file)]}
    assert ended.details == {
        **begun.details, "Status": "done", "Rows done": 1, "Rows refused": 1,
    }  # fmt: skip


def test_an_import_that_is_stopped_says_so(app, tmp_path, monkeypatch):
    file = tmp_path / "users.csv"
    file.write_text("username,password\nalice,pass-phrase\n")
    monkeypatch.setattr("apps.core.importing.command.run_import", None)
    with pytest.raises(TypeError):
        run("import_users", app.app_key, str(file))

    assert [entry.details["Status"] for entry in entries("Import")] == ["begun", "stopped"]


def test_removals_are_noted_unless_nothing_is_to_be_removed(app, settings):
    run("purge_media", "--dry-run")
    assert not AuditEntry.objects.exists()

    settings.IM_HISTORY_DAYS = 1
    run("purge_media")
    run("purge_expired")
    assert [entry.app for entry in entries("Removal of unused files")] == [app, app]
    assert len(entries("Deletion of expired messages")) == 2


def test_counting_anew_is_noted_and_counting_is_not(app):
    run("rollup_statistics")
    assert not AuditEntry.objects.exists()

    run("rollup_statistics", "--rebuild")
    assert [entry.app for entry in entries("Statistics counted anew")] == [app]


def test_a_superuser_that_is_made_and_a_password_that_is_changed_are_noted(db, monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", SECRET)
    run("createsuperuser", "--noinput", "--username=root", "--email=root@example.com")
    monkeypatch.setattr("getpass.getpass", lambda **_more: "another long pass phrase")
    run("changepassword", "root")

    made, changed = AuditEntry.objects.order_by("pk")
    assert (made.action, made.target_name) == ("Added", "root")
    assert (changed.action, changed.target_id) == ("New password", made.target_id)
    assert {made.operator_name, changed.operator_name} == {"command line"}
    assert made.after["password"] == "•••"
    assert SECRET not in str(vars(made))
    assert Operator.objects.get().check_password("another long pass phrase")


def test_what_quickstart_makes_is_noted_once(db, monkeypatch):
    monkeypatch.setattr(
        "apps.console.management.commands.quickstart.call_command", lambda *_a, **_k: None
    )
    run("quickstart", "--port=0")
    run("quickstart", "--port=0")

    assert [entry.target_type for entry in entries("Added")] == ["core.app", "accounts.operator"]


def test_the_app_of_a_big_world_is_noted(db, monkeypatch):
    monkeypatch.setattr("apps.console.management.commands.make_big_world.tidy", lambda: None)
    run("make_big_world", "Big", "--users=5", "--groups=1", "--messages=5")

    assert [entry.target_name for entry in entries("Added")] == ["Big"]


def test_the_audit_shows_and_finds_the_command_line_in_either_language(root, app, other_app):
    run("grant_cross_app", app.app_key, other_app.app_key)
    entry = AuditEntry.objects.get(action="Grant")
    for language, words in (("en", "command line"), ("zh-hans", "命令行")):
        root.cookies["django_language"] = language
        page = root.page(list_of(AuditEntry), q=words)
        assert words in page
        assert page_of(entry) in page
        assert words in root.page(page_of(app, "history"))
        assert words in root.page(page_of(entry))


def test_no_operator_has_that_name_and_a_failed_log_in_is_told_from_it(root, app, client):
    client.post("/admin/login/", {"username": "command line", "password": "x"})
    failed = AuditEntry.objects.get(action="Log-in failed")

    assert failed.address == "127.0.0.1"
    with pytest.raises(ValidationError):
        Operator._meta.get_field("username").run_validators(COMMAND_LINE)
