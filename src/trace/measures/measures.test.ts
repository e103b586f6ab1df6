import { Check } from "typebox/value"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { codeOf, operator, recorded, system } from "../../../test/acting.ts"
import { newId } from "../../../test/database.ts"
import {
    type Program,
    type TestPartner,
    fall,
    fetched,
    newArtifact,
    newCase,
    newPartner,
    program,
    sign,
} from "../../../test/program.ts"
import { dayMs, parseInstant } from "../../lib/instant.ts"
import type { Input, Route } from "../../platform/http.ts"
import { lockToRead } from "../../platform/locks.ts"
import { fetchCopy } from "../../share/delivery/actions/copies.ts"
import { nameFor } from "../../share/delivery/actions/names.ts"
import { entitlementsOf, matrixOf } from "../../share/entitlement/actions/entitlements.ts"
import { activatePolicy, addPolicy, inForceAt, requestActivation } from "../../share/entitlement/actions/policies.ts"
import { threeTierWithDuty } from "../../share/entitlement/packs/three-tier.ts"
import { approval as approvalOf, signApproval } from "../../trust/approvals/actions.ts"
import type { Act } from "../../trust/audit/actions.ts"
import type { Actor } from "../../trust/audit/actor.ts"
import { partnerFactsOf, standingOf } from "../../trust/partners/actions/facts.ts"
import { setDuties } from "../../trust/partners/actions/changes.ts"
import { dutyTable } from "../../trust/partners/duty.ts"
import {
    liftRestriction,
    reinstate,
    requestLift,
    requestLoosening,
    requestReinstatement,
    settleByDuty,
} from "./actions/giving.ts"
import { measureOf, measuresOf } from "./actions/keeping.ts"
import { answerLetter, ownLetter, ownLetters } from "./actions/letters.ts"
import { restrictByDuty, restrictPartner, suspend } from "./actions/taking.ts"
import { letterRoutes, ownLetterRoutes } from "./routes/letters.ts"
import { measureRoutes } from "./routes/measures.ts"
import type { LetterText } from "./letter.ts"
import { shippedLetters } from "./shipped.ts"
import { mustBeTemplate, neededBy } from "./template.ts"

let its: Program
let caseId: string
let poc: string
let partner: TestPartner
const rmsv = dutyTable.filter((duty) => duty.regime === "RMSV")
const reason = "A text that is believed to be from this partner's copy."

beforeAll(async () => {
    its = await program()
    caseId = await newCase(its, "toolshell")
    poc = await newArtifact(its, caseId, "poc", "toolshell/poc.py")
    its.clock.now = parseInstant("2025-06-24T17:00:00Z")
    await fall(its, caseId, "validate", [poc])
}, 120_000)
afterAll(() => its.database.close())
beforeEach(async () => {
    its.clock.now += 1000
    partner = await newPartner(its, "validate")
})

const byManager = <T>(work: (act: Act) => Promise<T>) => its.acting(its.manager, work)
const suspended = (who = partner.id, by: Actor = its.investigator) =>
    its.acting(by, (act) => suspend(act, { partner: who, reason }))
const standing = () => byManager((act) => standingOf(act, partner.id))
const fetch = (act: Act) => fetchCopy(act, nameFor(its.doors.keys, partner.id, "artifact", poc))
const lettersOf = () => its.acting(partner.analyst, ownLetters)

