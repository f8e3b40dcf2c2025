import LedgerCore
import LedgerModel
import LedgerStorage
import LedgerWire
import MerkleLog

/// The root of a commitment as docs/formats/state-commitment.md describes it: slow, from the state
/// and the log alone, without a shortcut.
struct ReferenceStateTree {
  private let secret: [UInt8]
  private let state: LedgerState
  /// Sequence numbers of accepted entries and the balances after them, by account.
  private var entries: [AccountID: [(UInt64, Int64)]] = [:]

  /// - Parameters:
  ///   - state: As of the entry before the commitment.
  ///   - log: Has that entry and perhaps more.
  ///   - size: Of the log before the commitment.
  ///   - secret: 32 bytes.
  /// - Throws: Where side data does not decode.
  init(_ state: LedgerState, _ log: SampleLog, size: Int, secret: [UInt8]) throws {
    self.secret = secret
    self.state = state
    for (index, record) in log.records[..<size].enumerated() {
      for effect in try SideData(canonicalBytes: record.sideData).effects {
        entries[effect.account, default: []].append((UInt64(index), effect.balance.minorUnits))
      }
    }
  }

  func root(at sequence: UInt64) -> Digest {
    var leaves: [Digest] = []
    for holder in -1..<state.participants.count {
      let name = holder < 0 ? [] : Array(state.participants[holder].id.text.utf8)
      for (index, currency) in state.currencies.enumerated() {
        let code = Array(currency.currency.code.description.utf8)
        let accounts = state.accounts.filter {
          ($0.participant ?? -1) == holder && $0.currency == index
        }
        let total = accounts.reduce(Int128(0)) { $0 + Int128($1.balance.minorUnits) }
        let blind = hmac([2] + big(sequence) + code + name)
        let totalHash = leaf(
          blind + big(UInt64(truncatingIfNeeded: total >> 64))
            + big(UInt64(truncatingIfNeeded: total)))
        let root = root(accounts.map { leaf(of: $0) })
        leaves.append(
          leaf(totalHash.bytes + root.bytes + big(UInt64(accounts.count)) + code + name))
      }
    }
    return root(leaves)
  }

  private func leaf(of account: AccountState) -> Digest {
    let numbers = entries[account.id] ?? []
    let hash = numbers.reduce([UInt8](repeating: 0, count: 32)) {
      SHA256.hash($0 + big($1.0) + big(UInt64(bitPattern: $1.1))).bytes
    }
    let id = account.id.value.bytes
    let count = big(UInt64(numbers.count))
    return leaf(
      hmac([1] + id + count) + id + big(UInt64(bitPattern: account.balance.minorUnits))
        + big(numbers.last?.0 ?? 0) + count + hash)
  }

  private func hmac(_ message: [UInt8]) -> [UInt8] {
    let key = secret + [UInt8](repeating: 0, count: 32)
    return SHA256.hash(key.map { $0 ^ 0x5c } + SHA256.hash(key.map { $0 ^ 0x36 } + message).bytes)
      .bytes
  }

  private func leaf(_ bytes: [UInt8]) -> Digest { SHA256.hash([0] + bytes) }

  private func root(_ leaves: [Digest]) -> Digest {
    guard leaves.count > 1 else { return leaves.first ?? SHA256.hash([]) }
    var middle = 1
    while middle * 2 < leaves.count { middle *= 2 }
    return SHA256.hash(
      [1] + root(Array(leaves[..<middle])).bytes + root(Array(leaves[middle...])).bytes)
  }

  private func big(_ number: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: number >> UInt64(56 - 8 * $0)) }
  }
}
