import LedgerCore
import LedgerLog
import LedgerModel
import LedgerStorage
import LedgerWire
import MerkleLog

extension DurableView {
  func account(_ id: AccountID, for access: Access) throws(ReadError) -> AccountReading {
    let reading = withState { state in
      state.slots.slot(of: id, in: state.accounts).map { state.reading(of: $0, in: genesis) }
    }
    guard let reading, reading.participant.map({ access.sees($0) }) ?? access.seesAllAccounts
    else { throw .notFound }
    return reading
  }

  func participants(
    after: ParticipantID?, countMax: Int, for access: Access
  ) throws(ReadError) -> ParticipantsPage {
    guard access.isReader else { throw .notFound }
    let page: ParticipantsPage? = withState { state in
      var start = 0
      if let after {
        guard let index = state.participants.firstIndex(where: { $0.id == after }) else {
          return nil
        }
        start = index + 1
      }
      let rest = state.participants[start...]
      let readings = rest.prefix(countMax).map { participant in
        ParticipantReading(
          participant: participant,
          settlementAccounts: participant.settlementSlots.compactMap(\.self).map { slot in
            let account = state.accounts[slot]
            return SettlementAccountReading(
              account: account.id, currency: genesis.currencies[account.currency].code,
              balance: access.sees(participant.id) ? account.balance : nil)
          }, keys: state.keys.entries(of: .participant(participant.id)))
      }
      return ParticipantsPage(
        participants: readings,
        next: rest.count > readings.count ? readings.last?.participant.id : nil)
    }
    guard let page else { throw .notFound }
    return page
  }

  func supply(for access: Access) -> [SupplyReading] {
    guard access.isReader else { return [] }
    return withState { state in
      zip(genesis.currencies, state.money).map { currency, money in
        SupplyReading(
          currency: currency, issued: money.issued, redeemed: money.redeemed,
          holdings: state.participants.indices.compactMap { index in
            let id = state.participants[index].id
            guard access.sees(id) else { return nil }
            return ParticipantHolding(
              participant: id, settlement: money.settlement[index], wallets: money.wallets[index])
          }, rules: money.rules, asOf: state.tree.size, time: state.time)
      }
    }
  }

  func checkpoint() throws(ReadError) -> [UInt8] {
    guard let note = withState({ $0.checkpoint }) else { throw .notYetCovered(size: 0) }
    return note.encoded
  }

  func proof(of sequence: SequenceNumber, for access: Access) throws(ReadError) -> EntryProof {
    let (tree, note, size) = withState { ($0.tree, $0.checkpoint, $0.checkpointSize) }
    guard sequence.value < tree.size else { throw .notFound }
    let stored = try storage { () throws(StoreError) in try store.entry(at: sequence) }
    guard let stored else { throw .notFound }
    let logged = try decode(stored.entry, stored.sideData, at: sequence)
    guard try mayShow(logged.entry, to: access) else { throw .notFound }
    guard let note, sequence.value < size else { throw .notYetCovered(size: size) }
    do {
      let inclusion = try tree.inclusionProof(index: sequence.value, treeSize: size) {
        tile throws(LogTilesError) in try LogTiles.leaves(ofTile: tile, in: store)
      }
      return EntryProof(
        entry: Array(stored.entry), proof: try LogProof(inclusion: inclusion, note: note).encoded,
        effects: logged.sideData.effects.filter { mayShowSideData(of: $0.account, to: access) })
    } catch {
      throw .storage(detail: "\(error)")
    }
  }

  func tile(_ tile: Tile) throws(ReadError) -> [UInt8] {
    let (tree, size) = withState { ($0.tree, $0.checkpointSize) }
    guard tile.exists(upTo: size) else { throw .notFound }
    do throws(LogTilesError) {
      return try LogTiles(store, tree: tree).bytes(of: tile)
    } catch {
      throw .storage(detail: "\(error)")
    }
  }

  /// Reads one durable entry and what is kept beside it.
  func entry(at sequence: SequenceNumber) throws(ReadError) -> LoggedEntry {
    let stored = try storage { () throws(StoreError) in try store.entry(at: sequence) }
    guard let stored else { throw .notFound }
    return try decode(stored.entry, stored.sideData, at: sequence)
  }

  /// Reads consecutive durable entries.
  func entries(
    from first: SequenceNumber, count: Int
  ) throws(ReadError) -> [LoggedEntry] {
    var found: [LoggedEntry] = []
    found.reserveCapacity(count)
    while found.count < count {
      let next = SequenceNumber(first.value + UInt64(found.count))
      let row = try storage { () throws(StoreError) in try store.rows(from: next, rowsMax: 1) }
        .first
      guard let row else { throw .notFound }
      let layout = try storage { () throws(StoreError) in try row.layout() }
      let skipped = Int(next.value - row.first.value)
      for (entry, side) in zip(layout.entries, layout.sideData).dropFirst(skipped)
      where found.count < count {
        found.append(
          try decode(
            row.entries[entry], row.sideData[side],
            at: SequenceNumber(first.value + UInt64(found.count))))
      }
    }
    return found
  }

  func decode(
    _ entry: ArraySlice<UInt8>, _ sideData: ArraySlice<UInt8>, at sequence: SequenceNumber
  ) throws(ReadError) -> LoggedEntry {
    do {
      return LoggedEntry(
        entry: try LogEntry(canonicalBytes: Array(entry)),
        sideData: try SideData(canonicalBytes: Array(sideData)))
    } catch {
      throw .storage(detail: "entry \(sequence): \(error)")
    }
  }

  func storage<Value>(_ body: () throws(StoreError) -> Value) throws(ReadError) -> Value {
    do {
      return try body()
    } catch {
      throw .storage(detail: error.description)
    }
  }
}

/// A durable entry and what is kept beside it.
struct LoggedEntry {
  let entry: LogEntry
  let sideData: SideData
}

extension DurableView.State {
  fileprivate func reading(of slot: Int, in genesis: Genesis) -> AccountReading {
    let account = accounts[slot]
    return AccountReading(
      account: account.id, kind: account.kind,
      participant: account.participant.map { participants[$0].id },
      currency: genesis.currencies[account.currency].code,
      tier: account.tier.map { tiers[Int($0)] },
      balance: account.balance, available: account.available, isClosed: account.isClosed,
      freeze: account.freeze, entryCount: account.entryCount,
      lastSequence: account.lastSequence,
      runningHash: slot < runningHashes.count ? runningHashes[slot] : .zero, asOf: tree.size)
  }
}
