/** One person alone can neither add nor restore a staff member who could read, decide or sign. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import {
    type Acting,
    actingOn,
    awaitRefusalCode,
    createPartnerMember,
    createStaffMember,
    listEvents,
    system,
    testServices,
} from "../../../../test/support/actors.ts"
import { type TestDatabase, createDatabase, newId } from "../../../../test/support/database.ts"
import { mailedLinkSecret, sendAccountMails } from "../../../../test/support/sign-in-mail.ts"
import { dayMs } from "@tocsin/base/instant"
import type { Services } from "../../kernel/services.ts"
import type { Actor, OperatorRole } from "../../kernel/actor.ts"
import { listCreators, findPerson, listPeople } from "../identity/actions/load-people.ts"
import { removePerson, setRoles } from "../identity/actions/manage-people.ts"
import { signIn } from "../identity/actions/sign-in.ts"
import { operatorRoles } from "../identity/person.ts"
import { addPartner } from "../partners/actions/change-partner.ts"
import { addMissingApprover, addStaffMember, recoverStaffMember } from "./actions/add-staff.ts"
import { loadApproval, decryptApprovalText } from "./actions/load-approvals.ts"
import { signApproval } from "./actions/request-approval.ts"

const clock = { now: Date.parse("2025-07-08T17:00:00Z") }
type Somebody = Actor & { person: string }
let database: TestDatabase
let services: Services
let acting: Acting
let ada: Somebody
let bo: Somebody

beforeAll(async () => {
    database = await createDatabase()
    services = testServices(database, clock)
    acting = actingOn(services, clock)
})
afterAll(() => database.close())
beforeEach(async () => {
    ada = await createStaffMember(acting, ["admin", "author", "manager", "investigator"])
    bo = await createStaffMember(acting, ["admin", "approver", "auditor"])
})

const petra = { name: "Petra Nowak", mail: "petra@operator.example" }
const adds = (by: Actor, roles: readonly OperatorRole[], approval?: string) =>
    acting(by, (ctx) => addStaffMember(ctx, { ...petra, roles }, approval))
const recovers = (by: Actor, person: string, approval?: string, isUrgent = true) =>
    acting(by, (ctx) => recoverStaffMember(ctx, { person, isUrgent }, approval))
const count = async () => (await acting(system, (ctx) => listPeople(ctx, null))).length
const useLink = (link: string) => awaitRefusalCode(acting(system, (ctx) => signIn(ctx, "console", link)))
/** Sends the due mail, and uses the link that came to this person. */
async function useMailedLink(person: string): Promise<string> {
    const { mail } = (await acting(system, (ctx) => findPerson(ctx, person))) ?? expect.fail("there is no such person")
    return await useLink(mailedLinkSecret({ mails: await sendAccountMails(services) }, mail))
}
async function sign(by: Actor, approval: string | null): Promise<void> {
    const { effectsHash } = await acting(by, (ctx) => loadApproval(ctx, approval ?? ""))
    await acting(by, (ctx) => signApproval(ctx, approval ?? "", effectsHash))
}
const signedFor = async (roles: readonly OperatorRole[]): Promise<string> => {
    const { approval } = await adds(ada, roles)
    await sign(bo, approval)
    return approval ?? ""
}

describe("adding a staff member", () => {
    test("takes one person for an auditor", async () => {
        const answer = await adds(ada, ["auditor"])
        expect(answer).toEqual({ done: true, approval: null, id: expect.any(String) })
        const { id = "" } = answer
        expect(await acting(ada, (ctx) => findPerson(ctx, id))).toMatchObject({ ...petra, addedBy: ada.person })
        expect(await useMailedLink(id)).toBe("done")
    })

    test.each(operatorRoles.filter((role) => role !== "auditor"))(
        "as %s, also with auditor, takes two people, and creates no person or link before",
        async (role) => {
            const before = await count()
            for (const roles of [[role], ["auditor", role]] as const) {
                expect(await adds(ada, roles)).toEqual({ done: false, approval: expect.any(String) })
            }
            expect(await count()).toBe(before)
            expect(await sendAccountMails(services)).toEqual([])
        },
    )

    test("takes a requester and a signature for exactly that, once; the requester applies it", async () => {
        const approval = await signedFor(["author", "approver", "author"])
        const { effects } = await acting(bo, (ctx) => loadApproval(ctx, approval))
        expect(JSON.stringify(effects)).not.toContain("Petra")
        const words = await acting(bo, async (ctx) => await decryptApprovalText(ctx, await loadApproval(ctx, approval)))
        expect(words).toEqual({ ...petra, roles: ["author", "approver"] })
        expect(await awaitRefusalCode(adds(ada, ["author", "manager"], approval))).toBe("approval.effects_exceeded")
        const other = { ...petra, mail: "ada@operator.example", roles: ["author", "approver"] as const }
        expect(await awaitRefusalCode(acting(ada, (ctx) => addStaffMember(ctx, other, approval)))).toBe(
            "approval.effects_exceeded",
        )
        const { done, id = "" } = await adds(ada, ["approver", "author"], approval)
        expect(done).toBe(true)
        expect(await useMailedLink(id)).toBe("done")
        expect(await acting(ada, (ctx) => listCreators(ctx, id))).toEqual([ada.person])
        expect(await awaitRefusalCode(adds(ada, ["approver", "author"], approval))).toBe("approval.already_applied")
        expect((await listEvents(database)).filter(({ body }) => body["person"] === id)[0]).toMatchObject({
            kind: "person.joined",
            body: { by: ada.person, roles: ["author", "approver"] },
        })
    })

    test("refuses a signature by an account of the requester, and one a day late", async () => {
        const puppet = await createStaffMember(acting, ["approver"], ada)
        const { approval } = await adds(ada, ["author"])
        await expect(sign(puppet, approval)).rejects.toThrow("one person created your account")
        expect(await awaitRefusalCode(adds(ada, ["author"], approval ?? ""))).toBe("approval.not_signed")
        clock.now += dayMs
        await expect(sign(bo, approval)).rejects.toThrow("24 hours")
    })

    test("is applied by the requester, not by the signer, and shows neither of them the link", async () => {
        const approval = await signedFor(["author"])
        const eve = await createStaffMember(acting, ["admin"])
        for (const other of [bo, eve]) {
            expect(await awaitRefusalCode(adds(other, ["author"], approval))).toBe("approval.requester_only")
        }
        expect(await adds(ada, ["author"], approval)).toEqual({ done: true, approval, id: expect.any(String) })
        expect(await sendAccountMails(services)).toMatchObject([{ to: petra.mail }])
    })

    test("refuses invalid names, addresses and roles", async () => {
        const before = await count()
        const nameless = { ...petra, name: " ", roles: ["author"] as const }
        expect(await awaitRefusalCode(acting(ada, (ctx) => addStaffMember(ctx, nameless)))).toBe("identity.bad_name")
        expect(await awaitRefusalCode(adds(ada, []))).toBe("identity.bad_roles")
        expect(await count()).toBe(before)
    })
})

