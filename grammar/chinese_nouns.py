"""What a Chinese number counts and what is done to it: the noun phrases and the verbs in front of it and behind it.

Chinese has no spaces. A clause is cut into the words of chinese_words.tsv; what is no word of the table belongs to a
noun phrase. Many verbs stand within nouns too (投资 in 投资项目): such a word governs the noun where nothing before it
does, and is a part of it behind a verb that governs.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cache

from grammar.chinese_lexicon import (
    ADJECTIVE,
    END,
    FILLER,
    KEEP,
    LOOSE,
    PLACE,
    VERB,
    acts,
    listed,
    measures,
    noun_keys,
    word,
    words,
)
from grammar.chinese_numbers import HAN
from grammar.chinese_periods import Named

_CLAUSE = re.compile(r"[,;:。!?\n]|(?<=[\u3400-\u9fff]) (?=[\u3400-\u9fff])")
_PIECE = re.compile(r'[,;:。!?\n、()"《》…|]|(?<=[\u3400-\u9fff]) (?=[\u3400-\u9fff])')
HEAD = re.compile(r"[\u3400-\u9fff\u3007A-Za-z0-9+·-]")
_NOUN = re.compile(r"[\u3400-\u9fff\u3007A-Za-z0-9+·-]+")
_BOUNDARY = VERB | END | PLACE | FILLER
_ASPECTS = ("过", "了", "着")  # behind a verb
_REACH_FRONT, _REACH_BEHIND = 60, 24  # characters
_LONGEST = 18  # characters of a noun in front of its number
_LONGEST_NAME = 14  # characters of a name within it
_OF_PEOPLE = frozenset("者人员民生师众工客兵手户友童属女婴眷干警")
_COUNTED_BY = frozenset(("t", "kg", "g", "jin", "barrel"))  # what is weighed is named without a verb too
_MEASURED_BY = frozenset(("km", "m", "mu", "ha", "m2", "km2", "m3", "kWh", "MWh", "GWh", "TWh", "L"))
_NAMED_BEHIND = _COUNTED_BY | frozenset(("mu", "km", "m3", "kWh", "ha"))
_OF_AREA = re.compile(r"[\u3400-\u9fff]{2,3}?(?:自治区|自治州|地区|省|市|县|区|镇|乡|州|村)(?=[\u3400-\u9fff]{2})")
_WITHIN = re.compile(r".+[区园域境省市县校馆]内(?=..)")  # 国家公园内藏羚羊
_FROM_TO = re.compile(r"[^,;:。、]{2,14}?[到至为]")
_DETERMINERS = frozenset("这那该此每本各")
_DIGITS = re.compile(r"\d")
_BEHIND_DIGITS = re.compile(r"[\d%]+[^\d]?")
_MODEL = re.compile(r"\d?[A-Z]")
_NUMERAL = re.compile(rf"[\d{HAN}数几上近约]")
_AGED = re.compile(r"(?:\d{1,3}|[一二三四五六七八九十]{1,3})[多余]?岁(?:以[上下])?的?(?=[\u3400-\u9fff])")
_DONE = re.compile(r"[\u3400-\u9fff][死毁走掉获遍尽得](?=[\u3400-\u9fff]{2})")  # a verb with what comes of it
_TOLL = re.compile(r"[死伤](?:$|[\d一二两三四五六七八九十])")


@dataclass(frozen=True, slots=True)
class Front:
    """What leads up to a number. `governed`: a verb stands right before the noun; `led`: words stand before the number
    that only a count has (人数已达)."""

    act: str = ""
    act_text: str = ""
    noun: str = ""
    governed: bool = False
    led: bool = False


class Phrases:
    """The phrases of one text, drawn as Passage.plain has it."""

    def __init__(self, text: str, periods: list[Named]) -> None:
        self.text = text
        self.periods = periods
        self.period_starts = [named.start for named in periods]
        self.clauses = [mark.end() for mark in _CLAUSE.finditer(text)]
        self.pieces = [mark.start() for mark in _PIECE.finditer(text)]
        self._cut_from = self._cut_to = -1
        self._cut: list[tuple[int, int, int]] = []

    def clause_start(self, at: int) -> int:
        """Where the clause begins that leads up to a place: behind the last mark in front of it."""
        which = bisect_right(self.clauses, at) - 1
        return max(self.clauses[which] if which >= 0 else 0, at - _REACH_FRONT)

    def piece_end(self, at: int) -> int:
        which = bisect_left(self.pieces, at)
        return self.pieces[which] if which < len(self.pieces) else len(self.text)

    def _tokens(self, start: int, end: int) -> list[tuple[int, int, int]]:
        """The words between two places, each as start, end and kinds; goes on from the number before in its clause."""
        if start != self._cut_from or self._cut_to > end:
            self._cut_from = self._cut_to = start
            self._cut = []
        text, at, tokens = self.text, self._cut_to, self._cut
        while at < end:
            after, kinds = word(text, at, end)
            after = after if kinds else at + 1
            tokens.append((at, after, kinds))
            at = after
        self._cut_to = end
        return tokens

    def front(self, begin: int, row_end: int) -> Front:
        """What leads up to the number that begins there. `row_end`: where the noun of the last one ended."""
        start = self.clause_start(begin)
        tokens = self._tokens(start, begin)
        text, known = self.text, acts()
        count = len(tokens)
        if count and text[begin - 1] in "由从" and _FROM_TO.match(text, begin):  # 由80人增加到260人
            count -= 1
        while count and self._stands_between(tokens, count):
            count -= 1
        stop = tokens[count - 1][1] if count else start
        which = bisect_left(self.pieces, stop) - 1
        opened, closed = self._quoted(start, which, tokens[:count])
        if closed:
            which = bisect_left(self.pieces, opened) - 1
        floor = max(start, row_end if row_end <= stop else start, self.pieces[which] + 1 if which >= 0 else 0)
        for named in self.periods[: bisect_right(self.period_starts, stop)]:
            if start <= named.start < stop:
                floor = max(floor, min(named.end, stop))
        act = act_text = ""
        noun_at, before_and, behind_loose = floor, -1, -1
        has_verb = rules = was_verb = governed = False  # `rules`: by a verb that stands within no noun
        last_verb = ""
        in_row = floor > start and text[floor - 1] == "、"
        for place, (at, after, kinds) in enumerate(tokens):
            if opened <= at < closed:
                was_verb = False
                continue
            if (
                not kinds
                or kinds & (KEEP | ADJECTIVE)
                or (
                    kinds == PLACE
                    and (was_verb or floor < noun_at < at or text.startswith(("港", "机场", "湾", "站", "大学"), after))
                )
            ):
                was_verb = False
                continue
            printed = text[at:after]
            in_piece = at >= floor
            is_verb, is_second = bool(kinds & VERB), False
            if is_verb and after < stop and text[after] in "量额率者":  # 保有量
                was_verb = False
                continue
            if kinds & LOOSE:
                is_last = place == count - 1
                if self._is_compound(tokens, place, count):  # 生产线12条
                    was_verb = False
                    continue
                if not is_verb:
                    is_verb = is_last and (not has_verb or printed in listed("suffered"))
                elif is_last and (not rules or known.get(printed) in ("increase", "decrease")):
                    is_verb = True  # 发放贷款增长11%
                elif not has_verb and count < len(tokens) and self._is_within(noun_at, at, after, stop):
                    is_verb = False
                elif in_row and at == floor and last_verb and self._goes_on(after, stop, False):
                    is_verb = False  # 缴获麻古14克、运毒车辆3辆
                elif was_verb and (last_verb in listed("chain") or printed in listed("second")):
                    # 组织打捞沉船3艘, 修复治理矿山3座, but 组织救援队伍3支
                    is_verb = not self._goes_on(after, stop, False)
                    is_second = last_verb not in listed("chain")
                elif (
                    was_verb
                    or behind_loose == at
                    or (has_verb and in_piece and noun_at < at and not self._does(text[noun_at:at], after, stop))
                ):
                    is_verb = False
                if not is_verb:
                    behind_loose = -1 if kinds & END else after  # 紧急疏散村民
                    if printed in known and not has_verb and place < count:
                        act, act_text = known[printed], printed
                    was_verb = False
                    continue
            if printed in known and not is_second:
                act, act_text = known[printed], printed
            if place < count:
                if printed in ("和", "及", "与", "以及") and self.is_people(text[noun_at:at]):
                    before_and = noun_at
                elif in_piece:
                    before_and = -1
                if after > noun_at:
                    noun_at = after + (
                        printed in _DETERMINERS
                        and text[after : after + 1] in measures()
                        and text[after : after + 2] not in listed("no measure")
                    )
                    governed = is_verb and in_piece
                    has_verb = (has_verb and at >= floor) or governed
                    rules = (rules and at >= floor) or (governed and not kinds & LOOSE)
            was_verb = is_verb and not kinds & END
            last_verb = printed if is_verb else last_verb
        governed = governed or (in_row and noun_at == floor and bool(last_verb))
        noun = text[noun_at:stop] if noun_at < stop else ""
        if before_and >= 0 and self.is_people(noun):
            noun = text[before_and:stop]
        if "的" in noun:
            noun = noun.rsplit("的", 1)[1]
        return Front(act, act_text, noun.strip(), governed, count < len(tokens))

    def _does(self, noun: str, after: int, stop: int) -> bool:
        """Whether a noun is who does what the verb behind it says, that ends there: 支持企业出口茶叶3吨."""
        return self.is_people(noun) or (noun.endswith(_endings("agent")) and not self._goes_on(after, stop, False))

    def _is_within(self, noun_at: int, at: int, after: int, stop: int) -> bool:
        """Whether a verb that nothing governs stands within a noun, between what begins it and its head: 文物保护单位
        增至5058处; who does it is no such beginning (市场监管部门检查单位达200家)."""
        lead = self.text[noun_at:at]
        return (
            len(lead) > 1
            and self._goes_on(after, stop, False)
            and not self._acts(lead)
            and not lead.endswith(_endings("organ"))
        )

    def _quoted(self, start: int, which: int, tokens: list[tuple[int, int, int]]) -> tuple[int, int]:
        """A short name in quotation marks that the mark of that number closes, as a part of the noun that ends behind
        it (“小巨人”企业200家): where it opens and where it ends; 0 and 0 where none does."""
        text = self.text
        if which < 1 or text[closing := self.pieces[which]] != '"' or closing < start:
            return 0, 0
        opening = text.rfind('"', start, closing)
        if opening < 0 or not 2 < closing - opening <= _LONGEST_NAME or text.count('"', start, closing) % 2 == 0:
            return 0, 0
        if not _NOUN.fullmatch(text, opening + 1, closing):
            return 0, 0
        for at, after, kinds in reversed(tokens):
            if at <= closing:
                break
            if (
                kinds & _BOUNDARY
                and text[at:after] != "等"
                and not (kinds & LOOSE and self._goes_on(after, tokens[-1][1], False))
            ):
                return 0, 0  # “净网”行动查处案件12起
        return opening, closing + 1

    def topic(self, start: int, begin: int, measure: str) -> str:
        """The noun in front of a verb that its measure word counts although that stands apart: 中欧班列今年开行1.8万列;
        "" where none does."""
        endings = _endings(f"by {measure}")
        if not endings:
            return ""
        text = self.text
        found, noun_at, until = "", start, start
        first = bisect_left(self.period_starts, start)
        periods = {named.start: named.end for named in self.periods[first:] if named.start < begin}
        for at, after, kinds in self._tokens(start, begin):
            if at in periods:
                kinds, until = END, periods[at]
            elif at < until:
                noun_at = until
                continue
            if not kinds or kinds & KEEP or kinds == ADJECTIVE or (kinds & LOOSE and noun_at == at):
                continue
            if text.endswith(endings, noun_at, at):
                found = text[noun_at:at]
            noun_at = max(after, until)
        found = _NOUN.findall(found)[-1] if _NOUN.search(found) else ""
        return self.cleaned(found.rsplit("的", 1)[-1])

    def _stands_between(self, tokens: list[tuple[int, int, int]], count: int) -> bool:
        """Whether the last of so many words stands between a noun and its number: 共计, 总数达."""
        at, _, kinds = tokens[count - 1]
        if not kinds & FILLER:
            return self.text[at] in " :" and count > 1 and bool(tokens[count - 2][2] & FILLER)
        return True

    def _is_compound(self, tokens: list[tuple[int, int, int]], place: int, count: int) -> bool:
        """Whether a verb and one sign behind it are a noun of their own, right before the number."""
        return (
            place == count - 2
            and not tokens[place + 1][2]
            and self.text[tokens[place + 1][0] : tokens[place + 1][1]] in listed("suffix")
        )

    def hangs_on(self, at: int, measure: str) -> bool:
        """Whether what is counted stands behind a number, though no noun could be told there: 两枚“瞄准南部”的导弹."""
        text = self.text
        if not measure or at >= len(text):
            return False
        if text[at] == '"':
            return True
        limit = min(self.piece_end(at), at + _REACH_BEHIND)
        if measure in ("次", "度", "遍") and word(text, at, limit)[1] & VERB:  # 4次刷新纪录
            return True
        return bool(word(text, at, limit)[1] & (VERB | LOOSE)) and "的" in text[at + 1 : limit]

    def in_front(self, front: Front, unit: str, value: float, after: int) -> str:
        """The noun in front of a number where it counts it, "" where it does not. `after`: where the number ends."""
        noun = front.noun
        if not unit:
            return self.cleaned(noun) if value >= 1 else ""
        if unit in _COUNTED_BY or (
            unit in _MEASURED_BY and front.governed and not self._is_followed(after, self.piece_end(after))
        ):
            noun = self.cleaned(noun)
            return "" if noun.endswith(_endings("dimension")) or noun in acts() else noun  # 完成造林35万亩
        return ""

    def cleaned(self, noun: str) -> str:
        """A noun in front of its number, without what is no noun there; "" where it cannot be one."""
        is_amount = False
        if noun.endswith(_endings("amount")):
            for ending in _endings("amount"):
                if noun.endswith(ending) and len(noun) > len(ending) + 1:
                    noun, is_amount = noun[: -len(ending)], True
                    break
        if _DIGITS.search(noun) and not _MODEL.match(noun):
            noun = _BEHIND_DIGITS.split(noun)[-1]
        if is_amount and noun[0] in "年月日" and len(noun) > 2:  # 年旅客吞吐量
            noun = noun[1:]
        if is_amount and noun[-1] in "年月日" and len(noun) > 2:  # 脐橙日发货量
            noun = noun[:-1]
        area = _OF_AREA.match(noun)
        if area and not _any_word(area[0], noun[:2], noun[area.end() - 1 : area.end() + 1]):  # 小商品市场 is none
            noun = noun[area.end() :]
        noun = _led(noun)
        if within := _WITHIN.match(noun):
            noun = noun[within.end() :]
        if (done := _DONE.match(noun)) and not _any_word(noun[:2], noun[:3]):  # 烧死牲畜
            noun = noun[done.end() :]
        if (
            noun in listed("no noun")
            or noun.endswith(_endings("flow"))
            or (len(noun) < 2 and noun not in listed("short noun"))
        ):
            return ""
        bare = noun.replace('"', "")
        if not _NOUN.fullmatch(bare) or len(bare) > _LONGEST or noun.count('"') % 2:
            return ""
        return bare if noun[0] == noun[-1] == '"' else noun

    def is_people(self, noun: str) -> bool:
        return bool(noun) and (noun[-1] in _OF_PEOPLE or noun[-2:] in listed("people") or noun[-3:] in listed("people"))

    def behind(self, at: int, unit: str, measure: str) -> tuple[str, int]:
        """The noun phrase that begins there ("" where none does) and its end."""
        text = self.text
        if text.startswith("的", at):
            if measure or (unit and unit != "%" and unit not in _COUNTED_BY and not _is_money(unit)):
                return "", at
            at += 1
        elif unit == "%":
            noun, end = self.behind(at, "", "")  # 六成网民: only what is known to be counted
            return (noun, end) if self._acts(noun) or key_of(noun) else ("", at)
        elif unit and unit not in _NAMED_BEHIND and not _is_money(unit):
            return "", at
        if measure and (age := _AGED.match(text, at)):  # 3名9岁儿童
            at = age.end()
        closing = text.find('"', at + 1, at + 12) if text.startswith('"', at) else -1
        if closing > 0 and text.startswith("的", closing + 1):  # 10名“最美教师”的代表
            at, closing = closing + 2, -1
        limit = min(self.piece_end(at), at + _REACH_BEHIND)
        if closing > 0:
            limit = min(self.piece_end(closing + 1), closing + 20)
        place, relative = self._extent(at, limit, unit, measure, closing > 0)
        if relative:
            return self._relative(at, limit)
        noun = text[at:place]
        if (
            measure in listed("of things")
            and self._acts(noun)
            and "的" in text[place:limit]
            and (found := self._relative(place, limit))[0]
        ):  # 367条群众反映的问题
            return found
        if noun.endswith("上") and place < limit and self._is_number(place, limit):  # 5个系列上百款
            noun, place = noun[:-1], place - 1
        if unit and noun in listed("level" if _is_money(unit) or unit == "%" else "dimension"):  # 8吨重
            return "", at
        if _TOLL.match(noun):
            return noun[0], at + 1
        if len(noun) == 1 and noun in "的之一者中里内外时后前间次":
            noun = ""
        if not noun and measure in ("名", "位"):
            noun, place = self._person(at, place, noun)
        if not noun and (measure or unit == "%") and place < limit:
            return self._relative(place, limit)
        if closing > 0 and (noun[:1] != '"' or noun[-1:] == '"' or noun.count('"') != 2):
            noun = noun.replace('"', "")
        if (
            text[place : place + 1] in ("和", "与", "及")
            and not _NUMERAL.match(text, place + 1)
            and self.is_people(noun)
        ):
            end = self._extent(place + 1, min(self.piece_end(place), place + _REACH_BEHIND), "", "", False)[0]
            if self.is_people(text[place + 1 : end]):  # 老人和孩子
                noun, place = text[at:end], end
        if measure in ("名", "位"):
            noun, place = self._person(at, place, noun)
        return _led(noun), place

    def _person(self, at: int, place: int, noun: str) -> tuple[str, int]:
        """A noun whose measure word counts people alone, as far as it is one of people: 26万名平民断粮; where a verb
        opens it, all that leads up to the people: 2名倒卖物资人员. What is done stands behind `place` all the same."""
        if not noun:
            end = self.piece_end(at)
            whole = self.text[at:end]
            return (
                (whole, end) if 4 <= len(whole) <= 12 and "的" not in whole and self.is_people(whole) else ("", place)
            )
        if self.is_people(noun) or noun.endswith(_endings("person")):
            return noun, place
        for length in range(len(noun) - 1, 1, -1):
            parted = noun[length - 2 : length + 1]  # 村民|生命, 隶属|于
            if self.is_people(noun[:length]) and not _any_word(parted, parted[1:]) and place - at == len(noun):
                return noun[:length], place
        return noun, place

    def _extent(self, at: int, limit: int, unit: str, measure: str, is_quoted: bool) -> tuple[int, bool]:
        """Where the noun phrase ends that begins there (there itself where none does), and whether a clause with 的
        begins there, which stands before the noun: 12个参加比赛的城市."""
        text = self.text
        is_nominal = at > 0 and text[at - 1] == "的"
        place, had_verb = at, False
        adjective = is_solid = False
        behind_loose = -1
        while place < limit:
            sign = text[place]
            if sign == '"' and is_quoted:
                place += 1
                continue
            if not HEAD.match(sign):
                break
            if sign == "的":
                if adjective or (
                    place - at <= 2 and place > at and words().get(text[at:place], 0) & (ADJECTIVE | PLACE)
                ):
                    place += 1
                    continue
                if had_verb and (measure or unit == "%"):
                    return at, True
                break
            after, kinds = word(text, place, limit)
            first = place == at
            if first and sign == "被" and (passive := self._passive(at, limit)):
                place = passive
                continue
            if not kinds:
                if not first and (self._has_aspect(place, limit) or self._is_number(place, limit)):
                    break
                behind = text[place + 1 : place + 2]
                if sign.isdigit() and not (behind.isascii() and behind.isalpha()):
                    break
                place += 1
                adjective, is_solid = False, True
                continue
            is_manner = not first and after < limit and text[place:after] in listed("manner")
            if is_manner and word(text, after, limit)[1] & VERB:
                break
            if kinds & ADJECTIVE and not kinds & (KEEP | LOOSE):
                place, adjective = after, True
                continue
            if kinds & LOOSE and not kinds & KEEP:
                is_chained = behind_loose == place
                if not self._is_part(at, place, after, limit, kinds, unit, measure, is_nominal, is_chained):
                    break
                had_verb, behind_loose = bool(kinds & VERB), after
            elif not (
                kinds & KEEP or sign == "总" or kinds == FILLER or (kinds & PLACE and (first or not kinds & VERB))
            ) or (kinds == FILLER and after - place == 1 and sign != "总"):
                break
            place = after
            adjective, is_solid = False, True
        return (place if is_solid else at), False

    def _is_part(
        self, at: int, place: int, after: int, limit: int, kinds: int, unit: str, measure: str, is_nominal: bool,
        is_chained: bool,
    ) -> bool:  # fmt: skip
        """Whether a verb within a phrase that began at `at` is a part of it. `is_chained`: another one stands right
        before it."""
        text, first = self.text, place == at
        is_suffered = text[place:after] in listed("suffered")
        if first and after == limit and unit == "%":  # 1%的提升
            return False
        if is_suffered and (after == limit or self._acts(text[at:place])):
            return False
        if after == limit and text[place - 1] == "化" and not first:  # 灌区现代化改造
            return True
        is_event = measure in listed("event")
        if after == limit and (_is_money(unit) or (is_event and not first)) and not self._acts(text[at:place]):
            return True  # 7亿美元的支持, 4次无人机袭击
        if not kinds & VERB:
            if kinds & END and self._acts(text[at:place]):  # 27名礼兵连续鸣枪
                return False
            return self._is_followed(after, limit) or (
                first and is_event and text[place] not in "在被涉受遇" and text[place:after] not in listed("suffered")
            )
        if first:
            return (
                is_event
                or self._goes_on(after, limit, is_nominal, LOOSE | ADJECTIVE)
                or (text[at] in "新在" and self._is_followed(after, limit))  # 6处新建灌区
            )
        return not self._acts(text[at:place]) and (
            is_chained
            or self._goes_on(after, limit, is_nominal, LOOSE | ADJECTIVE)
            or (is_nominal and self._is_followed(after, limit))
        )

    def _has_aspect(self, place: int, limit: int) -> bool:
        """Whether an aspect marker stands behind this sign: then it is a verb (386名务工人员测过体温)."""
        return self.text[place + 1 : place + 2] in _ASPECTS and word(self.text, place + 1, limit)[0] <= place + 2

    def _is_number(self, place: int, limit: int) -> bool:
        """Whether another count begins there: 5个系列上百款."""
        text = self.text
        return (
            place + 1 < limit
            and text[place] in "二三四五六七八九十百千万亿"
            and (text[place + 1] in "多余" or text[place + 1] in measures())
            and not word(text, place + 1, limit)[1]
        )

    def _passive(self, at: int, limit: int) -> int:
        """The end of 被 and its verb where a noun follows: 95名被扣押人员; 0 where none does."""
        if at + 1 >= limit:
            return 0
        after, kinds = word(self.text, at + 1, limit)
        is_outcome = self.text[after - 1] in "为成入至到"  # 7件被列为重点提案
        return after if kinds & (VERB | LOOSE) and not is_outcome and self._is_followed(after, limit) else 0

    def _acts(self, noun: str) -> bool:
        """Whether a noun is of somebody who does things: a verb behind it is no part of it."""
        return self.is_people(noun) or noun.endswith(_endings("agent"))

    def _goes_on(self, at: int, limit: int, is_nominal: bool, through: int = LOOSE) -> bool:
        """Whether a noun's head stands behind a verb within it: 中国投资项目. `is_nominal`: behind 的, where a verb at
        the end is a noun too (3亿元的医疗援助). `through`: the kinds of words that may stand between."""
        if at >= limit:
            return is_nominal
        heads, text = listed("head"), self.text
        if text[at : at + 2] in heads or text[at : at + 1] in heads or text[at : at + 1] in listed("suffix"):
            return True
        after, kinds = word(text, at, limit)
        return bool(kinds & through) and self._goes_on(after, limit, is_nominal, through)

    def _is_followed(self, at: int, limit: int) -> bool:
        """Whether a noun goes on there."""
        if at >= limit or not HEAD.match(self.text[at]) or self.text[at] == "的":
            return False
        kinds = word(self.text, at, limit)[1]
        return not kinds or bool(kinds & (KEEP | ADJECTIVE | LOOSE))

    def _relative(self, at: int, limit: int) -> tuple[str, int]:
        """The noun behind a clause with 的: 3名涉嫌诈骗的嫌疑人."""
        of = self.text.find("的", at, limit)
        if of < 0 or of + 1 >= limit or _DIGITS.search(self.text[at:of]):
            return "", at
        if (act := self.act_behind(at)) and act[2]:
            return "", at
        noun, end = self.behind(of + 1, "", "")
        return (noun, end) if noun else ("", at)

    def act_behind(self, at: int) -> tuple[str, str, bool] | None:
        """The act behind a noun, its words, and whether it is said of the noun itself (被抓获, 死亡)."""
        text, known = self.text, acts()
        limit = min(self.piece_end(at), at + 12)
        place, passive = at, False
        for _ in range(6):
            if place >= limit:
                return None
            if text[place] in "被遭" and text[place : place + 2] not in known:
                passive = True
                place += 1
                continue
            for length in (5, 4, 3, 2, 1):
                printed = text[place : place + length]
                if (
                    len(printed) == length
                    and place + length <= limit
                    and printed in known
                    and not (length == 1 and printed not in ("死", "伤"))
                ):
                    key = known[printed]
                    return key, printed, passive or key in _SUFFERED or printed in listed("suffered")
            after, kinds = word(text, place, limit)
            if not kinds or kinds & KEEP or not kinds & (VERB | END | FILLER):
                if not passive:
                    return None
                after = place + 1
            place = after
        return None

    def is_row(self, start: int, end: int, row_end: int) -> bool:
        """Whether only a noun leads up to the number, so that the act in front of it is meant again."""
        place = max(start, row_end)
        while place < end:
            after, kinds = word(self.text, place, end)
            if (
                kinds & (VERB | END)
                and not kinds & (KEEP | LOOSE | FILLER)
                and self.text[place:after] not in ("和", "及", "与", "以及")
            ):
                return False
            place = max(after, place + 1)
        return True


def key_of(noun: str) -> str:
    """The key in nouns.tsv of the longest form with which the noun ends."""
    keys = noun_keys()
    for at in range(max(0, len(noun) - 10), len(noun)):
        if key := keys.get(noun[at:]):
            return key
    return ""


@cache
def _endings(kind: str) -> tuple[str, ...]:
    """The words of a list, the longest first."""
    return tuple(sorted(listed(kind), key=len, reverse=True))


def _any_word(*candidates: str) -> bool:
    known = words()
    return any(each in known for each in candidates)


def _led(noun: str) -> str:
    """Without what stands before a noun and says only that there are several kinds: 各类犯罪嫌疑人."""
    if not noun.startswith("各") or noun[1:2] in "界国地族方":
        return noun
    for lead in ("各类", "各种", "各式", "各级", "各"):
        if noun.startswith(lead) and len(noun) > len(lead) + 1:
            return _led(noun[len(lead) :])
    return noun


def _is_money(unit: str) -> bool:
    return len(unit) == 3 and unit.isalpha() and unit.isupper()


_SUFFERED = frozenset(("kill", "injure", "miss", "infect", "trap", "affect", "destroy", "lift-out-of-poverty"))
