package import LedgerCore
package import LedgerModel
package import LedgerWire
package import MerkleLog

/// What a commitment to the state is over: every account, in a tree for each holder and currency.
///
/// The writer keeps it in log order beside the chain, and replay makes the same. A posting costs a
/// note of the account; its hashes are made when the state is committed to.
///
/// - Source: docs/formats/state-commitment.md.
package struct StateTree: Sendable {
  /// All that a posting needs of one account, in 64 bytes: a payment touches two of them.
  private struct Record: Sendable {
    var runningHash = Digest.zero
    var balance: Int64 = 0
    var last: UInt64 = 0
    var count: UInt64 = 0
    /// Index into ``trees``.
    let tree: Int32
    /// Whether its leaf is of an earlier state.
    var isStale = true
  }

  /// A holder's accounts in one currency.
  private struct HolderTree: Sendable {
    var accounts = EditableMerkleTree()
    /// Of their balances, in minor units.
    var total: Int128 = 0
  }

  /// Whose leaf is where in its tree.
  private struct Place: Sendable {
    let account: AccountID
    let index: Int32
  }

  /// By account slot.
  private var records: [Record] = []
  private var places: [Place] = []
  /// Slots whose leaves are of an earlier state, each once at least.
  private var stale: [Int32] = []
  /// Slots that were there when a kept state was read, and whose leaves may never have been made.
  private var unhashed = 0..<0
  /// Of each holder in turn, one a currency: the issuer's, then the participants' in order of
  /// admission.
  private var trees: [HolderTree] = []
  private var holders: [HolderName] = [.issuer]
  private let currencies: [CurrencyCode]
  /// Without it nothing can be committed to, and running hashes alone are kept.
  private let secret: CommitmentSecret?

  /// Begins after the genesis, whose issuance accounts are the first.
  ///
  /// - Parameters:
  ///   - genesis: Valid.
  ///   - secret: The one that the genesis names; `nil` where there is none, or it is not at hand.
  package init(genesis: Genesis, secret: CommitmentSecret?) {
    self.secret = secret
    currencies = genesis.currencies.map(\.code)
    addTrees()
    for (index, currency) in genesis.currencies.enumerated() {
      open(currency.issuanceAccount, holder: 0, currency: index)
    }
  }

  /// Goes on after a state that was kept.
  ///
  /// - Parameters:
  ///   - state: As of some entry.
  ///   - runningHashes: By slot, as of that entry; those left out are of accounts never posted to.
  ///   - secret: As for a genesis.
  /// - Complexity: O(accounts).
  package init(
    after state: LedgerState, runningHashes: [Digest], secret: CommitmentSecret?
  ) {
    self.secret = secret
    currencies = state.currencies.map(\.currency.code)
    addTrees()
    for participant in state.participants { admit(participant.id) }
    for (slot, account) in state.accounts.enumerated() {
      open(account.id, holder: Self.holder(of: account), currency: account.currency)
      records[slot].balance = account.balance.minorUnits
      records[slot].last = account.lastSequence?.value ?? 0
      records[slot].count = account.entryCount
      if slot < runningHashes.count { records[slot].runningHash = runningHashes[slot] }
      trees[Int(records[slot].tree)].total += Int128(account.balance.minorUnits)
    }
    unhashed = 0..<records.count
  }

  /// By account slot: a hash over its accepted entries, and what it had after each.
  package var runningHashes: [Digest] { records.map(\.runningHash) }

  /// The same of one account.
  package func runningHash(of slot: Int) -> Digest { records[slot].runningHash }

  /// Whether roots can be made.
  package var hasSecret: Bool { secret != nil }

  // MARK: - In log order

  /// Takes on what an accepted entry did to an account.
  mutating func post(_ effect: AccountEffect, at sequence: SequenceNumber) {
    let slot = effect.slot
    let balance = effect.posting.balance.minorUnits
    let change = Int128(balance) - Int128(records[slot].balance)
    records[slot].runningHash = AccountLeaf.runningHash(
      records[slot].runningHash, sequence, balance: balance)
    records[slot].balance = balance
    records[slot].last = sequence.value
    records[slot].count += 1
    trees[Int(records[slot].tree)].total += change
    guard !records[slot].isStale else { return }
    records[slot].isStale = true
    stale.append(Int32(slot))
  }

  /// Takes on what else an accepted entry changed: participants and accounts that are new.
  mutating func take(_ change: StateChange) {
    switch change {
    case .participant(let index, let participant):
      if index + 1 == holders.count { admit(participant.id) }
    case .account(let slot, let account):
      guard slot == records.count else { return }
      open(account.id, holder: Self.holder(of: account), currency: account.currency)
    case .keys, .certificates, .rules: break
    }
  }

  /// Reads records that are about to change, so that the memory of many is under way at once: both
  /// ends of each, which may be in two lines of the cache.
  func trace(of slot: Int) -> UInt64 {
    guard slot < records.count else { return 0 }
    return records[slot].runningHash.bigEndianWords.0 &+ records[slot].count
  }

  private static func holder(of account: AccountState) -> Int {
    account.participant.map { $0 + 1 } ?? 0
  }

  private mutating func admit(_ participant: ParticipantID) {
    holders.append(.participant(participant))
    addTrees()
  }

  private mutating func addTrees() {
    trees += currencies.map { _ in HolderTree() }
  }

  private mutating func open(_ account: AccountID, holder: Int, currency: Int) {
    let tree = holder * currencies.count + currency
    stale.append(Int32(records.count))
    places.append(
      Place(account: account, index: Int32(trees[tree].accounts.appendLeaf())))
    records.append(Record(tree: Int32(tree)))
  }

  // MARK: - Committing

  /// Makes every hash that is of an earlier state, and returns the root as of the entry before.
  ///
  /// - Parameter sequence: Of the entry that commits to it.
  /// - Returns: `nil` where the secret is not at hand.
  /// - Complexity: O(accounts posted to since the last time + participants).
  mutating func commit(at sequence: SequenceNumber) -> Digest? {
    guard let secret else { return nil }
    for slot in stale { makeLeaf(of: Int(slot), secret) }
    stale.removeAll(keepingCapacity: true)
    for index in trees.indices { trees[index].accounts.refresh() }
    return TreeHash.root(of: holderLeaves(at: sequence, secret))
  }

  /// Makes some of the leaves that a kept state left to be made, so that the first commitment after
  /// an opening does not make them all at once.
  ///
  /// - Parameter count: How many accounts are looked at.
  /// - Complexity: O(count).
  mutating func hashAhead(_ count: Int) {
    guard let secret, !unhashed.isEmpty else { return }
    let next = unhashed.prefix(count)
    unhashed = unhashed.dropFirst(count)
    for slot in next { makeLeaf(of: slot, secret) }
  }

  private mutating func makeLeaf(of slot: Int, _ secret: CommitmentSecret) {
    guard records[slot].isStale else { return }
    let place = places[slot]
    trees[Int(records[slot].tree)].accounts.set(
      leaf(of: records[slot], place, secret).hash, at: Int(place.index))
    records[slot].isStale = false
  }

  private func leaf(
    of record: Record, _ place: Place, _ secret: CommitmentSecret
  ) -> AccountLeaf {
    AccountLeaf(
      account: place.account, balance: record.balance, last: SequenceNumber(record.last),
      count: record.count, runningHash: record.runningHash,
      blind: AccountLeaf.blind(of: place.account, count: record.count, secret))
  }

  private func holderLeaves(at sequence: SequenceNumber, _ secret: CommitmentSecret) -> [Digest] {
    trees.indices.map { holderLeaf($0, at: sequence, secret).leaf.hash }
  }

  private func holderLeaf(
    _ tree: Int, at sequence: SequenceNumber, _ secret: CommitmentSecret
  ) -> (leaf: HolderLeaf, total: HolderTotal) {
    let holder = holders[tree / currencies.count]
    let currency = currencies[tree % currencies.count]
    let total = HolderTotal(
      total: trees[tree].total,
      blind: HolderTotal.blind(of: holder, currency, at: sequence, secret))
    return (
      HolderLeaf(
        holder: holder, currency: currency, accounts: UInt64(trees[tree].accounts.count),
        total: total.hash, root: trees[tree].accounts.root), total
    )
  }

  // MARK: - Proving

  /// Proves what the newest commitment says of one account.
  ///
  /// - Parameters:
  ///   - slot: Of the account.
  ///   - sequence: Of the commitment, which ``commit(at:)`` has just made.
  /// - Returns: `nil` where the secret is not at hand, or the account came later.
  /// - Complexity: O(participants + log accounts).
  package func proof(ofAccount slot: Int, at sequence: SequenceNumber) -> AccountProof? {
    guard let secret, slot < records.count, !records[slot].isStale else { return nil }
    let tree = Int(records[slot].tree)
    return AccountProof(
      leaf: leaf(of: records[slot], places[slot], secret),
      path: trees[tree].accounts.proof(of: Int(places[slot].index)),
      holder: holderProof(tree, at: sequence, secret))
  }

  /// Proves what the newest commitment says of one holder's total in a currency.
  ///
  /// - Parameters:
  ///   - holder: The issuer, or a participant.
  ///   - currency: One of the ledger's.
  ///   - sequence: As for an account.
  /// - Returns: `nil` where the secret is not at hand, or there is no such holder or currency.
  /// - Complexity: O(participants).
  package func proof(
    ofHolder holder: HolderName, _ currency: CurrencyCode, at sequence: SequenceNumber
  ) -> HolderProof? {
    guard let secret, let holder = holders.firstIndex(of: holder),
      let currency = currencies.firstIndex(of: currency)
    else { return nil }
    let tree = holder * currencies.count + currency
    return HolderProof(
      total: holderLeaf(tree, at: sequence, secret).total,
      place: holderProof(tree, at: sequence, secret))
  }

  /// Every account's leaf of one holder in a currency, in order of opening.
  ///
  /// - Returns: `nil` as for ``proof(ofHolder:_:at:)``.
  /// - Complexity: O(accounts).
  package func leaves(of holder: HolderName, _ currency: CurrencyCode) -> [AccountLeaf]? {
    guard let secret, let holder = holders.firstIndex(of: holder),
      let currency = currencies.firstIndex(of: currency)
    else { return nil }
    let tree = Int32(holder * currencies.count + currency)
    return records.indices.filter { records[$0].tree == tree }.map {
      leaf(of: records[$0], places[$0], secret)
    }
  }

  private func holderProof(
    _ tree: Int, at sequence: SequenceNumber, _ secret: CommitmentSecret
  ) -> HolderPlace {
    let leaves = holderLeaves(at: sequence, secret)
    guard let path = try? InclusionProof(index: UInt64(tree), leaves: leaves) else {
      preconditionFailure("tree \(tree) of \(leaves.count) is in none")
    }
    return HolderPlace(leaf: holderLeaf(tree, at: sequence, secret).leaf, path: path)
  }
}
