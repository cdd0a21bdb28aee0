"""What stands in a report's place is told apart, and what may still be a report is never taken for gone."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from scrapy.utils.project import get_project_settings

from items import Capture
from pipelines.extract import extract
from pipelines.gone import in_its_place
from pipelines.notices import clauses, says_gone, says_login, sentences, title_parts
from pipelines.registry import outlets
from samples.newsroom import Answer, answers
from spiders.page import Page

SHARED = Path(__file__).parents[2] / "shared"
KNOWN = outlets(get_project_settings())
REPORT = "https://www.news.cn/politics/2026-11/24/c_1129041895.htm"
ENGLISH = "https://english.news.cn/20261124/7e25b972e192b01004b62346ee9975a5/c.html"
POST = "https://thenextweb.com/news/harbour-drones"


def capture(
    body: str | bytes = b"", url: str = REPORT, status: int = 200, location: str = "", type_: str = "text/html"
) -> Capture:
    data = body if isinstance(body, bytes) else body.encode()
    headers = [("Content-Type", type_)] + ([("Location", location)] if location else [])
    return Capture(1, "", "xinhua", url, datetime(2026, 11, 24, tzinfo=UTC), status, headers, data)


def end(*arguments: Any, outlet: str = "xinhua", **named: Any) -> tuple[str, str]:
    found = extract(capture(*arguments, **named), KNOWN[outlet])
    return found.outcome, found.cause


def page(title: str, body: str) -> str:
    return f"<html><head><title>{title}</title></head><body>{body}</body></html>"


# Statuses


@pytest.mark.parametrize(
    ("status", "ending"),
    [
        (404, ("missing", "http-404")),
        (410, ("missing", "http-410")),
        (401, ("refused", "login")),
        (402, ("refused", "login")),
        (403, ("refused", "")),
        (429, ("refused", "")),
        (451, ("refused", "")),
        (500, ("server-error", "")),
        (503, ("server-error", "")),
    ],
)
def test_a_status_that_tells_has_its_cause(status: int, ending: tuple[str, str]) -> None:
    assert (
        end(page("新华网", "<div id='detail'><p>　　新华社北京11月24日电　正文。</p></div>"), status=status) == ending
    )


# Redirects


@pytest.mark.parametrize(
    ("location", "ending"),
    [
        ("https://www.news.cn/", ("missing", "front-page")),
        ("http://www.news.cn", ("missing", "front-page")),
        ("/index.htm", ("missing", "front-page")),
        ("/index.html?from=404", ("missing", "front-page")),
        ("https://www.xinhuanet.com/", ("missing", "front-page")),
        ("http://he.xinhuanet.com/", ("missing", "front-page")),
        ("/english/", ("missing", "front-page")),
        ("/politics/", ("missing", "section-page")),
        ("/politics/index.htm", ("missing", "section-page")),
        ("/world/", ("missing", "section-page")),
        ("https://www.news.cn/politics/ds_fe46eebd0e45c6de7b3619d88cc65620.json", ("missing", "section-page")),
        ("/tags/police", ("missing", "section-page")),
        ("/404.html", ("missing", "soft-404")),
        ("/404", ("missing", "soft-404")),
        ("/error/404.htm?aspxerrorpath=/politics/2026-11/24/c_1129041895.htm", ("missing", "soft-404")),
        ("/error.html", ("missing", "soft-404")),
        ("/common/errorpage.jsp", ("missing", "soft-404")),
        ("/page-not-found/", ("missing", "soft-404")),
        ("/deleted.htm", ("missing", "soft-404")),
        ("https://www.news.cn/passport/login.jsp?back=x", ("refused", "login")),
        ("https://passport.news.cn/sso?back=x", ("refused", "login")),
        ("https://login.elsewhere.example/x", ("refused", "login")),
        ("/subscribe", ("refused", "login")),
        # What says nothing of the report.
        ("https://www.news.cn/politics/2026-11/24/c_1129041896.htm", ("redirect", "")),
        ("https://www.news.cn/politics/2026-11/24/c_1129041895.htm?page=1", ("redirect", "")),
        ("http://www.xinhuanet.com/politics/2026-11/24/c_1129041895.htm", ("redirect", "")),
        ("https://other.news.cn/politics/2026-11/24/c_1129041895.htm", ("redirect", "")),
        ("https://elsewhere.example/politics/2026-11/24/c_1129041895.htm", ("redirect", "")),
        ("https://elsewhere.example/", ("redirect", "")),
        ("https://elsewhere.example/404.html", ("redirect", "")),
        ("https://www.news.cn/app/reader.htm", ("redirect", "")),
        ("/?p=1129041895", ("redirect", "")),
        ("/index.php?id=77", ("redirect", "")),
        ("/error/500.html", ("redirect", "")),
        ("/error.html?code=503", ("redirect", "")),
        ("/404/maintenance.html", ("redirect", "")),
        ("/news-1404", ("redirect", "")),
        ("/errors-of-the-past", ("redirect", "")),
        ("", ("redirect", "")),
        ("http://[bad", ("redirect", "")),
        ("javascript:alert(1)", ("redirect", "")),
    ],
)
def test_a_redirect_is_judged_by_where_it_leads(location: str, ending: tuple[str, str]) -> None:
    assert end(status=302, location=location) == ending


def test_a_redirect_says_where_it_led() -> None:
    found = extract(capture(status=302, location="/"), KNOWN["xinhua"])
    assert found.reason == f"{REPORT}: leads to the front page https://www.news.cn/"


def test_a_redirect_of_a_list_is_none_of_a_report() -> None:
    assert end(url="https://www.news.cn/politics/", status=302, location="/") == ("redirect", "")


def test_a_list_that_moved_among_the_outlets_hosts_is_still_that_list() -> None:
    xinhua = KNOWN["xinhua"]
    for url, kind in (
        ("https://en.news.cn/list/latestnews.htm", "listing"),
        ("https://en.news.cn/english/rss/worldrss.xml", "listing"),
        ("https://he.news.cn/world/", "other"),  # every local channel has one
        ("https://elsewhere.example/list/latestnews.htm", "other"),
    ):
        assert xinhua.kind_of(url) == kind, url
    assert KNOWN["tnw"].kind_of("https://deals.thenextweb.com/latest") == "other"


def test_a_post_that_leads_to_the_list_of_all_is_missing() -> None:
    for location in ("/latest", "/news", "https://thenextweb.com"):
        assert end(url=POST, status=301, location=location, outlet="tnw")[0] == "missing"
    assert end(url=POST, status=301, location="/news/harbour-drones-2", outlet="tnw")[0] == "redirect"


@pytest.mark.parametrize(
    ("body", "ending"),
    [
        ('<meta http-equiv="refresh" content="0;url=http://www.news.cn/">', ("missing", "front-page")),
        ('<META HTTP-EQUIV="Refresh" CONTENT="3; URL=\'/politics/\'">', ("missing", "section-page")),
        ("<script>window.location.href='/404.html';</script>", ("missing", "soft-404")),
        ("<script>location.replace('https://www.news.cn/');</script>", ("missing", "front-page")),
        ("<script>top.location='/';</script>", ("missing", "front-page")),
        ('<meta http-equiv="refresh" content="0;url=/passport/login">', ("refused", "login")),
        # To itself, as a check of the browser does; to another report; to nowhere.
        (f"<script>document.cookie='a=b';location.href='{REPORT}';</script>", ("quarantined", "")),
        ("<script>location='/politics/2026-11/24/c_1.htm'</script>", ("quarantined", "")),
        ('<meta http-equiv="refresh" content="300">', ("quarantined", "")),
        ("<script>location.reload()</script>", ("quarantined", "")),
        ("<script>mylocation='/'</script>", ("quarantined", "")),
        (f"<script>location.href='/'</script>{'<p>Text.</p>' * 100}", ("quarantined", "")),
    ],
)
def test_a_page_that_only_leads_elsewhere_is_a_redirect(body: str, ending: tuple[str, str]) -> None:
    assert end(f"<html><head>{body}</head></html>") == ending


# A page that says that it is gone

GONE = {
    "en": """404|404 Not Found|Not Found|410 Gone|Error 404|Page Not Found!|Oops! That page can't be found.