describe("an interim suspension", () => {
    test("takes one person, is reviewed in two weeks, and is told in a letter that is sealed at rest", async () => {
        expect(await fetched(its, partner, poc)).toContain("def ")
        const measure = await suspended()
        expect(await standing()).toBe("suspended")
        expect(await codeOf(its.acting(partner.analyst, fetch))).toBe("request.not_found")
        expect(await byManager((act) => measuresOf(act, partner.id))).toMatchObject([
            { id: measure, kind: "interim suspension", reason, takenBy: its.investigator.person, endedAt: null },
        ])
        expect((await byManager((act) => measureOf(act, String(measure)))).reviewBy).toBe(its.clock.now + 14 * dayMs)
        expect((await recorded(its.database)).slice(-3)).toMatchObject([
            { kind: "partner.status_changed", body: { standing: "suspended", because: measure } },
            { kind: "measure.taken", body: { measure, what: "interim suspension", partner: partner.id } },
            { kind: "letter.sent", body: { measure, partner: partner.id } },
        ])
        expect(await lettersOf()).toMatchObject([
            { measure, answer: null, text: expect.stringContaining("precaution") },
        ])
        const boxes = await its.database.db.transaction((tx) =>
            tx.query<{ box: Buffer }>(
                "select text_ciphertext as box from letters union all select reason_ciphertext from measures",
            ),
        )
        expect(boxes.some(({ box }) => box.includes("precaution") || box.includes("believed"))).toBe(false)
    })

    test("once more changes nothing, and answers the same", async () => {
        const measure = await suspended()
        const events = (await recorded(its.database)).length
        expect(await suspended()).toBe(measure)
        expect(await recorded(its.database)).toHaveLength(events)
        expect(await lettersOf()).toHaveLength(1)
    })

    test("waits for the fetch under way, cuts its bytes, and no later one is served", async () => {
        let letGo = () => undefined as void
        const held = new Promise<void>((resolve) => (letGo = resolve))
        let locked = () => undefined as void
        const started = new Promise<void>((resolve) => (locked = resolve))
        const order: string[] = []
        const underWay = its.acting(partner.analyst, async (act) => {
            await lockToRead(act.tx, partner.id)
            locked()
            await held
            const download = await fetch(act)
            order.push("fetched")
            return download
        })
        await started
        const suspending = suspended().then(() => order.push("suspended"))
        while ((await waitingForLocks()) === 0) await new Promise((resolve) => setTimeout(resolve, 5))
        const later = its.acting(partner.analyst, async (act) => {
            await lockToRead(act.tx, partner.id)
            return await fetch(act)
        })
        letGo()
        const download = await underWay
        expect(await codeOf(later)).toBe("request.not_found")
        await suspending
        expect(order).toEqual(["fetched", "suspended"])
        expect(await its.database.db.transaction((tx) => download.mayGoOn(tx))).toBe(false)
    })

    test("is for partners that are there, and were let in, by the operator, for a reason", async () => {
        expect(await codeOf(suspended(newId()))).toBe("partner.not_found")
        const of = (wrong: string) =>
            codeOf(its.acting(its.manager, (act) => suspend(act, { partner: partner.id, reason: wrong })))
        expect(await of(" ")).toBe("measure.bad_reason")
        expect(await of("a".repeat(4001))).toBe("measure.bad_reason")
        expect(await codeOf(suspended(partner.id, partner.lead))).toBe("measure.staff_only")
        expect(await standing()).toBe("active")
        const bad = { partner: partner.id, reason, letter: { subject: "a\nBcc: b", text: "c" } }
        expect(await codeOf(byManager((act) => suspend(act, bad)))).toBe("letter.bad_subject")
        expect(await standing()).toBe("active")
    })
})

async function waitingForLocks(): Promise<number> {
    const [row] = await its.database.db.transaction((tx) =>
        tx.query<{ count: number }>(
            "select count(*) as count from pg_locks where locktype = 'advisory' and not granted",
        ),
    )
    return row?.count ?? 0
}

describe("a reinstatement", () => {
    const ask = () => byManager((act) => requestReinstatement(act, partner.id))
    const back = (approval: string) => byManager((act) => reinstate(act, { partner: partner.id, approval, reason }))

    test("takes two, and neither of them the one who suspended as the signer", async () => {
        const both = await operator(its.acting, ["investigator", "approver"])
        const suspension = await suspended(partner.id, both)
        const approval = await ask()
        expect(await ask()).toBe(approval)
        expect(await codeOf(back(approval))).toBe("approval.not_signed")
        const { effectsHash } = await byManager((act) => approvalOf(act, approval))
        expect(await codeOf(its.acting(both, (act) => signApproval(act, approval, effectsHash)))).toBe(
            "approval.author_cannot_sign",
        )
        await sign(its, approval)
        expect(await standing()).toBe("suspended")
        its.clock.now += 1000
        const measure = await back(approval)
        expect(await standing()).toBe("active")
        expect(await byManager((act) => measuresOf(act, partner.id))).toMatchObject([
            { id: measure, kind: "reinstatement", approval },
            { id: suspension, kind: "interim suspension", endedAt: its.clock.now },
        ])
        expect(await lettersOf()).toMatchObject([{ measure }, { measure: suspension }])
        expect(await fetched(its, partner, poc)).toContain("def ")
        await suspended()
        expect(await codeOf(back(approval))).toBe("approval.already_applied")
        expect(await standing()).toBe("suspended")
    })

    test("is signed by no account that goes back to who suspended, whenever it was added", async () => {
        const added = await operator(its.acting, ["approver"], its.investigator)
        await suspended()
        const approval = await ask()
        const signedBy = async (who: Actor) => {
            const { effectsHash } = await byManager((act) => approvalOf(act, approval))
            return await codeOf(its.acting(who, (act) => signApproval(act, approval, effectsHash)))
        }
        expect(await signedBy(added)).toBe("approval.author_cannot_sign")
        expect(await signedBy(await operator(its.acting, ["approver"], its.investigator))).toBe("done")
        expect(await codeOf(back(approval))).toBe("measure.taker_cannot_sign")
        expect(await standing()).toBe("suspended")
    })

    test("needs a suspension, and an approval of its own", async () => {
        expect(await codeOf(ask())).toBe("measure.not_suspended")
        expect(await codeOf(back(newId()))).toBe("measure.not_suspended")
        await suspended()
        const other = await newPartner(its, "entry")
        await suspended(other.id)
        const foreign = await byManager((act) => requestReinstatement(act, other.id))
        await sign(its, foreign)
        expect(await codeOf(back(foreign))).toBe("approval.effects_exceeded")
        expect(await codeOf(back(newId()))).toBe("approval.not_found")
        expect(await standing()).toBe("suspended")
    })
})

