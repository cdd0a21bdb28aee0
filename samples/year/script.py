"""The script of the year: which reports there are, what the newsroom does and when, and what the ledger must say.

Times are UTC. Nothing in it happened, and nobody in it exists.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

BEGINS = datetime(2027, 1, 1, 2, tzinfo=UTC)
ENDS = datetime(2028, 1, 1, 2, tzinfo=UTC)
TIMEZONE = "America/New_York"  # of the machine: its clocks go forward on 14 March, and back on 7 November at 06:00 UTC


@dataclass(frozen=True, slots=True)
class Story:
    """A report as it was published. `restless`: its page's furniture differs at every look; `tagged`: its answers carry
    an ETag, so that an unchanged page costs a 304."""

    key: str
    outlet: str
    address: str
    shape: str  # of its page: a file in shapes/
    published: datetime
    title: str
    body: tuple[str, ...]
    restless: bool = False
    tagged: bool = True


# What happens to one report, to an outlet (its id), to a host or to the machine that crawls.


@dataclass(frozen=True, slots=True)
class Edit:
    """The report says `became` where it said `was`; a paragraph of which nothing is left goes."""

    was: str
    became: str


@dataclass(frozen=True, slots=True)
class Answers:
    """Every page of the subject answers so: a status, or "says-gone" (a page of status 200 that says so), "emptied"
    (the template without the text), "front" (redirected to the front page), "login" (to a page that asks for a
    password) or "nothing" (the connection is closed)."""

    how: int | str


@dataclass(frozen=True, slots=True)
class Redesign:
    """Pages of one shape are served in another, those of old reports too."""

    shape: str
    into: str


@dataclass(frozen=True, slots=True)
class Move:
    """Every address of the host leads to the same path on another one."""

    to: str


@dataclass(frozen=True, slots=True)
class Forbid:
    """robots.txt of the host forbids a path."""

    path: str


@dataclass(frozen=True, slots=True)
class SetClock:
    """The machine's clock is put forward by so many minutes, or back, half an hour after its next run."""

    minutes: int


@dataclass(frozen=True, slots=True)
class SwitchOff:
    """The machine is off."""


@dataclass(frozen=True, slots=True)
class CutOff:
    """The machine has no network: every connection is refused."""


What = Edit | Answers | Redesign | Move | Forbid | SetClock | SwitchOff | CutOff


# What the ledger must say of an event.


@dataclass(frozen=True, slots=True)
class Version:
    """One more version of the report, of these kinds."""

    kinds: str


@dataclass(frozen=True, slots=True)
class Takedown:
    """One spell in which the report was missing: its state at the end of the year, and its cause."""

    state: str
    cause: str


@dataclass(frozen=True, slots=True)
class Outage:
    """Days on which the outlets answered nothing at all."""

    days: tuple[str, ...]
    outlets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Alarm:
    kind: str
    outlet: str | None


Finding = Version | Takedown | Outage | Alarm


@dataclass(frozen=True, slots=True)
class Event:
    """What happens to the subject `at` a time, for good or `until` another. `finds` is all that the ledger says of it:
    nothing for what is neither an edit nor a takedown nor an outage."""

    at: datetime
    subject: str
    what: What
    says: str
    finds: tuple[Finding, ...] = ()
    until: datetime = field(default=ENDS + timedelta(days=1))


def _time(text: str) -> datetime:
    """ "03-15 08:00" of the year, or a whole ISO date and time."""
    return datetime.fromisoformat((text if len(text) > 11 else f"2027-{text}") + "+00:00")


_ENGLISH = "http://english.news.cn/{day:%Y%m%d}/{id:032x}/c.html"
_CHINESE = "http://www.xinhuanet.com/{section}/{day:%Y-%m/%d}/c_{id}.htm"
_INVENTED = "This is an invented sample report of Dateline; nothing in it happened."
_INVENTED_CHINESE = "（本文是Dateline的虚构样例，所述并非事实。）"


def _english(key: str, id: int, published: str, title: str, *body: str, restless: bool = False) -> Story:
    day = _time(published)
    address = _ENGLISH.format(day=day, id=id)
    return Story(key, "xinhua", address, "english-2022", day, title, (*body, _INVENTED), restless, not restless)


def _chinese(
    key: str, id: int, section: str, published: str, title: str, *body: str, restless: bool = False, tagged: bool = True
) -> Story:
    day = _time(published)
    address = _CHINESE.format(section=section, day=day, id=id)
    text = (*body, _INVENTED_CHINESE)
    return Story(key, "xinhua", address, "xl-2019", day, title, text, restless, tagged and not restless)


