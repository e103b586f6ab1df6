/** Shows a partner a new version of a fetched artifact. */
import { releaseWaveWithoutEvent } from "../../../../test/support/change-notes.ts"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
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
import { dayMs, parseInstant } from "@tocsin/base/instant"
import { readContent } from "../../demo/content.ts"
import { reviseArtifact } from "../artifacts/actions/add-artifact.ts"
import { listWaves } from "../waves/actions.ts"
import { acknowledge } from "./actions/fetch-copy.ts"
import { listWarnings } from "./actions/project-warnings.ts"

let world: Program
let caseId: string
let summary: string
let partner: TestPartner

beforeAll(async () => {
    world = await createProgram()
    caseId = await newCase(world, "toolshell")
    summary = await newArtifact(world, caseId, "summary", "toolshell/summary.md")
    world.clock.now = parseInstant("2025-06-24T17:00:00Z")
    await releaseWaveNow(world, caseId, "validate", [summary])
    world.clock.now += 1000
    partner = await newPartner(world, "validate")
}, 120_000)
afterAll(() => world.database.close())

async function loadWarning() {
    const [warning] = await world.acting(partner.analyst, (ctx) => listWarnings(ctx, partner.id))
    const [part] = warning?.artifacts ?? []
    return { warning: warning?.id ?? "", version: part?.version, got: part?.fetchedAt, said: part?.acknowledgedAt }
}

const availableFrom = async (partner: TestPartner, title: string) => {
    const warnings = await world.acting(partner.analyst, (ctx) => listWarnings(ctx, partner.id))
    return warnings.find((warning) => warning.title === title)?.artifacts[0]?.from
}

test("counts from the release to this partner, not from the schedule or a time before its admission", async () => {
    expect(await availableFrom(partner, "toolshell")).toBe(world.clock.now - 1)
    const early = await newPartner(world, "validate")
    const late = await newCase(world, "bypass")
    const text = await newArtifact(world, late, "summary", "bypass/summary.md")
    world.clock.now += 3 * dayMs
    const released = world.clock.now
    await releaseWaveNow(world, late, "validate", [text])
    world.clock.now += dayMs
    const since = await newPartner(world, "validate")
    expect(await availableFrom(early, "bypass")).toBe(released)
    expect(await availableFrom(since, "bypass")).toBe(world.clock.now - 1)
    world.clock.now -= 4 * dayMs
})

describe("a new version", () => {
    test("must be fetched and acknowledged, whatever happened with the one before", async () => {
        await fetchCopyText(world, partner, summary)
        const { warning } = await loadWarning()
        await world.acting(partner.analyst, (ctx) => acknowledge(ctx, warning))
        const first = world.clock.now
        expect(await loadWarning()).toMatchObject({ version: 1, got: first, said: first })

        world.clock.now += 1000
        await world.acting(world.author, (ctx) => reviseArtifact(ctx, summary, readContent("toolshell/guidance.md")))
        await world.acting(world.manager, async (ctx) => {
            const wave = (await listWaves(ctx, caseId)).find(({ tier }) => tier === "publication")
            if (wave) await releaseWaveWithoutEvent(ctx, wave, [{ artifact: summary, version: 2 }])
        })
        world.clock.now += 1000
        expect(await loadWarning()).toMatchObject({ version: 2, got: null, said: null })

        await fetchCopyText(world, partner, summary)
        expect(await loadWarning()).toMatchObject({ version: 2, got: world.clock.now, said: null })
    })
})
