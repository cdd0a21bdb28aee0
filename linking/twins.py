"""The Chinese and the English report of one event, by one outlet, by outlets of one owner or by state outlets of one
country: what both say (figures, names, times), and what only one of them does.

Whether two reports are twins is a function of these two alone, so that the same rows come out in whatever order reports
arrive; only `mutual` depends on others. Figures weigh by how unlikely they are to stand in both by chance, which their
digits tell, not by how often the archive has them.
"""

from __future__ import annotations

import json
import re
import sqlite3
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property

from archive.report_ids import first_id, last_id
from grammar.names import places
from grammar.numerals import of_numerals
from grammar.transliteration import sounds_alike
from grammar.typography import plain
from linking.texts import Counted, Text, Texts, same_value, significant_digits

DAYS = 3  # between the two editions, at most
THRESHOLD = 4.0  # points; see docs/linking.md
# Points of a figure by its significant digits; of one told roundly, and of one whose noun is another or not known.
_BY_DIGITS = (0.0, 0.7, 1.4, 2.2, 3.0)
_FLOAT = 1e-9  # by which two numbers may differ that are one
_OF_A_FRACTION = 8  # digits, of 0.333…
_SMALL = 31  # counts up to here stand in many reports
_SMALL_COUNTS = {False: 0.4, True: 0.9}  # of one noun, by whether they have two digits
_ROUNDLY, _OTHER_NOUN, _UNKNOWN_NOUN = 0.5, 0.3, 0.7
_SAME_NOUN, _SAME_ACT, _IN_BOTH_TITLES = 0.5, 0.2, 0.5
_NO_NOUN = frozenset(("", "other"))  # "11 others" may be anybody
_ANY_NOUN = _NO_NOUN | {"person", "case"}  # suspects are people too
_IN_LEAD = 1.3  # times, where both say it in title or first paragraph
_NAMES = {"person": 1.6, "organisation": 0.9, "place": 0.7}
_COMMON = 0.25  # of the points of a name that very many reports have
_COMMON_NAMES = frozenset(
    "beijing|united states|russia|ukraine|israel|japan|europe|united-nations|european union|european-union"
    "|state-council|xi jinping|hong kong|shanghai|yangtze river|communist-party-of-china-central-committee"
    "|united kingdom|africa|ministry-of-foreign-affairs|national-peoples-congress".split("|")
)
_MANY_NAMES = 15  # a round-up of news names so many that some are anybody's
_BUREAU = 0.6  # of a place that only the date line names: where the reporter sits
_SIGN = 1.3  # an ordinal, a designator (MH370) or a time of day in both
_MOST_SIGNS = 3
# Against: what both begin with, and is different.
_OTHER_PLACES, _OTHER_PERSONS = 2.5, 1.2
_FIGURES_APART = {0: 2.5, 1: 1.2}  # by how many distinctive values both have, where each has others beside
_HEADLINE_APART = 1.2  # a figure of one's title that the other does not state
_NAMES_ALONE = 0.5
_SAME_OUTLET = 0.5  # for: a copy that another outlet ran is no nearer
_LAGS = ((6, 0.6), (12, 0.4), (24, 0.1), (48, -0.4), (24 * (DAYS + 1), -0.9))  # hours, points
# Points by which a pair is looked at: of names as above, of a value by whether it has three digits and more.
_CANDIDATE, _FOUND = 1.4, {True: 1.5, False: 0.75}
_DATE_LINE = re.compile(r"^.{0,60}?(?:\(Xinhua\)\s*-+|\((?:[A-Z][\w ]+)\)\s*-+|日[电電])")
_CAPITALISED = re.compile(r"[A-Z][\w'-]*[a-z](?: (?:[A-Z][\w'-]*|al|bin|de|da|van|von|der))+")
_CONVERTED = re.compile(r"[(（](?:or |about |around |some |nearly |approximately |约合?|约)*(?:US ?|U\.S\. ?)?\$?$")
_ORDINAL = re.compile(r"\b(\d{2,5})(?:st|nd|rd|th)\b|第(\d{2,5}|[一二三四五六七八九十百零]{2,7})")
_DESIGNATOR = re.compile(r"(?<![A-Za-z0-9])([A-Z]{1,5})[- ]?(\d{2,5})(?![\d,.]*\d)")
_TIME = re.compile(r"(?<!\d)(\d{1,2})(?::|时|点)(\d\d)(?=分| ?[ap]\.?m|[^\d%]|$)")
_SCORE = re.compile(r"(?<![\d.-])(\d{1,3})(?:比|-)(\d{1,3})(?![\d-]|\.\d)")
_LONG_NUMBER = re.compile(r"(?<![\d.,A-Za-z])\d[\d,]*(?:\.\d+)?")
_MOST_WORDS = 4  # of a person's name
_LEAST_LONG = 5  # digits: no year
_COMMON_SIGNS = frozenset(("G20", "COVID19", "GMT", "CO2"))
_LEAST_ORDINAL = 32  # no day, no century

