import { Check } from "typebox/value"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { awaitRefusalCode, createStaffMember, listEvents, system } from "../../../../test/support/actors.ts"
import { newId } from "../../../../test/support/database.ts"
import {
    type Program,
    type TestPartner,
    releaseWaveNow,
    fetchCopyText,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
    signAsApprover,
} from "../../../../test/support/program.ts"
import { dayMs, parseInstant } from "@tocsin/base/instant"
import type { Input, Route } from "../../kernel/route.ts"
import { lockToRead } from "../../kernel/locks.ts"
import { fetchCopy } from "../../share/delivery/actions/fetch-copy.ts"
import { aliasFor } from "../../share/delivery/actions/resolve-alias.ts"
import { listEntitlements, loadMatrix } from "../../share/entitlement/actions/decide-access.ts"
import {
    activatePolicy,
    addPolicy,
    findActivePolicy,
    requestActivation,
} from "../../share/entitlement/actions/manage-policies.ts"
import { threeTierWithDuty } from "../../share/entitlement/packs/three-tier.ts"
import { loadApproval } from "../../trust/approvals/actions/load-approvals.ts"
import { signApproval } from "../../trust/approvals/actions/request-approval.ts"
import type { ActionContext } from "../../kernel/action-context.ts"
import type { Actor } from "../../kernel/actor.ts"
import { loadPartnerFacts, loadPartnerStatus } from "../../trust/partners/actions/load-facts.ts"
import { setDuties } from "../../trust/partners/actions/change-partner.ts"
import { dutyTable } from "../../trust/partners/reporting-duties/reporting-duties.ts"
import {
    liftRestriction,
    reinstate,
    requestLift,
    requestRelaxation,
    requestReinstatement,
    endOutdatedDutyRestrictions,
} from "./actions/restore-access.ts"
import { loadMeasure, listMeasures } from "./actions/record-measure.ts"
import { answerLetter, loadLetterForPartner, listLettersForPartner } from "./actions/send-letter.ts"
import { restrictByDuty, restrictPartner, suspendPartner } from "./actions/restrict-access.ts"
import { letterRoutes, letterRoutesForPartner } from "./routes/letters.ts"
import { measureRoutes } from "./routes/measures.ts"
import type { LetterText } from "./letter.ts"
import { shippedLetters } from "./built-in-templates.ts"
import { validateTemplate, requiredFieldsOf } from "./template.ts"

let world: Program
let caseId: string
let poc: string
let partner: TestPartner
const rmsv = dutyTable.filter((duty) => duty.regime === "RMSV")
const reason = "A text that is believed to be from this partner's copy."

beforeAll(async () => {
    world = await createProgram()
    caseId = await newCase(world, "toolshell")
    poc = await newArtifact(world, caseId, "poc", "toolshell/poc.py")
    world.clock.now = parseInstant("2025-06-24T17:00:00Z")
    await releaseWaveNow(world, caseId, "validate", [poc])
}, 120_000)
afterAll(() => world.database.close())
beforeEach(async () => {
    world.clock.now += 1000
    partner = await newPartner(world, "validate")
})

const byManager = <T>(work: (ctx: ActionContext) => Promise<T>) => world.acting(world.manager, work)
const suspended = (person = partner.id, by: Actor = world.investigator) =>
    world.acting(by, (ctx) => suspendPartner(ctx, { partner: person, reason }))
const standing = () => byManager((ctx) => loadPartnerStatus(ctx, partner.id))
const fetch = (ctx: ActionContext) => fetchCopy(ctx, aliasFor(world.services.keys, partner.id, "artifact", poc))
const lettersOf = () => world.acting(partner.analyst, listLettersForPartner)

