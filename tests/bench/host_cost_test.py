"""host_cost, end to end and short: every row is measured and its books balance. Figures are not judged,
since other tests run meanwhile.

    host_cost_test.py HOST_COST
"""

import json
import math
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

PROGRAM = sys.argv.pop(1)
METLOGD = pathlib.Path(PROGRAM).parent / "metlogd"
LIMIT_S = 120

# Of each workload, what a row must have beyond the counts that all have.
FIGURES = {"units": {"units_per_s", "kept_percent"},
           "rate": {"messages_per_s"},
           "burst": {"lost_percent"},
           "latency": {"p50_us", "p99_us", "max_us", "samples"},
           "memory": {"resident_kb", "resident_kb_above"},
           "starved": {"lost_percent"},
           "http": {"requests_per_s", "kept_percent", "us_per_message"}}
COUNTS = {"cpu_percent", "voluntary_per_s", "involuntary_per_s", "writes_per_s", "bytes_per_write"}

# A metlogd that removes the last line of its file before it ends.
FORGETFUL = """#!/bin/sh
METLOGD "$@" &
router=$!
trap 'kill -TERM $router' TERM
wait $router
wait $router
while [ $# -gt 0 ]; do
  if [ "$1" = --out ]; then sed -i '$d' "$2"; fi
  shift
done
"""


