/** Tests embargo negotiation on a real database: proposals, invitations, triggers and tasks. */
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { addAgreementAtOnce, awaitRefusalCode, createStaffMember, listEvents } from "../../../../test/support/actors.ts"
import { newId } from "../../../../test/support/database.ts"
import { type Program, newCase, newPartner, createProgram } from "../../../../test/support/program.ts"
import { type Instant, dayMs, hourMs } from "@tocsin/base/instant"
import type { ActionContext } from "../../kernel/action-context.ts"
import { acceptAgreement } from "../../trust/partners/agreements/actions/accept-agreement.ts"
import { changePartnerStatus } from "../../trust/partners/actions/change-partner.ts"
import { loadCaseFile } from "./actions/load-case.ts"
import { closeCase } from "./actions/close-case.ts"
import { linkCases } from "./actions/link-cases.ts"
import { openCase, setPermission } from "./actions/open-case.ts"
import { listCaseFacts } from "./actions/load-case-facts.ts"
import {
    answerInvitation,
    listConsents,
    exitEmbargo,
    listInvitations,
    inviteToEmbargo,
    listInformedPartners,
    listPartnersToInvite,
} from "./actions/answer-invitation.ts"
import {
    acceptProposal,
    agreeEmbargo,
    terminateEmbargo,
    listEmbargoDecisions,
    moveEmbargo,
    proposeAsPartner,
    proposeEmbargo,
    proposeTermination,
    proposeTerminationIfRunning,
    rejectProposal,
} from "./actions/negotiate-embargo.ts"
import {
    addParty,
    answerBySecret,
    exitBySecret,
    loadInvitationBySecret,
    inviteParty,
    loadParties,
    proposeBySecret,
    renewSecret,
} from "./actions/manage-parties.ts"
import { stateOf } from "./embargo.ts"

let world: Program
beforeAll(async () => {
    world = await createProgram()
})
afterAll(async () => await world.database.close())

const inDays = (days: number): Instant => world.clock.now + days * dayMs
const byAuthor = <T>(work: (ctx: ActionContext) => Promise<T>) => world.acting(world.author, work)
const openTestCase = async (days: number | null = 30) =>
    await byAuthor(async (ctx) => {
        const vulnerabilities = [
            {
                cve: "CVE-2025-1000",
                cwe: "CWE-94",
                products: [],
                score: 8.8,
                vector: "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H",
            },
        ]
        const id = await openCase(ctx, { title: "A flaw", vulnerabilities, finder: "somebody" })
        if (days !== null) await agreeEmbargo(ctx, id, inDays(days))
        return id
    })
const file = (id: string) => byAuthor((ctx) => loadCaseFile(ctx, id))
const stateNow = async (id: string) => stateOf((await file(id)).embargo, world.clock.now)
const invite = (id: string, partner: string) => byAuthor((ctx) => inviteToEmbargo(ctx, id, partner))
const stateFor = async (id: string, partner: string, at = world.clock.now) =>
    await byAuthor(async (ctx) =>
        (await listCaseFacts(ctx, id, at))[0]?.consentOf(partner, { longestEmbargoDays: 365, advanceConsents: [] }),
    )
const kindsSince = async (seq: number) => (await listEvents(world.database, seq)).map(({ kind }) => kind)
const lastSeq = async () => (await listEvents(world.database)).length

