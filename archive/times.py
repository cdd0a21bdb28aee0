"""Times as archive.db writes them: ISO 8601 in UTC to the second, with Z, so that text order is time order."""

from __future__ import annotations

from datetime import UTC, datetime


def iso(moment: datetime) -> str:
    """2026-11-24T10:49:40Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse(text: str) -> datetime:
    """The moment that `iso` wrote. Raises ValueError for anything else."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def from_capture_id(capture: int) -> datetime:
    """When a capture was made: its id is that time in microseconds since 1970 (UTC)."""
    return datetime.fromtimestamp(capture / 1_000_000, UTC)