class HostCost(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="metlog-host-cost-")
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)

    def run_program(self, *arguments, env=None):
        return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, check=False,
                              timeout=LIMIT_S, env=env)

    def measure(self, *arguments):
        bill = self.directory / "bill.json"
        done = self.run_program("--dir", str(self.directory), "--json", str(bill), *arguments)
        self.assertEqual(done.stderr, "")
        return done, json.loads(bill.read_text(encoding="utf-8"))

    def listed(self, what):
        lines = self.run_program("--list").stdout.splitlines()
        return next(line for line in lines if line.startswith(what)).split()[1:]

    def assert_row_is_whole(self, row):
        self.assertEqual(row["errors"], [])
        books = row["books"]
        self.assertEqual(books["unaccounted"], 0)
        self.assertEqual(books["emitted"], books["delivered"] + books["lost"])
        self.assertEqual(books["emitted"] > 0, row["subject"] != "none")
        names = FIGURES[row["workload"]] | (set() if row["workload"] == "memory" else COUNTS)
        self.assertEqual(names - set(row["figures"]), set())
        for name, figure in row["figures"].items():
            self.assertEqual(len(figure["rounds"]), 2, name)
            for value in (figure["p10"], figure["p50"], figure["p90"], *figure["rounds"]):
                self.assertTrue(math.isfinite(value), name)
        if row["workload"] != "memory":
            self.assertIn("worker", [thread["name"] for thread in row["threads"]])

    def test_measures_every_subject_in_each_workload_and_accounts_for_every_message(self):
        cases = ["units/20", "rate/idle", "rate/10000", "rate/flat", "burst/6000x4/10ms",
                 "latency/10000", "latency/quiet", "latency/severe", "memory/200",
                 "starved/50000/nice0"]
        if shutil.which("wrk"):
            cases.insert(-1, "http/3")
        done, bill = self.measure("--rounds", "2", "--seconds", "0.03", "--only", ",".join(cases))
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertTrue(bill["sound"])
        self.assertEqual((bill["rounds"], bill["interrupted"]), (2, False))
        subjects = self.listed("subjects")
        without = {"burst": {"none"}, "starved": {"none"}, "latency": {"none", "metlog-null"}}
        expected = [(case, subject) for case in cases for subject in subjects
                    if subject not in without.get(case.split("/")[0], ())]
        self.assertEqual([(row["case"], row["subject"]) for row in bill["rows"]], expected)
        for row in bill["rows"]:
            with self.subTest(case=row["case"], subject=row["subject"]):
                self.assert_row_is_whole(row)
        for case, subject in expected:
            self.assertRegex(done.stdout, rf"(?m)^  {subject} ")
            self.assertIn(f"\n{case}: ", done.stdout)
        self.assertEqual(list(self.directory.iterdir()), [self.directory / "bill.json"])

    def test_finds_a_message_that_is_neither_in_the_file_nor_counted_as_lost(self):
        forgetful = self.directory / "forgetful"
        forgetful.write_text(FORGETFUL.replace("METLOGD", str(METLOGD)), encoding="utf-8")
        forgetful.chmod(0o755)
        done, bill = self.measure("--rounds", "1", "--seconds", "0.05", "--only", "rate/1000",
                                  "--subjects", "metlog-zmq", "--metlogd", str(forgetful))
        self.assertEqual(done.returncode, 1)
        self.assertFalse(bill["sound"])
        self.assertEqual(bill["rows"][1]["books"]["unaccounted"], 1)
        self.assertIn("UNACCOUNTED: rate/1000 metlog-zmq: +1 messages", done.stdout)

    def test_a_subject_that_cannot_be_opened_is_an_error_of_its_row(self):
        missing = self.directory / "missing"
        bill = self.directory / "bill.json"
        done = self.run_program("--rounds", "1", "--seconds", "0.01", "--only", "units/2",
                                "--subjects", "metlog-json", "--dir", str(missing), "--json", str(bill))
        self.assertEqual(done.returncode, 1)
        self.assertIn("not measured: units/2 metlog-json, 1 of 1 rounds: ", done.stdout)
        self.assertIn(str(missing), done.stdout)

    def test_leaves_out_requests_where_nothing_can_send_them_and_says_what_to_install(self):
        without = {**os.environ, "PATH": str(self.directory)}
        alone = self.run_program("--rounds", "1", "--only", "http", env=without)
        said = "host_cost: http/3 is not measured: "
        self.assertEqual((alone.returncode, alone.stdout), (2, ""))
        self.assertTrue(alone.stderr.startswith(said), alone.stderr)
        self.assertRegex(alone.stderr, "apt-get install (wrk|libcpp-httplib-dev)")
        beside = self.run_program("--rounds", "1", "--seconds", "0.01", "--only", "http,rate/idle",
                                  "--subjects", "metlog-json", "--dir", str(self.directory), env=without)
        self.assertEqual(beside.returncode, 0, beside.stderr)
        self.assertTrue(beside.stderr.startswith(said), beside.stderr)
        self.assertIn("rate/idle: ", beside.stdout)

    def test_refuses_what_it_does_not_know(self):
        for arguments, named in ((["--only", "units/20,unit"], "'unit' names no case"),
                                 (["--subjects", "quill"], "'quill' names no subject"),
                                 (["--metlogd", "/no/metlogd"], "'/no/metlogd' cannot be run"),
                                 (["--json", "/no/bill.json"], "/no/bill.json"),
                                 (["--rounds", "0"], "--rounds"),
                                 (["--seconds", "nan"], "--seconds")):
            with self.subTest(arguments=arguments):
                done = self.run_program(*arguments)
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertIn(named, done.stderr)

    def test_reports_what_it_has_when_it_is_interrupted_and_leaves_no_files(self):
        program = subprocess.Popen([PROGRAM, "--dir", str(self.directory), "--only", "rate/idle",
                                    "--seconds", "0.1", "--rounds", "10000"],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   start_new_session=True)
        deadline = time.monotonic() + LIMIT_S
        while not any(self.directory.iterdir()) and time.monotonic() < deadline:
            time.sleep(0.002)
        os.killpg(program.pid, signal.SIGINT)  # as a terminal does
        output, errors = program.communicate(timeout=LIMIT_S)
        self.assertEqual((program.returncode, errors), (130, ""))
        self.assertIn("interrupted", output)
        self.assertEqual(list(self.directory.iterdir()), [])


if __name__ == "__main__":
    unittest.main()
