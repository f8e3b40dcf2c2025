import Foundation
import ProgramTesting
import Testing

extension EndToEnd {
  /// Files that prove one thing, written by the program and checked by others.
  @Suite struct EvidenceFileTests {
    /// Goal: a payment's evidence, an account's statement and a bank's total are checked by the
    /// program with the trust file alone; the evidence by a script that has nothing of ours, and
    /// its attestation by securesystemslib.
    @Test func areCheckedByOthers() async throws {
      let folder = try CrashTests.makeFolder()
      let server = ServerProcess(program: CrashTests.program, folder: folder, port: 17_186)
      defer {
        server.stop()
        try? FileManager.default.removeItem(atPath: folder)
      }
      _ = try server.createLedger(options: ["--commit-every", "1s"])
      try server.serve()
      let sender = Sender(url: server.url)
      try await sender.waitUntilReady()
      try await sender.close()
      _ = try server.run(["-c", Self.common + Self.orders], program: "/bin/bash")
      server.stop()
      let output = try server.run(["-c", Self.common + Self.proofs], program: "/bin/bash")
      for text in [
        "order: PROVEN: icbc ordered, and the ledger decided, at entry",
        "order: decision      the log key attests what follows; replay of the log at hand gives the same",
        "python: PROVEN: entry", "with 1 key(s): accepted; the log key attests the decision",
        "officers: signatures    2 keys of issuer; 2 had to sign",
        "envelope: verified",
        "forged: refused for ValueError('an entry does not link to the one before')",
        "statement: PROVEN COMPLETE up to entry", "statement: That is what the log commits to",
        "statement: NOT PROVEN COMPLETE",
        "total: 95.00 CNY in 2 accounts of icbc", "supply: PROVEN: what entry",
        "committed  issued 100.00 CNY, redeemed 0.00 CNY, outstanding 100.00 CNY",
        "stranger: NOT PROVEN (checkpoint)", "verify: VERIFIED: every byte of the log",
        "report: verified, verdict verified", "page: 2 charts and more, nothing fetched",
        "compare: CONSISTENT: the log of",
      ] { #expect(output.contains(text), "`\(text)` is not in \(output)") }
      #expect(!output.contains("total: 5.00"))
    }

    private static let common = """
      set -eu
      export SPECIE_TRUST=ledger/trust
      specie() { "\(CrashTests.program)" "$@"; }
      python=\(CrashTests.repository)/.venv/bin/python
      scripts=\(CrashTests.repository)/Tests/python
      officers="--key officer-1.key --key officer-2.key"
      wallet=11111111-1111-4111-8111-111111111111
      other=22222222-2222-4222-8222-222222222222

      """

    private static let orders = """
      for bank in icbc abc; do
        specie key new $bank.key
        specie participant admit $bank --name Bank --public-key $bank.key \
          --settlement-account CNY $officers
      done
      specie issue icbc 100.00 CNY --rtgs-reference R-1 $officers --json >issue.json
      specie wallet open CNY basic --wallet $wallet --as icbc --key icbc.key
      specie wallet open CNY basic --wallet $other --as abc --key abc.key
      specie fund $wallet 50.00 CNY --as icbc --key icbc.key
      specie pay $wallet $other 5.00 CNY --as icbc --key icbc.key --json >pay.json
      sleep 1.2
      specie pay $wallet $other 5.00 CNY --as icbc --key icbc.key

      """

    private static let proofs = """
      id_in() { sed -n 's/.*"id" : "\\(.*\\)".*/\\1/p' $1 | head -1; }
      specie audit evidence $(id_in pay.json) --log ledger --log-key log.key --out order
      specie audit check order --log ledger | sed 's/^/order: /'
      $python $scripts/check_evidence.py order ledger/trust | sed 's/^/python: /'
      specie audit evidence $(id_in issue.json) --log ledger --out officers
      specie audit check officers | sed 's/^/officers: /'
      $python - <<'END'
      import base64, json
      from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
      from securesystemslib.dsse import Envelope
      from securesystemslib.signer import SSlibKey
      envelope = json.load(open("order"))["attestation"]
      key = dict(line.split(" ", 1) for line in open("ledger/trust").read().splitlines()[1:])["log"]
      key = Ed25519PublicKey.from_public_bytes(base64.b64decode(key.split("+", 2)[2])[1:])
      key = SSlibKey.from_crypto(key, keyid=envelope["signatures"][0]["keyid"])
      Envelope.from_dict(envelope).verify([key], 1)
      print("envelope: verified")
      END
      $python - "$scripts" <<'END' | sed 's/^/forged: /'
      import base64, json, sys
      sys.path.insert(0, sys.argv[1])
      import check_evidence as checker
      # Whoever has the log key can put what he likes into a log, and cannot sign for a bank.
      class Anything:
          def __eq__(self, other): return True
      checker.root_from = lambda *_: Anything()
      file = json.load(open("order"))
      trust = dict(line.split(" ", 1) for line in open("ledger/trust").read().splitlines()[1:])
      for item in file["log"]["entries"]:
          if item["sequence"] == file["order"]["submission"]:
              entry = bytearray(base64.b64decode(item["entry"]))
              entry[-1] ^= 1
              item["entry"] = base64.b64encode(entry).decode()
      form = json.dumps(file, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\\n"
      try:
          print(checker.Evidence(form, trust).check())
      except Exception as fault:
          print("refused for", repr(fault))
      END
      specie audit statement $wallet --log ledger --out statement
      specie audit check statement | sed 's/^/statement: /'
      specie audit supply --log ledger --holder icbc --accounts --out total
      specie audit check total | sed 's/^/total: /'
      specie audit supply --log ledger | sed 's/^/supply: /'
      specie audit verify ledger --trust ledger/trust --html page.html --signed report.json \
        --key officer-1.key | sed 's/^/verify: /'
      $python - <<'END'
      import base64, html.parser, json
      from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
      from securesystemslib.dsse import Envelope
      from securesystemslib.signer import SSlibKey
      signed = json.load(open("report.json"))
      keyid = signed["signatures"][0]["keyid"]
      key = SSlibKey.from_crypto(
          Ed25519PublicKey.from_public_bytes(bytes.fromhex(keyid)), keyid=keyid)
      Envelope.from_dict(signed).verify([key], 1)
      print("report: verified, verdict", json.loads(base64.b64decode(signed["payload"]))["verdict"])
      class Page(html.parser.HTMLParser):
          open, charts = [], 0
          def handle_starttag(self, tag, attributes):
              if tag in ("script", "img", "link", "iframe"):
                  raise SystemExit("the page fetches something")
              if any(name in ("src", "href") for name, _ in attributes):
                  raise SystemExit("the page leads somewhere")
              self.charts += tag == "svg"
              if tag not in ("meta", "br", "rect", "polyline"):
                  self.open.append(tag)
          def handle_endtag(self, tag):
              if tag not in ("rect", "polyline") and self.open.pop() != tag:
                  raise SystemExit("the page's tags do not nest")
      page = Page()
      page.feed(open("page.html").read())
      print("page: 2 charts and more, nothing fetched" if page.charts > 2 and not page.open else page.open)
      END
      $python - <<'END'
      import re
      notes = re.findall("[^\\n]+\\n[0-9]+\\n[^\\n]+\\n\\n\\u2014 [^\\n]+\\n", open("ledger/checkpoints").read())
      open("first-checkpoint", "w").write(notes[0])
      open("last-checkpoint", "w").write(notes[-1])
      END
      specie audit compare first-checkpoint last-checkpoint --tiles ledger | sed 's/^/compare: /'
      mkdir stranger
      specie init stranger/ledger --origin ledger.example/other --currency CNY:2 --quorum 1 \
        --officer o=officer-1.key --log-key icbc.key >/dev/null
      specie audit check order --trust stranger/ledger/trust | sed 's/^/stranger: /' || true
      """
  }
}
