/**
 * Amendments of a warning take one person until a person signed it or a partner reads it, and two people afterwards.
 */
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { awaitRefusalCode, createStaffMember, listEvents } from "../../../../test/support/actors.ts"
import {
    type Program,
    type TestPartner,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
    signAsApprover,
} from "../../../../test/support/program.ts"
import { eventHandlers } from "../../event-handlers.ts"
import { hourMs, parseInstant } from "@tocsin/base/instant"
import { handleNextEvent } from "../../kernel/worker.ts"
import { listTasksOfActor } from "../../trace/tasks/actions/list-tasks-of-actor.ts"
import { loadApproval, decryptApprovalText } from "../../trust/approvals/actions/load-approvals.ts"
import { requestApproval, signApproval } from "../../trust/approvals/actions/request-approval.ts"
import { stateOf } from "../../trust/approvals/approval.ts"
import { changePartnerStatus } from "../../trust/partners/actions/change-partner.ts"
import { reviseArtifact } from "../artifacts/actions/add-artifact.ts"
import { recallArtifact } from "../artifacts/actions/recall-artifact.ts"
import { loadCaseFile } from "../cases/actions/load-case.ts"
import { closeCase } from "../cases/actions/close-case.ts"
import { setPermission } from "../cases/actions/open-case.ts"
import { exitEmbargo } from "../cases/actions/answer-invitation.ts"
import type { CaseDetails } from "../cases/case.ts"
import type { CaseAmendment } from "../cases/disclosed-facts.ts"
import { listWarnings } from "../delivery/actions/project-warnings.ts"
import { listWaves } from "../waves/actions.ts"
import { releaseWavesJob, requestRelease } from "./actions/release-wave.ts"
import { runEmergencyRelease, requestEmergencyRelease } from "./actions/emergency-release.ts"
import { invitePartners } from "./actions/invite-partners.ts"
import { releaseLate } from "./actions/release-late.ts"
import { amendCase, applySignedAmendment } from "./actions/amend-case.ts"

const falls = parseInstant("2025-06-24T17:00:00Z")

let world: Program
let caseId: string
let summary: string
let reader: TestPartner

beforeEach(async () => {
    world = await createProgram()
    reader = await newPartner(world, "validate")
    caseId = await newCase(world, "toolshell")
    summary = await newArtifact(world, caseId, "summary", "toolshell/summary.md")
    await handleEvents()
}, 120_000)
afterEach(() => world.database.close())

async function handleEvents(): Promise<void> {
    while (await handleNextEvent(world.services, eventHandlers));
}
const allows = (text: string): CaseAmendment => ({ permission: { deployment: "allowed", text } })
async function details(change: Partial<CaseDetails> = {}): Promise<CaseAmendment> {
    const { title, vulnerabilities, finder } = await loadFile()
    return { details: { title, vulnerabilities, finder, ...change } }
}
/** A change that gives each vulnerability one product. */
async function affecting(name: string): Promise<CaseAmendment> {
    const products = [{ vendor: "v", name, fixedIn: null }]
    return await details({
        vulnerabilities: (await loadFile()).vulnerabilities.map((vulnerability) => ({ ...vulnerability, products })),
    })
}
const loadFile = () => world.acting(world.author, (ctx) => loadCaseFile(ctx, caseId))
const amend = (after: CaseAmendment, actor = world.author) =>
    world.acting(actor, (ctx) => amendCase(ctx, caseId, after))
const applyApproval = (id: string, subject = caseId) =>
    world.acting(world.author, (ctx) => applySignedAmendment(ctx, subject, id))
const read = async (partner = reader) => (await world.acting(partner.lead, (ctx) => listWarnings(ctx, partner.id)))[0]
const stateNow = (id: string) =>
    world.acting(world.approver, async (ctx) => stateOf(await loadApproval(ctx, id), ctx.now))
const wave = async () => {
    const waves = await world.acting(world.manager, (ctx) => listWaves(ctx, caseId))
    return waves.find(({ tier }) => tier === "validate") ?? expect.fail("no such wave")
}

async function approveWave(): Promise<string> {
    const { id } = await wave()
    const acting = await world.acting(world.manager, (ctx) => requestRelease(ctx, id))
    await signAsApprover(world, acting)
    await handleEvents()
    return acting
}

async function releaseWave(): Promise<void> {
    await approveWave()
    world.clock.now = falls
    await releaseWavesJob.run(world.services)
    await handleEvents()
    expect((await wave()).releasedAt).toBe(falls)
}

