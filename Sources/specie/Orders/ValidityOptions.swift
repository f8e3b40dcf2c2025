import ArgumentParser
import LedgerModel

/// From when until when what is registered holds.
struct ValidityOptions: ParsableArguments {
  @Option(
    help: "From when on: RFC 3339, or `now` (default: now).",
    transform: { try TextArgument.instant($0) })
  var from: LedgerTime?
  @Option(
    help: "Until when: RFC 3339 (default: without end).",
    transform: { try TextArgument.end($0) })
  var until: LedgerTime?
}
