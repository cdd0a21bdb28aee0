"""Who is told of alarms: a real program and a real mail server on loopback, and what happens when they fail."""

from __future__ import annotations

import json
import logging
import ssl
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from serving import free_port
from watched_archive import HOUR, NOW, Watched

from archive import alarms, clock
from archive.alarms import Alarm, Changes
from archive.storage import Captures
from archive.times import iso
from commands import notify

MINUTE = timedelta(minutes=1)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Watched]:
    made = Watched(tmp_path)
    made.outlet()
    with clock.replaced(lambda: NOW):
        yield made
    made.connection.close()


def wrong_clock(archive: Watched, offset: float = 400) -> None:
    archive.connection.execute("delete from runs")
    archive.run(NOW - 5 * MINUTE, NOW - MINUTE, offset)


def health_check(archive: Watched, **settings: Any) -> Changes:
    return notify.health_check(archive.connection, archive.settings | settings, Captures.at(archive.captures))


def told(archive: Watched) -> list[tuple[str, bool]]:
    return [(alarm.told, alarm.notified_at is not None) for alarm in alarms.history(archive.connection, 9)]


# A program


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """Keeps what it is given in a file for each time, and fails while the file `broken` is there."""
    path = tmp_path / "tell me"
    path.write_text(
        f"#!{sys.executable}\nimport sys, pathlib\nhere = pathlib.Path(__file__).parent\n"
        "said = sys.stdin.buffer.read()\n"
        "if (here / 'broken').exists():\n    sys.exit('the line is dead')\n"
        "(here / f'told-{len(list(here.glob(\"told-*\")))}-{sys.argv[1]}').write_bytes(said)\n"
    )
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def told_to(program: Path) -> list[dict[str, Any]]:
    return [json.loads(path.read_text("utf-8")) for path in sorted(program.parent.glob("told-*"))]


def test_a_program_gets_the_alarms_as_json(archive: Watched, program: Path) -> None:
    archive.connection.execute("update outlets set title_en = '新华社'")
    for hours in (5, 1):
        crawl = archive.crawl(NOW - hours * HOUR)
        archive.look(NOW - hours * HOUR, "failed", crawl=crawl, reason="https://a: no answer")
    health_check(archive, NOTIFY_COMMAND=[str(program), "--by=cron"])
    (said,) = told_to(program)
    assert (said["archive"], said["at"]) == (str(archive.archive), "2026-11-24T12:00:00Z")
    (raised,) = said["raised"]
    assert (raised["id"], raised["kind"], raised["outlet"], raised["raised_at"]) == (1, "outage", "xinhua", iso(NOW))
    assert raised["message"].startswith("新华社: 2 crawls")
    assert said["returned"] == said["cleared"] == []
    assert (program.parent / "told-0---by=cron").exists()
    assert told(archive) == [("command", True)]


def test_each_alarm_is_told_once_and_once_that_it_is_over(archive: Watched, program: Path) -> None:
    command = {"NOTIFY_COMMAND": [str(program), "x"]}
    wrong_clock(archive)
    health_check(archive, **command)
    health_check(archive, **command)
    assert len(told_to(program)) == 1
    with clock.replaced(lambda: NOW + MINUTE):
        wrong_clock(archive, 0)
        health_check(archive, **command)
        health_check(archive, **command)
    _, over = told_to(program)
    assert [alarm["id"] for alarm in over["cleared"]] == [1] and over["raised"] == []
    assert over["cleared"][0]["cleared_at"] == iso(NOW + MINUTE)


def test_an_acknowledged_alarm_is_told_when_it_returns_and_not_when_it_is_over(archive: Watched, program: Path) -> None:
    command = {"NOTIFY_COMMAND": [str(program), "x"]}
    wrong_clock(archive)
    health_check(archive, **command)
    alarms.acknowledge(archive.connection, 1, "Known.", NOW)
    with clock.replaced(lambda: NOW + MINUTE):
        wrong_clock(archive, -400)
        health_check(archive, **command)
    _, said = told_to(program)
    assert [alarm["state"] for alarm in said["returned"]] == ["ahead"] and said["raised"] == said["cleared"] == []
    alarms.acknowledge(archive.connection, 2, "Known.", NOW)
    with clock.replaced(lambda: NOW + 2 * MINUTE):
        wrong_clock(archive, 0)
        health_check(archive, **command)
    assert len(told_to(program)) == 2


def test_what_could_not_be_told_is_told_by_the_next_run(
    archive: Watched, program: Path, caplog: pytest.LogCaptureFixture
) -> None:
    command = {"NOTIFY_COMMAND": [str(program), "x"]}
    (program.parent / "broken").touch()
    wrong_clock(archive)
    assert health_check(archive, **command).raised
    assert "ended with 1: the line is dead" in caplog.text
    assert told(archive) == [("", False)]
    (program.parent / "broken").unlink()
    assert not health_check(archive, **command)
    (said,) = told_to(program)
    assert [alarm["kind"] for alarm in said["raised"]] == ["clock"]


