"""archive/differences.py, publish/differences.py and publish/citation.py: what changed between two wordings, and how one is
cited."""

from __future__ import annotations

import json
import random
import re
import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from archive.differences import Count, Run, compare, count, readable
from publish.citation import Cited, bibtex, sentence
from publish.differences import paragraphs

HEADLINES = Path(__file__).resolve().parents[2] / "shared" / "records" / "headline_versions.jsonl"
TEXTS = st.one_of(
    st.text(max_size=60),
    st.text("ab天地。, 5.\n", max_size=60),
    st.lists(st.sampled_from(["600", "gangs", "公安部", " ", "\n\n", "。", "and", "3.2"]), max_size=40).map("".join),
)


def written(old: str, new: str) -> str:
    """The readable change in one line: [-removed-] and {+added+}."""
    signs = {"equal": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
    return "".join(signs[run.kind].format(run.text) for run in readable(compare(old, new)))


def joined(runs: list[Run], without: str) -> str:
    return "".join(run.text for run in runs if run.kind != without)


@given(TEXTS, TEXTS)
@example("a\n\nb", "a b")
@example("\n\n\n\n", "")
@example("x" * 50, "x" * 49 + "y")
def test_what_stayed_and_went_is_the_old_text_and_what_stayed_and_came_the_new_one(old: str, new: str) -> None:
    minimal = compare(old, new)
    for runs in (minimal, readable(minimal)):
        assert joined(runs, "added") == old
        assert joined(runs, "removed") == new
        assert all(run.text for run in runs)


@given(TEXTS, TEXTS)
def test_paragraphs_lose_nothing_but_the_breaks_between_them(old: str, new: str) -> None:
    runs = readable(compare(old, new))
    shown = [run for paragraph in paragraphs(runs) for run in paragraph.runs]
    for without, text in (("added", old), ("removed", new)):
        assert joined(shown, without).replace("\n\n", "") == text.replace("\n\n", "")


@given(TEXTS)
def test_a_text_does_not_differ_from_itself(text: str) -> None:
    assert compare(text, text) == ([Run("equal", text)] if text else [])
    assert count(compare(text, text)) == Count(0, 0)


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        # Numbers and words are whole.
        ("over 600 gangs", "over 500 gangs", "over [-600-]{+500+} gangs"),
        ("3,500 sites, 1.5%", "3,505 sites, 2.5%", "[-3,500-]{+3,505+} sites, [-1.5-]{+2.5+}%"),
        ("at 09:30 today", "at 09:35 today", "at [-09:30-]{+09:35+} today"),
        ("West’s slander shows", "West's slander shows", "[-West’s-]{+West's+} slander shows"),
        ("the cafe\u0301 is open", "the cafe is open", "the [-cafe\u0301-]{+cafe+} is open"),
        # Chinese and Japanese by the character, numbers in them whole.
        ("首日客流达18.3万人次", "首日客流达13.8万人次", "首日客流达[-18.3-]{+13.8+}万人次"),
        ("公安部打击网络犯罪", "公安部严打网络犯罪", "公安部[-打击-]{+严打+}网络犯罪"),
        ("東京でまつり", "東京のまつり", "東京[-で-]{+の+}まつり"),
        ("新华社Xinhua报道", "新华社TNW报道", "新华社[-Xinhua-]{+TNW+}报道"),
        # A change is where a reader would say that it is.
        ("It rained. It snowed. It ended.", "It rained. It ended.", "It rained. [-It snowed. -]It ended."),
        ("准点率为98.7%。市民担忧票价。", "准点率为98.7%。", "准点率为98.7%。[-市民担忧票价。-]"),
        # What stayed by chance between two changes is part of them.
        ("red, big and old", "blue, small and old", "[-red, big-]{+blue, small+} and old"),
        ("抓获1万人", "控制3万人", "[-抓获1-]{+控制3+}万人"),
        # Nothing in common is one change, not many.
        (
            "US proposes tariffs on goods from 60 economies",
            "Floods in the south leave 60 dead",
            "[-US proposes tariffs on goods from 60 economies-]{+Floods in the south leave 60 dead+}",
        ),
        # An edit beside a paragraph that went stays a change of its own.
        ("抓获600人。\n\n市民担忧。", "抓获500人。", "抓获[-600-]{+500+}人。[-\n\n市民担忧。-]"),
        ("Ten fled.\n\nAll is well.", "Two fled.", "[-Ten-]{+Two+} fled.[-\n\nAll is well.-]"),
        ("", "new", "{+new+}"),
        ("old", "", "[-old-]"),
    ],
)
def test_a_change_is_shown_as_a_reader_would_tell_it(old: str, new: str, shown: str) -> None:
    assert written(old, new) == shown


