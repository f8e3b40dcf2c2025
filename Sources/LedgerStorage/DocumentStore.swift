package import LedgerModel

/// What is known of a document that orders were made from, besides what it says.
package struct DocumentRecord: Hashable, Sendable {
  package let digest: DocumentDigest
  package let sender: ParticipantID
  /// What its sender calls it: one name a document.
  package let reference: ClientReference
  package let received: LedgerTime
  /// When the statement ends that it was answered with.
  package let expiry: LedgerTime
  /// Of the orders made from it, in their order in the document; at least one.
  package let orders: [InstructionID]
  /// The participant of all payees; `nil` where they are of several, or not known.
  package let recipient: ParticipantID?

  package init(
    digest: DocumentDigest, sender: ParticipantID, reference: ClientReference,
    received: LedgerTime, expiry: LedgerTime, orders: [InstructionID], recipient: ParticipantID?
  ) {
    precondition(!orders.isEmpty, "no orders were made from document \(digest)")
    self.digest = digest
    self.sender = sender
    self.reference = reference
    self.received = received
    self.expiry = expiry
    self.orders = orders
    self.recipient = recipient
  }
}

/// What a document says, which is personal data, and what hides it in the log.
package struct DocumentContent: Hashable, Sendable {
  package let salt: Bytes32
  package let bytes: [UInt8]

  package init(salt: Bytes32, bytes: [UInt8]) {
    self.salt = salt
    self.bytes = bytes
  }
}

/// A document as it is kept.
package struct KeptDocument: Hashable, Sendable {
  package let record: DocumentRecord
  /// `nil` once it was deleted.
  package let content: DocumentContent?

  package init(record: DocumentRecord, content: DocumentContent?) {
    self.record = record
    self.content = content
  }
}

/// How much may be kept of one sender that nothing is known to be ordered from.
package struct UnorderedDocumentLimits: Hashable, Sendable {
  package let countMax: Int
  package let bytesMax: Int

  package init(countMax: Int, bytesMax: Int) {
    self.countMax = countMax
    self.bytesMax = bytesMax
  }
}

/// Documents that orders were made from, kept beside the log and not in it, so that they can be
/// deleted.
///
/// A record stays when its content is deleted, so that its sender's name for it is not taken twice.
package protocol DocumentStore: Sendable {
  /// Keeps a document, unless its sender has one of that reference; when it returns, it is durable.
  ///
  /// - Returns: The one that is kept under the reference: this or the earlier one; `nil` where this
  ///   is new and there is no room for it.
  /// - Throws: ``StoreError/full(detail:)``, or another ``StoreError``; nothing is kept then.
  func keep(
    _ record: DocumentRecord, _ content: DocumentContent, within limits: UnorderedDocumentLimits
  ) throws(StoreError) -> KeptDocument?

  /// Returns a document, or `nil` where there is none.
  func document(_ digest: DocumentDigest) throws(StoreError) -> KeptDocument?

  /// Returns what a sender calls so, or `nil` where that is nothing.
  func document(
    of sender: ParticipantID, called reference: ClientReference
  ) throws(StoreError) -> KeptDocument?

  /// Returns records of which nothing is known to be ordered, in the order in which they came.
  ///
  /// - Parameters:
  ///   - after: Only those that came after this one; one that is not there any more is an error.
  ///   - countMax: Records at most.
  /// - Returns: So many, or all that there are.
  /// - Throws: ``StoreError``.
  func unordered(
    after: DocumentDigest?, countMax: Int
  ) throws(StoreError) -> [DocumentRecord]

  /// Notes from which documents something was ordered, and forgets those of which nothing was:
  /// their references are free again.
  ///
  /// A second time changes nothing; one that was noted is not forgotten.
  func settle(
    ordered: [DocumentDigest], forgotten: [DocumentDigest]
  ) throws(StoreError)

  /// Deletes the contents of documents that came before an instant, from the medium too.
  ///
  /// - Returns: How many: at most `countMax`.
  func deleteContents(before time: LedgerTime, countMax: Int) throws(StoreError) -> Int

  /// Lets go of the medium.
  func close() throws(StoreError)
}
