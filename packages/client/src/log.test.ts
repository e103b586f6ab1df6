import { describe, expect, test } from "vitest"
import vectors from "../../../test/vectors/record.json" with { type: "json" }
import { TestLog } from "../../../test/support/doubles/portal.ts"
import { formatVerifierKey, openNote, parseVerifierKey } from "@tocsin/audit-log/checkpoint"
import { nodeVerifiers, signingNoteKey, signWith } from "@tocsin/audit-log/commands/node-keys"
import { formatNoteKey } from "@tocsin/audit-log/note-keys"
import { parseWitnessPolicy } from "@tocsin/audit-log/witness-policy"
import { refuse } from "@tocsin/base/refusal"
import {
    type ConsistencySource,
    type KnownLog,
    type ExpectedFetch,
    pinLog,
    repinLog,
    acceptCheckpoint,
    acceptNoCheckpoint,
    acceptReceipt,
    assertWitnessed,
} from "./log.ts"

const fetchOf = (receipt: string): ExpectedFetch => ({ receipt, artifact: "a", version: 1, sha256: "5".repeat(64) })
const bodyOf = (receipt: string) => ({
    kind: "fetched",
    receipt,
    artifact: "a",
    version: 1,
    sealed: "5".repeat(64),
    partner: "p",
    person: "q",
    warning: "w",
    at: "2025-07-01T00:00:00Z",
})

/** A log of some fetches: `d0`, `d1` … With another word, all but `d2` are others. */
function logOf(count: number, seed = 1, word = "d"): TestLog {
    const log = new TestLog(seed)
    for (let n = 0; n < count; n++) log.add(bodyOf(n === 2 ? "d2" : `${word}${n}`))
    return log
}

/** A portal client for this log. */
const lookingAt = (log: TestLog): ConsistencySource => ({
    listHandovers: async () => log.handovers,
    loadConsistencyProof: async (from, to) =>
        to <= log.size ? log.consistency(from, to) : refuse("invalid", "receipt.bad_range", "no"),
})
const checkHead = (seen: KnownLog | null, log: TestLog) => acceptCheckpoint(seen, log.signCheckpoint(), lookingAt(log))
const receipt = (seen: KnownLog | null, log: TestLog, n: number, request = `d${n}`) =>
    acceptReceipt(seen, log.receipt(n), fetchOf(request), lookingAt(log))
const refused = (code: string) => expect.objectContaining({ code }) as Error

