"""The nouns that travel from the network to archive.db."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

# Outcomes of a capture that say nothing about the page, only that it was not to be had.
FAILED = ("failed", "server-error", "refused")
# In the error of what robots.txt forbids only because the server cannot say what it allows.
RULES_UNKNOWN = "which the server could not give"


@dataclass(slots=True, frozen=True)
class Link:
    """One address that a listing, feed or sitemap points at.

    `time` is what the listing prints for it (UTC): a hint for ordering and `--since`, never a publication time,
    since a list may state when the link was placed.
    """

    url: str
    title: str = ""
    time: datetime | None = None
    kind: str = "report"  # or "listing"
    canonical: str = ""  # the address under which its page is known; the outlet fills it
    older: bool = False  # a listing of older reports than the one that links it: not read on its own account


@dataclass(slots=True)
class Reading:
    """The strings that a Layout selected from one page, as printed there: nothing is interpreted yet."""

    layout: str
    language: str  # BCP 47: zh-Hans, en
    title: str
    published: str
    body: list[str]
    captions: list[str] = field(default_factory=list)
    source: str = ""  # the printed source line: "来源：新华网", "Source: Xinhua"
    source_url: str = ""
    editor: str = ""  # the printed editor line: "【责任编辑:张樵苏 】", "Editor:   Chen Zhi"
    authors: list[str] = field(default_factory=list)
    modified: str = ""
    section: str = ""
    keywords: list[str] = field(default_factory=list)
    part: int = 1  # of a story cut into several pages
    part_urls: list[str] = field(default_factory=list)  # all parts' addresses in order, empty for a single page


@dataclass(slots=True)
class Dateline:
    """Where a wire text says that it was filed: 新华社巴黎12月9日电（记者唐霁）, MANILA, Oct. 25 (Xinhua) --."""

    agency: str
    place: str
    month_day: str  # MM-DD as printed, "" when absent
    text: str
    reporters: list[str] = field(default_factory=list)
    position: str = "start"  # or "end"


@dataclass(slots=True)
class Report:
    """What one page says, interpreted. Times: `published_local` as printed (ISO 8601 without zone), `*_utc` with Z.

    `published_precision` is second, minute or day; `published_utc` is None when the page gives a day only.
    `zone_basis` says why the zone is what it is: page (the page states it), outlet (its known time zone) or unknown.
    """

    outlet: str
    layout: str
    language: str
    title: str
    published_local: str | None
    published_precision: str | None
    published_utc: str | None
    published_printed: str
    zone_basis: str
    modified_utc: str | None
    source_label: str | None
    source_url: str | None
    editors: list[str]
    authors: list[str]
    dateline: Dateline | None
    body: list[str]
    captions: list[str]
    keywords: list[str]
    section: str | None = None
    part: int = 1
    part_urls: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Capture:
    """One request and how it ended: a record in a WARC file.

    `id` is the capture's time in microseconds since 1970 (UTC), made unique by the writer. `status` is None when no
    response came; `error` then says why. `body` is the payload with its content coding (gzip) undone.
    """

    id: int
    crawl: str
    outlet: str
    url: str
    at: datetime
    status: int | None
    headers: list[tuple[str, str]]
    body: bytes
    payload_sha256: str = ""  # hex, of the payload as it came off the wire
    payload_length: int = 0
    warc: str = ""  # file name under captures/
    offset: int = 0
    length: int = 0
    origin: str = "live"  # or wayback, import
    error: str = ""
    revisit_of: int | None = None  # the capture that holds this payload
    # filled by the pipelines
    kind: str = ""  # what the outlet holds at this address: report, listing, other
    charset: str = ""
    outcome: str = ""
    reason: str = ""
    cause: str = ""  # how a report was missing, or kept from us: docs/watching.md lists them
    canonical: str = ""  # the address under which this page is known
    report_url: str = ""  # that of its report: the first page of a story cut into several
    links: list[Link] | None = None
    reading: Reading | None = None
    report: Report | None = None

    def header(self, name: str) -> str:
        """The first value of a response header, "" when absent."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), "")
