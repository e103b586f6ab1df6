import { generateX25519Identity, identityToRecipient } from "age-encryption"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import {
    type Acting,
    actingOn,
    addAgreementAtOnce,
    awaitRefusalCode,
    createPartnerMember,
    createStaffMember,
    listEvents,
    system,
    testServices,
} from "../../../../test/support/actors.ts"
import { storeAcceptance } from "../../../../test/support/doubles/keys.ts"
import { type TestDatabase, createDatabase, newId } from "../../../../test/support/database.ts"
import { dayMs, hourMs } from "@tocsin/base/instant"
import { lockToRead } from "../../kernel/locks.ts"
import { requestApproval, signApproval } from "../approvals/actions/request-approval.ts"
import { type Effects, hashOf } from "../approvals/approval.ts"
import type { Actor } from "../../kernel/actor.ts"
import { findActor, issueCredential, hashOf as secretHash, signIn } from "../identity/actions/sign-in.ts"
import { listPeople } from "../identity/actions/load-people.ts"
import { acceptAgreement, addAgreement, listAgreements } from "./agreements/actions/accept-agreement.ts"
import {
    addPartner,
    changePartnerStatus,
    changeTier,
    computeChangeEffects,
    setDuties,
    setRestriction,
} from "./actions/change-partner.ts"
import {
    loadAgreementState,
    listFactHistory,
    listPartnerFacts,
    loadPartnerFacts,
    loadNameAndMail,
    listNamesAndMails,
    loadPartnerStatus,
} from "./actions/load-facts.ts"
import { addKey, listKeys, countUsableKeys, listRecipients, revokeKey } from "./keys/actions/manage-keys.ts"
import {
    addMember,
    addMemberAsStaff,
    computeLinkEffects,
    computeMemberEffects,
    removeMember,
    removeMemberAsStaff,
    renewMemberLinkAsStaff,
} from "./roster/actions/manage-roster.ts"
import { type Duty, dutyTable } from "./reporting-duties/reporting-duties.ts"
import { type FactChange, factsAt, combineFacts } from "./facts.ts"
import type { PartnerStatus } from "./partner.ts"

const start = Date.parse("2025-06-23T00:00:00Z")
const clock = { now: start }
const [rmsv, , cra] = dutyTable as [Duty, Duty, Duty]

let database: TestDatabase
let acting: Acting
let olga: Actor & { person: string }
let omar: Actor & { person: string }

beforeAll(async () => {
    database = await createDatabase()
    acting = actingOn(testServices(database, clock), clock)
    olga = await createStaffMember(acting, ["manager"])
    omar = await createStaffMember(acting, ["approver"])
})
afterAll(() => database.close())
beforeEach(() => {
    clock.now += dayMs
})

const partnerNamed = (name: string, status: PartnerStatus = "active") =>
    acting(olga, (ctx) => addPartner(ctx, { name, mail: "psirt@acme.example", tier: "entry", status }))
const factsOf = (id: string, at = clock.now) => acting(olga, (ctx) => loadPartnerFacts(ctx, id, at))
const suspend = (id: string) => acting(olga, (ctx) => changePartnerStatus(ctx, id, "suspended"))
const newRecipient = async () => await identityToRecipient(await generateX25519Identity())

/** Asked for by one, signed by the other. */
async function approve(effects: Effects | null): Promise<string> {
    if (effects === null) throw new Error("one person is enough for this")
    const id = await acting(olga, (ctx) => requestApproval(ctx, effects))
    await acting(omar, (ctx) => signApproval(ctx, id, hashOf(effects)))
    return id
}

const effectsOf = (id: string, change: FactChange) => acting(olga, (ctx) => computeChangeEffects(ctx, id, change))