def _tnw(key: str, slug: str, published: str, title: str, *body: str, restless: bool = False) -> Story:
    address = f"http://thenextweb.com/news/{slug}"
    text = (*body, _INVENTED)
    return Story(key, "tnw", address, "tnw-2014", _time(published), title, text, restless, not restless)


STORIES = (
    # Before the year begins: one of each shape whose page never looks the same twice.
    _english(
        "bridge",
        0x5A17E0D1,
        "2026-12-21 01:10",
        "Longest bridge of Lanyu opens to traffic",
        "WANGLAN, Dec. 21 (Xinhua) -- A bridge of 11.6 km across the Strait of Lanyu, the longest of the province, "
        "opened to traffic on Monday.",
        "It cuts the way from Wanglan to Qingjiao from two hours to 20 minutes, said Gu Yangli, deputy head of the "
        "provincial transport bureau.",
        "About 18,000 vehicles are expected a day.",
        restless=True,
    ),
    _chinese(
        "harvest",
        1140221001,
        "fortune",
        "2026-12-21 01:10",
        "澜屿省冬捕产量稳中有升",
        "新华社望澜12月21日电（记者林望舒）记者21日从澜屿省渔业局获悉，今年冬捕开始以来，全省已捕鱼6.4万吨，同比增长3.1%。",
        "这个局副局长顾样例说，今年渔船全部装上了定位设备，没有发生一起迷航。",
        restless=True,
    ),
    _tnw(
        "maps",
        "the-map-that-shows-every-buoy",
        "2026-12-21 01:10",
        "The map that shows every buoy in Valdoria",
        "A student in Amaris has put all 3,120 buoys of Valdoria on one map, and the coast guard now uses it too.",
        "The map costs 19 euros a month to run, she says, most of which goes to the weather service.",
        restless=True,
    ),
    # March.
    _english(
        "ferry",
        0xFE2271,
        "03-15 01:10",
        "Night ferry between Lanyu and Kestrel Islands resumes",
        "WANGLAN, March 15 (Xinhua) -- The night ferry between Lanyu and the Kestrel Islands resumed on Monday after a "
        "break of seven months.",
        "The ferry takes 640 passengers and 90 cars, the operator said.",
        "Some residents said that the fare was too high for them.",
        "Tickets are sold online until two hours before departure.",
    ),
    _english(
        "tram",
        0x72A3,
        "03-15 01:10",
        "Accident at tram depot injures dozens in Wanglan",
        "WANGLAN, March 15 (Xinhua) -- An accident at a tram depot in Wanglan left 42 people injured on Monday "
        "morning, the city's emergency bureau said.",
        "The injured were taken to three hospitals, and none of them is in danger.",
        "The depot has been closed, and the cause is being looked into.",
    ),
    _chinese(
        "lighthouse",
        1140221002,
        "local",
        "03-15 01:10",
        "望澜灯塔修缮后重新开放",
        "新华社望澜3月15日电（记者江晚晴）始建于1893年的望澜灯塔经过14个月修缮，15日重新向公众开放。",
        "修缮工程共更换石料260块，更新了灯室的全部玻璃。",
        "灯塔每天限流800人，市民可通过手机预约。",
        tagged=False,
    ),
    _tnw(
        "gulls",
        "gulls-learn-to-dodge-delivery-drones",
        "03-15 01:10",
        "Gulls learn to dodge delivery drones",
        "The gulls of Amaris have learned to keep out of the way of delivery drones, a study of 1,200 flights says.",
        "Three in four birds now turn away before a drone comes within 30 metres.",
        "The authors think that the birds learn it from each other.",
    ),
    _tnw(
        "drones",
        "the-city-that-lets-drones-fly-at-night",
        "03-15 01:10",
        "The city that lets drones fly at night",
        "Amaris will let drones fly between midnight and five in the morning, when the trams stand still.",
        "The city expects 400 flights a night and has set a limit of 55 decibels.",
        "Neigbours of the two landing sites may complain by text message.",
    ),
    # At the end of March.
    _english(
        "dam",
        0xDA3,
        "03-29 01:10",
        "Cracks found in dam above Qingjiao, officials say it is safe",
        "WANGLAN, March 29 (Xinhua) -- Cracks up to 12 meters long were found in the Qingjiao dam in Lanyu Province, "
        "the water bureau said on Monday.",
        "The water level has been lowered by 4.5 meters as a precaution, according to the bureau.",
        "The dam is safe, said Song Yangli, chief engineer of the bureau.",
    ),
    _english(
        "kelp",
        0xCE19,
        "03-29 01:10",
        "Kelp farms of Lanyu to be surveyed from space",
        "WANGLAN, March 29 (Xinhua) -- A satellite will survey the kelp farms of Lanyu Province twice a month from "
        "April, the fisheries bureau said on Monday.",
        "The farms cover about 21,000 hectares.",
    ),
    _chinese(
        "lamp",
        1140221003,
        "local",
        "03-29 01:10",
        "青礁县试点智能路灯 部分居民反映夜间过亮",
        "新华社望澜3月29日电（记者韩澍）澜屿省青礁县29日起在5条街道试点智能路灯，路灯可根据车流调节亮度。",
        "部分居民反映，路灯夜间过亮，影响休息。县城管局表示将在一周内调整。",
    ),
    _english(
        "mill",
        0x3111,
        "03-29 01:10",
        "Old paper mill in Qingjiao to become a museum",
        "WANGLAN, March 29 (Xinhua) -- A paper mill of 1911 in Qingjiao County will become a museum, the county said "
        "on Monday.",
        "The mill employed 370 people until 1996.",
    ),
    _tnw(
        "recipe",
        "an-app-that-cooks-for-one",
        "03-29 01:10",
        "An app that cooks for one",
        "A cook in Amaris has written an app with 365 recipes for people who eat alone.",
        "It sells for 4 euros, and 11,000 people have bought it.",
    ),
    _tnw(
        "lens",
        "a-lens-printed-from-sand",
        "03-29 01:10",
        "A lens printed from sand",
        "A workshop in Amaris prints lenses from sand, and sells them for 7 euros each.",
        "They are not as clear as ground ones, but they float.",
    ),
    # Published while its page is in a layout that nobody has described.
    _english(
        "kites",
        0xC17E5,
        "04-06 01:10",
        "Kites power lights on Lanyu's outer islands",
        "WANGLAN, April 6 (Xinhua) -- Four kites tied to a buoy have begun to power the street lights of Lanyu's outer "
        "islands, the provincial energy bureau said on Tuesday.",
        "Each of them brings 20 kilowatts in a fresh wind.",
    ),
    # Summer, autumn.
    _chinese(
        "school",
        1140221004,
        "local",
        "07-26 01:10",
        "望澜新增12所海岛学校",
        "新华社望澜7月26日电（记者江晚晴）澜屿省教育厅26日表示，今年秋季学期将在海岛新增12所学校。",
        "教育厅说，新学校可容纳学生约1900人。",
        "教师每周乘船往返一次，船票由财政承担。",
    ),
    _english(
        "turbine",
        0x72B1,
        "10-05 01:10",
        "Floating wind turbine of Lanyu survives its first typhoon",
        "WANGLAN, Oct. 5 (Xinhua) -- A floating wind turbine off Lanyu Province has come through its first typhoon "
        "without damage, its operator said on Tuesday.",
        "Gusts reached 52 meters per second, and the blades were stopped for 19 hours.",
    ),
    _tnw(
        "clockmaker",
        "the-clockmaker-who-hates-daylight-saving",
        "11-05 01:10",
        "The clockmaker who hates daylight saving",
        "Twice a year a clockmaker in Amaris drives 900 km to set 212 public clocks by hand.",
        "She would rather have one time all year, and so would 6 in 10 of her customers.",
    ),
)
XINHUA, TNW = ("xinhua",), ("tnw",)

