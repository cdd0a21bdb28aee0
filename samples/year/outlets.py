"""The outlets of the year: the real descriptions, with fewer lists, which are read once a day or every other day."""

from __future__ import annotations

from spiders.outlets import tnw, xinhua


class Xinhua(xinhua.Xinhua):
    """One list a language."""

    name = "xinhua"
    every = 24 * 60
    lists = ("http://www.news.cn/local/", "http://english.news.cn/list/latestnews.htm")


class Tnw(tnw.Tnw):
    """Its feed alone."""

    name = "tnw"
    every = 48 * 60
    lists = ("http://thenextweb.com/feed/",)  # type: ignore[assignment]  # of three
