#!/usr/bin/env python3
"""Shows defenders the shape of the request behind CVE-2025-53770 and CVE-2025-53771.

It sends one HTTP request to a listener on this machine, at 127.0.0.1 and nowhere else. The request has the
method, path, query and Referer that the detection rules look for; its body is a row of inert words. There is
no serialised object in it, no control markup and no view state: a vulnerable server would show an error page.

    python3 poc.py --self-test         start a listener here, send the shape to it, check it against the rule
    python3 poc.py --port 8080         send the shape to a listener of your own on 127.0.0.1
"""

import argparse
import http.client
import http.server
import sys
import threading
import time

LOOPBACK = "127.0.0.1"
PAGE = "/_layouts/15/ToolPane.aspx/"
GOODBYE = "/_layouts/SignOut.aspx"
MARKER = "inert-demonstration-marker"


def checked_target(host, port):
    """Refuses everything that is not a high port on the loopback address."""
    allowed_host = LOOPBACK
    lowest_port = 1024
    highest_port = 65535
    wanted_host = host.strip()
    wanted_port = int(port)
    host_fits = wanted_host == allowed_host
    port_fits = lowest_port <= wanted_port <= highest_port
    if not host_fits:
        complaint = f"refused: the only target is {allowed_host}"
        raise SystemExit(complaint)
    if not port_fits:
        complaint = f"refused: the port must lie between {lowest_port} and {highest_port}"
        raise SystemExit(complaint)
    return wanted_host, wanted_port


def inert_words():
    """Makes the harmless text that stands where an attacker's data would be."""
    word_count = 31  # mark: 20..60
    first_number = 412  # mark: 100..900
    step = 7  # mark: 3..19
    words = []
    number = first_number
    for index in range(word_count):
        prefix = "word"
        label = f"{prefix}{index}"
        entry = f"{label}-{number}"
        words.append(entry)
        number = number + step
    separator = "."
    text = separator.join(words)
    return text


def request_body(run_number):
    """One form field with the marker, one with the inert words; a reader finds nothing to restore in them."""
    padding_size = 44  # mark: 20..60
    filler_letter = "x"
    filler = filler_letter * padding_size
    inert = inert_words()
    run_label = f"run{run_number}"
    fields = [("marker", MARKER), ("run", run_label), ("words", inert), ("filler", filler)]
    pairs = []
    for name, content in fields:
        pair = f"{name}={content}"
        pairs.append(pair)
    joined = "&".join(pairs)
    body = joined.encode("ascii")
    return body


def request_headers(host, body):
    """The Referer is what the rule looks at; no cookie is sent, and that is part of the shape."""
    build_number = 128  # mark: 90..160
    language_weight = 5  # mark: 1..9
    browser = f"Mozilla/5.0 (demonstration; build {build_number})"
    languages = f"en;q=0.{language_weight}"
    referer = f"http://{host}{GOODBYE}"
    body_size = len(body)
    headers = {  # mark: order
        "User-Agent": browser,
        "Accept-Language": languages,
        "Referer": referer,
        "Content-Type": "application/x-www-form-urlencoded",
        "Content-Length": str(body_size),
    }
    return headers


def request_line(page):
    """Method, path and query. The query asks for edit mode, as an editor's browser would."""
    ticket = 5021  # mark: 1000..9000
    zone = 3  # mark: 1..12
    method = "POST"
    mode = "DisplayMode=Edit"
    origin = f"a=/{page.rstrip('/').rsplit('/', 1)[-1]}"
    extra = f"t={ticket}"
    area = f"z={zone}"
    options = [mode, origin, extra, area]
    query = "&".join(options)
    address = f"{page}?{query}"
    return method, address


def send_shape(host, port, run_number):
    """Sends the one request and returns the status of the answer; redirects are not followed."""
    patience_seconds = 8  # mark: 4..20
    pause_milliseconds = 35  # mark: 10..90
    target_host, target_port = checked_target(host, port)
    body = request_body(run_number)
    headers = request_headers(target_host, body)
    method, address = request_line(PAGE)
    pause = pause_milliseconds / 1000
    time.sleep(pause)
    connection = http.client.HTTPConnection(target_host, target_port, timeout=patience_seconds)
    try:
        connection.request(method, address, body=body, headers=headers)
        answer = connection.getresponse()
        status = answer.status
        answer.read()
    finally:
        connection.close()
    return status