describe("the log, verified by a partner", () => {
    test("is pinned the first time, and followed while it grows", async () => {
        const first = await checkHead(null, logOf(1))
        expect(first).toMatchObject({ verifierKey: logOf(1).verifierKey, size: 1 })
        expect(await checkHead(first, logOf(1))).toEqual(first)
        const second = await receipt(first, logOf(5), 3)
        expect(second).toEqual(await checkHead(null, logOf(5)))
        expect(await checkHead(second, logOf(6))).toMatchObject({ size: 6 })
        expect(await receipt(null, logOf(1), 0)).toEqual(first)
    })

    test("is followed from each size to each larger one", async () => {
        for (let from = 1; from <= 6; from++) {
            const seen = await checkHead(null, logOf(from))
            for (let to = from; to <= 9; to++) expect((await checkHead(seen, logOf(to))).size).toBe(to)
        }
    })

    test.each<[string, TestLog, string]>([
        ["is shorter than before", logOf(4), "client.log_behind"],
        ["has other content of the same length", logOf(5, 1, "e"), "client.log_forked"],
        ["is longer with another history", logOf(7, 1, "e"), "client.log_forked"],
        ["is signed with another key", logOf(6, 2), "client.log_key_mismatch"],
    ])("is refused when it %s", async (_, log, code) => {
        const seen = await checkHead(null, logOf(5))
        await expect(checkHead(seen, log)).rejects.toThrow(refused(code))
        await expect(receipt(seen, log, 2)).rejects.toThrow(refused(code))
    })

    test.each<[string, () => { verifierKey: string; checkpoint: string }, string]>([
        [
            "names the pinned key but is signed by another",
            () => ({ ...logOf(6, 2).signCheckpoint(), verifierKey: logOf(1).verifierKey }),
            "checkpoint.unsigned",
        ],
        [
            "was changed after signing",
            () => ({
                ...logOf(6).signCheckpoint(),
                checkpoint: logOf(6).signCheckpoint().checkpoint.replace("\n6\n", "\n7\n"),
            }),
            "checkpoint.bad_signature",
        ],
    ])("is refused when its checkpoint %s", async (_, shown, code) => {
        const seen = await checkHead(null, logOf(5))
        await expect(acceptCheckpoint(seen, shown(), lookingAt(logOf(6)))).rejects.toThrow(refused(code))
    })

    test.each<[string, () => Promise<readonly string[]>]>([
        ["missing", async () => []],
        ["another proof", async () => logOf(8).consistency(5, 7)],
        ["one hash too long", async () => [...logOf(8).consistency(5, 8), "00".repeat(32)]],
        ["not hexadecimal", async () => ["hello"]],
    ])("is refused when its consistency proof is %s", async (_, consistency) => {
        const seen = await checkHead(null, logOf(5))
        const shown = acceptCheckpoint(seen, logOf(8).signCheckpoint(), {
            ...lookingAt(logOf(8)),
            loadConsistencyProof: consistency,
        })
        await expect(shown).rejects.toThrow(refused("client.log_forked"))
    })

    test("is not called forked while a server with a slower clock does not know the newest batch", async () => {
        const behind = refused("client.log_behind")
        const seen = await checkHead(null, logOf(5))
        await expect(acceptCheckpoint(seen, logOf(6).signCheckpoint(), lookingAt(logOf(5)))).rejects.toThrow(behind)
        await expect(acceptCheckpoint(seen, logOf(4).signCheckpoint(), lookingAt(logOf(4)))).rejects.toThrow(behind)
        expect(await acceptCheckpoint(seen, logOf(4).signCheckpoint(), lookingAt(logOf(5)))).toEqual(seen)
        expect(await acceptReceipt(seen, logOf(4).receipt(3), fetchOf("d3"), lookingAt(logOf(5)))).toEqual(seen)
        expect(await acceptCheckpoint(seen, logOf(6).signCheckpoint(), lookingAt(logOf(6)))).toMatchObject({ size: 6 })
    })

    test("is refused when a shorter one is signed that is no part of it", async () => {
        const seen = await checkHead(null, logOf(5))
        const other = logOf(4, 1, "e").signCheckpoint()
        for (const log of [logOf(5), logOf(5, 1, "e")])
            await expect(acceptCheckpoint(seen, other, lookingAt(log))).rejects.toThrow(refused("client.log_forked"))
    })

    test("is neither refused nor accepted when the proof is unavailable", async () => {
        const seen = await checkHead(null, logOf(5))
        const consistency = () => Promise.reject(new Error("no answer"))
        await expect(
            acceptCheckpoint(seen, logOf(8).signCheckpoint(), {
                ...lookingAt(logOf(8)),
                loadConsistencyProof: consistency,
            }),
        ).rejects.toThrow("no answer")
    })

    test("is refused when it no longer has a checkpoint", async () => {
        acceptNoCheckpoint(null)
        acceptNoCheckpoint(pinLog(logOf(1).verifierKey))
        const seen = await checkHead(null, logOf(1))
        expect(() => acceptNoCheckpoint(seen)).toThrow(refused("client.log_behind"))
    })

    test("is compared with a key known before", async () => {
        const seen = pinLog(logOf(1).verifierKey)
        expect((await checkHead(seen, logOf(3))).size).toBe(3)
        await expect(checkHead(seen, logOf(3, 2))).rejects.toThrow(refused("client.log_key_mismatch"))
        expect(() => pinLog("hello")).toThrow(refused("checkpoint.key_malformed"))
    })
})

