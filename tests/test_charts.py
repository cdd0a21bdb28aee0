"""Charts and calendars: what is drawn for which numbers, and what of it can be read without seeing it."""

from __future__ import annotations

from datetime import date

import pytest
from bs4 import BeautifulSoup, Tag

from publish import activity, calendars, charts
from publish.coverage import Day
from publish.spans import days, spans_of

KINDS = {"xinhua": "state", "people": "state", "tnw": "secondary"}
PLAIN = [charts.Series("reports", "plain")]


def drawn(markup: str) -> BeautifulSoup:
    return BeautifulSoup(markup, "xml" if markup.count("<svg") < 2 and markup.startswith("<svg") else "lxml")


def histogram(months: dict[str, dict[str, int]], kinds: dict[str, str] | None = None) -> BeautifulSoup:
    return drawn(charts.histogram(months, lambda first, last: f"/search?since={first}&until={last}", kinds))


def links(page: BeautifulSoup) -> list[tuple[str, str]]:
    return [(str(link["aria-label"]), str(link["href"])) for link in page.find_all("a")]


def test_a_histograms_bars_are_named_and_narrow_the_search_to_their_month() -> None:
    page = histogram({"2012-07": {"xinhua": 3, "tnw": 2}, "2012-09": {"xinhua": 1}}, KINDS)
    assert links(page) == [
        ("July 2012: 5 (state media 3, secondary coverage 2)", "/search?since=2012-07-01&until=2012-07-31"),
        ("September 2012: 1 (state media 1)", "/search?since=2012-09-01&until=2012-09-30"),
    ]
    chart = page.find("svg", class_="chart")
    assert isinstance(chart, Tag)
    assert chart["role"] == "group"
    assert str(chart["aria-label"]).startswith("Hits per month, January 2012 to December 2012: most, 5, in July 2012.")
    assert [item.get_text() for item in page.select(".legend li")] == ["state media", "secondary coverage"]


def test_the_parts_of_a_bar_stand_on_one_another_in_proportion() -> None:
    page = histogram({"2012-07": {"xinhua": 3, "tnw": 1}}, KINDS)
    heights = [(bar["class"], bar["y"], bar["height"]) for bar in page.find_all("rect", class_="bar")]
    assert heights == [(["bar", "state-1"], "25%", "75%"), (["bar", "secondary-1"], "0%", "25%")]  # the scale ends at 4


def test_without_kinds_a_bar_is_one() -> None:
    page = histogram({"2012-07": {"xinhua": 3, "tnw": 2}})
    assert [bar["class"] for bar in page.find_all("rect", class_="bar")] == [["bar", "plain"]]
    assert page.select(".legend") == []


def test_more_months_than_can_be_tabbed_through_are_drawn_as_years() -> None:
    page = histogram({"2008-02": {"xinhua": 1}, "2008-05": {"xinhua": 2}, "2012-01": {"xinhua": 4}})
    assert links(page) == [
        ("2008: 3", "/search?since=2008-01-01&until=2008-12-31"),
        ("2012: 4", "/search?since=2012-01-01&until=2012-12-31"),
    ]


def test_days_are_drawn_as_days() -> None:
    page = histogram({"2012-07-26": {"xinhua": 1}, "2012-08-02": {"xinhua": 2}})
    assert links(page)[0] == ("26 July 2012: 1", "/search?since=2012-07-26&until=2012-07-26")
    assert [text.get_text() for text in page.find_all("text", class_="tick")] == ["26 Jul"]


@pytest.mark.parametrize("months", [{}, {"2012-07": {}}, {"2012-07": {"xinhua": 0}}])
def test_nothing_is_drawn_of_nothing(months: dict[str, dict[str, int]]) -> None:
    assert charts.histogram(months, lambda first, last: "") == ""


def test_a_misprinted_year_does_not_make_thousands_of_bars() -> None:
    assert [span.key for span in spans_of(["0001-01", "2012-07", "9999-12"], 48)] == ["0001", "2012", "9999"]
    assert (
        len(histogram({"0001-01": {"xinhua": 1}, "2012-07": {"xinhua": 1}, "9999-12": {"xinhua": 1}}).find_all("a"))
        == 3
    )


