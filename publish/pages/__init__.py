"""The reading room's pages: which address shows what. A page a module: what it reads of the archive, and its view."""

from __future__ import annotations

from publish.pages import (
    alarms_feed,
    captures,
    changes,
    coverage,
    downloads,
    edits,
    feeds,
    health,
    help,
    home,
    outlets,
    questions,
    radar,
    report,
    schema,
    search,
    takedowns,
    timeline,
)
from publish.room import View

# Each view is (datasette, request) → response; publish.room.page puts permissions and troubles around it.
ROUTES: tuple[tuple[str, View], ...] = (
    (r"^/search$", search.view),
    (r"^/search\.atom$", feeds.search),
    (r"^/search\.json$", downloads.as_json),
    (r"^/search\.csv$", downloads.as_csv),
    (r"^/search\.xlsx$", downloads.as_xlsx),
    (r"^/edits\.atom$", feeds.edits),
    (r"^/edits/radar\.atom$", feeds.radar),
    (r"^/takedowns\.atom$", feeds.takedowns),
    (r"^/alarms\.atom$", alarms_feed.view),
    (r"^/help$", help.view),
    (r"^/$", home.view),
    (r"^/edits$", edits.view),
    (r"^/edits/radar$", radar.view),
    (r"^/takedowns$", takedowns.view),
    (r"^/coverage$", coverage.view),
    (r"^/coverage\.csv$", coverage.as_csv),
    (r"^/health$", health.view),
    (r"^/timeline$", timeline.view),
    (r"^/timeline\.csv$", timeline.as_csv),
    (r"^/questions$", questions.all_questions),
    (r"^/questions/(?P<name>[\w-]+)$", questions.view),
    (r"^/questions/(?P<name>[\w-]+)\.xlsx$", questions.as_xlsx),
    (r"^/schema$", schema.view),
    (r"^/outlets$", outlets.all_outlets),
    (r"^/outlets/(?P<outlet>[\w.-]+)$", outlets.view),
    (r"^/reports/(?P<report>\d+)$", report.view),
    (r"^/reports/(?P<report>\d+)/changes$", changes.view),
    (r"^/captures/(?P<capture>\d+)$", captures.view),
    (r"^/captures/(?P<capture>\d+)/page$", captures.page),
    (r"^/captures/(?P<capture>\d+)/record$", captures.record),
)
