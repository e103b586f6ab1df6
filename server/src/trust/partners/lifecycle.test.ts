/** Tests requirements, mailbox verification, tier proposals and applications on a real database. */
import { writeRows } from "../../../../test/support/change-notes.ts"
import { storeAcceptance } from "../../../../test/support/doubles/keys.ts"
import { generateX25519Identity, identityToRecipient } from "age-encryption"
import { silentLog } from "../../platform/log/log.ts"
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
import { type TestDatabase, createDatabase, newId } from "../../../../test/support/database.ts"
import { dayMs, hourMs } from "@tocsin/base/instant"
import type { Services } from "../../kernel/services.ts"
import type { Message } from "../../platform/mail/mail.ts"
import { requestApproval, signApproval } from "../approvals/actions/request-approval.ts"
import { hashOf } from "../approvals/approval.ts"
import type { ActionContext } from "../../kernel/action-context.ts"
import type { Actor } from "../../kernel/actor.ts"
import { removePerson } from "../identity/actions/manage-people.ts"
import { rejectionsMax, attemptsMax } from "../mail/message.ts"
import { decideApplication, scoreApplication, vouch, loadApplication } from "./onboarding/actions/admit-partner.ts"
import { acceptAgreement, addAgreement } from "./agreements/actions/accept-agreement.ts"
import { submitApplication, enrol, loadApplicantState } from "./onboarding/actions/submit-application.ts"
import { listDueDiligence, setDueDiligence } from "./onboarding/actions/set-due-diligence.ts"
import {
    addPartner,
    changePartnerStatus,
    changeTier,
    computeChangeEffects,
    assertOnboarding,
} from "./actions/change-partner.ts"
import { loadPartnerFacts } from "./actions/load-facts.ts"
import { addKey, revokeKey } from "./keys/actions/manage-keys.ts"
import { sendCode, verifyCode, recordMailboxProof, sendMailsJob } from "./roster/actions/verify-mailbox.ts"
import { addMemberAsStaff } from "./roster/actions/manage-roster.ts"
import { loadRules, setRules } from "./actions/set-program-rules.ts"
import { saveAttestation, saveRegularReport, listStatements } from "./agreements/actions/save-statement.ts"
import {
    listOpenProposals,
    listProposals,
    dismissProposal,
    createCheckRequirementsJob,
} from "./requirements/actions/check-requirements.ts"
import type { Application } from "./onboarding/application.ts"
import type { Obligation } from "./agreements/obligation.ts"
import type { Tier } from "./partner.ts"

const clock = { now: Date.parse("2025-01-01T00:00:00Z") }
const real = { now: Date.parse("2026-01-01T00:00:00Z") }
let database: TestDatabase
let services: Services
let acting: Acting
let olga: Actor & { person: string }
let omar: Actor & { person: string }
let sent: Message[]
let mailServer: (message: Message) => Promise<void>
let acknowledged: Map<string, number>
const obligations: readonly Obligation[] = [
    { id: "1", kind: "no_offensive_use", text: "No attack." },
    { id: "2", kind: "regular_reports", everyDays: 30, text: "Report." },
    { id: "3", kind: "attestation", everyDays: 300, text: "Attest." },
]
beforeAll(async () => {
    database = await createDatabase()
    services = {
        ...testServices(database, clock),
        realNow: () => real.now,
        mail: { send: async (message) => await mailServer(message) },
        log: silentLog,
    }
    acting = actingOn(services, clock)
    olga = await createStaffMember(acting, ["manager"])
    omar = await createStaffMember(acting, ["approver"])
    await acting(olga, (ctx) => addAgreement(ctx, "Keep it to yourselves.", null, obligations))
})
afterAll(() => database.close())
beforeEach(() => {
    clock.now += dayMs
    real.now += 2 * dayMs
    sent = []
    acknowledged = new Map()
    mailServer = async (message) => void sent.push(message)
})

/** Active, with a lead, a key and the agreement. */
async function newPartner(tier: Tier = "entry") {
    const details = { name: "Acme", mail: "psirt@acme.example", tier, status: "active" } as const
    const id = await acting(olga, (ctx) => addPartner(ctx, details))
    const lead = await createPartnerMember(acting, id, ["lead"])
    await acting(lead, (ctx) => acceptAgreement(ctx, 1))
    const key = await acting(lead, async (ctx) => addKey(ctx, await newRecipient()))
    return { id, lead, key: key.id }
}

