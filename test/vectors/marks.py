"""
Marks once more, from docs/reference/formats/marks.md alone and with nothing but the standard library: K_doc, coins and words.
`python3 marks.py` prints what marks.json must hold; with `check FILE` it says whether it does.
"""
import hashlib
import hmac
import json
import struct
import sys

SBOX = None


def sbox():
    global SBOX
    if SBOX is None:
        p = q = 1
        SBOX = [0] * 256
        while True:
            p = p ^ ((p << 1) & 0xFF) ^ (0x1B if p & 0x80 else 0)
            for shift in (1, 2, 4):
                q ^= (q << shift) & 0xFF
            if q & 0x80:
                q ^= 0x09
            turned = lambda n: ((q << n) | (q >> (8 - n))) & 0xFF
            SBOX[p] = q ^ turned(1) ^ turned(2) ^ turned(3) ^ turned(4) ^ 0x63
            if p == 1:
                break
        SBOX[0] = 0x63
    return SBOX


def double(b):
    return ((b << 1) ^ (0x1B if b & 0x80 else 0)) & 0xFF


def aes128(key):
    s = sbox()
    words = [list(key[i : i + 4]) for i in range(0, 16, 4)]
    round_constant = 1
    for i in range(4, 44):
        word = list(words[i - 1])
        if i % 4 == 0:
            word = [s[b] for b in word[1:] + word[:1]]
            word[0] ^= round_constant
            round_constant = double(round_constant)
        words.append([a ^ b for a, b in zip(words[i - 4], word)])
    keys = [sum(words[4 * r : 4 * r + 4], []) for r in range(11)]

    def encrypt(block):
        state = [a ^ b for a, b in zip(block, keys[0])]
        for r in range(1, 11):
            state = [s[b] for b in state]
            state = [state[(4 * (c + row) + row) % 16] for c in range(4) for row in range(4)]
            if r < 10:
                mixed = []
                for c in range(0, 16, 4):
                    a = state[c : c + 4]
                    t = a[0] ^ a[1] ^ a[2] ^ a[3]
                    mixed += [a[i] ^ t ^ double(a[i] ^ a[(i + 1) % 4]) for i in range(4)]
                state = mixed
            state = [a ^ b for a, b in zip(state, keys[r])]
        return bytes(state)

    return encrypt


def doc_key(master, document, version, epoch):
    info = json.dumps([document, version, epoch], separators=(",", ":"), ensure_ascii=False).encode()
    extracted = hmac.new(b"tocsin-marks/1", master, hashlib.sha256).digest()
    return hmac.new(extracted, info + b"\x01", hashlib.sha256).digest()


def mirrored(*low):
    its = [chance for chance, times in low for _ in range(times)]
    return its + [256 - chance for chance in reversed(its)]


BIASES = {2: [128], 4: mirrored((48, 9), (64, 7)), 8: mirrored((16, 1), (80, 1))}


class Book:
    def __init__(self, key, slots, colluders):
        self.encrypt = aes128(hmac.new(key, b"coin %d" % colluders, hashlib.sha256).digest()[:16])
        self.groups, self.bits = [], []
        for name, _ in slots:
            tag = hmac.new(key, b"slot\0" + name.encode(), hashlib.sha256).digest()[:16]
            if not self.bits or self.bits[-1] % 32 == 31 or tag[15] < 4:
                self.bits.append(32 * len(self.groups))
                self.groups.append(tag)
            else:
                self.bits.append(self.bits[-1] + 1)
        levels = BIASES[colluders]
        self.coins = [
            [levels[u * len(levels) >> 8], 256] if size == 2 else [(s + 1) * 256 // size for s in range(size)]
            for (_, size), u in zip(slots, self.bytes_of(bytes(12)))
        ]

    def bytes_of(self, nonce):
        groups = []
        for tag in self.groups:
            halves = [tag[:15] + bytes([tag[15] & 0xFE | half]) for half in (0, 1)]
            named = [bytes(a ^ b for a, b in zip(block, nonce + bytes(4))) for block in halves]
            groups.append(struct.unpack("<8I", b"".join(self.encrypt(block) for block in named)))
        return [sum((plane >> bit % 32 & 1) << (7 - n) for n, plane in enumerate(groups[bit // 32])) for bit in self.bits]

    def word(self, recipient):
        return self.word_of(hashlib.sha256(b"recipient\0" + recipient.encode()).digest()[:12])

    def word_of(self, nonce):
        drawn = self.bytes_of(nonce)
        return [next(s for s, up_to in enumerate(coin) if u < up_to) for coin, u in zip(self.coins, drawn)]


def vectors():
    master = bytes(range(32))
    slots = [("ünïcode %d" % i, 2 if i % 3 else 2 + (i * 7) % 23) for i in range(70)] + [("w:wide", 256), ("w:odd", 3)]
    documents = [
        ("advisory", "1", 1, 2, ["acme", "globex"]),
        ("advisory", "1", 2, 2, ["acme"]),
        ("advisory", "2", 1, 4, ["acme", "globex"]),
        ("ToolShell/technical", "7", 3, 8, ["Müller & Söhne", "acme"]),
    ]
    books = []
    for document, version, epoch, colluders, recipients in documents:
        key = doc_key(master, document, version, epoch)
        book = Book(key, slots, colluders)
        books.append(
            {
                "document": document,
                "version": version,
                "epoch": epoch,
                "colluders": colluders,
                "key": key.hex(),
                "bits": book.bits,
                "firsts": [coin[0] for coin in book.coins],
                "words": [{"recipient": one, "word": book.word(one)} for one in recipients],
            }
        )
    return {"about": "see docs/reference/formats/marks.md; made by marks.py", "master": master.hex(), "slots": [{"id": name, "size": size} for name, size in slots], "books": books}


if __name__ == "__main__":
    made = vectors()
    if len(sys.argv) == 3 and sys.argv[1] == "check":
        with open(sys.argv[2], encoding="utf-8") as file:
            known = json.load(file)
        same = all(known.get(name) == value for name, value in made.items())
        print("the vectors agree" if same else "the vectors differ")
        sys.exit(0 if same else 1)
    print(json.dumps(made, ensure_ascii=False, indent=4))