describe("a negotiation", () => {
    test("takes proposals of partners and external parties; the shortest wins, the others stay open", async () => {
        const id = await openTestCase(null)
        const partner = await newPartner(world, "validate")
        const finder = { role: "finder", name: "Ada", contact: "ada@finder.example" } as const
        const party = await byAuthor((ctx) => addParty(ctx, id, finder))
        await byAuthor((ctx) => proposeEmbargo(ctx, id, inDays(45)))
        await invite(id, partner.id)
        const secret = await byAuthor((ctx) => inviteParty(ctx, id, party))
        await world.acting(partner.lead, (ctx) => proposeAsPartner(ctx, id, inDays(60)))
        await world.acting(partner.lead, (ctx) => proposeBySecret(ctx, secret, inDays(30)))
        expect((await file(id)).embargo).toMatchObject([
            { kind: "proposed", by: null },
            { kind: "proposed", by: partner.id },
            { kind: "proposed", by: party },
        ])
        expect(await awaitRefusalCode(byAuthor((ctx) => acceptProposal(ctx, id, 0)))).toBe("embargo.shorter_proposed")
        await byAuthor((ctx) => agreeEmbargo(ctx, id, null))
        expect((await file(id)).publication).toBe(inDays(30))
        expect(await stateNow(id)).toBe("revise")
        await byAuthor((ctx) => rejectProposal(ctx, id, 0, "too long for the finder"))
        expect((await file(id)).embargo.at(-1)).toMatchObject({ kind: "rejected", reason: "too long for the finder" })
        await byAuthor((ctx) => acceptProposal(ctx, id, 1))
        expect((await file(id)).publication).toBe(inDays(60))
        expect(await stateNow(id)).toBe("active")
    })

    test("takes proposals only from invited parties that neither declined nor left", async () => {
        const id = await openTestCase()
        const partner = await newPartner(world, "validate")
        const propose = () =>
            awaitRefusalCode(world.acting(partner.lead, (ctx) => proposeAsPartner(ctx, id, inDays(20))))
        expect(await propose()).toBe("case.not_found")
        await invite(id, partner.id)
        expect(await propose()).toBe("done")
        await world.acting(partner.lead, (ctx) => answerInvitation(ctx, id, false))
        expect(await propose()).toBe("consent.not_participating")
        expect(await awaitRefusalCode(byAuthor((ctx) => proposeAsPartner(ctx, id, inDays(20))))).toBe(
            "consent.not_invited",
        )
    })

    test("counts a yes before an agreement as one to the earliest proposal", async () => {
        const id = await openTestCase(null)
        const [early, late] = [await newPartner(world, "validate"), await newPartner(world, "validate")]
        await byAuthor((ctx) => proposeEmbargo(ctx, id, inDays(20)))
        for (const partner of [early, late]) {
            await invite(id, partner.id)
            await world.acting(partner.lead, (ctx) => answerInvitation(ctx, id, true))
        }
        await byAuthor((ctx) => rejectProposal(ctx, id, 0, ""))
        await byAuthor((ctx) => agreeEmbargo(ctx, id, inDays(25)))
        expect(await stateFor(id, early.id)).toBe("invited")
        await world.acting(early.lead, (ctx) => answerInvitation(ctx, id, true))
        expect(await stateFor(id, early.id)).toBe("signatory")
    })

    test("has nothing to accept once all proposals are rejected", async () => {
        const id = await openTestCase(null)
        const partner = await newPartner(world, "validate")
        await byAuthor((ctx) => proposeEmbargo(ctx, id, inDays(20)))
        await invite(id, partner.id)
        await byAuthor((ctx) => rejectProposal(ctx, id, 0, ""))
        const answer = world.acting(partner.lead, (ctx) => answerInvitation(ctx, id, true))
        expect(await awaitRefusalCode(answer)).toBe("consent.no_end_proposed")
    })
})

describe("a tier that is invited early", () => {
    test("is invited as a whole, except partners already invited or without case access", async () => {
        const other = await createProgram()
        const { acting, author, manager, clock, database } = other
        const [first, second, away] = [
            await newPartner(other, "validate"),
            await newPartner(other, "validate"),
            await newPartner(other, "validate"),
        ]
        await newPartner(other, "entry")
        await acting(manager, (ctx) => changePartnerStatus(ctx, away.id, "suspended", { measure: newId() }))
        const id = await newCase(other, "toolshell")
        await acting(author, (ctx) => inviteToEmbargo(ctx, id, first.id))
        const open = () => acting(author, (ctx) => listPartnersToInvite(ctx, id, "validate"))
        expect(await open()).toEqual([second.id])
        await acting(author, (ctx) => inviteToEmbargo(ctx, id, second.id))
        expect(await open()).toEqual([])
        const refused = await awaitRefusalCode(acting(author, (ctx) => inviteToEmbargo(ctx, id, away.id)))
        expect(refused).toBe("consent.no_case_access")
        const onesConsents = await acting(author, (ctx) => listConsents(ctx, id))
        expect(onesConsents.map(({ partner }) => partner)).toEqual([first.id, second.id])
        expect(onesConsents[1]?.history).toEqual([{ kind: "invited", at: clock.now, answerBy: clock.now + 7 * dayMs }])
        await database.close()
    })
})

