import { describe, expect, test } from "vitest"
import {
    type AccessEnd,
    type HighWater,
    type ObservedDatabase,
    advance,
    differencesOf,
    emptyHighWater,
    formatHighWater,
    endLifetimeMs,
    mergeEnds,
    parseHighWater,
} from "./high-water.ts"

const mac = (text: string) => String(text.length)
const now = Date.parse("2026-11-29T08:00:00Z")
const clock = { program: now, wall: now, confirmations: 0 }
const end = (more: Partial<AccessEnd> = {}): AccessEnd => ({
    kind: "partner",
    id: "p-1",
    status: "suspended",
    from: now,
    expires: null,
    ...more,
})
const mark: HighWater = {
    ...emptyHighWater("f-1", true),
    auditLog: { size: 5, root: "aa", checkpoint: "note" },
    receiptLog: { size: 2, root: "bb" },
    epoch: { number: 3, id: "e-3" },
    clock,
    ends: [
        end(),
        end({ kind: "signing_key", id: "log+1", status: null }),
        end({ kind: "publisher_key", id: "AB", status: "replaced" }),
    ],
}
const seen: ObservedDatabase = {
    auditLog: mark.auditLog,
    receiptLog: mark.receiptLog,
    epoch: mark.epoch,
    clock,
    signingKeys: ["log+2"],
    atMark: { auditRoot: "aa", receiptRoot: "bb", epochId: "e-3" },
}
const at = (more: Partial<ObservedDatabase["atMark"]>): ObservedDatabase => ({
    ...seen,
    atMark: { ...seen.atMark, ...more },
})

describe("a high-water mark", () => {
    test("is what was written", () => {
        expect(parseHighWater(formatHighWater(mark, mac), mac)).toEqual(mark)
        const empty = emptyHighWater("f-2", false)
        expect(parseHighWater(formatHighWater(empty, mac), mac)).toEqual(empty)
    })

    test.each<[string, ObservedDatabase, string[]]>([
        ["a database that has all of it", seen, []],
        ["a shorter log", at({ auditRoot: null }), ["audit_log_behind"]],
        ["another log", at({ auditRoot: "ac" }), ["audit_log_differs"]],
        ["a shorter receipt log", at({ receiptRoot: null }), ["receipt_log_behind"]],
        ["another receipt log", at({ receiptRoot: "bc" }), ["receipt_log_differs"]],
        ["fewer changes of access", at({ epochId: null }), ["access_behind"]],
        ["other changes of access", at({ epochId: "e-4" }), ["access_differs"]],
        ["a publisher key that had been replaced", { ...seen, signingKeys: ["AB"] }, ["access_behind"]],
        ["a signing key that had ended", { ...seen, signingKeys: ["log+1", "log+2"] }, ["access_behind"]],
        ["an earlier wall clock", { ...seen, clock: { ...clock, wall: now - 1 } }, ["clock_behind"]],
        ["an earlier program clock", { ...seen, clock: { ...clock, program: now - 1 } }, ["clock_behind"]],
        ["a clock that two people set back", { ...seen, clock: { program: 1, wall: 1, confirmations: 1 } }, []],
    ])("tells of %s", (_, given, found) => expect(differencesOf(mark, given)).toEqual(found))

    test("that stands in for a lost file proves nothing, and is told", () => {
        expect(differencesOf(emptyHighWater("f-2", false), seen)).toEqual(["file_incomplete"])
    })

    test("never goes backwards", () => {
        const older = { ...seen, auditLog: { size: 4, root: "a", checkpoint: "n" }, epoch: { number: 2, id: "e-2" } }
        expect(advance(mark, { ...older, clock: { ...clock, wall: now - 9 } }, [])).toEqual(mark)
        const newer = { ...seen, auditLog: { size: 6, root: "c", checkpoint: "m" }, clock: { ...clock, wall: now + 9 } }
        expect(advance(mark, newer, [])).toMatchObject({ auditLog: { size: 6 }, clock: { wall: now + 9 } })
    })

    test("keeps the newest word on each, and drops what says nothing any longer", () => {
        const back = end({ status: "active", from: now + 1 })
        expect(mergeEnds([end()], [back], now)).toEqual([back])
        const session = end({ kind: "credential", id: "c", status: null, expires: now + 10 })
        const person = end({ kind: "person", id: "q", status: null })
        expect(mergeEnds([session, person], [], now)).toEqual([session, person])
        expect(mergeEnds([session, person, end()], [], now + endLifetimeMs)).toEqual([end()])
    })
})
