/** A tier raise is signed with what it opens, of every case. */
import { afterEach, beforeEach, expect, test } from "vitest"
import { codeOf } from "../../../test/acting.ts"
import {
    type Program,
    type TestPartner,
    fall,
    newArtifact,
    newCase,
    newPartner,
    program,
    sign,
} from "../../../test/program.ts"
import { parseInstant } from "../../lib/instant.ts"
import { approval } from "../../trust/approvals/actions.ts"
import { entitlementTo } from "../entitlement/actions/entitlements.ts"
import { changeTierByTwo } from "./actions/change-partner.ts"

let its: Program
let low: TestPartner
beforeEach(async () => {
    its = await program()
    await newPartner(its, "validate")
    low = await newPartner(its, "entry")
}, 120_000)
afterEach(() => its.database.close())

const change = (signed?: string) => its.acting(its.manager, (act) => changeTierByTwo(act, low.id, "validate", signed))
const effectsOf = async (id: string) => (await its.acting(its.manager, (act) => approval(act, id))).effects
const versionOf = (artifact: string) =>
    its.acting(its.manager, async (act) => (await entitlementTo(act, low.id, artifact))?.version ?? null)

test("the signer sees each version of each case that it opens, a proof of concept among them", async () => {
    const cases = [await newCase(its, "toolshell"), await newCase(its, "bypass")]
    its.clock.now = parseInstant("2025-06-24T17:00:00Z")
    const opened: string[] = []
    for (const id of cases) {
        const artifacts = [
            await newArtifact(its, id, "technical", "toolshell/technical.md"),
            await newArtifact(its, id, "poc", "toolshell/summary.md"),
        ]
        await fall(its, id, "validate", artifacts)
        opened.push(...artifacts)
    }
    const { done, approval: asked } = await change()
    expect(done).toBe(false)
    const effects = await effectsOf(String(asked))
    expect(effects).toMatchObject({ act: "partner.change_tier", recipients: [low.id], detail: { tier: "validate" } })
    expect(effects.artifacts.map((one) => one.artifact)).toEqual(opened.toSorted())
    expect(effects.authors).toEqual([its.author.person])

    await sign(its, String(asked))
    expect(await versionOf(opened[0] ?? "")).toBeNull()
    expect(await change(String(asked))).toEqual({ done: true, approval: asked })
    expect(await versionOf(opened[0] ?? "")).toBe(1)
})

test("what opens more by now than what was signed is not done", async () => {
    const id = await newCase(its, "toolshell")
    its.clock.now = parseInstant("2025-06-24T17:00:00Z")
    const { approval: asked } = await change()
    expect((await effectsOf(String(asked))).artifacts).toEqual([])
    await sign(its, String(asked))
    await fall(its, id, "validate", [await newArtifact(its, id, "technical", "toolshell/technical.md")])
    expect(await codeOf(change(String(asked)))).toBe("approval.effects_exceeded")
})
