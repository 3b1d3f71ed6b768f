"""Programs whose traffic a proxy damages, or whose sends fail. Arguments 3 and 4: a program that logs
keyed calls, and the fault shim."""

import os
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tools"))
from programs import MAX_S, ProgramTest, environment, main  # noqa: E402
from chaos_proxy import ChaosProxy  # noqa: E402

FAULTED, SHIM = sys.argv.pop(3), sys.argv.pop(3)
CALLS = 5000
LIMIT_S = 1


class Chaos(ProgramTest):
    def proxy(self, kind, target, **faults):
        proxy = ChaosProxy(kind, target.split("//")[-1], **faults)
        self.addCleanup(proxy.stop)
        return proxy

    def log(self, url, calls=CALLS, **variables):
        """Runs the program to its end. Returns emitted, sent, lost, by its account."""
        with tempfile.TemporaryDirectory(dir="/dev/shm") as sessions:
            begun = time.monotonic()
            done = subprocess.run([FAULTED, url, sessions, self.path("oracle"), str(calls), "close",
                                   "4096", str(LIMIT_S)], timeout=MAX_S, capture_output=True,
                                  text=True, env=environment(**variables))
            self.took_s = time.monotonic() - begun
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(os.listdir(sessions), [])
        emitted, sent, lost, *_ = (int(number) for number in done.stdout.split())
        self.assertEqual(emitted, calls)
        self.assertEqual(emitted, sent + lost)
        return emitted, sent, lost

    def numbers(self, router):
        """The numbers of the calls that have arrived, and what metlog.loss messages tell."""
        found, told = [], 0
        for message in router.messages():
            if message["type"] == "metlog.loss":
                told += message["fields"]["count"]
            else:
                found.append(int(message["payload"].split()[1]))
        return found, told

    def assert_in_order(self, numbers):
        self.assertEqual(numbers, sorted(set(numbers)))

    def test_a_slow_stream_in_pieces_loses_nothing(self):
        router = self.start_router()
        proxy = self.proxy("tcp", router.zmq, delay=0.002, chop=0.5, throttle=8e6)
        self.assertEqual(self.log("tcp://" + proxy.address), (CALLS, CALLS, 0))
        router.wait_for(CALLS)
        ledger = router.stop()
        self.assert_conserved(ledger)
        self.assertEqual(self.numbers(router), (list(range(CALLS)), 0))
        self.assertGreater(proxy.stop()["chop"], 0)

    # docs/ledger.md: what libzmq had on its way is in `sent`; the router counts the gap.
    def test_connections_that_are_reset_lose_what_was_on_its_way_and_no_more(self):
        resets = 0
        for seed in range(1, 4):
            router = self.start_router(name=f"router{seed}")
            proxy = self.proxy("tcp", router.zmq, seed=seed, reset=0.03)
            _, sent, lost = self.log("tcp://" + proxy.address + "?batch=1&hold_ms=500")
            self.assertLess(self.took_s, 2 * LIMIT_S + 5)
            resets += proxy.stop().get("reset", 0)
            ledger = router.stop()
            self.assertEqual(ledger["unexplained"], 0)
            numbers, told = self.numbers(router)
            self.assert_in_order(numbers)
            self.assertLessEqual(len(numbers), sent)
            self.assertLessEqual(told, lost)
            # What did not arrive is missing in the numbers: what was given up, and what was on its
            # way; also a message that told of losses.
            if numbers and numbers[-1] == CALLS - 1:
                self.assertIn(ledger["sequence"]["missing"] - (CALLS - len(numbers)), range(4))
        self.assertGreater(resets, 0)

    def test_flipped_bits_of_a_stream_crash_neither_end(self):
        flips = 0
        for seed in range(1, 5):
            router = self.start_router(name=f"router{seed}")
            proxy = self.proxy("tcp", router.zmq, seed=seed, flip=0.2)
            self.log("tcp://" + proxy.address + "?hold_ms=200")
            self.assertLess(self.took_s, 2 * LIMIT_S + 5)
            flips += proxy.stop().get("flip", 0)
            before = len(router.messages())
            self.assertEqual(self.log(router.zmq, 100), (100, 100, 0))
            router.wait_for(before + 100)
            ledger = router.stop()
            self.assertEqual(ledger["unexplained"], 0)
            self.assertLessEqual(ledger["received"], CALLS + 100)
        self.assertGreater(flips, 10)

    def test_a_connection_that_stands_still_holds_up_no_close(self):
        router = self.start_router()
        proxy = self.proxy("tcp", router.zmq, stall=20000)
        self.log("tcp://" + proxy.address)
        self.assertLess(self.took_s, 2 * LIMIT_S + 5)
        self.assertEqual(proxy.stop()["stall"], 1)
        ledger = router.stop()
        self.assertEqual(ledger["unexplained"], 0)
        numbers, _ = self.numbers(router)
        self.assertEqual(numbers, list(range(len(numbers))))
        self.assertLess(len(numbers), CALLS)

    def test_datagrams_arrive_as_the_network_passes_them(self):
        for share in (0.05, 0.2, 0.5):
            router = self.start_router(name=f"router{share}")
            proxy = self.proxy("udp", router.udp, drop=share, duplicate=0.1, reorder=0.1)
            self.assertEqual(self.log("udp://" + proxy.address), (CALLS, CALLS, 0))
            proxy.finish()
            done = proxy.stop()
            self.assertGreater(done["drop"], CALLS * share / 2)
            self.assertEqual(done["datagrams"], CALLS)
            self.assertEqual(done["passed"], CALLS - done["drop"] + done["duplicate"])
            router.wait_for(done["passed"])
            self.assert_conserved(router.stop())
            numbers, _ = self.numbers(router)
            self.assertEqual(len(numbers), done["passed"])
            self.assertEqual(len(set(numbers)), CALLS - done["drop"])

    def test_the_gaps_of_batched_datagrams_are_what_the_network_lost(self):
        for share in (0.05, 0.2, 0.5):
            router = self.start_router(name=f"router{share}")
            proxy = self.proxy("udp", router.udp, drop=share)
            url = f"udp://{proxy.address}?batch=1&max_datagram=1400"
            self.assertEqual(self.log(url), (CALLS, CALLS, 0))
            proxy.finish()
            done = proxy.stop()
            self.assertGreater(done["drop"], done["datagrams"] * share / 3)
            self.assertEqual(self.log(router.udp, 1), (1, 1, 0))
            ledger = router.stop()
            self.assert_conserved(ledger)
            numbers, _ = self.numbers(router)
            end = numbers.pop()  # of the second program
            self.assert_in_order(numbers)
            at_the_end = end - 1 - numbers[-1]
            self.assertEqual(len(numbers) + ledger["sequence"]["missing"] + at_the_end, CALLS)

    def test_every_flipped_bit_of_a_batched_datagram_is_found(self):
        router = self.start_router()
        proxy = self.proxy("udp", router.udp, flip=0.1)
        self.assertEqual(self.log("udp://" + proxy.address + "?batch=1"), (CALLS, CALLS, 0))
        proxy.finish()
        done = proxy.stop()
        self.assertEqual(self.log(router.udp, 1), (1, 1, 0))
        ledger = router.stop()
        # One that is hit where it says what it is, is read as a plain message, which it is not.
        self.assertEqual(ledger["frames"]["damaged"] + ledger["rejected"], done["flip"])
        self.assertEqual(ledger["unexplained"], 0)
        numbers, _ = self.numbers(router)
        numbers.pop()  # of the second program
        self.assert_in_order(numbers)
        at_the_end = CALLS - 1 - numbers[-1]
        self.assertEqual(len(numbers) + ledger["sequence"]["missing"] + at_the_end, CALLS)

    def test_a_send_that_fails_is_told(self):
        lost_in_all = 0
        for seed in range(1, 6):
            router = self.start_router(name=f"router{seed}")
            plan = f"seed={seed} first=4000 send%5:EINTR send%5:EAGAIN send%3:ECONNREFUSED send%2:SHORT"
            _, sent, lost = self.log(router.udp, LD_PRELOAD=SHIM, METLOG_FAULTS=plan)
            ledger = router.stop()
            self.assertEqual(ledger["unexplained"], 0)
            numbers, told = self.numbers(router)
            self.assert_in_order(numbers)
            self.assertEqual((len(numbers), told), (sent, lost))
            lost_in_all += lost
        self.assertGreater(lost_in_all, 0)


if __name__ == "__main__":
    main()
