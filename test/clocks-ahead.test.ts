/**
 * What withholds content takes effect at once while clocks are ahead and releases are paused, and keeps its effect
 * after the clocks are corrected.
 */
import { writeRows } from "./support/change-notes.ts"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { awaitRefusalCode, system } from "./support/actors.ts"
import {
    type Program,
    type TestPartner,
    releaseWaveNow,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
} from "./support/program.ts"
import { type Instant, dayMs, hourMs, parseInstant } from "@tocsin/base/instant"
import { recallArtifact } from "../server/src/share/artifacts/actions/recall-artifact.ts"
import { endOf, entriesUntil } from "../server/src/share/cases/embargo.ts"
import { loadEmbargo } from "../server/src/share/cases/actions/load-case.ts"
import { acceptProposal, moveEmbargo, proposeEmbargo } from "../server/src/share/cases/actions/negotiate-embargo.ts"
import { answerInvitation, exitEmbargo, inviteToEmbargo } from "../server/src/share/cases/actions/answer-invitation.ts"
import { listEntitlements } from "../server/src/share/entitlement/actions/decide-access.ts"
import { activatePolicy } from "../server/src/share/entitlement/actions/manage-policies.ts"
import { linkCasesByTwo } from "../server/src/share/release/actions/link-cases.ts"
import { freezeWave, listWaves } from "../server/src/share/waves/actions.ts"
import { suspendPartner } from "../server/src/trace/measures/actions/restrict-access.ts"
import { changePartnerStatus, setRestriction } from "../server/src/trust/partners/actions/change-partner.ts"
import { listKeys, listRecipients, revokeKey } from "../server/src/trust/partners/keys/actions/manage-keys.ts"
import { loadRequirementRules } from "../server/src/trust/partners/requirements/actions/list-requirements.ts"
import { setRules } from "../server/src/trust/partners/actions/set-program-rules.ts"
import { shippedRules } from "../server/src/trust/partners/program-rules.ts"

const fell = parseInstant("2025-06-24T17:00:00Z")
const right = fell + hourMs
const ahead = right + hourMs

let world: Program
let partner: TestPartner
let caseId: string
let summary: string

beforeEach(async () => {
    world = await createProgram()
    partner = await newPartner(world, "validate")
    world.clock.now = fell
    caseId = await newCase(world, "toolshell")
    summary = await newArtifact(world, caseId, "summary", "toolshell/summary.md")
    await releaseWaveNow(world, caseId, "validate", [summary])
    world.clock.now = right
}, 120_000)
afterEach(() => world.database.close())

/** All clocks are an hour ahead; the latest trusted instant is this one. */
async function clocksAhead(isSeen = true): Promise<void> {
    await world.database.db.transaction((tx) =>
        tx.query("insert into clock_guard (high_water_at, memory) values ($1, $2)", [
            new Date(right),
            JSON.stringify({ distrust: isSeen ? { doubt: "forward", since: ahead } : null }),
        ]),
    )
    world.clock.now = ahead
}

/** Returns the partner's classes at an instant. */
async function reads(at: Instant, subject = caseId): Promise<string[]> {
    world.clock.now = at
    const entitlements = await world.acting(system, (ctx) => listEntitlements(ctx, partner.id, subject))
    return entitlements.filter((entitlement) => entitlement.version !== null).map((entitlement) => entitlement.class)
}

const restrictTo = (...withhold: string[]) => ({ withhold, notBeforePublication: false, cases: null })

/** Writes what two people signed, without them. */
async function written(fact: "status" | "restriction", value: unknown): Promise<void> {
    await world.database.db.transaction((tx) =>
        writeRows(tx, "insert into partner_facts (partner_id, fact, value, from_at) values ($1, $2, $3, $4)", [
            partner.id,
            fact,
            JSON.stringify(value),
            new Date(world.clock.now),
        ]),
    )
}