describe("an interim suspension", () => {
    test("takes one person, has a review in two weeks, and sends a letter that is encrypted at rest", async () => {
        expect(await fetchCopyText(world, partner, poc)).toContain("def ")
        const measure = await suspended()
        expect(await standing()).toBe("suspended")
        expect(await awaitRefusalCode(world.acting(partner.analyst, fetch))).toBe("request.not_found")
        expect(await byManager((ctx) => listMeasures(ctx, partner.id))).toMatchObject([
            { id: measure, kind: "interim_suspension", reason, takenBy: world.investigator.person, endedAt: null },
        ])
        expect((await byManager((ctx) => loadMeasure(ctx, String(measure)))).reviewBy).toBe(
            world.clock.now + 14 * dayMs,
        )
        expect((await listEvents(world.database)).slice(-3)).toMatchObject([
            { kind: "partner.status_changed", body: { status: "suspended", measure } },
            { kind: "measure.taken", body: { measure, measureKind: "interim_suspension", partner: partner.id } },
            { kind: "letter.sent", body: { measure, partner: partner.id } },
        ])
        expect(await lettersOf()).toMatchObject([
            { measure, answer: null, text: expect.stringContaining("precaution") },
        ])
        const boxes = await world.database.db.transaction((tx) =>
            tx.query<{ box: Buffer }>(
                "select text_ciphertext as box from letters union all select reason_ciphertext from measures",
            ),
        )
        expect(boxes.some(({ box }) => box.includes("precaution") || box.includes("believed"))).toBe(false)
    })

    test("changes nothing when repeated", async () => {
        const measure = await suspended()
        const events = (await listEvents(world.database)).length
        expect(await suspended()).toBe(measure)
        expect(await listEvents(world.database)).toHaveLength(events)
        expect(await lettersOf()).toHaveLength(1)
    })

    test("waits for the running fetch, cuts its bytes, and serves no later one", async () => {
        let letGo = () => undefined as void
        const held = new Promise<void>((resolve) => (letGo = resolve))
        let locked = () => undefined as void
        const started = new Promise<void>((resolve) => (locked = resolve))
        const order: string[] = []
        const underWay = world.acting(partner.analyst, async (ctx) => {
            await lockToRead(ctx.tx, partner.id)
            locked()
            await held
            const download = await fetch(ctx)
            order.push("fetched")
            return download
        })
        await started
        const suspending = suspended().then(() => order.push("suspended"))
        while ((await waitingForLocks()) === 0) await new Promise((resolve) => setTimeout(resolve, 5))
        const later = world.acting(partner.analyst, async (ctx) => {
            await lockToRead(ctx.tx, partner.id)
            return await fetch(ctx)
        })
        letGo()
        const download = await underWay
        expect(await awaitRefusalCode(later)).toBe("request.not_found")
        await suspending
        expect(order).toEqual(["fetched", "suspended"])
        expect(await world.database.db.transaction((tx) => download.mayContinue(tx))).toBe(false)
    })

    test("is for onboarded partners, by staff, with a reason", async () => {
        expect(await awaitRefusalCode(suspended(newId()))).toBe("partner.not_found")
        const pick = (wrong: string) =>
            awaitRefusalCode(
                world.acting(world.manager, (ctx) => suspendPartner(ctx, { partner: partner.id, reason: wrong })),
            )
        expect(await pick(" ")).toBe("measure.bad_reason")
        expect(await pick("a".repeat(4001))).toBe("measure.bad_reason")
        expect(await awaitRefusalCode(suspended(partner.id, partner.lead))).toBe("measure.staff_only")
        expect(await standing()).toBe("active")
        const bad = { partner: partner.id, reason, letter: { subject: "a\nBcc: b", text: "c" } }
        expect(await awaitRefusalCode(byManager((ctx) => suspendPartner(ctx, bad)))).toBe("letter.bad_subject")
        expect(await standing()).toBe("active")
    })
})

async function waitingForLocks(): Promise<number> {
    const [row] = await world.database.db.transaction((tx) =>
        tx.query<{ count: number }>(
            "select count(*) as count from pg_locks where locktype = 'advisory' and not granted",
        ),
    )
    return row?.count ?? 0
}

