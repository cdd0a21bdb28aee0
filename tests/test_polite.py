"""An archive in trouble is left in peace, and nothing is lost or made up by what it answers."""

from __future__ import annotations

import errno
import gzip
import hashlib
import json
import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from bad_archive import FIELDS, BadArchive, Handler, Kept, memento_datetime
from conftest import PROJECT
from hypothesis import given
from hypothesis import strategies as st
from scrapy.utils.project import get_project_settings
from web_archive import Backfilled

from archive.mementos import Memento
from archive.schema import connect
from archive.warc_reader import read_captures
from archive.warc_writer import CaptureNotWritten, CaptureWriter
from backfill.polite import Answer, Client, GaveUp, Stopped, TooLarge, Unavailable
from backfill.sources import Page, Refused, Window
from backfill.wayback import Wayback
from items import Capture
from pipelines.registry import outlets
from samples.newsroom import answers

KILLS = 8
JULY = ("xinhua", "--from", "2012-07-01", "--to", "2012-08-01")
PAGE = next(each.body for each in answers() if each.url.endswith("/english/2015-08/20/c_134538102.htm"))
TOOLBAR = b"""<html><body><!-- BEGIN WAYBACK TOOLBAR INSERT --><!-- END WAYBACK TOOLBAR INSERT --><p>page</p></body></html>
<!--
     FILE ARCHIVED ON 10:00:00 Jul 10, 2012 AND RETRIEVED FROM THE
     INTERNET ARCHIVE ON 09:00:00 Dec 01, 2026.
-->"""
URL = "http://news.xinhuanet.com/english/2012-07/25/c_{}.htm"


@pytest.fixture(autouse=True, scope="module")
def without_a_proxy() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("no_proxy", "127.0.0.1")
        yield


def page(number: int) -> bytes:
    """A report of its own: the sample's, with a number in its headline."""
    return PAGE.replace(b"</title>", f" {number}</title>".encode(), 1).replace(b"<p>", f"<p>No. {number}. ".encode(), 1)


def kept(count: int) -> list[Kept]:
    return [
        Kept(URL.format(number), f"201207{10 + number % 20}1000{number:02}", page(number)) for number in range(count)
    ]


def place(folder: Path, archive: BadArchive) -> Backfilled:
    folder.mkdir(exist_ok=True)
    return Backfilled(folder, archive.cdx, archive.replay)


def rows(where: Backfilled, query: str, *values: object) -> list[tuple[object, ...]]:
    with closing(connect(where.archive)) as connection:
        return connection.execute(query, values).fetchall()


def held(where: Backfilled) -> dict[str, list[object]]:
    """All that must not depend on what went wrong on the way."""
    queries = {
        "captures": "select id, outlet, url, at, status, payload_sha256, origin, outcome, report from captures",
        "reports": "select * from reports",
        "versions": "select * from versions",
        "readings": "select * from readings",
        "mementos": "select via, url, timestamp, digest, state from mementos",
    }
    return {name: sorted(rows(where, query), key=repr) for name, query in queries.items()}


class Clock:
    """Time that passes only when it is slept."""

    def __init__(self) -> None:
        self.now, self.slept = 0.0, 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept += seconds

    def monotonic(self) -> float:
        return self.now


def client(clock: Clock, **options: object) -> Client:
    return Client("Test", sleep=clock.sleep, monotonic=clock.monotonic, **options)  # type: ignore[arg-type]


def ask(archive: BadArchive, clock: Clock, times: int = 1, **options: object) -> Client:
    asking = client(clock, **options)
    for _ in range(times):
        asking.get(archive.address + "/web/20120710100000id_/" + URL.format(0))
    return asking


def troubled(*statuses: int, **headers: str) -> Callable[[Handler, str, int], bool]:
    """The first requests for an address are answered so."""

    def answer(handler: Handler, _path: str, times: int) -> bool:
        if times > len(statuses):
            return False
        handler.give(statuses[times - 1], b"no", {name.replace("_", "-"): value for name, value in headers.items()})
        return True

    return answer


# The client


def test_two_requests_are_a_delay_apart() -> None:
    clock = Clock()
    with BadArchive(kept(1)) as archive:
        ask(archive, clock, times=4, delay=2.5)
    assert clock.slept == pytest.approx(3 * 2.5)


def test_waits_double_with_each_failure_in_a_row_up_to_the_longest() -> None:
    clock = Clock()
    with BadArchive(kept(1), troubled(503, 502, 500, 504)) as archive:
        ask(archive, clock, delay=1, backoff=10, longest=60, retries=4)
    # 10, 20, 40 and 60 seconds, each on top of the delay
    assert clock.slept == pytest.approx(10 + 20 + 40 + 60 + 4)


