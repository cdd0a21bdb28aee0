"""JSON lists of Xinhua's publishing systems: `ds_<id>.json` (since about 2022) and `nodeart/list` (JSONP, to 2021).

A row's time says when the link was placed, in Beijing time, not when the story was published.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from parsel import Selector

from items import Link
from spiders.addresses import absolute
from spiders.page import Page

_BEIJING = ZoneInfo("Asia/Shanghai")


def links(page: Page) -> list[Link]:
    """One Link per story: a row can hold several. Raises ValueError, quoting the start, for text that is no list."""
    rows = _rows(_payload(page.text))
    found: dict[str, Link] = {}
    for row in rows:
        for address, title in _stories(row):
            if url := absolute(page.url, address) if address else "":
                # The same story twice in a row: "全文" beside its headline. The first title is the headline.
                found.setdefault(url, Link(url, title, _time(row)))
    return list(found.values())


def _payload(text: str) -> Any:
    start, end = text.find("{"), text.rfind("}")
    try:
        return json.loads(text[start : end + 1])
    except (ValueError, RecursionError) as error:  # a hostile one is nested without end
        raise ValueError(f"not a JSON list ({error}): {text[:80]!r}") from error


def _rows(payload: Any) -> list[dict[str, Any]]:
    rows = payload.get("datasource") if isinstance(payload, dict) else None
    if rows is None and isinstance(payload, dict) and isinstance(payload.get("data"), dict):
        rows = payload["data"].get("list")
    if not isinstance(rows, list):
        raise ValueError(f"not a JSON list (neither `datasource` nor `data.list` holds rows): {str(payload)[:80]!r}")
    return [row for row in rows if isinstance(row, dict)]


def _stories(row: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if "LinkUrl" in row:  # nodeart
        yield str(row["LinkUrl"] or ""), _plain(row.get("Title"))
        return
    links = row.get("linkUrls")
    for link in links if isinstance(links, list) else []:
        if isinstance(link, dict):
            yield str(link.get("linkUrl") or ""), _plain(link.get("linkTitle"))
    yield str(row.get("publishUrl") or ""), _plain(row.get("showTitle") or row.get("title"))


def _plain(title: object) -> str:
    """A title may be HTML, with an anchor per story."""
    text = str(title or "").encode(errors="ignore").decode()  # a cut emoji is half a surrogate pair
    if "<" in text:
        text = Selector(text=text).xpath("string()").get("")
    return " ".join(text.split())


def _time(row: dict[str, Any]) -> datetime | None:
    printed = str(row.get("publishTime") or row.get("PubTime") or "")
    match = re.match(r"(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d)(?::(\d\d))?$", printed)
    if not match:
        return None
    try:
        return datetime(*(int(part or 0) for part in match.groups()), tzinfo=_BEIJING)  # type: ignore[arg-type,misc]
    except ValueError:
        return None
