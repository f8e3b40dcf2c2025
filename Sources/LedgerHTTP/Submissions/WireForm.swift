/// The two forms of a submission and of its answer.
enum WireForm: Hashable, Sendable {
  case protobuf
  case json

  /// Reads one media type, parameters aside; `nil` where it is neither.
  init?(mediaType: some StringProtocol) {
    let name = String(mediaType.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" })
      .lowercased()
    switch name {
    case "application/x-protobuf", "application/protobuf": self = .protobuf
    case "application/json": self = .json
    default: return nil
    }
  }

  var mediaType: String {
    switch self {
    case .protobuf: "application/x-protobuf"
    case .json: "application/json"
    }
  }

  /// The first of the media ranges in an `Accept` header that is known; `standard` for a wildcard.
  ///
  /// Weights are not read: there are two forms, and a caller that wants one names it.
  static func accepted(_ ranges: String, standard: WireForm) -> WireForm? {
    for range in ranges.split(separator: ",") {
      let name = range.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }
      if name == "*/*" || name == "application/*" { return standard }
      if let form = WireForm(mediaType: range) { return form }
    }
    return nil
  }
}
