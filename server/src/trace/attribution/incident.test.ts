import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { awaitRefusalCode, createStaffMember } from "../../../../test/support/actors.ts"
import {
    type Program,
    type TestPartner,
    releaseWaveNow,
    fetchCopyText,
    deleteTracingBudgets,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
    signAsApprover,
} from "../../../../test/support/program.ts"
import { parseInstant } from "@tocsin/base/instant"
import { addLeak } from "../evidence/actions/add-evidence.ts"
import { attribute } from "./actions/attribute-leak.ts"
import { readAttributions } from "./actions/load-attributions.ts"
import { deleteEvidence } from "../inquiries/actions/delete-evidence.ts"
import { attributeWithAlpha } from "./actions/attribute-with-alpha.ts"
import { describeSpending } from "./attribution.ts"

let world: Program
let other: Program["investigator"]
let caseId: string
const partners: TestPartner[] = []
const copies: string[] = []

beforeAll(async () => {
    world = await createProgram()
    other = await createStaffMember(world.acting, ["investigator"])
    for (let n = 0; n < 6; n++) partners.push(await newPartner(world, "validate"))
    caseId = await newCase(world, "toolshell")
    const technical = await newArtifact(world, caseId, "technical", "toolshell/technical.md")
    world.clock.now = parseInstant("2025-06-24T17:00:00Z")
    await releaseWaveNow(world, caseId, "validate", [technical])
    for (const partner of partners) copies.push(await fetchCopyText(world, partner, technical))
}, 120_000)
beforeEach(() => deleteTracingBudgets(world))
afterAll(() => world.database.close())

async function filed(text: string): Promise<string> {
    const words = { name: "paste.txt", source: "a paste site", note: "", clock: "unknown" as const }
    const leak = { ...words, case: caseId, content: Buffer.from(text), observedAt: world.clock.now }
    return await world.acting(world.investigator, (ctx) => addLeak(ctx, leak))
}

async function newestOf(evidence: string) {
    const [newest] = await world.acting(world.investigator, (ctx) => readAttributions(ctx, evidence))
    if (newest === undefined) throw new Error("nothing was attributed")
    return newest
}

/** `signed` stands for a second signature. */
async function tried(text: string, alpha?: number, signed: string | null = null) {
    const evidence = await filed(text)
    await world.acting(world.investigator, (ctx) => attribute(ctx, evidence, alpha, signed))
    return { ...(await newestOf(evidence)), evidence }
}

/** Cuts a text into pieces of `count` words. */
function piecesOf(text: string, count: number): string[] {
    const words = text.split(/(?<=\s)(?=\S)/)
    return Array.from({ length: Math.ceil(words.length / count) }, (_, n) =>
        words.slice(n * count, (n + 1) * count).join(""),
    )
}

const identifiedIn = ({ result }: Awaited<ReturnType<typeof newestOf>>) => result.best?.findings.identified ?? []

