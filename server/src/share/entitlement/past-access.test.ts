/** Replaying all moments at once equals the matrix of each moment, for each partner. */
import { writeRows } from "../../../../test/support/change-notes.ts"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import {
    type Program,
    type TestPartner,
    releaseWaveNow,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
} from "../../../../test/support/program.ts"
import { type Instant, dayMs, hourMs, parseInstant } from "@tocsin/base/instant"
import { moveEmbargo } from "../cases/actions/negotiate-embargo.ts"
import { linkCases } from "../cases/actions/link-cases.ts"
import { recallArtifact } from "../artifacts/actions/recall-artifact.ts"
import { reviseArtifact } from "../artifacts/actions/add-artifact.ts"
import { freezeWave, openVersionLate, endFreeze, listWaves } from "../waves/actions.ts"
import type { ActionContext } from "../../kernel/action-context.ts"
import type { FactChange } from "../../trust/partners/facts.ts"
import { loadPartnerFactsUntil } from "../../trust/partners/actions/load-facts.ts"
import { dutyTable } from "../../trust/partners/reporting-duties/reporting-duties.ts"
import type { RequirementRules } from "../../trust/partners/requirements/requirement.ts"
import { shippedRules } from "../../trust/partners/program-rules.ts"
import { loadMatrix } from "./actions/decide-access.ts"
import { loadPastAccess } from "./actions/load-past-access.ts"

let world: Program
let subject: string
let poc: string
let texts: string[] = []
const partners: TestPartner[] = []
/** When something was done. */
const moments: Instant[] = []

async function runStep<Of>(afterMs: number, work: (ctx: ActionContext) => Promise<Of>): Promise<Of> {
    world.clock.now += afterMs
    moments.push(world.clock.now)
    return await world.acting(world.manager, work)
}

/** Applies a change with as many people as needed; the replay does not depend on their number. */
const decided =
    ({ id }: TestPartner, { fact, value }: FactChange) =>
    async (ctx: ActionContext) => {
        const row = [id, fact, JSON.stringify(value), new Date(ctx.now)]
        await writeRows(
            ctx.tx,
            "insert into partner_facts (partner_id, fact, value, from_at) values ($1, $2, $3, $4)",
            row,
        )
    }

/** A story in which everything that can begin or end a yes does, between waves and on the day of one. */
beforeAll(async () => {
    world = await createProgram()
    subject = await newCase(world, "toolshell")
    const other = await newCase(world, "bypass")
    poc = await newArtifact(world, subject, "poc", "toolshell/poc.py")
    texts = [poc, await newArtifact(world, subject, "summary", "toolshell/summary.md")]
    for (const tier of ["validate", "validate", "advance", "advance", "entry"] as const)
        partners.push(await newPartner(world, tier))
    const [first = fail(), second = fail(), third = fail(), fourth = fail()] = partners
    await runStep(0, decided(second, { fact: "status", value: "suspended" }))
    world.clock.now = parseInstant("2025-06-24T17:00:00Z")
    moments.push(world.clock.now)
    await releaseWaveNow(world, subject, "validate", texts)
    await runStep(hourMs, decided(third, { fact: "duties", value: dutyTable }))
    const validate = await world.acting(world.manager, async (ctx) => (await listWaves(ctx, subject))[0] ?? fail())
    await runStep(hourMs, (ctx) => freezeWave(ctx, validate.id))
    await runStep(hourMs, decided(fourth, { fact: "tier", value: "validate" }))
    await runStep(hourMs, async (ctx) => {
        const frozen = (await listWaves(ctx, subject)).find((wave) => wave.id === validate.id) ?? fail()
        await endFreeze(ctx, frozen, world.manager.person)
    })
    await runStep(hourMs, (ctx) => recallArtifact(ctx, poc, { version: 1, reason: "It ran by itself." }))
    await runStep(hourMs, decided(second, { fact: "status", value: "active" }))
    await runStep(hourMs, async (ctx) => {
        await reviseArtifact({ ...ctx, actor: world.author }, poc, "print('harmless')\n")
        await openVersionLate(ctx, [validate.id], { artifact: poc, version: 2 })
    })
    await runStep(hourMs, decided(first, { fact: "status", value: "suspended" }))
    await runStep(hourMs, (ctx) => linkCases(ctx, subject, other, "bypass_of"))
    world.clock.now = parseInstant("2025-07-03T17:00:00Z")
    moments.push(world.clock.now)
    await releaseWaveNow(world, subject, "advance", texts)
    partners.push(await newPartner(world, "advance"))
    moments.push(world.clock.now - 1, world.clock.now)
    await runStep(hourMs, (ctx) => moveEmbargo(ctx, subject, parseInstant("2025-07-12T17:00:00Z"), "more time"))
    world.clock.now = parseInstant("2025-07-11T17:00:00Z")
    moments.push(world.clock.now - 4 * dayMs, world.clock.now)
    await releaseWaveNow(world, subject, "entry", texts)
    world.clock.now += dayMs / 2
}, 120_000)
afterAll(() => world.database.close())