Pair = tuple[int, int]  # the Chinese report, the English one
Row = tuple[float, str, str, str]  # score, evidence, only_chinese, only_english


def link_twins(connection: sqlite3.Connection, reports: Sequence[int]) -> set[int]:
    """Bring the rows of a batch up to date, inside the caller's transaction; returns the reports whose rows changed."""
    batch = sorted(set(reports))
    before = _rows_of(connection, batch)
    editions = _Editions(connection)
    found: dict[Pair, Row] = {}
    pairs = {pair for report in batch if (each := editions.of(report)) for pair in _candidates(connection, each.text)}
    for pair in sorted(pairs):
        chinese, english = editions.of(pair[0]), editions.of(pair[1])
        if chinese and english and (row := _compared(chinese, english)):
            found[pair] = row
    ends = {end for pair in (*before, *found) for end in pair}
    changed = {pair for pair in before.keys() | found.keys() if before.get(pair) != found.get(pair)}
    connection.executemany("delete from twins where chinese = ? and english = ?", sorted(before.keys() - found.keys()))
    connection.executemany(
        "insert into twins (chinese, english, score, mutual, evidence, only_chinese, only_english) "
        "values (?, ?, ?, 0, ?, ?, ?) on conflict (chinese, english) do update set score = excluded.score, "
        "evidence = excluded.evidence, only_chinese = excluded.only_chinese, only_english = excluded.only_english",
        [(*pair, *found[pair]) for pair in sorted(changed & found.keys())],
    )
    return {end for pair in changed | _marked(connection, ends) for end in pair}


def _rows_of(connection: sqlite3.Connection, reports: Iterable[int]) -> dict[Pair, Row]:
    columns = "chinese, english, score, evidence, only_chinese, only_english"
    return {
        (row[0], row[1]): row[2:]
        for report in reports
        for end in ("chinese", "english")
        for row in connection.execute(f"select {columns} from twins where {end} = ?", [report])
    }


def _marked(connection: sqlite3.Connection, ends: Collection[int]) -> set[Pair]:
    """Mark anew which pairs of some reports are each other's best; returns those that were marked otherwise before."""
    pairs = _scores(connection, ends)
    best = _best(pairs | _scores(connection, {end for pair in pairs for end in pair} - set(ends)))
    turned = {pair for pair, (_, mutual) in pairs.items() if mutual != (best[pair[0]] == pair == best[pair[1]])}
    connection.executemany("update twins set mutual = 1 - mutual where chinese = ? and english = ?", sorted(turned))
    return turned


def _scores(connection: sqlite3.Connection, reports: Iterable[int]) -> dict[Pair, tuple[float, bool]]:
    return {
        (chinese, english): (score, bool(mutual))
        for report in sorted(reports)
        for end in ("chinese", "english")
        for chinese, english, score, mutual in connection.execute(
            f"select chinese, english, score, mutual from twins where {end} = ?", [report]
        )
    }


def _best(pairs: dict[Pair, tuple[float, bool]]) -> dict[int, Pair]:
    """The pair of the highest score of each report; of equal ones that with the smallest ids."""
    best: dict[int, Pair] = {}
    for pair in sorted(pairs, key=lambda pair: (-pairs[pair][0], pair)):
        for end in pair:
            best.setdefault(end, pair)
    return best


