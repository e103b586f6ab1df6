/** Revises a case and lists invitations to its embargo. */
import { afterAll, beforeAll, expect, test } from "vitest"
import { awaitRefusalCode, listEvents } from "../../../../test/support/actors.ts"
import { newId } from "../../../../test/support/database.ts"
import { type Program, newCase, newPartner, createProgram } from "../../../../test/support/program.ts"
import { dayMs, parseInstant } from "@tocsin/base/instant"
import { loadCaseFile, listCasesByCve } from "./actions/load-case.ts"
import { openCase, reviseCase } from "./actions/open-case.ts"
import { answerInvitation, listConsents, inviteToEmbargo } from "./actions/answer-invitation.ts"
import { proposeEmbargo } from "./actions/negotiate-embargo.ts"
import type { CaseDetails } from "./case.ts"

let world: Program
beforeAll(async () => {
    world = await createProgram()
})
afterAll(async () => await world.database.close())

const flaw = (cve: string) => ({
    cve,
    cwe: "CWE-94",
    products: [],
    score: 8.8,
    vector: "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H",
})
const details: CaseDetails = { title: "A flaw", vulnerabilities: [flaw("CVE-2025-1000")], finder: "" }

test("a revised case is found by its new CVE id, and not by an old one", async () => {
    const { acting, author, manager } = world
    const id = await acting(author, (ctx) => openCase(ctx, details))
    const named = (cve: string) => acting(manager, (ctx) => listCasesByCve(ctx, cve))
    const revise = (change: Partial<CaseDetails>, subject = id) =>
        acting(author, (ctx) => reviseCase(ctx, subject, { ...details, ...change }))
    await revise({ vulnerabilities: [flaw("CVE-2025-1001"), flaw("CVE-2025-1002")], title: "Two flaws" })
    expect(await named("CVE-2025-1000")).toEqual([])
    expect([await named("CVE-2025-1001"), await named("CVE-2025-1002")]).toEqual([[id], [id]])
    expect(await acting(manager, (ctx) => loadCaseFile(ctx, id))).toMatchObject({ title: "Two flaws" })
    expect((await listEvents(world.database)).at(-1)).toMatchObject({ kind: "case.revised", body: { case: id } })
    expect(await awaitRefusalCode(revise({ vulnerabilities: [] }))).toBe("case.bad_lists")
    expect(await awaitRefusalCode(revise({}, newId()))).toBe("case.not_found")
    expect(await named("CVE-2025-1001")).toEqual([id])
})

test("only existing partners accept an embargo, once one is agreed", async () => {
    const { acting, author } = world
    const partner = await newPartner(world, "validate")
    const id = await acting(author, (ctx) => openCase(ctx, details))
    const invite = (whom: string) => awaitRefusalCode(acting(author, (ctx) => inviteToEmbargo(ctx, id, whom)))
    expect(await invite(partner.id)).toBe("consent.no_embargo")
    await acting(author, (ctx) => proposeEmbargo(ctx, id, world.clock.now + 9 * dayMs))
    expect(await invite(newId())).toBe("partner.not_found")
    expect(await invite(partner.id)).toBe("done")
})

test("the operator sees each invitation and answer, and invites again after silence", async () => {
    const { acting, author, manager, clock } = world
    const [first, second] = [await newPartner(world, "validate"), await newPartner(world, "validate")]
    const id = await newCase(world, "toolshell")
    const states = async () =>
        (await acting(manager, (ctx) => listConsents(ctx, id))).map(({ partner, state }) => [partner, state])
    expect(await states()).toEqual([])
    for (const partner of [first, second]) await acting(author, (ctx) => inviteToEmbargo(ctx, id, partner.id))
    await acting(second.lead, (ctx) => answerInvitation(ctx, id, true))
    expect(await states()).toEqual([
        [first.id, "invited"],
        [second.id, "signatory"],
    ])
    clock.now += 7 * dayMs
    expect(await states()).toContainEqual([first.id, "declined"])
    await acting(author, (ctx) => inviteToEmbargo(ctx, id, first.id))
    await acting(first.lead, (ctx) => answerInvitation(ctx, id, true))
    const [firsts] = await acting(manager, (ctx) => listConsents(ctx, id))
    expect(firsts?.history.at(-1)).toEqual({
        kind: "signed",
        at: clock.now,
        endsAt: parseInstant("2025-07-08T17:00:00Z"),
    })
    expect(await awaitRefusalCode(acting(manager, (ctx) => listConsents(ctx, newId())))).toBe("case.not_found")
})