describe("a key that replaces the pinned one", () => {
    const [first, second, third] = [1, 2, 3].map((seed) => new TestLog(seed).key)
    const keyText = (key: typeof first) => formatVerifierKey({ ...key!, name: first!.name })
    const grow = (log: TestLog, to: number): TestLog => {
        while (log.size < to) log.add(bodyOf(`d${log.size}`))
        return log
    }

    test("changes nothing while the pinned one signs too", async () => {
        const seen = await checkHead(null, logOf(5))
        const both = grow(logOf(5).addKey(2), 6)
        const log = await checkHead(seen, both)
        expect(log).toEqual({ ...seen, size: 6, root: log.root })
        expect(await receipt(log, both, 5)).toEqual(log)
        // A client that was given the new key beforehand follows too.
        const given = { ...seen, verifierKey: keyText(second) }
        expect(await checkHead(given, both)).toEqual({ ...log, verifierKey: keyText(second) })
    })

    test.each([3, 5, 8])(
        "is adopted after %i batches, by a client that was away during two rotations",
        async (size) => {
            const log = grow(logOf(size).addKey(2).endFormerKeys(), size + 1)
                .addKey(3)
                .endFormerKeys()
            const seen = await checkHead(null, logOf(5))
            const adopted = { verifierKey: keyText(third), formerKeys: [keyText(first), keyText(second)], size: 10 }
            expect(await checkHead(seen, grow(log, 10))).toMatchObject(adopted)
            expect(await receipt(seen, log, 9)).toMatchObject(adopted)
            const ended = { ...seen, verifierKey: keyText(third) }
            await expect(checkHead(ended, grow(logOf(5), 11))).rejects.toThrow(refused("client.log_key_mismatch"))
        },
    )

    test("stays where the key that was given before it is given again, and is new until it is given", async () => {
        const seen = { ...(await checkHead(pinLog(keyText(first)), logOf(5))) }
        const adopted = await checkHead(seen, grow(logOf(5).addKey(2).endFormerKeys(), 6))
        expect(adopted).toMatchObject({ verifierKey: keyText(second), givenKey: keyText(first), isKeyNew: true })
        expect(repinLog(adopted, keyText(first))).toBe(adopted)
        expect(repinLog(adopted, keyText(second))).toEqual({ ...adopted, givenKey: keyText(second), isKeyNew: false })
    })

    test.each<[string, () => TestLog, string]>([
        ["the former one does not name", () => logOf(6).addKey(2, false), "client.log_key_mismatch"],
        ["it names in another log", () => logOf(6, 1, "e").addKey(2), "client.log_forked"],
        [
            "it names with a signature that was appended to a checkpoint",
            () => {
                const log = logOf(6).addKey(2, false)
                log.handovers.push(log.signCheckpoint().checkpoint)
                return log
            },
            "checkpoint.bad_handover",
        ],
        [
            "it names in a changed handover",
            () => {
                const log = logOf(6).addKey(2)
                log.handovers[0] = log.handovers[0]!.replace("\n6\n", "\n5\n")
                return log
            },
            "checkpoint.bad_signature",
        ],
    ])("is refused where %s", async (_, log, code) => {
        const seen = await checkHead(null, logOf(5))
        const ended = log().endFormerKeys()
        await expect(checkHead(seen, ended)).rejects.toThrow(refused(code))
        await expect(receipt(seen, ended, 2)).rejects.toThrow(refused(code))
    })

    test("is pinned where the user gives it, also one that was pinned before", async () => {
        const seen = await checkHead(null, logOf(5))
        const given = (key: typeof first) => ({ verifierKey: keyText(key), givenKey: keyText(key), isKeyNew: false })
        const pinned = repinLog(seen, keyText(second))
        expect(pinned).toEqual({ ...seen, ...given(second), formerKeys: [keyText(first)] })
        expect(repinLog(pinned!, keyText(second))).toBe(pinned)
        expect(repinLog(pinned!, keyText(first))).toEqual({ ...pinned, ...given(first), formerKeys: [keyText(second)] })
        expect(repinLog(seen, logOf(0, 2).verifierKey)).toBeNull()
        const unnamed = grow(logOf(6).addKey(2, false).endFormerKeys(), 7)
        expect(await checkHead(pinned, unnamed)).toMatchObject({ size: 7 })
    })
})