describe("a reinstatement", () => {
    const ask = () => byManager((ctx) => requestReinstatement(ctx, partner.id))
    const back = (approval: string) => byManager((ctx) => reinstate(ctx, { partner: partner.id, approval, reason }))

    test("takes two people, and the signer is not the one who suspended", async () => {
        const both = await createStaffMember(world.acting, ["investigator", "approver"])
        const suspension = await suspended(partner.id, both)
        const approval = await ask()
        expect(await ask()).toBe(approval)
        expect(await awaitRefusalCode(back(approval))).toBe("approval.not_signed")
        const { effectsHash } = await byManager((ctx) => loadApproval(ctx, approval))
        expect(await awaitRefusalCode(world.acting(both, (ctx) => signApproval(ctx, approval, effectsHash)))).toBe(
            "approval.author_cannot_sign",
        )
        await signAsApprover(world, approval)
        expect(await standing()).toBe("suspended")
        world.clock.now += 1000
        const measure = await back(approval)
        expect(await standing()).toBe("active")
        expect(await byManager((ctx) => listMeasures(ctx, partner.id))).toMatchObject([
            { id: measure, kind: "reinstatement", approval },
            { id: suspension, kind: "interim_suspension", endedAt: world.clock.now },
        ])
        expect(await lettersOf()).toMatchObject([{ measure }, { measure: suspension }])
        expect(await fetchCopyText(world, partner, poc)).toContain("def ")
        await suspended()
        expect(await awaitRefusalCode(back(approval))).toBe("approval.already_applied")
        expect(await standing()).toBe("suspended")
    })

    test("cannot be signed by an account related to the suspender, whenever it was added", async () => {
        const added = await createStaffMember(world.acting, ["approver"], world.investigator)
        await suspended()
        const approval = await ask()
        const signedBy = async (actor: Actor) => {
            const { effectsHash } = await byManager((ctx) => loadApproval(ctx, approval))
            return await awaitRefusalCode(world.acting(actor, (ctx) => signApproval(ctx, approval, effectsHash)))
        }
        expect(await signedBy(added)).toBe("approval.author_cannot_sign")
        expect(await signedBy(await createStaffMember(world.acting, ["approver"], world.investigator))).toBe("done")
        expect(await awaitRefusalCode(back(approval))).toBe("measure.decider_cannot_sign")
        expect(await standing()).toBe("suspended")
    })

    test("needs a suspension and an approval of its own", async () => {
        expect(await awaitRefusalCode(ask())).toBe("measure.not_suspended")
        expect(await awaitRefusalCode(back(newId()))).toBe("measure.not_suspended")
        await suspended()
        const other = await newPartner(world, "entry")
        await suspended(other.id)
        const foreign = await byManager((ctx) => requestReinstatement(ctx, other.id))
        await signAsApprover(world, foreign)
        expect(await awaitRefusalCode(back(foreign))).toBe("approval.effects_exceeded")
        expect(await awaitRefusalCode(back(newId()))).toBe("approval.not_found")
        expect(await standing()).toBe("suspended")
    })
})

