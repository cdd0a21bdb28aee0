"""Figures that do not go together, and figures that only look like it."""

from __future__ import annotations

from pathlib import Path

from stories import Linked, story

JANUARY = (
    "BEIJING, March 4 (Xinhua) -- Police across China arrested {} suspects of online fraud from January to February this "
    "year, the Ministry of Public Security said Monday."
)


def _contradictions(linked: Linked) -> list[tuple[str, str, str, str]]:
    keys = {id: key for (_, key), id in linked.archive.ids.items()}
    return [
        (kind, keys[report], keys[other], explanation)
        for kind, report, other, explanation in linked.connection.execute(
            "select kind, report, other_report, explanation from contradictions order by kind, report"
        )
    ]


def test_a_later_text_gives_a_smaller_total_for_the_same_period(tmp_path: Path) -> None:
    first = story("a", "xinhua", "Police hold suspects", JANUARY.format("12,400"))
    later = story("b", "xinhua", "Fraud suspects arrested", JANUARY.format("11,300"), hours=30)
    linked = Linked(tmp_path, later, first)
    start, stop = linked.connection.execute("select period_start, period_stop from figures").fetchone()
    assert _contradictions(linked) == [
        ("smaller total", "b", "a", f"11,300 here, 12,400 in an earlier text, for {start} to {stop}")
    ]


def test_a_total_that_grows_is_none(tmp_path: Path) -> None:
    first = story("a", "xinhua", "Police hold suspects", JANUARY.format("11,300"))
    later = story("b", "xinhua", "Fraud suspects arrested", JANUARY.format("12,400"), hours=30)
    assert _contradictions(Linked(tmp_path, first, later)) == []


def test_a_total_of_another_matter_is_none(tmp_path: Path) -> None:
    first = story("a", "xinhua", "Police hold suspects", JANUARY.format("12,400"))
    other = story(
        "b", "xinhua", "Smugglers",
        "In operations at ports and on rivers, officers arrested 960 suspects of smuggling timber from January to February "
        "this year, said the Ministry of Public Security.", hours=30,
    )  # fmt: skip
    assert _contradictions(Linked(tmp_path, first, other)) == []


def test_a_total_told_roughly_is_none(tmp_path: Path) -> None:
    first = story("a", "xinhua", "Police hold suspects", JANUARY.format("12,437"))
    later = story("b", "xinhua", "Fraud suspects arrested", JANUARY.format("about 12,400"), hours=30)
    assert [kind for kind, *_ in _contradictions(Linked(tmp_path, first, later))] == []


def test_a_story_drops_the_modifier(tmp_path: Path) -> None:
    source = story(
        "a", "xinhua", "Police hold suspects",
        "BEIJING, March 4 (Xinhua) -- Police arrested more than 8,900 suspects and closed 740 websites, the Ministry of "
        "Public Security said Monday.",
    )  # fmt: skip
    told = story(
        "b", "tnw", "China arrests 8,900",
        "Chinese police arrested 8,900 suspects and closed 740 websites, Xinhua reported.", hours=9,
    )  # fmt: skip
    found = _contradictions(Linked(tmp_path, source, told))
    assert ("dropped modifier", "b", "a", "more than 8,900 (at least) became 8,900") in found
    assert {kind for kind, *_ in found} == {"dropped modifier"}


def test_a_story_that_keeps_the_modifier_is_none(tmp_path: Path) -> None:
    source = story(
        "a", "xinhua", "Police hold suspects",
        "BEIJING, March 4 (Xinhua) -- Police arrested more than 8,900 suspects and closed 740 websites, the Ministry of "
        "Public Security said Monday.",
    )  # fmt: skip
    told = story(
        "b", "tnw", "Arrests in China",
        "Chinese police arrested over 8,900 suspects and closed 740 websites, Xinhua reported.", hours=9,
    )  # fmt: skip
    assert _contradictions(Linked(tmp_path, source, told)) == []


