from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AttributeHolder(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ATTRIBUTE_HOLDER_UNSPECIFIED: _ClassVar[AttributeHolder]
    ATTRIBUTE_HOLDER_WALLET: _ClassVar[AttributeHolder]
    ATTRIBUTE_HOLDER_PARTICIPANT: _ClassVar[AttributeHolder]

class EventTrigger(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EVENT_TRIGGER_UNSPECIFIED: _ClassVar[EventTrigger]
    EVENT_TRIGGER_RECORDED: _ClassVar[EventTrigger]
    EVENT_TRIGGER_OPENED: _ClassVar[EventTrigger]
    EVENT_TRIGGER_FIRST_PAYMENT: _ClassVar[EventTrigger]
    EVENT_TRIGGER_PAYMENT: _ClassVar[EventTrigger]

class AcquaintanceKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ACQUAINTANCE_KIND_UNSPECIFIED: _ClassVar[AcquaintanceKind]
    ACQUAINTANCE_KIND_PAID: _ClassVar[AcquaintanceKind]
    ACQUAINTANCE_KIND_LISTED: _ClassVar[AcquaintanceKind]

class Quantity(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    QUANTITY_UNSPECIFIED: _ClassVar[Quantity]
    QUANTITY_AMOUNT: _ClassVar[Quantity]
    QUANTITY_COUNT: _ClassVar[Quantity]
    QUANTITY_BALANCE: _ClassVar[Quantity]
    QUANTITY_SUPPLY: _ClassVar[Quantity]
    QUANTITY_COUNTERPARTIES: _ClassVar[Quantity]
    QUANTITY_SINCE_LAST: _ClassVar[Quantity]

class Window(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    WINDOW_UNSPECIFIED: _ClassVar[Window]
    WINDOW_PAYMENT: _ClassVar[Window]
    WINDOW_DAY: _ClassVar[Window]
    WINDOW_MONTH: _ClassVar[Window]
    WINDOW_YEAR: _ClassVar[Window]
    WINDOW_LIFETIME: _ClassVar[Window]
    WINDOW_WEEK: _ClassVar[Window]
    WINDOW_BUSINESS_DAY: _ClassVar[Window]
    WINDOW_SPAN: _ClassVar[Window]
    WINDOW_ROLLING: _ClassVar[Window]
    WINDOW_SINCE: _ClassVar[Window]
    WINDOW_AFTER: _ClassVar[Window]

class Scope(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SCOPE_UNSPECIFIED: _ClassVar[Scope]
    SCOPE_WALLET: _ClassVar[Scope]
    SCOPE_OWNER: _ClassVar[Scope]
    SCOPE_PAIR: _ClassVar[Scope]
    SCOPE_PARTICIPANT: _ClassVar[Scope]
    SCOPE_PARTICIPANT_CLASS: _ClassVar[Scope]
    SCOPE_TIER: _ClassVar[Scope]
    SCOPE_SYSTEM: _ClassVar[Scope]

class Direction(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DIRECTION_UNSPECIFIED: _ClassVar[Direction]
    DIRECTION_OUT: _ClassVar[Direction]
    DIRECTION_IN: _ClassVar[Direction]
    DIRECTION_TURNOVER: _ClassVar[Direction]
    DIRECTION_NET: _ClassVar[Direction]

class RuleOperation(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RULE_OPERATION_UNSPECIFIED: _ClassVar[RuleOperation]
    RULE_OPERATION_FUND: _ClassVar[RuleOperation]
    RULE_OPERATION_PAY: _ClassVar[RuleOperation]
    RULE_OPERATION_CASH_OUT: _ClassVar[RuleOperation]
    RULE_OPERATION_ISSUE: _ClassVar[RuleOperation]
    RULE_OPERATION_REDEEM: _ClassVar[RuleOperation]
    RULE_OPERATION_SETTLE: _ClassVar[RuleOperation]

class SpanDays(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SPAN_DAYS_UNSPECIFIED: _ClassVar[SpanDays]
    SPAN_DAYS_WEEKDAYS: _ClassVar[SpanDays]
    SPAN_DAYS_BUSINESS_DAYS: _ClassVar[SpanDays]
    SPAN_DAYS_OTHER_DAYS: _ClassVar[SpanDays]

class Action(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ACTION_UNSPECIFIED: _ClassVar[Action]
    ACTION_DENY: _ClassVar[Action]
    ACTION_FLAG: _ClassVar[Action]
    ACTION_REQUIRE: _ClassVar[Action]
    ACTION_WATERFALL: _ClassVar[Action]
    ACTION_HOLD: _ClassVar[Action]

class Comparison(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    COMPARISON_UNSPECIFIED: _ClassVar[Comparison]
    COMPARISON_UNDER: _ClassVar[Comparison]
    COMPARISON_AT_LEAST: _ClassVar[Comparison]

class HoldingEnd(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    HOLDING_END_UNSPECIFIED: _ClassVar[HoldingEnd]
    HOLDING_END_RELEASED: _ClassVar[HoldingEnd]
    HOLDING_END_REVIEWED: _ClassVar[HoldingEnd]

class CapKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CAP_KIND_UNSPECIFIED: _ClassVar[CapKind]
    CAP_KIND_CONSTANT: _ClassVar[CapKind]
    CAP_KIND_ATTRIBUTE: _ClassVar[CapKind]
    CAP_KIND_BALANCE: _ClassVar[CapKind]
    CAP_KIND_SHARE: _ClassVar[CapKind]
    CAP_KIND_LEAST: _ClassVar[CapKind]
    CAP_KIND_GREATEST: _ClassVar[CapKind]
ATTRIBUTE_HOLDER_UNSPECIFIED: AttributeHolder
ATTRIBUTE_HOLDER_WALLET: AttributeHolder
ATTRIBUTE_HOLDER_PARTICIPANT: AttributeHolder
EVENT_TRIGGER_UNSPECIFIED: EventTrigger
EVENT_TRIGGER_RECORDED: EventTrigger
EVENT_TRIGGER_OPENED: EventTrigger
EVENT_TRIGGER_FIRST_PAYMENT: EventTrigger
EVENT_TRIGGER_PAYMENT: EventTrigger
ACQUAINTANCE_KIND_UNSPECIFIED: AcquaintanceKind
ACQUAINTANCE_KIND_PAID: AcquaintanceKind
ACQUAINTANCE_KIND_LISTED: AcquaintanceKind
QUANTITY_UNSPECIFIED: Quantity
QUANTITY_AMOUNT: Quantity
QUANTITY_COUNT: Quantity
QUANTITY_BALANCE: Quantity
QUANTITY_SUPPLY: Quantity
QUANTITY_COUNTERPARTIES: Quantity
QUANTITY_SINCE_LAST: Quantity
WINDOW_UNSPECIFIED: Window
WINDOW_PAYMENT: Window
WINDOW_DAY: Window
WINDOW_MONTH: Window
WINDOW_YEAR: Window
WINDOW_LIFETIME: Window
WINDOW_WEEK: Window
WINDOW_BUSINESS_DAY: Window
WINDOW_SPAN: Window
WINDOW_ROLLING: Window
WINDOW_SINCE: Window
WINDOW_AFTER: Window
SCOPE_UNSPECIFIED: Scope
SCOPE_WALLET: Scope
SCOPE_OWNER: Scope
SCOPE_PAIR: Scope
SCOPE_PARTICIPANT: Scope
SCOPE_PARTICIPANT_CLASS: Scope
SCOPE_TIER: Scope
SCOPE_SYSTEM: Scope
DIRECTION_UNSPECIFIED: Direction
DIRECTION_OUT: Direction
DIRECTION_IN: Direction
DIRECTION_TURNOVER: Direction
DIRECTION_NET: Direction
RULE_OPERATION_UNSPECIFIED: RuleOperation
RULE_OPERATION_FUND: RuleOperation
RULE_OPERATION_PAY: RuleOperation
RULE_OPERATION_CASH_OUT: RuleOperation
RULE_OPERATION_ISSUE: RuleOperation
RULE_OPERATION_REDEEM: RuleOperation
RULE_OPERATION_SETTLE: RuleOperation
SPAN_DAYS_UNSPECIFIED: SpanDays
SPAN_DAYS_WEEKDAYS: SpanDays
SPAN_DAYS_BUSINESS_DAYS: SpanDays
SPAN_DAYS_OTHER_DAYS: SpanDays
ACTION_UNSPECIFIED: Action
ACTION_DENY: Action
ACTION_FLAG: Action
ACTION_REQUIRE: Action
ACTION_WATERFALL: Action
ACTION_HOLD: Action
COMPARISON_UNSPECIFIED: Comparison
COMPARISON_UNDER: Comparison
COMPARISON_AT_LEAST: Comparison
HOLDING_END_UNSPECIFIED: HoldingEnd
HOLDING_END_RELEASED: HoldingEnd
HOLDING_END_REVIEWED: HoldingEnd
CAP_KIND_UNSPECIFIED: CapKind
CAP_KIND_CONSTANT: CapKind
CAP_KIND_ATTRIBUTE: CapKind
CAP_KIND_BALANCE: CapKind
CAP_KIND_SHARE: CapKind
CAP_KIND_LEAST: CapKind
CAP_KIND_GREATEST: CapKind

class RuleSet(_message.Message):
    __slots__ = ("format", "pack", "version", "currency", "source_digest", "tiers", "zones", "measures", "rules", "calendars", "attributes", "events", "groups", "exemptions", "supersedes", "effective_from")
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    PACK_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    SOURCE_DIGEST_FIELD_NUMBER: _ClassVar[int]
    TIERS_FIELD_NUMBER: _ClassVar[int]
    ZONES_FIELD_NUMBER: _ClassVar[int]
    MEASURES_FIELD_NUMBER: _ClassVar[int]
    RULES_FIELD_NUMBER: _ClassVar[int]
    CALENDARS_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    EXEMPTIONS_FIELD_NUMBER: _ClassVar[int]
    SUPERSEDES_FIELD_NUMBER: _ClassVar[int]
    EFFECTIVE_FROM_FIELD_NUMBER: _ClassVar[int]
    format: int
    pack: str
    version: int
    currency: str
    source_digest: bytes
    tiers: _containers.RepeatedScalarFieldContainer[str]
    zones: _containers.RepeatedCompositeFieldContainer[Zone]
    measures: _containers.RepeatedCompositeFieldContainer[Measure]
    rules: _containers.RepeatedCompositeFieldContainer[Rule]
    calendars: _containers.RepeatedCompositeFieldContainer[BusinessCalendar]
    attributes: _containers.RepeatedCompositeFieldContainer[Attribute]
    events: _containers.RepeatedCompositeFieldContainer[Event]
    groups: _containers.RepeatedCompositeFieldContainer[SignerGroup]
    exemptions: _containers.RepeatedCompositeFieldContainer[Exemption]
    supersedes: PackVersion
    effective_from: int
    def __init__(self, format: _Optional[int] = ..., pack: _Optional[str] = ..., version: _Optional[int] = ..., currency: _Optional[str] = ..., source_digest: _Optional[bytes] = ..., tiers: _Optional[_Iterable[str]] = ..., zones: _Optional[_Iterable[_Union[Zone, _Mapping]]] = ..., measures: _Optional[_Iterable[_Union[Measure, _Mapping]]] = ..., rules: _Optional[_Iterable[_Union[Rule, _Mapping]]] = ..., calendars: _Optional[_Iterable[_Union[BusinessCalendar, _Mapping]]] = ..., attributes: _Optional[_Iterable[_Union[Attribute, _Mapping]]] = ..., events: _Optional[_Iterable[_Union[Event, _Mapping]]] = ..., groups: _Optional[_Iterable[_Union[SignerGroup, _Mapping]]] = ..., exemptions: _Optional[_Iterable[_Union[Exemption, _Mapping]]] = ..., supersedes: _Optional[_Union[PackVersion, _Mapping]] = ..., effective_from: _Optional[int] = ...) -> None: ...

class PackVersion(_message.Message):
    __slots__ = ("pack", "version")
    PACK_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    pack: str
    version: int
    def __init__(self, pack: _Optional[str] = ..., version: _Optional[int] = ...) -> None: ...

class BusinessCalendar(_message.Message):
    __slots__ = ("name", "zone", "weekend", "holidays", "cut_off")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ZONE_FIELD_NUMBER: _ClassVar[int]
    WEEKEND_FIELD_NUMBER: _ClassVar[int]
    HOLIDAYS_FIELD_NUMBER: _ClassVar[int]
    CUT_OFF_FIELD_NUMBER: _ClassVar[int]
    name: str
    zone: int
    weekend: _containers.RepeatedScalarFieldContainer[int]
    holidays: _containers.RepeatedScalarFieldContainer[int]
    cut_off: int
    def __init__(self, name: _Optional[str] = ..., zone: _Optional[int] = ..., weekend: _Optional[_Iterable[int]] = ..., holidays: _Optional[_Iterable[int]] = ..., cut_off: _Optional[int] = ...) -> None: ...

class Attribute(_message.Message):
    __slots__ = ("name", "holder", "words", "amount")
    NAME_FIELD_NUMBER: _ClassVar[int]
    HOLDER_FIELD_NUMBER: _ClassVar[int]
    WORDS_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    name: str
    holder: AttributeHolder
    words: _containers.RepeatedScalarFieldContainer[str]
    amount: AttributeAmount
    def __init__(self, name: _Optional[str] = ..., holder: _Optional[_Union[AttributeHolder, str]] = ..., words: _Optional[_Iterable[str]] = ..., amount: _Optional[_Union[AttributeAmount, _Mapping]] = ...) -> None: ...

class AttributeAmount(_message.Message):
    __slots__ = ("has_initial", "initial", "has_ceiling", "ceiling", "raise_after")
    HAS_INITIAL_FIELD_NUMBER: _ClassVar[int]
    INITIAL_FIELD_NUMBER: _ClassVar[int]
    HAS_CEILING_FIELD_NUMBER: _ClassVar[int]
    CEILING_FIELD_NUMBER: _ClassVar[int]
    RAISE_AFTER_FIELD_NUMBER: _ClassVar[int]
    has_initial: bool
    initial: int
    has_ceiling: bool
    ceiling: int
    raise_after: int
    def __init__(self, has_initial: bool = ..., initial: _Optional[int] = ..., has_ceiling: bool = ..., ceiling: _Optional[int] = ..., raise_after: _Optional[int] = ...) -> None: ...

class Event(_message.Message):
    __slots__ = ("name", "trigger", "operations", "filter")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TRIGGER_FIELD_NUMBER: _ClassVar[int]
    OPERATIONS_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    name: str
    trigger: EventTrigger
    operations: _containers.RepeatedScalarFieldContainer[RuleOperation]
    filter: PaymentFilter
    def __init__(self, name: _Optional[str] = ..., trigger: _Optional[_Union[EventTrigger, str]] = ..., operations: _Optional[_Iterable[_Union[RuleOperation, str]]] = ..., filter: _Optional[_Union[PaymentFilter, _Mapping]] = ...) -> None: ...

class SignerGroup(_message.Message):
    __slots__ = ("name", "keys")
    NAME_FIELD_NUMBER: _ClassVar[int]
    KEYS_FIELD_NUMBER: _ClassVar[int]
    name: str
    keys: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, name: _Optional[str] = ..., keys: _Optional[_Iterable[bytes]] = ...) -> None: ...

class Exemption(_message.Message):
    __slots__ = ("rules", "accounts", "participants", "until", "reason")
    RULES_FIELD_NUMBER: _ClassVar[int]
    ACCOUNTS_FIELD_NUMBER: _ClassVar[int]
    PARTICIPANTS_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    rules: _containers.RepeatedScalarFieldContainer[int]
    accounts: _containers.RepeatedScalarFieldContainer[bytes]
    participants: _containers.RepeatedScalarFieldContainer[str]
    until: int
    reason: str
    def __init__(self, rules: _Optional[_Iterable[int]] = ..., accounts: _Optional[_Iterable[bytes]] = ..., participants: _Optional[_Iterable[str]] = ..., until: _Optional[int] = ..., reason: _Optional[str] = ...) -> None: ...

class PaymentFilter(_message.Message):
    __slots__ = ("channel", "purpose", "payer", "payee", "acquaintance")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    PAYER_FIELD_NUMBER: _ClassVar[int]
    PAYEE_FIELD_NUMBER: _ClassVar[int]
    ACQUAINTANCE_FIELD_NUMBER: _ClassVar[int]
    channel: WordTest
    purpose: WordTest
    payer: LegFilter
    payee: LegFilter
    acquaintance: Acquaintance
    def __init__(self, channel: _Optional[_Union[WordTest, _Mapping]] = ..., purpose: _Optional[_Union[WordTest, _Mapping]] = ..., payer: _Optional[_Union[LegFilter, _Mapping]] = ..., payee: _Optional[_Union[LegFilter, _Mapping]] = ..., acquaintance: _Optional[_Union[Acquaintance, _Mapping]] = ...) -> None: ...

class WordTest(_message.Message):
    __slots__ = ("words", "excludes")
    WORDS_FIELD_NUMBER: _ClassVar[int]
    EXCLUDES_FIELD_NUMBER: _ClassVar[int]
    words: _containers.RepeatedScalarFieldContainer[str]
    excludes: bool
    def __init__(self, words: _Optional[_Iterable[str]] = ..., excludes: bool = ...) -> None: ...

class LegFilter(_message.Message):
    __slots__ = ("tier", "participant", "attributes")
    TIER_FIELD_NUMBER: _ClassVar[int]
    PARTICIPANT_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    tier: WordTest
    participant: WordTest
    attributes: _containers.RepeatedCompositeFieldContainer[AttributeTest]
    def __init__(self, tier: _Optional[_Union[WordTest, _Mapping]] = ..., participant: _Optional[_Union[WordTest, _Mapping]] = ..., attributes: _Optional[_Iterable[_Union[AttributeTest, _Mapping]]] = ...) -> None: ...

class AttributeTest(_message.Message):
    __slots__ = ("attribute", "test")
    ATTRIBUTE_FIELD_NUMBER: _ClassVar[int]
    TEST_FIELD_NUMBER: _ClassVar[int]
    attribute: int
    test: WordTest
    def __init__(self, attribute: _Optional[int] = ..., test: _Optional[_Union[WordTest, _Mapping]] = ...) -> None: ...

class Acquaintance(_message.Message):
    __slots__ = ("kind", "at_least", "excludes")
    KIND_FIELD_NUMBER: _ClassVar[int]
    AT_LEAST_FIELD_NUMBER: _ClassVar[int]
    EXCLUDES_FIELD_NUMBER: _ClassVar[int]
    kind: AcquaintanceKind
    at_least: int
    excludes: bool
    def __init__(self, kind: _Optional[_Union[AcquaintanceKind, str]] = ..., at_least: _Optional[int] = ..., excludes: bool = ...) -> None: ...

class Zone(_message.Message):
    __slots__ = ("name", "first_offset", "transitions", "footer")
    NAME_FIELD_NUMBER: _ClassVar[int]
    FIRST_OFFSET_FIELD_NUMBER: _ClassVar[int]
    TRANSITIONS_FIELD_NUMBER: _ClassVar[int]
    FOOTER_FIELD_NUMBER: _ClassVar[int]
    name: str
    first_offset: int
    transitions: _containers.RepeatedCompositeFieldContainer[ZoneTransition]
    footer: ZoneFooter
    def __init__(self, name: _Optional[str] = ..., first_offset: _Optional[int] = ..., transitions: _Optional[_Iterable[_Union[ZoneTransition, _Mapping]]] = ..., footer: _Optional[_Union[ZoneFooter, _Mapping]] = ...) -> None: ...

class ZoneTransition(_message.Message):
    __slots__ = ("at", "offset")
    AT_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    at: int
    offset: int
    def __init__(self, at: _Optional[int] = ..., offset: _Optional[int] = ...) -> None: ...

class ZoneFooter(_message.Message):
    __slots__ = ("standard_offset", "daylight_offset", "daylight_start", "daylight_end")
    STANDARD_OFFSET_FIELD_NUMBER: _ClassVar[int]
    DAYLIGHT_OFFSET_FIELD_NUMBER: _ClassVar[int]
    DAYLIGHT_START_FIELD_NUMBER: _ClassVar[int]
    DAYLIGHT_END_FIELD_NUMBER: _ClassVar[int]
    standard_offset: int
    daylight_offset: int
    daylight_start: ZoneRuleDate
    daylight_end: ZoneRuleDate
    def __init__(self, standard_offset: _Optional[int] = ..., daylight_offset: _Optional[int] = ..., daylight_start: _Optional[_Union[ZoneRuleDate, _Mapping]] = ..., daylight_end: _Optional[_Union[ZoneRuleDate, _Mapping]] = ...) -> None: ...

class ZoneRuleDate(_message.Message):
    __slots__ = ("month", "week", "weekday", "seconds")
    MONTH_FIELD_NUMBER: _ClassVar[int]
    WEEK_FIELD_NUMBER: _ClassVar[int]
    WEEKDAY_FIELD_NUMBER: _ClassVar[int]
    SECONDS_FIELD_NUMBER: _ClassVar[int]
    month: int
    week: int
    weekday: int
    seconds: int
    def __init__(self, month: _Optional[int] = ..., week: _Optional[int] = ..., weekday: _Optional[int] = ..., seconds: _Optional[int] = ...) -> None: ...

class Measure(_message.Message):
    __slots__ = ("quantity", "scope", "window", "direction", "zone", "operations", "first_weekday", "calendar", "span", "length", "events_max", "event", "filter")
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    WINDOW_FIELD_NUMBER: _ClassVar[int]
    DIRECTION_FIELD_NUMBER: _ClassVar[int]
    ZONE_FIELD_NUMBER: _ClassVar[int]
    OPERATIONS_FIELD_NUMBER: _ClassVar[int]
    FIRST_WEEKDAY_FIELD_NUMBER: _ClassVar[int]
    CALENDAR_FIELD_NUMBER: _ClassVar[int]
    SPAN_FIELD_NUMBER: _ClassVar[int]
    LENGTH_FIELD_NUMBER: _ClassVar[int]
    EVENTS_MAX_FIELD_NUMBER: _ClassVar[int]
    EVENT_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    quantity: Quantity
    scope: Scope
    window: Window
    direction: Direction
    zone: int
    operations: _containers.RepeatedScalarFieldContainer[RuleOperation]
    first_weekday: int
    calendar: int
    span: Span
    length: int
    events_max: int
    event: int
    filter: PaymentFilter
    def __init__(self, quantity: _Optional[_Union[Quantity, str]] = ..., scope: _Optional[_Union[Scope, str]] = ..., window: _Optional[_Union[Window, str]] = ..., direction: _Optional[_Union[Direction, str]] = ..., zone: _Optional[int] = ..., operations: _Optional[_Iterable[_Union[RuleOperation, str]]] = ..., first_weekday: _Optional[int] = ..., calendar: _Optional[int] = ..., span: _Optional[_Union[Span, _Mapping]] = ..., length: _Optional[int] = ..., events_max: _Optional[int] = ..., event: _Optional[int] = ..., filter: _Optional[_Union[PaymentFilter, _Mapping]] = ...) -> None: ...

class Span(_message.Message):
    __slots__ = ("to", "days", "weekdays", "calendar")
    FROM_FIELD_NUMBER: _ClassVar[int]
    TO_FIELD_NUMBER: _ClassVar[int]
    DAYS_FIELD_NUMBER: _ClassVar[int]
    WEEKDAYS_FIELD_NUMBER: _ClassVar[int]
    CALENDAR_FIELD_NUMBER: _ClassVar[int]
    to: int
    days: SpanDays
    weekdays: _containers.RepeatedScalarFieldContainer[int]
    calendar: int
    def __init__(self, to: _Optional[int] = ..., days: _Optional[_Union[SpanDays, str]] = ..., weekdays: _Optional[_Iterable[int]] = ..., calendar: _Optional[int] = ..., **kwargs) -> None: ...

class Rule(_message.Message):
    __slots__ = ("id", "measure", "action", "maxima", "every", "comparison", "previous_only", "until", "line", "approval", "draws_shortfall", "holding")
    ID_FIELD_NUMBER: _ClassVar[int]
    MEASURE_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    MAXIMA_FIELD_NUMBER: _ClassVar[int]
    EVERY_FIELD_NUMBER: _ClassVar[int]
    COMPARISON_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_ONLY_FIELD_NUMBER: _ClassVar[int]
    FROM_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    LINE_FIELD_NUMBER: _ClassVar[int]
    APPROVAL_FIELD_NUMBER: _ClassVar[int]
    DRAWS_SHORTFALL_FIELD_NUMBER: _ClassVar[int]
    HOLDING_FIELD_NUMBER: _ClassVar[int]
    id: str
    measure: int
    action: Action
    maxima: _containers.RepeatedCompositeFieldContainer[TierMaximum]
    every: bool
    comparison: Comparison
    previous_only: bool
    until: int
    line: int
    approval: Approval
    draws_shortfall: bool
    holding: Holding
    def __init__(self, id: _Optional[str] = ..., measure: _Optional[int] = ..., action: _Optional[_Union[Action, str]] = ..., maxima: _Optional[_Iterable[_Union[TierMaximum, _Mapping]]] = ..., every: bool = ..., comparison: _Optional[_Union[Comparison, str]] = ..., previous_only: bool = ..., until: _Optional[int] = ..., line: _Optional[int] = ..., approval: _Optional[_Union[Approval, _Mapping]] = ..., draws_shortfall: bool = ..., holding: _Optional[_Union[Holding, _Mapping]] = ..., **kwargs) -> None: ...

class Approval(_message.Message):
    __slots__ = ("count", "group")
    COUNT_FIELD_NUMBER: _ClassVar[int]
    GROUP_FIELD_NUMBER: _ClassVar[int]
    count: int
    group: int
    def __init__(self, count: _Optional[int] = ..., group: _Optional[int] = ...) -> None: ...

class Holding(_message.Message):
    __slots__ = ("length", "end", "sticky")
    LENGTH_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    STICKY_FIELD_NUMBER: _ClassVar[int]
    length: int
    end: HoldingEnd
    sticky: bool
    def __init__(self, length: _Optional[int] = ..., end: _Optional[_Union[HoldingEnd, str]] = ..., sticky: bool = ...) -> None: ...

class TierMaximum(_message.Message):
    __slots__ = ("tier", "maximum", "cap")
    TIER_FIELD_NUMBER: _ClassVar[int]
    MAXIMUM_FIELD_NUMBER: _ClassVar[int]
    CAP_FIELD_NUMBER: _ClassVar[int]
    tier: int
    maximum: int
    cap: Cap
    def __init__(self, tier: _Optional[int] = ..., maximum: _Optional[int] = ..., cap: _Optional[_Union[Cap, _Mapping]] = ...) -> None: ...

class Cap(_message.Message):
    __slots__ = ("kind", "constant", "attribute", "basis_points", "of")
    KIND_FIELD_NUMBER: _ClassVar[int]
    CONSTANT_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTE_FIELD_NUMBER: _ClassVar[int]
    BASIS_POINTS_FIELD_NUMBER: _ClassVar[int]
    OF_FIELD_NUMBER: _ClassVar[int]
    kind: CapKind
    constant: int
    attribute: int
    basis_points: int
    of: _containers.RepeatedCompositeFieldContainer[Cap]
    def __init__(self, kind: _Optional[_Union[CapKind, str]] = ..., constant: _Optional[int] = ..., attribute: _Optional[int] = ..., basis_points: _Optional[int] = ..., of: _Optional[_Iterable[_Union[Cap, _Mapping]]] = ...) -> None: ...