describe("while all clocks are an hour ahead, and this is detected", () => {
    test("a partner that leaves an embargo reads nothing more about it", async () => {
        expect(await reads(right)).toEqual(["summary"])
        await clocksAhead()
        await world.acting(partner.analyst, (ctx) => exitEmbargo(ctx, caseId))
        expect([await reads(right), await reads(ahead)]).toEqual([[], []])
    })

    test("a partner that is invited, and one that declines, reads nothing", async () => {
        await clocksAhead()
        await world.acting(world.manager, (ctx) => inviteToEmbargo(ctx, caseId, partner.id))
        expect(await reads(right)).toEqual([])
        world.clock.now = ahead
        await world.acting(partner.analyst, (ctx) => answerInvitation(ctx, caseId, false))
        expect([await reads(right), await reads(ahead)]).toEqual([[], []])
    })

    test("an acceptance counts from its own instant", async () => {
        await clocksAhead()
        await world.acting(world.manager, (ctx) => inviteToEmbargo(ctx, caseId, partner.id))
        await world.acting(partner.analyst, (ctx) => answerInvitation(ctx, caseId, true))
        expect([await reads(right), await reads(ahead)]).toEqual([[], ["summary"]])
    })

    test("a later end of an embargo delays released content", async () => {
        await clocksAhead()
        const end = parseInstant("2025-07-18T17:00:00Z")
        await world.acting(world.manager, (ctx) => moveEmbargo(ctx, caseId, end, "The fix is late."))
        expect(await reads(right)).toEqual([])
    })

    test("a later end proposed meanwhile also does, and an earlier one counts from its own instant", async () => {
        await clocksAhead()
        const ends = ["2025-07-18T17:00:00Z", "2025-07-04T17:00:00Z"].map(parseInstant)
        for (const end of ends) await world.acting(world.manager, (ctx) => proposeEmbargo(ctx, caseId, end))
        for (const n of [1, 2]) await world.acting(world.manager, (ctx) => acceptProposal(ctx, caseId, n))
        const embargo = await world.acting(world.manager, (ctx) => loadEmbargo(ctx, caseId))
        expect([right, ahead].map((at) => endOf(entriesUntil(embargo, at)))).toEqual(ends)
        const instants = embargo.map(({ at }) => at)
        expect(instants).toEqual(instants.toSorted((a, b) => a - b))
    })

    test("a link to a case that is restricted for a partner withholds content", async () => {
        const other = await newCase(world, "bypass")
        const restriction = { ...restrictTo("summary"), cases: [other] }
        await world.acting(world.manager, (ctx) => setRestriction(ctx, partner.id, restriction))
        world.clock.now = right + 1
        expect(await reads(right + 1)).toEqual(["summary"])
        await clocksAhead()
        const on = { from: caseId, to: other, kind: "bypass_of" } as const
        expect(await world.acting(world.author, (ctx) => linkCasesByTwo(ctx, on))).toEqual({
            done: true,
            approval: null,
        })
        expect(await reads(right + 1)).toEqual([])
    })

    test("stricter rules about requirements apply", async () => {
        await clocksAhead()
        const { kinds } = shippedRules.requirements
        const strict = { ...shippedRules.requirements, kinds: { ...kinds, key: { ...kinds.key, graceDays: 1 } } }
        await world.acting(world.manager, (ctx) => setRules(ctx, "requirements", strict))
        expect((await world.acting(world.manager, (ctx) => loadRequirementRules(ctx, right))).kinds.key.graceDays).toBe(
            1,
        )
    })

    test("a restriction releases nothing early that a lifted one withheld", async () => {
        await world.acting(world.manager, (ctx) => setRestriction(ctx, partner.id, restrictTo("summary")))
        expect(await reads(right + 1)).toEqual([])
        await clocksAhead()
        await written("restriction", null)
        await world.acting(world.manager, (ctx) => setRestriction(ctx, partner.id, restrictTo("poc")))
        expect([await reads(right + 1), await reads(ahead)]).toEqual([[], ["summary"]])
    })

    test("a restricted partner reads nothing early that was withheld from it while suspended", async () => {
        await world.acting(world.manager, (ctx) => setRestriction(ctx, partner.id, restrictTo("poc")))
        await world.acting(world.manager, (ctx) => changePartnerStatus(ctx, partner.id, "suspended"))
        await clocksAhead()
        await written("status", "active")
        await world.acting(world.manager, (ctx) => changePartnerStatus(ctx, partner.id, "restricted"))
        expect([await reads(right + 1), await reads(ahead)]).toEqual([[], ["summary"]])
        world.clock.now = ahead
        await world.acting(world.manager, (ctx) => changePartnerStatus(ctx, partner.id, "suspended"))
        expect([await reads(right + 1), await reads(ahead)]).toEqual([[], []])
    })

    test("a policy by one person releases nothing early that only a future one gives", async () => {
        const activated = (version: number, from: Instant) =>
            world.database.db.transaction((tx) =>
                writeRows(tx, "insert into policy_activations (version, from_at) values ($1, $2)", [
                    version,
                    new Date(from),
                ]),
            )
        await world.database.db.transaction((tx) =>
            writeRows(
                tx,
                "insert into policies (version, name, text, examples, created_at) values (4, 'none', $1, '', $2)",
                ['@id("none")\n@title("None")\nforbid (principal, action, resource);', new Date(right)],
            ),
        )
        await activated(4, right)
        expect(await reads(right)).toEqual([])
        await clocksAhead()
        await activated(1, ahead)
        await world.acting(world.manager, (ctx) => activatePolicy(ctx, 2))
        expect([await reads(right + 1), await reads(ahead)]).toEqual([[], ["summary"]])
    })
})

