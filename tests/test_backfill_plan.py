"""`dateline backfill --plan`: what was cited and not found, and where nobody looked, as windows worth asking for."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from small_archive import Sample, make_archive, write

from backfill import plan as planning
from backfill.plan import Item, Plan
from backfill.run import Tally
from backfill.sources import Window

TODAY = date(2026, 12, 1)
HOSTS = {"xinhua": "xinhua.example", "tnw": "tnw.example"}


@dataclass
class Archive:
    """An archive in which stories are written and what they cite, by hand."""

    connection: sqlite3.Connection

    def story(self, id: int, outlet: str = "tnw") -> int:
        write(self.connection, Sample(id, outlet, "en", ((f"Story {id}", "Xinhua reported it."),)))
        return id

    def cite(
        self,
        story: int,
        days: tuple[str, str],
        outlet: str = "xinhua",
        reason: str = "nothing held",
        target: str = "",
        cited: int | None = None,
    ) -> None:
        (number,) = self.connection.execute("select count(*) + 1 from mentions where version = ?", [story]).fetchone()
        self.connection.execute(
            "insert into mentions (version, number, report, place, start, stop, latest, words, outlet, kind, "
            "sentence_start, sentence_stop) values (?, ?, ?, 'body', 0, 6, 1, 'Xinhua', ?, 'source', 0, 19)",
            [story, number, story, outlet],
        )
        self.connection.execute(
            "insert into citations values (?, ?, ?, ?, ?, '', 0, '{}', ?, ?, ?, ?)",
            [story, number, story, outlet, cited, reason, target, *days],
        )

    def asked(
        self, via: str, days: tuple[str, str], outlet: str = "xinhua", ended: str = "finished", resume: str = ""
    ) -> None:
        (number,) = self.connection.execute("select count(*) from backfills").fetchone()
        self.connection.execute(
            "insert into backfills (id, outlet, via, from_day, to_day, why, started_at, finished_at, ended, resume) "
            "values (?, ?, ?, ?, ?, 'a test', '2026-11-30T00:00:00Z', ?, ?, ?)",
            [
                f"one-{number}",
                outlet,
                via,
                *days,
                "2026-11-30T01:00:00Z" if ended == "finished" else None,
                ended,
                resume,
            ],
        )

    def looked(self, *days: str, outlet: str = "xinhua", elsewhere: int = 0) -> None:
        """Days on which the outlet answered us, or others."""
        for day in days:
            self.connection.execute(
                "insert or replace into coverage_days (outlet, day, asked, answered, read, new, changed, missing, "
                "refused, failed, quarantined, bytes, elsewhere) values (?, ?, 1, ?, 0, 0, 0, 0, 0, 0, 0, 1, ?)",
                [outlet, day, int(not elsewhere), elsewhere],
            )

    def plan(self, *outlets: str, vias: tuple[str, ...] = planning.VIAS) -> Plan:
        coverage_of_stories = "select distinct substr(at, 1, 10) from captures where outlet = 'xinhua'"
        self.looked(*(day for (day,) in self.connection.execute(coverage_of_stories)))
        return planning.make(self.connection, TODAY, outlets, vias, {"reuters": "Reuters"})


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    connection = make_archive(tmp_path / "archive.db", ())
    for outlet, host in HOSTS.items():
        connection.execute(
            "update outlets set domains = ? where id = ?", [json.dumps([{"host": host, "into": ""}]), outlet]
        )
    yield Archive(connection)
    connection.close()


def windows(plan: Plan) -> list[tuple[str, str, str, str, int]]:
    """Of items that serve citations: outlet, from, to, via, how many."""
    return [
        (item.outlet, item.first.isoformat(), item.last.isoformat(), item.via, item.citations)
        for item in plan.items
        if item.citations
    ]


def holes(plan: Plan) -> list[Item]:
    return [item for item in plan.items if item.days]


def test_citations_of_neighbouring_days_become_one_window_that_says_why(archive: Archive) -> None:
    for number, (first, last) in enumerate(
        (("2012-07-25", "2012-07-25"), ("2012-07-25", "2012-07-26"), ("2012-07-27", "2012-07-27"))
    ):
        archive.cite(archive.story(2012072600000000 + number), (first, last))
    (item,) = [item for item in archive.plan().items if item.citations]
    assert (item.outlet, item.first, item.last, item.via) == ("xinhua", date(2012, 7, 25), date(2012, 7, 27), "wayback")
    assert item.why == "Xinhua cited, not found: 3 citations by tnw of 2012-07-26"
    # Nothing is held of Xinhua: 50 reports a day are assumed, for three days and three behind them, and one request
    # for the listing.
    assert item.requests == 301


def test_windows_four_days_apart_stay_apart_and_the_more_useful_comes_first(archive: Archive) -> None:
    archive.cite(archive.story(2012071100000001), ("2012-07-10", "2012-07-10"))
    for number in range(3):
        archive.cite(archive.story(2012071600000001 + number), ("2012-07-15", "2012-07-16"))
    assert windows(archive.plan()) == [
        ("xinhua", "2012-07-15", "2012-07-16", "wayback", 3),  # 3 citations for 251 requests
        ("xinhua", "2012-07-10", "2012-07-10", "wayback", 1),  # 1 for 201
    ]


def test_a_gap_of_three_days_is_fetched_with_what_is_around_it(archive: Archive) -> None:
    archive.cite(archive.story(2012071100000001), ("2012-07-10", "2012-07-10"))
    archive.cite(archive.story(2012071600000001), ("2012-07-14", "2012-07-15"))
    assert windows(archive.plan()) == [("xinhua", "2012-07-10", "2012-07-15", "wayback", 2)]


def test_a_run_of_overlapping_windows_is_cut_at_31_days_and_no_day_is_in_two(archive: Archive) -> None:
    for day in (16, 24, 31):
        archive.cite(
            archive.story(int(f"201207{day}00000001")),
            (f"2012-07-{day - 14:02}", f"2012-07-{day + 1:02}" if day < 31 else "2012-08-02"),
        )
    # 2 to 17 and 10 to 25 July make 24 days; with 17 July to 2 August they would be 32.
    found = sorted(windows(archive.plan()), key=lambda each: each[1])
    assert found == [
        ("xinhua", "2012-07-02", "2012-07-25", "wayback", 2),
        ("xinhua", "2012-07-26", "2012-08-02", "wayback", 1),
    ]


def test_a_citation_of_a_whole_year_does_not_widen_the_window_of_a_week(archive: Archive) -> None:
    archive.cite(archive.story(2012072600000001), ("2012-01-01", "2012-12-31"))
    archive.cite(archive.story(2012072600000002), ("2012-07-25", "2012-07-27"))
    assert windows(archive.plan()) == [
        ("xinhua", "2012-07-25", "2012-07-27", "wayback", 1),
        ("xinhua", "2012-01-01", "2012-12-31", "wayback", 1),
    ]


def test_an_outlet_that_is_held_is_reckoned_with_its_own_reports_a_day(archive: Archive) -> None:
    for day in range(1, 6):  # 12 reports on 5 days: 3 a day, rounded up
        for number in range(2 if day < 4 else 3):
            archive.story(int(f"201403{day:02}0000000{number}"), "xinhua")
    archive.cite(archive.story(2012072600000001), ("2012-07-25", "2012-07-26"))
    (item,) = [item for item in archive.plan().items if item.citations]
    assert item.requests == 1 + (2 + 3) * 3


def test_what_has_an_answer_or_too_many_is_not_fetched(archive: Archive) -> None:
    found = archive.story(2012072500000001, "xinhua")
    story = archive.story(2012072600000001)
    archive.cite(story, ("2012-07-25", "2012-07-26"), cited=found, reason="")
    archive.cite(story, ("2012-07-25", "2012-07-26"), cited=found, reason="among few")
    archive.cite(story, ("2012-07-25", "2012-07-26"), reason="several fit")
    plan = archive.plan()
    assert not windows(plan)
    assert plan.unresolved == 0


def test_outlets_that_are_none_of_ours_are_listed_with_their_names_and_not_planned(archive: Archive) -> None:
    story = archive.story(2012072600000001)
    archive.cite(story, ("2012-07-25", "2012-07-26"), "reuters", "not collected")
    archive.cite(story, ("2012-07-25", "2012-07-26"), "reuters", "not collected")
    archive.cite(story, ("2012-07-25", "2012-07-26"), "global-times", "not collected")
    plan = archive.plan()
    assert plan.others == [("Reuters", 2), ("global-times", 1)]
    assert not windows(plan)


def test_state_media_without_a_name_count_beside_a_window_and_make_none(archive: Archive) -> None:
    story = archive.story(2012072600000001)
    archive.cite(story, ("2012-07-25", "2012-07-26"), "", "nothing held")
    assert not windows(archive.plan())
    archive.cite(story, ("2012-07-26", "2012-07-27"))
    (item,) = [item for item in archive.plan().items if item.citations]
    assert (item.first, item.last, item.citations, item.unnamed) == (date(2012, 7, 26), date(2012, 7, 27), 1, 1)


# Pages that a story links to


def test_a_page_that_a_story_links_to_is_asked_for_by_its_address(archive: Archive) -> None:
    page = "http://xinhua.example/2012-07/26/c_123456.htm"
    for number in range(2):
        archive.cite(
            archive.story(2012072600000001 + number), ("2012-07-12", "2012-07-27"), reason="not held", target=page
        )
    (item,) = [item for item in archive.plan().items if item.citations]
    assert (item.via, item.addresses, item.citations, item.requests) == ("wayback", (page,), 2, 2)
    assert (item.first, item.last) == (date(2012, 7, 12), TODAY)  # it may have been saved at any time since
    assert item.why == "Xinhua linked, not held: 1 page, 2 citations by tnw of 2012-07-26"


def test_a_page_is_asked_for_on_each_host_at_which_it_may_have_been(archive: Archive) -> None:
    hosts = [
        ("www.xinhua.example", ""),
        ("news.xinhua.example", "www.xinhua.example"),
        ("m.xinhua.example", "other.example"),
    ]
    archive.connection.execute(
        "update outlets set domains = ? where id = 'xinhua'", [json.dumps([{"host": a, "into": b} for a, b in hosts])]
    )
    page = "http://www.xinhua.example/2012-07/26/c_123456.htm"
    archive.cite(archive.story(2012072600000001), ("2012-07-12", "2012-07-27"), reason="not held", target=page)
    (item,) = [item for item in archive.plan().items if item.citations]
    assert item.requests == 3  # two lists and the page


def test_a_link_to_another_outlet_than_its_words_name_is_asked_of_whose_address_it_is(archive: Archive) -> None:
    story = archive.story(2012072600000001, "xinhua")
    archive.cite(story, ("2012-07-12", "2012-07-27"), "xinhua", "not held", "http://tnw.example/2012/07/26/story")
    archive.cite(story, ("2012-07-12", "2012-07-27"), "xinhua", "not held", "http://nobody.example/2012/07/26/story")
    found = windows(archive.plan())
    assert ("tnw", "2012-07-12", "2026-12-01", "wayback", 1) in found
    assert ("xinhua", "2012-07-12", "2012-07-27", "wayback", 1) in found  # nobody's address says nothing: its days


def test_a_page_that_one_archive_does_not_have_is_asked_of_the_next_and_then_sought_in_the_news(
    archive: Archive,
) -> None:
    page = "http://xinhua.example/2019-07/26/c_123456.htm"
    archive.cite(archive.story(2019072600000001), ("2019-07-12", "2019-07-27"), reason="not held", target=page)
    only = json.dumps({"addresses": [page]})
    archive.asked("wayback", ("2019-07-12", "2026-11-30"), resume=only)
    (item,) = [item for item in archive.plan().items if item.citations]
    assert (item.via, item.addresses, item.requests) == ("cc-index", (page,), 14)  # 13 indexes and the record
    archive.asked("cc-index", ("2019-07-12", "2026-11-30"), resume=only)
    (item,) = [item for item in archive.plan().items if item.citations]
    assert (item.via, item.addresses, item.first, item.last) == ("cc-news", (), date(2019, 7, 12), date(2019, 7, 27))


# What was asked already


def test_a_window_that_was_asked_until_the_end_is_proposed_for_the_next_source(archive: Archive) -> None:
    archive.cite(archive.story(2019072600000001), ("2019-07-25", "2019-07-26"))
    archive.asked("wayback", ("2019-07-01", "2019-07-31"))
    (item,) = [item for item in archive.plan().items if item.citations]
    # Captures of the two days and the three behind them, in files from the day before on: 20 a day, 32 blocks each;
    # one listing.
    assert (item.via, item.requests) == ("cc-news", 1 + 6 * 20 * 32)
    archive.asked("cc-news", ("2019-07-20", "2019-07-31"))
    assert not windows(archive.plan())


def test_a_backfill_that_was_stopped_is_proposed_again(archive: Archive) -> None:
    archive.cite(archive.story(2019072600000001), ("2019-07-25", "2019-07-26"))
    archive.asked("wayback", ("2019-07-01", "2019-07-31"), ended="budget")
    assert windows(archive.plan()) == [("xinhua", "2019-07-25", "2019-07-26", "wayback", 1)]


def test_of_a_window_that_was_asked_in_part_the_rest_is_left(archive: Archive) -> None:
    archive.cite(archive.story(2012072600000001), ("2012-07-12", "2012-07-27"))
    archive.asked("wayback", ("2012-07-20", "2012-08-10"))
    assert windows(archive.plan()) == [("xinhua", "2012-07-12", "2012-07-19", "wayback", 1)]


def test_what_was_captured_until_a_day_tells_nothing_of_reports_of_that_day(archive: Archive) -> None:
    archive.cite(archive.story(2012072800000001), ("2012-07-25", "2012-07-28"))
    archive.asked("wayback", ("2012-07-01", "2012-07-29"))
    assert windows(archive.plan()) == [("xinhua", "2012-07-27", "2012-07-28", "wayback", 1)]


def test_single_pages_that_were_asked_for_do_not_stand_for_their_window(archive: Archive) -> None:
    archive.cite(archive.story(2012072600000001), ("2012-07-25", "2012-07-26"))
    archive.asked(
        "wayback", ("2012-07-01", "2026-11-30"), resume=json.dumps({"addresses": ["http://xinhua.example/1.htm"]})
    )
    assert windows(archive.plan()) == [("xinhua", "2012-07-25", "2012-07-26", "wayback", 1)]


def test_the_news_archive_is_proposed_from_its_first_day_on(archive: Archive) -> None:
    archive.cite(archive.story(2016090200000001), ("2016-08-19", "2016-09-03"))
    archive.cite(archive.story(2012072600000001), ("2012-07-25", "2012-07-26"))
    assert windows(archive.plan(vias=("cc-news",))) == [("xinhua", "2016-08-26", "2016-09-03", "cc-news", 1)]


# Holes


def test_days_on_which_nobody_looked_are_a_hole_of_each_month(archive: Archive) -> None:
    archive.story(2012072800000001, "xinhua")
    archive.story(2012080500000001, "xinhua")
    archive.looked("2012-07-30", "2012-08-02")
    archive.looked("2012-08-03", elsewhere=4)
    found = holes(archive.plan())
    assert [(item.first, item.last, item.days, item.via) for item in found] == [
        (date(2012, 8, 1), date(2012, 8, 4), 2, "wayback"),  # of the 1st and the 4th
        (date(2012, 7, 29), date(2012, 7, 31), 2, "wayback"),
    ]
    assert found[0].why == "Nobody looked at Xinhua on 2 days of 2012-08"


def test_a_hole_comes_behind_what_is_cited_and_has_none_of_its_days(archive: Archive) -> None:
    archive.story(2012072000000001, "xinhua")
    archive.cite(archive.story(2012072600000001), ("2012-07-22", "2012-07-23"))
    first, *others = archive.plan("xinhua").items
    assert first.citations == 1
    assert [(item.first, item.last, item.days) for item in others] == [(date(2012, 7, 21), date(2012, 7, 21), 1)]


def test_an_outlet_of_which_nothing_is_known_or_cited_has_no_holes(archive: Archive) -> None:
    archive.story(2012072000000001, "tnw")
    archive.looked("2012-07-20", outlet="tnw")
    assert archive.plan().items == []


def test_a_hole_that_was_asked_of_one_archive_is_left_to_the_next(archive: Archive) -> None:
    archive.story(2016082400000001, "xinhua")
    archive.story(2016082900000001, "xinhua")
    archive.asked("wayback", ("2016-08-01", "2016-08-31"))
    assert [(item.first, item.last, item.via, item.days) for item in holes(archive.plan())] == [
        (date(2016, 8, 26), date(2016, 8, 28), "cc-news", 3)
    ]


def test_only_the_outlets_that_are_named_are_planned(archive: Archive) -> None:
    archive.cite(archive.story(2012072600000001), ("2012-07-25", "2012-07-26"))
    assert archive.plan("tnw").unresolved == 0
    assert not windows(archive.plan("tnw"))
    assert archive.plan("xinhua").unresolved == 1


def test_the_plan_is_json_with_days_as_text(archive: Archive) -> None:
    archive.cite(archive.story(2012072600000001), ("2012-07-25", "2012-07-26"))
    data = json.loads(json.dumps(archive.plan("xinhua").as_data()))
    assert data["items"][0] == {
        "outlet": "xinhua", "from": "2012-07-25", "to": "2012-07-26", "via": "wayback", "addresses": [],
        "citations": 1, "unnamed": 0, "days": 0, "requests": 251,
        "why": "Xinhua cited, not found: 1 citation by tnw of 2012-07-26",
    }  # fmt: skip


# Doing it


def done_of(plan: Plan, budget: int, *outcomes: Tally) -> list[tuple[str, int]]:
    """The items that were begun, by via and the day from which on, and what each was left of the budget."""
    begun: list[tuple[str, int]] = []
    answers = iter(outcomes)

    def fetch(item: Item, window: Window, left: int) -> Tally:
        begun.append((f"{item.via} {window.first[:8]}-{window.last[:8]}", left))
        return next(answers)

    list(planning.carry_out(plan, TODAY, budget, fetch))
    return begun


def plan_of_three() -> Plan:
    days = [date(2012, 7, 1), date(2012, 8, 1), date(2026, 11, 30)]
    items = [Item("xinhua", day, day, "wayback", (), 1, 0, 0, 10, "why") for day in days]
    return Plan(
        [*items, Item("xinhua", days[0], TODAY, "cc-index", ("http://xinhua.example/1",), 1, 0, 0, 9, "why")], [], 4
    )


def test_items_are_done_in_order_until_the_budget_is_used_up() -> None:
    # The captures of three further days are asked for, of a page all since; never those of tomorrow.
    tallies = [Tally(requests=6), Tally(requests=3), Tally(requests=1), Tally(requests=1)]
    assert done_of(plan_of_three(), 0, *tallies) == [
        ("wayback 20120701-20120704", 0), ("wayback 20120801-20120804", 0), ("wayback 20261130-20261201", 0),
        ("cc-index 20120701-20261201", 0),
    ]  # fmt: skip
    assert done_of(plan_of_three(), 9, *tallies) == [("wayback 20120701-20120704", 9), ("wayback 20120801-20120804", 3)]


def test_a_signal_ends_it_and_a_source_that_fails_twice_is_left_alone() -> None:
    stopped = Tally(requests=1, stopped=True, trouble="stopped by a signal")
    assert len(done_of(plan_of_three(), 0, stopped)) == 1
    failed, fine = Tally(requests=1, trouble="it has failed 8 times in a row"), Tally(requests=1)
    assert [each[0][:8] for each in done_of(plan_of_three(), 0, failed, failed, fine)] == [
        "wayback ",
        "wayback ",
        "cc-index",
    ]
    assert len(done_of(plan_of_three(), 0, failed, fine, failed, fine)) == 4
