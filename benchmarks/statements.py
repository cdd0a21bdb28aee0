"""How well reports are read, against labels: precision, recall and F1, and how long a report takes.

python benchmarks/statements.py [--part dev|test] [--only figures,quotes] [--errors]
python benchmarks/statements.py --check           whether the labels hold; nothing is read
python benchmarks/statements.py --raise-floors    write scores that rose to tests/labelled/floors.json
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.labelled import LABELLED, LANGUAGES, PARTS, RECORDS, Sentence, faults, place, record_text, sentences
from grammar.attributions import attributions
from grammar.figures import figures
from grammar.mentions import mentions
from grammar.names import names
from grammar.passage import Passage
from grammar.press import known
from items import Figure, Mention
from pipelines.statements import read_statements

FLOORS = LABELLED / "floors.json"
READ = ("figures", "attributions", "mentions", "quotes")
NEWS = "cctv_xinwenlianbo.jsonl.gz"
ORDINARY = {"en": 2_500, "zh": 900}  # characters of a report of ordinary length


@dataclass
class Count:
    """Labelled things, found ones, and those that are right."""

    labelled: int = 0
    found: int = 0
    right: int = 0

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.labelled if self.labelled else 1.0

    @property
    def f1(self) -> float:
        both = self.labelled + self.found
        return 2 * self.right / both if both else 1.0


@dataclass
class Scores:
    """By name: `found` have precision, recall and F1; `shares` are the right ones among those that could be right."""

    found: dict[str, Count] = field(default_factory=lambda: defaultdict(Count))
    shares: dict[str, Count] = field(default_factory=lambda: defaultdict(Count))
    errors: list[str] = field(default_factory=list)
    lacking: dict[str, str] = field(default_factory=dict)  # what was not scored → why

    def share(self, name: str, is_right: bool) -> None:
        count = self.shares[name]
        count.labelled += 1
        count.right += is_right

    def floors(self) -> dict[str, float]:
        """The numbers that must not fall: F1, shares, and for citations precision and recall."""
        numbers = {f"{name} f1": count.f1 for name, count in self.found.items() if count.labelled}
        numbers |= {name: count.recall for name, count in self.shares.items() if count.labelled}
        if self.found.get("citations", Count()).labelled:
            numbers["citations precision"] = self.found["citations"].precision
            numbers["citations recall"] = self.found["citations"].recall
        return {name: math.floor(number * 1000 + 1e-9) / 1000 for name, number in sorted(numbers.items())}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--part", choices=PARTS, action="append")
    arguments.add_argument("--only", default=",".join(READ), help="a list with commas between")
    arguments.add_argument("--errors", action="store_true", help="what went wrong where, of the dev part")
    arguments.add_argument("--check", action="store_true")
    arguments.add_argument("--raise-floors", action="store_true")
    options = arguments.parse_args()
    parts = options.part or list(PARTS)
    only = set(options.only.split(","))
    if unknown := only - {*READ}:
        arguments.error(f"--only {','.join(sorted(unknown))}: choose among {', '.join(READ)}")
    if options.errors and "test" in parts:
        arguments.error(
            "--errors is for --part dev: rules that were made with the test part's errors in view would no longer be "
            "measured by it"
        )
    if options.check:
        _check()
        return
    scored = {(language, part): scores(language, part, only) for part in parts for language in LANGUAGES}
    for (language, part), each in scored.items():
        _print(language, part, each)
        if options.errors:
            print("\n".join(each.errors))
    if only & {"figures", "attributions", "mentions"}:
        _print_speed(parts)
    if options.raise_floors:
        raise_floors(
            {f"{language} {part}": _lowest(language, part, each, only) for (language, part), each in scored.items()}
        )


def _lowest(language: str, part: str, each: Scores, only: Iterable[str]) -> dict[str, float]:
    """What holds on every machine, with ../shared/records or without."""
    others = scores(language, part, only, with_records=False).floors()
    return {name: min(number, others.get(name, number)) for name, number in each.floors().items()}


def _check() -> None:
    wrong = faults()
    print("\n".join(wrong) or "All labels hold.")
    for language in LANGUAGES:
        for part in PARTS:
            here, absent = sentences(language, part)
            print(f"{language} {part}: {len(here)} sentences ({absent} not to be had here)")
    sys.exit(bool(wrong))


def _print(language: str, part: str, each: Scores) -> None:
    print(f"\n{language} {part}")
    for name, count in each.found.items():
        print(
            f"  {name:<28} P {count.precision:.3f}  R {count.recall:.3f}  F1 {count.f1:.3f}"
            f"   ({count.right} right, {count.found} found, {count.labelled} labelled)"
        )
    for name, count in each.shares.items():
        print(f"  {name:<28} {count.recall:.3f}   ({count.right} of {count.labelled})")
    for name, why in each.lacking.items():
        print(f"  {name}: not scored: {why}")


def scores(language: str, part: str, only: Iterable[str] = READ, with_records: bool = True) -> Scores:
    """What a language (en, zh) and part get; without those texts that some machines do not have, if so wished."""
    result = Scores()
    labelled, absent = sentences(language, part)
    labelled = [sentence for sentence in labelled if with_records or not sentence.is_record]
    if absent:
        result.lacking[f"{absent} sentences"] = "their texts are in ../shared/records, which is not on this machine"
    readers = {
        "figures": _score_figures,
        "attributions": _score_attributions,
        "mentions": _score_mentions,
        "quotes": _score_quotes,
    }
    for kind, reader in readers.items():
        if kind not in only:
            continue
        for sentence in labelled:
            if kind in sentence.labels:
                reader(sentence, result)
    return result


def _mentions(passage: Passage) -> list[Mention]:
    return mentions(passage, known(), [], attributions(passage)[0])


def _passage(sentence: Sentence) -> Passage:
    return Passage(sentence.text, sentence.language, sentence.published, sentence.is_title)


def _shared(one: tuple[int, int], other: tuple[int, int]) -> int:
    return max(0, min(one[1], other[1]) - max(one[0], other[0]))


def paired(labelled: list[tuple[int, int]], found: list[tuple[int, int]]) -> dict[int, int]:
    """Each labelled span's found one: the pair that shares most of both first. Spans that share nothing are no pair."""
    shares = sorted(
        (
            (-_shared(one, other) / max(one[1] - one[0], other[1] - other[0], 1), label, place)
            for label, one in enumerate(labelled)
            for place, other in enumerate(found)
            if _shared(one, other)
        ),
    )
    pairs: dict[int, int] = {}
    taken = set()
    for _, label, place_found in shares:
        if label not in pairs and place_found not in taken:
            pairs[label] = place_found
            taken.add(place_found)
    return pairs