const newRecipient = async () => await identityToRecipient(await generateX25519Identity())
const overdueOf = async (id: string, at = clock.now) =>
    (await acting(olga, (ctx) => loadPartnerFacts(ctx, id, at))).overdue
const report = (lead: Actor) => acting(lead, (ctx) => saveRegularReport(ctx, { nothing: true, text: "" }))
const checkRequirements = () => createCheckRequirementsJob(async () => acknowledged).run(services)
const eventsOfPartner = async (kind: RegExp, partner: string) =>
    (await listEvents(database)).filter((item) => kind.test(item.kind) && item.body["partner"] === partner)
const rejectRecipient = async () => {
    throw Object.assign(new Error("no such person"), { code: "EENVELOPE", command: "RCPT TO", responseCode: 550 })
}
const rejectUnreachable = async () => {
    throw Object.assign(new Error("no route"), { code: "ECONNECTION" })
}

describe("a requirement is a fact of its instant", () => {
    test("regular reports, key and lead: overdue, met, and replayed", async () => {
        const { id, lead, key } = await newPartner()
        const start = clock.now
        clock.now = start + 44 * dayMs
        expect(await overdueOf(id)).toEqual(["regular_reports"])
        expect(await overdueOf(id, clock.now - 1)).toEqual([])
        await report(lead)
        expect(await overdueOf(id)).toEqual([])
        await acting(lead, (ctx) => revokeKey(ctx, key))
        await acting(system, (ctx) => removePerson(ctx, lead.person))
        clock.now += 14 * dayMs + 1
        expect(await overdueOf(id)).toEqual(["key", "lead"])
        const other = await createPartnerMember(acting, id, ["lead"])
        const added = await acting(other, async (ctx) => addKey(ctx, await newRecipient()))
        clock.now += dayMs
        expect(await overdueOf(id)).toEqual(["key"])
        await acting(olga, (ctx) => storeAcceptance(ctx, added))
        expect(await overdueOf(id)).toEqual([])
        expect(await overdueOf(id, start + 44 * dayMs - 1)).toEqual([])
        expect(await overdueOf(id, start + 58 * dayMs)).toEqual(["key", "lead"])
    })

    test("a submission is encrypted, and names the agreement version", async () => {
        const { id, lead } = await newPartner()
        const note = "A summary went to a sister company."
        const inputs = obligations.map((obligation) => ({
            id: obligation.id,
            kept: obligation.id !== "1",
            note: obligation.id === "1" ? note : "",
        }))
        await acting(lead, (ctx) => saveAttestation(ctx, { obligations: inputs }))
        expect(await acting(olga, (ctx) => listStatements(ctx, id))).toMatchObject([
            { kind: "attestation", version: 1, nothing: false, person: lead.person, body: { obligations: inputs } },
        ])
        const [row] = await database.db.transaction((tx) =>
            tx.query<{ body_ciphertext: Buffer }>(
                "select body_ciphertext from partner_statements where partner_id = $1",
                [id],
            ),
        )
        expect(row?.body_ciphertext.includes(note)).toBe(false)
        const [event] = await eventsOfPartner(/^attestation/, id)
        expect(event?.body).toMatchObject({ exceptions: ["1"], version: 1 })
    })

    test("five reports a day are accepted at most, and more the next day", async () => {
        const { lead } = await newPartner()
        for (let n = 0; n < 5; n++) await report(lead)
        expect(await awaitRefusalCode(report(lead))).toBe("statement.too_many")
        clock.now += dayMs
        expect(await awaitRefusalCode(report(lead))).toBe("done")
    })

    test("an agreement without obligations accepts no submissions", async () => {
        const { lead } = await newPartner()
        await acting(olga, (ctx) => addAgreementAtOnce(ctx, "Nothing is asked.", null))
        await acting(lead, (ctx) => acceptAgreement(ctx, 2))
        expect(await awaitRefusalCode(report(lead))).toBe("statement.not_required")
        await acting(olga, (ctx) => addAgreementAtOnce(ctx, "As before.", null, obligations))
        expect(await awaitRefusalCode(report(lead))).toBe("statement.no_agreement")
        await database.db.transaction(async (tx) => {
            await writeRows(tx, "delete from acceptances where version > 1")
            await writeRows(tx, "delete from agreements where version > 1")
        })
    })
})

