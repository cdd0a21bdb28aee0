"""What a page says in place of a report: that it is gone, or that one must log in. Phrases of some twenty languages.

A sentence counts only if it says that and nothing else, so that a headline about deleted pages is none. What is only
out of order for a while (暂时无法访问, "temporarily unavailable", "not available in your region") says nothing of this.
"""

# ruff: noqa: E501  (a phrase that is cut in the middle is harder to read than a long line)
from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from archive.text import fold

# Patterns are written as `normal` leaves text: lower case, without accents, traditional characters as simplified ones.
# They pass through the same fold, so none may hold a class like \S, which it would make \s.
_GONE: dict[str, tuple[str, ...]] = {}
_LOGIN: dict[str, tuple[str, ...]] = {}

# English
_THING = (
    r"(?:the |this |that |your )?(?:requested |current |original )?(?:news |web ?)?"
    r"(?:page|article|story|content|post|document|resource|file|url|link|item|entry|video|report)(?: or \w+)?"
)
_ASKED = (
    r"(?: (?:that |which )?you(?:'re|'ve| are| were| have)?(?: just| currently)? (?:look(?:ing)? for|request(?:ed)?|asked for"
    r"|search(?:ing|ed)? for|(?:tried|trying|want|wanted|attempted|attempting) to \w+|wanted?|followed|entered|clicked|visited|accessed)"
    r"(?: on)?| [^ ]*/[^ ]*)?"
)
_TAKEN = r"(?:removed|deleted|taken down|withdrawn|unpublished|retracted|erased|taken offline)"
_IS_GONE = (
    r"(?:(?:can(?:not|'t| not)|could(?: not|n't)) be (?:found|located)|(?:was|is|were)(?: not|n't) found|not found"
    r"|(?:does(?: not|n't)|did(?: not|n't)|not) exists?(?: any ?more| any longer)?"
    r"|(?:is )?no longer (?:exists?|available|accessible|online|here|active|found)"
    r"|(?:is|has gone|seems to be|appears to be) (?:gone|missing|deleted|removed)"
    rf"|(?:has |have |had |was |is |may have |might have |could have )(?:already )?(?:been )?{_TAKEN}"
    rf"|(?:has |may have |might have )(?:been )?moved or {_TAKEN})"
)
_AND_SO_ON = r"(?:,? (?:or|and|had) .{1,80})?(?: (?:on|from|by|at) (?:this|our|the|its) [\w ]{1,40})?(?: any ?more)?"
_GONE["en"] = (
    rf"{_THING}{_ASKED} {_IS_GONE}{_AND_SO_ON}",
    r"(?:the )?(?:page|article|story|content|post) (?:removed|deleted|withdrawn|unpublished|missing)",
    r"(?:it |the page )?(?:has been |was |is )?(?:not found|gone)",
    r"(?:we(?:'re| are)?|i)(?: were)? (?:sorry,? (?:but )?(?:we )?)?(?:can(?:not|'t)|could(?: not|n't)|unable to|did(?: not|n't))"
    rf" (?:seem to )?(?:find|locate) {_THING}{_ASKED}{_AND_SO_ON}",
    r"(?:it (?:looks|seems) like )?nothing (?:(?:was |could be )?found )?(?:here|at this (?:location|address|url))",
    rf"no such {_THING}(?: exists)?",
    r"file or directory not found",
)