describe("a restriction", () => {
    const restriction = { withhold: ["poc"], notBeforePublication: false, cases: null }
    const restrict = (subject: object = {}) =>
        byManager((ctx) => restrictPartner(ctx, { partner: partner.id, ...restriction, reason, ...subject }))

    test("of one partner takes one person, applies at once, and is lifted by two", async () => {
        const measure = await restrict()
        const pocOf = async () =>
            (await byManager((ctx) => listEntitlements(ctx, partner.id, caseId))).find(
                (entitlement) => entitlement.class === "poc",
            )?.decision
        expect(await pocOf()).toMatchObject({ outcome: "withheld", available: false })
        expect(await awaitRefusalCode(world.acting(partner.analyst, fetch))).toBe("request.not_found")
        expect(await restrict()).toBe(measure)
        expect(await byManager((ctx) => listMeasures(ctx, partner.id))).toMatchObject([{ id: measure, restriction }])
        world.clock.now += 1000
        const approval = await byManager((ctx) => requestLift(ctx, partner.id))
        const lift = () => byManager((ctx) => liftRestriction(ctx, { partner: partner.id, approval, reason }))
        expect(await awaitRefusalCode(lift())).toBe("approval.not_signed")
        await signAsApprover(world, approval)
        await lift()
        expect(await pocOf()).toMatchObject({ outcome: "full", available: true })
        expect(await byManager((ctx) => listMeasures(ctx, partner.id))).toMatchObject([
            { kind: "lift", approval, endedAt: null },
            { id: measure, endedAt: world.clock.now },
        ])
        expect(await lettersOf()).toHaveLength(2)
        expect(await awaitRefusalCode(lift())).toBe("measure.not_restricted")
    })

    test("cannot be lifted or relaxed by an account related to its taker", async () => {
        const manager = await createStaffMember(world.acting, ["manager"])
        const less = { ...restriction, withhold: ["poc"] }
        await world.acting(manager, (ctx) =>
            restrictPartner(ctx, { partner: partner.id, ...restriction, withhold: ["poc", "repro"], reason }),
        )
        const [lift, ease] = await byManager(async (ctx) => [
            await requestLift(ctx, partner.id),
            await requestRelaxation(ctx, partner.id, less),
        ])
        const added = await createStaffMember(world.acting, ["approver"], manager)
        for (const approval of [lift, ease]) await signAsApprover(world, approval, added)
        const carried = byManager((ctx) => liftRestriction(ctx, { partner: partner.id, approval: lift, reason }))
        expect(await awaitRefusalCode(carried)).toBe("measure.decider_cannot_sign")
        expect(await awaitRefusalCode(restrict({ ...less, approval: ease }))).toBe("measure.decider_cannot_sign")
    })

    test("replaces the former one, and takes two people where it restores anything", async () => {
        const first = await restrict()
        const second = await restrict({ withhold: ["poc", "repro"] })
        expect((await byManager((ctx) => loadMeasure(ctx, String(first)))).endedAt).toBe(world.clock.now)
        expect(await awaitRefusalCode(restrict())).toBe("partner.needs_two_people")
        expect((await byManager((ctx) => loadMeasure(ctx, String(second)))).endedAt).toBeNull()
        const facts = await byManager((ctx) => loadPartnerFacts(ctx, partner.id, ctx.now))
        expect(facts.restriction?.withhold).toEqual(["poc", "repro"])
    })

    test.each([
        ["nothing", { withhold: [] }, "measure.restricts_nothing"],
        ["no case", { cases: [] }, "measure.restricts_nothing"],
        ["a class that is none", { withhold: ["secrets"] }, "measure.bad_class"],
        ["an unknown case", { cases: [newId()] }, "case.not_found"],
        ["an unknown partner", { partner: newId() }, "partner.not_found"],
    ])("refuses a restriction of %s", async (_, subject, code) => {
        expect(await awaitRefusalCode(restrict(subject))).toBe(code)
    })

    test("by reporting duty is an active policy version, for partners under the duty only", async () => {
        await byManager((ctx) => setDuties(ctx, partner.id, rmsv))
        const other = await newPartner(world, "validate")
        const measure = await byManager((ctx) => restrictByDuty(ctx, { policy: 2, reason }))
        expect(await byManager((ctx) => findActivePolicy(ctx, ctx.now))).toMatchObject({ version: 2 })
        const { entitlements } = await byManager((ctx) => loadMatrix(ctx, caseId))
        const outcomeFor = (partner: TestPartner) =>
            entitlements.find((entitlement) => entitlement.partner === partner.id)?.decision.outcome
        expect([outcomeFor(partner), outcomeFor(other)]).toEqual(["withheld", "full"])
        expect(await byManager((ctx) => loadMeasure(ctx, measure))).toMatchObject({
            policy: 2,
            partner: null,
            approval: null,
        })
        expect(await awaitRefusalCode(byManager((ctx) => restrictByDuty(ctx, { policy: 2, reason })))).toBe(
            "policy.already_active",
        )
        expect(await awaitRefusalCode(byManager((ctx) => restrictByDuty(ctx, { policy: 99, reason })))).toBe(
            "policy.not_found",
        )
    })

    test("by reporting duty sends a letter to affected partners, and ends with the next active version", async () => {
        const other = await newPartner(world, "entry")
        await byManager((ctx) => setDuties(ctx, partner.id, rmsv))
        await byManager((ctx) => setDuties(ctx, other.id, rmsv))
        await suspended(other.id)
        const version = await byManager((ctx) => addPolicy(ctx, threeTierWithDuty))
        const measure = await byManager((ctx) => restrictByDuty(ctx, { policy: version, reason }))
        await world.acting(system, endOutdatedDutyRestrictions)
        const subjects = async (person = partner) =>
            (await world.acting(person.lead, listLettersForPartner)).map(({ subject }) => subject)
        expect(await subjects()).toEqual([shippedLetters.restrict.subject])
        expect((await subjects(other))[0]).toEqual(shippedLetters.restrict.subject)
        expect(await subjects(await newPartner(world, "entry"))).toEqual([])
        expect((await byManager((ctx) => loadMeasure(ctx, measure))).endedAt).toBe(null)

        world.clock.now += 1000
        const approval = await byManager((ctx) => requestActivation(ctx, 1))
        await signAsApprover(world, approval)
        await byManager((ctx) => activatePolicy(ctx, 1, approval))
        await world.acting(system, endOutdatedDutyRestrictions)
        await world.acting(system, endOutdatedDutyRestrictions)
        expect((await byManager((ctx) => loadMeasure(ctx, measure))).endedAt).toBe(world.clock.now)
        expect(await subjects()).toEqual([
            shippedLetters["end_by_reporting_duty"].subject,
            shippedLetters.restrict.subject,
        ])
    })
})

