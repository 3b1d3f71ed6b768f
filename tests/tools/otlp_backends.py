"""Receivers of OTLP/HTTP logs and metrics: see backends.py."""

import json
import re

from backends import Backend, fixed64, listed, members, number, parsed, require, text

INT64 = re.compile(r"-?(0|[1-9]\d{0,18})")


def any_value(value):
    """An AnyValue of OTLP, checked, as a value of Python."""
    if value == {}:
        return None
    members(value, (), ("stringValue", "boolValue", "intValue", "doubleValue", "arrayValue",
                        "kvlistValue", "bytesValue"))
    require(len(value) == 1, f"more than one value: {value}")
    [(kind, content)] = value.items()
    if kind in ("stringValue", "bytesValue"):
        return text(content)
    if kind == "boolValue":
        require(isinstance(content, bool), f"no truth value: {content!r}")
        return content
    if kind == "intValue":
        require(isinstance(content, str) and INT64.fullmatch(content)
                and -1 << 63 <= int(content) < 1 << 63, f"no integer as text: {content!r}")
        return int(content)
    if kind == "doubleValue":
        return number(content)
    values = listed(members(content, ("values",))["values"], 0)
    return attributes(values) if kind == "kvlistValue" else [any_value(one) for one in values]


def attributes(value):
    found = {}
    for attribute in listed(value, 0):
        members(attribute, ("key", "value"))
        require(text(attribute["key"]) and attribute["key"] not in found,
                f"the key {attribute['key']!r} twice, or empty")
        found[attribute["key"]] = any_value(attribute["value"])
    return found


def resource(value):
    found = attributes(members(value, ("attributes",), ("droppedAttributesCount",))["attributes"])
    for key, kind in ("service.name", str), ("host.name", str), ("process.pid", int):
        require(isinstance(found.get(key), kind), f"{key} in {found}")
    require(found["service.name"], "no service.name")
    return found


def trace_id(value, digits):
    require(re.fullmatch(f"[0-9a-f]{{{digits}}}", text(value)) and value.strip("0"),
            f"no id: {value!r}")


class OtlpLogs(Backend):
    """`partial` is a fault, too: 200, and half of the messages, rounded down, are rejected."""

    path = "/v1/logs"

    def read(self, body):
        found = []
        for group in listed(members(parsed(body), ("resourceLogs",))["resourceLogs"]):
            members(group, ("resource", "scopeLogs"), ("schemaUrl",))
            of = resource(group["resource"])
            for scope in listed(group["scopeLogs"]):
                members(scope, ("scope", "logRecords"), ("schemaUrl",))
                name = text(members(scope["scope"], ("name",), ("version",))["name"])
                found += [self.record(one, of, name) for one in listed(scope["logRecords"])]
        return found

    @staticmethod
    def record(value, of, scope):
        members(value, ("timeUnixNano", "observedTimeUnixNano", "severityNumber", "severityText",
                        "body", "attributes"), ("traceId", "spanId", "flags", "eventName"))
        require(0 < fixed64(value["timeUnixNano"]) <= fixed64(value["observedTimeUnixNano"]),
                "was observed before it happened")
        require(type(value["severityNumber"]) is int and 0 < value["severityNumber"] <= 24,
                f"severity {value['severityNumber']!r}")
        text(value["severityText"])
        if "traceId" in value:
            trace_id(value["traceId"], 32)
        if "spanId" in value:
            trace_id(value["spanId"], 16)
        return {**value, "resource": of, "scope": scope, "body": any_value(value["body"]),
                "attributes": attributes(value["attributes"])}

    def answer(self, messages, fault):
        if fault != "partial" or len(messages) < 2:
            self.take(messages)
            return '200;Content-Type: application/json;{"partialSuccess":{}}'
        rejected = len(messages) // 2
        self.take(messages[rejected:])
        return ('200;Content-Type: application/json;{"partialSuccess":{"rejectedLogRecords":"'
                f'{rejected}","errorMessage":"too old"}}}}')


class OtlpMetrics(Backend):
    """Gives points as {resource, scope, name, attributes, point}. `partial` rejects a body whole, as
    nobody knows which messages a point is of."""

    path = "/v1/metrics"

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.last = {}  # the last interval of each series

    def read(self, body):
        found = []
        for group in listed(members(parsed(body), ("resourceMetrics",))["resourceMetrics"]):
            members(group, ("resource", "scopeMetrics"), ("schemaUrl",))
            of = resource(group["resource"])
            for scope in listed(group["scopeMetrics"]):
                members(scope, ("scope", "metrics"), ("schemaUrl",))
                name = text(members(scope["scope"], ("name",), ("version",))["name"])
                for metric in listed(scope["metrics"]):
                    found += self.points(metric, of, name)
        for one in found:
            series = json.dumps([one[key] for key in ("resource", "scope", "name", "attributes")])
            begin, end = self.last.get(series, (0, 0))
            require(end <= one["begin"] or (begin, end) == (one["begin"], one["end"]),
                    f"goes back in time: {series}")
        return found

    @staticmethod
    def points(metric, of, scope):
        members(metric, ("name",), ("description", "unit", "sum", "histogram"))
        require(text(metric["name"]) and len(metric["name"]) < 256, "no name")
        require(("sum" in metric) != ("histogram" in metric), "not one of sum and histogram")
        if "sum" in metric:
            content = members(metric["sum"],
                              ("dataPoints", "aggregationTemporality", "isMonotonic"))
            require(content["isMonotonic"] is True, "not monotonic")
        else:
            content = members(metric["histogram"], ("dataPoints", "aggregationTemporality"))
            require(metric["unit"] == "ms", "no unit")
        require(content["aggregationTemporality"] == 1, "no delta")
        return [OtlpMetrics.point(one, "sum" in metric, {"resource": of, "scope": scope,
                                                         "name": metric["name"]})
                for one in listed(content["dataPoints"])]

    @staticmethod
    def point(value, is_sum, series):
        times = ("startTimeUnixNano", "timeUnixNano", "attributes")
        begin, end = fixed64(value["startTimeUnixNano"]), fixed64(value["timeUnixNano"])
        require(0 < begin < end, f"a delta from {begin} to {end}")
        if is_sum:
            members(value, (*times, "asDouble"))
            require(number(value["asDouble"]) >= 0, "a monotonic sum falls")
        else:
            members(value, (*times, "count", "sum", "min", "max", "bucketCounts",
                            "explicitBounds"))
            counts = [fixed64(count) for count in listed(value["bucketCounts"])]
            bounds = [number(bound) for bound in value["explicitBounds"]]
            require(len(counts) == len(bounds) + 1 and bounds == sorted(set(bounds)), "buckets")
            require(sum(counts) == fixed64(value["count"]), "a count that is not the buckets'")
            require(value["min"] <= value["max"], "min and max")
        return {**series, "attributes": attributes(value["attributes"]), "begin": begin, "end": end,
                "point": value}

    def take(self, messages):
        for one in messages:
            series = json.dumps([one[key] for key in ("resource", "scope", "name", "attributes")])
            self.last[series] = one["begin"], one["end"]
        return super().take(messages)

    def answer(self, messages, fault):
        if fault == "partial":
            return ('200;Content-Type: application/json;{"partialSuccess":{"rejectedDataPoints":'
                    f'"{len(messages)}","errorMessage":"too many series"}}}}')
        return super().answer(messages, fault)
