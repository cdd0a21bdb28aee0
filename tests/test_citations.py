"""Which report a story rests on, by which tier, and what it is when nothing settles it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from stories import Linked, story

ARRESTS = story(
    "a", "xinhua", "China detains 8,900 in telephone fraud crackdown",
    "BEIJING, March 4 (Xinhua) -- Chinese police have detained more than 8,934 suspects and broken up 740 gangs in a "
    "nationwide crackdown on telephone fraud, the Ministry of Public Security said Monday.",
    "Police shut down 17,000 websites and removed 3.2 million illegal text messages, it said.",
)  # fmt: skip
FLOOD = story(
    "b", "xinhua", "Floods cut roads in Hunan", "CHANGSHA, March 4 (Xinhua) -- Floods have cut 36 roads in Hunan Province.",
    hours=1,
)  # fmt: skip
ZHE = story(
    "z", "xinhua", "公安部：抓获电信诈骗犯罪嫌疑人8934名",
    "新华社北京3月4日电　公安部4日通报，全国公安机关打击电信诈骗专项行动抓获犯罪嫌疑人8934名，打掉团伙740个。",
    "警方关闭网站1.7万个，清理违法短信320万条。", language="zh-Hans",
)  # fmt: skip


def _tells(*body: str, hours: float = 20, **more: object) -> object:
    return story("s", "tnw", "A crackdown in China", *body, hours=hours, **more)  # type: ignore[arg-type]


def test_a_hyperlink_is_followed_whatever_its_scheme_host_and_tracking(tmp_path: Path) -> None:
    href = ARRESTS.url.replace("https://www.news.cn", "http://www.xinhuanet.com") + "?utm_source=x"
    told = _tells("Police in China held thousands of people, Xinhua reported.", links=(("Xinhua reported", 0, href),))
    (citation,) = Linked(tmp_path, ARRESTS, FLOOD, told).citations("s")
    assert citation[:3] == ("a", "hyperlink", "")
    assert citation[3]["hyperlink"] == href and citation[3]["hours"] == 20


def test_a_link_to_another_story_does_not_hide_the_one_that_is_told(tmp_path: Path) -> None:
    told = _tells(
        "Chinese police detained 8,934 suspects of telephone fraud and broke up 740 gangs, Xinhua reported.",
        links=(("Xinhua reported", 0, FLOOD.url),),
    )
    (citation,) = Linked(tmp_path, ARRESTS, FLOOD, told).citations("s")
    assert citation[:2] == ("a", "named outlet")


def test_a_named_outlet_with_shared_figures_and_names(tmp_path: Path) -> None:
    told = _tells(
        "Chinese police detained 8,934 suspects of telephone fraud and broke up 740 gangs, Xinhua reported, citing the "
        "Ministry of Public Security."
    )
    linked = Linked(tmp_path, ARRESTS, FLOOD, told)
    ((cited, tier, _, evidence),) = linked.citations("s")
    assert (cited, tier) == ("a", "named outlet")
    texts = {
        (report, number): text
        for report, number, text in linked.connection.execute("select report, number, text from figures")
    }
    pairs = [(texts[linked.id("s"), here], texts[linked.id("a"), there]) for here, there in evidence["figures"]]
    assert pairs == [("8,934", "8,934"), ("740", "740")]
    assert "ministry-of-public-security" in [key for key, _, _ in evidence["names"]]


def test_words_taken_over_are_shown_in_both_texts(tmp_path: Path) -> None:
    taken = "broken up 740 gangs in a nationwide crackdown on telephone fraud, the Ministry of Public Security said"
    told = _tells(
        f"It is said to have {taken} by Xinhua, with thousands of people behind bars.", "Nobody else knows more."
    )
    linked = Linked(tmp_path, ARRESTS, FLOOD, told)
    ((cited, tier, _, evidence),) = linked.citations("s")
    assert (cited, tier) == ("a", "text reuse")
    ((start, stop, there_start, there_stop),) = evidence["shared_text"]
    here, there = (
        linked.connection.execute("select body from versions where report = ?", [linked.id(key)]).fetchone()[0]
        for key in "sa"
    )
    assert here[start:stop] == there[there_start:there_stop] == taken


def test_state_media_without_a_name(tmp_path: Path) -> None:
    told = _tells(
        "Chinese police detained 8,934 suspects of telephone fraud, broke up 740 gangs and closed 17,000 websites, state "
        "media reported."
    )
    (citation,) = Linked(tmp_path, ARRESTS, FLOOD, told).citations("s")
    assert citation[:2] == ("a", "state media")


def test_across_languages_figures_and_names_carry_it(tmp_path: Path) -> None:
    told = _tells(
        "Chinese police caught 8,934 suspects and removed 3.2 million text messages, Xinhua reported, citing the Ministry "
        "of Public Security."
    )
    (citation,) = Linked(tmp_path, ZHE, FLOOD, told).citations("s")
    assert citation[:2] == ("z", "named outlet")


def test_of_two_editions_the_one_in_the_storys_language_is_cited(tmp_path: Path) -> None:
    told = _tells("Chinese police caught 8,934 suspects and broke up 740 gangs of telephone fraud, Xinhua reported.")
    assert Linked(tmp_path, ZHE, ARRESTS, told).citations("s")[0][0] == "a"


def test_last_weeks_report_is_another_one(tmp_path: Path) -> None:
    earlier = story(
        "e", "xinhua", "Hunan police detain 43", "Police in Hunan detained 43 suspects who sold data of 900,000 people.",
        hours=-24 * 6,
    )  # fmt: skip
    told = _tells(
        "Chinese police detained 8,934 suspects of telephone fraud, Xinhua reported on Monday.",
        "Just last week, Xinhua reported that 43 people were detained in Hunan who had sold data of 900,000 citizens.",
        hours=30,
    )
    assert [cited for cited, *_ in Linked(tmp_path, earlier, ARRESTS, told).citations("s")] == ["a", "e"]


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ("Xinhua reported that the harvest of 46 provinces was good.", "nothing fits"),
        ("TASS reported that 8,934 suspects were detained.", "not collected"),
    ],
)
def test_what_nothing_settles_stays_unresolved(tmp_path: Path, told: str, reason: str) -> None:
    (citation,) = Linked(tmp_path, ARRESTS, FLOOD, _tells(told)).citations("s")
    assert citation == (None, "", reason, {})


def test_without_a_report_in_the_window_nothing_is_held(tmp_path: Path) -> None:
    linked = Linked(tmp_path, ARRESTS, _tells("Police held 8,934 suspects, Xinhua reported.", hours=24 * 40))
    assert linked.citations("s") == [(None, "", "nothing held", {})]
    row = linked.connection.execute("select from_day, to_day from citations").fetchone()
    assert row == ("2024-03-30", "2024-04-14")  # what a backfill would have to bring


def test_a_link_to_a_report_that_is_not_held_names_its_address(tmp_path: Path) -> None:
    href = "http://www.xinhuanet.com/english/2024-03/04/c_139999999.htm"
    told = _tells("Police held 8,934 suspects and broke up 740 gangs, Xinhua said.", links=(("Xinhua said", 0, href),))
    linked = Linked(tmp_path, ARRESTS, told)
    assert linked.citations("s")[0][:3] == (None, "", "not held")
    (target,) = linked.connection.execute("select target from citations").fetchone()
    assert target == linked.archive.press.canonical(href)


def test_two_that_fit_alike_are_not_guessed_between(tmp_path: Path) -> None:
    again = story(
        "c", "xinhua", "Police chief thanks officers",
        "BEIJING, March 4 (Xinhua) -- Of the 8,934 suspects, most confessed, said the Ministry of Public Security, which "
        "broke up 740 gangs.", hours=3,
    )  # fmt: skip
    told = _tells("The number is 8,934, Xinhua says, and 740.")
    assert Linked(tmp_path, ARRESTS, again, told).citations("s")[0][2] == "several fit"


def test_a_report_that_comes_late_is_cited_then(tmp_path: Path) -> None:
    told = _tells("Chinese police detained 8,934 suspects of fraud and broke up 740 gangs, Xinhua reported.")
    linked = Linked(tmp_path, FLOOD, told)
    assert linked.citations("s")[0][0] is None
    linked.write(ARRESTS)
    assert linked.citations("s")[0][0] == "a"


def test_a_report_whose_text_changes_is_cited_no_more(tmp_path: Path) -> None:
    told = _tells("Chinese police detained 8,934 suspects of fraud and broke up 740 gangs, Xinhua reported.")
    linked = Linked(tmp_path, ARRESTS, told)
    assert linked.citations("s")[0][0] == "a"
    changed = story("a", "xinhua", "Weather", "BEIJING, March 4 (Xinhua) -- It rained in Beijing.", hours=0)
    linked.write(changed)
    assert linked.citations("s")[0][0] is None


def test_a_copy_with_a_source_line_rests_on_its_original(tmp_path: Path) -> None:
    copy = story("s", "huanqiu", ZHE.title, *ZHE.body, hours=5, language="zh-Hans", label="来源：新华网")
    found = Linked(tmp_path, ZHE, copy).citations("s")
    assert {citation[:2] for citation in found} == {("z", "text reuse")}


def test_another_paper_with_xinhua_in_its_name_is_no_mention_of_it(tmp_path: Path) -> None:
    told = _tells("据新华日报报道，警方抓获犯罪嫌疑人8934名，打掉团伙740个。", language="zh-Hans")
    linked = Linked(tmp_path, ZHE, told)
    assert all(cited is None for cited, *_ in linked.citations("s"))


def test_evidence_is_json_that_a_reader_can_check(tmp_path: Path) -> None:
    told = _tells("Chinese police detained 8,934 suspects of fraud and broke up 740 gangs, Xinhua reported.")
    linked = Linked(tmp_path, ARRESTS, told)
    (evidence,) = linked.connection.execute("select evidence from citations where cited is not null").fetchone()
    assert json.loads(evidence).keys() == {"figures", "names", "shared_text", "hours"}


def test_the_surest_tier_has_the_highest_score(tmp_path: Path) -> None:
    told = story(
        "s", "tnw", "China detains 8,934 and breaks up 740 gangs, Xinhua says",
        "Chinese police detained 8,934 suspects of telephone fraud, broke up 740 gangs, shut down 17,000 websites and removed "
        "3.2 million illegal text messages, Xinhua reported, citing the Ministry of Public Security.",
        hours=20, links=(("Xinhua reported", 0, ARRESTS.url),),
    )  # fmt: skip
    linked = Linked(tmp_path, ARRESTS, FLOOD, told)
    scores = dict(linked.connection.execute("select tier, score from citations where cited = ?", [linked.id("a")]))
    assert scores.keys() == {"named outlet", "hyperlink"}
    assert scores["named outlet"] < scores["hyperlink"] == 1
