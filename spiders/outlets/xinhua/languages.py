"""Which language a text is in, as far as the editions of Xinhua must be told apart.

They are made with the same templates, and neither `html lang` nor an address says reliably which one a page is of.
"""

from __future__ import annotations

import re
from collections import Counter

# Script → the language it is taken for, and how many Latin letters one of its characters weighs.
_SCRIPTS = {
    "ja": ("[\u3041-\u3096\u30a1-\u30fa]", 3),
    "ko": ("[\uac00-\ud7a3]", 3),
    "zh": ("[\u3400-\u9fff]", 3),
    "ru": ("[\u0400-\u04ff]", 1),
    "ar": ("[\u0600-\u06ff]", 1),
}
_COUNTED = {language: re.compile(letters) for language, (letters, _) in _SCRIPTS.items()}
_IN_A_SCRIPT = re.compile("|".join(letters for letters, _ in _SCRIPTS.values()))
_WORD = re.compile("[A-Za-z\u00c0-\u024f]+")
_ASCII_WORDS = {code: " " for code in range(0x80) if not chr(code).isalpha()}  # what divides them, for str.translate
# A text in Japanese has a third of kana, one in Chinese none but in a name or two.
_KANA_SHARE = 0.1

# Words that make up a fifth of any text in the language, without those that another of these has (a, on, me, ...).
_FUNCTION_WORDS = {
    "en": "the of and to for with that from was were said have has been his their which this by after are in at is it",
    "fr": "le les des et du une dans pour que qui sur par au aux est avec ses cette pas ont",
    "es": "el los las y una que por con para del su como al fue este sus desde según",
    "de": "der die das und den von mit zu ist für auf dem nicht eine sich auch bei wird im ein",
    "pt": "o os e da do dos das uma que em no na com para pelo pela ao são foi",
}
LATIN = frozenset(_FUNCTION_WORDS)  # the languages in Latin letters that are told apart
_LANGUAGES_OF = {  # word → the languages that have it
    word: tuple(language for language, words in _FUNCTION_WORDS.items() if word in words.split())
    for word in " ".join(_FUNCTION_WORDS.values()).split()
}


def language_of(text: str) -> str:
    """The BCP 47 language of a text: zh, ja, ko, ru, ar, en, fr, es, de or pt; "" where it has no letters.

    A Latin text is English unless words of another language prevail, so that a headline without any is English.
    """
    if text.isascii():  # as most texts in English are
        return _latin_language(words) if (words := text.lower().translate(_ASCII_WORDS).split()) else ""
    words = _WORD.findall(text)
    if not _IN_A_SCRIPT.search(text):  # as texts in English with curly quotes are
        return _latin_language([word.lower() for word in words]) if words else ""
    latin = sum(map(len, words))
    weights = {name: len(pattern.findall(text)) * _SCRIPTS[name][1] for name, pattern in _COUNTED.items()}
    weights["ja"], kana = 0, weights["ja"]
    if kana > _KANA_SHARE * (kana + weights["zh"]):
        weights["ja"], weights["zh"] = kana + weights["zh"], 0
    language = max(weights, key=lambda name: weights[name])
    if weights[language] >= latin:
        return language if weights[language] else ""
    return _latin_language([word.lower() for word in words])


def _latin_language(words: list[str]) -> str:
    counts = dict.fromkeys(_FUNCTION_WORDS, 0)
    for languages, times in Counter(map(_LANGUAGES_OF.get, words)).items():
        for language in languages or ():
            counts[language] += times
    likeliest = max(counts, key=lambda language: counts[language])
    return likeliest if counts[likeliest] > counts["en"] else "en"