describe("tries on one leak", () => {
    test("never identifies an innocent partner by excerpts chosen after earlier results", async () => {
        const [leak = ""] = copies
        const innocents = partners.slice(1).map(({ id }) => id)
        const speaking = new Map<string, string[]>()
        for (const piece of piecesOf(leak, 25)) {
            const { result } = await tried(piece, 1e-3)
            const { ranking = [], slots } = result.best?.findings ?? {}
            for (const { recipient, fits } of ranking) {
                if (slots === undefined || slots.read < 3 || fits < 0.75 * slots.read) continue
                speaking.set(recipient, [...(speaking.get(recipient) ?? []), piece])
            }
        }
        const texts = innocents
            .map((innocent) => (speaking.get(innocent) ?? []).join("\n\n"))
            .filter((text) => text !== "")
        const wrongly = async (text: string) =>
            identifiedIn(await tried(text, 1e-3)).filter((item) => innocents.includes(item))
        for (const text of texts) expect(await wrongly(text)).toEqual([])
    })

    test("adds up pieces of a leak until they identify the copy", async () => {
        const verdicts: string[] = []
        for (const piece of piecesOf(copies[0] ?? "", 90).slice(1, 5)) {
            const { verdict, ...last } = await tried(piece)
            verdicts.push(verdict)
            if (verdict === "traced") expect(identifiedIn({ verdict, ...last })).toEqual([partners[0]?.id])
        }
        expect(verdicts[0]).toBe("undecided")
        expect(verdicts.at(-1)).toBe("traced")
    })

    test("adds nothing for the same text, and reports what was spent", async () => {
        const text = piecesOf(copies[0] ?? "", 90)[2] ?? ""
        const [first, second] = [await tried(text), await tried(text, 1e-4)]
        expect(second.result.best?.findings.ranking).toEqual(
            first.result.best?.findings.ranking.map((ranked) => ({
                ...ranked,
                log10e: expect.closeTo(ranked.log10e, 9),
            })),
        )
        expect(first.result.best?.spending).toMatchObject({
            incident: 1,
            attempts: 1,
            before: 0,
            spent: 1e-6,
            left: 0.5,
        })
        const spending = second.result.best?.spending
        expect(spending).toMatchObject({ incident: 1, attempts: 2, fresh: 0, spent: 1e-4, left: 0.5 })
        const value = spending && describeSpending(spending)
        expect(value).toContain("with probability 0.0001 at most")
        expect(value).toContain("count once")
    })

    test("treats a contradicting leak as another one, and identifies its copy", async () => {
        await tried(copies[0] ?? "")
        const second = await tried(copies[1] ?? "", undefined, world.services.newId())
        expect(second.result.best?.spending).toMatchObject({ incident: 2, attempts: 1, before: 0 })
        expect(identifiedIn(second)).toEqual([partners[1]?.id])
        const third = await tried(copies[0] ?? "")
        expect(third.result.best?.spending).toMatchObject({ incident: 1, attempts: 2, fresh: 0 })
        expect(identifiedIn(third)).toEqual([partners[0]?.id])
    })

    test("gives no second try after deletion", async () => {
        const { evidence } = await tried(copies[0] ?? "")
        const request = await world.acting(world.investigator, (ctx) =>
            deleteEvidence(ctx, evidence, { reason: "Private." }),
        )
        await signAsApprover(world, request.approval)
        await world.acting(world.investigator, (ctx) => deleteEvidence(ctx, evidence, { approval: request.approval }))
        const again = await tried(copies[0] ?? "")
        expect(again.result.best?.spending).toMatchObject({ incident: 1, fresh: 0 })
        expect(identifiedIn(again)).toEqual([])
        expect(identifiedIn(await tried(copies[1] ?? "", undefined, world.services.newId()))).toEqual([partners[1]?.id])
    })

    test("never charges an excerpt of another copy to the copy identified before", async () => {
        expect(identifiedIn(await tried(copies[0] ?? ""))).toEqual([partners[0]?.id])
        for (const piece of piecesOf(copies[1] ?? "", 30)) {
            if ((copies[0] ?? "").includes(piece.trim())) continue
            const { result } = await tried(piece, undefined, world.services.newId())
            const ranking = result.best?.findings.ranking ?? []
            const fits = new Map(ranking.map((ranked) => [ranked.recipient, ranked.fits]))
            if ((fits.get(partners[1]?.id ?? "") ?? 0) <= (fits.get(partners[0]?.id ?? "") ?? 0)) continue
            expect(identifiedIn({ result } as Awaited<ReturnType<typeof newestOf>>)).not.toContain(partners[0]?.id)
        }
    })

    test("shows no codeword for a text with too few slots", async () => {
        await tried(copies[0] ?? "")
        const { result } = await tried((copies[1] ?? "").slice(0, 60))
        expect(result.best?.spending ?? null).toBeNull()
        const tested = [...(result.best ? [result.best] : []), ...result.others]
        for (const { findings } of tested) for (const { fits } of findings.ranking) expect(fits).toBe(0)
    })

    test("needs a second signature for a leak that contradicts it", async () => {
        await tried(copies[0] ?? "")
        const evidence = await filed(copies[1] ?? "")
        const at = (lifting: object) => world.acting(other, (ctx) => attributeWithAlpha(ctx, evidence, lifting))
        expect(await awaitRefusalCode(at({}))).toBe("attribution.contradicts_leak")
        const request = await at({ reason: "It is the whole post." })
        expect(request.done).toBe(false)
        await signAsApprover(world, request.approval ?? "")
        expect(await at({ approval: request.approval })).toMatchObject({ done: true })
        expect(identifiedIn(await newestOf(evidence))).toEqual([partners[1]?.id])
    })
})

describe("an error above one in a thousand", () => {
    test("needs a second signature on the evidence and the error", async () => {
        const evidence = await filed(piecesOf(copies[0] ?? "", 60)[3] ?? "")
        const at = (alpha: number, lifting: object) =>
            world.acting(other, (ctx) => attributeWithAlpha(ctx, evidence, { alpha, ...lifting }))
        expect(await awaitRefusalCode(world.acting(other, (ctx) => attribute(ctx, evidence, 1e-2)))).toBe(
            "attribution.needs_signature",
        )
        expect(await at(1e-3, {})).toEqual({ done: true, approval: null })
        const request = await at(1e-2, { reason: "The board accepts one in a hundred." })
        expect(request.done).toBe(false)
        await signAsApprover(world, request.approval ?? "")
        expect(await awaitRefusalCode(at(0.005, { approval: request.approval }))).not.toBe("done")
        expect(await at(1e-2, { approval: request.approval })).toMatchObject({ done: true })
        expect((await newestOf(evidence)).result.best?.spending).toMatchObject({ attempts: 2, fresh: 0, spent: 1e-2 })
    })
})
