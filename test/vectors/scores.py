"""
Evidence once more, from docs/reference/formats/marks.md alone and with nothing but the standard library: everybody's e-value by all
three tests, who is identified, and who together. `python3 scores.py FILE` says whether a file holds them: one such as
scores.json, which leaks.py makes, or an expert file, whose manifest and words are computed again first.
"""
import argparse
import base64
import functools
import hashlib
import hmac
import json
import math
import re
import sys

sys.dont_write_bytecode = True
from marks import Book, doc_key

WORST = {
    "worst4": {3: [1], 4: [0.865], 5: [1, 0], 6: [1, 0], 7: [0.825, 0.265, 0], 8: [0.877, 0, 0.502]},
    "worst8": {3: [0.618], 4: [0.463], 5: [0.545, 0], 6: [0.561, 0], 7: [0.652, 0, 0], 8: [0.728, 0, 0]},
}
STRATEGIES = ["interleave", "one", "zero", "coin", "majority", "minority", "worst4", "worst8"]
MODELS = [
    (c, strategy, noise)
    for c in range(1, 9)
    for strategy in (STRATEGIES if c > 1 else STRATEGIES[:1])
    for noise in (0, 0.02, 0.1)
]


def form_one(strategy, c, n):
    if n in (0, c):
        return n // c
    sign = (2 * n > c) - (2 * n < c)
    if strategy == "interleave":
        return n / c
    if strategy in WORST:
        return 0.5 if sign == 0 else WORST[strategy][c][n - 1] if sign < 0 else 1 - form_one(strategy, c, c - n)
    return {"one": 1, "zero": 0, "coin": 0.5, "majority": (1 + sign) / 2, "minority": (1 - sign) / 2}[strategy]


@functools.cache
def sizes_of(copies, forms):
    """Each way in which so many copies may fall on so many forms: how many each form has, and how likely that is."""
    if forms == 0 or copies == 0:
        return {(): 1.0} if copies == 0 else {}
    ways = {}
    for here in range(copies + 1):  # so many have the first form; the others fall on the rest
        p = math.comb(copies, here) * (1 / forms) ** here * (1 - 1 / forms) ** (copies - here)
        for rest, chance in sizes_of(copies - here, forms - 1).items():
            sizes = tuple(sorted(rest + (here,) if here else rest))
            ways[sizes] = ways.get(sizes, 0) + p * chance
    return ways


def form_of_many(strategy, c, n, q):
    if n == 0:
        return 0
    if strategy in ("interleave", "zero", "worst4", "worst8"):
        return n / c
    total = 0
    for others, chance in sizes_of(c - n, q - 1).items():
        wanted = {"majority": max, "minority": min}.get(strategy)
        among = (n,) + others
        if wanted is None:
            total += chance / len(among)
        elif wanted(among) == n:
            total += chance / among.count(n)
    return total


@functools.cache
def shown(size, symbol):
    """Of each model: λ(0) to λ(c)."""
    tables = []
    for c, strategy, noise in MODELS:
        if size == 2:
            sigma = [form_one(strategy, c, n) if symbol == 1 else 1 - form_one(strategy, c, c - n) for n in range(c + 1)]
            tables.append([p * (1 - noise) + (1 - p) * noise for p in sigma])
        else:
            sigma = [form_of_many(strategy, c, n, size) for n in range(c + 1)]
            tables.append([p * (1 - noise) + noise / size for p in sigma])
    return tables


@functools.cache
def likely(kind, k, f):
    """Of each model: a and b at a slot of this kind (size, symbol, π) of which f of k accomplices have what was read."""
    size, symbol, pi = kind
    pairs = []
    for (c, _, _), table in zip(MODELS, shown(size, symbol)):
        u = c - k - 1
        terms = [math.comb(u, v) * pi**v * (1 - pi) ** (u - v) for v in range(u + 1)]
        mean = lambda n: max(1e-12, sum(p * table[n + v] for v, p in enumerate(terms)))
        pairs.append((mean(f + 1), mean(f)) if u >= 0 else None)
    return pairs


def prior(c, strategy):
    return math.log((1 if c == 1 else 3 / 4 if strategy == "interleave" else 1 / 28) / 3) - c * math.log(2)


