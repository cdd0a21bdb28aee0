"""Conditional requests (RFC 9110): who asks again for what has not changed gets no body."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from datasette.utils.asgi import Response  # type: ignore[import-untyped]


def revalidated(
    request: Any,
    body: bytes,
    content_type: str,
    modified: datetime | None = None,
) -> Any:
    """The answer with `body`, or 304 to a client that has it: its ETag is a digest of the body, its Last-Modified the
    newest event in it. Clients may keep it, and ask each time."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if modified is not None:
        modified = modified.astimezone(UTC).replace(microsecond=0)  # a header has seconds
        headers["Last-Modified"] = format_datetime(modified, usegmt=True)
    if _has_it(request.headers, tag, modified):
        return Response(b"", status=304, headers=headers, content_type=content_type)
    return Response(body, headers=headers, content_type=content_type)


def _has_it(asked: Any, tag: str, modified: datetime | None) -> bool:
    if tags := asked.get("if-none-match"):  # then If-Modified-Since does not count
        # Proxies that compress make a tag weak (W/"…"): the content is the same.
        known = [each.strip().removeprefix("W/") for each in tags.split(",")]
        return tag in known or known == ["*"]
    try:
        since = parsedate_to_datetime(asked.get("if-modified-since") or "")
    except ValueError:
        return False
    return modified is not None and modified <= (since if since.tzinfo else since.replace(tzinfo=UTC))