# Chinese
_PLEASE = r"(?:您|你|用户)?(?:所|要|想|正在|试图|当前|目前|需要|已){0,4}(?:访问|浏览|查看|请求|查找|寻找|打开|查询|搜索|阅读|观看|点击|存取|找|看)?的?"
_THIS = r"(?:该|此|本|这个|这篇|这条|这|当前|目标|相关|原|指定的?|对应的?)?"
_PAGE = (
    r"(?:网络)?(?:页面|网页|文章|内容|稿件|新闻|资讯|信息|链接|网址|地址|路径|文件|文档|资源|视频|专题|帖子|图集"
    r"|作品|图片|报道|url|页){1,3}"
)
_BY = r"(?:被|由|遭)?(?:发布者|作者|编辑|管理员|用户|系统|网站|原作者|官方)?(?:自行)?"
_VANISHED = (
    r"(?:不存在|不见|找不到|没有找到|未找到|没找到|无法找到|未能找到|查找不到|不翼而飞|走丢|去火星|飞走"
    rf"|失效|过期|{_BY}(?:删除|移除|下线|下架|撤下|撤回|撤销|撤稿|屏蔽|移走|清除|封禁))"
)
_ALREADY = r"(?:好像|似乎|可能|或许|也许|大概|已经|现已|已|并){0,4}"
_PARTICLE = r"(?:了|啦|哦|呢|喔|咯|~)*"
_NOT_FOUND = r"(?:找不到|没有找到|未找到|没找到|无法找到|未能找到)"
_GONE["zh"] = (
    rf"{_THIS}{_PLEASE}{_THIS}{_PAGE}{_ALREADY}{_VANISHED}{_PARTICLE}(?:(?:或|、|和|及|,|/).{{1,40}})?",
    r"(?:页面|网页|页)(?:可能|已经|已)?(?:丢失|失踪)了?",
    rf"{_NOT_FOUND}{_PARTICLE}{_PLEASE}{_THIS}{_PAGE}{_PARTICLE}",
    r"(?:该|此|本)?(?:内容|文章|视频|帐号|账号|页面)(?:可能)?因?(?:涉嫌)?违(?:规|反|法).{0,30}(?:无法查看|删除|屏蔽|下架|停止访问)",
    r"(?:该|此)(?:帐号|账号|公众号)已被(?:屏蔽|封禁)(?:,? ?内容无法查看)?",
)

# Japanese, Korean
_GONE["ja"] = (
    r"(?:お探しの|ご指定の|指定された|この|該当(?:の|する)|ご?要求された|リクエストされた|アクセスしようとした)?"
    r"(?:ページ|記事|url|コンテンツ|ファイル|ニュース)(?:は|が|を)?(?:すでに|既に|現在)?"
    r"(?:存在しません|見つかりません(?:でした)?|見つけられません(?:でした)?|ありません(?:でした)?|見当たりません"
    r"|削除され(?:ました|ています|た(?:か|可能性).{0,40})|公開を?終了(?:しました|しています)"
    r"|(?:の)?掲載(?:期間)?(?:を|が|は)?終了(?:しました|しています)|移動(?:または|もしくは|、)?削除.{0,40})",
)
_GONE["ko"] = (
    r"(?:요청하신|요청한|찾으시는|찾고 계신|해당|이|접속하신) ?(?:페이지|기사|게시물|콘텐츠|문서|주소|뉴스)(?:를|을|가|이|는|은)?"
    r" ?(?:찾을 ?수 ?없습니다|존재하지 않습니다|찾지 못했습니다|삭제되었습니다|삭제됐습니다|없습니다)",
    r"(?:페이지|기사|게시물|콘텐츠)(?:를|을|가|이|는|은)? ?(?:찾을 ?수 ?없습니다|존재하지 않습니다|삭제되었습니다)",
    r"(?:존재하지 않는|삭제된|없는) ?(?:페이지|기사|게시물|콘텐츠)(?:입니다)?",
)

