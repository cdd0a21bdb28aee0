"""What kind of change an edit was, and which words it put in place of which."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import sqlite3
import time
from collections import Counter
from itertools import islice, pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_archive import SAMPLES, make_archive
from sqlite_utils import Database
from test_rows import NEXT, capture, report

from archive import rows, search
from archive.edits import KINDS, edit
from archive.figures import figures
from archive.finding import find
from archive.schema import MIGRATIONS, connect, open_archive
from archive.selection import Search
from archive.typos import is_misspelt, is_typo
from archive.versions import Wording
from grammar.sentences import spans
from grammar.typography import plain, visible
from publish.wording import edit_in_a_line

RECORDS = Path(__file__).resolve().parents[2] / "shared" / "records"
HEADLINES, ITEMS = RECORDS / "headline_versions.jsonl", RECORDS / "cctv_xinwenlianbo.jsonl.gz"


def worded(body: str, title: str = "标题") -> Wording:
    return Wording(title, body, "", "layout")


def told(before: str, after: str) -> tuple[str, list[tuple[str, str]]]:
    """The kinds and the replacements of an edit of the body."""
    found = edit(worded(before), worded(after), [])
    return "; ".join(found.kinds), list(found.replacements)


def kinds(before: str, after: str) -> str:
    return told(before, after)[0]


# Figures


@pytest.mark.parametrize(
    ("before", "after", "replacement"),
    [
        ("警方抓获42人。", "警方抓获45人。", ("42", "45")),
        ("共清理网站1,200个。", "共清理网站1,350个。", ("1,200", "1,350")),
        ("Police crushed over 300 gangs.", "Police crushed nearly 300 gangs.", ("over", "nearly")),
        ("抓获三千余人。", "抓获四千余人。", ("三千", "四千")),
        ("抓获约300人。", "抓获300人。", ("约", "")),
        ("抓获300人。", "抓获300余人。", ("", "余")),
        ("超过500起。", "近500起。", ("超过", "近")),
        ("增长18.5%。", "增长19.5%。", ("18.5", "19.5")),
        ("抓获４２人。", "抓获45人。", ("４２", "45")),  # full-width digits
        ("召回1.2万台。", "召回1.3万台。", ("1.2万", "1.3万")),
        ("损失3万元。", "损失3亿元。", ("3万", "3亿")),
        ("It cost 10 million yuan.", "It cost 10 million dollars.", ("yuan", "dollars")),
        ("Three men fled.", "Five men fled.", ("Three", "Five")),
        ("Dozens were hurt.", "Hundreds were hurt.", ("Dozens", "Hundreds")),
        ("Several men were hurt.", "14 men were hurt.", ("Several", "14")),
        ("They paid $50m for it.", "They paid $49.3m for it.", ("50m", "49.3m")),
        # A figure that went, or came, and nothing else.
        ("客流中近三成为游客。", "客流中为游客。", ("近三成", "")),
        ("警方抓获嫌疑人。", "警方抓获42名嫌疑人。", ("", "42名")),
        # Dates and times are figures too.
        ("新华社北京9月21日电 正文。", "新华社北京9月22日电 正文。", ("21", "22")),
        ("He came on Monday.", "He came on Tuesday.", ("Monday", "Tuesday")),
        ("The talks began on Dec. 16.", "The talks began on Dec. 17.", ("16", "17")),
        ("列车18:30发车。", "列车19:30发车。", ("18:30", "19:30")),
        ("It fell by 10% then.", "It fell by 10 then.", ("%", "")),
        ("会议周一召开。", "会议周二召开。", ("周一", "周二")),
    ],
)  # fmt: skip
def test_a_changed_figure(before: str, after: str, replacement: tuple[str, str]) -> None:
    assert told(before, after) == ("figure changed", [replacement])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("The C919 flew.", "The C929 flew."),  # a name
        ("Cases of COVID-19 rose.", "Cases of COVID-20 rose."),
        ("Killing 43 people, the storm went on.", "The storm went on."),  # more than the figure went
        ("一些人离开。", "一批人离开。"),  # a numeral within a word
        ("万一下雨。", "如果下雨。"),
    ],
)
def test_what_is_no_changed_figure(before: str, after: str) -> None:
    assert "figure changed" not in kinds(before, after)


def test_a_figure_written_otherwise_says_the_same() -> None:
    assert kinds("Three men fled.", "3 men fled.") == "typo"
    assert kinds("They made 2,027 arrests.", "They made 2027 arrests.") == "typo"


def test_what_is_left_beside_a_changed_figure_is_told_too() -> None:
    assert told("警方抓获1万人。", "警方控制3万人。") == ("figure changed; wording", [("抓获1万", "控制3万")])


def test_figures_say_what_they_count() -> None:
    found = figures(
        plain("超过1,200起，三千余人，近三成，1.2万亿元，18:30，十多万人，two hundred and five, 7.3-magnitude")
    )
    assert [each.says for each in found] == [
        ("1200", "", "超过"), ("3000", "", "余"), ("3", "成", "近"), ("1.2e+12", "元", ""), ("clock 18:30", "", ""),
        ("100000", "", "多"), ("205", "", ""), ("7.3", "magnitude", ""),
    ]  # fmt: skip


# Who said it


@pytest.mark.parametrize(
    ("before", "after", "replacement"),
    [
        ("Police said ten men died.", "Officials said ten men died.", ("Police", "Officials")),
        ("The ministry said ten men died.", "Ten men died.", ("The ministry said", "")),
        ("Ten men died.", "Ten men died, police say.", ("", "police say")),
        ("Ten men died, according to the army.", "Ten men died, according to residents.", ("the army", "residents")),
        ("“We saw it,” said Wang Lei.", "“We saw it,” said Zhao Gang.", ("Wang Lei", "Zhao Gang")),
        ("据公安部介绍，火已扑灭。", "据警方介绍，火已扑灭。", ("公安部", "警方")),
        ("据公安部，火已扑灭。", "火已扑灭。", ("据公安部", "")),
        ("警方表示，火已扑灭。", "公安机关表示，火已扑灭。", ("警方", "公安机关")),
        ("发言人指出，火已扑灭。", "有人指出，火已扑灭。", ("发言", "有")),
        # A verb that says more than "said".
        ("He said that he was there.", "He claimed that he was there.", ("said", "claimed")),
        ("他说火已扑灭。", "他声称火已扑灭。", ("说", "声称")),
    ],
)
def test_a_changed_attribution(before: str, after: str, replacement: tuple[str, str]) -> None:
    assert told(before, after) == ("attribution changed", [replacement])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("警方表示，火已扑灭。", "警方称，火已扑灭。"),  # the same one says it, in as plain a word
        ("He said it.", "He noted it."),
        ("他写的小说畅销。", "他写的小说热卖。"),
        ("The city has 2,027 confirmed cases.", "The city has 2,027 new confirmed cases."),
        ("It is the state of the art.", "It is the nation of the art."),
        ("据点被占据。", "据点被夺回。"),
    ],
)
def test_what_is_no_changed_attribution(before: str, after: str) -> None:
    assert kinds(before, after) == "wording"


# Sentences


def test_sentences_that_came_and_went() -> None:
    assert told("A is here. B was removed.", "A is here.") == ("sentence removed", [])
    assert told("A is here.", "A is here. C came to stay.") == ("sentence added", [])
    assert kinds("警方通报情况。市民担忧票价。", "警方通报情况。") == "sentence removed"
    assert kinds("警方通报情况；市民担忧票价。", "警方通报情况。") == "sentence removed; typo"  # ；→ 。 too
    assert kinds("Nobody was hurt.", "Three workers died in the fire.") == "sentence added; sentence removed"


def test_a_sentence_that_stands_elsewhere_was_neither_added_nor_removed() -> None:
    assert told("甲方报道。乙方说明情况。丙方结束了。", "乙方说明情况。甲方报道。丙方结束了。") == ("wording", [])


def test_a_sentence_put_otherwise_was_changed() -> None:
    before = "The minister opened the new bridge over the river on Friday."
    after = "On Friday the new bridge over the river was opened by the minister."
    assert kinds(before, after) == "wording"


def test_sentences_that_were_joined_were_not_removed() -> None:
    assert kinds("They left. They came back later.", "They left, and they came back later.") == "wording"


def test_sentences_are_cut_where_a_reader_would() -> None:
    english = (
        "He said “no.” Then he left the U.S. The end. In the U.S. Senate, Mr. Smith met J. P. Morgan on Dec. 16. No. 5 won. "
        "At 5 p.m. police came. “Why?” he asked. It rose 3.5 percent."
    )
    assert [english[slice(*span)] for span in spans(english)] == [
        "He said “no.”", "Then he left the U.S.", "The end.", "In the U.S. Senate, Mr. Smith met J. P. Morgan on Dec. 16.",
        "No. 5 won.", "At 5 p.m. police came.", "“Why?” he asked.", "It rose 3.5 percent.",
    ]  # fmt: skip
    chinese = "警方通报，抓获42人；其中3人已释放。“好的。”他说。价格涨了1.5%！真的吗？\n\n第二段"
    assert [chinese[slice(*span)] for span in spans(chinese)] == [
        "警方通报，抓获42人；", "其中3人已释放。", "“好的。”", "他说。", "价格涨了1.5%！", "真的吗？", "第二段",
    ]  # fmt: skip


# Typos


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("They recieved the letters.", "They received the letters."),
        ("Texas floods leaves cars there.", "Texas floods leave cars there."),
        ("It was teh end.", "It was the end."),
        ("It was the the end.", "It was the end."),
        ("He went to Bejing.", "He went to Beijing."),
        ("The semi-final began.", "The semifinal began."),
        ("The u.s. army came.", "The U.S. army came."),
        ("They came; they left.", "They came, they left."),
        ("It took 3 yaers.", "It took 3 years."),
        ("部门已经部暑警力。", "部门已经部署警力。"),  # characters of one sound
        ("他们己经到达。", "他们已经到达。"),  # drawn alike
        ("议员的入境受限。", "议员入境受限。"),  # a particle
        ("警方报通情况。", "警方通报情况。"),  # swapped
        ("嫌人被抓。另有嫌疑人被抓。", "嫌疑人被抓。另有嫌疑人被抓。"),  # written right elsewhere
    ],
)
def test_a_typo(before: str, after: str) -> None:
    assert kinds(before, after) == "typo"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("He is not guilty.", "He is guilty."),
        ("He is now there.", "He is not there."),
        ("没有人伤亡。", "有人伤亡。"),
        ("东部下雨。", "西部下雨。"),
        ("It was a legal strike.", "It was an illegal strike."),
        ("Exports increased.", "Exports decreased."),
        ("He flew to Iran.", "He flew to Iraq."),  # a name for another
        ("The men left.", "The women left."),
        ("警方到场。", "公安到场。"),
        ("暴徒离开。", "暴民离开。"),
        ("He spoke of the war.", "He spoke of the “war”."),  # whose word is it?
        ("The war is over.", "The war is over?"),
    ],
)
def test_another_word_is_no_typo(before: str, after: str) -> None:
    assert "typo" not in kinds(before, after)


def test_a_source_with_another_name_is_no_typo_unless_a_letter_was_lost() -> None:
    assert kinds("The minister said so.", "The ministry said so.") == "attribution changed"
    assert kinds("The minstry said so.", "The ministry said so.") == "typo"


def test_slips_are_of_one_letter_and_in_long_words_of_two() -> None:
    assert is_misspelt("damages", "damage")
    assert is_misspelt("learnt", "learned")
    assert not is_misspelt("learnt", "learned", sure=True)
    assert not is_misspelt("can", "can't")
    assert not is_misspelt("north", "south")
    assert is_typo("帐户", "账户")
    assert not is_typo("1.5", "15")


# Notices


@pytest.mark.parametrize(
    "notice",
    [
        "Correction: An earlier version of this story said two fled. It was ten.",
        "This story has been corrected to say that ten fled.",
        "This article was updated to correct the number of people.",
        "An earlier version of this article gave a wrong date.",
        "Editor's note: the headline was corrected.",
        "更正：此前报道数字有误。",
        "勘误：抓获人数应为42人。",
        "编者按：本文数字已更正。",
        "特此更正。",
    ],
)
def test_a_correction_notice(notice: str) -> None:
    assert kinds("Ten fled.", f"Ten fled.\n\n{notice}") == "correction notice"


@pytest.mark.parametrize(
    "sentence",
    [
        "Corrections officers came too.",
        "公司昨日发布更正公告。",
        "An earlier version of the bill failed.",
        "This story is not over.",
    ],
)
def test_a_sentence_about_corrections_is_no_notice(sentence: str) -> None:
    assert kinds("Ten fled.", f"Ten fled.\n\n{sentence}") == "sentence added"


def test_a_notice_does_not_hide_the_correction() -> None:
    assert (
        kinds("Two fled.", "Ten fled.\n\nCorrection: ten people fled, not two.") == "figure changed; correction notice"
    )


# Titles, and wordings that come back


def test_a_new_title_is_a_headline_and_what_changed_in_it() -> None:
    found = edit(
        worded("正文。", "At least 24 dead in bus accident"), worded("正文。", "At least 33 dead in bus accident"), []
    )
    assert (found.kinds, found.replacements) == (("headline", "figure changed"), (("24", "33"),))
    assert edit(worded("正文。", "Floods in the south"), worded("正文。", "US proposes tariffs"), []).kinds == (
        "headline",
    )


def test_a_wording_that_was_there_before_is_restored() -> None:
    first, second = worded("抓获42人。"), worded("抓获45人。")
    assert edit(second, first, [first]).kinds == ("figure changed", "restored")
    assert edit(first, second, []).kinds == ("figure changed",)


def test_typography_beside_an_edit_is_no_part_of_it() -> None:
    before = "“The West’s plot” – he said – failed. It cost 10 yuan."
    after = '"The West\'s plot" -- he said -- failed. It cost 12 yuan.'
    assert told(before, after) == ("figure changed", [("10", "12")])
    assert edit(worded("“a”—b"), worded('"a"--b'), []) == edit(worded("a"), worded("a"), [])


def test_an_edit_in_a_line_passes_over_typography() -> None:
    before = ("标题", "“The West’s plot” failed. It cost 10 yuan.")
    after = ("标题", '"The West\'s plot" failed. It cost 12 yuan.')
    assert [(run.kind, run.text) for run in edit_in_a_line(before, after)] == [
        ("equal", "It cost "), ("removed", "10"), ("added", "12"), ("equal", " yuan."),
    ]  # fmt: skip


# Replacements


def test_replacements_are_terms_in_the_order_of_the_text_each_once() -> None:
    before = "The riot began at noon. The riot ended. 警方抓获暴徒。"
    after = "The protest began at noon. The protest ended. 公安机关抓获暴徒。"
    assert told(before, after) == ("wording", [("riot", "protest"), ("警方", "公安机关")])


def test_a_term_that_was_put_in_or_taken_out() -> None:
    assert told("台湾“独立”势力。", "所谓台湾“独立”势力。")[1] == [("", "所谓")]
    assert told("They held a peaceful march.", "They held a march.")[1] == [("peaceful", "")]


def test_a_term_that_was_put_in_quotation_marks() -> None:
    assert told("反对台湾独立势力。", "反对台湾“独立”势力。") == ("wording", [("独立", "“独立”")])
    assert told("They met the “government” there.", "They met the government there.")[1] == [
        ("“government”", "government")
    ]


def test_a_name_made_longer_or_shorter_is_one_replacement() -> None:
    assert told("中国台湾地区居民抵达。", "台湾居民抵达。") == ("wording", [("中国台湾地区", "台湾")])


def test_long_changes_and_sentences_are_no_replacements() -> None:
    clause = "while the others waited for many hours in the cold rain outside of the old building"
    assert told("They left.", f"They left, {clause}, at last.")[1] == []
    assert told("A is here. Nobody was hurt.", "A is here. Three men died.")[1] == []


def test_a_version_has_50_replacements_at_most() -> None:
    before = " ".join(f"Man a{n} saw house b{n} today." for n in range(80))
    after = " ".join(f"Man a{n} saw garden c{n} today." for n in range(80))
    assert len(told(before, after)[1]) == 50


TEXTS = st.one_of(
    st.text(max_size=60),
    st.lists(
        st.sampled_from(
            ["600", "gangs", "公安部", " ", "\n\n", "。", ". ", "said", "三千", "over", "，", "“", "U.S.", "correction:", "据", "介绍"]
        ),
        max_size=40,
    ).map("".join),
)  # fmt: skip


@given(TEXTS, TEXTS, TEXTS, TEXTS)
def test_every_edit_has_a_kind_and_its_terms_stand_in_the_texts(a: str, b: str, c: str, d: str) -> None:
    before, after = Wording(a, b, "", "l"), Wording(c, d, "", "l")
    found = edit(before, after, [])
    assert bool(found.kinds) == (before.digest != after.digest)
    assert list(found.kinds) == sorted(found.kinds, key=KINDS.index)
    for was, became in found.replacements:
        assert was != became
        for term, wording in ((was, before), (became, after)):
            assert len(term) <= 60
            whole = " ".join(f"{visible(wording.title)}\n{visible(wording.body)}".split())
            assert term.rstrip(".") in whole or term == ""


@given(TEXTS)
def test_a_text_that_stays_has_no_kind(text: str) -> None:
    assert edit(worded(text), worded(text), []).kinds == ()


SENTENCES = [f"第{n}项，警方在第{n % 7}区抓获{n * 13}名嫌疑人，扣押物品{n * 3}件。" for n in range(1, 400)]
FIGURES = [str(n * 7919 % 1_000_003) for n in range(15_000)]
LONG = {
    "an edit of a long report": ("\n\n".join(SENTENCES), "\n\n".join([*SENTENCES[:200], "新增一句。", *SENTENCES[202:]])),
    "nothing in common": (" ".join(f"a{n}" for n in range(16_000)), " ".join(f"b{n}" for n in range(16_000))),
    "one sentence of figures": (" ".join(FIGURES), " ".join("7" if n % 10 == 0 else each for n, each in enumerate(FIGURES))),
    "one verb": ("said " * 20_000, "said " * 19_999 + "told"),
    "one numeral": ("一" * 30_000, "一" * 29_999 + "二"),
    "one line again and again": ("他说。\n\n" * 20_000, "她说。\n\n" * 20_000),
}  # fmt: skip


@pytest.mark.parametrize("name", LONG)
def test_long_texts_do_not_stall(name: str) -> None:
    before, after = LONG[name]
    start = time.process_time()
    edit(worded(before), worded(after), [])
    assert time.process_time() - start < 3  # each under 0.8 s by itself


# Real headlines: what a careful reader said of each change, by the first ten digits of its line's SHA-256. All 153 were
# read; these are all in which the reader saw a figure, a slip or an attribution, and as many others.


READ_AS = {
    "headline; figure changed": (
        "26b20304d5 10ed021859 0b5fd1c127 888616991a ed91a284ff 9b0c36e640 e57c864769 f6cbcb6756 c7146f3ecd "
        "7eda8c595f 7c6b205e77 1fa859e0a0 1f5eb9a04a 02fd800a6e 2c31dd3df8 3b573cf9aa 56f215565d eb016030c5 "
        "67c4457dfb"
    ),
    "headline; typo": (
        "071b465042 398a2c49ac a9e36895a9 65997be3f5 d9a5f42248 4d85819488 e4fb1a574f ef75fa5a5e 5f946a16a5 "
        "81534a20d3 786ec36dcf 3e53fbc463 97bc7f6ee6 8c1b1db279 71676bf356 85aaf803a3"
    ),
    "headline; attribution changed": "a804165a8c 41e14a303e 7e3768e6d4 a25633206e 9f1dd99196",
    "headline; figure changed; attribution changed": "d1146d163c d27e4b4079",
    "headline": (
        "ef1e66a976 5efe44adca 0b38ad6c2a b2d6322a31 48339bb0d4 35417adb51 157dbd2aac 75b6ad670e 5237a447f4 "
        "737849f3df adaa1679a7 fd2acf04d4 041e44ea78 bf9c8bb90c 4e861be495 5bc65d035e 1e40c33a80 82d7284b22 "
        "f6a7df60ee 37055a85e6 6713b37f53 c00fd0996e 5224bfe043 e940def14b 7185c34a2b 310db6b714 04ebabc70c "
        "f27be1c948 087ffef210"
    ),
    # Spacing and the drawing of quotation marks: no edit.
    "": "d8191d1716 ff6cf68f14 e711b146e5 2b6469f06e c007b26e72",
}
READ = {key: kinds for kinds, keys in READ_AS.items() for key in keys.split()}
# Where the reader and the rules disagree: what the reader said, and what the rules say.
DISAGREED = {
    "f8a78f8a2c": ("headline; typo", "headline"),  # an adjective for a country's name
    "5ab59eb3de": ("headline; typo", "headline"),  # the first word is another one
    "c489b79d94": ("headline; typo", "headline"),  # a preposition was lacking
    "7f9a8af885": ("headline; attribution changed", "headline"),  # "S. Korea: …", which could be a place
    "95bdca38e0": ("headline", "headline; attribution changed"),  # the expert became a top expert
    "e1a5131d00": ("headline; figure changed; attribution changed", "headline; attribution changed"),  # nearly all
    "b75cc8ccc9": ("headline; figure changed", "headline"),  # several trapped, at least eight killed
}


def _headlines() -> list[tuple[str, list[str]]]:
    if not HEADLINES.exists():
        pytest.skip("no records of real headlines here (../shared/records)")
    return [
        (hashlib.sha256(line).hexdigest()[:10], [version["title"] for version in json.loads(line)["versions"]])
        for line in HEADLINES.read_bytes().splitlines()
    ]


def test_real_headlines_are_told_as_a_reader_told_them() -> None:
    seen = {}
    for key, titles in _headlines():
        wordings = [worded("正文。", title) for title in titles]
        for place, (before, after) in enumerate(pairwise(wordings)):
            found = edit(before, after, wordings[:place])
            assert ("headline" in found.kinds) == (before.digest != after.digest), key
            assert set(found.kinds) <= {"headline", "figure changed", "attribution changed", "typo", "restored"}, key
            seen.setdefault(key, "; ".join(found.kinds))
    assert {key: seen[key] for key in READ} == READ
    assert {key: seen[key] for key in DISAGREED} == {key: rules for key, (_, rules) in DISAGREED.items()}
    # Every one that the rules give a kind beside "headline" was judged.
    assert {key for key, kinds in seen.items() if kinds not in ("headline", "")} <= READ.keys() | DISAGREED.keys()


def test_the_kinds_of_real_headlines() -> None:
    counts: Counter[str] = Counter()
    for _, titles in _headlines():
        wordings = [worded("正文。", title) for title in titles]
        for place, (before, after) in enumerate(pairwise(wordings)):
            counts.update(edit(before, after, wordings[:place]).kinds or ["none"])
    assert counts == {
        "headline": 151, "figure changed": 21, "typo": 16, "attribution changed": 9, "restored": 1, "none": 5,
    }  # fmt: skip


def test_one_edit_of_a_real_text_is_told_as_what_it_is() -> None:
    """Real news items with one sentence taken out, put in, or one figure changed."""
    if not ITEMS.exists():
        pytest.skip("no records of real news items here (../shared/records)")
    told_as: Counter[tuple[str, str]] = Counter()
    with gzip.open(ITEMS, "rt", encoding="utf-8") as lines:
        bodies = [json.loads(line)["body_html"] for line in islice(lines, 0, None, 60)]
    for place, body in enumerate(bodies):
        paragraphs = (re.sub("<[^>]+>", "", part).strip() for part in body.split("</p>"))
        whole = "\n\n".join(filter(None, paragraphs))
        sentences = spans(whole)
        figure = re.search(r"(?<![\dA-Za-z.,-])\d+(?![\d.,A-Za-z])", whole)
        if len(sentences) < 4 or figure is None:
            continue
        start, end = sentences[place % (len(sentences) - 2) + 1]
        without = whole[:start] + whole[end:]
        other = f"{whole[: figure.start()]}{int(figure[0]) + 3}{whole[figure.end() :]}"
        told_as["removed", kinds(whole, without)] += 1
        told_as["added", kinds(without, whole)] += 1
        told_as["figure", kinds(whole, other)] += 1
    number = told_as.total() // 3
    assert number > 100
    assert told_as == {
        ("removed", "sentence removed"): number, ("added", "sentence added"): number, ("figure", "figure changed"): number,
    }  # fmt: skip


# In the archive


@pytest.fixture
def db(tmp_path: Path) -> sqlite3.Connection:
    return _empty(tmp_path / "archive.db")


def _empty(path: Path) -> sqlite3.Connection:
    connection = open_archive(path)
    _describe(connection)
    return connection


OUTLET = {
    "id": "xinhua", "title_en": "Xinhua", "title_local": "新华社", "country": "CN", "languages": "zh-Hans", "kind": "state",
    "control": "state-owned", "owner": "x", "timezone": "Asia/Shanghai", "aliases": "", "domains": "[]",
}  # fmt: skip


def _describe(connection: sqlite3.Connection) -> None:
    marks = ", ".join(f":{name}" for name in OUTLET)
    connection.execute(f"insert into outlets ({', '.join(OUTLET)}) values ({marks})", OUTLET)


def test_versions_and_replacements_are_written_with_the_capture_that_showed_them(db: sqlite3.Connection) -> None:
    first = report(body=("警方抓获42人。", "市民担忧。"))
    edited = report(body=("公安机关抓获45人。", "市民担忧。"))
    rows.write(db, [capture(0, said=first), capture(1, said=edited), capture(2, said=first)], NEXT)
    found = db.execute("select number, kinds, added, removed, removed_text from versions order by number").fetchall()
    assert found == [
        (1, "", 0, 0, ""),
        (2, "figure changed; wording", 6, 4, "警方\n42"),
        (3, "figure changed; restored; wording", 4, 6, "公安机关\n45"),
    ]
    ids = [version for (version,) in db.execute("select id from versions order by number")]
    assert db.execute("select version, place, was, became from replacements order by version, place").fetchall() == [
        (ids[1], 1, "警方", "公安机关"), (ids[1], 2, "42", "45"), (ids[2], 1, "公安机关", "警方"), (ids[2], 2, "45", "42"),
    ]  # fmt: skip
    assert {
        tuple(row) for row in db.execute("select outlet, seen_at from replacements where version = ?", [ids[1]])
    } == {("xinhua", "2026-11-01T09:00:00Z")}


def test_of_two_drawings_of_one_wording_the_first_capture_s_is_kept_whatever_the_order(
    db: sqlite3.Connection, tmp_path: Path
) -> None:
    looks = [
        capture(0, said=report(body=("“红”的。",))),
        capture(1, said=report(body=('"红"的。',))),
        capture(2, said=report(body=('"绿"的。',))),
        capture(3, said=report(body=('"红"的。',))),
    ]
    rows.write(db, looks, NEXT)
    other = _empty(tmp_path / "other.db")
    for look in reversed(looks):
        rows.write(other, [look], NEXT)
    query = "select number, body, capture, kinds from versions order by number"
    assert db.execute(query).fetchall() == [
        (1, "“红”的。", looks[0].id, ""), (2, '"绿"的。', looks[2].id, "wording"), (3, "“红”的。", looks[3].id, "restored; wording"),
    ]  # fmt: skip
    assert other.execute(query).fetchall() == db.execute(query).fetchall()


def test_a_story_that_was_on_two_pages_and_is_on_one_is_read_on(db: sqlite3.Connection) -> None:
    parts = ["https://www.news.cn/world/2026-11/01/c_1.htm", "https://www.news.cn/world/2026-11/01/c_1_2.htm"]
    pages = [report(body=(f"第{n}页。",), part=n, part_urls=parts) for n in (1, 2)]
    rows.write(db, [capture(place, said=page) for place, page in enumerate(pages)], NEXT)
    rows.write(db, [capture(5, said=report(body=("一页。",)))], NEXT)
    assert [body for (body,) in db.execute("select body from versions order by number")] == [
        "第1页。\n\n第2页。",
        "一页。",
    ]


def test_text_that_was_removed_two_versions_ago_is_found(db: sqlite3.Connection) -> None:
    wordings = (("警方抓获42人。", "市民担忧票价过高。"), ("警方抓获42人。",), ("警方抓获45人。",), ("警方抓获50人。",))
    rows.write(db, [capture(hour, said=report(body=body)) for hour, body in enumerate(wordings)], NEXT)
    for words in ("担忧票价", "抓获42人", "抓获45人", "抓获50人"):
        assert len(find(db, Search(words)).hits) == 1, words
    assert not find(db, Search("抓获51人")).hits
    (removed,) = db.execute("select removed from reports_wording").fetchone()
    assert removed.splitlines() == ["警方抓获42人。", "市民担忧票价过高。", "警方抓获45人。"]


OLD_VERSIONS = (  # (title, body), as an archive of before has them: the second is only another drawing of the first
    ("标题", "“红”的旗。"),
    ("标题", '"红"的旗。'),
    ("标题", '"红"的旗。抓获42人。'),
    ("标题", '"红"的旗。抓获45人。'),
)


def test_an_archive_of_before_is_told_anew_as_a_reread_would(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    old = connect(path)
    MIGRATIONS.apply(Database(old), stop_before="0003_watching")
    old.execute("begin")
    _describe(old)
    looks = [capture(hour, said=report(title=t, body=(b,))) for hour, (t, b) in enumerate(OLD_VERSIONS)]
    new = open_archive(tmp_path / "new.db")
    _describe(new)
    rows.write(new, looks, NEXT)
    (number,) = new.execute("select id from reports").fetchone()
    old.execute("insert into id_registry values (?, ?)", [number, looks[0].canonical])
    for place, look in enumerate(looks, start=1):
        old.execute(
            "insert into captures (id, crawl, outlet, url, canonical, at, status, payload_length, warc, offset, length, origin, "
            "outcome, report) values (?, 'c1', 'xinhua', ?, ?, ?, 200, 10, 'a.warc.gz', ?, 5, 'live', 'report', ?)",
            [look.id, look.url, look.url, f"2026-11-01T{7 + place:02}:00:00Z", place, number],
        )
    old.execute(
        "insert into reports (id, url, outlet, title, excerpt, language, published_at, published_precision, first_seen, "
        "last_checked, state, versions, pages, capture, origin) values (?, ?, 'xinhua', ?, ?, 'zh-Hans', "
        "'2026-11-01T07:30:00Z', 'second', '2026-11-01T08:00:00Z', '2026-11-01T11:00:00Z', 'live', 4, 1, ?, 'live')",
        [number, looks[0].canonical, *OLD_VERSIONS[-1], looks[-1].id],
    )
    for place, look in enumerate(looks, start=1):
        old.execute(
            "insert into versions values (?, ?, ?, ?, ?, '', ?, 'detail2023', ?, ?, 9, 9, 'x')",
            [
                look.id,
                number,
                place,
                *OLD_VERSIONS[place - 1],
                f"old digest {place}",
                look.id,
                f"2026-11-01T{7 + place:02}:00:00Z",
            ],
        )
        old.execute("insert into readings values (?, ?, 1, 1, ?, null)", [look.id, number, f"old digest {place}"])
    search.add_to_index(old, [number])
    old.execute("commit")
    old.close()
    with open_archive(path) as upgraded:
        for query in (
            "select * from versions order by id",
            "select * from replacements order by version, place",
            "select capture, report, part, parts, text_digest, page from readings order by capture",
            "select id, title, excerpt, versions from reports",
        ):
            assert upgraded.execute(query).fetchall() == new.execute(query).fetchall(), query
        assert [kinds for (kinds,) in upgraded.execute("select kinds from versions order by number")] == [
            "", "sentence added", "figure changed",
        ]  # fmt: skip
        assert len(find(upgraded, Search("抓获42人")).hits) == 1
        upgraded.execute("insert into reports_fts(reports_fts) values ('integrity-check')")


def test_edits_of_the_small_archive_are_what_its_words_say(tmp_path: Path) -> None:
    connection = make_archive(tmp_path / "archive.db")
    edited = next(sample for sample in SAMPLES if len(sample.wordings) == 2)
    before, after = (Wording(title, body, "", "layout") for title, body in edited.wordings)
    assert edit(before, after, []).replacements == (("600", "500"),)
    connection.close()
