"""The language of a text, as far as the editions of Xinhua must be told apart."""

from __future__ import annotations

import pytest

from spiders.outlets.xinhua.languages import language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("港口开放了。", "zh"),
        ("华为发布HarmonyOS NEXT系统", "zh"),
        ("片假名中的ア是一个字，其余都是汉字，所以这是中文", "zh"),
        ("港が再開した。", "ja"),
        ("항구가 열렸다. 新華社", "ko"),
        ("Порт открыт.", "ru"),
        ("افتتح الميناء", "ar"),
        ("The port reopened.", "en"),
        ("Port reopens", "en"),
        ("La Nina expected to return", "en"),
        ("Le port de la ville est ouvert.", "fr"),
        ("El puerto de la ciudad fue abierto.", "es"),
        ("Der Hafen ist wieder offen.", "de"),
        ("O porto da cidade foi aberto.", "pt"),
        ("2016-10-25 20:35", ""),
        ("", ""),
    ],
)
def test_language_of_a_text(text: str, language: str) -> None:
    assert language_of(text) == language
