import LedgerModel
import LedgerWire
import MerkleLog

extension PaymentEvidence {
  package static let format = "specie-evidence-v1"

  private struct Document: Codable {
    let format: String
    let log: ProvenEntriesDocument
    let order: OrderProofDocument
    let keyOrders: [OrderProofDocument]
    let attestation: SignedEnvelope?

    enum CodingKeys: String, CodingKey {
      case format, log, order, keyOrders = "key_orders", attestation
    }
  }

  /// The file.
  package var json: [UInt8] {
    ProofJSON.encode(
      Document(
        format: Self.format, log: ProvenEntriesDocument(log), order: OrderProofDocument(order),
        keyOrders: keyOrders.map { OrderProofDocument($0) }, attestation: attestation))
  }

  /// Reads a file.
  ///
  /// - Throws: ``EvidenceFault`` of the kind `form`.
  package init(json: [UInt8]) throws(EvidenceFault) {
    let document = try ProofJSON.decode(
      Document.self, json, format: Self.format, bytesMax: ProofLimits.evidenceBytesMax)
    self.init(
      log: try document.log.proven(), order: try document.order.proof(),
      keyOrders: try document.keyOrders.map { order throws(EvidenceFault) in try order.proof() },
      attestation: document.attestation)
  }
}

/// How files write where an order is.
private struct OrderProofDocument: Codable {
  let instruction: UInt64
  let submission: UInt64
  let path: [String]

  init(_ proof: OrderProof) {
    instruction = proof.instruction.value
    submission = proof.submission.value
    path = proof.path.map { Base64.encode($0.bytes) }
  }

  func proof() throws(EvidenceFault) -> OrderProof {
    guard path.count <= ProofLimits.pathHashesMax else {
      throw EvidenceFault(.form, "the path of order \(instruction) is too long")
    }
    var hashes: [Digest] = []
    for text in path { hashes.append(try Base64Field.digest(text, "path")) }
    return OrderProof(
      instruction: SequenceNumber(instruction), submission: SequenceNumber(submission),
      path: hashes)
  }
}
