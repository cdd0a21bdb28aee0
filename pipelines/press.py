"""The press as the archive knows it: the outlets that it collects, and those that only others name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scrapy.settings import BaseSettings

from grammar.press import Press
from pipelines.registry import descriptions


def press_of(known: Mapping[str, Any], settings: BaseSettings) -> Press:
    """`known`: outlet classes by id, as pipelines.registry.outlets gives them."""

    def canonical(url: str) -> tuple[str, str] | None:
        """The outlet of ours at which an address is, and the one under which its page is known there."""
        try:
            outlet = next((outlet for outlet in known.values() if outlet.owns(url)), None)
            return (outlet.name, outlet.canonical(url)) if outlet is not None else None
        except ValueError:  # no web address
            return None

    return Press(descriptions(known, settings), canonical)