describe("letter contents", () => {
    test.each(["restrict", "suspension_extended"] as const)("list what the partner still holds, for `%s`", (kind) => {
        expect(requiredFieldsOf(kind)).toContain("held")
        expect(() => validateTemplate(kind, shippedLetters[kind])).not.toThrow()
    })

    test("by reporting duty replace the template and are filled for each partner", async () => {
        await byManager((ctx) => setDuties(ctx, partner.id, rmsv))
        const policy = await byManager((ctx) => addPolicy(ctx, threeTierWithDuty))
        const restrict = (letter: LetterText) => byManager((ctx) => restrictByDuty(ctx, { policy, reason, letter }))
        const own = { subject: "For [partner]", text: "From [from] something else.\n\n[held]" }
        expect(await awaitRefusalCode(restrict({ ...own, text: "Not a word of what you hold." }))).toBe(
            "template.field_missing",
        )
        expect(await awaitRefusalCode(restrict({ ...own, text: "[held] [terms]" }))).toBe("template.field_not_found")
        await restrict(own)
        const [letter] = await lettersOf()
        expect(letter?.subject).toBe("For A partner of validate")
        expect(letter?.text).toMatch(/^From \d+ \w+ 2025 \d\d:\d\d UTC something else\.\n\nYou hold nothing/)
    })
})

test("list fetches up to the sending of an edited draft", async () => {
    const written = { subject: "For now", text: "From [from] nothing. [held]" }
    await fetchCopyText(world, partner, poc)
    await byManager((ctx) => suspendPartner(ctx, { partner: partner.id, reason, letter: written }))
    const text = (await lettersOf())[0]?.text ?? ""
    expect(text).toMatch(/^toolshell:\n- poc\.py, version 1, fetched \d+ \w+ 2025 /m)
    expect(text).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-/)
})