def test_an_answer_begins_the_waits_anew() -> None:
    clock = Clock()
    with BadArchive(
        kept(1), lambda handler, _, times: times % 2 == 1 and bool(handler.give(503, b"", {}) or True)
    ) as bad:
        ask(bad, clock, times=3, delay=0, backoff=10)
    assert clock.slept == pytest.approx(30)


def test_retry_after_is_waited_for() -> None:
    clock = Clock()
    with BadArchive(kept(1), troubled(429, Retry_After="120")) as archive:
        ask(archive, clock, delay=0, backoff=10)
    assert clock.slept == pytest.approx(120)


def test_an_archive_that_asks_to_be_left_alone_for_long_is() -> None:
    with BadArchive(kept(1), troubled(429, Retry_After="7200")) as archive:
        with pytest.raises(GaveUp, match="left alone for 120 minutes"):
            ask(archive, Clock(), longest=1800)
        assert len(archive.asked) == 1


def test_what_fails_again_and_again_is_given_up_for_now_and_then_the_archive() -> None:
    with BadArchive(kept(1), troubled(*[503] * 50)) as archive:
        asking = client(Clock(), retries=2, give_up=8)
        for _ in range(2):
            with pytest.raises(Unavailable, match="503"):
                asking.get(archive.address + "/web/a")
        with pytest.raises(GaveUp, match="8 times in a row"):
            asking.get(archive.address + "/web/b")
        assert len(archive.asked) == 8


def test_an_archived_error_page_is_an_answer() -> None:
    with BadArchive([Kept(URL.format(0), "20120710100000", b"slow down", 429)]) as archive:
        answer = client(Clock()).get(
            archive.address + "/web/20120710100000id_/" + URL.format(0),
            final=lambda got: bool(got.header("Memento-Datetime")),
        )
        assert (answer.status, answer.body, len(archive.asked)) == (429, b"slow down", 1)


def test_half_an_answer_is_none() -> None:
    with BadArchive(kept(1), lambda handler, _, times: times == 1 and bool(handler.reset() or True)) as archive:
        asking = ask(archive, Clock())
        assert asking.requests == len(archive.asked) == 2


def test_an_endless_answer_is_not_read_to_its_end() -> None:
    with BadArchive(kept(1), lambda handler, *_: bool(handler.drip(b"<p>" * 10_000) or True)) as archive:
        asking = client(Clock(), most=1_000_000)
        with pytest.raises(TooLarge, match="more than 1,000,000 bytes"):
            asking.get(archive.address + "/web/a")
        assert asking.bytes < 1_200_000


def test_nobody_listening_is_told_in_words() -> None:
    with BadArchive([]) as archive:
        address = archive.address
    with pytest.raises(Unavailable, match="refused"):
        client(Clock(), retries=1).get(address + "/web/a")


def test_a_budget_and_a_signal_end_it_before_the_next_request() -> None:
    with BadArchive(kept(1)) as archive:
        with pytest.raises(Stopped, match="budget of 2 requests"):
            ask(archive, Clock(), times=3, budget=2)
        assert len(archive.asked) == 2
        with pytest.raises(Stopped, match="signal"):
            ask(archive, Clock(), stopped=lambda: True)
        assert len(archive.asked) == 2


def test_a_wait_ends_when_a_signal_comes() -> None:
    clock, came = Clock(), []
    with BadArchive(kept(1), troubled(503)) as archive, pytest.raises(Stopped):
        asking = Client(
            "Test", backoff=600, stopped=lambda: clock.now > 5 and not came.append(1), sleep=clock.sleep,
            monotonic=clock.monotonic,
        )  # fmt: skip
        asking.get(archive.address + "/web/a")
    assert clock.now < 6


def test_no_cookie_and_no_password_is_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heads: list[str] = []

    def look(handler: Handler, *_: object) -> bool:
        heads.append(str(handler.headers))
        handler.give(200, b"x", {"Set-Cookie": "who=you; Path=/"})
        return True

    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    with BadArchive([], look) as archive:
        asking = client(Clock())
        asking.get(archive.address + "/a")
        asking.get(archive.address + "/b")
    assert not any(name in head for head in heads for name in ("Cookie", "Authorization"))


# What a list may say


class Says:
    """A client to which everything answers the same."""

    delay = 0.0

    def __init__(self, body: bytes, headers: dict[str, str] | None = None, status: int = 200) -> None:
        self.answer = Answer("http://archive.example/", status, "OK", list((headers or {}).items()), body)

    def get(self, url: str, *_: object, **__: object) -> Answer:
        return self.answer


@cache
def xinhua() -> Any:
    return outlets(get_project_settings())["xinhua"]