STEP = 2**-6
SHARES = {"whole": 0.2, "parts": 0.15, "joint": 0.65}
ACCUSING = 0.8
# The weight of products of e-values that begin with the first try on a case.
FIRST_WEIGHT = 0.8
FAINT = (1, 4)


def rounded(g):
    return math.floor(g / STEP + 0.5) * STEP


class Score:
    """What the slots read are worth, given accomplices. `slots`: of each slot read, its kind and who has what was read."""

    def __init__(self, slots, accomplices=()):
        k = len(accomplices)
        cells = {}
        for kind, having in slots:
            cells.setdefault((kind, sum(one in having for one in accomplices)), []).append(having)
        log_weights = []
        for m, (c, strategy, _) in enumerate(MODELS):
            if c > k:
                log = prior(c, strategy)
                for (kind, f), its in cells.items():
                    a, b = likely(kind, k, f)[m]
                    log += len(its) * math.log(kind[2] * a + (1 - kind[2]) * b)
                log_weights.append((m, log))
        top = max(log for _, log in log_weights)
        weights = [(m, math.exp(log - top)) for m, log in log_weights]
        self.likely = rounded(top + math.log(sum(weight for _, weight in weights)))
        if k == 0:
            weights = [(m, weight * 2 ** MODELS[m][0]) for m, weight in weights]
        total = sum(weight for _, weight in weights)
        self.cells = []
        for (kind, f), its in cells.items():
            pi, pairs = kind[2], likely(kind, k, f)
            a, b = (sum(weight * pairs[m][i] for m, weight in weights) / total for i in (0, 1))
            q = pi * a + (1 - pi) * b
            self.cells.append((pi, rounded(math.log(a / q)), rounded(math.log(b / q)), its))

    def of(self, recipient):
        return sum(g1 if recipient in having else g0 for _, g1, g0, its in self.cells for having in its)

    def cumulant(self, t):
        """K(t), K′(t) and K″(t)."""
        k = first = second = 0
        for pi, g1, g0, its in self.cells:
            top = max(t * g1, t * g0)
            x, y = pi * math.exp(t * g1 - top), (1 - pi) * math.exp(t * g0 - top)
            k += len(its) * (top + math.log(x + y))
            first += len(its) * (x * g1 + y * g0) / (x + y)
            second += len(its) * x * y / (x + y) ** 2 * (g1 - g0) ** 2
        return k, first, second

    @functools.cache
    def tilt(self, goal):
        def rising(t):
            k, first, _ = self.cumulant(t)
            return t * first - k

        return bisected(rising, goal) if rising(512) > goal else 1

    def rarest(self):
        """The logarithm of how likely the highest score is."""
        return sum(len(its) * (g1 != g0) * math.log(pi if g1 > g0 else 1 - pi) for pi, g1, g0, its in self.cells)

    @functools.cache
    def rare(self, goal):
        """The lowest score that an innocent has, or a higher one, with a chance of exp(−goal) at most, and that chance's logarithm."""
        t = self.tilt(goal)  # all chances are tilted, exp(t · score) as likely and scaled: then those that matter are the largest
        start, chances = 0, [1.0]
        for pi, g1, g0, its in self.cells:
            by = round(abs(g1 - g0) / STEP)
            up = pi if g1 > g0 else 1 - pi
            high = up / (up + (1 - up) * math.exp(-t * by * STEP))
            for _ in its:
                start += round(min(g1, g0) / STEP)
                stay, move = [(1 - high) * p for p in chances], [high * p for p in chances]
                chances = [a + b for a, b in zip(stay + [0] * by, [0] * by + move)]
                lost = next(i for i, p in enumerate(chances) if p >= 1e-20)
                kept = next(i for i in range(len(chances), 0, -1) if chances[i - 1] >= 1e-20)
                start, chances = start + lost, chances[lost:kept]
        k, above, at = self.cumulant(t)[0], 0, len(chances)
        log = lambda p, i: math.log(p) + k - t * STEP * (start + i)
        while at > 0:
            here = above * math.exp(-t * STEP) + chances[at - 1]
            if here > 0 and log(here, at - 1) > -goal:
                break
            above, at = here, at - 1
        return STEP * (start + at), log(above, at) if above > 0 else -math.inf

    def log_e(self, goal):
        rarer = goal - math.log(ACCUSING)
        if self.rarest() > -rarer:
            each = [(tilt, self.cumulant(tilt)[0] + math.log(len(FAINT))) for tilt in FAINT]
            return lambda recipient: log_sum([tilt * self.of(recipient) - its for tilt, its in each])
        t = self.tilt(goal)
        k, _, second = self.cumulant(t)
        surely_over = rarer - math.log(10 * (1 + t * math.sqrt(2 * math.pi * second)))  # saves work, and changes nothing

        def log_e_of(recipient):
            score = self.of(recipient)
            some = math.log(1 - ACCUSING) + t * score - k
            if t * score - k < surely_over or score < self.rare(rarer)[0]:
                return some
            return log_sum([some, math.log(ACCUSING) - self.rare(rarer)[1]])

        return log_e_of


