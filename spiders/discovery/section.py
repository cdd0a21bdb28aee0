"""Section pages: HTML with links to reports, and names of JSON lists that a script would load."""

from __future__ import annotations

import re
from urllib.parse import urljoin

from items import Link
from spiders.addresses import absolute
from spiders.page import Page

_DATASOURCE = re.compile(r"datasource:([0-9a-zA-Z]+)")


def links(page: Page) -> list[Link]:
    """Every `a[href]` in document order (the outlet keeps those of its own), and `data="datasource:<id>"` lists as
    `ds_<id>.json` beside the page: that is where the CMS of news.cn puts them."""
    base = absolute(page.url, page.selector.xpath("string(//base/@href)").get() or "") or page.url
    found: dict[str, Link] = {}
    for anchor in page.selector.xpath("//a[@href]"):
        address = absolute(base, anchor.attrib["href"])
        title = " ".join("".join(anchor.xpath(".//text()").getall()).split())
        if address and (address not in found or (title and not found[address].title)):
            found[address] = Link(address, title)
    for value in page.selector.xpath("//@data[contains(., 'datasource:')]").getall():
        for name in _DATASOURCE.findall(value):
            address = urljoin(page.url, f"ds_{name}.json")
            found[address] = Link(address, kind="listing")
    return list(found.values())
