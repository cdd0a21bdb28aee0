"""`dateline publish --public`: what is in a public archive, what is not, and how it is served."""

from __future__ import annotations

import json
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
import yaml
from click.testing import CliRunner
from serving import PROJECT, RELEASES, answer, free_port, page, python_with, rows, serving
from small_archive import SAMPLES, Sample, make_archive

from archive import public
from archive.finding import Search, find, overview, timeline
from archive.lock import WriterLock
from archive.public import Publication, index_of
from archive.publishing import KEPT, PublicationRefused, make_public
from archive.schema import open_archive
from archive.search import register
from archive.text import SEGMENT_VERSION
from cli import main

QUERIES = yaml.safe_load((PROJECT / "publish/datasette.yaml").read_text(encoding="utf-8"))["databases"]["archive"][
    "queries"
]
MADE_AT = "2026-11-24T10:00:00Z"
# Bodies whose every eighth letter is elsewhere in no file; the excerpt ends within "opening".
OPENING_EN = (
    "The opening of the story is here for all to read and it goes on for a while, sentence after sentence, " * 2
)
DEEP_EN = "Quokkas juggled marzipan beneath Zanzibar's lighthouse. Figs outnumbered walruses by 4,711 at dusk."
DEEP_ZH = "企鹅在琥珀色的灯塔下弹奏竖琴。骆驼数出四千七百一十一颗石榴。"
OPENING_ZH = "这是报道的开头，人人可以阅读，一句接着一句。" * 10
GONE_EN = "Formerly the vizier hoarded turquoise umbrellas."
CAPTION = "Gibbons polish a xylophone."
SECRET_REASON = "a layout fails on this page: ValueError: 'flamingos knit parachutes'"
STATE_EN = (
    "Sentence after sentence of the state outlet stays as it is, to its very end: ptarmigans ratified the treaty. " * 4
)
# Of what is read out of the secondary text, and of the state's.
NOUN, SPEAKER, ALTERED = "quokkas in evening dress", "Brigadier Marmoset", "wombats lacquered the gazebo"
STATE_NOUN, STATE_SPEAKER, STATE_ALTERED = "ptarmigans", "Minister Lemur", "the treaty stays as it is"
CRUSH = SAMPLES[2].id  # a state report of the small archive
EN, ZH, STATE, LIST = 2016010100000001, 2016010200000002, 2016010300000003, 2016010400000004
LONG = (
    Sample(
        EN, "tnw", "en",
        (("Short title", f"{OPENING_EN}\n\n{GONE_EN}"), ("Short title", f"{OPENING_EN}\n\n{DEEP_EN}")),
        captions=CAPTION,
    ),
    Sample(ZH, "tnw", "zh-Hans", (("短标题", f"{OPENING_ZH}\n\n{DEEP_ZH}"),)),
    Sample(STATE, "xinhua", "en", (("State title", STATE_EN),), captions="Lemurs varnish a sundial."),
)  # fmt: skip
HELD_BACK = (
    DEEP_EN,
    DEEP_ZH,
    GONE_EN,
    CAPTION,
    "flamingos knit parachutes",
    "weasels flood cathedrals",
    "otters brew marmalade",
    NOUN,
    SPEAKER,
    SPEAKER.lower(),
    ALTERED,
)


def whole_archive(path: Path) -> Path:
    """The samples, with everything around them that may quote a page."""
    with closing(make_archive(path, SAMPLES + LONG)) as archive:
        archive.execute("update versions set removed_text = ?, added = 4, removed = 3 where id = ?", [GONE_EN, EN + 1])
        archive.execute("update versions set removed_text = 'lemurs' where report = ?", [STATE])
        archive.execute(
            "insert into captures (id, crawl, outlet, url, canonical, at, status, payload_length, warc, offset, length, "
            "origin, outcome, reason) select id + 7, crawl, outlet, url, canonical, at, 200, 9, warc, offset + 7, 9, origin, "
            "'quarantined', case outlet when 'tnw' then ? else 'no layout fits' end from captures where id in (?, ?)",
            [SECRET_REASON, EN, STATE],
        )
        archive.execute(
            "insert into quarantine select id, outlet, url, at, reason from captures where outcome = 'quarantined'"
        )
        archive.execute(
            "insert into readings (capture, report, part, parts, text_digest, page) values (?, ?, 1, 2, 'digest', ?)",
            [EN, EN, json.dumps({"body": ["weasels flood cathedrals"]})],
        )
        archive.execute("delete from replacements where report in (?, ?)", [EN, STATE])
        for report, outlet in ((EN, "tnw"), (STATE, "xinhua")):
            words = ("turquoise umbrellas", "lighthouse. Figs") if outlet == "tnw" else ("lemurs", "ptarmigans")
            archive.execute(
                "insert into replacements values (?, 1, ?, ?, '2016-01-05T00:00:00Z', ?, ?)",
                [EN + 1 if outlet == "tnw" else STATE, report, outlet, *words],
            )
        for outlet, title in (("tnw", "otters brew marmalade"), ("xinhua", "Listed title")):
            archive.execute(
                "insert into checks (url, outlet, address, kind, title) values (?, ?, 'http://x.example', 'report', ?)",
                [f"http://{outlet}.example/listed", outlet, title],
            )
        _state_and_link(archive)
    return path


