"""The sample newsroom over a year: what an address answers depends on the time, as script.py has it."""

from __future__ import annotations

import html
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from functools import cache, cached_property
from pathlib import Path
from string import Template
from typing import TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from samples.newsroom import Answer, Handler, Newsroom
from samples.year.script import EVENTS, STORIES, Answers, Edit, Event, Forbid, Move, Redesign, Story

SHAPES = Path(__file__).parent / "shapes"
_BEIJING = ZoneInfo("Asia/Shanghai")
# Which outlet answers at a host.
HOSTS = {
    "www.news.cn": "xinhua",
    "english.news.cn": "xinhua",
    "en.news.cn": "xinhua",
    "www.xinhuanet.com": "xinhua",
    "thenextweb.com": "tnw",
}
_FRONT = {"xinhua": "http://www.news.cn/", "tnw": "http://thenextweb.com/"}
_LOGIN = "http://thenextweb.com/login"
_LISTED = 20  # reports that a list shows, the youngest first
_LABEL = "<!-- An invented sample page of Dateline: nothing in it happened, and nobody in it exists. -->"


@dataclass(frozen=True)
class Page(Answer):
    """An answer whose page is made for it."""

    text: str = ""

    @cached_property
    def body(self) -> bytes:
        return self.text.encode() if self.text else super().body


class YearNewsroom(Newsroom):
    """The server; `now` tells it the true time."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__(handler=YearHandler)
        self.now = now
        self.hosts = sorted(HOSTS)

    def answer(self, url: str) -> Answer:
        now = self.now()
        host, path = urlsplit(url).hostname or "", urlsplit(url).path or "/"
        outlet = HOSTS.get(host, "")
        trouble = next((each.how for each in _of(now, outlet, Answers)), None)
        if trouble and not (trouble == "login" and path in ("/login", "/robots.txt")):
            return _troubled(url, trouble, outlet)
        for move in _of(now, host, Move):
            return Answer(url, 301, location=f"http://{move.to}{path}")
        if path == "/robots.txt":
            rules = "".join(f"Disallow: {each.path}\n" for each in _of(now, host, Forbid))
            text = f"# Sample newsroom of Dateline\nUser-agent: *\nDisallow: /private/\n{rules}"
            return Page(url, 200, content_type="text/plain", text=text)
        if path == "/login":
            return _page(url, "Log in", "<form><input name=user><input type=password name=password></form>")
        if url in _FRONT.values():
            return _page(url, "Front page", "<p>Invented samples of Dateline.</p>")
        if path in _LISTS:
            return _list(url, path, now)
        story = _stories().get(path)
        return _story(url, story, now) if story and story.published <= now else Answer(url, 404)

    def is_mute(self, url: str) -> bool:
        """Whether the connection is closed without an answer."""
        outlet = HOSTS.get(urlsplit(url).hostname or "", "")
        return Answers("nothing") in _of(self.now(), outlet, Answers)


class YearHandler(Handler):
    """Tells the true time of the year in its Date header."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        newsroom = self.newsroom
        assert isinstance(newsroom, YearNewsroom)
        return format_datetime(newsroom.now().replace(microsecond=0), usegmt=True)

    def do_GET(self) -> None:
        newsroom = self.newsroom
        if isinstance(newsroom, YearNewsroom) and newsroom.is_mute(self._url()):
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        super().do_GET()


_What = TypeVar("_What")


def _of(now: datetime, subject: str, kind: type[_What]) -> list[_What]:
    """What of a kind holds for a subject now, the oldest first."""
    return [event.what for event in _events(subject) if event.at <= now < event.until and isinstance(event.what, kind)]


@cache
def _events(subject: str) -> tuple[Event, ...]:
    return tuple(event for event in EVENTS if event.subject == subject)


@cache
def _stories() -> dict[str, Story]:
    return {urlsplit(story.address).path: story for story in STORIES}


def _troubled(url: str, how: int | str, outlet: str) -> Answer:
    if isinstance(how, int):
        return Answer(url, how)
    return Answer(url, 302, location=_LOGIN if how == "login" else _FRONT[outlet])


def _page(url: str, title: str, body: str) -> Answer:
    text = f"<!DOCTYPE html>\n<html><head><title>{title}</title>{_LABEL}</head><body>{body}</body></html>\n"
    return Page(url, 200, content_type="text/html; charset=utf-8", text=text)


