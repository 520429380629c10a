"""Sensitive words: what looking for ten thousand costs, beside looking for one."""

import random
import string
import time
from collections.abc import Callable
from functools import partial

from apps.messaging.words import Words

SIZE = 4096  # bytes of a text
WORDS = 10_000
_TIMES = 300
_HAN = [chr(code) for code in range(0x4E00, 0x9FA5)]


def report(row: Callable[..., None]) -> None:
    """A row for each script: texts a second, compared with one word, milliseconds of the processor."""
    chance = random.Random(1)  # noqa: S311 texts, not secrets
    words = {_word(chance, _HAN, 2, 5) for _ in range(WORDS // 2)}
    while len(words) < WORDS:
        words.add(_word(chance, string.ascii_lowercase, 4, 9))
    all_of_them, one = Words(words), Words(["nothing"])
    for name, text in (
        ("Chinese", _word(chance, _HAN, SIZE // 3, SIZE // 3)),
        ("English", " ".join(_word(chance, string.ascii_lowercase, 5, 5) for _ in range(682))),
    ):
        looking = milliseconds(partial(all_of_them.find, text))
        ratio = f"{looking / milliseconds(partial(one.find, text)):.1f}x one"
        row(f"{WORDS} words, 4 KB of {name}", f"{1000 / looking:.0f}", ratio, f"{looking:.2f}", "")


def milliseconds(act: Callable[[], object]) -> float:
    """Of the processor, for once."""
    act()
    started = time.process_time()
    for _ in range(_TIMES):
        act()
    return (time.process_time() - started) * 1000 / _TIMES


def _word(chance: random.Random, letters: str | list[str], least: int, most: int) -> str:
    return "".join(chance.choices(letters, k=chance.randint(least, most)))
