"""Nothing that an outlet wrote acts in a reader's browser, and nothing that a reader writes in SQL stops the server."""

from __future__ import annotations

import json
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from browser import FLAGS, Chromium
from hostile_archive import (
    ABSOLUTE,
    EDITED,
    ELSEWHERE,
    ENDLESS,
    GONE,
    HTML,
    NAMELESS,
    PLAIN,
    REPORTS,
    SCRIPT,
    TONGUES,
    VECTOR,
    WORD,
    Hostile,
    make_hostile_archive,
)
from lxml import etree
from playwright.sync_api import Page, expect
from serving import RELEASES, Answer, answer, serving

OWN_PAGES = {
    "home": "/",
    "search": f"/search?q={WORD}",
    "search-script": "/search?q=<script>window.__xss=1</script>\"><img src=x onerror=window.__xss=1>&outlet=\"><script>&since='\"<b>",
    "search-everything": "/search",
    "search-removed": f"/search?q={WORD}&removed=1",
    "timeline": f"/timeline?q={WORD}",
    "timeline-script": '/timeline?q="><script>window.__xss=1</script>',
    **{f"report-{name}": f"/reports/{number}" for name, number in
       {"plain": PLAIN, "edited": EDITED, "endless": ENDLESS, "nameless": NAMELESS, "tongues": TONGUES}.items()},
    "changes": f"/reports/{EDITED}/changes?from=1&to=2",
    "capture": f"/captures/{HTML}",
    "capture-failed": f"/captures/{GONE}",
    "capture-elsewhere": f"/captures/{ELSEWHERE}",
    "outlets": "/outlets",
    "outlet": "/outlets/evil",
    "edits": "/edits",
    "edits-script": '/edits?words="><script>window.__xss=1</script>&outlet="><script>&since=<b>',
    "radar": "/edits/radar",
    "takedowns": "/takedowns?state=all",
    "coverage": "/coverage",
    "coverage-outlet": "/coverage?outlet=evil&by=<script>",
    "health": "/health",
    "health-outlet": "/health?outlet=evil",
    "questions": "/questions",
    "question": "/questions/quarantined",
    "schema": "/schema",
    "help": "/help",
}  # fmt: skip
STOCK_PAGES = {
    "reports": "/archive/reports",
    "row": f"/archive/reports/{PLAIN}",
    "versions": "/archive/versions",
    "search": f"/archive/search?words={WORD}",
    "quarantine": "/archive/quarantine",
    "captures": "/archive/captures",
}
FEEDS = (f"/search.atom?q={WORD}", "/search.atom", "/edits.atom", "/edits/radar.atom", "/takedowns.atom")
# What no template of ours holds: an element that runs, leads away, or is drawn from an outlet's text.
FOREIGN = """() => [...document.querySelectorAll("*")].filter(element =>
  [...element.attributes].some(({name, value}) => name.startsWith("on") || name === "style" || name === "srcdoc" ||
    (["href", "src", "action", "formaction", "xlink:href", "data"].includes(name) && !/^(https?:|[/?#.]|[\\w-]+$|$)/i.test(value))) ||
  ["OBJECT", "EMBED", "BASE", "math", "img", "IMG", "STYLE"].includes(element.tagName) ||
  (element.tagName === "SCRIPT" && (!element.src || element.textContent.trim())) ||
  (element.tagName === "META" && element.httpEquiv && element.httpEquiv.toLowerCase() !== "content-security-policy")
).map(element => element.outerHTML.slice(0, 200))"""


class Listener:
    """A port on this machine that no policy knows of; it counts who connects."""

    def __init__(self) -> None:
        self.connections = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            connection.close()

    def close(self) -> None:
        self._socket.close()


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    found = Listener()
    yield found
    found.close()


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory, listener: Listener) -> Hostile:
    return make_hostile_archive(tmp_path_factory.mktemp("hostile"), listener.port)


@pytest.fixture(scope="module", params=RELEASES)
def den(request: pytest.FixtureRequest, hostile: Hostile) -> Iterator[str]:
    """The address of `dateline serve` over the hostile archive."""
    with serving(hostile.archive, captures=hostile.captures, release=request.param) as address:
        yield address


def _ran(page: Page) -> bool:
    return bool(page.evaluate("window.__xss !== undefined"))


