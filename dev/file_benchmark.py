"""What uploads and downloads of files take: time, memory, and what other requests of the same worker notice of them."""

import base64
import http.client
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from dev.bulk_data import MEETING
from dev.load import ACTION_PATH, Credentials, Measurement, others_meanwhile
from dev.stack import Stack

MIB = 1024 * 1024
_LABEL = 44
_KIB = 1024
_CHUNK = 1024 * 1024
_TIMEOUT_SECONDS = 600.0
_RESET_PEAK = "5"
"""What tells the kernel to forget the peak of a process's memory (proc(5), clear_refs)."""


@dataclass(frozen=True, slots=True)
class FileSizes:
    """How much is measured: the bytes of the files, how often each is sent, and how often it is fetched."""

    sizes: tuple[int, ...] = (1_000_000, 100_000_000)
    uploads: tuple[int, ...] = (20, 3)
    downloads: tuple[int, ...] = (100, 5)


QUICK = FileSizes(sizes=(10_000, 1_000_000), uploads=(2, 1), downloads=(2, 1))


class Host(Protocol):
    """The benchmark that these scenarios are part of."""

    stack: Stack
    admin: Sequence[Credentials]

    def report(self, label: str, measured: Measurement) -> None: ...

    def check(self, label: str, good: bool, fact: str) -> None: ...


@dataclass(slots=True)
class Peak:
    """How many bytes of memory processes had at the highest, and by how many that grew, by the names of services."""

    highest: dict[str, int] = field(default_factory=dict)
    growth: dict[str, int] = field(default_factory=dict)


@contextmanager
def watched(stack: Stack, *services: str) -> Iterator[Peak]:
    """Find out by how much the memory of the processes of these services grows meanwhile; of each the largest."""
    pids = {pid: service for service in services for pid in stack.pids(service)}
    before = {}
    for pid in pids:
        Path(f"/proc/{pid}/clear_refs").write_text(_RESET_PEAK, encoding="ascii")
        before[pid] = _memory(pid, "VmRSS")
    peak = Peak()
    yield peak
    for pid, service in pids.items():
        highest = _memory(pid, "VmHWM")
        peak.highest[service] = max(peak.highest.get(service, 0), highest)
        peak.growth[service] = max(peak.growth.get(service, 0), highest - before[pid])


def _memory(pid: int, name: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) * _KIB


def text_of(size: int) -> bytes:
    """Random text of so many bytes, in lines."""
    line = base64.b64encode(os.urandom(57)) + b"\n"
    return (line * (size // len(line) + 1))[:size]


def upload_body(name: str, content: bytes) -> bytes:
    """The JSON that uploads a file to the meeting of the example data."""
    element = f'{{"owner_id":"meeting/{MEETING}","title":"{name}","filename":"{name}","file":"'
    head = f'[{{"action":"mediafile.upload","data":[{element}'.encode()
    return b"".join((head, base64.b64encode(content), b'"}]}]'))


class FileBenchmark:
    """Uploads and downloads of small and large files."""

    def __init__(self, host: Host, sizes: FileSizes) -> None:
        self._host = host
        self._sizes = sizes

    def run(self) -> None:
        """Measure, and print each figure as soon as it is known."""
        for size, uploads, downloads in zip(self._sizes.sizes, self._sizes.uploads, self._sizes.downloads, strict=True):
            told = f"{size / 1_000_000:g} MB"
            others = others_meanwhile(self._host.stack, self._host.admin[0], MEETING)
            with watched(self._host.stack, "action", "media", "presenter") as peak, others as noticed:
                measured, file = self._upload(f"{size}.txt", text_of(size), uploads)
            self._host.report(f"mediafile.upload of {told}", measured)
            self._host.report("  tag.create meanwhile, 1 client", noticed)
            self._tell_peak(peak, size)
            with watched(self._host.stack, "media") as peak:
                measured = self._download(file, size, downloads)
            self._host.report(f"download of {told}, 1 client", measured)
            throughput = size * len(measured.latencies) / measured.seconds / 1_000_000
            print(f"{'  throughput':{_LABEL}} {throughput:8.1f} MB/s", flush=True)
            self._tell_peak(peak, size)

    def _upload(self, name: str, content: bytes, times: int) -> tuple[Measurement, int]:
        measured, file = Measurement(), 0
        for number in range(times):
            body = upload_body(f"{number}-{name}", content)
            started = time.perf_counter()
            status, answer = self._send(body)
            measured.latencies.append(time.perf_counter() - started)
            measured.seconds += measured.latencies[-1]
            if status == 200:
                file = answer
            else:
                measured.failures.append(str(status))
        return measured, file

    def _send(self, body: bytes) -> tuple[int, int]:
        stack = self._host.stack
        parts = urlsplit(stack.action_url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_TIMEOUT_SECONDS)
        try:
            headers = {"Content-Type": "application/json", **self._host.admin[0]}
            connection.request("POST", ACTION_PATH, body, headers)
            response = connection.getresponse()
            answer = response.read()
        finally:
            connection.close()
        return response.status, int(answer.rpartition(b'"id":')[2].rstrip(b"]}") or 0) if response.status == 200 else 0

    def _download(self, file: int, size: int, times: int) -> Measurement:
        stack, measured = self._host.stack, Measurement()
        parts = urlsplit(stack.media_url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_TIMEOUT_SECONDS)
        try:
            for _ in range(times):
                started, received = time.perf_counter(), 0
                connection.request("GET", f"/system/media/get/{file}", headers=dict(self._host.admin[0]))
                response = connection.getresponse()
                while chunk := response.read(_CHUNK):
                    received += len(chunk)
                measured.latencies.append(time.perf_counter() - started)
                if (response.status, received) != (200, size):
                    measured.failures.append(f"{response.status}, {received} bytes")
        finally:
            connection.close()
        measured.seconds = sum(measured.latencies)
        return measured

    @staticmethod
    def _tell_peak(peak: Peak, size: int) -> None:
        told = ", ".join(
            f"{service} {grown / MIB:.0f} MiB ({grown / size:.1f} files)" for service, grown in peak.growth.items()
        )
        print(f"{'  memory at the highest, above the usual':{_LABEL}} {told}", flush=True)
