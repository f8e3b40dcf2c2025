"""The command line: `python -m specie COMMAND`.

Answers go to standard output, as JSON with `--json`; ids before they are sent, and errors, to
standard error. It exits with 0 when all is done, 1 on failure, 2 for a wrong command line, 3 where
payments of a file are still open, and 4 where the ledger refused at least one order.
"""

from __future__ import annotations

import argparse
import getpass
import itertools
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from specie import orders
from specie.connection import TLS
from specie.errors import ArgumentError, OutcomeUnknownError, SpecieError
from specie.ids import new_id
from specie.keys import Key
from specie.ledger import Ledger
from specie.money import decimal_text, minor_units
from specie.payments import Settings
from specie.readings import Executed, NeverExecuted
from specie.receipt import Accepted, Receipt, Rejected

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from specie.receipt import Outcome

_DONE, _FAILED, _WRONG, _OPEN, _REFUSED = 0, 1, 2, 3, 4


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command, and returns its exit code."""
    options = _parser().parse_args(arguments)
    try:
        with _connect(options) as ledger:
            run: Callable[[Ledger, argparse.Namespace], int] = options.run
            return run(ledger, options)
    except OutcomeUnknownError as error:
        ids = " ".join(map(str, error.submission.ids))
        print(f"error: {error}: {ids}", file=sys.stderr)
        return _FAILED
    except ArgumentError as error:
        print(f"error: {error}", file=sys.stderr)
        return _WRONG
    except BrokenPipeError:  # Whoever read has heard enough; nor is there more to flush.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _FAILED
    except (SpecieError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return _FAILED
    except KeyboardInterrupt:
        return 130


# The commands.


def _access(ledger: Ledger, options: argparse.Namespace) -> int:
    access = ledger.access()
    digest = access.certificate.hex() if access.certificate else None
    readers = ", ".join(access.readers) or "nobody"
    _print(
        options,
        {"certificate": digest, "readers": list(access.readers)},
        f"certificate {digest} reads for {readers}" if digest else "without TLS, all is open",
    )
    return _DONE


def _balance(ledger: Ledger, options: argparse.Namespace) -> int:
    account = ledger.account(options.account)
    exponent = ledger.genesis.currency(account.currency).exponent
    balance = decimal_text(account.balance, exponent)
    members = {
        "account": str(account.id),
        "currency": account.currency,
        "balance": balance,
        "available": decimal_text(account.available, exponent),
        "kind": account.kind,
        "tier": account.tier,
        "frozen": account.frozen,
        "closed": account.closed,
        "as_of": account.as_of,
    }
    _print(options, members, f"{balance} {account.currency} as of {account.as_of} entries")
    return _DONE


def _statement(ledger: Ledger, options: argparse.Namespace) -> int:
    currency = ledger.genesis.currency(ledger.account(options.account).currency)
    for line in itertools.islice(ledger.statement(options.account), options.limit):
        change = decimal_text(line.change, currency.exponent)
        balance = decimal_text(line.balance, currency.exponent)
        members = {
            "sequence": line.sequence,
            "time": line.time,
            "id": str(line.id),
            "operation": line.operation,
            "change": change,
            "balance": balance,
            "currency": currency.code,
            "counterparty": str(line.counterparty),
            "reference": line.reference,
            "purpose": line.purpose,
        }
        text = f"{line.sequence} {line.time} {line.operation} {change} {currency.code}"
        reference = f" ({_shown(line.reference)})" if line.reference else ""
        _print(options, members, f"{text}, balance {balance}, with {line.counterparty}{reference}")
    return _DONE


def _pay(ledger: Ledger, options: argparse.Namespace) -> int:
    exponent = ledger.genesis.currency(options.currency).exponent
    order = orders.pay(
        options.payer,
        options.payee,
        minor_units(options.amount, exponent),
        options.currency,
        id=options.id or new_id(),
        reference=options.reference,
        purpose=options.purpose,
        channel=options.channel,
    )
    keys = _keys(options)
    print(f"id {order.id}", file=sys.stderr)
    receipt = ledger.submit([order], keys, options.party, verify=False)
    if options.receipt:
        receipt.write(options.receipt)  # Before it is proven, so that it can be later, too.
    return _print_outcomes(options, ledger.verify(receipt))


def _pay_file(ledger: Ledger, options: argparse.Namespace) -> int:
    settings = Settings(options.currency, options.channel, options.size, options.wait)
    report = ledger.pay_file(options.file, _keys(options), options.party, settings)
    accepted, rejected = report.count("accepted"), report.count("rejected")
    still_open = report.count("open")
    members = {
        "accepted": accepted,
        "rejected": rejected,
        "open": still_open,
        "result": str(report.result),
    }
    counts = f"{accepted} accepted, {rejected} rejected, {still_open} open"
    _print(options, members, f"{counts}: {report.result}")
    if still_open:
        return _OPEN
    return _REFUSED if rejected else _DONE


def _status(ledger: Ledger, options: argparse.Namespace) -> int:
    status = ledger.status(options.id, options.party)
    members: dict[str, Any] = {"id": str(status.id), "party": status.party}
    match status:
        case Executed():
            ledger.prove(status)
            members |= {"status": "executed", "sequence": status.first_sequence, "proven": True}
            members |= _result(status.result)
            place = f"entry {status.first_sequence}, proven"
            _print(options, members, f"{_words(status.result, status.message)} at {place}")
            return _DONE if isinstance(status.result, Accepted) else _REFUSED
        case NeverExecuted():
            members |= {"status": "never_executed", "as_of": status.as_of}
            _print(options, members, "never executed: the order may be given under a new id")
            return _DONE
        case _:
            members |= {"status": "not_yet_known", "as_of": status.as_of}
            _print(options, members, "not yet known: ask again")
            return _OPEN


def _verify(ledger: Ledger, options: argparse.Namespace) -> int:
    receipt = Receipt.read(options.receipt)
    proven = ledger.verify(receipt, proven_max=len(receipt.outcomes))
    return _print_outcomes(options, proven)


def _follow(ledger: Ledger, options: argparse.Namespace) -> int:
    kinds = options.kind.split(",") if options.kind else None
    for event in ledger.follow(options.after, options.account, kinds):
        members: dict[str, Any] = {
            "sequence": event.sequence,
            "time": event.time,
            "id": str(event.id),
            "party": event.party,
            "operation": event.operation,
            **_result(event.result),
            "reference": event.reference,
            "purpose": event.purpose,
        }
        text = f"{event.sequence} {event.time} {event.party} {event.operation}"
        if event.amount is not None and event.currency is not None:
            exponent = ledger.genesis.currency(event.currency).exponent
            amount = decimal_text(event.amount, exponent)
            members |= {"amount": amount, "currency": event.currency}
            text += f" {amount} {event.currency}"
        for side, account in (("payer", event.payer), ("payee", event.payee)):
            if account is not None:
                members[side] = str(account)
                text += f" {side} {account}"
        _print(options, members, f"{text}: {_words(event.result, '')}")
    return _DONE


# What they print.


def _print(options: argparse.Namespace, members: dict[str, Any], text: str) -> None:
    print(json.dumps(members) if options.json else text, flush=True)


def _print_outcomes(options: argparse.Namespace, receipt: Receipt) -> int:
    for outcome in receipt.outcomes:
        _print(options, _outcome(outcome), _outcome_text(outcome))
    return _DONE if all(outcome.accepted for outcome in receipt.outcomes) else _REFUSED


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "id": str(outcome.id),
        "sequence": outcome.sequence,
        "first_sequence": outcome.first_sequence,
        "proven": outcome.proven,
        **_result(outcome.result),
        "message": outcome.message,
    }


def _outcome_text(outcome: Outcome) -> str:
    words = _words(outcome.result, outcome.message)
    copy = f", a copy of entry {outcome.first_sequence}" if outcome.duplicate else ""
    proven = "proven" if outcome.proven else "not proven"
    return f"{outcome.id} {words} at entry {outcome.sequence}{copy}, {proven}"


def _result(result: Accepted | Rejected) -> dict[str, Any]:
    match result:
        case Accepted():
            remarks = [[remark.kind, remark.pack, remark.rule] for remark in result.remarks]
            return {"outcome": "accepted"} | ({"remarks": remarks} if remarks else {})
        case Rejected():
            members = {"outcome": "rejected", "code": result.code}
            return members | ({"rule": result.rule, "pack": result.pack} if result.rule else {})


def _words(result: Accepted | Rejected, message: str) -> str:
    match result:
        case Accepted():
            remarks = [f"{remark.kind} by {remark.pack} {remark.rule}" for remark in result.remarks]
            return ", ".join(["accepted", *remarks])
        case Rejected():
            rule = f" by {result.pack} {result.rule}".rstrip() if result.rule else ""
            return f"rejected: {result.code}{rule}" + (f" ({_shown(message)})" if message else "")


def _shown(text: str) -> str:
    """Others' text, with what would not show written as its number."""
    return orders.UNSEEN.sub(lambda match: f"\\u{{{ord(match[0]):X}}}", text)


