package import LedgerModel
package import LedgerWire
package import MerkleLog

/// Entries of a log, each with the proof that it is under one checkpoint.
///
/// - Source: docs/formats/evidence.md, EV-2.
package struct ProvenEntries: Hashable, Sendable {
  /// One entry and its path.
  package struct Entry: Hashable, Sendable {
    package let sequence: SequenceNumber
    package let bytes: [UInt8]
    package let path: [Digest]

    package init(sequence: SequenceNumber, bytes: [UInt8], path: [Digest]) {
      self.sequence = sequence
      self.bytes = bytes
      self.path = path
    }
  }

  /// The signed note.
  package let checkpoint: [UInt8]
  /// Ascending.
  package let entries: [Entry]

  package init(checkpoint: [UInt8], entries: [Entry]) {
    self.checkpoint = checkpoint
    self.entries = entries
  }

  /// Checks the checkpoint, that each entry is under it, and that entry 0 is the ledger's genesis.
  ///
  /// - Parameter trust: What the auditor pins.
  /// - Returns: The entries, decoded: nothing of them is known before.
  /// - Throws: ``EvidenceFault``.
  /// - Complexity: O(entries · log size).
  package func verify(_ trust: AuditTrust) throws(EvidenceFault) -> VerifiedEntries {
    let opened = try trust.open(checkpoint)
    var logged: [LogEntry] = []
    var last: SequenceNumber?
    for entry in entries {
      guard entry.path.count <= ProofLimits.pathHashesMax else {
        throw EvidenceFault(.form, "the path of entry \(entry.sequence) is too long")
      }
      guard last.map({ $0 < entry.sequence }) ?? true else {
        throw EvidenceFault(.form, "its entries do not ascend at entry \(entry.sequence)")
      }
      last = entry.sequence
      try check(entry, under: opened.checkpoint)
      logged.append(try decode(entry))
    }
    guard let first = entries.first, first.sequence == .genesis,
      case .genesis(let bytes, _) = logged[0].body
    else { throw EvidenceFault(.genesis, "entry 0, the genesis, is not in the file") }
    let ledger = LedgerID(Bytes32(TreeHash.leaf(first.bytes)))
    guard trust.ledger ?? ledger == ledger else {
      throw EvidenceFault(.genesis, "it is of ledger \(ledger), which is not the one you trust")
    }
    let genesis: Genesis
    let key: VerifierKey
    do throws(WireError) {
      genesis = try Genesis(canonicalBytes: bytes)
      key = try genesis.verifierKey()
    } catch {
      throw EvidenceFault(.genesis, "entry 0 does not decode: \(error)")
    }
    // Another ledger's genesis, copied into this log, is not this ledger's.
    let isOfGenesis = TrustPolicy(log: key)
    guard (try? isOfGenesis.open(opened.note) { Ed25519.isValid($2, on: $1, publicKey: $0) }) != nil
    else {
      throw EvidenceFault(
        .genesis,
        "entry 0 is the genesis of `\(genesis.origin)`, whose log key has not signed the "
          + "checkpoint")
    }
    return VerifiedEntries(
      checkpoint: opened, ledger: ledger, genesis: genesis, entries: logged)
  }

  /// Decodes an entry, which says its own place and link.
  private func decode(_ entry: Entry) throws(EvidenceFault) -> LogEntry {
    let logged: LogEntry
    do throws(WireError) {
      logged = try LogEntry(canonicalBytes: entry.bytes)
    } catch {
      throw EvidenceFault(.inclusion, "entry \(entry.sequence) does not decode: \(error)")
    }
    let isGenesis = if case .genesis = logged.body { true } else { false }
    guard logged.sequence == entry.sequence, isGenesis == (entry.sequence == .genesis) else {
      throw EvidenceFault(
        .inclusion,
        "what stands at entry \(entry.sequence) says that it is entry \(logged.sequence)")
    }
    return logged
  }

  private func check(
    _ entry: Entry, under checkpoint: Checkpoint
  ) throws(EvidenceFault) {
    do throws(ProofError) {
      let proof = try InclusionProof(
        index: entry.sequence.value, treeSize: checkpoint.size, path: entry.path)
      try proof.verify(leaf: TreeHash.leaf(entry.bytes), root: checkpoint.root)
    } catch {
      throw EvidenceFault(
        .inclusion,
        "entry \(entry.sequence) is not in the log of \(checkpoint.size) entries: \(error)")
    }
  }
}

/// Entries that are in a log, under a checkpoint that an auditor believes.
package struct VerifiedEntries: Sendable {
  package let checkpoint: VerifiedCheckpoint
  package let ledger: LedgerID
  package let genesis: Genesis
  /// Ascending; the first is the genesis.
  package let entries: [LogEntry]

  /// - Throws: ``EvidenceFault`` where the file has not the entry.
  /// - Complexity: O(log entries).
  func entry(_ sequence: SequenceNumber) throws(EvidenceFault) -> LogEntry {
    var low = 0
    var high = entries.count
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].sequence < sequence { low = middle + 1 } else { high = middle }
    }
    guard low < entries.count, entries[low].sequence == sequence else {
      throw EvidenceFault(.form, "it names entry \(sequence), and does not have it")
    }
    return entries[low]
  }
}
