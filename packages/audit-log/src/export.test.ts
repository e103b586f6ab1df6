import { createPrivateKey, createPublicKey, sign as nodeSign, verify as nodeVerify } from "node:crypto"
import { bytesToHex } from "@noble/hashes/utils.js"
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import vectors from "../../../test/vectors/record.json" with { type: "json" }
import type { Json } from "@tocsin/base/canonical"
import { formatCheckpoint, formatVerifierKey, parseVerifierKey, signNote, type VerifierKey } from "./checkpoint.ts"
import { type Hash, rootOf } from "./merkle.ts"
import { type Entry, entryLine, checkpointLine, leafOf, pathRanges, verifyBytes, verifyLines } from "./export.ts"
import { trustAnyKey, commit, type SignedCheckpoint, lineBytesMax, splitLines, type Trust } from "./signed-note.ts"

// --- An audit log export made by hand, with a reproducible key

function pair(name: string, seedByte: number) {
    const seed = new Uint8Array(32).fill(seedByte)
    const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed])
    const secret = createPrivateKey({ key: der, format: "der", type: "pkcs8" })
    const spki = createPublicKey(secret).export({ format: "der", type: "spki" })
    const key: VerifierKey = { name, publicKey: new Uint8Array(spki.subarray(-32)) }
    return { key, sign: (message: Uint8Array) => new Uint8Array(nodeSign(null, message, secret)) }
}

const log = pair("tocsin.example/record", 1)
const trust: Trust = {
    keys: [log.key],
    verify: (publicKey, message, signature) => {
        const jwk = { kty: "OKP", crv: "Ed25519", x: Buffer.from(publicKey).toString("base64url") }
        return nodeVerify(null, message, createPublicKey({ key: jwk, format: "jwk" }), signature)
    },
}

const bodies: Json[] = [
    { by: null, step: "init" },
    { by: "p-1", case: "c-1", cves: ["CVE-2025-49704"] },
    { by: "p-2", note: "a line\nbreak, \u001b[31m, \u202e and €" },
    { by: null, wave: { tier: "entry", bytes: 20480 } },
]

function entry(index: number): Entry {
    const [salt, body] = [new Uint8Array(16).fill(index + 1), bodies[index % bodies.length]!]
    const opening = { salt: bytesToHex(salt), body }
    const at = `2025-07-08T17:00:${String(index % 60).padStart(2, "0")}Z`
    // Every third is sealed: its body is withheld.
    return {
        index,
        at,
        kind: "case.opened",
        commitment: bytesToHex(commit(salt, body)),
        opening: index % 3 === 2 ? null : opening,
    }
}

function checkpointOf(leaves: readonly Hash[], { key, sign } = log): SignedCheckpoint {
    const text = formatCheckpoint({ origin: key.name, size: leaves.length, root: rootOf(leaves) })
    return { origin: key.name, verifierKey: formatVerifierKey(key), checkpoint: signNote(text, key, sign) }
}

/** The lines of an export of `size` leaves, the head's first. */
function linesFor(size: number, person = log): string[] {
    const entries = Array.from({ length: size }, (_, index) => entry(index))
    const leaves = entries.map(leafOf)
    const paths = [...pathRanges(size)].map((ranges) =>
        ranges.map(({ start, end }) => rootOf(leaves.slice(start, end))),
    )
    return [checkpointLine(checkpointOf(leaves, person)), ...entries.map((entry, i) => entryLine(entry, paths[i]!))]
}

const bytesOf = (text: string | string[]) => new TextEncoder().encode([text].flat().join(""))

/** The result of reading: `accepted`, or the place and the code. */
async function verdictOf(file: string | string[] | Uint8Array, as: Trust = trust): Promise<string> {
    const verdict = await verifyBytes(file instanceof Uint8Array ? file : bytesOf(file), as)
    return verdict.ok ? "accepted" : `${verdict.index ?? "head"} ${verdict.code}`
}

/** The lowest, the one that tells capitals, and the one beyond ASCII; every one when there is time. */
const bits = process.env["SLOW"] ? [0, 1, 2, 3, 4, 5, 6, 7] : [0, 5, 7]

const reseal = (line: string, change: (fields: Record<string, unknown>) => Record<string, unknown>) =>
    `${JSON.stringify(sorted(change(JSON.parse(line) as Record<string, unknown>)))}\n`
const sorted = (fields: Record<string, unknown>) =>
    Object.fromEntries(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1)))

// --- Records

