"""Traditional characters as simplified ones, one for each, so that one set of rules reads both.

traditional.txt was made from OpenCC's character table (`python -m archive.characters` writes it anew): a file, not a
dependency, so that a text is read in ten years as it is today.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

TRADITIONAL_FILE = Path(__file__).with_name("traditional.txt")


def read_traditional() -> dict[str, str]:
    """Traditional character → simplified character, as traditional.txt has it."""
    lines = TRADITIONAL_FILE.read_text(encoding="utf-8").splitlines()
    pairs = "".join(line for line in lines if not line.startswith("#"))
    return dict(zip(pairs[::2], pairs[1::2], strict=True))


@cache
def _table() -> dict[int, str]:
    return {ord(traditional): simplified for traditional, simplified in read_traditional().items()}


def simplified(text: str) -> str:
    """The text in simplified characters, character by character: places in it are places in the text."""
    return text.translate(_table())