describe("a moved end", () => {
    test("invites signatories of a shorter end again when later, and no partner when earlier", async () => {
        const signed = await newPartner(world, "validate")
        const declined = await newPartner(world, "validate")
        const away = await newPartner(world, "validate")
        const untouched = await newPartner(world, "validate")
        const id = await openTestCase(30)
        for (const partner of [signed, declined, away]) await invite(id, partner.id)
        for (const partner of [signed, away]) await world.acting(partner.lead, (ctx) => answerInvitation(ctx, id, true))
        await world.acting(declined.lead, (ctx) => answerInvitation(ctx, id, false))
        await world.acting(world.manager, (ctx) => changePartnerStatus(ctx, away.id, "suspended", { measure: newId() }))
        let seq = await lastSeq()
        await byAuthor((ctx) => moveEmbargo(ctx, id, inDays(20), "ready"))
        await byAuthor((ctx) => moveEmbargo(ctx, id, inDays(30), "not ready"))
        expect(await kindsSince(seq)).toEqual(["embargo.moved", "embargo.moved"])
        seq = await lastSeq()
        await byAuthor((ctx) => moveEmbargo(ctx, id, inDays(31), "not ready"))
        expect(await listEvents(world.database, seq)).toMatchObject([
            { kind: "embargo.moved", body: { case: id } },
            { kind: "consent.invited", body: { case: id, partner: signed.id, cause: "expired" } },
        ])
        expect(await stateFor(id, signed.id)).toBe("invited")
        expect(await stateFor(id, declined.id)).toBe("declined")
        expect(await stateFor(id, away.id)).toBe("expired")
        expect(await stateFor(id, untouched.id)).toBe("signatory")
    })

    test("asks advance signatories about a longer embargo, and judges each instant by its own terms", async () => {
        const other = await createProgram()
        const { acting, author, manager, clock } = other
        const [item, two] = [await newPartner(other, "entry"), await newPartner(other, "entry")]
        await acting(manager, (ctx) => addAgreementAtOnce(ctx, "Two weeks at most. ".repeat(10), null, [], 14))
        for (const { lead } of [item, two]) await acting(lead, (ctx) => acceptAgreement(ctx, 2))
        const id = await acting(author, async (ctx) => {
            const vulnerabilities = [
                {
                    cve: "CVE-2025-1000",
                    cwe: "CWE-94",
                    products: [],
                    score: 8.8,
                    vector: "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H",
                },
            ]
            const value = await openCase(ctx, { title: "A flaw", vulnerabilities, finder: "" })
            await agreeEmbargo(ctx, value, clock.now + 14 * dayMs)
            return value
        })
        const agreed = clock.now
        const at = (partner: string, instant: Instant) =>
            acting(author, async (ctx) =>
                (await listCaseFacts(ctx, id, instant))[0]?.consentOf(partner, {
                    longestEmbargoDays: 14,
                    advanceConsents: [],
                }),
            )
        expect(await at(item.id, clock.now)).toBe("signatory")
        clock.now += dayMs
        await acting(author, (ctx) => moveEmbargo(ctx, id, agreed + 15 * dayMs, "a day more"))
        expect(await at(item.id, clock.now)).toBe("invited")
        expect(await at(item.id, clock.now - 1)).toBe("signatory")
        await acting(two.lead, (ctx) => answerInvitation(ctx, id, true))
        expect(
            (await acting(author, (ctx) => listConsents(ctx, id))).map(({ partner, state }) => [partner, state]),
        ).toEqual(
            expect.arrayContaining([
                [item.id, "invited"],
                [two.id, "signatory"],
            ]),
        )
        await other.database.close()
    })
})

describe("leaving an embargo", () => {
    test("affects one party: the embargo continues, and adherence shows who left early", async () => {
        const [partner, status] = [await newPartner(world, "validate"), await newPartner(world, "validate")]
        const id = await openTestCase(30)
        await invite(id, partner.id)
        await world.acting(partner.lead, (ctx) => answerInvitation(ctx, id, true))
        expect((await byAuthor((ctx) => listConsents(ctx, id)))[0]?.adherence).toEqual({
            state: "adhering",
            until: inDays(30),
            exitedAt: null,
        })
        for (const item of [partner, status]) await world.acting(item.lead, (ctx) => exitEmbargo(ctx, id))
        const found = (await byAuthor((ctx) => listConsents(ctx, id))).map(({ state, adherence }) => [
            state,
            adherence.state,
        ])
        expect(found).toEqual([
            ["declined", "exited"],
            ["declined", "exited"],
        ])
        expect(await stateNow(id)).toBe("active")
        expect(await awaitRefusalCode(world.acting(status.lead, (ctx) => exitEmbargo(ctx, id)))).toBe(
            "consent.not_signatory",
        )
    })
})

