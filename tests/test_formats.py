"""How the reading room writes times, numbers and names."""

from __future__ import annotations

from publish import formats


def test_a_time_says_how_much_of_it_is_known() -> None:
    assert formats.utc("2012-07-26T09:30:05Z") == "26 July 2012, 09:30 UTC"
    assert formats.utc("2012-07-26T09:30:05Z", "second") == "26 July 2012, 09:30:05 UTC"
    assert formats.utc("2012-07-26", "day") == "26 July 2012"
    assert formats.utc("2012-07-26T09:30:05Z", "day") == "26 July 2012"
    assert formats.utc("2012-07-26T09:30", "minute") == "26 July 2012, 09:30 (zone unknown)"
    assert formats.utc(None) == formats.utc("") == ""


def test_the_outlets_own_time_names_its_zone() -> None:
    assert formats.local("2012-07-26T17:30:00", "minute", "Asia/Shanghai") == "26 July 2012, 17:30 (Asia/Shanghai)"
    assert formats.local("2012-07-26T17:30:59", "second", "") == "26 July 2012, 17:30:59"
    assert formats.local("2012-07-26", "day", "Asia/Shanghai") == ""


def test_days_and_months_are_written_out() -> None:
    assert formats.day("2012-07-01T00:00:00Z") == formats.day(20120701) == "1 July 2012"
    assert formats.day("26/07/2012") == "26/07/2012"
    assert formats.day(None) == ""
    assert formats.month("2012-12") == "December 2012"


def test_numbers_have_their_commas_and_nouns_their_number() -> None:
    assert formats.number(1234567) == "1,234,567"
    assert formats.plural(1, "report") == "1 report"
    assert formats.plural(1000, "report") == "1,000 reports"
    assert formats.plural(2, "entry", "entries") == "2 entries"
    assert [formats.size(of) for of in (999, 47_600, 12_000_000, 63_400_000_000)] == [
        "999 bytes",
        "48 KB",
        "12 MB",
        "63 GB",
    ]


def test_only_web_addresses_may_be_links() -> None:
    assert formats.is_web("http://news.example/a")
    assert formats.is_web("HTTPS://news.example/a")
    for address in ("javascript:alert(1)", " http://x", "data:text/html,x", "//x", "", None, 7):
        assert not formats.is_web(address)


def test_codes_have_names_and_unknown_ones_stay() -> None:
    assert formats.language("zh-Hans") == "Chinese (simplified)"
    assert formats.language("sw") == "sw"
    assert formats.state("suspected") == "not found at the last look"
    assert formats.kind("secondary") == "secondary coverage"
