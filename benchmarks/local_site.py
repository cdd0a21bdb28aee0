"""A local news site of generated pages, served as an HTTP proxy in a process of its own, so that its cost is not the
crawl's. Pages are in the shape of news.cn's detail pages of 2023, 60-100 KB, gzip on the wire."""

from __future__ import annotations

import asyncio
import gzip
import json
import random
import re
import sys

CHARACTERS = (
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种"
    "面而方后多定行学法所民得经"
)
PAGE = """<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><title>{title}-新华网</title>
<meta name="keywords" content="样本,{number}"><meta name="publishdate" content="2023-11-17"></head><body>
<div class="header domPC"><div class="header-time left"><span class="year"><em>2023</em></span>
<span class="day"><em>11</em>/<em>17</em></span><span class="time">{time}</span></div>
<div class="source">来源：新华网</div>
<div class="head-line clearfix"><h1><span class="title">{title}</span></h1></div></div>
<div class="mheader domMobile"><h1><span class="title">{title}</span></h1>
<div class="info">2023-11-17 {time} <span>来源：新华网</span></div></div>
<div class="main clearfix"><div class="main-left left"><div id="detail">{body}</div>
<span class="editor">【责任编辑:样本 】</span></div><div class="main-right">{filler}</div></div></body></html>"""


def page(number: int) -> bytes:
    """Page `number` (0 or more), the same bytes at every call, gzip-encoded."""
    dice = random.Random(number)

    def text(length: int) -> str:
        return "".join(dice.choices(CHARACTERS, k=length))

    title = f"样本报道第{number}号：" + text(12)
    time = f"{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}"
    paragraphs = [f"<p>　　新华社样本城11月17日电（记者样本）{text(140)}，共{dice.randrange(10, 99)}万人。</p>"]
    paragraphs += [f"<p>　　{text(dice.randrange(80, 260))}。</p>" for _ in range(8)]
    html = PAGE.format(title=title, number=number, time=time, body="\n".join(paragraphs), filler="{filler}")
    wanted, filler, size = dice.randrange(60_000, 100_000) - len(html.encode()), [], 0
    while size < wanted:
        item = (
            f'<li class="item"><a href="/politics/2023-11/16/c_{dice.randrange(10**9)}.htm" target="_blank">'
            f'<img src="/titlepic/{dice.randrange(10**9)}.jpg" width="260">'
            f'<span class="tit">{text(18)}</span></a></li>\n'
        )
        filler.append(item)
        size += len(item.encode())
    return gzip.compress(html.replace("{filler}", "<ul>" + "".join(filler) + "</ul>").encode(), 6)


def address(number: int) -> str:
    return f"http://www.news.cn/fortune/2023-11/17/c_{1_000_000_000 + number}.htm"


def listing(count: int) -> bytes:
    """The section's JSON list, naming every page."""
    rows = [{"title": f"样本{n}", "publishUrl": address(n), "publishTime": "2023-11-17 20:00:00"} for n in range(count)]
    return gzip.compress(json.dumps({"categoryName": "样本", "datasource": rows}).encode(), 6)


async def serve(count: int) -> None:
    """Serve until standard input closes; print the port first."""
    pages = [page(number) for number in range(count)]
    index = listing(count)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                path = head.split(b" ", 2)[1].decode()
                status, body, kind = "404 Not Found", gzip.compress(b""), "text/plain"
                if match := re.search(r"/c_(\d+)\.htm$", path):
                    status, body, kind = "200 OK", pages[int(match[1]) - 1_000_000_000], "text/html"
                elif path.endswith("/ds_0.json"):
                    status, body, kind = "200 OK", index, "application/json"
                writer.write(
                    f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Encoding: gzip\r\n"
                    f"Content-Length: {len(body)}\r\n\r\n".encode()
                    + body
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