describe("a termination trigger", () => {
    test("creates one proposal with owner and deadline, which lapses to the running terms", async () => {
        const other = await createStaffMember(world.acting, ["author"])
        const id = await openTestCase(30)
        const seq = await lastSeq()
        await byAuthor((ctx) => proposeTerminationIfRunning(ctx, id, "exploitation"))
        await byAuthor((ctx) => proposeTerminationIfRunning(ctx, id, "exploitation"))
        await byAuthor((ctx) =>
            proposeTermination(ctx, id, { trigger: "leak", owner: other.person, withinMs: 24 * hourMs }),
        )
        const owner = world.author.person
        expect(await listEvents(world.database, seq)).toMatchObject([
            {
                kind: "embargo.termination_proposed",
                body: { case: id, owner, endsAt: inDays(2) },
            },
            {
                kind: "embargo.termination_proposed",
                body: { owner: other.person, endsAt: inDays(1) },
            },
        ])
        const due = async () => (await byAuthor(listEmbargoDecisions)).filter((decision) => decision.case === id)
        const lapsesTo = inDays(30)
        expect(await due()).toMatchObject([
            { n: 2, terminationProposal: { trigger: "leak" }, expiresAt: inDays(1), endIfExpired: lapsesTo },
            {
                n: 1,
                terminationProposal: { trigger: "exploitation", owner },
                expiresAt: inDays(2),
                endIfExpired: lapsesTo,
            },
        ])
        world.clock.now += dayMs
        expect((await due()).map((decision) => decision.n)).toEqual([1])
        world.clock.now += dayMs
        expect(await due()).toEqual([])
        expect([await stateNow(id), (await file(id)).publication]).toEqual(["active", lapsesTo])
    })

    test("creates a proposal owned by a staff member", async () => {
        const id = await openTestCase(30)
        const { lead } = await newPartner(world, "entry")
        for (const owner of [newId(), lead.person]) {
            const proposed = byAuthor((ctx) => proposeTermination(ctx, id, { trigger: "leak", owner }))
            expect(await awaitRefusalCode(proposed)).toBe("embargo.bad_owner")
        }
    })

    test("ends the embargo at the proposed end when a person accepts", async () => {
        const id = await openTestCase(30)
        await byAuthor((ctx) => proposeTermination(ctx, id, { trigger: "public_proof_of_concept" }))
        await byAuthor((ctx) => acceptProposal(ctx, id, 1))
        expect((await file(id)).publication).toBe(inDays(2))
    })

    test("creates no proposal when nothing is secret", async () => {
        const [none, broken, closed] = [await openTestCase(null), await openTestCase(), await openTestCase()]
        await byAuthor((ctx) => terminateEmbargo(ctx, broken, "leaked"))
        await byAuthor((ctx) => closeCase(ctx, closed, "cancelled", "no flaw"))
        const seq = await lastSeq()
        for (const id of [none, broken, closed]) await byAuthor((ctx) => proposeTerminationIfRunning(ctx, id, "leak"))
        expect(await kindsSince(seq)).toEqual([])
    })
})

