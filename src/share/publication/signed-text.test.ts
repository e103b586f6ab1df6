/** Who signs a publication reads the public text as it goes out, and whether it denies what is reported. */
import { afterEach, beforeEach, expect, test } from "vitest"
import { codeOf, recorded } from "../../../test/acting.ts"
import { newId } from "../../../test/database.ts"
import { type Program, newArtifact, newCase, newPartner, program, sign } from "../../../test/program.ts"
import { parseInstant } from "../../lib/instant.ts"
import { addArtifact } from "../artifacts/actions.ts"
import { requestRelease } from "../release/actions.ts"
import { wavesOf } from "../waves/actions.ts"
import { reportSighting } from "../../trace/sightings/actions/reporting.ts"
import { foreseen } from "./actions/foreseeing.ts"
import { signedText } from "./actions/signed-text.ts"

const denial = "There is no sign of exploitation."

let its: Program
let of: string

beforeEach(async () => {
    its = await program()
    await newPartner(its, "validate")
    of = await newCase(its, "toolshell")
    its.clock.now = parseInstant("2025-07-01T00:00:00Z")
    const labels = { tlp: "AMBER", pap: "AMBER", name: "summary.md" } as const
    const content = `A {{note|message}} to the server runs code. ${denial}`
    await its.acting(its.author, (act) => addArtifact(act, { case: of, class: "summary", ...labels, content }))
    await newArtifact(its, of, "guidance", "toolshell/guidance.md")
}, 120_000)
afterEach(() => its.database.close())

async function requested(tier: "publication" | "validate"): Promise<string> {
    const wave = (await its.acting(its.manager, (act) => wavesOf(act, of))).find((one) => one.tier === tier)
    return await its.acting(its.manager, (act) => requestRelease(act, wave?.id ?? ""))
}

const read = (approval: string) => its.acting(its.approver, (act) => signedText(act, approval))

async function report(): Promise<void> {
    const witness = await newPartner(its, "validate")
    await its.acting(witness.analyst, (act) =>
        reportSighting(act, of, newId(), {
            ...{ seenAt: act.now, lookedSince: null, clock: "unknown", product: "a secret product" },
            ...{ indicators: ["198.51.100.7"], confidence: 90, note: "a secret note" },
        }),
    )
}

test("the text has the first form of each slot, and only what becomes public", async () => {
    const text = await read(await requested("publication"))
    expect(text).toMatchObject({ case: of, exploited: false, denials: [], guidance: null })
    expect(text?.summary).toBe(`A note to the server runs code. ${denial}`)
})

test("a reported sighting that it denies is stated, and nothing of what was reported", async () => {
    const asked = await requested("publication")
    const contradicts = () => its.acting(its.manager, async (act) => (await foreseen(act, of)).contradicts)
    expect(await contradicts()).toBe(false)
    await report()
    const text = await read(asked)
    expect(text).toMatchObject({ exploited: true, denials: [denial] })
    expect(JSON.stringify(text)).not.toMatch(/secret|198\.51|partner/)
    expect(await contradicts()).toBe(true)
})

test("a read is recorded once, and can be followed by the signature", async () => {
    const asked = await requested("publication")
    await read(asked)
    await read(asked)
    const reads = (await recorded(its.database)).filter(({ kind, body }) => kind === "case.read" && body["case"] === of)
    expect(reads.map(({ body }) => body["part"])).toEqual(["public_text"])
    await sign(its, asked)
})

test("who reads it is among the persons who had these versions without marks", async () => {
    await read(await requested("publication"))
    const reads = (await recorded(its.database)).filter(({ kind }) => kind === "artifact.read")
    expect(reads).toMatchObject([{ body: { version: 1, why: "to sign", copy: null, by: its.approver.person } }])
})

test("a person who cannot sign reads nothing of it, nor does anyone once it is signed", async () => {
    const asked = await requested("publication")
    const before = (await recorded(its.database)).length
    expect(await codeOf(its.acting(its.manager, (act) => signedText(act, asked)))).toBe("approval.own_request")
    expect(await codeOf(its.acting(its.author, (act) => signedText(act, asked)))).toBe("approval.author_signs")
    expect((await recorded(its.database)).slice(before)).toEqual([])
    await sign(its, asked)
    expect(await codeOf(read(asked))).toBe("approval.signed_already")
})

test("a wave to partners publishes nothing, and of no approval there is no text", async () => {
    expect(await read(await requested("validate"))).toBeNull()
    expect(await codeOf(read(newId()))).toBe("approval.unknown")
})
