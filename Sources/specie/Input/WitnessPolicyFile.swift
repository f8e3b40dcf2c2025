import LedgerService
import LedgerStorage
import LedgerWitness
import MerkleLog

/// The witnesses of a ledger, from its policy file, and the way to them.
struct WitnessPolicyFile {
  /// How long a start waits for enough witnesses, and for one answer.
  private static let patience: Duration = .seconds(10)
  private static let pause: Duration = .milliseconds(500)
  private static let timeoutNanoseconds: UInt64 = 5_000_000_000

  let policy: TrustPolicy
  private let urls: [String]
  private let connection = WitnessConnection()

  /// Reads a policy file, in which every witness must have a URL.
  init(path: String) throws {
    let bytes = try LocalFile.read(path, bytesMax: LogLimits.trustPolicyByteCountMax)
    do {
      policy = try TrustPolicy(bytes)
    } catch {
      throw CommandFault.fileInvalid(path: path, problem: error.description)
    }
    urls = try policy.witnesses.map { witness throws(CommandFault) in
      guard let octets = witness.url, let url = String(validating: octets, as: UTF8.self),
        url.hasPrefix("http://") || url.hasPrefix("https://")
      else {
        throw .fileInvalid(
          path: path,
          problem:
            "witness `\(witness.name)` has no `http://` or `https://` URL, and a ledger must "
            + "reach it")
      }
      return url
    }
  }

  /// Asks each witness for the last checkpoint that it cosigned, again for a while where those that
  /// do not answer could be all that the quorum needs.
  func latest(of origin: Origin) async -> [Witnessing.Latest] {
    let path = Witnessing.monitoringPath(of: origin)
    let deadline = ContinuousClock.now + Self.patience
    var found = [Witnessing.Latest?](repeating: nil, count: urls.count)
    while true {
      await withTaskGroup(of: (Int, Witnessing.Latest).self) { group in
        for (index, url) in urls.enumerated() where found[index]?.isAnswer != true {
          group.addTask { (index, await latest(at: url, path)) }
        }
        for await (index, latest) in group { found[index] = latest }
      }
      let silent = found.indices.filter { found[$0]?.isAnswer != true }
      let isEnough = silent.isEmpty || !policy.isMet(by: silent.map { policy.witnessKeys[$0] })
      guard !isEnough, ContinuousClock.now + Self.pause < deadline else {
        return found.map { $0 ?? .silent(Witnessing.Silence(reason: "it was not asked")) }
      }
      try? await Task.sleep(for: Self.pause)
    }
  }

  private func latest(at url: String, _ path: String) async -> Witnessing.Latest {
    do throws(WitnessConnection.Failure) {
      let reply = try await connection.send(
        to: url, path: path, body: nil, timeoutNanoseconds: Self.timeoutNanoseconds)
      switch reply.status {
      case 200: return .note(reply.body)
      case 404: return .nothing
      case let status:
        return .silent(Witnessing.Silence(reason: "status \(status) for its last checkpoint"))
      }
    } catch {
      return .silent(Witnessing.Silence(reason: error.description))
    }
  }

  /// What the service is given.
  ///
  /// - Parameters:
  ///   - keeper: Of the ledger's folder.
  ///   - latest: What the witnesses showed, or `nil` to go without.
  /// - Returns: The witnesses, each asked over HTTP.
  func witnessing(
    keeper: any CosignedKeeper, latest: [Witnessing.Latest]?
  ) -> Witnessing {
    let (urls, connection) = (urls, connection)
    return Witnessing(policy: policy, keeper: keeper, latest: latest) { call in
      Task {
        let answer: Result<Witnessing.Reply, Witnessing.Silence>
        do throws(WitnessConnection.Failure) {
          let (path, body): (String, [UInt8]?) =
            switch call.request {
            case .cosign(let body): ("add-checkpoint", body)
            case .latest(let origin): (Witnessing.monitoringPath(of: origin), nil)
            }
          let reply = try await connection.send(
            to: urls[call.witness], path: path, body: body,
            timeoutNanoseconds: call.timeoutNanoseconds)
          answer = .success(
            Witnessing.Reply(
              status: reply.status, mediaType: reply.mediaType, body: reply.body))
        } catch {
          answer = .failure(Witnessing.Silence(reason: error.description))
        }
        call.complete(answer)
      }
    }
  }
}

extension Witnessing.Latest {
  fileprivate var isAnswer: Bool {
    switch self {
    case .note, .nothing: true
    case .silent: false
    }
  }
}
