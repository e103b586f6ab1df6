"""
Computes the figures in the bundle of an inquiry again, from docs/reference/formats/inquiry.md alone and with the
standard library only: the error rate of each touched canary, and the timing of each hypothesis.
`python3 inquiry.py BUNDLE [EXPERT …]` also checks the names of touched canaries whose version an expert file opens.
"""
import hashlib
import json
import math
import sys
from datetime import datetime, timezone

sys.dont_write_bytecode = True
from scores import canary

TOLERANCE = 1e-9
DAY = 86_400_000
CONFIDENCE = 0.95


def instant(text):
    """Milliseconds since 1970."""
    read = datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(timezone.utc)
    return round(read.timestamp() * 1000)


def upper_bound(touched, of):
    """The highest share by which so few of so many, or fewer, still come about once in twenty times."""
    if touched >= of:
        return 1
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        chance = sum(math.comb(of, n) * middle**n * (1 - middle) ** (of - n) for n in range(touched + 1))
        low, high = (middle, high) if chance > 1 - CONFIDENCE else (low, middle)
    return high


def log10lr(since, seen, model):
    days, off = (instant(seen["at"]) - since) / DAY, model["offMs"][seen["clock"]] / DAY
    within = lambda limit: limit / (limit + model["medianDays"]) if limit > 0 else 0
    density = (within(days + off) - within(days - off)) / (2 * off)
    log = math.log10(density * model["windowDays"]) if density > 0 else -math.inf
    return max(model["least"], min(model["most"], log))


def close(a, b):
    return a == b if a is None or b is None else abs(a - b) <= TOLERANCE


def differing(bundle, experts):
    for its in bundle["touches"]:
        known = its["background"]
        if not close(upper_bound(known["touched"], known["decoys"]), known["rateMax"]):
            yield f"the error rate of touch {its['touch']}"
        for expert in experts:
            for document in expert["documents"]:
                if (document["artifact"], document["version"]) == (its["artifact"], its["version"]):
                    yield from other_name(its, document)
    yield from other_timing(bundle, bundle["timing"])


def other_name(its, document):
    if its["recipient"] is None or "canaries" not in document:
        return
    nonce = hashlib.sha256(b"recipient\0" + its["recipient"].encode()).digest()[:12]
    kind, _, second = its["what"].partition(":")
    text = canary(kind, f":{second}" if second else "", document, nonce)
    core = text.removeprefix("http://").removesuffix("/").split(".")[0] if kind in ("host", "url") else text
    if hashlib.sha256(b"canary\0" + core.encode()).hexdigest() != its["name"]:
        yield f"whose name touch {its['touch']} is of"


def other_timing(bundle, timing):
    model, seen = timing["model"], timing["firstObservation"]
    weights = {one["key"]: one.get("weight", 10) for one in bundle["hypotheses"]}
    holders = [one for one in timing["rows"] if one["key"] == "partner" and one["partner"] is not None]
    for one in timing["rows"]:
        since = None if one["since"] is None else instant(one["since"])
        weight, log = weights[one["key"]], None
        if one in holders:
            weight /= len(holders)
        if seen is not None and one["key"] == "independent":
            log = 0
        elif seen is not None and (one["key"] == "patch" or one in holders):
            log = model["least"] if since is None else log10lr(since, seen, model)
        if not close(one["weight"], weight) or not close(one["log10"], log):
            yield f"what time says of {one['key']} {one['partner'] or ''}".rstrip()
    own = holders[0]["weight"] if holders else 0
    total = sum(one["weight"] for one in timing["rows"])
    even = None if own == 0 or total == own else math.log10((total - own) / own)
    if not close(timing["evenAt"], even):
        yield "the evidence that makes one partner as likely as all else"


def main(path, others):
    read = lambda one: json.load(open(one, encoding="utf-8"))
    bundle = read(path)
    found = list(differing(bundle, [read(one) for one in others]))
    for name in found:
        print("differs: " + name)
    if not found:
        touches, rows = len(bundle["touches"]), len(bundle["timing"]["rows"])
        print(f"all agrees: {touches} touched canaries, {rows} rows of timing")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
