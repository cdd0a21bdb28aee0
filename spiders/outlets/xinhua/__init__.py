"""Xinhua News Agency (新华社), in Chinese and English."""

from __future__ import annotations

import re
from typing import ClassVar
from urllib.parse import urljoin

from items import Capture
from spiders.outlet import Domain, Outlet
from spiders.outlets.xinhua import chinese, english


class Xinhua(Outlet):
    """The state news agency of China. Its page addresses name a CMS id, which is not monotonic in time."""

    name = "xinhua"
    title_en, title_local = "Xinhua News Agency", "新华社"
    country, languages = "CN", ("zh-Hans", "en")
    outlet_kind, control, owner = "state", "state-owned", "State Council of the People's Republic of China"
    timezone = "Asia/Shanghai"
    aliases = (
        "新华社",
        "新华网",
        "新华通讯社",
        "Xinhua",
        "Xinhua News Agency",
        "Xinhuanet",
        "New China News Agency",
    )
    domains = (
        Domain("www.news.cn", since="2021"),
        Domain("english.news.cn", since="2010"),
        Domain("www.xinhuanet.com", since="2000", until="2021", into="www.news.cn"),
        Domain("news.xinhuanet.com", since="2000", until="2017", into="www.news.cn"),
        Domain("m.xinhuanet.com", until="2021", into="www.news.cn"),
        Domain("m.news.cn", since="2021", into="www.news.cn"),
        Domain("xinhuanet.com", since="2000", into="www.news.cn"),  # local channels below it keep their own hosts
        Domain("news.cn", since="2010", into="www.news.cn"),
        Domain("www.chinaview.cn", until="2010", into="www.news.cn"),
    )
    every, budget = 30, 4_000  # some twenty lists, and a few hundred reports a day
    lists: ClassVar[tuple[str, ...]] = (
        "https://www.news.cn/politics/",
        "https://www.news.cn/world/",
        "https://www.news.cn/local/",
        "https://www.news.cn/fortune/",
        "https://www.news.cn/milpro/",
        "https://english.news.cn/list/latestnews.htm",
        "https://english.news.cn/china/index.htm",
        "http://www.xinhuanet.com/english/rss/worldrss.xml",
        "http://www.xinhuanet.com/english/rss/chinarss.xml",
    )
    report_paths = re.compile(
        r"[^/]+/(?:.*/)?(?:\d{8}/[0-9a-f]{8,32}/c\.html|\d{4}-\d\d[/-]\d\d/(?:c|content)_\d+(?:_\d+)?\.html?)$"
    )
    listing_paths = re.compile(r"[^/]+/(?:.*/)?ds_[0-9a-z]+\.json$")
    layouts = (*chinese.LAYOUTS, *english.LAYOUTS)

    @classmethod
    def parts(cls, capture: Capture) -> list[str]:
        """c_134870529.htm is cut into c_134870529_2.htm, …; each page links all of them."""
        stem = re.search(r"((?:c|content)_\d+)(?:_\d+)?\.html?$", capture.url)
        if not stem or stem.group(1).encode() + b"_" not in capture.body:
            return []
        names = re.findall(rb"[\"'/=](%s(?:_\d+)?\.html?)[\"'\s>]" % stem.group(1).encode(), capture.body)
        addresses = dict.fromkeys(urljoin(capture.url, name.decode()) for name in names)
        return [address for address in addresses if cls.canonical(address) != cls.canonical(capture.url)]