describe("status", () => {
    test("a suspension takes one person; a second one changes and records nothing", async () => {
        const id = await partnerNamed("Acme")
        await suspend(id)
        const events = (await listEvents(database)).length
        await suspend(id)
        expect(await listEvents(database)).toHaveLength(events)
        expect((await listEvents(database)).at(-1)).toMatchObject({
            kind: "partner.status_changed",
            body: { partner: id, was: "active", status: "suspended", by: olga.person, approval: null },
        })
        expect(await acting(olga, (ctx) => loadPartnerStatus(ctx, id))).toBe("suspended")
    })

    test("reinstatement takes two people, once", async () => {
        const id = await partnerNamed("Acme")
        await suspend(id)
        const back = (approval?: string) => acting(olga, (ctx) => changePartnerStatus(ctx, id, "active", { approval }))
        expect(await awaitRefusalCode(back())).toBe("partner.needs_two_people")
        const approval = await approve(await effectsOf(id, { fact: "status", value: "active" }))
        await back(approval)
        expect((await factsOf(id)).status).toBe("active")
        await suspend(id)
        expect(await awaitRefusalCode(back(approval))).toBe("approval.already_applied")
        expect((await factsOf(id)).status).toBe("suspended")
    })

    test("an approval for another partner is refused, and stays unapplied", async () => {
        const [id, other] = [await partnerNamed("Acme"), await partnerNamed("Globex")]
        await suspend(id)
        await suspend(other)
        const approval = await approve(await effectsOf(other, { fact: "status", value: "active" }))
        const back = (which: string) => acting(olga, (ctx) => changePartnerStatus(ctx, which, "active", { approval }))
        expect(await awaitRefusalCode(back(id))).toBe("approval.effects_exceeded")
        expect(await awaitRefusalCode(back(other))).toBe("done")
    })

    test("a terminated partner returns only with two people; no change is for the past", async () => {
        const id = await partnerNamed("Acme")
        await acting(olga, (ctx) => changePartnerStatus(ctx, id, "terminated"))
        const change = (which: string, from?: number, to: PartnerStatus = "active") =>
            awaitRefusalCode(acting(olga, (ctx) => changePartnerStatus(ctx, which, to, { from })))
        expect(await change(id)).toBe("partner.needs_two_people")
        expect(await change(id, clock.now, "restricted")).toBe("partner.transition_not_allowed")
        expect(await change(id, clock.now - 1)).toBe("partner.from_in_the_past")
        expect(await change(newId())).toBe("partner.not_found")
    })

    test("a planned suspension cannot be undone by one person", async () => {
        const id = await partnerNamed("Acme")
        const from = clock.now + 5 * dayMs
        await acting(olga, (ctx) => changePartnerStatus(ctx, id, "suspended", { from }))
        expect((await factsOf(id, from - 1)).status).toBe("active")
        expect((await factsOf(id, from)).status).toBe("suspended")
        expect(await awaitRefusalCode(acting(olga, (ctx) => changePartnerStatus(ctx, id, "active")))).toBe(
            "partner.needs_two_people",
        )
        expect(await awaitRefusalCode(acting(olga, (ctx) => changePartnerStatus(ctx, id, "restricted")))).toBe(
            "partner.needs_two_people",
        )
    })

    test("a suspension waits for running reads, and applies to every later read", async () => {
        const id = await partnerNamed("Acme")
        const seen: string[] = []
        let letGo = () => undefined as void
        const held = new Promise<void>((resolve) => (letGo = resolve))
        const started = new Promise<void>((resolve) => {
            void acting(system, async (ctx) => {
                await lockToRead(ctx.tx, id)
                resolve()
                await held
                seen.push(await loadPartnerStatus(ctx, id))
            })
        })
        await started
        const suspended = suspend(id).then(() => seen.push("answered"))
        while ((await waitingForLocks()) === 0) await new Promise((resolve) => setTimeout(resolve, 5))
        const later = acting(system, async (ctx) => {
            await lockToRead(ctx.tx, id)
            seen.push(await loadPartnerStatus(ctx, id))
        })
        letGo()
        await Promise.all([suspended, later])
        expect(seen[0]).toBe("active")
        expect(seen.slice(1).toSorted()).toEqual(["answered", "suspended"])
    })
})

async function waitingForLocks(): Promise<number> {
    const [row] = await database.db.transaction((tx) =>
        tx.query<{ count: number }>(
            "select count(*) as count from pg_locks where locktype = 'advisory' and not granted",
        ),
    )
    return row?.count ?? 0
}