describe("the mailbox", () => {
    const codeIn = (message: Message | undefined) => /([A-Z2-9]{5}-){3}[A-Z2-9]{5}/.exec(message?.text ?? "")?.[0] ?? ""
    const ask = (lead: Actor) => acting(lead, sendCode)
    const enter = (lead: Actor, code: string) => awaitRefusalCode(acting(lead, (ctx) => verifyCode(ctx, code)))

    test("is verified by the code sent to it, once, within two days", async () => {
        const { id, lead } = await newPartner()
        await ask(lead)
        await sendMailsJob.sendNext(services)
        expect(sent).toMatchObject([{ to: "psirt@acme.example" }])
        const code = codeIn(sent[0])
        const other = await newPartner()
        expect(await enter(other.lead, code)).toBe("mailbox.wrong_code")
        expect(await enter(lead, "AAAAA-AAAAA-AAAAA-AAAAA")).toBe("mailbox.wrong_code")
        expect(await enter(lead, "AAAAA")).toBe("mailbox.bad_code")
        expect(await enter(lead, ` ${code.toLowerCase().replaceAll("-", " ")} `)).toBe("done")
        expect(await enter(lead, code)).toBe("mailbox.wrong_code")
        expect((await eventsOfPartner(/^mailbox/, id)).map(({ kind }) => kind)).toEqual([
            "mailbox.code_sent",
            "mailbox.verified",
        ])
        await ask(lead)
        await sendMailsJob.sendNext(services)
        real.now += 2 * dayMs
        expect(await enter(lead, codeIn(sent[1]))).toBe("mailbox.wrong_code")
    })

    test("accepts only the later of two codes, and gets five a day at most", async () => {
        const { lead } = await newPartner()
        for (let n = 0; n < 2; n++) {
            await ask(lead)
            await sendMailsJob.sendNext(services)
        }
        expect(await enter(lead, codeIn(sent[0]))).toBe("mailbox.wrong_code")
        for (let n = 0; n < 3; n++) await ask(lead)
        expect(await awaitRefusalCode(ask(lead))).toBe("mailbox.too_many_codes")
        const analyst = await createPartnerMember(acting, lead.partner, ["analyst"])
        expect(await awaitRefusalCode(ask(analyst))).toBe("partner.leads_only")
        while (await sendMailsJob.sendNext(services));
    })

    test.each([
        [
            "refuses mail permanently must be verified again, and content is withheld after the grace period",
            rejectRecipient,
            rejectionsMax,
            ["mailbox"],
        ],
        ["was temporarily unreachable changes nothing about the partner", rejectUnreachable, attemptsMax, []],
    ])("that %s", async (_, server, attempts, overdue) => {
        const { id, lead } = await newPartner()
        await ask(lead)
        mailServer = server
        for (let n = 0; n < attempts; n++) {
            expect(await sendMailsJob.sendNext(services)).toBe(true)
            real.now += 2 * hourMs
        }
        expect(await sendMailsJob.sendNext(services)).toBe(false)
        clock.now += 30 * dayMs
        await report(lead)
        expect(await overdueOf(id)).toEqual(overdue)
        await acting(system, (ctx) => recordMailboxProof(ctx, id))
        expect(await overdueOf(id)).toEqual([])
    })
})

