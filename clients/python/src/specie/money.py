"""Money as integers: counts of a currency's minor units, and never floats.

At exponent 2, `12345` is 123.45. The ledger says each currency's exponent, 0 to 6.
"""

from __future__ import annotations

import re

from specie.errors import ArgumentError

AMOUNT_MAX = 10**18
"""What one order may move at most, in minor units."""
BALANCE_MAX = 9 * 10**18
"""What one account may hold at most, in minor units."""
EXPONENT_MAX = 6
"""Decimal digits of a minor unit at most."""

_DECIMAL = re.compile(r"([0-9]{1,40})(?:\.([0-9]{1,40}))?")


def minor_units(text: str, exponent: int) -> int:
    """Reads a decimal as minor units: `minor_units("123.4", 2)` is `12340`.

    The text is digits, with at most one point between them, and at most `exponent` digits after it:
    `1,000.00`, `.50`, `-1` and, at exponent 2, `1.005` are refused; nothing is ever rounded.

    Returns a count in `0 ... AMOUNT_MAX`. Raises `ArgumentError` for anything else.
    """
    _check_exponent(exponent)
    match = _DECIMAL.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise ArgumentError(
            f"`{text}` is no amount; write it as text of digits, as `1000` or `1000.50`, without a "
            "sign or separators"
        )
    whole, fraction = match.group(1), match.group(2) or ""
    if len(fraction) > exponent:
        raise ArgumentError(
            f"`{text}` has `{len(fraction)}` digits after the point, and the currency `{exponent}`"
        )
    amount = int(whole + fraction.ljust(exponent, "0"))
    if amount > AMOUNT_MAX:
        raise ArgumentError(f"`{text}` is more than `{AMOUNT_MAX}` minor units, the most there is")
    return amount


def decimal_text(amount: int, exponent: int) -> str:
    """Writes minor units as a decimal: `decimal_text(-12340, 2)` is `-123.40`.

    What `minor_units` reads back, where the amount is in its range. Raises `ArgumentError` for what
    is no integer.
    """
    _check_exponent(exponent)
    if type(amount) is not int:
        raise ArgumentError(f"`{amount}` is no amount; give minor units as an `int`")
    sign, digits = "-" if amount < 0 else "", str(abs(amount)).rjust(exponent + 1, "0")
    if exponent == 0:
        return sign + digits
    return f"{sign}{digits[:-exponent]}.{digits[-exponent:]}"


def _check_exponent(exponent: int) -> None:
    if type(exponent) is not int or not 0 <= exponent <= EXPONENT_MAX:
        raise ArgumentError(f"`{exponent}` is no exponent; it is `0` to `{EXPONENT_MAX}`")
