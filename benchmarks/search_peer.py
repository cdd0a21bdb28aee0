"""tantivy over the same segmented text, for benchmarks/search.py: one thread, the same columns, positions, facets."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import tantivy

from archive.selection import Search, first_id, following
from archive.text import fold, phrase

_HEAP = 256_000_000  # bytes for the writer: larger segments, fewer merges
_TEXTS = ("title", "body", "removed")
_FACETS = ("outlet", "language", "kind", "state")


class Peer:
    """A tantivy index in a folder, made or opened."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self._index = tantivy.Index(_schema(), path=str(folder))
        self._index.register_tokenizer("words", _words())

    def write(self, batches: Iterable[list[tuple[Any, ...]]]) -> None:
        """(id, title, body, removed, characters, outlet, language, kind, state), the texts segmented."""
        writer = self._index.writer(_HEAP, 1)
        for rows in batches:
            _add(writer, rows)
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()

    def newest(self, query: Any, limit: int) -> list[int]:
        """The ids of the newest hits."""
        searcher = self._index.searcher()
        return [key for key, _ in searcher.search(query, limit, count=False, order_by_field="id").hits]

    def best(self, query: Any, limit: int) -> list[int]:
        """The ids of the best of all hits."""
        searcher = self._index.searcher()
        return [searcher.doc(address)["id"][0] for _, address in searcher.search(query, limit, count=False).hits]

    def counts(self, query: Any) -> dict[str, Any]:
        """Hits by outlet, language, kind, state and month, of all."""
        found: dict[str, Any] = self._index.searcher().aggregate(query, _COUNTS)
        return found

    def query(self, search: Search) -> Any:
        """What a Search asks for, in tantivy's terms; words and phrases that must all be there, no operators."""
        wanted = [phrase(fold(each.strip('"')))[0] for each in re.findall(r'"[^"]+"|\S+', search.words)]
        fields = ["characters"] if len(search.words) == 1 else list(_TEXTS)
        words = self._index.parse_query(
            " ".join(f'"{each}"' for each in wanted), fields, {"title": 5.0}, conjunction_by_default=True
        )
        parts = [(tantivy.Occur.Must, words)]
        for facet in _FACETS:
            if value := getattr(search, facet):
                parts.append((tantivy.Occur.Must, tantivy.Query.term_query(self._index.schema, facet, value)))
        if search.since is not None and search.until is not None:
            dates = tantivy.Query.range_query(
                self._index.schema,
                "id",
                tantivy.FieldType.Unsigned,
                first_id(search.since),
                first_id(following(search.until)),
                include_upper=False,
            )
            parts.append((tantivy.Occur.Must, dates))
        return words if len(parts) == 1 else tantivy.Query.boolean_query(parts)


def _add(writer: Any, rows: list[tuple[Any, ...]]) -> None:
    for report, title, body, removed, characters, *facets in rows:
        document = tantivy.Document(title=title, body=body, removed=removed, characters=characters)
        document.add_unsigned("id", report)
        document.add_unsigned("month", report // 10_000_000_000)
        for facet, value in zip(_FACETS, facets, strict=True):
            document.add_text(facet, value)
        writer.add_document(document)


def _terms(field: str, size: int) -> dict[str, Any]:
    return {"terms": {"field": field, "size": size}}


_COUNTS = {**{facet: _terms(facet, 100) for facet in _FACETS}, "month": _terms("month", 1000)}


def _schema() -> Any:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("id", stored=True, indexed=True, fast=True)
    builder.add_unsigned_field("month", indexed=True, fast=True)
    for name in _TEXTS:
        builder.add_text_field(name, tokenizer_name="words", index_option="position")
    builder.add_text_field("characters", tokenizer_name="words", index_option="basic")
    for name in _FACETS:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    return builder.build()


def _words() -> Any:
    """As our tokenizer: letters and digits, lower case, no accents, English stems."""
    words = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    for each in (tantivy.Filter.lowercase(), tantivy.Filter.ascii_fold(), tantivy.Filter.stemmer("english")):
        words = words.filter(each)
    return words.build()
