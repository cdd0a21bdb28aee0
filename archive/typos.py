"""When a change of a few characters is the correction of a slip, and not another word.

A reader who leaves typos out must not miss an edit, so what is doubtful is none: every rule here errs to that side.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

HOMOPHONES_FILE = Path(__file__).with_name("homophones.txt")

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_HAN = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]+")
_NOT_WORDS = re.compile(r"[\W_]+")
_DIGIT = re.compile(r"\d")
# Marks that say something: a word in quotation marks is another's word, a question is no statement.
_TELLING = re.compile(r"[?？\"“”„「」『』《》]|(?<!\w)['‘’]|['‘’](?!\w)")

# A slip of one letter needs a word of four, a slip of two one of six: shorter words are each other's neighbours
# (now, not; men, women). The bounds are those of Lucene's AUTO fuzziness, one letter up.
_ONE_SLIP, _TWO_SLIPS = 4, 6
_NAME_SLIP = 5  # Iran and Iraq, Mali and Malta are two countries

# One of these for another, or one more, or one less, is another statement.
_WEIGHTY = frozenset(
    "零一二两三四五六七八九十百千万亿半几多余约近超首不没未无非否勿莫别免东西南北左右上下前后内外男女增减升降涨跌高低"
    "大小多少死伤亡正副总主敌反"
)
_PARTICLES = frozenset("的地得了着过之等们个")
# Drawn alike: a slip of the eye, as a sound is one of the input method.
_ALIKE = re.findall(
    r"\S+",
    "己已巳 未末 土士 日曰 天夭夫 入人八 大太犬 干于 戊戌戍 拨拔 候侯 兔免 刺剌 栗粟 崇祟 暮幕慕墓 遣遗 治冶 酒洒 享亨"
    " 徒徙 管菅 析折 盲肓 赢嬴 准淮 感惑 贷货 撤撒 晴睛 狠狼 鸟乌 徽微 竟竞 茶荼 毫亳 宣宜 哀衷衰 抡抢 那哪 象像 帐账",
)


def is_typo(was: str, became: str, around: tuple[str, str] = ("", ""), old: str = "", *, sure: bool = False) -> bool:
    """Whether the change is a small correction. `around`: what stands directly before and behind it; `old`: the whole
    old text, whose other mentions tell a slip: who writes 嫌疑人 nine times and 嫌人 once meant the same.

    With `sure` only what cannot be another word counts: marks, case, doubled words, letters swapped, lost or doubled,
    characters of one sound.
    """
    if _only_words(was) == _only_words(became):  # marks, spaces, case
        return not _DIGIT.search(was + became) and len(_TELLING.findall(was)) == len(_TELLING.findall(became))
    if _DIGIT.search(was + became):
        return False
    if _HAN.search(was + became):
        return _is_slip_of_characters(was, became, around, old, sure)
    before, after = _WORD.findall(was), _WORD.findall(became)
    if not before or not after:
        return _is_doubled(before or after, around)
    return len(before) == len(after) and all(
        one.lower() == other.lower() or is_misspelt(one, other, sure=sure)
        for one, other in zip(before, after, strict=True)
    )


def is_misspelt(one: str, other: str, *, sure: bool = False) -> bool:
    """Whether two words of an alphabet differ by a slip: one letter, in words of six two, the first one the same; in a
    name one that was lost, doubled or swapped."""
    short, long = sorted((one.lower(), other.lower()), key=len)
    if _opposite(short, long):
        return False
    if short[:1] != long[:1] and sorted(short[:2]) != sorted(long[:2]):
        return False
    distance = _distance(short, long)
    is_swapped = distance == 1 and sorted(short) == sorted(long) and len(long) > 2
    is_lost_or_swapped = is_swapped or (distance == 1 and len(short) < len(long))
    if one[0].isupper() and other[0].isupper():
        return is_lost_or_swapped and len(long) >= _NAME_SLIP
    if is_swapped or sure:
        return is_swapped or (is_lost_or_swapped and len(long) >= _ONE_SLIP)
    return (distance == 1 and len(long) >= _ONE_SLIP) or (distance == 2 and len(short) >= _TWO_SLIPS)


def _opposite(short: str, long: str) -> bool:
    """can, can't; legal, illegal; care, careless."""
    return long.removesuffix("n't") == short or long.removesuffix("less") == short or long.endswith(f"n{short}")


def _only_words(text: str) -> str:
    return _NOT_WORDS.sub("", text.replace("&", "and")).lower()


def _is_doubled(words: list[str], around: tuple[str, str]) -> bool:
    """the the → the"""
    if len(words) != 1:
        return False
    neighbours = (_WORD.findall(around[0])[-1:], _WORD.findall(around[1])[:1])
    return any(near and near[0].lower() == words[0].lower() for near in neighbours)


def _is_slip_of_characters(was: str, became: str, around: tuple[str, str], old: str, sure: bool) -> bool:
    before, after = _NOT_WORDS.sub("", was), _NOT_WORDS.sub("", became)
    if not all(_HAN.fullmatch(text) for text in (before, after) if text) or max(len(before), len(after)) > 4:
        return False
    if len(before) == len(after):
        differing = [(one, other) for one, other in zip(before, after, strict=True) if one != other]
        if len(differing) == 2 and differing[0] == differing[1][::-1]:
            return True  # swapped
        if len(differing) > 2 or any(_WEIGHTY & {*pair} for pair in differing):
            return False
        if all(_are_one_sound(*pair) or _are_alike(*pair) or {*pair} <= _PARTICLES for pair in differing):
            return True
    elif len(before) + len(after) != 1 or before + after in _WEIGHTY:
        return False
    else:
        sign = before + after
        if sign in _PARTICLES or sign in (around[0][-1:], around[1][:1]):
            return True
    if sure or len(before) > 1:
        return False
    # The corrected form stood elsewhere in the old text, the wrong one nowhere else.
    left, right = around[0][-1:], around[1][:1]
    right_form, wrong_form = left + after + right, left + before + right
    return bool(_HAN.fullmatch(left) and _HAN.fullmatch(right)) and right_form in old and old.count(wrong_form) <= 1


def _are_one_sound(one: str, other: str) -> bool:
    sounds = _sounds()
    return one in sounds and sounds.get(other) == sounds[one]


def _are_alike(one: str, other: str) -> bool:
    return any(one in group and other in group for group in _ALIKE)


@cache
def _sounds() -> dict[str, str]:
    """Han character → its syllable without tone, as homophones.txt has it."""
    lines = HOMOPHONES_FILE.read_text(encoding="utf-8").splitlines()
    pairs = (line.split(" ") for line in lines if not line.startswith("#"))
    return {character: syllable for syllable, characters in pairs for character in characters}


def _distance(one: str, other: str) -> int:
    """Letters put in, left out or replaced, and neighbours swapped (optimal string alignment); 3 stands for more."""
    if abs(len(one) - len(other)) > 2:
        return 3
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, start=1):
        line = [row]
        for column, against in enumerate(other, start=1):
            cost = min(last[column] + 1, line[column - 1] + 1, last[column - 1] + (letter != against))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == against:
                cost = min(cost, before[column - 2] + 1)
            line.append(cost)
        before, last = last, line
    return min(last[-1], 3)