def test_a_new_paragraph_is_one_of_its_own() -> None:
    found = paragraphs(readable(compare("First one.\n\nLast one.", "First one.\n\nBetween them.\n\nLast one.")))
    assert [(each.kind, each.text) for each in found] == [
        ("equal", "First one."),
        ("added", "Between them.\n\n"),
        ("equal", "Last one."),
    ]


def test_a_removed_paragraph_is_one_of_its_own() -> None:
    found = paragraphs(readable(compare("甲报道。\n\n乙说。\n\n丙说。", "甲报道。\n\n丙说。")))
    assert [(each.kind, each.text) for each in found] == [
        ("equal", "甲报道。"),
        ("removed", "乙说。\n\n"),
        ("equal", "丙说。"),
    ]


def test_a_last_paragraph_that_went_is_one_of_its_own_too() -> None:
    found = paragraphs(readable(compare("抓获600人。\n\n市民担忧。", "抓获500人。")))
    assert [(each.kind, each.text) for each in found] == [
        ("changed", "抓获600500人。"),
        ("removed", "\n\n市民担忧。"),
    ]


def test_paragraphs_that_were_written_anew_stay_apart() -> None:
    old, new = "Alpha beta gamma.\n\nThe end is here.", "Delta epsilon zeta!\n\nThe end is here."
    found = paragraphs(readable(compare(old, new)))
    assert [each.kind for each in found] == ["changed", "equal"]
    assert found[0].runs == (Run("removed", "Alpha beta gamma."), Run("added", "Delta epsilon zeta!"))


def test_paragraphs_that_were_joined_show_the_lost_break() -> None:
    found = paragraphs(
        readable(compare("Police came today.\n\nThey left later.", "Police came today. They left later."))
    )
    assert [run for each in found for run in each.runs] == [
        Run("equal", "Police came today."),
        Run("removed", "\n\n"),
        Run("added", " "),
        Run("equal", "They left later."),
    ]
    assert len(found) == 1


def test_characters_are_counted_without_the_spaces_around_them() -> None:
    runs = compare("He ate, drank and slept.", "He ate and slept well.")
    assert written("He ate, drank and slept.", "He ate and slept well.") == "He ate[-, drank-] and slept{+ well+}."
    assert count(runs) == Count(added=4, removed=7)  # "well"; ", drank"


# Bodies of 100 KB. Each took under 0.3 s; the limit leaves room for a machine that is busy with other things.
WORST = {
    "words without a common one": (" ".join(f"a{n}" for n in range(16_000)), " ".join(f"b{n}" for n in range(16_000))),
    "one and the same few words": ("a b " * 25_000, "b a " * 25_000 + "c"),
    "two characters at random": tuple(
        "".join(random.Random(seed).choices("天地", k=33_000)) for seed in (1, 2)
    ),
    "paragraphs of one letter": ("x\n\n" * 30_000, "y\n\n" * 30_000),
    "every other paragraph new": ("x\n\n" * 30_000, "x\n\ny\n\n" * 15_000),
    "one word": ("x" * 100_000, "y" * 100_000),
    "a thousand common words": tuple(
        " ".join(random.Random(seed).choices([f"w{n}" for n in range(1000)], k=20_000)) for seed in (3, 4)
    ),
    "longer than any page": tuple(f"{letter}、" * 700_000 for letter in "天地"),
}  # fmt: skip


@pytest.mark.parametrize("name", WORST)
def test_texts_with_nothing_in_common_do_not_stall(name: str) -> None:
    old, new = WORST[name]
    start = time.process_time()
    runs = readable(compare(old, new))
    paragraphs(runs)
    assert time.process_time() - start < 2
    assert joined(runs, "added") == old
    assert joined(runs, "removed") == new


def test_an_edit_of_a_long_report_is_found_in_no_time() -> None:
    sentences = [f"第{n}项，警方在第{n % 7}区抓获{n * 13}名嫌疑人，扣押物品{n * 3}件。" for n in range(1, 400)]
    edited = [*sentences[:100], "新增一句。", *sentences[101:250], *sentences[252:]]
    old, new = "\n\n".join(sentences), "\n\n".join(edited)
    start = time.process_time()
    found = paragraphs(readable(compare(old, new)))
    assert time.process_time() - start < 0.5
    assert [each.kind for each in found if each.kind != "equal"] == ["changed", "removed", "removed"]


