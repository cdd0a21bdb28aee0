"""One character for another: what the search index takes for equal, and where that table comes from.

Traditional and simplified characters are paired by grammar/traditional.txt, a list that was made from OpenCC's
character table. It is a file, not a dependency, so that an index can be read in ten years on a machine for
which OpenCC has no build, and so that a new release of OpenCC never changes an index unasked.

    python -m archive.characters     writes traditional.txt anew from the OpenCC that is installed
"""

from __future__ import annotations

import hashlib
import re

from grammar.traditional import TRADITIONAL_FILE, read_traditional

# Characters that are written one after another without spaces: Han with its extensions, kana, Bopomofo, Hangul
# syllables, and the marks that stand in a word (々 〇 ー). For a regular expression's [...].
CJK = (
    "\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u303c\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff"
    "\u3105-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff"
    "\U00020000-\U0003fffd"
)

# What Unicode does not decompose although readers type it without the stroke.
_LATIN = {
    "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ø": "o", "Ø": "O", "ħ": "h", "Ħ": "H", "ı": "i", "İ": "I",
    "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE",
}  # fmt: skip
_CYRILLIC = {"ё": "е", "Ё": "Е"}
# Persian's and Uyghur's code points for Arabic letters; spellings of one letter are the stemmer's business.
_ARABIC = {"ی": "ي", "ک": "ك"}
# Marks that Arabic is read without: short vowels, tatweel, Koranic signs.
_ARABIC_MARKS = [0x0640, 0x0670, *range(0x064B, 0x0660), *range(0x06D6, 0x06EE)]
# Invisible: soft hyphen, zero-width signs, byte order mark, variation selectors. They would cut a word in two.
_INVISIBLE = [
    0x00AD,
    *range(0x200B, 0x2010),
    0x2060,
    0xFEFF,
    *range(0xFE00, 0xFE10),
    *range(0xE0100, 0xE01F0),
]
# Private use marks the index's own tokens (archive/search.py), so no text may hold it; SQLite's C strings end at NUL;
# a lone surrogate has no UTF-8.
_FORBIDDEN = [0x0000, *range(0xE000, 0xF900), *range(0xD800, 0xE000)]


def _table() -> dict[int, str | None]:
    table: dict[int, str | None] = {}
    for letters in (read_traditional(), _LATIN, _CYRILLIC, _ARABIC):
        table.update({ord(before): after for before, after in letters.items()})
    table.update(dict.fromkeys([*_ARABIC_MARKS, *_INVISIBLE]))
    table.update(dict.fromkeys(_FORBIDDEN, " "))
    return table


# For str.translate, after NFKC.
FOLD = _table()
DIGEST = hashlib.sha256(repr(sorted(FOLD.items())).encode()).hexdigest()[:12]


def from_opencc() -> dict[str, str]:
    """Traditional character → simplified character by the OpenCC that is installed, a chain of two made one step."""
    from opencc import OpenCC

    blocks = [(0x3400, 0x4DC0), (0x4E00, 0xA000), (0x20000, 0x33480)]
    han = [chr(code) for first, end in blocks for code in range(first, end)]
    # Each character on a line of its own: OpenCC's phrases, which depend on their neighbours, cannot apply.
    simplified = OpenCC("t2s").convert("\n".join(han)).split("\n")
    pairs = {before: after for before, after in zip(han, simplified, strict=True) if before != after}
    return {before: pairs.get(after, after) for before, after in pairs.items()}


def write_traditional(pairs: dict[str, str], version: str) -> None:
    """Write traditional.txt: 40 pairs a line, so that a change shows as a few lines."""
    text = "".join(before + after for before, after in sorted(pairs.items()))
    header = (
        f"# Traditional and simplified characters in pairs, from OpenCC {version} (Apache License 2.0,\n"
        "# https://github.com/BYVoid/OpenCC), one character alone. Made by: python -m archive.characters\n"
    )
    TRADITIONAL_FILE.write_text(header + "\n".join(re.findall(".{1,80}", text)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    from importlib.metadata import version

    write_traditional(from_opencc(), version("opencc"))
