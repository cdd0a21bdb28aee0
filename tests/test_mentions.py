"""Which outlets a report names: by their aliases, their links and their source lines."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grammar.attributions import attributions
from grammar.mentions import mentions, mentions_of_page
from grammar.passage import Passage
from grammar.press import Press, known
from items import Hyperlink, Mention


def read(
    text: str, speaker: str = "tnw", links: tuple[Hyperlink, ...] = (), press: Press | None = None
) -> list[Mention]:
    language = "zh-Hans" if any("\u4e00" <= sign <= "\u9fff" for sign in text) else "en"
    passage = Passage(text, language, speaker=speaker)
    found = mentions(passage, press or known(), links, attributions(passage)[0])
    assert all(text[each.start : each.end] == each.words for each in found)
    return found


@pytest.mark.parametrize(
    ("text", "words", "outlet"),
    [
        ("Xinhua reported 31 arrests.", "Xinhua", "xinhua"),
        ("The Xinhua News Agency reported 31 arrests.", "Xinhua News Agency", "xinhua"),
        ("新华社报道，31人被抓获。", "新华社", "xinhua"),
        ("据新华网报道，31人被抓获。", "新华网", "xinhua"),
        ("据央视新闻报道，31人被抓获。", "央视新闻", "cctv"),
        ("Reuters reported 31 arrests.", "Reuters", "reuters"),
        ("State media reported 31 arrests.", "State media", ""),
        ("据官方媒体报道，31人被抓获。", "官方媒体", ""),
    ],
)
def test_an_outlet_is_known_by_its_aliases_and_state_media_without_a_name_have_none(
    text: str, words: str, outlet: str
) -> None:
    (found,) = read(text)
    assert (found.words, found.outlet, found.kind) == (words, outlet, "source")


@pytest.mark.parametrize(
    "text", ["Xinhua Road was closed.", "新华书店开业。", "新华字典再版。", "She lives near Xinhua Bookstore."]
)
def test_a_name_that_only_holds_an_outlets_is_none(text: str) -> None:
    assert [each for each in read(text) if each.outlet == "xinhua"] == []


@pytest.mark.parametrize("text", ["据新华日报报道，苏北产业转移加快。", "Xinhua Daily reported 31 arrests."])
def test_xinhua_daily_is_another_paper(text: str) -> None:
    assert [each.outlet for each in read(text)] == ["xinhua-daily"]


def test_a_link_is_kept_as_printed_and_whose_it_is_too_though_the_label_says_otherwise() -> None:
    text = "Xinhua reports 31 arrests."
    links = (Hyperlink("Xinhua reports", "http://news.china.com.cn/world/1.htm", 0, 0, 14),)
    (found,) = read(text, links=links)
    assert (found.outlet, found.href) == ("xinhua", "http://news.china.com.cn/world/1.htm")
    assert found.href_outlet != "xinhua"


def test_an_own_outlet_has_a_canonical_address_and_its_own_aliases_come_first() -> None:
    rows = [
        {"id": "bay", "kind": "state", "title_en": "Bay Times", "title_local": "湾报", "aliases": "湾报; Bay Times",
         "domains": '[{"host": "bay.example"}]'},
    ]  # fmt: skip
    press = Press(rows, lambda url: ("bay", url.replace("http:", "https:")) if "bay.example" in url else None)
    (found,) = read("The Bay Times reported 31 arrests.", press=press)
    assert found.outlet == "bay"
    assert press.owner_of("https://web.archive.org/web/20120726000000/http://www.bay.example/1") == "bay"
    assert press.canonical("http://bay.example/1") == "https://bay.example/1"


@pytest.mark.parametrize(
    "url", ["", "x", "http://", "http://[", "mailto:a@b", "http://xinhuanet.com.evil.example/", "ftp://news.cn/"]
)
def test_an_address_of_nobody_has_no_owner(url: str) -> None:
    assert known().owner_of(url) in (None, "xinhua" if url.startswith("ftp") else None)


def test_a_source_line_a_credit_and_a_byline_name_outlets_too() -> None:
    found = mentions_of_page(
        known(), outlet="peoples-daily", source_label="新华网", source_url="http://www.news.cn/1.htm",
        dateline_agency=None, captions=["洪水中的村庄。新华社发"], byline=None,
    )  # fmt: skip
    assert [(each.place, each.outlet, each.kind) for each in found] == [
        ("source", "xinhua", "source"),
        ("caption", "xinhua", "credit"),
    ]
    assert (found[0].href, found[0].href_outlet) == ("http://www.news.cn/1.htm", "xinhua")


@given(
    st.lists(
        st.sampled_from(
            ["Xinhua", "新华社", "新华", "日报", " ", "state ", "media ", "reported", "据", "报道", "，", "AP"]
        ),
        max_size=20,
    )
)
def test_whatever_the_text_a_mention_is_where_it_says(pieces: list[str]) -> None:
    read("".join(pieces))


@pytest.mark.parametrize(
    ("text", "words", "outlet"),
    [
        ("Xinhua reported 31 arrests.\n\nThe agency said that 12 more are sought.", "The agency", "xinhua"),
        (
            "Xinhua reported 31 arrests.\n\nTASS said that there were none. Two were freed, the agency reported.",
            "the agency",
            "tass",
        ),
        ("据新华社报道，31人被抓获。\n\n该社还报道，12人在逃。", "该社", "xinhua"),
        ("《人民日报》评论称，此事应严查。\n\n该报还说，有人失职。", "该报", "peoples-daily"),
    ],
)
def test_the_agency_is_the_one_that_was_named_last(text: str, words: str, outlet: str) -> None:
    found = read(text)[-1]
    assert (found.words, found.outlet, found.kind) == (words, outlet, "source")


@pytest.mark.parametrize(
    "text",
    [
        "The agency said that 12 people are sought.",
        "Xinhua reported 31 arrests. The Environmental Protection Agency was told.",
        "据新华社报道，31人被抓获。该报告说，12人在逃。",
        "The Global Times reported 31 arrests. Two were freed, the agency said.",
    ],
)
def test_an_agency_that_nobody_named_is_none(text: str) -> None:
    assert [each.words for each in read(text) if "gency" in each.words or each.words.startswith("该")] == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("據新華社報導，31人被捕。", "新華社"),
        ("《聯合早報》報導，31人被捕。", "聯合早報"),
        ("新華社：31人被捕", "新華社"),
    ],
)
def test_traditional_characters_are_read_alike(text: str, words: str) -> None:
    passage = Passage(text, "zh-Hant", is_title=text.startswith("新華社"), speaker="tnw")
    (found,) = mentions(passage, known(), (), attributions(passage)[0])
    assert (found.words, found.kind) == (words, "source")
    assert text[found.start : found.end] == words


def test_in_august_state_media_said_then() -> None:
    passage = Passage("In August, it was out for 25 days, Xinhua said then.", "en", date(2012, 9, 25), speaker="tnw")
    (found,) = mentions(passage, known(), (), attributions(passage)[0])
    assert found.dates == ("2012-08-01", "2012-08-31")


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("Only two weeks ago, Xinhua had put the number at 1,900.", ("2012-09-07", "2012-09-15")),
        ("In 2010, Xinhua reported 5,000 arrests.", ("2010-01-01", "2010-12-31")),
        ("Exports fell in August, Xinhua reported.", (None, None)),  # that is when they fell
        ("In late August, Xinhua reported 31 arrests.", ("2012-08-01", "2012-08-31")),
        ("Xinhua had reported 31 arrests.", ("2012-03-29", "2012-09-24")),
        ("The mine had a licence until 2009, Xinhua reported on Monday.", ("2012-09-24", "2012-09-24")),
        ("一个月前，新华社报道31人被捕。", ("2012-08-08", "2012-09-13")),
        ("上个月交还的361件来自一位藏家，新华社当时报道。", ("2012-08-01", "2012-08-31")),
        ("公司2011年亏损3亿元，新华社报道。", (None, None)),
        ("新华社曾报道，31人被捕。", ("2012-03-29", "2012-09-24")),
        ("新华社本周一曾报道，31人被捕。", ("2012-09-24", "2012-09-24")),
        ("据新华社上周六报道，31人被捕。", ("2012-09-22", "2012-09-22")),
        ("新华社星期天的消息说，31人被捕。", ("2012-09-23", "2012-09-23")),
        ("2010年，新华社报道，31人被捕。", ("2010-01-01", "2010-12-31")),
    ],
)
def test_in_which_days_the_report_came_out(text: str, days: tuple[str | None, str | None]) -> None:
    language = "zh-Hans" if "新华" in text else "en"
    passage = Passage(text, language, date(2012, 9, 25), speaker="tnw")
    assert mentions(passage, known(), (), attributions(passage)[0])[0].dates == days


@pytest.mark.parametrize(
    "text", ["Xinhua has not said for how long.", "Xinhua made no mention of it.", "新华社当时对此未作详细报道。"]
)
def test_what_an_outlet_does_not_report_rests_on_no_report_of_it(text: str) -> None:
    (found,) = read(text)
    assert found.kind == "named"