describe("the periodic look at all partners", () => {
    test("sends each reminder once, the newest of several, and then the consequence", async () => {
        const { id, lead } = await newPartner()
        const describe = async () =>
            (await eventsOfPartner(/^requirement/, id)).map(({ body }) => [body["due"], body["reminder"]])
        clock.now += 22 * dayMs
        await checkRequirements()
        expect(await describe()).toEqual([])
        clock.now += dayMs
        await checkRequirements()
        clock.now += hourMs - 1
        await checkRequirements()
        expect(await describe()).toEqual([["regular_reports", "21 days before"]])
        clock.now += 20 * dayMs
        await checkRequirements()
        clock.now += 2 * dayMs
        await checkRequirements()
        expect((await describe()).slice(1)).toEqual([
            ["regular_reports", "2 days before"],
            ["regular_reports", "lowered"],
        ])
        await report(lead)
        clock.now += 2 * dayMs
        await checkRequirements()
        expect(await describe()).toHaveLength(3)
        expect(JSON.stringify(await eventsOfPartner(/^requirement/, id))).not.toContain("Acme")
    })

    test("reminds no partner without case access", async () => {
        const { id } = await newPartner()
        await acting(olga, (ctx) => changePartnerStatus(ctx, id, "suspended"))
        clock.now += 60 * dayMs
        await checkRequirements()
        expect(await eventsOfPartner(/^requirement|^tier/, id)).toEqual([])
    })

    test("proposes a tier that two people accept", async () => {
        const { id, lead } = await newPartner()
        for (let n = 0; n < 7; n++) {
            clock.now += 29 * dayMs
            await report(lead)
        }
        await checkRequirements()
        expect((await acting(olga, listOpenProposals)).filter(({ partner }) => partner === id)).toEqual([])
        acknowledged.set(id, 80)
        clock.now += hourMs
        await checkRequirements()
        clock.now += hourMs
        await checkRequirements()
        const [open, ...more] = (await acting(olga, listOpenProposals)).filter(({ partner }) => partner === id)
        expect(more).toEqual([])
        expect(open).toMatchObject({ from: "entry", to: "advance", rulesVersion: 0 })
        expect(open?.findings.find(({ criterion }) => criterion === "acknowledges")).toMatchObject({
            value: 80,
            met: true,
        })
        const raise = (approval?: string) => acting(olga, (ctx) => changeTier(ctx, id, "advance", { approval }))
        expect(await awaitRefusalCode(raise())).toBe("partner.needs_two_people")
        const effects = await acting(olga, (ctx) => computeChangeEffects(ctx, id, { fact: "tier", value: "advance" }))
        if (!effects) throw new Error("one person is enough")
        const approval = await acting(olga, (ctx) => requestApproval(ctx, effects))
        await acting(omar, (ctx) => signApproval(ctx, approval, hashOf(effects)))
        await raise(approval)
        expect((await acting(olga, listOpenProposals)).filter(({ partner }) => partner === id)).toEqual([])
        clock.now += hourMs
        await checkRequirements()
        expect(await acting(olga, (ctx) => listProposals(ctx, id))).toMatchObject([
            { endedAs: "accepted", endedBy: null },
        ])
    })

    test("does not repeat a dismissed proposal for a quarter; an outdated one is superseded", async () => {
        const { id, lead } = await newPartner("advance")
        acknowledged.set(id, 10)
        await checkRequirements()
        const [open] = (await acting(olga, listOpenProposals)).filter(({ partner }) => partner === id)
        expect(open).toMatchObject({ from: "advance", to: "entry" })
        const aside = () => acting(olga, (ctx) => dismissProposal(ctx, open?.id ?? "", "It is on holiday."))
        await aside()
        expect(await awaitRefusalCode(aside())).toBe("qualification.proposal_closed")
        expect(await awaitRefusalCode(acting(olga, (ctx) => dismissProposal(ctx, newId(), "Nobody.")))).toBe(
            "qualification.proposal_not_found",
        )
        for (let n = 0; n < 3; n++) {
            clock.now += 29 * dayMs
            await report(lead)
            await checkRequirements()
        }
        expect(await eventsOfPartner(/^tier.proposed/, id)).toHaveLength(1)
        clock.now += 4 * dayMs
        await checkRequirements()
        expect(await eventsOfPartner(/^tier.proposed/, id)).toHaveLength(2)
        acknowledged.set(id, 100)
        for (let n = 0; n < 4; n++) {
            clock.now += 29 * dayMs
            await report(lead)
        }
        await checkRequirements()
        expect(await acting(olga, (ctx) => listProposals(ctx, id))).toMatchObject([
            { endedAs: "superseded" },
            { endedAs: "dismissed", endedBy: olga.person, reason: "It is on holiday." },
        ])
    })

    test("reminds once when two run at the same time", async () => {
        const { id } = await newPartner()
        clock.now += 25 * dayMs
        await Promise.all([checkRequirements(), checkRequirements(), checkRequirements()])
        expect(await eventsOfPartner(/^requirement/, id)).toHaveLength(1)
    })
})

