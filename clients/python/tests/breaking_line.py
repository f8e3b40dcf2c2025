"""A line to a server that breaks: it cuts connections amid answers, or lets them fall silent."""

import contextlib
import random
import socket
import sys
import threading
from typing import Literal

Fate = Literal["whole", "cut", "silent"]


class BreakingLine:
    """Passes bytes between clients and a port of this machine, and breaks connections by a seed.

    The fate of the nth connection is the seed's: after how many bytes of the server's it is cut,
    so that the answers to what the server took get lost, or hears nothing more, so that a client's
    time runs out. `mend` lets all connections from then on be whole.
    """

    def __init__(self, port: int, seed: str) -> None:
        self._upstream, self._random = port, random.Random(seed)
        self._lock, self._is_mended = threading.Lock(), False
        self._open = set[socket.socket]()
        self.broken = 0
        """How many connections it broke."""
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def mend(self) -> None:
        """Breaks nothing any more."""
        self._is_mended = True

    def close(self) -> None:
        """Ends all connections."""
        self._listener.close()
        for one in list(self._open):
            _close(one)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            fate, most = self._fate()
            try:
                server = socket.create_connection(("127.0.0.1", self._upstream), 5)
            except OSError:  # The server is away.
                client.close()
                continue
            server.settimeout(None)
            self._open |= {client, server}
            for source, target, limit in ((client, server, None), (server, client, most)):
                threading.Thread(
                    target=self._pass, args=(source, target, fate, limit), daemon=True
                ).start()

    def _fate(self) -> tuple[Fate, int | None]:
        with self._lock:
            kind, size = self._random.random(), self._random.random()
        if self._is_mended or kind < 0.2:
            return "whole", None
        # Some within a handshake, of some two thousand bytes, and most between two answers.
        most = int(4_000 * size) if kind < 0.35 else int(3_000 + 25_000 * size**2)
        return ("silent" if kind < 0.45 else "cut"), most

    def _pass(
        self, source: socket.socket, target: socket.socket, fate: Fate, limit: int | None
    ) -> None:
        passed = 0
        with contextlib.suppress(OSError):
            while piece := source.recv(65_536):
                left = len(piece) if limit is None else max(0, limit - passed)
                passed += len(piece)
                target.sendall(piece[:left])
                if len(piece) >= left and limit is not None and passed >= limit:
                    self.broken += passed - len(piece) < limit
                    if fate == "cut":
                        break
        for one in (source, target):
            self._open.discard(one)
            _close(one)


def _close(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()


def main() -> None:
    """Breaks connections to a port by a seed: `breaking_line.py PORT SEED`.

    It prints its own port. A line of input mends it; at the end of the input it prints how many
    connections it broke.
    """
    line = BreakingLine(int(sys.argv[1]), sys.argv[2])
    sys.stdout.write(f"{line.port}\n")
    sys.stdout.flush()
    for _ in sys.stdin:
        line.mend()
    sys.stdout.write(f"{line.broken}\n")
    line.close()


if __name__ == "__main__":
    main()