describe("while all clocks are an hour ahead, undetected, these can be decided again after the correction:", () => {
    beforeEach(() => clocksAhead(false))

    test("a suspension", async () => {
        const decide = () =>
            world.acting(world.manager, (ctx) => suspendPartner(ctx, { partner: partner.id, reason: "A leak." }))
        await decide()
        expect(await reads(right + 1)).toEqual(["summary"])
        await decide()
        expect(await reads(right + 1)).toEqual([])
    })

    test("a recall", async () => {
        const on = { version: null, reason: "It was wrong." }
        await world.acting(world.manager, (ctx) => recallArtifact(ctx, summary, on))
        expect(await reads(right + 1)).toEqual(["summary"])
        await world.acting(world.manager, (ctx) => recallArtifact(ctx, summary, on))
        expect(await reads(right + 1)).toEqual([])
        expect(await awaitRefusalCode(world.acting(world.manager, (ctx) => recallArtifact(ctx, summary, on)))).toBe(
            "recall.already_recalled",
        )
    })

    test("a freeze", async () => {
        const freeze = () =>
            world.acting(world.manager, async (ctx) => {
                const wave = (await listWaves(ctx, caseId)).find(({ tier }) => tier === "validate")
                await freezeWave(ctx, wave?.id ?? "")
            })
        await freeze()
        expect(await reads(right + 1)).toEqual(["summary"])
        await freeze()
        expect(await reads(right + 1)).toEqual([])
        await freeze()
        expect((await world.acting(world.manager, (ctx) => listWaves(ctx, caseId))).length).toBe(4)
    })

    test("a revoked key", async () => {
        const revoke = () =>
            world.acting(partner.lead, async (ctx) => {
                for (const { id } of await listKeys(ctx, partner.id)) await revokeKey(ctx, id)
            })
        const usable = () => world.acting(system, (ctx) => listRecipients(ctx, partner.id, ctx.now))
        await revoke()
        world.clock.now = right + dayMs / 24 / 60
        expect((await usable()).length).toBe(1)
        await revoke()
        expect(await usable()).toEqual([])
    })
})
