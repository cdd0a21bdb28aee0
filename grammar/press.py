"""Press outlets: by which words a text names them, and whose an address is.

`grammar/tables/press.tsv` holds what is known of others; the outlets that this archive collects describe themselves
and take precedence.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from grammar.replays import original
from grammar.traditional import simplified

_TABLE = Path(__file__).parent / "tables" / "press.tsv"
_LATIN = re.compile(r"[A-Za-z0-9]")


@dataclass(frozen=True, slots=True)
class Outlet:
    """What is known of an outlet. `kind`: state, agency (of news, not a state's) or secondary."""

    id: str
    kind: str
    title: str
    names: tuple[str, ...]
    domains: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Name:
    """A place where a text names an outlet. `is_sure` is False for words that mean other things too (Time, RT, CCTV):
    they count only where something beside them says that somebody reported."""

    start: int
    end: int
    words: str
    outlet: str
    is_sure: bool = True


class Press:
    """The outlets that are known. `outlets` are rows of the table `outlets` (id, kind, title_en, title_local, aliases
    separated by "; ", domains as JSON); `canonical` gives of an address on the web the outlet whose it is and the
    address under which its page is known, None where it is of none of ours."""

    def __init__(
        self,
        outlets: Iterable[Mapping[str, object]] = (),
        canonical: Callable[[str], tuple[str, str] | None] | None = None,
    ) -> None:
        known = {each.id: each for each in _table()}
        own = [_described(row) for row in outlets]
        for outlet in own:
            other = known.get(outlet.id)
            known[outlet.id] = Outlet(
                outlet.id,
                outlet.kind,
                outlet.title,
                _merged(outlet.names, other.names if other else ()),
                _merged(outlet.domains, other.domains if other else ()),
            )
        self.outlets: dict[str, Outlet] = known
        self._canonical = canonical
        self._domains: dict[str, str] = {}
        self._names: dict[str, tuple[str, bool]] = {}
        # Ours last, so that their words and hosts are theirs.
        for outlet in [*known.values(), *own]:
            self._domains.update(dict.fromkeys(outlet.domains, outlet.id))
            for name in outlet.names:
                for written in {name, simplified(name)}:
                    self._names[written.rstrip("?")] = (outlet.id, not name.endswith("?"))
        ours = {name for outlet in own for name in outlet.names}
        for words in _something_else():
            if words not in ours:
                self._names.setdefault(words, ("", True))
        self._pattern = _pattern(self._names)

    def named(self, text: str) -> list[Name]:
        """The places where a text (width and drawing folded: grammar.typography.plain) names an outlet, in order and
        apart from each other; of several names in one place the longest. Latin names stand between word boundaries."""
        names, found = self._names, []
        for match in self._pattern.finditer(text):
            outlet, is_sure = names[match[0]]
            if outlet:
                found.append(Name(match.start(), match.end(), match[0], outlet, is_sure))
        return found

    def outlet_of(self, name: str) -> str | None:
        """The outlet that goes by just this name, None where none does."""
        outlet = self._names.get(name.strip(), ("", True))[0]
        return outlet or None

    def owner_of(self, url: str) -> str | None:
        """The outlet on whose host an address is, subdomains included; that of the page itself where the address is
        of a copy at a web archive. None for any other address, and for what is no address on the web."""
        address = original(url)
        host = _host(address) if address is not None else None
        while host:
            if owner := self._domains.get(host):
                return owner
            host = host.partition(".")[2]
        return None

    def canonical(self, url: str) -> str | None:
        """The address under which a page of an outlet of ours is known; None for any other address."""
        address = original(url)
        found = self._canonical(address) if self._canonical and address else None
        return found[1] if found else None


def _host(address: str) -> str | None:
    """The host in lower case, as the name system has it; None where there is none."""
    try:
        host = (urlsplit(address).hostname or "").rstrip(".")
        return host if host.isascii() else host.encode("idna").decode("ascii").lower()
    except (ValueError, UnicodeError):
        return None


def _described(row: Mapping[str, object]) -> Outlet:
    """An outlet of ours, from its row."""
    aliases = [str(row.get(key) or "").strip() for key in ("title_en", "title_local")]
    aliases += [alias.strip() for alias in str(row.get("aliases") or "").split(";")]
    domains = json.loads(str(row.get("domains") or "[]"))
    hosts = [str(domain["host"]).lower().removeprefix("www.") for domain in domains]
    names = tuple(dict.fromkeys(alias for alias in aliases if alias))
    return Outlet(str(row["id"]), str(row.get("kind") or "state"), aliases[0], names, tuple(dict.fromkeys(hosts)))


def _merged(ours: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    known = {name.rstrip("?") for name in ours}
    return (*ours, *(name for name in others if name.rstrip("?") not in known))


@cache
def _rows() -> tuple[dict[str, str], ...]:
    header, *lines = _TABLE.read_text(encoding="utf-8").splitlines()
    keys = header.split("\t")
    return tuple(dict(zip(keys, line.split("\t"), strict=True)) for line in lines)


@cache
def _table() -> tuple[Outlet, ...]:
    return tuple(
        Outlet(
            row["id"], row["kind"], row["title"], (*_parts(row["english"]), *_parts(row["chinese"])),
            _parts(row["domains"]),
        )
        for row in _rows()
    )  # fmt: skip


@cache
def _something_else() -> tuple[str, ...]:
    """Words that hold an outlet's name and name something else: 新华社区, Xinhua Bookstore, Sputnik V."""
    return tuple(words for row in _rows() for words in _parts(row["something_else"]))


def _parts(cell: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip().replace("’", "'") for part in cell.split(";") if part.strip()))


@cache
def known() -> Press:
    """The press by the table alone, for what has no archive at hand."""
    return Press()


def _pattern(names: Iterable[str]) -> re.Pattern[str]:
    """One expression for all names, as a tree of their letters: each letter of a text is looked at once."""
    tree: dict[str, object] = {}
    for name in names:
        node = tree
        for letter in name:
            node = node.setdefault(letter, {})  # type: ignore[assignment]
        node[""] = {}
    # A word's start is asked for behind its first letter: an expression whose branches all begin with a letter is
    # searched for ten times faster.
    return re.compile(
        "|".join(
            re.escape(first) + (f"(?<![A-Za-z0-9_]{first})" if _LATIN.match(first) else "") + _behind(rest, first)  # type: ignore[arg-type]
            for first, rest in sorted(tree.items())
        )
    )


def _branches(node: Mapping[str, object], before: str) -> Iterator[str]:
    """The expressions for what may follow, the longest first; a Latin name ends at a word's end."""
    for letter, rest in sorted(node.items(), reverse=True):
        if letter:
            yield re.escape(letter) + _behind(rest, letter)  # type: ignore[arg-type]
    if "" in node:
        yield r"(?![A-Za-z0-9_])" if _LATIN.match(before) else ""


def _behind(node: Mapping[str, object], before: str) -> str:
    branches = list(_branches(node, before))
    return branches[0] if len(branches) == 1 else f"(?:{'|'.join(branches)})"