test("due diligence is kept as history, encrypted, and decides nothing", async () => {
    const { id } = await newPartner()
    const source = { source: "commercial register", date: "2024-12-01" }
    const owner = { name: "Umbra Holding", percent: 51, seat: "LU", ...source }
    const place = { place: "CN", kind: "people_with_access", ...source } as const
    const before = await acting(olga, (ctx) => loadPartnerFacts(ctx, id, clock.now))
    const set = (ctx: ActionContext) => setDueDiligence(ctx, id, { ownership: [owner], jurisdictions: [place] })
    await acting(olga, set)
    await acting(olga, set)
    clock.now += dayMs
    await acting(olga, (ctx) => setDueDiligence(ctx, id, { ownership: [], jurisdictions: [place] }))
    expect(await acting(olga, (ctx) => listDueDiligence(ctx, id))).toMatchObject([
        { fact: "ownership", value: [owner], by: olga.person },
        { fact: "jurisdictions", value: [place] },
        { fact: "ownership", value: [], from: clock.now },
    ])
    expect(await acting(olga, (ctx) => loadPartnerFacts(ctx, id, clock.now))).toEqual(before)
    const rows = await database.db.transaction((tx) =>
        tx.query<{ value_ciphertext: Buffer }>(
            "select value_ciphertext from partner_due_diligence where partner_id = $1",
            [id],
        ),
    )
    expect(rows.some(({ value_ciphertext: box }) => box.includes("Umbra"))).toBe(false)
    for (const [date, code] of [
        ["2025-02-30", "due_diligence.bad_date"],
        ["2199-01-01", "due_diligence.bad_date"],
    ]) {
        const wrong = { ownership: [{ ...owner, date: date ?? "" }], jurisdictions: [] }
        expect(await awaitRefusalCode(acting(olga, (ctx) => setDueDiligence(ctx, id, wrong)))).toBe(code)
    }
    const whole = { ownership: [owner, { ...owner, percent: 60 }], jurisdictions: [] }
    expect(await awaitRefusalCode(acting(olga, (ctx) => setDueDiligence(ctx, id, whole)))).toBe(
        "due_diligence.shares_exceed_total",
    )
    const nothing = { ownership: [], jurisdictions: [] }
    expect(await awaitRefusalCode(acting(olga, (ctx) => setDueDiligence(ctx, newId(), nothing)))).toBe(
        "partner.not_found",
    )
})

