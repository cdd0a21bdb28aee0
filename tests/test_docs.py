"""What a user can name is documented: settings, commands, tables, layouts, and every page that a page links."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from scrapy.settings import default_settings

PROJECT = Path(__file__).resolve().parents[1]
PAGES = [PROJECT / "README.md", PROJECT / "CONTRIBUTING.md", *sorted((PROJECT / "docs").glob("*.md"))]


def _read(name: str) -> str:
    return (PROJECT / name).read_text(encoding="utf-8")


def test_every_setting_of_ours_is_documented() -> None:
    ours = set(re.findall(r"^([A-Z_]+) = ", _read("settings.py"), re.MULTILINE)) - set(dir(default_settings))
    ours -= {"PROJECT", "BOT_NAME"}
    documented = set(re.findall(r"^\| `([A-Z_]+)` \|", _read("docs/configuration.md"), re.MULTILINE)) - {"USER_AGENT"}
    assert documented == ours


def test_every_command_is_in_the_readme_or_its_docs() -> None:
    from cli import COMMANDS

    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert not [name for name in COMMANDS if f"dateline {name}" not in text]


def test_every_table_is_in_the_data_model(tmp_path: Path) -> None:
    from archive.schema import open_archive

    names = {
        name
        for (name,) in open_archive(tmp_path / "archive.db").execute(
            "select name from sqlite_master where type = 'table' and sql not like 'create virtual%' "
            "and name not like 'reports\\__%' escape '\\' and name not like '\\_%' escape '\\' "
            "and name not like 'sqlite_%'"
        )
    } - {"search_index"}
    assert names <= set(re.findall(r"^\| (\w+) \|", _read("docs/architecture.md"), re.MULTILINE))


def test_every_layout_is_described() -> None:
    from spiders.outlets.tnw import Tnw
    from spiders.outlets.xinhua import Xinhua

    text = _read("docs/outlets.md")
    for outlet in (Xinhua, Tnw):
        for layout in outlet.layouts:
            assert f"| {layout.name} |" in text, layout.name
            assert layout.__doc__, layout.name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target