describe("an external party", () => {
    const vendor = { role: "vendor", name: "Birch", contact: "psirt@birch.example" } as const

    test("acts by its secret, sees only the embargo, and answers for itself", async () => {
        const id = await openTestCase(30)
        const party = await byAuthor((ctx) => addParty(ctx, id, vendor))
        expect(await byAuthor((ctx) => loadParties(ctx, id))).toMatchObject([{ ...vendor, id: party }])
        expect(await awaitRefusalCode(byAuthor((ctx) => renewSecret(ctx, id, party)))).toBe("party.not_invited")
        const lost = await byAuthor((ctx) => inviteParty(ctx, id, party))
        const secret = await byAuthor((ctx) => renewSecret(ctx, id, party))
        const bySecret = <T>(work: (ctx: ActionContext, secret: string) => Promise<T>, it = secret) =>
            byAuthor((ctx) => work(ctx, it))
        expect(await awaitRefusalCode(bySecret(loadInvitationBySecret, lost))).toBe("party.not_found")
        const invitation = await bySecret(loadInvitationBySecret)
        expect(invitation).toMatchObject({ state: "invited", publication: inDays(30), history: [{ kind: "agreed" }] })
        const seq = await lastSeq()
        await bySecret((ctx, it) => answerBySecret(ctx, it, true))
        await bySecret((ctx, it) => proposeBySecret(ctx, it, inDays(10)))
        await bySecret(exitBySecret)
        expect(await listEvents(world.database, seq)).toMatchObject([
            { kind: "consent.answered", body: { party, partner: null, accepts: true, by: null, step: "party" } },
            { kind: "embargo.proposed", body: { party, partner: null } },
            { kind: "consent.exited", body: { party } },
        ])
        expect((await bySecret(loadInvitationBySecret)).state).toBe("declined")
        expect(await byAuthor((ctx) => listInformedPartners(ctx, id))).toEqual([])
    })

    test("is not invited before it is added, nor twice, and needs a valid name", async () => {
        const id = await openTestCase(30)
        expect(await awaitRefusalCode(byAuthor((ctx) => inviteParty(ctx, id, newId())))).toBe("party.not_found")
        const party = await byAuthor((ctx) => addParty(ctx, id, vendor))
        await byAuthor((ctx) => inviteParty(ctx, id, party))
        expect(await awaitRefusalCode(byAuthor((ctx) => inviteParty(ctx, id, party)))).toBe("consent.already_invited")
        for (const wrong of [{ name: " " }, { contact: "a\nb" }, { name: "x".repeat(301) }]) {
            expect(await awaitRefusalCode(byAuthor((ctx) => addParty(ctx, id, { ...vendor, ...wrong })))).toBe(
                "party.bad_details",
            )
        }
    })

    test("appears in no event and no row by name or contact", async () => {
        const id = await openTestCase(30)
        await byAuthor((ctx) => addParty(ctx, id, { ...vendor, name: "Quietly Named", contact: "quiet@q.example" }))
        const rows = await world.database.db.transaction((tx) =>
            tx.query<{ text: string }>(
                `select encode(details_ciphertext, 'escape') as text from external_parties union all select body::text
                    from events`,
            ),
        )
        expect(rows.length).toBeGreaterThan(1)
        expect(JSON.stringify(rows)).not.toMatch(/Quietly|quiet@q/)
    })
})

describe("a closed case", () => {
    test("takes no entry, invitation or answer, and cannot be closed twice", async () => {
        const id = await openTestCase(30)
        const partner = await newPartner(world, "validate")
        await invite(id, partner.id)
        await byAuthor((ctx) => closeCase(ctx, id, "cancelled", "no flaw after all"))
        const attempts = [
            () => byAuthor((ctx) => moveEmbargo(ctx, id, inDays(20), "")),
            () => byAuthor((ctx) => inviteToEmbargo(ctx, id, partner.id)),
            () => world.acting(partner.lead, (ctx) => answerInvitation(ctx, id, true)),
            () => byAuthor((ctx) => closeCase(ctx, id, "cancelled", "again")),
            () => byAuthor((ctx) => setPermission(ctx, id, { deployment: "allowed", text: "Anything." })),
        ]
        for (const each of attempts) expect(await awaitRefusalCode(each())).toBe("case.closed")
        expect(await world.acting(partner.lead, (ctx) => listInvitations(ctx, partner.id))).toMatchObject([
            { state: "invited", closedAt: world.clock.now },
        ])
        expect((await file(id)).closure).toEqual({ kind: "cancelled", at: world.clock.now })
    })
})

describe("a link", () => {
    test("that would make a loop is refused with its path", async () => {
        const [a, b, c] = [await openTestCase(null), await openTestCase(null), await openTestCase(null)]
        await byAuthor((ctx) => linkCases(ctx, b, a, "bypass_of"))
        await byAuthor((ctx) => linkCases(ctx, c, b, "variant_of"))
        const loop = byAuthor((ctx) => linkCases(ctx, a, c, "bypass_of"))
        await expect(loop).rejects.toMatchObject({
            code: "case.link_loop",
            message: `a case cannot descend from itself: \`${a}\` → \`${c}\` → \`${b}\` → \`${a}\``,
        })
        expect(await awaitRefusalCode(byAuthor((ctx) => linkCases(ctx, a, a, "bypass_of")))).toBe("case.link_loop")
    })
})
