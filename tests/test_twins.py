"""The Chinese and the English report of one event."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_archive import Sample, make_archive, write

from archive import search
from grammar.press import known
from linking.reading import read_reports
from linking.twins import link_twins

ZH, EN = "zh-Hans", "en"


def report(id: int, language: str, title: str, *body: str, outlet: str = "xinhua") -> Sample:
    return Sample(id, outlet, language, ((title, "\n\n".join(body)),))


FRAUD_ZH = report(
    2018051402050001, ZH, "公安部部署打击网络赌博 抓获嫌疑人7300余名",
    "新华社北京5月14日电（记者林晓）公安部14日通报，专项行动开展以来，抓获犯罪嫌疑人7300余名，打掉团伙512个。",
    "警方冻结涉案资金3.21亿元，关闭网站1.9万个，清理违法信息321万条。",
)  # fmt: skip
FRAUD_EN = report(
    2018051405300002, EN, "Over 7,300 held in China's online gambling crackdown",
    "BEIJING, May 14 (Xinhua) -- Chinese police have caught more than 7,300 suspects and broken up 512 gangs in a campaign against online gambling, the Ministry of Public Security said Monday.",
    "Police closed 19,000 websites and removed 3.2 million illegal messages. More than 4,600 bank cards were seized.",
)  # fmt: skip
DRUNK_EN = report(
    2018051407000003, EN, "Police catch 19,000 drunk drivers",
    "BEIJING, May 14 (Xinhua) -- Police across China caught 19,000 drunk drivers in April, down 4.4 percent, the Ministry of Public Security said Monday.",
)  # fmt: skip
VISIT_ZH = report(
    2018051408000004, ZH, "王毅同芬兰外长索伊尼举行会谈",
    "新华社赫尔辛基5月14日电（记者李骥）当地时间14日，国务委员兼外交部长王毅在赫尔辛基同芬兰外长蒂莫·索伊尼举行会谈。",
    "王毅说，中芬合作前景广阔。",
)  # fmt: skip
VISIT_EN = report(
    2018051411000005, EN, "China, Finland to deepen cooperation",
    "HELSINKI, May 14 (Xinhua) -- Visiting Chinese State Councilor and Foreign Minister Wang Yi held talks with Finnish Foreign Minister Timo Soini in Helsinki on Monday.",
    "Wang Yi said that cooperation had bright prospects.",
)  # fmt: skip
OTHER_VISIT_EN = report(
    2018051506000006, EN, "China, Norway to deepen cooperation",
    "OSLO, May 15 (Xinhua) -- Visiting Chinese State Councilor and Foreign Minister Wang Yi held talks with Norwegian Foreign Minister Ine Eriksen in Oslo on Tuesday.",
    "Wang Yi said that cooperation had bright prospects.",
)  # fmt: skip
QUAKE_ZH = report(
    2018051500200007, ZH, "云南大理州发生5.1级地震",
    "新华社昆明5月15日电　据中国地震台网测定，15日7时47分，云南大理州漾濞县发生5.1级地震，震源深度8千米。",
)  # fmt: skip
QUAKE_EN = report(
    2018051500500008, EN, "5.1-magnitude quake hits Yunnan",
    "KUNMING, May 15 (Xinhua) -- A 5.1-magnitude earthquake jolted Dali in southwest China's Yunnan Province at 7:47 a.m. Tuesday, according to the China Earthquake Networks Center.",
)  # fmt: skip
QUAKE_ELSEWHERE_EN = report(
    2018051503000009, EN, "5.1-magnitude quake hits Papua New Guinea",
    "HONG KONG, May 15 (Xinhua) -- A 5.1-magnitude earthquake jolted Papua New Guinea at 1:22 p.m. Tuesday. The China Earthquake Networks Center put its depth at 47 km.",
)  # fmt: skip
LAUNCH_ZH = report(
    2018051517000010, ZH, "我国成功发射一颗遥感卫星",
    "新华社酒泉5月15日电　15日23时18分，我国在酒泉卫星发射中心成功发射一颗遥感卫星。这是长征系列运载火箭的第２７４次飞行。",
)  # fmt: skip
LAUNCH_EN = report(
    2018051518000011, EN, "China launches remote sensing satellite",
    "JIUQUAN, May 15 (Xinhua) -- China sent a remote sensing satellite into space from the Jiuquan Satellite Launch Center at 11:18 p.m. Tuesday. It was the 274th flight of the Long March rockets.",
)  # fmt: skip
TRADE_ZH = report(
    2018051503200012, ZH, "前4个月我国服务贸易增长8.7%",
    "新华社北京5月15日电　商务部15日发布数据，前4个月我国服务进出口总额1.34万亿元，增长8.7%，其中知识密集型服务占40.3%。",
)  # fmt: skip
TRADE_OF_A_PROVINCE_EN = report(
    2018051505000013, EN, "Jiangsu's trade in services up 8.7 pct",
    "NANJING, May 15 (Xinhua) -- Trade in services of east China's Jiangsu Province rose 8.7 percent to 112.6 billion yuan in four months. Knowledge-intensive services made up 40.3 percent.",
)  # fmt: skip
CUP_ZH = report(
    2018051413000016, ZH, "中国队3比0胜丹麦队",
    "新华社曼谷5月14日电　汤姆斯杯14日在曼谷继续进行，中国队3比0击败丹麦队。施凯文以21比15、21比13战胜安东森。",
)  # fmt: skip
CUP_EN = report(
    2018051414000017, EN, "China beats Denmark 3-0 at Thomas Cup",
    "BANGKOK, May 14 (Xinhua) -- China beat Denmark 3-0 in Bangkok on Monday. Shi Kaiwen won 21-15, 21-13.",
)  # fmt: skip
SHARES_ZH = report(
    2018051507300018, ZH, "沪指收跌1.5%",
    "新华社北京5月15日电　15日，上证综指收报3195.34点，跌幅1.52%；深证成指收报10794.12点，跌幅1.81%。",
)  # fmt: skip
SHARES_EN = report(
    2018051508000019, EN, "Chinese shares close lower Tuesday",
    "BEIJING, May 15 (Xinhua) -- Chinese stocks closed lower on Tuesday, with the benchmark Shanghai Composite Index down 1.52 percent, at 3,195.34 points. The Shenzhen Component Index closed 1.81 percent lower at 10,794.12 points.",
)  # fmt: skip
BUS_ZH = report(
    2018051402000020, ZH, "巴基斯坦客车坠河致17人死亡",
    "新华社伊斯兰堡5月14日电（记者季成）巴基斯坦西北部14日发生一起客车坠河事故，造成至少17人死亡、11人受伤。",
)  # fmt: skip
BUS_EN = report(
    2018051403000021, EN, "17 killed as bus plunges into river in NW Pakistan",
    "ISLAMABAD, May 14 (Xinhua) -- At least 17 people were killed and 11 others injured when a bus plunged into a river in northwest Pakistan on Monday, police said.",
)  # fmt: skip
REPEAT_EN = report(
    2018051409000014, EN, "China detains 7,300 over online gambling",
    "Chinese police have caught more than 7,300 suspects and broken up 512 gangs, the Ministry of Public Security said. They closed 19,000 websites and removed 3.2 million messages.",
    outlet="tnw",
)  # fmt: skip
MUCH_LATER_EN = report(
    2018051902050015, EN, "7,300 held in China's online gambling crackdown",
    "BEIJING, May 19 (Xinhua) -- Police caught 7,300 suspects and broke up 512 gangs, the Ministry of Public Security said. They closed 19,000 websites.",
)  # fmt: skip
ALL = (
    FRAUD_ZH, FRAUD_EN, DRUNK_EN, VISIT_ZH, VISIT_EN, OTHER_VISIT_EN, QUAKE_ZH, QUAKE_EN, QUAKE_ELSEWHERE_EN, LAUNCH_ZH,
    LAUNCH_EN, TRADE_ZH, TRADE_OF_A_PROVINCE_EN, REPEAT_EN, MUCH_LATER_EN, CUP_ZH, CUP_EN, SHARES_ZH, SHARES_EN, BUS_ZH,
    BUS_EN,
)  # fmt: skip
PAIRS = (
    (FRAUD_ZH, FRAUD_EN), (VISIT_ZH, VISIT_EN), (QUAKE_ZH, QUAKE_EN), (LAUNCH_ZH, LAUNCH_EN), (CUP_ZH, CUP_EN),
    (SHARES_ZH, SHARES_EN), (BUS_ZH, BUS_EN),
)  # fmt: skip
TWINS = {(chinese.id, english.id) for chinese, english in PAIRS}


def archive(path: Path, samples: Iterable[Sample]) -> sqlite3.Connection:
    """An archive whose reports were read and not linked."""
    samples = list(samples)
    connection = make_archive(path / "archive.db", ())
    connection.execute("update outlets set owner = id")
    connection.execute("begin")
    for sample in samples:
        write(connection, sample)
    search.add_to_index(connection, [sample.id for sample in samples])
    while read_reports(connection, known()):
        pass
    connection.execute("commit")
    return connection


def rows(connection: sqlite3.Connection) -> list[tuple[object, ...]]:
    return connection.execute("select * from twins order by chinese, english").fetchall()


@pytest.fixture(scope="module")
def linked(tmp_path_factory: pytest.TempPathFactory) -> sqlite3.Connection:
    connection = archive(tmp_path_factory.mktemp("twins"), ALL)
    link_twins(connection, [sample.id for sample in ALL])
    return connection


def test_the_two_reports_of_one_event_are_paired_and_no_others(linked: sqlite3.Connection) -> None:
    assert set(linked.execute("select chinese, english from twins where mutual = 1")) == TWINS


def row(
    connection: sqlite3.Connection, pair: tuple[Sample, Sample]
) -> tuple[dict[str, list[list[object]]], list[str], list[str]]:
    """Evidence, and the words of the figures that only one of them has."""
    evidence, *only = connection.execute(
        "select evidence, only_chinese, only_english from twins where chinese = ? and english = ?",
        [each.id for each in pair],
    ).fetchone()
    words = [
        [
            connection.execute(
                "select text from figures where report = ? and number = ?", [each.id, number]
            ).fetchone()[0]
            for number in json.loads(numbers)
        ]
        for each, numbers in zip(pair, only, strict=True)
    ]
    return json.loads(evidence), words[0], words[1]


def test_evidence_names_the_figures_and_names_of_both(linked: sqlite3.Connection) -> None:
    evidence, _, _ = row(linked, (FRAUD_ZH, FRAUD_EN))
    values = [
        [
            linked.execute("select value from figures where report = ? and number = ?", [each.id, number]).fetchone()[0]
            for each, number in zip((FRAUD_ZH, FRAUD_EN), pair, strict=True)
        ]
        for pair in evidence["figures"]
    ]
    assert [7300, 7300] in values and [512, 512] in values and [19_000, 19_000] in values
    assert ["ministry-of-public-security", "公安部", "Ministry of Public Security"] in evidence["names"]
    assert evidence["hours"] == 3.4


def test_a_number_told_roundly_is_the_same_and_what_one_edition_alone_says_is_listed(
    linked: sqlite3.Connection,
) -> None:
    _, only_chinese, only_english = row(linked, (FRAUD_ZH, FRAUD_EN))
    assert only_chinese == ["3.21亿元"]  # 321万 is 3.2 million
    assert only_english == ["4,600"]


def test_a_transliterated_name_counts_as_the_same(linked: sqlite3.Connection) -> None:
    evidence, _, _ = row(linked, (VISIT_ZH, VISIT_EN))
    assert [each for each in evidence["names"] if each[0] == "timo soini"] == [
        ["timo soini", "蒂莫·索伊尼", "Timo Soini"]
    ]


def test_ordinals_times_and_scores_that_are_no_figures_count_too(linked: sqlite3.Connection) -> None:
    evidence, _, _ = row(linked, (LAUNCH_ZH, LAUNCH_EN))
    assert sorted(evidence["signs"]) == [["23时18", "11:18"], ["第274", "274th"]]


def test_reports_of_two_owners_of_which_one_is_no_state_outlet_are_no_twins(linked: sqlite3.Connection) -> None:
    assert not linked.execute("select * from twins where english = ?", [REPEAT_EN.id]).fetchall()


@pytest.mark.parametrize(
    "described", ["owner = 'one'", "kind = 'state'"], ids=["outlets of one owner", "state outlets of one country"]
)
def test_two_outlets_may_tell_of_one_event(tmp_path: Path, described: str) -> None:
    connection = archive(tmp_path, (FRAUD_ZH, REPEAT_EN))
    connection.execute(f"update outlets set {described}")
    link_twins(connection, [FRAUD_ZH.id])
    assert connection.execute("select chinese, english, mutual from twins").fetchall() == [
        (FRAUD_ZH.id, REPEAT_EN.id, 1)
    ]


def test_state_outlets_of_two_countries_are_each_their_own(tmp_path: Path) -> None:
    connection = archive(tmp_path, (FRAUD_ZH, REPEAT_EN))
    connection.execute("update outlets set kind = 'state', country = id")
    assert link_twins(connection, [FRAUD_ZH.id]) == set()


def test_the_better_of_two_english_reports_is_the_twin(tmp_path: Path) -> None:
    short = report(2018051403000016, EN, "7,300 held over online gambling", FRAUD_EN.wordings[0][1].split("\n\n")[0])
    connection = archive(tmp_path, (FRAUD_ZH, short))
    assert link_twins(connection, [FRAUD_ZH.id, short.id]) == {FRAUD_ZH.id, short.id}
    assert [row[3] for row in rows(connection)] == [1]
    connection.execute("begin")
    write(connection, FRAUD_EN)
    read_reports(connection, known())
    assert link_twins(connection, [FRAUD_EN.id]) == {FRAUD_ZH.id, short.id, FRAUD_EN.id}
    assert connection.execute("select english, mutual from twins order by english").fetchall() == [
        (short.id, 0),
        (FRAUD_EN.id, 1),
    ]


def test_a_report_that_was_edited_into_another_leaves_no_row(tmp_path: Path) -> None:
    connection = archive(tmp_path, (FRAUD_ZH, FRAUD_EN))
    link_twins(connection, [FRAUD_EN.id])
    assert len(rows(connection)) == 1
    connection.execute(
        "update versions set body = '公安部举行开放日活动。', title = '开放日' where report = ?", [FRAUD_ZH.id]
    )
    connection.execute("delete from statements where report = ?", [FRAUD_ZH.id])
    connection.execute("insert into unread values (?)", [FRAUD_ZH.id])
    read_reports(connection, known())
    assert link_twins(connection, [FRAUD_ZH.id]) == {FRAUD_ZH.id, FRAUD_EN.id}
    assert rows(connection) == []


def test_linking_what_has_not_changed_changes_nothing(linked: sqlite3.Connection) -> None:
    before = rows(linked)
    assert link_twins(linked, [sample.id for sample in ALL]) == set()
    assert rows(linked) == before


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(len(ALL))), sizes=st.lists(st.integers(1, 5), min_size=len(ALL), max_size=len(ALL)))
def test_rows_are_the_same_in_whatever_order_and_batches_reports_come(
    order: list[int], sizes: list[int], linked: sqlite3.Connection, tmp_path_factory: pytest.TempPathFactory
) -> None:
    connection = archive(tmp_path_factory.mktemp("order"), ())
    left = [ALL[place] for place in order]
    for size in sizes:
        batch, left = left[:size], left[size:]
        connection.execute("begin")
        for sample in batch:
            write(connection, sample)
        read_reports(connection, known())
        link_twins(connection, [sample.id for sample in batch])
        connection.execute("commit")
    assert rows(connection) == rows(linked)
    connection.close()
