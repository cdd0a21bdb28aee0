"""The outlets: Scrapy's own spider loader is their registry, so no pipeline imports a spider."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from scrapy.settings import BaseSettings
from scrapy.spiderloader import SpiderLoader


def outlets(settings: BaseSettings) -> dict[str, Any]:
    """Outlet classes by id, in order of id."""
    loader = SpiderLoader.from_settings(settings)
    return {name: loader.load(name) for name in sorted(loader.list())}


def lists(known: Mapping[str, Any]) -> dict[str, list[tuple[str, str]]]:
    """Where each outlet's crawl starts: (canonical address, address) each."""
    return {name: [(outlet.canonical(url), url) for url in outlet.lists] for name, outlet in known.items()}


def descriptions(known: Mapping[str, Any], settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows of the table `outlets`. Languages and aliases are separated by "; ", domains are JSON; `every` is in
    minutes, `budget` in requests a day."""
    return [
        {
            "id": outlet.name,
            "title_en": outlet.title_en,
            "title_local": outlet.title_local,
            "country": outlet.country,
            "languages": "; ".join(outlet.languages),
            "kind": outlet.outlet_kind,
            "control": outlet.control,
            "owner": outlet.owner,
            "timezone": outlet.timezone,
            "aliases": "; ".join(outlet.aliases),
            "domains": json.dumps([asdict(domain) for domain in outlet.domains], ensure_ascii=False),
            "every": outlet.every or int(settings["LISTS_EVERY"]),
            "budget": outlet.budget or int(settings["REQUEST_BUDGET"]),
        }
        for outlet in known.values()
    ]
