"""The labelled set holds, and what is read and linked is at least as right as it ever was."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from archive.schema import open_archive
from benchmarks import statements, stories
from benchmarks.labelled import faults, pools, story_faults
from benchmarks.story_archive import StoryArchive

POOL: dict[str, Any] = {
    "id": "en-dev-p01",
    "language": "en",
    "part": "dev",
    "note": "",
    "reports": [
        {
            "key": "b", "outlet": "tnw", "language": "en", "published": "2012-08-15T08:02:00Z",
            "url": "https://thenextweb.com/asia/2012/08/15/arrests/", "title": "Arrests, says Xinhua",
            "body": ["Police detained 40, Xinhua said.", "Xinhua reported more."],
            "hyperlinks": [{"words": "reported", "paragraph": 1, "href": "http://news.xinhuanet.com/english/2012-08/14/c_1.htm?utm_source=b"}],
        },
        {
            "key": "a", "outlet": "xinhua", "language": "en", "published": "2012-08-14T05:40:00Z",
            "url": "http://news.xinhuanet.com/english/2012-08/14/c_1.htm", "title": "China detains 40",
            "body": ["BEIJING, Aug. 14 (Xinhua) -- Police detained 40 people."], "source_label": "Source: Xinhua",
        },
    ],
    "citations": [{"report": "b", "words": "Xinhua", "at": 1, "place": "body", "cites": "a"}],
    "reprints": [],
    "twins": [],
}  # fmt: skip


def written(folder: Path, *rows: dict[str, Any]) -> Path:
    (folder / "en_dev_stories.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return folder


def test_every_label_is_where_it_says_and_says_what_it_may() -> None:
    assert faults() == []


def test_every_label_of_a_story_is_where_it_says_and_says_what_can_be() -> None:
    assert story_faults() == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"citations": [{"report": "b", "words": "Xinhua", "at": 2, "place": "body", "cites": "a"}]}, "does not stand 3 times"),
        ({"citations": [{"report": "b", "words": "Xinhua", "at": 0, "place": "body", "cites": "c"}]}, "has no report c"),
        ({"citations": [{"report": "b", "words": "Xinhua", "at": 0, "place": "body", "cites": "b"}]}, "it cites itself"),
        ({"citations": POOL["citations"] * 2}, "two share a place"),
        ({"reprints": [["a", "b"]]}, "its original b is not the earlier one"),
        ({"reprints": [["b", "a"], ["b", "a"]]}, "it is a copy once"),
        ({"twins": [["a", "b"]]}, "the first is to be Chinese"),
        ({"reports": [POOL["reports"][0] | {"outlet": "the-daily-planet"}, POOL["reports"][1]]}, "no id of grammar/tables/press.tsv"),
        ({"reports": [POOL["reports"][0], POOL["reports"][1] | {"published": "2012-08-18T00:00:00Z"}]}, "more than 2 days after"),
        ({"reports": [POOL["reports"][0], POOL["reports"][1] | {"url": POOL["reports"][0]["url"]}]}, "stands twice"),
        ({"reports": [POOL["reports"][0] | {"titel": ""}, POOL["reports"][1]]}, "unknown keys: titel"),
        ({"language": "zh-Hans"}, "says zh-Hans and dev"),
    ],
)  # fmt: skip
def test_a_wrong_label_of_a_story_is_told(change: dict[str, Any], fault: str, tmp_path: Path) -> None:
    told = story_faults(written(tmp_path, POOL | change))
    assert told
    assert all(each.startswith("en_dev_stories.jsonl en-dev-p01: ") and fault in each for each in told)


def test_pools_come_into_an_archive_as_crawls_would_have_read_them(tmp_path: Path) -> None:
    connection = open_archive(tmp_path / "archive.db")
    archive = StoryArchive(connection, pools("en", "dev", written(tmp_path, POOL)))
    counted = [connection.execute("select count(*) from reports").fetchone()[0] for _ in archive.write_in_rounds()]
    assert counted == [1, 2]
    citing, cited = archive.ids["en-dev-p01", "b"], archive.ids["en-dev-p01", "a"]
    assert (citing // 10_000, cited // 10_000) == (201208150802, 201208140540)
    ((url, label, agency, seen),) = connection.execute(
        "select url, source_label, dateline_agency, first_seen from reports where id = ?", [cited]
    )
    assert (label, agency) == ("Xinhua", "Xinhua")
    assert seen == "2012-08-15T08:12:00Z"  # it is listed behind the other, and so comes late
    ((body, hyperlinks),) = connection.execute("select body, hyperlinks from versions where report = ?", [citing])
    ((start, end, href),) = json.loads(hyperlinks)
    assert body[start:end] == "reported"
    assert archive.press.canonical(href) == url
    connection.close()


def test_links_count_as_right_where_they_are_labelled_and_where_they_repeat_a_label(tmp_path: Path) -> None:
    """Three links: one at its label, to the text that the outlet had run before; one in the title, which has no label,
    to the report that is meant; and one to a report that is not. Twins that are not each other's best do not count."""
    other = POOL["reports"][1] | {
        "key": "c",
        "url": "http://news.xinhuanet.com/english/2012-08/13/c_2.htm",
        "published": "2012-08-13T05:40:00Z",
    }
    chinese = POOL["reports"][1] | {
        "key": "z",
        "url": "http://news.xinhuanet.com/legal/2012-08/14/c_3.htm",
        "language": "zh-Hans",
    }
    pool = POOL | {"reports": [*POOL["reports"], other, chinese], "reprints": [["a", "c"]], "twins": [["z", "a"]]}
    connection = open_archive(tmp_path / "archive.db")
    archive = StoryArchive(connection, pools("en", "dev", written(tmp_path, pool)))
    archive.write()
    ids = {key: archive.ids["en-dev-p01", key] for key in "abcz"}
    (version,) = connection.execute("select id from versions where report = ?", [ids["b"]]).fetchone()
    links = [("title", 14, "a"), ("body", 20, "z"), ("body", 34, "c")]
    for number, (place, start, cited) in enumerate(links, 1):
        connection.execute(
            "insert into mentions values (?, ?, ?, ?, ?, ?, 1, 'Xinhua', 'xinhua', 'source', null, null, null, null, null, 0, 0)",
            [version, number, ids["b"], place, start, start + 6],
        )
        connection.execute(
            "insert into citations (version, mention, report, outlet, cited, tier, score, evidence, reason, target, from_day, to_day) "
            "values (?, ?, ?, 'xinhua', ?, 'hyperlink', 1, '{}', '', '', '', '')",
            [version, number, ids["b"], ids[cited]],
        )
    connection.execute("insert into reprints values (?, ?, 1, 1, null, 0, '[]', '[]', '[]')", [ids["a"], ids["c"]])
    for english, mutual in (("c", 1), ("a", 0)):
        connection.execute("insert into twins values (?, ?, 1, ?, '{}', '[]', '[]')", [ids["z"], ids[english], mutual])
    result = stories.scored(connection, archive)
    citations, reprints, twins = (result.found[name] for name in ("citations", "reprints", "twins"))
    assert (citations.found, citations.right, citations.labelled) == (3, 1, 1)
    assert (round(citations.precision, 3), citations.recall) == (0.667, 1.0)
    assert (reprints.precision, reprints.recall) == (1.0, 1.0)
    assert (twins.precision, twins.recall) == (0.0, 0.0)
    assert len(result.errors) == 3  # a link, twins that are none, twins that were not found
    assert result.errors[0].startswith(
        "wrong link: en-dev-p01 b 'Xinhua' in its body to en-dev-p01 z (hyperlink); labelled: no label"
    )
    connection.close()


@pytest.mark.parametrize("place", statements.floors())
def test_no_score_of_statements_falls_below_its_floor(place: str) -> None:
    assert fallen(place, statements.scores(*place.split()).floors(), of_stories=False) == {}


@pytest.mark.parametrize(
    "place",
    [place for place, floors in statements.floors().items() if any(map(stories.is_of_stories, floors))],
)
def test_no_score_of_links_falls_below_its_floor(place: str) -> None:
    assert fallen(place, stories.floors_of(stories.scores(*place.split())), of_stories=True) == {}


def fallen(place: str, reached: dict[str, float], of_stories: bool) -> dict[str, tuple[float | None, float]]:
    return {
        name: (reached.get(name), floor)
        for name, floor in statements.floors()[place].items()
        if stories.is_of_stories(name) is of_stories and reached.get(name, 0.0) < floor
    }