def pages_of(text: str) -> list[Page]:
    source = Wayback({}, Says(text.encode(errors="surrogatepass")))  # type: ignore[arg-type]
    return list(source.listed(xinhua(), Window("20120701000000", "20120801235959", (URL.format(1),)), ""))


_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=20)
    | st.sampled_from([*FIELDS, "20120710100000", "200"]),
    lambda each: st.lists(each, max_size=8) | st.dictionaries(st.text(max_size=9), each, max_size=4),
    max_leaves=40,
)


@given(_VALUES, st.sampled_from(["", "[", "x", "\n"]), st.booleans())
def test_no_list_brings_a_backfill_down(value: object, behind: str, of_lines: bool) -> None:
    text = json.dumps(value) + behind
    if of_lines and isinstance(value, list):
        text = "\n".join(f"key 20120710 {json.dumps(each)}" for each in value)
    try:
        found = pages_of(text)
    except Unavailable:
        return
    assert all(not page.mementos or page.listed for page in found)


@pytest.mark.parametrize("text", ["[" * 100_000, '[["url","timestamp"],[{"a":1},[]],5]', "<html>busy</html>", "[]", ""])
def test_odd_lists_are_no_lists_or_empty_ones(text: str) -> None:
    try:
        assert not any(page.mementos for page in pages_of(text))
    except Unavailable as error:
        assert "archive.example" in str(error)


@pytest.mark.parametrize("at", ["", "yesterday", "Fri, 31 Dec 9999 23:59:59 -2300", "Mon, 01 Jan 1601 00:00:00 GMT"])
def test_a_page_that_does_not_say_of_when_it_is_is_no_capture(at: str) -> None:
    source = Wayback({}, Says(page(1), {"Memento-Datetime": at}))  # type: ignore[arg-type]
    with pytest.raises(Refused, match="is no capture"):
        source.fetch(Memento(URL.format(1), "20120710100000", "", 200, "text/html", None, "http://archive.example/"))


# The whole of it


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Backfilled:
    with BadArchive(kept(30)) as archive:
        where = place(tmp_path_factory.mktemp("undisturbed"), archive)
        done = where.backfill(*JULY)
        assert done.returncode == 0, done.stderr
        assert len(archive.replays()) == 30
        return where


def test_a_list_is_read_key_by_key_and_lines_that_say_nothing_are_counted(
    tmp_path: Path, undisturbed: Backfilled
) -> None:
    garbage = [
        ["short"],
        ["key", "20129999999999", "http://x/", "a", "200", "D", "1"],
        "line",
        ["k", None, 3, 4, 5, 6, 7],
    ]
    with BadArchive(kept(30), page=7, extra=garbage) as archive:
        where = place(tmp_path, archive)
        done = where.backfill(*JULY)
        listed = archive.lists()
        assert done.returncode == 3
        # Five answers with rows for xinhuanet.com, one each for the other two hosts, which have none.
        assert len(listed) == 7
        assert f"{5 * len(garbage)} lines of the archive's list say nothing" in done.stderr
        assert len(archive.replays()) == 30
    assert held(where) == held(undisturbed)


def test_429_503_resets_and_half_lists_change_nothing(tmp_path: Path, undisturbed: Backfilled) -> None:
    def trouble(handler: Handler, path: str, times: int) -> bool:
        number = sum(path.encode()) % 5
        if times > 1 or number == 4:
            return False
        if number == 0:
            handler.give(429, b"slow down", {"Retry-After": "0"})
        elif number == 1:
            handler.give(503, b"<title>Service Unavailable</title>", {})
        elif number == 2:
            handler.reset()
        elif path.startswith("/cdx"):
            handler.give(200, b'[["urlkey","timestamp"],\n["a",', {})
        else:
            handler.give(504, b"", {})
        return True

    with BadArchive(kept(30), trouble, page=10) as archive:
        where = place(tmp_path, archive)
        done = where.backfill(*JULY)
        assert done.returncode == 0, done.stderr
    assert held(where) == held(undisturbed)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"<html><title>We are down for maintenance</title></html>", "no list came, but 'We are down for maintenance'"),
        (b'[["urlkey","timestamp","original"],["a","2012', "half a list came"),
        (b'[{"error": "busy"}]', "no list came, but \"[{'error': 'busy'}]\""),
        (b'{"timestamp": "20120710100000", "url": "http://a.example/"}\n{"timest', "half a list came"),
    ],
)
def test_what_comes_in_the_place_of_a_list_is_a_failure_and_is_asked_for_again_later(
    tmp_path: Path, undisturbed: Backfilled, body: bytes, told: str
) -> None:
    def trouble(handler: Handler, path: str, _times: int) -> bool:
        if not path.startswith("/cdx") or healed:
            return False
        handler.give(200, body, {"Content-Type": "application/json"})
        return True

    healed: list[bool] = []
    with BadArchive(kept(30), trouble) as archive:
        where = place(tmp_path, archive)
        done = where.backfill(*JULY)
        assert done.returncode == 1 and "Traceback" not in done.stderr
        assert told in done.stderr and archive.cdx in done.stderr
        assert len(archive.asked) == 4  # the first time and BACKFILL_RETRIES
        assert rows(where, "select ended, finished_at from backfills") == [("gave up", None)]
        healed.append(True)
        assert where.backfill(*JULY).returncode == 0
    assert held(where) == held(undisturbed)


