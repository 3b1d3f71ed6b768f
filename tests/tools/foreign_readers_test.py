"""Programs that are not metlog's read what it sends: a subscriber of pyzmq, and journald with
journalctl. Each receives exactly what was sent."""

import json
import os
import subprocess
import sys

from programs import (ENVELOPE_KEYS, MAX_S, ProgramTest, Programs, environment, main, metlog)

# Prints its port and, when it has so many messages, each as a line: its number of frames and its
# bytes in hexadecimal.
SUBSCRIBER = """
import sys, zmq
socket = zmq.Context().socket(zmq.SUB)
socket.setsockopt(zmq.SUBSCRIBE, b"")
socket.setsockopt(zmq.RCVTIMEO, 60000)
print(socket.bind_to_random_port("tcp://127.0.0.1"), flush=True)
messages = [socket.recv_multipart() for _ in range(int(sys.argv[1]))]
for frames in messages:
    print(len(frames), b"".join(frames).hex())
socket.setsockopt(zmq.RCVTIMEO, 200)
try:
    print("more:", socket.recv())
except zmq.Again:
    pass
"""
# In a mount namespace: starts a journald, sends a message to each of $2 URLs with the arguments
# after them, and prints the entries of the identifier $1.
JOURNALD = """
set -e
for directory in /run /var/log; do mount -t tmpfs tmpfs "$directory"; done
mkdir -p /run/systemd/journal /run/log/journal
/lib/systemd/systemd-journald 2>/run/said & journald=$!
while ! [[ -S /run/systemd/journal/socket ]]; do kill -0 "$journald"; sleep 0.01; done
mark=$1 urls=("${@:3:$2}")
for url in "${urls[@]}"; do "$0" send --to "$url" "${@:3+$2}"; done
journalctl --sync
journalctl --quiet --no-pager --output=json --identifier="$mark"
kill "$journald"
"""
TEXTS = ["plain", "gr\u00fcn \u65e5\u672c", "quote \" backslash \\ tab \t", "\x1b[31m", "{\"a\": 1}",
         "x" * 8_000, "-", " "]


def python_with_zmq():
    """The path of an interpreter that has pyzmq: this one, or Debian's, for which it is packaged."""
    for python in (sys.executable, "/usr/bin/python3"):
        try:
            if subprocess.run([python, "-c", "import zmq"], capture_output=True, check=False,
                              timeout=MAX_S).returncode == 0:
                return python
        except OSError:
            continue
    return None


class ZmqSubscriber(ProgramTest):
    def setUp(self):
        super().setUp()
        self.python = python_with_zmq()
        if self.python is None:
            self.skipTest("no Python here has pyzmq; tools/deps installs python3-zmq")

    def subscribe(self, count):
        """Starts a subscriber of so many messages. Returns it and its URL."""
        reader = subprocess.Popen([self.python, "-c", SUBSCRIBER, str(count)], text=True,
                                  stdout=subprocess.PIPE)

        def end():
            reader.kill()
            reader.communicate()
        self.addCleanup(end)
        return reader, "tcp://127.0.0.1:" + reader.stdout.readline().strip()

    def read(self, reader):
        """The messages that it has got, of a frame each."""
        messages = []
        for line in reader.communicate(timeout=MAX_S)[0].splitlines():
            frames, content = line.split()
            self.assertEqual(frames, "1")
            messages.append(json.loads(bytes.fromhex(content)))
        return messages

    def test_gets_every_message_as_it_was_sent(self):
        texts = TEXTS + [f"line {number}" for number in range(5000)]
        reader, url = self.subscribe(len(texts))
        done = metlog("send", "--to", url, "--type", "line", "--logger", "shop", "--stdin",
                      "--field", "n:=1.5", "--field", "text=b c", "--wait", "60",
                      stdin="\n".join(texts).encode())
        self.assert_silent_success(done)
        messages = self.read(reader)
        self.assertEqual([message["payload"] for message in messages], texts)
        for message in messages:
            self.assertEqual(set(message), ENVELOPE_KEYS)
            self.assertEqual([message[key] for key in ("type", "logger", "severity", "fields")],
                             ["line", "shop", 6, {"n": 1.5, "text": "b c"}])

    def test_gets_the_lines_of_another_format(self):
        reader, url = self.subscribe(len(TEXTS))
        done = metlog("send", "--to", url + "?format=gelf", "--type", "line", "--stdin", "--wait",
                      "60", stdin="\n".join(TEXTS).encode())
        self.assert_silent_success(done)
        self.assertEqual([message["short_message"] for message in self.read(reader)], TEXTS)


class Journal(ProgramTest):
    def setUp(self):
        super().setUp()
        if subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode:
            self.skipTest("only root may have a journald of its own; see JournaldTest")
        if not os.path.exists("/lib/systemd/systemd-journald"):
            self.skipTest("no systemd-journald here; see JournaldTest")

    def entries(self, *sends):
        """What journalctl shows of these messages, sent by the name of this test."""
        mark = self.directory.rsplit("/", 1)[-1]
        urls = [f"{url}app={mark}" for url in sends]
        arguments = ["--type", "line", "--severity", "warning", "--payload", 'a "b"\n\u00fc \\',
                     "--field", "user=joe"]
        done = subprocess.run(["unshare", "-m", "bash", "-c", JOURNALD, Programs.metlog, mark,
                               str(len(urls)), *urls, *arguments], capture_output=True, text=True,
                              timeout=MAX_S, env=environment(), check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return [json.loads(line) for line in done.stdout.splitlines()]

    def test_has_every_field_of_a_message(self):
        [entry] = self.entries("journald:?")
        self.assertEqual([entry[key] for key in ("MESSAGE", "PRIORITY", "USER", "TYPE")],
                         ['a "b"\n\u00fc \\', "4", "joe", "line"])

    def test_reads_syslog_of_rfc_3164(self):
        [entry] = self.entries("syslog:/run/systemd/journal/dev-log?rfc=3164&facility=local3&")
        self.assertEqual([entry[key] for key in ("MESSAGE", "PRIORITY", "SYSLOG_FACILITY")],
                         ['line a "b"\\n\u00fc \\\\ user=joe', "4", "19"])


if __name__ == "__main__":
    main()