def _state_and_link(archive: sqlite3.Connection) -> None:
    """A figure with its source, a quote, a mention and every link, of a secondary and of a state report."""
    for report, version, at, noun, speaker, words in (
        (EN, EN + 1, len(OPENING_EN), NOUN, SPEAKER, DEEP_EN[:30]),
        (STATE, STATE, 0, STATE_NOUN, STATE_SPEAKER, STATE_EN[:30]),
    ):
        place = [version, 1, report, "body", at, at + 9, 1]
        archive.execute(
            f"insert into attributions values ({', '.join('?' * 20)})",
            [*place, speaker, "official", speaker.lower(), words, 1, 2, None, None, 0, 0, None, 0, 99],
        )
        for number, key, noun_key in ((1, speaker.lower(), "animal"), (2, "ministry-of-public-security", "suspect")):
            archive.execute(
                f"insert into figures values ({', '.join('?' * 26)})",
                [version, number, *place[2:], words, 4711, None, words, "at least", "", words, noun, noun_key, "count",
                 words, words, "2016-01-01", None, 1, key, f"{key}/count/{noun_key}/", 0, 99],
            )  # fmt: skip
        archive.execute("insert into quotes values (?, ?, ?, ?, ?, ?, ?, ?, 'speech', 1)", [*place, words])
        archive.execute(
            f"insert into mentions values ({', '.join('?' * 17)})",
            [*place, words, "xinhua", "source", "http://xinhua.example/", "xinhua", None, None, 1, 0, 99],
        )
        archive.execute("insert into names values ('quokka', ?, 'person', ?)", [report, ALTERED])
        archive.execute("insert into statements values (?, ?, 1)", [version, report])
    for copy, original, words in ((EN, STATE, ALTERED), (STATE, CRUSH, STATE_ALTERED)):
        archive.execute(
            "insert into reprints values (?, ?, 0.9, 0.9, 5, 0, ?, ?, ?)",
            [copy, original, json.dumps([[words, words]]), json.dumps([words]), json.dumps([words])],
        )
        archive.execute(
            "insert into citations (version, mention, report, outlet, cited, tier, score, evidence, reason, target, "
            "from_day, to_day) values (?, 1, ?, 'xinhua', ?, 'text reuse', 0.9, ?, '', '', '2016-01-01', '2016-01-03')",
            [EN + 1 if copy == EN else copy, copy, original, evidence(words)],
        )
        archive.execute(
            "insert into contradictions values ('changed number', ?, 1, ?, ?, 1, ?, ?)",
            [copy, copy, original, original, words],
        )
    archive.execute("insert into twins values (?, ?, 0.8, 1, ?, '[]', '[2]')", [ZH, STATE, evidence(ALTERED)])


