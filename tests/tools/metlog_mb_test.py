"""metlog mb, as tests/golden/mb_cli.json recorded the original's mb; statements 259-261."""

import json
import signal
import socket

from programs import ENVELOPE_KEYS, MAX_S, ProgramTest, main, metlog

TEMPLATE = {"severity": 6, "metlog_hostname": "spire", "metlog_pid": 34328,
            "logger": "syncstorage", "env_version": "0.8", "type": "services", "payload": "foo",
            "fields": {"req_time": 4, "userid": 25}}


class Mb(ProgramTest):
    def setUp(self):
        super().setUp()
        self.open_receiver()

    def open_receiver(self):
        """A new socket, in which nothing of an earlier mb waits."""
        self.receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(self.receiver.close)
        self.receiver.bind(("127.0.0.1", 0))
        self.receiver.settimeout(MAX_S)
        self.port = str(self.receiver.getsockname()[1])

    def first_datagrams(self, *options):
        """The first two datagrams; then mb is ended by a signal."""
        self.open_receiver()
        mb = self.start_metlog("mb", "127.0.0.1", self.port, *options)
        received = [self.receiver.recv(65536) for _ in range(2)]
        mb.send_signal(signal.SIGTERM)
        output, errors = mb.communicate(timeout=MAX_S)
        self.assertEqual((mb.returncode, output, errors), (0, b"", b""))
        return received

    def test_sends_messages_of_logger_mb_until_it_is_stopped(self):
        for datagram in self.first_datagrams():
            message = json.loads(datagram)
            self.assertEqual(set(message), ENVELOPE_KEYS)
            self.assertEqual({**message, "timestamp": 0, "metlog_hostname": 0, "metlog_pid": 0},
                             {"severity": 6, "timestamp": 0, "metlog_hostname": 0, "fields": {},
                              "metlog_pid": 0, "logger": "mb", "type": "MBTEST",
                              "payload": "MBTEST", "env_version": "0.8"})

    def test_sends_one_ready_message_again_and_again(self):
        for options in (["--raw"], ["--ra"], ["--raw", "--metlogcfg=none.ini"]):
            first, second = self.first_datagrams(*options)
            self.assertEqual(first, second)
            message = json.loads(first)
            self.assertRegex(message.pop("timestamp"), r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")
            self.assertEqual(message, TEMPLATE)

    def test_takes_its_client_from_a_configuration(self):
        with open(self.path("mb.ini"), "w", encoding="utf-8") as file:
            file.write("[metlog]\nlogger = from_ini\nsender_class = metlog.senders.UdpSender\n"
                       f"sender_host = 127.0.0.1\nsender_port = {self.port}\n")
        mb = self.start_metlog("mb", "nowhere.invalid", "1", "--metl=" + self.path("mb.ini"))
        message = json.loads(self.receiver.recv(65536))
        self.assertEqual((message["logger"], message["type"]), ("from_ini", "MBTEST"))
        mb.send_signal(signal.SIGINT)
        self.assertEqual(mb.wait(MAX_S), 0)

    def test_ends_with_1_for_what_it_does_not_take(self):
        usage = "Usage:\n  metlog mb HOST PORT [--metlogcfg=<ini_file>] [--raw]\n"
        for arguments in (["127.0.0.1"], [], ["127.0.0.1", self.port, "--bogus"],
                          ["127.0.0.1", self.port, "third"]):
            done = metlog("mb", *arguments)
            self.assertEqual((done.returncode, done.stdout), (1, ""), arguments)
            self.assertIn(usage, done.stderr)
        for arguments, why in ((["127.0.0.1", "abc"], 'PORT is "abc"'),
                               (["127.0.0.1", "0"], 'PORT is "0"'),
                               (["127.0.0.1", "65536", "--raw"], 'PORT is "65536"'),
                               (["h", "1", "--metlogcfg=none.ini"], "none.ini")):
            done = metlog("mb", *arguments)
            self.assertEqual((done.returncode, done.stdout), (1, ""), arguments)
            self.assertIn(why, done.stderr)

    def test_helps(self):
        for option in ("--help", "-h", "--he"):
            done = metlog("mb", option)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertIn("Examples:", done.stdout)


if __name__ == "__main__":
    main()
