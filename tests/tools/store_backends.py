"""Receivers of Elasticsearch's bulk requests and of Loki's pushes: see backends.py."""

import json
import re

from backends import Backend, fixed64, listed, members, parsed, require, text


class Elasticsearch(Backend):
    """_bulk with `create`. `items` is a fault, too: of each three messages one is taken, one shall
    come again, and one is a document that the mapping does not take."""

    path = "/_bulk?filter_path=errors,items.*.status,items.*.error"
    content_type = "application/x-ndjson"
    NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,254}")
    KEYS = ("@timestamp", "log.level", "message", "ecs.version", "log.logger", "host.hostname",
            "process.pid", "process.name")

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.ids = set()
        self.conflicts = 0

    def read(self, body):
        require(body.endswith("\n"), "no newline at the end")
        lines = body[:-1].split("\n")
        require(lines and len(lines) % 2 == 0, "no pairs of lines")
        return [self.pair(*lines[i:i + 2]) for i in range(0, len(lines), 2)]

    @classmethod
    def pair(cls, action, document):
        target = members(members(parsed(action), ("create",))["create"], ("_index", "_id"))
        require(cls.NAME.fullmatch(text(target["_index"])), f"the index {target['_index']!r}")
        require(0 < len(text(target["_id"])) <= 512, "the id")
        document = members(parsed(document), cls.KEYS,
                           ("labels", "trace.id", "span.id", "event.action"))
        require(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", document["@timestamp"]),
                "@timestamp")
        return {**document, "index": target["_index"], "id": target["_id"]}

    def take(self, messages):
        new = [one for one in messages if one["id"] not in self.ids]
        self.conflicts += len(messages) - len(new)
        self.ids |= {one["id"] for one in new}
        return super().take(new)

    def answer(self, messages, fault):
        items = []
        for index, one in enumerate(messages):
            status, error = 201, None
            if one["id"] in self.ids:
                status, error = 409, "version_conflict_engine_exception"
                self.conflicts += 1
            elif fault == "items" and index % 3 == 1:
                status, error = 429, "es_rejected_execution_exception"
            elif fault == "items" and index % 3 == 2:
                status, error = 400, "document_parsing_exception"
            else:
                self.take([one])
            items.append({"create": {"status": status, **({"error": {
                "type": error, "reason": "because"}} if error else {})}})
        errors = any("error" in item["create"] for item in items)
        return ("200;Content-Type: application/json;"
                + json.dumps({"errors": errors, "items": items}))


class Loki(Backend):
    """The push as JSON. `old` is a fault, too: 400, as the first entry of each stream is too far
    behind, while the others are taken. As Loki it has an entry of one stream, time and line once."""

    path = "/loki/api/v1/push"
    success = 204
    LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.entries = set()

    def read(self, body):
        found = []
        for stream in listed(members(parsed(body), ("streams",))["streams"]):
            members(stream, ("stream", "values"))
            labels = self.texts(stream["stream"])
            require(0 < len(labels) <= 15 and all(labels.values()), f"labels {labels}")
            last = 0
            for value in listed(stream["values"]):
                require(isinstance(value, list) and len(value) in (2, 3), f"entry {value!r}")
                time_ns, line = fixed64(value[0]), text(value[1])
                require(last <= time_ns, "entries out of order")
                last = time_ns
                found.append({"labels": labels, "time": time_ns, "line": line,
                              "metadata": self.texts(value[2]) if len(value) == 3 else {}})
        return found

    @classmethod
    def texts(cls, value):
        require(isinstance(value, dict), f"no object: {value!r}")
        for name, content in value.items():
            require(cls.LABEL.fullmatch(name), f"the name {name!r}")
            text(content)
        return value

    def take(self, messages):
        new = []
        for one in messages:
            key = json.dumps([one["labels"], one["time"], one["line"]], sort_keys=True)
            if key not in self.entries:
                self.entries.add(key)
                new.append(one)
        return super().take(new)

    def answer(self, messages, fault):
        if fault == "old":
            self.take(messages[1:])
            return "400;;entry too far behind, entry timestamp is: 2020-01-01"
        return super().answer(messages, fault)
