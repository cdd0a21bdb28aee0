"""Printed times, in every form that the pages at hand print."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.dates import PrintedTime, read_time


@pytest.mark.parametrize(
    ("printed", "iso", "precision"),
    [
        ("2005年08月16日　来源：新华网", "2005-08-16", "day"),
        ("2024年04月24日23:52 | 来源：新华网", "2024-04-24T23:52", "minute"),
        ("2012年07月10日 22:13 来源：新华网", "2012-07-10T22:13", "minute"),
        ("2026年9月15日 下午4时53分", "2026-09-15T16:53", "minute"),
        ("2026年9月15日（星期二） 08:05:09", "2026-09-15T08:05:09", "second"),
        ("2012-06-04 09:20:26", "2012-06-04T09:20:26", "second"),
        (" 2019-12-10 07:57:40", "2019-12-10T07:57:40", "second"),
        ("2023 11/ 17 20:52:15", "2023-11-17T20:52:15", "second"),
        ("２０１２－０６－０４　０９：２０", "2012-06-04T09:20", "minute"),
        ("发布：2026-05-10 06:30:46", "2026-05-10T06:30:46", "second"),
        ("Source: Xinhua| 2020-08-17 22:11:14", "2020-08-17T22:11:14", "second"),
        ("2023/02/21 21:20", "2023-02-21T21:20", "minute"),
        ("2026-09-15", "2026-09-15", "day"),
        ("12 December '14, 10:58am", "2014-12-12T10:58", "minute"),
        ("12 December ’14, 10:58pm", "2014-12-12T22:58", "minute"),
        ("9th November 2011", "2011-11-09", "day"),
        ("This article was published on July 26, 2012", "2012-07-26", "day"),
        ("Published: Jul 06, 2026 06:19 PM", "2026-07-06T18:19", "minute"),
        ("May 18, 2022 - 10:52 am", "2022-05-18T10:52", "minute"),
        ("Sept. 3, 2015", "2015-09-03", "day"),
        ("20 Nov, 2019 05:47", "2019-11-20T05:47", "minute"),
        ("19:49, 21-Jan-2019", "2019-01-21T19:49", "minute"),
        ("1 January 2020, 12:30am", "2020-01-01T00:30", "minute"),
        ("1 January 2020, 12:30 p.m.", "2020-01-01T12:30", "minute"),
        ("2020-01-01 24:00", "2020-01-02T00:00", "minute"),
    ],
)
def test_time_without_zone_is_read_as_it_stands(printed: str, iso: str, precision: str) -> None:
    time = read_time(printed)
    assert (time.iso(), time.precision, time.offset) == (iso, precision, None)


@pytest.mark.parametrize(
    ("printed", "iso", "hours"),
    [
        ("2014-12-12T10:58:03+01:00", "2014-12-12T10:58:03", 1),
        ("2020-06-29T00:16:15+0300", "2020-06-29T00:16:15", 3),
        ("2022-04-26T11:35:00-04:00", "2022-04-26T11:35:00", -4),
        ("2016-10-25T20:35:14Z", "2016-10-25T20:35:14", 0),
        ("2019-11-20T07:50:10.123Z", "2019-11-20T07:50:10", 0),
        ("2019-01-16 09:10 GMT+8", "2019-01-16T09:10", 8),
        ("Nov 20, 2019 08:00 GMT", "2019-11-20T08:00", 0),
        ("1418378283", "2014-12-12T09:58:03", 0),
        ("1418378283000", "2014-12-12T09:58:03", 0),
    ],
)
def test_zone_that_is_printed_is_kept(printed: str, iso: str, hours: int) -> None:
    time = read_time(printed)
    assert (time.iso(), time.offset) == (iso, timedelta(hours=hours))


def test_utc_is_the_printed_time_less_what_the_clock_is_ahead() -> None:
    time = read_time("2019-12-10 07:57:40")
    assert time.utc(timedelta(hours=8)) == "2019-12-09T23:57:40Z"


def test_first_of_several_times_counts() -> None:
    assert read_time("Published: 2019-11-20 08:00 | Updated: 2019-11-21 09:30").iso() == "2019-11-20T08:00"


@pytest.mark.parametrize(
    "printed",
    ["", "no date", "2019-02-30", "2019-13-01 10:00", "2019-12-10 25:00", "32 May 2011", "2026年9月31日", "13:00 pm"],
)
def test_text_without_a_possible_time_is_refused_aloud(printed: str) -> None:
    with pytest.raises(ValueError, match=printed or "''"):
        read_time(printed)


SECONDS = st.datetimes(datetime(1950, 1, 1), datetime(2099, 12, 31)).map(lambda moment: moment.replace(microsecond=0))


@given(
    SECONDS, st.sampled_from(["%Y-%m-%d %H:%M:%S", "%Y年%m月%d日%H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S"])
)
def test_every_second_comes_back_from_numeric_forms(moment: datetime, form: str) -> None:
    assert read_time(f"来源：新华网 {moment.strftime(form)} 编辑") == PrintedTime(moment, "second")


@given(SECONDS, st.sampled_from(["%d %B %Y, %I:%M%p", "%B %d, %Y %I:%M %p", "%b %d, %Y - %H:%M", "%H:%M, %d-%b-%Y"]))
def test_every_minute_comes_back_from_english_forms(moment: datetime, form: str) -> None:
    assert read_time(moment.strftime(form)) == PrintedTime(moment.replace(second=0), "minute")


@given(SECONDS, st.integers(-12 * 60, 14 * 60))
def test_iso_with_an_offset_names_the_same_instant(moment: datetime, minutes: int) -> None:
    zoned = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    time = read_time(zoned.isoformat())
    assert time.offset == timedelta(minutes=minutes)
    assert time.utc(time.offset) == zoned.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@given(st.integers(1_000_000_000, 4_000_000_000))
def test_seconds_since_1970_are_utc(seconds: int) -> None:
    time = read_time(str(seconds))
    assert time.local.replace(tzinfo=UTC).timestamp() == seconds


@given(st.text(max_size=80))
def test_no_text_fails_in_any_other_way(printed: str) -> None:
    try:
        read_time(printed)
    except ValueError as error:
        assert repr(printed) in str(error)