describe("a restriction", () => {
    const restriction = { withhold: ["poc"], notBeforePublication: false, cases: null }
    const restrict = (what: object = {}) =>
        byManager((act) => restrictPartner(act, { partner: partner.id, ...restriction, reason, ...what }))

    test("of one partner takes one person, is read at once, and is lifted by two", async () => {
        const measure = await restrict()
        const pocOf = async () =>
            (await byManager((act) => entitlementsOf(act, partner.id, caseId))).find((one) => one.class === "poc")
                ?.decision
        expect(await pocOf()).toMatchObject({ outcome: "withheld", available: false })
        expect(await codeOf(its.acting(partner.analyst, fetch))).toBe("request.not_found")
        expect(await restrict()).toBe(measure)
        expect(await byManager((act) => measuresOf(act, partner.id))).toMatchObject([{ id: measure, restriction }])
        its.clock.now += 1000
        const approval = await byManager((act) => requestLift(act, partner.id))
        const lift = () => byManager((act) => liftRestriction(act, { partner: partner.id, approval, reason }))
        expect(await codeOf(lift())).toBe("approval.not_signed")
        await sign(its, approval)
        await lift()
        expect(await pocOf()).toMatchObject({ outcome: "full", available: true })
        expect(await byManager((act) => measuresOf(act, partner.id))).toMatchObject([
            { kind: "lift", approval, endedAt: null },
            { id: measure, endedAt: its.clock.now },
        ])
        expect(await lettersOf()).toHaveLength(2)
        expect(await codeOf(lift())).toBe("measure.not_restricted")
    })

    test("is lifted or eased by no account that goes back to who took it", async () => {
        const manager = await operator(its.acting, ["manager"])
        const less = { ...restriction, withhold: ["poc"] }
        await its.acting(manager, (act) =>
            restrictPartner(act, { partner: partner.id, ...restriction, withhold: ["poc", "repro"], reason }),
        )
        const [lift, ease] = await byManager(async (act) => [
            await requestLift(act, partner.id),
            await requestLoosening(act, partner.id, less),
        ])
        const added = await operator(its.acting, ["approver"], manager)
        for (const approval of [lift, ease]) await sign(its, approval, added)
        const carried = byManager((act) => liftRestriction(act, { partner: partner.id, approval: lift, reason }))
        expect(await codeOf(carried)).toBe("measure.taker_cannot_sign")
        expect(await codeOf(restrict({ ...less, approval: ease }))).toBe("measure.taker_cannot_sign")
    })

    test("another takes its place; one that gives something back takes two", async () => {
        const first = await restrict()
        const second = await restrict({ withhold: ["poc", "repro"] })
        expect((await byManager((act) => measureOf(act, String(first)))).endedAt).toBe(its.clock.now)
        expect(await codeOf(restrict())).toBe("partner.needs_two_people")
        expect((await byManager((act) => measureOf(act, String(second)))).endedAt).toBeNull()
        const facts = await byManager((act) => partnerFactsOf(act, partner.id, act.now))
        expect(facts.restriction?.withhold).toEqual(["poc", "repro"])
    })

    test.each([
        ["nothing", { withhold: [] }, "measure.restricts_nothing"],
        ["no case", { cases: [] }, "measure.restricts_nothing"],
        ["a class that is none", { withhold: ["secrets"] }, "measure.bad_class"],
        ["an unknown case", { cases: [newId()] }, "case.not_found"],
        ["an unknown partner", { partner: newId() }, "partner.not_found"],
    ])("of %s is refused", async (_, what, code) => {
        expect(await codeOf(restrict(what))).toBe(code)
    })

    test("by duty is a policy version in force, for those under the duty alone", async () => {
        await byManager((act) => setDuties(act, partner.id, rmsv))
        const other = await newPartner(its, "validate")
        const measure = await byManager((act) => restrictByDuty(act, { policy: 2, reason }))
        expect(await byManager((act) => inForceAt(act, act.now))).toMatchObject({ version: 2 })
        const { entitlements } = await byManager((act) => matrixOf(act, caseId))
        const outcomeFor = (who: TestPartner) => entitlements.find((one) => one.partner === who.id)?.decision.outcome
        expect([outcomeFor(partner), outcomeFor(other)]).toEqual(["withheld", "full"])
        expect(await byManager((act) => measureOf(act, measure))).toMatchObject({
            policy: 2,
            partner: null,
            approval: null,
        })
        expect(await codeOf(byManager((act) => restrictByDuty(act, { policy: 2, reason })))).toBe(
            "policy.already_active",
        )
        expect(await codeOf(byManager((act) => restrictByDuty(act, { policy: 99, reason })))).toBe("policy.not_found")
    })

    test("by duty is told in a letter to those it reaches, and over once another version is in force", async () => {
        const other = await newPartner(its, "entry")
        await byManager((act) => setDuties(act, partner.id, rmsv))
        await byManager((act) => setDuties(act, other.id, rmsv))
        await suspended(other.id)
        const version = await byManager((act) => addPolicy(act, threeTierWithDuty))
        const measure = await byManager((act) => restrictByDuty(act, { policy: version, reason }))
        await its.acting(system, settleByDuty)
        const subjects = async (who = partner) => (await its.acting(who.lead, ownLetters)).map(({ subject }) => subject)
        expect(await subjects()).toEqual([shippedLetters.restrict.subject])
        expect((await subjects(other))[0]).toEqual(shippedLetters.restrict.subject)
        expect(await subjects(await newPartner(its, "entry"))).toEqual([])
        expect((await byManager((act) => measureOf(act, measure))).endedAt).toBe(null)

        its.clock.now += 1000
        const approval = await byManager((act) => requestActivation(act, 1))
        await sign(its, approval)
        await byManager((act) => activatePolicy(act, 1, approval))
        await its.acting(system, settleByDuty)
        await its.acting(system, settleByDuty)
        expect((await byManager((act) => measureOf(act, measure))).endedAt).toBe(its.clock.now)
        expect(await subjects()).toEqual([shippedLetters["end by duty"].subject, shippedLetters.restrict.subject])
    })
})

