"""Reprints: a copy is told from a report of the same template and from a story that quotes it, and the rows are the
same whatever order reports come in."""

from __future__ import annotations

import json
import random
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from small_archive import Sample, make_archive, write

from linking.reprints import link_reprints
from linking.shingles import shingles, wording
from linking.sketches import Sketch, candidates, packed, sketch, sketch_of, unpacked

CHINESE = (
    "新华社长沙7月26日电（记者陈立、周敏）湖南省公安厅26日通报，今年3月以来，全省警方共打掉网络诈骗团伙83个，抓获犯罪嫌疑人1240名，"
    "冻结涉案资金2.6亿元。\n\n通报说，这些团伙多以投资理财为名，在社交平台上物色对象，诱骗受害人向所谓的交易账户转账。"
    "警方提醒群众，不要点击来历不明的链接，不要向陌生人透露验证码。\n\n长沙市一名退休教师告诉记者，她在两周内先后转出48万元，"
    "直到银行柜员劝阻才发觉受骗。目前已有17家银行与警方建立了预警机制，平均每天拦截可疑转账60余笔。\n\n"
    "省公安厅刑侦总队负责人表示，行动将持续到年底，下一步将重点打击为诈骗团伙提供通信服务的中间商。（完）"
)
ENGLISH = (
    "CHANGSHA, July 26 (Xinhua) -- Police in central China's Hunan Province have broken up 83 online fraud rings and "
    "detained 1,240 suspects since March, the provincial public security department said on Thursday.\n\nThe rings "
    "posed as investment advisers and persuaded their victims to move savings into accounts that the gangs "
    "controlled, the department said in a statement.\n\nA retired teacher in Changsha said she had wired 480,000 yuan "
    "within two weeks before a bank clerk stopped her. Seventeen banks now warn the police of suspicious transfers and "
    "stop some 60 of them every day.\n\nThe campaign will last until the end of the year, and dealers who sell telephone "
    "lines to the gangs will be its next target. Enditem"
)
FIRST = 2012072601300001
HOUR, DAY = 1_000_000, 100_000_000  # in an id


def _sample(id: int, body: str, outlet: str = "xinhua", language: str = "zh-Hans") -> Sample:
    return Sample(id, outlet, language, ((f"标题{id}", body),))


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = make_archive(tmp_path / "archive.db", ())
    yield connection
    connection.close()


def _link(connection: sqlite3.Connection, *samples: Sample) -> dict[int, dict[str, Any]]:
    """Write the reports, link them at once, and read the rows by copy."""
    for sample in samples:
        write(connection, sample)
    link_reprints(connection, [sample.id for sample in samples])
    return _rows(connection)


def _rows(connection: sqlite3.Connection) -> dict[int, dict[str, Any]]:
    found = connection.execute("select * from reprints order by report")
    names = [column[0] for column in found.description]
    rows = [dict(zip(names, row, strict=True)) for row in found]
    for row in rows:
        row.update({name: json.loads(row[name]) for name in ("altered", "dropped", "added")})
    return {row["report"]: row for row in rows}


def _reword(connection: sqlite3.Connection, report: int, body: str) -> None:
    connection.execute(
        "insert into versions (id, report, number, title, body, captions, text_digest, layout, capture, seen_at, added, removed, "
        "removed_text) select report + number, report, number + 1, title, ?, '', body, '', capture, seen_at, 0, 0, '' from versions "
        "where report = ? order by number desc limit 1",
        [body, report],
    )
    connection.execute("update reports set versions = versions + 1 where id = ?", [report])


def _remove(connection: sqlite3.Connection, report: int) -> None:
    connection.execute("delete from versions where report = ?", [report])
    connection.execute("delete from reports where id = ?", [report])


# What is a copy


def test_a_copy_with_another_dateline_and_end_is_the_same_text(archive: sqlite3.Connection) -> None:
    body = CHINESE.replace("新华社长沙7月26日电（记者陈立、周敏）", "据新华社电 ").replace(
        "（完）", "\n\n责任编辑：李文"
    )
    row = _link(archive, _sample(FIRST, CHINESE), _sample(FIRST + 2 * HOUR, body, "tnw"))[FIRST + 2 * HOUR]
    assert row == {
        "report": FIRST + 2 * HOUR, "original": FIRST, "similarity": 1.0, "contained": 1.0, "lag_minutes": 120,
        "same_outlet": 0, "altered": [], "dropped": [], "added": [],
    }  # fmt: skip


