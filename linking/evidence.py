"""What speaks for one report resting on another, so that a person can check it: shared figures, names and words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from grammar.transliteration import sounds_alike
from items import BETWEEN_PARAGRAPHS
from linking.shared_text import Run, shared_runs
from linking.spelling import found_in
from linking.texts import Counted, Text, same_value, significant_digits

# How much a shared figure says, by its significant digits: 3 means that it is unlikely to stand in both by chance.
_BY_DIGITS = (0.5, 0.5, 1.0, 1.8, 2.4)
_SAME_NOUN, _SAME_ACT, _LARGE = 0.6, 0.3, 0.2
_OTHER_NOUN = 0.9  # of the weight, where the nouns differ: 43 people may well be 43 suspects
_NAMES = {"person": 1.2, "organisation": 0.9, "place": 0.7}
_SPELLED = 0.7  # a name that only its sound tells
_COMMON = 0.1  # a name that most of an outlet's reports hold
COMMON_NAMES = frozenset({"china", "beijing", "russia", "moscow", "united states"})
_OF_A_RUN = {True: 0.08, False: 0.02}  # per character of shared words, Chinese or not
_MOST_OF_RUNS = 5.0
# The share of the words beside a mention that the other report has too: below the first number it is what any two
# reports of one country have in common; all of them are worth the second.
_COMMON_SHARE, _MOST_OF_WORDS = 0.2, 3.2


@dataclass(slots=True)
class Evidence:
    """Of one report against another. `figures` and `names` are [[number here, number there], …] and
    [[key, words here, words there], …], `shared_text` runs of places in both bodies."""

    score: float = 0.0
    is_thin: bool = False  # of one kind alone, or, in one language, with next to no words in common
    figures: list[tuple[int, int]] = field(default_factory=list)
    names: list[tuple[str, str, str]] = field(default_factory=list)
    shared_text: list[Run] = field(default_factory=list)

    def of_runs(self, is_chinese: bool) -> float:
        """What the words that were taken over are worth."""
        return _worth(self.shared_text, is_chinese)


# A subject that both are about, by the weight that the table gives it.
_SUBJECTS = {1: 0.1, 2: 0.35, 3: 0.6}
_MOST_OF_SUBJECTS = 2.0
_SOMETHING = 0.15  # from which a kind of evidence counts as there


Weigh = Callable[[str, int, int], float]  # of a place (title or body, from, to) here: 1 where the mention is, else less


def evidence(here: Text, there: Text, zone: Weigh) -> Evidence:
    """What `here` shares with `there`; `zone` gives how much a place here counts, 0 for what is left out."""
    found = without_runs(here, there, zone)
    add_runs(here, there, zone, found)
    return found


def without_runs(here: Text, there: Text, zone: Weigh) -> Evidence:
    """The same without the words that were taken over, which take longest to find."""
    found = Evidence()
    _share_figures(here, there, zone, found)
    figures = found.score
    _share_names(here, there, zone, found)
    parts = [figures, found.score - figures, _subjects(here, there, zone)]
    if here.is_chinese == there.is_chinese:
        share = shared_words(here, there, zone)
        parts.append(_MOST_OF_WORDS * max(0.0, share - _COMMON_SHARE) / (1 - _COMMON_SHARE))
    found.score = sum(parts)
    in_one_language = here.is_chinese == there.is_chinese
    found.is_thin = sum(part >= _SOMETHING for part in parts) < 2 or (in_one_language and parts[-1] <= 0)
    return found


def _subjects(here: Text, there: Text, zone: Weigh) -> float:
    """What the subjects that both have are worth."""
    weights: dict[str, float] = {}
    for key, weight, place, at in here.subjects:
        weighed = zone(place, at, at) * _SUBJECTS[weight]
        if weighed > weights.get(key, 0.0):
            weights[key] = weighed
    shared = there.subject_keys - here.names.keys()  # an organisation is a name already
    return min(_MOST_OF_SUBJECTS, sum(weight for key, weight in weights.items() if key in shared))


def add_runs(here: Text, there: Text, zone: Weigh, found: Evidence) -> None:
    if here.is_chinese != there.is_chinese:
        return
    # What closes both texts is the outlets' own: a disclaimer, whom to write to.
    ends = (here.body.rfind(BETWEEN_PARAGRAPHS), there.body.rfind(BETWEEN_PARAGRAPHS))
    runs = [
        run
        for run in shared_runs(here.body, there.body)
        if zone("body", run[0], run[1]) > 0 and not (0 < ends[0] < run[0] and 0 < ends[1] < run[2])
    ]
    found.shared_text = sorted(sorted(runs, key=lambda run: (run[0] - run[1], run[0]))[:5])
    found.score += _worth(runs, here.is_chinese)


def _worth(runs: Sequence[Run], is_chinese: bool) -> float:
    return min(_MOST_OF_RUNS, sum(stop - start for start, stop, *_ in runs) * _OF_A_RUN[is_chinese])


def shared_words(here: Text, there: Text, zone: Weigh) -> float:
    """The share of the words here, by the weight of their place, that stand there too."""
    weights: dict[str, float] = {}
    for word, place, at in here.words:
        weight = zone(place, at, at + len(word))
        if weight > weights.get(word, 0.0):
            weights[word] = weight
    total = sum(weights.values())
    return sum(weight for word, weight in weights.items() if word in there.vocabulary) / total if total else 0.0


def _share_figures(here: Text, there: Text, zone: Weigh, found: Evidence) -> None:
    pairs = [
        (_weight(one, other, same) * weight, one.number, other.number)
        for one in here.figures
        if (weight := zone(one.place, one.start, one.start)) > 0
        for other in there.figures
        if (same := same_value(one, other)) > 0
    ]
    used: set[tuple[str, float]] = set()
    taken_here: set[int] = set()
    taken_there: set[int] = set()
    values = {figure.number: figure.value for figure in here.figures}
    for weight, one, other in sorted(pairs, key=lambda pair: (-pair[0], pair[1:])):
        if weight <= 0 or one in taken_here or other in taken_there:
            continue
        taken_here.add(one)
        taken_there.add(other)
        found.figures.append((one, other))
        # A figure that a text repeats (in its title and again) counts once.
        if ("", values[one]) not in used:
            used.add(("", values[one]))
            found.score += weight
    found.figures.sort()


def _weight(one: Counted, other: Counted, same: float) -> float:
    digits = significant_digits(one.value)
    weight = _BY_DIGITS[min(digits, len(_BY_DIGITS) - 1)]
    if digits <= 2 and one.value >= 1000:
        weight += _LARGE
    if one.noun_key and one.noun_key == other.noun_key:
        weight += _SAME_NOUN
    elif one.noun_key and other.noun_key:
        weight *= _OTHER_NOUN
    if one.act and one.act == other.act:
        weight += _SAME_ACT
    if one.value < 10 and one.value % 1 == 0 and not one.unit and not (one.noun_key and one.noun_key == other.noun_key):
        return 0
    return weight * same


def _share_names(here: Text, there: Text, zone: Weigh, found: Evidence) -> None:
    for key, other in _pairs(here, there):
        kind, words = here.names[key]
        weight = max((zone(place, at, at + len(words)) for place, at in _places(here, words)), default=0.0)
        if weight > 0:
            found.names.append((key, words, there.names[other][1]))
            found.score += weight * (_COMMON if key in COMMON_NAMES else _NAMES.get(kind, _COMMON))
    if here.is_chinese != there.is_chinese:
        _share_spellings(here, there, zone, found)


def _share_spellings(here: Text, there: Text, zone: Weigh, found: Evidence) -> None:
    """Names that no table has: Fangshan and 房山."""
    english, chinese = (there, here) if here.is_chinese else (here, there)
    known = {words for _, *both in found.names for words in both}
    weighed: dict[str, float] = {}
    for words, at, ways in english.spelled:
        characters = found_in(ways, chinese.heard, chinese.body)
        if characters is None or words in known or characters in known:
            continue
        if here.is_chinese:
            weight = max((zone(place, start, start) for place, start in _places(here, characters)), default=0.0)
        else:
            weight = zone("body", at, at + len(words))
        if weight > weighed.get(words, 0.0):
            if words not in weighed:
                pair = (characters, words) if here.is_chinese else (words, characters)
                found.names.append((ways[0].strip(), *pair))
            weighed[words] = weight
    found.score += _SPELLED * sum(weighed.values())


def _pairs(here: Text, there: Text) -> list[tuple[str, str]]:
    """The keys of names that both have; across languages also of persons whose names sound alike."""
    same = [(key, key) for key in sorted(here.names.keys() & there.names.keys())]
    if here.is_chinese == there.is_chinese:
        return same
    alone = [
        [key for key, (kind, _) in sorted(one.names.items()) if kind == "person" and key not in other.names]
        for one, other in ((here, there), (there, here))
    ]
    for key in alone[0]:
        words = here.names[key][1]
        for other in alone[1]:
            chinese, english = (words, there.names[other][1]) if here.is_chinese else (there.names[other][1], words)
            if sounds_alike(chinese, english):
                same.append((key, other))
                break
    return same


def _places(text: Text, words: str) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    for place, content in (("title", text.title), ("body", text.body)):
        at = content.find(words)
        while at >= 0 and len(found) < 20:
            found.append((place, at))
            at = content.find(words, at + 1)
    return found