Sorry, the page you are looking for could not be found.|The requested URL /a/b.html was not found on this server.
The page you requested cannot be found.|This story is no longer available.|This article has been removed.
The article you are looking for has been removed or is temporarily unavailable.|We couldn't find the page you were looking for.
We can’t find that page|The resource you are looking for might have been removed, had its name changed, or is temporarily unavailable.
File or directory not found.|It looks like nothing was found at this location.|The page does not exist|No such article
This content has been taken down.|Page removed|404 - File or directory not found.""",
    "zh": """错误404|404错误|404页面|ERROR 404 您访问的页面不存在|抱歉，您访问的页面不存在或已被移除|很抱歉，您要访问的页面不存在！
该内容已被发布者删除|此内容因违规无法查看|此账号已被屏蔽, 内容无法查看|该稿件已下线|找不到您访问的网页|页面没有找到|对不起，您访问的文章已被删除！
您查看的新闻不存在或已删除|您访问的页面找不到了|该页面已失效|您要查看的内容不存在|页面丢失了|稿件已撤回|温馨提示：您访问的页面不存在""",
    "zh-Hant": """您要訪問的頁面不存在|找不到網頁|該文章已被刪除|頁面不存在|很抱歉，您查看的新聞已經下線|找不到您要的頁面""",
    "ja": "お探しのページは見つかりませんでした。|ページが見つかりません|この記事は削除されました|指定されたページは存在しません",
    "ko": "페이지를 찾을 수 없습니다|요청하신 페이지를 찾을 수 없습니다.|존재하지 않는 페이지입니다|삭제된 기사입니다",
    "ru": """Страница не найдена|Запрашиваемая страница не найдена!|К сожалению, запрашиваемая страница не существует