EVENTS = (
    Event(
        _time("02-03 00:00"),
        "xinhua",
        Answers(403),
        "turns everyone away for a day",
        (Outage(("2027-02-03",), XINHUA), Alarm("outage", "xinhua")),
        until=_time("02-04 00:00"),
    ),
    Event(
        _time("02-04 00:00"),
        "xinhua",
        Answers(429),
        "finds that there were too many requests, for another day",
        (Outage(("2027-02-04",), XINHUA),),
        until=_time("02-05 00:00"),
    ),
    Event(
        _time("02-15 12:00"),
        "xinhua",
        Redesign("xl-2019", "datasource-2026"),
        "serves all its Chinese pages in a new layout",
    ),
    Event(
        _time("03-29 15:20"),
        "ferry",
        Edit("Some residents said that the fare was too high for them.", ""),
        "takes a sentence out",
        (Version("sentence removed"),),
    ),
    Event(
        _time("03-29 18:45"),
        "tram",
        Edit("42 people", "45 people"),
        "has 45 injured where it had 42, and says nothing of it",
        (Version("figure changed"),),
    ),
    Event(
        _time("03-29 21:05"),
        "gulls",
        Edit("Gulls learn to dodge delivery drones", "Delivery drones have taught gulls to dodge"),
        "has a new headline",
        (Version("headline"),),
    ),
    Event(
        _time("03-29 22:30"),
        "drones",
        Edit("Neigbours", "Neighbours"),
        "mends a word",
        (Version("typo"),),
    ),
    Event(
        _time("04-05 12:00"),
        "xinhua",
        Redesign("english-2022", "unheard-of"),
        "serves its English pages in a layout that nobody has described, for a week",
        (Alarm("layout", "xinhua"),),
        until=_time("04-12 06:00"),
    ),
    Event(
        _time("04-12 10:05"),
        "dam",
        Answers(404),
        "is taken down",
        (Takedown("restored", "http-404"),),
        until=_time("09-06 09:00"),
    ),
    Event(
        _time("04-14 10:05"),
        "kelp",
        Answers("says-gone"),
        "is taken down: its page says so, with status 200",
        (Takedown("gone", "soft-404"),),
    ),
    Event(
        _time("04-17 10:05"),
        "lamp",
        Answers("front"),
        "is taken down: its address leads to the front page",
        (Takedown("gone", "front-page"),),
    ),
    Event(
        _time("04-19 21:00"),
        "lens",
        Answers(404),
        "is not found for six hours while the site is deployed",
        (Takedown("unconfirmed", "http-404"),),
        until=_time("04-20 03:00"),
    ),
    Event(
        _time("04-24 00:00"),
        "tnw",
        Answers(404),
        "answers 404 for everything, for two days",
        until=_time("04-26 00:00"),
    ),
    Event(
        _time("04-27 10:05"),
        "mill",
        Answers("emptied"),
        "is taken down: its page is there without its text",
        (Takedown("gone", "empty-page"),),
    ),
    Event(
        _time("04-27 10:05"),
        "recipe",
        Answers(410),
        "is taken down for good",
        (Takedown("gone", "http-410"),),
    ),
    Event(
        _time("05-18 00:00"),
        "tnw",
        Redesign("tnw-2014", "tnw-2021"),
        "serves all its pages in a new layout",
    ),
    Event(
        _time("06-08 14:00"),
        "drones",
        Edit("a limit of 55 decibels", "a limit of 65 decibels"),
        "has another limit",
        (Version("figure changed"),),
    ),
    Event(
        _time("06-18 14:00"),
        "drones",
        Edit("a limit of 65 decibels", "a limit of 55 decibels"),
        "has the first limit again",
        (Version("figure changed; restored"),),
    ),
    Event(
        _time("06-21 06:00"),
        "www.xinhuanet.com",
        Move("www.news.cn"),
        "moves to www.news.cn, as its description has it",
    ),
    Event(
        _time("07-14 00:00"),
        "tnw",
        Answers("login"),
        "leads everyone to its login page for a day",
        (Outage(("2027-07-14",), TNW), Alarm("outage", "tnw")),
        until=_time("07-15 00:00"),
    ),
    Event(
        _time("08-09 00:00"),
        "xinhua",
        Answers(503),
        "is out of order for two days",
        (Outage(("2027-08-09", "2027-08-10"), XINHUA), Alarm("outage", "xinhua")),
        until=_time("08-11 00:00"),
    ),
    Event(
        _time("08-09 12:00"),
        "school",
        Edit("教育厅说，新学校", "有关负责人说，新学校"),
        "ascribes a statement to somebody else, during the outage",
        (Version("attribution changed"),),
    ),
    Event(
        _time("09-20 06:00"),
        "english.news.cn",
        Move("en.news.cn"),
        "moves to en.news.cn, which no description names",
    ),
    Event(
        _time("11-07 05:50"),
        "clockmaker",
        Edit(
            "She would rather",
            "Correction: an earlier version of this story said that she drives 800 km. She would rather",
        ),
        "is corrected in the hour that comes twice where the machine is",
        (Version("correction notice"),),
    ),
    Event(
        _time("11-10 02:30"),
        "machine",
        SetClock(-60),
        "has its clock set back by an hour",
        (Alarm("clock", None),),
    ),
    Event(
        _time("11-13 10:00"),
        "machine",
        SetClock(60),
        "has its clock set right",
    ),
    Event(
        _time("11-15 00:00"),
        "www.news.cn",
        Forbid("/local/"),
        "forbids /local/ in robots.txt, for a week",
        (Alarm("robots", "xinhua"),),
        until=_time("11-22 00:00"),
    ),
    Event(
        _time("11-24 02:05"),
        "machine",
        SwitchOff(),
        "is off for a day",
        until=_time("11-25 02:05"),
    ),
    Event(
        _time("11-29 00:00"),
        "tnw",
        Answers("nothing"),
        "takes connections and closes them, for two days",
        (Outage(("2027-11-29", "2027-11-30"), TNW), Alarm("outage", "tnw")),
        until=_time("12-01 00:00"),
    ),
    Event(
        _time("12-12 22:00"),
        "machine",
        CutOff(),
        "has no network for half a day",
        (Alarm("outage", "xinhua"),),
        until=_time("12-13 10:00"),
    ),
)
