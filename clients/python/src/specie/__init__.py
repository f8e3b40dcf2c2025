"""Specie for banks: a ledger for central bank money, from Python.

What is signed here is canonical, what is sent is sent once however often it is tried, and what the
server says is proven against the trust file wherever it can be.

    from specie import TLS, Key, Ledger, orders

    tls = TLS(ca="ca.pem", certificate="icbc.pem", key="icbc.key")
    with Ledger.connect("https://ledger.example:7070", trust="trust", tls=tls) as bank:
        order = orders.pay(payer, payee, 12_50, "CNY", reference="invoice 7")
        receipt = bank.submit([order], [Key.read("icbc.key", passphrase)], "icbc")
        assert receipt.outcomes[0].accepted and receipt.outcomes[0].proven

Money is `int` minor units; `specie.money` reads and writes decimals. Every error is below
`SpecieError`, and `specie.errors` says what each means for an order.
"""

from specie import orders
from specie.connection import TLS, Options
from specie.errors import SpecieError
from specie.events import Event
from specie.ids import new_id
from specie.keys import Key
from specie.ledger import Ledger
from specie.money import decimal_text, minor_units
from specie.orders import Order
from specie.payments import Report, Settings
from specie.readings import Executed, NeverExecuted, NotYetKnown
from specie.receipt import Accepted, Outcome, Receipt, Rejected
from specie.submission import Submission
from specie.trust import TrustFile
from specie.webhooks import Delivery, Webhook

__all__ = [
    "TLS",
    "Accepted",
    "Delivery",
    "Event",
    "Executed",
    "Key",
    "Ledger",
    "NeverExecuted",
    "NotYetKnown",
    "Options",
    "Order",
    "Outcome",
    "Receipt",
    "Rejected",
    "Report",
    "Settings",
    "SpecieError",
    "Submission",
    "TrustFile",
    "Webhook",
    "decimal_text",
    "minor_units",
    "new_id",
    "orders",
]
