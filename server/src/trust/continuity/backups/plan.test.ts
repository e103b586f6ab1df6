import { expect, test } from "vitest"
import { dayMs, hourMs, parseInstant } from "@tocsin/base/instant"
import { abandonedDrafts, fileNameAt, namesToDelete, overdueSince } from "./plan.ts"

const at = parseInstant("2026-12-01T12:00:00Z")

test("names sort by time, and only the oldest names of backups are deleted", () => {
    const names = [2, 1, 0].map((days) => fileNameAt(at + days * dayMs))
    expect(names[2]).toBe("tocsin-20261201T120000Z.age")
    const others = ["notes.txt", "tocsin.age", "tocsin-20200101T000000Z.age.bak"]
    expect(namesToDelete([...names, ...others], names[0] ?? "", 2)).toEqual([names[2]])
    expect(namesToDelete(names, names[0] ?? "", 3)).toEqual([])
    // The clock was ahead before: the backup that was just made stays.
    expect(namesToDelete(names, names[2] ?? "", 1)).toEqual([names[1], names[0]])
})

test("drafts go a day after their last change, and nothing else does", () => {
    const draft = `${fileNameAt(at)}.6b1f0c4e-0d3b-4a5e-9f0c-1c2d3e4f5a6b.part`
    const files = [draft, fileNameAt(at), "other.part"].map((name) => ({ name, changedAt: at }))
    expect(abandonedDrafts(files, at + dayMs)).toEqual([])
    expect(abandonedDrafts(files, at + dayMs + 1)).toEqual([draft])
})

test.each([
    [24 * hourMs, 25 * hourMs, null],
    [24 * hourMs, 26 * hourMs, at + 26 * hourMs],
    [24 * hourMs, 100 * hourMs, at + 26 * hourMs],
    [0, 1000 * dayMs, null],
])("with an interval of %s ms, a backup of %s ms ago is overdue since %s", (interval, age, since) => {
    expect(overdueSince(at, interval, at + age)).toBe(since)
})
