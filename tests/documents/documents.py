"""Takes README.md and docs/*.md apart: fenced blocks, code between backticks, and the marks of what is
not run. The changelog is left out, since it names what is gone.

A mark is a comment of HTML, which readers do not see:

    <!-- not run: REASON -->            the block that follows
    <!-- not run: `TEXT`: REASON -->    this code, wherever the document has it between backticks
    <!-- file: NAME -->                 the block that follows is the contents of this file
    <!-- elsewhere: NAME NAME -->       these names are of other programs or made up for the reader, and
                                        need not exist here; what uses them is not compiled

The pages for those who come from the original (OF_THE_ORIGINAL) name what Python has: there only what
begins as C++ or a path does is looked up.
"""

import dataclasses
import pathlib
import re

OF_THE_ORIGINAL = {"docs/compatibility.md", "docs/from-metlog-py.md"}
ROOT = pathlib.Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.M | re.S)
MARK = re.compile(r"<!-- (not run|file|elsewhere): (.*?)\s*-->", re.S)
MARKED_CODE = re.compile(r"(`+)(.+?)\1: (.+)", re.S)
CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.S)


def line_of(text, match):
    return text.count("\n", 0, match.start()) + 1


@dataclasses.dataclass
class Piece:
    document: str
    line: int
    language: str  # of a block; "" for code between backticks
    text: str
    not_run: str = ""  # the reason
    file: str = ""
    is_indented: bool = False

    @property
    def place(self):
        return f"{self.document}:{self.line}"


class Document:
    def __init__(self, name, source):
        self.name, self.source = name, source
        self.marked_code = {}  # text: reason
        self.elsewhere = set()
        self.is_of_the_original = name in OF_THE_ORIGINAL
        self.blocks = [self._block(match) for match in FENCE.finditer(self.source)]
        for kind, text in MARK.findall(self.source):
            if kind == "elsewhere":
                self.elsewhere.update(text.split())
            marked = MARKED_CODE.fullmatch(text)
            if kind == "not run" and marked:
                self.marked_code[marked[2]] = marked[3]
        # Fences and comments out of the way, but every line where it was.
        def blank(match):
            return "\n" * match[0].count("\n")
        rest = re.sub(r"<!--.*?-->", blank, FENCE.sub(blank, self.source), flags=re.S)
        self.blocks += [self._indented(rest.split("\n"), number)
                        for number, line in enumerate(rest.split("\n"), 1)
                        if line.startswith("    ") and self._begins_a_block(rest, number)]
        self.codes = [self._code(match, rest) for match in CODE.finditer(rest)]

    @staticmethod
    def _begins_a_block(text, number):
        """An indented line after an empty one is code, unless a list continues there."""
        before = text.split("\n")[:number - 1]
        if before and before[-1].strip():
            return False
        last = next((line for line in reversed(before) if line.strip()), "")
        return not re.match(r" *([-*]|\d+\.) |  ", last)

    def _indented(self, lines, number):
        """INI when it begins with a section, else text; commands and C++ need a fence."""
        text = ""
        for line in lines[number - 1:]:
            if not line.startswith("    "):
                break
            text += line[4:] + "\n"
        return Piece(self.name, number, "ini" if text.startswith("[") else "text", text,
                     is_indented=True)

    def _block(self, match):
        indent, language, text = match.groups()
        text = re.sub(rf"^{indent}", "", text, flags=re.M)
        block = Piece(self.name, line_of(self.source, match), language, text)
        # The comments directly above it.
        above = re.search(r"((?:<!--(?:(?!-->).)*-->\s*)+)\Z", self.source[:match.start()], re.S)
        for kind, value in MARK.findall(above[1] if above else ""):
            if kind == "file":
                block.file = value
            elif kind == "not run" and not MARKED_CODE.fullmatch(value):
                block.not_run = value
        return block

    def _code(self, match, rest):
        text = re.sub(r"\s*\n\s*", " ", match[2]).replace("\\|", "|").strip()
        return Piece(self.name, line_of(rest, match), "", text,
                     self.marked_code.get(text, ""))


def documents():
    paths = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    return [Document(str(path.relative_to(ROOT)), path.read_text(encoding="utf-8"))
            for path in paths]
