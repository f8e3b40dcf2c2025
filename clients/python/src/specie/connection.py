"""HTTP/1.1 to one server: under TLS 1.3, or on loopback without it."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar, final
from urllib.parse import urlsplit

import httpx

from specie.answers import Answer
from specie.clock import Clock, Deadline
from specie.errors import (
    ArgumentError,
    MalformedAnswerError,
    Problem,
    RefusedError,
    TLSError,
    UnreachableError,
)

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator, Mapping

T = TypeVar("T")

_PROTOBUF = "application/x-protobuf"
# What a server says of a certificate: after the handshake, with TLS 1.3, and so on the first read.
_ALERTS = ("CERTIFICATE", "UNKNOWN_CA", "PROTOCOL_VERSION", "HANDSHAKE_FAILURE")


@final
@dataclass(frozen=True, slots=True)
class TLS:
    """Files of a client's TLS, in PEM. It is TLS 1.3 or nothing, with the server's name checked."""

    ca: str | os.PathLike[str] | None = None
    """The authorities to which the server's certificate must lead; `None` for the system's."""
    certificate: str | os.PathLike[str] | None = None
    """The client's own chain, by which the server knows who reads."""
    key: str | os.PathLike[str] | None = None
    """Its private key, not encrypted; both or none."""

    def context(self) -> ssl.SSLContext:
        """Reads the files. Raises `TLSError` where they cannot be used."""
        if (self.certificate is None) != (self.key is None):
            raise TLSError("a client's certificate and its key go together")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        try:
            if self.ca is None:
                context.load_default_certs()
            else:
                context.load_verify_locations(self.ca)
            if self.certificate is not None:
                # No password: OpenSSL would ask the terminal for one.
                context.load_cert_chain(self.certificate, self.key, password="")
        except (OSError, ValueError) as error:
            files = ", ".join(f"`{file}`" for file in (self.ca, self.certificate, self.key) if file)
            raise TLSError(f"{files}: cannot be used for TLS: {error}") from error
        return context


@final
@dataclass(frozen=True, slots=True)
class Options:
    """Times and bounds of a client."""

    request_seconds: float = 30
    """For one request, from its start to the end of its answer."""
    submit_seconds: float = 60
    """For a submission, all tries included."""
    checkpoint_seconds: float = 15
    """For the checkpoint that covers what is to be proven."""
    quiet_seconds: float = 60
    """How long a stream of events may bring nothing, not even a heartbeat, before a new one."""
    pause_seconds_min: float = 0.025
    """The first pause between two tries; each is twice the last."""
    pause_seconds_max: float = 0.5
    """The longest, but for what the server asks for."""
    reconnect_seconds_max: float = 30
    """The longest between two streams of events."""
    proven_max: int = 64
    """Orders of one submission that are proven: of more, the first, the last and some at random."""
    answer_bytes_max: int = 32 << 20
    """Of one answer."""


