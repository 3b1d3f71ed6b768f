"""What the documents name between backticks must exist: files, programs and their options, options of
URLs, keys of configurations, functions, members, macros, targets and tests."""

import functools
import re
import subprocess

from documents import ROOT

LANGUAGES = {"cpp", "sh", "console", "ini", "json", "cmake", "text", "toml"}
SOURCES = re.compile(r"\.(h|cc|c|py|sh|cmake|lua|json|in|txt)$|^(tools|bench|\.ci|tests)/[^.]+$")
ASSIGNMENTS = r"(?:[A-Z_]+=\S* )*"
PROGRAM = re.compile(rf"^{ASSIGNMENTS}((?:build/bin/|tools/|bench/|\.ci/)[\w./-]+|metlogd?|cmake|ninja|"
                     r"man|ctest|lttng|apt-get)(?= |$)")
# Placeholders and parts of other programs that a reader knows.
FOREIGN = {"std", "fmt", "spdlog", "absl"}
PLACEHOLDER = re.compile(r"[a-z]\w*_(x|[A-Z]+)|[a-z_]+X|rNNN")
FILE_ENDS = r"\.(?:h|cc|md|py|cmake|lua|txt|json|jsonl|ini|svg|1|so)"


@functools.cache
def files():
    return subprocess.run([ROOT / "tools/checks/sources"], check=True, capture_output=True,
                          text=True).stdout.split()


@functools.cache
def sources():
    """Everything but documents and this check itself: name -> text."""
    texts = {}
    for name in files():
        if SOURCES.search(name) and not name.startswith(("tests/documents/", "docs/benchmarks")):
            texts[name] = (ROOT / name).read_text(encoding="utf-8", errors="replace")
    return texts


@functools.cache
def words():
    return {word for text in sources().values() for word in re.findall(r"[A-Za-z_]\w*", text)}


@functools.cache
def all_text():
    return "\n".join(sources().values())


@functools.cache
def product_text():
    """What users run and link."""
    return "\n".join(text for name, text in sources().items()
                     if name.startswith(("core/", "senders/", "tools/")))


@functools.cache
def tests_of_suites():
    suites = {}
    for name, text in sources().items():
        if name.startswith("tests/") and name.endswith(".cc"):
            for suite, test in re.findall(r"^\w*TEST(?:_[FP])?\(\s*(\w+),\s*(\w+)", text, re.M):
                suites.setdefault(suite, set()).add(test)
            for suite, new in re.findall(r"INSTANTIATE_\w+\(\s*\w*,\s*(\w+)()", text):
                suites.setdefault(suite, set())
    return suites


def is_command(text):
    """A program with arguments, or the path of one."""
    return bool(PROGRAM.match(text)) and not re.fullmatch(r"metlogd?|tools/[\w/.]+/?", text)


def is_snippet(text):
    """A call or declaration of C++ with all its parts; no signature, no page of man."""
    if re.search(r"\.\.(?!\.\")", text.replace('"..."', "")) or is_command(text):
        return False
    if re.search(r"^\w+\(\d\)$|&\)$|=\)$|\{\.\w+[,}]|, \.\w+\}", text):
        return False
    return bool(re.fullmatch(r"(static |const |auto )*[\w:.<>&]+(\(\))?[\w:.()]*\(.+\);?", text)
                or re.fullmatch(r"[\w:<>, ]+[ >&]\w+;", text))


def check_file(text):
    """None when there is such a file or directory, else what is wrong."""
    pattern = re.escape(text.rstrip("/")).replace(r"\*", r"[^/]*")
    found = re.compile(rf"(^|/){pattern}(/|$)").search
    if any(found(name) for name in files()):
        return None
    return "no such file"


def check_program(text):
    program = PROGRAM.match(text)[1]
    if not program.startswith("build/bin/"):
        return check_file(program) if "/" in program else None
    name = re.escape(program.removeprefix("build/bin/"))
    made = rf"(metlog_bench|add_executable|metlog_test)\({name}\b|OUTPUT_NAME {name}\b"
    return None if re.search(made, all_text()) else f"no target builds {program}"


def check_options_of(text):
    """The --options of a command: each is in the source of its program."""
    for option in re.findall(r"(?<=\s)--[a-z][\w-]*", text):
        if not has_option(option):
            return f"no program of the tree has {option}"
    return None


def has_option(option):
    if PROGRAM_OPTIONS_ELSEWHERE.fullmatch(option):
        return True
    return option in all_options()


@functools.cache
def all_options():
    return set(re.findall(r"(?<![\w-])--[a-z][\w-]*", all_text()))


# Of cmake, of tools that compile, and of Google Benchmark.
PROGRAM_OPTIONS_ELSEWHERE = re.compile(r"--(build|preset|target|help|version|benchmark_\w+)")


def check_url_options(text):
    for name in re.findall(r"(?:^|[?&])(\w+)=", text.lstrip("?")):
        if f'"{name}"' not in product_text():
            return f"no option of a URL is called '{name}'"
    return None


def check_key(text):
    """key = value of a configuration."""
    key = re.match(r"\w+", text)[0]
    plain = re.sub(r"^(sender|global|engine)_", "", key)
    if f'"{plain}"' in product_text() or key in ("name", "options", "parameters"):
        return None
    return f"no configuration has a key '{key}'"