describe("before a wave is released", () => {
    test("one person changes it, each change is a revision, and an equal text is none", async () => {
        const revisions: number[] = []
        for (const after of [allows("a"), allows("a"), allows("b"), await details(), await details({ title: "T" })]) {
            expect(await amend(after)).toEqual({ done: true, approval: null })
            revisions.push((await loadFile()).revision)
        }
        expect(revisions).toEqual([2, 2, 3, 3, 4])
        const kinds = (await listEvents(world.database)).slice(-3).map(({ kind, body }) => [kind, body["revision"]])
        expect(kinds).toEqual([
            ["case.permission_set", 2],
            ["case.permission_set", 3],
            ["case.revised", 4],
        ])
    })

    test.each<[string, () => Promise<CaseAmendment>]>([
        ["a title", () => details({ title: "Another title" })],
        ["a product", () => affecting("p")],
        ["the deployment permission", async () => allows("anything")],
    ])("%s: the approval of the wave is voided at once, and is a task for signers", async (_, after) => {
        const signed = await approveWave()
        await amend(await after())
        await handleEvents()
        expect(await stateNow(signed)).toBe("voided")
        const codes = (await listEvents(world.database)).filter(({ kind }) => kind === "wave.approval_voided")
        expect(codes.map(({ body }) => body["code"])).toEqual(["release.case_revised"])
        const waiting = await world.acting(world.approver, listTasksOfActor)
        expect(waiting.map(({ kind, case: caseId }) => [kind, caseId])).toEqual([["release_again", caseId]])
        await releaseWave()
    })

    test("a change of the finder, which no partner reads, keeps the approval", async () => {
        const signed = await approveWave()
        await amend(await details({ finder: "somebody else" }))
        await handleEvents()
        expect([(await loadFile()).finder, (await loadFile()).revision]).toEqual(["somebody else", 1])
        expect(await stateNow(signed)).toBe("signed")
    })

    test("an approval carries only the signed text, even before it is voided", async () => {
        await approveWave()
        await amend(allows("anything at all"))
        world.clock.now = falls
        await releaseWavesJob.run(world.services)
        expect((await wave()).releasedAt).toBeNull()
        expect(await read()).toBeUndefined()
    })

    test("an approved emergency release carries only the signed text", async () => {
        const ask = () => world.acting(world.manager, (ctx) => requestEmergencyRelease(ctx, caseId, "it leaked"))
        const release = (id: string) =>
            awaitRefusalCode(world.acting(world.manager, (ctx) => runEmergencyRelease(ctx, caseId, id)))
        const request = await ask()
        await signAsApprover(world, request)
        await amend(allows("anything"))
        expect(await release(request)).toBe("approval.effects_exceeded")
        await handleEvents()
        expect(await stateNow(request)).toBe("voided")
        const anew = await ask()
        await signAsApprover(world, anew)
        expect(await release(anew)).toBe("done")
        expect((await read())?.permission?.text).toBe("anything")
    })

    test("a change that races the release is either signed for or not read", async () => {
        await approveWave()
        world.clock.now = falls
        const [{ done }] = await Promise.all([amend(allows("unsigned")), releaseWavesJob.run(world.services)])
        const hasFallen = (await wave()).releasedAt !== null
        expect(hasFallen).toBe(!done)
        expect((await read())?.permission).toEqual(hasFallen ? null : undefined)
    })
})

