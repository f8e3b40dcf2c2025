"""HTTP as bytes: what no client library would send, and what comes back, read strictly."""

import contextlib
import json
import socket
import ssl
import struct
import time
from dataclasses import dataclass

GIVE_UP_SECONDS = 10


@dataclass(frozen=True)
class Answer:
    """One answer of a server."""

    status: int
    fields: dict[str, str]
    body: bytes

    @property
    def summary(self) -> str:
        """Its status, with a problem's code."""
        if self.fields.get("content-type") != "application/problem+json":
            return str(self.status)
        problem = json.loads(self.body)
        assert problem["status"] == self.status
        assert problem["type"] == f"/errors/{problem['code']}"
        return f"{self.status} {problem['code']}"


@dataclass(frozen=True)
class Door:
    """How to reach a server: without TLS, or as someone."""

    port: int
    tls: ssl.SSLContext | None = None

    def open(self) -> socket.socket:
        """A connection. Raises `OSError` where the handshake comes to nothing."""
        plain = socket.create_connection(("127.0.0.1", self.port), GIVE_UP_SECONDS)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.tls is None:
            return plain
        try:
            return self.tls.wrap_socket(plain, server_hostname="127.0.0.1")
        except OSError:
            plain.close()
            raise

    def talk(self, data: bytes) -> bytes:
        """Sends bytes, and reads until the server closes the connection."""
        with contextlib.closing(self.open()) as line:
            with contextlib.suppress(OSError):  # It may close before all is sent.
                line.sendall(data)
            return read(line)

    def ask(self, path: str) -> Answer:
        """One request as it should be."""
        (answer,) = answers(self.talk(get(path, "Connection: close")))
        return answer

    def drop(self, *pieces: bytes) -> None:
        """Sends pieces, and resets the connection without reading."""
        with contextlib.suppress(OSError):
            line = self.open()
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            for piece in pieces:
                line.sendall(piece)
            line.close()


def read(line: socket.socket) -> bytes:
    """All that comes until the server ends the connection, which it must."""
    data, deadline = bytearray(), time.monotonic() + GIVE_UP_SECONDS
    while time.monotonic() < deadline:
        try:
            piece = line.recv(1 << 16)
        except (ConnectionError, ssl.SSLError):
            return bytes(data)
        if not piece:
            return bytes(data)
        data += piece
    raise TimeoutError(f"the connection goes on after {bytes(data)!r}")


def answers(data: bytes) -> list[Answer]:
    """Every answer of a connection, of which each is whole, and behind which there is nothing."""
    found = list[Answer]()
    while data:
        head, _, data = data.partition(b"\r\n\r\n")
        line, *lines = head.decode("ascii").split("\r\n")
        version, status, _ = line.split(" ", 2)
        assert version == "HTTP/1.1", line
        fields = {
            name.lower(): value.strip() for name, value in (one.split(":", 1) for one in lines)
        }
        length = int(fields.get("content-length", "0"))
        assert len(data) >= length
        found.append(Answer(int(status), fields, data[:length]))
        data = data[length:]
    return found


def chunked(text: str) -> bytes:
    """A submission in chunks, that are sent as they are written here."""
    return post("Transfer-Encoding: chunked") + text.encode()


def post(*fields: str) -> bytes:
    """The head of a submission."""
    return request(
        "POST /v1/submissions HTTP/1.1",
        "Host: localhost",
        "Content-Type: application/json",
        *fields,
    )


def request(*lines: str) -> bytes:
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def get(path: str = "/healthz", *fields: str, host: str = "localhost") -> bytes:
    return request(f"GET {path} HTTP/1.1", f"Host: {host}", *fields)


def fields(count: int, length: int) -> list[str]:
    """Fields of a head, of different names."""
    return [f"X-{number}: {'a' * length}" for number in range(count)]