describe("what a letter tells", () => {
    test.each(["restrict", "suspension kept"] as const)("of `%s` is what the partner holds still", (kind) => {
        expect(neededBy(kind)).toContain("held")
        expect(() => mustBeTemplate(kind, shippedLetters[kind])).not.toThrow()
    })

    test("by duty is what was written instead of the template, filled for each partner", async () => {
        await byManager((act) => setDuties(act, partner.id, rmsv))
        const policy = await byManager((act) => addPolicy(act, threeTierWithDuty))
        const restrict = (letter: LetterText) => byManager((act) => restrictByDuty(act, { policy, reason, letter }))
        const own = { subject: "For [partner]", text: "From [from] something else.\n\n[held]" }
        expect(await codeOf(restrict({ ...own, text: "Not a word of what you hold." }))).toBe("template.field_missing")
        expect(await codeOf(restrict({ ...own, text: "[held] [terms]" }))).toBe("template.field_not_found")
        await restrict(own)
        const [letter] = await lettersOf()
        expect(letter?.subject).toBe("For A partner of validate")
        expect(letter?.text).toMatch(/^From 2025-\d\d-\d\d \d\d:\d\d UTC something else\.\n\nYou hold nothing/)
    })
})

test("a letter that was written on its draft tells what was fetched until it was sent", async () => {
    const written = { subject: "For now", text: "From [from] nothing. [held]" }
    await fetched(its, partner, poc)
    await byManager((act) => suspend(act, { partner: partner.id, reason, letter: written }))
    const text = (await lettersOf())[0]?.text ?? ""
    expect(text).toMatch(/^toolshell:\n- poc\.py, version 1, fetched 2025-/m)
    expect(text).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-/)
})

