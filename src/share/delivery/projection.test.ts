/** What a partner is shown of a warning once there is another version of what it fetched. */
import { afterAll, beforeAll, describe, expect, test } from "vitest"
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
import { dayMs, parseInstant } from "../../lib/instant.ts"
import { readContent } from "../../demo/content.ts"
import { reviseArtifact } from "../artifacts/actions.ts"
import { openWave, wavesOf } from "../waves/actions.ts"
import { acknowledge } from "./actions/copies.ts"
import { warningsFor } from "./actions/projection.ts"

let its: Program
let caseId: string
let summary: string
let partner: TestPartner

beforeAll(async () => {
    its = await program()
    caseId = await newCase(its, "toolshell")
    summary = await newArtifact(its, caseId, "summary", "toolshell/summary.md")
    its.clock.now = parseInstant("2025-06-24T17:00:00Z")
    await fall(its, caseId, "validate", [summary])
    its.clock.now += 1000
    partner = await newPartner(its, "validate")
}, 120_000)
afterAll(() => its.database.close())

async function shown() {
    const [warning] = await its.acting(partner.analyst, (act) => warningsFor(act, partner.id))
    const [part] = warning?.artifacts ?? []
    return { warning: warning?.id ?? "", version: part?.version, got: part?.fetchedAt, said: part?.acknowledgedAt }
}

const fromFor = async (of: TestPartner, title: string) => {
    const warnings = await its.acting(of.analyst, (act) => warningsFor(act, of.id))
    return warnings.find((one) => one.title === title)?.artifacts[0]?.from
}

test("it is from the release to this partner on: not from the plan, nor from before the partner was admitted", async () => {
    expect(await fromFor(partner, "toolshell")).toBe(its.clock.now - 1)
    const early = await newPartner(its, "validate")
    const late = await newCase(its, "bypass")
    const text = await newArtifact(its, late, "summary", "bypass/summary.md")
    its.clock.now += 3 * dayMs
    const released = its.clock.now
    await fall(its, late, "validate", [text])
    its.clock.now += dayMs
    const since = await newPartner(its, "validate")
    expect(await fromFor(early, "bypass")).toBe(released)
    expect(await fromFor(since, "bypass")).toBe(its.clock.now - 1)
    its.clock.now -= 4 * dayMs
})

describe("a new version", () => {
    test("is to fetch and to acknowledge, whatever was done with the one before", async () => {
        await fetched(its, partner, summary)
        const { warning } = await shown()
        await its.acting(partner.analyst, (act) => acknowledge(act, warning))
        const first = its.clock.now
        expect(await shown()).toMatchObject({ version: 1, got: first, said: first })

        its.clock.now += 1000
        await its.acting(its.author, (act) => reviseArtifact(act, summary, readContent("toolshell/guidance.md")))
        await its.acting(its.manager, async (act) => {
            const wave = (await wavesOf(act, caseId)).find(({ tier }) => tier === "publication")
            if (wave) await openWave(act, wave, [{ artifact: summary, version: 2 }])
        })
        its.clock.now += 1000
        expect(await shown()).toMatchObject({ version: 2, got: null, said: null })

        await fetched(its, partner, summary)
        expect(await shown()).toMatchObject({ version: 2, got: its.clock.now, said: null })
    })
})
