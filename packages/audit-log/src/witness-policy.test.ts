import * as fc from "fast-check"
import { expect, test } from "vitest"
import litewitness from "../../../test/vectors/litewitness.json" with { type: "json" }
import { Refusal } from "@tocsin/base/refusal"
import { formatCheckpoint } from "./checkpoint.ts"
import { nodeVerifiers, signingNoteKey, signWith } from "./commands/node-keys.ts"
import { formatNoteKey, type NoteKeyKind } from "./note-keys.ts"
import { checkWitnessPolicy, isQuorum, parseWitnessPolicy } from "./witness-policy.ts"

const keyOf = (kind: NoteKeyKind, number: number, name: string) =>
    signingNoteKey(kind, new Uint8Array(32).fill(number), () => name)

const log = keyOf("ed25519", 1, "example.org/log")
const logMlDsa = keyOf("ml_dsa_44", 2, "example.org/log")
const witnesses = [
    keyOf("cosignature", 3, "w1.example/a"),
    keyOf("ml_dsa_44", 4, "w2.example/b"),
    keyOf("cosignature", 5, "w3.example/c"),
]
const head = `log ${formatNoteKey(log)} https://example.org/log\n`
const three = witnesses.map((key, i) => `witness W${i + 1} ${formatNoteKey(key)}\n`).join("")
const text = formatCheckpoint({ origin: log.name, size: 20, root: new Uint8Array(32).fill(9) })
const signed = `${text}\n${signWith(text, log, 0)}`
const cosigned = (...numbers: number[]) =>
    signed +
    witnesses.flatMap((key, i) => (numbers.includes(i + 1) ? [signWith(text, key, 1_700_000_000 + i)] : [])).join("")

const parse = (policy: string) => parseWitnessPolicy(Buffer.from(policy, "latin1"))
function codeOf(work: () => unknown): string | null {
    try {
        work()
        return null
    } catch (error) {
        return error instanceof Refusal ? error.code : "other"
    }
}
const check = (policy: string, note: string) => () => checkWitnessPolicy(parse(policy), note, nodeVerifiers)

test("a quorum of groups counts each witness once", () => {
    const policy = `# ours\n\n ${head}${three}group A\t2 W1 W2\ngroup B any A W3\nquorum B\n`
    expect(check(policy, cosigned(1, 2))().witnesses).toEqual([
        { name: "W1", time: 1_700_000_000 },
        { name: "W2", time: 1_700_000_001 },
    ])
    expect(codeOf(check(policy, cosigned(3)))).toBeNull()
    expect(codeOf(check(policy, cosigned(1)))).toBe("witness_policy.no_quorum")
    expect(codeOf(check(policy, cosigned(1) + cosigned(1).slice(signed.length)))).toBe("witness_policy.no_quorum")
    expect(codeOf(check(`${head}quorum none\n`, signed))).toBeNull()
})

test.each<[NoteKeyKind, number]>([
    ["ml_dsa_44", 20],
    ["cosignature", 63],
])("a policy has as many witnesses of kind %s as a note can hold: %i", (kind, most) => {
    const keys = Array.from({ length: most + 1 }, (_, i) => keyOf(kind, i + 10, `w${i}.example/a`))
    const lines = keys.map((key, i) => `witness W${i} ${formatNoteKey(key)}\n`)
    const note = (count: number) =>
        signed +
        keys
            .slice(0, count)
            .map((key) => signWith(text, key, 1_700_000_000))
            .join("")
    const policy = (count: number) => `${head}${lines.slice(0, count).join("")}quorum W0\n`
    expect(codeOf(check(policy(most), note(most)))).toBeNull()
    expect(codeOf(check(policy(1), note(most + 1)))).toBe("checkpoint.note_malformed")
    expect(codeOf(() => parse(policy(most + 1)))).toBe("witness_policy.malformed")
})

test("a cosignature that litewitness made for a checkpoint of Tocsin is accepted", () => {
    const { policy, note } = litewitness
    expect(check(policy, note)()).toMatchObject({ checkpoint: { size: 56 }, witnesses: [{ name: "W" }] })
    expect(codeOf(check(policy, note.replace("\n56\n", "\n57\n")))).toBe("checkpoint.bad_signature")
})

