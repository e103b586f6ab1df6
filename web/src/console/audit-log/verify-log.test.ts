import { describe, expect, test } from "vitest"
import { formatCheckpoint, formatVerifierKey, signNote } from "@tocsin/audit-log/checkpoint"
import { nodeVerifiers, signingNoteKey, signWith } from "@tocsin/audit-log/commands/node-keys"
import { type Entry, checkpointLine, entryLine, leafOf, pathRanges } from "@tocsin/audit-log/export"
import { formatHandover } from "@tocsin/audit-log/handover"
import { rootOf } from "@tocsin/audit-log/merkle"
import { type KnownLog, type LogTrust, verifyLog } from "./verify-log.ts"

const key = (seed: number) => signingNoteKey("ed25519", new Uint8Array(32).fill(seed), () => "tocsin/0123456789abcdef")
const [first, second] = [key(1), key(2)]
const textOf = (signer: typeof first) => formatVerifierKey(signer)

const entries = (size: number, word: string): Entry[] =>
    Array.from({ length: size }, (_, index) => {
        const at = `2026-03-01T00:00:0${index}Z`
        return { index, at, kind: word, commitment: "5".repeat(64), opening: null }
    })
const treeOf = (size: number, word = "case.opened") => {
    const leaves = entries(size, word).map(leafOf)
    return { origin: first.name, size, root: rootOf(leaves) }
}

/** An export of so many leaves; `word` is the kind of each. */
async function* exportOf(size: number, signer: typeof first, word = "case.opened") {
    const leaves = entries(size, word).map(leafOf)
    const checkpoint = signNote(formatCheckpoint(treeOf(size, word)), signer, signer.sign)
    const paths = [...pathRanges(size)].map((ranges) =>
        ranges.map(({ start, end }) => rootOf(leaves.slice(start, end))),
    )
    const head = checkpointLine({ origin: first.name, verifierKey: textOf(signer), checkpoint })
    yield Buffer.from([head, ...entries(size, word).map((entry, i) => entryLine(entry, paths[i] ?? []))].join(""))
}

/** The handover by which the first key names the second one, at so many leaves. */
function handoverAt(size: number, word?: string): string {
    const text = formatHandover(treeOf(size, word), [second])
    return `${text}\n${[first, second].map((signer) => signWith(text, signer, 0)).join("")}`
}

const trust = (more: Partial<LogTrust> = {}): LogTrust => ({
    known: null,
    namedKey: textOf(first),
    handovers: [],
    checkSignature: async (...checked) => nodeVerifiers.ed25519(...checked),
    ...more,
})
const known: KnownLog = {
    verifierKey: textOf(first),
    size: 3,
    root: Buffer.from(treeOf(3).root).toString("hex"),
}

describe("an export of the audit log, verified by a browser", () => {
    test.each<[string, ReturnType<typeof exportOf>, Partial<LogTrust>, number | null]>([
        ["the key that the page names", exportOf(5, first), {}, null],
        ["the key of before", exportOf(5, first), { known, namedKey: textOf(second) }, 3],
        ["a key that the one of before names", exportOf(5, second), { known, handovers: [handoverAt(4)] }, 3],
        ["a key that the one of the page names", exportOf(5, second), { handovers: [handoverAt(4)] }, null],
    ])("is accepted with %s", async (_, file, more, continues) => {
        expect(await verifyLog(file, trust(more))).toMatchObject({ ok: true, continues, log: { size: 5 } })
    })

    test.each<[string, ReturnType<typeof exportOf>, Partial<LogTrust>, string]>([
        ["another key than the page", exportOf(5, second), {}, "its key"],
        ["another key than before", exportOf(5, second), { known }, "its key"],
        ["another key than before, as the page", exportOf(5, second), { known, namedKey: textOf(second) }, "its key"],
        ["a key that was named in another log", exportOf(5, second), { known, handovers: [handoverAt(4, "x")] }, "4"],
        ["a key that was named in a longer log", exportOf(5, second), { known, handovers: [handoverAt(6)] }, "6"],
        ["another history", exportOf(5, first, "x"), { known }, "3"],
    ])("is rejected with %s", async (_, file, more, reason) => {
        const verdict = await verifyLog(file, trust(more))
        expect(verdict).toMatchObject({ ok: false, leaf: null, reason: expect.stringContaining(reason) })
    })
})
