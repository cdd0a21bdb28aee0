"""The Next Web (TNW)."""

from __future__ import annotations

import re

from spiders.outlet import Domain, Outlet
from spiders.outlets import tnw_pages


class Tnw(Outlet):
    """Technology news from Amsterdam, which has often repeated Xinhua. deals.thenextweb.com is a shop, not news."""

    name = "tnw"
    title_en, title_local = "The Next Web", "The Next Web"
    country, languages = "NL", ("en",)
    outlet_kind, control, owner = "secondary", "private", "Cogneve, Inc. (as its pages say in 2026)"
    timezone = ""  # pages with a time state its offset; the others give a day alone
    aliases = ("The Next Web", "TNW", "thenextweb.com")
    domains = (Domain("thenextweb.com", since="2008"), Domain("www.thenextweb.com", into="thenextweb.com"))
    every, budget = 120, 800
    lists = (
        "https://thenextweb.com/feed/",
        "https://thenextweb.com/latest",
        "https://thenextweb.com/sitemap-articles-index.xml",
    )
    report_paths = re.compile(r"thenextweb\.com/news/[\w%-]+$")
    listing_paths = re.compile(r"thenextweb\.com/(?:latest(?:/page/\d+)?|sitemap[\w-]*\.xml(?:\.gz)?)/?$")
    older_lists = re.compile(r"thenextweb\.com/latest/page/\d+/?$")
    # Old posts moved to /news/<slug>; WordPress had made their slugs unique.
    moved = (
        (re.compile(r"(thenextweb\.com)/(?:[\w-]+/)?\d{4}/\d\d/\d\d/([\w%-]+)(?:/amp)?/?$"), r"\1/news/\2"),
        (re.compile(r"(thenextweb\.com)/news/([\w%-]+)(?:/amp)?/?$"), r"\1/news/\2"),
    )
    layouts = tnw_pages.LAYOUTS
