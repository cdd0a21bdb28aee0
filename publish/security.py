"""The headers that keep a hostile page's text from acting in a reader's browser."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

# Our own pages: nothing inline, nothing from elsewhere; one frame, of the captured page.
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; frame-src 'self'; "
    "connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# A captured page: no script, no form, no frame, an origin of its own, and nothing is fetched. Its own styles are inert.
CAPTURED_POLICY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'self'"
)
# Datasette's own pages have scripts and styles inline.
STOCK_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_ALWAYS = {
    b"content-security-policy": STOCK_POLICY.encode(),
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",  # an outlet must not learn from a link what was searched for
    b"x-dns-prefetch-control": b"off",  # nor from a name that is looked up
    b"cross-origin-opener-policy": b"same-origin",
}

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]


def with_headers(application: Application) -> Application:
    """The application, each of its answers with the headers of _ALWAYS that it does not set itself."""

    async def wrapped(scope: Message, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                present = {name.lower() for name, _ in headers}
                headers += [(name, value) for name, value in _ALWAYS.items() if name not in present]
                message = {**message, "headers": headers}
            await send(message)

        await application(scope, receive, sending)

    return wrapped
