/** The advance consent and the maximum embargo length of each pack. */
import { expect, test } from "vitest"
import {
    actingOn,
    addAgreementAtOnce,
    awaitRefusalCode,
    createPartnerMember,
    createStaffMember,
    listEvents,
    testServices,
} from "../../../../test/support/actors.ts"
import { createDatabase } from "../../../../test/support/database.ts"
import { dayMs } from "@tocsin/base/instant"
import { openPolicyEngine } from "../../platform/policy/engine.ts"
import { acceptAgreement, listAgreements } from "../../trust/partners/agreements/actions/accept-agreement.ts"
import type { ActionContext } from "../../kernel/action-context.ts"
import { addPartner } from "../../trust/partners/actions/change-partner.ts"
import { loadPartnerFacts } from "../../trust/partners/actions/load-facts.ts"
import { setRules } from "../../trust/partners/actions/set-program-rules.ts"
import { type CaseFile, loadCaseFile } from "../cases/actions/load-case.ts"
import { openCase } from "../cases/actions/open-case.ts"
import { listCaseFacts } from "../cases/actions/load-case-facts.ts"
import { inviteToEmbargo } from "../cases/actions/answer-invitation.ts"
import {
    acceptProposal,
    agreeEmbargo,
    moveEmbargo,
    proposeAsPartner,
    proposeEmbargo,
    proposeTermination,
} from "../cases/actions/negotiate-embargo.ts"
import { endOf } from "../cases/embargo.ts"
import { installPack, packByName } from "./actions/manage-policies.ts"
import { packs } from "./packs/shipped.ts"

const vulnerabilities = [
    {
        cve: "CVE-2025-1000",
        cwe: "CWE-94",
        products: [],
        score: 8.8,
        vector: "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H",
    },
]
const details = { title: "A flaw", vulnerabilities, finder: "" }

test.each(packs.map((pack) => [pack.name, pack.longestEmbargoDays, pack.embargoDaysMax] as const))(
    "%s: agreements consent to embargoes of %d days, and to none longer",
    async (name, days, embargoDaysMax) => {
        const database = await createDatabase()
        const clock = { now: Date.parse("2025-06-01T00:00:00Z") }
        const acting = actingOn({ ...testServices(database, clock), policy: openPolicyEngine() }, clock)
        const [manager, author] = [
            await createStaffMember(acting, ["manager"]),
            await createStaffMember(acting, ["author"]),
        ]
        await acting(manager, (ctx) => installPack(ctx, packByName(name)))
        const add = (longest?: number) =>
            acting(manager, (ctx) => addAgreementAtOnce(ctx, "Keep it. ".repeat(20), null, [], longest))
        await add()
        const about = { name: "A partner", mail: "psirt@partner.example", tier: "entry", status: "active" } as const
        const partner = await acting(manager, (ctx) => addPartner(ctx, about))
        const lead = await createPartnerMember(acting, partner, ["lead"])
        await acting(lead, (ctx) => acceptAgreement(ctx, 1))
        expect((await acting(lead, listAgreements))[0]?.longestEmbargoDays).toBe(days)
        const added = (await listEvents(database)).find(({ kind }) => kind === "agreement.added")
        expect(added?.body).toMatchObject({ longestEmbargoDays: days })

        const stateAfter = async (length: number) => {
            const id = await acting(author, async (ctx) => {
                const value = await openCase(ctx, details)
                await agreeEmbargo(ctx, value, ctx.now + length * dayMs)
                return value
            })
            const itsFacts = await acting(author, (ctx) => loadPartnerFacts(ctx, partner, ctx.now))
            return await acting(author, async (ctx) => {
                const [facts] = await listCaseFacts(ctx, id, ctx.now)
                return facts?.consentOf(partner, itsFacts)
            })
        }
        expect(await stateAfter(Math.max(1, Math.min(days, 90)))).toBe(days === 0 ? "none" : "signatory")
        if (days < embargoDaysMax) expect(await stateAfter(days + 1)).toBe("none")

        expect(await awaitRefusalCode(add(366))).toBe("agreement.bad_embargo")
        expect(await awaitRefusalCode(add(1.5))).toBe("agreement.bad_embargo")
        if (days < 365) expect(await awaitRefusalCode(add(days + 1))).toBe("partner.needs_two_people")
        const shorter = Math.min(days, 7)
        await add(shorter)
        const reached = async () =>
            (await acting(author, (ctx) => loadPartnerFacts(ctx, partner, ctx.now))).longestEmbargoDays
        expect(await reached()).toBeNull()
        await acting(lead, (ctx) => acceptAgreement(ctx, 2))
        expect(await reached()).toBe(shorter)
        await database.close()
    },
)

