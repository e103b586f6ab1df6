/** While the clocks cannot be trusted nothing opens: no thaw and no end of a recall either. */
import { afterAll, beforeAll, expect, test } from "vitest"
import { codeOf, recorded } from "../../../test/acting.ts"
import {
    type Program,
    type TestPartner,
    fall,
    fetched,
    newArtifact,
    newCase,
    newPartner,
    program,
    sign,
} from "../../../test/program.ts"
import { parseInstant } from "../../lib/instant.ts"
import type { Act } from "../../trust/audit/actions.ts"
import { recallArtifact } from "../artifacts/actions/recalls.ts"
import { freezeWave, wavesOf } from "../waves/actions.ts"
import { makeAvailable } from "./actions/recalling.ts"
import { thaw } from "./actions/thawing.ts"

let its: Program
let partner: TestPartner
let summary: string
let guidance: string
let wave: string

beforeAll(async () => {
    its = await program()
    its.clock.now = parseInstant("2025-06-24T17:00:00Z")
    Object.assign(its.doors, { log: { warn: () => undefined, error: () => undefined } })
    partner = await newPartner(its, "validate")
    const caseId = await newCase(its, "toolshell")
    summary = await newArtifact(its, caseId, "summary", "toolshell/summary.md")
    guidance = await newArtifact(its, caseId, "guidance", "toolshell/guidance.md")
    await fall(its, caseId, "validate", [summary, guidance])
    wave = (await asManager((act) => wavesOf(act, caseId)))[0]?.id ?? ""
}, 120_000)
afterAll(() => its.database.close())

const asManager = <T>(work: (act: Act) => Promise<T>) => its.acting(its.manager, work)

/** Two clocks that are ten seconds apart, until it is done. */
async function apart(work: () => Promise<void>): Promise<void> {
    const { sources } = its.doors
    const read: typeof sources.read = async (tx) => {
        const reading = await sources.read(tx)
        return { ...reading, isApart: true, application: reading.application + 10_000 }
    }
    Object.assign(its.doors, { sources: { read } })
    await work()
    Object.assign(its.doors, { sources })
}

test("a recall is ended, and a wave thawed, under the same signature once they are trusted again", async () => {
    const recall = await asManager((act) => recallArtifact(act, guidance, { version: null, reason: "wrong" }))
    const ends = (signed?: string) => asManager((act) => makeAvailable(act, recall, signed))
    const { approval: toEnd } = await ends()
    await asManager((act) => freezeWave(act, wave))
    const thaws = (signed?: string) => asManager((act) => thaw(act, wave, signed))
    const { approval: toThaw } = await thaws()
    for (const one of [toEnd, toThaw]) await sign(its, one)
    await apart(async () => {
        expect(await codeOf(ends(toEnd))).toBe("release.clocks_distrusted")
        expect(await codeOf(thaws(toThaw))).toBe("release.clocks_distrusted")
    })
    expect((await recorded(its.database)).map(({ kind }) => kind)).not.toContain("wave.unfrozen")
    expect(await codeOf(fetched(its, partner, summary))).toBe("request.not_found")
    // What a refused transaction saw is not kept: the guard looks by itself, and asks two people after a real doubt.
    expect(await thaws(toThaw)).toEqual({ done: true, approval: toThaw })
    expect(await codeOf(fetched(its, partner, guidance))).toBe("request.not_found")
    expect(await ends(toEnd)).toEqual({ done: true, approval: toEnd })
    for (const one of [summary, guidance]) expect(await codeOf(fetched(its, partner, one))).toBe("done")
})