_OTHERS = """with told as (
        select other.report, json_extract(mine.value, '$[1]') as points from json_each(:values) as mine
        cross join figures as other on other.value = json_extract(mine.value, '$[0]') and other.latest
            and other.report between :first and :last
        group by other.report, other.value
        union all
        select other.report, case mine.kind when 'person' then :person when 'organisation' then :organisation
            else :place end from names as mine
        cross join names as other on other.key = mine.key and other.report between :first and :last
        where mine.report = :report and mine.key not in (select value from json_each(:common)))
    select reports.id from (select report from told group by report having sum(points) >= :least) as found
    join reports on reports.id = found.report join outlets on outlets.id = reports.outlet
    where reports.language {like}
    and (outlets.id = :outlet or outlets.owner = :owner and :owner <> ''
        or outlets.kind = 'state' and :kind = 'state' and outlets.country = :country and :country <> '')"""


def _candidates(connection: sqlite3.Connection, text: Text) -> Iterator[Pair]:
    """The pairs of a report that share enough of the values that few reports have, and of names. Whether a pair is one
    does not depend on which of the two is asked for."""
    owner, kind, country = connection.execute(
        "select owner, kind, country from outlets where id = ?", [text.outlet]
    ).fetchone()
    values = {figure.value for figure in text.figures if _is_distinctive(figure)}
    asked = {
        "report": text.id,
        "outlet": text.outlet,
        "owner": owner,
        "country": country,
        "kind": kind,
        "first": first_id((text.time - timedelta(days=DAYS)).date()),
        "last": last_id((text.time + timedelta(days=DAYS)).date()),
        "values": json.dumps([(value, _FOUND[_digits(value) >= 3]) for value in sorted(values)]),
        "common": json.dumps(sorted(_COMMON_NAMES)),
        "least": _CANDIDATE,
        **_NAMES,
    }
    query = _OTHERS.format(like="like 'en%'" if text.is_chinese else "like 'zh%'")
    for (other,) in connection.execute(query, asked):
        yield (text.id, other) if text.is_chinese else (other, text.id)


def _is_english(text: Text) -> bool:
    return text.language.lower().partition("-")[0] == "en"


def _is_distinctive(figure: Counted) -> bool:
    """Whether few reports of a few days state a value by chance."""
    digits = _digits(figure.value)
    return digits >= 3 or (digits == 2 and (figure.value > _SMALL or figure.value % 1 != 0)) or figure.value >= 1000


def _digits(value: float) -> int:
    """The digits that tell a value from others; one of a fraction that was printed in words, a third."""
    digits = significant_digits(value)
    return digits if digits < _OF_A_FRACTION else 1