describe("tier, duty profile and restriction", () => {
    test("a tier change takes two people, up or down", async () => {
        const id = await partnerNamed("Acme")
        const set = (tier: "entry" | "advance", approval?: string) =>
            acting(olga, (ctx) => changeTier(ctx, id, tier, { approval }))
        expect(await awaitRefusalCode(set("advance"))).toBe("partner.needs_two_people")
        await set("advance", await approve(await effectsOf(id, { fact: "tier", value: "advance" })))
        expect((await factsOf(id)).tier).toBe("advance")
        expect(await awaitRefusalCode(set("entry"))).toBe("partner.needs_two_people")
        await set("entry", await approve(await effectsOf(id, { fact: "tier", value: "entry" })))
        expect((await factsOf(id)).tier).toBe("entry")
        expect(await effectsOf(id, { fact: "tier", value: "entry" })).toBeNull()
    })

    test("one person sets a profile, two relax it; its regimes are recorded, its text is not", async () => {
        const id = await partnerNamed("Acme")
        await acting(olga, (ctx) => setDuties(ctx, id, [rmsv, cra]))
        expect(await factsOf(id)).toMatchObject({ reporting: "always", dutyRegimes: ["RMSV", "CRA"] })
        const event = (await listEvents(database)).at(-1)
        expect(event).toMatchObject({ kind: "partner.duties_set", body: { regimes: ["RMSV", "CRA"] } })
        expect(JSON.stringify(event)).not.toContain(rmsv.source)
        expect(await awaitRefusalCode(acting(olga, (ctx) => setDuties(ctx, id, [cra])))).toBe(
            "partner.needs_two_people",
        )
        const approval = await approve(await effectsOf(id, { fact: "duties", value: [cra] }))
        expect(await awaitRefusalCode(acting(olga, (ctx) => setDuties(ctx, id, [], { approval })))).toBe(
            "approval.effects_exceeded",
        )
        await acting(olga, (ctx) => setDuties(ctx, id, [cra], { approval }))
        expect(await factsOf(id)).toMatchObject({ reporting: "when_exploited", dutyRegimes: ["CRA"] })
    })

    test("one person restricts, two lift the restriction", async () => {
        const id = await partnerNamed("Acme")
        const restriction = { withhold: ["poc", "repro"], notBeforePublication: true, cases: null }
        const because = newId()
        await acting(olga, (ctx) => setRestriction(ctx, id, restriction, { measure: because }))
        expect((await factsOf(id)).restriction).toEqual(restriction)
        const lift = (approval?: string) =>
            acting(olga, (ctx) => setRestriction(ctx, id, null, { approval, measure: because }))
        expect(await awaitRefusalCode(lift())).toBe("partner.needs_two_people")
        await lift(await approve(await effectsOf(id, { fact: "restriction", value: null })))
        expect((await factsOf(id)).restriction).toBeNull()
        expect((await listEvents(database)).filter((item) => item.body["measure"] === because)).toMatchObject([
            { kind: "partner.restricted", body: { withhold: ["poc", "repro"], notBeforePublication: true } },
            { kind: "partner.restriction_lifted", body: { partner: id } },
        ])
    })
})

describe("facts", () => {
    test("any past instant can be replayed, for one partner or all", async () => {
        const before = clock.now - 1
        const id = await partnerNamed("Acme")
        const other = await partnerNamed("Globex")
        const instants = [before]
        for (const step of [
            () => acting(olga, (ctx) => setDuties(ctx, id, [cra])),
            () => suspend(other),
            () => acting(olga, (ctx) => setDuties(ctx, id, [cra, rmsv])),
            () => acting(olga, (ctx) => changePartnerStatus(ctx, id, "restricted", { from: clock.now + 3 * dayMs })),
        ]) {
            clock.now += hourMs
            await step()
            instants.push(clock.now - 1, clock.now)
        }
        for (const instant of [...instants, clock.now + 3 * dayMs - 1, clock.now + 3 * dayMs]) {
            const partners = await acting(olga, (ctx) => listPartnerFacts(ctx, instant))
            for (const partner of [id, other]) {
                const folded = factsAt(await acting(olga, (ctx) => listFactHistory(ctx, partner)), instant)
                const nothing = {
                    advanceConsents: [],
                    eligibleSince: null,
                    longestEmbargoDays: null,
                    longestOfferedDays: null,
                }
                const expected = folded && combineFacts(partner, folded, { agreement: "none", overdue: [], ...nothing })
                expect(partners.find((item) => item.partner === partner) ?? null).toEqual(expected)
                if (expected) expect(await factsOf(partner, instant)).toEqual(expected)
                else expect(await awaitRefusalCode(factsOf(partner, instant))).toBe("partner.not_found")
            }
        }
    })

    test("reading all partners takes as many statements as reading one", async () => {
        const counted = async (work: typeof listPartnerFacts) => {
            let statements = 0
            const facts = await acting(olga, (ctx) => {
                const query: typeof ctx.tx.query = (sql, values) => {
                    statements++
                    return ctx.tx.query(sql, values)
                }
                return work({ ...ctx, tx: { ...ctx.tx, query } }, clock.now)
            })
            return { statements, partners: facts.length }
        }
        const { statements, partners } = await counted(listPartnerFacts)
        expect(partners).toBeGreaterThan(5)
        expect(statements).toBe(2)
    })

    test("names are encrypted in the database, and readable for the operator", async () => {
        const id = await partnerNamed("Initech Secrets")
        expect((await acting(olga, listNamesAndMails)).get(id)).toEqual({
            name: "Initech Secrets",
            mail: "psirt@acme.example",
        })
        expect(await acting(olga, (ctx) => loadNameAndMail(ctx, id))).toMatchObject({ name: "Initech Secrets" })
        const rows = await database.db.transaction((tx) =>
            tx.query<{ details_ciphertext: Buffer }>("select details_ciphertext from partners where id = $1", [id]),
        )
        expect(rows[0]?.details_ciphertext.includes("Initech")).toBe(false)
        expect(JSON.stringify(await listEvents(database))).not.toContain("Initech")
    })
})

