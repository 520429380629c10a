"""What the audit is told, it can hold."""

from __future__ import annotations

from apps.core.models import App, AuditEntry
from apps.core.services.audit import Actor, Change, record


def test_nul_is_left_out_wherever_it_stands(app):
    app.name = "Ac\0me"
    record(
        actor=Actor(None, "ol\0ga", "192.0.2\0.1"),
        action="Changed",
        changes=[
            Change(
                target=app,
                before={"name": "be\0fore", "listed": ["a\0", {"in\0ner": "b\0"}]},
                after={"name": "af\0ter"},
            )
        ],
        details={"Rea\0son": "c\0"},
    )

    entry = AuditEntry.objects.get()
    assert (entry.operator_name, entry.address) == ("olga", "192.0.2.1")
    assert entry.target_name == "Acme"
    assert entry.before == {"name": "before", "listed": ["a", {"inner": "b"}]}
    assert entry.after == {"name": "after"}
    assert entry.details == {"Reason": "c"}


def test_the_name_of_the_app_loses_it_too(app):
    record(actor=Actor(None, "olga"), action="Changed", changes=[Change(app=App(name="a\0b"))])

    assert AuditEntry.objects.get().app_name == "ab"


def test_values_are_cut_and_secrets_hidden(app):
    record(
        actor=Actor(None, "n" * 200, "a" * 100),
        action="Changed",
        changes=[Change(target=app, after={"long": "x" * 600, "master_secret": "s3cret"})],
    )

    entry = AuditEntry.objects.get()
    assert (len(entry.operator_name), len(entry.address)) == (150, 64)
    assert len(entry.after["long"]) == 501
    assert entry.after["master_secret"] == "•••"
