/// The log of a witness's session, whose leaf hashes are given rather than its entries.
///
/// Vectors: FiloSottile/torchwood cmd/litewitness/testdata/litewitness.txt.
package enum WitnessSession {
  package static let origin =
    "sigsum.org/v1/tree/4d6d8825a6bb689d459628312889dfbb0bcd41b5211d9e1ce768b0ff0309e562"
  package static let vkey =
    origin + "+5202289b+Af/cLU2Y5BJNP+r3iMDC+av9eWCD0fBJVDfzAux5zxAP"
  package static let signatures = [
    1:
      "UgIom7fPZTqpxWWhyjWduBvTvGVqsokMbqTArsQilegKoFBJQjUFAmQ0+YeS"
      + "PM3wfUQMFSzVnnNuWRTYrajXpNUbIQY=",
    3:
      "UgIom2VbtIcdFbwFAy1n7s6IkAxIY6J/GQOTuZF2ORV39d75cbAj2aQYwyJr"
      + "e36kezNobZs4SUUdrcawfAB8WVrx6go=",
    5:
      "UgIomw/EOJmWi0i1FQsOj+etB7F8IccFam/jgd6wzRns4QPVmyEZtdvl1U2K"
      + "EmLOZ/ASRcWJi0tW90dJWAShei7sDww=",
  ]
  package static let roots = [
    1: "KgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    3: "RcCI1Nk56ZcSmIEfIn0SleqtV7uvrlXNccFx595Iwl0=",
    5: "QrtXrQZCCvpIgsSmOsah7HdICzMLLyDfxToMql9WTjY=",
  ]
  package static let from1To3 = [
    "KgEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    "KgIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
  ]
  package static let from1To5 = [
    "KgEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    "+fUDV+k970B4I3uKrqJM4aP1lloPZP8mvr2Z4wRw2LI=",
    "KgQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
  ]
  package static let from3To5 = [
    "KgIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    "KgMAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    "wgiIFdZfYNv6WU1OllBKsWnLYIS/DBMqt8Uh/S4OukE=",
    "KgQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
  ]
  /// The last, with byte 30 of its hash 10.
  package static let badFrom1To3 = [from1To3[0], "KgIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEAA="]

  package static func checkpoint(
    _ size: Int, origin: String = origin, signature: String? = nil
  ) -> String {
    "\(origin)\n\(size)\n\(roots[size] ?? "")\n\n"
      + "— \(WitnessSession.origin) \(signature ?? signatures[size] ?? "")\n"
  }

  /// The one over size 3, but for its end.
  package static func falseSignature(_ end: String) -> String {
    (signatures[3] ?? "").replacing("6go=", with: end)
  }

  package static func body(_ old: Int, _ proof: [String], _ checkpoint: String) -> [UInt8] {
    Array(("old \(old)\n" + proof.map { $0 + "\n" }.joined() + "\n" + checkpoint).utf8)
  }

  /// Request and status, in order, and the record after it.
  package static let steps: [(body: [UInt8], status: Int, size: UInt64)] = [
    (body(0, [], checkpoint(1)), 200, 1),
    // Not canonical base64, and so no signature line at all: 403 where that is not held against it.
    (body(1, from1To3, checkpoint(3, signature: falseSignature("6gx="))), 400, 1),
    (body(1, from1To3, checkpoint(3, signature: falseSignature("6gs="))), 403, 1),
    (
      body(1, from1To3, checkpoint(3, origin: origin.dropLast() + "3")), 404, 1
    ),
    (body(1, [], checkpoint(3)), 422, 1),
    (body(1, badFrom1To3, checkpoint(3)), 422, 1),
    (body(1, from1To3, checkpoint(3)), 200, 3),
    (body(1, from1To5, checkpoint(5)), 409, 3),
    (body(3, from3To5, checkpoint(5)), 200, 5),
    (body(0, [], checkpoint(5)), 409, 5),
    (body(5, [], checkpoint(5)), 200, 5),
  ]
}
