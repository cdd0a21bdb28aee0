"""/help: what may be typed into a search box, each with a search to try."""

from __future__ import annotations

from typing import Any

from publish.room import show

# (what is typed, what it finds)
EXAMPLES = (
    ("公安部", "these characters in a row, anywhere: 公安部副部长 too"),
    ("京", "this character"),
    ("公安部 北京", "both, anywhere in a report"),
    ("police arrested", "both words in any form (arrests, arresting)"),
    ('"police arrested"', "the words in a row; “…” 「…」 『…』 《…》 do the same"),
    ("arrest*", "words that begin so"),
    ("police -sports", "the one and not the other; also police NOT sports"),
    ("Beijing OR 北京", "at least one of them; OR, AND, NOT in capitals"),
    ("(gangs OR 团伙) 2012", "parentheses group"),
    ("title:北京", "in the title; 标题:北京 too"),
    ("removed:gangs", "in a sentence that an edit took out"),
    ("outlet:xinhua year:2012", "what the report is: outlet:, language:, kind:, state:, year:, month:2012-07"),
    ("臺灣", "simplified and traditional characters find each other"),
)


async def view(datasette: Any, request: Any) -> Any:
    return await show(datasette, request, "help", examples=EXAMPLES)