def check_member(owner, member):
    """Class::member, namespace::name, Enum::kValue."""
    if owner in FOREIGN:
        return None
    is_owner = re.compile(rf"\b(class|struct|enum class|enum|namespace) (\[\[\w+\]\] )?{owner}\b|"
                          rf"\busing {owner}\b|\b{owner}(<[^>]*>)?::\w").search
    owners = [text for text in sources().values() if owner in text and is_owner(text)]
    if not owners:
        return f"nothing is called {owner}"
    if not any(re.search(rf"\b{re.escape(member)}\b", text) for text in owners):
        return f"{owner} has no {member}"
    return None


def check_identifiers(text, elsewhere):
    plain = re.sub(r'"[^"]*"|<[^>]*>', " ", text)
    for owner, member in re.findall(r"\b(\w+)(?:<\w+>)?::(~?\w+)", plain):
        if owner in elsewhere:
            return None
        if wrong := check_member(owner, member):
            return wrong
    for word in re.findall(r"[A-Za-z_]\w*", plain):
        if PLACEHOLDER.fullmatch(word) or word in elsewhere:
            continue
        word = re.sub(r"^(sender|global)_", "", word)
        if word and not {word, f"METLOG_{word}"} & words() and f"std::{word}" not in plain:
            return f"nothing is called {word}"
    for function in re.findall(r"(?<![\w.:])(\w+)\(\)", plain):
        if function not in elsewhere and not re.search(rf"\b{function}\s*(<[^;(]*>)?\(", all_text()):
            return f"there is no function {function}()"
    return None


def check_code(code, elsewhere=frozenset(), is_of_the_original=False):
    """None, or what is wrong with the text between backticks. `elsewhere`: names of other programs."""
    text = code.text
    if text in elsewhere:
        return None
    if re.fullmatch(r"[^A-Za-z]*|[A-Za-z]|\\.*|\"[^\"]*\"|\$\{.*\}|%.*", text):
        return None
    if text.startswith("#include"):
        return check_file(text.split("<")[-1].rstrip(">"))
    if re.fullmatch(r"<metlog/[\w/]+\.h>", text):
        return check_file(text.strip("<>"))
    if PROGRAM.match(text) and (is_command(text) or "/" in text):
        return check_program(text) or check_options_of(" " + text)
    if re.fullmatch(r"--[\w-]+( \S+)?", text):
        return check_options_of(" " + text)
    if re.fullmatch(r"\?.*|[a-z]+:\S*\?\S*|\w+=[\w.]*", text):
        return check_url_options(text) and check_key_or_variable(text)
    if re.fullmatch(r"\w+ = .*", text):
        return check_key(text)
    if match := re.fullmatch(r"([A-Z]\w+)\.([A-Z]\w+)", text):
        if match[1] in tests_of_suites():
            return None if match[2] in tests_of_suites()[match[1]] else f"no test {text}"
    if re.fullmatch(rf"[\w.*-]+(/[\w.*-]+)+/?|[\w-]+/|[\w*-]+{FILE_ENDS}|\.ci/run", text):
        wrong = check_file(text)
        return wrong if wrong and not names_output(text) else None
    if " " in text and not is_snippet(text):
        return None  # words, messages
    if re.match(r"/|[a-z]+:|\w+\.\w+:\d|<|\.\w+$|-", text):
        return None  # a path of the system, a URL without options, a place, a type's ending
    if is_of_the_original:
        text = re.match(r"(metlog::|METLOG_|[A-Z]\w+::)[\w:]*|", text)[0]
    return check_identifiers(text, elsewhere)


def names_output(text):
    """A file that a program writes, or that only an example has."""
    return text in all_text() or any(f"file: {text} -->" in (ROOT / name).read_text()
                                     for name in files() if name.endswith(".md"))


def check_key_or_variable(text):
    """NAME=value, which need not be an option of a URL."""
    name = re.fullmatch(r"(\w+)=[\w.]*", text)
    return None if name and name[1] in words() else check_url_options(text)


def check_tests(document):
    """Suite.Case in running text, as in the tables of compatibility.md."""
    for number, line in enumerate(document.source.split("\n"), 1):
        for suite, case in re.findall(r"\b([A-Z]\w+)\.([A-Z]\w+)\b", line):
            known = tests_of_suites().get(suite)
            if known and case not in known:
                yield f"{document.name}:{number}: no test {suite}.{case}"


def check_block(block):
    if block.language not in LANGUAGES:
        return f"a block says what it is: ```{', ```'.join(sorted(LANGUAGES))}"
    if block.is_indented and re.search(r"[;{]$", block.text, re.M) or block.is_indented and any(
            PROGRAM.match(line) for line in block.text.split("\n")):
        return "an indented block; write a fence that says what it is"
    if block.language not in ("sh", "console"):
        return None
    for line in commands_of(block):
        if not PROGRAM.match(line):
            continue
        if wrong := check_program(line) or check_options_of(line.split(" #")[0]):
            return wrong
    return None


def commands_of(block):
    text = block.text.replace("\\\n", " ")
    lines = [re.sub(r"(^|\s+)#(\s.*)?$", "", line) for line in text.split("\n")]
    if block.language == "console":
        lines = [line[2:] for line in lines if line.startswith("$ ")]
    parts = [part.strip() for line in lines for part in re.split(r" && |; ", line)]
    return [part for part in parts if part]


def check(document):
    """Yields what is wrong with a document's names, with its place."""
    for block in document.blocks:
        if wrong := check_block(block):
            yield f"{block.place}: {wrong}"
    for code in document.codes:
        if wrong := check_code(code, document.elsewhere, document.is_of_the_original):
            yield f"{code.place}: `{code.text}`: {wrong}"
    yield from check_tests(document)
