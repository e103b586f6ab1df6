/** What lapses is shown before it does: whom it takes what from, over every case; and then it is what happens. */
import { afterEach, beforeEach, expect, test } from "vitest"
import {
    type Program,
    type TestPartner,
    fall,
    newArtifact,
    newCase,
    newPartner,
    program,
} from "../../../test/program.ts"
import { dayMs } from "../../lib/instant.ts"
import { acceptAgreement, addAgreement } from "../../trust/partners/actions/agreements.ts"
import { matrixOf } from "./actions/entitlements.ts"
import { previewAgreement, previewDues } from "./actions/lapses.ts"
import { counted } from "../../../test/statements.ts"
import type { Difference } from "./compare.ts"

let its: Program
let cases: string[]
let summary: string
let one: TestPartner
let other: TestPartner

/** Two cases; of the first a wave has fallen, by which both partners have the summary. */
beforeEach(async () => {
    its = await program()
    one = await newPartner(its, "validate")
    other = await newPartner(its, "validate")
    cases = [await newCase(its, "toolshell"), await newCase(its, "bypass")]
    summary = await newArtifact(its, cases[0] ?? "", "summary", "toolshell/summary.md")
    await newArtifact(its, cases[1] ?? "", "rules", "toolshell/guidance.md")
    await fall(its, cases[0] ?? "", "validate", [summary])
    its.clock.now += dayMs
}, 120_000)
afterEach(() => its.database.close())

/** Each cell that somebody has, or will have, something of. */
async function cells(): Promise<Set<string>> {
    const found = new Set<string>()
    for (const id of cases) {
        const { entitlements } = await its.acting(its.manager, (act) => matrixOf(act, id))
        for (const { partner, artifact, decision } of entitlements) {
            if (decision.gives !== null) found.add(`${partner} ${artifact}`)
        }
    }
    return found
}

const shown = (differences: readonly Difference[]) =>
    new Set(
        differences.flatMap(({ partners, artifacts }) => partners.flatMap((p) => artifacts.map((a) => `${p} ${a}`))),
    )

test("a new version of the agreement: what its preview shows is lost when it applies, and comes back", async () => {
    const before = await cells()
    const preview = await its.acting(its.manager, (act) => previewAgreement(act, undefined))
    expect(preview).toMatchObject({ version: 2, appliesAt: its.clock.now + 30 * dayMs, isShort: false })
    expect(preview.partners).toEqual([one.id, other.id].toSorted())
    expect(new Set(preview.differences.map(({ change }) => change))).toEqual(new Set(["narrower"]))
    expect(shown(preview.differences)).toEqual(before)
    expect(before.size).toBe(4)

    await its.acting(its.manager, (act) => addAgreement(act, "Keep it. ".repeat(20), null))
    await its.acting(one.lead, (act) => acceptAgreement(act, 2))
    const dues = (id: string) => its.acting(its.manager, (act) => previewDues(act, id))
    expect((await dues(one.id)).map(({ kind }) => kind)).not.toContain("agreement")
    const [first] = await dues(other.id)
    expect(first).toMatchObject({ kind: "agreement", withheldFrom: preview.appliesAt })

    its.clock.now = preview.appliesAt - 1
    expect(await cells()).toEqual(before)
    its.clock.now += 1
    const after = await cells()
    expect(new Set([...before].filter((cell) => !after.has(cell)))).toEqual(shown(first?.differences ?? []))
    expect([...after].every((cell) => cell.startsWith(one.id))).toBe(true)
    expect((await dues(other.id)).map(({ kind }) => kind)).not.toContain("agreement")
    await its.acting(other.lead, (act) => acceptAgreement(act, 2))
    expect(await cells()).toEqual(before)
})

test("a preview of what one partner owes reads everything once, however much it owes", async () => {
    const { statements } = await its.acting(its.manager, async (act) => {
        return await counted(async () => {
            expect(await previewDues(act, one.id)).toHaveLength(2)
        })
    })
    expect(statements).toBeLessThanOrEqual(8)
})

test("whoever is lapsed already loses nothing more, and nothing is written by a preview", async () => {
    const dues = await its.acting(its.manager, (act) => previewDues(act, one.id))
    expect(dues.map(({ kind }) => kind)).toEqual(["mailbox", "key"])
    for (const { differences } of dues)
        expect(shown(differences)).toEqual(new Set([...(await cells())].filter((c) => c.startsWith(one.id))))
    const { seen } = await its.acting(its.manager, (act) => previewAgreement(act, "at once"))
    await its.acting(its.manager, (act) =>
        addAgreement(act, "Keep it. ".repeat(20), null, [], { applies: "at once", seen }),
    )
    const again = await its.acting(its.manager, (act) => previewAgreement(act, "at once"))
    expect(again).toMatchObject({ version: 3, partners: [], isShort: false, differences: [] })
    for (const { differences } of await its.acting(its.manager, (act) => previewDues(act, one.id))) {
        expect(differences).toEqual([])
    }
})
