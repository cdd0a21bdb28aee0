"""A crawl keeps the delays that it was asked for, and waits before it asks again."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from conftest import Place

from archive.retry_after import retry_after
from samples.newsroom import Newsroom

NOW = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        ("0", 0.0),
        ("Tue, 24 Nov 2026 12:01:30 GMT", 90.0),
        ("Tue, 24 Nov 2026 11:00:00 GMT", 0.0),  # past
        ("", 0.0),
        ("soon", 0.0),
        ("-5", 0.0),
        ("٣", 0.0),  # a digit, but no number of HTTP's
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(value: str, seconds: float) -> None:
    assert retry_after(value, NOW) == seconds


def test_the_delay_of_an_outlet_holds_across_its_hosts(place: Place, newsroom: Newsroom) -> None:
    place.crawl("tnw", "--set", "DOWNLOAD_DELAY=0.2", "--set", "DOWNLOAD_DELAY_JITTER=0", "--limit", "3")
    times = [entry.time for entry in newsroom.log if not entry.url.endswith("/robots.txt")]
    assert len(times) >= 6
    # Lower bounds only: a loaded machine can be slower, never faster.
    assert all(later - earlier >= 0.15 for earlier, later in pairwise(sorted(times)))


def test_crawl_delay_of_robots_txt_is_kept_up_to_a_limit(place: Place, newsroom: Newsroom) -> None:
    """The sample TNW asks for a Crawl-delay; CRAWL_DELAY_MAX bounds how far that is believed."""
    place.crawl("tnw", "--set", "CRAWL_DELAY_MAX=0.3", "--set", "DOWNLOAD_DELAY_JITTER=0", "--limit", "2")
    times = sorted(entry.time for entry in newsroom.log if not entry.url.endswith("/robots.txt"))
    gaps = [later - earlier for earlier, later in pairwise(times)]
    # The first requests leave with robots.txt still unread on their host's side of the slot.
    assert sum(gap >= 0.25 for gap in gaps) >= len(gaps) - 2


def test_every_request_names_its_contact(place: Place, newsroom: Newsroom) -> None:
    import settings

    place.crawl("tnw", "--limit", "1")
    assert "contact:" in settings.USER_AGENT
    assert {entry.headers["User-Agent"] for entry in newsroom.log} == {settings.USER_AGENT}
