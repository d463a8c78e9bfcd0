#!/usr/bin/env python3
"""Compares servers that do the work of `bench-server`: processor time per request, side by side in one run.

    benches/compare.py [--rounds 10] [--seconds 1] [--work form,insert] NAME='COMMAND' NAME='COMMAND' ...

The first server is what the others are compared with. Each is started with BENCH_PORT set to a port of its own, and is
loaded by `wrk` in turn, so that all have the same share of whatever else the machine does: the ratio is the median of
the rounds' ratios. Works on Linux, where a process's time is in /proc. Times are in microseconds.
"""
import argparse
import os
import pathlib
import re
import shlex
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

FORM = "application/x-www-form-urlencoded"
WORK = {  # name: (address, content type and body of a POST)
    "ping": ("/ping", None),
    "form": ("/thing/new", None),
    "refused": ("/thing/new", (FORM, "{key}&name=&color=green")),
    "insert": ("/thing/new", (FORM, "{key}&name=A+thing&color=green")),
    "list": ("/api/thing", None),
    "row": ("/api/thing/1", None),
    "json": ("/api/thing", ("application/json", '{"name":"A thing","color":"green"}')),
}
EXPECTED = {"refused": 422, "insert": 303, "json": 201}


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class Server:
    def __init__(self, name, command, folder):
        self.name, self.folder = name, folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        environment = dict(os.environ, BENCH_PORT=str(self.port))
        self.process = subprocess.Popen(shlex.split(command), env=environment, stdout=subprocess.DEVNULL)
        self.open = urllib.request.build_opener(NoRedirect).open
        for _ in range(100):
            try:
                page = self.open(self.url("/thing/new"))
                break
            except OSError:
                if self.process.poll() is not None:
                    sys.exit(f"{name} has ended")
                time.sleep(0.1)
        else:
            sys.exit(f"{name} does not answer")
        self.cookie = page.headers["set-cookie"].split(";")[0]
        html = page.read().decode()
        hidden = re.findall(r'name="(_form\w+)" value="([^"]*)"', html)
        self.key = "&".join(f"{name}={value}" for name, value in hidden)

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def script(self, work):
        """What wrk sends; None for a plain GET without a cookie."""
        post = WORK[work][1]
        if not post:
            return None
        body = post[1].replace("{key}", self.key)
        headers = {"Content-Type": post[0], "Cookie": self.cookie}
        request = urllib.request.Request(self.url(WORK[work][0]), body.encode(), headers)
        try:
            status = self.open(request).status
        except urllib.error.HTTPError as answer:
            status = answer.code
        if status != EXPECTED[work]:
            sys.exit(f"{self.name} answers {work} with {status}")
        lines = [f"wrk.method = 'POST'", f"wrk.body = '{body}'"]
        lines += [f"wrk.headers['{name}'] = '{value}'" for name, value in headers.items()]
        path = pathlib.Path(self.folder, f"{self.name}-{work}.lua")
        path.write_text("\n".join(lines))
        return str(path)

    def used(self):
        """The processor time so far, in nanoseconds."""
        tasks = pathlib.Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks)

    def load(self, work, script, options):
        command = ["wrk", "-t1", f"-c{options.connections}", f"-d{options.seconds}"]
        command += ["-s", script] if script else []
        before = self.used()
        told = subprocess.run([*command, self.url(WORK[work][0])], capture_output=True, text=True, check=True).stdout
        time_used = self.used() - before
        if work not in EXPECTED and "Non-2xx" in told:
            sys.exit(f"{self.name} fails at {work}:\n{told}")
        return time_used / 1000 / int(re.search(r"(\d+) requests in", told)[1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seconds", type=int, default=1)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--work", default=",".join(WORK), help="some of: %(default)s")
    parser.add_argument("servers", nargs="+", metavar="NAME=COMMAND")
    options = parser.parse_args()
    servers = []
    with tempfile.TemporaryDirectory() as folder:
        try:
            for text in options.servers:
                name, command = text.split("=", 1)
                servers.append(Server(name, command, folder))
            print(f"{'':8} {'':16} {'median':>8} {'least':>8} {'ratio':>6}")
            for work in options.work.split(","):
                compare(work, servers, options)
        finally:
            for server in servers:
                server.process.kill()


def compare(work, servers, options):
    scripts = {server: server.script(work) for server in servers}
    times = {server: [] for server in servers}
    for _ in range(options.rounds):
        for server in servers:
            times[server].append(server.load(work, scripts[server], options))
    for server in servers:
        own, first = times[server], times[servers[0]]
        ratio = statistics.median(mine / other for mine, other in zip(own, first))
        print(f"{work:8} {server.name:16} {statistics.median(own):8.1f} {min(own):8.1f} {ratio:6.2f}", flush=True)


main()
