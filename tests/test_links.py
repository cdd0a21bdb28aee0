"""Every link of the reading room leads to a page, wherever below a host it is published."""

from __future__ import annotations

import re
from collections import Counter, deque
from urllib.parse import urldefrag, urljoin, urlsplit

from conftest import Crawled
from lxml import html
from serving import answer, serving

OF_A_KIND = 6  # addresses that differ in a number or in what is asked: so many of them are asked for


def _links(address: str, text: str) -> list[str]:
    """The addresses on the same host that a page links, frames or loads, in its order."""
    page = html.fromstring(text)
    found = [
        element.get(name) or "" for name in ("href", "src", "action") for element in page.iterfind(f".//*[@{name}]")
    ]
    whole = (urldefrag(urljoin(address, value)).url for value in found)
    return [each for each in whole if urlsplit(each).netloc == urlsplit(address).netloc]


def _walk(server: str, start: str) -> tuple[dict[str, int], dict[str, str]]:
    """Address → status of every page that is reached from the start, and where each was found first. Datasette's own
    pages, and captured ones, are asked for but not read on."""
    statuses: dict[str, int] = {}
    found_on = {f"{server}{start}": ""}
    waiting = deque(found_on)
    kinds: Counter[str] = Counter()
    while waiting:
        address = waiting.popleft()
        path = urlsplit(address).path
        kind = re.sub(r"\d+", "#", path)
        kinds[kind] += 1
        if kinds[kind] > OF_A_KIND:
            continue
        got = answer(server, address.removeprefix(server))
        statuses[address] = got.status
        if "html" not in got.headers["Content-Type"] or "/archive" in path or path.endswith("/page"):
            continue
        for link in _links(address, got.text):
            if link not in found_on:
                found_on[link] = address
                waiting.append(link)
    return statuses, found_on


def test_every_link_leads_to_a_page(room: str) -> None:
    statuses, found_on = _walk(room, "/")
    dead = {address: (status, found_on[address]) for address, status in statuses.items() if status != 200}
    assert not dead
    assert len(statuses) > 80


def test_every_link_stays_below_the_address_that_the_room_is_published_at(crawled: Crawled) -> None:
    place = crawled.place
    with serving(place.archive, "--base-url", "/reading/", captures=place.captures) as server:
        statuses, found_on = _walk(server, "/reading/")
    dead = {address: (status, found_on[address]) for address, status in statuses.items() if status != 200}
    assert not dead
    astray = {address: found_on[address] for address in statuses if not urlsplit(address).path.startswith("/reading/")}
    assert not astray