# Russian, Ukrainian
_OR_SO_RU = r"(?:(?:,| или| либо| на).{1,60})?"
_SHE_RU = r"(?:(?:запрашиваемая|запрошенная|искомая|эта|данная|такая|указанная|нужная)(?: вами)? )?(?:страница|статья|новость|публикация|запись)"
_HE_RU = r"(?:(?:запрашиваемый|запрошенный|искомый|этот|данный|такой)(?: вами)? )?(?:материал|документ|раздел|адрес|файл|контент|url)"
_ASKED_RU = r"(?:,? котор(?:ую|ыи) вы \w+(?: \w+){0,2}?,?| по вашему запросу| по этому адресу| с таким адресом)?"
_GONE["ru"] = (
    rf"{_SHE_RU}{_ASKED_RU} (?:была |больше |уже |еще )*(?:не (?:наидена|существует|обнаружена)(?: больше)?|удалена|снята с публикации"
    rf"|отсутствует|перемещена или удалена){_OR_SO_RU}",
    rf"{_HE_RU}{_ASKED_RU} (?:был |больше |уже )*(?:не (?:наиден|существует|обнаружен)|удален|снят с публикации|отсутствует){_OR_SO_RU}",
    rf"(?:так(?:ои|ого)|этои|запрашиваемои|даннои|запрошеннои)? ?(?:страницы|статьи|материала|новости) (?:на саите )?(?:больше )?"
    rf"(?:не существует|нет|не наидено){_OR_SO_RU}",
    r"мы не (?:нашли|смогли наити|можем наити|наидем) (?:так\w+ |эту |запрашиваем\w+ |нужн\w+ )?(?:страницу|статью|материал).{0,60}",
    r"(?:запитувану |потрібну )?сторінку не знаидено|(?:запитана |ця )?сторінка (?:не (?:знаидена|існує)|була видалена)",
)

# Arabic, Persian
_PAGE_AR = r"(?:هذه |هذا |ان )?(?:ال)?(?:صفحة|مقال|مقالة|خبر|محتوى|رابط|موضوع|ملف|مادة)"
_ASKED_AR = r"(?: المطلوبة?| (?:التي|الذي) \w+(?: \w+){0,4}?)?"
_GONE["ar"] = (
    rf"{_PAGE_AR}{_ASKED_AR} (?:غير موجودة?|لم تعد (?:موجودة|متوفرة|متاحة)|لم يعد (?:موجودا|متوفرا|متاحا)|لا توجد|لا يوجد"
    r"|ليست موجودة|محذوفة?|(?:قد )?تم حذفها?|(?:قد )?تمت ازالته?ا?|(?:قد )?حذفت)(?: (?:او|على|في|من) .{1,60})?",
    rf"(?:لم يتم|لم نتمكن من|تعذر|لا يمكن|لم نستطع|لا يمكننا) (?:العثور|ايجاد)(?: على)? {_PAGE_AR}{_ASKED_AR}.{{0,40}}",
    rf"(?:لقد )?(?:تم حذف|تمت ازالة|تم ازالة) {_PAGE_AR}.{{0,40}}",
)
_GONE["fa"] = (
    r"(?:متاسفانه )?(?:صفحه|خبر|مطلب|محتوا)(?:ی|ه)?(?: (?:مورد نظر|درخواستی|درخواست شده|مورد نظر شما))? (?:یافت|پیدا) نشد.{0,30}",
    r"(?:صفحه|خبر|مطلب)(?: (?:مورد نظر|درخواستی))?(?: شما)? (?:وجود ندارد|موجود نیست|حذف شده(?: است)?)",
)

