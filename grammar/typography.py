"""What of a text is typography and no wording: width, spacing, invisible characters, and how a mark is drawn.

An outlet's new content system turns " into “ on every old page, and one typed in GB2312 comes back with another dash:
nobody edited anything.
"""

from __future__ import annotations

import re
import unicodedata

# Drawn otherwise, by a typesetter or by another mapping from a Chinese code page, and the same mark to a reader.
_DRAWN = {
    "'": "\u2018\u2019\u201a\u201b\u2032\u02b9\u02bc\u00b4\u0060\uff07",
    '"': "\u201c\u201d\u201e\u201f\u2033\u301d\u301e\u301f\uff02",
    "-": "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2e3a\u2e3b\ufe31\ufe32\ufe58\ufe63\uff0d",
    "·": "\u2022\u2027\u2219\u22c5\u30fb\uff65",
    "~": "\u301c\u223c\uff5e",
}
# Seen by nobody: controls, soft hyphen, zero-width signs, marks of direction, byte order mark, variation selectors.
_UNSEEN = (
    *range(0x09), *range(0x0E, 0x1C), *range(0x7F, 0x85), *range(0x86, 0xA0), 0x00AD, 0x034F, 0x061C,
    *range(0x180B, 0x1810), *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070),
    *range(0xFE00, 0xFE10), 0xFEFF, *range(0xE0100, 0xE01F0),
)  # fmt: skip
_ONE_WAY: dict[int, str | None] = {ord(other): mark for mark, others in _DRAWN.items() for other in others}
_INVISIBLE: dict[int, str | None] = dict.fromkeys(_UNSEEN)
_SET_ASIDE = _ONE_WAY | _INVISIBLE
# Spacing, and a dash made of several: `--`, `——`.
_SPACING = re.compile(r"\s+|(?<=-)-+")


def squashed(text: str) -> str:
    """The wording alone: two texts with the same squashed form say the same, letter for letter.

    NFKC (full-width digits, … and ...), one form for every drawing of a quotation mark, dash, middle dot or swung dash,
    and no spacing or invisible characters. Upper and lower case, and which marks stand there, are wording.
    """
    return _SPACING.sub("", unicodedata.normalize("NFKC", text.translate(_SET_ASIDE)))


_DASHES, _DOTS = re.compile("[-\u2013\u2014\u2015]{2,}"), re.compile("\\.{3,}|\u2026{2,}")


def visible(text: str) -> str:
    """The text as a reader sees it: composed (NFC), without invisible characters, a dash or an ellipsis that is made of
    several signs as one."""
    shown = unicodedata.normalize("NFC", text.translate(_INVISIBLE))
    return _DOTS.sub("\u2026", _DASHES.sub("\u2014", shown))


class _Plain(dict[int, str]):
    """One character for each: its width and drawing folded, its case not."""

    def __missing__(self, code: int) -> str:
        folded = _ONE_WAY.get(code) or unicodedata.normalize("NFKC", chr(code))
        self[code] = folded if len(folded) == 1 else chr(code)
        return self[code]


class _Lower(_Plain):
    """The same in lower case."""

    def __missing__(self, code: int) -> str:
        folded = _PLAIN[code]
        self[code] = folded.lower() if len(folded.lower()) == 1 else folded
        return self[code]


_PLAIN, _LOWER = _Plain(), _Lower()


def plain(text: str) -> str:
    """Width and drawing folded, character by character: places in it are places in the text."""
    return text.translate(_PLAIN)


def lowered(text: str) -> str:
    """As `plain`, in lower case."""
    return text.translate(_LOWER)
