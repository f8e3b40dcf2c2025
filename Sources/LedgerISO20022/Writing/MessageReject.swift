import LedgerModel

/// An admi.002: a message was refused, whole, before anything of it was ordered.
public struct MessageReject: Hashable, Sendable {
  public let refusal: MessageRefusal

  public init(_ refusal: MessageRefusal) { self.refusal = refusal }

  /// The message in UTF-8.
  ///
  /// `RltdRef` is the refused message's `BizMsgIdr`, or `NOTPROVIDED` where that could not be read.
  public func xml(_ header: OutboundHeader) -> [UInt8] {
    let fault = refusal.fault
    return header.message(
      .messageReject,
      [
        .element("RltdRef", [.text("Ref", (refusal.message ?? .notProvided).text)]),
        .element(
          "Rsn",
          [
            .text("RjctgPtyRsn", fault.code), .text("RjctnDtTm", header.created.description),
            .text("ErrLctn", fault.path, max: 350), .text("RsnDesc", fault.description, max: 350),
          ]),
      ])
  }
}
