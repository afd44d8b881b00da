#!/usr/bin/env python3
"""Submits many small documents at once and checks that none is lost or read twice.

    KHOCR_API_KEY=khocr_... scripts/load_submit.py [--url http://127.0.0.1:8080] [--count 200]
                                                   [--parallel 20] [--file some.pdf] [--wait 600]

The key's organisation needs enough requests a minute (`--count` + polls) and pages. Prints the
times of the submit answers; fails when a submission is refused, a job is missing from the list, an
id comes twice, or a job does not end in time. Needs Python 3.8 and nothing else.
"""
import argparse
import http.client
import json
import os
import sys
import threading
import time
import urllib.parse

arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
arguments.add_argument("--url", default="http://127.0.0.1:8080")
arguments.add_argument("--count", type=int, default=200)
arguments.add_argument("--parallel", type=int, default=20)
arguments.add_argument("--file", help="the document; the server's own sample when absent")
arguments.add_argument("--wait", type=float, default=600, help="seconds for all jobs to end")
arguments = arguments.parse_args()
KEY = os.environ["KHOCR_API_KEY"]
HOST = urllib.parse.urlsplit(arguments.url).netloc


def call(connection, method, path, body=None, kind=None):
    headers = {"X-API-Key": KEY}
    if kind:
        headers["Content-Type"] = kind
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    return answer.status, answer.headers, answer.read()


def patient(connection, path):
    """GET that waits when the minute is spent."""
    while True:
        status, headers, body = call(connection, "GET", path)
        if status != 429:
            return status, body
        time.sleep(float(headers["Retry-After"]))


first = http.client.HTTPConnection(HOST, timeout=120)
if arguments.file:
    document = open(arguments.file, "rb").read()
else:
    document = call(first, "GET", "/docs/sample.pdf")[2]
BODY = (
    b'--mark\r\nContent-Disposition: form-data; name="file"; filename="load.pdf"\r\n\r\n'
    + document
    + b"\r\n--mark--\r\n"
)

times, jobs, refused, lock = [], [], [], threading.Lock()
todo = iter(range(arguments.count))


def submit():
    connection = http.client.HTTPConnection(HOST, timeout=120)
    while True:
        with lock:
            if next(todo, None) is None:
                return
        start = time.perf_counter()
        status, _, body = call(
            connection, "POST", "/api/v1/convert", BODY, "multipart/form-data; boundary=mark"
        )
        took = time.perf_counter() - start
        with lock:
            times.append(took)
            if status == 200:
                jobs.append(json.loads(body)["job_id"])
            else:
                refused.append((status, body[:300]))


threads = [threading.Thread(target=submit) for _ in range(arguments.parallel)]
start = time.perf_counter()
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
spent = time.perf_counter() - start
times.sort()
at = lambda share: times[min(len(times) - 1, int(share * len(times)))] * 1000
print(f"{len(times)} submissions of {len(document)} bytes, {arguments.parallel} at a time, in {spent:.2f} s")
print(f"ms: p50 {at(.5):.1f}  p90 {at(.9):.1f}  p99 {at(.99):.1f}  max {times[-1] * 1000:.1f}")
if refused:
    sys.exit(f"{len(refused)} refused, the first: {refused[0]}")
if len(set(jobs)) != arguments.count:
    sys.exit("an id came twice")

states, end = {}, time.time() + arguments.wait
while time.time() < end:
    states, cursor = {}, ""
    while cursor is not None:
        status, body = patient(first, "/api/v1/jobs?limit=200" + cursor)
        page = json.loads(body)
        states.update((job["id"], job["status"]) for job in page["jobs"])
        cursor = "&cursor=" + page["next"] if page["next"] else None
    missing = [job for job in jobs if job not in states]
    if missing:
        sys.exit(f"{len(missing)} jobs are missing, such as {missing[0]}")
    if all(states[job] not in ("QUEUED", "PROCESSING") for job in jobs):
        break
    time.sleep(2)
counts = {}
for job in jobs:
    counts[states[job]] = counts.get(states[job], 0) + 1
print("jobs:", counts)
sys.exit(0 if counts == {"COMPLETED": arguments.count} else "not all were completed")
