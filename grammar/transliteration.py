"""Whether a foreign name in Chinese characters and one in Latin letters are the same: 古特雷斯 and Guterres.

Chinese writes such a name by its sound, a syllable for each consonant or consonant with vowel, so that the consonants
of both agree in order. They are compared by class (b and p, d and t, l and r …), since Chinese tells fewer apart; what
English writes and nobody says, or what Chinese leaves out (an r behind a vowel, h), may be missing.
"""

from __future__ import annotations

import re
from functools import lru_cache

from grammar.pinyin import reading

# The characters that foreign names are written with, after Xinhua's tables of transliteration.
SIGNS = (
    "阿埃艾爱安昂奥巴白班邦包保鲍贝本比彼别宾波伯勃博卜布采蔡察茨代戴丹道德登邓迪蒂丁东杜敦顿多厄恩尔法凡范方菲费芬丰冯弗夫福富盖"
    "甘冈高戈哥格葛根贡古瓜圭果哈海汉豪赫黑亨洪侯胡华怀惠霍基吉季加贾简江杰金京久居卡凯坎康考柯科克肯孔库夸奎昆拉腊莱兰郎劳勒雷蕾"
    "伦黎里利莉连廉林琳龙隆卢鲁露路罗洛吕马玛迈麦曼芒茅毛梅门蒙孟米密缅敏明摩莫默姆穆拿纳娜奈南瑙内嫩尼年涅宁纽农努诺欧帕潘庞佩彭皮"
    "平珀珍普齐奇恰钱乔切琴丘琼热让日荣茹瑞若萨塞赛桑森瑟沙莎山尚绍舍申圣施史什舒朔斯丝松苏索所塔泰坦唐陶特腾提蒂廷通图托瓦万旺威韦"
    "维魏温文翁沃乌武西锡希席夏香肖谢辛欣休许逊雅亚延扬尧耶叶伊因英永尤于约云扎赞泽曾詹张章朱茱准兹宗祖佐历翠仓策岑楚川达大岛栋敬朗"
    "烈琉略曼南妮萍思泰滕娃窝悉歇修缇雯薇伍汤斐柏卓泊沁哲珊彬济波泼"
)
_INITIAL = re.compile(r"zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw]")
_CLASS = {
    "b": "P", "p": "P", "m": "M", "f": "F", "w": "F", "d": "T", "t": "T", "n": "N", "l": "L", "r": "L",
    "g": "K", "k": "K", "h": "H", "j": "J", "q": "J", "x": "S", "zh": "J", "ch": "J", "sh": "S",
    "z": "S", "c": "S", "s": "S", "y": "j",
}  # fmt: skip
# English spellings by what is heard, longest first; a letter in lower case may be heard or not.
_SPELLINGS = (
    ("tsch", "J"), ("sch", "S"), ("tch", "J"), ("cz", "J"), ("ch", "J"), ("sh", "S"), ("zh", "J"), ("ph", "F"),
    ("th", "T"), ("gh", "k"), ("kh", "H"), ("ck", "K"), ("qu", "Kf"), ("wh", "F"), ("dg", "J"), ("ng", "Nk"),
    ("ts", "S"), ("tz", "S"), ("x", "kS"), ("ge", "J"), ("gi", "J"), ("gy", "J"), ("ce", "S"), ("ci", "S"), ("cy", "S"),
    ("j", "J"), ("h", "h"), ("w", "f"), ("v", "F"), ("f", "F"), ("b", "P"), ("p", "P"), ("d", "T"), ("t", "T"),
    ("l", "L"), ("r", "L"), ("m", "M"), ("n", "N"), ("c", "K"), ("k", "K"), ("g", "K"), ("q", "K"), ("s", "S"),
    ("z", "S"),
)  # fmt: skip
# Classes that stand for one another: g before e is heard as j or g, ch as k, j as h or y, v as b.
_ALIKE = frozenset(
    ("JK", "KJ", "JS", "SJ", "JH", "HJ", "HK", "KH", "MN", "NM", "FP", "PF", "TS", "ST", "TJ", "JT", "FH", "HF")
)
_ALONE, _IN_FULL = 3, 4  # consonants that a name of one part needs, and one in full
_FOR_ONE = 3  # consonants for each step that two names may be apart
_WEAK = frozenset("HF")  # of Chinese, where English may have no consonant: 华 in Juan, 乌 in Uribe


def sounds_alike(chinese: str, english: str) -> bool:
    """Whether two names are one. Of names in several parts the first and the last must nearly agree; a name of one part
    needs three consonants, and if it has no more they must all agree."""
    ours = [_heard(part) for part in re.split(r"[·-]", chinese) if part]
    theirs = [_spelled(part) for part in re.split(r"[\s-]+", english.strip()) if len(part.strip(".")) > 1]
    if not ours or not theirs:
        return False
    if len(ours) == 1 or len(theirs) == 1:
        length = len(ours[-1])
        return length >= _ALONE and _apart(ours[-1], theirs[-1]) <= (0 if length == _ALONE else length // _FOR_ONE)
    length = len(ours[0]) + len(ours[-1])
    apart = [_apart(ours[place], theirs[place]) for place in (0, -1)]
    # Neither part may be anything: a given name of one consonant that is another one.
    near = all(each <= len(ours[place]) for each, place in zip(apart, (0, -1), strict=True))
    return length >= _IN_FULL and near and sum(apart) <= length // _FOR_ONE


@lru_cache(4096)
def _heard(chinese: str) -> str:
    """The classes of consonants of a name in Chinese: KTLS for 古特雷斯, with the n that ends a syllable; in lower case
    what English may lack, the y of 约翰."""
    found = ""
    for syllable in (reading(chinese) or "").split():
        initial = _INITIAL.match(syllable)
        if syllable == "er":
            found += "L"
            continue
        if initial:
            found += _CLASS[initial[0]]
        if syllable.endswith(("n", "ng")) and len(syllable) > 1:
            found += "N"
    return re.sub(r"N(?=[MN])", "", found)  # 詹姆斯 is James, 安娜 Anna


@lru_cache(4096)
def _spelled(english: str) -> str:
    """The same of a name in Latin letters; in lower case what Chinese may leave out."""
    word = re.sub(r"[^a-z]", "", english.lower())
    found, place = "", 0
    while place < len(word):
        for letters, heard in _SPELLINGS:
            if word.startswith(letters, place):
                if (
                    letters == "r"
                    and place
                    and word[place - 1] in "aeiouy"
                    and word[place + 1 : place + 2] not in tuple("aeiouy")
                ):
                    heard = "l"  # a silent r: Carter
                found += heard
                place += len(letters) - (1 if letters in ("ge", "gi", "gy", "ce", "ci", "cy") else 0)
                break
        else:
            found += "."  # a vowel
            place += 1
    return re.sub(r"(.)(?=\1)|\.", "", found)


@lru_cache(8192)
def _apart(ours: str, theirs: str) -> int:
    """How far two rows of consonants are apart: 2 for each that only one has, 1 for two that are only alike."""
    row = [0]
    for other in theirs:
        row.append(row[-1] + (0 if other.islower() else 2))
    for sign in ours:
        lost = 0 if sign.islower() else 1 if sign in _WEAK else 2
        new = [row[0] + lost]
        for column, other in enumerate(theirs, 1):
            pair = sign.upper() + other.upper()
            same = 0 if pair[0] == pair[1] else 1 if pair in _ALIKE else 4
            new.append(min(row[column - 1] + same, row[column] + lost, new[-1] + (0 if other.islower() else 2)))
        row = new
    return row[-1]
