"""The places where a story names its sources, and which of its words speak for which of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from items import BETWEEN_PARAGRAPHS
from linking.evidence import Weigh
from linking.texts import Text

# How much counts what stands in the mention's paragraph, elsewhere, and in another mention's sentence; its own is 1.
# Beside a mention: in which language the report is that is meant.
_IN_ENGLISH = re.compile(
    r"英文|英语|English[- ](?:language|service|dispatch|report|edition)|in (?:an )?English|in its English"
)
_IN_CHINESE = re.compile(
    r"中文(?:稿|网|报道|版|消息)|[Cc]hinese[- ](?:language|service|edition)|in (?:a )?Chinese\b|in its Chinese"
)
_BESIDE_IT = 28  # characters
_SHORT = {True: 12, False: 30}  # characters, Chinese or not, of a sentence that holds nothing but the mention
_BESIDE, _ELSEWHERE, _OF_OTHERS = 0.9, 0.1, 0.1


@dataclass(frozen=True, slots=True)
class Mention:
    """A place where a story names an outlet as its source; its report came out from `from_day` to `to_day`. `apart`: it
    speaks of other days than the story itself, "just last week, Xinhua reported"."""

    number: int
    place: str
    start: int
    outlet: str
    href: str | None
    from_day: date
    to_day: date
    apart: bool
    sentence: tuple[int, int]


def language_of(text: Text, mention: Mention) -> str:
    """In which language, zh or en, the mention says that the report is; "" where it does not."""
    content = text.title if mention.place == "title" else text.body
    beside = content[max(0, mention.start - _BESIDE_IT) : mention.start + 2 * _BESIDE_IT]
    return "en" if _IN_ENGLISH.search(beside) else "zh" if _IN_CHINESE.search(beside) else ""


def everywhere(place: str, start: int, stop: int) -> float:
    return 1.0


def zone_of(text: Text, mention: Mention, mentions: Sequence[Mention]) -> Weigh:
    """How much what stands at a place of the story speaks for a mention: all in its paragraph, half elsewhere; nothing
    where it belongs to another report, and for a mention with a date of its own nothing but its sentences."""
    if mention.place not in ("title", "body"):
        return everywhere
    paragraphs = _paragraphs(text.body)
    own = next(
        ((start, stop) for start, stop in paragraphs if mention.place == "body" and start <= mention.start < stop),
        (0, 0),
    )
    others = [each for each in mentions if each.place == "body" and each.number != mention.number]
    if mention.apart:
        # To the next mention in the paragraph.
        stop = min((each.sentence[0] for each in others if each.sentence[0] > mention.start), default=own[1])
        own = (mention.sentence[0], max(min(own[1], stop), mention.sentence[1]))
    apart = [each.sentence for each in others if each.apart and each.sentence != mention.sentence]
    theirs = [each.sentence for each in others if each.outlet != mention.outlet and each.sentence != mention.sentence]

    # A title, and "Source: Xinhua" beneath a text.
    speaks_for_all = mention.place == "title" or mention.sentence[1] - mention.sentence[0] <= _SHORT[text.is_chinese]

    def zone(place: str, start: int, stop: int) -> float:
        if mention.apart:
            return 1.0 if place == mention.place and own[0] <= start < own[1] else 0.0
        if place == "body" and _lies_in(start, apart):
            return 0.0
        if place == "body" and _lies_in(start, theirs):
            return _OF_OTHERS
        if speaks_for_all or (place == "body" and mention.sentence[0] <= start < mention.sentence[1]):
            return 1.0
        return _BESIDE if place == "body" and own[0] <= start < own[1] else _ELSEWHERE

    return zone


def _lies_in(start: int, spans: Iterable[tuple[int, int]]) -> bool:
    return any(first <= start < last for first, last in spans)


def _paragraphs(body: str) -> list[tuple[int, int]]:
    found, start = [], 0
    for paragraph in body.split(BETWEEN_PARAGRAPHS):
        found.append((start, start + len(paragraph)))
        start += len(paragraph) + len(BETWEEN_PARAGRAPHS)
    return found
