"""What numerals are worth: digits, English words, Chinese signs, and the scales that stand behind them."""

from __future__ import annotations

import re

DIGITS_HAN = dict(zip("零〇一二两三四五六七八九", (0, 0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))
SCALES_HAN = {"十": 10, "百": 100, "千": 1_000, "万": 10_000, "亿": 100_000_000}


def _names(text: str) -> list[str]:
    return text.split()


SMALL = _names(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen"
)
TENS = _names("twenty thirty forty fifty sixty seventy eighty ninety")
ORDINALS = _names("first second third fourth fifth sixth seventh eighth ninth tenth")
CARDINALS: dict[str, float] = {word: float(value) for value, word in enumerate(SMALL)} | {
    word: 10 * tens for tens, word in enumerate(TENS, start=2)
}
# Words that say a number, in English: ordinals too.
WORDS: dict[str, float] = (
    CARDINALS | {word: value for value, word in enumerate(ORDINALS, start=1)} | {"half": 0.5, "once": 1, "twice": 2}
)
SCALES: dict[str, float] = {
    "dozen": 12, "hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000,
    "trillion": 1_000_000_000_000, "m": 1_000_000, "mn": 1_000_000, "k": 1_000, "bn": 1_000_000_000,
    "tn": 1_000_000_000_000,
}  # fmt: skip
# Denominators as words: two thirds, a quarter.
PARTS: dict[str, int] = {
    "half": 2, "halve": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8,
    "ninth": 9, "tenth": 10, "hundredth": 100, "thousandth": 1_000,
}  # fmt: skip

_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_PLAIN = re.compile(r"\d+(?:\.\d+)?")
_BETWEEN = re.compile(r"[\s-]+")


def decimal(digits: str) -> float | None:
    """1,234.5 → 1234.5; None for what is no one number (1.2.3, 12,34)."""
    plain = digits.replace(",", "") if _GROUPED.fullmatch(digits) else digits
    return float(plain) if _PLAIN.fullmatch(plain) else None


def scaled(value: float, factor: float) -> float:
    """Their product as it would be written: 2.3 × 1,000,000 is 2300000.0, not 2299999.9999999995."""
    return float(f"{value * factor:.15g}")


def of_numerals(numerals: str) -> float:
    """三千二百 → 3200, 二〇二六 → 2026, 两万亿 → 2 × 10¹², 半 → 0.5."""
    if not any(sign in SCALES_HAN for sign in numerals):
        half = 0.5 if numerals.endswith("半") else 0.0
        digits = "".join(str(DIGITS_HAN[sign]) for sign in numerals if sign in DIGITS_HAN)
        return float(digits or 0) + half
    total = section = digit = 0.0
    for sign in numerals:
        if sign == "半":
            digit += 0.5
        elif sign in DIGITS_HAN:
            digit = DIGITS_HAN[sign]
        elif (scale := SCALES_HAN[sign]) >= 10_000:
            total = (total + section + digit or 1) * scale
            section = digit = 0
        else:
            section += (digit or 1) * scale
            digit = 0
    return total + section + digit


def of_words(words: str) -> float | None:
    """two hundred and five → 205, three million two hundred thousand → 3200000; None for dozens, hundreds, a
    bare dozen, and for words that are no numerals."""
    total = section = 0.0
    parts = [word for word in _BETWEEN.split(words.strip()) if word != "and"]
    if not parts or parts == ["dozen"]:
        return None
    for word in parts:
        if word in SCALES:
            scale = SCALES[word]
            section = (section or 1) * scale
            if scale >= 1_000:
                total, section = total + section, 0
        elif word in WORDS:
            section += WORDS[word]
        else:
            return None
    return total + section
