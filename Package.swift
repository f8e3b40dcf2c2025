// swift-tools-version: 6.2
import PackageDescription

// The architecture as a graph: every module, lowest layer first, and every arrow that is allowed.
// docs/ARCHITECTURE.md says what each module is; Tests/ArchitectureTests holds the arrows.

let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6), .treatAllWarnings(as: .error), .strictMemorySafety(),
  .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

func module(
  _ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource]? = nil
) -> Target {
  .target(
    name: name, dependencies: dependencies, resources: resources, swiftSettings: settings)
}

func tests(
  _ name: String, _ dependencies: [Target.Dependency], resources: [Resource]? = nil
) -> Target {
  .testTarget(
    name: name, dependencies: dependencies, resources: resources, swiftSettings: settings)
}

let argumentParser = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")
let asn1 = Target.Dependency.product(name: "SwiftASN1", package: "swift-asn1")
let asyncHTTPClient = Target.Dependency.product(
  name: "AsyncHTTPClient", package: "async-http-client")
let configuration = Target.Dependency.product(
  name: "Configuration", package: "swift-configuration")
let coreMetrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
// The C interface of the SQLite that GRDB links.
let grdbSQLite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTPTypes = Target.Dependency.product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")
let lifecycle = Target.Dependency.product(
  name: "ServiceLifecycle", package: "swift-service-lifecycle")