describe("agreements", () => {
    test("the first one takes two once a partner has joined, as released content may open with it", async () => {
        await partnerNamed("Acme")
        const first = (longestEmbargoDays: number) =>
            acting(olga, (ctx) => addAgreement(ctx, "No offensive use.", 30, [], { longestEmbargoDays }))
        expect(await awaitRefusalCode(first(90))).toBe("partner.needs_two_people")
    })

    test("a lead accepts the newest for a term; a newer one or the end of the term ends it", async () => {
        const first = await acting(olga, (ctx) =>
            addAgreement(ctx, "No offensive use.", 30, [], { longestEmbargoDays: 0 }),
        )
        const id = await partnerNamed("Acme")
        const lead = await createPartnerMember(acting, id, ["lead"])
        const state = (at = clock.now) => acting(olga, (ctx) => loadAgreementState(ctx, id, at))
        expect(await state()).toBe("none")
        const accepted = await acting(lead, (ctx) => acceptAgreement(ctx, first))
        expect(accepted).toMatchObject({ partner: id, person: lead.person, endsAt: clock.now + 30 * dayMs })
        expect(await state()).toBe("accepted")
        expect((await factsOf(id)).agreement).toBe("accepted")
        expect(await state(clock.now + 30 * dayMs - 1)).toBe("accepted")
        expect(await state(clock.now + 30 * dayMs)).toBe("expired")
        clock.now += dayMs
        const second = await acting(olga, (ctx) => addAgreementAtOnce(ctx, "No offensive use at all.", null, [], 0))
        expect(await state(clock.now - 1)).toBe("accepted")
        expect(await state()).toBe("expired")
        expect(await awaitRefusalCode(acting(lead, (ctx) => acceptAgreement(ctx, first)))).toBe("agreement.not_newest")
        await acting(lead, (ctx) => acceptAgreement(ctx, second))
        const events = (await listEvents(database)).length
        clock.now += 900 * dayMs
        await acting(lead, (ctx) => acceptAgreement(ctx, second))
        expect(await listEvents(database)).toHaveLength(events)
        expect(await state()).toBe("accepted")
        const list = await acting(lead, listAgreements)
        expect(list.map((agreement) => [agreement.version, agreement.termDays])).toEqual([
            [first, 30],
            [second, null],
        ])
    })

    test("an unknown version is not found, and only leads accept", async () => {
        const id = await partnerNamed("Acme")
        const [lead, analyst] = [
            await createPartnerMember(acting, id, ["lead"]),
            await createPartnerMember(acting, id, ["analyst"]),
        ]
        expect(await awaitRefusalCode(acting(lead, (ctx) => acceptAgreement(ctx, 999)))).toBe("agreement.not_found")
        for (const actor of [analyst, olga]) {
            expect(await awaitRefusalCode(acting(actor, (ctx) => acceptAgreement(ctx, 1)))).toBe("partner.leads_only")
        }
    })
})