@final
class Connection:
    """Sends requests, and says of each failure whether it may have arrived."""

    def __init__(
        self,
        url: str,
        tls: TLS | None,
        options: Options,
        clock: Clock,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Checks the address and reads the files; nothing is sent yet.

        Raises `TLSError`, or `ArgumentError` for an address that is neither `https` nor loopback's.
        """
        self.url = _checked(url)
        self.options, self.clock = options, clock
        is_plain = self.url.startswith("http://")
        if is_plain and tls is not None:
            raise ArgumentError(f"`{url}` is not under TLS; write `https://`, or give no `tls`")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if is_plain else (tls or TLS()).context()
        self._http = httpx.Client(
            base_url=self.url,
            verify=context,
            trust_env=False,  # No proxy, and no authority, that a variable names.
            headers={"accept-encoding": "identity", "user-agent": "specie-ledger-python"},
            transport=transport,
        )

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def get(self, path: str, seconds: float) -> bytes:
        """Asks once, and waits as long.

        Raises `RefusedError`, `UnreachableError`, `TLSError` or `MalformedAnswerError`.
        """
        return self._send("GET", path, b"", {}, seconds)

    def post(self, path: str, body: bytes, seconds: float) -> bytes:
        """Sends protobuf once, for protobuf; raises as `get` does."""
        types = {"content-type": _PROTOBUF, "accept": _PROTOBUF}
        return self._send("POST", path, body, types, seconds)

    def read(self, path: str) -> Answer:
        """Reads a path's JSON, and tries again while the server is away, for one request's time."""
        data = self.retrying(lambda left: self.get(path, left), self.options.request_seconds)
        return Answer.parse(path, data)

    def retrying(self, attempt: Callable[[float], T], seconds: float) -> T:
        """Does something again, with growing pauses, while the server is away or asks to wait.

        It does so with 503, with `not_yet_covered`, until it has signed the next checkpoint, and
        with `certificate_ended`, since the server may only know other authorities than when the
        connection was made: another one shows whether the certificate still is a good one.

        `attempt` is told how long it may wait: `Options.request_seconds`, or what is left. A pause
        is never shorter than the answer's `Retry-After`. Raises what came last once the time is
        over, and at once what trying again does not mend.
        """
        deadline = Deadline(self.clock, seconds)
        pause = self.options.pause_seconds_min
        while True:
            try:
                return attempt(max(min(self.options.request_seconds, deadline.left), 0.001))
            except UnreachableError:
                wait = pause
                if deadline.left <= wait:
                    raise
            except RefusedError as error:
                wait = max(pause, error.problem.retry_after_seconds or 0)
                if not error.problem.may_pass or deadline.left <= wait:
                    raise
            self.clock.sleep(wait)
            pause = min(pause * 2, self.options.pause_seconds_max)

    @contextlib.contextmanager
    def stream(self, path: str, headers: Mapping[str, str]) -> Iterator[Iterator[bytes]]:
        """Opens an event stream, and gives its bytes as they come; raises as `get` does."""
        quiet = httpx.Timeout(self.options.request_seconds, read=self.options.quiet_seconds)
        accepted = {"accept": "text/event-stream", "cache-control": "no-store", **headers}
        with (
            self._faults(),
            self._http.stream("GET", path, headers=accepted, timeout=quiet) as response,
        ):
            if response.status_code != 200:
                deadline = Deadline(self.clock, self.options.request_seconds)
                raise self._refusal(path, response, self._body(path, response, deadline))
            kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
            if kind != "text/event-stream":
                raise MalformedAnswerError(path, f"it is `{kind}`, no `text/event-stream`")
            yield response.iter_raw()

    def _send(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str], seconds: float
    ) -> bytes:
        deadline = Deadline(self.clock, seconds)
        with (
            self._faults(),
            self._http.stream(
                method, path, content=body, headers=headers, timeout=seconds
            ) as response,
        ):
            data = self._body(path, response, deadline)
            if response.status_code != 200:
                raise self._refusal(path, response, data)
            return data

    def _body(self, path: str, response: httpx.Response, deadline: Deadline) -> bytes:
        data = bytearray()
        for piece in response.iter_raw():
            data += piece
            if len(data) > self.options.answer_bytes_max:
                bound = self.options.answer_bytes_max
                raise MalformedAnswerError(path, f"it has more than {bound} bytes")
            if deadline.left < 0:
                raise httpx.ReadTimeout("the answer drips")
        return bytes(data)

    def _refusal(self, path: str, response: httpx.Response, data: bytes) -> Exception:
        status = response.status_code
        try:
            members = json.loads(data)
            code, detail = str(members["code"]), str(members["detail"])
        except (ValueError, LookupError, TypeError, RecursionError):
            if status >= 500:  # Whoever it is that stands before the server.
                return UnreachableError(self.url, f"status {status}", may_have_arrived=True)
            return MalformedAnswerError(path, f"status {status}, and no problem details")
        after = response.headers.get("retry-after", "")
        seconds = int(after) if after.isascii() and after.isdigit() and len(after) < 9 else None
        return RefusedError(Problem(status, code, detail, seconds))

    @contextlib.contextmanager
    def _faults(self) -> Iterator[None]:
        """Turns what the HTTP library raises into what this package does."""
        try:
            yield
        except httpx.TransportError as error:
            refused = _tls_refusal(error)
            if refused is not None:
                raise TLSError(f"`{self.url}`: {refused}") from error
            arrived = not isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
            reason = str(error) or type(error).__name__
            raise UnreachableError(self.url, reason, may_have_arrived=arrived) from error


def _tls_refusal(error: BaseException | None) -> str | None:
    """Why TLS did not come about, where either side refused the other's certificate."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return error.verify_message
        if isinstance(error, ssl.SSLError) and any(
            word in (error.reason or "") for word in _ALERTS
        ):
            return str(error.reason).replace("_", " ").lower()
        error = error.__cause__ or error.__context__
    return None


def _checked(url: str) -> str:
    """A server's address, without a path: `https` to anywhere, `http` to loopback alone."""
    rule = (
        f"`{url}` is no address of a server: it is `https://` and a host, or `http://` and a "
        "loopback host, with a port, such as `http://127.0.0.1:7070`"
    )
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise ArgumentError(rule) from error
    bare = parts._replace(path="").geturl()
    is_whole = parts.path in ("", "/") and not (parts.query or parts.fragment or "@" in bare)
    if not host or not is_whole or port == 0:
        raise ArgumentError(rule)
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(host)):
        raise ArgumentError(rule)
    return bare


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
