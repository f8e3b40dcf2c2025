package import LedgerModel
package import MerkleLog

/// One payment that a file orders.
package struct PaymentRow: Hashable, Sendable {
  package let transfer: Transfer
  package let reference: ClientReference
  package let purpose: Purpose
  /// As the file has them, in the order of ``PaymentFile/columns``.
  package let fields: [String]

  /// The order, under an id that the caller chooses.
  package func order(_ id: InstructionID, _ channel: Channel) -> Instruction {
    Instruction(
      id: id, operation: .pay(transfer), purpose: purpose, channel: channel, reference: reference)
  }
}

/// What a file of payments orders: each of its rows, checked before anything is sent.
///
/// - Source: docs/formats/payment-journal.md.
package struct PaymentFile: Sendable {
  package static let columns = ["payer", "payee", "amount", "reference", "purpose"]
  /// The first of ``columns``, which each file has.
  private static let columnsNeeded = 3
  private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

  /// SHA-256 of its bytes.
  package let digest: Digest
  /// Of all its amounts.
  package let currency: Currency
  /// How the orders came in, for rules.
  package let channel: Channel
  /// At least one, in the order in which they are sent; rows are numbered from 1.
  package let rows: [PaymentRow]

  /// - Throws: ``PaymentFileFault/tooMany(max:)`` or ``PaymentFileFault/noPayments``.
  init(
    digest: Digest, currency: Currency, channel: Channel, rows: [PaymentRow]
  ) throws(PaymentFileFault) {
    guard rows.count <= PaymentFileLimits.rowsMax else {
      throw .tooMany(max: PaymentFileLimits.rowsMax)
    }
    guard !rows.isEmpty else { throw .noPayments }
    self.digest = digest
    self.currency = currency
    self.channel = channel
    self.rows = rows
  }

  /// Reads comma-separated values with a head, in UTF-8, with or without a byte order mark.
  ///
  /// - Throws: The first ``PaymentFileFault``.
  /// - Complexity: O(bytes).
  package init(
    csv bytes: [UInt8], currency: Currency, channel: Channel
  ) throws(PaymentFileFault) {
    let text = bytes.starts(with: Self.byteOrderMark) ? Array(bytes.dropFirst(3)) : bytes
    guard String(validating: text, as: UTF8.self) != nil else { throw .notUTF8 }
    let records: [CSVText.Record]
    do throws(CSVText.Fault) {
      records = try CSVText.records(text)
    } catch {
      throw .csv(error)
    }
    let head = records.first?.fields ?? []
    let names = Set(head)
    guard names.count == head.count, names.isSubset(of: Self.columns),
      names.isSuperset(of: Self.columns.prefix(Self.columnsNeeded))
    else { throw .head(line: records.first?.line ?? 1) }
    let places = Self.columns.map { head.firstIndex(of: $0) }
    var rows: [PaymentRow] = []
    rows.reserveCapacity(records.count)
    for record in records.dropFirst() {
      guard record.fields.count == head.count else {
        throw .fieldsMiscounted(
          line: record.line, found: record.fields.count, wanted: head.count)
      }
      let fields = places.map { $0.map { record.fields[$0] } ?? "" }
      rows.append(try Self.row(fields, currency, line: record.line))
    }
    try self.init(
      digest: SHA256.hash(bytes), currency: currency, channel: channel, rows: rows)
  }

  private static func row(
    _ fields: [String], _ currency: Currency, line: Int
  ) throws(PaymentFileFault) -> PaymentRow {
    let amount: Amount
    do throws(DecimalFault) {
      amount = try Amount(decimal: fields[2], exponent: currency.exponent)
    } catch {
      throw .field(line: line, problem: "`\(fields[2])` is no amount: \(problem(error, currency))")
    }
    let transfer = Transfer(
      payer: try account(fields[0], line), payee: try account(fields[1], line),
      amount: UInt64(amount.minorUnits), currency: currency.code)
    do throws(NameError) {
      return PaymentRow(
        transfer: transfer, reference: try ClientReference(fields[3]),
        purpose: try Purpose(fields[4]),
        fields: fields)
    } catch {
      throw .field(line: line, problem: error.description)
    }
  }

  private static func account(_ text: String, _ line: Int) throws(PaymentFileFault) -> AccountID {
    // Other systems write ids in capitals, and mean the same.
    guard let value = Bytes16(uuidText: text.lowercased()) else {
      throw .field(
        line: line,
        problem: "`\(text)` is no account; write 8-4-4-4-12 hexadecimal digits, such as "
          + "`5a3e0f7c-91d2-4b6e-8c40-2f1d7e9ab035`")
    }
    return AccountID(value)
  }

  private static func problem(_ fault: DecimalFault, _ currency: Currency) -> String {
    switch fault {
    case .malformed: "write digits and a point, without signs or separators"
    case .tooManyDigits(let found):
      "it has \(found) digits after the point, and \(currency.code) has \(currency.exponent)"
    case .tooLarge: "one order moves at most \(Amount.max.minorUnits) minor units"
    case .zero: "it moves nothing"
    }
  }
}
