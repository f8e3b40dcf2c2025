import Foundation
import LedgerModel
import PaymentFiles

/// Orders from a file: one a line, by named columns.
struct BatchFile {
  /// One order, and where it stands.
  struct Row {
    let line: Int
    /// As the file says; otherwise it is chosen when the order is signed, since an id ages.
    let id: InstructionID?
    let operation: LedgerModel.Operation
    let purpose: Purpose
    let channel: Channel
    let reference: ClientReference

    /// The order, ready to be signed, under its id or a new one.
    func instruction() -> Instruction {
      Instruction(
        id: id ?? RandomID.instruction(), operation: operation, purpose: purpose,
        channel: channel, reference: reference)
    }
  }

  static let fileBytesMax = 512 << 20
  static let columns = [
    "operation", "payer", "payee", "amount", "currency", "reference", "purpose", "channel", "id",
    "tier", "owner",
  ]

  let path: String
  /// Column by column, as far as a line says anything.
  private let lines: [(line: Int, values: [String: String])]

  /// Reads the file: JSON lines where its name ends so, and CSV otherwise.
  init(path: String) throws(CommandFault) {
    self.path = path
    let bytes = try LocalFile.read(path, bytesMax: Self.fileBytesMax)
    guard String(validating: bytes, as: UTF8.self) != nil else {
      throw .fileInvalid(path: path, problem: "it is not UTF-8 text")
    }
    guard !bytes.starts(with: [0xEF, 0xBB, 0xBF]) else {
      throw .fileInvalid(
        path: path,
        problem: "it begins with a byte order mark (U+FEFF); save it as UTF-8 without one")
    }
    lines =
      path.hasSuffix(".jsonl") || path.hasSuffix(".ndjson")
      ? try Self.readJSON(bytes, path) : try Self.readCSV(bytes, path)
    guard !lines.isEmpty else {
      throw .fileInvalid(path: path, problem: "it has no orders; write one a line under the head")
    }
  }

  var count: Int { lines.count }

  /// Currencies that the file names.
  var currencies: [String] { Set(lines.compactMap { $0.values["currency"] }).sorted() }

  /// Turns every line into an order; the first that is none ends it, before anything is sent.
  ///
  /// - Parameters:
  ///   - scales: The ledger's currencies.
  ///   - settlement: The bank's own settlement accounts, where a line leaves them out.
  /// - Returns: As many as ``count``, in the order of the file.
  /// - Throws: ``CommandFault/fileInvalid(path:problem:)``, which names the line.
  func rows(
    scales: CurrencyScales, settlement: [CurrencyCode: AccountID]
  ) throws(CommandFault) -> [Row] {
    var rows: [Row] = []
    rows.reserveCapacity(lines.count)
    for (line, values) in lines {
      do {
        rows.append(
          try RowReader(values: values, scales: scales, settlement: settlement).row(at: line))
      } catch {
        throw .fileInvalid(path: "\(path):\(line)", problem: "\(error)")
      }
    }
    return rows
  }

  /// The currencies of lines that leave out the bank's settlement account.
  var settlementCurrencies: [String] {
    let found = lines.compactMap { _, values -> String? in
      let isNeeded =
        switch values["operation"] {
        case "fund", "settle": values["payer"] == nil
        case "cash-out": values["payee"] == nil
        default: false
        }
      return isNeeded ? values["currency"] : nil
    }
    return Set(found).sorted()
  }

  private static func readCSV(
    _ bytes: [UInt8], _ path: String
  ) throws(CommandFault) -> [(line: Int, values: [String: String])] {
    let records: [CSVText.Record]
    do {
      // Empty lines say nothing.
      records = try CSVText.records(bytes).filter { $0.fields != [""] }
    } catch {
      throw .fileInvalid(path: "\(path):\(error.line)", problem: error.problem)
    }
    guard let head = records.first else {
      throw .fileInvalid(path: path, problem: "it is empty")
    }
    try checkColumns(head.fields, "\(path):\(head.line)")
    var lines: [(line: Int, values: [String: String])] = []
    lines.reserveCapacity(records.count)
    for record in records.dropFirst() {
      guard record.fields.count == head.fields.count else {
        throw .fileInvalid(
          path: "\(path):\(record.line)",
          problem: "it has \(record.fields.count) fields under \(head.fields.count) heads")
      }
      let pairs = zip(head.fields, record.fields).filter { !$0.1.isEmpty }
      lines.append((record.line, Dictionary(uniqueKeysWithValues: pairs)))
    }
    return lines
  }

