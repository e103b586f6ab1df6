"""
Makes scores.json: leaks of many kinds, and what scores.py makes of them. `python3 leaks.py` prints it. How a leak came about
is no part of what must be computed again.
"""
import hashlib
import json
import sys

sys.dont_write_bytecode = True
from scores import book_of, expected

MASTER = bytes(range(32))
TOLERANCE = 1e-6


def dice(name):
    count = 0
    while True:
        yield int.from_bytes(hashlib.sha256(f"{name} {count}".encode()).digest()[:8], "big") / 2**64
        count += 1


def leak(name, colluders, sizes, recipients, made, alpha=0.001):
    """`made` gets each recipient's word, in the order of the list, and chance: it returns what is read."""
    names = [f"partner {n}" for n in range(recipients)] if isinstance(recipients, int) else recipients
    its = {"name": name, "colluders": colluders, "alpha": alpha, "sizes": sizes, "recipients": names}
    chance = dice(name)
    words = [book_of(MASTER, its).word(one) for one in names]
    return {**its, "symbols": made(words, lambda size: int(next(chance) * size))}


def merged(many):
    return lambda words, roll: [words[roll(many)][i] for i in range(len(words[0]))]


def rarest(many):
    def made(words, roll):
        shown = [[word[i] for word in words[:many]] for i in range(len(words[0]))]
        return [min(sorted(set(here)), key=here.count) for here in shown]

    return made


def damaged(made, wrong, lost, disagreeing):
    """Of a hundred slots so many are read wrong, erased, mixed."""

    def one(symbol, roll):
        at = roll(100)
        if at < wrong:
            return 1 - min(1, symbol)
        return None if at < wrong + lost else "mixed" if at < wrong + lost + disagreeing else symbol

    return lambda words, roll: [one(symbol, roll) for symbol in made(words, roll)]


def leaks():
    one_copy = lambda words, roll: list(words[3])
    odd_names = ["～ wide", "𝒶 astral", "Müller & Söhne", "acme", "acme ", "Zoë", "zoe"] + [f"p{n}" for n in range(40)]
    values = [2, 8, 3, 256, 2, 7, 16, 5]
    yield leak("one copy", 2, [2] * 50, 12, one_copy, 1e-6)
    yield leak("one copy of few slots, where many score alike", 2, [2] * 14, odd_names, one_copy)
    only = lambda start, end: lambda words, roll: [s if start <= i < end else None for i, s in enumerate(words[3])]
    yield leak("an excerpt", 4, [2, 2, 3] * 30, 20, only(30, 52))
    yield leak("two merged, among more than are searched", 2, [2] * 110, 230, merged(2))
    yield leak("three merged", 4, [2] * 240, 40, merged(3))
    yield leak("three merged by what is rarest", 4, [2] * 240, 30, rarest(3))
    yield leak("five merged", 8, [2] * 380, 30, merged(5))
    yield leak("one copy, with noise, erased and mixed slots", 2, [2] * 90, 25, damaged(one_copy, 8, 20, 6))
    yield leak("two merged, slots of many forms", 2, values * 5, 25, merged(2))
    noisy = damaged(rarest(3), 5, 10, 3)
    yield leak("three merged by what is rarest, slots of many forms, with noise", 8, values * 10, 25, noisy)
    paragraphs = lambda words, roll: [words[i // 32][i] for i in range(128)]
    yield leak("paragraphs of four copies", 2, [2] * 128, 30, paragraphs)
    given = lambda symbols: lambda words, roll: symbols
    yield leak("the master without marks", 4, [2] * 80, 20, given([int(i % 30 == 7) for i in range(80)]))
    yield leak("nothing read", 2, [2] * 10, 12, given([None] * 10))
    yield leak("two read, one that there is not, two mixed", 2, [2] * 6, 12, given([0, 1, 2, "mixed", "mixed", None]))
    yield leak("five slots read, where many more score alike than are searched", 2, [2] * 8, 230, only(0, 5))
    yield leak("two merged, of few slots, 3", 2, [2] * 22, 230, merged(2))
    yield leak("three merged, of too few slots, 6", 2, [2] * 70, 30, damaged(merged(3), 4, 0, 0))
    yield leak("one recipient only", 2, [2] * 40, 1, lambda words, roll: list(words[0]))


def shortened(value):
    if isinstance(value, float):
        return round(value, 9)
    if isinstance(value, dict):
        return {key: shortened(one) for key, one in value.items()}
    return [shortened(one) for one in value] if isinstance(value, list) else value


if __name__ == "__main__":
    about = "see docs/reference/formats/marks.md; made by leaks.py. A leak's document is its name, version 1, epoch 1"
    about += "; its slots are `slot 0`, `slot 1` and so on; null is erased"
    head = {"about": about, "master": MASTER.hex(), "tolerance": TOLERANCE}
    dumped = lambda value: json.dumps(shortened(value), ensure_ascii=False)
    lines = ",\n".join(f"        {dumped({**its, 'expected': expected(MASTER, its)})}" for its in leaks())
    begun = "".join(f"    {dumped(key)}: {dumped(value)},\n" for key, value in head.items())
    print(f'{{\n{begun}    "leaks": [\n{lines}\n    ]\n}}')