describe("an audit log export", () => {
    test("is accepted at every size, with one hash per leaf", async () => {
        for (let size = 1; size <= 70; size++) {
            const lines = linesFor(size)
            expect(await verdictOf(lines)).toBe("accepted")
            expect([...pathRanges(size)].flat()).toHaveLength(size - 1)
        }
    })

    test("is reported with its size, its root and its withheld leaves", async () => {
        const root = bytesToHex(rootOf(Array.from({ length: 7 }, (_, i) => leafOf(entry(i)))))
        const known = { ok: true, format: "tocsin-audit-log/1", origin: log.key.name, size: 7, root, withheld: 2 }
        const verifierKey = formatVerifierKey(log.key)
        expect(await verifyBytes(bytesOf(linesFor(7)), trust)).toEqual({ ...known, verifierKey, keyKnown: true })
        const unpinned = await verifyBytes(bytesOf(linesFor(7)), { ...trust, keys: trustAnyKey })
        expect(unpinned).toEqual({ ...known, verifierKey, keyKnown: false })
    })

    test("passes each leaf to the caller, and only leaves that were signed", async () => {
        const seen: Entry[] = []
        const lines = linesFor(7)
        await verifyLines(splitLines([bytesOf(lines)]), trust, (entry) => seen.push(entry))
        expect(seen).toEqual(Array.from({ length: 7 }, (_, index) => entry(index)))
        const bent = lines.with(4, lines[4]!.replace("init", "INIT").replace("entry", "other"))
        seen.length = 0
        await verifyLines(splitLines([bytesOf(bent)]), trust, (entry) => seen.push(entry))
        expect(seen.map(({ index }) => index)).toEqual([0, 1, 2])
    })

    test("stays the same, byte for byte", async () => {
        expect(linesFor(vectors.lines.length - 1)).toEqual(vectors.lines)
        expect(await verdictOf(vectors.lines, { ...trust, keys: [parseVerifierKey(vectors.verifierKey)] })).toBe(
            "accepted",
        )
    })

    test.each(vectors.rejected)("is rejected with $is", async ({ lines, index }) => {
        expect(await verifyBytes(bytesOf(lines), trust)).toMatchObject({ ok: false, index })
    })

    test("is rejected with any bit flipped, and the error names its leaf", async () => {
        const lines = linesFor(5)
        const bytes = bytesOf(lines)
        let at = 0
        for (const [n, line] of lines.entries()) {
            const named = n === 0 ? "head" : String(n - 1)
            for (const end = at + bytesOf(line).length; at < end; at++) {
                for (const bit of bits) {
                    const input = await verdictOf(bytes.with(at, bytes[at]! ^ (1 << bit)))
                    expect(`byte ${at} bit ${bit}: ${input.split(" ")[0]}`).toBe(`byte ${at} bit ${bit}: ${named}`)
                }
            }
        }
    })

    test("is rejected with any byte added, removed or replaced, under any key", async () => {
        const bytes = bytesOf(linesFor(6))
        const change = fc.tuple(fc.nat(bytes.length), fc.nat(1), fc.uint8Array({ maxLength: 3 }), fc.boolean())
        await fc.assert(
            fc.asyncProperty(change, async ([at, out, put, pinned]) => {
                const bent = Uint8Array.of(...bytes.slice(0, at), ...put, ...bytes.slice(at + out))
                fc.pre(!Buffer.from(bent).equals(bytes))
                expect(await verdictOf(bent, pinned ? trust : { ...trust, keys: trustAnyKey })).not.toBe("accepted")
            }),
            { numRuns: 500 },
        )
    })

    test("is rejected with the leaf that was dropped, swapped, duplicated or added", async () => {
        await fc.assert(
            fc.asyncProperty(fc.integer({ min: 2, max: 20 }), fc.nat(), fc.nat(), async (size, i, j) => {
                const [head, ...leaves] = linesFor(size) as [string, ...string[]]
                const [a, b] = [Math.min(i % size, j % size), Math.max(i % size, j % size)]
                const describe = async (changed: string[]) => (await verdictOf([head, ...changed])).split(" ")[0]
                expect(await describe(leaves.toSpliced(a, 1))).toBe(String(a))
                expect(await describe(leaves.toSpliced(a, 0, leaves[b]!))).toBe(a === b ? String(a + 1) : String(a))
                if (a !== b) expect(await describe(leaves.with(a, leaves[b]!).with(b, leaves[a]!))).toBe(String(a))
                expect(await describe([...leaves, leaves[a]!])).toBe(String(size))
                expect(await describe(leaves.slice(0, a))).toBe(String(a))
            }),
        )
    })

    test("is rejected with the leaf that was rewritten with its hash without the key", async () => {
        for (let size = 1; size <= 12; size++) {
            for (let index = 0; index < size; index++) {
                const lines = linesFor(size)
                const [salt, body] = [new Uint8Array(16), { by: "somebody else" }]
                const opening = { salt: bytesToHex(salt), body, commitment: bytesToHex(commit(salt, body)) }
                lines[index + 1] = reseal(lines[index + 1]!, (fields) => ({ ...fields, ...opening }))
                expect(await verdictOf(lines)).toBe(`${index} audit_log.altered`)
            }
        }
    })
})

