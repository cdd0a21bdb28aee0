"""Real saved pages that cite an outlet: which one, by their words and their links. In ../shared, so skipped elsewhere."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup

from grammar.attributions import attributions
from grammar.mentions import mentions, mentions_of_page
from grammar.passage import Passage
from grammar.press import known

SHARED = Path(__file__).resolve().parents[2] / "shared"
CITED = SHARED / "pages" / "cited.jsonl"
ROWS: list[dict[str, Any]] = (
    [json.loads(line) for line in CITED.read_text("utf-8").splitlines()] if CITED.exists() else []
)
pytestmark = pytest.mark.skipif(not ROWS, reason="../shared/pages/cited.jsonl is not on this machine")
# The outlet that the link names, where the label names another; both are kept.
_LINK_OF_ANOTHER = re.compile(r"\((?:link|label)\)")


def _outlet(row: dict[str, Any]) -> str:
    return str(row["cited_outlet"]).split()[0]


def _text(row: dict[str, Any]) -> tuple[str, str]:
    """A page's visible text and its language."""
    path = SHARED / row["page"]
    zipped = path.with_name(path.name + ".gz")
    if not path.exists() and not zipped.exists():
        pytest.skip(f"../shared/{row['page']} is not on this machine")
    content = path.read_bytes() if path.exists() else gzip.decompress(zipped.read_bytes())
    page = BeautifulSoup(content, "lxml")
    for element in page(["script", "style"]):
        element.decompose()
    return page.get_text("\n\n"), "zh-Hans" if "-zh-" in row["page"] else "en"


@pytest.mark.parametrize("row", [row for row in ROWS if row["href"]], ids=lambda row: row["page"])
def test_a_link_is_known_to_be_the_outlets(row: dict[str, Any]) -> None:
    owner = known().owner_of(row["href"])
    if _LINK_OF_ANOTHER.search(row["cited_outlet"]):
        assert owner is not None and owner != _outlet(row)
    else:
        assert owner == _outlet(row)


@pytest.mark.parametrize(
    "row", [row for row in ROWS if "source l" in row["kind"] or "trap" in row["kind"]], ids=lambda row: row["page"]
)
def test_a_source_line_names_it(row: dict[str, Any]) -> None:
    found = mentions_of_page(known(), outlet="", source_label=row["label"], source_url=row["href"])
    assert [(each.outlet, each.kind) for each in found][:1] == [(_outlet(row), "source")]


@pytest.mark.parametrize(
    "row",
    [row for row in ROWS if row["kind"].startswith("attribution") and "-fr-" not in row["page"]],
    ids=lambda row: row["page"],
)
def test_the_text_names_it_as_its_source(row: dict[str, Any]) -> None:
    text, language = _text(row)
    passage = Passage(text, language)
    found = mentions(passage, known(), (), attributions(passage)[0])
    assert _outlet(row) in {each.outlet for each in found if each.kind == "source"}