@pytest.mark.parametrize("name", OWN_PAGES)
def test_nothing_that_an_outlet_wrote_acts_on_a_page_of_ours(den: str, chromium: Chromium, name: str) -> None:
    with chromium.reading(den) as reader:
        page = reader.go(OWN_PAGES[name])
        assert not _ran(page)
        assert page.evaluate(FOREIGN) == []
        page.evaluate(
            "() => { for (const folded of document.querySelectorAll('details')) folded.open = true;"
            " for (const field of document.querySelectorAll('[tabindex], [autofocus]')) field.focus(); }"
        )
        assert not _ran(page)


@pytest.mark.parametrize("name", STOCK_PAGES)
def test_nothing_that_an_outlet_wrote_acts_on_a_page_of_datasette(den: str, chromium: Chromium, name: str) -> None:
    with chromium.reading(den) as reader:
        page = reader.go(STOCK_PAGES[name])
        assert not _ran(page)
        found = page.locator("td, dd").locator(
            "script, img, svg, math, iframe, a[href^='javascript:' i], a[href^='data:' i], [onerror], [onload], [onfocus]"
        )
        assert found.count() == 0, found.first.evaluate("element => element.outerHTML")


def test_what_an_outlet_wrote_is_shown_as_it_is(den: str, chromium: Chromium) -> None:
    with chromium.reading(den) as reader:
        text = reader.go(f"/reports/{PLAIN}").locator("main").inner_text()
        for piece in ("<script>window.__xss=1;alert(1)</script>", "{{7*7}}", "{% raw %}", "&lt;b&gt;", "]]>", "<!--"):
            assert piece in text


def test_an_address_that_is_none_is_no_link(den: str, chromium: Chromium) -> None:
    with chromium.reading(den) as reader:
        for path in (
            f"/reports/{PLAIN}",
            f"/reports/{TONGUES}",
            f"/captures/{GONE}",
            "/search",
            "/takedowns",
            "/outlets/evil",
        ):
            page = reader.go(path)
            assert page.locator("a[href^='javascript:' i], a[href^='data:' i], a[href^='vbscript:' i]").count() == 0, (
                path
            )


@pytest.mark.parametrize("path", FEEDS)
def test_a_feed_stays_well_formed(den: str, path: str) -> None:
    found = _get(den, path)
    assert found.status == 200
    feed = etree.fromstring(found.body, etree.XMLParser(resolve_entities=False, huge_tree=True))
    assert feed.tag == "{http://www.w3.org/2005/Atom}feed"
    assert len(feed.findall("{*}entry")) > 0
    links = [link.get("href", "") for link in feed.iter("{http://www.w3.org/2005/Atom}link")]
    assert links
    assert not [link for link in links if not link.startswith(("http://127.0.0.1", "http://evil.example", "/"))]
    assert not list(feed.iter("{*}script"))


def test_json_and_csv_of_a_search_hold_every_report(den: str) -> None:
    found = json.loads(_get(den, "/search.json").body)
    assert WORD in json.dumps(found)
    csv = _get(den, "/search.csv")
    assert csv.status == 200
    assert csv.headers["Content-Type"].startswith("text/csv")
    for each in ("/search.json", "/search.csv", "/search.xlsx"):
        assert _get(den, each).headers["X-Content-Type-Options"] == "nosniff"


def _get(server: str, path: str, timeout: float = 30) -> Answer:
    return answer(
        server, path.replace(" ", "%20").replace('"', "%22").replace("<", "%3C").replace(">", "%3E"), timeout=timeout
    )


@pytest.mark.parametrize("name", OWN_PAGES)
def test_a_page_of_ours_lets_nothing_run_that_is_not_ours(den: str, name: str) -> None:
    found = _get(den, OWN_PAGES[name])
    assert found.status == 200
    policy = _policy(found)
    assert policy["default-src"] == ["'none'"]
    assert policy["script-src"] == policy["style-src"] == ["'self'"]
    assert policy["base-uri"] == policy["frame-ancestors"] == ["'none'"]
    assert not {"'unsafe-inline'", "'unsafe-eval'", "*"} & {source for sources in policy.values() for source in sources}
    assert found.headers["X-Content-Type-Options"] == "nosniff"
    assert found.headers["Referrer-Policy"] == "no-referrer"
    assert found.headers.get_all("Set-Cookie") is None


