"""A million reports for benchmarks/search.py: texts of real length and, for Chinese, of real paragraphs.

Chinese: the paragraphs of real television news, where the records are at hand, put together anew: a report takes the
title, the number of paragraphs and the first one of one item, and the others from others. English: paragraphs of words
drawn by Zipf's law, a third of them after the word that they usually follow, put together in the same way. Each report
also has a name and a number of its own, since a growing archive never stops bringing new words.
"""

from __future__ import annotations

import gzip
import html
import json
import random
import re
from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path

RECORDS = Path(__file__).resolve().parents[2] / "shared" / "records" / "cctv_xinwenlianbo.jsonl.gz"
SEED = 20120726


@dataclass(frozen=True, slots=True)
class Source:
    """An outlet of the benchmark. `share` of all reports, in percent."""

    id: str
    kind: str
    language: str
    share: int


SOURCES = (
    Source("xinhua", "state", "zh-Hans", 26),
    Source("peoples-daily", "state", "zh-Hans", 14),
    Source("cctv", "state", "zh-Hans", 12),
    Source("xinhua-english", "state", "en", 18),
    Source("china-daily", "state", "en", 10),
    Source("lianhe", "secondary", "zh-Hans", 8),
    Source("epoch", "secondary", "zh-Hant", 4),
    Source("tnw", "secondary", "en", 8),
)
FIRST, LAST = datetime(2005, 1, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Item:
    """A text whose parts are put together anew."""

    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Made:
    """A report. `wordings`: (title, body), oldest first."""

    id: int
    source: Source
    at: datetime
    state: str
    wordings: tuple[tuple[str, str], ...]


def make(count: int, seed: int = SEED) -> Iterator[Made]:
    """`count` reports in order of time, ever denser as in archives; one in 50 was edited, one in 60 is not live."""
    chance = random.Random(seed)
    chinese, english = chinese_items(chance), english_items(chance)
    span = (LAST - FIRST).total_seconds()
    shares = list(accumulate(source.share for source in SOURCES))
    last = 0
    for moment in sorted(chance.random() ** 0.6 for _ in range(count)):
        at = FIRST + timedelta(seconds=int(span * moment))
        source = SOURCES[bisect(shares, chance.random() * shares[-1])]
        last = max(last + 1, int(f"{at:%Y%m%d%H%M}") * 10_000 + chance.randrange(5_000))
        items = english if source.language == "en" else chinese
        title, body = _put_together(items, at, source.language == "en", chance)
        wordings = [(title, body)]
        if chance.random() < 0.02:
            wordings.insert(0, (title, _before_the_edit(items, body, chance)))
        state = "live" if chance.random() > 1 / 60 else chance.choice(("suspected", "gone", "gone", "restored"))
        yield Made(last, source, at, state, tuple(wordings))


def _put_together(items: list[Item], at: datetime, is_english: bool, chance: random.Random) -> tuple[str, str]:
    shape = chance.choice(items)
    others = (chance.choice(chance.choice(items).paragraphs) for _ in shape.paragraphs[1:])
    number = chance.randrange(10, 9_999_999)
    if is_english:
        own = f"BEIJING, {at:%B} {at.day} (Xinhua) -- {_word(chance).title()} {_word(chance).title()} said {number:,}."
    else:
        name = "".join(chance.choice(_CHARACTERS) for _ in range(3))
        own = f"新华社北京{at.month}月{at.day}日电　记者{name}报道，共{number}。"
    return shape.title, "\n\n".join([own, *shape.paragraphs[:1], *others])


def _before_the_edit(items: list[Item], body: str, chance: random.Random) -> str:
    return f"{body}\n\n{chance.choice(chance.choice(items).paragraphs)}"


# Chinese

_CHARACTERS = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁任沈姚"
    "卢伟芳娜敏静丽强磊军洋勇艳杰涛明超秀霞平刚桂英华玉兰建国文辉力永健世广志义兴良海山仁波宁贵福生龙元全"
    "胜学祥才发武新利清飞彬富顺信子杰昌成康星光天达安岩中茂进林有坚和彪博诚先敬震振壮会思群豪心邦承乐绍功"
    "松善厚庆磊民友裕河哲江超浩亮政谦亨奇固之轮翰朗伯宏言若鸣朋斌梁栋维启克伦翔旭鹏泽晨辰士以建家致树炎德"
    "行时泰盛雄琛钧冠策腾楠榕风航弘"
)