  private static func readJSON(
    _ bytes: [UInt8], _ path: String
  ) throws(CommandFault) -> [(line: Int, values: [String: String])] {
    var lines: [(line: Int, values: [String: String])] = []
    let texts = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, text) in texts.enumerated()
    where text.contains(where: { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\r") }) {
      let place = "\(path):\(index + 1)"
      guard let values = try? JSONDecoder().decode([String: String].self, from: Data(text)) else {
        throw .fileInvalid(
          path: place,
          problem: "it is no JSON object of texts; write amounts in quotes, so that none is rounded"
        )
      }
      // Each member is a name and a text, and has four quotes; the reader kept one of a name.
      guard quoteCount(of: text) == 4 * values.count else {
        throw .fileInvalid(path: place, problem: "a column stands twice; name each once")
      }
      try checkColumns(values.keys.sorted(), place)
      lines.append((index + 1, values.filter { !$0.value.isEmpty }))
    }
    return lines
  }

  /// The quotes that begin or end a text of JSON.
  private static func quoteCount(of json: some Sequence<UInt8>) -> Int {
    var count = 0
    var isEscaped = false
    for byte in json {
      if isEscaped {
        isEscaped = false
      } else if byte == UInt8(ascii: "\\") {
        isEscaped = true
      } else if byte == UInt8(ascii: "\"") {
        count += 1
      }
    }
    return count
  }

  private static func checkColumns(_ names: [String], _ place: String) throws(CommandFault) {
    var seen: Set<String> = []
    for name in names {
      guard columns.contains(name) else {
        throw .fileInvalid(
          path: place,
          problem: "`\(name)` is no column; there are \(columns.joined(separator: ", "))")
      }
      guard seen.insert(name).inserted else {
        throw .fileInvalid(path: place, problem: "column `\(name)` stands twice")
      }
    }
  }
}

/// One line on its way to an order.
private struct RowReader {
  let values: [String: String]
  let scales: CurrencyScales
  let settlement: [CurrencyCode: AccountID]

  func row(at line: Int) throws -> BatchFile.Row {
    BatchFile.Row(
      line: line, id: try values["id"].map { try TextArgument.instruction($0) },
      operation: try operation(), purpose: try Purpose(values["purpose"] ?? ""),
      channel: try Channel(values["channel"] ?? ""),
      reference: try ClientReference(values["reference"] ?? ""))
  }

  private func operation() throws -> LedgerModel.Operation {
    switch try value("operation") {
    case "pay": return .pay(try transfer(payer: nil, payee: nil))
    case "fund": return .fund(try transfer(payer: try own(), payee: nil))
    case "cash-out": return .cashOut(try transfer(payer: nil, payee: try own()))
    case "settle": return .settle(try transfer(payer: try own(), payee: nil))
    case "open-wallet":
      return .openWallet(
        OpenWallet(
          wallet: try TextArgument.account(try value("payee")),
          // Asked for, since a file that is sent again must order the same to the byte.
          owner: try TextArgument.owner(try value("owner")),
          currency: try TextArgument.currency(try value("currency")),
          tier: try Tier(try value("tier"))))
    case let name:
      throw CommandFault.invalidArgument(
        "`\(name)` is no operation of a batch; there are pay, fund, cash-out, settle and open-wallet"
      )
    }
  }

  private func transfer(payer: AccountID?, payee: AccountID?) throws -> Transfer {
    let scale = try scales.scale(try TextArgument.currency(try value("currency")))
    return Transfer(
      payer: try account("payer") ?? payer ?? missing("payer"),
      payee: try account("payee") ?? payee ?? missing("payee"),
      amount: try DecimalAmount.minorUnits(try value("amount"), of: scale), currency: scale.code)
  }

  private func own() throws -> AccountID? {
    settlement[try TextArgument.currency(try value("currency"))]
  }

  private func account(_ column: String) throws -> AccountID? {
    try values[column].map { try TextArgument.account($0) }
  }

  private func value(_ column: String) throws -> String {
    try values[column] ?? missing(column)
  }

  private func missing<Value>(_ column: String) throws(CommandFault) -> Value {
    throw .invalidArgument("`\(column)` is missing")
  }
}