describe("keys", () => {
    test("the first is usable at once, the next once accepted, a revoked one never again", async () => {
        const id = await partnerNamed("Acme")
        const lead = await createPartnerMember(acting, id, ["lead"])
        const [first, second] = [await newRecipient(), await newRecipient()]
        const usable = (at = clock.now) => acting(system, (ctx) => listRecipients(ctx, id, at))
        const key = await acting(lead, (ctx) => addKey(ctx, first))
        expect(await usable()).toEqual([first])
        clock.now += hourMs
        const later = await acting(lead, (ctx) => addKey(ctx, second))
        expect(await usable(clock.now + 9 * dayMs)).toEqual([first])
        await acting(olga, (ctx) => storeAcceptance(ctx, later))
        expect(await usable(clock.now + dayMs - 1)).toEqual([first])
        expect(await usable(clock.now + dayMs)).toEqual([first, second])
        clock.now += dayMs
        expect((await acting(olga, countUsableKeys)).get(id)).toBe(2)
        await acting(lead, (ctx) => revokeKey(ctx, key.id))
        await acting(lead, (ctx) => revokeKey(ctx, key.id))
        expect(await usable()).toEqual([second])
        expect(await awaitRefusalCode(acting(lead, (ctx) => addKey(ctx, first)))).toBe("key.already_added")
        expect(await acting(lead, (ctx) => listKeys(ctx, id))).toHaveLength(2)
        const notified = (await listEvents(database)).filter(
            (item) => item.kind.startsWith("key.") && item.body["partner"] === id,
        )
        expect(notified.map((item) => [item.kind, item.body["first"]])).toEqual([
            ["key.added", true],
            ["key.added", false],
            ["key.accepted", undefined],
            ["key.revoked", undefined],
        ])
    })

    test("another partner's key is refused like any key, and recorded for the operator", async () => {
        const [id, other] = [await partnerNamed("Acme"), await partnerNamed("Globex")]
        const [lead, stranger] = [
            await createPartnerMember(acting, id, ["lead"]),
            await createPartnerMember(acting, other, ["lead"]),
        ]
        const recipient = await newRecipient()
        const key = await acting(lead, (ctx) => addKey(ctx, recipient))
        expect(await awaitRefusalCode(acting(stranger, (ctx) => addKey(ctx, recipient)))).toBe("done")
        expect((await listEvents(database)).at(-1)?.body).toMatchObject({ partner: other, elsewhere: true })
        expect(await awaitRefusalCode(acting(stranger, (ctx) => revokeKey(ctx, key.id)))).toBe("key.not_found")
        expect(await awaitRefusalCode(acting(stranger, (ctx) => revokeKey(ctx, newId())))).toBe("key.not_found")
        expect(await acting(system, (ctx) => listRecipients(ctx, id, clock.now))).toEqual([recipient])
    })

    test("four are the limit, also concurrently, and invalid ones are refused", async () => {
        const id = await partnerNamed("Acme")
        const lead = await createPartnerMember(acting, id, ["lead"])
        const analyst = await createPartnerMember(acting, id, ["analyst"])
        const attempts = Array.from({ length: 8 }, () =>
            awaitRefusalCode(acting(lead, async (ctx) => addKey(ctx, await newRecipient()))),
        )
        expect((await Promise.all(attempts)).toSorted()).toEqual([
            ...Array.from({ length: 4 }, () => "done"),
            ...Array.from({ length: 4 }, () => "key.too_many"),
        ])
        for (const bad of ["", "age1", "AGE-SECRET-KEY-1", (await newRecipient()).toUpperCase()]) {
            expect(await awaitRefusalCode(acting(lead, (ctx) => addKey(ctx, bad)))).toBe("seal.bad_recipient")
        }
        expect(await awaitRefusalCode(acting(analyst, async (ctx) => addKey(ctx, await newRecipient())))).toBe(
            "partner.leads_only",
        )
    })
})

