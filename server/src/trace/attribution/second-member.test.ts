import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { awaitRefusalCode, createStaffMember } from "../../../../test/support/actors.ts"
import {
    type Program,
    deleteTracingBudgets,
    newCase,
    createProgram,
    signAsApprover,
} from "../../../../test/support/program.ts"
import { readContent } from "../../demo/content.ts"
import { coresIn, digestOf } from "@tocsin/marks/canary"
import { addArtifact } from "../../share/artifacts/actions/add-artifact.ts"
import { loadMaster } from "../../share/artifacts/actions/load-artifacts.ts"
import { spoolTouches, processTouches } from "../../share/canaries/actions/record-touches.ts"
import { listCanaries } from "../../share/canaries/actions/list-canaries.ts"
import { prepareMarks } from "../../share/marking/actions/mark-copy.ts"
import { readStaffCopy } from "../../share/marking/actions/read-staff-copy.ts"
import { listEvidence } from "../evidence/actions/load-evidence.ts"
import { addLeak } from "../evidence/actions/add-evidence.ts"
import { findHold, setHold } from "../evidence/actions/hold-evidence.ts"
import { addTouchedCanary } from "../evidence/actions/add-touched-canary.ts"
import { attribute } from "./actions/attribute-leak.ts"
import type { ApprovalInput } from "../../trust/approvals/approval.ts"
import { deleteEvidence } from "../inquiries/actions/delete-evidence.ts"
import { liftHold } from "./actions/lift-hold.ts"

let world: Program
/** An investigator and an approver who have read staff copies, and others who have not. */
let named: Program["investigator"]
let namedApprover: Program["approver"]
let other: Program["investigator"]
let copy: string
let copyOfApprover: string
let decoy: string
const asks = "\n\nThen the page asks {{canary:host}} for more.\n"

beforeAll(async () => {
    world = await createProgram({ canaryZone: "canary.example" })
    named = await createStaffMember(world.acting, ["investigator"])
    namedApprover = await createStaffMember(world.acting, ["approver"])
    other = await createStaffMember(world.acting, ["investigator"])
    const details = { class: "technical", tlp: "RED", pap: "RED", name: "technical.md" } as const
    const subject = await newCase(world, "toolshell")
    const content = readContent("toolshell/technical.md") + asks
    const artifact = await world.acting(world.author, (ctx) => addArtifact(ctx, { ...details, case: subject, content }))
    copy = (await world.acting(named, (ctx) => readStaffCopy(ctx, artifact))).content
    copyOfApprover = (await world.acting(namedApprover, (ctx) => readStaffCopy(ctx, artifact))).content
    const marks = await world.acting(world.author, async (ctx) =>
        prepareMarks(ctx, await loadMaster(ctx, artifact, null)),
    )
    decoy = marks?.canariesFor("decoy 3")[0]?.core ?? ""
}, 120_000)
afterAll(() => world.database.close())

const coresOf = (text: string): string[] => coresIn(text, 100)
const withoutNames = (text: string) => coresOf(text).reduce((text, core) => text.replaceAll(core, "a"), text)

async function filed(content: string): Promise<string> {
    const words = { name: "paste.txt", source: "a paste site", note: "", clock: "unknown" as const, case: null }
    return await world.acting(world.investigator, (ctx) =>
        addLeak(ctx, { ...words, content: Buffer.from(content), observedAt: world.clock.now }),
    )
}

async function weighed(evidence: string): Promise<string> {
    await deleteTracingBudgets(world)
    await world.acting(world.investigator, (ctx) => attribute(ctx, evidence))
    return evidence
}

async function touched(core: string): Promise<string> {
    world.clock.now += 1000
    const heard = { source: "192.0.2.1", agent: "curl", method: "GET", names: 1, paths: 1 }
    const entry = { digest: Buffer.from(digestOf(core)).toString("hex"), channel: "http", times: 1 } as const
    await spoolTouches(world.services, [{ ...entry, request: heard, at: world.clock.now }])
    await world.acting({ kind: "system", component: "hear" }, processTouches)
    const [newest] = (await world.acting(world.investigator, (ctx) => listCanaries(ctx, null))).touches
    await world.acting({ kind: "system", component: "add-touched-canary" }, (ctx) =>
        addTouchedCanary(ctx, newest?.id ?? ""),
    )
    const [filed] = await world.acting(world.investigator, listEvidence)
    return filed?.id ?? ""
}

const deeds = {
    "a deletion": deleteEvidence,
    "the lifting of a hold": async (...entries: Parameters<typeof liftHold>) => {
        const [ctx, evidence] = entries
        if ((await findHold(ctx, evidence)) === null) await setHold(ctx, evidence, "a court has asked for it")
        return await liftHold(...entries)
    },
}

describe.each(Object.entries(deeds))("%s", (_, deed) => {
    const ask = (by: Program["investigator"], evidence: string) =>
        world.acting(by, (ctx) => deed(ctx, evidence, { reason: "it is private" }))
    const use = (by: Program["investigator"], evidence: string, approval: string) =>
        awaitRefusalCode(world.acting(by, (ctx) => deed(ctx, evidence, { approval } satisfies ApprovalInput)))
    const text = () => filed(`it asked ${coresOf(copy)[0]}.canary.example`)

    test.each([
        ["its marks", async () => weighed(await filed(withoutNames(copy)))],
        ["a name that it quotes", async () => weighed(await text())],
        ["a name that was touched", () => touched(coresOf(copy)[0] ?? "")],
    ])("refuses a request of the person identified by %s", async (__, evidence) => {
        const id = await evidence()
        expect(await awaitRefusalCode(ask(named, id))).toBe("attribution.identifies_you")
        expect((await ask(other, id)).done).toBe(false)
    })

    test.each([
        ["its marks", async () => weighed(await filed(withoutNames(copyOfApprover)))],
        ["a name that it quotes", async () => weighed(await filed(`it asked ${coresOf(copyOfApprover)[0]}`))],
        ["a name that was touched", () => touched(coresOf(copyOfApprover)[0] ?? "")],
    ])("refuses a signature of the person identified by %s", async (__, evidence) => {
        const { approval } = await ask(other, await evidence())
        expect(await awaitRefusalCode(signAsApprover(world, approval, namedApprover))).toBe("approval.not_found")
        expect(await awaitRefusalCode(signAsApprover(world, approval))).toBe("done")
    })

    test("refuses an approval whose requester has since been identified: others request again", async () => {
        const id = await text()
        const otherApproval = (await ask(named, id)).approval
        await signAsApprover(world, otherApproval)
        await weighed(id)
        expect(await use(named, id, otherApproval)).toBe("attribution.identifies_you")
        expect(await use(other, id, otherApproval)).toBe("attribution.identifies_signer")
        const { approval } = await ask(other, id)
        await signAsApprover(world, approval)
        expect(await use(other, id, approval)).toBe("done")
    })

    test("refuses an approval whose signer has since been identified", async () => {
        const id = await filed(`it asked ${coresOf(copyOfApprover)[0]}`)
        const { approval } = await ask(other, id)
        await signAsApprover(world, approval, namedApprover)
        await weighed(id)
        expect(await use(other, id, approval)).toBe("attribution.identifies_signer")
    })
})

test("lets any investigator delete a touch of a decoy's canary", async () => {
    const id = await touched(decoy)
    expect((await world.acting(named, (ctx) => deleteEvidence(ctx, id, { reason: "noise" }))).done).toBe(false)
})