def test_a_copy_says_what_it_altered_dropped_and_added(archive: sqlite3.Connection) -> None:
    body = (
        ENGLISH.replace("1,240 suspects", "1,204 suspects")
        .replace(" Seventeen banks now warn the police of suspicious transfers and stop some 60 of them every day.", "")
        .replace(
            "its next target. Enditem", "its next target.\n\nFraud of this kind has spread through many provinces."
        )
    )
    row = _link(archive, _sample(FIRST, ENGLISH, language="en"), _sample(FIRST + HOUR, body, language="en"))[
        FIRST + HOUR
    ]
    assert row["altered"] == [["1,240", "1,204"]]
    assert row["dropped"] == [
        "Seventeen banks now warn the police of suspicious transfers and stop some 60 of them every day."
    ]
    assert row["added"] == ["Fraud of this kind has spread through many provinces."]
    assert row["same_outlet"] == 1
    assert 0.7 < row["similarity"] < row["contained"] < 1


def test_a_chinese_number_is_altered_as_a_whole(archive: sqlite3.Connection) -> None:
    text = CHINESE.replace("1240名", "三千二百名")
    rows = _link(archive, _sample(FIRST, text), _sample(FIRST + HOUR, text.replace("三千二百名", "三千四百名")))
    assert rows[FIRST + HOUR]["altered"] == [["三千二百", "三千四百"]]


@pytest.mark.parametrize("text, language", [(CHINESE, "zh-Hans"), (ENGLISH, "en")])
def test_a_copy_that_was_cut_to_a_third_is_a_copy(archive: sqlite3.Connection, text: str, language: str) -> None:
    rows = _link(
        archive,
        _sample(FIRST, text, language=language),
        _sample(FIRST + HOUR, "\n\n".join(text.split("\n\n")[:2]), "tnw", language),
    )
    assert rows[FIRST + HOUR]["original"] == FIRST
    assert rows[FIRST + HOUR]["contained"] == 1.0


def test_a_copy_that_drops_the_beginning_is_a_copy(archive: sqlite3.Connection) -> None:
    rows = _link(archive, _sample(FIRST, CHINESE), _sample(FIRST + HOUR, "\n\n".join(CHINESE.split("\n\n")[1:]), "tnw"))
    assert rows[FIRST + HOUR]["original"] == FIRST


def test_a_copy_that_takes_all_and_adds_as_much_again_is_a_copy(archive: sqlite3.Connection) -> None:
    more = (
        "\n\n另据本报记者了解，邻近的江西省也在开展类似的专项整治，当地通信管理部门已经约谈多家虚拟运营商，要求其落实实名登记制度。"
        "业内人士认为，跨省协作机制仍有待完善，受害人往往要在几个地方之间奔波才能立案。"
        "有律师建议修改相关规定，允许受害人在居住地报案，并由警方统一移送。这一建议得到一些人大代表的赞同。"
    )
    rows = _link(archive, _sample(FIRST, CHINESE), _sample(FIRST + HOUR, CHINESE.replace("（完）", "") + more, "tnw"))
    assert rows[FIRST + HOUR]["original"] == FIRST
    assert rows[FIRST + HOUR]["contained"] < 0.7


def test_other_words_here_and_there_leave_it_a_copy(archive: sqlite3.Connection) -> None:
    body = CHINESE
    for was, became in (
        ("以投资", "借投资"),
        ("物色对象", "寻找目标"),
        ("来历不明", "不明来源"),
        ("行动将", "该行动会"),
        ("目前", "至今"),
    ):
        assert was in body
        body = body.replace(was, became)
    assert _link(archive, _sample(FIRST, CHINESE), _sample(FIRST + HOUR, body))[FIRST + HOUR]["original"] == FIRST


def test_a_copy_in_traditional_characters_is_a_copy(archive: sqlite3.Connection) -> None:
    body = CHINESE.translate(str.maketrans("长电记者陈报来网络诈骗团伙个犯资亿", "長電記者陳報來網絡詐騙團夥個犯資億"))
    rows = _link(archive, _sample(FIRST, CHINESE), _sample(FIRST + HOUR, body, "tnw", "zh-Hant"))
    assert rows[FIRST + HOUR]["original"] == FIRST


def test_the_lag_is_unknown_where_a_page_told_the_day_alone(archive: sqlite3.Connection) -> None:
    write(archive, _sample(FIRST, CHINESE))
    archive.execute("update reports set published_precision = 'day', published_at = '2012-07-26'")
    write(archive, _sample(FIRST + HOUR, CHINESE))
    link_reprints(archive, [FIRST, FIRST + HOUR])
    assert _rows(archive)[FIRST + HOUR]["lag_minutes"] is None


