"""Runs every command and compiles every statement of the documents, and proves that an untruth of
each kind is found.

    documents_test.py BUILD_DIRECTORY COMPILER
"""

import pathlib
import re
import sys
import unittest

import commands
import names
import snippets
from documents import Document, documents


def untruths(text):
    """What all three checks find in a document of this source."""
    document = Document("seeded.md", text)
    return [*names.check(document), *snippets.check([document], COMPILER),
            *commands.check(document, BUILD)]


class TheDocuments(unittest.TestCase):
    def test_commands_do_what_is_shown(self):
        for document in documents():
            with self.subTest(document.name):
                self.assertEqual(list(commands.check(document, BUILD)), [])

    def test_statements_compile(self):
        self.assertEqual(list(snippets.check(documents(), COMPILER)), [])


class TheGoldenData(unittest.TestCase):
    """tests/golden/README.md names each file of it with the tests that replay it."""

    def test_is_replayed_by_the_tests_that_are_named(self):
        tests = pathlib.Path(__file__).resolve().parents[1]
        table = dict(re.findall(r"^\| `([^`]+)` \| (.+) \|$",
                                (tests / "golden/README.md").read_text(encoding="utf-8"), re.M))
        there = {path.name for path in (tests / "golden").iterdir()} - {"README.md"}
        self.assertEqual(there - table.keys(), set())
        sources = "\n".join(path.read_text(encoding="utf-8") for path in tests.rglob("*.cc"))
        programs = {path.name: path.read_text(encoding="utf-8")
                    for path in (tests / "tools").glob("*.py")}
        named = {f"{suite}.{name}" for suite, name in
                 re.findall(r"^TEST(?:_F|_P)?\((\w+),\s*(\w+)\)", sources, re.M)}
        suites = {name.split(".")[0] + ".*" for name in named}
        for file in there:
            for test in table[file].split(", "):
                self.assertTrue(test in named | suites | programs.keys(), f"{file}: {test}")
            # What is replayed is opened by its name.
            self.assertIn(file, sources + "".join(programs.values()))


class AnUntruth(unittest.TestCase):
    def assert_found(self, text, why):
        self.assertRegex("\n".join(untruths(text)), re.compile(why, re.S))

    def test_true_things_are_not_taken_for_one(self):
        self.assertEqual(untruths(
            "`METLOG_INFO` with `?batch=1`, `sender_host`, `tools/test --filter X`,\n"
            "`log.exception(text)`, `Client::flush()`, `docs/wire.md`, `SendQueue`\n\n"
            "```console\n$ metlog config shop.ini\n{\"severity\": 1, \"filters\": [],\n \"plugins\": {}}\n"
            "$ echo 2013-01-18T12:34:56.789012Z in 5 s\n2026-01-18T12:34:56.789012Z in .. s\n```\n"
            .replace("```console", "<!-- file: shop.ini -->\n```ini\n[metlog]\nseverity = 1\n```\n\n"
                     "```console", 1)), [])

    def test_in_a_command_is_found(self):
        self.assert_found("```sh\nmetlog config none.ini\n```\n", "seeded.md:1: .*ends with 2")
        self.assert_found("```console\n$ echo one\ntwo\n```\n", "prints\none\n\nand not\ntwo")
        self.assert_found("`metlog config none.ini --check`", "seeded.md:1: .*ends with 2")

    def test_in_a_configuration_is_found(self):
        self.assert_found("```ini\n[metlog]\nseveritas = 4\n```\n", "seeded.md:1: .*severitas")
        self.assert_found("```ini\n[metlog]\nseverity\n```\n", "seeded.md:1: .*is not an option")

    def test_in_a_statement_is_found(self):
        self.assert_found("\n`log.exceptional(text)`", "seeded.md:2: .*does not compile")
        self.assert_found("`metlog::open(options, out)`", "seeded.md:1: .*does not compile")

    def test_in_a_name_is_found(self):
        for text, why in {
                "`build/bin/no_bench`": "no target builds",
                "`tools/unquick`": "no such file",
                "`tools/test --no-such`": "no program of the tree has --no-such",
                "`--no-such`": "no program of the tree has",
                "```sh\ntools/test --no-such\n```": "no program of the tree has",
                "`?butch=1`": "no option of a URL",
                "`tcp://a:1?hvm=2`": "no option of a URL",
                "`sender_hast = a`": "no configuration has a key",
                "`sender_hast`": "nothing is called",
                "`METLOG_INFORM`": "nothing is called",
                "`Client::flosh()`": "Client has no flosh",
                "`flosh()`": "nothing is called",
                "`docs/none.md`": "no such file",
                "`send_queues.h`": "no such file",
                "Url.DoesWhatNobodyTested and Url.RefusesWhatIsNoUrl": "no test",
                "    tools/test\n": "a fence that says what it is",
                "    log.flush();\n": "a fence that says what it is",
                "```\nno language\n```": "a block says what it is"}.items():
            with self.subTest(text):
                self.assertRegex("\n".join(names.check(Document("seeded.md", "\n\n" + text))), why)


if __name__ == "__main__":
    BUILD, COMPILER = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
    if not commands.isolate_network():
        print("documents: no network of our own; port 5565 must be free")
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]], verbosity=2)
