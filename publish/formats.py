"""How the reading room writes times, numbers and names."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

from markupsafe import Markup, escape

from archive.snippets import MARKS

_MONTHS = [
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
]  # fmt: skip
_LANGUAGES = {
    "zh-Hans": "Chinese (simplified)", "zh-Hant": "Chinese (traditional)", "zh": "Chinese", "en": "English",
    "ru": "Russian", "ar": "Arabic", "fr": "French", "es": "Spanish", "de": "German", "ja": "Japanese",
    "ko": "Korean", "pt": "Portuguese",
}  # fmt: skip
STATES = {
    "live": "live",
    "suspected": "not found at the last look",
    "gone": "gone",
    "restored": "restored",
}
# takedowns.state → what it is called, in the order in which the states follow one another.
SPELLS = {
    **{state: name for state, name in STATES.items() if state != "live"},
    "unconfirmed": "back before it was called gone",
}
KINDS = {"state": "state media", "secondary": "secondary coverage"}


def number(value: int) -> str:
    """12345 → 12,345."""
    return f"{value:,}"


def plural(value: int, one: str, many: str = "") -> str:
    """(1, "report") → 1 report; (2, "report") → 2 reports."""
    return f"{value:,} {one if value == 1 else many or one + 's'}"


def day(value: str | date | int | None) -> str:
    """A date, an ISO date or time, or YYYYMMDD → 26 July 2012; empty for none. What is no date stays as it is."""
    if not value:
        return ""
    if isinstance(value, int):
        value = str(value)
        value = f"{value[:4]}-{value[4:6]}-{value[6:8]}"
    try:
        moment = value if isinstance(value, date) else date.fromisoformat(value[:10])
    except ValueError:
        return str(value)
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"


def month(value: str) -> str:
    """2012-07 → July 2012."""
    year, _, at = value.partition("-")
    return f"{_MONTHS[int(at) - 1]} {year}"


def utc(value: str | None, precision: str | None = "minute") -> str:
    """An ISO time in UTC (with its Z) → 26 July 2012, 09:30 UTC; the day alone where no more is known. Without Z it is
    a printed time whose zone is not known."""
    if not value:
        return ""
    if precision == "day" or len(value) <= 10:
        return day(value)
    return f"{day(value)}, {_clock(value, precision)} {'UTC' if value.endswith('Z') else '(zone unknown)'}"


def local(value: str | None, precision: str | None, zone: str) -> str:
    """A time as the outlet gives it, with its zone: 17:30 (Asia/Shanghai). Empty where no time of day is known."""
    if not value or precision == "day" or len(value) <= 10:
        return ""
    return f"{day(value)}, {_clock(value, precision)}" + (f" ({zone})" if zone else "")


def _clock(value: str, precision: str | None) -> str:
    return value[11:19] if precision == "second" and len(value) >= 19 else value[11:16]


def language(code: str) -> str:
    """zh-Hans → Chinese (simplified)."""
    return _LANGUAGES.get(code, code)


def state(code: str) -> str:
    """Of a report, or of a spell in which it was missing."""
    return STATES.get(code) or SPELLS.get(code, code)


def kind(code: str) -> str:
    return KINDS.get(code, code)


def sentence(words: str) -> str:
    """seen missing once → Seen missing once."""
    return f"{words[:1].upper()}{words[1:]}." if words else ""


def size(length: int) -> str:
    """Bytes → 47 KB."""
    if length < 10_000:
        return f"{length:,} bytes"
    for unit, bytes_of_it in (("KB", 1_000), ("MB", 1_000_000)):
        if length < 10_000 * bytes_of_it:
            return f"{length / bytes_of_it:,.0f} {unit}"
    return f"{length / 1_000_000_000:,.0f} GB"


def captured_at(capture: int) -> datetime:
    """A capture's id is its time in microseconds since 1970 (UTC)."""
    return datetime.fromtimestamp(capture / 1_000_000, UTC)


def is_web(address: Any) -> bool:
    """Whether an address may be a link: javascript: and data: may not."""
    return isinstance(address, str) and address.lower().startswith(("http://", "https://"))


_MARKED = re.compile(f"{re.escape(MARKS[0])}(.+?){re.escape(MARKS[1])}")


def marked(snippet: str) -> Markup:
    """A snippet as HTML, what was found in <mark>."""
    return Markup(_MARKED.sub(r"<mark>\1</mark>", str(escape(snippet))))


FILTERS = {
    "number": number, "plural": plural, "day": day, "month_name": month, "utc": utc, "local": local,
    "language_name": language, "state_name": state, "kind_name": kind, "size": size,
    "sentence": sentence,
}  # fmt: skip
