#!/usr/bin/env python3
"""An HTTP server that answers as a test tells it to, also wrongly.

As a module: HttpServer(script). As a program: http_server.py STEP...; prints its port, then each
request as a line of JSON unless the first STEP is --quiet, and ends when its standard input does.

Each request takes the next step of the script, and the last step for ever. A step is a status, with
headers and a body behind it if there are any: "200", "429;Retry-After: 1", "200;;body"; or a fault:

  reset          closes the connection by a reset, without an answer
  close          closes it in an orderly way, without an answer
  hang           never answers
  endless        200, and a body without an end
  drip           200, and a body of which a byte comes every 50 ms, without an end
  headers        headers without an end
  garbage        an answer that is not HTTP
  half           200, and a body that is shorter than it says
"""

import gzip
import http.server
import json
import socket
import struct
import sys
import threading


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        step = self.server.step_of(body.decode("utf-8", "surrogateescape"))
        self.server.note({"method": self.command, "path": self.path,
                          "headers": {name.lower(): value for name, value in self.headers.items()},
                          "body": body.decode("utf-8", "surrogateescape"), "step": step,
                          "connection": self.client_address[1]})
        try:
            fault = getattr(self, "do_" + step, None)
            if fault:
                self.close_connection = True
                fault()
            else:
                self.answer(*step.split(";", 2))
        except OSError:
            self.close_connection = True  # the client had enough

    do_PUT = do_POST

    def answer(self, status, headers="", body=""):
        self.send_response(int(status))
        for header in filter(None, headers.split("|")):
            self.send_header(*header.split(": ", 1))
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())

    def do_reset(self):
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def do_close(self):
        self.connection.shutdown(socket.SHUT_RDWR)

    def do_hang(self):
        self.server.ends.wait()

    def do_endless(self):
        self.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while not self.server.ends.is_set():
            self.wfile.write(b"1000\r\n" + b"x" * 4096 + b"\r\n")

    def do_drip(self):
        self.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while not self.server.ends.wait(0.05):
            self.wfile.write(b"1\r\nx\r\n")

    def do_headers(self):
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while not self.server.ends.is_set():
            self.wfile.write(b"X-More: " + b"x" * 4096 + b"\r\n")

    def do_garbage(self):
        self.wfile.write(b"\x00\x01 this is no HTTP\r\n\r\n")

    def do_half(self):
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")

    def log_message(self, *_):
        pass


class HttpServer(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, script, on_request=None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.ends = threading.Event()
        self.requests = []
        self._script = list(script)
        self._on_request = on_request
        self._changed = threading.Condition()
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05},
                         daemon=True).start()

    @property
    def port(self):
        return self.server_address[1]

    def step_of(self, _body):
        """The step for this request; a test may choose it by the body instead."""
        with self._changed:
            return self._script.pop(0) if len(self._script) > 1 else self._script[0]

    def note(self, request):
        with self._changed:
            self.requests.append(request)
            if self._on_request:
                self._on_request(request)
            self._changed.notify_all()

    def wait_until(self, is_done, timeout=60):
        """Waits until the requests so far are enough."""
        with self._changed:
            if not self._changed.wait_for(lambda: is_done(self.requests), timeout):
                raise AssertionError(f"{len(self.requests)} requests, and not enough")

    def handle_error(self, *_):
        pass

    def stop(self):
        self.ends.set()
        self.shutdown()
        self.server_close()


def main():
    script = sys.argv[1:]
    is_quiet = script[0] == "--quiet"
    server = HttpServer(script[1:] if is_quiet else script,
                        None if is_quiet else lambda request: print(json.dumps(request), flush=True))
    print(server.port, flush=True)
    sys.stdin.read()
    server.ends.set()


if __name__ == "__main__":
    main()
