"""Finding an app's sensitive words in a text: all of them in one pass, however they are written.

Text and words are *folded* before they are compared: width, case and accents are taken away, and so are
punctuation, symbols, spaces and what has no width at all. What is found in the folded text is led back to the
characters of the text itself.
"""

import threading
import unicodedata
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import ahocorasick

MASK = "*"
_APPS_AT_MOST = 200  # whose words are kept ready; those used longest ago go first


class _Folding(dict[int, str]):
    """Code point -> what is left of it. Filled in as characters of the first plane come up."""

    def __missing__(self, code: int) -> str:
        folded = unicodedata.normalize("NFKD", chr(code)).casefold()
        # A second time: a folded letter may come apart again.
        kept = "".join(filter(_counts, unicodedata.normalize("NFKD", folded)))
        if code < 0x10000:
            self[code] = kept
        return kept


def _counts(character: str) -> bool:
    """Whether it is part of a word: no punctuation, symbol, space or control character, and no accent."""
    if "\u0300" <= character <= "\u036f" or "\ufe00" <= character <= "\ufe0f":
        return False
    if "\U000e0100" <= character <= "\U000e01ef":
        return False
    return unicodedata.category(character)[0] not in "PSZC"


_FOLDING = _Folding()


def fold(text: str) -> str:
    """All of a text that counts in a comparison. Empty where there is no letter and no digit."""
    return text.translate(_FOLDING)


@dataclass(frozen=True)
class _Word:
    """A word, as it is looked for."""

    word: str
    length: int  # folded
    # Places in the folded word between two letters of a script that parts its words by spaces. There a space
    # in the text parts two words ("as soon" has no "ass"), unless the word has one too, or all places have.
    joints: frozenset[int]
    spaces: frozenset[int]


@dataclass(frozen=True)
class Hit:
    """A word found in a text, with the places of its characters there."""

    word: str
    places: tuple[int, ...]


class Words:
    """An app's words, ready to be looked for. Reading is safe from several threads."""

    def __init__(self, words: Iterable[str]) -> None:
        self._automaton = ahocorasick.Automaton()
        for word in words:
            folded = fold(word)
            if folded:
                self._automaton.add_word(_in_bytes(folded), _looked_for(word, folded))
        self._any = len(self._automaton) > 0
        if self._any:
            self._automaton.make_automaton()

    def find(self, text: str) -> list[Hit]:
        """What is found: the leftmost first, of those that begin together the longest. They may overlap."""
        if not self._any:
            return []
        folded = fold(text)
        ends: list[tuple[int, _Word]] = list(self._automaton.iter(_in_bytes(folded)))
        if not ends:
            return []
        at = _characters(folded)
        found = [(at[end] - word.length + 1, word) for end, word in ends]
        found.sort(key=lambda hit: (hit[0], -hit[1].length))
        origin = _origin(text)
        return [
            Hit(word.word, tuple(origin[start : start + word.length]))
            for start, word in found
            if _stands(word, text, origin[start : start + word.length])
        ]


def _in_bytes(folded: str) -> str:
    """A text whose characters are its bytes in UTF-8.

    The automaton looks one by one through what may follow, and of characters that may begin a word in Chinese
    there are thousands: measured at fifteen times as long. UTF-8 sees to it that none is found askew.
    """
    return folded.encode().decode("latin-1")


def _characters(folded: str) -> Sequence[int]:
    """For each byte of a text, the place of its character."""
    if folded.isascii():
        return range(len(folded))
    return [place for place, character in enumerate(folded) for _ in character.encode()]


def masked(text: str, hits: Iterable[Hit]) -> str:
    """The text with an asterisk for each character of a word; what stands between them is left."""
    characters = list(text)
    for hit in hits:
        for place in hit.places:
            characters[place] = MASK
    return "".join(characters)


def of_app(app_id: int, version: int, read: Callable[[], Iterable[str]]) -> Words:
    """The app's words as they are in that version: read once by each process."""
    entry = _kept.get(app_id)
    if entry is not None and entry[0] == version:
        return entry[1]
    words = Words(read())
    with _lock:
        _kept[app_id] = (version, words)
        _kept.move_to_end(app_id)
        while len(_kept) > _APPS_AT_MOST:
            _kept.popitem(last=False)
    return words


_kept: OrderedDict[int, tuple[int, Words]] = OrderedDict()
_lock = threading.Lock()


def _origin(text: str) -> list[int]:
    """For each character of the folded text, the place that it came from."""
    return [place for place, character in enumerate(text) for _ in _FOLDING[ord(character)]]


def _looked_for(word: str, folded: str) -> _Word:
    spaced = [unicodedata.category(character) != "Lo" for character in folded]
    joints = frozenset(at for at in range(1, len(folded)) if spaced[at - 1] and spaced[at])
    return _Word(word, len(folded), joints, _gaps(word, _origin(word), joints))


def _gaps(text: str, places: list[int], joints: frozenset[int]) -> frozenset[int]:
    """Those of the joints at which a space stands in the text."""
    return frozenset(
        at
        for at in joints
        if any(character.isspace() for character in text[places[at - 1] + 1 : places[at]])
    )


def _stands(word: _Word, text: str, places: list[int]) -> bool:
    """Whether the spaces in between, if any, are those of a word written apart."""
    if places[-1] - places[0] < word.length:
        return True
    gaps = _gaps(text, places, word.joints)
    everywhere = len(gaps) == len(word.joints) > 1
    return not gaps or everywhere or gaps <= word.spaces
