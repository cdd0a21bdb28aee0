"""Quotation marks of English and Chinese: where the quoted words are.

Which kind a quotation is (speech, scare, title) depends on what stands around it: grammar/english_attributions.py and
grammar/chinese_quotes.py say so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# What opens, and what may close it: pages also draw the closing mark as the opening one, and turned round.
_PAIRS = {"「": "」", "『": "』", "《": "》", "〈": "〉", "«": "»", "﹁": "﹂", "﹃": "﹄"}
_CLOSED_BY = {closing: opening for opening, closing in _PAIRS.items()}
_DOUBLE, _SINGLE = '"“”„‟＂〝〞', "'‘’‚‛＇"
_MARKS = frozenset(_DOUBLE + _SINGLE + "".join(_PAIRS) + "".join(_CLOSED_BY))
_MARK = re.compile(f"[{re.escape(''.join(sorted(_MARKS)))}]")
TITLES = "《〈"  # the marks of a work's title

_BEFORE_AN_OPENING = frozenset(" \t\u00a0\u3000([{（【［—–-/:：，。、；！？,;…")


@dataclass(frozen=True, slots=True)
class Quotation:
    """Words in quotation marks: `start` to `end` are inside them, `outer` is with them. `depth` is 0 for one that
    stands in no other. One that goes on in the next paragraph is not closed there, and the next one `continues` it."""

    start: int
    end: int
    mark: str  # as it opens: “ ‘ " ' 「 『 《
    depth: int = 0
    closed: bool = True
    continues: bool = False

    @property
    def outer(self) -> tuple[int, int]:
        return self.start - 1, self.end + self.closed

    @property
    def is_title_mark(self) -> bool:
        return self.mark in TITLES


def quotations(text: str) -> list[Quotation]:
    """The quotations of a text by the place where they open, those inside others too. A mark that nothing closes
    opens none, unless the next paragraph opens with the same: a speech of several paragraphs."""
    found: list[Quotation] = []
    left_open: tuple[int, str] | None = None  # what the paragraph before left open
    start = 0
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        if not text[start:end].isspace():
            here, opened = _of_paragraph(text, start, end)
            first = here[0] if here else None
            begins = _first_mark(text, start, end)
            goes_on = left_open is not None and begins is not None and _same(text[begins], left_open[1])
            if goes_on and left_open is not None and begins is not None:
                before, mark = left_open
                found.append(Quotation(before + 1, _before_break(text, before + 1, start), mark, closed=False))
                if first is not None and first.start == begins + 1:
                    here[0] = Quotation(first.start, first.end, first.mark, first.depth, continues=True)
            if goes_on and opened is not None and opened[0] == begins and begins is not None:
                # A paragraph within a long speech: it is known to go on only when the next one is read.
                left_open = opened
                found += here
                start = end + 1
                continue
            found += here
            left_open = opened
        start = end + 1
    found = _continued(found)
    found.sort(key=lambda each: (each.start, -each.end))
    return found


def _continued(found: list[Quotation]) -> list[Quotation]:
    """With `continues` where the quotation before, in order, was left open."""
    ordered = sorted(found, key=lambda each: (each.start, -each.end))
    result: list[Quotation] = []
    was_open = False
    for each in ordered:
        goes_on = each.continues or (was_open and each.depth == 0)
        result.append(Quotation(each.start, each.end, each.mark, each.depth, each.closed, goes_on))
        if each.depth == 0:
            was_open = not each.closed
    return result


def _first_mark(text: str, start: int, end: int) -> int | None:
    while start < end and text[start].isspace():
        start += 1
    return start if start < end and text[start] in _MARKS else None


def _before_break(text: str, start: int, end: int) -> int:
    """The end of the paragraph before a break."""
    while end > start and text[end - 1].isspace():
        end -= 1
    return end


def _of_paragraph(text: str, start: int, end: int) -> tuple[list[Quotation], tuple[int, str] | None]:
    """The quotations that are closed within a paragraph, by opening place, and what is left open, the outermost."""
    found: list[Quotation] = []
    opened: list[tuple[int, str]] = []
    for place in _places(text, start, end):
        mark = text[place]
        if mark in _PAIRS:
            opened.append((place, mark))
        elif mark in _CLOSED_BY:
            _close(found, opened, place, _CLOSED_BY[mark])
        elif mark in _DOUBLE:
            is_open = any(other in _DOUBLE for _, other in opened)
            if _opens_double(text, place, start, end, is_open):
                if is_open:  # the one before was never closed
                    _drop(opened, _DOUBLE)
                opened.append((place, mark))
            elif is_open:
                _close(found, opened, place, _DOUBLE)
        else:
            is_open = any(other in _SINGLE for _, other in opened)
            if _is_apostrophe(text, place, start, end, is_open):
                continue
            if _opens_single(text, place, start, end):
                if is_open:
                    _drop(opened, _SINGLE)
                opened.append((place, mark))
            elif is_open:
                _close(found, opened, place, _SINGLE)
    found.sort(key=lambda each: (each.start, -each.end))
    open_double = [(place, mark) for place, mark in opened if mark in '“"「『＂„']
    return found, open_double[0] if open_double else None


def _places(text: str, start: int, end: int) -> list[int]:
    return [mark.start() for mark in _MARK.finditer(text, start, end)]


def _drop(opened: list[tuple[int, str]], marks: str) -> None:
    while opened:
        _, mark = opened.pop()
        if mark in marks:
            return


def _close(found: list[Quotation], opened: list[tuple[int, str]], place: int, marks: str) -> None:
    """Closes the last one that these marks opened; what was opened in it and never closed is none."""
    if not any(mark in marks for _, mark in opened):
        return
    while opened:
        at, mark = opened.pop()
        if mark in marks:
            if place > at + 1:
                found.append(Quotation(at + 1, place, mark, len(opened)))
            return


def _opens_double(text: str, place: int, start: int, end: int, is_open: bool) -> bool:
    mark = text[place]
    before = text[place - 1] if place > start else " "
    after = text[place + 1] if place + 1 < end else " "
    if mark in "“„‟〝":
        # “word“: the closing one drawn as the opening one.
        return not (is_open and not _is_space(before) and (_is_space(after) or after in ",.;:!?)，。；：！？、"))
    if mark in "”〞":
        return not is_open and (_is_space(before) or place == start) and not _is_space(after)
    if is_open:
        # Straight marks alternate, unless this one can only open: a space before it, a word behind it.
        return _is_space(before) and not _is_space(after) and after not in ",.;:!?)" and place != start
    if before.isdigit():  # 24" screens
        return False
    return not _is_space(after) or before in _BEFORE_AN_OPENING


def _is_apostrophe(text: str, place: int, start: int, end: int, is_open: bool) -> bool:
    before = text[place - 1] if place > start else " "
    after = text[place + 1] if place + 1 < end else " "
    if _is_letter(before) and _is_letter(after):
        return True  # don't, O'Neill
    if not _is_letter(before) and after.isdigit() and text[place + 2 : place + 4] in ("0s", "1s"):
        return True  # the '90s
    if is_open and before == "s" and after == " " and text[place + 2 : place + 3].islower():
        # ‘the users’ rights’: the possessive of a plural, where the quotation is closed later on.
        return _closed_later(text, place + 1, end)
    return False


def _closed_later(text: str, start: int, end: int) -> bool:
    """Whether a single mark that can only close comes before one that opens, within a few words."""
    for place in range(start, min(end, start + 200)):
        if text[place] in "’'":
            before, after = text[place - 1], text[place + 1] if place + 1 < end else " "
            if _is_letter(before) and _is_letter(after):
                continue
            return not _is_space(before)
        if text[place] in '‘“”"':
            return False
    return False


def _opens_single(text: str, place: int, start: int, end: int) -> bool:
    before = text[place - 1] if place > start else " "
    after = text[place + 1] if place + 1 < end else " "
    if text[place] in "‘‚‛":
        return not (not _is_space(before) and before not in _BEFORE_AN_OPENING and before not in _MARKS)
    return (
        (before in _BEFORE_AN_OPENING or before in _DOUBLE or _is_space(before) or _is_han(before))
        and not _is_space(after)
        and after not in ",.;:!?)，。"
    )


def _same(mark: str, other: str) -> bool:
    return mark == other or (mark in _DOUBLE and other in _DOUBLE)


def _is_space(sign: str) -> bool:
    return sign.isspace()


def _is_letter(sign: str) -> bool:
    return sign.isalnum() and not _is_han(sign)


def _is_han(sign: str) -> bool:
    return "\u3400" <= sign <= "\u9fff"