@pytest.mark.skipif(not HEADLINES.exists(), reason="no records of real headlines here")
def test_real_headlines_that_changed_are_compared_in_a_millisecond_and_lose_nothing() -> None:
    spent = []
    for line in HEADLINES.read_text(encoding="utf-8").splitlines():
        titles = [version["title"] for version in json.loads(line)["versions"]]
        for old, new in pairwise(titles):
            start = time.process_time()
            runs = readable(compare(old, new))
            spent.append(time.process_time() - start)
            assert joined(runs, "added") == old
            assert joined(runs, "removed") == new
            # A word or number is never cut in two.
            for before, after in pairwise(runs):
                if before.kind != after.kind and "equal" in (before.kind, after.kind):
                    assert not re.fullmatch(r"[A-Za-z0-9]{2}", before.text[-1] + after.text[0]), (old, new, runs)
    assert len(spent) > 100
    assert sorted(spent)[len(spent) * 95 // 100] < 0.01


# Citations

CITED = Cited(
    report=2012072609300001, outlet="Xinhua News Agency", outlet_local="新华社", authors="", title="公安部：抓获 1万人",
    printed="2012-07-26 17:30", day="2012-07-26", url="http://www.news.cn/a_b/c.htm?x=1&y=%20",
    captured_at="2026-11-24T10:49:40Z", sha256="ab" * 32, warc="dateline-1-00000.warc.gz", offset=4711,
)  # fmt: skip


def test_a_citation_names_the_outlets_own_date_the_capture_and_the_proof() -> None:
    assert sentence(CITED) == (
        "“公安部：抓获 1万人”, Xinhua News Agency (新华社), dated “2012-07-26 17:30” by the outlet, "
        "http://www.news.cn/a_b/c.htm?x=1&y=%20. Captured by Dateline at 2026-11-24T10:49:40Z: report 2012072609300001, "
        f"payload SHA-256 {'ab' * 32}, WARC file dateline-1-00000.warc.gz, offset 4711."
    )


def test_bibtex_holds_the_same() -> None:
    assert bibtex(CITED) == (
        "@misc{dateline-2012072609300001-1,\n"
        "  author = {{Xinhua News Agency (新华社)}},\n"
        "  title = {{公安部：抓获 1万人}},\n"
        "  organization = {Xinhua News Agency (新华社)},\n"
        "  year = {2012},\n"
        "  date = {2012-07-26},\n"
        "  url = {http://www.news.cn/a_b/c.htm?x=1&y=%20},\n"
        "  urldate = {2026-11-24},\n"
        "  note = {Dated “2012-07-26 17:30” by the outlet; captured by Dateline at 2026-11-24T10:49:40Z: report "
        f"2012072609300001, payload SHA-256 {'ab' * 32}, WARC file dateline-1-00000.warc.gz, offset 4711}}\n"
        "}"
    )


def test_a_citation_never_says_published_and_says_when_no_date_is_printed() -> None:
    undated = Cited(
        1, "TNW", "TNW", "Iris Calder; Jonas Feld", "", "", "", "x", "2026-11-24T10:49:40Z", "", "f", 0, 2, 3
    )
    assert sentence(undated) == (
        "Iris Calder, Jonas Feld, “(no title)”, TNW, undated by the outlet, x. "
        "Captured by Dateline at 2026-11-24T10:49:40Z: report 1, version 2 of 3, WARC file f, offset 0."
    )
    entry = bibtex(undated)
    assert "author = {{Iris Calder} and {Jonas Feld}}" in entry
    assert "year" not in entry
    assert " date" not in entry
    assert "publi" not in (sentence(undated) + entry).lower()


@given(st.text(max_size=50), st.text(max_size=50))
def test_no_title_or_address_ends_a_bibtex_field(title: str, url: str) -> None:
    entry = bibtex(Cited(1, "A", "A", title, title, title, "", url, "2026-11-24T10:49:40Z", "", "f", 0))
    depth = 0
    for place, sign in enumerate(entry):
        depth += (sign == "{") - (sign == "}")
        assert depth >= 0
        assert depth > 0 or place < 5 or place == len(entry) - 1  # @misc stands before, the last brace ends it
    assert depth == 0


def test_signs_of_tex_are_escaped() -> None:
    entry = bibtex(
        Cited(1, "A & B", "", "", r"50% of {x} #1 \ ~ ^ _ $", "", "", "u", "2026-11-24T10:49:40Z", "", "f", 0)
    )
    assert r"organization = {A \& B}" in entry
    assert (
        r"title = {{50\% of \textbraceleft{}x\textbraceright{} \#1 \textbackslash{} \textasciitilde{} "
        r"\textasciicircum{} \_ \$}}" in entry
    )