describe("an application", () => {
    const text = "Two engineers on call read it; one acts within the hour."
    const form: Application = {
        organisation: "Marrowfield",
        mail: "warnings@marrowfield.example",
        contact: { name: "Ottilie Brandt", mail: "ottilie@marrowfield.example" },
        productClasses: ["network_detection"],
        products: ["Marrow Gate"],
        regions: ["Northern Europe"],
        inHouseProtection: text,
        workedExample: { cve: "CVE-2024-3400", text },
        dataUse: text,
        mailboxReaders: text,
        automation: "None.",
    }
    const applying = async () => {
        const applied = await acting(system, (ctx) => submitApplication(ctx, form))
        const [last] = (await listEvents(database)).filter(({ kind }) => kind === "application.submitted").slice(-1)
        return { ...applied, id: String(last?.body["partner"]) }
    }

    test("is encrypted in the database, and neither its secret nor its reference is stored", async () => {
        const { id, secret, reference } = await applying()
        const [row] = await database.db.transaction((tx) =>
            tx.query(
                `select a.*, p.details_ciphertext from applications a join partners p on p.id = a.partner_id where id
                    = $1`,
                [id],
            ),
        )
        const stored = JSON.stringify(row, (_, value: unknown) =>
            typeof value === "object" && value !== null && "data" in value
                ? Buffer.from(value.data as number[]).toString("latin1")
                : value,
        )
        for (const word of ["Marrow", "Ottilie", "CVE", secret, reference]) expect(stored).not.toContain(word)
        expect((await listEvents(database)).at(-1)?.body).toMatchObject({ by: null, step: "applying" })
        expect(JSON.stringify((await listEvents(database)).slice(-2))).not.toMatch(/Marrow|Ottilie/)
    })

    test("is decided once when two decide at the same time", async () => {
        const { id, secret } = await applying()
        const decide = () =>
            awaitRefusalCode(
                acting(olga, (ctx) => decideApplication(ctx, id, { decision: "declined", reason: "No.", message: "" })),
            )
        expect((await Promise.all([decide(), decide()])).toSorted()).toEqual(["application.already_decided", "done"])
        expect(await acting(system, (ctx) => loadApplicantState(ctx, secret))).toMatchObject({
            state: "declined",
            message: "",
        })
        await sendMailsJob.sendNext(services)
        expect(sent).toMatchObject([{ to: form.contact.mail }])
        expect(sent[0]?.text).not.toMatch(/Marrow|declin/)
    })

    test("is scored and decided by staff, and vouched for by leads", async () => {
        const { id, reference } = await applying()
        const { lead } = await newPartner()
        const analyst = await createPartnerMember(acting, lead.partner, ["analyst"])
        const item = { criterion: "mailbox", score: 3, reason: "Called." }
        expect(await awaitRefusalCode(acting(system, (ctx) => scoreApplication(ctx, id, item)))).toBe(
            "application.staff_only",
        )
        expect(await awaitRefusalCode(acting(lead, (ctx) => scoreApplication(ctx, id, item)))).toBe(
            "application.staff_only",
        )
        expect(await awaitRefusalCode(acting(analyst, (ctx) => vouch(ctx, reference, "Fine people.")))).toBe(
            "partner.leads_only",
        )
        expect(await awaitRefusalCode(acting(lead, (ctx) => vouch(ctx, reference, "Fine people.")))).toBe("done")
        expect((await acting(olga, (ctx) => loadApplication(ctx, id))).vouches).toMatchObject([
            { text: "Fine people." },
        ])
        expect(await awaitRefusalCode(acting(olga, (ctx) => scoreApplication(ctx, lead.partner, item)))).toBe(
            "application.not_found",
        )
    })

    const yes = { decision: "invited", reason: "They have changed.", message: "Welcome." } as const
    async function invitedAnew(id: string): Promise<void> {
        const { criteria } = await acting(olga, (ctx) => loadApplication(ctx, id))
        for (const { id: criterion } of criteria) {
            await acting(olga, (ctx) => scoreApplication(ctx, id, { criterion, score: 4, reason: "Seen in a call." }))
        }
        await acting(olga, (ctx) => decideApplication(ctx, id, yes))
    }

    test("that was declined, also after an invitation, needs a newly applied decision for an invitation", async () => {
        const { id, secret } = await applying()
        const decide = () => awaitRefusalCode(acting(olga, (ctx) => decideApplication(ctx, id, yes)))
        const invite = () => awaitRefusalCode(acting(olga, (ctx) => assertOnboarding(ctx, id, "invited")))
        await acting(olga, (ctx) => decideApplication(ctx, id, { ...yes, decision: "declined" }))
        expect([await invite(), await decide()]).toEqual(["application.needs_new_decision", "admission.not_scored"])
        clock.now += 1000
        await invitedAnew(id)
        expect([await invite(), await decide()]).toEqual(["done", "application.already_decided"])
        await acting(olga, (ctx) => changePartnerStatus(ctx, id, "declined"))
        expect(await invite()).toBe("application.needs_new_decision")
        expect(await acting(system, (ctx) => loadApplicantState(ctx, secret))).toMatchObject({ state: "declined" })

        // By the criteria of the new decision, and not of the earlier one.
        const { rules, version } = await acting(olga, (ctx) => loadRules(ctx, "admission"))
        const more = { id: "callback", text: "Called back.", weight: 1, required: true }
        clock.now += 1000
        const later = await acting(olga, (ctx) => setRules(ctx, "admission", { criteria: [...rules.criteria, more] }))
        expect(await decide()).toBe("admission.not_scored")
        clock.now += 1000
        expect((await acting(olga, (ctx) => loadApplication(ctx, id))).criteriaVersion).toBe(version)
        await acting(olga, (ctx) =>
            scoreApplication(ctx, id, { criterion: "callback", score: 4, reason: "They were reached." }),
        )
        expect((await acting(olga, (ctx) => loadApplication(ctx, id))).criteriaVersion).toBe(later)
        await invitedAnew(id)
        expect(await acting(system, (ctx) => loadApplicantState(ctx, secret))).toMatchObject({ state: "invited" })
        await acting(olga, (ctx) => setRules(ctx, "admission", rules))
    })

    /** Asked for and signed by another: that it is admitted with the roster that it has. */
    async function admissionOf(id: string): Promise<string> {
        const effects = await acting(olga, (ctx) => computeChangeEffects(ctx, id, { fact: "status", value: "active" }))
        const approval = await acting(olga, (ctx) => requestApproval(ctx, effects ?? expect.fail("one may")))
        await acting(omar, (ctx) => signApproval(ctx, approval, hashOf(effects ?? expect.fail("one may"))))
        return approval
    }

    /** Waits until another transaction waits for a lock of this one, or `other` settles. */
    async function untilHeldUp({ tx }: ActionContext, other: Promise<unknown>): Promise<void> {
        let over = false
        void other.then(() => (over = true))
        while (!over) {
            const [row] = await tx.query<{ count: string }>(
                `select count(*) as count from pg_locks l left join pg_database d on d.oid = l.database
                 where (d.datname is null or d.datname = current_database()) and not granted`,
            )
            over ||= Number(row?.count) > 0
        }
    }

    test.each(["comes in", "comes in once more"])(
        "is not admitted with an unsigned roster: its contact %s meanwhile",
        async (which) => {
            const { id, secret } = await applying()
            await invitedAnew(id)
            if (which === "comes in once more") await acting(system, (ctx) => enrol(ctx, secret))
            const approval = await admissionOf(id)
            let admitted: Promise<string> = Promise.resolve("not asked")
            await acting(system, async (ctx) => {
                await enrol(ctx, secret)
                admitted = awaitRefusalCode(
                    acting(olga, (other) => changePartnerStatus(other, id, "active", { approval })),
                )
                await untilHeldUp(ctx, admitted)
            })
            expect(await admitted).toBe("approval.already_voided")
            expect(await acting(system, (ctx) => loadApplicantState(ctx, secret))).toMatchObject({ state: "invited" })
            expect(await awaitRefusalCode(acting(system, (ctx) => enrol(ctx, secret)))).toBe("done")
        },
    )

    test("refuses its contact when the contact joins during the admission", async () => {
        const { id, secret } = await applying()
        await invitedAnew(id)
        const approval = await admissionOf(id)
        let entered: Promise<string> = Promise.resolve("not asked")
        await acting(olga, async (ctx) => {
            await changePartnerStatus(ctx, id, "active", { approval })
            entered = awaitRefusalCode(acting(system, (other) => enrol(other, secret)))
            await untilHeldUp(ctx, entered)
        })
        expect(await entered).toBe("application.not_invited")
    })

    test("refuses a person added by one staff member while two admit it", async () => {
        const { id } = await applying()
        await invitedAnew(id)
        const approval = await admissionOf(id)
        const ann = { name: "Ann", mail: "ann@marrowfield.example", roles: ["lead"] } as const
        let added: Promise<string> = Promise.resolve("not asked")
        await acting(olga, async (ctx) => {
            await changePartnerStatus(ctx, id, "active", { approval })
            added = awaitRefusalCode(acting(olga, (other) => addMemberAsStaff(other, id, ann)))
            await untilHeldUp(ctx, added)
        })
        expect(await added).toBe("partner.needs_two_people")
    })

    test("joins with the same secret after a decline and a later invitation, unless its lead has left", async () => {
        const { id, secret } = await applying()
        await acting(olga, (ctx) => decideApplication(ctx, id, { decision: "declined", reason: "Full.", message: "" }))
        expect(await awaitRefusalCode(acting(system, (ctx) => enrol(ctx, secret)))).toBe("application.not_invited")
        await invitedAnew(id)
        for (let n = 0; n < 2; n++) await acting(system, (ctx) => enrol(ctx, secret))
        const [joined] = await eventsOfPartner(/^person.joined/, id)
        await acting(system, (ctx) => removePerson(ctx, String(joined?.body["person"])))
        expect(await awaitRefusalCode(acting(system, (ctx) => enrol(ctx, secret)))).toBe("application.contact_left")
    })
})
