"""The one encoding of each signed or logged message: docs/formats/instruction.md, I-1 to I-7."""

from __future__ import annotations

from typing import TypeVar

from google.protobuf.message import DecodeError, Message

from specie.errors import EncodingError

M = TypeVar("M", bound=Message)


def encode(message: Message) -> bytes:
    """Encodes a message: fields in order of number, defaults left out."""
    return message.SerializeToString(deterministic=True)


def decode(kind: type[M], data: bytes) -> M:
    """Decodes a message, and refuses bytes that are not its canonical encoding.

    Raises `EncodingError` for what does not decode, for unknown fields, and for enum values that
    are unknown or unspecified. What messages within `bytes` fields hold is not looked at.
    """
    message = kind()
    name = message.DESCRIPTOR.name
    try:
        message.ParseFromString(data)
    except DecodeError as error:
        raise EncodingError(f"{len(data)} bytes do not decode as a {name}") from error
    has_all = encode(message) == data
    message.DiscardUnknownFields()
    if encode(message) != data:
        if has_all:
            raise EncodingError(f"a {name} has fields that this version of the schema lacks")
        raise EncodingError(f"{len(data)} bytes are not the canonical encoding of a {name}")
    _check_enums(message)
    return message


def _check_enums(message: Message) -> None:
    for field in message.DESCRIPTOR.fields:
        value = getattr(message, field.name)
        if field.enum_type is not None:  # No message has a repeated enum.
            if value == 0 or value not in field.enum_type.values_by_number:
                raise EncodingError(f"`{value}` is no {field.enum_type.name}")
        elif field.message_type is not None:
            is_there = field.is_repeated or message.HasField(field.name)
            for child in (value if field.is_repeated else [value]) if is_there else []:
                _check_enums(child)
