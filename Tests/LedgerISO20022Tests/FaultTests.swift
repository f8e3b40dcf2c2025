import LedgerISO20022
import LedgerModel
import Testing

/// Goal: every fault has a stable code that fits its place, and words that say what would be right.
///
/// Method: golden texts, one of each case.
@Suite struct FaultTests {
  static func faults() throws -> [(fault: ISOFault, code: String, words: String)] {
    [
      (
        .tooLarge(bytes: 9, max: 8), "message_too_large",
        "the message has 9 bytes, above 8; send several"
      ), (.notUTF8, "not_utf8", "the message is not UTF-8; write it in UTF-8"),
      (
        .encodingNotUTF8, "encoding_not_utf8",
        "the XML declaration names another encoding; declare `UTF-8`, or none"
      ),
      (
        .malformedXML(line: 1, column: 2, problem: "no element found"), "malformed_xml",
        "the XML is not well-formed at line 1, column 2: no element found"
      ),
      (
        .constructForbidden(.cdataSection, path: "/a"), "xml_construct_forbidden",
        "`/a`: a CDATA section may not stand here; leave it out"
      ),
      (
        .limitPassed(.depth, max: 3, path: "/a"), "xml_limit_passed",
        "`/a`: more than 3 elements within each other; ask for less in one message"
      ),
      (
        .messageNotSupported(name: "pacs.004", why: "why"), "message_not_supported",
        "`pacs.004` is no message that this ledger takes: why"
      ),
      (
        .namespaceWrong(path: "/a", wanted: "urn:x"), "namespace_wrong",
        "`/a` is in another namespace; it stands in `urn:x`"
      ),
      (
        .namespaceWrong(path: "/a", wanted: ""), "namespace_wrong",
        "`/a` is in a namespace; it stands in none"
      ),
      (
        .elementUnexpected(path: "/a", wanted: ["B", "C"]), "element_unexpected",
        "`/a` may not stand here; what may is `B`, `C`"
      ),
      (
        .elementUnexpected(path: "/a", wanted: []), "element_unexpected",
        "`/a` may not stand here; nothing follows"
      ), (.elementMissing(path: "/a"), "element_missing", "`/a` is missing"),
      (
        .elementNotSupported(path: "/a", why: "why"), "element_not_supported",
        "`/a` is not taken: why"
      ),
      (
        .textUnexpected(path: "/a"), "text_unexpected",
        "`/a` has text of its own; it holds elements alone"
      ),
      (
        .attributeUnexpected(path: "/a", name: "b"), "attribute_unexpected",
        "`/a` has an attribute `b`, which it does not take; leave it out"
      ),
      (
        .attributeMissing(path: "/a", name: "Ccy"), "attribute_missing",
        "`/a` lacks its attribute `Ccy`"
      ),
      (.valueInvalid(path: "/a", value: "x", wanted: "y"), "value_invalid", "`/a` is `x`: give y"),
      (.valueInvalid(path: "/a", value: nil, wanted: "y"), "value_invalid", "`/a`: give y"),
      (
        .currencyUnknown(path: "/a", try Samples.currency("XXX")), "currency_unknown",
        "`/a`: this ledger has no currency `XXX`"
      ),
      (
        .amountInvalid(path: "/a", value: "1.005", .fractionDigits(max: 2)), "amount_invalid",
        "`/a` is `1.005`: give at most 2 fraction digits in this currency"
      ),
      (
        .amountInvalid(path: "/a", value: "0", .zero), "amount_invalid",
        "`/a` is `0`: give more than zero"
      ),
      (
        .amountInvalid(path: "/a", value: "9", .tooLarge), "amount_invalid",
        "`/a` is `9`: give at most 1000000000000000000 minor units"
      ),
      (
        .notActing(path: "/a", Samples.bankA), "not_acting",
        "`/a` is not `bank-a`, for which the message is sent; send it for the other, or name this one"
      ),
      (
        .contradiction(path: "/a", with: "/b", wanted: "`2`"), "contradiction",
        "`/a` does not agree with `/b`: give `2`"
      ),
      (
        .givenTwice(path: "/a", first: "/b"), "given_twice",
        "`/a` is given by `/b` already; give one of the two"
      ),
      (
        .referenceRepeated(path: "/a", first: "/b"), "reference_repeated",
        "`/a` is the same as `/b`; give each transaction its own"
      ),
      (
        .notToday(path: "/a", value: "2026-01-30", today: "2026-01-31"), "not_today",
        "`/a` is `2026-01-30`; the ledger settles at once, and today is `2026-01-31`"
      ),
      (
        .messageRepeated(path: "/a"), "message_repeated",
        "`/a` is that of another message that was sent; give each its own"
      ),
      (
        .accountUnknown(path: "/a"), "account_unknown",
        "`/a` is no account of the participant that asks"
      ),
      (
        .amountInexpressible(minorUnits: 1, exponent: 6), "amount_inexpressible",
        "`1` minor units at exponent 6 have more digits than ISO 20022 has room for: 18, and 5 of a "
          + "fraction"
      ),
      (
        .statementUnbalanced(opening: .zero, entries: 1, closing: .zero), "statement_unbalanced",
        "opening balance `0` and entries of `1` together are not the closing balance `0`"
      ),
      (
        .entriesOutOfOrder(SequenceNumber(1), after: SequenceNumber(2)), "entries_out_of_order",
        "entry 1 comes after entry 2; give entries in ascending order, each once"
      ),
      (
        .statusesMiscounted(statuses: 1, transactions: 2), "statuses_miscounted",
        "1 statuses for 2 transactions; give one for each"
      ),
    ]
  }

  @Test func codesAndWordsAreAsPublished() throws {
    for (fault, code, words) in try Self.faults() {
      #expect(fault.code == code)
      #expect(fault.description == words)
      #expect(1...35 ~= code.utf8.count, "Max35Text: \(code)")
      #expect(fault.path == (words.hasPrefix("`/a`") ? "/a" : nil), "\(code)")
    }
  }
}
