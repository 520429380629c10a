"""The Chinese catalogue: `python tools/catalogue.py` brings it up to date, `--check` only says what is wrong.

It holds every text of our own, and those of the admin's packages that Django's own catalogues lack: unfold
ships none. After a run, translate what is empty in locale/zh_Hans/LC_MESSAGES/django.po, and run it again:
that compiles django.mo. Needs no gettext.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import django
import polib
import unfold
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
COMPILED = CATALOGUE.with_suffix(".mo")
OURS = ("apps", "imserver", "templates")
# Unfold's parts that are installed.
UNFOLD = Path(unfold.__file__).parent
UNFOLD_PARTS = ("*.py", "templates", "templatetags", "mixins", "contrib/filters")
# Django's own catalogues of the pages we show. What they lack in Chinese is ours to say.
DJANGO = Path(django.__file__).parent
DJANGO_PARTS = ("conf", "contrib/admin", "contrib/auth", "contrib/contenttypes")

_WIDTH = 100
HEADERS = {
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Language": "zh_Hans",
    "Plural-Forms": "nplurals=1; plural=0;",
}

_CALLS = {
    "_": 1,
    "gettext": 1,
    "gettext_lazy": 1,
    "gettext_noop": 1,
    "ngettext": 2,
    "ngettext_lazy": 2,
}
_LITERAL = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_IN_TEMPLATE = re.compile(rf"\b(?:n?gettext|_)\(({_LITERAL})(?:\s*,\s*({_LITERAL}))?")


@dataclass(frozen=True)
class Text:
    """A message id, with its plural where it has one."""

    singular: str
    plural: str = ""


def texts_of_python(source: str) -> Iterator[Text]:
    """The texts that are passed to gettext and its kin, as literals."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        given = [
            argument.value
            for argument in node.args[: _CALLS.get(name, 0)]
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
        ]
        if given and given[0]:
            yield Text(*given)


def texts_of_template(source: str) -> Iterator[Text]:
    """The texts in translate and blocktranslate tags, and in filters."""
    for found in _IN_TEMPLATE.finditer(templatize(source)):
        given = [ast.literal_eval(literal) for literal in found.groups() if literal is not None]
        if given[0]:
            yield Text(*given)


def texts_of_files(base: Path, parts: tuple[str, ...]) -> dict[Text, set[str]]:
    """The texts in those parts of a tree, each with the files it is in, relative to the tree."""
    texts: dict[Text, set[str]] = {}
    for part in parts:
        paths = base.glob(part) if "*" in part else (base / part).rglob("*")
        for path in paths:
            if path.suffix == ".py" and "migrations" not in path.parts:
                found = texts_of_python(path.read_text(encoding="utf-8"))
            elif path.suffix == ".html":
                found = texts_of_template(path.read_text(encoding="utf-8"))
            else:
                continue
            for text in found:
                texts.setdefault(text, set()).add(path.relative_to(base).as_posix())
    return texts


def texts_of_django() -> tuple[set[str], set[Text]]:
    """The ids of what Django says in Chinese, and the texts that it says on such pages in English alone."""
    said: set[str] = set()
    unsaid: set[Text] = set()
    for part in DJANGO_PARTS:
        locale = DJANGO / part / "locale"
        chinese = polib.mofile(str(locale / "zh_Hans" / "LC_MESSAGES" / "django.mo"))
        said |= {entry.msgid for entry in chinese}
        english = polib.pofile(str(locale / "en" / "LC_MESSAGES" / "django.po"))
        unsaid |= {Text(entry.msgid, entry.msgid_plural) for entry in english}
    return said, {text for text in unsaid if text.singular not in said}


def wanted() -> dict[Text, set[str]]:
    """Every text the catalogue has to hold, and where it is from."""
    texts = texts_of_files(ROOT, OURS)
    ours = {text.singular for text in texts}
    said, unsaid = texts_of_django()
    for text in texts_of_files(UNFOLD, UNFOLD_PARTS):
        if text.singular not in said | ours:
            texts.setdefault(text, set()).add("unfold")
    for text in unsaid:
        if text.singular not in ours:
            texts.setdefault(text, set()).add("django")
    return texts


def update() -> polib.POFile:
    """The catalogue with exactly the texts that are wanted, each as it was translated."""
    before = (
        {entry.msgid: entry for entry in polib.pofile(str(CATALOGUE))} if CATALOGUE.exists() else {}
    )
    catalogue = polib.POFile(wrapwidth=_WIDTH)
    catalogue.metadata = dict(HEADERS)
    for text, places in sorted(wanted().items(), key=lambda item: item[0].singular):
        entry = polib.POEntry(
            msgid=text.singular,
            msgid_plural=text.plural,
            occurrences=[(place, "") for place in sorted(places)],
        )
        if "%(" in text.singular or "%(" in text.plural:
            entry.flags.append("python-format")
        known = before.get(text.singular)
        if text.plural:
            entry.msgstr_plural = {0: known.msgstr_plural.get(0, "") if known else ""}
        else:
            entry.msgstr = known.msgstr if known else ""
        catalogue.append(entry)
    return catalogue


_PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[a-z]|\{\w*\}|<[^>]+>")


def problems() -> list[str]:
    """What is wrong with the catalogue, a line each. Nothing, for one that is complete and compiled."""
    found = []
    catalogue = polib.pofile(str(CATALOGUE), wrapwidth=_WIDTH)
    held = {Text(entry.msgid, entry.msgid_plural) for entry in catalogue}
    texts = set(wanted())
    found += [f"missing, run tools/catalogue.py: {text.singular!r}" for text in texts - held]
    found += [f"not used, run tools/catalogue.py: {text.singular!r}" for text in held - texts]
    for entry in catalogue:
        translated = entry.msgstr_plural.get(0, "") if entry.msgid_plural else entry.msgstr
        if not translated or entry.fuzzy:
            found.append(f"not translated: {entry.msgid!r}")
        original = entry.msgid_plural or entry.msgid
        if sorted(_PLACEHOLDER.findall(original)) != sorted(_PLACEHOLDER.findall(translated)):
            found.append(f"other placeholders than {original!r}: {translated!r}")
    if not COMPILED.exists() or COMPILED.read_bytes() != catalogue.to_binary():
        found.append("django.mo is not compiled from django.po: run tools/catalogue.py")
    return found


def main(arguments: list[str]) -> None:
    """Bring the catalogue up to date, or check it."""
    if "--check" not in arguments:
        CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
        catalogue = update()
        catalogue.save(str(CATALOGUE))
        COMPILED.write_bytes(polib.pofile(str(CATALOGUE)).to_binary())
    found = problems()
    for problem in found:
        sys.stderr.write(f"{problem}\n")
    sys.exit(bool(found))


if __name__ == "__main__":
    main(sys.argv[1:])
