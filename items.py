"""The nouns that travel from the network to archive.db."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

# Outcomes of a capture that say nothing about the page, only that it was not to be had.
FAILED = ("failed", "server-error", "refused")
# In the error of what robots.txt forbids only because the server cannot say what it allows.
RULES_UNKNOWN = "which the server could not give"

BETWEEN_PARAGRAPHS = "\n\n"  # of a version's body


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


@dataclass(slots=True, frozen=True)
class Hyperlink:
    """A link in the text of a page: the words that it is on, as printed, and where it leads (absolute). `start` and
    `end` are places in the version's body (0, 0 until the normalise step has found them)."""

    words: str
    href: str
    paragraph: int  # of the part of the story that is on this page, from 0
    start: int = 0
    end: int = 0


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
    hyperlinks: list[Hyperlink] = field(default_factory=list)  # in the body, in order


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
    hyperlinks: list[Hyperlink] = field(default_factory=list)


@dataclass(slots=True, frozen=True)
class Period:
    """What time a figure is about: as printed, and the days that this means, first and last, ISO 8601; either may be
    None where the text leaves it open or the publication date is not known."""

    text: str
    start: str | None
    end: str | None


@dataclass(slots=True, frozen=True)
class Figure:
    """One number that a text states of something counted or measured. `start` to `end` are `text`: the number with its
    scale, percent sign or currency. Numbers are plain ("320万" and "3.2 million" are 3200000); `value_max` is the other
    end of a range. `modifier` is printed ("more than", 余), `meaning` one of MEANINGS. docs/statements.md has the rest.
    """

    text: str
    start: int
    end: int
    value: float
    value_max: float | None = None
    modifier: str = ""
    meaning: str = ""
    unit: str = ""  # %, an ISO 4217 currency, or a unit of measure's symbol: docs/statements.md lists them
    measure: str = ""  # the measure word of a Chinese count: 名, 个, 起
    noun: str = ""  # what is counted, as printed, without articles and quotation marks
    noun_key: str = ""  # the same for one thing in either language, where it is known: "suspect" for 犯罪嫌疑人
    act: str = ""  # what was done to it, one of the acts of grammar/tables/acts.tsv: arrest, remove, shut-down
    act_text: str = ""  # as printed
    period: Period | None = None
    sentence: tuple[int, int] = (0, 0)
    attribution: int | None = None  # who states it: an index of Statements.attributions


MEANINGS = ("", "at least", "at most", "about", "nearly")  # "" for an exact number


@dataclass(slots=True, frozen=True)
class Attribution:
    """One source that a text names for something said. In a chain ("Xinhua cited a statement from the ministry") each
    source is one; `via` is the index of the one through which this one is known here."""

    source: str  # as printed
    start: int
    end: int
    kind: str  # one of SOURCE_KINDS
    cue: str  # the verb or preposition that says so, as printed
    cue_start: int
    cue_end: int
    statement: tuple[int, int] | None = None  # the words ascribed to it
    quoted: bool = False  # whether the statement holds words in quotation marks
    loaded: bool = False  # whether the cue says more than that it was said: claimed, denied, 声称
    via: int | None = None
    source_key: str = ""  # the same for one source however it is written, where it is known
    sentence: tuple[int, int] = (0, 0)


SOURCE_KINDS = (
    "ministry", "agency", "state media", "media", "person", "official", "organisation", "company", "document", "other"
)  # fmt: skip


@dataclass(slots=True, frozen=True)
class Quote:
    """Words in quotation marks; `start` to `end` are inside them. `kind` is speech, scare (a distance from the word),
    title (of a work, a campaign, a law) or other; `attribution` is the index of who said it, None where nobody is
    named."""

    start: int
    end: int
    kind: str
    attribution: int | None = None


@dataclass(slots=True, frozen=True)
class Mention:
    """One place where a report names an outlet. `place` is title, body, caption, source (the printed source line),
    dateline or byline; `start` and `end` are places in that (0, 0 where it is no running text). `outlet` is an id of
    grammar/tables/press.tsv or of an outlet of ours, "" for state media that is not named. `href` is the link on these
    words as printed, and `href_outlet` whose that address is: label and link may disagree."""

    words: str
    start: int
    end: int
    outlet: str
    kind: str = "source"  # source: it is said to have said so; or named, credit (a photo's), own (the report's outlet)
    place: str = "body"
    href: str | None = None
    href_outlet: str | None = None
    dates: tuple[str | None, str | None] = (None, None)  # ISO days between which its report is said to have come
    sentence: tuple[int, int] = (0, 0)
    attribution: int | None = None


@dataclass(slots=True)
class Statements:
    """What one text, a title or a body, says; each list in order of place."""

    figures: list[Figure] = field(default_factory=list)
    attributions: list[Attribution] = field(default_factory=list)
    quotes: list[Quote] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)


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
    record_id: str = ""  # WARC-Record-ID of a record that another program wrote
    source: str = ""  # the address at a web archive that gave it
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