describe("a receipt", () => {
    test.each<[string, Record<string, unknown>]>([
        ["another fetch", { receipt: "d3" }],
        ["an acknowledgement", { kind: "acknowledged" }],
        ["another artifact, or another partner's alias of it", { artifact: "b" }],
        ["another version", { version: 2 }],
        ["other bytes", { sealed: "6".repeat(64) }],
    ])("of %s is refused for this fetch", async (_, other) => {
        const log = logOf(2)
        const n = log.add({ ...bodyOf("d2"), ...other } as never)
        await expect(receipt(null, log, n, "d2")).rejects.toThrow(refused("client.receipt_mismatch"))
    })

    test.each<[string, string, string]>([
        ["was changed", logOf(6).receipt(2).replace('"receipt":"d2"', '"receipt":"d9"'), "client.receipt_rejected"],
        ["is empty", "", "client.receipt_rejected"],
        ["is two", logOf(6).receipt(2).repeat(2), "client.receipt_rejected"],
    ])("is refused when it %s", async (_, text, code) => {
        const seen = await checkHead(null, logOf(5))
        const shown = acceptReceipt(seen, text, fetchOf("d2"), lookingAt(logOf(6)))
        await expect(shown).rejects.toThrow(refused(code))
    })

    test("is refused when an audit log export comes in its place", async () => {
        const shown = acceptReceipt(null, vectors.lines.join(""), fetchOf("d2"), lookingAt(logOf(6)))
        await expect(shown).rejects.toThrow(refused("client.receipt_mismatch"))
    })
})

