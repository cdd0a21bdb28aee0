"""A new version is a new wording, whatever order its captures arrive in."""

from __future__ import annotations

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from archive.versions import Wording, change, first_of_each_run, text_digest


def test_width_and_whitespace_are_not_wording() -> None:
    assert text_digest("标题", "１０万人，\u3000被捕\n\n共计") == text_digest("标题", "10万人, 被捕 共计")
    assert text_digest("Title", "ten men") != text_digest("Title", "ten women")


def test_text_moved_from_title_to_body_is_another_wording() -> None:
    assert text_digest("ab", "c") != text_digest("a", "bc")


def test_a_version_begins_where_the_wording_changes_and_a_wording_may_come_back() -> None:
    assert first_of_each_run([(1, "a"), (2, "a"), (3, "b"), (4, "a")]) == [(1, "a"), (3, "b"), (4, "a")]


def test_versions_do_not_depend_on_the_order_of_arrival() -> None:
    seen = [(1, "a"), (2, "b"), (3, "b"), (4, "a")]
    assert {tuple(first_of_each_run(order)) for order in permutations(seen)} == {((1, "a"), (2, "b"), (4, "a"))}


def test_a_changed_english_figure_is_counted_by_the_word() -> None:
    before = Wording("Police net arrests", "Police made 10,000 arrests. They said so.", "", "l")
    after = Wording("Police net arrests", "Police made 9,000 arrests.", "", "l")
    difference = change(before, after)
    assert difference.removed_text.splitlines() == ["10,000", "They said so."]
    assert (difference.added, difference.removed) == (len("9,000"), len("10,000") + len("They said so."))


def test_a_changed_chinese_sentence_is_counted_by_the_character() -> None:
    before = Wording("标题", "警方抓获一万人。网站被关闭。", "", "l")
    after = Wording("标题", "警方抓获九千人。网站被关闭。", "", "l")
    difference = change(before, after)
    assert (difference.added, difference.removed, difference.removed_text) == (2, 2, "一万")


@given(st.text(max_size=80), st.text(max_size=80))
def test_a_text_compared_with_itself_never_changes(title: str, body: str) -> None:
    wording = Wording(title, body, "", "l")
    assert change(wording, wording).added == change(wording, wording).removed == 0
