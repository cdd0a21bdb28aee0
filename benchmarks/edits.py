"""How long it takes to tell what an edit did, and to find what was changed alike among a million replacements.

The radar is asked for a week, a month, a quarter and all of two years; the floor beside it is SQLite's own
`select count(distinct was)` over the same stretch of the same index.

    python benchmarks/edits.py [--replacements 1000000]
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from archive.edits import edit
from archive.radar import findings
from archive.tables import WATCHING
from archive.times import iso
from archive.versions import Wording, change, text_digest

START = datetime(2024, 11, 1, tzinfo=UTC)
DAYS = 730


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--replacements", type=int, default=1_000_000)
    options = arguments.parse_args()
    _texts()
    _radar(options.replacements)


def _texts() -> None:
    chinese = "\n\n".join(f"第{n}项，警方在第{n % 7}区抓获{n * 13}名嫌疑人，扣押物品{n * 3}件。" for n in range(1, 71))
    english = "\n\n".join(f"Police made {n * 131} arrests in district {n}, officials said." for n in range(1, 45))
    for name, text, was, became in (("Chinese", chinese, "520名", "521名"), ("English", english, "5240", "5241")):
        before, after = Wording("T", text, "", ""), Wording("T", text.replace(was, became), "", "")
        kinds = edit(before, after, []).kinds
        print(
            f"{name}, {len(text):,} characters, one figure ({', '.join(kinds)}): "
            f"digest {_milliseconds(partial(text_digest, before.title, before.body)):.2f} ms, "
            f"characters {_milliseconds(partial(change, before, after)):.2f} ms, "
            f"kinds and replacements {_milliseconds(partial(edit, before, after, [])):.2f} ms"
        )


def _milliseconds(task: Callable[[], object], times: int = 20) -> float:
    start = time.process_time()
    for _ in range(times):
        task()
    return (time.process_time() - start) / times * 1000


def _radar(count: int) -> None:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    for statement in WATCHING:
        if "replacements" in statement.partition("(")[0]:
            connection.execute(statement)
    connection.execute("begin")
    connection.executemany("insert into replacements values (?, ?, ?, ?, ?, ?, ?)", _rows(count))
    connection.execute("commit")
    end = START + timedelta(days=DAYS)
    print(f"{count:,} replacements in {DAYS} days; milliseconds of CPU")
    print(f"{'since':>8}{'rows':>10}{'findings':>10}{'radar':>10}{'floor':>10}")
    for days in (7, 30, 90, DAYS):
        since = end - timedelta(days=days)
        span = [iso(since), iso(end)]
        where = "from replacements indexed by replacements_at where seen_at >= ? and seen_at < ?"
        (rows,) = connection.execute(f"select count(*) {where}", span).fetchone()
        number = len(findings(connection, since, end, limit=1_000_000))
        radar = _milliseconds(partial(findings, connection, since, end), 1)
        query = f"select count(distinct was) {where}"
        floor = _milliseconds(partial(_first, connection, query, span), 1)
        print(f"{days:>7}d{rows:>10,}{number:>10,}{radar:>10,.0f}{floor:>10,.0f}")
    query = f"explain query plan select seen_at, version, report, outlet, was, became {where} order by seen_at"
    print(connection.execute(query, span).fetchone()[3])


def _first(connection: sqlite3.Connection, query: str, values: list[str]) -> object:
    return connection.execute(query, values).fetchone()


def _rows(count: int) -> Iterator[tuple[int, int, int, str, str, str, str]]:
    """Replacements as edits make them: a third figures, a tenth removals, the rest pairs drawn from 30,000 words, one
    in a thousand everywhere the same."""
    chance = random.Random(1)
    version = 0
    for number in range(count):
        if not number or chance.random() < 0.4:  # a version has some 2.5 of them
            version += 1
        at = iso(START + timedelta(days=DAYS) * (number / count))
        kind = chance.random()
        was, became = f"word{chance.randrange(30_000)}", f"term{chance.randrange(30_000)}"
        if kind < 0.3:
            was, became = str(chance.randrange(3_000)), str(chance.randrange(3_000))
        elif kind < 0.4:
            became = ""
        elif kind > 0.999:
            was, became = "riot", "protest"
        yield version, number, version, f"outlet{version % 40}", at, was, became


if __name__ == "__main__":
    main()