# What is none


def _other_numbers(text: str) -> str:
    return re.sub(r"[\d,.]*\d", lambda number: str(int(re.sub(r"\D", "", number[0])) * 3 + 7), text)


@pytest.mark.parametrize("text, language", [(CHINESE, "zh-Hans"), (ENGLISH, "en")])
def test_the_same_sentences_with_other_numbers_are_no_copy(
    archive: sqlite3.Connection, text: str, language: str
) -> None:
    other = _other_numbers(text).replace("Seventeen", "Twenty")
    assert not _link(archive, _sample(FIRST, text, language=language), _sample(FIRST + HOUR, other, language=language))


def test_a_ceremony_for_another_guest_is_no_copy(archive: sqlite3.Connection) -> None:
    text = (
        "央视网消息（新闻联播）：国家主席{day}日{half}午在人民大会堂举行仪式，欢迎{land}总统{name}对我国进行国事访问。\n\n天安门广场上鸣礼炮21响。\n\n"
        "有关部门负责人出席欢迎仪式。\n\n陪同{name}访华的有{suite}等。\n\n军乐团奏{short}中两国国歌。\n\n{name}检阅了中国人民解放军仪仗队。\n\n"
        "两国元首回到检阅台观看仪仗队分列式。\n\n{name}是应邀对我国进行国事访问的。"
    )
    one = text.format(day=4, half="上", land="甲兰共和国", name="阿罗", suite="外交部部长、财政部部长", short="甲")
    other = text.format(
        day=19, half="下", land="乙利亚共和国", name="贝托尼", suite="总统夫人、农业和渔业部部长", short="乙"
    )
    assert not _link(archive, _sample(FIRST, one), _sample(FIRST + HOUR, other))


@pytest.mark.parametrize("text, language", [(CHINESE, "zh-Hans"), (ENGLISH, "en")])
def test_a_story_that_quotes_a_sentence_is_no_copy(archive: sqlite3.Connection, text: str, language: str) -> None:
    own = (
        "一位长期研究这类案件的学者说，真正的难处在于资金一旦出境便很难追回，受害人多是独居老人。他建议银行对首次向新账户转账的客户延迟到账，"
        "并且在每个社区派驻志愿者，定期走访。类似做法在沿海几个城市已试行两年。"
        if language == "zh-Hans"
        else "A scholar who has followed such cases for years said that the hard part was to get the money back once it had "
        "left the country, and that most victims were old people who lived alone. He wants banks to hold back any "
        "first transfer to a new account for a day, as a few cities on the coast have done for some time."
    )
    sentence = text.split("\n\n")[1]
    rows = _link(
        archive,
        _sample(FIRST, text, language=language),
        _sample(FIRST + HOUR, f"{own}\n\n{sentence}\n\n{own[::-1]}", "tnw", language),
    )
    assert not rows


def test_a_closing_paragraph_that_two_reports_share_makes_no_copy(archive: sqlite3.Connection) -> None:
    closing = "届时，中央广播电视总台综合频道、新闻频道、中文国际频道、各外语频道、超高清频道以及环球资讯广播等频率将进行现场直播，各新媒体平台将同步转播，敬请广大观众收看收听。"
    one = f"全国运动会开幕式将于本周六晚在体育中心举行。\n\n{closing}"
    other = f"文学奖颁奖典礼将于下月初在首都剧场举行。\n\n{closing}"
    assert not _link(archive, _sample(FIRST, one), _sample(FIRST + HOUR, other))


def test_the_same_text_two_months_later_is_no_copy(archive: sqlite3.Connection) -> None:
    assert not _link(archive, _sample(FIRST, CHINESE), _sample(2012092601300001, CHINESE))


def test_a_short_notice_has_no_copy(archive: sqlite3.Connection) -> None:
    notice = "新华社北京7月26日电　今晚有雨，请注意交通安全。"
    assert not _link(archive, _sample(FIRST, notice), _sample(FIRST + HOUR, notice))


# Late arrivals, edits, removals


def test_an_earlier_report_that_comes_late_becomes_the_original(archive: sqlite3.Connection) -> None:
    _link(archive, _sample(FIRST + HOUR, CHINESE), _sample(FIRST + 2 * HOUR, CHINESE, "tnw"))
    write(archive, _sample(FIRST, CHINESE, "tnw"))
    touched = link_reprints(archive, [FIRST])
    assert {copy: row["original"] for copy, row in _rows(archive).items()} == {
        FIRST + HOUR: FIRST,
        FIRST + 2 * HOUR: FIRST,
    }
    assert touched == {FIRST, FIRST + HOUR, FIRST + 2 * HOUR}


