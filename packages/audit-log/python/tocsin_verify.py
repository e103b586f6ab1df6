"""
Verifies exports, receipts, proofs, checkpoints and tiles of Tocsin's logs. It was written from docs/reference/formats
and the specifications that those pages name (RFC 6962, RFC 8032, RFC 8785, FIPS 204, C2SP), not from Tocsin's own
verifier. It needs Python 3.11 and nothing else, and works offline, except for tiles at a URL.

    python3 tocsin_verify.py export FILE --key KEY [--checkpoint FILE]
    python3 tocsin_verify.py receipt FILE --key KEY
    python3 tocsin_verify.py proof FILE --policy FILE
    python3 tocsin_verify.py checkpoint FILE --key KEY
    python3 tocsin_verify.py tiles DIR|URL --key KEY
    python3 tocsin_verify.py handovers FILE --key KEY

Give --key once for each key that the log had. It prints one line. It exits with 0 if all is sound, with 1 if not, and with 2 if it could not check.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import functools
import hashlib
import http.client
import json
import math
import pathlib
import re
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, BinaryIO, NoReturn

LINE_BYTES = 1_048_576
NOTE_BYTES = 65_536
SIGNATURES_MAX = 64
SIZE_MAX = 2**53 - 1
DEPTH_MAX = 64
BATCH_SIZE = 1024
TILE_WIDTH = 256
HASH_BYTES = 32
TIMEOUT_SECONDS = 30


class Refused(Exception):
    """What is wrong: a code, a sentence, and the index of the leaf, or the line, or whether it is the first line."""

    is_head = False

    def __init__(self, code: str, text: str, index: int | None = None, line: int | None = None) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.index = index
        self.line = line


# Canonical JSON: RFC 8785


def write_number(number: float) -> str:
    """Writes a number as ECMAScript does: the fewest digits that read as the same double."""
    if not math.isfinite(number):
        raise Refused("canonical.not_representable", "a number is too large")
    if number == 0:
        return "0"
    parts = Decimal(repr(abs(number))).normalize().as_tuple()
    digits = "".join(map(str, parts.digits))
    point = len(digits) + int(parts.exponent)
    sign = "-" if number < 0 else ""
    if len(digits) <= point <= 21:
        return sign + digits.ljust(point, "0")
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    fraction = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{fraction}e{point - 1:+d}"


def write_string(text: str) -> str:
    """Writes a string: only quotes, backslashes and control characters are escaped."""
    if any(map(is_half, text)):
        raise Refused("canonical.lone_surrogate", "a string has half a character")
    return json.dumps(text, ensure_ascii=False)


def canonical(value: Any, depth: int = 0) -> str:
    """Writes a value by RFC 8785."""
    if depth > DEPTH_MAX:
        raise Refused("canonical.too_deep", f"JSON nests {DEPTH_MAX} levels at most")
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return write_number(float(value))
    if isinstance(value, str):
        return write_string(value)
    if isinstance(value, list):
        return "[" + ",".join(canonical(item, depth + 1) for item in value) + "]"
    # In the order of UTF-16 code units.
    names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
    return "{" + ",".join(f"{write_string(name)}:{canonical(value[name], depth + 1)}" for name in names) + "}"


def refuse_constant(text: str) -> NoReturn:
    """Python reads NaN and Infinity, which are not JSON."""
    raise ValueError(text)


def parse_canonical(text: str) -> Any:
    """Reads a text that must be its own canonical form. Numbers are doubles."""
    try:
        value = json.loads(text, parse_int=float, parse_constant=refuse_constant)
    except ValueError:
        raise Refused("canonical.malformed", "this is not JSON") from None
    except RecursionError:
        raise Refused("canonical.too_deep", f"JSON nests {DEPTH_MAX} levels at most") from None
    if canonical(value) != text:
        raise Refused("canonical.malformed", "this is not canonical JSON (RFC 8785)")
    return value


# Ed25519: RFC 8032, section 5.1.7, without the factor 8, and without keys and points R of small order

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)

Point = tuple[int, int, int, int]
"""X, Y, Z and T with x = X/Z, y = Y/Z and x·y = T/Z."""

NEUTRAL: Point = (0, 1, 1, 0)


def add(a: Point, b: Point) -> Point:
    """Adds two points; adding a point to itself doubles it."""
    u = (a[1] - a[0]) * (b[1] - b[0]) % P
    v = (a[1] + a[0]) * (b[1] + b[0]) % P
    w = 2 * a[3] * b[3] * D % P
    z = 2 * a[2] * b[2] % P
    e, f, g, h = v - u, z - w, z + w, v + u
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def double(a: Point) -> Point:
    """Doubles a point."""
    x, y, z = a[0] * a[0] % P, a[1] * a[1] % P, 2 * a[2] * a[2] % P
    h = x + y
    e, g = h - (a[0] + a[1]) ** 2 % P, x - y
    f = z + g
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def encode_point(a: Point) -> bytes:
    """The one canonical encoding of a point: y in 255 bits, and the lowest bit of x."""
    inverse = pow(a[2], -1, P)
    x, y = a[0] * inverse % P, a[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def decode_point(text: bytes) -> Point | None:
    """Reads a point, or None if the bytes are not the canonical encoding of one."""
    number = int.from_bytes(text, "little")
    y, sign = number & (1 << 255) - 1, number >> 255
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if v * x * x % P == -u % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if y >= P or v * x * x % P != u or (x == 0 and sign == 1):
        return None
    if x & 1 != sign:
        x = P - x
    return (x, y, 1, x * y % P)


def is_small(a: Point) -> bool:
    """Whether eight times the point is the neutral one."""
    x, y, z, _ = double(double(double(a)))
    return x == 0 and y == z


BASE = decode_point((4 * pow(5, -1, P) % P).to_bytes(32, "little")) or NEUTRAL


def combine(s: int, k: int, a: Point) -> Point:
    """Computes s·B + k·A, doubling once for both."""
    table = [NEUTRAL, BASE, a, add(BASE, a)]
    result = NEUTRAL
    for bit in reversed(range(256)):
        result = double(result)
        chosen = (s >> bit & 1) | (k >> bit & 1) << 1
        if chosen:
            result = add(result, table[chosen])
    return result


@functools.lru_cache(maxsize=1024)
def is_signed(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Verifies an Ed25519 signature. R is compared as bytes, so another encoding of the same point is refused."""
    key, s = decode_point(public_key), int.from_bytes(signature[32:], "little")
    if key is None or is_small(key) or len(signature) != 64 or s >= ORDER:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public_key + message).digest(), "little") % ORDER
    minus_key = (P - key[0], key[1], 1, P - key[3])
    expected = combine(s, k, minus_key)
    return not is_small(expected) and encode_point(expected) == signature[:32]


# ML-DSA-44: FIPS 204, with an empty context

