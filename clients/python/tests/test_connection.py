"""Where a client connects, and what it makes of what comes back."""

import ssl
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from fake_ledger import ManualClock

from specie import TLS, Options
from specie.answers import Answer
from specie.connection import Connection
from specie.errors import (
    ArgumentError,
    MalformedAnswerError,
    RefusedError,
    TLSError,
    UnreachableError,
)


def connection(url: str, transport: httpx.BaseTransport | None = None) -> Connection:
    return Connection(url, None, Options(), ManualClock(), transport)


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:7070", "http://127.9.9.9", "http://[::1]:7070", "http://localhost:1/",
     "https://ledger.example", "https://ledger.example:7070/", "https://10.0.0.1"],
)  # fmt: skip
def test_addresses(url: str) -> None:
    made = connection(url)
    assert made.url == url.removesuffix("/")
    made.close()


@pytest.mark.parametrize(
    "url",
    ["http://ledger.example", "http://10.0.0.1", "http://127.0.0.1.example", "127.0.0.1:7070", "",
     "ftp://127.0.0.1", "https://", "https://a/b", "https://a?b", "https://a#b", "https://u:p@a",
     "https://a:0", "https://a:99999", "https://a:b", "http://[::2]", "https://[::1"],
)  # fmt: skip
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(ArgumentError, match="address of a server"):
        connection(url)


def test_tls_is_not_given_to_a_plain_address() -> None:
    with pytest.raises(ArgumentError, match="not under TLS"):
        Connection("http://127.0.0.1", TLS(), Options(), ManualClock())


def test_files_of_tls(tmp_path: Path) -> None:
    rubbish = tmp_path / "rubbish.pem"
    rubbish.write_text("rubbish")
    for tls in (
        TLS(ca=tmp_path / "none.pem"),
        TLS(ca=rubbish),
        TLS(certificate=rubbish, key=rubbish),
        TLS(certificate=rubbish),
        TLS(key=rubbish),
    ):
        with pytest.raises(TLSError):
            tls.context()
    context = TLS().context()
    assert context.minimum_version is ssl.TLSVersion.TLSv1_3
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


def answering(*answers: httpx.Response | Exception) -> Connection:
    left = list(answers)

    def respond(request: httpx.Request) -> httpx.Response:
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return connection("http://127.0.0.1:7070", httpx.MockTransport(respond))


def response(status: int, body: bytes, **headers: str) -> httpx.Response:
    return httpx.Response(status, headers=headers, stream=httpx.ByteStream(body))


def test_what_failed_says_whether_it_may_have_arrived() -> None:
    for error, may_have_arrived in (
        (httpx.ConnectError("refused"), False),
        (httpx.ConnectTimeout(""), False),
        (httpx.ReadError("reset"), True),
        (httpx.ReadTimeout(""), True),
        (httpx.WriteError("reset"), True),
        (httpx.RemoteProtocolError("closed"), True),
    ):
        with pytest.raises(UnreachableError) as caught:
            answering(error).post("/v1/submissions", b"", 1)
        assert caught.value.may_have_arrived is may_have_arrived


def test_refused_certificates_are_not_tried_again() -> None:
    for reason in ("TLSV13_ALERT_CERTIFICATE_REQUIRED", "TLSV1_ALERT_UNKNOWN_CA"):
        cause = ssl.SSLError(1, "refused")
        cause.reason = reason
        error = httpx.ReadError("")
        error.__cause__ = cause
        with pytest.raises(TLSError, match="alert"):
            answering(error).read("/v1/access")


def test_answers_are_bounded_and_problems_read() -> None:
    options = Options(answer_bytes_max=10)
    transport = httpx.MockTransport(lambda request: response(200, b"x" * 11))
    long = Connection("http://127.0.0.1", None, options, ManualClock(), transport)
    with pytest.raises(MalformedAnswerError, match="more than 10 bytes"):
        long.get("/", 1)
    body = b'{"code":"not_found","detail":"there is none"}'
    with pytest.raises(RefusedError) as caught:
        answering(response(404, body, **{"retry-after": "7"})).get("/", 1)
    assert str(caught.value) == "there is none (`not_found`, 404)"
    assert caught.value.problem.retry_after_seconds == 7
    for header in ("soon", "-1", "1.5", "9" * 20, "\u0661"):
        with pytest.raises(RefusedError) as caught:
            answering(
                httpx.Response(
                    404, headers=[(b"retry-after", header.encode())], stream=httpx.ByteStream(body)
                )
            ).get("/", 1)
        assert caught.value.problem.retry_after_seconds is None
    for status, error in (
        (404, MalformedAnswerError),
        (302, MalformedAnswerError),
        (502, UnreachableError),
    ):
        with pytest.raises(error, match=str(status)):
            answering(response(status, b"<html>")).get("/", 1)


def test_readings_are_tried_again() -> None:
    busy = b'{"code":"not_ready","detail":"not yet"}'
    ended = b'{"code":"certificate_ended","detail":"connect anew"}'
    made = answering(
        response(503, busy, **{"retry-after": "5"}), httpx.ReadError(""), response(403, ended),
        response(200, b'{"a": 1}'),
    )  # fmt: skip
    assert made.read("/v1/access").count("a") == 1
    assert made.clock.slept == [5, 0.05, 0.1]  # type: ignore[attr-defined]


def test_members_of_answers_are_of_one_kind() -> None:
    answer = Answer.parse("/p", b'{"a": 1, "b": "12", "c": null, "d": [1], "e": true, "f": 1.0}')
    assert (answer.count("a"), answer.money("b"), answer.flag("e")) == (1, 12, True)
    assert not answer.has("c")
    assert answer.optional("b", answer.text) == "12"
    asked: list[Callable[[], object]] = [
        lambda: answer.count("e"), lambda: answer.count("f"), lambda: answer.count("b"),
        lambda: answer.money("a"), lambda: answer.text("c"), lambda: answer.uuid("b"),
        lambda: answer.digest("b"), lambda: answer.children("a"), lambda: answer.children("d"),
        lambda: answer.child("a"), lambda: answer.texts("d"), lambda: answer.flag("a"),
        lambda: answer.text("g"),
    ]  # fmt: skip
    for ask in asked:
        with pytest.raises(MalformedAnswerError, match="/p"):
            ask()
    for text in ("012", "1.5", "+1", "-0", "", "\u0661", "1" * 50):
        with pytest.raises(MalformedAnswerError):
            Answer("/p", {"m": text}).money("m")
