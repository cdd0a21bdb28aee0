"""`dateline read`: one saved page, every field or the reason why not, and an exit code to go by."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli import main
from commands.read import FIELDS, STATED, read

URL = "http://www.news.cn/politics/2022-09/29/c_1129041895.htm"
PAGE = """<html><head><meta charset="gb2312"><title>标题-新华网</title></head><body><div class="mheader">
    <h1><span class="title">标题</span></h1><div class="info">2022-09-29 16:09:32<span>来源：新华网</span></div></div>
    <div id="detail"><p>　　新华社杭州9月29日电（记者王某）正文第一段，说的是一件为测试而编的事。</p><p>　　正文第二段。</p></div>
    <span class="editor">【责任编辑:邱某 】</span></body></html>"""


def _run(tmp_path: Path, body: bytes, *options: str, url: str = URL) -> Result:
    file = tmp_path / "page.html"
    file.write_bytes(body)
    return CliRunner().invoke(read, [str(file), "--url", url, *options])


def test_every_field_is_given_as_json_under_the_documented_keys(tmp_path: Path) -> None:
    result = _run(tmp_path, PAGE.encode("gb18030"), "--json")
    assert result.exit_code == 0, result.output
    fields = json.loads(result.stdout)
    assert tuple(fields) == (*FIELDS, *STATED)
    assert fields["outlet"] == "xinhua"
    assert fields["layout"] == "detail2023"
    assert fields["published_utc"] == "2022-09-29T08:09:32Z"
    assert fields["editors"] == ["邱某"]
    assert fields["dateline"]["place"] == "杭州"
    assert fields["body"][1] == "正文第二段。"


def test_gzipped_page_is_read_alike(tmp_path: Path) -> None:
    plain = _run(tmp_path, PAGE.encode(), "--json")
    assert _run(tmp_path, gzip.compress(PAGE.encode()), "--json").stdout == plain.stdout


def test_fields_and_paragraphs_are_shown_for_a_reader(tmp_path: Path) -> None:
    result = _run(tmp_path, PAGE.encode())
    assert result.exit_code == 0
    for shown in ("detail2023", "2022-09-29T16:09:32", "新华网", "邱某", "正文第二段。"):
        assert shown in result.stdout


def test_page_that_no_layout_fits_ends_with_1_and_the_reason(tmp_path: Path) -> None:
    result = _run(tmp_path, b"<p>Something else entirely")
    assert result.exit_code == 1
    assert result.stderr.startswith("quarantined: ")
    assert "layouts of xinhua fit" in result.stderr
    assert result.stdout == ""


def test_reason_for_quarantine_is_given_as_json_too(tmp_path: Path) -> None:
    result = _run(tmp_path, b"<p>Something else entirely", "--json")
    assert result.exit_code == 1
    assert "layouts of xinhua fit" in json.loads(result.stdout)["quarantined"]


def test_known_other_page_is_named_as_such(tmp_path: Path) -> None:
    result = _run(tmp_path, b"<p>Shop", "--json", url="https://deals.thenextweb.com/sales/free-anime")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["outcome"] == "not-report"
    assert "not-report" in result.stderr


def test_layout_that_fits_at_an_address_of_no_report_is_pointed_out(tmp_path: Path) -> None:
    result = _run(tmp_path, PAGE.encode(), url="http://www.news.cn/strange")
    assert result.exit_code == 1
    assert "detail2023 fits" in result.stderr


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("https://www.bbc.co.uk/news", "No outlet publishes at www.bbc.co.uk"),
        ("page.html", "is no web address"),
        ("file:///etc/hosts", "is no web address"),
    ],
)
def test_address_of_no_outlet_is_a_wrong_call(tmp_path: Path, url: str, says: str) -> None:
    result = _run(tmp_path, PAGE.encode(), url=url)
    assert result.exit_code == 2
    assert says in result.stderr


def test_missing_file_and_broken_gzip_are_wrong_calls(tmp_path: Path) -> None:
    missing = CliRunner().invoke(read, [str(tmp_path / "none.html"), "--url", URL])
    assert missing.exit_code == 2
    assert "none.html" in missing.stderr
    broken = _run(tmp_path, gzip.compress(PAGE.encode())[:40])
    assert broken.exit_code == 2
    assert "cannot be read" in broken.stderr


def test_help_has_an_example() -> None:
    assert "dateline read page.html --url" in CliRunner().invoke(read, ["--help"]).output


def test_what_a_page_states_is_shown_with_its_places_and_its_source() -> None:
    page = (
        Path(__file__).parents[1]
        / "samples/pages/thenextweb.com/news/online-crime-sweep-ends-with-10000-arrests-says-xinhua/index.html"
    )
    url = "https://thenextweb.com/news/online-crime-sweep-ends-with-10000-arrests-says-xinhua"
    result = CliRunner().invoke(main, ["read", str(page), "--url", url, "--json"])
    fields = json.loads(result.stdout)
    body = "\n\n".join(fields["body"])
    figures = {each["text"]: each for each in fields["figures"] if each["place"] == "body"}
    assert all(body[each["start"] : each["end"]] == text for text, each in figures.items())
    messages = figures["3.2 million"]
    assert (messages["value"], messages["noun"], messages["act"]) == (3_200_000, "messages", "remove")
    assert (figures["600"]["modifier"], figures["600"]["meaning"]) == ("more than", "at least")
    teller = fields["attributions"][figures["10,000"]["attribution"]]
    assert (teller["place"], teller["kind"], teller["source_key"]) == ("body", "agency", "xinhua")
    linked = [(each["words"], each["outlet"], each["href_outlet"]) for each in fields["mentions"] if each["href"]]
    assert linked == [("Xinhua", "xinhua", "xinhua")]
    shown = CliRunner().invoke(main, ["read", str(page), "--url", url]).stdout
    assert "3,200,000" in shown and "mentions" in shown
