package import LedgerModel
package import LedgerWire
package import MerkleLog

/// Whose accounts a tree of a commitment is over.
package enum HolderName: Hashable, Sendable {
  /// Its issuance accounts.
  case issuer
  case participant(ParticipantID)

  /// The participant's code; none for the issuer.
  package var bytes: [UInt8] {
    switch self {
    case .issuer: []
    case .participant(let id): Array(id.text.utf8)
    }
  }
}

/// What a commitment says of one account.
///
/// - Source: docs/formats/state-commitment.md, SC-4.
package struct AccountLeaf: Hashable, Sendable {
  package let account: AccountID
  /// In minor units.
  package let balance: Int64
  /// Of its newest accepted entry; 0 where there is none.
  package let last: SequenceNumber
  /// Of its accepted entries.
  package let count: UInt64
  /// Over them, and over what the account had after each.
  package let runningHash: Digest
  package let blind: Digest

  package init(
    account: AccountID, balance: Int64, last: SequenceNumber, count: UInt64, runningHash: Digest,
    blind: Digest
  ) {
    self.account = account
    self.balance = balance
    self.last = last
    self.count = count
    self.runningHash = runningHash
    self.blind = blind
  }

  /// Its leaf hash.
  package var hash: Digest {
    var bytes = LeafBytes()
    bytes.append(blind)
    bytes.append(account.value.high)
    bytes.append(account.value.low)
    bytes.append(UInt64(bitPattern: balance))
    bytes.append(last.value)
    bytes.append(count)
    bytes.append(runningHash)
    return TreeHash.leaf(bytes.all)
  }

  /// Adds an entry to an account's running hash.
  ///
  /// - Source: docs/formats/log-entry.md, L-11.
  package static func runningHash(
    _ before: Digest, _ sequence: SequenceNumber, balance: Int64
  ) -> Digest {
    SHA256.hash(before, sequence.value, UInt64(bitPattern: balance))
  }

  /// Another one with each entry of the account: the leaf of an idle account stays.
  package static func blind(
    of account: AccountID, count: UInt64, _ secret: CommitmentSecret
  ) -> Digest {
    var bytes = LeafBytes()
    bytes.append([1])
    bytes.append(account.value.high)
    bytes.append(account.value.low)
    bytes.append(count)
    return secret.blind(bytes.all)
  }
}

/// What a holder has of a currency, blinded.
///
/// - Source: docs/formats/state-commitment.md, SC-5.
package struct HolderTotal: Hashable, Sendable {
  /// In minor units; the issuer's is not positive.
  package let total: Int128
  package let blind: Digest

  package init(total: Int128, blind: Digest) {
    self.total = total
    self.blind = blind
  }

  /// Its leaf hash.
  package var hash: Digest {
    var bytes = LeafBytes()
    bytes.append(blind)
    bytes.append(UInt64(truncatingIfNeeded: total >> 64))
    bytes.append(UInt64(truncatingIfNeeded: total))
    return TreeHash.leaf(bytes.all)
  }

  /// Another one with each commitment, so that nobody sees whether a total has changed.
  package static func blind(
    of holder: HolderName, _ currency: CurrencyCode, at sequence: SequenceNumber,
    _ secret: CommitmentSecret
  ) -> Digest {
    var bytes = LeafBytes()
    bytes.append([2])
    bytes.append(sequence.value)
    bytes.append(Array(currency.description.utf8))
    bytes.append(holder.bytes)
    return secret.blind(bytes.all)
  }
}

/// What the root of a commitment is over: one holder's accounts in one currency.
///
/// - Source: docs/formats/state-commitment.md, SC-6.
package struct HolderLeaf: Hashable, Sendable {
  package let holder: HolderName
  package let currency: CurrencyCode
  /// Leaves of its tree.
  package let accounts: UInt64
  /// Of a ``HolderTotal``.
  package let total: Digest
  /// Over its accounts' leaves.
  package let root: Digest

  package init(
    holder: HolderName, currency: CurrencyCode, accounts: UInt64, total: Digest, root: Digest
  ) {
    self.holder = holder
    self.currency = currency
    self.accounts = accounts
    self.total = total
    self.root = root
  }

  /// Its leaf hash.
  package var hash: Digest {
    var bytes = LeafBytes()
    bytes.append(total)
    bytes.append(root)
    bytes.append(accounts)
    bytes.append(Array(currency.description.utf8))
    bytes.append(holder.bytes)
    return TreeHash.leaf(bytes.all)
  }
}

/// Where a holder's leaf is under the root of a commitment.
package struct HolderPlace: Hashable, Sendable {
  package let leaf: HolderLeaf
  package let path: InclusionProof

  package init(leaf: HolderLeaf, path: InclusionProof) {
    self.leaf = leaf
    self.path = path
  }

  /// The root that it leads to.
  package var root: Digest { path.root(from: leaf.hash) }
}

/// What a commitment says of one account, and the way to its root: nobody else's balance.
package struct AccountProof: Hashable, Sendable {
  package let leaf: AccountLeaf
  package let path: InclusionProof
  package let holder: HolderPlace

  package init(leaf: AccountLeaf, path: InclusionProof, holder: HolderPlace) {
    self.leaf = leaf
    self.path = path
    self.holder = holder
  }

  /// The root that it leads to; `nil` where the account's tree is not the holder's.
  package var root: Digest? {
    path.treeSize == holder.leaf.accounts && path.root(from: leaf.hash) == holder.leaf.root
      ? holder.root : nil
  }
}

/// What a commitment says of a holder's total in a currency, and the way to its root.
package struct HolderProof: Hashable, Sendable {
  package let total: HolderTotal
  package let place: HolderPlace

  package init(total: HolderTotal, place: HolderPlace) {
    self.total = total
    self.place = place
  }

  /// The root that it leads to; `nil` where the total is not the holder's.
  package var root: Digest? { total.hash == place.leaf.total ? place.root : nil }
}

/// Fixed and big-endian: what the leaves of a commitment are encoded as.
private struct LeafBytes {
  private(set) var all: [UInt8] = []

  init() { all.reserveCapacity(128) }

  mutating func append(_ number: UInt64) {
    for shift in stride(from: 56, through: 0, by: -8) {
      all.append(UInt8(truncatingIfNeeded: number >> UInt64(shift)))
    }
  }

  mutating func append(_ digest: Digest) { digest.append(to: &all) }

  mutating func append(_ bytes: [UInt8]) { all += bytes }
}