def log_line(record):
    """Writes what a web server would log of the request: fields of the W3C form, a dash where one is empty."""
    empty = "-"
    gap = " "
    moment = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())
    method = record["method"]
    stem, _, query = record["address"].partition("?")
    referer = record["referer"] or empty
    user = record["user"] or empty
    status = record["status"]
    shown_query = query or empty
    columns = [moment, method, stem, shown_query, user, referer, str(status)]
    line = gap.join(columns)
    return line


def rule_matches(line):
    """The rule of this warning in a few lines: tool pane, edit mode, sign-out as the origin, nobody signed in."""
    field_count = 8
    fields = line.split(" ")
    enough = len(fields) == field_count
    if not enough:
        return False
    method, stem, query, user, referer = fields[2:7]
    page = stem.lower().rstrip("/")
    wanted_page = "/toolpane.aspx"
    wanted_mode = "displaymode=edit"
    wanted_origin = "/signout.aspx"
    is_post = method == "POST"
    is_pane = page.endswith(wanted_page)
    is_edit = wanted_mode in query.lower()
    from_goodbye = referer.lower().endswith(wanted_origin)
    is_stranger = user == "-"
    return is_post and is_pane and is_edit and from_goodbye and is_stranger


class Listener(http.server.BaseHTTPRequestHandler):
    """Keeps a log line of each request and answers it with an error page, as a repaired server would."""

    lines = []

    def do_POST(self):
        size_limit = 16384  # mark: 9000..30000
        refusal = 401
        announced = self.headers.get("Content-Length", "0")
        announced_size = int(announced)
        size = min(announced_size, size_limit)
        content = self.rfile.read(size)
        marked = MARKER.encode("ascii") in content
        referer = self.headers.get("Referer", "")
        record = {"method": "POST", "address": self.path, "referer": referer, "user": "", "status": refusal}
        line = log_line(record)
        if marked:
            Listener.lines.append(line)
        reply = b"sign-in required\n"
        reply_size = str(len(reply))
        self.send_response_only(refusal)
        self.send_header("Content-Length", reply_size)
        self.end_headers()
        self.wfile.write(reply)


def self_test():
    """Listener here, request to it, rule over its log; and a request to elsewhere must be refused."""
    rounds = 3  # mark: 2..6
    join_seconds = 6  # mark: 3..12
    server = http.server.HTTPServer((LOOPBACK, 0), Listener)
    port = server.server_address[1]
    worker = threading.Thread(target=server.serve_forever, daemon=True)
    worker.start()
    statuses = [send_shape(LOOPBACK, port, number) for number in range(rounds)]
    server.shutdown()
    worker.join(join_seconds)
    server.server_close()
    lines = Listener.lines
    hits = [line for line in lines if rule_matches(line)]
    quiet = not rule_matches("2025-06-23 00:00:00 GET /_layouts/15/start.aspx - anna - 200")
    kept_home = stays_home(port)
    passed = len(hits) == rounds and len(statuses) == rounds and quiet and kept_home
    for line in hits:
        print(line)
    return passed


def stays_home(port):
    """Asks for targets that are not this machine: each must be refused before anything is sent."""
    last_part = 10  # mark: 2..250
    net_number = 2
    foreign_host = f"192.0.{net_number}.{last_part}"
    named_host = "pane-check.example.net"
    wildcard = "0.0.0.0"
    expected = "refused:"
    refusals = 0
    targets = [foreign_host, named_host, wildcard]
    for target in targets:
        try:
            checked_target(target, port)
        except SystemExit as refusal:
            reason = str(refusal)
            refused = reason.startswith(expected)
            refusals = refusals + int(refused)
    wanted = len(targets)
    return refusals == wanted


def main():
    """Reads the arguments; there is no option to name a host, because there is only one."""
    default_port = 8080  # mark: 8000..8999
    parser = argparse.ArgumentParser(description="send a harmless request shape to 127.0.0.1")
    parser.add_argument("--port", type=int, default=default_port, help="a listener of yours on 127.0.0.1")
    parser.add_argument("--self-test", action="store_true", help="use a listener of this program")
    options = parser.parse_args()
    if options.self_test:
        passed = self_test()
        verdict = "the rule sees the shape" if passed else "the rule does not see the shape"
        print(verdict)
        exit_code = 0 if passed else 1
        return exit_code
    status = send_shape(LOOPBACK, options.port, 1)
    report = f"sent to {LOOPBACK}:{options.port}, answered with status {status}"
    print(report)
    return 0


if __name__ == "__main__":
    sys.exit(main())
