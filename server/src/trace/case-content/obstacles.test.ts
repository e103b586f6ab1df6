/** Obstacles to the deletion of a case's content after its end: recalls, inquiries, procedures, approvals and holds. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
import { awaitRefusalCode, createStaffMember } from "../../../../test/support/actors.ts"
import {
    type Program,
    type TestPartner,
    createProgram,
    fetchCopyText,
    newArtifact,
    newCase,
    newPartner,
    releaseWaveNow,
    signAsApprover,
} from "../../../../test/support/program.ts"
import { dayMs, parseInstant } from "@tocsin/base/instant"
import { placeHold, liftCaseHold } from "../../share/cases/actions/hold-case.ts"
import { decryptText } from "../../platform/crypto/vault.ts"
import { loadApproval } from "../../trust/approvals/actions/load-approvals.ts"
import { recallArtifact } from "../../share/artifacts/actions/recall-artifact.ts"
import { aliasFor } from "../../share/delivery/actions/resolve-alias.ts"
import { confirmDeletion } from "../../share/delivery/recalls/actions/notify-holders.ts"
import { closeCaseWithWaves } from "../../share/release/actions/emergency-release.ts"
import { applyApproval, requestApproval } from "../../trust/approvals/actions/request-approval.ts"
import type { Effects } from "../../trust/approvals/approval.ts"
import { addLeak } from "../evidence/actions/add-evidence.ts"
import { closeInquiry } from "../inquiries/actions/close-inquiry.ts"
import { openInquiry } from "../inquiries/actions/open-inquiry.ts"
import { confirmFinding, proposeFinding } from "../inquiries/actions/propose-finding.ts"
import { applyDecision, requestDecision } from "../measures/actions/decide-procedure.ts"
import { openProcedure } from "../measures/actions/open-procedure.ts"
import { answerLetter, listLettersForPartner } from "../measures/actions/send-letter.ts"
import { deleteContent, loadContentStatus } from "./actions/delete-content.ts"

let world: Program
let caseId: string
let artifact: string
let partner: TestPartner
const reason = "The retention period has ended."

beforeAll(async () => {
    world = await createProgram()
}, 120_000)
afterAll(() => world.database.close())
beforeEach(async () => {
    world.clock.now = parseInstant("2025-06-24T17:00:00Z")
    caseId = await newCase(world, "toolshell")
    artifact = await newArtifact(world, caseId, "summary", "toolshell/summary.md")
    partner = await newPartner(world, "validate")
    await releaseWaveNow(world, caseId, "validate", [artifact])
    world.clock.now += 1000
    await fetchCopyText(world, partner, artifact)
    await world.acting(world.author, (ctx) => closeCaseWithWaves(ctx, caseId, "It is no vulnerability."))
    world.clock.now += 1000
}, 60_000)

const asManager = <T>(work: Parameters<typeof world.acting<T>>[1]) => world.acting(world.manager, work)
const obstacles = async () => (await asManager((ctx) => loadContentStatus(ctx, caseId))).obstacles
const request = async () =>
    (await asManager((ctx) => deleteContent(ctx, caseId, { reason: `${reason} ${world.clock.now}` }))).approval

/** Requests the deletion, signs and applies it, and returns how it ended. */
async function attempt(): Promise<string> {
    world.clock.now += 1000
    const approval = await request()
    await signAsApprover(world, approval)
    const outcome = await asManager((ctx) => deleteContent(ctx, caseId, { approval }))
    expect([outcome.done, outcome.isNeeded]).toContain(true)
    const { voidReason } = await asManager((ctx) => loadApproval(ctx, approval))
    expect(voidReason).toBe(outcome.done ? null : "withdrawn")
    return outcome.done ? "deleted" : "still needed"
}

test("a recall is one until each holder has confirmed", async () => {
    const recall = await world.acting(world.author, (ctx) => recallArtifact(ctx, artifact, { version: null, reason }))
    world.clock.now += 1000
    expect(await obstacles()).toEqual(["recall_open"])
    expect(await awaitRefusalCode(request())).toBe("case.recall_open")
    await world.acting(partner.analyst, (ctx) =>
        confirmDeletion(ctx, aliasFor(world.services.keys, partner.id, "recall", recall)),
    )
    expect(await obstacles()).toEqual([])
    expect(await attempt()).toBe("deleted")
})

test("a recall is one only while its holders have time to confirm", async () => {
    await world.acting(world.author, (ctx) => recallArtifact(ctx, artifact, { version: null, reason }))
    world.clock.now += 3 * dayMs - 1
    expect(await obstacles()).toEqual(["recall_open"])
    world.clock.now += 1
    expect(await obstacles()).toEqual([])
    expect(await attempt()).toBe("deleted")
})

