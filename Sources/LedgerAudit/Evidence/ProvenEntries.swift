package import LedgerModel
import LedgerWire
package import MerkleLog

/// Entries of a log, each with the proof that it is under one checkpoint.
///
/// - Source: docs/formats/evidence.md, EV-2.
package struct ProvenEntries: Hashable, Sendable {
  /// One entry and its path.
  package struct Entry: Hashable, Sendable {
    package let sequence: SequenceNumber
    package let bytes: [UInt8]
    /// Places in ``ProvenEntries/hashes``, the leaf's sibling first.
    let path: [UInt32]

    init(sequence: SequenceNumber, bytes: [UInt8], path: [UInt32]) {
      self.sequence = sequence
      self.bytes = bytes
      self.path = path
    }
  }

  /// The signed note.
  package let checkpoint: [UInt8]
  /// Each once, in the order in which paths first name them: whole paths would be many times this.
  let hashes: [Digest]
  /// Ascending.
  package let entries: [Entry]

  /// Puts together what a file has.
  ///
  /// - Throws: ``EvidenceFault`` of the kind `form` where another file would say the same.
  init(
    checkpoint: [UInt8], hashes: [Digest], entries: [Entry]
  ) throws(EvidenceFault) {
    var namedCount = 0
    for entry in entries {
      guard entry.path.count <= ProofLimits.pathHashesMax else {
        throw EvidenceFault(.form, "the path of entry \(entry.sequence) is too long")
      }
      for place in entry.path {
        guard place < hashes.count else {
          throw EvidenceFault(.form, "`log.entries.path` names hash \(place) of \(hashes.count)")
        }
        guard place <= namedCount else {
          throw EvidenceFault(.form, "`log.hashes` are not in the order in which paths name them")
        }
        if place == namedCount { namedCount += 1 }
      }
    }
    guard namedCount == hashes.count else {
      throw EvidenceFault(.form, "no path names hash \(namedCount) of `log.hashes`")
    }
    guard Set(hashes).count == hashes.count else {
      throw EvidenceFault(.form, "`log.hashes` has a hash twice")
    }
    self.checkpoint = checkpoint
    self.hashes = hashes
    self.entries = entries
  }

  /// Proves entries.
  ///
  /// - Parameters:
  ///   - checkpoint: The signed note.
  ///   - proven: Ascending, each with its path.
  package init(
    checkpoint: [UInt8],
    _ proven: [(sequence: SequenceNumber, bytes: [UInt8], path: [Digest])]
  ) {
    var hashes: [Digest] = []
    var places: [Digest: UInt32] = [:]
    func place(of hash: Digest) -> UInt32 {
      if let place = places[hash] { return place }
      let place = UInt32(hashes.count)
      places[hash] = place
      hashes.append(hash)
      return place
    }
    entries = proven.map { sequence, bytes, path in
      Entry(sequence: sequence, bytes: bytes, path: path.map { place(of: $0) })
    }
    self.checkpoint = checkpoint
    self.hashes = hashes
  }

  /// Checks the checkpoint, that each entry is under it, and that entry 0 is the ledger's genesis,
  /// signed by its officers.
  ///
  /// - Parameter trust: What the auditor pins.
  /// - Returns: The entries, decoded: nothing of them is known before.
  /// - Throws: ``EvidenceFault``.
  /// - Complexity: O(entries · log size).
  package func verify(_ trust: AuditTrust) throws(EvidenceFault) -> VerifiedEntries {
    let opened = try trust.open(checkpoint)
    var logged: [LogEntry] = []
    for entry in entries {
      if let last = logged.last, last.sequence >= entry.sequence {
        throw EvidenceFault(.form, "its entries do not ascend at entry \(entry.sequence)")
      }
      try check(entry, under: opened.checkpoint)
      let decoded = try decode(entry)
      if let last = logged.last, last.sequence.next == decoded.sequence {
        let previous = TreeHash.leaf(entries[logged.count - 1].bytes)
        guard decoded.previous == previous else {
          throw EvidenceFault(
            .inclusion, "entry \(decoded.sequence) does not link to the entry before it")
        }
      }
      if let last = logged.last, last.time > decoded.time {
        throw EvidenceFault(
          .inclusion,
          "entry \(decoded.sequence) is of \(decoded.time), before entry \(last.sequence), of "
            + "\(last.time)")
      }
      logged.append(decoded)
    }
    guard let first = entries.first, first.sequence == .genesis,
      case .genesis(let bytes, let signatures) = logged[0].body, logged[0].previous == .zero
    else { throw EvidenceFault(.genesis, "entry 0, the genesis, is not in the file") }
    let ledger = LedgerID(Bytes32(TreeHash.leaf(first.bytes)))
    guard trust.ledger ?? ledger == ledger else {
      throw EvidenceFault(.genesis, "it is of ledger \(ledger), which is not the one you trust")
    }
    return VerifiedEntries(
      checkpoint: opened, ledger: ledger,
      genesis: try genesis(bytes, signatures, of: opened), entries: logged)
  }

  /// Reads a genesis, which its officers have signed, and whose log key has signed the checkpoint.
  private func genesis(
    _ bytes: [UInt8], _ signatures: [StatementSignature], of opened: VerifiedCheckpoint
  ) throws(EvidenceFault) -> Genesis {
    let genesis: Genesis
    let key: VerifierKey
    do throws(WireError) {
      genesis = try Genesis(canonicalBytes: bytes)
      key = try genesis.verifierKey()
    } catch {
      throw EvidenceFault(.genesis, "entry 0 does not decode: \(error)")
    }
    let message = DSSE.preAuthenticationEncoding(type: DSSE.genesisType, payload: bytes)
    guard signatures.map(\.key) == genesis.officers.map(\.key),
      signatures.allSatisfy({ Ed25519.isValid($0.signature, on: message, by: $0.key) })
    else {
      throw EvidenceFault(.genesis, "entry 0 is not signed by each of its officers, in order")
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
    return genesis
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
        index: entry.sequence.value, treeSize: checkpoint.size,
        path: entry.path.map { hashes[Int($0)] })
      try proof.verify(leaf: TreeHash.leaf(entry.bytes), root: checkpoint.root)
    } catch {
      throw EvidenceFault(
        .inclusion,
        "entry \(entry.sequence) is not in the log of \(checkpoint.size) entries: \(error)")
    }
  }
}
