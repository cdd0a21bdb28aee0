"""/reports/<id>: figures and sources in the text, what it hangs together with, and all of it as data."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import linked_archive as linked
import pytest
from bs4 import BeautifulSoup, Tag
from hostile_archive import REPORTS, make_hostile_archive
from hypothesis import given
from hypothesis import strategies as st
from linked_archive import (
    EDITED,
    FIRST,
    HYPERLINK,
    LATER,
    MINISTRY,
    REPEAT,
    REPRINT,
    STATEMENT,
    STORY,
    TWIN,
    WAITING,
    make_linked_archive,
)
from serving import RELEASES, answer, page, serving
from small_archive import SAMPLES, Sample, make_archive, write

from archive.publishing import make_public
from publish.reading import Span, Text, mark
from publish.relations import lag
from publish.statements import chain, days, in_full


def make(path: Path) -> sqlite3.Connection:
    """The linked archive; its story with sources, a quote in a source, and a link that leads elsewhere than its words."""
    connection = make_linked_archive(path)
    connection.execute("begin")
    body = _body(connection, STORY)
    statement = "a statement from the Ministry of Public Security"
    for number, (source, kind, key, cue, via, loaded) in enumerate(
        (
            ("Xinhua", "agency", "xinhua", "reported", None, 0),
            ("The agency", "agency", "xinhua", "cited", None, 0),
            (statement, "ministry", MINISTRY, "cited", 2, 0),
            ("state media", "state media", "state media", "reported", None, 1),
        ),
        1,
    ):
        at = body.index(source)
        connection.execute(
            f"insert into attributions values ({', '.join('?' * 20)})",
            [STORY, number, STORY, "body", at, at + len(source), 1, source, kind, key, cue, 0, 1, None, None, 0, loaded,
             via, 0, 9],
        )  # fmt: skip
    connection.execute("update figures set attribution = 3 where report = ? and number in (1, 2)", [STORY])
    connection.execute(
        "update figures set modifier = 'some', meaning = 'about' where report = ? and number = 3", [STORY]
    )
    at = body.index("harmful")
    connection.execute(
        "insert into quotes values (?, 1, ?, 'body', ?, ?, 1, 'harmful', 'scare', 3)", [STORY, STORY, at, at + 7]
    )
    connection.execute(
        "update mentions set href = 'http://daily.example/31', href_outlet = 'daily' where report = ? and number = 2",
        [STORY],
    )
    for number, place, kind, named in ((2, "source", "source", "Daily"), (3, "body", "own", "TNW")):
        connection.execute(
            "insert into mentions values (?, ?, ?, ?, 0, 0, 1, ?, 'daily', ?, null, null, null, null, null, 0, 0)",
            [REPEAT, number, REPEAT, place, named, kind],
        )
    (stored,) = connection.execute(
        "select evidence from citations where report = ? and mention = 1", [STORY]
    ).fetchone()
    here, there = body.index("have arrested"), _body(connection, TWIN).index("have arrested")
    shared = {"shared_text": [[here, here + 13, there, there + 13]]}
    connection.execute(
        "update citations set evidence = ? where report = ? and mention = 1",
        [json.dumps(json.loads(stored) | shared), STORY],
    )
    connection.execute("commit")
    return connection


def _body(connection: sqlite3.Connection, report: int) -> str:
    return str(connection.execute("select body from versions where report = ?", [report]).fetchone()[0])


@pytest.fixture(scope="module", params=RELEASES)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    archive = tmp_path_factory.mktemp("linked") / "archive.db"
    make(archive).close()
    with serving(archive, release=request.param) as address:
        yield address


def article(server: str, report: int, **query: str | int) -> BeautifulSoup:
    return BeautifulSoup(page(server, f"/reports/{report}", **query), "lxml")


def data(server: str, report: int, **query: str | int) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(page(server, f"/reports/{report}.json", **query))
    return found


def text(found: BeautifulSoup | Tag, selector: str) -> str:
    """The words of the first element that fits, spaced once."""
    element = found.select_one(selector)
    assert element is not None, selector
    return words(element)


def words(element: Tag) -> str:
    return " ".join(element.get_text().split())


def section(soup: BeautifulSoup, name: str) -> Tag:
    found = soup.select_one(f"[aria-labelledby={name}-head]")
    assert found is not None, name
    return found


def table(found: Tag) -> list[list[str]]:
    return [[words(cell) for cell in row.select("th, td")] for row in found.select(".statement-evidence tbody tr")]


# In the text


def test_figures_and_sources_are_linked_where_they_stand_and_the_text_stays_the_same(server: str) -> None:
    body = article(server, STORY).select(".text > p")
    assert "\n\n".join(paragraph.get_text() for paragraph in body) == linked.REPORTS[5].wordings[0][1]
    assert [(link.get_text(), link["href"]) for paragraph in body for link in paragraph.select("a")] == [
        ("10,000", "#figure-1"),
        ("Xinhua", "#mention-1"),
        ("The agency", "#source-2"),
        ("a statement from the Ministry of Public Security", "#source-3"),
        ("3.2 million", "#figure-2"),
        ("state media", "#mention-2"),
        ("31", "#figure-3"),
    ]
    assert text(body[0], ".statement-quote") == "harmful"


def test_each_link_tells_its_statement_on_focus_and_to_a_screen_reader(server: str) -> None:
    soup = article(server, STORY)
    link = soup.select_one("#in-figure-1")
    assert link is not None
    assert link["data-note"] == (
        "10,000 suspects, arrested; 1 January 2012 – 31 December 2012; stated by Ministry of Public Security, through "
        "Xinhua"
    )
    assert link["aria-describedby"] == "figure-1-gist"
    assert "statement-figure" in link["class"]
    # Two statements on the same words.
    both = soup.select_one("#in-mention-1")
    assert both is not None
    assert both["aria-describedby"] == "mention-1-gist source-1-gist"
    assert both["data-note"] == "Outlet: Xinhua, as its source\nSource: Xinhua; agency; “reported”"
    assert soup.select_one("#in-source-1") is not None


def test_every_link_to_a_statement_and_back_leads_somewhere(server: str) -> None:
    for report in (STORY, TWIN, STATEMENT, REPRINT, EDITED, WAITING):
        soup = article(server, report)
        ids = [str(element["id"]) for element in soup.select("[id]")]
        assert len(ids) == len(set(ids))
        leads = {str(link["href"])[1:] for link in soup.select('.report a[href^="#"]')}
        leads |= {id for link in soup.select("[aria-describedby]") for id in str(link["aria-describedby"]).split()}
        assert leads <= set(ids)
        assert not soup.select("a a")


def test_a_query_is_marked_inside_links_and_across_them(server: str) -> None:
    soup = article(server, STORY, q='"10,000 suspects"')
    first, second = soup.select("mark")
    assert [found.get_text() for found in (first, second)] == ["10,000", " suspects"]
    assert first.parent is not None
    assert first.parent["href"] == "#figure-1"
    assert [found.get("id") for found in (first, second)] == ["found", None]
    assert "is marked in 1 place:" in text(soup, ".words")


# Below the text


def test_a_figure_is_told_in_plain_digits_with_its_modifier_period_and_who_states_it(server: str) -> None:
    soup = article(server, STORY)
    assert text(soup, "#figure-2-gist") == (
        "3,200,000 “harmful” messages, removed stated by Ministry of Public Security, through Xinhua"
    )
    third = soup.select_one("#figure-3")
    assert third is not None
    assert words(third) == (
        "about 31 people, detained 16 July 2012 – 22 July 2012 (“Last week”) stated by TNW itself “some”: about in the text "
        "compare with others"
    )
    assert third.select_one("a[href^='/figures']")["href"] == "/figures?noun=person&act=detain&source=tnw"  # type: ignore[index]


def test_a_chinese_figure_has_its_keys_beside_its_words(server: str) -> None:
    assert text(article(server, STATEMENT), "#figure-4-gist").startswith(
        "3,200,000 有害信息 (message), remove (removed)"
    )


def test_sources_tell_their_kind_their_words_and_through_whom_they_are_known(server: str) -> None:
    soup = article(server, STORY)
    assert text(soup, "#source-3") == (
        "Ministry of Public Security through Xinhua organ of state “cited” “a statement from the Ministry of Public "
        "Security” in the text"
    )
    assert "which says more than that it was said" in text(soup, "#source-4")
    assert text(soup, "#quote-1") == (
        "“harmful” scare quotes: a distance from the word Ministry of Public Security, through Xinhua in the text"
    )


def test_a_mention_tells_where_it_leads_and_when_words_and_link_disagree(server: str) -> None:
    soup = article(server, STORY)
    first, second = soup.select_one("#mention-1"), soup.select_one("#mention-2")
    assert first is not None
    assert second is not None
    assert [link["href"] for link in first.select("a")] == ["/outlets/xinhua", "#in-mention-1", f"/reports/{TWIN}"]
    assert "Its link leads to Daily: http://daily.example/31" in words(second)
    assert "two outlets" not in words(second)  # state media without a name contradicts no link


def test_a_mention_beside_the_text_says_where_and_one_of_the_outlet_itself_is_left_out(server: str) -> None:
    soup = article(server, REPEAT)
    assert text(soup, "#mention-2") == "Daily, as its source in the source line"
    assert soup.select_one("#mention-3") is None
    assert [each["kind"] for each in data(server, REPEAT)["mentions"]] == ["source", "source", "own"]


def test_an_older_version_shows_its_own_statements(server: str) -> None:
    assert article(server, EDITED).select_one("#in-figure-1").get_text() == "29"  # type: ignore[union-attr]
    older = article(server, EDITED, version=1)
    assert older.select_one("#in-figure-1").get_text() == "31"  # type: ignore[union-attr]
    assert older.select_one(f'a[href="/reports/{EDITED}.json?version=1"]') is not None


def test_a_source_that_is_named_again_is_told_once_with_its_other_places(tmp_path: Path) -> None:
    with closing(make(tmp_path / "archive.db")) as archive:
        archive.execute(
            "update attributions set source_key = 'xinhua', kind = 'agency', loaded = 0 where report = ? and number = 4",
            [STORY],
        )
        archive.commit()
    with serving(tmp_path / "archive.db") as address:
        soup = article(address, STORY)
        assert [str(item["id"]) for item in soup.select(".statement-item[id^=source]")] == ["source-1", "source-3"]
        assert text(soup, "#source-1 .statement-also").startswith("Also ")
        again = soup.select("#source-1 .statement-also a")
        assert [(link.get_text(), link["href"]) for link in again] == [
            ("“cited”", "#in-source-2"),
            ("“reported”", "#in-source-4"),
        ]
        gist = soup.select_one("#source-2-gist")
        assert gist is not None
        assert gist.get_text() == "Source: Xinhua; agency; “cited”"


def test_what_is_below_the_text_is_told_above_it_in_the_order_of_the_page(server: str) -> None:
    soup = article(server, TWIN)
    contents = [(link.get_text(), str(link["href"])[1:]) for link in soup.select(".statement-contents a")]
    assert contents == [
        ("1 contradiction", "contradictions-head"),
        ("In Chinese (simplified)", "other-language-head"),
        ("Repeated by 2", "repeated-by-head"),
        ("States 5 figures", "states-head"),
        ("Provenance", "provenance-head"),
        ("Cite it", "cite-head"),
    ]
    order = [str(heading["id"]) for heading in soup.select("h2[id]")]
    assert [id for id in order if id in dict(contents).values()] == [id for _, id in contents]
    assert next(link.get_text() for link in article(server, WAITING).select(".statement-contents a")) == (
        "Its source is not found"
    )


# What it hangs together with


def test_a_story_rests_on_the_report_that_it_cites_and_the_evidence_is_side_by_side(server: str) -> None:
    rests_on = section(article(server, STORY), "rests-on")
    assert rests_on.select_one("article a")["href"] == f"/reports/{TWIN}"  # type: ignore[index]
    assert text(rests_on, ".statement-why") == (
        "The outlet named, with the same days, figures and names. Score 0.93. This report came 4.5 hours later."
    )
    assert table(rests_on) == [
        ["Figure", "10,000 suspects", "at least 10,000 suspects (“more than”)"],
        ["Figure", "3,200,000 “harmful” messages (“3.2 million”)", "3,200,000 harmful messages (“3.2 million”)"],
        ["Name", "Ministry of Public Security"],
        ["Words", "have arrested"],
    ]
    assert [words(item) for item in rests_on.select(".statement-unresolved li")] == [
        "State media, not named: reports are held, and none of them fits (16 July 2012 to 22 July 2012)."
    ]


def test_what_is_not_found_says_why_and_when_it_should_have_come_out(server: str) -> None:
    rests_on = section(article(server, WAITING), "rests-on")
    reasons = [words(item) for item in rests_on.select("li")]
    assert len(reasons) == 3
    assert reasons[0] == "Xinhua: nothing of that outlet is held from these days (31 July 2012 to 2 August 2012)."
    assert not rests_on.select("article")


def test_a_report_is_repeated_by_those_that_cite_it_the_earliest_first(server: str) -> None:
    soup = article(server, TWIN)
    repeated = section(soup, "repeated-by")
    assert [link["href"] for link in repeated.select("article h3 a")] == [f"/reports/{STORY}", f"/reports/{REPEAT}"]
    assert repeated.select_one(f'a[href="{HYPERLINK}"]') is not None
    assert "A link to it. That report came" in words(repeated)
    # The evidence is turned: this report is on the left.
    assert table(repeated)[0][1:] == ["at least 10,000 suspects (“more than”)", "10,000 suspects"]
    assert soup.select_one(f'a[href="/graph/{TWIN}"]') is not None


def test_copies_tell_what_they_altered_and_dropped(server: str) -> None:
    copy, original = article(server, REPRINT), article(server, STATEMENT)
    of = section(copy, "reprint-of")
    assert of.select_one("article a")["href"] == f"/reports/{STATEMENT}"  # type: ignore[index]
    assert (
        text(of, ".statement-why")
        == "91% alike; 99% of the copy stands in the original. The copy came 45 minutes later."
    )
    assert (text(of, "del"), text(of, "ins")) == ("was: 1万余名", "became: 1万名")
    assert "公安部有关负责人表示，行动将持续到年底。" in words(of)
    by = section(original, "reprinted-by")
    assert by.select_one("article a")["href"] == f"/reports/{REPRINT}"  # type: ignore[index]
    assert copy.select_one("[aria-labelledby=reprinted-by-head]") is None


@pytest.mark.parametrize(("this", "other", "figure"), [(STATEMENT, TWIN, "at least 600 犯罪团伙 (“余”)"),
                                                       (TWIN, STATEMENT, "at least 600 gangs (“over”)")])  # fmt: skip
def test_the_edition_in_the_other_language_is_compared_from_either_side(
    server: str, this: int, other: int, figure: str
) -> None:
    found = section(article(server, this), "other-language")
    assert found.select_one("article a")["href"] == f"/reports/{other}"  # type: ignore[index]
    assert table(found)[1][1] == figure
    whose = "this" if this == TWIN else "that"
    assert words(found).endswith(f"Figures that only {whose} edition statesabout 40 officers (“Some”)")


def test_contradictions_show_both_figures_and_where_they_stand(server: str) -> None:
    found = section(article(server, EDITED), "contradictions")
    assert words(found) == (
        "Contradictions Changed by an edit 31 has become 29 Hunan police detain dozens in fraud case, version 131 suspects "
        "This report, version 229 suspects"
    )
    assert [link["href"] for link in found.select("dt a")] == [f"/reports/{EDITED}?version=1"]
    assert "A smaller total later" in words(section(article(server, STATEMENT), "contradictions"))
    assert "A smaller total later" in words(section(article(server, LATER), "contradictions"))


def test_a_report_that_hangs_together_with_nothing_has_no_such_sections(server: str) -> None:
    soup = article(server, FIRST)
    assert not soup.select(".statement-links")
    assert section(soup, "states").select("#figure-1, #figure-2, #figure-3")


# As data


def test_the_json_holds_the_wording_its_statements_and_its_links(server: str) -> None:
    found = data(server, STORY)
    assert (found["id"], found["version"], found["is_read"]) == (STORY, 1, True)
    figure = found["figures"][0]
    assert found["body"][figure["start"] : figure["stop"]] == figure["text"] == "10,000"
    assert (figure["value"], figure["attribution"], figure["period_start"]) == (10_000, 3, "2012-01-01")
    assert [each["source_key"] for each in found["attributions"]] == ["xinhua", "xinhua", MINISTRY, "state media"]
    assert [each["words"] for each in found["quotes"]] == ["harmful"]
    assert [(each["words"], each["cited"]) for each in found["mentions"]] == [("Xinhua", TWIN), ("state media", None)]
    (cited,) = found["rests_on"]["items"]
    assert (cited["report"]["id"], cited["tier"], cited["score"]) == (TWIN, "named outlet", 0.93)
    assert [[one["value"], other["value"]] for one, other in cited["evidence"]["figures"]] == [
        [10_000, 10_000],
        [3_200_000, 3_200_000],
    ]
    assert found["unresolved"]["items"][0]["reason"] == "nothing fits"
    assert (found["reprint_of"], found["other_language"], found["repeated_by"]["total"]) == (None, None, 0)
    assert found["contradictions"]["items"][0]["later"]["report"]["id"] == STORY


def test_the_json_of_an_older_version_and_of_none(server: str) -> None:
    assert [figure["text"] for figure in data(server, EDITED, version=1)["figures"]] == ["31"]
    assert answer(server, f"/reports/{EDITED}.json", version=9).status == 404
    assert answer(server, "/reports/1.json").status == 404


# An archive that is not read, or has no tables for it


@pytest.mark.parametrize("release", RELEASES)
def test_a_report_that_was_not_read_yet_says_so(tmp_path: Path, release: str) -> None:
    make_archive(tmp_path / "archive.db").close()
    with serving(tmp_path / "archive.db", release=release) as address:
        soup = article(address, SAMPLES[1].id)
        assert text(soup, ".statement-section p").startswith("Not read yet")
        assert not soup.select(".text a, .statement-links")
        assert data(address, SAMPLES[1].id)["is_read"] is False


def test_an_older_archive_shows_its_reports_as_before(tmp_path: Path) -> None:
    with closing(make_archive(tmp_path / "archive.db")) as archive:
        tables = ["contradictions", "citations", "twins", "reprints", "mentions", "quotes", "figures", "attributions",
                  "names", "statements", "sketches", "sketch_hashes", "unread", "unlinked"]  # fmt: skip
        for (name,) in archive.execute("select name from sqlite_master where type = 'trigger'").fetchall():
            archive.execute(f"drop trigger {name}")
        for name in tables:
            archive.execute(f"drop table {name}")
    with serving(tmp_path / "archive.db") as address:
        soup = article(address, SAMPLES[1].id)
        assert "Police arrested 10,000 people" in text(soup, ".text")
        assert not soup.select(".statement-section, .statement-links")
        assert data(address, SAMPLES[1].id)["figures"] == []


def test_long_lists_are_cut_and_lead_to_the_rest(tmp_path: Path) -> None:
    with closing(make(tmp_path / "archive.db")) as archive:
        archive.execute("begin")
        for number in range(25):
            sample = Sample(
                2013020100000000 + number, "tnw", "en", ((f"Again {number}", "Xinhua said 10,000 of them."),)
            )
            write(archive, sample)
            archive.execute(
                f"insert into mentions values (?, 1, ?, 'body', 0, 6, 1, 'Xinhua', 'xinhua', 'source', {', '.join(['null'] * 5)}, 0, 9)",
                [sample.id, sample.id],
            )
            archive.execute(
                "insert into citations values (?, 1, ?, 'xinhua', ?, 'named outlet', 0.8, '{}', '', '', '', '')",
                [sample.id, sample.id, TWIN],
            )
        archive.execute("commit")
    with serving(tmp_path / "archive.db") as address:
        repeated = section(article(address, TWIN), "repeated-by")
        assert len(repeated.select("article")) == 20
        more = repeated.select("p")[-1]
        assert words(more) == "All 27, of which 20 are shown here."
        assert more.select_one("a")["href"] == f"/citations?report={TWIN}"  # type: ignore[index]
        assert len(data(address, TWIN)["repeated_by"]["items"]) == 27


# In public


@pytest.mark.parametrize("release", RELEASES)
def test_in_public_a_secondary_text_has_its_numbers_and_no_word_of_it(tmp_path: Path, release: str) -> None:
    make(tmp_path / "archive.db").close()
    make_public(tmp_path / "archive.db", tmp_path / "public.db", "0", "2026-11-24T10:00:00Z")
    with serving(tmp_path / "public.db", release=release) as address:
        soup = article(address, STORY)
        assert not soup.select(".text a.statement")  # the excerpt is another text
        assert text(soup, "#figure-2-gist") == (
            "3,200,000 (message), removed stated by Ministry of Public Security, through Xinhua"
        )
        assert text(soup, ".statement-section > p").startswith("Read from the whole text, of which this public edition")
        assert "a statement from" not in words(section(soup, "states"))
        assert table(section(soup, "rests-on")) == [
            ["Figure", "10,000 (suspect)", "at least 10,000 suspects (“more than”)"],
            ["Figure", "3,200,000 (message)", "3,200,000 harmful messages (“3.2 million”)"],
        ]
        assert [link.get_text() for link in article(address, TWIN).select(".text a.statement-figure")] == [
            "10,000", "600", "3.2 million", "40",
        ]  # fmt: skip


# Hostile


@pytest.fixture(scope="module", params=RELEASES)
def den(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    hostile = make_hostile_archive(tmp_path_factory.mktemp("hostile"), 1)
    with serving(hostile.archive, captures=hostile.captures, release=request.param) as address:
        yield address


@pytest.mark.parametrize("report", REPORTS)
def test_what_was_read_out_of_a_hostile_text_is_only_text(den: str, report: int) -> None:
    soup = article(den, report)
    ids = {str(element["id"]) for element in soup.select("[id]")}
    assert soup.select(".statement-item")
    for element in soup.select("main *"):
        assert element.name not in {"script", "img", "svg", "math", "style", "object", "iframe", "base"}
        assert not [name for name in element.attrs if name.startswith("on") or name in ("style", "srcdoc")]
        href = str(element.get("href", "/"))
        assert re.match(r"https?:|[/#]", href), href
        assert not href.startswith("#") or href[1:] in ids
    assert data(den, report)["figures"][1]["text"].startswith("<script>")


# Without a server


def _span(kind: str, start: int, stop: int, number: int = 1, place: str = "body") -> Span:
    return Span(place, start, stop, f"{kind}-{number}", kind, f"note of {kind} {number}")


def test_a_figure_in_a_source_is_linked_to_itself_and_the_rest_to_the_source() -> None:
    html, _ = mark("Three officials said so", "", 0, [_span("source", 0, 15), _span("figure", 0, 5)])
    links = BeautifulSoup(html, "html.parser").select("a")
    assert [(link.get_text(), link["href"]) for link in links] == [("Three", "#figure-1"), (" officials", "#source-1")]
    assert links[0]["data-note"] == "note of figure 1\nnote of source 1"


def test_an_outlet_named_within_the_words_for_a_source_is_one_link_with_it() -> None:
    html, _ = mark("The state news agency Xinhua said", "", 0, [_span("source", 0, 28), _span("mention", 22, 28)])
    (link,) = BeautifulSoup(html, "html.parser").select("a")
    assert (link.get_text(), link["href"]) == ("The state news agency Xinhua", "#mention-1")
    assert link["aria-describedby"] == "mention-1-gist source-1-gist"


def test_a_span_is_cut_at_the_end_of_its_paragraph() -> None:
    version = {"title": "", "body": "One two\n\n \n\nthree four", "captions": ""}
    paragraphs = Text.of(version, "", [_span("source", 4, 17), _span("figure", 12, 17)]).paragraphs
    assert [[link.get_text() for link in BeautifulSoup(each, "html.parser").select("a")] for each in paragraphs] == [
        ["two"],
        ["three"],
    ]


@given(
    st.text("ab<>&\"'公安部 \n", max_size=40),
    st.sampled_from(["a", "公安", "b<", '"a b"', ""]),
    st.lists(
        st.tuples(st.sampled_from(["figure", "source", "mention", "quote"]), st.integers(0, 45), st.integers(1, 20))
    ),
)
def test_links_never_change_a_text_nor_its_marks_nor_lie_in_each_other(
    written: str, query: str, places: list[tuple[str, int, int]]
) -> None:
    spans = [_span(kind, start, start + length, number) for number, (kind, start, length) in enumerate(places)]
    html, number = mark(written, query, 0, spans)
    soup = BeautifulSoup(f"<pre>{html}</pre>", "html.parser")  # where spaces are kept
    assert soup.get_text() == written
    assert number == mark(written, query)[1]
    assert {tag.name for tag in soup.find_all(True)} <= {"pre", "mark", "a", "span"}
    assert not soup.select("a a, mark a")
    ids = [str(tag["id"]) for tag in soup.select("[id]")]
    assert len(ids) == len(set(ids))
    assert ("found" in ids) == (number > 0)
    assert {f"in-{span.id}" for span in spans if span.start < len(written)} <= set(ids)


def test_a_chain_of_sources_ends_even_where_it_goes_in_a_circle() -> None:
    rows = {
        number: {"source_key": key, "source": key, "kind": "agency", "via": via}
        for number, key, via in ((1, "xinhua", None), (2, MINISTRY, 1), (3, "one", 4), (4, "other", 3))
    }
    assert chain(2, rows, {"xinhua": "Xinhua"}) == ["Xinhua", "Ministry of Public Security"]
    assert chain(3, rows, {}) == ["other", "one"]
    assert chain(None, rows, {}) == []


def test_a_unit_that_is_a_word_is_in_the_plural() -> None:
    assert in_full(70, None, "minute", "about") == "about 70 minutes"
    assert [in_full(1, None, "day", ""), in_full(3, None, "km", ""), in_full(2, None, "percentage point", "")] == [
        "1 day",
        "3 km",
        "2 percentage points",
    ]
    assert [in_full(3, None, unit, "") for unit in ("times", "mph", "CNY")] == ["3 times", "3 mph", "CNY 3"]


def test_days_and_lags_in_words() -> None:
    assert days("2012-01-01", "2012-07-26") == "1 January 2012 – 26 July 2012"
    assert (days("2012-03-01", None), days(None, "2012-03-01")) == ("since 1 March 2012", "until 1 March 2012")
    assert (days("2012-03-01", "2012-03-01"), days(None, None)) == ("1 March 2012", "")
    assert (lag(45), lag(-270), lag(0), lag(None)) == (
        "45 minutes later",
        "4.5 hours earlier",
        "in the same minute",
        "",
    )
