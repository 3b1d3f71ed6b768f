#!/usr/bin/env python3
"""A proxy for TCP or UDP that damages what passes, by a seed.

    chaos_proxy.py tcp|udp HOST:PORT [FAULT=VALUE...]     prints its own address, 127.0.0.1:PORT

It runs until standard input ends, and then prints what it has done as one JSON object. A Python test
uses ChaosProxy instead. Of the faults, a share is a number from 0 to 1 of the pieces that pass: a
datagram, or what one read of a TCP stream gives.

    seed=N       of all that is random; 1 without it
    delay=S      the longest time that a piece waits, in seconds
    drop=SHARE   of the datagrams are thrown away
    duplicate=SHARE, reorder=SHARE: of the datagrams come twice, or after later ones
    flip=SHARE   of the pieces have one bit changed
    chop=SHARE   of the pieces of a stream are sent in two
    reset=SHARE  of the pieces of a stream end its connection, by RST to both ends
    stall=BYTES  after which a stream stands still, with both connections open
    throttle=BYTES per second of a stream
"""

import asyncio
import json
import random
import socket
import struct
import sys
import threading

FAULTS = {"seed": 1, "delay": 0, "drop": 0, "duplicate": 0, "reorder": 0, "flip": 0, "chop": 0,
          "reset": 0, "stall": 0, "throttle": 0}
PIECE = 16384


class ChaosProxy:
    """Runs in a thread of its own from start to stop(). `faults` may be changed meanwhile."""

    def __init__(self, kind, target, **faults):
        unknown = set(faults) - set(FAULTS)
        if unknown or kind not in ("tcp", "udp"):
            raise ValueError(f"not known: {kind} {unknown}")
        self.faults = {**FAULTS, **faults}
        host, port = target.rsplit(":", 1)
        self._target = (host, int(port))
        self.done = {}  # what happened how often
        self._random = random.Random(self.faults["seed"])
        self._loop = asyncio.new_event_loop()
        self._writers = set()
        self._has_finished = threading.Event()
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(kind, ready), daemon=True)
        self._thread.start()
        ready.wait()

    def stop(self):
        """Ends it with all its connections, and returns what it has done."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
        return self.done

    def finish(self):
        """Waits until it has taken all datagrams that were sent to it before."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as own:
            own.sendto(b"", ("127.0.0.1", int(self.address.rsplit(":", 1)[1])))
        self._has_finished.wait()

    def _run(self, kind, ready):
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._listen_tcp() if kind == "tcp" else self._listen_udp())
        ready.set()
        self._loop.run_forever()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        for writer in self._writers:
            writer.transport.abort()
        if kind == "tcp":
            self._server.close()
        else:
            self._input.close()
            self._out.close()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    def _count(self, what, count=1):
        self.done[what] = self.done.get(what, 0) + count

    def _happens(self, fault):
        if self._random.random() >= self.faults[fault]:
            return False
        self._count(fault)
        return True

    def _damaged(self, piece):
        if not piece or not self._happens("flip"):
            return piece
        damaged = bytearray(piece)
        damaged[self._random.randrange(len(piece))] ^= 1 << self._random.randrange(8)
        return bytes(damaged)

    # Streams.

    async def _listen_tcp(self):
        self._server = server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.address = "127.0.0.1:%d" % server.sockets[0].getsockname()[1]

    async def _connected(self, reader, writer):
        self._count("connections")
        try:
            to_reader, to_writer = await asyncio.open_connection(*self._target)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, to_writer}
        both = (writer, to_writer)
        try:
            await asyncio.gather(self._pump(reader, to_writer, both),
                                 self._pump(to_reader, writer, both))
            self._writers -= {writer, to_writer}
        except asyncio.CancelledError:
            pass  # stop()

    async def _pump(self, reader, writer, both):
        passed = 0
        try:
            while piece := await reader.read(PIECE):
                if self.faults["stall"] and passed >= self.faults["stall"]:
                    self._count("stall")
                    await asyncio.Event().wait()
                if self._happens("reset"):
                    return self._reset(both)
                if self.faults["delay"]:
                    await asyncio.sleep(self._random.random() * self.faults["delay"])
                if self.faults["throttle"]:
                    await asyncio.sleep(len(piece) / self.faults["throttle"])
                piece = self._damaged(piece)
                cut = self._random.randrange(len(piece)) if self._happens("chop") else 0
                for part in (piece[:cut], piece[cut:]):
                    writer.write(part)
                    await writer.drain()
                    await asyncio.sleep(0)
                passed += len(piece)
            writer.close()
        except OSError:
            self._reset(both)

    @staticmethod
    def _reset(both):
        for writer in both:
            connection = writer.get_extra_info("socket")
            if connection is not None and connection.fileno() >= 0:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()

    # Datagrams.

    async def _listen_udp(self):
        proxy = self

        class Input(asyncio.DatagramProtocol):
            def datagram_received(self, piece, source):
                proxy._pass(piece)

        transport, _ = await self._loop.create_datagram_endpoint(Input,
                                                                 local_addr=("127.0.0.1", 0))
        self._input = transport
        self.address = "127.0.0.1:%d" % transport.get_extra_info("sockname")[1]
        self._out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        receiving = transport.get_extra_info("socket")
        receiving.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)

    def _pass(self, piece):
        if not piece:
            self._loop.call_later(self.faults["delay"] + 0.01, self._has_finished.set)
            return
        self._count("datagrams")
        if self._happens("drop"):
            return
        piece = self._damaged(piece)
        for _ in range(2 if self._happens("duplicate") else 1):
            wait = self._random.random() * self.faults["delay"]
            if self._happens("reorder"):
                wait += 0.005
            if wait:
                self._loop.call_later(wait, self._send, piece)
            else:
                self._send(piece)

    def _send(self, piece):
        self._out.sendto(piece, self._target)
        self._count("passed")


def main(arguments):
    faults = {name: float(value) for name, value in (word.split("=") for word in arguments[2:])}
    proxy = ChaosProxy(arguments[0], arguments[1], **faults)
    print(proxy.address, flush=True)
    sys.stdin.read()
    print(json.dumps(proxy.stop()))


if __name__ == "__main__":
    main(sys.argv[1:])
