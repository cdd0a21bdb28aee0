"""Who says it, in English and Chinese: sources, their chains, their statements, and quotations."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grammar.attributions import attributions
from grammar.passage import Passage
from items import SOURCE_KINDS, Attribution, Quote


def read(text: str, language: str = "") -> tuple[list[Attribution], list[Quote]]:
    language = language or ("zh-Hans" if any("\u4e00" <= sign <= "\u9fff" for sign in text) else "en")
    found, quotes = attributions(Passage(text, language))
    for place, each in enumerate(found):
        assert text[each.start : each.end] == each.source and each.kind in SOURCE_KINDS
        assert text[each.cue_start : each.cue_end] == each.cue
        assert each.via is None or (0 <= each.via < len(found) and each.via != place)
        assert each.statement is None or 0 <= each.statement[0] < each.statement[1] <= len(text)
    assert all(0 <= quote.start <= quote.end <= len(text) for quote in quotes)
    return found, quotes


@pytest.mark.parametrize(
    ("text", "source", "kind", "statement"),
    [
        (
            "Police have arrested 31 people, the ministry said.",
            "ministry",
            "ministry",
            "Police have arrested 31 people",
        ),
        ("Officials said that 31 people were arrested.", "Officials", "official", "31 people were arrested"),
        ("According to Xinhua, 31 people were arrested.", "Xinhua", "agency", "31 people were arrested"),
        (
            "Ministry spokesperson Wang Wenbin said China was ready.",
            "Ministry spokesperson Wang Wenbin",
            "person",
            "China was ready",
        ),
        ("公安部12日通报，抓获31人。", "公安部", "ministry", "抓获31人"),
        ("外交部发言人林建国在例行记者会上表示，中方反对。", "外交部发言人林建国", "person", "中方反对"),
        ("据国家统计局统计，产量为5700万吨。", "国家统计局", "ministry", "产量为5700万吨"),
        ("记者从国家能源局获悉，新增装机1.2亿千瓦。", "国家能源局", "ministry", "新增装机1.2亿千瓦"),
        ("他说，救援仍在继续。", "他", "person", "救援仍在继续"),
    ],
)
def test_a_source_has_its_kind_and_its_statement(text: str, source: str, kind: str, statement: str) -> None:
    (found,), _ = read(text)
    assert (found.source, found.kind) == (source, kind)
    assert found.statement is not None
    assert text[slice(*found.statement)].rstrip(".") == statement


@pytest.mark.parametrize(
    ("text", "chain"),
    [
        (
            "Xinhua cited a statement from the Ministry of Public Security as saying that 31 people were arrested.",
            [("Xinhua", None), ("statement", 0), ("Ministry of Public Security", 1)],
        ),
        ("据新华社报道，公安部表示，行动将持续到年底。", [("新华社", None), ("公安部", 0)]),
        ("新华社援引公安部通报称，抓获31人。", [("新华社", None), ("公安部", 0)]),
    ],
)
def test_in_a_chain_each_source_is_known_through_the_one_before(text: str, chain: list[tuple[str, int | None]]) -> None:
    found, _ = read(text)
    assert [(each.source, each.via) for each in found] == chain


@pytest.mark.parametrize(
    ("text", "sources"),
    [
        ("They removed messages that the ministry calls “harmful”.", ["ministry"]),
        ("Police led a crackdown which prosecutors said netted 40 people.", ["prosecutors"]),
        ("Official figures put the toll at 1,204.", ["Official figures"]),
        ("A source who had seen the draft said it was long.", ["source"]),
        ("A fire official who declined to be named said so.", ["fire official"]),
        ("He is free, his lawyer, Anil Mehta, told reporters.", ["Anil Mehta"]),
        ("The army says it was attacked, a claim the rebels deny.", ["army", "rebels"]),
        ("The spokesman described the report as “pure fiction”.", ["spokesman"]),
        ("More than half of parents, a survey showed, oppose it.", ["survey"]),
        ("Data show exports fell.", ["Data"]),
        ("The talks, it said, had failed.", ["it"]),
        ("“Fine,” she said in a low voice.", ["she"]),
        ("More than 60 sites were closed, per the ministry.", ["ministry"]),
        ("“It is over,” he continued.", ["he"]),
        ("Output fell, according to an unofficial and partial count.", ["unofficial and partial count"]),
    ],
)
def test_an_english_source_is_found_wherever_it_stands(text: str, sources: list[str]) -> None:
    assert [each.source for each in read(text)[0]] == sources


@pytest.mark.parametrize(
    ("text", "chain"),
    [
        ("A study published in Nature found that bees can count.", [("study", None), ("Nature", "study")]),
        ("A letter from the ministry to schools says so.", [("letter", None), ("ministry", "letter")]),
        ("Citing the ministry, Xinhua reported two deaths.", [("ministry", "Xinhua"), ("Xinhua", None)]),
        ("Xinhua reported that the ministry had said no.", [("Xinhua", None), ("ministry", "Xinhua")]),
        (
            "According to state television, police said he was drunk.",
            [("state television", None), ("police", "state television")],
        ),
        ("“We will not bow,” Xinhua quoted him as saying.", [("Xinhua", None), ("him", "Xinhua")]),
        ("A trader told Reuters the deal was off.", [("trader", "Reuters"), ("Reuters", None)]),
        ("In an interview with Caixin, Li said he was well.", [("Caixin", None), ("Li", "Caixin")]),
    ],
)
def test_an_english_source_is_known_through_another(text: str, chain: list[tuple[str, str | None]]) -> None:
    found, _ = read(text)
    assert [(each.source, found[each.via].source if each.via is not None else None) for each in found] == chain


def test_a_quotation_behind_another_sentence_belongs_to_who_says_so_behind_it() -> None:
    text = '村民秦大桂在厂里做工。"复工第一周工资照发，我就报了名。"她说。'
    (found,), _ = read(text)
    assert found.statement is not None
    assert (found.source, text[slice(*found.statement)]) == ("她", '"复工第一周工资照发，我就报了名。"')


def test_one_source_has_one_key_in_both_languages() -> None:
    (english,), _ = read("The Ministry of Public Security said 31 people were arrested.")
    (chinese,), _ = read("公安部表示，抓获31人。")
    assert english.source_key == chinese.source_key == "ministry-of-public-security"


def test_a_verb_that_says_more_than_that_it_was_said_is_loaded() -> None:
    assert [read(f"The company {verb} that the app is safe.")[0][0].loaded for verb in ("said", "claimed")] == [
        False,
        True,
    ]
    assert [read(f"该公司{verb}，产品已通过检测。")[0][0].loaded for verb in ("表示", "声称")] == [False, True]


@pytest.mark.parametrize(
    "text",
    [
        "The report was published in May.",
        "Some 300 confirmed cases were treated.",
        "The website was shut down.",
        "Classical computers work according to simple rules.",
        "His repeated claims of innocence were no help.",
        "She was told by her doctor to rest.",
        "The minister is reported to have resigned.",
        "The blast came amid reports that a truce was near.",
        "The attack claimed the lives of 14 people.",
        "Villagers have little say in the matter.",
        "这种植物俗称石头花。",
        "他的小说出版了。",
        "会议室的名称变了。",
    ],
)
def test_what_only_looks_like_saying_names_no_source(text: str) -> None:
    assert read(text)[0] == []


@pytest.mark.parametrize(
    ("title", "sources"),
    [
        ("Three held over fraud: Xinhua", ["Xinhua"]),
        ("Police: two killed", ["Police"]),
        ("WHO: virus poses moderate risk", ["WHO"]),
        ("Exports up in May, says ministry", ["ministry"]),
        ("News Analysis: a new president", []),
        ("Turkey: bus crash kills 32", []),
        ("Quake strikes Japan, injuries reported", []),
    ],
)
def test_a_headline_sets_its_source_apart_and_a_rubric_or_a_place_is_none(title: str, sources: list[str]) -> None:
    found, _ = attributions(Passage(title, "en", is_title=True))
    assert [each.source for each in found] == sources


@pytest.mark.parametrize(
    ("text", "words", "kind", "is_told"),
    [
        ('"We will rebuild the bridge," said Li Ming.', "We will rebuild the bridge,", "speech", True),
        ('They removed 40 "harmful" messages.', "harmful", "scare", False),
        ("“我们已经全部转移。”镇长李大勇说。", "我们已经全部转移。", "speech", True),
        ("警方展开“清网行动”，抓获31人。", "清网行动", "title", False),
        ("The vote was “free and fair”, Musa Bello said.", "free and fair", "speech", True),
        ("The paper called the law “a farce”.", "a farce", "speech", True),
        ("It closed sites for what it called “rumours”.", "rumours", "scare", False),
        ("The so-called “internet police” came.", "internet police", "scare", False),
        ("Searches for “spring” gave nothing.", "spring", "other", False),
        ("The campaign, dubbed “Clean Skies”, begins.", "Clean Skies", "title", False),
        ("影片《白塔之光》上映。", "白塔之光", "title", False),
    ],
)
def test_speech_is_told_from_scare_quotes_and_titles(text: str, words: str, kind: str, is_told: bool) -> None:
    _, (quote,) = read(text)
    assert (text[quote.start : quote.end], quote.kind, quote.attribution is not None) == (words, kind, is_told)


_PIECES = [
    "said ", "the ministry ", "Xinhua ", '"', "“", "”", "‘", "'", ", ", ". ", "according to ", "he ", "\n", "31 people ",
    "公安部", "表示", "据", "报道", "，", "。", "：", "记者从", "获悉", "援引", "他说", "《", "》", "的", "发布的数据显示",
]  # fmt: skip


@given(st.lists(st.sampled_from(_PIECES), max_size=30), st.sampled_from(["en", "zh-Hans"]))
def test_whatever_the_text_a_source_is_where_it_says(pieces: list[str], language: str) -> None:
    read("".join(pieces), language)


@given(st.text(max_size=60), st.sampled_from(["en", "zh-Hans"]))
def test_no_text_is_too_odd(text: str, language: str) -> None:
    read(text, language)


@pytest.mark.parametrize("piece", ["said ", '"', "he said, ", "说", "据", "公安部表示，", "“”"])
def test_a_hostile_text_is_read_to_its_end(piece: str) -> None:
    """Where the time grew with the square of the length, as it does not, this would take minutes."""
    read(piece * (20_000 // len(piece)))