def test_twenty_years_of_months_are_drawn_as_years_with_few_marks_on_the_axis() -> None:
    spans = spans_of(["2005-01", "2026-11"], charts.MOST_BARS)
    assert [span.key for span in spans] == [str(year) for year in range(2005, 2027)]
    assert [span.tick for span in spans if span.tick] == [str(year) for year in range(2005, 2027, 2)]
    assert [span.tick for span in spans if span.tick and not span.minor] == [
        "2005",
        "2009",
        "2013",
        "2017",
        "2021",
        "2025",
    ]
    assert [span.key for span in spans_of(["2017-01", "2026-11"], charts.MOST_BARS)][:2] == ["2017-01", "2017-02"]


def test_days_are_without_a_gap() -> None:
    assert [span.key for span in days(date(2012, 2, 28), date(2012, 3, 1))] == [
        "2012-02-28",
        "2012-02-29",
        "2012-03-01",
    ]


@pytest.mark.parametrize(
    ("highest", "ticks"),
    [(0, []), (1, [1]), (2, [1, 2]), (3, [1, 2, 3]), (4, [2, 4]), (7, [5, 10]), (31, [20, 40]), (12_345, [5000, 10_000, 15_000])],
)  # fmt: skip
def test_a_scale_is_of_round_numbers_and_reaches_the_highest(highest: float, ticks: list[float]) -> None:
    assert charts.scale(highest) == ticks


def test_a_single_report_among_thousands_is_seen() -> None:
    page = drawn(charts.bars("", PLAIN, [charts.Slot("a", [5000]), charts.Slot("b", [1])]))
    assert [bar["height"] for bar in page.find_all("rect", class_="bar")] == ["83.333%", "1.5%"]  # of 6,000


def test_a_chart_without_links_is_an_image_and_one_with_links_a_group() -> None:
    still = charts.bars("Reports", PLAIN, [charts.Slot("2012", [1])])
    linked = charts.bars("Reports", PLAIN, [charts.Slot("2012", [1], "/search")])
    assert 'role="img"' in still
    assert 'role="group"' in linked


def test_what_could_not_be_counted_is_marked_and_not_drawn_as_nought() -> None:
    page = drawn(
        charts.bars("", PLAIN, [charts.Slot("2011", void=True, note="no report is held"), charts.Slot("2012", [0])])
    )
    assert [title.get_text() for title in page.find_all("title")] == ["2011: no report is held"]
    assert len(page.find_all("rect", class_="void")) == 1


def test_rows_share_one_scale() -> None:
    row = drawn(charts.bars("", PLAIN, [charts.Slot("2012", [5])], highest=10, axis=False))
    assert [bar["height"] for bar in row.find_all("rect", class_="bar")] == ["50%"]
    assert [level.get_text() for level in row.find_all("text", class_="level")] == ["10"]


def test_outlets_beyond_the_shades_of_their_kind_share_one() -> None:
    outlets = [(f"s{number}", f"State {number}", "state") for number in range(5)] + [("tnw", "TNW", "secondary")]
    series, places = charts.outlet_series(outlets)
    assert [(each.name, each.style) for each in series] == [
        ("State 0", "state-1"), ("State 1", "state-2"), ("other state media", "state-3"), ("TNW", "secondary-1"),
    ]  # fmt: skip
    assert places == {"s0": 0, "s1": 1, "s2": 2, "s3": 2, "s4": 2, "tnw": 3}
    assert [each.name for each in charts.outlet_series(outlets[:3])[0]] == ["State 0", "State 1", "State 2"]


def test_hostile_words_stay_words() -> None:
    words = '"><script>alert(1)</script>'
    markup = charts.bars(words, [charts.Series(words, "plain")], [charts.Slot(words, [1], 'javascript:"', tick=words)])
    assert "<script" not in markup + charts.legend([charts.Series(words, "plain")] * 2)
    assert 'javascript:"' not in markup
    assert "<script" not in calendars.year(words, 2012, lambda day: calendars.Cell("level-1", words, words))