def test_an_alarm_that_came_and_went_untold_is_told_too(archive: Watched, program: Path) -> None:
    command = {"NOTIFY_COMMAND": [str(program), "x"]}
    (program.parent / "broken").touch()
    wrong_clock(archive)
    health_check(archive, **command)
    (program.parent / "broken").unlink()
    with clock.replaced(lambda: NOW + MINUTE):
        wrong_clock(archive, 0)
        health_check(archive, **command)
    (said,) = told_to(program)
    assert [(alarm["raised_at"], alarm["cleared_at"]) for alarm in said["cleared"]] == [(iso(NOW), iso(NOW + MINUTE))]


def test_a_program_that_hangs_is_ended_with_what_it_started(
    archive: Watched, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    sign = tmp_path / "alive"
    child = f"import time, pathlib; time.sleep(3); pathlib.Path({str(sign)!r}).touch()"
    hanging = f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {child!r}]); time.sleep(60)"
    wrong_clock(archive)
    began = time.monotonic()
    health_check(archive, NOTIFY_COMMAND=[sys.executable, "-c", hanging], NOTIFY_COMMAND_SECONDS=1)
    assert time.monotonic() - began < 10
    assert "did not end within 1 s" in caplog.text
    time.sleep(3)
    assert not sign.exists()


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (["/nowhere/program"], "/nowhere/program cannot be run"),
        ("mail me", "NOTIFY_COMMAND must be a list"),
        ([sys.executable, 3], "cannot be run"),
    ],
)
def test_a_command_that_is_none_is_named(
    archive: Watched, caplog: pytest.LogCaptureFixture, command: Any, why: str
) -> None:
    wrong_clock(archive)
    health_check(archive, NOTIFY_COMMAND=command)
    assert why in caplog.text and told(archive) == [("", False)]


def test_the_check_itself_may_fail_and_the_run_goes_on(archive: Watched, caplog: pytest.LogCaptureFixture) -> None:
    archive.connection.execute("drop table runs")
    assert not health_check(archive)
    assert "The health check failed; the next run makes it again" in caplog.text
    assert not archive.connection.in_transaction


# A mail


@contextmanager
def mail_server(**options: Any) -> Iterator[tuple[int, list[EmailMessage]]]:
    """A mail server on loopback: its port, and the mails that it has taken."""
    taken: list[EmailMessage] = []

    class Box:
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
            found = message_from_bytes(envelope.content, policy=policy.default)
            assert isinstance(found, EmailMessage)
            found["X-To"] = ", ".join(envelope.rcpt_tos)
            taken.append(found)
            return "250 OK"

    controller = Controller(Box(), hostname="127.0.0.1", port=free_port(), **options)
    controller.start()
    try:
        yield controller.port, taken
    finally:
        controller.stop()


def account(port: int, **more: Any) -> dict[str, Any]:
    plain = {"host": "127.0.0.1", "port": port, "security": "none", "from": "Dateline <dateline@archive.example>"}
    return plain | {"to": ["me@archive.example", "you@archive.example"]} | more


def test_a_mail_is_readable_and_complete(archive: Watched) -> None:
    archive.connection.execute("update outlets set title_en = '新华社'")
    for hours in (5, 1):
        crawl = archive.crawl(NOW - hours * HOUR)
        archive.look(NOW - hours * HOUR, "failed", crawl=crawl, reason="https://a: no answer")
    with mail_server() as (port, taken):
        health_check(archive, NOTIFY_SMTP=account(port))
    (mail,) = taken
    assert mail["Subject"] == "Dateline: xinhua: outage"
    assert (mail["From"], mail["To"]) == (
        "Dateline <dateline@archive.example>",
        "me@archive.example, you@archive.example",
    )
    assert mail["X-To"] == "me@archive.example, you@archive.example"
    assert mail["Date"].datetime == datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
    assert mail["Message-ID"].endswith("@archive.example>") and mail["Auto-Submitted"] == "auto-generated"
    assert (mail.get_content_type(), mail.get_content_charset()) == ("text/plain", "utf-8")
    text = mail.get_content().replace("\r\n", "\n")
    assert "New\n===\n\nxinhua: outage, 2026-11-24 12:00 UTC\n  新华社: 2 crawls since" in text
    assert 'dateline alarms acknowledge 1 --note "what you know"' in " ".join(text.split())
    assert all(len(line) <= 80 for line in text.splitlines() if str(archive.archive) not in line)
    assert told(archive) == [("mail", True)]


def alarm(id: int, **columns: Any) -> Alarm:
    plain: dict[str, Any] = {
        "id": id, "kind": "disk", "outlet": None, "subject": "archive", "message": "Little room.", "state": "low",
        "raised_at": iso(NOW), "seen_at": iso(NOW), "cleared_at": None, "acknowledged_at": None, "note": None, "told": "",
        "notified_at": None,
    }  # fmt: skip
    return Alarm(**(plain | columns))


