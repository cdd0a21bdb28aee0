"""Many addresses fold to one report, and different pages stay apart."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders import addresses
from spiders.addresses import tidy
from spiders.outlets.tnw import Tnw
from spiders.outlets.xinhua import Xinhua

STORY = "https://www.news.cn/world/2019-12/10/c_1125327450.htm"


@pytest.mark.parametrize(
    "address",
    [
        "http://www.xinhuanet.com/world/2019-12/10/c_1125327450.htm",
        "https://www.news.cn/world/2019-12/10/c_1125327450.htm#top",
        "http://news.xinhuanet.com/world/2019-12/10/c_1125327450.htm?from=timeline&isappinstalled=0",
        "http://m.xinhuanet.com//world/2019-12/10/./c_1125327450.htm",
        "HTTP://WWW.XINHUANET.COM:80/world/2019-12/10/c_1125327450.htm",
    ],
)
def test_xinhua_addresses_of_one_report_fold_to_the_present_domain(address: str) -> None:
    assert Xinhua.canonical(address) == STORY


def test_local_channels_keep_their_own_host() -> None:
    address = "http://chinaneast.xinhuanet.com/jizhe/2005-08/16/content_4894059.htm"
    assert Xinhua.canonical(address) == "https://chinaneast.xinhuanet.com/jizhe/2005-08/16/content_4894059.htm"
    assert Xinhua.kind_of(address) == "report"


@pytest.mark.parametrize(
    "address",
    [
        "http://thenextweb.com/asia/2012/07/26/chinese-police-net-10000-arrests/",
        "https://thenextweb.com/news/chinese-police-net-10000-arrests",
        "https://www.thenextweb.com/news/chinese-police-net-10000-arrests/?utm_source=social&utm_medium=feed",
        "https://thenextweb.com/news/chinese-police-net-10000-arrests/amp",
    ],
)
def test_a_tnw_post_is_one_report_before_and_after_it_moved(address: str) -> None:
    assert Tnw.canonical(address) == "https://thenextweb.com/news/chinese-police-net-10000-arrests"


@pytest.mark.parametrize(
    ("outlet", "address", "kind"),
    [
        (Xinhua, "https://www.news.cn/milpro/20260915/0074c446a6e3424497388305302fd433/c.html", "report"),
        (Xinhua, "https://english.news.cn/20240101/0074c446a6e3424497388305302fd433/c.html", "report"),
        (Xinhua, "http://news.xinhuanet.com/english/2015-12/03/c_134870529_2.htm", "report"),
        (Xinhua, "https://www.news.cn/politics/ds_a6d618872de143bdafa2556915a7ae12.json", "listing"),
        (Xinhua, "https://www.news.cn/politics/", "listing"),
        (Xinhua, "https://www.news.cn/", "other"),
        (Xinhua, "https://thenextweb.com/news/a-story", "other"),
        (Xinhua, "https://fakenews.cn/world/2019-12/10/c_1125327450.htm", "other"),
        (Tnw, "https://thenextweb.com/latest/page/3", "listing"),
        (Tnw, "https://deals.thenextweb.com/sales/a-year-of-anime", "other"),
        (Tnw, "https://thenextweb.com/about", "other"),
    ],
)
def test_the_outlet_knows_what_an_address_holds(outlet: type, address: str, kind: str) -> None:
    assert outlet.kind_of(address) == kind


@pytest.mark.parametrize("address", ["javascript:alert(1)", "mailto:a@b.example", "file:///etc/passwd", "https://", ""])
def test_what_is_no_web_address_is_refused_by_name(address: str) -> None:
    with pytest.raises(ValueError, match="no web address"):
        tidy(address)


def test_parameters_that_choose_the_page_stay_and_tracking_goes() -> None:
    assert tidy("http://a.example/list?page=2&utm_campaign=x&cat=b&fbclid=1") == "https://a.example/list?cat=b&page=2"


HOSTS = st.sampled_from(["www.news.cn", "thenextweb.com", "a.example", "sub.b.example:8080"])
PATHS = st.lists(st.text(string.ascii_letters + string.digits + "-_.~%/中é ", max_size=12), max_size=4).map("/".join)
QUERIES = st.lists(
    st.tuples(st.text("abcfromutm_", min_size=1, max_size=6), st.text("ab1 &=%中", max_size=5)), max_size=3
)


@given(st.sampled_from(["http", "https"]), HOSTS, PATHS, QUERIES)
def test_folding_twice_is_folding_once(scheme: str, host: str, path: str, query: list[tuple[str, str]]) -> None:
    address = f"{scheme}://{host}/{path}" + ("?" + "&".join(f"{k}={v}" for k, v in query) if query else "")
    once = tidy(address)
    assert tidy(once) == once
    for outlet in (Xinhua, Tnw):
        folded = outlet.canonical(address)
        assert outlet.canonical(folded) == folded


@given(PATHS)
def test_scheme_never_tells_two_reports_apart(path: str) -> None:
    assert tidy(f"http://a.example/{path}") == tidy(f"https://a.example/{path}")


@given(st.text(max_size=60))
def test_any_text_is_folded_or_refused(text: str) -> None:
    try:
        assert tidy(text).startswith("https://")
    except ValueError as error:
        assert str(error)


@given(st.from_regex(addresses._PLAIN, fullmatch=True).filter(lambda url: len(url) < addresses._SHORT))
def test_a_plain_address_is_tidied_as_any_other(url: str) -> None:
    assert tidy(url) == addresses._tidied(url)
