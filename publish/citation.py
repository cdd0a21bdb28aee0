"""How to cite a report's wording: as a sentence and as BibTeX. What the outlet says of its date is given as its own
word, and the capture's time is never called a publication."""

from __future__ import annotations

import re
from dataclasses import dataclass

_LONGEST_TITLE = 500  # characters; a page whose title was not found may have its whole text for one


@dataclass(frozen=True, slots=True)
class Cited:
    """What a citation names. `printed`: the date as the page prints it, "" for none; `day`: the same as YYYY-MM-DD, ""
    where it is not known. `captured_at`: ISO 8601, UTC. `sha256`: hex, of the payload as it came. `offset`: bytes.
    `captured_by`: who made the capture, with the address of their copy where it is at a web archive."""

    report: int
    outlet: str
    outlet_local: str
    authors: str  # apart by semicolons
    title: str
    printed: str
    day: str
    url: str
    captured_at: str
    sha256: str
    warc: str
    offset: int
    version: int = 1
    versions: int = 1
    captured_by: str = "Dateline"


def sentence(cited: Cited) -> str:
    """One paragraph of plain text."""
    authors = f"{', '.join(_names(cited.authors))}, " if cited.authors else ""
    title = _title(cited) or "(no title)"
    return (
        f"{authors}“{title}”, {_outlet(cited)}, {_dated(cited)}, {cited.url}. "
        f"Captured by {cited.captured_by} at {cited.captured_at}: {_evidence(cited)}."
    )


def bibtex(cited: Cited) -> str:
    """An entry for BibTeX and biblatex. `urldate` is the day of the capture."""
    fields = {
        "author": " and ".join(f"{{{_escaped(name)}}}" for name in _names(cited.authors) or [_outlet(cited)]),
        "title": f"{{{_escaped(_title(cited))}}}",
        "organization": _escaped(_outlet(cited)),
        "year": cited.day[:4],
        "date": cited.day,
        "url": _address(cited.url),
        "urldate": cited.captured_at[:10],
        "note": _escaped(
            f"{_dated(cited).capitalize()}; captured by {cited.captured_by} at {cited.captured_at}: {_evidence(cited)}"
        ),
    }
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    return f"@misc{{dateline-{cited.report}-{cited.version},\n" + ",\n".join(lines) + "\n}"


def _title(cited: Cited) -> str:
    title = _one_line(cited.title)
    return title if len(title) <= _LONGEST_TITLE else title[:_LONGEST_TITLE].rstrip() + "…"


def _outlet(cited: Cited) -> str:
    if cited.outlet_local and cited.outlet_local != cited.outlet:
        return f"{cited.outlet} ({cited.outlet_local})"
    return cited.outlet


def _dated(cited: Cited) -> str:
    return f"dated “{_one_line(cited.printed)}” by the outlet" if cited.printed else "undated by the outlet"


def _evidence(cited: Cited) -> str:
    which = f", version {cited.version} of {cited.versions}" if cited.versions > 1 else ""
    payload = f", payload SHA-256 {cited.sha256}" if cited.sha256 else ""
    where = f", WARC file {cited.warc}, offset {cited.offset}" if cited.warc else ""
    return f"report {cited.report}{which}{payload}{where}"


def _names(written: str) -> list[str]:
    return [name.strip() for name in written.split(";") if name.strip()]


def _one_line(text: str) -> str:
    return " ".join(text.split())


# BibTeX counts braces whether or not a backslash stands before them, so none may be left alone.
_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}", "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}", **{sign: "\\" + sign for sign in "&%$#_"},
}  # fmt: skip


def _escaped(text: str) -> str:
    return re.sub(r"[\\{}~^&%$#_]", lambda found: _SPECIAL[found[0]], text)


def _address(url: str) -> str:
    """For the field `url`, which is taken as it stands: only what would end it is percent-encoded."""
    return re.sub(r"[{}\\\s]", lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), url)