describe("the witnesses of the log", () => {
    const now = Date.parse("2026-12-01T12:00:00Z")
    const [first, second] = (
        [
            ["cosignature", 8],
            ["ml_dsa_44", 9],
        ] as const
    ).map(([kind, seed]) => signingNoteKey(kind, new Uint8Array(32).fill(seed), () => `w${seed}.example`))
    const keys = [first ?? expect.unreachable(), second ?? expect.unreachable()]
    const policy = parseWitnessPolicy(
        Buffer.from(
            `log ${logOf(1).verifierKey}\n${keys.map((key, i) => `witness W${i} ${formatNoteKey(key)}\n`).join("")}` +
                "group Q all W0 W1\nquorum Q\n",
        ),
    )
    /** The checkpoint of a log with signatures of these ages. */
    const signedNote = (log: TestLog, ...agesMs: number[]): string => {
        const { checkpoint } = log.signCheckpoint()
        const text = openNote(checkpoint, parseVerifierKey(log.verifierKey), nodeVerifiers.ed25519)
        const lines = agesMs.map((ageMs, i) => signWith(text, keys[i] ?? expect.unreachable(), (now - ageMs) / 1000))
        return checkpoint + lines.join("")
    }
    const check = async (log: TestLog, note: string | null, shown = log, by = policy) =>
        assertWitnessed(
            await checkHead(null, log),
            note,
            { policy: by, mlDsa44: nodeVerifiers.mlDsa44, now: () => now },
            lookingAt(shown),
        )

    test("must have signed a part of the log within a day", async () => {
        await check(logOf(5), signedNote(logOf(5), 0, 0))
        await check(logOf(9), signedNote(logOf(5), 0, 3_600_000))
        const late = refused("client.witnesses_late")
        await expect(check(logOf(9), signedNote(logOf(5), 0, 90_000_000))).rejects.toThrow(late)
        await check(logOf(5), signedNote(logOf(5), 0, -3_600_000))
        await expect(check(logOf(5), signedNote(logOf(5), 0, -3_601_000))).rejects.toThrow(late)
    })

    test("may have signed a batch that the checkpoint does not show yet, but no fork", async () => {
        const larger = await checkHead(null, logOf(6))
        expect(await check(logOf(5), signedNote(logOf(6), 0, 0), logOf(6))).toEqual(larger)
        expect(await check(logOf(6), signedNote(logOf(5), 0, 0))).toEqual(larger)
        const fork = logOf(6, 1, "x")
        await expect(check(logOf(5), signedNote(fork, 0, 0), fork)).rejects.toThrow(refused("client.log_forked"))
    })

    test("of a policy with the former key of the log vouch for the adopted one", async () => {
        const log = logOf(5).addKey(2).endFormerKeys()
        log.add(bodyOf("d5"))
        const seen = await checkHead(await checkHead(null, logOf(5)), log)
        const trust = { policy, mlDsa44: nodeVerifiers.mlDsa44, now: () => now }
        expect(await assertWitnessed(seen, signedNote(log, 0, 0), trust, lookingAt(log))).toEqual(seen)
        const { formerKeys: _, ...pinned } = seen
        await expect(assertWitnessed(pinned, signedNote(log, 0, 0), trust, lookingAt(log))).rejects.toThrow(
            refused("client.not_witnessed"),
        )
    })

    test("of a policy with only the former ML-DSA-44 key vouch for no other key, which the refusal says", async () => {
        const log = logOf(5).addKey(2).endFormerKeys()
        log.add(bodyOf("d5"))
        const seen = await checkHead(await checkHead(null, logOf(5)), log)
        const key = signingNoteKey("ml_dsa_44", new Uint8Array(32).fill(1), () => log.key.name)
        const trust = {
            policy: { ...policy, logs: [{ key, url: null }] },
            mlDsa44: nodeVerifiers.mlDsa44,
            now: () => now,
        }
        await expect(assertWitnessed(seen, signedNote(log, 0, 0), trust, lookingAt(log))).rejects.toThrow(
            /a handover replaces no ML-DSA-44 key of a policy: add its new `log` lines/,
        )
    })

    test("do not vouch for another key with the name of the pinned one", async () => {
        const other = signingNoteKey("ed25519", new Uint8Array(32).fill(7), () => logOf(1).key.name)
        const [first = "", ...rest] = signedNote(logOf(5), 0, 0).split("\n\n")
        const text = `${first}\n`
        const lines = rest
            .join("")
            .split(/(?<=\n)/)
            .slice(1)
        const note = `${text}\n${signWith(text, other, 0)}${lines.join("")}`
        const trustsOther = { ...policy, logs: [{ key: other, url: null }] }
        await expect(check(logOf(5), note, logOf(5), trustsOther)).rejects.toThrow(refused("client.log_key_mismatch"))
    })

    test("do not vouch for another log, for a fork, or without their quorum", async () => {
        const none = refused("client.not_witnessed")
        await expect(check(logOf(5), null)).rejects.toThrow(none)
        await expect(check(logOf(5), signedNote(logOf(5), 0))).rejects.toThrow(none)
        await expect(check(logOf(5), signedNote(logOf(5, 2), 0, 0))).rejects.toThrow(none)
        const changed = signedNote(logOf(5), 0, 0).replace(/.{9}\n$/, "AAAAAAA=\n")
        await expect(check(logOf(5), changed)).rejects.toThrow(none)
        await expect(check(logOf(5), signedNote(logOf(5, 1, "x"), 0, 0))).rejects.toThrow(refused("client.log_forked"))
    })
})
