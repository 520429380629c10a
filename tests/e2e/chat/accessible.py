"""What axe has to say of the page as somebody has it before them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from axe_playwright_python.sync_playwright import Axe

if TYPE_CHECKING:
    from tests.e2e.chat.people import Person


#: Once it is painted, and no colour is on its way to another.
_STILL = """async () => {
    await new Promise(requestAnimationFrame);
    const ending = document.getAnimations().filter(
        (one) => one.effect.getComputedTiming().endTime !== Infinity);
    await Promise.all(ending.map((one) => one.finished.catch(() => null)));
}"""


def expect_accessible(person: Person) -> None:
    """In the light and in the dark."""
    found: list[str] = []
    for scheme in ("light", "dark"):
        person.page.emulate_media(color_scheme=scheme)
        person.page.evaluate(_STILL)
        for violation in Axe().run(person.page).response["violations"]:
            places = [node["html"][:120] for node in violation["nodes"]]
            found.append(f"{scheme}: {violation['id']}: {violation['help']}: {places}")
    person.page.emulate_media(color_scheme="light")
    assert not found, "\n".join(found)