def _score_figures(sentence: Sentence, result: Scores) -> None:
    labels = sentence.labels["figures"]
    found = figures(_passage(sentence))
    spans = [place(sentence.text, label["text"], label.get("at", 0)) for label in labels]
    pairs = paired(spans, [(each.start, each.end) for each in found])
    for name in ("figures", "figures, value"):
        result.found[name].labelled += len(labels)
        result.found[name].found += len(found)
    for number, label in enumerate(labels):
        each = found[pairs[number]] if number in pairs else None
        told = f"{sentence.id} {label['text']!r}"
        if each is None:
            result.errors.append(f"figure not found: {told} in {sentence.text!r}")
            continue
        if not _same_value(label, each):
            result.errors.append(
                f"figure's value: {told} is {label['value']} {label.get('value_max')} {label.get('unit', '')!r}, "
                f"read as {each.text!r} {each.value} {each.value_max} {each.unit!r} in {sentence.text!r}"
            )
            continue
        result.found["figures, value"].right += 1
        checks: dict[str, tuple[object, object]] = {
            "noun": (_folded(label.get("noun", "")), _folded(each.noun)),
            "meaning": (label.get("meaning", ""), each.meaning),
            "measure": (label.get("measure"), each.measure),
            "act": (label.get("act"), each.act),
            "span": (spans[number], (each.start, each.end)),
        }
        if "period" in label:
            checks["period"] = (_days(label["period"]), (each.period.start, each.period.end) if each.period else None)
        for name, (wanted, got) in checks.items():
            if wanted is not None or name == "period":
                result.share(f"figures, {name}", wanted == got)
                if wanted != got:
                    result.errors.append(f"figure's {name}: {told} is {wanted!r}, read as {got!r} in {sentence.text!r}")
        result.found["figures"].right += all(wanted == got for wanted, got in (checks["noun"], checks["meaning"]))
    for number, each in enumerate(found):
        if number not in pairs.values():
            result.errors.append(f"no figure: {sentence.id} {each.text!r} {each.noun!r} in {sentence.text!r}")


