"""The readable tables in grammar/tables/: which words mean what, in English and Chinese.

A line that begins with # is a comment, the first other line names the columns, cells are apart by tabs and the forms in
a cell by |. Lists of Chinese words, which hold neither, are apart by spaces.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

TABLES = Path(__file__).parent / "tables"


def lines(name: str, columns: tuple[str, ...], folder: Path = TABLES) -> Iterator[tuple[str, dict[str, str]]]:
    """The rows of a table, each as place (file and line) and a cell per column. ValueError names file and line of one
    with too few or too many cells; a table that lacks one of `columns` is refused."""
    path = folder / name
    header: list[str] | None = None
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = [cell.strip() for cell in line.split("\t")]
        if header is None:
            header = cells
            if missing := [column for column in columns if column not in header]:
                raise ValueError(f"{path}:{number}: no column {', '.join(missing)}. Name the columns in this line.")
            continue
        if len(cells) != len(header):
            raise ValueError(
                f"{path}:{number}: {len(cells)} cells where there are {len(header)} columns ({', '.join(header)}):"
                f" {line!r}. Mend this line; an empty cell needs its tab."
            )
        yield f"{path}:{number}", dict(zip(header, cells, strict=True))
    if header is None:
        raise ValueError(f"{path}: no line that names the columns. Begin it with {chr(9).join(columns)!r}.")


def read(name: str, columns: tuple[str, ...], folder: Path = TABLES) -> tuple[dict[str, str], ...]:
    """The rows of a table that is a dictionary by its first column. ValueError as for `lines`, and for a row without a
    key or with one that stands above."""
    rows: list[dict[str, str]] = []
    seen: dict[str, str] = {}
    for place, row in lines(name, columns, folder):
        key = next(iter(row.values()))
        if not key or key in seen:
            fault = f"key {key!r} stands in {seen[key]} already" if key else "no key"
            raise ValueError(f"{place}: {fault}. Give each row one key of its own.")
        seen[key] = place
        rows.append(row)
    return tuple(rows)


def forms(cell: str) -> tuple[str, ...]:
    """The forms in a cell, in order."""
    return tuple(filter(None, (form.strip() for form in cell.split("|"))))


@cache
def acts() -> tuple[dict[str, str], ...]:
    """key, english, english_nouns, chinese."""
    return read("acts.tsv", ("key", "english", "english_nouns", "chinese"))


@cache
def nouns() -> tuple[dict[str, str], ...]:
    """key, english, chinese."""
    return read("nouns.tsv", ("key", "english", "chinese"))


@cache
def units() -> tuple[dict[str, str], ...]:
    """key, english, chinese, dimension, symbol."""
    return read("units.tsv", ("key", "english", "chinese", "dimension", "symbol"))


@cache
def currencies() -> tuple[dict[str, str], ...]:
    """key (ISO 4217), english, chinese."""
    return read("currencies.tsv", ("key", "english", "chinese"))


def by_form(rows: tuple[dict[str, str], ...], column: str, value: str = "key") -> dict[str, str]:
    """Form in that column → key (or another column's cell). Where a form stands in two rows the upper one has it."""
    found: dict[str, str] = {}
    for row in rows:
        for form in forms(row[column]):
            found.setdefault(form, row[value])
    return found


def plurals(form: str) -> tuple[str, ...]:
    """An English noun's forms: "case" → case, cases; "man/men" → man, men; "company" → company, companies."""
    if "/" in form:
        return tuple(form.split("/"))
    if form.endswith(("s", "x", "z", "ch", "sh")):
        return form, f"{form}es"
    if form.endswith("y") and form[-2:-1] not in "aeiou":
        return form, f"{form[:-1]}ies"
    return form, f"{form}s"


_DOUBLES = (
    "rob stab plan net nab ban stop ship drop trap plug grab tag log strip slip scrub skip wrap chop top dip shut cut"
    " hit put set win run swim begin get expel commit"
)
_DOUBLED = frozenset(_DOUBLES.split())  # the last consonant is doubled: banned, banning


def inflected(form: str) -> tuple[str, ...]:
    """An English verb's forms (base, -s, past, participle, -ing), the first word inflected and the rest kept:
    "shut/shut/shut down" → shut down, shuts down, shut down, shut down, shutting down."""
    stem, _, rest = form.partition(" ")
    parts = stem.split("/")
    base = parts[0]
    if len(parts) > 1 and not rest:
        last, _, rest = parts[-1].partition(" ")
        parts[-1] = last
    doubled = base in _DOUBLED
    drops_e = base.endswith("e") and not base.endswith(("ee", "oe", "ye"))
    ends_y = base.endswith("y") and base[-2:-1] not in tuple("aeiou")
    third = "has" if base == "have" else f"{base}es" if base.endswith("o") else plurals(base)[1]
    regular = (
        f"{base[:-1]}ied" if ends_y else f"{base}d" if base.endswith("e") else f"{base}{base[-1] if doubled else ''}ed"
    )
    past, participle = (parts[1], parts[2]) if len(parts) == 3 else (regular, regular)
    if base.endswith("ie"):
        present = f"{base[:-2]}ying"
    else:
        present = f"{base[:-1] if drops_e else base + base[-1] if doubled else base}ing"
    return tuple(f"{word} {rest}".strip() for word in (base, third, past, participle, present))
