"""The grammar's tables: one that is torn says where."""

from __future__ import annotations

from pathlib import Path

import pytest

from grammar.vocabulary import lines, read


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("key\tenglish\narrest\n", "words.tsv:2: 1 cells where there are 2 columns"),
        ("# comment\nkey\tenglish\na\tb\na\tc\n", "words.tsv:4: key 'a' stands in .*words.tsv:3 already"),
        ("key\tenglish\n\tb\n", "words.tsv:2: no key"),
        ("key\tchinese\n", "words.tsv:1: no column english"),
        ("# nothing else\n", "no line that names the columns"),
    ],
)
def test_a_table_that_is_torn_names_file_line_and_next_step(tmp_path: Path, text: str, fault: str) -> None:
    (tmp_path / "words.tsv").write_text(text, "utf-8")
    with pytest.raises(ValueError, match=fault):
        read("words.tsv", ("key", "english"), tmp_path)


def test_a_list_may_go_on_under_the_same_kind(tmp_path: Path) -> None:
    (tmp_path / "words.tsv").write_text("kind\twords\nverb\ta b\nverb\tc\n", "utf-8")
    assert [row["words"] for _, row in lines("words.tsv", ("kind", "words"), tmp_path)] == ["a b", "c"]
