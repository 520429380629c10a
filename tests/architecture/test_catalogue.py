"""The Chinese catalogue holds every text, translated and compiled."""

from __future__ import annotations

import polib
import pytest

from tools import catalogue
from tools.catalogue import Text, texts_of_python, texts_of_template

# Django's groups are of operators, and not shown.
SAID_OTHERWISE = {"group", "groups", "Add", "Add %(name)s", "Remove", "Log out", "active", ", "}


def test_the_catalogue_is_complete_and_compiled():
    assert catalogue.problems() == []


def test_no_text_of_ours_gives_a_word_of_djangos_another_meaning():
    """Ours go first: a label "May" would rename a month."""
    others: dict[str, str] = {}
    for part in catalogue.DJANGO_PARTS:
        path = catalogue.DJANGO / part / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.mo"
        others |= {
            entry.msgid: entry.msgstr for entry in polib.mofile(str(path)) if not entry.msgctxt
        }
    ours = {entry.msgid: entry.msgstr for entry in polib.pofile(str(catalogue.CATALOGUE))}

    changed = {text for text in ours.keys() & others.keys() if ours[text] != others[text]}

    # The same meaning in other words.
    assert changed <= SAID_OTHERWISE, {text: (ours[text], others[text]) for text in changed}


def test_texts_are_found_in_python():
    source = """
_("one")
gettext_lazy('two' " parts")
x = ngettext("%d user", "%d users", 3)
gettext(variable)
_("")
other("not this")
models.CharField(_("field"), help_text=translation.gettext("deep"))
"""

    assert set(texts_of_python(source)) == {
        Text("one"),
        Text("two parts"),
        Text("%d user", "%d users"),
        Text("field"),
        Text("deep"),
    }


def test_texts_are_found_in_templates():
    source = """
{% load i18n %}
{% translate "one" %} {% trans 'it\\'s' as two %} {{ x|default:_("three") }}
{% blocktranslate with name=x %}four {{ name }}{% endblocktranslate %}
{% blocktranslate count n=x %}{{ n }} app{% plural %}{{ n }} apps{% endblocktranslate %}
plain text
"""

    assert {
        Text("one"),
        Text("three"),
        Text("four %(name)s"),
        Text("%(n)s app", "%(n)s apps"),
    } <= set(texts_of_template(source))


@pytest.fixture
def broken(tmp_path, monkeypatch):
    """A copy of the catalogue, to be broken."""
    copy = tmp_path / "django.po"
    copy.write_bytes(catalogue.CATALOGUE.read_bytes())
    compiled = tmp_path / "django.mo"
    compiled.write_bytes(catalogue.COMPILED.read_bytes())
    monkeypatch.setattr(catalogue, "CATALOGUE", copy)
    monkeypatch.setattr(catalogue, "COMPILED", compiled)
    return copy


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ('msgid "Apps"\n', 'msgid "Appz"\n', "missing, run tools/catalogue.py: 'Apps'"),
        ('msgid "Apps"\n', 'msgid "Appz"\n', "not used, run tools/catalogue.py: 'Appz'"),
        ('msgstr "应用"\n', 'msgstr ""\n', "not translated"),
        ('msgstr "%(name)s：约 %(number)s"', 'msgstr "约 %(number)s"', "other placeholders"),  # noqa: RUF001
        ('msgstr "应用"\n', 'msgstr "應用"\n', "not compiled"),
    ],
)
def test_what_is_wrong_with_a_catalogue_is_told(broken, before, after, complaint):
    text = broken.read_text(encoding="utf-8")
    assert before in text
    broken.write_text(text.replace(before, after, 1), encoding="utf-8")

    assert any(complaint in problem for problem in catalogue.problems())


def test_a_fuzzy_translation_is_none(broken):
    text = broken.read_text(encoding="utf-8")
    broken.write_text(text.replace('msgid "Apps"', '#, fuzzy\nmsgid "Apps"', 1), encoding="utf-8")

    assert any("not translated: 'Apps'" in problem for problem in catalogue.problems())


def test_what_is_missing_is_added_and_what_is_gone_goes(broken):
    text = broken.read_text(encoding="utf-8")
    broken.write_text(text.replace('msgid "Apps"', 'msgid "Gone"', 1), encoding="utf-8")

    with pytest.raises(SystemExit) as ended:
        catalogue.main([])

    entries = {entry.msgid: entry.msgstr for entry in polib.pofile(str(broken))}
    assert ended.value.code == 1
    assert entries["Apps"] == ""
    assert "Gone" not in entries