describe("after a wave is released", () => {
    beforeEach(releaseWave)

    test("the change waits: the partner reads the old text until the approval is applied", async () => {
        const { done, approval: id } = await amend(allows("the new text"))
        expect(done).toBe(false)
        const acting = await world.acting(world.approver, (ctx) => loadApproval(ctx, id ?? ""))
        expect(acting.effects).toMatchObject({
            action: "case.amend",
            recipients: [reader.id],
            artifacts: [],
            at: null,
            detail: { case: caseId, revision: 1, digest: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
        })
        expect(await world.acting(world.approver, (ctx) => decryptApprovalText(ctx, acting))).toEqual({
            before: { permission: null },
            after: { permission: { deployment: "allowed", text: "the new text" } },
        })
        expect(await awaitRefusalCode(applyApproval(id ?? ""))).toBe("approval.not_signed")
        expect((await read())?.permission).toBeNull()
        await signAsApprover(world, id ?? "")
        expect((await read())?.permission).toBeNull()
        expect(await applyApproval(id ?? "")).toEqual({ done: true, approval: id })
        expect((await read())?.permission?.text).toBe("the new text")
        expect(await awaitRefusalCode(applyApproval(id ?? ""))).toBe("approval.already_applied")
        expect((await loadFile()).revision).toBe(2)
    })

    test("one more CVE waits, and is searchable once disclosed", async () => {
        const { vulnerabilities } = await loadFile()
        const [flaw = expect.fail("no flaw")] = vulnerabilities
        const more = await details({ vulnerabilities: [flaw, { ...flaw, cve: "CVE-2025-1002" }] })
        const { approval: id } = await amend(more)
        expect((await read())?.vulnerabilities).toHaveLength(1)
        await signAsApprover(world, id ?? "")
        await applyApproval(id ?? "")
        expect((await read())?.vulnerabilities.map(({ cve }) => cve)).toEqual([flaw.cve, "CVE-2025-1002"])
    })

    test("a change that no partner reads takes one person, and an equal text records nothing", async () => {
        expect(await amend(await details({ finder: "somebody else" }))).toEqual({ done: true, approval: null })
        const before = (await listEvents(world.database)).length
        expect(await amend(await details())).toEqual({ done: true, approval: null })
        expect(await listEvents(world.database)).toHaveLength(before)
    })

    test("the requester cannot sign, and an invalid text is refused before a request", async () => {
        const both = await createStaffMember(world.acting, ["author", "approver"])
        const { approval: id } = await amend(allows("mine"), both)
        const { effectsHash } = await world.acting(both, (ctx) => loadApproval(ctx, id ?? ""))
        expect(await awaitRefusalCode(world.acting(both, (ctx) => signApproval(ctx, id ?? "", effectsHash)))).toBe(
            "approval.own_request",
        )
        expect(await awaitRefusalCode(amend(allows(" ")))).toBe("deployment_permission.bad_text")
        expect(await awaitRefusalCode(amend(await details({ vulnerabilities: [] })))).toBe("case.bad_lists")
        await world.acting(world.author, (ctx) => closeCase(ctx, caseId, "withdrawn", "nothing to it"))
        expect(await awaitRefusalCode(amend(allows("too late")))).toBe("case.closed")
    })

    test("a second request replaces the first, signed or not; a repeated one is the same", async () => {
        const first = (await amend(allows("first"))).approval ?? ""
        await signAsApprover(world, first)
        const second = (await amend(await details({ title: "second" }))).approval ?? ""
        expect([await stateNow(first), await stateNow(second)]).toEqual(["voided", "requested"])
        expect((await amend(await details({ title: "second" }))).approval).toBe(second)
        expect(await stateNow(second)).toBe("requested")
        expect(await awaitRefusalCode(applyApproval(first))).toBe("approval.already_voided")
    })

    test("an approval of another action or case does not count", async () => {
        const other = await newCase(world, "bypass")
        const { approval: id } = await amend(allows("for the first case"))
        await signAsApprover(world, id ?? "")
        expect(await awaitRefusalCode(applyApproval(id ?? "", other))).toBe("approval.effects_exceeded")
        const unfreezeEffects = { action: "wave.unfreeze", recipients: [], artifacts: [], at: null }
        const others = await world.acting(world.manager, (ctx) => requestApproval(ctx, unfreezeEffects))
        expect(await awaitRefusalCode(applyApproval(others))).toBe("release.not_an_amendment")
    })

    test("a partner warned since was not signed for", async () => {
        const { approval: id } = await amend(allows("the new text"))
        await signAsApprover(world, id ?? "")
        await newPartner(world, "validate")
        expect(await awaitRefusalCode(applyApproval(id ?? ""))).toBe("approval.effects_exceeded")
    })

    test("it takes two also without readers, who may return; names holders of a recalled version", async () => {
        await world.acting(world.author, (ctx) =>
            recallArtifact(ctx, summary, { version: null, reason: "it is wrong" }),
        )
        const retelling = await amend(allows("anything"))
        const named = await world.acting(world.approver, (ctx) => loadApproval(ctx, retelling.approval ?? ""))
        expect(named.effects.recipients).toEqual([reader.id])
        await world.acting(world.manager, (ctx) => changePartnerStatus(ctx, reader.id, "suspended"))
        expect((await amend(allows("something"))).done).toBe(false)
    })

    test("the text is released to partners invited late, and with a version released late", async () => {
        await world.acting(reader.lead, (ctx) => exitEmbargo(ctx, caseId))
        const other = await newPartner(world, "validate")
        world.clock.now += hourMs
        const invites = (signed?: string) =>
            world.acting(world.author, (ctx) =>
                invitePartners(ctx, caseId, { partner: reader.id }, { approval: signed }),
            )
        await world.acting(world.author, (ctx) =>
            reviseArtifact(ctx, summary, "# Another summary\n\nIt is corrected.\n"),
        )
        const opens = (signed?: string) => world.acting(world.manager, (ctx) => releaseLate(ctx, summary, signed))
        const signed = [(await invites()).approval ?? "", (await opens()).approval]
        for (const item of signed) await signAsApprover(world, item)
        const { approval: id } = await amend(allows("the new text"))
        await signAsApprover(world, id ?? "")
        await applyApproval(id ?? "")
        expect(await awaitRefusalCode(invites(signed[0]))).toBe("approval.effects_exceeded")
        expect(await awaitRefusalCode(opens(signed[1]))).toBe("approval.effects_exceeded")
        await handleEvents()
        expect(await Promise.all(signed.map(stateNow))).toEqual(["voided", "voided"])
        expect((await read(other))?.permission?.text).toBe("the new text")
    })

    test("a signature for one text does not cover a text in between", async () => {
        const { approval: id } = await amend(allows("the new text"))
        await signAsApprover(world, id ?? "")
        await world.acting(world.author, (ctx) =>
            setPermission(ctx, caseId, { deployment: "hosted_only", text: "between" }),
        )
        expect(await awaitRefusalCode(applyApproval(id ?? ""))).toBe("approval.effects_exceeded")
        await handleEvents()
        expect(await stateNow(id ?? "")).toBe("voided")
    })
})
