"""What kind of change an edit was, and which words it put in place of which.

Both are told from the one comparison that the changes page shows (archive/differences.py), made blind to typography
and case, cut at sentences: a sentence of which next to nothing stayed was removed or added, what changed within one
that stayed is looked at piece by piece.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, takewhile

from archive.attributions import Attribution, attributions
from archive.comparison import Comparison, Piece, Side, Span, compared
from archive.differences import words
from archive.figures import Figure, figures
from archive.typos import is_typo
from archive.versions import Wording
from grammar.typography import squashed

# In the order in which versions.kinds names them.
KINDS = (
    "headline",
    "figure changed",
    "attribution changed",
    "sentence added",
    "sentence removed",
    "typo",
    "correction notice",
    "restored",
    "wording",
)
_MOST_REPLACEMENTS = 50
_LONGEST_NOTICE = 1000  # characters of a sentence
_LONGEST_REPLACEMENT = 60  # characters on either side: a term, not a sentence
# A sentence of which less than this stayed is another one. What stayed by chance is left out of the count before.
_STAYED = 0.3

_STORY = "(?:story|article|report|post|piece|page|version|dispatch|headline|item)"
_NOTICE = re.compile(
    r"^\W*(?:corrections?|clarifications?|correcting|corrected)\b\s*(?:[:.\-(]|\d|$)"
    r"|^\W*\(?corrects\b|\bstory corrects\b"
    r"|^\W*editors?'?s?'? note\b.*\b(?:correct|amend|updated to|clarif|earlier version|previous version)"
    rf"|\bthis {_STORY} (?:has been|was|is|had been) (?:\w+ )?(?:corrected|amended|updated to|clarified|revised)\b"
    rf"|\b(?:an?|the) (?:earlier|previous|original) version of (?:this|the) {_STORY}\b"
    r"|\bwe (?:have corrected|regret the error)\b"
    r"|^\W*(?:更正|勘误|订正)(?:[:启声说\s)】\]]|$)|(?:特此|现予|谨此|现)(?:更正|勘误|订正)|更正如下|更正启事"
    r"|(?:编者按|编者注|编辑注).*(?:更正|订正|修正|有误|勘误)"
    r"|^\W*(?:本文|本稿|本报道|原文|原稿|此前报道|先前报道|早前报道|早前版本).{0,30}(?:更正|订正|修正|有误|勘误)",
    re.IGNORECASE,
)
# What a term is not made of, at its ends.
_EDGE = " \t\r\n\u3000,，、;；:：。.·…-—–!！?？\"'“”‘’「」『』《》()（）[]【】|｜"
_QUOTATION_MARKS = "\"'“”‘’「」『』"
_AROUND = 24  # characters beside a change that tell a slip
# What may be left of a change beside its figure: the word that counts, or the little words around a number.
_COUNTING = re.compile(
    r"[名人位个起件只头家处所座辆艘架枚台套条项次场批种多余来约近的了,.，、]*"
    r"|(?:\b(?:people|persons?|others?|of|the|a|more|and|by|to)\b|[\s,.])*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Edit:
    """`kinds` as the column `versions.kinds` names them; `replacements`: (was, became) in order of the text, either
    empty where nothing stood or stands in its place."""

    kinds: tuple[str, ...]
    replacements: tuple[tuple[str, str], ...]


def edit(before: Wording, after: Wording, earlier: Sequence[Wording]) -> Edit:
    """What a version did to the one before it. `earlier`: all versions before that one, oldest first.

    docs/watching.md says what each kind means. Two wordings that differ in typography alone give no kind.
    """
    kinds: set[str] = set()
    replacements: list[tuple[str, str]] = []
    if squashed(before.title) != squashed(after.title):
        title = _Looked(compared(before.title, after.title, one_sentence=True), is_title=True)
        # That the words are others, "headline" says.
        kinds |= {"headline"} | (title.kinds() - {"wording"})
        replacements += title.replacements()
    if squashed(before.body) != squashed(after.body):
        body = _Looked(compared(before.body, after.body))
        kinds |= body.kinds() or {"wording"}
        replacements += body.replacements()
    if any(each.digest == after.digest for each in earlier):
        kinds.add("restored")
    distinct = tuple(dict.fromkeys(replacements))[:_MOST_REPLACEMENTS]
    return Edit(tuple(kind for kind in KINDS if kind in kinds), distinct)


class _Looked:
    """A comparison, and the figures and attributions of the sentences that it is about."""

    def __init__(self, comparison: Comparison, is_title: bool = False) -> None:
        self.comparison = comparison
        self.is_title = is_title
        self._figures: dict[tuple[int, Span], list[Figure]] = {}
        self._attributions: dict[tuple[int, Span], list[Attribution]] = {}

    def kinds(self) -> set[str]:
        found = self.comparison
        kinds: set[str] = set()
        for piece in found.pieces:
            kinds |= self._kinds_of(piece)
        notices, others = self._notices()
        if notices:
            kinds.add("correction notice")
        if others:
            kinds.add("sentence added")
        if found.removed:
            kinds.add("sentence removed")
        if found.is_recased:
            kinds.add("typo")
        if found.is_reworded and not kinds:
            kinds.add("wording")
        return kinds

    def replacements(self) -> Iterator[tuple[str, str]]:
        """(was, became) of each piece that is a term, not a sentence; letters that only became capitals are none."""
        old, new = self.comparison.old, self.comparison.new
        pieces = self.comparison.pieces
        place = 0
        while place < len(pieces):
            quoted = self._quoted(*pieces[place : place + 2])
            if quoted is not None:
                yield quoted
                place += 2
                continue
            piece = pieces[place]
            place += 1
            if not self.is_title and _is_sentence(old, piece.old) and _is_sentence(new, piece.new):
                continue
            whole = self._with_whole_numbers(piece)
            was, became = _term(old.text[slice(*whole.old)]), _term(new.text[slice(*whole.new)])
            if len(was) <= _LONGEST_REPLACEMENT and len(became) <= _LONGEST_REPLACEMENT and was != became:
                yield was, became

    def _quoted(self, opening: Piece, closing: Piece | None = None) -> tuple[str, str] | None:
        """The term around which quotation marks were put, or from which they were taken: (独立, “独立”)."""
        if closing is None:
            return None
        old, new = self.comparison.old.text, self.comparison.new.text
        marks = [
            (old[slice(*opening.old)], old[slice(*closing.old)]),
            (new[slice(*opening.new)], new[slice(*closing.new)]),
        ]
        if sorted(map(_are_quotation_marks, marks)) != [False, True] or ("", "") not in marks:
            return None
        was, became = old[opening.old[0] : closing.old[1]], new[opening.new[0] : closing.new[1]]
        if "\n" in was or max(len(was), len(became)) > _LONGEST_REPLACEMENT:
            return None
        return was, became

    # Sentences that came

    def _notices(self) -> tuple[list[Span], list[Span]]:
        """Of the sentences that came, those of a correction notice, and the others. A sentence that was there and now
        says so is a notice too."""
        old, new = self.comparison.old, self.comparison.new
        notices: list[Span] = []
        others: list[Span] = []
        for span in self.comparison.added:
            goes_on = notices and "\n" not in new.text[notices[-1][1] : span[0]] and not others
            (notices if goes_on or _is_notice(new, span) else others).append(span)
        stood: dict[Span, set[Span]] = {}  # sentence that was changed → the sentences that it was made of
        for piece in self.comparison.pieces:
            for span in new.sentences_at(piece.new):
                stood.setdefault(span, set()).update(old.sentences_at(piece.old))
        for span, before in stood.items():
            if _is_notice(new, span) and not any(_is_notice(old, each) for each in before):
                notices.append(span)
        return notices, others

    # Within a sentence that stayed

    def _kinds_of(self, piece: Piece) -> set[str]:
        """The kinds of one piece: of its figures, and of what is left beside them."""
        old, new = self.comparison.old, self.comparison.new
        changed, same = self._paired_figures(piece)
        kinds = {"figure changed"} if changed else set()
        pairs = changed + same
        was = _without(old.text, piece.old, [(one.first, one.last) for one, _ in pairs if one])
        became = _without(new.text, piece.new, [(other.first, other.last) for _, other in pairs if other])
        start, end = piece.old
        around = (old.text[max(0, start - _AROUND) : start], old.text[end : end + _AROUND])
        whole = old.text[start:end], new.text[slice(*piece.new)]
        if _numbers_stay(pairs, piece) and all(map(_has_words, whole)) and is_typo(*whole, around, sure=True):
            return {"typo"}  # 3 yaers → 3 years
        if pairs and _COUNTING.fullmatch(was.strip()) and _COUNTING.fullmatch(became.strip()):
            return kinds or {"typo"}  # Three → 3: it says the same
        is_attribution = self._is_attribution(piece)
        if is_typo(was, became, around, old.text, sure=is_attribution):
            return kinds | {"typo"}
        return kinds | {"attribution changed" if is_attribution else "wording"}

    def _paired_figures(self, piece: Piece) -> tuple[list[_Pair], list[_Pair]]:
        """Figures that stand in each other's place, or are only on one side: those that say something else, and those
        that say the same."""
        old, new = self.comparison.old, self.comparison.new
        were = [figure for figure in self._figures_of(0, old, piece.old) if _touches(figure, piece.old)]
        are = [figure for figure in self._figures_of(1, new, piece.new) if _touches(figure, piece.new)]
        if were and are:
            return self._pairs(were, are)
        alone, side, span, other = (were, old, piece.old, new.text[slice(*piece.new)]) if were else (
            are, new, piece.new, old.text[slice(*piece.old)],
        )  # fmt: skip
        left = _without(side.text, span, [(figure.first, figure.last) for figure in alone])
        is_beside = all(figure.end <= span[0] or span[1] <= figure.start for figure in alone)
        if alone and (is_beside or not _has_words(other)) and _COUNTING.fullmatch(left.strip()):
            return [(figure, None) if were else (None, figure) for figure in alone], []
        return [], []

    def _pairs(self, were: list[Figure], are: list[Figure]) -> tuple[list[_Pair], list[_Pair]]:
        pairs: list[tuple[Figure, Figure]] = (
            list(zip(were, are, strict=True))
            if len(were) == len(are)
            else [(one, other) for one in were for other in are if self._same_surroundings(one, other)]
        )
        same: list[_Pair] = [pair for pair in pairs if pair[0].says == pair[1].says]
        changed: list[_Pair] = [
            pair for pair in pairs if pair[0].says != pair[1].says and self._same_surroundings(*pair)
        ]
        return changed, same

    def _same_surroundings(self, one: Figure, other: Figure) -> bool:
        """Whether the word before, the modifier or the word behind is the same, or no word stands there."""
        if one.says[2] == other.says[2] != "":
            return True
        before = self._beside(0, one, -1), self._beside(1, other, -1)
        behind = self._beside(0, one, 1), self._beside(1, other, 1)
        return before[0] == before[1] != "" or behind[0] == behind[1] != "" or before == behind == ("", "")

    def _beside(self, which: int, figure: Figure, step: int) -> str:
        """The word directly before (-1) or behind (1) a figure of the old (0) or the new text (1); "" for a mark."""
        text = (self.comparison.old, self.comparison.new)[which].lowered
        beside = (
            text[max(0, figure.first - _AROUND) : figure.first]
            if step < 0
            else text[figure.last : figure.last + _AROUND]
        )
        found = [token for token in words(beside) if not token.isspace()]
        nearest = (found[-1] if step < 0 else found[0]) if found else ""
        return nearest if nearest[:1].isalnum() else ""

    def _is_attribution(self, piece: Piece) -> bool:
        """Whether the piece says that another one, or nobody any more, said it; or with a verb that says more."""
        old, new = self.comparison.old, self.comparison.new
        if _is_sentence(old, piece.old) and _is_sentence(new, piece.new):
            return False  # another sentence altogether
        were = [each for each in self._attributions_of(0, old, piece.old) if _touches(each, piece.old)]
        are = [each for each in self._attributions_of(1, new, piece.new) if _touches(each, piece.new)]
        was, became = old.text[slice(*piece.old)], new.text[slice(*piece.new)]
        if any(_reaches_source(each, piece.old) for each in were) or any(
            _reaches_source(each, piece.new) for each in are
        ):
            return not (_is_fuller_name(old, piece.old, became) or _is_fuller_name(new, piece.new, was))
        if not were or not are:  # Wang Yi says … → Wang Yi: …
            return bool(were or are) and (became if were else was).strip() not in (":", "：")
        return any(each.is_loaded for each in (*were, *are))

    def _figures_of(self, which: int, side: Side, span: Span) -> Iterator[Figure]:
        for sentence in side.sentences_at(span):
            key = which, sentence
            if key not in self._figures:
                self._figures[key] = [figure.moved(sentence[0]) for figure in figures(side.plain[slice(*sentence)])]
            found = self._figures[key]
            near = bisect_left(found, span[0], key=lambda figure: figure.last)
            yield from takewhile(lambda figure: figure.first <= span[1], islice(found, near, None))

    def _attributions_of(self, which: int, side: Side, span: Span) -> Iterator[Attribution]:
        for sentence in side.sentences_at(span):
            key = which, sentence
            if key not in self._attributions:
                found = attributions(side.plain[slice(*sentence)], self.is_title)
                self._attributions[key] = [each.moved(sentence[0]) for each in found]
            yield from self._attributions[key]

    def _with_whole_numbers(self, piece: Piece) -> Piece:
        """The piece, grown to where the numbers that it cuts begin and end (三 → 四 in 三千 is 三千 → 四千)."""
        old, new = self.comparison.old, self.comparison.new
        cut = [
            (piece_span[0] - figure.start, figure.end - piece_span[1])
            for which, side, piece_span in ((0, old, piece.old), (1, new, piece.new))
            for figure in self._figures_of(which, side, piece_span)
            if figure.start < piece_span[1] and figure.end > piece_span[0]
        ]
        left, right = (max((0, *lengths)) for lengths in zip(*cut, strict=True)) if cut else (0, 0)
        grown = Piece((piece.old[0] - left, piece.old[1] + right), (piece.new[0] - left, piece.new[1] + right))
        sides = ((old.lowered, piece.old, grown.old), (new.lowered, piece.new, grown.new))
        beside = {(text[more[0] : span[0]], text[span[1] : more[1]]) for text, span, more in sides}
        return grown if len(beside) == 1 and min(grown.old[0], grown.new[0]) >= 0 else piece


def _are_quotation_marks(pair: tuple[str, str]) -> bool:
    return all(len(mark) == 1 and mark in _QUOTATION_MARKS for mark in pair)


def _is_notice(side: Side, span: Span) -> bool:
    return span[1] - span[0] <= _LONGEST_NOTICE and _NOTICE.search(side.plain[slice(*span)]) is not None


_Pair = tuple[Figure | None, Figure | None]


def _numbers_stay(pairs: list[_Pair], piece: Piece) -> bool:
    """Whether a piece is only in the units and modifiers of figures."""
    return bool(pairs) and all(
        not figure or figure.end <= span[0] or span[1] <= figure.start
        for pair in pairs
        for figure, span in zip(pair, (piece.old, piece.new), strict=True)
    )


def _touches(found: Figure | Attribution, span: Span) -> bool:
    return found.first < span[1] and span[0] < found.last


def _reaches_source(found: Attribution, span: Span) -> bool:
    """Whether a change is in the source, not only in the verb."""
    return any(
        max(span[0], start) < min(span[1], end)
        for start, end in ((found.first, found.cue[0]), (found.cue[1], found.last))
    )


def _without(text: str, span: Span, taken: list[Span]) -> str:
    """The text of a stretch, less what of it is taken."""
    kept = []
    at = span[0]
    for start, end in sorted(taken):
        kept.append(text[at : max(at, min(start, span[1]))])
        at = max(at, min(end, span[1]))
    return "".join([*kept, text[at : span[1]]])


_NAMES = re.compile(r"[A-Z][\w'’-]*(?: [A-Z][\w'’-]*)*")


def _is_fuller_name(side: Side, span: Span, other: str) -> bool:
    """Whether a stretch only makes a name that stayed a fuller one: Xi → Xi Jinping."""
    if other.strip() or not _NAMES.fullmatch(side.text[slice(*span)]):
        return False
    before, behind = side.text[max(0, span[0] - _AROUND) : span[0]], side.text[span[1] : span[1] + _AROUND]
    return bool(re.search(r"\b[A-Z][\w'’-]+ $", before) or re.match(r" [A-Z]", behind))


def _has_words(text: str) -> bool:
    return any(character.isalnum() for character in text)


def _is_sentence(side: Side, span: Span) -> bool:
    """Whether a stretch holds all letters of a sentence."""
    return any(
        side.letters(sentence) and side.letters(sentence) == side.letters(_common(sentence, span))
        for sentence in side.sentences_at(span)
    )


def _common(one: Span, other: Span) -> Span:
    start = max(one[0], other[0])
    return start, max(start, min(one[1], other[1]))


def _term(text: str) -> str:
    """Without marks at its ends, if it is more than marks; on one line."""
    line = " ".join(text.split())
    return (line.strip(_EDGE) if _has_words(line) else line) + (
        "." if re.search(r"\b[A-Za-z]\.[A-Za-z]\.$", line) else ""
    )
