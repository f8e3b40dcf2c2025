"""Members of the server's JSON answers, each of one kind: docs/api.md, conventions."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NoReturn, TypeVar, final
from uuid import UUID

from specie.errors import MalformedAnswerError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

_SUM = re.compile(r"0|-?[1-9][0-9]{0,39}")
_COUNT_MAX = 2**64 - 1


@final
class Answer:
    """One JSON object. Each member is asked for by its kind, or is a `MalformedAnswerError`.

    Members that are not asked for are not looked at: later versions may add some.
    """

    def __init__(self, path: str, members: dict[str, object]) -> None:
        """Is of one path, which errors name."""
        self.path, self._members = path, members

    @classmethod
    def parse(cls, path: str, data: bytes | str) -> Answer:
        """Reads one JSON object."""
        try:
            return cls._object(path, json.loads(data))
        except (ValueError, RecursionError) as error:
            raise MalformedAnswerError(path, "it is no JSON") from error

    def has(self, name: str) -> bool:
        """Whether there is such a member, and it is not `null`."""
        return self._members.get(name) is not None

    def optional(self, name: str, kind: Callable[[str], T]) -> T | None:
        """A member that may be left out or `null`: `answer.optional("tier", answer.text)`."""
        return kind(name) if self.has(name) else None

    def text(self, name: str) -> str:
        """A string."""
        value = self._members.get(name)
        return value if isinstance(value, str) else self._refuse(name, "a string")

    def count(self, name: str) -> int:
        """An integer of `0 ... 2^64 - 1`: a sequence number, a size, microseconds."""
        value = self._members.get(name)
        if type(value) is int and 0 <= value <= _COUNT_MAX:
            return value
        return self._refuse(name, "a count")

    def flag(self, name: str) -> bool:
        """`true` or `false`."""
        value = self._members.get(name)
        return value if isinstance(value, bool) else self._refuse(name, "true or false")

    def money(self, name: str) -> int:
        """Minor units, which are a string of decimal digits: sums may need 128 bits."""
        text = self.text(name)
        return int(text) if _SUM.fullmatch(text) else self._refuse(name, "a sum in minor units")

    def uuid(self, name: str) -> UUID:
        """An id of an account or an order, in lower case."""
        text = self.text(name)
        try:
            value = UUID(text)
        except ValueError:
            return self._refuse(name, "an id")
        return value if str(value) == text else self._refuse(name, "an id")

    def digest(self, name: str) -> bytes:
        """32 bytes, in lower-case hexadecimal."""
        text = self.text(name)
        if re.fullmatch("[0-9a-f]{64}", text) is None:
            return self._refuse(name, "64 hexadecimal digits")
        return bytes.fromhex(text)

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of strings."""
        values = self._list(name)
        if not all(isinstance(value, str) for value in values):
            return self._refuse(name, "a list of strings")
        return tuple(map(str, values))

    def child(self, name: str) -> Answer:
        """An object."""
        return self._object(self.path, self._members.get(name))

    def children(self, name: str) -> list[Answer]:
        """A list of objects."""
        return [self._object(self.path, value) for value in self._list(name)]

    def refuse(self, problem: str) -> MalformedAnswerError:
        """The error for an answer whose members do not fit together."""
        return MalformedAnswerError(self.path, problem)

    def _list(self, name: str) -> list[object]:
        value = self._members.get(name)
        return value if isinstance(value, list) else self._refuse(name, "a list")

    def _refuse(self, name: str, noun: str) -> NoReturn:
        raise MalformedAnswerError(self.path, f"its `{name}` is not {noun}")

    @classmethod
    def _object(cls, path: str, value: object) -> Answer:
        if not isinstance(value, dict):
            raise MalformedAnswerError(path, "it has no JSON object where one belongs")
        return cls(path, value)