def chinese_items(chance: random.Random) -> list[Item]:
    """The real items; else items of random characters with the frequencies that Zipf's law gives."""
    if not RECORDS.exists():
        return _invented_chinese(chance)
    items = []
    with gzip.open(RECORDS, "rt", encoding="utf-8") as records:
        for line in records:
            record = json.loads(line)
            found = re.findall(r"<p>(.*?)</p>", record["body_html"], re.DOTALL)
            paragraphs = tuple(filter(None, (html.unescape(re.sub(r"<[^>]+>", "", each)).strip() for each in found)))
            if paragraphs:
                items.append(Item(record["title"], paragraphs))
    return items


def _invented_chinese(chance: random.Random) -> list[Item]:
    words = ["".join(chance.choices(_CHARACTERS, k=chance.choice((1, 2, 2, 2, 3, 4)))) for _ in range(40_000)]
    draw = _Zipf(words, chance)
    return [
        Item(
            "".join(draw.words(8)), tuple(f"{'，'.join(''.join(draw.words(9)) for _ in range(4))}。" for _ in range(5))
        )
        for _ in range(10_000)
    ]


# English

_COMMON = re.findall(
    r"\w+",
    """the of to in and a that said on for is was with as by at from it be an will has have its are he not which
their were this or had been who they but more also after its over we one new year about all would than two other time
when there out up into can people first last no his only some between during could most so under where while before
any our these percent made them million such through both many since three may now you if because years against
countries country well she world still per much being same back her those how next each down day several part around
government china chinese police arrested ministry officials president state national international according xinhua
reported report minister economic development security beijing public foreign party leaders cooperation market
province city local company trade growth million billion media news agency statement spokesman crime gangs drugs online
internet network cyber crackdown campaign suspects cases court law judge sentenced prison death victims fire
earthquake flood rescue military army navy exercise missile nuclear talks summit visit agreement treaty border taiwan
hong kong tibet xinjiang shanghai guangdong sichuan japan russia india europe african united states american health
hospital virus vaccine outbreak education students university school science space satellite moon rocket launch
energy oil gas coal power climate environment pollution water food safety price prices bank financial investment
stock shares currency yuan dollar export import tariff factory workers labor wages pension housing""",
)
# Parts of invented words.
_ONSETS = re.findall(r"\w+", "b bl br c ch cl cr d dr f fl g gr h j k l m n p pl pr qu r s sc sh sp st t th tr v w y z")
_VOWELS = re.findall(r"\w+", "a e i o u ai ea ee ie oa oo ou")
_CODAS = [""] * 12 + re.findall(r"\w+", "b ck d ft g l m n nd ng nt p r s st t x")


def _word(chance: random.Random) -> str:
    return "".join(
        chance.choice(_ONSETS) + chance.choice(_VOWELS) + chance.choice(_CODAS)
        for _ in range(chance.choice((1, 2, 2, 3)))
    )


class _Zipf:
    """Draws words by rank (Mandelbrot: 1 / (rank + 2.7))."""

    def __init__(self, words: list[str], chance: random.Random) -> None:
        self._words, self._chance = words, chance
        self._weights = list(accumulate(1 / (rank + 2.7) for rank in range(len(words))))

    def words(self, count: int) -> list[str]:
        return self._chance.choices(self._words, cum_weights=self._weights, k=count)


def english_items(chance: random.Random, count: int = 10_000) -> list[Item]:
    """Items of about 2.4 KB: five paragraphs of three sentences of 8 to 40 words."""
    vocabulary = list(dict.fromkeys([*_COMMON, *(_word(chance) for _ in range(60_000))]))
    draw = _Zipf(vocabulary, chance)
    usual = {word: draw.words(2) for word in vocabulary[:5_000]}

    def sentence() -> str:
        words = draw.words(chance.randrange(8, 41))
        for place in range(1, len(words)):
            if chance.random() < 0.33 and words[place - 1] in usual:
                words[place] = chance.choice(usual[words[place - 1]])
        return f"{' '.join(words).capitalize()}."

    def paragraph() -> str:
        return " ".join(sentence() for _ in range(3))

    return [
        Item(" ".join(draw.words(9)).capitalize(), tuple(paragraph() for _ in range(chance.randrange(2, 9))))
        for _ in range(count)
    ]
