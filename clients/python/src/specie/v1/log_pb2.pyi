from specie.v1 import instruction_pb2 as _instruction_pb2
from specie.v1 import rules_pb2 as _rules_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RemarkKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REMARK_KIND_UNSPECIFIED: _ClassVar[RemarkKind]
    REMARK_KIND_FLAGGED: _ClassVar[RemarkKind]
    REMARK_KIND_SHADOW_REFUSED: _ClassVar[RemarkKind]
    REMARK_KIND_SHADOW_TIER_UNKNOWN: _ClassVar[RemarkKind]

class DecisionUnit(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DECISION_UNIT_UNSPECIFIED: _ClassVar[DecisionUnit]
    DECISION_UNIT_MINOR_UNITS: _ClassVar[DecisionUnit]
    DECISION_UNIT_PAYMENTS: _ClassVar[DecisionUnit]
    DECISION_UNIT_COUNTERPARTIES: _ClassVar[DecisionUnit]
    DECISION_UNIT_MICROSECONDS: _ClassVar[DecisionUnit]

class DecisionReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DECISION_REASON_UNSPECIFIED: _ClassVar[DecisionReason]
    DECISION_REASON_MEMORY_FULL: _ClassVar[DecisionReason]
    DECISION_REASON_UNDECIDABLE: _ClassVar[DecisionReason]
    DECISION_REASON_APPROVAL_MISSING: _ClassVar[DecisionReason]
REMARK_KIND_UNSPECIFIED: RemarkKind
REMARK_KIND_FLAGGED: RemarkKind
REMARK_KIND_SHADOW_REFUSED: RemarkKind
REMARK_KIND_SHADOW_TIER_UNKNOWN: RemarkKind
DECISION_UNIT_UNSPECIFIED: DecisionUnit
DECISION_UNIT_MINOR_UNITS: DecisionUnit
DECISION_UNIT_PAYMENTS: DecisionUnit
DECISION_UNIT_COUNTERPARTIES: DecisionUnit
DECISION_UNIT_MICROSECONDS: DecisionUnit
DECISION_REASON_UNSPECIFIED: DecisionReason
DECISION_REASON_MEMORY_FULL: DecisionReason
DECISION_REASON_UNDECIDABLE: DecisionReason
DECISION_REASON_APPROVAL_MISSING: DecisionReason

class LogEntry(_message.Message):
    __slots__ = ("sequence", "time", "previous", "genesis", "submission", "instruction", "system")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_FIELD_NUMBER: _ClassVar[int]
    GENESIS_FIELD_NUMBER: _ClassVar[int]
    SUBMISSION_FIELD_NUMBER: _ClassVar[int]
    INSTRUCTION_FIELD_NUMBER: _ClassVar[int]
    SYSTEM_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    time: int
    previous: bytes
    genesis: GenesisEntry
    submission: SubmissionEntry
    instruction: InstructionEntry
    system: SystemEntry
    def __init__(self, sequence: _Optional[int] = ..., time: _Optional[int] = ..., previous: _Optional[bytes] = ..., genesis: _Optional[_Union[GenesisEntry, _Mapping]] = ..., submission: _Optional[_Union[SubmissionEntry, _Mapping]] = ..., instruction: _Optional[_Union[InstructionEntry, _Mapping]] = ..., system: _Optional[_Union[SystemEntry, _Mapping]] = ...) -> None: ...

class LogSignature(_message.Message):
    __slots__ = ("key", "signature")
    KEY_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    key: bytes
    signature: bytes
    def __init__(self, key: _Optional[bytes] = ..., signature: _Optional[bytes] = ...) -> None: ...

class GenesisEntry(_message.Message):
    __slots__ = ("genesis", "signatures")
    GENESIS_FIELD_NUMBER: _ClassVar[int]
    SIGNATURES_FIELD_NUMBER: _ClassVar[int]
    genesis: bytes
    signatures: _containers.RepeatedCompositeFieldContainer[LogSignature]
    def __init__(self, genesis: _Optional[bytes] = ..., signatures: _Optional[_Iterable[_Union[LogSignature, _Mapping]]] = ...) -> None: ...

class SubmissionEntry(_message.Message):
    __slots__ = ("statement", "signatures")
    STATEMENT_FIELD_NUMBER: _ClassVar[int]
    SIGNATURES_FIELD_NUMBER: _ClassVar[int]
    statement: bytes
    signatures: _containers.RepeatedCompositeFieldContainer[LogSignature]
    def __init__(self, statement: _Optional[bytes] = ..., signatures: _Optional[_Iterable[_Union[LogSignature, _Mapping]]] = ...) -> None: ...

class InstructionEntry(_message.Message):
    __slots__ = ("instruction", "accepted", "rejected", "duplicate")
    INSTRUCTION_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    DUPLICATE_FIELD_NUMBER: _ClassVar[int]
    instruction: bytes
    accepted: Accepted
    rejected: Rejected
    duplicate: Duplicate
    def __init__(self, instruction: _Optional[bytes] = ..., accepted: _Optional[_Union[Accepted, _Mapping]] = ..., rejected: _Optional[_Union[Rejected, _Mapping]] = ..., duplicate: _Optional[_Union[Duplicate, _Mapping]] = ...) -> None: ...

class Accepted(_message.Message):
    __slots__ = ("remarks",)
    REMARKS_FIELD_NUMBER: _ClassVar[int]
    remarks: _containers.RepeatedCompositeFieldContainer[Remark]
    def __init__(self, remarks: _Optional[_Iterable[_Union[Remark, _Mapping]]] = ...) -> None: ...

class Remark(_message.Message):
    __slots__ = ("kind", "pack", "rule")
    KIND_FIELD_NUMBER: _ClassVar[int]
    PACK_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    kind: RemarkKind
    pack: str
    rule: str
    def __init__(self, kind: _Optional[_Union[RemarkKind, str]] = ..., pack: _Optional[str] = ..., rule: _Optional[str] = ...) -> None: ...

class Rejected(_message.Message):
    __slots__ = ("code", "rule", "pack")
    CODE_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    PACK_FIELD_NUMBER: _ClassVar[int]
    code: str
    rule: str
    pack: str
    def __init__(self, code: _Optional[str] = ..., rule: _Optional[str] = ..., pack: _Optional[str] = ...) -> None: ...

class Duplicate(_message.Message):
    __slots__ = ("sequence",)
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    def __init__(self, sequence: _Optional[int] = ...) -> None: ...

class SystemEntry(_message.Message):
    __slots__ = ("tick", "commitment")
    TICK_FIELD_NUMBER: _ClassVar[int]
    COMMITMENT_FIELD_NUMBER: _ClassVar[int]
    tick: Tick
    commitment: StateCommitment
    def __init__(self, tick: _Optional[_Union[Tick, _Mapping]] = ..., commitment: _Optional[_Union[StateCommitment, _Mapping]] = ...) -> None: ...

class Tick(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class StateCommitment(_message.Message):
    __slots__ = ("close", "currencies", "root")
    CLOSE_FIELD_NUMBER: _ClassVar[int]
    CURRENCIES_FIELD_NUMBER: _ClassVar[int]
    ROOT_FIELD_NUMBER: _ClassVar[int]
    close: int
    currencies: _containers.RepeatedCompositeFieldContainer[CurrencyTotals]
    root: bytes
    def __init__(self, close: _Optional[int] = ..., currencies: _Optional[_Iterable[_Union[CurrencyTotals, _Mapping]]] = ..., root: _Optional[bytes] = ...) -> None: ...

class CurrencyTotals(_message.Message):
    __slots__ = ("currency", "issued_high", "issued_low", "redeemed_high", "redeemed_low", "outstanding")
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    ISSUED_HIGH_FIELD_NUMBER: _ClassVar[int]
    ISSUED_LOW_FIELD_NUMBER: _ClassVar[int]
    REDEEMED_HIGH_FIELD_NUMBER: _ClassVar[int]
    REDEEMED_LOW_FIELD_NUMBER: _ClassVar[int]
    OUTSTANDING_FIELD_NUMBER: _ClassVar[int]
    currency: str
    issued_high: int
    issued_low: int
    redeemed_high: int
    redeemed_low: int
    outstanding: int
    def __init__(self, currency: _Optional[str] = ..., issued_high: _Optional[int] = ..., issued_low: _Optional[int] = ..., redeemed_high: _Optional[int] = ..., redeemed_low: _Optional[int] = ..., outstanding: _Optional[int] = ...) -> None: ...

class Genesis(_message.Message):
    __slots__ = ("origin", "log_key", "currencies", "officers", "quorums", "recovery", "parameters", "version", "nonce")
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    LOG_KEY_FIELD_NUMBER: _ClassVar[int]
    CURRENCIES_FIELD_NUMBER: _ClassVar[int]
    OFFICERS_FIELD_NUMBER: _ClassVar[int]
    QUORUMS_FIELD_NUMBER: _ClassVar[int]
    RECOVERY_FIELD_NUMBER: _ClassVar[int]
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    NONCE_FIELD_NUMBER: _ClassVar[int]
    origin: str
    log_key: _instruction_pb2.PublicKey
    currencies: _containers.RepeatedCompositeFieldContainer[Currency]
    officers: _containers.RepeatedCompositeFieldContainer[Officer]
    quorums: Quorums
    recovery: _containers.RepeatedCompositeFieldContainer[Officer]
    parameters: Parameters
    version: int
    nonce: bytes
    def __init__(self, origin: _Optional[str] = ..., log_key: _Optional[_Union[_instruction_pb2.PublicKey, _Mapping]] = ..., currencies: _Optional[_Iterable[_Union[Currency, _Mapping]]] = ..., officers: _Optional[_Iterable[_Union[Officer, _Mapping]]] = ..., quorums: _Optional[_Union[Quorums, _Mapping]] = ..., recovery: _Optional[_Iterable[_Union[Officer, _Mapping]]] = ..., parameters: _Optional[_Union[Parameters, _Mapping]] = ..., version: _Optional[int] = ..., nonce: _Optional[bytes] = ...) -> None: ...

class Currency(_message.Message):
    __slots__ = ("code", "exponent", "issuance_account")
    CODE_FIELD_NUMBER: _ClassVar[int]
    EXPONENT_FIELD_NUMBER: _ClassVar[int]
    ISSUANCE_ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    code: str
    exponent: int
    issuance_account: bytes
    def __init__(self, code: _Optional[str] = ..., exponent: _Optional[int] = ..., issuance_account: _Optional[bytes] = ...) -> None: ...

class Officer(_message.Message):
    __slots__ = ("name", "key")
    NAME_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    name: str
    key: _instruction_pb2.PublicKey
    def __init__(self, name: _Optional[str] = ..., key: _Optional[_Union[_instruction_pb2.PublicKey, _Mapping]] = ...) -> None: ...

class Quorums(_message.Message):
    __slots__ = ("participants", "keys", "issuance", "freezes", "rules", "recovery")
    PARTICIPANTS_FIELD_NUMBER: _ClassVar[int]
    KEYS_FIELD_NUMBER: _ClassVar[int]
    ISSUANCE_FIELD_NUMBER: _ClassVar[int]
    FREEZES_FIELD_NUMBER: _ClassVar[int]
    RULES_FIELD_NUMBER: _ClassVar[int]
    RECOVERY_FIELD_NUMBER: _ClassVar[int]
    participants: int
    keys: int
    issuance: int
    freezes: int
    rules: int
    recovery: int
    def __init__(self, participants: _Optional[int] = ..., keys: _Optional[int] = ..., issuance: _Optional[int] = ..., freezes: _Optional[int] = ..., rules: _Optional[int] = ..., recovery: _Optional[int] = ...) -> None: ...

class Parameters(_message.Message):
    __slots__ = ("participant_horizon", "officer_horizon", "live_ids_max", "commitments")
    PARTICIPANT_HORIZON_FIELD_NUMBER: _ClassVar[int]
    OFFICER_HORIZON_FIELD_NUMBER: _ClassVar[int]
    LIVE_IDS_MAX_FIELD_NUMBER: _ClassVar[int]
    COMMITMENTS_FIELD_NUMBER: _ClassVar[int]
    participant_horizon: int
    officer_horizon: int
    live_ids_max: int
    commitments: CommitmentSchedule
    def __init__(self, participant_horizon: _Optional[int] = ..., officer_horizon: _Optional[int] = ..., live_ids_max: _Optional[int] = ..., commitments: _Optional[_Union[CommitmentSchedule, _Mapping]] = ...) -> None: ...

class CommitmentSchedule(_message.Message):
    __slots__ = ("zone", "close", "interval", "secret_digest")
    ZONE_FIELD_NUMBER: _ClassVar[int]
    CLOSE_FIELD_NUMBER: _ClassVar[int]
    INTERVAL_FIELD_NUMBER: _ClassVar[int]
    SECRET_DIGEST_FIELD_NUMBER: _ClassVar[int]
    zone: _rules_pb2.Zone
    close: int
    interval: int
    secret_digest: bytes
    def __init__(self, zone: _Optional[_Union[_rules_pb2.Zone, _Mapping]] = ..., close: _Optional[int] = ..., interval: _Optional[int] = ..., secret_digest: _Optional[bytes] = ...) -> None: ...

class SideData(_message.Message):
    __slots__ = ("effects", "decision")
    EFFECTS_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    effects: _containers.RepeatedCompositeFieldContainer[PostingEffect]
    decision: DecisionInputs
    def __init__(self, effects: _Optional[_Iterable[_Union[PostingEffect, _Mapping]]] = ..., decision: _Optional[_Union[DecisionInputs, _Mapping]] = ...) -> None: ...

class PostingEffect(_message.Message):
    __slots__ = ("account", "balance", "previous")
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    BALANCE_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_FIELD_NUMBER: _ClassVar[int]
    account: bytes
    balance: int
    previous: int
    def __init__(self, account: _Optional[bytes] = ..., balance: _Optional[int] = ..., previous: _Optional[int] = ...) -> None: ...

class DecisionInputs(_message.Message):
    __slots__ = ("account", "limit", "used_high", "used_low", "asked", "resets", "reason", "required", "signed", "shared", "left", "unit", "comparison")
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    USED_HIGH_FIELD_NUMBER: _ClassVar[int]
    USED_LOW_FIELD_NUMBER: _ClassVar[int]
    ASKED_FIELD_NUMBER: _ClassVar[int]
    RESETS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    REQUIRED_FIELD_NUMBER: _ClassVar[int]
    SIGNED_FIELD_NUMBER: _ClassVar[int]
    SHARED_FIELD_NUMBER: _ClassVar[int]
    LEFT_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    COMPARISON_FIELD_NUMBER: _ClassVar[int]
    account: bytes
    limit: int
    used_high: int
    used_low: int
    asked: int
    resets: int
    reason: DecisionReason
    required: int
    signed: int
    shared: bool
    left: int
    unit: DecisionUnit
    comparison: _rules_pb2.Comparison
    def __init__(self, account: _Optional[bytes] = ..., limit: _Optional[int] = ..., used_high: _Optional[int] = ..., used_low: _Optional[int] = ..., asked: _Optional[int] = ..., resets: _Optional[int] = ..., reason: _Optional[_Union[DecisionReason, str]] = ..., required: _Optional[int] = ..., signed: _Optional[int] = ..., shared: bool = ..., left: _Optional[int] = ..., unit: _Optional[_Union[DecisionUnit, str]] = ..., comparison: _Optional[_Union[_rules_pb2.Comparison, str]] = ...) -> None: ...
