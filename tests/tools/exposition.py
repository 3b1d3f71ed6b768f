"""Reads Prometheus's text format 0.0.4 strictly, and says everything that is against it."""

import math
import re
import shutil
import subprocess

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"'
SAMPLE = re.compile(rf"({NAME})(?:\{{({LABEL}(?:,{LABEL})*)\}})? (\S+)")


class Family:
    def __init__(self, name, kind):
        self.name, self.kind = name, kind
        self.samples = {}  # (name, labels) -> value


def number(text):
    if text in ("NaN", "+Inf", "-Inf"):
        return float(text.replace("Inf", "inf"))
    if not re.fullmatch(r"-?\d+(\.\d+)?(e[+-]?\d+)?", text):
        raise ValueError(f"{text!r} is no value")
    return float(text)


def names_of(family):
    if family.kind == "histogram":
        return {family.name + suffix for suffix in ("_bucket", "_sum", "_count")}
    return {family.name}


def parse(text):
    """Returns the families by name. ValueError says what is wrong, and where."""
    families, family, helped = {}, None, None
    if not text.endswith("\n"):
        raise ValueError("the last line does not end")
    for place, line in enumerate(text[:-1].split("\n"), 1):
        if match := re.fullmatch(rf"# HELP ({NAME}) ((?:[^\\]|\\\\|\\n)+)", line):
            if helped is not None or match[1] in families:
                raise ValueError(f"{place}: HELP of {match[1]} twice, or without a TYPE")
            helped = match[1]
        elif match := re.fullmatch(rf"# TYPE ({NAME}) (counter|gauge|histogram)", line):
            if match[1] != helped:
                raise ValueError(f"{place}: TYPE of {match[1]} is not behind its HELP")
            family, helped = Family(match[1], match[2]), None
            families[family.name] = family
        elif match := SAMPLE.fullmatch(line):
            if helped is not None or family is None or match[1] not in names_of(family):
                raise ValueError(f"{place}: {match[1]} is not within its family")
            labels = re.findall(LABEL, match[2] or "")
            if len({name for name, _ in labels}) != len(labels):
                raise ValueError(f"{place}: a label twice")
            key = match[1], frozenset(labels)
            if key in family.samples:
                raise ValueError(f"{place}: a series twice")
            family.samples[key] = number(line.rpartition(" ")[2])
        else:
            raise ValueError(f"{place}: {line!r} is nothing that is known")
    for each in families.values():
        check(each)
    return families


def check(family):
    is_counter = family.name.endswith("_total")
    if is_counter != (family.kind == "counter"):
        raise ValueError(f"{family.name} is a {family.kind}")
    if family.kind != "gauge" and any(value < 0 for value in family.samples.values()):
        raise ValueError(f"{family.name} is negative")
    if family.kind == "histogram":
        check_histogram(family)


def check_histogram(family):
    series = {}
    for (name, labels), value in family.samples.items():
        rest = frozenset(label for label in labels if label[0] != "le")
        part = name.removeprefix(family.name)
        bound = next((number(text) for key, text in labels if key == "le"), None)
        if (bound is not None) != (part == "_bucket"):
            raise ValueError(f"{family.name}: le is of buckets only")
        series.setdefault(rest, {})[part, bound] = value
    for parts in series.values():
        buckets = sorted((bound, value) for (part, bound), value in parts.items()
                         if part == "_bucket")
        counts = [value for _, value in buckets]
        if counts != sorted(counts) or not math.isinf(buckets[-1][0]):
            raise ValueError(f"{family.name}: buckets do not rise to +Inf")
        if counts[-1] != parts["_count", None] or ("_sum", None) not in parts:
            raise ValueError(f"{family.name}: the last bucket is not the count")


def check_with_promtool(text):
    """What promtool says against it; nothing where there is no promtool."""
    promtool = shutil.which("promtool")
    if promtool is None:
        return ""
    done = subprocess.run([promtool, "check", "metrics"], input=text.encode(), check=False,
                          capture_output=True)
    return "" if done.returncode == 0 else (done.stdout + done.stderr).decode()


def value(families, name, suffix="", **labels):
    """The value of the one series with these labels, among others."""
    wanted = set(labels.items())
    [found] = [each for (sample, present), each in families[name].samples.items()
               if sample == name + suffix and wanted <= set(present)]
    return found
