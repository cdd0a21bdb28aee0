"""The index follows the reports, and the command shows what it finds."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from small_archive import SAMPLES, Sample, make_archive, write

from archive import search as index
from archive.finding import Overview, Search, find
from cli import main

ZH, TNW, EDITED, TAIWAN, RUSSIAN, CITIES = (sample.id for sample in SAMPLES)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = make_archive(tmp_path / "archive.db")
    yield connection
    connection.close()


def _ids(connection: sqlite3.Connection, words: str) -> list[int]:
    return [hit.id for hit in find(connection, Search(words)).hits]


def _check(connection: sqlite3.Connection) -> None:
    """FTS5 compares the whole index with the text that it is of; raises when they differ."""
    for table in ("reports_fts", "reports_characters"):
        connection.execute(f"insert into {table}({table}, rank) values ('integrity-check', 1)")


def test_a_restored_sentence_is_no_longer_removed() -> None:
    assert index.no_longer("One. Two. Three.\nTwo. Three.", "One. Three.") == "Two."
    assert index.no_longer("甲。乙！", "甲 。乙！丙。") == ""
    assert index.no_longer("旧标题\n甲。“乙。”丙", "新标题\n甲。") == "旧标题\n“乙。”\n丙"


# Keeping the index in step


def test_a_changed_report_is_found_by_its_new_words_only(archive: sqlite3.Connection) -> None:
    archive.execute("begin")
    index.remove_from_index(archive, [TNW])
    archive.execute("update versions set body = '重庆' where report = ?", [TNW])
    index.add_to_index(archive, [TNW])
    archive.execute("commit")
    _check(archive)
    assert (_ids(archive, "Zurich"), _ids(archive, "重庆"), _ids(archive, "庆")) == ([], [TNW], [TNW])


def test_removing_and_adding_twice_or_nothing_keeps_the_index_whole(archive: sqlite3.Connection) -> None:
    archive.execute("begin")
    index.add_to_index(archive, [TNW, TNW, ZH])
    index.remove_from_index(archive, [TNW, TNW, 1, ZH])
    index.remove_from_index(archive, [TNW])
    archive.execute("commit")
    assert _ids(archive, "police") == [EDITED]
    archive.execute("begin")
    index.add_to_index(archive, [TNW, ZH, 1])
    archive.execute("commit")
    _check(archive)
    assert _ids(archive, "police") == [EDITED, TNW]


def test_the_index_is_part_of_the_callers_transaction(archive: sqlite3.Connection) -> None:
    archive.execute("begin")
    index.remove_from_index(archive, [sample.id for sample in SAMPLES])
    assert _ids(archive, "police") == []
    assert archive.in_transaction
    archive.execute("rollback")
    _check(archive)
    assert _ids(archive, "police") == [EDITED, TNW]


def test_a_new_kind_of_outlet_reaches_its_reports_facets(archive: sqlite3.Connection) -> None:
    archive.execute("update outlets set kind = 'state' where id = 'tnw'")
    _check(archive)
    assert _ids(archive, "police kind:state") == [EDITED, TNW]
    assert _ids(archive, "kind:secondary") == []


def test_an_index_of_other_rules_is_not_written_to_but_rebuilt(
    archive: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "SEGMENT_VERSION", "2-other")
    assert index.needs_rebuild(archive)
    with pytest.raises(index.OutdatedIndex, match="2-other"):
        index.remove_from_index(archive, [ZH])
    archive.execute("begin")
    index.rebuild(archive)
    archive.execute("commit")
    assert not index.needs_rebuild(archive)
    index.remove_from_index(archive, [ZH])
    index.add_to_index(archive, [ZH])
    _check(archive)


def test_a_rebuilt_index_holds_the_same(archive: sqlite3.Connection) -> None:
    def terms() -> list[tuple[object, ...]]:
        found: list[tuple[object, ...]] = []
        for table in ("reports_fts", "reports_characters"):
            archive.execute(f"create virtual table temp.words using fts5vocab('main', '{table}', 'row')")
            found += archive.execute("select * from words order by term").fetchall()
            archive.execute("drop table words")
        return found

    before = terms()
    assert len(before) > 100
    index.rebuild(archive)
    assert terms() == before


@pytest.mark.skipif(shutil.which("sqlite3") is None, reason="the sqlite3 command is not installed")
def test_stock_sqlite_reads_the_index(archive: sqlite3.Connection, tmp_path: Path) -> None:
    query = "select rowid from reports_fts where reports_fts match '\"公安 安部\"'"
    found = subprocess.run(["sqlite3", str(tmp_path / "archive.db"), query], capture_output=True, text=True, check=True)
    assert found.stdout.split() == [str(ZH)]


def test_the_tables_use_nothing_newer_than_sqlite_340(archive: sqlite3.Connection) -> None:
    tables = "".join(
        row[0] or "" for row in archive.execute("select sql from sqlite_master where name like 'reports_%'")
    )
    assert "fts5" in tables
    for option in ("contentless_delete", "tokendata", "locale", "secure-delete", "contentless_unindexed"):
        assert option not in tables
    assert archive.execute("select v from reports_fts_config where k = 'version'").fetchone() == (4,)


# The command


@pytest.fixture
def file(tmp_path: Path) -> Path:
    make_archive(tmp_path / "archive.db").close()
    return tmp_path / "archive.db"


def _run(file: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["search", "--archive", str(file), *arguments])


def test_the_command_shows_what_it_found(file: Path) -> None:
    result = _run(file, "公安部")
    assert result.exit_code == 0
    for part in ("2012-07-26 00:30", "xinhua", "**公安部**：打击网络犯罪", str(ZH), f"http://xinhua.example/{ZH}"):
        assert part in result.output
    assert result.output.endswith("1 report found.\n")


def test_the_command_says_how_many_more_there_are(file: Path) -> None:
    assert "3 reports found, 1 shown (--limit shows more)." in _run(file, "京", "--limit", "1").output


def test_the_command_says_what_was_edited_out_and_what_is_gone(file: Path) -> None:
    assert "found in words that were removed by an edit" in " ".join(_run(file, "600").output.split())
    assert "gone" in _run(file, "台湾").output


def test_the_command_ends_with_1_and_advice_when_nothing_is_found(file: Path) -> None:
    result = _run(file, "京", "--until", "2001-01-01")
    assert result.exit_code == 1
    assert result.output.startswith(
        "Nothing found for 京\nTry without options that narrow it, such as --outlet and --since"
    )


def test_the_command_gives_json(file: Path) -> None:
    result = _run(file, "police", "--outlet", "tnw", "--json")
    found = json.loads(result.output)
    assert (found["words"], found["total"], found["total_is_estimate"]) == ("police", 1, False)
    assert (found["hits"][0]["id"], found["hits"][0]["title"]) == (TNW, "China says police arrested 10,000")
    nothing = _run(file, "absent", "--json")
    assert (nothing.exit_code, json.loads(nothing.output)["hits"]) == (1, [])


@pytest.mark.parametrize(
    ("arguments", "reports"),
    [
        (("police",), [EDITED, TNW]),
        (("police", "--oldest"), [TNW, EDITED]),
        (("police", "--kind", "secondary"), [TNW]),
        (("京", "--state", "gone"), [TAIWAN]),
        (("京", "--language", "zh-Hans"), [CITIES, ZH]),
        (("600", "--removed"), [EDITED]),
        (("500", "--removed"), []),
        (("police", "--since", "2012-07-27"), [EDITED]),
        (("police", "--until", "2012-07-26", "--relevance"), [TNW]),
        (("--kind", "state", ""), [CITIES, RUSSIAN, TAIWAN, EDITED, ZH]),
    ],
)
def test_the_commands_options_narrow_and_order(file: Path, arguments: tuple[str, ...], reports: list[int]) -> None:
    found = json.loads(_run(file, "--json", *arguments).stdout)
    assert [hit["id"] for hit in found["hits"]] == reports


def test_the_command_explains_a_wrong_query_apart_from_what_it_found(file: Path) -> None:
    result = _run(file, "titel:x OR 公安部", "--json")
    assert [hit["id"] for hit in json.loads(result.stdout)["hits"]] == [ZH]
    assert "“titel:” is no field, and was looked for as a word. Did you mean title:?" in result.stderr


def test_the_command_rounds_an_estimate(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("commands.search.overview", lambda *_: Overview(10_000, 123_456, False, ZH))
    assert _run(file, "公安部").output.endswith("About 120,000 reports found, 1 shown (--limit shows more).\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "Missing argument"),
        (("x", "--since", "yesterday"), "'yesterday' does not match"),
        (("x", "--outlet", "nowhere"), "it has tnw, xinhua"),
        (("x", "--limit", "0"), "0 is not in the range"),
    ],
)
def test_the_command_ends_with_2_when_it_is_wrong(file: Path, arguments: tuple[str, ...], message: str) -> None:
    result = _run(file, *arguments)
    assert result.exit_code == 2
    assert message in result.output


def test_a_missing_or_foreign_file_is_named_with_what_to_do(tmp_path: Path) -> None:
    result = _run(tmp_path / "none.db", "x")
    assert result.exit_code == 2
    assert "`dateline crawl` makes one, `make demo` a sample" in result.output
    (tmp_path / "text.db").write_text("no database, but long enough to be read as one" * 20)
    result = _run(tmp_path / "text.db", "x")
    assert result.exit_code == 2
    assert "is not an archive of Dateline" in result.output


def test_searching_needs_no_right_to_write_and_sees_what_a_crawl_commits(file: Path) -> None:
    writer = sqlite3.connect(file, isolation_level=None)
    index.register(writer)
    writer.execute("begin immediate")
    write(writer, late := Sample(2020010100000009, "tnw", "en", (("Late arrival", "Fresh."),)))
    index.add_to_index(writer, [late.id])
    assert _run(file, "fresh").exit_code == 1
    writer.execute("commit")
    assert _run(file, "fresh").exit_code == 0
    writer.close()
