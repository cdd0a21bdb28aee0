"""Telling people: the check at the end of a scheduled run, and the program and the mail that are told what it found.

What could not be told stays untold in the table `alarms`, and the next run tells it.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import smtplib
import socket
import sqlite3
import ssl
import subprocess
import tempfile
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import Any

from archive import alarms, clock
from archive.alarms import Alarm, Changes
from archive.standing import moment
from archive.storage import Captures
from archive.times import iso
from archive.transactions import transaction

logger = logging.getLogger(__name__)

OLD_NEWS = timedelta(days=7)  # after which nobody is told any more that an alarm is over
SMTP_SECONDS = 30
_PORTS = {"starttls": 587, "tls": 465, "none": 25}
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
WIDTH = 76


class NotTold(Exception):
    """One way of telling failed; the message says why."""


def health_check(connection: sqlite3.Connection, settings: Mapping[str, Any], captures: Captures) -> Changes:
    """Raise and clear alarms, in a transaction of its own, then tell who is to be told.

    Called at the end of a run, when what it did is written: whatever goes wrong in here is logged and ends there.
    """
    try:
        now = clock.now()
        with transaction(connection):
            changes = alarms.check(connection, settings, captures, now)
    # A run that did its work must not fail for what is said of it.
    except Exception:
        logger.exception("The health check failed; the next run makes it again")
        return Changes()
    for alarm in (*changes.raised, *changes.returned):
        logger.warning("Alarm %d (%s): %s", alarm.id, alarm.kind, alarm.message)
    tell(connection, settings)
    return changes


def tell(connection: sqlite3.Connection, settings: Mapping[str, Any]) -> None:
    """Tell what was not told so far, in each way that is configured. Logs what fails; never raises for it."""
    ways = _ways(settings)
    if not ways:
        return
    try:
        untold = alarms.untold(connection, clock.now() - OLD_NEWS)
        for name, way in ways.items():
            news = _without(untold, name)
            if not news:
                continue
            try:
                way(news)
            except NotTold as error:
                logger.error("Alarms could not be told by %s: %s. The next run tells them again", name, error)
                continue
            with transaction(connection):
                alarms.note_told(connection, news, name, tuple(ways), iso(clock.now()))
            untold = _noting(untold, name)
    except sqlite3.Error as error:
        logger.error("What was told could not be noted (%s); it will be told again", error)


def _ways(settings: Mapping[str, Any]) -> dict[str, Callable[[Changes], None]]:
    """Those that settings.py configures, by the names that the column `told` has for them."""
    ways: dict[str, Callable[[Changes], None]] = {}
    archive = Path(settings["ARCHIVE"])
    if command := settings["NOTIFY_COMMAND"]:
        ways["command"] = lambda news: run_command(command, float(settings["NOTIFY_COMMAND_SECONDS"]), archive, news)
    if account := settings["NOTIFY_SMTP"]:
        ways["mail"] = lambda news: send_mail(account, archive, news)
    return ways


def _without(changes: Changes, way: str) -> Changes:
    """What was not told in that way."""
    return Changes(*(tuple(each for each in kind if way not in each.told.split()) for kind in _kinds(changes)))


def _noting(changes: Changes, way: str) -> Changes:
    return Changes(*(tuple(replace(each, told=f"{each.told} {way}") for each in kind) for kind in _kinds(changes)))


def _kinds(changes: Changes) -> tuple[tuple[Alarm, ...], ...]:
    return changes.raised, changes.returned, changes.cleared


# A program


def run_command(command: Sequence[str], seconds: float, archive: Path, news: Changes) -> None:
    """Run the program with the news as JSON in UTF-8 on its standard input. It is ended, with all that it started,
    after so many seconds. Raises NotTold when it cannot be run, fails, or takes too long."""
    said = json.dumps(
        {
            "archive": str(archive),
            "at": iso(clock.now()),
            "raised": [asdict(alarm) for alarm in news.raised],
            "returned": [asdict(alarm) for alarm in news.returned],
            "cleared": [asdict(alarm) for alarm in news.cleared],
        },
        ensure_ascii=False,
    )
    if isinstance(command, str):
        raise NotTold("NOTIFY_COMMAND must be a list: the program, then its arguments")
    # Files, not pipes: what it starts in the background may hold a pipe open for ever.
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as errors:
        given.write(said.encode())
        given.seek(0)
        try:
            process = subprocess.Popen(
                list(command), stdin=given, stdout=subprocess.DEVNULL, stderr=errors, start_new_session=True
            )
        except (OSError, ValueError, TypeError) as error:
            raise NotTold(f"{command[0]} cannot be run: {error}") from error
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise NotTold(f"{command[0]} did not end within {seconds:g} s") from None
        if code:
            errors.seek(0)
            last = errors.read()[-500:].decode("utf-8", "replace").strip()
            raise NotTold(f"{command[0]} ended with {code}" + (f": {last}" if last else ""))


# A mail


def send_mail(account: Mapping[str, Any], archive: Path, news: Changes) -> None:
    """Send the news through the mail server of NOTIFY_SMTP. Raises NotTold."""
    try:
        security = str(account.get("security", "starttls"))
        if security not in _PORTS:
            raise NotTold(f'NOTIFY_SMTP: "security" is {security!r}; it can be starttls, tls or none')
        message = mail(account, archive, news)
        host, port = str(account["host"]), int(account.get("port") or _PORTS[security])
        with _connected(host, port, security, account) as server:
            _log_in(server, account, security)
            refused = server.send_message(message)
    except KeyError as error:
        raise NotTold(f"NOTIFY_SMTP has no {error}") from error
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise NotTold(f"{account.get('host')}: {' '.join(str(error).split()) or type(error).__name__}") from error
    for address in refused:
        logger.error("The mail server does not take mail for %s", address)


def _connected(host: str, port: int, security: str, account: Mapping[str, Any]) -> smtplib.SMTP:
    name = socket.gethostname()  # not the full name, for which a name server would be asked
    if security == "none":
        return smtplib.SMTP(host, port, name, SMTP_SECONDS)
    context = ssl.create_default_context(cafile=account.get("ca_file"))
    if security == "tls":
        return smtplib.SMTP_SSL(host, port, name, timeout=SMTP_SECONDS, context=context)
    server = smtplib.SMTP(host, port, name, SMTP_SECONDS)
    try:
        server.starttls(context=context)
    except BaseException:
        server.close()
        raise
    return server


def _log_in(server: smtplib.SMTP, account: Mapping[str, Any], security: str) -> None:
    if not account.get("user"):
        return
    if security == "none" and account["host"] not in _LOOPBACK:
        raise NotTold('NOTIFY_SMTP: a password is not sent in the clear; set "security" to starttls or tls')
    variable = str(account["password_variable"])
    password = os.environ.get(variable)
    if password is None:
        raise NotTold(f"NOTIFY_SMTP: the environment has no variable {variable}, which is to hold the password")
    server.login(str(account["user"]), password)


def mail(account: Mapping[str, Any], archive: Path, news: Changes) -> EmailMessage:
    """The mail that tells the news. Raises KeyError for a setting that is lacking, ValueError for a bad address."""
    message = EmailMessage(policy=SMTP)
    sender, receivers = str(account["from"]), account["to"]
    message["From"] = sender
    message["To"] = receivers if isinstance(receivers, str) else ", ".join(receivers)
    message["Subject"] = " ".join(subject(news).split())  # a line break would be refused
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = make_msgid("dateline", sender.rpartition("@")[2].strip("> ") or "localhost")
    message["Auto-Submitted"] = "auto-generated"  # so that no absent reader's program answers
    message.set_content(text(archive, news), charset="utf-8")
    return message


def subject(news: Changes) -> str:
    """In a line: of one alarm what it is, of several how many."""
    parts = [f"{len(kind)} {word}" for word, kind in zip(("new", "back", "over"), _kinds(news), strict=True) if kind]
    every = [alarm for kind in _kinds(news) for alarm in kind]
    if len(every) == 1:
        over = " is over" if news.cleared else ""
        return f"Dateline: {title(every[0])}{over}"
    return f"Dateline: alarms, {', '.join(parts)}"


def title(alarm: Alarm) -> str:
    """Which alarm it is, in a few words: "xinhua: fill-rate (editor)"."""
    of = f"{alarm.outlet}: " if alarm.outlet else ""
    return f"{of}{alarm.kind}" + (f" ({alarm.subject})" if alarm.subject not in _UNSAID else "")


_UNSAID = {"reports", "crawls", "network", "clock", "runs", "WARC files"}  # subjects that every alarm of a kind has


def text(archive: Path, news: Changes) -> str:
    """The mail's text, in lines of at most 76 characters where addresses allow it."""
    lines: list[str] = []
    headings = ("New", "Back, since it changed after it was acknowledged", "Over")
    for heading, kind in zip(headings, _kinds(news), strict=True):
        if kind:
            lines += [heading, "=" * len(heading), ""]
        for alarm in kind:
            when = moment(alarm.raised_at) + (f" to {moment(alarm.cleared_at)}" if alarm.cleared_at else "")
            lines += [f"{title(alarm)}, {when}", *_wrapped(alarm.message), ""]
    still = [alarm.id for kind in (news.raised, news.returned) for alarm in kind]
    if still:
        lines += _wrapped(
            "An alarm that you know of is quiet, until things change, after: "
            f'dateline alarms acknowledge {still[0]} --note "what you know"'
        )
    lines += _wrapped(f"All that are open: dateline alarms. The archive: {archive}")
    return "\n".join(lines) + "\n"


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent="  ", subsequent_indent="  ", break_long_words=False,
                         break_on_hyphens=False)  # fmt: skip