test("a log can have more keys than a note has room for, because one of them signs", () => {
    const keys = Array.from({ length: 60 }, (_, i) => keyOf("ml_dsa_44", i + 100, log.name))
    const policy = `${head}${keys.map((key) => `log ${formatNoteKey(key)}\n`).join("")}${three}quorum W1\n`
    expect(codeOf(check(policy, cosigned(1)))).toBeNull()
})

test("the log can sign by ML-DSA-44, and another log counts for nothing", () => {
    const policy = `log ${formatNoteKey(logMlDsa)}\nquorum none\n`
    expect(codeOf(check(policy, `${text}\n${signWith(text, logMlDsa, 0)}`))).toBeNull()
    expect(codeOf(check(policy, signed))).toBe("witness_policy.other_log")
    const other = keyOf("ed25519", 1, "example.org/other")
    expect(codeOf(check(`log ${formatNoteKey(other)}\nquorum none\n`, signed))).toBe("witness_policy.other_log")
})

test("a changed byte of text or of a known signature refuses the whole note", () => {
    const note = Buffer.from(cosigned(1, 2, 3))
    const policy = parse(`${head}${three}group A all W1 W2 W3\nquorum A\n`)
    const place = fc.integer({ min: 0, max: note.length - 1 })
    fc.assert(
        fc.property(place, fc.integer({ min: 1, max: 255 }), (at, change) => {
            const changed = Buffer.from(note)
            changed[at] = (changed[at] ?? 0) ^ change
            const code = codeOf(() => checkWitnessPolicy(policy, changed.toString("utf8"), nodeVerifiers))
            expect(code).not.toBeNull()
            expect(code).not.toBe("other")
        }),
        { numRuns: 300 },
    )
})

test.each([
    ["no quorum", `${head}${three}`, 0],
    ["two quorums", `${head}quorum none\nquorum none\n`, 3],
    ["an unknown quorum", `${head}quorum W1\n${three}`, 2],
    ["an unknown member", `${head}group A any W1\nquorum A\n`, 2],
    ["none as a member", `${head}group A any none\nquorum A\n`, 2],
    ["a member of two groups", `${three}group A any W1\ngroup B any W1\nquorum B\n`, 5],
    ["a member named twice", `${three}group A any W1 W1\nquorum A\n`, 4],
    ["a number above the members", `${three}group A 4 W1 W2 W3\nquorum A\n`, 4],
    ["a number of zero", `${three}group A 0 W1\nquorum A\n`, 4],
    ["a number with a zero before it", `${three}group A 01 W1\nquorum A\n`, 4],
    ["an empty group", `${three}group A any\nquorum A\n`, 4],
    ["a taken name", `${three}group W1 any W2\nquorum W1\n`, 4],
    ["the name none", `${three}group none any W2\nquorum none\n`, 4],
    ["a witness named twice", `${three}${three}quorum W1\n`, 4],
    ["a key of a log as a witness", `witness W ${formatNoteKey(log)}\nquorum W\n`, 1],
    ["a key of a witness as a log", `log ${formatNoteKey(keyOf("cosignature", 3, "w1.example/a"))}\nquorum none\n`, 1],
    ["a carriage return", `${head}quorum none\r\n`, 2],
    ["no last newline", `${head}quorum none`, 2],
    ["another word", `${head}quorums none\n`, 2],
    ["a key with another hash", `${head.replace(/\+[0-9a-f]{8}\+/, "+00000000+")}quorum none\n`, 1],
])("a policy with %s is refused in its line", (_, policy, line) => {
    try {
        parse(policy)
        expect.unreachable()
    } catch (error) {
        expect(error).toMatchObject({ code: "witness_policy.malformed", values: { line } })
    }
})

test("any bytes are a policy or refused, and deep nesting ends", () => {
    fc.assert(
        fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
            expect(codeOf(() => parseWitnessPolicy(bytes))).not.toBe("other")
        }),
    )
    const nested = Array.from({ length: 60 }, (_, i) => `group G${i} all ${i === 0 ? "W1" : `G${i - 1}`}\n`)
    const policy = parse(`${three}${nested.join("")}quorum G59\n`)
    expect(isQuorum(policy, new Set(["W1"]))).toBe(true)
    expect(isQuorum(policy, new Set(["W2"]))).toBe(false)
    expect(codeOf(() => parse(`${"x".repeat(300_000)}\n`))).toBe("witness_policy.malformed")
})
