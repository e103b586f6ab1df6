/** Letters name the warnings and files that a partner holds: who reads one has seen something of these cases. */
import { afterEach, beforeEach, expect, test } from "vitest"
import { recorded } from "../../../test/acting.ts"
import {
    type Program,
    type TestPartner,
    fall,
    fetched,
    newArtifact,
    newCase,
    newPartner,
    program,
} from "../../../test/program.ts"
import { lettersAbout, ownLetter, ownLetters } from "./actions/letters.ts"
import { restrictPartner } from "./actions/taking.ts"

let its: Program
let partner: TestPartner
let of: string
let measure: string

beforeEach(async () => {
    its = await program()
    partner = await newPartner(its, "validate")
    its.clock.now = Date.parse("2025-06-24T17:00:00Z")
    of = await newCase(its, "toolshell")
    const summary = await newArtifact(its, of, "summary", "toolshell/summary.md")
    await fall(its, of, "validate", [summary])
    await fetched(its, partner, summary)
    const restriction = { withhold: ["poc"], notBeforePublication: false, cases: null }
    const on = { partner: partner.id, ...restriction, reason: "A leak." }
    measure = (await its.acting(its.manager, (act) => restrictPartner(act, on))) ?? ""
}, 120_000)
afterEach(() => its.database.close())

const reads = async () =>
    (await recorded(its.database))
        .filter(({ kind, body }) => kind === "case.read" && body["part"] === "facts")
        .map(({ body }) => [body["case"], body["partner"], body["by"]])

test("each person of the partner that reads a letter is in the log, once", async () => {
    const { lead, analyst } = partner
    const [letter] = await its.acting(lead, ownLetters)
    expect(letter?.text).toContain("toolshell")
    await its.acting(lead, ownLetters)
    expect(await reads()).toEqual([[of, partner.id, lead.person]])
    await its.acting(analyst, (act) => ownLetter(act, letter?.id ?? ""))
    expect((await reads()).at(-1)).toEqual([of, partner.id, analyst.person])
})

test("so is a staff member that reads it", async () => {
    await its.acting(its.investigator, (act) => lettersAbout(act, measure))
    await its.acting(its.investigator, (act) => lettersAbout(act, measure))
    expect(await reads()).toEqual([[of, null, its.investigator.person]])
})