def bisected(rising, goal):
    low, high = 0, 512
    for _ in range(64):
        middle = (low + high) / 2
        low, high = (low, middle) if rising(middle) > goal else (middle, high)
    return (low + high) / 2


def parts_of(slots):
    n = min(8, len(slots) // 12)
    ends = [b * len(slots) // n for b in range(n + 1)] if n > 1 else []
    return [slots[ends[i] : ends[j]] for i in range(n) for j in range(i + 1, n + 1) if n > 1 and (i, j) != (0, n)]


class Search:
    """Scores by accomplices are kept: most suspects' searches come to the same."""

    def __init__(self, slots, best, total):
        self.slots, self.best, self.total, self.known = slots, best, total, {}

    def score(self, found):
        key = frozenset(found)
        if key not in self.known:
            score = Score(self.slots, sorted(found))
            self.known[key] = (score, {one: score.of(one) for one in self.best})
        return self.known[key]

    def fitting(self, accomplices, without):
        """The two who score best given these; of equal ones, the first."""
        values = self.score(accomplices)[1]
        left = [one for one in self.best if one != without and one not in accomplices]
        return sorted(left, key=lambda one: -values[one])[:2]

    def sets(self, without):
        """Sets of accomplices and the logarithms of their weights, the heaviest first."""
        found = [((), self.score(())[0].likely)]
        largest = found
        for size in range(1, 8):
            least = max(log for _, log in found) + math.log(1e-3)
            if not any(len(its) >= size - 2 and log >= least for its, log in found):
                break
            grown = {}
            for its, _ in largest:
                for one in self.fitting(its, without):
                    more = tuple(sorted(its + (one,), key=self.best.index))
                    grown[more] = self.score(more)[0].likely - math.log(math.comb(self.total, size))
            largest = sorted(grown.items(), key=lambda each: -each[1])[:2]
            found = found + largest
        found = sorted(found, key=lambda each: -each[1])
        kept = [(its, log) for its, log in found if log >= found[0][1] + math.log(1e-3)]
        total = log_sum([log for _, log in kept])
        return [(its, log - total) for its, log in kept]

    def log_e(self, one, goal):
        return log_sum([log + self.score(its)[0].log_e(goal - log)(one) for its, log in self.sets(one)])

    def coalition(self):
        return list(self.sets(None)[0][0])


def log_sum(logs):
    top = max(logs)
    return top + math.log(sum(math.exp(log - top) for log in logs))


def findings(coins, words, symbols, alpha):
    """`words`: of each recipient, in the order of their names. A symbol is a number, or None or "mixed"."""
    names = list(words)
    read = [(i, s) for i, s in enumerate(symbols) if isinstance(s, int) and 0 <= s < len(coins[i])]
    chance = lambda i, s: (coins[i][s] - (coins[i][s - 1] if s > 0 else 0)) / 256
    kind = lambda i, s: (len(coins[i]), s if len(coins[i]) == 2 else None, chance(i, s))
    slots = [(kind(i, s), {name for name in names if words[name][i] == s}) for i, s in read]
    goal = math.log(len(names) / alpha)
    parts = parts_of(slots)
    is_small = len(names) * len(coins) <= 20_000_000
    whole = SHARES["whole"] + (0 if parts else SHARES["parts"])
    tests = [(whole if is_small else 1, slots)]
    tests += [(SHARES["parts"] / len(parts), part) for part in parts if is_small]
    by_name = {name: [] for name in names}
    for share, its in tests:
        log_e = Score(its).log_e(goal - math.log(share))
        for name in names:
            by_name[name].append(math.log(share) + log_e(name))
    joint, coalition = {}, []
    if is_small:
        alone = Score(slots)
        best = sorted(names, key=lambda name: -alone.of(name))[:201]
        search = Search(slots, best, len(names))
        for name in best:
            joint[name] = search.log_e(name, goal - math.log(SHARES["joint"]))
            by_name[name].append(math.log(SHARES["joint"]) + joint[name])
        coalition = search.coalition()
    differing = sum(symbol != 0 for _, symbol in read)
    explains = len(read) >= 3 and 20 * differing <= len(read)
    lr = sum(math.log((0.98 if s == 0 else 0.02 / (len(coins[i]) - 1)) / chance(i, s)) for i, s in read)
    total = {name: log_sum(its) for name, its in by_name.items()}
    identified = [name for name in names if total[name] >= goal and not explains]
    together = [name for name in coalition if name in identified]
    weakest = min((joint[name] for name in together), default=0) / math.log(10)
    seen = len(read) + symbols.count("mixed")
    return {
        "verdict": "traced" if identified else "unrelated" if seen < min(3, max(1, len(coins))) else "undecided",
        "threshold": goal / math.log(10),
        "log10e": [[name, max(-300, total[name] / math.log(10))] for name in names],
        "identified": identified,
        "together": [{"recipients": together, "log10e": weakest}] if len(together) > 1 else [],
        "unmarked": {"log10lr": max(-300, lr / math.log(10)), "explains": explains},
    }


def book_of(master, its):
    key = doc_key(master, its["name"], "1", 1)
    return Book(key, [(f"slot {n}", size) for n, size in enumerate(its["sizes"])], its["colluders"])


def expected(master, its):
    book = book_of(master, its)
    in_order = sorted(its["recipients"], key=lambda name: name.encode("utf-16-be"))
    words = {name: book.word(name) for name in in_order}
    return findings(book.coins, words, its["symbols"], its["alpha"])


def agrees(known, made, tolerance):
    if isinstance(made, float):
        return isinstance(known, (int, float)) and abs(known - made) <= tolerance
    if isinstance(made, (list, tuple)):
        return len(known) == len(made) and all(agrees(a, b, tolerance) for a, b in zip(known, made))
    if isinstance(made, dict):
        return known.keys() == made.keys() and all(agrees(known[key], made[key], tolerance) for key in made)
    return known == made


def manifest_of(document):
    compact = lambda value: json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
    zone = [document["canaries"]["zone"]] if "canaries" in document else []
    head = compact(["tocsin-marks/1", document["artifact"], document["version"], document["colluders"], *zone])
    parts = [hashlib.sha256(compact(document["slots"])).digest(), bytes.fromhex(document["master"])]
    parts.append(hashlib.sha256(bytes.fromhex(document["key"])).digest())
    return hashlib.sha256(head + b"".join(parts)).hexdigest()


EXPERT = "tocsin-expert-file/1"
TOLERANCE = 1e-6


class Drawn:
    """The words of a document's copies. Its typography layer is generated apart, and counts for nothing."""

    def __init__(self, document):
        slots = document["slots"]
        layers = [[], []]
        for i, one in enumerate(slots):
            layers[one["robustness"] == "typography"].append(i)
        places = lambda layer: [(slots[i]["id"], len(slots[i]["variants"])) for i in layer]
        book = lambda layer: Book(bytes.fromhex(document["key"]), places(layer), document["colluders"])
        self.layers = [(layer, book(layer)) for layer in layers if layer]
        self.counted = layers[0]
        self.coins = book(self.counted).coins if self.counted else []

    def word(self, nonce):
        word = {i: form for layer, book in self.layers for i, form in zip(layer, book.word_of(nonce))}
        return [word[i] for i in sorted(word)]


def differing_in(expert, masters):
    """What an expert file states otherwise than it comes out, in words; `masters`: files whose copies are made again."""
    if expert["error"]["shares"] != SHARES:
        yield "the shares of the tests"
    for n, document in enumerate(expert["documents"]):
        where = "" if len(expert["documents"]) == 1 else f" in document {n + 1}"
        for what in differing_in_document(expert, document):
            yield what + where
    for master in masters:
        hashed = hashlib.sha256(master).hexdigest()
        its = [one for one in expert["documents"] if one["master"] == hashed]
        if not its:
            yield "a master, which is of none of its documents"
        for document in its:
            for number in other_copies(expert, document, master):
                yield f"the copy of number {number}, made again,"


def differing_in_document(expert, document):
    stated, error = document["stated"], expert["error"]
    if not document["manifest"] == manifest_of(document) == document["committed"]["body"]["manifest"]:
        yield "the manifest"
    drawn = Drawn(document)
    nonces = {one["number"]: bytes.fromhex(one["nonce"]) for one in expert["recipients"]}
    words = {}
    for one in document["copies"]:
        word = drawn.word(nonces[one["number"]])
        words[one["number"]] = [word[i] for i in drawn.counted]
        if one["word"] != word:
            yield f"the word of number {one['number']}"
    read = [document["read"][i] for i in drawn.counted]
    is_read = [isinstance(s, int) and 0 <= s < len(coin) for s, coin in zip(read, drawn.coins)]
    counts = {"total": len(drawn.counted), "read": sum(is_read), "mixed": read.count("mixed")}
    counts["erased"] = counts["total"] - counts["read"] - counts["mixed"]
    made = findings(drawn.coins, words, read, error["alpha"] * document.get("share", 1 / error["versions"]))
    if "before" in document:
        # A later try: the e-values of earlier ones multiply with it. The text itself must also speak for the copy.
        before = dict(document["before"])
        over = [number for number, log10e in made["log10e"] if log10e + before[number] >= made["threshold"] - TOLERANCE]
        made["identified"] = [number for number in stated["identified"] if number in over]
        undecided = "undecided" if stated["verdict"] == "traced" else stated["verdict"]
        made["verdict"] = "traced" if made["identified"] else undecided
    made["slots"] = counts
    made["unmarked"]["fits"] = sum(ok and s == 0 for ok, s in zip(is_read, read))
    for name in sorted(made.keys() | stated.keys()):
        if name not in made or name not in stated or not agrees(stated[name], made[name], TOLERANCE):
            yield f"what is stated as {name}"


def other_copies(expert, document, master):
    """The numbers of those whose copy, made again of master, key and slots, is none of those that were handed out."""
    drawn = Drawn(document)
    nonces = {one["number"]: bytes.fromhex(one["nonce"]) for one in expert["recipients"]}
    units = master.decode().encode("utf-16-le")
    for one in document["copies"]:
        copy = copy_of(units, document["slots"], drawn.word(nonces[one["number"]]))
        size = longest(master, document["slots"])
        if "canaries" in document:
            name = lambda found: canary(found[1], found[2], document, nonces[one["number"]])
            copy = CANARY.sub(name, copy)
            size += sum(len(name(found)) - len(found[0]) for found in CANARY.finditer(master.decode()))
        copy = copy.encode()
        copy += b"\n" * (bucket(size) - len(copy))
        if any(hashlib.sha256(bytes.fromhex(its["salt"]) + copy).hexdigest() != its["copy"] for its in one["delivered"]):
            yield one["number"]


CANARY = re.compile(r"(?<!\\)\{\{canary:(host|url|address|credential|hash)((?::[a-z][a-z0-9-]{0,30})?)\}\}")


def canary(kind, second, document, nonce):
    """The name that stands in one recipient's copy."""
    drawn = hmac.digest(bytes.fromhex(document["key"]), b"canary\0" + (kind + second).encode() + nonce, "sha256")
    letters = base64.b32encode(drawn).decode().lower()
    if kind == "hash":
        return drawn.hex()
    if kind == "credential":
        return letters[:26]
    if kind == "address":
        groups = [int.from_bytes(drawn[i : i + 2], "big") % 0xF000 + 0x1000 for i in range(0, 12, 2)]
        return ":".join(["2001:db8", *(f"{group:x}" for group in groups)])
    host = f"{letters[:20]}.{document['canaries']['zone']}"
    return f"http://{host}/" if kind == "url" else host


def copy_of(units, slots, word):
    chosen = [(edit, n) for n, (slot, form) in enumerate(zip(slots, word)) for edit in slot["variants"][form]]
    order = lambda edit: (edit["start"], 0, -edit["end"]) if "from" in edit else (edit["start"], 1, edit["end"])
    chosen.sort(key=lambda one: order(one[0]))

    def copy(start, end, without):
        made, at = b"", start
        for edit, slot in chosen:
            if edit["start"] >= at and edit["end"] <= end and slot != without:
                moved = copy(*edit["from"], slot) if "from" in edit else edit["text"].encode("utf-16-le")
                made += units[2 * at : 2 * edit["start"]] + moved
                at = edit["end"]
        return made + units[2 * at : 2 * end]

    return copy(0, len(units) // 2, None).decode("utf-16-le")


def longest(master, slots):
    grows = lambda edits: sum(len(e["text"].encode()) - (e["end"] - e["start"]) for e in edits)
    return len(master) + sum(max(0, *map(grows, slot["variants"])) for slot in slots)


def bucket(size):
    """Padmé: the number of leading bits that is kept is that of the exponent's digits."""
    if size < 2:
        return size
    exponent = size.bit_length() - 1
    step = 1 << max(0, exponent - exponent.bit_length())
    return -(-size // step) * step


def together(experts):
    """Several leaks weighed together: the bar, and of each nonce the common logarithm of its e-value over all of them."""
    by_version = {}
    for expert in experts:
        # By the version of which most was read: who fits has no say in which it is.
        name = lambda one: f"{one['artifact']}:{one['version']}"
        document = min(expert["documents"], key=lambda one: (-one["stated"]["slots"]["read"], name(one)))
        stated = document["stated"]
        if stated["verdict"] == "unrelated" or stated["unmarked"]["explains"]:
            continue
        nonces = {one["number"]: one["nonce"] for one in expert["recipients"]}
        less = math.log10(expert["error"]["versions"])
        if "before" in document:
            less -= math.log10(FIRST_WEIGHT)
        before = dict(document.get("before", []))
        logs = {nonces[number]: log10e + before.get(number, 0) - less for number, log10e in stated["log10e"]}
        by_version.setdefault((document["artifact"], document["version"]), []).append(logs)
    total = {}
    for leaks in by_version.values():
        for nonce in {nonce for logs in leaks for nonce in logs}:
            mean = log_sum([math.log(10) * logs.get(nonce, 0) for logs in leaks]) - math.log(len(leaks))
            total[nonce] = total.get(nonce, 0) + mean / math.log(10)
    return math.log10(max(1, len(total)) / 1e-6), total


def checked(known):
    """How many leaks the file holds, and the names of those of which something else is expected than comes out."""
    made = [expected(bytes.fromhex(known["master"]), its) for its in known["leaks"]]
    pairs = list(zip(known["leaks"], made))
    return len(pairs), [its["name"] for its, one in pairs if not agrees(its["expected"], one, known["tolerance"])]


def main(paths, masters):
    all_known = []
    for path in paths:
        with open(path, encoding="utf-8") as file:
            all_known.append(json.load(file))
    code = max(told(known, masters) for known in all_known)
    if len(all_known) > 1:
        bar, total = together([known for known in all_known if known.get("format") == EXPERT])
        for nonce, log10e in sorted(total.items(), key=lambda one: (-one[1], one[0])):
            print(f"together: {nonce} {log10e:.6f}" + (" named" if log10e >= bar else ""))
    return code


def told(known, masters):
    if known.get("format") == EXPERT:
        differing = list(differing_in(known, masters))
        verdicts = " and ".join(one["stated"]["verdict"] for one in known["documents"])
        words = sum(len(one["copies"]) for one in known["documents"])
        count, agree = 1, f"all agrees: {words} words, their e-values and the verdict {verdicts}"
        agree += "; the copies made again are those that were handed out" if masters else ""
    else:
        count, differing = checked(known)
        agree = f"{count} leaks agree"
    for name in differing:
        print("differs: " + name)
    if count > 0 and not differing:
        print(agree)
    return 0 if count > 0 and not differing else 1


def read_all(paths):
    for path in paths:
        with open(path, "rb") as file:
            yield file.read()


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("file", nargs="+", help="of several expert files, their leaks are weighed together too")
    asked.add_argument("--master", action="append", default=[], help="of which an expert file's copies are made again")
    given = asked.parse_args()
    sys.exit(main(given.file, list(read_all(given.master))))
