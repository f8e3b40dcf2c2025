"""Orders as they are decided: `GET /v1/events`, followed across broken connections.

Events are readings, the server's word; `Ledger.entry(event.sequence)` proves one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, final
from urllib.parse import urlencode

from specie.answers import Answer
from specie.errors import RefusedError, UnreachableError
from specie.readings import parse_result
from specie.receipt import Accepted, Rejected
from specie.server_sent_events import Message, Parser

if TYPE_CHECKING:
    from collections.abc import Collection, Generator
    from uuid import UUID

    from specie.connection import Connection

_PATH = "/v1/events"


@final
@dataclass(frozen=True, slots=True)
class Effect:
    """What an order left in an account that the reader may see."""

    account: UUID
    balance: int
    """In minor units, after the order."""
    previous: int | None
    """The account's entry before this one; `None` where it has none."""


@final
@dataclass(frozen=True, slots=True)
class Event:
    """One order that was decided."""

    sequence: int
    """Of its log entry: the one order in which things happened."""
    time: str
    """Ledger time, RFC 3339."""
    time_us: int
    """The same, in microseconds since 1970."""
    id: UUID
    party: str
    operation: str
    """Such as `pay`."""
    result: Accepted | Rejected
    purpose: str
    channel: str
    reference: str
    document: str | None
    """The digest of what the order was made from, in hexadecimal; `None` for nothing."""
    amount: int | None
    """Minor units, where the order moves money; so are the next three."""
    currency: str | None
    payer: UUID | None
    payee: UUID | None
    effects: tuple[Effect, ...]

    @property
    def accepted(self) -> bool:
        """Whether it was executed."""
        return isinstance(self.result, Accepted)

    @classmethod
    def parse(cls, message: Message) -> Event:
        """Reads a message's data. Raises `MalformedAnswerError`, also where its parts disagree."""
        answer = Answer.parse(_PATH, message.data)
        event = cls.read(answer)
        if (str(event.sequence), event.operation) != (message.last_event_id, message.event):
            raise answer.refuse(f"event `{message.last_event_id}` says it is `{event.sequence}`")
        return event

    @classmethod
    def read(cls, answer: Answer) -> Event:
        """Reads an event's members. Raises `MalformedAnswerError`."""
        return cls(
            sequence=answer.count("sequence"),
            time=answer.text("time"),
            time_us=answer.count("time_us"),
            id=answer.uuid("id"),
            party=answer.text("party"),
            operation=answer.text("operation"),
            result=parse_result(answer),
            purpose=answer.text("purpose"),
            channel=answer.text("channel"),
            reference=answer.text("reference"),
            document=answer.optional("document", answer.text),
            amount=answer.optional("amount", answer.money),
            currency=answer.optional("currency", answer.text),
            payer=answer.optional("payer", answer.uuid),
            payee=answer.optional("payee", answer.uuid),
            effects=tuple(
                Effect(
                    effect.uuid("account"),
                    effect.money("balance"),
                    effect.optional("previous", effect.count),
                )
                for effect in answer.children("effects")
            ),
        )


def follow(
    connection: Connection,
    after: int,
    account: UUID | None = None,
    kinds: Collection[str] | None = None,
) -> Generator[Event, None, None]:
    """Gives the events behind entry `after`, for ever, each once and in order.

    A stream that breaks, says nothing for `Options.quiet_seconds`, or may pass later is
    followed by another one, after pauses that double up to `Options.reconnect_seconds_max`; they
    begin anew once something comes. Raises what other answers are: `RefusedError`, `TLSError`,
    `MalformedAnswerError`.
    """
    options, newest, failures = connection.options, after, 0
    while True:
        wait = 0.0
        parser = Parser(str(newest))
        # A server that knows the header goes by it, and one that lost it by the parameter.
        path = _path(newest, account, kinds)
        try:
            with connection.stream(path, {"last-event-id": str(newest)}) as pieces:
                for piece in pieces:
                    for message in parser.feed(piece):
                        event = Event.parse(message)
                        if event.sequence > newest:
                            newest, failures = event.sequence, 0
                            yield event
                    newest, failures = max(newest, _sequence(parser)), 0
        except UnreachableError:
            pass
        except RefusedError as error:
            if not error.problem.may_pass:
                raise
            wait = error.problem.retry_after_seconds or 0
        pause = min(options.pause_seconds_min * 2**failures, options.reconnect_seconds_max)
        asked = min((parser.retry_milliseconds or 0) / 1000, options.reconnect_seconds_max)
        connection.clock.sleep(max(pause, wait, asked))
        failures = min(failures + 1, 30)


def _path(after: int, account: UUID | None, kinds: Collection[str] | None) -> str:
    parameters = {"after": str(after)}
    if account is not None:
        parameters["account"] = str(account)
    if kinds is not None:
        parameters["kind"] = ",".join(kinds)
    return f"{_PATH}?{urlencode(parameters, safe=',')}"


def _sequence(parser: Parser) -> int:
    text = parser.last_event_id
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise Answer(_PATH, {}).refuse(f"`{text}` is no sequence number")
    return int(text)
