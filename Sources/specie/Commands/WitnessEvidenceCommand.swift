import ArgumentParser
import LedgerAudit
import LedgerModel
import LedgerWire
import LedgerWitness
import MerkleLog

struct WitnessEvidenceCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evidence", abstract: "Print the refused requests that a log had signed.",
    discussion: """
      Each is a checkpoint that the log's key signed and that this witness did not cosign, with the \
      one that it had cosigned. Where it says `another tree`, the two prove that the key signed two \
      histories: --out writes the first such pair as `specie audit compare` does, and `specie audit \
      check` takes it. Anybody can send a log's checkpoint with a false proof: what says `refused` \
      proves nothing of the log.

        specie witness evidence w1 --json
        specie witness evidence w1 --out fork.json
      """)

  @Argument(help: "The witness's folder.") var folder: String
  @Option(
    help: ArgumentHelp("Where the proof of a fork goes; it must not exist.", valueName: "file"))
  var out: String?
  @OptionGroup var output: OutputOptions

  private struct Report: CommandReport {
    struct Item: Encodable {
      let origin: String
      let time: String
      let isDecisive: Bool
      let reason: String
      let cosignedSize: UInt64
      let cosignedRoot: String
      let cosigned: String?
      let request: String
    }

    let evidence: [Item]
    let file: String?

    var text: String {
      guard !evidence.isEmpty else { return "nothing is kept" }
      let items = evidence.map { item in
        "\(item.time)  \(item.origin.shown)  \(item.isDecisive ? "another tree" : "refused"): "
          + "\(item.reason)\n\(item.request)"
          + (item.cosigned.map { "cosigned before:\n\($0)" } ?? "")
      }
      return (items + (file.map { ["wrote \($0)"] } ?? [])).joined(separator: "\n")
    }
  }

  func run() async throws {
    if let out, LocalFile.exists(out) { throw CommandFault.fileExists(path: out) }
    let store = try WitnessStore(openingAt: folder)
    let kept = try store.evidence()
    try store.close()
    if let out {
      guard let fork = kept.lazy.compactMap(Self.fork).first else {
        throw CommandFault.invalidArgument(
          "nothing that is kept proves a fork, so nothing is written")
      }
      try LocalFile.create(out, fork.json, mode: 0o644)
    }
    output.print(
      Report(
        evidence: kept.map { item in
          Report.Item(
            origin: item.origin.description, time: WitnessTime.text(item.timestampSeconds),
            isDecisive: item.isDecisive, reason: item.reason, cosignedSize: item.tree.size,
            cosignedRoot: item.tree.root.description,
            cosigned: item.cosigned.map { String(decoding: $0, as: UTF8.self) },
            request: String(decoding: item.request, as: UTF8.self))
        }, file: out))
  }

  /// The two notes of one size, where the evidence is that.
  private static func fork(_ item: WitnessEvidence) -> ForkEvidence? {
    guard item.isDecisive, let cosigned = item.cosigned,
      let request = try? AddCheckpointRequest(item.request), request.size == item.tree.size
    else { return nil }
    return ForkEvidence(first: cosigned, second: request.note.encoded, former: nil)
  }
}