def test_a_story_changes_a_number(tmp_path: Path) -> None:
    source = story(
        "a", "xinhua", "Police hold suspects",
        "BEIJING, March 4 (Xinhua) -- Police arrested 8,934 suspects and closed 740 websites, the Ministry of Public "
        "Security said Monday.",
    )  # fmt: skip
    told = story(
        "b", "tnw", "Arrests in China",
        "Chinese police arrested 8,934 suspects and closed 470 websites, Xinhua reported, citing the Ministry of Public "
        "Security.", hours=9,
    )  # fmt: skip
    linked = Linked(tmp_path, source, told)
    assert _contradictions(linked) == [("changed number", "b", "a", "740 became 470")]


def test_across_languages_too(tmp_path: Path) -> None:
    source = story(
        "a", "xinhua", "公安部：抓获犯罪嫌疑人8934名",
        "新华社北京3月4日电（记者周凯）公安部4日通报，全国公安机关抓获犯罪嫌疑人8934名，关闭网站740多个。", language="zh-Hans",
    )  # fmt: skip
    told = story(
        "b", "tnw", "Arrests in China",
        "Chinese police arrested 8,934 suspects and closed 740 websites, Xinhua reported, citing the Ministry of Public "
        "Security.", hours=9,
    )  # fmt: skip
    found = _contradictions(Linked(tmp_path, source, told))
    assert [(kind, report) for kind, report, *_ in found] == [("dropped modifier", "b")]


def test_an_edit_changes_a_number(tmp_path: Path) -> None:
    text = "BEIJING, March 4 (Xinhua) -- Police arrested {} suspects in Hunan, the Ministry of Public Security said Monday."
    linked = Linked(tmp_path, story("a", "xinhua", "Police hold suspects", text.format("183")))
    linked.write(story("a", "xinhua", "Police hold suspects", text.format("138")))
    assert _contradictions(linked) == [("changed by edit", "a", "a", "183 became 138")]
    versions = linked.connection.execute("select version, other_version from contradictions").fetchone()
    assert versions[0] > versions[1]


def test_a_sentence_that_is_new_is_no_change(tmp_path: Path) -> None:
    text = "Police arrested 183 suspects in Hunan."
    linked = Linked(tmp_path, story("a", "xinhua", "Police hold suspects", text))
    linked.write(story("a", "xinhua", "Police hold suspects", text, "They closed 57 websites."))
    assert _contradictions(linked) == []


def test_what_is_repaired_is_no_contradiction_any_more(tmp_path: Path) -> None:
    first = story("a", "xinhua", "Police hold suspects", JANUARY.format("12,400"))
    later = story("b", "xinhua", "Fraud suspects arrested", JANUARY.format("11,300"), hours=30)
    linked = Linked(tmp_path, first, later)
    linked.write(story("b", "xinhua", "Fraud suspects arrested", JANUARY.format("12,600"), hours=30))
    assert "smaller total" not in {kind for kind, *_ in _contradictions(linked)}


def test_a_number_of_another_report_that_the_story_rests_on_is_no_change(tmp_path: Path) -> None:
    earlier = story(
        "e", "xinhua", "Hunan police hold suspects",
        "Police in Hunan arrested 1,243 suspects of fraud, the Ministry of Public Security said.", hours=-24 * 7,
    )  # fmt: skip
    source = story(
        "a", "xinhua", "Police hold suspects",
        "BEIJING, March 4 (Xinhua) -- Police arrested 8,934 suspects and closed 740 websites, the Ministry of Public "
        "Security said Monday.",
    )  # fmt: skip
    told = story(
        "b", "tnw", "Arrests in China",
        "Chinese police arrested 8,934 suspects and closed 740 websites, Xinhua reported on Monday.",
        "Last week, Xinhua reported that police in Hunan arrested 1,243 suspects.", hours=20,
    )  # fmt: skip
    linked = Linked(tmp_path, earlier, source, told)
    assert [cited for cited, *_ in linked.citations("b")] == ["a", "e"]
    assert _contradictions(linked) == []