describe("the roster", () => {
    const eve = { name: "Eve", mail: "eve@acme.example", roles: ["analyst"] as const }

    test("an analyst added by a lead can sign in, and loses all access on leaving", async () => {
        const id = await partnerNamed("Acme")
        const lead = await createPartnerMember(acting, id, ["lead"])
        const { person } = await acting(lead, (ctx) => addMember(ctx, eve))
        const token = secretHash(await acting(system, (ctx) => issueCredential(ctx, person, "token")))
        const ask = () => acting(system, (ctx) => findActor(ctx.tx, "portal", token, clock.now))
        expect(await ask()).toMatchObject({ person, partner: id })
        await acting(lead, (ctx) => removeMember(ctx, person))
        expect(await ask()).toBeNull()
        const roster = await acting(lead, (ctx) => listPeople(ctx, id))
        expect(new Set(roster.map((person) => person.leftAt))).toEqual(new Set([null, clock.now]))
    })

    test("a lead cannot add or remove a lead, or reach persons of another partner", async () => {
        const [id, other] = [await partnerNamed("Acme"), await partnerNamed("Globex")]
        const [lead, equal] = [
            await createPartnerMember(acting, id, ["lead"]),
            await createPartnerMember(acting, id, ["lead"]),
        ]
        const foreign = await createPartnerMember(acting, other, ["analyst"])
        const remove = (person: string) => awaitRefusalCode(acting(lead, (ctx) => removeMember(ctx, person)))
        expect(await awaitRefusalCode(acting(lead, (ctx) => addMember(ctx, { ...eve, roles: ["lead"] })))).toBe(
            "partner.leads_managed_by_operator",
        )
        expect(await remove(equal.person)).toBe("partner.leads_managed_by_operator")
        expect(await remove(foreign.person)).toBe("partner.person_not_found")
        expect(await remove(olga.person)).toBe("partner.person_not_found")
        expect(await remove(newId())).toBe("partner.person_not_found")
        expect(await awaitRefusalCode(acting(olga, (ctx) => removeMemberAsStaff(ctx, other, lead.person)))).toBe(
            "partner.person_not_found",
        )
        expect(await awaitRefusalCode(acting(olga, (ctx) => removeMemberAsStaff(ctx, id, equal.person)))).toBe("done")
    })

    test("adding a person by the operator takes two, before and after the partner joined", async () => {
        const [joining, active] = [await partnerNamed("Acme", "invited"), await partnerNamed("Globex")]
        const add = (partner: string, approval?: string, name = "Eve") =>
            acting(olga, (ctx) => addMemberAsStaff(ctx, partner, { ...eve, name, roles: ["lead"] }, approval))
        expect(await awaitRefusalCode(add(joining))).toBe("partner.needs_two_people")
        expect(await awaitRefusalCode(add(active))).toBe("partner.needs_two_people")
        const effects = await acting(olga, (ctx) => computeMemberEffects(ctx, active, { ...eve, roles: ["lead"] }))
        const approval = await approve(effects)
        expect(await awaitRefusalCode(add(active, approval, "Mallory"))).toBe("approval.effects_exceeded")
        expect(await awaitRefusalCode(add(active, approval))).toBe("done")
        expect(await awaitRefusalCode(add(active, approval))).toBe("approval.already_applied")
        await suspend(active)
        expect(await awaitRefusalCode(add(active))).toBe("partner.needs_two_people")
        expect(await awaitRefusalCode(add(newId()))).toBe("partner.not_found")
    })

    test("renewing a link by the operator takes two, before and after the partner joined", async () => {
        const [joining, active] = [await partnerNamed("Initech", "invited"), await partnerNamed("Umbra")]
        for (const partner of [joining, active]) {
            const lead = await createPartnerMember(acting, partner, ["lead"])
            const renewal = { partner, person: lead.person, isUrgent: true }
            const renew = (approval?: string) => acting(olga, (ctx) => renewMemberLinkAsStaff(ctx, renewal, approval))
            const before = await acting(system, (ctx) => issueCredential(ctx, lead.person, "link"))
            expect(await awaitRefusalCode(renew())).toBe("partner.needs_two_people")
            const approval = await approve(await acting(olga, (ctx) => computeLinkEffects(ctx, renewal)))
            expect(await awaitRefusalCode(renew(approval))).toBe("done")
            expect(await awaitRefusalCode(renew(approval))).toBe("approval.already_applied")
            expect(await awaitRefusalCode(acting(system, (ctx) => signIn(ctx, "portal", before)))).toBe(
                "identity.bad_link",
            )
        }
        const others = await createPartnerMember(acting, active, ["lead"])
        const foreign = { partner: joining, person: others.person, isUrgent: true }
        expect(await awaitRefusalCode(acting(olga, (ctx) => renewMemberLinkAsStaff(ctx, foreign)))).toBe(
            "partner.person_not_found",
        )
    })
})
