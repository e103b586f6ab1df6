/** Previews of lapsing agreements show what each partner loses in every case, and match what then happens. */
import { afterEach, beforeEach, expect, test } from "vitest"
import {
    type Program,
    type TestPartner,
    releaseWaveNow,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
} from "../../../../test/support/program.ts"
import { dayMs } from "@tocsin/base/instant"
import { acceptAgreement, addAgreement } from "../../trust/partners/agreements/actions/accept-agreement.ts"
import { loadMatrix } from "./actions/decide-access.ts"
import { previewAgreement, previewRequirements } from "./actions/preview-requirements.ts"
import { countRoundTrips } from "../../../../test/support/statements.ts"
import type { Difference } from "./compare.ts"

let world: Program
let cases: string[]
let summary: string
let item: TestPartner
let other: TestPartner

/** Two cases; a wave of the first is released and gives both partners the summary. */
beforeEach(async () => {
    world = await createProgram()
    item = await newPartner(world, "validate")
    other = await newPartner(world, "validate")
    cases = [await newCase(world, "toolshell"), await newCase(world, "bypass")]
    summary = await newArtifact(world, cases[0] ?? "", "summary", "toolshell/summary.md")
    await newArtifact(world, cases[1] ?? "", "rules", "toolshell/guidance.md")
    await releaseWaveNow(world, cases[0] ?? "", "validate", [summary])
    world.clock.now += dayMs
}, 120_000)
afterEach(() => world.database.close())

/** Each cell with present or future access. */
async function cells(): Promise<Set<string>> {
    const found = new Set<string>()
    for (const id of cases) {
        const { entitlements } = await world.acting(world.manager, (ctx) => loadMatrix(ctx, id))
        for (const { partner, artifact, decision } of entitlements) {
            if (decision.grantedClass !== null) found.add(`${partner} ${artifact}`)
        }
    }
    return found
}

const cellsOf = (differences: readonly Difference[]) =>
    new Set(
        differences.flatMap(({ partners, artifacts }) => partners.flatMap((p) => artifacts.map((a) => `${p} ${a}`))),
    )

test("the preview of an agreement version shows what is lost when it applies, and it comes back", async () => {
    const before = await cells()
    const preview = await world.acting(world.manager, (ctx) => previewAgreement(ctx, undefined))
    expect(preview).toMatchObject({ version: 2, appliesAt: world.clock.now + 30 * dayMs, hasShortNotice: false })
    expect(preview.partners).toEqual([item.id, other.id].toSorted())
    expect(new Set(preview.differences.map(({ change }) => change))).toEqual(new Set(["narrower"]))
    expect(cellsOf(preview.differences)).toEqual(before)
    expect(before.size).toBe(4)

    await world.acting(world.manager, (ctx) => addAgreement(ctx, "Keep it. ".repeat(20), null))
    await world.acting(item.lead, (ctx) => acceptAgreement(ctx, 2))
    const requirements = (id: string) => world.acting(world.manager, (ctx) => previewRequirements(ctx, id))
    expect((await requirements(item.id)).map(({ kind }) => kind)).not.toContain("agreement")
    const [first] = await requirements(other.id)
    expect(first).toMatchObject({ kind: "agreement", withheldFrom: preview.appliesAt })

    world.clock.now = preview.appliesAt - 1
    expect(await cells()).toEqual(before)
    world.clock.now += 1
    const after = await cells()
    expect(new Set([...before].filter((cell) => !after.has(cell)))).toEqual(cellsOf(first?.differences ?? []))
    expect([...after].every((cell) => cell.startsWith(item.id))).toBe(true)
    expect((await requirements(other.id)).map(({ kind }) => kind)).not.toContain("agreement")
    await world.acting(other.lead, (ctx) => acceptAgreement(ctx, 2))
    expect(await cells()).toEqual(before)
})

test("a preview of one partner's requirements reads everything once, however many there are", async () => {
    const { statements } = await world.acting(world.manager, async (ctx) => {
        return await countRoundTrips(async () => {
            expect(await previewRequirements(ctx, item.id)).toHaveLength(2)
        })
    })
    expect(statements).toBeLessThanOrEqual(8)
})

test("a lapsed partner loses nothing more, and a preview writes nothing", async () => {
    const requirements = await world.acting(world.manager, (ctx) => previewRequirements(ctx, item.id))
    expect(requirements.map(({ kind }) => kind)).toEqual(["mailbox", "key"])
    for (const { differences } of requirements)
        expect(cellsOf(differences)).toEqual(new Set([...(await cells())].filter((c) => c.startsWith(item.id))))
    const { seen } = await world.acting(world.manager, (ctx) => previewAgreement(ctx, "at_once"))
    await world.acting(world.manager, (ctx) =>
        addAgreement(ctx, "Keep it. ".repeat(20), null, [], { applies: "at_once", seen }),
    )
    const again = await world.acting(world.manager, (ctx) => previewAgreement(ctx, "at_once"))
    expect(again).toMatchObject({ version: 3, partners: [], hasShortNotice: false, differences: [] })
    for (const { differences } of await world.acting(world.manager, (ctx) => previewRequirements(ctx, item.id))) {
        expect(differences).toEqual([])
    }
})