def _policy(found: Answer) -> dict[str, list[str]]:
    """Directive → its sources. An answer has one policy."""
    (policy,) = found.headers.get_all("Content-Security-Policy") or []
    directives = (directive.split() for directive in policy.split(";") if directive.strip())
    return {name: sources for name, *sources in directives}


@pytest.mark.parametrize("number", [HTML, VECTOR, SCRIPT], ids=["html", "svg", "javascript"])
def test_a_captured_page_is_sent_sealed(den: str, number: int) -> None:
    found = _get(den, f"/captures/{number}/page")
    if number != HTML and found.status != 200:
        assert 400 <= found.status < 500  # or not shown at all
        return
    policy = _policy(found)
    assert policy["sandbox"] == []
    assert policy["default-src"] == policy["form-action"] == policy["base-uri"] == ["'none'"]
    assert "script-src" not in policy
    assert policy["frame-ancestors"] == ["'self'"]
    assert found.headers["X-Content-Type-Options"] == "nosniff"
    assert found.headers["Referrer-Policy"] == "no-referrer"
    assert found.headers["X-DNS-Prefetch-Control"] == "off"
    assert found.headers["Content-Type"].startswith(("text/html", "text/plain"))
    for name in ("Set-Cookie", "Refresh", "Link", "Access-Control-Allow-Origin", "Clear-Site-Data", "Report-To", "NEL"):
        assert found.headers.get_all(name) is None, name


@pytest.mark.parametrize("number", [HTML, VECTOR, SCRIPT], ids=["html", "svg", "javascript"])
def test_a_raw_record_is_a_download(den: str, number: int) -> None:
    found = _get(den, f"/captures/{number}/record")
    assert found.status == 200
    assert found.headers["Content-Disposition"].startswith("attachment")
    assert found.headers["X-Content-Type-Options"] == "nosniff"
    assert not found.headers["Content-Type"].startswith(("text/html", "image/", "text/javascript"))
    assert found.headers.get_all("Set-Cookie") is None


@pytest.mark.parametrize("number", [GONE, ELSEWHERE, ABSOLUTE])
@pytest.mark.parametrize("what", ["page", "record"])
def test_a_row_that_names_another_file_leads_nowhere(den: str, number: int, what: str) -> None:
    found = _get(den, f"/captures/{number}/{what}")
    assert 400 <= found.status < 500
    assert b"root:" not in found.body
    assert b"SQLite format" not in found.body


@pytest.mark.parametrize("path", ["/captures/{}", "/captures/{}/page"], ids=["framed", "alone"])
def test_a_captured_page_is_inert_and_asks_nobody(den: str, chromium: Chromium, path: str) -> None:
    with chromium.reading(den) as reader:
        page = reader.go(path.format(HTML))
        shown = page.frame_locator("iframe") if path.endswith("{}") else page
        expect(shown.locator("h1")).to_have_text("EVIDENCE as captured")
        page.wait_for_timeout(700)  # for a refresh, an autoplay, a prefetch
        assert page.url == f"{den}{path.format(HTML)}"
        if path.endswith("{}"):
            assert not _ran(page)
            assert page.locator("iframe").get_attribute("sandbox") == ""
            box = shown.locator("#scheme").bounding_box()  # click() waits for a script of the frame
            assert box
            page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
            page.wait_for_timeout(200)
            assert not _ran(page)
            assert page.url == f"{den}{path.format(HTML)}"
        else:
            assert page.title() == "EVIDENCE"
        assert page.context.cookies() == []


def test_a_captured_page_opens_no_connection(den: str, listener: Listener, tmp_path: Path, chromium: Chromium) -> None:
    # By a browser as readers have it: playwright's does not connect early. No policy forbids that.
    command = [chromium.executable, "--headless", *FLAGS, f"--user-data-dir={tmp_path}", "--virtual-time-budget=2000"]
    listener.connections = 0
    shot = [f"--screenshot={tmp_path / 'page.png'}", f"{den}/captures/{HTML}/page"]
    subprocess.run([*command, *shot], check=True, timeout=60, capture_output=True)
    assert (tmp_path / "page.png").exists()
    assert listener.connections == 0


