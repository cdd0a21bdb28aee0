"""/reports/<id>/changes: what a reader is told of an edit, on both Datasettes."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator

import odd_reports as odd
import pytest
from bs4 import BeautifulSoup
from conftest import Crawled
from serving import RELEASES, answer, page, serving

from archive.differences import Run
from publish.differences import Paragraph
from publish.pages.changes import Changes, changes_between, folded

METRO, GANGS, STEADY = 2026092212475923, 2012072700000003, 2012072600300001


@pytest.fixture(scope="module", params=RELEASES)
def hard(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    archive = tmp_path_factory.mktemp("odd") / "archive.db"
    odd.make(archive)
    with serving(archive, release=request.param) as address:
        yield address


def changes(server: str, report: int, **query: str | int) -> BeautifulSoup:
    return BeautifulSoup(page(server, f"/reports/{report}/changes", **query), "lxml")


def said(soup: BeautifulSoup, selector: str) -> list[str]:
    """The words of every element that fits, as a screen reader has them."""
    return [" ".join(found.get_text().split()) for found in soup.select(selector)]


# Pages


def test_a_chinese_edit_is_shown_by_the_character_with_numbers_whole(room: str, crawled: Crawled) -> None:
    soup = changes(room, METRO)
    assert said(soup, ".diff del") == [
        "[removed: 18.3]",
        "[removed: 近三成]",
        "[removed: 一些市民在车站留言簿上对票价表示担忧。]",
    ]
    assert said(soup, ".diff ins") == ["[added: 13.8]"]
    assert said(soup, ".changes-sum strong") == ["4 characters added, 26 removed"]
    assert soup.select_one(".diff")["lang"] == "zh-Hans"  # type: ignore[index]
    with crawled.place.connect() as connection:
        captures = [row[0] for row in connection.execute("select capture from versions where report = ?", [METRO])]
    proofs = [link["href"] for link in soup.select(".proof a")]
    assert proofs == [
        f"/reports/{METRO}?version=1",
        f"/captures/{captures[0]}",
        f"/reports/{METRO}?version=2",
        f"/captures/{captures[1]}",
    ]


def test_an_english_edit_is_shown_by_the_word(server: str) -> None:
    soup = changes(server, GANGS)
    assert said(soup, ".diff p") == [
        "Police crushed over [removed: 600][added: 500] gangs. They deleted 3.2 million messages."
    ]
    assert said(soup, ".diff h2") == ["Title: Police crush gangs"]
    assert said(soup, ".changes-sum strong") == ["3 characters added, 3 removed"]


def test_any_two_versions_can_be_compared_in_either_direction(hard: str) -> None:
    last = changes(hard, odd.EDITED)
    assert [option["value"] for option in last.select("select[name=from] option[selected]")] == ["2"]
    assert [option["value"] for option in last.select("select[name=to] option[selected]")] == ["3"]
    assert said(last, ".diff p.is-removed") == ["[removed: 市民担忧。]"]
    whole = changes(hard, odd.EDITED, **{"from": 1, "to": 3})
    assert said(whole, ".diff h2") == ["Title: 警方抓获[removed: 600][added: 500]人"]
    assert said(whole, ".diff p.is-changed") == ["抓获[removed: 600][added: 500]人。"]
    # "500" twice; "600" twice and a paragraph of five characters, as versions.removed counts.
    assert said(whole, ".changes-sum strong") == ["6 characters added, 11 removed"]
    back = changes(hard, odd.EDITED, **{"from": 3, "to": 1})
    assert said(back, ".diff h2") == ["Title: 警方抓获[removed: 500][added: 600]人"]
    assert len(back.select(".diff p.is-added")) == 1


def test_one_of_two_numbers_is_enough(hard: str) -> None:
    for query, chosen in (({"to": 2}, ["1", "2"]), ({"from": 1}, ["1", "2"]), ({"from": 3}, ["3", "3"])):
        soup = changes(hard, odd.EDITED, **query)
        assert [option["value"] for option in soup.select("option[selected]")] == chosen


def test_a_version_does_not_differ_from_itself(hard: str) -> None:
    assert said(changes(hard, odd.EDITED, **{"from": 2, "to": 2}), ".changes-sum strong") == ["No difference"]


def test_unchanged_paragraphs_far_from_a_change_are_folded_and_captions_are_compared(hard: str) -> None:
    soup = changes(hard, odd.CAPTIONS)
    assert said(soup, ".folded summary") == ["… 7 unchanged paragraphs"]
    assert said(soup, ".folded p")[0] == "Paragraph 2 stays."
    assert said(soup, ".diff > p") == [
        "Over [removed: 600][added: 500] gangs.",
        "Paragraph 1 stays.",
        "[added: New caption.]",
    ]
    assert "the captions changed too" in said(soup, ".changes-sum")[0]


def test_a_wording_that_never_changed_says_how_often_it_was_seen(hard: str, server: str) -> None:
    assert said(changes(hard, odd.ONE), "article > p") == [
        "The wording has not changed since it was first captured on 1 February 2020, 00:00:00 UTC (the capture). "
        "It has been seen 2 times until 5 February 2020, 00:00:00 UTC."
    ]
    assert said(changes(server, STEADY), "article > p") == [
        "The wording has not changed since it was first captured on 26 July 2012, 00:30:00 UTC (the capture). "
        "It has not been looked at again so far."
    ]
    assert said(changes(hard, odd.NO_VERSION), "article > p") == ["No wording of this report is in the archive."]


def test_a_hostile_wording_is_only_text(hard: str) -> None:
    soup = changes(hard, odd.HOSTILE)
    assert not soup.select("main script, main img")
    assert said(soup, ".diff h2") == ["Title: <script>alert([removed: 1][added: 2])</script>"]


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        ("/reports/5/changes", 404, "No report has the number 5."),
        (f"/reports/{GANGS}/changes?from=1&to=3", 404, "There is no version 3: this report has 2 versions."),
        (f"/reports/{STEADY}/changes?to=2", 404, "There is no version 2: this report has one version."),
        (f"/reports/{GANGS}/changes?from=one", 400, "“one” is not the number of a version. The first is 1."),
        (f"/reports/{GANGS}/changes?from=0", 400, "“0” is not the number of a version."),
    ],
)
def test_what_cannot_be_compared_is_told_in_a_sentence(server: str, path: str, status: int, sentence: str) -> None:
    found = answer(server, path)
    assert found.status == status
    assert sentence in BeautifulSoup(found.text, "lxml").get_text()


# Without a server


def version(title: str, body: str, captions: str = "") -> dict[str, str]:
    return {"title": title, "body": body, "captions": captions}


def test_what_is_next_to_a_change_is_never_folded() -> None:
    def paragraph(kind: str) -> Paragraph:
        return Paragraph((Run("added" if kind == "+" else "equal", kind),))

    def shape(kinds: str) -> str:
        stretches = folded([paragraph(kind) for kind in kinds])
        assert "".join(each.text for stretch in stretches for each in stretch.paragraphs) == kinds
        return " ".join(
            f"({len(stretch.paragraphs)})" if stretch.is_folded else "".join(each.text for each in stretch.paragraphs)
            for stretch in stretches
        )

    assert shape("+====") == "+= (3)"
    assert shape("+===") == "+==="  # two are not worth folding
    assert shape("====+=====+==") == "(3) =+= (3) =+=="
    assert shape("=====") == "(5)"
    assert shape("") == ""


def test_changes_count_title_and_text_but_not_captions() -> None:
    found: Changes = changes_between(
        version("Police crush gangs", "Over 600 gangs.", "A."),
        version("Police crush 500 gangs", "Over 500 gangs.", "B."),
    )
    assert (found.total.added, found.total.removed) == (6, 3)
    assert found.has_new_captions
    assert not found.is_nothing
    assert changes_between(version("a", "b"), version("a", "b")).is_nothing


def test_edits_of_the_sample_count_as_many_characters_as_their_versions_say(crawled: Crawled) -> None:
    with crawled.place.connect() as connection:
        connection.row_factory = sqlite3.Row
        edits = connection.execute(
            "select new.*, old.title as old_title, old.body as old_body, old.captions as old_captions from versions as new "
            "join versions as old on old.report = new.report and old.number = new.number - 1"
        ).fetchall()
    assert edits
    for edit in edits:
        before = version(edit["old_title"], edit["old_body"], edit["old_captions"])
        total = changes_between(before, dict(edit)).total
        assert (total.added, total.removed) == (edit["added"], edit["removed"])


def test_two_texts_of_100_kb_with_nothing_in_common_are_compared_within_a_second() -> None:
    old = "\n\n".join("".join(chr(0x4E00 + (n * 37 + m * 11) % 5000) for m in range(80)) for n in range(410))
    new = "\n\n".join("".join(chr(0x6300 + (n * 41 + m * 13) % 5000) for m in range(80)) for n in range(410))
    start = time.process_time()
    found = changes_between(version("甲", old), version("乙", new))
    assert time.process_time() - start < 2  # 0.3 s by itself
    assert found.total.added > 30_000