def test_an_original_that_was_rewritten_leaves_its_copies_to_the_next(archive: sqlite3.Connection) -> None:
    _link(archive, *(_sample(FIRST + place * HOUR, CHINESE) for place in range(3)))
    _reword(archive, FIRST, ENGLISH)
    link_reprints(archive, [FIRST])
    assert {copy: row["original"] for copy, row in _rows(archive).items()} == {FIRST + 2 * HOUR: FIRST + HOUR}


def test_linking_again_changes_and_touches_nothing(archive: sqlite3.Connection) -> None:
    rows = _link(archive, _sample(FIRST, CHINESE), _sample(FIRST + HOUR, CHINESE))
    assert link_reprints(archive, [FIRST + HOUR, FIRST]) == set()
    assert _rows(archive) == rows


def test_a_report_that_is_gone_leaves_no_row(archive: sqlite3.Connection) -> None:
    _link(archive, *(_sample(FIRST + place * HOUR, CHINESE) for place in range(3)))
    _remove(archive, FIRST)
    assert not _rows(archive)
    link_reprints(archive, [FIRST + HOUR, FIRST + 2 * HOUR])
    assert {copy: row["original"] for copy, row in _rows(archive).items()} == {FIRST + 2 * HOUR: FIRST + HOUR}
    assert archive.execute("select count(*) from sketches").fetchone() == (2,)


_SENTENCES = 400


def _pool(chance: random.Random) -> dict[int, list[str]]:
    """Reports and their wordings, oldest first: texts, their copies, altered and cut, and copies of these."""
    words = ["".join(chr(chance.randrange(0x4E00, 0x9FA5)) for _ in range(2)) for _ in range(500)]
    sentences = ["".join(chance.choices(words, k=12)) + f"{chance.randrange(10_000)}。" for _ in range(_SENTENCES)]

    def fresh() -> str:
        return "\n\n".join("".join(chance.sample(sentences, 3)) for _ in range(4))

    def changed(text: str) -> str:
        pieces = re.findall(r".+?。|\n\n", text)
        if chance.random() < 0.4:
            pieces = pieces[: max(5, int(len(pieces) * chance.uniform(0.4, 1)))]
        if chance.random() < 0.4:
            pieces[chance.randrange(len(pieces))] = chance.choice(sentences)
        return "".join(piece.replace(piece[2:4], "改写") if chance.random() < 0.2 else piece for piece in pieces)

    pool: dict[int, list[str]] = {}
    texts: list[str] = []
    for number in range(36):
        text = changed(chance.choice(texts)) if texts and chance.random() < 0.7 else fresh()
        texts.append(text)
        before = [chance.choice([fresh(), changed(chance.choice(texts))])] if chance.random() < 0.3 else []
        pool[FIRST + chance.randrange(5) * DAY + number * 10] = [*before, text]
    return pool


def _all_rows(connection: sqlite3.Connection) -> list[tuple[Any, ...]]:
    tables = ("reprints", "sketches", "sketch_hashes")
    return [row for table in tables for row in connection.execute(f"select * from {table} order by 1, 2")]


