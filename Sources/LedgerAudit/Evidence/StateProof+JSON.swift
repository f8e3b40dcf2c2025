import LedgerLog
import LedgerModel
import MerkleLog

/// How files write an account's leaf.
struct AccountLeafDocument: Codable {
  let account: String
  let balance: String
  let last: UInt64
  let count: UInt64
  let runningHash: String
  let blind: String

  enum CodingKeys: String, CodingKey {
    case account, balance, last, count, runningHash = "running_hash", blind
  }

  init(_ leaf: AccountLeaf) {
    account = leaf.account.description
    balance = String(leaf.balance)
    last = leaf.last.value
    count = leaf.count
    runningHash = Base64.encode(leaf.runningHash.bytes)
    blind = Base64.encode(leaf.blind.bytes)
  }

  func leaf() throws(EvidenceFault) -> AccountLeaf {
    guard let id = Bytes16(uuidText: account), let balance = Int64(balance),
      self.balance == String(balance)
    else {
      throw EvidenceFault(.form, "`\(account)` has no balance of minor units")
    }
    return AccountLeaf(
      account: AccountID(id), balance: balance, last: SequenceNumber(last), count: count,
      runningHash: try Base64Field.digest(runningHash, "running_hash"),
      blind: try Base64Field.digest(blind, "blind"))
  }
}

/// How files write where a holder's leaf is.
struct HolderPlaceDocument: Codable {
  /// The participant's code; empty for the issuer.
  let holder: String
  let currency: String
  let accounts: UInt64
  let total: String
  let root: String
  let index: UInt64
  let leaves: UInt64
  let path: [String]

  init(_ place: HolderPlace) {
    holder = String(decoding: place.leaf.holder.bytes, as: UTF8.self)
    currency = place.leaf.currency.description
    accounts = place.leaf.accounts
    total = Base64.encode(place.leaf.total.bytes)
    root = Base64.encode(place.leaf.root.bytes)
    index = place.path.index
    leaves = place.path.treeSize
    path = place.path.path.map { Base64.encode($0.bytes) }
  }

  func place() throws(EvidenceFault) -> HolderPlace {
    guard let code = CurrencyCode(currency) else {
      throw EvidenceFault(.form, "`\(currency)` is no currency")
    }
    let name: HolderName
    if holder.isEmpty {
      name = .issuer
    } else if let id = try? ParticipantID(holder) {
      name = .participant(id)
    } else {
      throw EvidenceFault(.form, "`\(holder)` is no participant's code")
    }
    return HolderPlace(
      leaf: HolderLeaf(
        holder: name, currency: code, accounts: accounts,
        total: try Base64Field.digest(total, "holder.total"),
        root: try Base64Field.digest(root, "holder.root")),
      path: try InclusionProof(base64: path, index: index, of: leaves, "holder.path"))
  }
}

extension InclusionProof {
  /// - Throws: ``EvidenceFault`` of the kind `form`.
  init(
    base64 path: [String], index: UInt64, of size: UInt64, _ field: String
  ) throws(EvidenceFault) {
    var hashes: [Digest] = []
    for text in path { hashes.append(try Base64Field.digest(text, field)) }
    do throws(ProofError) {
      try self.init(index: index, treeSize: size, path: hashes)
    } catch {
      throw EvidenceFault(.form, "`\(field)` is no path: \(error)")
    }
  }
}