# Spanish, Portuguese, Italian, French, German
_GONE["es"] = (
    r"(?:la |esta |el |este )?(?:pagina|noticia|articulo|contenido|nota|url|enlace|recurso|documento)(?: web)?(?: solicitad[ao])?"
    r"(?: (?:(?:a la |al )?que) \w+(?: \w+){0,4}?)? (?:ya )?(?:no (?:existe|se (?:ha )?encontr(?:o|ado)|se encuentra"
    r"|(?:ha sido|fue|pudo ser) (?:encontrad|localizad)[ao])|(?:ha sido|fue) (?:eliminad|borrad|retirad)[ao])(?:(?:,| o| en) .{1,60})?",
    r"(?:la |esta |el |este )?(?:pagina|noticia|articulo|contenido|nota)(?: que \w+(?: \w+){0,3}?)? ya no esta disponible",
    r"(?:pagina|noticia|articulo|contenido|recurso) (?:no encontrad[ao]|inexistente|eliminad[ao])",
    r"no (?:se (?:ha )?(?:encontro|encontrado|pudo encontrar|encuentra)|hemos (?:podido )?encontra(?:do|r)|pudimos encontrar|encontramos)"
    r" (?:la |el |esta |este )?(?:pagina|noticia|articulo|contenido).{0,60}",
)
_GONE["pt"] = (
    r"(?:a |esta |o |este )?(?:pagina|artigo|conteudo|noticia|materia)(?: solicitad[ao]| que \w+(?: \w+){0,4}?)? (?:nao (?:existe(?: mais)?|foi encontrad[ao]"
    r"|esta mais disponivel|encontrad[ao])|foi (?:removid|excluid|apagad)[ao])(?: ou .{1,60})?",
    r"nao (?:encontramos|foi possivel encontrar) (?:a |esta )?pagina.{0,40}",
)
_GONE["it"] = (
    r"(?:la |questa |l'|il |questo )?(?:pagina|articolo|contenuto)(?: che \w+(?: \w+){0,3}?| richiest[ao]| cercat[ao])?"
    r" (?:non (?:esiste(?: piu)?|e stat[ao] trovat[ao]|e piu disponibile|trovat[ao])|e stat[ao] rimoss[ao])(?: o .{1,60})?",
)
_GONE["fr"] = (
    r"(?:la |cette |l'|cet |le |ce )?(?:page|article|contenu|document|actualite|publication|url)(?: que vous \w+(?: \w+){0,3}?| demandee?| recherchee?)?"
    r" (?:n'existe (?:pas|plus)|est (?:introuvable|inexistante?)|n'a (?:pas (?:ete|pu etre)|pu etre) trouvee?|semble (?:avoir disparu|s'etre (?:perdue?|egaree?))|a ete (?:supprimee?|retiree?"
    r"|deplacee? ou supprimee?)|n'est plus (?:disponible|en ligne|accessible)|introuvable|non trouvee?|inexistante?|supprimee?)"
    r"(?:(?:,| ou) .{1,60})?",
    r"(?:nous n'avons pas (?:pu )?trouver?|nous ne trouvons pas|impossible de trouver) (?:la |cette |l'|cet |le )?(?:page|article|contenu).{0,60}",
)
_GONE["de"] = (
    r"(?:die |diese |der |dieser |das |dieses )?(?:von ihnen )?(?:angeforderte |gesuchte |gewunschte |aufgerufene )?"
    r"(?:seite|artikel|beitrag|inhalt|dokument|meldung|url)(?:,? die sie suchen,?)? (?:existiert (?:leider )?nicht(?: mehr)?"
    r"|(?:wurde |konnte |ist )?(?:leider )?nicht (?:mehr )?(?:gefunden(?: werden)?|vorhanden|auffindbar)|(?:ist )?nicht mehr verfugbar"
    r"|wurde (?:geloscht|entfernt)|gibt es (?:leider )?nicht(?: mehr)?)(?: oder .{1,60})?",
)

# Turkish, Vietnamese, Indonesian, Polish, Hindi
_GONE["others"] = (
    r"(?:aradiginiz |istenen |bu |istediginiz )?(?:sayfa|haber|icerik)(?:yi|i|ya)? (?:bulunamadi|mevcut degil|(?:yayindan )?kaldirilmis(?:tir)?"
    r"|silinmis(?:tir)?|kaldirildi|silindi)",
    r"(?:khong tim thay|khong the tim thay) (?:trang|bai viet|noi dung).{0,40}|(?:trang|bai viet)(?: \w+(?: \w+){0,4}?)? khong ton tai.{0,30}",
    r"halaman(?: yang \w+(?: \w+){0,3}?)? tidak (?:ditemukan|ada)",
    r"nie znaleziono (?:strony|artykułu)|strona(?: \w+(?: \w+){0,3}?)? nie (?:istnieje|zostala znaleziona)",
    r"(?:पृष्ठ|पेज) नहीं मिला",
)