def evidence(words: str) -> str:
    return json.dumps(
        {"shared_text": [[0, 9, 4, 13]], "figures": [[1, 1], [2, 2]], "names": [["a", words, words]], "hours": 4.5}
    )


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A public archive; the whole one is archive.db beside it."""
    folder = tmp_path_factory.mktemp("published")
    make_public(whole_archive(folder / "archive.db"), folder / "public.db", "0.1.0", MADE_AT)
    return folder / "public.db"


def reader(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
    register(connection)
    return connection


@pytest.fixture
def connection(published: Path) -> Iterator[sqlite3.Connection]:
    """As the reading room has it: with the index."""
    with closing(reader(published)) as opened:
        assert public.attach_index(opened)
        yield opened


# What is in it


def test_no_stretch_of_a_secondary_text_beyond_its_excerpt_is_in_the_files_bytes(published: Path) -> None:
    content = published.read_bytes()
    for text in HELD_BACK:
        for start in range(len(text) - 7):
            for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
                assert text[start : start + 8].encode(encoding) not in content, text[start:]


def test_the_whole_archive_has_them_all(published: Path) -> None:
    with closing(reader(published.with_name("archive.db"))) as archive:
        dump = "\n".join(archive.iterdump())
    assert not [text for text in HELD_BACK if text.replace("'", "''") not in dump]


def test_a_secondary_text_is_its_first_200_characters(connection: sqlite3.Connection) -> None:
    versions = connection.execute(
        "select title, body, captions, removed_text, added, removed from versions where report = ?", [EN]
    )
    excerpt = OPENING_EN[:200].rstrip() + "…"
    assert versions.fetchall() == [("Short title", excerpt, "", "", 0, 0), ("Short title", excerpt, "", "", 4, 3)]
    ((body,),) = connection.execute("select body from versions where report = ?", [ZH])
    assert body == OPENING_ZH[:200] + "…"


def test_a_state_text_is_whole(connection: sqlite3.Connection) -> None:
    rows = connection.execute("select body, captions, removed_text from versions where report = ?", [STATE])
    assert rows.fetchall() == [(STATE_EN, "Lemurs varnish a sundial.", "lemurs")]


def test_everything_else_is_as_in_the_whole_archive(connection: sqlite3.Connection, published: Path) -> None:
    connection.execute("attach ? as whole", [str(published.with_name("archive.db"))])
    changed = {("captures", "reason"), ("versions", "body"), ("versions", "captions"), ("versions", "removed_text"),
               ("quarantine", "reason"), ("checks", "title"), ("readings", "page"), ("replacements", "was"),
               ("replacements", "became")}  # fmt: skip
    changed |= WORDS
    for table in KEPT:
        columns = [name for _, name, *_ in connection.execute(f"pragma whole.table_info({table})")]
        same = ", ".join(name for name in columns if (table, name) not in changed)
        for first, second in (("main", "whole"), ("whole", "main")):
            difference = connection.execute(
                f"select {same} from {first}.{table} except select {same} from {second}.{table}"
            )
            assert difference.fetchall() == [], table


# Columns of statements and links that hold words of a text.
WORDS = {
    *(("attributions", column) for column in ("source", "source_key", "cue")),
    *(("figures", column) for column in ("text", "modifier", "measure", "noun", "act_text", "period", "stated_by", "series")),
    ("quotes", "words"), ("mentions", "words"), ("reprints", "altered"), ("reprints", "dropped"), ("reprints", "added"),
    ("citations", "evidence"), ("twins", "evidence"), ("contradictions", "explanation"),
}  # fmt: skip


def test_of_what_a_secondary_text_states_numbers_and_known_keys_are_told_and_no_word(
    connection: sqlite3.Connection,
) -> None:
    told = "select text, value, meaning, noun, noun_key, act, period, period_start, stated_by, series from figures"
    ministry = "ministry-of-public-security"
    assert connection.execute(f"{told} where report = ? order by number", [EN]).fetchall() == [
        ("", 4711, "at least", "", "animal", "count", "", "2016-01-01", "", ""),
        ("", 4711, "at least", "", "suspect", "count", "", "2016-01-01", ministry, f"{ministry}/count/suspect/"),
    ]
    key = STATE_SPEAKER.lower()
    assert connection.execute(f"{told} where report = ? and number = 1", [STATE]).fetchall() == [
        (STATE_EN[:30], 4711, "at least", STATE_NOUN, "animal", "count", STATE_EN[:30], "2016-01-01", key,
         f"{key}/count/animal/")
    ]  # fmt: skip
    assert connection.execute("select report, source, kind, source_key from attributions order by 1").fetchall() == [
        (EN, "", "official", ""),
        (STATE, STATE_SPEAKER, "official", key),
    ]
    assert connection.execute("select report, words, outlet, href from mentions order by 1").fetchall() == [
        (EN, "", "xinhua", "http://xinhua.example/"),
        (STATE, STATE_EN[:30], "xinhua", "http://xinhua.example/"),
    ]


def test_of_what_links_a_secondary_text_only_numbers_are_told(connection: sqlite3.Connection) -> None:
    numbers = {"figures": [[1, 1], [2, 2]], "hours": 4.5}
    told = {
        report: json.loads(evidence)
        for report, evidence in connection.execute("select report, evidence from citations")
    }
    assert told == {EN: numbers, STATE: json.loads(evidence(STATE_ALTERED))}
    ((found,),) = connection.execute("select evidence from twins").fetchall()
    assert json.loads(found) == numbers  # the Chinese one is secondary
    words = json.dumps([STATE_ALTERED])
    assert connection.execute("select report, altered, dropped, added from reprints order by 1").fetchall() == [
        (EN, "[]", "[]", "[]"),
        (STATE, json.dumps([[STATE_ALTERED, STATE_ALTERED]]), words, words),
    ]
    assert connection.execute("select report, explanation from contradictions order by 1").fetchall() == [
        (EN, ""),
        (STATE, STATE_ALTERED),
    ]


def test_what_is_kept_refers_to_what_is_kept(connection: sqlite3.Connection) -> None:
    inside = {"sketches", "sketch_hashes", "unread", "unlinked", "names"}
    kept = {name for (name,) in connection.execute("select name from main.sqlite_master where type = 'table'")}
    assert not inside & kept
    assert {"figures", "citations", "statements"} <= kept
    assert connection.execute("select name from main.sqlite_master where type = 'trigger'").fetchall() == []
    tables = ", ".join(f"'{table}'" for table in sorted(dict(WORDS)))
    assert (
        connection.execute(
            f"select * from sqlite_master, pragma_foreign_key_check(name) where name in ({tables})"
        ).fetchall()
        == []
    )


def test_reasons_that_may_quote_a_page_are_told_for_state_outlets_alone(connection: sqlite3.Connection) -> None:
    told = connection.execute("select outlet, reason from quarantine order by outlet").fetchall()
    assert told == [
        ("tnw", "not told in the public archive, since it may quote the page"),
        ("xinhua", "no layout fits"),
    ]
    assert (
        connection.execute("select outlet, reason from captures where reason is not null order by outlet").fetchall()
        == told
    )
    assert connection.execute("select page from readings").fetchall() == [(None,)]
    assert connection.execute("select title from checks order by outlet").fetchall() == [(None,), ("Listed title",)]


def test_every_table_and_column_of_the_archive_is_decided_on(tmp_path: Path) -> None:
    """A migration that adds one must say here, or in archive/publishing.py, whether it goes out."""
    inside = {"readings.page"}
    tables_inside = {
        "runs", "alarms",  # about this machine, and whoever looks after it
        "names", "sketches", "sketch_hashes",  # words of all texts, and what tells which texts have them
        "unread", "unlinked",  # what is to be done here
        "mementos", "backfills", "segments", "broken",  # how its keeper came by what it holds
    }  # fmt: skip
    archive = open_archive(tmp_path / "archive.db")
    tables = [
        name
        for (name,) in archive.execute(
            "select name from sqlite_master where type = 'table' and sql not like 'create virtual%'"
        )
        if not name.startswith(("sqlite_", "reports_fts_", "reports_characters_")) and name not in tables_inside
    ]
    every = {f"{table}.{name}" for table in tables for _, name, *_ in archive.execute(f"pragma table_info({table})")}
    kept = {f"{table}.{column}" for table, each in KEPT.items() for column in each.columns.split(", ")}
    assert every == kept | inside
    archive.close()


def test_it_says_what_it_is(connection: sqlite3.Connection, published: Path) -> None:
    publication = public.publication_of(connection)
    assert publication is not None
    assert publication == Publication("public", publication.edition, MADE_AT, "0.1.0", 2, 9, 3, 11, 13)
    with closing(reader(published.with_name("archive.db"))) as whole:
        assert public.publication_of(whole) is None
        assert not public.is_public(whole)
        assert not public.attach_index(whole)


def test_both_files_are_whole_and_without_gaps(published: Path) -> None:
    for path in (published, index_of(published)):
        with closing(sqlite3.connect(path)) as made:
            assert made.execute("pragma integrity_check").fetchall() == [("ok",)]
            assert made.execute("pragma freelist_count").fetchone() == (0,)
            assert made.execute("pragma journal_mode").fetchone() == ("delete",)
    with closing(sqlite3.connect(index_of(published))) as index:
        for table in ("reports_fts", "reports_characters"):
            index.execute(f"insert into {table} ({table}) values ('integrity-check')")
            segments = index.execute(f"select count(distinct segid) from {table}_idx").fetchone()
            assert segments == (1,), table
    assert sorted(path.name for path in published.parent.iterdir() if "public" in path.name) == [
        "public.db", "public.db.lock", "public.index.db",
    ]  # fmt: skip


def test_of_secondary_outlets_no_word_that_an_edit_changed_is_told(connection: sqlite3.Connection) -> None:
    told = connection.execute("select outlet, was, became from replacements where report in (?, ?)", [EN, STATE])
    assert sorted(told) == [("tnw", "", ""), ("xinhua", "lemurs", "ptarmigans")]


# Searching it


@pytest.mark.parametrize(
    ("words", "report"),
    [
        ("marzipan", EN),
        ('"beneath Zanzibar\'s lighthouse"', EN),
        ("琥珀色", ZH),
        ("灯塔下弹奏", ZH),
        ("榴", ZH),
        ("gibbons", EN),
    ],
)
def test_words_deep_in_a_secondary_text_are_found(connection: sqlite3.Connection, words: str, report: int) -> None:
    (hit,) = find(connection, Search(words=words)).hits
    assert hit.id == report
    assert hit.snippet.strip("…") in (OPENING_EN, OPENING_ZH) or hit.snippet.startswith(
        ("The opening", "这是报道的开头")
    )


def test_text_that_an_edit_took_out_is_found_and_not_shown(connection: sqlite3.Connection) -> None:
    (hit,) = find(connection, Search(words="turquoise", removed=True)).hits
    assert hit.id == EN
    assert "turquoise" not in hit.snippet


@pytest.mark.parametrize(
    "search",
    [
        Search(words="police"), Search(words="police", order="relevance"), Search(words="京"), Search(),
        Search(words="police", kind="secondary"), Search(state="gone"), Search(words="600", removed=True),
        Search(words="北京", outlet="xinhua", order="oldest"),
    ],
)  # fmt: skip
def test_a_search_finds_what_it_finds_in_the_whole_archive(
    connection: sqlite3.Connection, published: Path, search: Search
) -> None:
    with closing(reader(published.with_name("archive.db"))) as whole:
        assert [hit.id for hit in find(connection, search).hits] == [hit.id for hit in find(whole, search).hits]
        assert overview(connection, search) == overview(whole, search)
        assert timeline(connection, search) == timeline(whole, search)


def test_an_index_of_another_edition_is_not_used(published: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    copy.write_bytes(published.read_bytes())
    make_public(published.with_name("archive.db"), tmp_path / "other.db", "0.1.0", MADE_AT)
    index_of(tmp_path / "other.db").rename(index_of(copy))
    with closing(reader(copy)) as opened:
        assert not public.attach_index(opened)
    with pytest.raises(public.IndexMissing, match=r"copy\.index\.db is not beside .*copy\.db"):
        public.check_index(copy)
    public.check_index(published)
    public.check_index(published.with_name("archive.db"))


# Making it


def run(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["publish", *map(str, arguments)])
    return result.exit_code, result.output


def test_the_command_tells_what_it_made(published: Path, tmp_path: Path) -> None:
    code, output = run("--public", tmp_path / "p.db", "--archive", published.with_name("archive.db"))
    assert code == 0
    assert f"{tmp_path / 'p.db'} and p.index.db: 9 reports of 2 outlets, 6 whole and 3 as title and excerpt" in output
    assert f"dateline serve --archive {tmp_path / 'p.db'}" in output


def test_without_public_it_explains_both_ways() -> None:
    code, output = run()
    assert code == 0
    assert "Inside the newsroom, with everything" in output
    assert "dateline publish --public public.db\n  dateline serve --archive public.db" in output


def test_an_older_public_archive_is_replaced(published: Path, tmp_path: Path) -> None:
    whole, into = published.with_name("archive.db"), tmp_path / "public.db"
    first = make_public(whole, into, "0.1.0", MADE_AT)
    second = make_public(whole, into, "0.1.0", "2026-11-25T10:00:00Z")
    assert first.edition != second.edition
    with closing(reader(into)) as opened:
        assert public.publication_of(opened) == second
        assert public.attach_index(opened)


def test_a_public_archive_can_be_made_while_a_crawl_writes(tmp_path: Path) -> None:
    with closing(make_archive(tmp_path / "archive.db")) as writer:
        writer.execute("begin immediate")
        writer.execute("update reports set title = 'not committed'")
        made = make_public(tmp_path / "archive.db", tmp_path / "public.db", "0.1.0", MADE_AT)
        writer.execute("commit")
    assert made.reports == len(SAMPLES)
    with closing(reader(tmp_path / "public.db")) as opened:
        assert "not committed" not in {title for (title,) in opened.execute("select title from reports")}


def test_the_archive_itself_is_never_replaced(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    make_archive(archive).close()
    (tmp_path / "link.db").symlink_to(archive)
    before = archive.read_bytes()
    for name in ("archive.db", "link.db"):
        code, output = run("--public", tmp_path / name, "--archive", archive, "--force")
        assert (code, "is the archive itself; name another file" in output) == (1, True)
    make_archive(tmp_path / "other.db").close()
    code, output = run("--public", tmp_path / "other.db", "--archive", archive, "--force")
    assert (code, "is a whole archive of Dateline; name another file" in output) == (1, True)
    assert archive.read_bytes() == before


@pytest.mark.parametrize("name", ["public.db", "public.index.db"])
def test_another_file_is_replaced_only_by_force(published: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("my notes")
    whole = published.with_name("archive.db")
    code, output = run("--public", tmp_path / "public.db", "--archive", whole)
    assert (code, f"{name} exists and is no public archive of Dateline" in output) == (1, True)
    assert (tmp_path / name).read_text() == "my notes"
    assert run("--public", tmp_path / "public.db", "--archive", whole, "--force")[0] == 0
    public.check_index(tmp_path / "public.db")


@pytest.mark.parametrize(
    ("into", "archive", "message"),
    [
        ("of.index.db", "archive.db", "of.index.db exists and is no public archive"),
        ("new.db", "none.db", "There is no archive at"),
        ("new.db", "notes.txt", "notes.txt cannot be read: file is not a database"),
        ("new.db", "other.db", "is not an archive of Dateline"),
        ("new.db", "public.db", "is a public archive itself; name the whole one with --archive"),
        (".", "archive.db", "is a folder; name a file in it"),
        ("absent/new.db", "archive.db", "There is no folder"),
    ],
)
def test_what_cannot_be_made_says_why(published: Path, tmp_path: Path, into: str, archive: str, message: str) -> None:
    (tmp_path / "notes.txt").write_text(
        "my notes, which are longer than the hundred bytes that a header of a database has" * 2
    )
    sqlite3.connect(tmp_path / "other.db").execute("create table mine (a)").connection.close()
    make_public(published.with_name("archive.db"), tmp_path / "of.db", "0.1.0", MADE_AT)
    given = tmp_path / archive if (tmp_path / archive).exists() else published.with_name(archive)
    code, output = run("--public", tmp_path / into, "--archive", given)
    assert code == 1, output
    assert message in output.replace("\n", " ")
    assert not (tmp_path / "new.db").exists()


def test_an_archive_with_an_older_index_is_refused(tmp_path: Path) -> None:
    with closing(make_archive(tmp_path / "archive.db")) as archive:
        archive.execute("update search_index set version = 'older than ' || version")
    with pytest.raises(PublicationRefused, match="written by another version of Dateline"):
        make_public(tmp_path / "archive.db", tmp_path / "public.db", "0.1.0", MADE_AT)
    assert SEGMENT_VERSION


def test_two_at_once_are_refused(published: Path, tmp_path: Path) -> None:
    held = WriterLock(tmp_path / "public.db")
    code, output = run("--public", tmp_path / "public.db", "--archive", published.with_name("archive.db"))
    held.release()
    assert (code, "is being written by process" in output) == (1, True)


def test_a_full_disk_leaves_the_old_one(published: Path, tmp_path: Path) -> None:
    into, whole = tmp_path / "public.db", published.with_name("archive.db")
    make_public(whole, into, "0.1.0", MADE_AT)
    before = [path.read_bytes() for path in (into, index_of(into))]
    command = [sys.executable, "cli.py", "publish", "--public", str(into), "--archive", str(whole)]
    # No file may grow beyond 64 KB: to SQLite that is a full disk.
    result = subprocess.run(
        command, cwd=PROJECT, capture_output=True, text=True, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, 65_536)),
    )  # fmt: skip
    assert result.returncode == 1
    assert "could not be made: " in result.stderr
    assert "What was there before is as it was" in result.stderr
    assert [path.read_bytes() for path in (into, index_of(into))] == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["public.db", "public.db.lock", "public.index.db"]


# Stops at a named step, until it is killed.
_STOPPING = """
import sys, time
from pathlib import Path
from archive import publishing
step, archive, into = sys.argv[1:]
real = Path.replace
def replace(path, target):
    if path.name == step:
        print("here", flush=True); time.sleep(60)
    return real(path, target)
