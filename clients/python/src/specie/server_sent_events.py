"""The stream format of Server-Sent Events, as the WHATWG's HTML standard has it, section 9.2.

What comes is bytes in pieces that end anywhere, within a character or between CR and LF as well.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from specie.errors import MalformedAnswerError

if TYPE_CHECKING:
    from collections.abc import Iterator

_EVENT_CHARACTERS_MAX = 1 << 20


@final
@dataclass(frozen=True, slots=True)
class Message:
    """One event that was dispatched."""

    event: str
    """Its type; `message` where the stream names none."""
    data: str
    last_event_id: str
    """The newest id of the stream, this event's or one before."""


@final
class Parser:
    """Reads one stream; what stands before its end without an empty line is never dispatched."""

    def __init__(self, last_event_id: str = "") -> None:
        """Begins with the id of the stream before, as a browser that reconnects does."""
        self.last_event_id = last_event_id
        """Also moved by an id without data, which dispatches nothing: a heartbeat."""
        self.retry_milliseconds: int | None = None
        """How long to wait before the next stream, where this one has said so."""
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._is_at_start, self._ended_in_return = True, False
        self._line = ""
        self._id, self._event, self._data = last_event_id, "", list[str]()
        self._data_characters = 0

    def feed(self, piece: bytes) -> Iterator[Message]:
        """Takes the next piece, and gives the events that it completes.

        Raises `MalformedAnswerError` for an event that grows above a million characters.
        """
        text = self._decoder.decode(piece)
        if text and self._is_at_start:
            self._is_at_start = False
            text = text.removeprefix("\ufeff")
        if text and self._ended_in_return:
            text = text.removeprefix("\n")  # The other half of a CR LF that was cut.
            self._ended_in_return = False
        self._ended_in_return = self._ended_in_return or text.endswith("\r")
        first, *others = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        self._line += first
        if len(self._line) + self._data_characters > _EVENT_CHARACTERS_MAX:
            bound = _EVENT_CHARACTERS_MAX
            raise MalformedAnswerError("/v1/events", f"an event has more than {bound} characters")
        for line in others:
            complete, self._line = self._line, line
            message = self._take(complete)
            if message is not None:
                yield message

    def _take(self, line: str) -> Message | None:
        if not line:
            return self._dispatch()
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "event":
            self._event = value
        elif name == "data":
            self._data.append(value)
            self._data_characters += len(value) + 1
        elif name == "id" and "\0" not in value:
            self._id = value
        elif name == "retry" and value.isascii() and value.isdigit():
            self.retry_milliseconds = int(value[:9])
        return None  # A comment has an empty name; fields of other names are ignored.

    def _dispatch(self) -> Message | None:
        self.last_event_id = self._id
        event, data = self._event or "message", self._data
        self._event, self._data, self._data_characters = "", [], 0
        return Message(event, "\n".join(data), self._id) if data else None
