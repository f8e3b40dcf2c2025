import Foundation
import LedgerClient
import LedgerModel

/// Orders on their way, in words: their ids must outlive a timeout, a broken connection and Ctrl-C,
/// since the same order under a new id would be executed a second time.
struct SentOrders: Sendable {
  /// How the same orders are sent once more.
  enum Resending: Sendable {
    /// The command again, with these options added; `nil` for an order that takes the time as it is
    /// given, and so is another one the next time.
    case command(options: String?)
    /// The file again.
    case draft(path: String)
  }

  private static let idsShown = 10

  let ids: [InstructionID]
  let created: [CreatedID]
  let resending: Resending
  /// Options of the command that say which ledger and where.
  let ledgerArguments: String

  /// To be said before anything is sent.
  var announcement: String {
    var lines = ["sending \(DecimalAmount.count(ids.count, "order")), id \(idList)"]
    lines += created.map { "  \($0.noun): \($0.id)" }
    return lines.joined(separator: "\n")
  }

  /// To be said where no answer was proven.
  var warning: String {
    var lines = [
      ids.count == 1
        ? "what became of order \(idList) is not known; ask, before it is ordered again:"
        : "what became of these orders is not known; ask, before they are ordered again:"
    ]
    lines += ids.prefix(Self.idsShown).map { "  specie status \($0)\(ledgerArguments)" }
    if ids.count > Self.idsShown { lines.append("  and \(ids.count - Self.idsShown) more") }
    switch resending {
    case .command(let options?):
      lines.append("the same order, which is never executed twice: the same command with\(options)")
    case .command(nil): break
    case .draft(let path):
      lines.append("the same orders, which are never executed twice: send `\(path)` again")
    }
    return lines.joined(separator: "\n")
  }

  private var idList: String {
    let more = ids.count > Self.idsShown ? " and \(ids.count - Self.idsShown) more" : ""
    return ids.prefix(Self.idsShown).map(\.description).joined(separator: ", ") + more
  }

  /// Runs what sends the orders, and warns where it is cut off.
  ///
  /// - Throws: What `body` throws.
  func announced<Answer>(_ body: () async throws -> Answer) async throws -> Answer {
    StandardError.write(announcement)
    let warning = warning
    let signals = EndingSignals { number in
      StandardError.write(warning)
      _exit(128 + number)
    }
    defer { signals.cancel() }
    do {
      return try await body()
    } catch let error as ClientError {
      if case .notTaken = error {
        StandardError.write("nothing was taken of what was sent just now")
      } else {
        StandardError.write(warning)
      }
      throw error
    } catch {
      StandardError.write(warning)
      throw error
    }
  }
}
