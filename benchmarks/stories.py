"""How well reports are linked, against labelled stories: citations, reprints and twins.

python benchmarks/stories.py [--part dev|test] [--language en|zh] [--errors]
python benchmarks/stories.py --crowd 1200      among so many real reports that have nothing to do with them (../shared)
python benchmarks/stories.py --check           whether the labels hold; nothing is linked
python benchmarks/stories.py --raise-floors    write scores that rose to tests/labelled/floors.json
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from archive.schema import open_archive
from benchmarks.labelled import LABELLED, LANGUAGES, PARTS, Cited, Pool, Story, pools, story_faults
from benchmarks.statements import Count, Scores, raise_floors, real_reports
from benchmarks.story_archive import StoryArchive
from linking.link import link

PREFIX = "stories "  # of these scores among the floors


@dataclass
class Links(Count):
    """Citations. `beside`: right links at places that have no label, such as "the agency said" further below. They are
    found and right, but nobody asked for them, so that recall is of labelled places alone."""

    beside: int = 0

    @property
    def precision(self) -> float:
        return (self.right + self.beside) / self.found if self.found else 1.0

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--part", choices=PARTS, action="append")
    arguments.add_argument("--language", choices=[*LANGUAGES], action="append")
    arguments.add_argument("--errors", action="store_true", help="what went wrong where, of the dev part")
    arguments.add_argument("--crowd", type=int, default=0, metavar="N")
    arguments.add_argument("--check", action="store_true")
    arguments.add_argument("--raise-floors", action="store_true")
    options = arguments.parse_args()
    parts, languages = options.part or list(PARTS), options.language or list(LANGUAGES)
    if options.errors and "test" in parts:
        arguments.error(
            "--errors is for --part dev: rules that were made with the test part's errors in view would no longer be "
            "measured by it"
        )
    if options.check:
        _check()
        return
    if options.crowd:
        for language, part in [(language, part) for language in languages for part in parts]:
            print(_among_a_crowd(language, part, options.crowd))
        return
    reached = {}
    for language in languages:
        for part in parts:
            each = scores(language, part)
            _print(language, part, each)
            if options.errors:
                print("\n".join(each.errors))
            reached[f"{language} {part}"] = floors_of(each)
    if options.raise_floors:
        raise_floors(reached)


def _check() -> None:
    wrong = story_faults()
    print("\n".join(wrong) or "All labels of stories hold.")
    for language in LANGUAGES if not wrong else ():
        for part in PARTS:
            print(f"{language} {part}: {_told(pools(language, part))}")
    sys.exit(bool(wrong))


def _told(labelled: Sequence[Pool]) -> str:
    cited = [each for pool in labelled for each in pool.citations]
    citing = len({(pool.id, each.report) for pool in labelled for each in pool.citations})
    reprints = sum(len(pool.reprints) for pool in labelled)
    twins = sum(len(pool.twins) for pool in labelled)
    nowhere = sum(each.cites is None for each in cited)
    return (
        f"{citing + reprints + twins} stories in {len(labelled)} pools of "
        f"{sum(len(pool.reports) for pool in labelled)} reports: {citing} that cite ({len(cited)} places, {nowhere} of "
        f"them what is not there), {reprints} reprints, {twins} twins"
    )


def _print(language: str, part: str, each: Scores) -> None:
    print(f"\n{language} {part}")
    for name, count in each.found.items():
        beside = f", {count.beside} right without a label" if isinstance(count, Links) else ""
        print(
            f"  {name:<10} P {count.precision:.3f}  R {count.recall:.3f}  F1 {count.f1:.3f}"
            f"   ({count.right} right, {count.found} found, {count.labelled} labelled{beside})"
        )


def floors_of(each: Scores) -> dict[str, float]:
    """The numbers that must not fall, by the names under which the floors have them."""
    return {PREFIX + name: number for name, number in each.floors().items()}


def is_of_stories(floor: str) -> bool:
    """Whether a floor is for what this module scores."""
    return floor.startswith(PREFIX)


def scores(language: str, part: str, folder: Path = LABELLED) -> Scores:
    """What a language (en, zh) and part get, in an archive of their own. Reports come in one after another, and are
    linked as they come, so that what was archived late is linked late."""
    labelled = pools(language, part, folder)
    with tempfile.TemporaryDirectory(prefix="dateline-stories-") as temporary:
        connection = open_archive(Path(temporary) / "archive.db")
        try:
            archive = StoryArchive(connection, labelled)
            for _ in archive.write_in_rounds():
                link(connection, archive.press)
            return scored(connection, archive)
        finally:
            connection.close()


def _among_a_crowd(language: str, part: str, count: int) -> str:
    """How stories fare among real reports of their days, put down to Xinhua, and how often one of these is linked to a
    report of the pools, with which it has nothing to do."""
    labelled = pools(language, part)
    crowd = _crowd(labelled, count)
    with tempfile.TemporaryDirectory(prefix="dateline-crowd-") as temporary:
        connection = open_archive(Path(temporary) / "archive.db")
        try:
            archive = StoryArchive(connection, [*labelled, crowd])
            archive.write()
            began = time.process_time()
            link(connection, archive.press)
            spent = time.process_time() - began
            ours = {id for (pool, _), id in archive.ids.items() if pool != crowd.id}
            links = connection.execute("select report, cited from citations where reason <> 'not collected'").fetchall()
            result = scored(connection, archive).found["citations"]
        finally:
            connection.close()
    of_crowd = [cited for report, cited in links if report not in ours]
    to_crowd = sum(report in ours and cited is not None and cited not in ours for report, cited in links)
    return (
        f"{language} {part}: recall {result.recall:.3f} ({result.right} of {result.labelled}) among "
        f"{len(crowd.reports):,} others; {sum(cited in ours for cited in of_crowd)} of {len(of_crowd):,} mentions of "
        f"theirs linked to a report of the pools, {to_crowd} "
        f"of the pools' to one of theirs; {spent / (len(ours) + len(crowd.reports)) * 1e3:.1f} ms of CPU a report"
    )


def _crowd(labelled: Sequence[Pool], count: int) -> Pool:
    """Television news and saved pages of ../shared, a fifth of them English, as reports of the days of the stories."""
    chance = random.Random(5)
    days = [story.published for pool in labelled for story in pool.reports.values()]
    texts = {id: [each.text for each in real_reports(id, every=7)] for id in LANGUAGES}
    if not all(texts.values()):
        sys.exit("--crowd needs the real texts of ../shared, which are not on this machine")
    reports = {}
    for number in range(count):
        language = "en" if number % 5 == 0 else "zh"
        paragraphs = tuple(line for line in chance.choice(texts[language]).split("\n") if line.strip())
        at = (chance.choice(days) + timedelta(days=chance.uniform(-9, 3))).replace(microsecond=0)
        address = f"http://www.xinhuanet.com/politics/{at:%Y-%m/%d}/c_12{number:07d}.htm"
        key = f"c{number}"
        reports[key] = Story(key, "xinhua", LANGUAGES[language], at, address, paragraphs[0][:60], paragraphs, "", ())
    return Pool("crowd", labelled[0].part, reports, (), (), ())


class _Reports:
    """What the labels say, by the ids that the archive gave."""

    def __init__(self, archive: StoryArchive) -> None:
        self.ids = archive.ids
        self.names = {id: f"{pool} {key}" for (pool, key), id in archive.ids.items()}
        self.stories = {
            archive.ids[pool.id, key]: story for pool in archive.pools for key, story in pool.reports.items()
        }
        self.reprints = self.pairs((pool.id, *pair) for pool in archive.pools for pair in pool.reprints)
        self.twins = self.pairs((pool.id, *pair) for pool in archive.pools for pair in pool.twins)
        self.original = dict(self.reprints)
        self.cited = {
            archive.ids[pool.id, key]: [each for each in pool.citations if each.report == key]
            for pool in archive.pools
            for key in pool.reports
        }
        self.pool = {id: pool for (pool, _), id in archive.ids.items()}

    def pairs(self, named: Iterable[tuple[str, str, str]]) -> set[tuple[int, int]]:
        return {(self.ids[pool, one], self.ids[pool, other]) for pool, one, other in named}

    def same(self, one: int, other: int) -> bool:
        """Whether two are one report, or copies of one text that the same outlet ran twice."""
        same_text = self.original.get(one, one) == self.original.get(other, other)
        return one == other or (same_text and self.stories[one].outlet == self.stories[other].outlet)

    def words(self, report: int, label: Cited) -> str:
        return self.stories[report].text(label.place)[label.start : label.end]

    def cites(self, report: int, label: Cited) -> int | None:
        return None if label.cites is None else self.ids[self.pool[report], label.cites]


def scored(connection: sqlite3.Connection, archive: StoryArchive) -> Scores:
    """How right the links are that stand in the archive."""
    result, reports = Scores(), _Reports(archive)
    _score_citations(connection, reports, result)
    _score_pairs("reprints", reports.reprints, connection, "select report, original from reprints", reports, result)
    _score_pairs(
        "twins", reports.twins, connection, "select chinese, english from twins where mutual = 1", reports, result
    )
    return result


def _score_citations(connection: sqlite3.Connection, reports: _Reports, result: Scores) -> None:
    count = Links(labelled=sum(each.cites is not None for labels in reports.cited.values() for each in labels))
    result.found["citations"] = count
    reached: set[tuple[int, Cited]] = set()
    left: dict[tuple[int, Cited], str] = {}  # labels at which a mention was read and no report found → why
    for report, cited, place, start, end, words, tier, reason in connection.execute(
        "select citations.report, cited, place, mentions.start, mentions.stop, words, tier, reason from citations "
        "join mentions on mentions.version = citations.version and mentions.number = citations.mention "
        "where latest = 1 order by citations.report, citations.mention"
    ):
        label = _label(reports.cited[report], place, start, end)
        if cited is None:
            if label is not None:
                left[report, label] = reason
            continue
        count.found += 1
        if label is not None and _is_right(reports, report, label, cited):
            count.beside += (report, label) in reached
            reached.add((report, label))
        elif label is None and _belongs(reports, report, cited):
            count.beside += 1
        else:
            wanted = "no label" if label is None else _named(reports, reports.cites(report, label))
            result.errors.append(
                f"wrong link: {reports.names[report]} {words!r} in its {place} to {reports.names[cited]} ({tier}); "
                f"labelled: {wanted}"
            )
    count.right = len(reached)
    for report, labels in reports.cited.items():
        for label in labels:
            if label.cites is not None and (report, label) not in reached:
                why = left.get((report, label), "not read as a source")
                result.errors.append(
                    f"not linked: {reports.names[report]} {reports.words(report, label)!r} in its {label.place} to "
                    f"{_named(reports, reports.cites(report, label))}: {why}"
                )


def _label(labels: Sequence[Cited], place: str, start: int, end: int) -> Cited | None:
    """The label of a mention: in running text one that shares characters with it, else that of its place."""
    return next(
        (
            label
            for label in labels
            if label.place == place
            and (place not in ("title", "body") or max(start, label.start) < min(end, label.end))
        ),
        None,
    )


def _is_right(reports: _Reports, report: int, label: Cited, cited: int) -> bool:
    wanted = reports.cites(report, label)
    return wanted is not None and reports.same(wanted, cited)


def _belongs(reports: _Reports, report: int, cited: int) -> bool:
    """Whether a link at a place without a label leads to what the report cites elsewhere, or is a copy of."""
    original = reports.original.get(report)
    return (original is not None and reports.same(original, cited)) or any(
        _is_right(reports, report, label, cited) for label in reports.cited[report]
    )


def _named(reports: _Reports, report: int | None) -> str:
    return "nothing" if report is None else reports.names[report]


def _score_pairs(
    name: str,
    labelled: set[tuple[int, int]],
    connection: sqlite3.Connection,
    query: str,
    reports: _Reports,
    result: Scores,
) -> None:
    found = {(one, other) for one, other in connection.execute(query)}
    result.found[name] = Count(len(labelled), len(found), len(labelled & found))
    for one, other in sorted(labelled ^ found):
        what = "not found" if (one, other) in labelled else "no pair"
        result.errors.append(f"{name}, {what}: {reports.names[one]} and {reports.names[other]}")


if __name__ == "__main__":
    main()
