"""Compiles the statements of C++ that the documents have between backticks."""

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
                std::unique_ptr<Sender> sender, const Method& method, void (*function)()) {
"""


def statements_of(document):
    return [code for code in document.codes
            if not code.not_run and names.is_snippet(code.text)]


def check(documents, compiler):
    """Yields the statements that do not compile, with their places."""
    codes = [code for document in documents for code in statements_of(document)]
    if not codes:
        return
    source = PRELUDE.lstrip()
    for code in codes:
        statement = code.text.rstrip(";")
        source += f'#line {code.line} "{code.document}"\n  {{ {statement}; }}\n'
    source += "}\n"
    with tempfile.NamedTemporaryFile("w", suffix=".cc") as file:
        file.write(source)
        file.flush()
        done = subprocess.run([compiler, "-std=c++20", "-fsyntax-only", "-w",
                               f"-I{ROOT}/core", file.name], capture_output=True, text=True)
    if done.returncode == 0:
        return
    places = {code.place: code.text for code in codes}
    known = False
    for place, error in re.findall(r"^(\S+?:\d+)(?::\d+)?: (?:fatal )?error: (.*)$", done.stderr, re.M):
        known = True
        yield f"{place}: `{places.get(place, '')}` does not compile: {error}"
    if not known:
        yield done.stderr