# What stands around such a sentence: excuses, the number of the error, the word for it.
_AROUND = (
    r"(?:we(?:'re| are) )?(?:very |so )?sorry(?: about that)?|o+ps|whoops|uh[- ]?oh|hm+|error|http|status|code|unfortunately|no(?:tice|te)"
    r"|(?:很|非常|十分|真|实在)?(?:抱歉|遗憾|对不起|不好意思)|亲爱的(?:用户|网友|读者)|您好|(?:温馨)?提示(?:信息)?|错误(?:提示)?|出错了?|哎呀|啊哦"
    r"|申し訳(?:ございません|ありません)(?:が)?|エラー|죄송합니다|오류|извините|к сожалению|простите|ошибка|помилка|عذرا|نعتذر|خطا|نأسف|للاسف|متاسفانه"
    r"|lo sentimos|lo siento|ups|erro|desculpe|spiacenti|ci dispiace|errore|desolee?s?|nous sommes desoles|oups|erreur|toutes nos excuses"
    r"|leider|entschuldigung|hoppla|fehler|uzgunuz|hata"
)
# With a number these say it too.
_NUMBERED = r"(?:page|web|网页|页面|页|страница|صفحة|الصفحة|pagina|seite|sayfa|ページ|페이지|object|document)"

_LOGIN["en"] = (
    r"(?:please |you (?:must|need to|have to) )?(?:be )?(?:log(?:ged)? ?(?:in|on)|sign(?:ed)? ?in)(?: page| required| here| first| now)?"
    r"(?:,? (?:to|or|and|with|before) .{1,60})?",
    r"(?:please )?(?:subscribe|register)(?: now)?(?: or (?:log|sign) ?in)? to (?:continue|read|view|unlock|access|keep).{0,60}",
    r"(?:this |the )?(?:article|content|story|page) is (?:only )?(?:available |reserved )?(?:to|for|exclusive to) (?:our |registered )?"
    r"(?:subscribers|members|users)(?: only)?",
    r"(?:for )?(?:subscribers|members|registered users) only|(?:login|authentication|authorization|subscription) required",
    r"to continue reading.{0,30}(?:log|sign|subscribe).{0,40}",
)
_LOGIN["zh"] = (
    r"(?:请|您|你|先|需要|需|用户|会员|帐号|账号|帐户|账户|手机|密码|扫码|统一身份认证|欢迎|还|没有|尚未|未)*(?:登录|登陆|登入)"
    r"(?:后|才能|才可|即可|查看|阅读|继续|浏览|观看|可见|访问|页面|系统|中心|账号|帐号|注册|全文|更多|内容|/|或|,|与|和|此|该|本)*",
    r"(?:订阅|付费|开通会员|成为会员|购买)(?:后|才能|即可|会员)?(?:阅读|查看|继续阅读|观看)(?:全文|更多|本文)?",
)
_LOGIN["ru"] = (
    r"вход(?: на саит| в систему| в личныи кабинет)?|авторизация|авторизуитесь.{0,40}|воидите.{0,50}|воити|требуется авторизация"
    r"|(?:материал )?доступ(?:но|ен) (?:только )?(?:по подписке|подписчикам|зарегистрированным .{1,30})",
)
_LOGIN["ar"] = (r"(?:يرجى |الرجاء |يجب )?(?:تسجيل الدخول|سجل الدخول|سجل دخولك).{0,40}", r"للمشتركين فقط")
_LOGIN["others"] = (
    r"(?:por favor,? )?inici(?:ar|a|e) (?:de )?sesion.{0,50}|(?:contenido )?(?:solo|exclusivo) para suscriptores",
    r"(?:faca|fazer) login.{0,40}|(?:conteudo )?exclusivo para assinantes",
    r"(?:page de )?connexion|connectez-vous.{0,50}|identifiez-vous.{0,50}|se connecter|(?:article |contenu )?reserve aux abonnes",
    r"(?:bitte )?(?:anmelden|einloggen|anmeldung)|bitte (?:melden|loggen) sie sich (?:an|ein).{0,40}",
    r"(?:ログイン|로그인)(?:してください|が必要です|이 필요합니다|하세요)?|giris yap(?:in)?|dang nhap.{0,30}|accedi|effettua l'accesso.{0,30}",
)


