"""Reports for benchmarks/link.py: invented Chinese and English news of ordinary length, with copies.

Words are drawn by Zipf's law from an invented vocabulary; between them stand stock phrases, sentences that state
figures, and in one report of seven a closing paragraph that thousands have. Three in a hundred are of a template, the
same sentences with other numbers. Two in a hundred are copies of a report up to two days older: with another dateline,
cut, with sentences dropped, words and a number altered, or a paragraph added.

Made in parts that do not depend on each other, so that two processes make a million in minutes.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import accumulate

SEED = 20120726
LAST = datetime(2026, 1, 1, tzinfo=UTC)
YEARS = 20
PART = 2_000  # reports that are made together; a copy and its original are of one part
COPIES, TEMPLATES, CLOSINGS, STORIES = 0.02, 0.03, 0.15, 0.1
_LAG = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Made:
    """A report; `copy_of` is the id of the report whose text it has, or None."""

    id: int
    outlet: str
    language: str
    title: str
    body: str
    copy_of: int | None


@dataclass(frozen=True, slots=True)
class Part:
    """The reports of a stretch of time: the `number`th of `of`, with `count` reports."""

    number: int
    of: int
    count: int
    years: float


def parts(count: int, years: float = YEARS) -> list[Part]:
    """What `count` reports over so many years are made in, in order of time."""
    of = -(-count // PART)
    return [Part(number, of, min(PART, count - number * PART), years) for number in range(of)]


def make_part(part: Part) -> list[Made]:
    """The reports of one part, in order of time."""
    chance, count = random.Random(SEED + part.number), part.count
    width = timedelta(days=365.25 * part.years) / part.of
    begins = LAST - width * (part.of - part.number)
    lag = min(_LAG, width / 4)
    found: list[tuple[datetime, str, str, str, str, int | None]] = []  # with the place of the original
    copies = round(count * COPIES)
    for _ in range(count - copies):
        at = begins + (width - lag) * chance.random()
        language = "zh-Hans" if chance.random() < 0.6 else "en"
        outlet = "xinhua" if chance.random() < 1 - STORIES else "tnw"
        found.append((at, outlet, language, *_writers()[language].report(chance, at, outlet == "tnw"), None))
    for place in chance.choices(range(count - copies), k=copies):
        at, outlet, language, title, body, _ = found[place]
        copied = _writers()[language].copied(chance, body)
        found.append((at + lag * chance.random(), chance.choice(("xinhua", "tnw")), language, title, copied, place))
    order = sorted(range(count), key=lambda place: found[place][0])
    ids = {place: int(f"{found[place][0]:%Y%m%d%H%M}") * 10_000 + rank for rank, place in enumerate(order)}
    return [
        Made(ids[place], outlet, language, title, body, ids[original] if original is not None else None)
        for place in order
        for _, outlet, language, title, body, original in [found[place]]
    ]


@cache
def _writers() -> dict[str, _Writer]:
    return {"zh-Hans": _Writer(is_chinese=True), "en": _Writer(is_chinese=False)}


class _Writer:
    """Writes in one language. The vocabulary, phrases and templates are the same for every part."""

    def __init__(self, is_chinese: bool) -> None:
        self._is_chinese = is_chinese
        chance = random.Random(SEED)
        self._words = [*dict.fromkeys(self._word(chance) for _ in range(30_000))]
        self._weights = [*accumulate(1 / (rank + 2.7) for rank in range(len(self._words)))]
        self._phrases = [self._join(self._draw(chance, chance.randrange(4, 9))) for _ in range(2_000)]
        self._phrase_weights = [*accumulate(1 / (rank + 2.7) for rank in range(len(self._phrases)))]
        self._closings = ["".join(self._sentence(chance) for _ in range(3)) for _ in range(8)]
        self._templates = [
            [re.sub("[0-9]+", "{}", self._stated(chance, chance.choice(_ACTS[is_chinese]))) for _ in range(8)]
            for _ in range(30)
        ]

    def report(self, chance: random.Random, at: datetime, is_story: bool) -> tuple[str, str]:
        """A title and a body."""
        if chance.random() < TEMPLATES:
            sentences = [self._filled(chance, sentence) for sentence in chance.choice(self._templates)]
        else:
            sentences = [self._sentence(chance) for _ in range(chance.randrange(8, 20))]
            for _ in range(chance.randrange(1, 4)):
                sentences[chance.randrange(len(sentences))] = self._stated(
                    chance, chance.choice(_ACTS[self._is_chinese])
                )
        if is_story:
            sentences[1] = self._stated(chance, _SAID[self._is_chinese])
        paragraphs = ["".join(sentences[place : place + 3]).strip() for place in range(0, len(sentences), 3)]
        if chance.random() < CLOSINGS:
            paragraphs.append(chance.choice(self._closings).strip())
        return self._join(self._draw(chance, 7)).capitalize(), self._dateline(chance, at) + "\n\n".join(paragraphs)

    def copied(self, chance: random.Random, body: str) -> str:
        """A copy as outlets make them: what is left of it is still most of the copy."""
        sentences = re.findall(r"[^。\n]+。|\n\n" if self._is_chinese else r"[^.\n]+\.(?:\d[^.\n]*\.)*\s?|\n\n", body)
        kind = chance.random()
        if kind < 0.25:
            sentences = sentences[: max(5, round(len(sentences) * chance.uniform(0.35, 0.9)))]
        elif kind < 0.5:
            sentences = [sentence for sentence in sentences if chance.random() > chance.choice((0.1, 0.4))]
        if chance.random() < 0.5:
            sentences = [self._altered(chance, each) if chance.random() < 0.25 else each for each in sentences]
        copied = "".join(sentences).strip()
        if chance.random() < 0.2:
            copied = re.sub("[0-9]+", lambda number: str(int(number[0]) + 1), copied, count=1)
        if chance.random() < 0.2:
            copied += f"\n\n{self._sentence(chance)}"
        return re.sub(r"^新华社.*?电　|^[A-Z]+, .*?-- ", "据新华社电 " if self._is_chinese else "", copied)

    def _altered(self, chance: random.Random, sentence: str) -> str:
        """One word put for another."""
        if self._is_chinese:
            place = chance.randrange(max(1, len(sentence) - 4))
            if re.search("[0-9]", sentence[place : place + 2]):
                return sentence
            return sentence[:place] + self._words[chance.randrange(500)] + sentence[place + 2 :]
        words = sentence.split(" ")
        words[chance.randrange(max(1, len(words) - 1))] = self._words[chance.randrange(500)]
        return " ".join(words)

    def _sentence(self, chance: random.Random) -> str:
        clauses = [self._join(self._draw(chance, chance.randrange(5, 10))) for _ in range(chance.randrange(2, 4))]
        if chance.random() < 0.3:
            (phrase,) = chance.choices(self._phrases, cum_weights=self._phrase_weights)
            clauses[chance.randrange(len(clauses))] = phrase
        return f"{'，'.join(clauses)}。" if self._is_chinese else f"{', '.join(clauses).capitalize()}. "

    def _stated(self, chance: random.Random, pattern: str) -> str:
        place, noun = chance.choice(_PLACES[self._is_chinese]), chance.choice(_NOUNS[self._is_chinese])
        return pattern.format(place=place, noun=noun, number=chance.randrange(20, 9_000), words=self._sentence(chance))

    def _filled(self, chance: random.Random, sentence: str) -> str:
        return re.sub(r"\{\}", lambda _: str(chance.randrange(20, 90_000)), sentence)

    def _dateline(self, chance: random.Random, at: datetime) -> str:
        place = chance.choice(_PLACES[self._is_chinese])
        if self._is_chinese:
            return f"新华社{place}{at.month}月{at.day}日电　"
        return f"{place.upper()}, {at:%B} {at.day} (Xinhua) -- "

    def _draw(self, chance: random.Random, count: int) -> list[str]:
        return chance.choices(self._words, cum_weights=self._weights, k=count)

    def _join(self, words: list[str]) -> str:
        return ("" if self._is_chinese else " ").join(words)

    def _word(self, chance: random.Random) -> str:
        if self._is_chinese:
            return "".join(
                chr(0x4E00 + round(4_000 * chance.random() ** 2)) for _ in range(chance.choice((1, 2, 2, 2, 3)))
            )
        return "".join(
            chance.choice(_ONSETS) + chance.choice("aeiou") + chance.choice(_CODAS)
            for _ in range(chance.choice((1, 1, 2, 2, 3)))
        )


def _split(words: str) -> list[str]:
    return words.split()


# By whether the language is Chinese.
_PLACES: dict[bool, list[str]] = {
    True: _split("北京 上海 广东 江苏 浙江 四川 湖南 湖北 河南 河北 山东 山西 陕西 甘肃 云南 贵州 福建 江西 安徽 辽宁"),
    False: _split("Beijing Shanghai Guangdong Jiangsu Zhejiang Sichuan Hunan Hubei Henan Hebei Shandong Gansu Yunnan"),
}
_NOUNS: dict[bool, list[str]] = {
    True: _split("犯罪嫌疑人 逃犯 企业负责人 司机 游客 学生"),
    False: _split("suspects drivers officials smugglers tourists students"),
}
_ACTS: dict[bool, list[str]] = {
    True: [
        "公安部通报，{place}警方抓获{noun}{number}名。",
        "截至目前，{place}共关闭网站{number}个，查处{noun}{number}名。",
        "{place}省政府表示，{number}名{noun}获救。",
    ],
    False: [
        "Police in {place} arrested {number} {noun}, the Ministry of Public Security said. ",
        "Authorities shut down {number} websites and fined {number} {noun} in {place} since March. ",
        "More than {number} {noun} were rescued in {place}, the provincial government said. ",
    ],
}
_SAID: dict[bool, str] = {
    True: "据新华社报道，{place}警方抓获{noun}{number}名。",
    False: "Police in {place} arrested {number} {noun}, Xinhua reported. ",
}
_ONSETS = _split("b bl br c ch cl d dr f fl g gr h j k l m n p pl pr r s sh st t th tr v w")
_CODAS = [*[""] * 6, *_split("ck d l m n nd ng nt r s st t")]
