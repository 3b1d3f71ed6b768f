"""Encrypted connections, as a user makes them: `metlog keygen`, metlogd's `curve_key`, and the
clients' `curve_server_key`."""

import os
import stat
import unittest

from configured import Configured, metlogd
from programs import main, metlog, read_messages


class Curve(Configured):
    def setUp(self):
        super().setUp()
        done = metlog("keygen", self.path("router"))
        if "without CURVE" in done.stderr:
            raise unittest.SkipTest(done.stderr)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout, f"{self.path('router')}.key (secret) and "
                                      f"{self.path('router')}.pub\n")

    def keys_of(self, name):
        self.assertEqual(metlog("keygen", self.path(name)).returncode, 0)
        return self.path(name)

    def test_makes_keys_that_only_their_owner_reads_and_overwrites_none(self):
        with open(self.path("router.key"), encoding="ascii") as file:
            key = file.read()
        self.assertEqual(len(key), 41)
        self.assertEqual(stat.S_IMODE(os.stat(self.path("router.key")).st_mode), 0o600)
        done = metlog("keygen", self.path("router"))
        self.assertEqual(done.returncode, 2)
        self.assertIn("router.key", done.stderr)
        self.assertIn("not overwritten", done.stderr)
        with open(self.path("router.key"), encoding="ascii") as file:
            self.assertEqual(file.read(), key)

    def test_a_router_takes_those_who_know_its_key_and_no_others(self):
        self.write(f"""
[input.curve]
type = "zmq"
address = "tcp://127.0.0.1:*"
curve_key = "{self.path("router.key")}"
[input.asked]
type = "handshake"
address = "tcp://127.0.0.1:*"
curve_key = "{self.path("router.key")}"
{self.file_output("out")}""")
        self.start()
        [asked] = [endpoint.removeprefix("handshake+") for endpoint in self.endpoints
                   if endpoint.startswith("handshake")]
        url = [endpoint for endpoint in self.endpoints if endpoint.startswith("tcp:")][-1]
        with_key = f"{url}?hold_ms=60000&curve_server_key={self.path('router.pub')}"
        client = f"&curve_key={self.keys_of('client')}.key"
        for name, options in ("a", ""), ("b", client), ("c", f"&handshake={asked}"):
            done = metlog("send", "--to", with_key + options, "--type", name)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.wait_for_lines("out", 3)
        other = f"?hold_ms=200&curve_server_key={self.keys_of('other')}.pub"
        for options in "?hold_ms=200", other:
            done = metlog("send", "--to", url + options, "--type", "refused")
            self.assertEqual(done.returncode, 1)
            self.assertIn("no_receiver 1", done.stderr)
        self.stop()
        self.assertEqual([one["type"] for one in read_messages(self.path("out"))], ["a", "b", "c"])

    def test_a_router_with_a_list_takes_those_in_it_and_others_once_they_are_added(self):
        os.mkdir(self.path("clients"))
        self.keys_of("clients/known")
        unknown = self.keys_of("unknown")
        self.write(f"""
[input.curve]
type = "zmq"
address = "tcp://0.0.0.0:*"
curve_key = "{self.path("router.key")}"
curve_clients = "{self.path("clients")}"
{self.file_output("out")}""")
        self.start()
        port = [endpoint for endpoint in self.endpoints if "0.0.0.0" in endpoint][0].split(":")[-1]
        url = f"tcp://127.0.0.1:{port}?curve_server_key={self.path('router.pub')}"

        def send(kind, key, hold_ms):
            return metlog("send", "--type", kind, "--to",
                          url + f"&hold_ms={hold_ms}" + (f"&curve_key={key}.key" if key else ""))

        self.assertEqual(send("known", self.path("clients/known"), 60000).returncode, 0)
        for key in "", unknown:
            done = send("refused", key, 300)
            self.assertEqual(done.returncode, 1)
            self.assertIn("no_receiver 1", done.stderr)
        os.rename(unknown + ".pub", self.path("clients/unknown.pub"))
        self.assertEqual(send("added", unknown, 60000).returncode, 0)
        os.remove(self.path("clients/known.pub"))
        self.assertEqual(send("removed", self.path("clients/known"), 300).returncode, 1)
        self.wait_for_lines("out", 2)
        ledger = self.stop()
        self.assertEqual([one["type"] for one in read_messages(self.path("out"))],
                         ["known", "added"])
        self.assertGreaterEqual(sum(one.get("refused_clients", 0) for one in ledger["inputs"]), 3)
        with open(self.path("stderr"), encoding="utf-8") as file:
            self.assertIn("refused a client from 127.0.0.1 with the public key", file.read())

    def test_a_list_that_is_none_is_refused(self):
        for folder, files, complaint in (("absent", False, "absent"), ("wrong", True, "x.pub")):
            if files:
                os.mkdir(self.path(folder))
                with open(self.path(f"{folder}/x.pub"), "w", encoding="ascii") as file:
                    file.write("no key")
            self.write(f"""[input.curve]
type = "zmq"
address = "tcp://127.0.0.1:*"
curve_key = "{self.path("router.key")}"
curve_clients = "{self.path(folder)}"
{self.file_output("out")}""")
            done = metlogd("--config", self.file)
            self.assertEqual(done.returncode, 2)
            self.assertIn(complaint, done.stderr)
            self.assertIn("metlog keygen", done.stderr)

    def test_a_key_that_others_can_read_is_refused_at_its_place(self):
        os.chmod(self.path("router.key"), 0o644)
        self.write(f"""[input.curve]
type = "zmq"
address = "tcp://127.0.0.1:*"
curve_key = "{self.path("router.key")}"
{self.file_output("out")}""")
        done = metlogd("--check", self.file)
        self.assertEqual(done.returncode, 2)
        self.assertIn("curve_key", done.stderr)
        self.assertIn("chmod 600", done.stderr)


if __name__ == "__main__":
    main()
