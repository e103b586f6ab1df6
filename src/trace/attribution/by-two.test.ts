import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { codeOf, operator } from "../../../test/acting.ts"
import { type Program, forgetTries, newCase, program, sign } from "../../../test/program.ts"
import { readContent } from "../../demo/content.ts"
import { coresIn, digestOf } from "../../lib/canary.ts"
import { addArtifact, masterOf } from "../../share/artifacts/actions.ts"
import { spool, takeIn } from "../../share/canaries/actions/hearing.ts"
import { canaries } from "../../share/canaries/actions/reading.ts"
import { marksFor } from "../../share/marking/actions.ts"
import { readOwn } from "../../share/marking/actions/reading.ts"
import { allEvidence, fileLeak } from "../evidence/actions.ts"
import { holdOf, setHold } from "../evidence/actions/keeping.ts"
import { fileTouched } from "../evidence/actions/touched.ts"
import { attribute } from "./actions.ts"
import type { Lifting } from "./actions/by-two.ts"
import { deleteEvidence } from "./actions/deleting.ts"
import { liftHold } from "./actions/lifting.ts"

let its: Program
/** An investigator and an approver who have read copies of their own, and others who have not. */
let named: Program["investigator"]
let namedApprover: Program["approver"]
let other: Program["investigator"]
let copy: string
let copyOfApprover: string
let decoy: string
const asks = "\n\nThen the page asks {{canary:host}} for more.\n"

beforeAll(async () => {
    its = await program({ canaryZone: "canary.example" })
    named = await operator(its.acting, ["investigator"])
    namedApprover = await operator(its.acting, ["approver"])
    other = await operator(its.acting, ["investigator"])
    const details = { class: "technical", tlp: "RED", pap: "RED", name: "technical.md" } as const
    const of = await newCase(its, "toolshell")
    const content = readContent("toolshell/technical.md") + asks
    const artifact = await its.acting(its.author, (act) => addArtifact(act, { ...details, case: of, content }))
    copy = (await its.acting(named, (act) => readOwn(act, artifact))).content
    copyOfApprover = (await its.acting(namedApprover, (act) => readOwn(act, artifact))).content
    const marks = await its.acting(its.author, async (act) => marksFor(act, await masterOf(act, artifact, null)))
    decoy = marks?.namesFor("decoy 3")[0]?.core ?? ""
}, 120_000)
afterAll(() => its.database.close())

const coresOf = (text: string): string[] => coresIn(text, 100)
const withoutNames = (text: string) => coresOf(text).reduce((all, core) => all.replaceAll(core, "a"), text)

async function filed(content: string): Promise<string> {
    const words = { name: "paste.txt", source: "a paste site", note: "", clock: "unknown" as const, case: null }
    return await its.acting(its.investigator, (act) =>
        fileLeak(act, { ...words, content: Buffer.from(content), seenAt: its.clock.now }),
    )
}

async function weighed(evidence: string): Promise<string> {
    await forgetTries(its)
    await its.acting(its.investigator, (act) => attribute(act, evidence))
    return evidence
}

async function touched(core: string): Promise<string> {
    its.clock.now += 1000
    const heard = { source: "192.0.2.1", agent: "curl", method: "GET", names: 1, paths: 1 }
    const entry = { digest: Buffer.from(digestOf(core)).toString("hex"), channel: "http", times: 1 } as const
    await spool(its.doors, [{ ...entry, heard, at: its.clock.now }])
    await its.acting({ kind: "system", step: "hear" }, takeIn)
    const [newest] = (await its.acting(its.investigator, (act) => canaries(act, null))).touches
    await its.acting({ kind: "system", step: "file-touch" }, (act) => fileTouched(act, newest?.id ?? ""))
    const [filed] = await its.acting(its.investigator, allEvidence)
    return filed?.id ?? ""
}

const deeds = {
    "a deletion": deleteEvidence,
    "the lifting of a hold": async (...its: Parameters<typeof liftHold>) => {
        const [act, evidence] = its
        if ((await holdOf(act, evidence)) === null) await setHold(act, evidence, "a court has asked for it")
        return await liftHold(...its)
    },
}

describe.each(Object.entries(deeds))("%s", (_, deed) => {
    const ask = (by: Program["investigator"], evidence: string) =>
        its.acting(by, (act) => deed(act, evidence, { reason: "it is private" }))
    const use = (by: Program["investigator"], evidence: string, approval: string) =>
        codeOf(its.acting(by, (act) => deed(act, evidence, { approval } satisfies Lifting)))
    const text = () => filed(`it asked ${coresOf(copy)[0]}.canary.example`)

    test.each([
        ["its marks", async () => weighed(await filed(withoutNames(copy)))],
        ["a name that it quotes", async () => weighed(await text())],
        ["a name that was touched", () => touched(coresOf(copy)[0] ?? "")],
    ])("is not for whom it names by %s to ask", async (__, evidence) => {
        const id = await evidence()
        expect(await codeOf(ask(named, id))).toBe("attribution.identifies_you")
        expect((await ask(other, id)).done).toBe(false)
    })

    test.each([
        ["its marks", async () => weighed(await filed(withoutNames(copyOfApprover)))],
        ["a name that it quotes", async () => weighed(await filed(`it asked ${coresOf(copyOfApprover)[0]}`))],
        ["a name that was touched", () => touched(coresOf(copyOfApprover)[0] ?? "")],
    ])("is not for whom it names by %s to sign", async (__, evidence) => {
        const { approval } = await ask(other, await evidence())
        expect(await codeOf(sign(its, approval, namedApprover))).toBe("approval.not_found")
        expect(await codeOf(sign(its, approval))).toBe("done")
    })

    test("is not done on the word of whom it names since: others ask anew", async () => {
        const id = await text()
        const mine = (await ask(named, id)).approval
        await sign(its, mine)
        await weighed(id)
        expect(await use(named, id, mine)).toBe("attribution.identifies_you")
        expect(await use(other, id, mine)).toBe("attribution.identifies_signer")
        const { approval } = await ask(other, id)
        await sign(its, approval)
        expect(await use(other, id, approval)).toBe("done")
    })

    test("is not done on the signature of whom it names since", async () => {
        const id = await filed(`it asked ${coresOf(copyOfApprover)[0]}`)
        const { approval } = await ask(other, id)
        await sign(its, approval, namedApprover)
        await weighed(id)
        expect(await use(other, id, approval)).toBe("attribution.identifies_signer")
    })
})

test("nobody has the copy of a decoy: what touches its name is for anybody to delete", async () => {
    const id = await touched(decoy)
    expect((await its.acting(named, (act) => deleteEvidence(act, id, { reason: "noise" }))).done).toBe(false)
})