let x509 = Target.Dependency.product(name: "X509", package: "swift-certificates")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
  name: "specie",
  products: [
    .executable(name: "specie", targets: ["specie"]),
    .library(name: "LedgerModel", targets: ["LedgerModel"]),
    .library(name: "MerkleLog", targets: ["MerkleLog"]),
    .library(name: "LedgerPolicy", targets: ["LedgerPolicy"]),
    .library(name: "LedgerCore", targets: ["LedgerCore"]),
    .library(name: "LedgerWire", targets: ["LedgerWire"]),
    .library(name: "LedgerAudit", targets: ["LedgerAudit"]),
    .library(name: "LedgerISO20022", targets: ["LedgerISO20022"]),
    .library(name: "LedgerClient", targets: ["LedgerClient"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-asn1", from: "1.7.0"),
    .package(url: "https://github.com/apple/swift-certificates", from: "1.21.0"),
    .package(
      url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: ["YAML"]),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
    .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.0"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0", traits: []),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0", traits: []),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    // System libraries.
    .systemLibrary(name: "CExpat", pkgConfig: "expat", providers: [.apt(["libexpat1-dev"])]),
    .systemLibrary(
      name: "CLibcrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(
      name: "CLibsodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
    .systemLibrary(name: "CLinux"),

    // Layers 0 to 2 are pure: no I/O, clock, randomness, global, `async`, lock or environment.
    module("LedgerModel"),
    module("MerkleLog", ["CLibcrypto"]),
    module("LedgerPolicy", ["LedgerModel"]),
    module("LedgerCore", ["LedgerModel", "LedgerPolicy"]),

    // Layer 3: bytes. LedgerSchema is generated from proto/, and not ours to make memory-safe.
    .target(
      name: "LedgerSchema", dependencies: [protobuf], swiftSettings: [.swiftLanguageMode(.v6)]),
    module("LedgerWire", ["LedgerModel", "MerkleLog", "LedgerSchema", "CLibsodium", protobuf]),
    module("PolicyFiles", ["LedgerModel", "MerkleLog", "LedgerPolicy", "LedgerWire", yams]),
    module("LedgerStorage", ["LedgerModel"]),
    module(
      "LedgerLog",
      [
        "LedgerModel", "MerkleLog", "LedgerPolicy", "LedgerCore", "LedgerWire", "LedgerStorage",
      ]),

    // Layer 4: the running ledger and its audit.
    module("LedgerStorageSQLite", ["LedgerModel", "LedgerStorage", "CLinux", grdb, grdbSQLite]),
    module(
      "LedgerService",
      [
        "LedgerModel", "MerkleLog", "LedgerPolicy", "LedgerCore", "LedgerWire", "LedgerStorage",
        "LedgerLog", logging, metrics, lifecycle,
      ]),
    module(
      "LedgerAudit",
      [
        "LedgerModel", "MerkleLog", "LedgerPolicy", "LedgerCore", "LedgerWire", "LedgerStorage",
        "LedgerLog",
      ]),
    module("LedgerISO20022", ["LedgerModel", "CExpat"]),
    module("PaymentFiles", ["LedgerModel", "MerkleLog", "LedgerWire", "LedgerISO20022"]),

    // Layer 5: the network.
    module("LedgerTLS", ["LedgerModel", "MerkleLog", nioSSL]),
    module(
      "LedgerHTTP",
      [
        "LedgerModel", "MerkleLog", "LedgerPolicy", "LedgerCore", "LedgerWire", "LedgerStorage",
        "LedgerService", "LedgerAudit", "LedgerISO20022", "LedgerTLS", asyncHTTPClient, coreMetrics,
        hummingbird,
        httpTypes, nioCore, nioHTTP1,
        nioHTTPTypes, nioSSL,
        nioTLS,
        logging, lifecycle,
      ], resources: [.embedInCode("openapi.json")]),
    module(
      "LedgerClient",
      [
        "LedgerModel", "MerkleLog", "LedgerSchema", "LedgerWire", "LedgerTLS", protobuf,
        asyncHTTPClient, nioCore, nioHTTP1, nioSSL,
      ]),
    module(
      "LedgerWitness",
      [
        "LedgerModel", "MerkleLog", "LedgerWire", "LedgerHTTP", grdb, hummingbird, httpTypes,
        asyncHTTPClient, nioCore, nioHTTP1, logging, lifecycle,
      ]),

    // Layer 6: the composition root.
    .executableTarget(
      name: "specie",
      dependencies: [
        "LedgerModel", "MerkleLog", "LedgerPolicy", "LedgerCore", "LedgerWire", "PolicyFiles",
        "LedgerStorage", "LedgerStorageSQLite", "LedgerLog", "LedgerService", "LedgerAudit",
        "LedgerISO20022", "PaymentFiles", "LedgerTLS", "LedgerHTTP", "LedgerClient",
        "LedgerWitness", argumentParser, asn1, configuration, coreMetrics, crypto,
        logging,
        lifecycle, x509, yams,
      ],
      swiftSettings: settings),

    // Drives the shipped program, for its tests and its benchmark.
    .target(
      name: "ProgramTesting",
      dependencies: ["LedgerModel", "LedgerWire", asyncHTTPClient, nioCore, nioHTTP1, nioPosix],
      path: "Tests/ProgramTesting", swiftSettings: settings),
    .executableTarget(
      name: "specie-bench",
      dependencies: [
        "LedgerModel", "MerkleLog", "LedgerSchema", "LedgerWire", "LedgerStorageSQLite",
        "LedgerService", "ProgramTesting", protobuf, nioCore, grdb, logging,
      ],
      path: "Benchmarks/EndToEnd", swiftSettings: [.swiftLanguageMode(.v6)]),

    // Tests. LedgerTesting is a support target: generators and the reference ledger.
    .target(
      name: "LedgerTesting", dependencies: ["LedgerModel"],
      path: "Tests/LedgerTesting", swiftSettings: settings),
    // The snippets of documentation, as a package outside sees what they use.
    .target(
      name: "ClientGuide",
      dependencies: ["LedgerModel", "MerkleLog", "LedgerWire", "LedgerClient"],
      path: "Tests/ClientGuide", packageAccess: false, swiftSettings: settings),
    tests("LedgerModelTests", ["LedgerModel", "LedgerTesting"]),
    tests("MerkleLogTests", ["MerkleLog", "CLibsodium", "LedgerTesting"]),
    tests("LedgerPolicyTests", ["LedgerModel", "LedgerPolicy", "LedgerTesting"]),
    tests("LedgerCoreTests", ["LedgerModel", "LedgerPolicy", "LedgerCore", "LedgerTesting"]),
    tests(
      "PolicyFilesTests", ["LedgerModel", "LedgerPolicy", "PolicyFiles"],
      resources: [.copy("Bad"), .copy("Shapes")]),
    tests(
      "StorageContractTests",
      ["LedgerModel", "LedgerStorage", "LedgerStorageSQLite", "LedgerTesting", grdb]),
    tests(
      "LedgerServiceTests",
      [
        "LedgerModel", "MerkleLog", "LedgerPolicy", "LedgerCore", "LedgerWire", "LedgerStorage",
        "LedgerLog", "LedgerService", "LedgerTesting", logging,
      ]),
    tests("LedgerWireTests", ["LedgerModel", "MerkleLog", "LedgerWire", "LedgerTesting"]),
    tests(
      "LedgerAuditTests",
      [
        "LedgerModel", "MerkleLog", "LedgerPolicy", "LedgerCore", "LedgerWire", "LedgerStorage",
        "LedgerStorageSQLite", "LedgerLog", "LedgerAudit", "LedgerTesting",
      ]),
    tests("LedgerISO20022Tests", ["LedgerModel", "LedgerISO20022", "LedgerTesting"]),
    tests(
      "PaymentFilesTests",
      [
        "LedgerModel", "MerkleLog", "LedgerWire", "LedgerISO20022", "PaymentFiles",
        "LedgerTesting",
      ]),
    tests(
      "LedgerHTTPTests",
      [
        "LedgerModel", "MerkleLog", "LedgerCore", "LedgerWire", "LedgerSchema", "LedgerStorage",
        "LedgerLog", "LedgerService", "LedgerISO20022", "LedgerHTTP", "LedgerClient",
        "LedgerTesting",
        asyncHTTPClient, coreMetrics, protobuf,
        nioCore, nioHTTP1,
        nioPosix, logging, lifecycle,
      ]),
    tests(
      "LedgerWitnessTests",
      [
        "LedgerModel", "MerkleLog", "LedgerWire", "LedgerHTTP", "LedgerWitness", "LedgerTesting",
        nioCore,
        nioPosix, logging, lifecycle,
      ]),
    tests("ArchitectureTests", []),
    tests(
      "EndToEndTests",
      [
        "specie", "LedgerModel", "MerkleLog", "LedgerStorage", "LedgerStorageSQLite",
        "LedgerTesting", "LedgerWire", "LedgerClient", "ClientGuide", "PolicyFiles",
        "ProgramTesting",
      ]),
  ]
)

// It links in a build with libFuzzer alone: scripts/fuzz.
if Context.environment["SPECIE_FUZZ"] != nil {
  package.targets.append(
    .executableTarget(
      name: "specie-fuzz", dependencies: ["LedgerModel", "MerkleLog", "LedgerWire"],
      path: "Tests/Fuzzing", swiftSettings: settings,
      linkerSettings: [.unsafeFlags(["-sanitize=fuzzer", "-use-ld=lld"])]))
}