/** A program with this pack and one case. */
async function founded(name: string) {
    const database = await createDatabase()
    const clock = { now: Date.parse("2025-06-01T00:00:00Z") }
    const acting = actingOn({ ...testServices(database, clock), policy: openPolicyEngine() }, clock)
    const [manager, author] = [
        await createStaffMember(acting, ["manager"]),
        await createStaffMember(acting, ["author"]),
    ]
    await acting(manager, (ctx) => installPack(ctx, packByName(name)))
    const id = await acting(author, (ctx) => openCase(ctx, details))
    const does = (work: (ctx: ActionContext, id: string) => Promise<unknown>) =>
        awaitRefusalCode(acting(author, (ctx) => work(ctx, id)))
    const file = (): Promise<CaseFile> => acting(author, (ctx) => loadCaseFile(ctx, id))
    return { database, clock, acting, manager, author, id, does, file }
}

test("each pack allows its embargo lengths, in days", () => {
    expect(Object.fromEntries(packs.map((pack) => [pack.name, pack.embargoDaysMax]))).toEqual({
        "three-tier": 90,
        kubernetes: 90,
        xen: 90,
        "linux-distros": 7,
        "kernel-hardware": 365,
    })
})

test.each(packs.map((pack) => [pack.name, pack.embargoDaysMax] as const))(
    "%s: no embargo is longer than %d days from its agreement, by any path",
    async (name, days) => {
        const { database, clock, acting, manager, author, id, does, file } = await founded(name)
        const began = clock.now
        const tooLate = (from = clock.now) => from + days * dayMs + 1
        expect(await does((ctx, value) => proposeEmbargo(ctx, value, tooLate()))).toBe("embargo.too_long")
        expect(await does((ctx, value) => agreeEmbargo(ctx, value, tooLate()))).toBe("embargo.too_long")
        expect(await does((ctx, value) => proposeEmbargo(ctx, value, began + days * dayMs))).toBe("done")
        clock.now += dayMs
        expect(await does((ctx, value) => agreeEmbargo(ctx, value, tooLate()))).toBe("embargo.too_long")
        expect(await does((ctx, value) => acceptProposal(ctx, value, 0))).toBe("done")

        const agreed = clock.now
        clock.now += dayMs
        expect(await does((ctx, value) => moveEmbargo(ctx, value, tooLate(agreed), "more time"))).toBe(
            "embargo.too_long",
        )
        expect(await does((ctx, value) => proposeEmbargo(ctx, value, tooLate(agreed)))).toBe("embargo.too_long")
        const about = { name: "A partner", mail: "psirt@partner.example", tier: "entry", status: "active" } as const
        const partner = await acting(manager, (ctx) => addPartner(ctx, about))
        const lead = await createPartnerMember(acting, partner, ["lead"])
        await acting(author, (ctx) => inviteToEmbargo(ctx, id, partner))
        const wish = acting(lead, (ctx) => proposeAsPartner(ctx, id, tooLate(agreed)))
        expect(await awaitRefusalCode(wish)).toBe("embargo.too_long")
        expect(endOf((await file()).embargo)).toBe(began + days * dayMs)
        expect(await does((ctx, value) => moveEmbargo(ctx, value, agreed + days * dayMs, "more time"))).toBe("done")
        await database.close()
    },
)

test("a maximum set later leaves running embargoes, and still allows earlier ends", async () => {
    const { database, clock, acting, manager, does, file } = await founded("three-tier")
    const began = clock.now
    await does((ctx, value) => agreeEmbargo(ctx, value, began + 60 * dayMs))
    await acting(manager, (ctx) => setRules(ctx, "embargo", { daysMax: 14 }))
    expect(endOf((await file()).embargo)).toBe(began + 60 * dayMs)
    clock.now += 20 * dayMs
    expect(await does((ctx, value) => moveEmbargo(ctx, value, began + 61 * dayMs, "more"))).toBe("embargo.too_long")
    expect(await does((ctx, value) => moveEmbargo(ctx, value, began + 50 * dayMs, "less"))).toBe("done")
    expect(await does((ctx, value) => proposeTermination(ctx, value, { trigger: "leak" }))).toBe("done")
    expect(await does((ctx, value) => acceptProposal(ctx, value, 2))).toBe("done")
    expect(endOf((await file()).embargo)).toBe(clock.now + 2 * dayMs)
    expect(await does((ctx, value) => proposeEmbargo(ctx, value, clock.now + dayMs))).toBe("done")
    await database.close()
})
