"""A proxy that takes submissions to the server and keeps the answers: what a broken line does.

Prints its port when it listens. Needs nothing but Python's own library.
"""

import argparse
import http.server
import pathlib
import threading
import urllib.error
import urllib.request

parser = argparse.ArgumentParser(description="Passes requests on, and holds back some answers.")
parser.add_argument("--upstream", required=True, help="the server's URL")
parser.add_argument("--answered", default=0, type=int, help="submissions that are answered first")
parser.add_argument("--held", type=pathlib.Path, help="a file to make once an answer is held")
parser.add_argument("--replace", nargs=2, help="a text of the participants' reading, and another")
arguments = parser.parse_args()
submissions = 0
lock = threading.Lock()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.answer(None)

    def do_POST(self):
        self.answer(self.rfile.read(int(self.headers["Content-Length"])))

    def answer(self, body):
        global submissions
        names = ("Content-Type", "Accept")
        headers = {name: self.headers[name] for name in names if self.headers[name]}
        request = urllib.request.Request(arguments.upstream + self.path, data=body, headers=headers)
        try:
            with urllib.request.urlopen(request) as response:
                status, answer = response.status, response.read()
        except urllib.error.HTTPError as error:
            status, answer = error.code, error.read()
        if body is not None:
            with lock:
                submissions += 1
                is_held = submissions > arguments.answered
            if is_held:
                arguments.held.touch()
                threading.Event().wait()
        if arguments.replace and self.path == "/v1/participants":
            answer = answer.replace(*(text.encode() for text in arguments.replace))
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
print(server.server_port, flush=True)
server.serve_forever()
