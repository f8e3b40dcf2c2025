from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class KeyAlgorithm(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    KEY_ALGORITHM_UNSPECIFIED: _ClassVar[KeyAlgorithm]
    KEY_ALGORITHM_ED25519: _ClassVar[KeyAlgorithm]

class FrozenCredits(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FROZEN_CREDITS_UNSPECIFIED: _ClassVar[FrozenCredits]
    FROZEN_CREDITS_ACCEPTED: _ClassVar[FrozenCredits]
    FROZEN_CREDITS_REFUSED: _ClassVar[FrozenCredits]
KEY_ALGORITHM_UNSPECIFIED: KeyAlgorithm
KEY_ALGORITHM_ED25519: KeyAlgorithm
FROZEN_CREDITS_UNSPECIFIED: FrozenCredits
FROZEN_CREDITS_ACCEPTED: FrozenCredits
FROZEN_CREDITS_REFUSED: FrozenCredits

class Instruction(_message.Message):
    __slots__ = ("id", "purpose", "channel", "reference", "document", "admit_participant", "suspend_participant", "reinstate_participant", "register_key", "rotate_key", "suspend_key", "reinstate_key", "revoke_key", "replace_officers", "set_participant_attribute", "register_certificate", "revoke_certificate", "open_wallet", "set_wallet_tier", "close_wallet", "freeze", "unfreeze", "set_wallet_attribute", "link_account", "list_payee", "unlist_payee", "record_event", "issue", "redeem", "settle", "fund", "pay", "cash_out", "activate_rule_set", "confirm_clock", "withdraw_rule_set")
    ID_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    ADMIT_PARTICIPANT_FIELD_NUMBER: _ClassVar[int]
    SUSPEND_PARTICIPANT_FIELD_NUMBER: _ClassVar[int]
    REINSTATE_PARTICIPANT_FIELD_NUMBER: _ClassVar[int]
    REGISTER_KEY_FIELD_NUMBER: _ClassVar[int]
    ROTATE_KEY_FIELD_NUMBER: _ClassVar[int]
    SUSPEND_KEY_FIELD_NUMBER: _ClassVar[int]
    REINSTATE_KEY_FIELD_NUMBER: _ClassVar[int]
    REVOKE_KEY_FIELD_NUMBER: _ClassVar[int]
    REPLACE_OFFICERS_FIELD_NUMBER: _ClassVar[int]
    SET_PARTICIPANT_ATTRIBUTE_FIELD_NUMBER: _ClassVar[int]
    REGISTER_CERTIFICATE_FIELD_NUMBER: _ClassVar[int]
    REVOKE_CERTIFICATE_FIELD_NUMBER: _ClassVar[int]
    OPEN_WALLET_FIELD_NUMBER: _ClassVar[int]
    SET_WALLET_TIER_FIELD_NUMBER: _ClassVar[int]
    CLOSE_WALLET_FIELD_NUMBER: _ClassVar[int]
    FREEZE_FIELD_NUMBER: _ClassVar[int]
    UNFREEZE_FIELD_NUMBER: _ClassVar[int]
    SET_WALLET_ATTRIBUTE_FIELD_NUMBER: _ClassVar[int]
    LINK_ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    LIST_PAYEE_FIELD_NUMBER: _ClassVar[int]
    UNLIST_PAYEE_FIELD_NUMBER: _ClassVar[int]
    RECORD_EVENT_FIELD_NUMBER: _ClassVar[int]
    ISSUE_FIELD_NUMBER: _ClassVar[int]
    REDEEM_FIELD_NUMBER: _ClassVar[int]
    SETTLE_FIELD_NUMBER: _ClassVar[int]
    FUND_FIELD_NUMBER: _ClassVar[int]
    PAY_FIELD_NUMBER: _ClassVar[int]
    CASH_OUT_FIELD_NUMBER: _ClassVar[int]
    ACTIVATE_RULE_SET_FIELD_NUMBER: _ClassVar[int]
    CONFIRM_CLOCK_FIELD_NUMBER: _ClassVar[int]
    WITHDRAW_RULE_SET_FIELD_NUMBER: _ClassVar[int]
    id: bytes
    purpose: str
    channel: str
    reference: str
    document: bytes
    admit_participant: AdmitParticipant
    suspend_participant: SuspendParticipant
    reinstate_participant: ReinstateParticipant
    register_key: RegisterKey
    rotate_key: RotateKey
    suspend_key: SuspendKey
    reinstate_key: ReinstateKey
    revoke_key: RevokeKey
    replace_officers: ReplaceOfficers
    set_participant_attribute: SetParticipantAttribute
    register_certificate: RegisterCertificate
    revoke_certificate: RevokeCertificate
    open_wallet: OpenWallet
    set_wallet_tier: SetWalletTier
    close_wallet: CloseWallet
    freeze: Freeze
    unfreeze: Unfreeze
    set_wallet_attribute: SetWalletAttribute
    link_account: LinkAccount
    list_payee: PayeeOfWallet
    unlist_payee: PayeeOfWallet
    record_event: RecordEvent
    issue: Issue
    redeem: Redeem
    settle: Transfer
    fund: Transfer
    pay: Transfer
    cash_out: Transfer
    activate_rule_set: ActivateRuleSet
    confirm_clock: ConfirmClock
    withdraw_rule_set: WithdrawRuleSet
    def __init__(self, id: _Optional[bytes] = ..., purpose: _Optional[str] = ..., channel: _Optional[str] = ..., reference: _Optional[str] = ..., document: _Optional[bytes] = ..., admit_participant: _Optional[_Union[AdmitParticipant, _Mapping]] = ..., suspend_participant: _Optional[_Union[SuspendParticipant, _Mapping]] = ..., reinstate_participant: _Optional[_Union[ReinstateParticipant, _Mapping]] = ..., register_key: _Optional[_Union[RegisterKey, _Mapping]] = ..., rotate_key: _Optional[_Union[RotateKey, _Mapping]] = ..., suspend_key: _Optional[_Union[SuspendKey, _Mapping]] = ..., reinstate_key: _Optional[_Union[ReinstateKey, _Mapping]] = ..., revoke_key: _Optional[_Union[RevokeKey, _Mapping]] = ..., replace_officers: _Optional[_Union[ReplaceOfficers, _Mapping]] = ..., set_participant_attribute: _Optional[_Union[SetParticipantAttribute, _Mapping]] = ..., register_certificate: _Optional[_Union[RegisterCertificate, _Mapping]] = ..., revoke_certificate: _Optional[_Union[RevokeCertificate, _Mapping]] = ..., open_wallet: _Optional[_Union[OpenWallet, _Mapping]] = ..., set_wallet_tier: _Optional[_Union[SetWalletTier, _Mapping]] = ..., close_wallet: _Optional[_Union[CloseWallet, _Mapping]] = ..., freeze: _Optional[_Union[Freeze, _Mapping]] = ..., unfreeze: _Optional[_Union[Unfreeze, _Mapping]] = ..., set_wallet_attribute: _Optional[_Union[SetWalletAttribute, _Mapping]] = ..., link_account: _Optional[_Union[LinkAccount, _Mapping]] = ..., list_payee: _Optional[_Union[PayeeOfWallet, _Mapping]] = ..., unlist_payee: _Optional[_Union[PayeeOfWallet, _Mapping]] = ..., record_event: _Optional[_Union[RecordEvent, _Mapping]] = ..., issue: _Optional[_Union[Issue, _Mapping]] = ..., redeem: _Optional[_Union[Redeem, _Mapping]] = ..., settle: _Optional[_Union[Transfer, _Mapping]] = ..., fund: _Optional[_Union[Transfer, _Mapping]] = ..., pay: _Optional[_Union[Transfer, _Mapping]] = ..., cash_out: _Optional[_Union[Transfer, _Mapping]] = ..., activate_rule_set: _Optional[_Union[ActivateRuleSet, _Mapping]] = ..., confirm_clock: _Optional[_Union[ConfirmClock, _Mapping]] = ..., withdraw_rule_set: _Optional[_Union[WithdrawRuleSet, _Mapping]] = ...) -> None: ...

class PublicKey(_message.Message):
    __slots__ = ("algorithm", "bytes")
    ALGORITHM_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    algorithm: KeyAlgorithm
    bytes: bytes
    def __init__(self, algorithm: _Optional[_Union[KeyAlgorithm, str]] = ..., bytes: _Optional[bytes] = ...) -> None: ...

class SettlementAccount(_message.Message):
    __slots__ = ("account", "currency")
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    account: bytes
    currency: str
    def __init__(self, account: _Optional[bytes] = ..., currency: _Optional[str] = ...) -> None: ...

class AdmitParticipant(_message.Message):
    __slots__ = ("participant", "name", "keys", "settlement_accounts")
    PARTICIPANT_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    KEYS_FIELD_NUMBER: _ClassVar[int]
    SETTLEMENT_ACCOUNTS_FIELD_NUMBER: _ClassVar[int]
    participant: str
    name: str
    keys: _containers.RepeatedCompositeFieldContainer[PublicKey]
    settlement_accounts: _containers.RepeatedCompositeFieldContainer[SettlementAccount]
    def __init__(self, participant: _Optional[str] = ..., name: _Optional[str] = ..., keys: _Optional[_Iterable[_Union[PublicKey, _Mapping]]] = ..., settlement_accounts: _Optional[_Iterable[_Union[SettlementAccount, _Mapping]]] = ...) -> None: ...

class SuspendParticipant(_message.Message):
    __slots__ = ("participant", "legal_reference")
    PARTICIPANT_FIELD_NUMBER: _ClassVar[int]
    LEGAL_REFERENCE_FIELD_NUMBER: _ClassVar[int]
    participant: str
    legal_reference: str
    def __init__(self, participant: _Optional[str] = ..., legal_reference: _Optional[str] = ...) -> None: ...

class ReinstateParticipant(_message.Message):
    __slots__ = ("participant", "legal_reference")
    PARTICIPANT_FIELD_NUMBER: _ClassVar[int]
    LEGAL_REFERENCE_FIELD_NUMBER: _ClassVar[int]
    participant: str
    legal_reference: str
    def __init__(self, participant: _Optional[str] = ..., legal_reference: _Optional[str] = ...) -> None: ...

class RegisterKey(_message.Message):
    __slots__ = ("party", "key", "valid_from", "valid_until")
    PARTY_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    VALID_FROM_FIELD_NUMBER: _ClassVar[int]
    VALID_UNTIL_FIELD_NUMBER: _ClassVar[int]
    party: str
    key: PublicKey
    valid_from: int
    valid_until: int
    def __init__(self, party: _Optional[str] = ..., key: _Optional[_Union[PublicKey, _Mapping]] = ..., valid_from: _Optional[int] = ..., valid_until: _Optional[int] = ...) -> None: ...

class RotateKey(_message.Message):
    __slots__ = ("party", "old_key", "new_key", "overlap_until")
    PARTY_FIELD_NUMBER: _ClassVar[int]
    OLD_KEY_FIELD_NUMBER: _ClassVar[int]
    NEW_KEY_FIELD_NUMBER: _ClassVar[int]
    OVERLAP_UNTIL_FIELD_NUMBER: _ClassVar[int]
    party: str
    old_key: PublicKey
    new_key: PublicKey
    overlap_until: int
    def __init__(self, party: _Optional[str] = ..., old_key: _Optional[_Union[PublicKey, _Mapping]] = ..., new_key: _Optional[_Union[PublicKey, _Mapping]] = ..., overlap_until: _Optional[int] = ...) -> None: ...

class SuspendKey(_message.Message):
    __slots__ = ("party", "key")
    PARTY_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    party: str
    key: PublicKey
    def __init__(self, party: _Optional[str] = ..., key: _Optional[_Union[PublicKey, _Mapping]] = ...) -> None: ...

class ReinstateKey(_message.Message):
    __slots__ = ("party", "key")
    PARTY_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    party: str
    key: PublicKey
    def __init__(self, party: _Optional[str] = ..., key: _Optional[_Union[PublicKey, _Mapping]] = ...) -> None: ...

class RevokeKey(_message.Message):
    __slots__ = ("party", "key")
    PARTY_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    party: str
    key: PublicKey
    def __init__(self, party: _Optional[str] = ..., key: _Optional[_Union[PublicKey, _Mapping]] = ...) -> None: ...

class ReplaceOfficers(_message.Message):
    __slots__ = ("keys",)
    KEYS_FIELD_NUMBER: _ClassVar[int]
    keys: _containers.RepeatedCompositeFieldContainer[PublicKey]
    def __init__(self, keys: _Optional[_Iterable[_Union[PublicKey, _Mapping]]] = ...) -> None: ...

class RegisterCertificate(_message.Message):
    __slots__ = ("reader", "spki_sha256", "valid_from", "valid_until")
    READER_FIELD_NUMBER: _ClassVar[int]
    SPKI_SHA256_FIELD_NUMBER: _ClassVar[int]
    VALID_FROM_FIELD_NUMBER: _ClassVar[int]
    VALID_UNTIL_FIELD_NUMBER: _ClassVar[int]
    reader: str
    spki_sha256: bytes
    valid_from: int
    valid_until: int
    def __init__(self, reader: _Optional[str] = ..., spki_sha256: _Optional[bytes] = ..., valid_from: _Optional[int] = ..., valid_until: _Optional[int] = ...) -> None: ...

class RevokeCertificate(_message.Message):
    __slots__ = ("reader", "spki_sha256")
    READER_FIELD_NUMBER: _ClassVar[int]
    SPKI_SHA256_FIELD_NUMBER: _ClassVar[int]
    reader: str
    spki_sha256: bytes
    def __init__(self, reader: _Optional[str] = ..., spki_sha256: _Optional[bytes] = ...) -> None: ...

class OpenWallet(_message.Message):
    __slots__ = ("wallet", "owner", "currency", "tier")
    WALLET_FIELD_NUMBER: _ClassVar[int]
    OWNER_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    TIER_FIELD_NUMBER: _ClassVar[int]
    wallet: bytes
    owner: bytes
    currency: str
    tier: str
    def __init__(self, wallet: _Optional[bytes] = ..., owner: _Optional[bytes] = ..., currency: _Optional[str] = ..., tier: _Optional[str] = ...) -> None: ...

class SetWalletTier(_message.Message):
    __slots__ = ("wallet", "tier")
    WALLET_FIELD_NUMBER: _ClassVar[int]
    TIER_FIELD_NUMBER: _ClassVar[int]
    wallet: bytes
    tier: str
    def __init__(self, wallet: _Optional[bytes] = ..., tier: _Optional[str] = ...) -> None: ...

class CloseWallet(_message.Message):
    __slots__ = ("wallet",)
    WALLET_FIELD_NUMBER: _ClassVar[int]
    wallet: bytes
    def __init__(self, wallet: _Optional[bytes] = ...) -> None: ...

class SetWalletAttribute(_message.Message):
    __slots__ = ("wallet", "name", "word", "amount")
    WALLET_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    WORD_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    wallet: bytes
    name: str
    word: str
    amount: int
    def __init__(self, wallet: _Optional[bytes] = ..., name: _Optional[str] = ..., word: _Optional[str] = ..., amount: _Optional[int] = ...) -> None: ...

class SetParticipantAttribute(_message.Message):
    __slots__ = ("participant", "currency", "name", "word", "amount")
    PARTICIPANT_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    WORD_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    participant: str
    currency: str
    name: str
    word: str
    amount: int
    def __init__(self, participant: _Optional[str] = ..., currency: _Optional[str] = ..., name: _Optional[str] = ..., word: _Optional[str] = ..., amount: _Optional[int] = ...) -> None: ...

class LinkAccount(_message.Message):
    __slots__ = ("wallet", "account")
    WALLET_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    wallet: bytes
    account: bytes
    def __init__(self, wallet: _Optional[bytes] = ..., account: _Optional[bytes] = ...) -> None: ...

class PayeeOfWallet(_message.Message):
    __slots__ = ("wallet", "payee")
    WALLET_FIELD_NUMBER: _ClassVar[int]
    PAYEE_FIELD_NUMBER: _ClassVar[int]
    wallet: bytes
    payee: bytes
    def __init__(self, wallet: _Optional[bytes] = ..., payee: _Optional[bytes] = ...) -> None: ...

class RecordEvent(_message.Message):
    __slots__ = ("wallet", "event")
    WALLET_FIELD_NUMBER: _ClassVar[int]
    EVENT_FIELD_NUMBER: _ClassVar[int]
    wallet: bytes
    event: str
    def __init__(self, wallet: _Optional[bytes] = ..., event: _Optional[str] = ...) -> None: ...

class Freeze(_message.Message):
    __slots__ = ("legal_reference", "credits", "account", "participant")
    LEGAL_REFERENCE_FIELD_NUMBER: _ClassVar[int]
    CREDITS_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    PARTICIPANT_FIELD_NUMBER: _ClassVar[int]
    legal_reference: str
    credits: FrozenCredits
    account: bytes
    participant: str
    def __init__(self, legal_reference: _Optional[str] = ..., credits: _Optional[_Union[FrozenCredits, str]] = ..., account: _Optional[bytes] = ..., participant: _Optional[str] = ...) -> None: ...

class Unfreeze(_message.Message):
    __slots__ = ("legal_reference", "account", "participant")
    LEGAL_REFERENCE_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    PARTICIPANT_FIELD_NUMBER: _ClassVar[int]
    legal_reference: str
    account: bytes
    participant: str
    def __init__(self, legal_reference: _Optional[str] = ..., account: _Optional[bytes] = ..., participant: _Optional[str] = ...) -> None: ...

class Issue(_message.Message):
    __slots__ = ("payee", "amount", "currency", "rtgs_reference")
    PAYEE_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    RTGS_REFERENCE_FIELD_NUMBER: _ClassVar[int]
    payee: bytes
    amount: int
    currency: str
    rtgs_reference: str
    def __init__(self, payee: _Optional[bytes] = ..., amount: _Optional[int] = ..., currency: _Optional[str] = ..., rtgs_reference: _Optional[str] = ...) -> None: ...

class Redeem(_message.Message):
    __slots__ = ("payer", "amount", "currency", "rtgs_reference")
    PAYER_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    RTGS_REFERENCE_FIELD_NUMBER: _ClassVar[int]
    payer: bytes
    amount: int
    currency: str
    rtgs_reference: str
    def __init__(self, payer: _Optional[bytes] = ..., amount: _Optional[int] = ..., currency: _Optional[str] = ..., rtgs_reference: _Optional[str] = ...) -> None: ...

class Transfer(_message.Message):
    __slots__ = ("payer", "payee", "amount", "currency")
    PAYER_FIELD_NUMBER: _ClassVar[int]
    PAYEE_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    payer: bytes
    payee: bytes
    amount: int
    currency: str
    def __init__(self, payer: _Optional[bytes] = ..., payee: _Optional[bytes] = ..., amount: _Optional[int] = ..., currency: _Optional[str] = ...) -> None: ...

class ActivateRuleSet(_message.Message):
    __slots__ = ("rule_set", "source", "shadow")
    RULE_SET_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    FROM_FIELD_NUMBER: _ClassVar[int]
    SHADOW_FIELD_NUMBER: _ClassVar[int]
    rule_set: bytes
    source: bytes
    shadow: bool
    def __init__(self, rule_set: _Optional[bytes] = ..., source: _Optional[bytes] = ..., shadow: bool = ..., **kwargs) -> None: ...

class WithdrawRuleSet(_message.Message):
    __slots__ = ("currency", "pack", "version")
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    PACK_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    currency: str
    pack: str
    version: int
    def __init__(self, currency: _Optional[str] = ..., pack: _Optional[str] = ..., version: _Optional[int] = ...) -> None: ...

class ConfirmClock(_message.Message):
    __slots__ = ("instant",)
    INSTANT_FIELD_NUMBER: _ClassVar[int]
    instant: int
    def __init__(self, instant: _Optional[int] = ...) -> None: ...
