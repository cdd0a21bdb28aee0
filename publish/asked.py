"""From the reading room's addresses to searches, and back: /search?q=公安部&outlet=xinhua&since=2012-07-01 …"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from archive.finding import Search

ORDERS = ("newest", "oldest", "relevance")
CHOICES = ("outlet", "language", "kind", "state")  # what a search can be narrowed to, in the order in which it is shown


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for. `problems`: what of it could not be understood, in words."""

    search: Search
    after: str
    problems: tuple[str, ...] = ()


def asked(arguments: Mapping[str, Any]) -> Asked:
    """The search that an address's parameters describe; what is wrong in them is left out and told."""
    problems: list[str] = []
    order = one(arguments, "sort") or "newest"
    if order not in ORDERS:
        problems.append(f"“{order}” is no order; the newest come first. Known: {', '.join(ORDERS)}.")
        order = "newest"
    search = Search(
        words=one(arguments, "q")[:1000],
        **{name: one(arguments, name)[:100] for name in CHOICES},
        since=day(arguments, "since", problems),
        until=day(arguments, "until", problems),
        removed=one(arguments, "removed") not in ("", "0"),
        order=order,  # type: ignore[arg-type]
    )
    return Asked(search, one(arguments, "after")[:100], tuple(problems))


def address(search: Search, path: str = "/search", **changes: Any) -> str:
    """The address of a search, or of one that differs from it: address(search, outlet="tnw")."""
    after = changes.pop("after", "")
    search = replace(search, **changes)
    values = {
        "q": search.words,
        **{name: getattr(search, name) for name in CHOICES},
        "since": search.since.isoformat()[:10] if search.since else "",
        "until": search.until.isoformat()[:10] if search.until else "",
        "removed": "1" if search.removed else "",
        "sort": "" if search.order == "newest" else search.order,
        "after": after,
    }
    given = {name: value for name, value in values.items() if value}
    return f"{path}?{urlencode(given)}" if given else path


def one(arguments: Mapping[str, Any], name: str) -> str:
    """A parameter of an address, "" where it is not given."""
    return str(arguments.get(name) or "").strip()


def day(arguments: Mapping[str, Any], name: str, problems: list[str]) -> date | None:
    """A day; for a month or a year its first, or for `until` its last."""
    written = one(arguments, name)
    if not written:
        return None
    try:
        numbers = [int(part) for part in written.split("-")]
        if len(numbers) > 3 or numbers[0] < 1000:
            raise ValueError(written)
        last = name == "until"
        year, month = numbers[0], numbers[1] if len(numbers) > 1 else (12 if last else 1)
        return date(year, month, numbers[2] if len(numbers) > 2 else (monthrange(year, month)[1] if last else 1))
    except (ValueError, IndexError):
        problems.append(f"“{written[:40]}” is no day: write 2012-07-26, 2012-07 or 2012. It was left out.")
        return None
