"""The documents say what there is: settings, links, examples."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from imserver.env import CHECKOUT

DOCUMENTS = sorted([*CHECKOUT.glob("*.md"), *CHECKOUT.glob("docs/**/*.md")])
CONFIGURATION = CHECKOUT / "docs" / "configuration.md"
EXTENDING = CHECKOUT / "docs" / "extending.md"
EXAMPLE = CHECKOUT / "tests" / "addon_example"
#: Told by the server to its own child processes, not to be set by anybody.
INTERNAL = {"IM_EMBEDDED_HOME"}
#: Read by a function that is given the name.
ALSO_READ = {"IM_VAR_DIR"}
READERS = {"text", "integer", "boolean", "choice", "words", "secret"}

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
ROW = re.compile(r"^\| `(?P<name>[A-Z0-9_]+)` \| (?P<default>.*?) \|", re.MULTILINE)
PYTHON = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)

relative = pytest.mark.parametrize(
    "document", DOCUMENTS, ids=lambda path: str(path.relative_to(CHECKOUT))
)


def calls(folder: Path) -> Iterator[ast.Call]:
    """All calls in the Python files there."""
    for file in [folder] if folder.is_file() else sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                yield node


def reads() -> Iterator[tuple[str, ast.expr | None]]:
    """Every read of an environment variable by its name: the name, and the default given."""
    for folder in ("imserver", "apps", "manage.py"):
        for call in calls(CHECKOUT / folder):
            assert isinstance(call.func, ast.Attribute)
            what, of = call.func.attr, ast.unparse(call.func.value)
            named = call.args and isinstance(call.args[0], ast.Constant)
            if not named or (of, what) == ("os.environ", "pop"):
                continue
            if of == "os.environ" or (what in READERS and of == "env"):
                name = ast.literal_eval(call.args[0])
                yield name, call.args[1] if of == "env" and call.args[1:] else None
                if what == "secret":
                    yield f"{name}_FILE", None


def value_of(expression: ast.expr) -> Any:
    """The value of a constant, or of a product of them such as `4 * 1024`."""
    if isinstance(expression, ast.BinOp):
        assert isinstance(expression.op, ast.Mult)
        return value_of(expression.left) * value_of(expression.right)
    return ast.literal_eval(expression)


def settings_of_base() -> set[str]:
    """The names of the product's own settings."""
    tree = ast.parse((CHECKOUT / "imserver" / "settings" / "base.py").read_text())
    names = set()
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            names.add(ast.unparse(target))
    return {name for name in names if name.startswith("IM_")}


def documented() -> dict[str, str]:
    """The rows of the tables of docs/configuration.md: name -> default."""
    rows = ROW.findall(CONFIGURATION.read_text())
    assert len(dict(rows)) == len(rows), "a variable stands in two rows"
    return dict(rows)


def test_every_variable_that_is_read_is_documented_and_no_other():
    read = {name for name, _ in reads()} | ALSO_READ

    assert set(documented()) == (read - INTERNAL) | settings_of_base()


def test_defaults_are_documented_as_they_are():
    rows = documented()
    seen = {}
    for name, default in reads():
        if default is None:
            continue
        value = value_of(default)
        if isinstance(value, bool | int) or (value and isinstance(value, str)):
            seen[name] = f"`{str(value).lower() if isinstance(value, bool) else value}`"

    assert len(seen) > 10
    assert {name: rows[name] for name in seen} == seen


def test_the_readmes_name_no_variable_that_there_is_not():
    known = set(documented())
    for name in ("README.md", "README.zh-CN.md"):
        mentioned = set(re.findall(r"\bIM_[A-Z0-9_]+\b", (CHECKOUT / name).read_text()))
        assert mentioned <= known, name


def anchors(document: Path) -> set[str]:
    """The names that a document's headings can be linked by."""
    plain = FENCE.sub("", document.read_text())
    slugs = [re.sub(r"[^\w\- ]", "", title.lower()) for title in HEADING.findall(plain)]
    return {slug.strip().replace(" ", "-") for slug in slugs}


@relative
def test_links_lead_somewhere(document):
    text = FENCE.sub("", document.read_text())
    for link in LINK.findall(text):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target), link


def test_documents_that_the_code_names_are_there():
    named = set()
    for folder in ("apps", "imserver", "tests"):
        for file in (CHECKOUT / folder).rglob("*.py"):
            named |= set(re.findall(r"\bdocs/[\w/.-]+\.(?:md|yaml)\b", file.read_text()))

    assert named
    assert {name for name in named if not (CHECKOUT / name).exists()} == set()


def test_every_decision_is_in_the_list_of_decisions():
    folder = CHECKOUT / "docs" / "adr"
    pages = {path.name for path in folder.glob("[0-9]*.md")}

    assert pages == set(LINK.findall((folder / "README.md").read_text()))
    assert len({name[:4] for name in pages}) == len(pages), "a number is taken twice"


@relative
def test_no_document_names_a_place_on_this_machine(document):
    text = document.read_text()
    private = [CHECKOUT, CHECKOUT.parent, Path.home()]
    for place in [path for path in private if len(path.parts) > 1]:
        assert not re.search(rf"(?<![\w./]){re.escape(str(place))}(?![\w-])", text), place


def test_the_readmes_have_the_same_sections_and_code():
    one, other = (
        [block.split("\n", 1)[0] for block in FENCE.findall((CHECKOUT / name).read_text())]
        for name in ("README.md", "README.zh-CN.md")
    )
    assert one == other

    one, other = (
        [mark for mark, _ in re.findall(r"^(##+) (.+)$", (CHECKOUT / name).read_text(), re.M)]
        for name in ("README.md", "README.zh-CN.md")
    )
    assert one == other


def test_the_code_about_extending_is_that_of_the_example():
    sources = [path.read_text() for path in EXAMPLE.rglob("*.py")]
    blocks = PYTHON.findall(EXTENDING.read_text())

    assert len(blocks) >= 8
    for block in blocks:
        assert any(block.rstrip() in source for source in sources), block


@pytest.mark.parametrize("folder", ["templates", "apps"])
def test_pages_load_nothing_from_elsewhere(folder):
    for page in (CHECKOUT / folder).rglob("*"):
        if page.suffix in {".html", ".js", ".css", ".svg"}:
            loaded = re.findall(
                r"(?:src=|href=|url\(|from|import)\s*[\"'(]?(?:https?:)?//[^\s\"')]+",
                page.read_text(),
            )
            assert not loaded, (page, loaded)


def test_the_page_of_the_documentation_loads_nothing_from_elsewhere(client):
    page = client.get("/docs/").content.decode()

    assert "swagger-ui" in page
    assert re.findall(r"(?:src|href)=\"(?:https?:)?//[^\"]*\"", page) == []