Страница, которую вы ищете, не существует.|Ошибка 404. Страница не найдена|Материал удалён|Статья была удалена|Такой страницы не существует
Такой страницы нет|Материал снят с публикации|Сторінку не знайдено""",
    "ar": """الصفحة غير موجودة|عذراً، الصفحة التي تبحث عنها غير موجودة أو تم نقلها أو حذفها|لم يتم العثور على الصفحة|الصفحة المطلوبة غير موجودة
تم حذف هذا المقال|خطأ 404|هذا الخبر لم يعد متوفراً""",
    "fa": "صفحه مورد نظر یافت نشد|صفحه پیدا نشد",
    "es": """Página no encontrada|La página que busca no existe|Lo sentimos, la página solicitada no se encuentra|No se encontró la página
La página que estás buscando no existe o ha sido movida|Este artículo ha sido eliminado|Esta noticia ya no está disponible|Error 404""",
    "fr": """Page introuvable|La page que vous recherchez n'existe pas|Désolé, cette page n’existe plus|Cet article n'est plus disponible
La page demandée est introuvable|Erreur 404 - page introuvable|Cet article a été supprimé|Page non trouvée""",
    "pt": "Página não encontrada|A página que você procura não existe|Este artigo foi removido",
    "de": "Seite nicht gefunden|Diese Seite wurde nicht gefunden.|Die angeforderte Seite existiert nicht mehr|Dieser Artikel wurde gelöscht",
    "others": "Pagina non trovata|Aradığınız sayfa bulunamadı|Không tìm thấy trang|Halaman tidak ditemukan|Strona nie istnieje",
}  # fmt: skip
PHRASES = [(language, phrase) for language, phrases in GONE.items() for phrase in phrases.replace("\n", "|").split("|")]


@pytest.mark.parametrize(("language", "phrase"), PHRASES)
def test_a_page_that_says_that_it_is_gone_is_a_soft_404(language: str, phrase: str) -> None:
    menu = "".join(f"<li><a href='/{number}'>栏目{number}</a></li>" for number in range(60))
    foot = (
        "<div class='foot'>Copyright © 2000-2026 XINHUANET.com All Rights Reserved. 制作单位：新华网股份有限公司</div>"
    )
    in_text = page("新华网", f"<ul>{menu}</ul><div class='box'><p>{phrase}</p><a href='/'>返回首页</a></div>{foot}")
    in_heading = page("新华网", f"<ul>{menu}</ul><h1>{phrase}</h1><p>Go to the front page.</p>{foot}")
    in_title = page(f"{phrase}-新华网", f"<ul>{menu}</ul><img src='lost.png'>{foot}")
    for html in (in_text, in_heading, in_title):
        assert end(html) == ("missing", "soft-404"), html


# None of these says that a page is gone for good, or says it of this page.
NOT_GONE = """Page not found: how the ministry deletes its past|Article on Xi removed from Weibo|404 children rescued|网页被删除引发争议
警方：已删除违法信息32万条|公安部：删除有害信息200余万条|该公司被删除|找不到工作怎么办|This page is temporarily unavailable|此页面暂时无法访问|系统维护中
服务器错误|Server error|500 Internal Server Error|503 Service Unavailable|This content is not available in your region|Access denied|403 Forbidden
请输入验证码|Just a moment...|Новость дня|Página 404 del libro de historia|404 Media wins prize|Gone with the wind|Missing plane found|Error
错误|新华网|报道：微信公众号被封禁|汽车下线仪式举行|首台国产机床下线|用户信息丢失|文件已下发|链接中国与世界|Страница истории|Bad gateway
网站升级改造中，请稍后访问|Too many requests|Технические работы|Сервис временно недоступен|Service temporarily unavailable""".replace(
    "\n", "|"
)


@pytest.mark.parametrize("phrase", NOT_GONE.split("|"))
def test_trouble_and_headlines_about_deleted_pages_are_not_gone(phrase: str) -> None:
    assert not any(map(says_gone, [*title_parts(phrase), *sentences(phrase)]))
    assert end(page(f"{phrase}-新华网", f"<h1>{phrase}</h1>"))[0] == "quarantined"


def test_a_phrase_in_a_text_that_no_layout_reads_is_part_of_the_text() -> None:
    story = "".join(
        f"<p>第{number}段：记者点开链接，看到的是“该文章已被删除”。您访问的页面不存在，平台这样说。</p>"
        for number in range(9)
    )
    assert end(page("网页去哪了", f"<h1>网页去哪了</h1>{story}"))[0] == "quarantined"
    # Even under a headline that is nothing else.
    assert end(page("该文章已被删除", f"<h1>该文章已被删除</h1>{story}"))[0] == "quarantined"
    assert end(
        page(
            "Page not found",
            f"<h2>404</h2><article>{'<p>The ministry said so on Monday, and again.</p>' * 20}</article>",
        )
    )[0] == ("quarantined")


def test_a_notice_that_is_not_shown_is_not_read() -> None:
    hidden = "<div style='display:none'><h1>404</h1>您访问的页面不存在</div><div hidden>Page not found</div>"
    template = "<template><p>Page not found</p></template><script>var x='页面不存在'</script><noscript>404</noscript>"
    assert end(page("新华网", f"<div id='app'></div>{hidden}{template}"))[0] == "quarantined"


@pytest.mark.parametrize(
    "repeated",
    [
        "想要",
        "访问的",
        "您",
        "已经已",
        "页面",
        "页",
        "que ",
        "la pagina que ",
        "a",
        "the page ",
        "وصول ",
        "و",
        "страница ",
        "404 ",
        "sorry ",
        "请登录后",
        "或",
        "-",
    ],
)
def test_no_sentence_takes_long(repeated: str) -> None:
    started = process_time()
    for text in (
        repeated * 150,
        "您" + repeated * 150,
        "la pagina que " + repeated * 150,
        "الصفحة التي " + repeated * 150,
    ):
        end(page(text[:120], f"<h1>{text[:110]}</h1><p>{text}</p>"))
    assert process_time() - started < 1


def test_the_reason_quotes_what_the_page_says() -> None:
    found = extract(capture(page("新华网", "<p>很抱歉，您访问的页面不存在！</p>")), KNOWN["xinhua"])
    assert found.reason == f"{REPORT}: the page says that it is gone: “很抱歉，您访问的页面不存在！”"


# In the template of a report


def detail(text: str, title: str = "标题", editor: str = "<span class='editor'>【责任编辑:邱某 】</span>") -> str:
    return f"""<html><head><title>{title}-新华网</title></head><body>
        <div class="header domPC"><div class="header-time left"><span class="year"><em>2026</em></span><span class="day"><em>11</em>/
        <em>24</em></span><span class="time">16:09:32</span></div><div class="source">来源：新华网</div>
        <div class="head-line clearfix"><h1><span class='title'>{title}</span></h1></div></div>
        <div class="main"><div id="detail"><span id="detailContent">{text}</span><div id="articleEdit"><a>【纠错】</a>{editor}</div></div>
        <div class="nextpage">阅读下一篇：<a href="/1">别的报道</a></div></div>
        <div class="foot">Copyright © 2000 - 2026 XINHUANET.com All Rights Reserved. 制作单位：新华网股份有限公司 版权所有</div></body></html>"""


TEXT = "<p>　　新华社北京11月24日电（记者王某）正文第一段。</p><p>　　该文章已被删除。您访问的页面不存在。</p>"


def test_a_text_that_a_layout_reads_is_a_report_whatever_it_says() -> None:
    assert end(detail(TEXT)) == ("report", "")
    assert end(detail(TEXT, title="404 Not Found")) == ("report", "")
    assert end(detail("<p>快讯：该文章已被删除，平台致歉</p>")) == ("report", "")


def test_a_template_whose_text_is_the_notice_alone_is_a_soft_404() -> None:
    assert end(detail("<p>该稿件已下线。</p>")) == ("missing", "soft-404")
    assert end(detail("<p>对不起，您访问的文章已被删除！</p>", title="提示")) == ("missing", "soft-404")


@pytest.mark.parametrize(
    "text", ["", "<p></p>", "<p>　&nbsp;</p><p><br></p>", "<!-- removed --><p style='display:none'>旧文</p>"]
)
def test_a_template_without_a_text_is_an_empty_page(text: str) -> None:
    assert end(detail(text)) == ("missing", "empty-page")
    assert end(detail(text, title="", editor="")) == ("missing", "empty-page")


@pytest.mark.parametrize(
    "text",
    [
        "<p><img src='1.jpg'></p>",
        "<video src='1.mp4'></video>",
        "<iframe src='/player'></iframe>",
        "<div id='player'></div><script>play('1.mp4')</script>",
        "<object data='1.swf'></object>",
    ],
)
def test_a_template_with_a_picture_or_a_player_is_not_empty(text: str) -> None:
    assert end(detail(text))[0] == "quarantined"


def test_a_redesign_that_moved_the_text_is_no_takedown() -> None:
    story = "".join(
        f"<p>第{number}段，新华社记者从有关部门了解到，这项工作已经完成，并将继续推进，各地反映良好。</p>"
        for number in range(9)
    )
    moved = detail("").replace(
        '<div class="nextpage">', f'<section class="story">{story}</section><div class="nextpage">'
    )
    assert end(moved)[0] == "quarantined"
    flash = "<section>新华社快讯：中国国家主席二十四日下午在北京同来访的外国总统举行会谈，双方就共同关心的问题交换了意见，会谈在友好的气氛中进行，并达成了多项重要的共识，随后共同会见了记者。</section>"
    assert end(detail("").replace('<div class="nextpage">', f'{flash}<div class="nextpage">'))[0] == "quarantined"
    scripted = detail("").replace(
        "</body>", '<script id="__NEXT_DATA__" type="application/json">{"a": 1}</script></body>'
    )
    assert end(scripted)[0] == "quarantined"
    linked_data = json.dumps({"articleBody": "正文" * 200}, ensure_ascii=False)
    assert end(detail("").replace("</body>", f"<script>{linked_data}</script></body>"))[0] == "quarantined"


def test_a_page_that_no_layout_fits_is_never_an_empty_page() -> None:
    assert end(page("标题-新华网", '<div id="story"></div>'))[0] == "quarantined"


def test_emptied_pages_of_other_generations() -> None:
    xl2019 = """<html><head><title>标题-新华网</title></head><div class="h-title"> 标题 </div><div class="h-info">
        <span class="h-time"> 2020-02-19 17:21:00</span></div><div id="p-detail">{}<div class="p-tags"><span class="p-jc">【纠错】 责任编辑： 王某某</span>
        </div></div>"""
    assert end(xl2019.format("<p>　　正文。</p>")) == ("report", "")
    assert end(xl2019.format("")) == ("missing", "empty-page")
    english = """<html><head><title>Ships wait - Xinhua | English.news.cn</title></head><div class="conTop"><h1>Ships wait</h1>
        <p class="time">2026-11-24 10:00:00</p></div><div id="detail"><span id="detailContent">{}</span></div>"""
    assert end(english.format("<p>BEIJING, Nov. 24 (Xinhua) -- Ships wait.</p>"), url=ENGLISH) == ("report", "")
    assert end(english.format(" "), url=ENGLISH) == ("missing", "empty-page")
    post = """<main class="c-article__main"><h1 class="c-header__heading">Harbour drones</h1><time datetime="2026-11-24T10:00:00Z"></time>
        <div class="c-richText">{}<div class="c-newsletter">Get the newsletter</div></div></main>"""
    assert end(post.format("<p>Drones deliver mail.</p>"), url=POST, outlet="tnw") == ("report", "")
    assert end(post.format(""), url=POST, outlet="tnw") == ("missing", "empty-page")
    assert end(post.format("<iframe src='/v'></iframe>"), url=POST, outlet="tnw")[0] == "report"


# Logins

LOGINS = """登录|请登录后查看|用户登录|请先登录|您还没有登录|登录/注册|會員登入|Log in|Sign in to continue|Login|Please log in to read this article
Subscribe to read|Members only|Вход|Войдите, чтобы продолжить|تسجيل الدخول|Iniciar sesión|Connexion|Connectez-vous pour lire la suite
Anmelden|This article is for subscribers only""".replace("\n", "|")


@pytest.mark.parametrize("phrase", LOGINS.split("|"))
def test_a_page_that_asks_for_a_login_is_a_refusal_and_no_takedown(phrase: str) -> None:
    form = "<form><input name='u'><input type='password'></form>"
    assert end(page(f"{phrase}_新华网", form)) == ("refused", "login")
    assert end(page("新华网", f"<p>{phrase}</p>{form}")) == ("refused", "login")


@pytest.mark.parametrize(
    "phrase", ["嫦娥六号登陆月球", "台风登陆广东", "登录月球的第一人", "Sign in China", "Connexion Paris-Pékin"]
)
def test_a_headline_is_no_login(phrase: str) -> None:
    assert not any(map(says_login, [*title_parts(phrase), *sentences(phrase), *clauses(phrase)]))


def test_a_login_box_beside_an_empty_template_does_not_hide_that_it_is_empty() -> None:
    box = "<div class='box'><a href='/login'>登录</a><input type='password'></div>"
    assert end(detail("").replace("<body>", f"<body>{box}")) == ("missing", "empty-page")


# Nothing that is there is taken for gone


def _samples() -> Iterator[tuple[str, Answer]]:
    for answer in answers():
        if answer.status == 200 and answer.file:
            yield answer.url, answer


@pytest.mark.parametrize(("url", "answer"), list(_samples()))
def test_no_sample_page_is_missing(url: str, answer: Answer) -> None:
    for outlet in KNOWN.values():
        if outlet.owns(url) and outlet.kind_of(url) == "report":
            found = extract(capture(answer.body, url, type_=answer.content_type), outlet)
            assert found.outcome in ("report", "quarantined")
        # Nor would it be if no layout read it.
        assert in_its_place(Page(url, answer.body, answer.content_type), outlet, None, lambda: False) is None


def _real_pages() -> list[Path]:
    folders = (SHARED / "pages", SHARED / "benchmarks")
    return sorted(path for folder in folders for path in folder.rglob("*.htm*") if path.is_file())


@pytest.mark.skipif(not _real_pages(), reason="needs ../shared: real pages that are not part of this project")
def test_no_real_page_would_be_missing_if_no_layout_read_it() -> None:
    pages = _real_pages()
    taken = []
    for path in pages:
        body = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        if found := in_its_place(Page(REPORT, body), KNOWN["xinhua"], None, lambda: False):
            taken.append((path.name, found))
    assert len(pages) > 200
    assert taken == []