def test_a_title_without_end_breaks(den: str, chromium: Chromium) -> None:
    with chromium.reading(den, window={"width": 390, "height": 844}) as reader:
        for path in (f"/reports/{ENDLESS}", "/search", "/takedowns"):
            page = reader.go(path)
            assert page.evaluate("document.scrollingElement.scrollWidth") <= 390, path


def _sql(server: str, sql: str, timeout: float = 30) -> Answer:
    """A reader's own SQL, at the address that each Datasette has for it."""
    found = answer(server, "/archive.json", timeout=timeout, sql=sql)
    if found.status == 302:
        found = answer(server, f"/archive/-/query.json?{urlencode({'sql': sql})}", timeout=timeout)
    return found


@pytest.mark.parametrize(
    "sql",
    [
        "select length(printf('%*s', 120000000, 'x') || printf('%*s', 120000000, 'x'))",
        "select length(zeroblob(1000000000))",
        "select length(randomblob(500000000))",
        "select length(replace(replace(printf('%*s', 300000, ' '), ' ', printf('%*s', 1000, 'a')), 'a', printf('%*s', 1000, 'b')))",
        "with recursive n(i) as (select 1 union all select i + 1 from n limit 100000) select length(group_concat(printf('%*s', 10000, 'x'))) from n",
        "select length(hex(hex(hex(zeroblob(30000000)))))",
        "select length(json_group_array(a.body)) from versions a, versions b, versions c, versions d, versions e",
    ],
    ids=["concatenation", "zeroblob", "randomblob", "replace", "group_concat", "hex", "json"],
)
def test_a_query_that_would_fill_the_memory_is_refused(den: str, sql: str) -> None:
    started = time.monotonic()
    found = _sql(den, sql)
    assert found.status == 400, found.text[:300]
    assert "too big" in found.text or "interrupted" in found.text.lower() or "time limit" in found.text.lower()
    assert time.monotonic() - started < 8


def test_a_text_that_is_too_long_to_print_is_none(den: str) -> None:
    assert _values(_sql(den, "select printf('%*s', 2000000000, 'x')")) == [None]


def test_an_answer_of_many_long_values_is_refused(den: str) -> None:
    rows = "with recursive n(i) as (select 1 union all select i + 1 from n limit 100) select {} from n"
    for value in ("printf('%*s', 2000000, 'x')", "zeroblob(2000000)"):
        found = _sql(den, rows.format(value))
        assert found.status == 400, f"{len(found.body)} bytes"
        assert "fewer rows" in found.text
    assert len(_values(_sql(den, rows.format("printf('%*s', 2000, 'x')")))) == 100


def _values(found: Answer) -> list[object]:
    """The first column: Datasette 0.65 gives rows as lists, 1.0 as objects."""
    rows = json.loads(found.body)["rows"]
    return [next(iter(row.values())) if isinstance(row, dict) else row[0] for row in rows]


@pytest.mark.parametrize(
    "sql",
    [
        "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n",
        "select count(*) from versions a, versions b, versions c, versions d, versions e, versions f, versions g, versions h, versions i, versions j, versions k, versions l, versions m, versions n",
    ],
    ids=["recursive", "join"],
)
def test_a_query_without_end_ends_at_the_time_limit(den: str, sql: str) -> None:
    started = time.monotonic()
    found = _sql(den, sql)
    assert found.status == 400
    assert "interrupted" in found.text.lower() or "time limit" in found.text.lower()
    assert time.monotonic() - started < 8


@pytest.mark.parametrize(
    "sql",
    [
        "delete from reports",
        "pragma writable_schema = 1",
        "attach database '/tmp/x.db' as x",
        "select load_extension('x')",
        "select writefile('/tmp/x', 'x')",
        "select * from pragma_database_list, readfile('/etc/passwd')",
    ],
)
def test_sql_reads_this_archive_and_does_nothing_else(den: str, sql: str) -> None:
    assert _sql(den, sql).status in (400, 403)
    assert _values(_sql(den, "select count(*) from reports")) == [5]


def test_the_reports_are_all_there(den: str) -> None:
    assert set(REPORTS) == {row["id"] for row in json.loads(answer(den, "/archive/reports.json", _shape="array").body)}
