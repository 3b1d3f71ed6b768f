"""Compiles the statements of C++ that the documents have between backticks."""

import os
import re
import subprocess
import tempfile

import names
from documents import ROOT

# What the statements speak of without declaring it.
PRELUDE = """
#include <metlog/metlog.h>
#include <ostream>
#include <thread>
namespace shop { void pay(); }
void pay();
std::string short_line(const metlog::Message& message, std::string_view envelope);
using namespace metlog;  // NOLINT: as the text around them does
template <class Error>
void statements(Client& log, Client& client, const ClientOptions& options, std::ostream& out,
                EveryNth& limit, std::chrono::nanoseconds deadline,
                const std::exception& error,
                std::string_view text, std::string_view name, const ValueMap& config,
                std::unique_ptr<Sender> sender, const Method& method, void (*function)(),
                const Message& message, int id) {
"""


# What a page may leave out before the name of a member function.
OWNERS = ("", "client.", "Holder::instance().")
UNDECLARED = re.compile(r"‘(\w+)’ was not declared|no arguments to ‘(\w+)’ that depend")


def statements_of(document):
    """Those that speak of nothing made up."""
    for code in document.codes:
        if code.not_run or not names.is_snippet(code.text):
            continue
        if document.is_of_the_original and not re.match("metlog::|METLOG_", code.text):
            continue
        if not {code.text, *re.findall(r"\w+", code.text)} & document.elsewhere:
            yield code


def errors_of(statements, compiler):
    """index: errors, of those that do not compile."""
    source = PRELUDE.lstrip()
    for index, statement in enumerate(statements):
        source += f'#line {index + 1} "statements"\n  {{ {statement.rstrip(";")}; }}\n'
    with tempfile.NamedTemporaryFile("w", suffix=".cc") as file:
        file.write(source + "}\n")
        file.flush()
        done = subprocess.run([compiler, "-std=c++20", "-fsyntax-only", "-w", f"-I{ROOT}/core",
                               file.name], capture_output=True, text=True,
                              env={**os.environ, "LC_ALL": "C.UTF-8"})
    errors = {}
    for line, error in re.findall(r"^statements:(\d+):(?:\d+:)? (?:fatal )?error: (.*)$", done.stderr,
                                  re.M):
        errors.setdefault(int(line) - 1, []).append(error.replace("'", "‘", 1).replace("'", "’", 1))
    if done.returncode != 0 and not errors:
        raise AssertionError(done.stderr)
    return errors


def is_only_made_up(statement, errors):
    """True when nothing is wrong but variables and types that the reader has and we have not."""
    for error in errors:
        match = UNDECLARED.search(error)
        name = match and (match[1] or match[2])
        if "expression error" in error or "template argument" in error:
            continue
        if not name or (name[0].islower() and re.search(rf"\b{name}\(", statement)):
            return False
    return True


def check(documents, compiler):
    """Yields the statements that do not compile, with their places."""
    codes = [code for document in documents for code in statements_of(document)]
    faults = {}
    for owner in OWNERS:
        codes = [code for code in codes if not owner or re.match(r"\w+\(", code.text)]
        if not codes:
            break
        errors = errors_of([owner + code.text for code in codes], compiler)
        wrong = [index for index in errors
                 if not is_only_made_up(owner + codes[index].text, errors[index])]
        for index, code in enumerate(codes):
            if index not in wrong:
                faults.pop(code.place + code.text, None)
            elif not owner:
                faults[code.place + code.text] = (f"{code.place}: `{code.text}` does not compile: "
                                                  f"{errors[index][0]}")
        codes = [codes[index] for index in wrong]
    yield from faults.values()