describe("letters", () => {
    test("are read and answered once during a suspension, and no other partner's are visible", async () => {
        await suspended()
        const [letter] = await lettersOf()
        const id = String(letter?.id)
        const answer = (by: Actor, text = "We found an intruder.") =>
            awaitRefusalCode(world.acting(by, (ctx) => answerLetter(ctx, id, text)))
        const other = await newPartner(world, "entry")
        expect(await awaitRefusalCode(world.acting(other.lead, (ctx) => loadLetterForPartner(ctx, id)))).toBe(
            "request.not_found",
        )
        expect(await awaitRefusalCode(world.acting(other.lead, (ctx) => loadLetterForPartner(ctx, newId())))).toBe(
            "request.not_found",
        )
        expect(await answer(other.lead)).toBe("request.not_found")
        expect(await answer(partner.analyst)).toBe("partner.leads_only")
        expect(await answer(partner.lead, " ")).toBe("letter.bad_text")
        expect(await answer(partner.lead)).toBe("done")
        expect(await answer(partner.lead, "Or not.")).toBe("letter.already_answered")
        expect(await lettersOf()).toMatchObject([{ answer: "We found an intruder.", answeredAt: world.clock.now }])
        expect((await listEvents(world.database)).at(-1)).toMatchObject({
            kind: "letter.answered",
            body: { letter: id },
        })
    })
})

describe("over HTTP", () => {
    async function call(
        actor: Actor,
        named: string,
        request: Partial<Record<"body" | "params" | "query", object>> = {},
    ) {
        const routes: Route<ActionContext>[] = [...measureRoutes, ...letterRoutes, ...letterRoutesForPartner]
        const found = routes.find((route) => `${route.method} ${route.path}` === named)
        if (!found) throw new Error(`there is no route ${named}`)
        const input = {
            body: request.body ?? {},
            params: request.params ?? {},
            query: request.query ?? {},
            credential: null,
        }
        for (const part of ["body", "params", "query"] as const) {
            const schema = found[part]
            if (schema) expect(Check(schema, input[part])).toBe(true)
        }
        const answer = await world.acting(actor, (ctx) =>
            found.handler({ ...ctx, ...input } as ActionContext & Input<never, never, never>),
        )
        if (!found.answer || !Check(found.answer, answer)) throw new Error(`${named} answers ${JSON.stringify(answer)}`)
        return answer as Record<string, unknown>
    }

    test("suspends, answers and reinstates", async () => {
        const body = { kind: "interim_suspension", partner: partner.id, reason }
        const { measure } = await call(world.investigator, "POST /api/measures", { body })
        const { letters } = await call(partner.lead, "GET /api/letters")
        const [letter] = letters as { id: string; about: object }[]
        expect(letter?.about).toMatchObject({ kind: "interim_suspension", endedAt: null })
        expect(JSON.stringify(letters)).not.toContain(reason)
        const params = { id: String(letter?.id) }
        await call(partner.lead, "POST /api/letters/{id}/answer", { params, body: { text: "Nothing noticed." } })
        expect(await call(partner.lead, "GET /api/letters/{id}", { params })).toMatchObject({
            answer: "Nothing noticed.",
        })
        const read = await call(world.manager, "GET /api/measures/{id}", { params: { id: String(measure) } })
        expect(read).toMatchObject({ reason, letters: [{ answer: "Nothing noticed." }] })
        const again = (approval?: unknown) =>
            call(world.manager, "POST /api/measures/reinstate", {
                body: { partner: partner.id, reason, ...(approval !== undefined && { approval }) },
            })
        const { done, approval } = await again()
        expect(done).toBe(false)
        await signAsApprover(world, String(approval))
        expect(await again(approval)).toMatchObject({ done: true, approval })
        const { measures } = await call(world.manager, "GET /api/measures", { query: { partner: partner.id } })
        expect(measures).toMatchObject([{ kind: "reinstatement" }, { kind: "interim_suspension" }])
    })

    test.each([
        ["investigators restrict nobody", { kind: "restrict", partner: newId() }, "measure.managers_only"],
        ["a suspension is somebody's", { kind: "interim_suspension" }, "measure.needs_partner"],
    ])("%s", async (_, body, code) => {
        expect(
            await awaitRefusalCode(call(world.investigator, "POST /api/measures", { body: { ...body, reason } })),
        ).toBe(code)
    })

    test("treats a duty rule as a policy version", async () => {
        const body = { kind: "restrict_by_reporting_duty", reason }
        expect(await awaitRefusalCode(call(world.manager, "POST /api/measures", { body }))).toBe("measure.needs_policy")
    })
})
