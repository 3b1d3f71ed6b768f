"""metlog tune, end to end: real processes, sockets and files."""

import json
import re
import shutil
import signal
import subprocess

from programs import MAX_S, ProgramTest, main, metlog

PHASES = ("latency", "throughput", "units")


def all_rows(result):
    confirmation = result["confirmation"]
    return result["rows"] + confirmation["defaults"] + confirmation["chosen"]


class Tune(ProgramTest):
    def assert_adds_up(self, result):
        for row in all_rows(result):
            for phase in (row[name] for name in PHASES):
                with self.subTest(row=row):
                    self.assertEqual(phase["emitted"], phase["delivered"] + phase["lost"])
                    self.assertEqual(phase["lost"], sum(phase["lost_by_reason"].values()))
                    if phase["status"] == "ok":
                        self.assertEqual(phase["lost"], 0)
                        self.assertGreater(phase["delivered"], 0)

    def assert_loads_nothing(self, path):
        with open(path, encoding="utf-8") as file:
            page = file.read()
        self.assertNotRegex(page, r"https?:|<link|@import|url\(|\bsrc=")
        self.assertTrue(page.endswith("</html>\n"))
        return page

    def tune(self, *arguments):
        done = metlog("tune", "--json", *arguments)
        self.assertEqual(done.stderr, "")
        result = json.loads(done.stdout)
        self.assertEqual(done.stdout.count("\n"), 1)
        self.assert_adds_up(result)
        return done.returncode, result

    def test_measures_every_transport_within_its_budget_and_accounts_for_each_row(self):
        for budget in ("3s", "15s", "60s"):  # a machine that does much else may need more
            report = self.path(f"report-{budget}.html")
            code, result = self.tune("--budget", budget, "--quick", "--transports", "all",
                                     "--report", report)
            if code == 0:
                break
        self.assertEqual(code, 0)
        self.assertFalse(result["interrupted"])
        transports = [row for row in result["rows"] if row["axis"] == "transport"]
        self.assertEqual(transports[0]["value"], "null")
        self.assertIn(result["chosen"]["setting"]["transport"],
                      [row["value"] for row in transports if row["status"] == "ok"])
        self.assert_chosen_configures(result["chosen"])
        page = self.assert_loads_nothing(report)
        embedded = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
        self.assertEqual(json.loads(embedded[1]), result)
        if shutil.which("chromium") is not None:
            self.assert_draws(report, result)

    def assert_draws(self, report, result):
        done = subprocess.run(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=2000",
             "--window-size=390,800", f"--user-data-dir={self.path('browser')}", "--dump-dom",
             f"file://{report}"],
            capture_output=True, text=True, timeout=MAX_S, check=False)
        page = re.sub(r"<script.*?</script>", "", done.stdout, flags=re.S)
        self.assertNotIn("could not be drawn", page)
        for axis in {row["axis"] for row in result["rows"]}:
            title = next(each["title"] for each in result["axes"] if each["name"] == axis)
            self.assertIn(f"<h2>{title[0].upper()}{title[1:]}</h2>", page)
        pictures = re.findall(r'<svg role="img"[^>]*>', page)
        # One for each axis that was measured, and those of all rows; a slow machine leaves axes out.
        self.assertGreaterEqual(len(pictures), 4)
        for picture in pictures:
            self.assertRegex(picture, r'viewBox="0 0 \d+ \d+"')
        self.assertNotRegex(page, r"NaN|undefined|Infinity")

    def assert_chosen_configures(self, chosen):
        """The three forms of the choice say the same, and a client would take them."""
        self.assertIn(chosen["url"], chosen["code"])
        for name, text in (("chosen.ini", chosen["ini"]), ("chosen.json",
                                                           json.dumps(chosen["config"]))):
            with open(self.path(name), "w", encoding="utf-8") as file:
                file.write(text)
            done = metlog("config", "--check", self.path(name))
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            read = json.loads(done.stdout)
            for key, value in chosen["config"].items():
                self.assertEqual(read[key], value)

    def test_says_what_logging_costs_the_host(self):
        code, result = self.tune("--budget", "2s", "--quick", "--transport", "null", "--no-report")
        self.assertEqual(code, 0)
        for row in all_rows(result):
            kept = row["kept"]
            self.assertGreater(kept["percent"], 0)
            self.assertGreaterEqual(kept["cpu_us_per_message"], 0)
            self.assertGreaterEqual(kept["idle_cpu_percent"], 0)

    def test_takes_the_transport_for_a_requirement(self):
        code, result = self.tune("--budget", "2s", "--quick", "--transport", "ipc", "--no-report")
        self.assertEqual(code, 0)
        self.assertEqual({row["setting"]["transport"] for row in all_rows(result)}, {"ipc"})
        self.assertRegex(result["version"], r"^\d+\.\d+\.\d+$")
        self.assertRegex(result["date"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")

    def test_counts_at_the_receiver_what_leaves_over_zmq_and_udp(self):
        for transport in ("tcp", "ipc", "udp", "file"):
            code, result = self.tune("--budget", "1s", "--quick", "--transport", transport,
                                     "--rate", "20000", "--no-report")
            self.assertIn(code, (0, 1))  # a machine that is too busy does not hold the rate
            first = result["rows"][0]
            self.assertEqual(first["setting"]["transport"], transport)
            self.assertGreater(first["latency"]["delivered"], 0)
            self.assertGreater(first["throughput"]["delivered"], 0)

    def test_says_that_the_disk_is_full_and_chooses_nothing(self):
        code, result = self.tune("--budget", "2s", "--quick", "--transport", "file", "--file",
                                 "/dev/full", "--no-report")
        self.assertEqual(code, 1)
        self.assertIsNone(result["chosen"])
        row = result["rows"][0]
        self.assertEqual((row["status"], row["remark"]), ("disk_full", "disk full"))
        self.assertGreater(row["throughput"]["lost_by_reason"]["refused"], 0)
        self.assertIsNone(row["throughput"]["per_second"])

    def test_says_that_a_rate_was_not_held(self):
        code, result = self.tune("--budget", "1s", "--quick", "--transport", "null", "--rate",
                                 "1000000000", "--no-report")
        self.assertEqual(code, 1)
        self.assertEqual(result["rows"][0]["status"], "rate_not_held")

    def test_prints_a_table_without_colours_and_what_to_paste(self):
        done = metlog("tune", "--budget", "2s", "--quick", "--transport", "null", "--no-report")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertNotIn("\x1b", done.stdout)
        self.assertIn("delivered/s", done.stdout)
        self.assertIn("chosen for balanced: null", done.stdout)
        for form in ("\nC++:\n", "\nINI:\n[metlog]\n", '\nJSON:\n{"sender_url": "null:"'):
            self.assertIn(form, done.stdout)
        self.assertRegex(done.stdout, r'(metlog::|engine\.)open\("null:"')

    def interrupt(self, number):
        report = self.path("report.html")
        tune = self.start_metlog("tune", "--budget", "600s", "--transport", "null", "--json",
                                 "--file", self.path("lines"), "--report", report)
        # Once the child that measures the second row exists, the first row is measured.
        self.wait_for_a_row(tune.pid)
        tune.send_signal(number)
        output, errors = tune.communicate(timeout=MAX_S)
        self.assertEqual((tune.returncode, errors), (130, b""))
        result = json.loads(output)
        self.assertTrue(result["interrupted"])
        self.assertGreaterEqual(len(result["rows"]), 1)
        self.assert_adds_up(result)
        self.assertIn("Interrupted", self.assert_loads_nothing(report))

    @staticmethod
    def wait_for_a_row(pid):
        children = set()
        while len(children) < 4:  # three processes per row
            with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
                children.update(file.read().split())

    def test_reports_what_it_measured_at_ctrl_c(self):
        self.interrupt(signal.SIGINT)

    def test_reports_what_it_measured_when_it_is_terminated(self):
        self.interrupt(signal.SIGTERM)


class Usage(ProgramTest):
    def assert_refused(self, arguments, *texts):
        done = metlog("tune", *arguments)
        with self.subTest(arguments=arguments):
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            for text in ("metlog: ", *texts):
                self.assertIn(text, done.stderr)

    def test_names_the_value_at_fault_and_the_next_step(self):
        self.assert_refused(["--budget", "soon"], '"soon"', "90s", "metlog tune --help")
        self.assert_refused(["--budget", "0s"], '"0s"', "1s to 24h")
        self.assert_refused(["--goal", "speed"], '"speed"', "latency, throughput")
        self.assert_refused(["--transport", "smoke"], '"smoke"', "udp-batched")
        self.assert_refused(["--transport", "tcp,file"], '"tcp,file"', "--transports")
        self.assert_refused(["--transports", "tcp,smoke"], '"smoke"', "udp-batched")
        self.assert_refused(["--transport", "tcp", "--transports", "all"], "--transports")
        self.assert_refused(["--threads", "0"], "--threads", "0")
        self.assert_refused(["--size", "-1"], "--size")
        self.assert_refused(["--rate", "0"], "--rate")
        self.assert_refused(["--report", "x", "--no-report"], "--no-report")
        self.assert_refused(["--bogus"], "--bogus", "metlog tune --help")

    def test_does_not_overwrite_a_file(self):
        with open(self.path("mine"), "w", encoding="ascii") as file:
            file.write("precious")
        self.assert_refused(["--file", self.path("mine")], "would be overwritten")

    def test_refuses_a_report_that_cannot_be_written_before_it_measures(self):
        self.assert_refused(["--report", "/no/such/directory/x.html"], "/no/such/directory/x.html")

    def test_help_teaches_and_hides_the_measuring_command(self):
        done = metlog("tune", "--help")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("Examples:", done.stdout)
        self.assertNotIn("tune-point", metlog("--help").stdout)


if __name__ == "__main__":
    main()
