"""The bars that metlog must meet, each with the source of its figure."""
from figures import number_text

METLOG = 'metlog-file'  # the name of metlog's program in the outside harness


class Figure:
    """The figure for a bar: its words in the table, and whether the bar is met (None: unknown)."""

    def __init__(self, words, is_met=None):
        self.words, self.is_met = words, is_met


class Absolute:
    """A counter of a benchmark against a bound."""

    def __init__(self, what, program, name, counter, unit, *, at_most=None, at_least=None,
                 scale=1.0):
        self.what, self.program, self.name, self.counter = what, program, name, counter
        self.unit, self.at_most, self.at_least, self.scale = unit, at_most, at_least, scale

    def bar(self):
        sign, bound = ('<=', self.at_most) if self.at_least is None else ('>=', self.at_least)
        return f'{sign} {bound:g} {self.unit}'.rstrip()

    def command(self):
        return f'build/bin/{self.program} --benchmark_filter={self.name or "."}'

    def figure(self, bench, harness):
        del harness
        found = bench.find(self.program, self.name, self.counter)
        if found is None:
            refusals = [why for (program, name), why in bench.refused.items()
                        if program == self.program and self.name in name]
            return Figure(f'refused: {refusals[0]}') if refusals else None
        regime, spread = found
        value = spread.median * self.scale
        is_met = value <= self.at_most if self.at_least is None else value >= self.at_least
        where = '' if regime == 'any' else f', {regime}'
        return Figure(f'{spread.text(self.scale)} {self.unit}'.rstrip() + where, is_met)


class Ratio:
    """Medians of metlog and a peer in one run of the outside harness, within one regime."""

    def __init__(self, what, work, regime, key, peer, *, at_most=None, at_least=None, ours=METLOG):
        self.what, self.work, self.regime, self.key = what, work, regime, key
        self.peer, self.at_most, self.at_least, self.ours = peer, at_most, at_least, ours

    def bar(self):
        sign, bound = ('<=', self.at_most) if self.at_least is None else ('>=', self.at_least)
        return f'{sign} {bound:g} of {self.peer}'

    def command(self):
        return f'the outside harness, workload {self.work}, regime {self.regime}'

    def figure(self, bench, harness):
        del bench
        if harness is None:
            return None
        ours, theirs = (harness.find(self.work, self.regime, name, self.key)
                        for name in (self.ours, self.peer))
        if not ours or not theirs or theirs.median <= 0:
            return None
        for name in (self.ours, self.peer):
            if harness.dropped(self.work, name) > 0:
                return Figure(f'refused: {name} dropped {harness.dropped(self.work, name)}')
        ratio = ours.median / theirs.median
        is_met = ratio <= self.at_most if self.at_least is None else ratio >= self.at_least
        return Figure(f'{ratio:.2f} ({number_text(ours.median)} / {number_text(theirs.median)}, '
                      f'{ours.count} and {theirs.count} runs)', is_met)


class BenchRatio:
    """Two rates of one program, measured in turn: ours against the bare floor."""

    def __init__(self, what, program, name, floor, *, at_least):
        self.what, self.program, self.name, self.floor, self.at_least = (
            what, program, name, floor, at_least)

    def bar(self):
        return f'>= {self.at_least:g} of {self.floor}'

    def command(self):
        return f'build/bin/{self.program}'

    def figure(self, bench, harness):
        del harness
        ours, floor = (bench.find(self.program, name, 'items_per_second')
                       for name in (self.name, self.floor))
        if not ours or not floor:
            return None
        if ours[0] != floor[0]:
            return Figure(f'refused: regimes differ, {ours[0]} and {floor[0]}')
        ratio = ours[1].median / floor[1].median
        return Figure(f'{ratio:.2f}', ratio >= self.at_least)


class OutsideRate:
    """Metlog alone in the outside harness, against a bound."""

    def __init__(self, what, work, key, unit, *, at_least, ours=METLOG):
        self.what, self.work, self.key, self.unit = what, work, key, unit
        self.at_least, self.ours = at_least, ours

    def bar(self):
        return f'>= {self.at_least:g} {self.unit}'

    def command(self):
        return f'the outside harness, workload {self.work}'

    def figure(self, bench, harness):
        del bench
        found = harness and harness.find(self.work, 'any', self.ours, self.key)
        if not found:
            return None
        lost = harness.dropped(self.work, self.ours)
        if lost > 0:
            return Figure(f'refused: {self.ours} dropped {lost}')
        return Figure(f'{found.text()} {self.unit}', found.median >= self.at_least)