def _compiled(patterns: dict[str, tuple[str, ...]]) -> re.Pattern[str]:
    every = "|".join(f"(?:{pattern})" for group in patterns.values() for pattern in group)
    return re.compile(_letters(every))


def _letters(text: str) -> str:
    """Text with one letter for all that are read as the same: no accents, no width, no case, simplified characters."""
    folded = unicodedata.normalize("NFD", fold(text.replace("’", "'").replace("‘", "'")))
    return "".join(letter for letter in folded if unicodedata.category(letter) != "Mn").casefold()


def normal(text: str) -> str:
    """A sentence as the patterns are written, without what ends it."""
    return " ".join(_letters(text).split()).strip(_MARKS)


_MARKS = " \t.,:;!?。！？，：；…·~～-–—_|/\\()[]{}<>\"'“”«»「」【】*#、،؛؟:（）"
_IS_SAID = _compiled(_GONE)
_IS_ASKED = _compiled(_LOGIN)
_SURROUNDED = re.compile(rf"^(?:{_letters(_AROUND)})(?!\w)[\s{re.escape(_MARKS)}]*")
_NUMBER = re.compile(rf"(?<!\w)(?:404|410)(?!\w)|(?:404|410)(?={_letters(_NUMBERED)}|错误)|(?<=错误)(?:404|410)")
_ONLY_NUMBERED = re.compile(rf"(?:{_letters(_NUMBERED)}|{_letters(_AROUND)})?")
_SENTENCE = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？؟])\s*|[\n\r|]+|\s[-–—]\s")
_CLAUSE = re.compile(r"[,，、;；،؛]")
_SITE = re.compile(r"\s*(?:[-–—|_·•»«›]|\s::\s|\s/\s)+\s*")
_SENTENCE_AT_MOST = 300  # characters
_SITE_AT_MOST = 30  # characters of a site's or section's name behind a page's title


@lru_cache(maxsize=1000)  # a site says the same on each of its pages
def says_gone(sentence: str) -> bool:
    """Whether a sentence says that a page is gone, was never there, or carries the number of such an error alone."""
    text = normal(sentence[:_SENTENCE_AT_MOST])
    numbered = bool(_NUMBER.search(text))
    if numbered:
        text = " ".join(_NUMBER.sub(" ", text).split()).strip(_MARKS)
    text = _without_excuses(text)
    return bool(_IS_SAID.fullmatch(text)) or (numbered and bool(_ONLY_NUMBERED.fullmatch(text)))


@lru_cache(maxsize=1000)
def says_login(sentence: str) -> bool:
    """Whether a sentence asks for a login or a subscription and says nothing else."""
    return bool(_IS_ASKED.fullmatch(_without_excuses(normal(sentence[:_SENTENCE_AT_MOST]))))


def _without_excuses(text: str) -> str:
    while found := _SURROUNDED.match(text):
        text = text[found.end() :]
    return text


def sentences(text: str) -> Iterator[str]:
    """A text's sentences, each stripped; no empty ones."""
    return filter(None, map(str.strip, _SENTENCE.split(text)))


def clauses(sentence: str) -> Iterator[str]:
    """What stands between the commas of a sentence; nothing where there are none."""
    parts = _CLAUSE.split(sentence)
    return filter(None, map(str.strip, parts)) if len(parts) > 1 else iter(())


def title_parts(title: str) -> Iterator[str]:
    """A page's title, and its first or last part where the others can be names of the site."""
    yield title
    parts = [part for part in _SITE.split(title) if part]
    if 1 < len(parts) <= 4:
        for first in (0, -1):
            others = parts[1:] if first == 0 else parts[:-1]
            if all(len(part) <= _SITE_AT_MOST for part in others):
                yield parts[first]