def test_nothing_is_styled_inline() -> None:
    months = {f"{year}-{month:02}": {"xinhua": 1, "tnw": 1} for year in range(2000, 2026) for month in range(1, 13)}
    drawings = charts.histogram(months, lambda first, last: "/", KINDS) + activity.by_weeks(
        {date(2012, 1, 1): 1, date(2013, 1, 1): 1}
    )
    assert "style=" not in drawings + activity.looks({}, 2012, date(2012, 12, 31)) + charts.share(1, 2)


# Calendars


def test_levels_are_quarters_of_the_highest() -> None:
    bounds = calendars.levels([8, 1, 3])
    assert bounds == [1, 2, 4, 6]
    assert [calendars.level(count, bounds) for count in (0, 1, 2, 5, 8)] == [
        "level-0",
        "level-1",
        "level-2",
        "level-3",
        "level-4",
    ]
    assert calendars.levels([1, 1]) == [1]
    assert calendars.level(1, [1]) == "level-4"
    assert calendars.levels([]) == []


def test_a_year_has_a_cell_for_each_day_in_columns_of_weeks() -> None:
    page = drawn(calendars.year("2012", 2012, lambda day: calendars.Cell("level-0", day.isoformat())))
    cells = [
        (title.get_text(), square["x"], square["y"])
        for title, square in zip(page.select("g > title"), page.select("g > rect"), strict=True)
    ]
    assert len(cells) == 366
    assert cells[0] == ("2012-01-01", "0", "72")  # a Sunday
    assert cells[1] == ("2012-01-02", "12", "0")  # the Monday after
    assert cells[-1] == ("2012-12-31", "636", "0")  # the 54th column


def test_years_by_weeks_have_the_newest_on_top_and_count_each_day_once() -> None:
    seen: list[tuple[date, date]] = []

    def cell(first: date, last: date) -> calendars.Cell:
        seen.append((first, last))
        return calendars.Cell("level-0", "")

    calendars.years("", 2011, 2012, cell)
    assert (seen[0], seen[51], seen[52]) == (
        (date(2012, 1, 1), date(2012, 1, 7)),
        (date(2012, 12, 23), date(2012, 12, 31)),
        (date(2011, 1, 1), date(2011, 1, 7)),
    )
    assert sum((last - first).days + 1 for first, last in seen) == 366 + 365


def test_a_day_without_a_look_differs_from_one_that_found_nothing_and_one_without_answer() -> None:
    looked = {
        "2012-01-01": Day(asked=3, answered=3),
        "2012-01-02": Day(asked=2, failed=2),
        "2012-01-03": Day(asked=5, answered=4, new=2, refused=1),
        "2012-01-05": Day(asked=5, answered=3, new=1, refused=1, quarantined=1),
    }
    page = drawn(activity.looks(looked, 2012, date(2012, 2, 29)))
    cells = {
        title.get_text().partition(":")[0]: (square["class"][1], title.get_text())
        for title, square in zip(page.select(".calendar title"), page.select(".calendar rect"), strict=True)
    }
    assert cells["1 January 2012"] == ("level-0", "1 January 2012: 3 requests, 3 answered, 0 new reports")
    assert cells["2 January 2012"] == ("barred", "2 January 2012: 2 requests, 0 answered, 0 new reports, 2 failed")
    assert cells["3 January 2012"][1] == "3 January 2012: 5 requests, 4 answered, 2 new reports, 1 refused"
    assert cells["4 January 2012"] == ("unlooked", "4 January 2012: nobody looked")
    assert list(cells)[-1] == "29 February 2012"  # what has not come yet is not a day on which nobody looked
    assert len(page.select("path.bars")) == 2  # the day's, and the key's: a shape, not a colour alone
    assert len(page.select("path.corner")) == 2  # of 5 January, more than a fifth of which was lost; and of the key
    calendar = page.find("svg", class_="calendar")
    assert isinstance(calendar, Tag)
    assert calendar["aria-label"] == "When we looked in 2012: on 4 days, on 1 of these without an answer."