def latency_bars():
    three = 'log call, 3 arguments, 1 thread, {} {}'
    rows = (('ccx', 'p50', 'quill-default', 0.75), ('ccx', 'p99', 'quill-default', 0.95),
            ('ccx', 'p50', 'quill-unb', 0.68), ('ccx', 'p99', 'quill-unb', 0.80),
            ('far', 'p50', 'quill-default', 1.1), ('far', 'p99', 'quill-default', 0.6),
            ('far', 'p50', 'quill-unb', 0.45), ('far', 'p99', 'quill-unb', 0.5))
    bars = [Ratio(three.format(regime, part), 'L1', regime, f'burst_{part}', peer, at_most=at_most)
            for regime, part, peer, at_most in rows]
    bars.append(Ratio('the same, stamped by the flusher, ccx p50', 'L1', 'ccx', 'burst_p50', 'xtr',
                      at_most=0.45, ours='metlog-file-flusherstamp'))
    bars += [Ratio(f'single calls p99.9, {regime}', 'L1', regime, 'p999', 'quill-default',
                   at_most=0.75) for regime in ('ccx', 'far')]
    bars += [Ratio(f'4 threads, ccx {part}', 'L4', 'ccx', f'burst_{part}', peer, at_most=at_most)
             for part, peer, at_most in (('p50', 'fmtlog', 0.88), ('p99', 'fmtlog', 0.95),
                                      ('p50', 'quill-default', 0.80),
                                      ('p99', 'quill-default', 0.85))]
    bars += [Ratio(f'{what}, {regime} p50', 'L1', regime, 'burst_p50', f'quill-bounded-{suffix}',
                   at_most=1.0, ours=f'metlog-file-{suffix}')
             for what, suffix in (('50-character string', 'str50'), ('vector of 16', 'vec16'))
             for regime in ('ccx', 'far')]
    return bars


def quiet_bars():
    return [
        Absolute('disabled at run time', 'quiet_call_bench', 'LogCallDisabled', 'ns', 'ns',
                 at_most=0.3),
        Absolute('sampled at 1 %, per call', 'quiet_call_bench', 'Sampled', 'ns', 'ns',
                 at_most=1.5),
        Absolute('timer, as a multiple of a log call', 'call_ratio_bench', 'IsATimer', 'ratio', 'x',
                 at_most=2.2),
        *(Absolute(f'function API, {name}', 'function_call_bench', name, 'p50_ns', 'ns', at_most=60)
          for name in ('InfoOf', 'IncrOf', 'TimerSendOf', 'AnEventOf')),
    ]


def throughput_bars():
    rate = {'counter': 'items_per_second', 'unit': 'M/s', 'scale': 1e-6}
    return [
        Absolute('JSON envelopes to null, 1 producer', 'flusher_bench',
                 'LogsWithThreeArguments/producers:1/text:0', at_least=10, **rate),
        Absolute('JSON envelopes to a file, end to end', 'memory_bench', '2MillionMessages',
                 at_least=4.5, **rate),
        Ratio('the same', 'TJ', 'any', 'e2e_mps', 'quill-json', at_least=7),
        OutsideRate('plain text to a file', 'T', 'e2e_mps', 'M/s', at_least=6, ours='metlog-text'),
        Ratio('the same', 'T', 'any', 'e2e_mps', 'xtr', at_least=1.1, ours='metlog-text'),
        Absolute('peak RSS, 2 M messages at full speed', 'memory_bench', '2MillionMessages',
                 'peak_rss_mb', 'MB', at_most=12),
    ]


def transport_bars():
    """Rates of sender_bench and router_bench; those against a floor are ratios of one program."""
    rate = {'counter': 'items_per_second', 'unit': 'M/s', 'scale': 1e-6}
    return [
        BenchRatio('ZMQ PUB, plain frames, tcp', 'sender_bench', 'zmq_plain',
                   'zmq_floor_frame_a_message', at_least=0.9),
        Absolute('ZMQ, batched frames', 'sender_bench', 'zmq_batched', at_least=4, **rate),
        BenchRatio('UDP, plain', 'sender_bench', 'udp_plain', 'udp_floor_datagram_a_message',
                   at_least=0.9),
        Absolute('UDP, batched', 'sender_bench', 'udp_batched', at_least=1.2, **rate),
        Absolute('UDP, with segmentation offload', 'sender_bench', 'udp_segmented', at_least=3,
                 **rate),
        Absolute('metlogd, batched in, file out', 'router_bench', 'batched_to_file', at_least=2.5,
                 **rate),
    ]


# Bars for which no benchmark of the tree has a single figure.
OPEN_BARS = (('metlogd, ZMQ plain in, file out', '>= 0.85 of what the socket delivers',
              'build/bin/router_socket_bench build/bin/metlogd DIRECTORY 10'),)


def all_bars():
    return [*latency_bars(), *quiet_bars(), *throughput_bars(), *transport_bars()]
