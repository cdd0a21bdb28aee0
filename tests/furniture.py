"""What differs between two captures of one page though nobody edited it, put mechanically into any page.

Each function takes a page's markup and gives another one; `round` (1, 2, …) makes the noise itself differ from one
capture to the next. Markup is cut with a pattern and not parsed and written again, since real pages are broken in
ways that a parser would mend.
"""

from __future__ import annotations

import html
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from grammar.typography import squashed
from items import Reading

_PIECE = re.compile(
    r"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<(script|style|iframe)\b.*?</\1\s*>|<[a-zA-Z/!?][^>]*>", re.DOTALL | re.IGNORECASE
)
_TAG = re.compile(r"<([a-zA-Z][\w:-]*)((?:\s+[^<>]*)?)(/?)>$", re.DOTALL)
_ATTRIBUTE = re.compile(r"""([\w:@.-]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+))?""")
# What a layout finds its way by: labels, and lines with a time.
_SIGNPOST = re.compile(
    r"Enditem|来源|出处|编辑|责编|记者|相关|延伸|推荐|更多|纠错|字号|电|\d{4}-\d\d?-\d\d?|\d{4}年|\d\d:\d\d|Source|Editor|Related|Full story"
    r"|published|\(Xinhua\)|chinaview|xinhuanet|news\.cn|Xinhua|thenextweb|TNW|newsletter|tagged|Read next|Story by|About"
    r"|\b\d{4}\b|['’]\d\d",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of markup, or the text between two; `place` is where it begins."""

    is_text: bool
    text: str
    place: int

    @property
    def end(self) -> int:
        return self.place + len(self.text)


@lru_cache(maxsize=4)
def tokens(markup: str) -> tuple[Token, ...]:
    return tuple(_tokens(markup))


def _tokens(markup: str) -> Iterator[Token]:
    at = 0
    for piece in _PIECE.finditer(markup):
        if piece.start() > at:
            yield Token(True, markup[at : piece.start()], at)
        yield Token(False, piece[0], piece.start())
        at = piece.end()
    if at < len(markup):
        yield Token(True, markup[at:], at)


_END_MARK = re.compile(r"(?:■|Enditem)$")


def said(token: Token) -> str:
    """The wording of a text, without the mark with which a wire story ends."""
    return _END_MARK.sub("", squashed(html.unescape(token.text)))


def own_texts(markup: str, reading: Reading) -> set[int]:
    """The places of all texts that the reading took, and of copies of them elsewhere on the page."""
    return _own_texts(markup, reading.title, "\n".join([reading.title, *reading.body, *reading.captions]))


@lru_cache(maxsize=4)
def _own_texts(markup: str, title: str, whole: str) -> set[int]:
    whole, title = squashed(whole), squashed(title)
    texts = [token for token in tokens(markup) if token.is_text and said(token)]
    own = {token.place for token in texts if (len(said(token)) > 3 and said(token) in whole) or title in said(token)}
    # Short words between two own texts (a link, a name in bold) are their own.
    short: list[Token] = []
    for token in texts:
        if token.place in own:
            own |= {each.place for each in short}
            short = []
        elif said(token) in whole and (short or own):
            short.append(token)
        else:
            short = []
    return own


# Noise that needs to know what the page's own text is


def other_words_elsewhere(markup: str, reading: Reading, round: int) -> str:
    """Every text that is not the story's is another one: links, counters, clocks, names, advertisements."""
    own = own_texts(markup, reading)
    return "".join(
        _reworded(token.text, round)
        if token.is_text and token.place not in own and not _SIGNPOST.search(token.text)
        else token.text
        for token in tokens(markup)
    )


def _reworded(text: str, round: int) -> str:
    def other(found: re.Match[str]) -> str:
        sign = found[0]
        if sign.isdigit():
            return str((int(sign) + round) % 10)
        if "\u4e00" <= sign <= "\u9fff":
            return chr(0x4E00 + (ord(sign) - 0x4E00 + 37 * round) % 0x5000)
        base = ord("a") if sign.islower() else ord("A")
        return chr(base + (ord(sign) - base + round) % 26)

    # Entities (&nbsp;) stay.
    return "".join(
        part if part.startswith("&") else re.sub(r"[0-9A-Za-z\u4e00-\u9fff]", other, part)
        for part in re.split(r"(&#?\w+;)", text)
    )


def other_spacing(markup: str, reading: Reading, round: int) -> str:
    """Line breaks and no-break spaces where there were spaces; other indents; none of it is wording."""
    spaces = (" ", "\n", "&nbsp;", " \t ", "\r\n")
    maker = random.Random(round)
    own = own_texts(markup, reading)
    return "".join(
        re.sub(r"(?<=\w)[ ](?=\w)", lambda _: maker.choice(spaces), token.text)
        if token.is_text and token.place in own
        else token.text
        for token in tokens(markup)
    )


def other_typography(markup: str, reading: Reading, round: int) -> str:
    """The story typed by another content system: full-width digits, quotation marks and dashes drawn otherwise, soft
    hyphens and zero-width spaces within words."""
    own = own_texts(markup, reading)
    return "".join(
        _typeset(token.text, round) if token.is_text and token.place in own else token.text for token in tokens(markup)
    )


def _typeset(text: str, round: int) -> str:
    drawn = (
        {"“": '"', "”": '"', "’": "'", "‘": "'", "—": "–", "…": "..."},
        {"'": "’", "–": "—", "·": "•"},
    )[round % 2]  # fmt: skip
    invisible = ("\u200b", "\u00ad", "\ufeff", "\u2060")[round % 4]

    def typeset(part: str) -> str:
        for one, other in drawn.items():
            part = part.replace(one, other)
        part = re.sub(r"(?<=[^\W\d_])(?=[^\W\d_]{5})", invisible, part)
        if round % 2 and re.search("[\u4e00-\u9fff]", part):
            part = re.sub(r"\d", lambda digit: chr(0xFF10 + int(digit[0])), part)
        return part

    return "".join(part if part.startswith("&") else typeset(part) for part in re.split(r"(&#?\w+;)", text))


# Noise that may stand anywhere


def other_attributes(markup: str, reading: Reading, round: int) -> str:
    """Attributes in another order, with one that is new at each look; tags in capitals now and then."""

    def other(token: Token) -> str:
        found = _TAG.match(token.text)
        if token.is_text or found is None or found[1].lower() in ("html", "meta"):
            return token.text
        attributes = [f"{name}={value}" if value else name for name, value in _ATTRIBUTE.findall(found[2])]
        name = found[1].upper() if round % 2 else found[1].lower()
        nonce = f'data-nonce="{round:04}"'
        return f"<{' '.join([name, *attributes[::-1], nonce])}{found[3] and ' /'}>"

    return "".join(map(other, tokens(markup)))


def other_scripts(markup: str, reading: Reading, round: int) -> str:
    """Scripts, styles and comments with other nonces, times and counts; new ones between all elements of the head."""
    seed = f"window.__state={{nonce:'{round:08}',now:'2026-11-{10 + round:02} 08:{round:02}:00',views:{1000 * round}}};"

    def other(token: Token) -> str:
        if re.match(r"<script(?![^>]*ld\+json)", token.text, re.IGNORECASE):
            return re.sub(r"</script\s*>$", f"{seed}</script>", token.text, flags=re.IGNORECASE)
        return token.text

    mixed = "".join(other(token) for token in tokens(markup))
    return re.sub(
        r"</head>", f"<script>{seed}</script><style>.n{round}{{}}</style><!-- {seed} --></head>", mixed, count=1
    )


def around_the_page(markup: str, reading: Reading, round: int) -> str:
    """Banners, a clock, a bar of languages, most read, sign-ups and a footer: new siblings at the page's both ends."""
    top = f"""<div class="cookie-banner" role="dialog"><p>We and our {700 + round} partners use cookies.</p><button>OK</button></div>
        <header class="site-header"><h1 class="logo"><a href="/">Home</a></h1><div class="clock">2026-11-{10 + round:02} 0{round}:10:33</div>
        <ul class="languages"><li><a href="/en">English</a></li><li><a href="/fr">Français</a></li><li><a href="/ru">Русский</a></li></ul>
        <div class="breaking-news">Breaking: storm number {round} reaches the coast</div></header>
        <aside class="most-read"><h2>Most read</h2><ol>{_headlines(round, 6)}</ol></aside>"""
    bottom = f"""<aside class="sidebar"><h3>Most popular</h3><ul>{_headlines(round + 3, 5)}</ul>
        <div class="weather">Beijing {round}°C, updated {round} hours ago</div><div class="comments-count">{round * 17} comments</div></aside>
        <section class="newsletter"><h2>Newsletter</h2><p>{round * 1000} readers get it.</p></section>
        <footer><p>Copyright © 2000-{2025 + round}. Visitors: {round * 991}</p></footer>"""
    opened = re.search(r"<body\b[^>]*>", markup, re.IGNORECASE) or re.search(r"</head>", markup, re.IGNORECASE)
    closed = re.search(r"</body>|</html>\s*$", markup, re.IGNORECASE)
    at, end = opened.end() if opened else 0, closed.start() if closed else len(markup)
    return markup[:at] + top + markup[at:end] + bottom + markup[end:]


def _headlines(round: int, count: int, element: str = "li") -> str:
    subjects = ("Harbour", "Ferry", "School", "Bridge", "Market", "Railway", "Library", "Island")
    return "".join(
        f'<{element}><a href="/20261{round}/c_{round * 100 + n}.htm">{subjects[(n + round) % 8]} number {n * round + 1} opens</a>'
        f"</{element}>"
        for n in range(count)
    )


def _headlines_han(round: int, count: int, element: str = "p") -> str:
    subjects = ("渔港", "小学", "图书馆", "大桥", "铁路", "灯塔", "集市", "湿地")
    return "".join(
        f'<{element}><a href="/2026-11/1{round}/c_{round * 100 + n}.htm">{subjects[(n + round) % 8]}第{n * round + 1}次扩建完工</a>'
        f"</{element}>"
        for n in range(count)
    )


# A real edit, beside which all of this is nothing


def another_figure(markup: str, reading: Reading) -> str:
    """The page with one figure of one paragraph changed, in each copy of the story."""
    paragraph = next(text for text in reading.body if re.search(r"\d", text))
    places = list(_places_of(markup, paragraph))
    assert places, paragraph
    for begin, end in reversed(places):
        digits = (
            token.place + found.start()
            for token in tokens(markup)
            if token.is_text and begin <= token.place < end and (found := re.search(r"(?<!&#)\d", token.text))
        )
        place = next(digits)
        markup = f"{markup[:place]}{(int(markup[place]) + 1) % 10}{markup[place + 1 :]}"
    return markup


# Inside the story's own element, where real pages have it


def within(markup: str, reading: Reading, inserted: str, at: str) -> str:
    """The page with markup put into each copy of the story: at its "start", "between" its first two paragraphs or at
    its "end"."""
    places = [place[at != "start"] for place in _places_of(markup, reading.body[-1 if at == "end" else 0])]
    assert places, "the paragraph is not found in the markup"
    for place in reversed(places):
        markup = markup[:place] + inserted + markup[place:]
    return markup


_CLOSES = re.compile(
    r"(?:\s|</?(?:span|font|strong|b|em|i|a|u|o:p|st1:\w+)\b[^>]*>|&nbsp;)*(?:</p\s*>|<br\s*/?>)?", re.IGNORECASE
)


_BLOCK = re.compile(r"</?(?:p|div|td|br|li|h\d|body|title)\b", re.IGNORECASE)


def _places_of(markup: str, paragraph: str) -> Iterator[tuple[int, int]]:
    """Where each copy of a paragraph begins, with its own start tags, and where it ends, behind its end tags."""
    wanted = squashed(paragraph)
    gathered: list[tuple[str, int]] = []
    begun = 0
    for token in tokens(markup):
        if not token.is_text:
            if _BLOCK.match(token.text):
                gathered = []
                begun = token.place if re.match("<p", token.text, re.IGNORECASE) else token.end
            continue
        gathered.append((said(token), token.end))
        joined = "".join(text for text, _ in gathered)
        if joined.endswith(wanted) and len(joined) <= len(wanted) + 40:
            closing = _CLOSES.match(markup, token.end)
            assert closing is not None
            yield begun, closing.end()
            gathered = []


Noise = Callable[[str, Reading, int], str]
EVERYWHERE: dict[str, Noise] = {
    noise.__name__: noise
    for noise in (
        other_words_elsewhere, other_spacing, other_typography, other_attributes, other_scripts, around_the_page,
    )
}  # fmt: skip


def _share(round: int) -> str:
    return f'<div class="share"><span>分享到：</span><a class="wx">微信</a><a class="wb">微博</a><em>{round * 31}</em></div>'


# By outlet and language: what real pages have behind the last paragraph, each at another look.
AT_THE_END: dict[str, dict[str, Callable[[int], str]]] = {
    "xinhua zh": {
        "editor and corrections": lambda round: (
            '<div id="articleEdit"><span class="tiyi1 domPC"><a href="javascript:void(0);" class="advise">【纠错】</a>'
            '<div id="advisebox01" class="tiyi01" style="display:none;"><div><iframe id="jc_link1"></iframe></div></div></span>'
            f'<span class="editor"> 【责任编辑:{"薛白 徐青"[: 2 + round % 2 * 3]}】 </span></div>'
        ),
        "related in paragraphs": lambda round: f"<p>相关新闻：</p>{_headlines_han(round, 3)}",
        "related in a list": lambda round: f"<p><strong>【相关链接】</strong></p><ul>{_headlines_han(round, 4, 'li')}</ul>",
        "further reading": lambda round: f"<p>　　延伸阅读：</p>{_headlines_han(round, 2)}",
        "related with dates": lambda round: (
            f'<p>相关报道</p><ul>{_headlines_han(round, 2, "li").replace("</a>", f"</a><span>2026-11-1{round}</span>")}</ul>'
        ),
        "links alone": lambda round: _headlines_han(round, 3),
        "columns": lambda round: (
            '<div class="columBox relatedNews"><div class="col-tit">相关新闻</div><div class="col-cont">'
            f"<ul>{_headlines_han(round, 5, 'li')}</ul></div></div>"
        ),
        "next story": lambda round: (
            f'<div class="nextpage clearfix"><div class="nextpage-tit">阅读下一篇：</div><div class="nextpage-cont">'
            f'<a href="#">小站第{round}号</a></div></div><div class="bookList"><ul>{_headlines_han(round, 2, "li")}</ul></div>'
        ),
        "likes and share": lambda round: (
            f'<div class="tadd"><div class="zan-wap"><a class="zan"></a><div class="zan-i">+{round}</div></div>{_share(round)}</div>'
            f'<div class="bdsharebuttonbox"><a title="分享到微信">微信 {round}</a></div>'
        ),
        "tools": lambda round: (
            f'<p>【字号 大 中 小】【打印】【关闭】</p><p><a href="#top">返回顶部</a></p><p>阅读{round * 350}次 评论({round * 3})</p>'
        ),
        "code to scan": lambda round: f'<p align="center"><img src="ewm{round}.png"></p><p align="center">扫一扫，手机浏览</p>',
        "advertisement": lambda round: (
            f'<div class="ad_right"><ins data-ycad-slot="{round}"></ins><a href="/ad{round}">广告 第{round}期</a></div>'
        ),
    },
    "xinhua en": {
        "related, with their beginnings": lambda round: "".join(
            [
                "<p><strong>Related:</strong></p>",
                *(
                    f'<p><a href="/c_{round}{n}.htm">Ship number {round + n} waits</a></p><p>MANILA, Oct. {round + n} (Xinhua) -- '
                    f'A ship waited for {round} days. <a href="/c_{round}{n}.htm">Full story</a></p>'
                    for n in range(2)
                ),
            ]
        ),
        "related, links": lambda round: f"<p>Related stories</p>{_headlines(round, 3, 'p')}",
        "related, in bold": lambda round: f"<p><b>RELATED NEWS</b></p>{_headlines(round, 2, 'p')}",
        "explore and trending": lambda round: (
            f'<div class="explore_box"><div class="tit">Explore more</div><ul>{_headlines(round, 3)}</ul></div>'
            f'<div class="Trending"><div class="tit">Trending</div><ul>{_headlines(round + 1, 3)}</ul></div>'
        ),
        "share": lambda round: (
            f'<div class="bdsharebuttonbox"><a title="分享到微信">分享到微信</a></div><div class="share"><em>Share</em><em>{round}</em></div>'
        ),
        "tools": lambda round: (
            f'<p><a href="#top">Back to Top</a></p><p>Add Comment</p><p>[ Print ] [ Close ]</p><p>{round * 12} comments</p>'
        ),
        "editor": lambda round: f"<p>[Editor: {('huaxia', 'Liu Chang')[round % 2]}]</p>",
        "most popular": lambda round: f"<p>Most Popular</p><ul>{_headlines(round, 4)}</ul>",
        "key words": lambda round: f'<div class="tags">KEY WORDS: {("China", "ships")[round % 2]}</div>',
        "player": lambda round: f'<div class="onlyVideo"><iframe src="/v{round}"></iframe>Video Player Close {round}:00</div>',
    },
    "tnw": {
        "read next": lambda round: f'<p>Read next: <a href="/news/{round}">An alarm clock number {round}</a></p>',
        "read next in bold": lambda round: f'<p><strong>Read next:</strong> <a href="/news/{round}">A kettle number {round}</a></p>',
        "read next as a link": lambda round: f'<p><a href="/news/{round}"><em>Read next: A kettle number {round}</em></a></p>',
        "read next as a heading": lambda round: f'<h4>Read next</h4><p><a href="/news/{round}">A kettle number {round}</a></p>',
        "read more": lambda round: f'<p>Read more: <a href="/news/{round}">A kettle number {round}</a></p>',
        "see also": lambda round: f'<p><b>See also:</b> <a href="/news/{round}">A kettle number {round}</a></p>',
        "do not miss": lambda round: f'<p>Don’t miss: <a href="/news/{round}">A kettle number {round}</a></p>',
        "comments": lambda round: (
            f'<div class="button social-comments load-article-comments"><a href="#comments">Show {round * 3} comments</a></div>'
        ),
        "share counts": lambda round: (
            f'<div class="post-share"><span>{round * 312}</span> shares</div><div class="shareBox">Tweet {round}</div>'
            f'<ul class="social-buttons"><li>Facebook {round}</li><li>Twitter {round * 2}</li></ul>'
        ),
        "related posts": lambda round: (
            f'<div class="related-posts"><h3>Related stories</h3><ul>{_headlines(round, 3)}</ul></div>'
            f'<div class="yarpp-related"><ol>{_headlines(round, 2)}</ol></div>'
        ),
        "sign-up": lambda round: (
            '<div class="c-newsletter inarticle-newsletter"><h3>Get the TNW newsletter</h3>'
            f"<p>{round * 1000} readers get it each week.</p></div>"
        ),
        "sign-up as text, with all below it": lambda round: (
            "<h2>Get the TNW newsletter</h2><p>Get the most important tech news in your inbox each week.</p>"
            f"<p>Also tagged with</p><ul>{_headlines(round, 2)}</ul><p>Published September {round}, 2026 - 10:12 am UTC</p>"
            '<p><a href="#">Back to top</a></p>'
        ),
        "published and back to top": lambda round: (
            f'<p>Published July 2{round}, 2012 - 10:52 am UTC</p><p><a href="#top">Back to top</a></p>'
        ),
        "author": lambda round: (
            f'<div class="post-author-bio"><p>Iris has written {round * 7} posts. <a href="#">(show all)</a></p></div>'
            f'<div class="c-article__authorBio"><p>Iris has written {round * 7} posts.</p></div>'
        ),
        "tags": lambda round: f'<div class="post-tags">Tags: <a>Asia {round}</a></div><p>Also tagged with</p><ul>{_headlines(round, 2)}</ul>',
        "advertisement": lambda round: (
            f'<div class="inarticle-wrapper"><p>Ad {round}</p></div><div class="advertisement">Sponsored: {round}</div>'
            f'<div id="div-gpt-ad-{round}"><script>show({round})</script></div>'
        ),
    },
}  # fmt: skip

# Before the first paragraph.
AT_THE_START: dict[str, dict[str, Callable[[int], str]]] = {
    "xinhua zh": {
        "audio and tools": lambda round: (
            f'<div class="audio">听新闻 00:0{round}/03:1{round}</div><p>【字号 大 中 小】</p><audio id="audioDom" loop="loop"></audio>'
        ),
        "share": _share,
    },
    "xinhua en": {
        "player": lambda round: f'<p>Video PlayerClose</p><div class="onlyVideo"><iframe src="/v{round}"></iframe></div>',
        "share": lambda round: f'<div class="share"><a>Facebook</a><a>Twitter</a><em>{round}</em></div>',
    },
    "tnw": {
        "share counts": lambda round: f'<div class="social-share"><span>{round * 312}</span> shares</div><p>{round * 12} shares</p>',
        "player": lambda round: f'<p>Listen to this article</p><div>0:00 / {round}:32</div>',
    },
}  # fmt: skip

# Between two paragraphs.
BETWEEN: dict[str, dict[str, Callable[[int], str]]] = {
    "xinhua zh": {
        "player": lambda round: (
            f'<p align="center"><iframe class="pageVideo" src="/v{round}"></iframe></p><div class="video-url" style="display:none">v{round}</div>'
        ),
        "advertisement": lambda round: f'<div class="ad"><a href="/ad{round}">广告{round}</a></div>',
    },
    "xinhua en": {
        "player": lambda round: f'<div class="onlyVideo"><iframe src="/v{round}"></iframe></div>',
        "advertisement": lambda round: f'<div class="ad"><a href="/ad{round}">Advertisement {round}</a></div>',
    },
    "tnw": {
        "advertisement": lambda round: f'<div class="inarticle-wrapper latest"><p>Ad {round}</p></div>',
        "teaser": lambda round: f'<p>Read next: <a href="/news/{round}">An alarm clock number {round}</a></p>',
        "promotion": lambda round: f'<aside class="c-promo"><p>TNW Conference {2026 + round}: buy tickets</p></aside>',
        "sign-up": lambda round: f'<div class="newsletter-signup"><p>Sign up, like {round}00 others</p></div>',
    },
}  # fmt: skip

WITHIN = {"start": AT_THE_START, "between": BETWEEN, "end": AT_THE_END}