Q = 8380417
ROWS, COLUMNS = 4, 4
GAMMA_1, GAMMA_2 = 1 << 17, (Q - 1) // 88
TAU, BETA, OMEGA = 39, 78, 80
ZETAS = [pow(1753, int(f"{power:08b}"[::-1], 2), Q) for power in range(256)]

Polynomial = list[int]


def transform(polynomial: Polynomial) -> Polynomial:
    """The number-theoretic transform (algorithm 41)."""
    w, power, width = list(polynomial), 0, 128
    while width >= 1:
        for start in range(0, 256, 2 * width):
            power += 1
            for j in range(start, start + width):
                t = ZETAS[power] * w[j + width] % Q
                w[j + width], w[j] = (w[j] - t) % Q, (w[j] + t) % Q
        width //= 2
    return w


def transform_back(polynomial: Polynomial) -> Polynomial:
    """The inverse of the transform (algorithm 42)."""
    w, power, width = list(polynomial), 256, 1
    while width < 256:
        for start in range(0, 256, 2 * width):
            power -= 1
            for j in range(start, start + width):
                t = w[j]
                w[j], w[j + width] = (t + w[j + width]) % Q, -ZETAS[power] * (t - w[j + width]) % Q
        width *= 2
    return [item * pow(256, -1, Q) % Q for item in w]


def shake_256(content: bytes, size: int) -> bytes:
    """So many bytes of SHAKE256."""
    return hashlib.shake_256(content).digest(size)


def expand_polynomial(seed: bytes) -> Polynomial:
    """A transformed polynomial of the matrix, from its seed (algorithm 30)."""
    size, found = 1024, []
    while len(found) < 256:
        stream = hashlib.shake_128(seed).digest(size * 3)
        numbers = (int.from_bytes(stream[at : at + 3], "little") & 0x7FFFFF for at in range(0, size * 3, 3))
        found = [number for number in numbers if number < Q]
        size *= 2
    return found[:256]