/** Adds a leak of this case, or of an unknown one. */
async function addPaste(about: string | null): Promise<string> {
    const leak = { name: "a.txt", source: "a site", note: "", clock: "unknown" as const, case: about }
    return await world.acting(world.investigator, (ctx) =>
        addLeak(ctx, { ...leak, content: Buffer.from("It was pasted."), observedAt: world.clock.now }),
    )
}

test("an open inquiry into another case is one in the second step while it uses evidence of this case", async () => {
    const other = await newCase(world, "bypass")
    const byInvestigator = <T>(work: Parameters<typeof world.acting<T>>[1]) => world.acting(world.investigator, work)
    const evidence = [await addPaste(caseId)]
    const open = { case: other, title: "The paste", evidence, members: [] }
    const inquiry = await byInvestigator((ctx) => openInquiry(ctx, open))
    expect(await obstacles()).toEqual([])
    expect(await attempt()).toBe("still needed")
    await byInvestigator((ctx) => closeInquiry(ctx, inquiry, "undecided", reason))
    expect(await attempt()).toBe("deleted")
})

test("the reason of a lifted hold cannot be read", async () => {
    const { keys } = world.services
    const hold = await asManager((ctx) => placeHold(ctx, caseId, reason))
    const read = () =>
        asManager(async ({ tx }) => {
            const sql = "select reason_ciphertext as text from case_holds where id = $1"
            const [row] = await tx.query<{ text: Buffer }>(sql, [hold])
            const text = row?.text ?? Buffer.alloc(0)
            return await decryptText(tx, keys, `case_hold:${hold}`, `case_holds.reason:${hold}`, text)
        })
    expect(await read()).toBe(reason)
    const { approval } = await asManager((ctx) => liftCaseHold(ctx, caseId, { reason }))
    await signAsApprover(world, approval)
    expect(await read()).toBe(reason)
    await asManager((ctx) => liftCaseHold(ctx, caseId, { approval }))
    await expect(read()).rejects.toThrow()
})

test("an open procedure is one in the second step, also after its inquiry is closed", async () => {
    const colleague = await createStaffMember(world.acting, ["investigator", "approver"])
    const byInvestigator = <T>(work: Parameters<typeof world.acting<T>>[1]) => world.acting(world.investigator, work)
    const open = { case: caseId, title: "The paste", evidence: [], members: [colleague.person] }
    const inquiry = await byInvestigator((ctx) => openInquiry(ctx, open))
    const breach = { partner: partner.id, conclusion: "Its copy was pasted.", confidence: "high" } as const
    const { finding, approval } = await byInvestigator((ctx) =>
        proposeFinding(ctx, inquiry, { ...breach, obligation: "2.2" }),
    )
    await signAsApprover(world, approval, colleague)
    await byInvestigator((ctx) => confirmFinding(ctx, inquiry, finding))
    const procedure = await byInvestigator((ctx) => openProcedure(ctx, { inquiry, finding, reason }))
    await byInvestigator((ctx) => closeInquiry(ctx, inquiry, "undecided", reason))
    expect(await obstacles()).toEqual([])
    expect(await attempt()).toBe("still needed")
    const [letter] = await world.acting(partner.lead, listLettersForPartner)
    await world.acting(partner.lead, (ctx) => answerLetter(ctx, letter?.id ?? "", "It was stolen from us."))
    world.clock.now += 1000
    const decision = { outcome: "none", reason, returnFrom: null, terms: null } as const
    const deciding = await asManager((ctx) => requestDecision(ctx, procedure, decision))
    await signAsApprover(world, deciding)
    await asManager((ctx) => applyDecision(ctx, procedure, deciding))
    expect(await attempt()).toBe("deleted")
})

test.each([
    ["names an artifact", async () => ({ artifacts: [{ artifact, version: 1 }], detail: { attribution: "" } })],
    [
        "attributes evidence of the case",
        async () => ({ artifacts: [], detail: { evidence: await addPaste(caseId), alpha: "0.01" } }),
    ],
    [
        "attributes evidence without a case",
        async () => ({ artifacts: [], detail: { evidence: await addPaste(null), alpha: "0.01" } }),
    ],
])("an approval that managers may not see is one in the second step: it %s", async (_, load) => {
    const { artifacts, detail } = await load()
    const action = "attribution" in detail ? "marks.disclose_keys" : "evidence.attribute"
    const onlyFor = [world.investigator.person, world.approver.person]
    const effects: Effects = { action, recipients: [], artifacts, at: null, detail, onlyFor }
    const approval = await world.acting(world.investigator, (ctx) => requestApproval(ctx, effects))
    expect(await obstacles()).toEqual([])
    expect(await attempt()).toBe("still needed")
    await signAsApprover(world, approval)
    expect(await attempt()).toBe("still needed")
    await world.acting(world.investigator, (ctx) => applyApproval(ctx, approval, effects))
    expect(await attempt()).toBe("deleted")
})