@pytest.mark.parametrize(
    ("news", "subject"),
    [
        (Changes(raised=(alarm(1),)), "Dateline: disk (archive)"),
        (Changes(cleared=(alarm(1, cleared_at=iso(NOW)),)), "Dateline: disk (archive) is over"),
        (Changes((alarm(1), alarm(2)), (alarm(3),), (alarm(4),)), "Dateline: alarms, 2 new, 1 back, 1 over"),
        (
            Changes(raised=(alarm(1, kind="fill-rate", outlet="tnw", subject="editor"),)),
            "Dateline: tnw: fill-rate (editor)",
        ),
    ],
)
def test_the_subject_says_what_it_is_about(news: Changes, subject: str) -> None:
    assert notify.subject(news) == subject


def test_a_name_with_a_line_break_makes_no_header(tmp_path: Path) -> None:
    odd = Changes(raised=(alarm(1, subject="a\r\nBcc: all@example.org"),))
    mail = notify.mail(account(25), tmp_path, odd)
    assert mail["Bcc"] is None and mail["Subject"] == "Dateline: disk (a Bcc: all@example.org)"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    """A certificate for 127.0.0.1, signed by itself, and a server's context with it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    begin = datetime.now(UTC) - timedelta(days=1)
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(begin).not_valid_after(begin + timedelta(days=9))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("certificate")
    (folder / "certificate.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    return folder / "certificate.pem", context


def only_me(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (b"me", b"secret")
    return AuthResult(success=good)


def test_a_password_goes_over_starttls(
    archive: Watched, certificate: tuple[Path, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, context = certificate
    monkeypatch.setenv("MAIL_PASSWORD", "secret")
    wrong_clock(archive)
    options = {"tls_context": context, "require_starttls": True, "auth_required": True, "authenticator": only_me}
    with mail_server(**options) as (port, taken):
        more = {"security": "starttls", "user": "me", "password_variable": "MAIL_PASSWORD", "ca_file": str(path)}
        health_check(archive, NOTIFY_SMTP=account(port, **more))
    assert [mail["Subject"] for mail in taken] == ["Dateline: clock"]


def test_a_server_that_cannot_be_trusted_gets_no_mail(
    archive: Watched, certificate: tuple[Path, ssl.SSLContext], caplog: pytest.LogCaptureFixture
) -> None:
    wrong_clock(archive)
    with mail_server(tls_context=certificate[1], require_starttls=True) as (port, taken):
        health_check(archive, NOTIFY_SMTP=account(port, security="starttls"))
    assert not taken and "certificate verify failed" in caplog.text and told(archive) == [("", False)]


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"port": 1}, "Connection refused"),
        ({"user": "me", "password_variable": "NO_SUCH_VARIABLE"}, "the environment has no variable NO_SUCH_VARIABLE"),
        ({"user": "me"}, "NOTIFY_SMTP has no 'password_variable'"),
        ({"security": "ssl3"}, "it can be starttls, tls or none"),
        (
            {"host": "mail.example.org", "security": "none", "user": "me", "password_variable": "PATH"},
            "mail.example.org",
        ),
    ],
)
def test_a_mail_that_cannot_be_sent_is_told_by_the_next_run(
    archive: Watched, caplog: pytest.LogCaptureFixture, more: dict[str, Any], why: str
) -> None:
    wrong_clock(archive)
    with mail_server() as (port, taken), caplog.at_level(logging.ERROR):
        health_check(archive, NOTIFY_SMTP=account(**({"port": port} | more)))
        assert why in caplog.text and not taken
        assert told(archive) == [("", False)]
        health_check(archive, NOTIFY_SMTP=account(port))
        assert len(taken) == 1


def test_no_password_is_sent_in_the_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAIL_PASSWORD", "secret")
    settings = account(25, host="mail.example.org", user="me", password_variable="MAIL_PASSWORD")
    with pytest.raises(notify.NotTold, match="a password is not sent in the clear"):
        notify._log_in(None, settings, "none")  # type: ignore[arg-type]


def test_one_way_that_fails_does_not_have_the_other_told_again(archive: Watched, program: Path) -> None:
    wrong_clock(archive)
    command = [str(program), "x"]
    for _ in range(3):
        health_check(archive, NOTIFY_COMMAND=command, NOTIFY_SMTP=account(1))
    assert len(told_to(program)) == 1 and told(archive) == [("command", False)]
    with mail_server() as (port, taken):
        health_check(archive, NOTIFY_COMMAND=command, NOTIFY_SMTP=account(port))
    assert len(taken) == len(told_to(program)) == 1
    assert told(archive) == [("command mail", True)]


def test_what_was_long_over_before_anybody_was_to_be_told_is_not_told(archive: Watched, program: Path) -> None:
    wrong_clock(archive)
    health_check(archive)
    wrong_clock(archive, 0)
    health_check(archive)
    with clock.replaced(lambda: NOW + timedelta(days=8)):
        health_check(archive, NOTIFY_COMMAND=[str(program), "x"], SCHEDULE_EVERY=100_000)
    assert told_to(program) == []