def _story(url: str, story: Story, now: datetime) -> Answer:
    for trouble in _of(now, story.key, Answers):
        if trouble.how == "says-gone":
            return _page(url, "Page not found", "<h1>Page not found</h1><p>The page you want has been deleted.</p>")
        if trouble.how != "emptied":
            return _troubled(url, trouble.how, story.outlet)
    text = render(story, now)
    return Page(url, 200, content_type="text/html; charset=utf-8", etag=story.tagged, text=text)


def wording(story: Story, now: datetime) -> tuple[str, tuple[str, ...]]:
    """Title and paragraphs of a report at a time."""
    title, body = story.title, story.body
    for edit in _of(now, story.key, Edit):
        title = title.replace(edit.was, edit.became)
        body = tuple(paragraph.replace(edit.was, edit.became) for paragraph in body)
    return title, tuple(paragraph for paragraph in body if paragraph)


def render(story: Story, now: datetime) -> str:
    """A report's page as it is served at a time."""
    shape = story.shape
    for redesign in _of(now, story.outlet, Redesign):
        shape = redesign.into if redesign.shape == shape else shape
    title, body = wording(story, now)
    emptied = Answers("emptied") in _of(now, story.key, Answers)
    indent = "　　" if shape in ("xl-2019", "datasource-2026") else ""
    printed = story.published.astimezone(_BEIJING) if story.outlet == "xinhua" else story.published
    moment = int(now.timestamp()) if story.restless else 0
    path = urlsplit(story.address).path
    return _shape(shape).substitute(
        id=path.removesuffix("/c.html").removesuffix(".htm").rpartition("/")[2],
        title=html.escape(title, quote=False),
        body="" if emptied else "\n".join(f"<p>{indent}{html.escape(text, quote=False)}</p>" for text in body),
        date=f"{printed:%Y-%m-%d}",
        time=f"{printed:%Y-%m-%d %H:%M:%S}",
        year=f"{printed:%Y}",
        month=f"{printed:%m}",
        day=f"{printed:%d}",
        clock=f"{printed:%H:%M:%S}",
        iso=printed.isoformat(),
        counter=f"{1_000 + moment % 86_399:,}",
        others="".join(f"<li>{link}</li>" for link in _others(story, moment)),
        rendered=f"Rendered {now:%Y-%m-%d %H:%M:%S}." if story.restless else "",
    )


@cache
def _shape(name: str) -> Template:
    return Template((SHAPES / f"{name}.html").read_text("utf-8"))


def _others(story: Story, moment: int) -> Iterator[str]:
    """Links to three other pages, for a sidebar: at another moment, to others."""
    path = urlsplit(story.address).path
    for number in range(moment, moment + 3):
        title = ("More like this", "Most read", "Do not miss", "From the archive")[number % 4]
        yield f'<a href="{path}?most-read={number % 997}">{title} ({number % 997})</a>'


_LISTS = {"/local/": "zh", "/list/latestnews.htm": "en", "/feed/": "tnw"}


def _list(url: str, path: str, now: datetime) -> Answer:
    """The youngest reports. A host that has moved is named by its new name."""
    which = _LISTS[path]
    shown = sorted(
        (
            story
            for story in STORIES
            if story.published <= now
            and story.outlet == HOSTS[urlsplit(url).hostname or ""]
            and (which == "tnw" or (which == "en") == story.shape.startswith("english"))
        ),
        key=lambda story: story.published,
        reverse=True,
    )[:_LISTED]
    addresses = {story.key: _address(story, now) for story in shown}
    titles = {story.key: html.escape(wording(story, now)[0], quote=False) for story in shown}
    if which != "tnw":
        items = "".join(f'<li><a href="{addresses[story.key]}">{titles[story.key]}</a></li>' for story in shown)
        text = f"<!DOCTYPE html>\n<html><head><title>List</title>{_LABEL}</head><body><ul>{items}</ul></body></html>\n"
        return Page(url, 200, content_type="text/html; charset=utf-8", etag=True, text=text)
    items = "".join(
        f"<item><title>{titles[story.key]}</title><link>{addresses[story.key]}</link>"
        f"<pubDate>{format_datetime(story.published, usegmt=True)}</pubDate></item>\n"
        for story in shown
    )
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n{_LABEL}\n<rss version="2.0"><channel>{items}</channel></rss>\n'
    return Page(url, 200, content_type="application/rss+xml; charset=utf-8", etag=True, text=text)


def _address(story: Story, now: datetime) -> str:
    host = urlsplit(story.address).hostname or ""
    for move in _of(now, host, Move):
        return story.address.replace(host, move.to, 1)
    return story.address