def test_a_key_that_leads_in_a_circle_loses_nothing_and_ends(tmp_path: Path, undisturbed: Backfilled) -> None:
    def circle(handler: Handler, path: str, _times: int) -> bool:
        query = parse_qs(urlsplit(path).query)
        if not path.startswith("/cdx") or len(archive.lists()) > 100:
            return False
        query["resumeKey"] = ["0"] if query.get("resumeKey", ["7"]) == ["7"] else query["resumeKey"]
        handler.give_list(query)
        return True

    with BadArchive(kept(30), circle, page=7) as archive:
        where = place(tmp_path, archive)
        done = where.backfill(*JULY)
        assert done.returncode == 0, done.stderr
        assert len(archive.lists()) < 40
    assert held(where) == held(undisturbed)


def test_a_host_that_an_archive_keeps_out_of_view_hides_nothing_of_the_others(
    tmp_path: Path, undisturbed: Backfilled
) -> None:
    def blocks(handler: Handler, path: str, _times: int) -> bool:
        if not path.startswith("/cdx") or not (all_of_them or "url=news.cn&" in path):
            return False
        handler.give(403, b"org.archive.util.io.RuntimeIOException: Blocked Site Error", {})
        return True

    all_of_them: list[bool] = []
    with BadArchive(kept(30), blocks) as archive:
        where = place(tmp_path / "some", archive)
        done = where.backfill(*JULY)
        assert done.returncode == 3
        assert rows(where, "select ended from backfills") == [("finished",)]
        all_of_them.append(True)
        nothing = place(tmp_path / "none", archive).backfill(*JULY)
        assert nothing.returncode == 1
        assert "403, the archive has taken this site out of view" in nothing.stderr
    assert held(where) == held(undisturbed)