# What they are given.


def _connect(options: argparse.Namespace) -> Ledger:
    if options.trust is None:
        raise ArgumentError("name the trust file with --trust or SPECIE_TRUST")
    is_secure = options.server.startswith("https:")
    tls = TLS(options.ca, options.certificate, options.certificate_key) if is_secure else None
    kept = options.checkpoint or f"{options.trust}.checkpoint"
    return Ledger.connect(options.server, trust=options.trust, tls=tls, checkpoint_file=kept)


def _keys(options: argparse.Namespace) -> list[Key]:
    return [_read_key(Path(path)) for path in options.key]


def _read_key(path: Path) -> Key:
    """Reads a key file, with the passphrase of its own variable, the common one, or a person."""
    own = "SPECIE_PASSPHRASE_" + path.stem.upper().replace("-", "_")
    passphrase = os.environ.get(own) or os.environ.get("SPECIE_PASSPHRASE")
    with path.open("rb") as file:
        is_open = file.read(27) == b"-----BEGIN PRIVATE KEY-----"
    if is_open:
        return Key.read(path)
    return Key.read(path, passphrase or getpass.getpass(f"passphrase of {path}: "))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m specie", description="A bank's client.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    common = argparse.ArgumentParser(add_help=False)
    for name, variable, text in (
        ("server", "SPECIE_SERVER", "the server's address"),
        ("trust", "SPECIE_TRUST", "the trust file"),
        ("ca", "SPECIE_CA", "authorities of the server's certificate, in PEM"),
        ("certificate", "SPECIE_CERTIFICATE", "the client's certificate, in PEM"),
        ("certificate-key", "SPECIE_CERTIFICATE_KEY", "its private key, in PEM"),
        ("checkpoint", "SPECIE_CHECKPOINT", "where the newest checkpoint is kept"),
    ):
        standard = "http://127.0.0.1:7070" if name == "server" else None
        value = os.environ.get(variable, standard)
        common.add_argument(f"--{name}", default=value, help=f"{text} (or {variable})")
    common.add_argument("--json", action="store_true", help="print JSON, an object a line")

    signing = argparse.ArgumentParser(add_help=False)
    signing.add_argument("--as", dest="party", required=True, help="the bank that orders: its code")
    signing.add_argument("--key", action="append", required=True, help="a key file that signs")
    signing.add_argument("--channel", default="", help="how the orders came in, for rules")

    def add(
        name: str,
        run: Callable[[Ledger, argparse.Namespace], int],
        text: str,
        *,
        signs: bool = False,
    ) -> argparse.ArgumentParser:
        parents = [common, signing] if signs else [common]
        command = commands.add_parser(name, parents=parents, help=text, description=text)
        command.set_defaults(run=run)
        return command

    add("access", _access, "Says whom the server takes this client for.")
    balance = add("balance", _balance, "Prints an account's balance: the server's word.")
    balance.add_argument("account", type=UUID)
    statement = add("statement", _statement, "Prints an account's entries, the newest first.")
    statement.add_argument("account", type=UUID)
    statement.add_argument("--limit", type=int, default=None, help="entries at most")
    pay = add("pay", _pay, "Pays from a wallet, and proves what became of it.", signs=True)
    pay.add_argument("payer", type=UUID)
    pay.add_argument("payee", type=UUID)
    pay.add_argument("amount", help="a decimal, as 12.50")
    pay.add_argument("currency")
    pay.add_argument("--reference", default="", help="the bank's own, at most 35 bytes")
    pay.add_argument("--purpose", default="", help="an ISO 20022 purpose code, as SALA")
    pay.add_argument("--id", type=UUID, help="the order's id, to send the same order again")
    pay.add_argument("--receipt", help="a file to keep the receipt in, for `verify`")
    pay_file = add("pay-file", _pay_file, "Pays what a CSV file orders, once.", signs=True)
    pay_file.add_argument("file", type=Path)
    pay_file.add_argument("--currency", help="its code, where the ledger has several")
    pay_file.add_argument("--size", type=int, default=1000, help="payments under one signature")
    pay_file.add_argument("--wait", type=float, default=60, help="seconds to ask for what is open")
    status = add("status", _status, "Says what became of an id, and proves it where it can be.")
    status.add_argument("id", type=UUID)
    status.add_argument("--party", help="whose id it is, where that is not clear")
    verify = add("verify", _verify, "Proves a receipt that `pay --receipt` kept.")
    verify.add_argument("receipt", type=Path)
    follow = add("follow", _follow, "Prints orders as they are decided.")
    follow.add_argument("--after", type=int, help="begin behind this entry")
    follow.add_argument("--account", type=UUID, help="only those that name this account")
    follow.add_argument("--kind", help="only these operations, as pay,fund")
    return parser


if __name__ == "__main__":
    sys.exit(main())