describe("a line", () => {
    const lines = linesFor(6)
    const [, first = "", second = ""] = lines
    const withBody = (body: string) => second.replace(/"body":.*,"commitment"/, `"body":${body},"commitment"`)
    test.each<[string, string, string]>([
        ["with a space", second.replace('":', '": '), "1 canonical.malformed"],
        ["with an extra field", reseal(second, (f) => ({ ...f, more: 1 })), "1 audit_log.malformed"],
        ["with a missing field", reseal(second, ({ kind: _, ...f }) => f), "1 audit_log.malformed"],
        ["with a salt and no body", reseal(second, ({ body: _, ...f }) => f), "1 audit_log.malformed"],
        ["with a body and no salt", reseal(second, ({ salt: _, ...f }) => f), "1 audit_log.malformed"],
        ["with a name twice", second.replace("{", '{"at":"x",'), "1 canonical.malformed"],
        ["with its fields in another order", `{"kind":"x",${second.slice(1)}`, "1 canonical.malformed"],
        ["with a Windows line break", second.replace("\n", "\r\n"), "1 canonical.malformed"],
        ["after an empty line", `\n${second}`, "1 canonical.malformed"],
        ["with another index", reseal(second, (f) => ({ ...f, index: 3 })), "1 audit_log.out_of_place"],
        ["with an invalid index", reseal(second, (f) => ({ ...f, index: "1" })), "1 audit_log.malformed"],
        ["with a fractional index", reseal(second, (f) => ({ ...f, index: 1.5 })), "1 audit_log.malformed"],
        ["with another instant", reseal(second, (f) => ({ ...f, at: "2025-07-08T17:00:59Z" })), "1 audit_log.altered"],
        ["with another kind", reseal(second, (f) => ({ ...f, kind: "case.closed" })), "1 audit_log.altered"],
        ["with another body", reseal(second, (f) => ({ ...f, body: { by: "p-9" } })), "1 audit_log.altered"],
        ["with another salt", reseal(second, (f) => ({ ...f, salt: "00".repeat(16) })), "1 audit_log.altered"],
        ["with a short salt", reseal(second, (f) => ({ ...f, salt: "00" })), "1 audit_log.malformed"],
        [
            "with capitals in its commitment",
            reseal(second, (f) => ({ ...f, commitment: "AB".repeat(32) })),
            "1 audit_log.malformed",
        ],
        [
            "with a path that is too long",
            reseal(second, (f) => ({ ...f, path: ["00".repeat(32)] })),
            "1 audit_log.altered",
        ],
        ["with an invalid path", reseal(second, (f) => ({ ...f, path: {} })), "1 audit_log.malformed"],
        ["with an index in another form", second.replace('"index":1', '"index":01'), "1 canonical.malformed"],
        ["with a body in another order", withBody('{"case":"c-1","by":"p-1"}'), "1 canonical.malformed"],
        ["with a name twice in its body", withBody('{"by":"p-1","by":"p-1"}'), "1 canonical.malformed"],
        ["with a number in another form", withBody("1.0"), "1 canonical.malformed"],
        ["with names of digits in another order", withBody('{"2":1,"10":1}'), "1 canonical.malformed"],
        ["with half a character", withBody('"\\ud800"'), "1 canonical.lone_surrogate"],
        ["with a body that ends early", withBody('1,"c":2'), "1 audit_log.malformed"],
        ["with a body that is no JSON", withBody("1}"), "1 canonical.malformed"],
        ["with a body nested too deep", withBody("[".repeat(65) + "]".repeat(65)), "1 canonical.too_deep"],
        ["with a tab in its kind", second.replace("case.opened", "case\topened"), "1 canonical.malformed"],
        ["with a needless escape", second.replace("case.opened", "case\\u002eopened"), "1 canonical.malformed"],
        ["with capitals in its salt", second.replace(/"salt":"../, '"salt":"AB'), "1 audit_log.malformed"],
        ["with capitals in its path", first.replace(/"path":\[".{4}/, '"path":["ABCD'), "0 audit_log.malformed"],
        ["with a comma at the end", first.replace('"],"salt"', '",],"salt"'), "0 canonical.malformed"],
        ["with hashes that touch", first.replace(/(?<="path":\[".{64})",/, '"'), "0 canonical.malformed"],
        ["that is a number", "1\n", "1 audit_log.malformed"],
        ["that is a list", "[]\n", "1 audit_log.malformed"],
        ["with endless nesting", `${"[".repeat(5000)}${"]".repeat(5000)}\n`, "1 canonical.too_deep"],
        ["of a megabyte", `"${"x".repeat(lineBytesMax)}"\n`, "1 audit_log.malformed"],
    ])("%s is rejected", async (_, line, input) => {
        expect(await verdictOf(lines.with(input.startsWith("0") ? 1 : 2, line))).toBe(input)
    })

    test("without salt and body is counted as withheld, as after an erasure", async () => {
        const erased = lines.with(
            2,
            reseal(second, ({ salt: _, body: __, ...fields }) => fields),
        )
        expect(await verifyBytes(bytesOf(erased), trust)).toMatchObject({ ok: true, withheld: 3 })
    })

    test("that is not UTF-8 is rejected, even when a lenient decoder reads the same character", async () => {
        const [head, leaf] = linesFor(1) as [string, string]
        const bent = bytesOf([head, leaf.replace("init", "in\ufffdt")])
        const at = bent.findLastIndex((byte, i) => byte === 0xbf && bent[i + 1] === 0xbd)
        expect(await verdictOf(bent.with(at + 1, 0xff))).toBe("0 audit_log.malformed")
    })
})

describe("a checkpoint", () => {
    const lines = linesFor(6)
    const forger = pair(log.key.name, 2)
    const bent = (change: (fields: Record<string, unknown>) => Record<string, unknown>) =>
        lines.with(0, reseal(lines[0]!, change))
    const head = JSON.parse(lines[0]!) as Record<"checkpoint", string>
    const other = (checkpoint: string) => bent((fields) => ({ ...fields, checkpoint }))
    test.each<[string, string[], string]>([
        ["by another key", linesFor(6, forger), "head audit_log.key_mismatch"],
        [
            "by another key under the same name",
            lines.with(0, checkpointLine({ ...checkpointOf([], forger), verifierKey: formatVerifierKey(log.key) })),
            "head checkpoint.unsigned",
        ],
        ["of an older tree", lines.with(0, linesFor(5)[0]!), "0 audit_log.altered"],
        ["of a later tree", lines.with(0, linesFor(7)[0]!), "0 audit_log.altered"],
        ["of no leaves", [checkpointLine(checkpointOf([]))], "head audit_log.empty"],
        [
            "with another origin",
            bent((fields) => ({ ...fields, origin: "other.example" })),
            "head audit_log.origin_mismatch",
        ],
        [
            "with another format",
            bent((fields) => ({ ...fields, format: "tocsin-audit-log/2" })),
            "head audit_log.unsupported_format",
        ],
        ["with an extra field", bent((fields) => ({ ...fields, more: 1 })), "head audit_log.malformed"],
        ["with a number as note", bent((fields) => ({ ...fields, checkpoint: 1 })), "head audit_log.malformed"],
        ["signed twice", other(head.checkpoint + head.checkpoint.split("\n\n")[1]!), "head audit_log.extra_signatures"],
        ["that is missing", lines.slice(1), "head audit_log.unsupported_format"],
        ["that is the whole file", lines.slice(0, 1), "0 audit_log.incomplete"],
        ["of an empty file", [], "head audit_log.empty"],
        ["that is not JSON", ["hello\n", ...lines.slice(1)], "head canonical.malformed"],
    ])("%s is rejected", async (_, file, input) => {
        expect(await verdictOf(file)).toBe(input)
    })

    test("whose key comes from the file only is reported as unauthenticated", async () => {
        const verdict = await verifyBytes(bytesOf(linesFor(6, forger)), { ...trust, keys: trustAnyKey })
        expect(verdict).toMatchObject({ ok: true, keyKnown: false, verifierKey: formatVerifierKey(forger.key) })
    })
})

test("lines are the same for any chunks of bytes", async () => {
    const text = fc.array(fc.constantFrom("a", "\n", "é"), { maxLength: 30 })
    await fc.assert(
        fc.asyncProperty(text, fc.array(fc.nat(40), { maxLength: 5 }), async (chars, cuts) => {
            const bytes = bytesOf(chars)
            const places = [0, ...cuts.filter((cut) => cut <= bytes.length).sort((a, b) => a - b), bytes.length]
            const chunks = places.slice(1).map((end, i) => bytes.slice(places[i], end))
            const lines: string[] = []
            for await (const group of splitLines(chunks))
                lines.push(...group.map((line) => Buffer.from(line).toString()))
            expect(lines.join("")).toBe(chars.join(""))
            expect(
                lines.every((line, i) => (i < lines.length - 1 ? line.indexOf("\n") === line.length - 1 : line !== "")),
            ).toBe(true)
        }),
    )
})
