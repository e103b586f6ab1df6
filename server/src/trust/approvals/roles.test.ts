import { afterAll, beforeAll, expect, test } from "vitest"
import {
    type Acting,
    actingOn,
    awaitRefusalCode,
    createStaffMember,
    testServices,
} from "../../../../test/support/actors.ts"
import { type TestDatabase, createDatabase, newId } from "../../../../test/support/database.ts"
import type { Actor, OperatorRole } from "../../kernel/actor.ts"
import { removePerson } from "../identity/actions/manage-people.ts"
import { findPerson } from "../identity/actions/load-people.ts"
import { changeRoles } from "./actions/change-roles.ts"
import { loadApproval } from "./actions/load-approvals.ts"
import { signApproval } from "./actions/request-approval.ts"

const clock = { now: Date.parse("2025-07-08T17:00:00Z") }
let database: TestDatabase
let acting: Acting
let ada: Actor & { person: string }
let omar: Actor & { person: string }
let olga: Actor & { person: string }

beforeAll(async () => {
    database = await createDatabase()
    acting = actingOn(testServices(database, clock), clock)
    ada = await createStaffMember(acting, ["admin"])
    omar = await createStaffMember(acting, ["approver"])
    olga = await createStaffMember(acting, ["author", "manager"])
    // The last manager keeps the role.
    await createStaffMember(acting, ["manager"])
})
afterAll(() => database.close())

const change = (roles: OperatorRole[], signed?: string) =>
    acting(ada, (ctx) => changeRoles(ctx, olga.person, { roles, approval: signed }))
const rolesNow = async () => (await acting(ada, (ctx) => findPerson(ctx, olga.person)))?.roles

test("one admin removes a role; giving one needs a second signature for exactly these roles", async () => {
    expect(await change(["manager"])).toEqual({ done: true, approval: null })
    expect(await rolesNow()).toEqual(["manager"])

    const changed = await change(["manager", "investigator"])
    expect(changed).toEqual({ done: false, approval: expect.any(String) })
    expect(await change(["investigator", "manager"])).toEqual(changed)
    const id = changed.approval ?? ""
    expect(await awaitRefusalCode(change(["manager", "investigator"], id))).toBe("approval.not_signed")
    const { effectsHash } = await acting(omar, (ctx) => loadApproval(ctx, id))
    await acting(omar, (ctx) => signApproval(ctx, id, effectsHash))
    expect(await awaitRefusalCode(change(["manager", "approver"], id))).toBe("approval.effects_exceeded")
    expect(await rolesNow()).toEqual(["manager"])
    expect(await change(["manager", "investigator"], id)).toEqual({ done: true, approval: id })
    expect(await rolesNow()).toEqual(["manager", "investigator"])
})

test("neither a person who left nor a partner's person can get a role", async () => {
    expect(await awaitRefusalCode(acting(ada, (ctx) => changeRoles(ctx, newId(), { roles: ["author"] })))).toBe(
        "identity.person_not_found",
    )
    await acting(ada, (ctx) => removePerson(ctx, olga.person))
    expect(await awaitRefusalCode(change(["author"]))).toBe("identity.person_left")
})