def _same_value(label: dict[str, Any], figure: Figure) -> bool:
    other = label.get("value_max")
    if (other is None) != (figure.value_max is None) or label.get("unit", "") != figure.unit:
        return False
    return math.isclose(label["value"], figure.value, rel_tol=1e-3) and (
        other is None or figure.value_max is None or math.isclose(other, figure.value_max, rel_tol=1e-3)
    )


def _folded(noun: str) -> str:
    words = noun.lower().split()
    return " ".join(words[1:] if words[:1] in (["the"], ["a"], ["an"]) else words)


def _days(period: list[str | None] | None) -> tuple[str | None, str | None] | None:
    return (period[0], period[1]) if period else None


def _score_attributions(sentence: Sentence, result: Scores) -> None:
    labels = sentence.labels["attributions"]
    found, _ = attributions(_passage(sentence))
    spans = [place(sentence.text, label["source"], label.get("at", 0)) for label in labels]
    others = [(each.start, each.end) for each in found]
    pairs = paired(spans, others)
    half = {
        label: place_found
        for label, place_found in pairs.items()
        if 2 * _shared(spans[label], others[place_found])
        >= max(spans[label][1] - spans[label][0], others[place_found][1] - others[place_found][0])
    }
    for name in ("sources", "sources, half of the span"):
        result.found[name].labelled += len(labels)
        result.found[name].found += len(found)
    result.found["sources, half of the span"].right += len(half)
    for number, label in enumerate(labels):
        told = f"{sentence.id} {label['source']!r}"
        if number not in pairs:
            result.errors.append(f"source not found: {told} in {sentence.text!r}")
            continue
        each = found[pairs[number]]
        if spans[number] == others[pairs[number]]:
            result.found["sources"].right += 1
        else:
            result.errors.append(f"source's span: {told}, read as {each.source!r} in {sentence.text!r}")
        if number not in half:
            continue
        result.share("sources, kind", label["kind"] == each.kind)
        via = label.get("via")
        result.share("sources, via", (None if via is None else half.get(via, -1)) == each.via)
        if label["kind"] != each.kind:
            result.errors.append(f"source's kind: {told} is {label['kind']}, read as {each.kind} in {sentence.text!r}")
        if (None if via is None else half.get(via, -1)) != each.via:
            result.errors.append(f"source's via: {told} is {via}, read as {each.via} in {sentence.text!r}")
    for number, each in enumerate(found):
        if number not in pairs.values():
            result.errors.append(f"no source: {sentence.id} {each.source!r} ({each.cue!r}) in {sentence.text!r}")


def _score_mentions(sentence: Sentence, result: Scores) -> None:
    labels = sentence.labels["mentions"]
    found = {(each.start, each.end, each.outlet): each for each in _mentions(_passage(sentence))}
    wanted = {(*place(sentence.text, label["words"], label.get("at", 0)), label["outlet"]): label for label in labels}
    count = result.found["mentions"]
    count.labelled += len(wanted)
    count.found += len(found)
    count.right += len(wanted.keys() & found.keys())
    for key in wanted.keys() & found.keys():
        result.share("mentions, kind", wanted[key]["kind"] == found[key].kind)
        if wanted[key]["kind"] != found[key].kind:
            result.errors.append(
                f"mention's kind: {sentence.id} {found[key].words!r} is {wanted[key]['kind']}, read as "
                f"{found[key].kind} in {sentence.text!r}"
            )
    for start, end, outlet in sorted(wanted.keys() - found.keys()):
        result.errors.append(
            f"mention not found: {sentence.id} {sentence.text[start:end]!r} {outlet!r} in {sentence.text!r}"
        )
    for start, end, outlet in sorted(found.keys() - wanted.keys()):
        result.errors.append(f"no mention: {sentence.id} {sentence.text[start:end]!r} {outlet!r} in {sentence.text!r}")