@pytest.mark.parametrize("seed", range(6))
def test_any_order_any_batches_and_edits_between_give_the_rows_of_one_run(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    pool = _pool(chance)
    gone = set(chance.sample(sorted(pool), 3))
    at_once = make_archive(tmp_path / "at-once.db", ())
    for report, texts in pool.items():
        if report not in gone:
            write(at_once, _sample(report, texts[-1]))
    link_reprints(at_once, sorted(pool.keys() - gone))
    expected = _all_rows(at_once)
    assert len(_rows(at_once)) > 5

    step_by_step = make_archive(tmp_path / "step-by-step.db", ())
    steps = [(report, number) for report, texts in pool.items() for number in range(len(texts))]
    steps += [(report, -1) for report in gone]
    chance.shuffle(steps)
    written: dict[int, int] = {}
    waiting: set[int] = set()
    for report, _ in steps:
        number = written.get(report, 0)
        texts = pool[report]
        if number == 0:
            write(step_by_step, _sample(report, texts[0]))
        elif number < len(texts):
            _reword(step_by_step, report, texts[number])
        else:
            copies = step_by_step.execute("select report from reprints where original = ?", [report]).fetchall()
            _remove(step_by_step, report)
            waiting = (waiting | {copy for (copy,) in copies}) - {report}
        written[report] = number + 1
        if number < len(texts):
            waiting.add(report)
        if chance.random() < 0.3:
            _in_batches(step_by_step, waiting, chance)
            waiting = set()
    _in_batches(step_by_step, waiting, chance)
    assert _all_rows(step_by_step) == expected
    at_once.close()
    step_by_step.close()


def _in_batches(connection: sqlite3.Connection, reports: set[int], chance: random.Random) -> None:
    left = sorted(reports)
    chance.shuffle(left)
    while left:
        size = chance.randrange(1, 6)
        link_reprints(connection, left[:size])
        left = left[size:]


# Wording, shingles and sketches


@pytest.mark.parametrize(
    "body, left",
    [
        ("新华社北京7月26日电（记者王明、李华）公安部通报。", "公安部通报。"),
        ("新华社联合国3月5日电　安理会开会。", "安理会开会。"),
        ("中新网3月5日电 据外媒报道，雨停了。", "据外媒报道，雨停了。"),
        ("央视网消息（新闻联播）：长江涨水。", "长江涨水。"),
        ("中国电信公司3月5日宣布，发电量增长。", "中国电信公司3月5日宣布，发电量增长。"),
        ("BEIJING, March 5 (Xinhua) -- It rained.", "It rained."),
        ("MOSCOW, March 5. /TASS/. It rained.", "It rained."),
        ("BEIJING — It rained.", "It rained."),
        ("The mayor (Chen) -- who left -- is back.", "The mayor (Chen) -- who left -- is back."),
        ("It rained.\n\nIt stopped. Enditem", "It rained.\n\nIt stopped."),
        ("雨停了。（完）\n\n责任编辑：李文", "雨停了。"),
        ("雨停了。\n\n（完）", "雨停了。"),
        ("By Xinhua writers Li Wen and Chen Li\n\nIt rained.", "It rained."),
        ("", ""),
    ],
)
def test_edges_that_copies_change_are_no_wording(body: str, left: str) -> None:
    assert wording(body) == left


def test_shingles_are_the_same_in_every_run() -> None:
    # zlib.crc32 of 一二三四五 in UTF-32 and of "it rained all" in UTF-8, times 0x9E3779B1, in 32 bits.
    assert shingles("一二，三四“五”", "zh-Hans") == {3856033329}
    assert shingles("It  rained, ALL…", "en") == {2253799015}
    assert shingles("四個", "zh-Hant") == shingles("四个", "zh") == set()


def test_a_sketch_tells_how_much_of_a_text_stands_in_another() -> None:
    whole = sketch_of("".join(chr(0x4E00 + number * 7 % 20_000) for number in range(2500)), "zh-Hans")
    third = sketch_of("".join(chr(0x4E00 + number * 7 % 20_000) for number in range(800)), "zh-Hans")
    assert whole and third
    assert third.contained_in(whole) == 1.0
    assert whole.contained_in(third) == pytest.approx(0.32, abs=0.12)
    assert len(set(whole.indexed) & set(third.indexed)) > 10


def test_the_sketch_of_a_book_is_bounded() -> None:
    book = sketch_of("".join(chr(0x4E00 + number * number % 20_011) for number in range(300_000)), "zh-Hans")
    assert book
    assert len(book.lowest) <= 2_000
    assert len(book.indexed) <= 1_000


def test_a_sketch_is_read_as_it_was_written() -> None:
    assert packed([1, 0xFFFFFFFF]) == b"\x01\x00\x00\x00\xff\xff\xff\xff"
    assert unpacked(packed([1, 0xFFFFFFFF])) == (1, 0xFFFFFFFF)
    assert Sketch(3, (5, 6, 9)).contained_in(Sketch(2, (5, 9))) == pytest.approx(2 / 3)


def test_texts_with_nothing_in_common_are_no_candidates(archive: sqlite3.Connection) -> None:
    write(archive, _sample(FIRST, CHINESE))
    write(archive, _sample(FIRST + HOUR, "".join(chr(0x5000 + number) for number in range(300))))
    write(archive, _sample(FIRST + 2 * HOUR, CHINESE[:-100]))
    sketch(archive, [FIRST, FIRST + HOUR, FIRST + 2 * HOUR])
    assert candidates(archive, FIRST) == [FIRST + 2 * HOUR]
