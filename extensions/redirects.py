"""Redirects are followed within the outlet's own hosts; each is a capture, and one that leads nowhere says so."""

from __future__ import annotations

from typing import Any

from scrapy import Request
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from extensions.captures import RecordCaptures


class OwnRedirects(RedirectMiddleware):
    """Scrapy's redirects, but for targets that are no page of the outlet: such a redirect is the answer."""

    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]
        outlet: Any = self.crawler.spider
        location = (response.headers.get("Location") or b"").decode("latin-1")
        if 300 <= response.status < 400 and not outlet.redirect_target(response.url, location):
            return response
        try:
            answer = super().process_response(request, response)
            if isinstance(answer, Request) and outlet.canonical(answer.url) != outlet.canonical(request.url):
                # They belong to what was asked for: the same tag at another address is another page's.
                for validator in ("If-None-Match", "If-Modified-Since"):
                    answer.headers.pop(validator, None)
            return answer
        except IgnoreRequest:
            recorder = self.crawler.get_extension(RecordCaptures)
            if recorder is not None:
                # Under the address that was asked for first, so that it is asked for again.
                first = request.replace(url=request.meta.get("redirect_urls", [request.url])[0])
                recorder.record_failure(first, f"redirected {self.max_redirect_times} times without reaching a page")
            raise