Path.replace = replace
publishing.make_public(Path(archive), Path(into), "0.1.0", "2026-11-25T10:00:00Z")
"""


@pytest.mark.parametrize(
    ("step", "made_at"), [("public.db.new", MADE_AT), ("public.index.db.new", "2026-11-25T10:00:00Z")]
)
def test_killed_at_any_step_an_edition_and_its_index_stay_together(
    published: Path, tmp_path: Path, step: str, made_at: str
) -> None:
    into, whole = tmp_path / "public.db", published.with_name("archive.db")
    make_public(whole, into, "0.1.0", MADE_AT)
    process = subprocess.Popen(
        [sys.executable, "-c", _STOPPING, step, str(whole), str(into)], cwd=PROJECT, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"here\n"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    with closing(reader(into)) as opened:
        publication = public.publication_of(opened)
        assert publication is not None
        assert publication.made_at == made_at
        assert public.attach_index(opened)
        assert [hit.id for hit in find(opened, Search(words="marzipan")).hits] == [EN]
    make_public(whole, into, "0.1.0", "2026-11-26T10:00:00Z")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["public.db", "public.db.lock", "public.index.db"]
    public.check_index(into)


# Serving it


@pytest.fixture(scope="module", params=RELEASES)
def served(request: pytest.FixtureRequest, published: Path) -> Iterator[str]:
    with serving(published, release=request.param) as address:
        yield address


def test_sql_and_downloads_are_refused(served: str) -> None:
    for path, query in (
        ("/archive", {"sql": "select 1"}),
        ("/archive.json", {"sql": "select hex(block) from found.reports_fts_data"}),
        ("/archive/-/query", {"sql": "select 1"}),
        ("/archive/-/query.json", {"sql": "select 1"}),
        ("/archive/reports", {"_where": "1 = 1"}),
        ("/archive/reports.json", {"_where": "1 = 1"}),
        ("/archive.db", {}),
        ("/public.db", {}),
        ("/archive/reports_fts", {}),
        ("/archive/reports_fts_data", {}),
        ("/found/reports_fts", {}),
    ):
        got = answer(served, path, **query)
        if path in ("/archive", "/archive.json") and got.status == 302:  # 1.0 leads to /archive/-/query
            got = answer(served, got.headers["location"])
        assert got.status in (400, 403, 404), (path, query, got.status)


def test_datasettes_own_search_finds_words_deep_in_secondary_texts(served: str) -> None:
    assert [row["id"] for row in rows(served, "/archive/reports", _search="marzipan")] == [EN]
    assert [row["id"] for row in rows(served, "/archive/reports", _search="琥珀色")] == [ZH]
    (found,) = rows(served, "/archive/search", words="琥珀色", outlet="", since="", until="")
    assert found["report"] == ZH
    assert "琥珀" not in found["snippet"]


def test_the_reading_rooms_search_finds_them_too(served: str) -> None:
    text = page(served, "/search", q="marzipan")
    assert f"/reports/{EN}" in text
    assert "Quokkas" not in text


PAGES = (
    "/", "/help", "/search?q=marzipan", "/search?q=turquoise&removed=1", "/timeline?q=marzipan", "/outlets", "/outlets/tnw",
    "/edits", "/edits/radar", "/takedowns", "/coverage", "/coverage?outlet=tnw", "/health", "/questions", "/schema", f"/reports/{EN}", f"/reports/{EN}/changes?from=1&to=2",
    f"/reports/{ZH}", f"/captures/{EN}", "/search.atom?q=marzipan", "/search.json?q=琥珀色", "/search.csv?q=琥珀色",
    "/edits.atom", "/takedowns.atom", "/archive", "/archive/versions.json?_shape=array", "/archive/captures.csv?_stream=1",
    "/archive/quarantine", "/archive/readings", "/archive/checks", "/archive/publication",
    f"/reports/{EN}.json", f"/reports/{STATE}", f"/reports/{STATE}.json", "/figures", f"/citations?report={STATE}",
    *(f"/archive/{table}.json?_shape=array" for table in sorted(dict(WORDS))),
    *(f"/archive/{name}.json?words=marzipan&report={EN}&outlet=&since=&until=&_shape=array" for name in QUERIES),
)  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_there_and_quotes_no_more_than_the_excerpts(served: str, path: str) -> None:
    got = answer(served, quote(path, safe="/?&=.%_"))
    assert got.status == 200, got.text[:300]
    for text in HELD_BACK:
        assert text not in got.text


def test_raw_records_and_captured_pages_stay_inside(served: str) -> None:
    for what in ("page", "record"):
        assert answer(served, f"/captures/{EN}/{what}").status in (403, 404)


def test_a_public_archive_without_its_index_is_not_served(published: Path, tmp_path: Path) -> None:
    (tmp_path / "public.db").write_bytes(published.read_bytes())
    result = CliRunner().invoke(main, ["serve", "--archive", str(tmp_path / "public.db")])
    assert result.exit_code == 2
    assert "public.index.db is not beside" in result.output


@pytest.mark.parametrize("release", RELEASES)
def test_it_is_served_immutable_with_what_was_counted_in_it(published: Path, inspected: Path, release: str) -> None:
    with serving(published, "--immutable", "--inspect-file", str(inspected), release=release) as address:
        archive = shown_of_the_archive(address, release)
        assert (archive["path"], archive["is_mutable"], archive["hash"]) == (str(published), False, "as inspected")
        assert [row["id"] for row in rows(address, "/archive/reports", _search="marzipan")] == [EN]


def test_what_may_be_written_to_is_not_served_immutable(published: Path, tmp_path: Path) -> None:
    with_wal = tmp_path / "public.db"
    with_wal.write_bytes(published.read_bytes())
    with closing(sqlite3.connect(with_wal)) as connection:
        connection.execute("pragma journal_mode=wal")
    for archive in (published.with_name("archive.db"), with_wal, PROJECT / "README.md"):
        refused = CliRunner().invoke(main, ["serve", "--immutable", "--archive", str(archive)])
        assert refused.exit_code == 2
        assert f"`dateline publish --public` makes it, and {archive} is not one." in refused.output
    refused = CliRunner().invoke(main, ["serve", "--archive", str(published), "--inspect-file", str(published)])
    assert refused.exit_code == 2
    assert "--inspect-file needs --immutable" in refused.output


@pytest.mark.parametrize("release", RELEASES)
def test_plain_datasette_with_our_plugin_serves_it_as_safely(published: Path, release: str) -> None:
    with serving_plainly(release, published) as address:
        test_sql_and_downloads_are_refused(address)
        assert [row["id"] for row in rows(address, "/archive/reports", _search="marzipan")] == [EN]


@pytest.mark.parametrize("release", RELEASES)
def test_plain_datasette_does_so_beside_another_database_too(published: Path, tmp_path: Path, release: str) -> None:
    with closing(sqlite3.connect(tmp_path / "mine.db")) as mine:
        mine.execute("create table mine (a)")
    with serving_plainly(release, published, tmp_path / "mine.db") as address:
        assert [row["id"] for row in rows(address, "/archive/reports", _search="marzipan")] == [EN]
        for path in ("/archive", "/archive/-/query", "/mine", "/mine/-/query"):
            got = answer(address, f"{path}.json", sql="select hex(block) from found.reports_fts_data")
            if got.status == 302:
                got = answer(address, got.headers["location"])
            assert got.status in (400, 403, 404), path


@pytest.fixture
def inspected(tmp_path: Path) -> Path:
    """As `datasette inspect public.db` writes it."""
    known = {"public": {"hash": "as inspected", "size": 9, "file": "public.db", "tables": {"reports": {"count": 9}}}}
    path = tmp_path / "inspect.json"
    path.write_text(json.dumps(known))
    return path


@pytest.mark.parametrize("release", RELEASES)
def test_plain_datasette_opens_it_immutable_when_told_to_whatever_it_is_called(
    published: Path, inspected: Path, release: str
) -> None:
    with serving_plainly(release, "--inspect-file", inspected, "--immutable", published) as address:
        archive = shown_of_the_archive(address, release)
        assert (archive["path"], archive["is_mutable"], archive["hash"]) == (str(published), False, "as inspected")
        assert [row["id"] for row in rows(address, "/archive/reports", _search="marzipan")] == [EN]


def shown_of_the_archive(address: str, release: str) -> dict[str, object]:
    shown = json.loads(page(address, "/-/databases.json"))
    databases = shown if release == "stable" else shown["databases"]
    return next(each for each in databases if each["name"] == "archive")


@pytest.mark.parametrize("release", RELEASES)
def test_plain_datasette_refuses_two_archives(published: Path, release: str) -> None:
    whole = published.with_name("archive.db")
    command = plain_datasette(release, free_port(), "--immutable", published, whole)
    refused = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=60)
    assert refused.returncode == 1
    # What else Datasette says as it starts stands before it.
    assert refused.stderr.splitlines()[-1] == (
        f"Error: {whole} and {published} are archives, and one process shows one of them: "
        "start one for each, below a path of its own (docs/scale.md)."
    )


def plain_datasette(release: str, port: int, *databases: str | Path) -> list[str]:
    python = sys.executable if release == "stable" else str(python_with("datasette-next"))
    places = ["--plugins-dir", "publish/plugins", "--metadata", "publish/datasette.yaml"]
    if release != "stable":
        places += ["--config", "publish/datasette.yaml"]
    return [python, "-m", "datasette", "serve", *map(str, databases), *places, "--port", str(port)]


@contextmanager
def serving_plainly(release: str, *databases: str | Path) -> Iterator[str]:
    port = free_port()
    command = plain_datasette(release, port, *databases)
    process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(address)
        yield address
    finally:
        process.terminate()
        process.wait(10)


def wait_for(address: str) -> None:
    for _ in range(600):
        try:
            answer(address, "/-/versions.json", timeout=1)
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"{address} did not answer in 30 s")