const loadAccess = async (artifacts: readonly string[], until: Instant, partner: string | null = null) =>
    await world.acting(world.investigator, async (ctx) => {
        const past = await loadPartnerFactsUntil(ctx, until, partner)
        return (await loadPastAccess(ctx, past, { case: subject, artifacts: new Set(artifacts), partner, until })).from
    })

/** The reference: the whole matrix of each moment. */
const byMoments = async (artifacts: readonly string[], until: Instant) => {
    const from = new Map<string, Instant>()
    const list = [...moments, until].filter((at) => at <= until).toSorted((a, b) => a - b)
    for (const at of list) {
        const { entitlements } = await world.acting(world.investigator, (ctx) => loadMatrix(ctx, subject, { at }))
        for (const { partner, artifact, version } of entitlements) {
            if (version !== null && artifacts.includes(artifact) && !from.has(partner)) from.set(partner, at)
        }
    }
    return from
}

test("is computed per artifact, in total, and up to each moment", async () => {
    expect(moments.length).toBeGreaterThan(12)
    for (const artifacts of [[poc], texts]) {
        for (const until of [...new Set([...moments, world.clock.now])]) {
            expect(await loadAccess(artifacts, until)).toEqual(await byMoments(artifacts, until))
        }
    }
})

test("is the same for one partner as among all", async () => {
    const list = await loadAccess([poc], world.clock.now)
    for (const { id } of partners) {
        expect((await loadAccess([poc], world.clock.now, id)).get(id)).toBe(list.get(id))
    }
    expect(list.size).toBeGreaterThan(2)
})

test("a partner suspended since could have had it, from its own instant on", async () => {
    const [first] = partners
    expect((await loadAccess(texts, world.clock.now)).get(first?.id ?? "")).toBe(parseInstant("2025-06-24T17:00:00Z"))
})

describe("a change for every partner", () => {
    const fallsAt = parseInstant("2025-06-24T17:00:00Z")
    const [agreementAt, rulesAt] = [fallsAt + hourMs, fallsAt + 2 * hourMs]
    const setDues = (ctx: ActionContext, version: number, rules: RequirementRules) =>
        writeRows(
            ctx.tx,
            "insert into program_rules (kind, version, rules, created_at) values ('requirements', $1, $2, $3)",
            [version, JSON.stringify(rules), new Date(ctx.now)],
        )
    const { requirements } = shippedRules
    const atOnce = {
        ...requirements,
        kinds: { ...requirements.kinds, key: { ...requirements.kinds.key, graceDays: 0 } },
    }
    let other: Program
    let caseId: string
    let text: string
    let renewed: TestPartner
    let keyless: TestPartner

    /**
     * The agreement consents to embargoes of a day, and its next version to longer ones; keys are owed at once, and
     * then not.
     */
    beforeAll(async () => {
        other = await createProgram()
        const { acting, manager, clock } = other
        caseId = await newCase(other, "toolshell")
        text = await newArtifact(other, caseId, "summary", "toolshell/summary.md")
        renewed = await newPartner(other, "validate")
        keyless = await newPartner(other, "validate")
        await acting(manager, async (ctx) => {
            await writeRows(ctx.tx, "update agreements set longest_embargo_days = 1")
            await writeRows(
                ctx.tx,
                "insert into agreements select 2, text_ciphertext, requirements, 90, $1, $2 from agreements",
                [new Date(ctx.now), new Date(agreementAt)],
            )
            await writeRows(ctx.tx, "insert into acceptances select partner_id, 2, person_id, $1 from acceptances", [
                new Date(ctx.now),
            ])
            await writeRows(ctx.tx, "delete from partner_keys where partner_id = $1", [keyless.id])
            await setDues(ctx, 1, atOnce)
        })
        clock.now = fallsAt
        await releaseWaveNow(other, caseId, "validate", [text])
        clock.now = rulesAt
        await acting(manager, (ctx) => setDues(ctx, 2, requirements))
        clock.now = rulesAt + hourMs
        for (const partner of [renewed, keyless]) {
            await acting(manager, decided(partner, { fact: "status", value: "suspended" }))
        }
        clock.now += dayMs
    }, 120_000)
    afterAll(() => other.database.close())

    test("begins when an agreement version or a rule applies, also for partners suspended since", async () => {
        const from = await other.acting(other.investigator, async (ctx) => {
            const until = ctx.now
            const past = await loadPartnerFactsUntil(ctx, until, null)
            return (await loadPastAccess(ctx, past, { case: caseId, artifacts: new Set([text]), partner: null, until }))
                .from
        })
        expect(from).toEqual(
            new Map([
                [renewed.id, agreementAt],
                [keyless.id, rulesAt],
            ]),
        )
    })
})

function fail(): never {
    throw new Error("the story lacks it")
}
