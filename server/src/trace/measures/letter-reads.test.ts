/** Letters name the warnings and files that a partner holds, so reading one counts as reading about these cases. */
import { afterEach, beforeEach, expect, test } from "vitest"
import { listEvents } from "../../../../test/support/actors.ts"
import {
    type Program,
    type TestPartner,
    releaseWaveNow,
    fetchCopyText,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
} from "../../../../test/support/program.ts"
import { listLettersOfMeasure, loadLetterForPartner, listLettersForPartner } from "./actions/send-letter.ts"
import { restrictPartner } from "./actions/restrict-access.ts"

let world: Program
let partner: TestPartner
let subject: string
let measure: string

beforeEach(async () => {
    world = await createProgram()
    partner = await newPartner(world, "validate")
    world.clock.now = Date.parse("2025-06-24T17:00:00Z")
    subject = await newCase(world, "toolshell")
    const summary = await newArtifact(world, subject, "summary", "toolshell/summary.md")
    await releaseWaveNow(world, subject, "validate", [summary])
    await fetchCopyText(world, partner, summary)
    const restriction = { withhold: ["poc"], notBeforePublication: false, cases: null }
    const on = { partner: partner.id, ...restriction, reason: "A leak." }
    measure = (await world.acting(world.manager, (ctx) => restrictPartner(ctx, on))) ?? ""
}, 120_000)
afterEach(() => world.database.close())

const reads = async () =>
    (await listEvents(world.database))
        .filter(({ kind, body }) => kind === "case.read" && body["part"] === "facts")
        .map(({ body }) => [body["case"], body["partner"], body["by"]])

test("records each partner person's reading of a letter once", async () => {
    const { lead, analyst } = partner
    const [letter] = await world.acting(lead, listLettersForPartner)
    expect(letter?.text).toContain("toolshell")
    await world.acting(lead, listLettersForPartner)
    expect(await reads()).toEqual([[subject, partner.id, lead.person]])
    await world.acting(analyst, (ctx) => loadLetterForPartner(ctx, letter?.id ?? ""))
    expect((await reads()).at(-1)).toEqual([subject, partner.id, analyst.person])
})

test("records a staff member's reading too", async () => {
    await world.acting(world.investigator, (ctx) => listLettersOfMeasure(ctx, measure))
    await world.acting(world.investigator, (ctx) => listLettersOfMeasure(ctx, measure))
    expect(await reads()).toEqual([[subject, null, world.investigator.person]])
})