def test_windows_that_are_fetched_in_any_order_give_the_same_versions(tmp_path: Path) -> None:
    days = ["2012-07-10", "2012-07-12", "2012-07-14", "2012-07-16"]
    wordings = [page(1), page(2), page(1), page(3)]
    captured = [
        Kept(URL.format(1), f"{day.replace('-', '')}080000", body) for day, body in zip(days, wordings, strict=True)
    ]

    def by_time(where: Backfilled) -> dict[str, list[tuple[object, ...]]]:
        order = {"reports": "id", "versions": "id", "readings": "capture", "replacements": "1, 2"}
        return {table: rows(where, f"select * from {table} order by {by}") for table, by in order.items()}

    found = []
    with BadArchive(captured) as archive:
        for number, order in enumerate(((0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1), (1, 3, 0, 2))):
            where = place(tmp_path / str(number), archive)
            for day in (days[each] for each in order):
                assert where.backfill("xinhua", "--from", day, "--to", day).returncode == 0
            found.append(by_time(where))
    assert [row[0] // 1_000_000 for row in found[0]["readings"]] == [1341907200 + n * 2 * 86_400 for n in range(4)]
    assert len(found[0]["versions"]) == 4  # a wording that comes back is a version again
    assert found[1:] == [found[0]] * 3


def test_what_a_list_calls_a_revisit_is_kept_without_a_request_by_its_digest(tmp_path: Path) -> None:
    first = Kept(URL.format(1), "20120710080000", page(1))
    revisits = [
        ["key", "20120711080000", first.url, "warc/revisit", "-", first.row[5], "480"],
        ["key", "20120712080000", first.url, "warc/revisit", "-", first.row[5], "-"],
    ]
    with BadArchive([first], extra=revisits) as archive:
        where = place(tmp_path, archive)
        done = where.backfill(*JULY)
        assert done.returncode == 0, done.stderr
        assert "1 captures fetched, 2 the same as the one before" in done.stdout
        assert len(archive.replays()) == 1
    assert rows(where, "select at, status, outcome from captures order by id") == [
        (f"2012-07-{day}T08:00:00Z", 200, "report") for day in (10, 11, 12)
    ]
    assert rows(where, "select versions from reports") == [(1,)]


def test_a_list_is_not_looked_for_on_another_site(tmp_path: Path) -> None:
    def leads_away(handler: Handler, path: str, _times: int) -> bool:
        handler.give(302, b"", {"Location": f"http://localhost:{elsewhere.address.rpartition(':')[2]}{path}"})
        return True

    with BadArchive(kept(3)) as elsewhere, BadArchive(kept(3), leads_away) as archive:
        done = place(tmp_path, archive).backfill(*JULY)
        assert done.returncode == 1 and "gives no list of" in done.stderr
        assert elsewhere.asked == []


def test_what_cannot_be_had_now_stays_wanted_and_comes_the_next_time(tmp_path: Path, undisturbed: Backfilled) -> None:
    def trouble(handler: Handler, path: str, _times: int) -> bool:
        if "c_7.htm" in path and path.startswith("/web") and not healed:
            handler.give(503, b"", {})
            return True
        return False

    healed: list[bool] = []
    with BadArchive(kept(30), trouble) as archive:
        where = place(tmp_path, archive)
        done = where.backfill(*JULY)
        assert done.returncode == 3
        assert "29 captures fetched" in done.stdout and "1 left" in done.stdout
        assert rows(where, "select state, attempts from mementos where url = ?", URL.format(7)) == [("wanted", 1)]
        healed.append(True)
        before = len(archive.asked)
        assert where.backfill(*JULY).returncode == 0
        assert len(archive.asked) == before + 1  # neither the list nor what is held
    assert held(where) == held(undisturbed)


def test_an_archive_that_gives_nothing_but_its_own_pages_is_asked_no_more(
    tmp_path: Path, undisturbed: Backfilled
) -> None:
    def captcha(handler: Handler, path: str, _times: int) -> bool:
        if healed or path.startswith("/cdx"):
            return False
        handler.give(200, b"<html><title>Are you a robot?</title>", {"Content-Type": "text/html"})
        return True

    healed: list[bool] = []
    with BadArchive(kept(30), captcha) as archive:
        where = place(tmp_path, archive)
        done = where.backfill(*JULY)
        assert done.returncode in (1, 3)
        assert "8 answers in a row were no captures" in done.stderr and "Are you a robot?" in done.stderr
        assert len(archive.replays()) == 8
        assert rows(where, "select count(*) from captures") == [(0,)]
        assert rows(where, "select distinct state from mementos") == [("wanted",)]
        healed.append(True)
        assert where.backfill(*JULY).returncode == 0
    assert held(where) == held(undisturbed)


def test_what_ends_two_runs_does_not_end_the_third(tmp_path: Path) -> None:
    ours = sorted(kept(12), key=lambda each: (each.timestamp, each.url))
    hidden = {each.url for each in ours[:9]}

    def excluded(handler: Handler, path: str, _times: int) -> bool:
        if path.startswith("/cdx") or path.partition("id_/")[2] not in hidden:
            return False
        handler.give(403, b"URL has been excluded from the Wayback Machine", {})
        return True

    with BadArchive(ours, excluded) as archive:
        where = place(tmp_path, archive)
        for asked in (8, 16):
            assert "8 answers in a row" in where.backfill(*JULY).stderr
            assert len(archive.replays()) == asked
        assert where.backfill(*JULY).returncode == 3
    states = rows(where, "select state, count(*) from mementos group by state")
    assert states == [("failed", 9), ("held", 3)]


@pytest.mark.parametrize(
    ("status", "text", "headers", "told"),
    [
        (404, b"<title>Wayback Machine has not archived that URL</title>", {}, "404 Wayback Machine has not archived"),
        (403, b"", {"X-Archive-Wayback-Runtime-Error": "RobotAccessControlException: Blocked"}, "robots.txt keeps"),
        (403, b"AdministrativeAccessControlException", {}, "has taken this site out of view"),
        (200, b"<title>Log in</title>", {}, "200 Log in"),
        (200, TOOLBAR, {"Memento-Datetime": "Tue, 10 Jul 2012 10:00:00 GMT"}, "its own links"),
        (302, b"", {"Location": "https://elsewhere.example/login"}, "302"),
    ],
)
def test_what_is_no_capture_fails_with_its_address_and_is_never_one(
    tmp_path: Path, status: int, text: bytes, headers: dict[str, str], told: str
) -> None:
    def trouble(handler: Handler, path: str, _times: int) -> bool:
        if "c_0.htm" not in path or not path.startswith("/web"):
            return False
        handler.give(status, text, headers)
        return True

    with BadArchive(kept(2), trouble) as archive:
        where = place(tmp_path, archive)
        done = where.backfill(*JULY)
        assert done.returncode == 3
        assert len(archive.replays()) == 2
        assert where.backfill(*JULY).returncode == 0  # it is not asked again
        assert len(archive.replays()) == 2
    [(state, reason)] = rows(where, "select state, reason from mementos where url = ?", URL.format(0))
    assert state == "failed" and told in str(reason) and URL.format(0) in str(reason)
    assert rows(where, "select url from captures") == [(URL.format(1),)]
    with BadArchive(kept(2)) as archive:
        where = place(tmp_path, archive)
        assert where.backfill(*JULY, "--again").returncode == 3  # that archive is gone: its address is kept
    assert rows(where, "select state from mementos where url = ?", URL.format(0)) == [("wanted",)]


def test_another_time_than_the_one_asked_for_is_never_passed_off_as_it(tmp_path: Path) -> None:
    first, second = Kept(URL.format(0), "20120710100000", page(0)), Kept(URL.format(0), "20120712100000", page(1))
    lost = Kept(URL.format(0), "20120711090000", page(2))

    def trouble(handler: Handler, path: str, _times: int) -> bool:
        if lost.timestamp in path:  # as the Wayback Machine does it
            handler.give(302, b"", {"Location": f"/web/{second.timestamp}id_/{second.url}"})
        elif path.startswith("/web") and first.timestamp in path:  # as pywb does it
            handler.give_kept(second)
        else:
            return False
        return True

    with BadArchive([first, lost, second], trouble) as archive:
        where = place(tmp_path, archive)
        assert where.backfill(*JULY).returncode == 3
        assert second.timestamp not in " ".join(archive.replays()[-1:]) or len(archive.replays()) == 3
    assert rows(where, "select at, outcome from captures") == [("2012-07-12T10:00:00Z", "report")]
    states = rows(where, "select timestamp, state from mementos order by timestamp")
    assert states == [("20120710100000", "failed"), ("20120711090000", "failed"), ("20120712100000", "held")]


@pytest.mark.parametrize(
    ("captured", "coding", "sent", "stored"),
    [
        (page(0), "gzip", gzip.compress(page(0)), page(0)),  # packed by the archive
        (gzip.compress(page(0), mtime=0), "gzip", gzip.compress(page(0), mtime=0), gzip.compress(page(0), mtime=0)),
        (gzip.compress(page(0), mtime=0), "", page(0), page(0)),  # unpacked by it
        (gzip.compress(page(0), mtime=0), "gzip", page(0), page(0)),  # the same, and its header says otherwise
        (gzip.compress(page(0), mtime=0), "", gzip.compress(page(0), mtime=0), gzip.compress(page(0), mtime=0)),
    ],
)
def test_a_page_is_read_and_kept_right_whatever_an_archive_does_to_its_coding(
    tmp_path: Path, captured: bytes, coding: str, sent: bytes, stored: bytes
) -> None:
    one = Kept(URL.format(0), "20120710100000", captured)

    def coded(handler: Handler, path: str, _times: int) -> bool:
        if not path.startswith("/web"):
            return False
        headers = {"Content-Type": "text/html", "Memento-Datetime": memento_datetime(one.timestamp)}
        headers |= {"x-archive-orig-content-encoding": "gzip", "x-archive-orig-transfer-encoding": "chunked"}
        handler.give(200, sent, headers | ({"Content-Encoding": coding} if coding else {}))
        return True

    with BadArchive([one], coded) as archive:
        where = place(tmp_path, archive)
        assert where.backfill(*JULY).returncode == 0
    [row] = rows(where, "select outcome, payload_length, payload_sha256 from captures")
    assert row == ("report", len(stored), hashlib.sha256(stored).hexdigest())
    [capture] = [each for path in where.captures.glob("*.warc.gz") for each in _captures(path)]
    assert (capture.body, capture.error) == (page(0), "")


def test_a_disk_that_fills_loses_nothing(
    tmp_path: Path, undisturbed: Backfilled, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []
    write = CaptureWriter._append

    def full(self: CaptureWriter, data: bytes, what: str) -> int:
        written.append(what)
        if len(written) > 12:
            raise CaptureNotWritten(errno.ENOSPC, "no space left for what comes")
        return write(self, data, what)

    with BadArchive(kept(30)) as archive:
        where = place(tmp_path, archive)
        with monkeypatch.context() as patch:
            patch.setattr(CaptureWriter, "_append", full)
            done = where.backfill(*JULY)
        assert done.returncode == 3 and "no space left for what comes" in done.stderr
        assert 0 < rows(where, "select count(*) from captures")[0][0] < 12  # type: ignore[operator]
        assert where.backfill(*JULY).returncode == 0
        assert len(archive.replays()) == 31  # the one that had no room came twice
    assert held(where) == held(undisturbed)


def test_a_captured_redirect_leads_where_it_led(tmp_path: Path) -> None:
    moved = Kept(
        "http://news.xinhuanet.com/world/2012-07/25/c_5.htm", "20120725100000", b"", 301, "http://www.news.cn/x.htm"
    )
    with BadArchive([moved]) as archive:
        where = place(tmp_path, archive)
        assert where.backfill(*JULY).returncode == 0
        assert len(archive.replays()) == 1
    assert rows(where, "select status, redirect_to from captures") == [(301, "http://www.news.cn/x.htm")]


def test_redirects_of_one_digest_are_each_asked_for(tmp_path: Path) -> None:
    url = "http://news.xinhuanet.com/world/2012-07/25/c_5.htm"
    both = [Kept(url, f"201207{day}100000", b"", 301, f"http://www.news.cn/{day}.htm") for day in (25, 26)]
    with BadArchive(both) as archive:
        where = place(tmp_path, archive)
        assert where.backfill(*JULY).returncode == 0
    assert rows(where, "select redirect_to from captures order by at") == [
        ("http://www.news.cn/25.htm",), ("http://www.news.cn/26.htm",)
    ]  # fmt: skip


def test_a_limit_and_a_budget_leave_the_rest_for_the_next_run(tmp_path: Path, undisturbed: Backfilled) -> None:
    with BadArchive(kept(30)) as archive:
        where = place(tmp_path, archive)
        done = where.backfill(*JULY, "--limit", "10")
        assert done.returncode == 3 and "10 captures fetched" in done.stdout and "20 left" in done.stdout
        done = where.backfill(*JULY, "--budget", "5")
        assert done.returncode == 3 and "the budget of 5 requests is used up" in done.stderr
        assert len(archive.replays()) == 15
        assert where.backfill(*JULY).returncode == 0
        assert len(archive.replays()) == 30
    assert held(where) == held(undisturbed)


def test_a_full_disk_is_said_before_anything_is_fetched(tmp_path: Path) -> None:
    with BadArchive([Kept(URL.format(0), "20120710100000", page(0))]) as archive:
        where = place(tmp_path, archive)
        row = archive.kept[0].row
        row[-1] = str(10**17)
        archive.kept[0] = _Huge(archive.kept[0], row)  # type: ignore[call-overload]
        done = where.backfill(*JULY)
        assert done.returncode == 1 and "are free on the disk" in done.stderr
        assert not archive.replays()


class _Huge:
    """A capture that the list says is larger than any disk."""

    def __init__(self, kept: Kept, row: list[str]) -> None:
        self.url, self.timestamp, self.row = kept.url, kept.timestamp, row


def test_a_signal_ends_it_in_order(tmp_path: Path, undisturbed: Backfilled) -> None:
    def slow(_handler: Handler, path: str, _times: int) -> bool:
        time.sleep(0.1 if path.startswith("/web") else 0)
        return False

    with BadArchive(kept(30), slow) as archive:
        where = place(tmp_path, archive)
        with subprocess.Popen(
            where.command(*JULY), env=where.environment, cwd=PROJECT, stderr=subprocess.PIPE, text=True
        ) as process:
            _until(lambda: len(archive.replays()) >= 5)
            process.send_signal(signal.SIGTERM)
            _, errors = process.communicate(timeout=60)
        assert process.returncode == 3
        assert "stopped by a signal" in errors
        asked = len(archive.replays())
        assert asked < 30
        assert rows(where, "select count(*) from mementos where state = 'held'") == [(asked,)]
        archive.trouble = lambda *_: False
        assert where.backfill(*JULY).returncode == 0
        assert len(archive.replays()) == 30
    assert held(where) == held(undisturbed)


def test_it_is_gone_on_with_after_a_kill_at_any_moment(tmp_path: Path, undisturbed: Backfilled) -> None:
    """Nothing that is held is asked for twice, nothing is lost, and the end is that of a run without a kill."""

    def slow(_handler: Handler, *_: object) -> bool:
        time.sleep(0.03)
        return False

    chance = random.Random(20121201)
    settings = ("COMMIT_EVERY=4", "WARC_MAX_BYTES=30000")
    with BadArchive(kept(30), slow, page=6) as archive:
        where = place(tmp_path, archive)
        ended: list[str] = []
        with subprocess.Popen(
            where.command(*JULY, settings=(*settings, "KILLED=1")), env=where.environment, cwd=PROJECT,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        ) as process:  # fmt: skip
            assert process.stdin and process.stdout
            for _ in range(KILLS):
                begun = len(archive.asked)
                process.stdin.write("\n")
                process.stdin.flush()
                _until(lambda begun=begun: len(archive.asked) > begun)
                process.stdin.write(f"{chance.uniform(0, 0.3)}\n")
                process.stdin.flush()
                ended.append(process.stdout.readline().strip())
        assert ended.count("killed") >= KILLS // 2  # a quick machine ends some before
        written = _written(where)
        done = where.backfill(*JULY, settings=settings)
        assert done.returncode == 0, done.stderr
        repeated = [path for path in set(archive.replays()) if archive.replays().count(path) > 1]
    # At most the request in hand of each run that was killed.
    assert len(repeated) <= KILLS
    assert written <= _written(where)
    ends = held(where)
    for name, expected in held(undisturbed).items():
        assert ends[name] == expected, name
    records = [(path.name, each.url, each.at) for path in where.captures.glob("*.warc.gz") for each in _captures(path)]
    assert len(records) == len({record[1:] for record in records}) == 30
    assert rows(where, "select ended from backfills") == [("finished",)]


def _captures(path: Path) -> list[Capture]:
    return [event for event in read_captures(path) if isinstance(event, Capture)]


def _written(where: Backfilled) -> set[tuple[str, str]]:
    """What has reached a WARC file."""
    return {
        (each.url, each.at.isoformat())
        for path in where.captures.glob("*.warc.gz*")
        if not path.name.endswith(".torn")
        for each in _captures(path.with_name(path.name.removesuffix(".open")))
    }


def _until(what: Callable[[], bool]) -> None:
    ends = time.monotonic() + 60
    while not what():
        assert time.monotonic() < ends
        time.sleep(0.005)


# What a user may get wrong


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((*JULY, "--json"), "--json is for --plan"),
        (("--run", "--dry-run"), "--dry-run does not go with --run. --plan says what --run would fetch"),
        (("xinhua", "--run", "--from", "2012-07-01"), "--from does not go with --run"),
        (("xinhua", "--run", "--limit", "3"), "--limit does not go with --run"),
        (("--plan", "--again"), "--again does not go with --plan"),
        (("--plan", "--budget", "3"), "--budget does not go with --plan"),
        (("--plan", "--run", "--json"), "--json is for --plan, without --run"),
        (("xinhua", "--from", "2012-07"), "'2012-07' is no day: write it as 2012-07-01"),
        (("xinhua", "--from", "2012-07-01", "--to", "31.7.2012"), "'31.7.2012' is no day"),
        (("xinhua", "--from", "2090-07-01"), "--from 2090-07-01 is still to come"),
        (("xinhua", "--from", "2012-08-01", "--to", "2012-07-01"), "--to 2012-07-01 is before --from 2012-08-01"),
        (("xinhua", "--to", "2012-08-01"), "Name an outlet and --from"),
        (("xinhuanet", "--from", "2012-07-01"), "There is no outlet 'xinhuanet'. Known: tnw, xinhua"),
    ],
)
def test_what_does_not_go_together_is_refused_before_any_request(
    tmp_path: Path, arguments: tuple[str, ...], told: str
) -> None:
    with BadArchive(kept(3)) as archive:
        where = place(tmp_path, archive)
        done = where.backfill(*arguments)
        assert (done.returncode, archive.asked, where.archive.exists()) == (2, [], False)
    assert told in done.stderr


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("WAYBACK_CDX=nonsense", "WAYBACK_CDX is 'nonsense': it must be an address that begins with http://"),
        ("WAYBACK_CDX=http://", "WAYBACK_CDX is 'http://'"),
        ("WAYBACK_CDX=http://[::1/cdx", "WAYBACK_CDX is 'http://[::1/cdx'"),
        ("WAYBACK_REPLAY=http://a.example/", "it must hold {timestamp} and end with {url}"),
        ("WAYBACK_REPLAY=http://a.example/{stamp}id_/{url}", "it must hold {timestamp} and end with {url}"),
        ("WAYBACK_REPLAY={timestamp}id_/{url}", "WAYBACK_REPLAY is '20120725080000id_/http://a.example/b'"),
        ("BACKFILL_DELAY=fast", "BACKFILL_DELAY is 'fast': it must be a number, 0 or more"),
        ("BACKFILL_TIMEOUT=0", "BACKFILL_TIMEOUT is 0: it must be a number"),
        ("BACKFILL_GIVE_UP=0", "BACKFILL_GIVE_UP is 0: it must be a number, 1 or more"),
        ("BACKFILL_LIST_DELAY=-1", "BACKFILL_LIST_DELAY is -1"),
    ],
)
def test_a_setting_that_is_none_is_named_before_any_request(tmp_path: Path, setting: str, told: str) -> None:
    with BadArchive(kept(3)) as archive:
        done = place(tmp_path, archive).backfill(*JULY, settings=[setting])
        assert (done.returncode, archive.asked) == (1, [])
    assert told in done.stderr and "settings.py" in done.stderr
