import Foundation
import ProgramTesting
import Testing

extension EndToEnd {
  /// Real TLS: a server's process, certificates of an authority, and clients of several kinds.
  @Suite struct TLSTests {
    /// Goal: under TLS, who reads is known by a certificate that the log has, until it is revoked
    /// there; what is another's is answered as what there is not; and connections that show no
    /// good certificate come to nothing.
    @Test func readersAreKnownByTheirCertificates() async throws {
      let folder = try CrashTests.makeFolder()
      let server = ServerProcess(program: CrashTests.program, folder: folder, port: 17_189)
      defer {
        server.stop()
        try? FileManager.default.removeItem(atPath: folder)
      }
      _ = try server.createLedger()
      // The first certificates are registered before the server is on a network.
      try server.serve()
      let sender = Sender(url: server.url)
      try await sender.waitUntilReady()
      try await sender.close()
      let registered = try server.run(
        ["-c", Self.common + Self.registration], program: "/bin/bash")
      for file in ["ca", "server"] {
        #expect(registered.contains("tls/\(file).pem is refused: 1\n"), "\(registered)")
      }
      server.stop()
      try server.serve(options: [
        "--tls-certificate", "tls/server.pem", "--tls-key", "tls/server.key", "--client-ca",
        "tls/ca.pem", "--host", "127.0.0.1",
      ])
      var output = try server.run(
        ["-c", Self.common + Self.secure + Self.reads], program: "/bin/bash")
      for text in [
        "own: 200", "other equals none: True", "other's entries equal none: True",
        "bundle for a bank: 403 entries_for_auditors", "bundle for an auditor: 200",
        "metrics for a bank: 403 certificate_reads_nothing", "outstanding: 20000",
        "certificate ends: True", "stranger reads: 403 certificate_reads_nothing",
        "stranger's checkpoint: 200",
        "other's balance in the list: None", "paid: accepted", "verified: VERIFIED",
        "before: 200", "after: 403 certificate_reads_nothing",
        "no certificate: refused", "foreign: refused", "expired: refused", "TLS 1.2: refused",
        "plain: refused", "wrong name: refused", "good: HTTP/1.1 200 OK",
        "short before: 200", "short after: 403 certificate_ended",
        "short orders before: 400 malformed", "short orders after: 403 certificate_ended",
        "other's history equals none: True", "quota: True", "events: 1", "events end: True",
        "certificates: 1, other's: 404 not_found", "unproven: 5",
      ] { #expect(output.contains(text + "\n"), "`\(text)` is not in \(output)") }
      try Self.replaceServerCertificate(in: folder, server)
      server.signal(SIGHUP)
      output = try server.run(
        ["-c", Self.common + Self.secure + Self.rotation], program: "/bin/bash")
      #expect(output.contains("renewed: True\n"), "\(output)")
      // What is no certificate leaves the one before in place, and does not keep a later one out.
      output = try server.run(
        ["-c", Self.common + "cp tls/server.pem second.pem; echo nothing >tls/server.pem"],
        program: "/bin/bash")
      server.signal(SIGHUP)
      output = try server.run(
        ["-c", Self.common + Self.secure + Self.rotation], program: "/bin/bash")
      #expect(output.contains("renewed: True\n"), "\(output)")
      output = try server.run(
        ["-c", Self.common + "rm tls/*server.*; mv second.pem tls/old-server.pem"],
        program: "/bin/bash")
      try server.run(["tls", "dev-ca", "tls"])
      server.signal(SIGHUP)
      output = try server.run(
        ["-c", Self.common + Self.secure + Self.rotation], program: "/bin/bash")
      #expect(output.contains("renewed: True\n"), "\(output)")
      #expect(server.stop() == 0)
    }

    @Test func nothingIsServedOffLoopbackWithoutTLS() async throws {
      let folder = try CrashTests.makeFolder()
      let server = ServerProcess(program: CrashTests.program, folder: folder, port: 17_190)
      defer { try? FileManager.default.removeItem(atPath: folder) }
      _ = try server.createLedger()
      var output = try server.run(
        ["serve", "ledger", "--log-key", "log.key", "--host", "0.0.0.0"], expecting: 1)
      #expect(output.contains("`0.0.0.0` is no loopback address"), "\(output)")
      output = try server.run(
        ["serve", "ledger", "--log-key", "log.key", "--tls-certificate", "a.pem"], expecting: 2)
      #expect(output.contains("--tls-certificate, --tls-key and --client-ca go together"))
      output = try server.run(["tls", "dev-ca", "tls", "--client", "icbc"])
      #expect(output.contains("made in tls: ca.pem, server.pem, icbc.pem"), "\(output)")
      output = try server.run(["tls", "dev-ca", "tls", "--client", "icbc"])
      #expect(output.contains("everything is there already in tls"), "\(output)")
    }

    private static func replaceServerCertificate(
      in folder: String, _ server: ServerProcess
    ) throws {
      for name in ["server.pem", "server.key"] {
        try FileManager.default.moveItem(
          atPath: "\(folder)/tls/\(name)", toPath: "\(folder)/tls/old-\(name)")
      }
      try server.run(["tls", "dev-ca", "tls"])
    }

    private static let common = """
      set -euo pipefail
      specie() { \(CrashTests.program) "$@"; }
      python=\(CrashTests.repository)/.venv/bin/python
      officers="--key officer-1.key --key officer-2.key"
      wallet=11111111-1111-4111-8111-111111111111
      other=22222222-2222-4222-8222-222222222222

      """

    private static let registration = """
      specie tls dev-ca tls --client issuer --client icbc --client abc --client auditor \\
        --client stranger
      specie tls show tls/icbc.pem
      for bank in icbc abc; do
        specie key new $bank.key
        specie participant admit $bank --name "Bank $bank" --public-key $bank.key \\
          --settlement-account CNY $officers
      done
      for file in ca server; do
        code=0
        specie certificate register tls/$file.pem --reader icbc $officers || code=$?
        echo "tls/$file.pem is refused: $code"
      done
      for reader in issuer icbc abc auditor; do
        specie certificate register tls/$reader.pem --reader $reader $officers
      done
      specie issue icbc 100.00 CNY --rtgs-reference R-1 $officers
      specie issue abc 100.00 CNY --rtgs-reference R-2 $officers
      specie wallet open CNY basic --wallet $wallet --as icbc --key icbc.key
      specie wallet open CNY basic --wallet $other --as abc --key abc.key
      specie fund $wallet 50.00 CNY --as icbc --key icbc.key
      """

    private static let secure = """
      export SPECIE_SERVER=https://127.0.0.1:17189 SPECIE_CA=tls/ca.pem
      as() {
        SPECIE_CERTIFICATE=tls/$1.pem SPECIE_CERTIFICATE_KEY=tls/$1.key \\
          \(CrashTests.program) "${@:2}"
      }
      for try in $(seq 100); do
        as icbc checkpoint >/dev/null 2>&1 && break
        sleep 0.2
      done

      """

    private static let reads = """
      as icbc account $wallet
      as icbc pay $wallet $other 5.00 CNY --as icbc --key icbc.key --json |
        sed -n 's/.*"outcome" : "\\(.*\\)".*/paid: \\1/p'
      as auditor audit verify $SPECIE_SERVER --trust ledger/trust --commitment-secret \\
        ledger/commitment-secret | grep -o '^VERIFIED' | sed 's/^/verified: /' || true
      cat >reads.py <<'END'
      import datetime, json, socket, ssl, subprocess, sys, time
      import requests
      from cryptography import x509
      from cryptography.hazmat.primitives import hashes, serialization
      from cryptography.hazmat.primitives.asymmetric import ec
      URL, OWN, OTHER, NONE = sys.argv[1:5]
      def session(name):
          made = requests.Session()
          made.trust_env = False
          made.cert, made.verify = ("tls/%s.pem" % name, "tls/%s.key" % name), "tls/ca.pem"
          return made
      def code(answer):
          text = "%d" % answer.status_code
          problem = answer.headers["content-type"] == "application/problem+json"
          return text + (" " + answer.json()["code"] if problem else "")
      bank, auditor, stranger = session("icbc"), session("auditor"), session("stranger")
      print("own:", code(bank.get(URL + "/v1/accounts/" + OWN)))
      def hidden(path):
          answers = [bank.get(URL + path % id) for id in (OTHER, NONE)]
          texts = [answer.text.replace(id, "ID") for answer, id in zip(answers, (OTHER, NONE))]
          return answers[0].status_code == 404 and texts[0] == texts[1]
      print("other equals none:", hidden("/v1/accounts/%s"))
      print("other's entries equal none:", hidden("/v1/accounts/%s/entries"))
      print("other's history equals none:", all(hidden("/v1/accounts/%s/" + rest) for rest in (
          "balance", "balance?at=1", "headroom", "statements/2026-03-01", "entries?amount_min=1"))
          and hidden("/v1/events?account=%s"))
      answer = bank.get(URL + "/v1/certificates")
      print("quota:", 'q=60000;w=60' in answer.headers["ratelimit-policy"]
          and int(answer.headers["ratelimit"].split("r=")[1].split(";")[0]) < 60000)
      print("certificates: %d, other's: %s" % (len(answer.json()["certificates"]),
          code(bank.get(URL + "/v1/certificates?reader=abc"))))
      events = session("icbc").get(URL + "/v1/events?after=0&kind=pay", stream=True, timeout=60)
      lines = events.iter_lines()
      told = next(json.loads(line[6:]) for line in lines if line.startswith(b"data: "))
      print("events:", len([one for one in told["effects"] if one["account"] == OWN]))
      bundle = URL + "/log/tile/entries/000.p/%d" % bank.get(URL + "/v1/ledger").json()["checkpoint_size"]
      print("bundle for a bank:", code(bank.get(bundle)))
      print("bundle for an auditor:", code(auditor.get(bundle)))
      issuer = session("issuer")
      print("metrics for a bank:", code(bank.get(URL + "/metrics")))
      metrics = issuer.get(URL + "/metrics").text
      print("outstanding:", metrics.split('outstanding_minor_units{currency="CNY"} ')[1].split()[0])
      print("certificate ends:", 'end_timestamp_seconds{certificate="server"}' in metrics)
      print("stranger reads:", code(stranger.get(URL + "/v1/accounts/" + OWN)))
      print("stranger's checkpoint:", code(stranger.get(URL + "/v1/checkpoint")))
      listed = {one["participant"]: one for one in bank.get(URL + "/v1/participants").json()["participants"]}
      print("other's balance in the list:", listed["abc"]["settlement_accounts"][0].get("balance"))
      # On one connection, which stays open.
      print("before:", code(bank.get(URL + "/v1/supply")))
      subprocess.run(sys.argv[5:], check=True, stdout=subprocess.DEVNULL)
      print("after:", code(bank.get(URL + "/v1/supply")))
      print("events end:", not any(line.startswith(b"data: ") for line in lines))

      def certificate(name, issuer, issuer_key, days):
          key = ec.generate_private_key(ec.SECP256R1())
          now = datetime.datetime.now(datetime.timezone.utc)
          subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
          made = x509.CertificateBuilder(
              subject_name=subject, issuer_name=issuer or subject, public_key=key.public_key(),
              serial_number=x509.random_serial_number(),
              not_valid_before=now - datetime.timedelta(days=9),
              not_valid_after=now + datetime.timedelta(days=days),
          ).sign(issuer_key or key, hashes.SHA256())
          open("tls/%s.pem" % name, "wb").write(made.public_bytes(serialization.Encoding.PEM))
          open("tls/%s.key" % name, "wb").write(key.private_bytes(
              serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
      authority = x509.load_pem_x509_certificate(open("tls/ca.pem", "rb").read())
      authority_key = serialization.load_pem_private_key(open("tls/ca.key", "rb").read(), None)
      certificate("foreign", None, None, 9)
      certificate("expired", authority.subject, authority_key, -1)
      certificate("short", authority.subject, authority_key, 12 / 86400)
      port = int(URL.rsplit(":", 1)[1])
      def attempt(noun, name, most=None, host="127.0.0.1"):
          context = ssl.create_default_context(cafile="tls/ca.pem")
          if name:
              context.load_cert_chain("tls/%s.pem" % name, "tls/%s.key" % name)
          if most:
              context.maximum_version = most
          try:
              with socket.create_connection(("127.0.0.1", port), 5) as plain:
                  with context.wrap_socket(plain, server_hostname=host) as secure:
                      secure.sendall(b"GET /healthz HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n")
                      print(noun + ":", secure.recv(99).decode().split("\\r")[0] or "refused")
          except OSError:
              print(noun + ": refused")
      attempt("no certificate", None)
      attempt("foreign", "foreign")
      attempt("expired", "expired")
      attempt("TLS 1.2", "auditor", ssl.TLSVersion.TLSv1_2)
      attempt("wrong name", "auditor", host="ledger.example")
      attempt("good", "auditor")
      # A connection outlives its certificate, and is told so.
      short = session("short")
      print("short before:", code(short.get(URL + "/v1/checkpoint")))
      orders = session("short")
      def order():
          form = {"content-type": "application/x-protobuf"}
          return code(orders.post(URL + "/v1/submissions", data=b"x", headers=form))
      # It is refused as a whole, and ends the connection unless that is read to its end.
      print("short orders before:", order())
      ends = x509.load_pem_x509_certificate(open("tls/short.pem", "rb").read()).not_valid_after_utc
      left = ends - datetime.datetime.now(datetime.timezone.utc)
      time.sleep(1 + max(0, left.total_seconds()))
      print("short after:", code(short.get(URL + "/v1/checkpoint")))
      print("short orders after:", order())
      with socket.create_connection(("127.0.0.1", port), 5) as plain:
          plain.sendall(b"GET /healthz HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n")
          try:
              print("plain:", plain.recv(99).decode(errors="replace").split("\\r")[0] or "refused")
          except OSError:
              print("plain: refused")
      END
      export SPECIE_CERTIFICATE=tls/issuer.pem SPECIE_CERTIFICATE_KEY=tls/issuer.key
      $python reads.py $SPECIE_SERVER $wallet $other 33333333-3333-4333-8333-333333333333 \\
        \(CrashTests.program) certificate revoke tls/icbc.pem --reader icbc --key officer-1.key
      code=0
      as stranger pay $wallet $other 1.00 CNY --as icbc --key icbc.key || code=$?
      echo "unproven: $code"
      """

    private static let rotation = """
      cat >rotation.py <<'END'
      import socket, ssl, sys, time
      from cryptography import x509
      renewed = x509.load_pem_x509_certificate(open("tls/ca.pem", "rb").read())
      old = x509.load_pem_x509_certificate(open("tls/old-server.pem", "rb").read())
      context = ssl.create_default_context(cafile="tls/ca.pem")
      context.load_cert_chain("tls/auditor.pem", "tls/auditor.key")
      for wait in range(50):
          with socket.create_connection(("127.0.0.1", 17189), 5) as plain:
              with context.wrap_socket(plain, server_hostname="127.0.0.1") as secure:
                  shown = x509.load_der_x509_certificate(secure.getpeercert(True))
          if shown.serial_number != old.serial_number:
              break
          time.sleep(0.1)
      print("renewed:", shown.serial_number != old.serial_number)
      END
      $python rotation.py
      """
  }
}