@dataclass(frozen=True)
class _Edition:
    """A text with what a comparison asks of it, made once for all its pairs."""

    text: Text

    @cached_property
    def lead_ends(self) -> int:
        """Where the first paragraph ends."""
        end = self.text.body.find("\n\n")
        return len(self.text.body) if end < 0 else end

    @cached_property
    def date_line(self) -> str:
        found = _DATE_LINE.match(self.text.body)
        return found[0] if found else ""

    @cached_property
    def beginning(self) -> str:
        """Title and first paragraph, without the date line."""
        return f"{self.text.title}\n{self.text.body[len(self.date_line) : self.lead_ends]}"

    @cached_property
    def values(self) -> frozenset[float]:
        return frozenset(figure.value for figure in self.text.figures if _is_distinctive(figure))

    @cached_property
    def _sorted(self) -> tuple[list[Counted], list[float]]:
        figures = sorted(self.text.figures, key=lambda figure: (figure.value, figure.number))
        return figures, [figure.value for figure in figures]

    def near(self, figure: Counted) -> Sequence[Counted]:
        """The figures that may be the same as one of another text."""
        if figure.value_max is not None or self.has_ranges:
            return self.text.figures
        figures, values = self._sorted
        low, high = sorted((figure.value / 2, figure.value * 2))
        return figures[bisect_left(values, low) : bisect_right(values, high)]

    @cached_property
    def has_ranges(self) -> bool:
        return any(figure.value_max is not None for figure in self.text.figures)

    @cached_property
    def led(self) -> dict[str, frozenset[str]]:
        """The places and persons that it begins with."""
        named = self.text.names.items()
        return {
            wanted: frozenset(key for key, (kind, words) in named if kind == wanted and words in self.beginning)
            - places("region")
            - {"beijing"}
            for wanted in ("place", "person")
        }

    @cached_property
    def titled(self) -> frozenset[str]:
        """The places of its title, but for those that others leave out."""
        title = self.text.title
        return frozenset(
            key for key, (kind, words) in self.text.names.items() if kind == "place" and words in title
        ) - (_COMMON_NAMES | places("region"))

    @cached_property
    def capitalised(self) -> tuple[str, ...]:
        """Words in capitals beside one another, of an English text: a person's name among them need not be known."""
        runs = set(_CAPITALISED.findall(plain(self.text.body)))
        return tuple(
            sorted(
                " ".join(words[start:stop])
                for run in runs
                for words in [run.split()]
                for start in range(len(words) - 1)
                for stop in range(start + 2, min(len(words), start + _MOST_WORDS) + 1)
            )
        )

    @cached_property
    def signs(self) -> dict[str, str]:
        return _signs(plain(f"{self.text.title}\n{self.text.body}"))

    def begins_with(self, figure: Counted) -> bool:
        return figure.place == "title" or figure.start < self.lead_ends

    def is_of_bureau(self, words: str) -> bool:
        """Whether a place stands in the date line only: where the reporter sits."""
        text = self.text
        return words in self.date_line and words not in text.title and text.body.rfind(words) < len(self.date_line)