def _score_quotes(sentence: Sentence, result: Scores) -> None:
    labels = sentence.labels["quotes"]
    _, quotes = attributions(_passage(sentence))
    found = {(each.start, each.end): each for each in quotes}
    wanted = {place(sentence.text, label["words"], label.get("at", 0)): label for label in labels}
    count = result.found["quotes"]
    count.labelled += len(wanted)
    count.found += len(found)
    count.right += len(wanted.keys() & found.keys())
    for key in wanted.keys() & found.keys():
        result.share("quotes, kind", wanted[key]["kind"] == found[key].kind)
        if wanted[key]["kind"] != found[key].kind:
            words = sentence.text[slice(*key)]
            result.errors.append(
                f"quote's kind: {sentence.id} {words!r} is {wanted[key]['kind']}, read as {found[key].kind} "
                f"in {sentence.text!r}"
            )
    for key in sorted(wanted.keys() ^ found.keys()):
        what = "quote not found" if key in wanted else "no quote"
        result.errors.append(f"{what}: {sentence.id} {sentence.text[slice(*key)]!r} in {sentence.text!r}")


def _print_speed(parts: list[str]) -> None:
    print(
        "\nMicroseconds of CPU per report of ordinary length (mentions with the attributions that they need; all: as "
        "`dateline link` reads a text, with its names):"
    )
    for language in LANGUAGES:
        for of, passages in (("labelled", [*_reports_of(language, parts)]), ("real", [*real_reports(language)])):
            if passages:
                length = sum(len(each.text) for each in passages)
                times = {name: _seconds(reader, passages) for name, reader in _READERS.items()}
                shown = (f"{name} {spent / length * ORDINARY[language] * 1e6:,.0f}" for name, spent in times.items())
                print(f"  {language} ({ORDINARY[language]:,} characters), {of} texts: {', '.join(shown)}")


def _seconds(reader: Callable[[Passage], object], passages: Sequence[Passage]) -> float:
    """The least of three rounds, tables and patterns loaded before."""
    rounds = []
    for _ in range(4):
        fresh = [replace(each) for each in passages]
        started = time.process_time()
        for each in fresh:
            reader(each)
        rounds.append(time.process_time() - started)
    return min(rounds[1:])


def _all(passage: Passage) -> object:
    return read_statements(passage, known()), names(replace(passage))


_READERS: dict[str, Callable[[Passage], object]] = {
    "figures": figures,
    "attributions": attributions,
    "mentions": lambda passage: _mentions(passage),
    "all": _all,
}


def real_reports(language: str, every: int = 95) -> Iterator[Passage]:
    """Texts of ../shared, where that is here: each so many-th of television news, and the English reports of the saved
    pages."""
    if language == "zh" and (RECORDS / NEWS).exists():
        for line in range(0, 19_000, every):
            if 500 < len(text := record_text(NEWS, line)) < 2_000:
                yield Passage(text, LANGUAGES[language], date(2020, 1, 1))
    gold = RECORDS.parent / "pages" / "gold-english.jsonl"
    if language == "en" and gold.exists():
        for page in map(json.loads, gold.read_text("utf-8").splitlines()):
            if page["language"].startswith("en") and 800 < len(text := page.get("reference_text") or "") < 8_000:
                yield Passage(text, LANGUAGES[language], date(2016, 1, 1))


def _reports_of(language: str, parts: list[str]) -> Iterator[Passage]:
    """The labelled sentences put together to texts of ordinary length."""
    for part in parts:
        gathered: list[str] = []
        for sentence in sentences(language, part)[0]:
            gathered.append(sentence.text)
            if sum(map(len, gathered)) >= ORDINARY[language]:
                yield Passage("\n\n".join(gathered), sentence.language, sentence.published)
                gathered = []


def floors() -> dict[str, dict[str, float]]:
    """By language and part, what each score must not fall below; nothing where there is no file yet."""
    stored: dict[str, dict[str, float]] = json.loads(FLOORS.read_text("utf-8")) if FLOORS.exists() else {}
    return stored


def raise_floors(reached: dict[str, dict[str, float]]) -> None:
    """Write what rose; a floor never falls."""
    stored = floors()
    for name, numbers in reached.items():
        before = stored.setdefault(name, {})
        for metric, number in numbers.items():
            if number > before.get(metric, -1.0):
                print(f"{name}, {metric}: {before.get(metric, 'none')} → {number}")
                before[metric] = number
    FLOORS.write_text(json.dumps(stored, indent=1, sort_keys=True, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
