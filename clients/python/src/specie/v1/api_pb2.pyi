from specie.v1 import log_pb2 as _log_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SubmissionReceipt(_message.Message):
    __slots__ = ("sequence", "time", "instructions")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    INSTRUCTIONS_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    time: int
    instructions: _containers.RepeatedCompositeFieldContainer[InstructionReceipt]
    def __init__(self, sequence: _Optional[int] = ..., time: _Optional[int] = ..., instructions: _Optional[_Iterable[_Union[InstructionReceipt, _Mapping]]] = ...) -> None: ...

class InstructionReceipt(_message.Message):
    __slots__ = ("id", "sequence", "first_sequence", "message", "limit", "withheld", "accepted", "rejected")
    ID_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    FIRST_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    WITHHELD_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    id: bytes
    sequence: int
    first_sequence: int
    message: str
    limit: _log_pb2.DecisionInputs
    withheld: bool
    accepted: _log_pb2.Accepted
    rejected: _log_pb2.Rejected
    def __init__(self, id: _Optional[bytes] = ..., sequence: _Optional[int] = ..., first_sequence: _Optional[int] = ..., message: _Optional[str] = ..., limit: _Optional[_Union[_log_pb2.DecisionInputs, _Mapping]] = ..., withheld: bool = ..., accepted: _Optional[_Union[_log_pb2.Accepted, _Mapping]] = ..., rejected: _Optional[_Union[_log_pb2.Rejected, _Mapping]] = ...) -> None: ...

class SubmissionAnswer(_message.Message):
    __slots__ = ("receipt", "problem")
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    PROBLEM_FIELD_NUMBER: _ClassVar[int]
    receipt: SubmissionReceipt
    problem: Problem
    def __init__(self, receipt: _Optional[_Union[SubmissionReceipt, _Mapping]] = ..., problem: _Optional[_Union[Problem, _Mapping]] = ...) -> None: ...

class Problem(_message.Message):
    __slots__ = ("status", "code", "detail", "retry_after_seconds")
    STATUS_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    RETRY_AFTER_SECONDS_FIELD_NUMBER: _ClassVar[int]
    status: int
    code: str
    detail: str
    retry_after_seconds: int
    def __init__(self, status: _Optional[int] = ..., code: _Optional[str] = ..., detail: _Optional[str] = ..., retry_after_seconds: _Optional[int] = ...) -> None: ...