describe("the recovery of another staff member's sign-in", () => {
    test("takes one person for an auditor; for others it takes a second signature", async () => {
        const olga = await createStaffMember(acting, ["auditor"], ada)
        expect(await recovers(ada, olga.person)).toEqual({ done: true, approval: null })
        expect(await useMailedLink(olga.person)).toBe("done")
        await acting(ada, (ctx) => setRoles(ctx, olga.person, ["author"]))
        const { done, approval } = await recovers(ada, olga.person)
        expect(done).toBe(false)
        expect(await sendAccountMails(services)).toEqual([])
        await sign(bo, approval)
        expect(await recovers(ada, olga.person, approval ?? "")).toEqual({ done: true, approval })
        expect(await useMailedLink(olga.person)).toBe("done")
        expect(await awaitRefusalCode(recovers(ada, olga.person, approval ?? ""))).toBe("approval.already_applied")
    })

    test("can be requested and applied by an admin who did not add the person", async () => {
        const olga = await createStaffMember(acting, ["manager"])
        const eve = await createStaffMember(acting, ["admin"])
        const { approval } = await recovers(ada, olga.person)
        await sign(bo, approval)
        expect((await recovers(eve, olga.person, approval ?? "")).done).toBe(true)
        expect(await useMailedLink(olga.person)).toBe("done")
    })

    test("is signed for a person with its roles, and for now or a day later", async () => {
        const olga = await createStaffMember(acting, ["manager"], ada)
        const { approval } = await recovers(ada, olga.person, undefined, false)
        const { effects } = await acting(bo, (ctx) => loadApproval(ctx, approval ?? ""))
        expect(effects.detail).toMatchObject({ person: olga.person, roles: ["manager"], urgent: false })
        await sign(bo, approval)
        expect(await awaitRefusalCode(recovers(ada, olga.person, approval ?? "", true))).toBe(
            "approval.effects_exceeded",
        )
        await acting(ada, (ctx) => setRoles(ctx, olga.person, ["author"]))
        expect(await awaitRefusalCode(recovers(ada, olga.person, approval ?? "", false))).toBe(
            "approval.effects_exceeded",
        )
    })

    test("is neither requested nor signed by that person", async () => {
        expect(await awaitRefusalCode(recovers(bo, bo.person))).toBe("identity.own_recovery")
        const { approval } = await recovers(ada, bo.person)
        expect(await awaitRefusalCode(sign(bo, approval))).toBe("approval.own_recovery")
        const cy = await createStaffMember(acting, ["approver"])
        await sign(cy, approval)
        expect(await awaitRefusalCode(recovers(bo, bo.person, approval ?? ""))).toBe("identity.own_recovery")
        expect((await recovers(ada, bo.person, approval ?? "")).done).toBe(true)
        expect(await sendAccountMails(services)).toHaveLength(1)
    })

    test("is refused for a partner's person, an unknown person, and a person who left", async () => {
        const details = { name: "P", mail: "p@partner.example", tier: "entry", status: "active" } as const
        const partner = await acting(system, (ctx) => addPartner(ctx, details))
        const ann = await createPartnerMember(acting, partner, ["lead"])
        expect(await awaitRefusalCode(recovers(ada, ann.person))).toBe("identity.person_not_found")
        expect(await awaitRefusalCode(recovers(ada, newId()))).toBe("identity.person_not_found")
        const olga = await createStaffMember(acting, ["manager"], ada)
        const { approval } = await recovers(ada, olga.person)
        await sign(bo, approval)
        await acting(ada, (ctx) => removePerson(ctx, olga.person))
        expect(await awaitRefusalCode(recovers(ada, olga.person, approval ?? ""))).toBe("identity.person_left")
    })
})

test("an outside command adds an approver only when no person is left who could sign for an admin", async () => {
    const alone = await createDatabase()
    const here = actingOn(testServices(alone, clock), clock)
    const first = await createStaffMember(here, ["admin", "approver"])
    await createStaffMember(here, ["approver"], first)
    const add = (mail: string) =>
        awaitRefusalCode(here(system, (ctx) => addMissingApprover(ctx, { name: "Cy Twombly", mail })))
    expect(await add("cy@operator.example")).toBe("done")
    expect(await add("di@operator.example")).toBe("approval.signer_available")
    const cy = (await here(system, (ctx) => listPeople(ctx, null))).find(({ name }) => name === "Cy Twombly")
    expect(cy).toMatchObject({ roles: ["approver"], addedBy: null })
    await alone.close()
})