class _Editions:
    """Those of a batch, each read once."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._texts = Texts(connection)
        self._read: dict[int, _Edition | None] = {}

    def of(self, report: int) -> _Edition | None:
        """None for a report that is in neither language or was not read."""
        if report not in self._read:
            text = self._texts.of(report)
            self._read[report] = _Edition(text) if text and (text.is_chinese or _is_english(text)) else None
        return self._read[report]


@dataclass(slots=True)
class _Shared:
    points: float = 0.0
    kinds: int = 0  # independent things that both say
    names_an_event: bool = False  # whether one of them is more than a percentage: many reports say 3.4 percent
    tells_figures: bool = False  # whether a figure that few reports have is among them
    figures: list[tuple[int, int]] = field(default_factory=list)
    names: list[tuple[str, str, str]] = field(default_factory=list)


def _compared(chinese: _Edition, english: _Edition) -> Row | None:
    """The row of a pair; None where it is below the threshold."""
    lag = (english.text.time - chinese.text.time).total_seconds() / 3600
    if abs(lag) > 24 * DAYS:
        return None
    shared = _Shared()
    _share_names(chinese, english, shared)
    _share_figures(chinese, english, shared)
    shared.points += next(points for hours, points in _LAGS if abs(lag) <= hours)
    shared.points += _SAME_OUTLET * (chinese.text.outlet == english.text.outlet)
    if shared.points + _SIGN * _MOST_SIGNS < THRESHOLD:
        return None
    both = sorted(sign for sign in chinese.signs.keys() & english.signs.keys() if not _is_told(sign, shared, chinese))
    signs = min(_MOST_SIGNS, len(both))
    shared.kinds += signs
    shared.points += _SIGN * signs
    shared.points -= _NAMES_ALONE * (not shared.tells_figures and not signs)
    if shared.points < THRESHOLD or shared.kinds < 2 or not (shared.names_an_event or signs):
        return None
    is_known = chinese.text.to_the_minute and english.text.to_the_minute
    evidence: dict[str, object] = {
        "figures": sorted(shared.figures),
        "names": sorted(shared.names),
        "hours": round(lag, 1) if is_known else None,
    }
    if both:
        evidence["signs"] = [(chinese.signs[sign], english.signs[sign]) for sign in both]
    return (
        round(1 - 0.5 ** (shared.points / 2), 6),
        json.dumps(evidence, ensure_ascii=False),
        json.dumps(_only(chinese.text, english.text)),
        json.dumps(_only(english.text, chinese.text)),
    )


def _is_told(sign: str, shared: _Shared, chinese: _Edition) -> bool:
    """Whether a long number is one of the figures that count already."""
    told = {figure.value for figure in chinese.text.figures if figure.number in {one for one, _ in shared.figures}}
    return sign.replace(".", "", 1).isdigit() and float(sign) in told


def _share_figures(chinese: _Edition, english: _Edition, shared: _Shared) -> None:
    weighed = sorted(
        (-_points(one, other, same) * (_IN_LEAD if chinese.begins_with(one) and english.begins_with(other) else 1),
         one.number, other.number, one.value, one.unit)
        for one in chinese.text.figures
        for other in english.near(one)
        if (same := _alike(one, other)) > 0
    )  # fmt: skip
    taken: tuple[set[int], set[int]] = (set(), set())
    values: set[float] = set()
    for points, one, other, value, unit in weighed:
        if not points or one in taken[0] or other in taken[1]:
            continue
        taken[0].add(one)
        taken[1].add(other)
        shared.figures.append((one, other))
        if value not in values:  # a figure of the title that stands in the text again counts once
            values.add(value)
            shared.points -= points
            shared.kinds += 1
            shared.names_an_event |= unit != "%"
    told = values & chinese.values
    shared.tells_figures = bool(told)
    if min(len(chinese.values), len(english.values)) >= 2:
        shared.points -= _FIGURES_APART.get(len(told), 0)
    if any(_headline_is_missing(*each) for each in ((chinese, taken[0], english), (english, taken[1], chinese))):
        shared.points -= _HEADLINE_APART


def _headline_is_missing(edition: _Edition, shared: set[int], other: _Edition) -> bool:
    """Whether a title states a figure that the other edition has not."""
    return any(
        figure.place == "title" and figure.number not in shared and _is_distinctive(figure)
        and not any(_alike(figure, each) for each in other.near(figure))
        for figure in edition.text.figures
    )  # fmt: skip


def _points(one: Counted, other: Counted, same: float) -> float:
    nouns = one.noun_key, other.noun_key
    of_one_unit = bool(one.unit) and one.unit == other.unit != "%"  # of what a percentage is, is seldom known
    agrees = of_one_unit or (nouns[0] == nouns[1] and nouns[0] not in _NO_NOUN)
    is_small = one.value <= _SMALL and one.value % 1 == 0
    if is_small:
        points = _SMALL_COUNTS[one.value > 9]
    else:
        points = _BY_DIGITS[min(_digits(one.value), _digits(other.value), len(_BY_DIGITS) - 1)]
    if agrees:
        points += 0 if is_small else _SAME_NOUN
    elif is_small and one.value <= 9:
        return 0.0
    else:
        points *= _UNKNOWN_NOUN if _ANY_NOUN.intersection(nouns) else _OTHER_NOUN
    of_one_act = bool(one.act) and one.act == other.act
    points += _SAME_ACT * of_one_act
    if one.place == other.place == "title" and (agrees or of_one_act):
        points += _IN_BOTH_TITLES
    return points if same == 1 else points * _ROUNDLY


def _alike(one: Counted, other: Counted) -> float:
    """As `same_value`, where a unit may be missing in one of them, and 1.5 percent is 1.52 told roundly."""
    if one.unit != other.unit:
        is_unlikely = one.value == other.value and one.value > _SMALL and not (one.unit and other.unit)
        return 0.9 if is_unlikely else 0.0
    same = same_value(one, other)
    if not same and one.unit and one.value_max is None and other.value_max is None:
        rough = min(_decimals(one.value), _decimals(other.value))
        if rough and abs(one.value - other.value) <= 0.5 * 10**-rough + _FLOAT:
            return 0.6
    return same


def _decimals(value: float) -> int:
    return len(f"{value:.8g}".partition(".")[2])


def _share_names(chinese: _Edition, english: _Edition, shared: _Shared) -> None:
    rarer = min(1.0, _MANY_NAMES / max(len(chinese.text.names), len(english.text.names), 1))
    for key, (kind, ours, theirs) in _common_names(chinese, english).items():
        shared.names.append((key, ours, theirs))
        points = _NAMES[kind]
        if key in _COMMON_NAMES:
            points *= _COMMON
        elif kind == "place" and chinese.is_of_bureau(ours) and english.is_of_bureau(theirs):
            points *= _BUREAU
        else:
            shared.kinds += 1
            shared.names_an_event = True
        if ours in chinese.beginning and theirs in english.beginning:
            points *= _IN_LEAD
        shared.points += points * rarer
    keys = {key for key, _, _ in shared.names}
    for kind, points in (("place", _OTHER_PLACES), ("person", _OTHER_PERSONS)):
        if chinese.led[kind] and english.led[kind] and not keys & (chinese.led[kind] | english.led[kind]):
            shared.points -= points
        elif kind == "place" and (
            chinese.titled - english.text.names.keys() or english.titled - chinese.text.names.keys()
        ):
            shared.points -= points  # one is about a place that the other does not name: Jiangsu's trade, not China's


def _common_names(chinese: _Edition, english: _Edition) -> dict[str, tuple[str, str, str]]:
    """Key → kind, words here and there."""
    found: dict[str, tuple[str, str, str]] = {}
    theirs = english.text.names
    for key, (kind, words) in chinese.text.names.items():
        if key in theirs:
            found[key] = kind, words, theirs[key][1]
        elif kind == "person" and not key.isascii() and (sounding := _sounding(key, english)):
            # A person may be named in full, and by the surname again.
            shorter = found.get(sounding[0], ("", "", ""))
            found[sounding[0]] = max(shorter, (kind, words, sounding[1]), key=_length)
    return found


def _length(named: tuple[str, str, str]) -> int:
    return len(named[1])


def _sounding(chinese: str, english: _Edition) -> tuple[str, str] | None:
    """Key and words of the one person of the English text whose name sounds like a Chinese transliteration. A name in
    full is looked for among all words in capitals."""
    persons = ((key, words) for key, (kind, words) in english.text.names.items() if kind == "person")
    alike = [(key, words) for key, words in persons if sounds_alike(chinese, key)]
    if not alike and "·" in chinese:
        alike = [(words.lower(), words) for words in english.capitalised if sounds_alike(chinese, words)]
        # "Runner Eliud Kipchoge" and "Eliud Kipchoge" are one.
        alike = [each for each in alike if not any(one != each and one[1] in each[1] for one in alike)]
    return alike[0] if len(alike) == 1 else None


def _signs(text: str) -> dict[str, str]:
    """What numbers of a text are no figures, under one writing for both languages, as printed first: ordinals ("298."
    for 第298 and 298th), designators (MH370), times of day ("11:48" for 23时48), scores ("3-0" for 3比0), and long
    numbers of whatever kind."""
    found: dict[str, str] = {}
    for each in _ORDINAL.finditer(text):
        digits = each[1] or each[2]
        number = int(digits) if digits.isascii() else of_numerals(digits)
        if number >= _LEAST_ORDINAL:
            found.setdefault(f"{number:g}.", each[0])
    for each in _DESIGNATOR.finditer(text):
        if each[1] + each[2] not in _COMMON_SIGNS:
            found.setdefault(each[1] + each[2], each[0])
    for each in _TIME.finditer(text):
        if int(each[1]) <= 24 and int(each[2]) < 60 and each[2] not in ("00", "30"):
            found.setdefault(f"{int(each[1]) % 12}:{each[2]}", each[0])
    for each in _SCORE.finditer(text):
        found.setdefault(f"{int(each[1])}-{int(each[2])}", each[0])
    for each in _LONG_NUMBER.finditer(text):
        digits = each[0].replace(",", "")
        if significant_digits(float(digits)) >= _LEAST_LONG:
            found.setdefault(digits, each[0])
    return found


def _only(text: Text, other: Text) -> list[int]:
    """The numbers of figures that the other edition does not state, told roundly or in other units neither."""
    return [
        figure.number
        for figure in text.figures
        if not any(_alike(figure, each) or figure.value == each.value for each in other.figures)
        and not (figure.place == "body" and _CONVERTED.search(text.body, max(0, figure.start - 16), figure.start))
    ]