def sample_in_ball(seed: bytes) -> Polynomial:
    """The challenge: all zero but TAU times 1 or -1 (algorithm 29)."""
    challenge, at, stream = [0] * 256, 8, shake_256(seed, 65536)
    for last in range(256 - TAU, 256):
        while stream[at] > last:
            at += 1
        place, bit = stream[at], last + TAU - 256
        at += 1
        challenge[last] = challenge[place]
        challenge[place] = Q - 1 if stream[bit // 8] >> bit % 8 & 1 else 1
    return challenge


def unpack_bits(content: bytes, width: int) -> list[int]:
    """Numbers of so many bits, the lowest first."""
    number = int.from_bytes(content, "little")
    return [number >> at & (1 << width) - 1 for at in range(0, len(content) * 8, width)]


def unpack_hints(content: bytes) -> list[set[int]] | None:
    """The places with a hint in each row; None for any other than the one encoding (algorithm 21)."""
    places, ends = content[:OMEGA], [0, *content[OMEGA:]]
    rows = [list(places[start:end]) for start, end in zip(ends, ends[1:])]
    is_ordered = all(start <= end <= OMEGA for start, end in zip(ends, ends[1:]))
    if not is_ordered or any(row != sorted(set(row)) for row in rows) or any(places[ends[-1] :]):
        return None
    return [set(row) for row in rows]


def high_bits(value: int, has_hint: bool) -> int:
    """The high part of a number, corrected by a hint (algorithms 36 and 40)."""
    low = value % (2 * GAMMA_2)
    low = low if low <= GAMMA_2 else low - 2 * GAMMA_2
    high = 0 if value - low == Q - 1 else (value - low) // (2 * GAMMA_2)
    low = low - 1 if value - low == Q - 1 else low
    return (high + (0 if not has_hint else 1 if low > 0 else -1)) % 44


@functools.lru_cache(maxsize=1024)
def is_signed_ml_dsa(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Verifies an ML-DSA-44 signature (algorithms 3 and 8)."""
    seed, challenge_hash = public_key[:32], signature[:32]
    z = [GAMMA_1 - item for item in unpack_bits(signature[32 : 32 + COLUMNS * 576], 18)]
    hints = unpack_hints(signature[32 + COLUMNS * 576 :])
    if hints is None or any(abs(item) >= GAMMA_1 - BETA for item in z):
        return False
    vector = [transform(z[at : at + 256]) for at in range(0, 256 * COLUMNS, 256)]
    t1 = [item << 13 for item in unpack_bits(public_key[32:], 10)]
    challenge = transform(sample_in_ball(challenge_hash))
    packed = 0
    for row in reversed(range(ROWS)):
        matrix = [expand_polynomial(seed + bytes([column, row])) for column in range(COLUMNS)]
        key_part = transform(t1[256 * row : 256 * row + 256])
        product = [
            (sum(matrix[column][i] * vector[column][i] for column in range(COLUMNS)) - challenge[i] * key_part[i]) % Q
            for i in range(256)
        ]
        for place, value in reversed(list(enumerate(transform_back(product)))):
            packed = packed << 6 | high_bits(value, place in hints[row])
    mu = shake_256(shake_256(public_key, 64) + bytes(2) + message, 64)
    return shake_256(mu + packed.to_bytes(ROWS * 192, "little"), 32) == challenge_hash


# Signed notes and checkpoints: C2SP


@dataclass(frozen=True)
class Key:
    """A verifier key: the text, its name, the four bytes of its hash, and the 32 bytes of Ed25519."""

    text: str
    name: str
    hash: bytes
    public_key: bytes


@dataclass(frozen=True)
class Checkpoint:
    """The head of a tree."""

    origin: str
    size: int
    root: bytes


def read_base64(text: str) -> bytes | None:
    """Reads base64 with padding and without stray bits, or None."""
    try:
        read = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return read if base64.b64encode(read).decode() == text else None


def is_name(text: str) -> bool:
    """A name of a key has no white space, no control character and no plus."""
    return text != "" and not any(c.isspace() or c < " " or c in "+\ufeff" or is_half(c) for c in text)


def is_half(character: str) -> bool:
    """Half of a surrogate pair has no UTF-8."""
    return "\ud800" <= character <= "\udfff"


def read_key(text: str) -> Key:
    """Reads `name+hash+base64` of an Ed25519 key."""
    parts = text.split("+", 2)
    typed = read_base64(parts[2]) if len(parts) == 3 else None
    if typed is None or not is_name(parts[0]) or len(typed) != 33 or typed[0] != 1:
        raise Refused("checkpoint.key_malformed", "bad verifier key: it must be `name+hash+base64` of an Ed25519 key")
    hashed = hashlib.sha256(parts[0].encode() + b"\n" + typed).digest()[:4]
    if parts[1] != hashed.hex():
        raise Refused("checkpoint.key_malformed", "bad verifier key: its hash must be that of its name and key")
    return Key(text, parts[0], hashed, typed[1:])


@dataclass(frozen=True)
class NoteKey:
    """A key of a policy: its name, the four bytes of its hash, the type, and the public key."""

    name: str
    hash: bytes
    type: int
    public_key: bytes


ED25519, COSIGNATURE, ML_DSA_44 = 0x01, 0x04, 0x06
KEY_BYTES = {ED25519: 32, COSIGNATURE: 32, ML_DSA_44: 1312}
SIGNATURE_BYTES = {ED25519: 64, COSIGNATURE: 8 + 64, ML_DSA_44: 8 + 2420}
SECONDS_MAX = 253_402_300_799


def read_note_key(text: str) -> NoteKey:
    """Reads `name+hash+base64` of a key of any type."""
    parts = text.split("+", 2)
    typed = read_base64(parts[2]) if len(parts) == 3 else None
    if not typed or not is_name(parts[0]) or len(typed) - 1 != KEY_BYTES.get(typed[0]):
        raise Refused("checkpoint.key_malformed", "it must be `name+hash+base64` of an Ed25519 or ML-DSA-44 key")
    hashed = hashlib.sha256(parts[0].encode() + b"\n" + typed).digest()[:4]
    if parts[1] != hashed.hex():
        raise Refused("checkpoint.key_malformed", "its hash must be that of its name and key")
    return NoteKey(parts[0], hashed, typed[0], typed[1:])


def cosigned_message(text: str, key: NoteKey, time: int) -> bytes:
    """The bytes that a witness signs, as tlog-cosignature says."""
    if key.type == COSIGNATURE:
        return f"cosignature/v1\ntime {time}\n{text}".encode()
    head, name = read_checkpoint(text), key.name.encode()
    origin = head.origin.encode()
    if not 1 <= len(name) <= 255 or not 1 <= len(origin) <= 255:
        raise Refused("checkpoint.key_malformed", "names under ML-DSA-44 must have 1 to 255 bytes")
    tree = bytes(8) + head.size.to_bytes(8, "big") + head.root
    who = bytes([len(name)]) + name + time.to_bytes(8, "big")
    return b"subtree/v1\n\0" + who + bytes([len(origin)]) + origin + tree


def signature_time(text: str, key: NoteKey, signature: bytes) -> int | None:
    """The time of a valid signature, 0 if it has none; None for a wrong one."""
    if len(signature) != SIGNATURE_BYTES[key.type]:
        return None
    if key.type == ED25519:
        return 0 if is_signed(key.public_key, text.encode(), signature) else None
    time = int.from_bytes(signature[:8], "big")
    if time > SECONDS_MAX:
        return None
    verify = is_signed if key.type == COSIGNATURE else is_signed_ml_dsa
    return time if verify(key.public_key, cosigned_message(text, key, time), signature[8:]) else None


def times_of(text: str, signatures: list[tuple[str, bytes]], keys: list[NoteKey]) -> dict[NoteKey, int]:
    """The keys that signed a note, each with the newest time. One wrong signature refuses the note."""
    times: dict[NoteKey, int] = {}
    for name, signed in signatures:
        key = next((one for one in keys if one.name == name and one.hash == signed[:4]), None)
        if key is None:
            continue
        time = signature_time(text, key, signed[4:])
        if time is None:
            raise Refused("checkpoint.bad_signature", f"the signature of `{name}` does not match the text")
        times[key] = max(time, times.get(key, 0))
    return times


def refuse_note(text: str) -> NoReturn:
    """Refuses a text that is no signed note."""
    raise Refused("checkpoint.note_malformed", f"bad signed note: {text}")


def read_signature(line: str) -> tuple[str, bytes]:
    """Reads a signature line: the name, and the key's hash with the signature."""
    parts = line.split(" ")
    signature = read_base64(parts[2]) if len(parts) == 3 else None
    if signature is None or parts[0] != "—" or not is_name(parts[1]) or len(signature) < 5:
        refuse_note("a signature line is malformed")
    return parts[1], signature


def split_note(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    """Splits a note into its text and its signatures, and verifies none."""
    if len(note.encode("utf-8", "surrogatepass")) > NOTE_BYTES:
        refuse_note(f"it must have at most {NOTE_BYTES} bytes")
    text, blank, rest = note.rpartition("\n\n")
    if not blank or not rest.endswith("\n") or any(c < " " and c != "\n" or is_half(c) for c in note):
        refuse_note("it must be a text, an empty line and signatures")
    lines = rest[:-1].split("\n")
    if len(lines) > SIGNATURES_MAX:
        refuse_note(f"it must have at most {SIGNATURES_MAX} signatures")
    return text + "\n", [read_signature(line) for line in lines]


def open_note(note: str, key: Key) -> tuple[str, int]:
    """Returns the text that the key signed, and how many signatures there are. Ignores those of other keys."""
    text, signatures = split_note(note)
    own = [signed[4:] for name, signed in signatures if name == key.name and signed[:4] == key.hash]
    if not own:
        raise Refused("checkpoint.unsigned", f"no signature by the key of `{key.name}`")
    if not all(is_signed(key.public_key, text.encode(), one) for one in own):
        raise Refused("checkpoint.bad_signature", f"the signature of `{key.name}` does not match the text")
    return text, len(signatures)


def read_checkpoint(text: str) -> Checkpoint:
    """Reads the text of a note: origin, size and root, without extension lines."""
    lines = text[:-1].split("\n")
    if len(lines) != 3:
        raise Refused("checkpoint.malformed", "bad checkpoint: it must have three lines: origin, size and root")
    if not re.fullmatch(r"0|[1-9][0-9]{0,15}", lines[1]) or int(lines[1]) > SIZE_MAX:
        raise Refused("checkpoint.malformed", "bad checkpoint: its size must be in decimal digits")
    root = read_base64(lines[2])
    if root is None or len(root) != HASH_BYTES:
        raise Refused("checkpoint.malformed", "bad checkpoint: its root must be 32 bytes in base64")
    return Checkpoint(lines[0], int(lines[1]), root)


def signer_of(note: str, keys: list[Key]) -> Key:
    """The key that has a signature, verified or not. Without any, the first."""
    signers = {(name, signed[:4]) for name, signed in split_note(note)[1]}
    return next((key for key in keys if (key.name, key.hash) in signers), keys[0])


def verify_checkpoint(note: str, keys: list[Key]) -> Checkpoint:
    """Checks a signed head of the keys' log, perhaps with signatures of others."""
    key = signer_of(note, keys)
    head = read_checkpoint(open_note(note, key)[0])
    if head.origin != key.name:
        raise Refused("audit_log.origin_mismatch", "the checkpoint is of another log than the key")
    return head


# Handovers: a former key of a log names the next one

NEXT_KEY = "next-key "


def read_handover(note: str, former: Key) -> Key:
    """Returns the next key that a handover names. The former and the next key must have signed it."""
    lines = open_note(note, former)[0][:-1].split("\n")
    head = read_checkpoint("".join(f"{line}\n" for line in lines[:3]))
    named = [read_note_key(line.removeprefix(NEXT_KEY)) for line in lines[3:] if line.startswith(NEXT_KEY)]
    is_whole = len(named) == len(lines) - 3 and [key.type for key in named] in ([ED25519], [ED25519, ML_DSA_44])
    if not is_whole or {key.name for key in named} != {head.origin} or head.origin != former.name:
        raise Refused("checkpoint.bad_handover", "the handover must name the next Ed25519 key of the same log")
    following = read_key(lines[3].removeprefix(NEXT_KEY))
    open_note(note, following)
    return following


def hands_over(note: str, key: Key) -> bool:
    """Whether the key signed a handover that names another key, verified or not."""
    names_key = note.split("\n")[3:4] == [NEXT_KEY + key.text]
    return not names_key and any((name, signed[:4]) == (key.name, key.hash) for name, signed in split_note(note)[1])


def follow_handovers(notes: list[str], keys: list[Key]) -> list[Key]:
    """Returns the keys to which handovers lead from the given ones, in order. The next key takes a key's place."""
    current, found = list(keys), []
    for note in notes:
        former = next((key for key in current if hands_over(note, key)), None)
        if former is not None:
            found.append(read_handover(note, former))
            current = [key for key in current if key not in (former, found[-1])] + [found[-1]]
    return found


# Merkle trees: RFC 6962, section 2.1


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of a leaf."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def push(peaks: list[tuple[int, bytes]], height: int, subtree: bytes) -> None:
    """Appends a perfect subtree of 2^height leaves to the perfect subtrees on its left, the highest first."""
    while peaks and peaks[-1][0] == height:
        subtree = node_hash(peaks.pop()[1], subtree)
        height += 1
    peaks.append((height, subtree))


def root_of_peaks(peaks: list[tuple[int, bytes]]) -> bytes:
    """The root over perfect subtrees."""
    if not peaks:
        return hashlib.sha256(b"").digest()
    return functools.reduce(lambda right, left: node_hash(left, right), [root for _, root in reversed(peaks)])


def root_of(hashes: Iterable[bytes]) -> bytes:
    """The root over hashes of leaves."""
    peaks: list[tuple[int, bytes]] = []
    for one in hashes:
        push(peaks, 0, one)
    return root_of_peaks(peaks)


def root_from_path(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes | None:
    """The root to which an inclusion proof leads, or None if its length does not fit."""
    last, current = size - 1, leaf
    for sibling in path:
        if last == 0:
            return None
        if index % 2 == 1 or index == last:
            current = node_hash(sibling, current)
            while index % 2 == 0 and index != 0:
                index, last = index // 2, last // 2
        else:
            current = node_hash(current, sibling)
        index, last = index // 2, last // 2
    return current if last == 0 else None


# Lines, which exports and receipts share

HEAD_FIELDS = {"format", "origin", "verifierKey", "checkpoint"}
LEAF_FIELDS = {"index", "at", "commitment", "kind", "path"}
OPENING_FIELDS = {"salt", "body"}
RECEIPT_FIELDS = {"index", "batch", "proof", "place", "path"}


def malformed(text: str = "a line has missing, unknown or malformed fields") -> Refused:
    """A line that is not of its format."""
    return Refused("audit_log.malformed", text)


def parse_line(line: bytes) -> dict[str, Any]:
    """Reads one line with its newline: an object in its canonical form."""
    if len(line) >= LINE_BYTES:
        raise malformed("a line is too long")
    if not line.endswith(b"\n"):
        raise malformed("a line does not end in a newline")
    try:
        value = parse_canonical(line[:-1].decode("utf-8"))
    except UnicodeDecodeError:
        raise malformed("a line is not UTF-8") from None
    if not isinstance(value, dict):
        raise malformed("a line is not a JSON object")
    return value


def is_hex(value: Any, size: int) -> bool:
    """Whether the value is the hex of so many bytes."""
    return isinstance(value, str) and re.fullmatch(rf"[0-9a-f]{{{2 * size}}}", value) is not None


def is_count(value: Any) -> bool:
    """Whether the value is a whole number from 0. Numbers are doubles."""
    return isinstance(value, float) and value.is_integer() and 0 <= value <= SIZE_MAX


def is_path(value: Any) -> bool:
    """Whether the value is a list of hashes."""
    return isinstance(value, list) and all(is_hex(one, HASH_BYTES) for one in value)


def commitment_of(salt: str, body: Any) -> str:
    """SHA-256(salt ‖ JCS(body)), in hex."""
    return hashlib.sha256(bytes.fromhex(salt) + canonical(body).encode()).hexdigest()


def verify_head(line: dict[str, Any], keys: list[Key]) -> Checkpoint:
    """Checks origin, key and checkpoint of a line. The only signature is of a key that the reader knows."""
    if not all(isinstance(line.get(name), str) for name in HEAD_FIELDS):
        raise malformed()
    key = next((key for key in keys if key.text == line["verifierKey"]), None)
    if key is None:
        raise Refused("audit_log.key_mismatch", "the file names another key than the one that you trust")
    text, signatures = open_note(line["checkpoint"], key)
    head = read_checkpoint(text)
    if signatures != 1:
        raise Refused("audit_log.extra_signatures", "its checkpoint has signatures of other keys")
    if not line["origin"] == key.name == head.origin:
        raise Refused("audit_log.origin_mismatch", "its origin, its key and its checkpoint name different logs")
    if head.size == 0:
        raise Refused("audit_log.empty", "its checkpoint covers no leaves, so it proves nothing")
    return head


def read_head(line: bytes, expected: str, names: set[str], keys: list[Key]) -> tuple[Checkpoint, dict[str, Any]]:
    """Reads and checks the first line of a file. Returns the head, and all fields."""
    try:
        if line == b"":
            raise Refused("audit_log.empty", "the file is empty")
        value = parse_line(line)
        if value.get("format") != expected:
            raise Refused("audit_log.unsupported_format", f"unknown format: give a file of {expected}")
        if set(value) != names:
            raise malformed()
        return verify_head(value, keys), value
    except Refused as refused:
        refused.is_head = True
        raise


# Exports


@dataclass
class Export:
    """What an export shows: its head, the leaves without a body, and the root at an earlier size, if asked."""

    head: Checkpoint
    withheld: int = 0
    earlier_root: bytes | None = None


@dataclass(frozen=True)
class Subtree:
    """Unread leaves under the signed root."""

    size: int
    root: bytes


def cut(size: int) -> list[int]:
    """The sizes of the siblings of a subtree's first leaf, the largest first."""
    siblings = []
    while size > 1:
        left = 1 << (size - 1).bit_length() - 1
        siblings.append(size - left)
        size = left
    return siblings


def check_leaf_fields(line: dict[str, Any]) -> None:
    """Checks the fields of a leaf's line."""
    names = set(line)
    if names not in (LEAF_FIELDS, LEAF_FIELDS | OPENING_FIELDS) or not is_count(line["index"]):
        raise malformed()
    if not isinstance(line["at"], str) or not isinstance(line["kind"], str):
        raise malformed()
    if not is_hex(line["commitment"], HASH_BYTES) or ("salt" in line and not is_hex(line["salt"], 16)):
        raise malformed()


def hash_of_line(line: dict[str, Any]) -> bytes:
    """The leaf hash of a line."""
    leaf = {name: line[name] for name in ("at", "commitment", "kind")}
    return leaf_hash(canonical(leaf).encode())


def read_leaf(line: dict[str, Any], index: int, stack: list[Subtree]) -> bytes:
    """Checks a line against the topmost subtree, and replaces that by its siblings. Returns the leaf hash."""
    check_leaf_fields(line)
    if line["index"] != index:
        raise Refused("audit_log.out_of_place", f"leaf {line['index']:.0f} is in the place of leaf {index}")
    if not is_path(line["path"]):
        raise malformed()
    subtree = stack.pop()
    sizes = cut(subtree.size)
    path = [bytes.fromhex(one) for one in line["path"]]
    leaf = hash_of_line(line)
    if len(path) != len(sizes) or functools.reduce(node_hash, path, leaf) != subtree.root:
        raise Refused("audit_log.altered", f"leaf {index} differs from the signed tree")
    stack.extend(Subtree(size, root) for size, root in zip(sizes, reversed(path)))
    if "salt" in line and commitment_of(line["salt"], line["body"]) != line["commitment"]:
        raise Refused("audit_log.altered", f"the body of leaf {index} differs from the signed tree")
    return leaf


def verify_export(file: BinaryIO, keys: list[Key], earlier: int = 0) -> Export:
    """Reads a whole export, line by line. `earlier` asks for the root of so many first leaves."""
    read = lambda: file.readline(LINE_BYTES)
    export = Export(read_head(read(), "tocsin-audit-log/1", HEAD_FIELDS, keys)[0])
    size = export.head.size
    stack, peaks, index = [Subtree(size, export.head.root)], [], 0
    while line := read():
        try:
            if index == size:
                raise Refused("audit_log.too_long", "the file has more lines than its checkpoint covers")
            value = parse_line(line)
            push(peaks, 0, read_leaf(value, index, stack))
        except Refused as refused:
            refused.index = index
            raise
        export.withheld += "salt" not in value
        index += 1
        if index == earlier:
            export.earlier_root = root_of_peaks(peaks)
    if index < size:
        raise Refused("audit_log.incomplete", f"leaf {index} is missing: the file ends before it", index)
    return export


def compare_with_checkpoint(export: Export, kept: Checkpoint) -> None:
    """Checks that an export continues a checkpoint that was kept."""
    if export.head.size < kept.size:
        text = f"the export has {export.head.size} leaves, and the checkpoint has {kept.size}"
        raise Refused("verify.shorter_than_signed", text)
    root = export.earlier_root if kept.size > 0 else root_of([])
    if root != kept.root:
        found = root.hex() if root else "none"
        text = f"the first {kept.size} leaves of the export have root {found}, and the checkpoint has {kept.root.hex()}"
        raise Refused("verify.histories_diverge", text)


# Receipts


def check_receipt_fields(line: dict[str, Any]) -> None:
    """Checks the fields of a receipt, after those of its head."""
    batch = line["batch"]
    if not isinstance(batch, dict) or set(batch) != {"anchor", "at", "root"} or not isinstance(batch["at"], str):
        raise malformed()
    hashes = is_hex(batch["anchor"], HASH_BYTES) and is_hex(batch["root"], HASH_BYTES) and is_hex(line["salt"], 16)
    paths = is_path(line["proof"]) and is_path(line["path"]) and is_count(line["index"]) and is_count(line["place"])
    if not hashes or not paths or not isinstance(line["body"], dict):
        raise malformed()


def leads_to(leaf: bytes, index: float, size: int, path: list[str], root: bytes) -> bool:
    """Whether an inclusion proof in hex leads from the leaf, at this index, to the root."""
    return index < size and root_from_path(leaf, int(index), size, [bytes.fromhex(one) for one in path]) == root


def verify_receipt(text: bytes, keys: list[Key]) -> tuple[Checkpoint, dict[str, Any]]:
    """Checks a receipt. Returns the head of the receipt log, and the line."""
    first, newline, rest = text.partition(b"\n")
    names = HEAD_FIELDS | RECEIPT_FIELDS | OPENING_FIELDS
    head, line = read_head(first + newline, "tocsin-receipt/1", names, keys)
    check_receipt_fields(line)
    batch = line["batch"]
    commitment = bytes.fromhex(commitment_of(line["salt"], line["body"]))
    root = bytes.fromhex(batch["root"])
    leaf = leaf_hash(canonical(batch).encode())
    in_batch = leads_to(leaf_hash(commitment), line["place"], BATCH_SIZE, line["path"], root)
    if not in_batch or not leads_to(leaf, line["index"], head.size, line["proof"], head.root):
        raise Refused("receipt.altered", "this receipt differs from the signed tree")
    if rest:
        raise Refused("audit_log.too_long", "a receipt has one line")
    return head, line


# Policies: C2SP tlog-policy

POLICY_BYTES = 262_144
POLICY_KEYS_MAX = 64


@dataclass
class Policy:
    """The logs, the witnesses by name, the groups by name, and the name that must count."""

    logs: list[NoteKey]
    witnesses: dict[str, NoteKey]
    groups: dict[str, tuple[int, list[str]]]
    quorum: str | None = None

    def is_quorum(self, signers: set[str], name: str | None) -> bool:
        """Whether so many witnesses signed that the name counts."""
        if name is None or name == "none" or name in signers:
            return True
        needed, members = self.groups.get(name, (1, []))
        return sum(self.is_quorum(signers, member) for member in members) >= needed


def policy_refused(line: int, text: str) -> Refused:
    """A policy that is wrong in a line."""
    return Refused("witness_policy.malformed", f"bad policy in line {line}: {text}", line=line)


def add_policy_key(keys: Iterable[NoteKey], text: str, types: tuple[int, int], line: int) -> NoteKey:
    """Reads the key of a log or of a witness, and compares it with those before."""
    try:
        key = read_note_key(text.encode("latin-1").decode())
    except (Refused, UnicodeDecodeError) as error:
        raise policy_refused(line, f"bad key: {error}") from None
    if key.type not in types or any(one.public_key == key.public_key for one in keys):
        raise policy_refused(line, "its key must be of the right type, and not that of an earlier line")
    return key


def add_policy_line(policy: Policy, words: list[str], line: int) -> None:
    """Reads one line of a policy."""
    kind, *rest = words
    names = {*policy.witnesses, *policy.groups}
    if kind == "log" and len(rest) in (1, 2):
        policy.logs.append(add_policy_key(policy.logs, rest[0], (ED25519, ML_DSA_44), line))
    elif kind == "witness" and len(rest) in (2, 3) and rest[0] not in {*names, "none"}:
        known = policy.witnesses.values()
        policy.witnesses[rest[0]] = add_policy_key(known, rest[1], (COSIGNATURE, ML_DSA_44), line)
    elif kind == "group" and len(rest) > 2 and rest[0] not in {*names, "none"}:
        name, count, *members = rest
        taken = [member for _, others in policy.groups.values() for member in others]
        if not names.issuperset(members) or len({*members, *taken}) < len(members) + len(taken):
            raise policy_refused(line, "each member must be named on an earlier line, and be a member once")
        is_number = re.fullmatch(r"[1-9][0-9]{0,3}", count) is not None
        needed = {"any": 1, "all": len(members)}.get(count, int(count) if is_number else 0)
        if not 1 <= needed <= len(members):
            raise policy_refused(line, "the number must be `all`, `any`, or 1 to its members")
        policy.groups[name] = needed, members
    elif kind == "quorum" and len(rest) == 1 and rest[0] in {*names, "none"} and policy.quorum is None:
        policy.quorum = rest[0]
    else:
        raise policy_refused(line, "it must be a log, a witness, a group or the one quorum, with names in order")
    if max(len(policy.logs), len(policy.witnesses), len(policy.groups)) > POLICY_KEYS_MAX:
        raise policy_refused(line, f"there must be at most {POLICY_KEYS_MAX} of each kind")


def read_policy(content: bytes) -> Policy:
    """Reads a policy. Octets above 0x7F are opaque."""
    if len(content) > POLICY_BYTES or not content.endswith(b"\n"):
        raise policy_refused(0, f"it must be whole lines, and have at most {POLICY_BYTES} bytes")
    policy = Policy([], {}, {})
    for number, line in enumerate(content.decode("latin-1")[:-1].split("\n"), 1):
        if re.search(r"[^\t -~\x80-\xff]", line):
            raise policy_refused(number, "it must have no control characters but tabs")
        words = [word for word in re.split(r"[ \t]+", line) if word]
        if words and not words[0].startswith("#"):
            add_policy_line(policy, words, number)
    if policy.quorum is None:
        raise policy_refused(0, "there must be one `quorum` line")
    check_fit(policy)
    return policy


def check_fit(policy: Policy) -> None:
    """Refuses a policy if a checkpoint of a log cannot hold the signatures of all witnesses and one of the log."""
    for origin in {key.name for key in policy.logs}:
        own = min((key for key in policy.logs if key.name == origin), key=lambda key: key.type)
        keys = [own, *policy.witnesses.values()]
        text_bytes = 16 + 44 + 4 + len(origin.encode())
        if len(keys) > SIGNATURES_MAX or text_bytes + sum(signature_line_bytes(key) for key in keys) > NOTE_BYTES:
            raise policy_refused(0, "a checkpoint must be able to hold the signatures of all witnesses: name fewer")


def signature_line_bytes(key: NoteKey) -> int:
    """The length of a key's line in a note: dash, name, and base64 of the hash and the signature."""
    return len(f"— {key.name} \n".encode()) + (4 + SIGNATURE_BYTES[key.type] + 2) // 3 * 4


def check_policy(policy: Policy, note: str) -> tuple[Checkpoint, list[str]]:
    """Checks that a log of the policy and enough witnesses signed a checkpoint. Returns it, and who signed."""
    text, signatures = split_note(note)
    head = read_checkpoint(text)
    if not is_name(head.origin):
        raise Refused("checkpoint.malformed", "bad checkpoint: its origin must have no space and no `+`")
    if not times_of(text, signatures, [key for key in policy.logs if key.name == head.origin]):
        raise Refused("witness_policy.other_log", f"no log of the policy signed the checkpoint of `{head.origin}`")
    times = times_of(text, signatures, list(policy.witnesses.values()))
    signers = [name for name, key in policy.witnesses.items() if times.get(key, 0) > 0]
    if not policy.is_quorum(set(signers), policy.quorum):
        names = ", ".join(signers) or "none"
        raise Refused("witness_policy.no_quorum", f"too few witnesses of the policy signed the checkpoint: {names}")
    return head, signers


# Proofs: C2SP tlog-proof

PROOF_FORMAT = "c2sp.org/tlog-proof@v1"
PROOF_HASHES_MAX = 63


@dataclass(frozen=True)
class Proof:
    """The parts of a proof, before anything is verified."""

    extra: bytes | None
    index: int
    path: list[bytes]
    note: str


def proof_refused(line: int, text: str) -> Refused:
    """A proof that is wrong in a line."""
    return Refused("tlog_proof.malformed", f"bad proof of a log in line {line}: {text}", line=line)


def parse_proof(content: bytes) -> Proof:
    """Splits a proof into its parts."""
    if len(content) > LINE_BYTES:
        raise proof_refused(1, f"the proof must have at most {LINE_BYTES} bytes")
    lines, at = [], 0
    while not content.startswith(b"\n", at):
        end = content.find(b"\n", at)
        if end < 0:
            raise proof_refused(len(lines) + 1, "an empty line and a checkpoint must follow")
        lines.append(content[at:end].decode("latin-1"))
        at = end + 1
    if not lines or lines[0] != PROOF_FORMAT:
        raise proof_refused(1, f"it must be `{PROOF_FORMAT}`")
    note, line, extra = decode_note(content[at + 1 :]), 2, None
    if len(lines) > 1 and lines[1].startswith("extra "):
        extra, line = read_base64(lines[1][6:]), 3
        if extra is None:
            raise proof_refused(2, "it must be `extra` and base64")
    index = re.fullmatch(r"index (0|[1-9][0-9]{0,15})", lines[line - 1] if len(lines) >= line else "")
    if index is None or int(index[1]) > SIZE_MAX:
        raise proof_refused(line, "it must name an index")
    if len(lines) - line > PROOF_HASHES_MAX:
        raise proof_refused(line + 1 + PROOF_HASHES_MAX, f"it must have at most {PROOF_HASHES_MAX} hashes")
    path = []
    for number, text in enumerate(lines[line:], line + 1):
        one = read_base64(text)
        if one is None or len(one) != HASH_BYTES:
            raise proof_refused(number, "each hash must be 32 bytes in base64")
        path.append(one)
    return Proof(extra, int(index[1]), path, note)


def is_batch(value: Any) -> bool:
    """Whether the value is the leaf of a batch."""
    if not isinstance(value, dict) or set(value) != {"anchor", "at", "root"} or not isinstance(value["at"], str):
        return False
    return is_hex(value["anchor"], HASH_BYTES) and is_hex(value["root"], HASH_BYTES)


def commits_to_audit_log(line: dict[str, Any]) -> bool:
    """Whether the batch of a proof commits to the tree of the audit log in it."""
    tree = line["auditLog"]
    if set(line) != {"auditLog", "batch", "salt"} or not isinstance(tree, dict) or not is_hex(line["salt"], 16):
        raise malformed()
    if set(tree) != {"origin", "root", "size"} or not is_hex(tree["root"], HASH_BYTES) or not is_count(tree["size"]):
        raise malformed()
    if not isinstance(tree["origin"], str) or not is_batch(line["batch"]):
        raise malformed()
    return commitment_of(line["salt"], tree) == line["batch"]["anchor"]


def commits_to_receipt(line: dict[str, Any]) -> bool:
    """Whether the batch of a proof commits to the receipt in it."""
    if set(line) != {"batch", "body", "path", "place", "salt"} or not is_path(line["path"]):
        raise malformed()
    if not is_count(line["place"]) or not is_hex(line["salt"], 16) or not isinstance(line["body"], dict):
        raise malformed()
    if not is_batch(line["batch"]):
        raise malformed()
    commitment = leaf_hash(bytes.fromhex(commitment_of(line["salt"], line["body"])))
    return leads_to(commitment, line["place"], BATCH_SIZE, line["path"], bytes.fromhex(line["batch"]["root"]))


def verify_proof(content: bytes, policy: Policy) -> tuple[Checkpoint, list[str], Proof, dict[str, Any]]:
    """Checks a proof. Returns the head of the receipt log, its witnesses, and what the batch commits to."""
    proof = parse_proof(content)
    if proof.extra is None:
        raise Refused("tlog_proof.no_extra", "the proof does not say what the log commits to")
    head, signers = check_policy(policy, proof.note)
    line = parse_line(proof.extra)
    is_audit_log = "auditLog" in line
    if not (commits_to_audit_log(line) if is_audit_log else commits_to_receipt(line)):
        what = "audit log" if is_audit_log else "receipt"
        raise Refused("tlog_proof.altered", f"the batch does not commit to the {what}", line=2)
    leaf = leaf_hash(canonical(line["batch"]).encode())
    if proof.index >= head.size or root_from_path(leaf, proof.index, head.size, proof.path) != head.root:
        last = 3 + len(proof.path)
        raise Refused("tlog_proof.altered", f"lines 2 to {last} do not lead to the tree that the log signed")
    return head, signers, proof, line


# Tiles: C2SP tlog-tiles

Fetch = Callable[[str], "bytes | None"]
"""Returns the file at a path below the prefix, or None if there is none."""


def tile_refused(path: str, text: str) -> Refused:
    """A tile that is wrong, with its path."""
    return Refused("tiles.altered", f"{path} {text}")


def tile_path(level: int, number: int, width: int = TILE_WIDTH) -> str:
    """The path of a tile: the number in groups of three digits, all but the last with an x."""
    digits = str(number)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    suffix = "" if width == TILE_WIDTH else f".p/{width}"
    return f"tile/{level}/" + "/".join([f"x{group}" for group in groups[:-1]] + groups[-1:]) + suffix


def read_tile(fetch: Fetch, level: int, number: int, width: int = TILE_WIDTH) -> list[bytes]:
    """Reads the first hashes of a tile. If a partial tile is gone, the full one has them too."""
    path = tile_path(level, number, width)
    content = fetch(path)
    if content is None and width < TILE_WIDTH:
        path = tile_path(level, number)
        content = fetch(path)
    if content is None:
        raise Refused("tiles.missing", f"{tile_path(level, number, width)} is missing")
    expected = HASH_BYTES * (TILE_WIDTH if path == tile_path(level, number) else width)
    if len(content) != expected:
        raise tile_refused(path, f"has {len(content)} bytes in place of {expected}")
    return [content[at : at + HASH_BYTES] for at in range(0, HASH_BYTES * width, HASH_BYTES)]


def check_tile(fetch: Fetch, level: int, number: int, root: bytes) -> int:
    """Checks a full tile and all below it against the hash above. Returns how many tiles it read."""
    hashes = read_tile(fetch, level, number)
    if root_of(hashes) != root:
        raise tile_refused(tile_path(level, number), "differs from the signed tree")
    if level == 0:
        return 1
    return 1 + sum(
        check_tile(fetch, level - 1, number * TILE_WIDTH + place, one) for place, one in enumerate(hashes)
    )


def verify_tiles(fetch: Fetch, keys: list[Key]) -> tuple[Checkpoint, int]:
    """
    Checks the checkpoint and every tile of its tree. The rightmost tiles hold the perfect subtrees, from the highest
    level down; together they must hash to the signed root. Each hash above level 0 then names a full tile below.
    """
    note = fetch("checkpoint")
    if note is None:
        raise Refused("tiles.missing", "checkpoint is missing")
    head = verify_checkpoint(decode_note(note), keys)
    levels = max(1, -(-head.size.bit_length() // 8))
    rightmost: list[tuple[int, int, list[bytes]]] = []
    peaks: list[tuple[int, bytes]] = []
    for level in reversed(range(levels)):
        count = head.size >> 8 * level
        width = count % TILE_WIDTH
        hashes = read_tile(fetch, level, count // TILE_WIDTH, width) if width > 0 else []
        rightmost.append((level, count - width, hashes))
        for one in hashes:
            push(peaks, 8 * level, one)
    if root_of_peaks(peaks) != head.root:
        paths = [tile_path(level, first // 256, len(hashes)) for level, first, hashes in rightmost if hashes]
        raise tile_refused(" or ".join(paths), "differs from the signed tree")
    tiles = sum(len(hashes) > 0 for _, _, hashes in rightmost)
    for level, first, hashes in rightmost:
        if level > 0:
            tiles += sum(check_tile(fetch, level - 1, first + at, one) for at, one in enumerate(hashes))
    return head, tiles


def fetch_from(place: str) -> Fetch:
    """Reads tiles from a folder or a URL."""
    if re.match(r"https?://", place):
        return lambda path: fetch_url(f"{place.rstrip('/')}/{path}")
    if not pathlib.Path(place).is_dir():
        raise NotADirectoryError(f"{place} is not a folder")
    return lambda path: read_file(pathlib.Path(place, path))


def read_file(path: pathlib.Path) -> bytes | None:
    """Reads a file, or None if there is none. A tile's folder of partial tiles is no tile."""
    return path.read_bytes() if path.is_file() else None


def fetch_url(url: str) -> bytes | None:
    """Reads an address, or None if there is nothing."""
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS) as answer:
            content = answer.read(LINE_BYTES)
            if answer.length:
                raise http.client.IncompleteRead(content, answer.length)
            return content
    except ValueError as error:
        raise OSError(f"{url}: {error}") from error
    except urllib.error.HTTPError as error:
        if error.code in (404, 410):
            return None
        raise


# The command line


def decode_note(content: bytes) -> str:
    """Reads the bytes of a signed note."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        refuse_note("it is not UTF-8")


def signed_by(head: Checkpoint) -> str:
    """Says whose head it is."""
    return f"of {head.origin}, signed by the key that you gave, root {head.root.hex()}"


def read_note(path: str) -> str:
    """Reads a file that is a signed note, or an answer of the API that holds one as `checkpoint`."""
    return decode_note(read_answer(pathlib.Path(path).read_bytes(), "checkpoint"))


def describe_receipt(body: dict[str, Any]) -> str:
    """Says what a receipt is about."""
    partner, kind, at = (body.get(name, "?") for name in ("partner", "kind", "at"))
    return f"receipt, partner {partner}, {kind} at {at}"


def read_answer(content: bytes, name: str) -> bytes:
    """Takes a text out of an answer of the API, if the file is one."""
    try:
        return str(json.loads(content)[name]).encode("utf-8", "surrogatepass")
    except (ValueError, RecursionError, TypeError, KeyError):
        return content


def say_export(options: argparse.Namespace, keys: list[Key]) -> str:
    """Checks an export, and a checkpoint that it must continue."""
    kept = None
    if options.checkpoint is not None:
        kept = verify_checkpoint(read_note(options.checkpoint), keys)
    with open(options.file, "rb") as file:
        export = verify_export(file, keys, kept.size if kept else 0)
    if kept is not None:
        compare_with_checkpoint(export, kept)
    withheld = f"{export.withheld} without their body, " if export.withheld else ""
    continues = f", continues the checkpoint of {kept.size} leaves" if kept else ""
    return f"{export.head.size} leaves, {withheld}{signed_by(export.head)}{continues}"


def say_receipt(options: argparse.Namespace, keys: list[Key]) -> str:
    """Checks a receipt."""
    head, line = verify_receipt(pathlib.Path(options.file).read_bytes(), keys)
    place = f"in batch {line['index']:.0f} of {head.size}"
    return f"{describe_receipt(line['body'])}, {place} {signed_by(head)}"


def say_proof(options: argparse.Namespace, policy: Policy) -> str:
    """Checks a proof by the witnesses of a policy."""
    content = pathlib.Path(options.file).read_bytes()
    head, signers, proof, line = verify_proof(read_answer(content, "receipt"), policy)
    by = f"witnessed by {', '.join(signers)}" if signers else "signed by the log alone, as the policy allows"
    place = f"in batch {proof.index} of {head.size} of {head.origin}, {by}"
    if "auditLog" in line:
        tree = line["auditLog"]
        return f"audit log, {tree['size']:.0f} leaves of {tree['origin']}, root {tree['root']}, {place}"
    return f"{describe_receipt(line['body'])}, {place}"


def say_checkpoint(options: argparse.Namespace, keys: list[Key]) -> str:
    """Checks a checkpoint."""
    head = verify_checkpoint(read_note(options.file), keys)
    return f"checkpoint, {head.size} leaves {signed_by(head)}"


def say_tiles(options: argparse.Namespace, keys: list[Key]) -> str:
    """Checks all tiles of a tree."""
    head, tiles = verify_tiles(fetch_from(options.file), keys)
    return f"{tiles} tiles, {head.size} leaves {signed_by(head)}"


def say_handovers(options: argparse.Namespace, keys: list[Key]) -> str:
    """Follows the handovers in an answer of the API from the keys."""
    try:
        notes = json.loads(pathlib.Path(options.file).read_bytes())["handovers"]
        found = follow_handovers([str(note) for note in notes], keys)
    except (ValueError, RecursionError, TypeError, KeyError):
        raise malformed("the file is no list of handovers") from None
    return f"{len(found)} handovers of {keys[0].name}, the newest key is {[*keys, *found][-1].text}"


COMMANDS: dict[str, tuple[str, Callable[[argparse.Namespace, Any], str]]] = {
    "export": ("FILE", say_export),
    "receipt": ("FILE", say_receipt),
    "proof": ("FILE", say_proof),
    "checkpoint": ("FILE", say_checkpoint),
    "tiles": ("DIR|URL", say_tiles),
    "handovers": ("FILE", say_handovers),
}


def parse_arguments(arguments: list[str]) -> argparse.Namespace:
    """Reads the command line."""
    about = "Verifies exports, receipts, proofs, checkpoints and tiles of Tocsin's logs."
    parser = argparse.ArgumentParser(description=about)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, (place, _) in COMMANDS.items():
        command = commands.add_parser(name)
        command.add_argument("file", metavar=place)
        if name == "proof":
            command.add_argument("--policy", required=True, help="who must have signed (C2SP tlog-policy)")
        else:
            about_key = "a verifier key of the log, from a source that you trust; repeatable"
            command.add_argument("--key", required=True, action="append", help=about_key)
        if name == "export":
            command.add_argument("--checkpoint", metavar="FILE", help="a checkpoint that the export must continue")
    return parser.parse_args(arguments)


def read_trust(options: argparse.Namespace) -> list[Key] | Policy:
    """Reads what the reader trusts: a policy for proofs, else the keys of one log."""
    if options.command != "proof":
        keys = [read_key(text) for text in options.key]
        if len({key.name for key in keys}) > 1:
            raise Refused("checkpoint.key_malformed", "bad verifier keys: they must be of one log")
        return keys
    return read_policy(pathlib.Path(options.policy).read_bytes())


def printable(text: str) -> str:
    """Escapes what could move the cursor of a terminal, or cannot be written."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "backslashreplace").decode() for c in text)


def main(arguments: list[str]) -> int:
    """Checks one file, and returns the exit code."""
    options = parse_arguments(arguments)
    try:
        trust = read_trust(options)
    except Refused as refused:
        print(printable(f"{refused.text} ({refused.code})"), file=sys.stderr)
        return 2
    except OSError as error:
        print(printable(f"{options.policy}: cannot be read: {error}"), file=sys.stderr)
        return 2
    try:
        accepted = COMMANDS[options.command][1](options, trust)
        print(printable(f"{options.file}: accepted: {accepted}"))
        return 0
    except Refused as refused:
        place = " in the first line" if refused.is_head else ""
        place = place if refused.index is None else f" at leaf {refused.index}"
        place = place if refused.line is None else f" in line {refused.line}"
        print(printable(f"{options.file}: REJECTED{place}: {refused.text} ({refused.code})"))
        return 1
    except (OSError, http.client.HTTPException) as error:
        print(printable(f"{options.file}: cannot be read: {error}"), file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    sys.exit(main(sys.argv[1:]))