describe("letters", () => {
    test("are read and answered, once, while suspended; nobody else's are there", async () => {
        await suspended()
        const [letter] = await lettersOf()
        const id = String(letter?.id)
        const answer = (by: Actor, text = "We found an intruder.") =>
            codeOf(its.acting(by, (act) => answerLetter(act, id, text)))
        const other = await newPartner(its, "entry")
        expect(await codeOf(its.acting(other.lead, (act) => ownLetter(act, id)))).toBe("request.not_found")
        expect(await codeOf(its.acting(other.lead, (act) => ownLetter(act, newId())))).toBe("request.not_found")
        expect(await answer(other.lead)).toBe("request.not_found")
        expect(await answer(partner.analyst)).toBe("partner.leads_only")
        expect(await answer(partner.lead, " ")).toBe("letter.bad_text")
        expect(await answer(partner.lead)).toBe("done")
        expect(await answer(partner.lead, "Or not.")).toBe("letter.already_answered")
        expect(await lettersOf()).toMatchObject([{ answer: "We found an intruder.", answeredAt: its.clock.now }])
        expect((await recorded(its.database)).at(-1)).toMatchObject({ kind: "letter.answered", body: { letter: id } })
    })
})

describe("over HTTP", () => {
    async function call(actor: Actor, named: string, asked: Partial<Record<"body" | "params" | "query", object>> = {}) {
        const found = [...measureRoutes, ...letterRoutes, ...ownLetterRoutes].find(
            (one): one is Route<Act> => `${one.method} ${one.path}` === named,
        )
        if (!found) throw new Error(`there is no route ${named}`)
        const input = { body: asked.body ?? {}, params: asked.params ?? {}, query: asked.query ?? {}, credential: null }
        for (const part of ["body", "params", "query"] as const) {
            const schema = found[part]
            if (schema) expect(Check(schema, input[part])).toBe(true)
        }
        const answer = await its.acting(actor, (act) =>
            found.handler({ ...act, ...input } as Act & Input<never, never, never>),
        )
        if (!found.answer || !Check(found.answer, answer)) throw new Error(`${named} answers ${JSON.stringify(answer)}`)
        return answer as Record<string, unknown>
    }

    test("suspended, answered, reinstated", async () => {
        const body = { kind: "interim suspension", partner: partner.id, reason }
        const { measure } = await call(its.investigator, "POST /api/measures", { body })
        const { letters } = await call(partner.lead, "GET /api/letters")
        const [letter] = letters as { id: string; about: object }[]
        expect(letter?.about).toMatchObject({ kind: "interim suspension", endedAt: null })
        expect(JSON.stringify(letters)).not.toContain(reason)
        const params = { id: String(letter?.id) }
        await call(partner.lead, "POST /api/letters/{id}/answer", { params, body: { text: "Nothing noticed." } })
        expect(await call(partner.lead, "GET /api/letters/{id}", { params })).toMatchObject({
            answer: "Nothing noticed.",
        })
        const read = await call(its.manager, "GET /api/measures/{id}", { params: { id: String(measure) } })
        expect(read).toMatchObject({ reason, letters: [{ answer: "Nothing noticed." }] })
        const again = (approval?: unknown) =>
            call(its.manager, "POST /api/measures/reinstate", {
                body: { partner: partner.id, reason, ...(approval !== undefined && { approval }) },
            })
        const { done, approval } = await again()
        expect(done).toBe(false)
        await sign(its, String(approval))
        expect(await again(approval)).toMatchObject({ done: true, approval })
        const { measures } = await call(its.manager, "GET /api/measures", { query: { partner: partner.id } })
        expect(measures).toMatchObject([{ kind: "reinstatement" }, { kind: "interim suspension" }])
    })

    test.each([
        ["investigators restrict nobody", { kind: "restrict", partner: newId() }, "measure.managers_only"],
        ["a suspension is somebody's", { kind: "interim suspension" }, "measure.needs_partner"],
    ])("%s", async (_, body, code) => {
        expect(await codeOf(call(its.investigator, "POST /api/measures", { body: { ...body, reason } }))).toBe(code)
    })

    test("a duty rule is a policy version", async () => {
        const body = { kind: "restrict by duty", reason }
        expect(await codeOf(call(its.manager, "POST /api/measures", { body }))).toBe("measure.needs_policy")
    })
})
