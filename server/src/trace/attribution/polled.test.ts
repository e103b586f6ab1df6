/**
 * A leak of the text that partners poll unmarked is recognised. All pollers hold it, and it identifies none of them.
 */
import type { FastifyInstance } from "fastify"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { openPortal, createToken } from "../../../../test/support/polled-pages.ts"
import {
    type Program,
    type TestPartner,
    releaseWaveNow,
    fetchCopyText,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
} from "../../../../test/support/program.ts"
import { parseInstant } from "@tocsin/base/instant"
import { unmarkedText } from "@tocsin/marks/carriers/resolved-text"
import { makeServer } from "../../server.ts"
import { loadMaster, recordRead } from "../../share/artifacts/actions/load-artifacts.ts"
import { aliasFor } from "../../share/delivery/actions/resolve-alias.ts"
import { issueCredential } from "../../trust/identity/actions/sign-in.ts"
import { addLeak } from "../evidence/actions/add-evidence.ts"

let world: Program
let console: FastifyInstance
let token: string
let caseId: string
const artifacts: Record<string, string> = {}
const partners: Record<"taxii" | "misp" | "csaf" | "copies", TestPartner> = {} as never

beforeAll(async () => {
    world = await createProgram()
    for (const by of ["taxii", "misp", "csaf", "copies"] as const) partners[by] = await newPartner(world, "validate")
    caseId = await newCase(world, "toolshell")
    for (const [kind, file] of [
        ["summary", "summary.md"],
        ["guidance", "guidance.md"],
        ["rules", "request-web-log.yml"],
        ["technical", "technical.md"],
    ] as const)
        artifacts[kind] = await newArtifact(world, caseId, kind, `toolshell/${file}`)
    world.clock.now = parseInstant("2025-06-24T17:00:00Z")
    await releaseWaveNow(world, caseId, "validate", Object.values(artifacts))
    const { app } = await openPortal(world)
    const get = async (partner: TestPartner, url: string) => {
        const headers = { authorization: `Bearer ${await createToken(world, partner)}` }
        const { statusCode, body } = await app.inject({ url, headers })
        expect(statusCode).toBe(200)
        return body
    }
    await get(partners.taxii, "/taxii2/api/collections/warnings/objects/")
    const { misp } = partners
    await get(misp, `/api/warnings/${aliasFor(world.services.keys, misp.id, "warning", caseId)}/misp`)
    for (const file of (await get(partners.csaf, "/csaf/partner/red/index.txt")).trim().split("\n"))
        await get(partners.csaf, `/csaf/partner/red/${file}`)
    // Copies of the guidance are out too. The summary has no copies.
    await fetchCopyText(world, partners.copies, artifacts["guidance"] ?? "")
    await fetchCopyText(world, partners.copies, artifacts["technical"] ?? "")
    await world.acting(world.approver, async (ctx) =>
        recordRead(ctx, await loadMaster(ctx, artifacts["guidance"] ?? "", null), "to revise", null),
    )
    await app.close()
    console = await makeServer({
        side: "console",
        web: null,
        secureCookies: false,
        requestsPerMinuteMax: 10_000,
        services: world.services,
    })
    token = await world.acting(world.manager, (ctx) => issueCredential(ctx, world.investigator.person, "token"))
}, 120_000)
afterAll(async () => {
    await console.close()
    await world.database.close()
})

type Loose = ReturnType<typeof JSON.parse>

const polledText = async (kind: string): Promise<string> => {
    const { name, content } = await world.acting(world.author, (ctx) => loadMaster(ctx, artifacts[kind] ?? "", null))
    return unmarkedText(name, content)
}

async function attributed(text: string): Promise<Loose> {
    const words = { name: "paste.txt", source: "a paste site", note: "" }
    const leak = {
        ...words,
        case: caseId,
        content: Buffer.from(text),
        observedAt: world.clock.now,
        clock: "unknown" as const,
    }
    const evidence = await world.acting(world.investigator, (ctx) => addLeak(ctx, leak))
    const answer = await console.inject({
        method: "POST",
        url: `/api/evidence/${evidence}/attribute`,
        payload: {},
        headers: { authorization: `Bearer ${token}` },
    })
    expect(answer.body).toContain("attributions")
    return answer.json<Loose>().attributions[0]
}

const everybody = () => [world.author.person, world.approver.person, world.investigator.person]

describe.each([
    ["summary", ["taxii", "misp", "csaf"]],
    ["guidance", ["taxii", "misp", "csaf"]],
    ["rules", ["taxii", "misp"]],
] as const)("the %s as partners poll it", (kind, channels) => {
    test("is recognised as the text that all pollers received, with them as holders", async () => {
        const found = await attributed(await polledText(kind))
        expect(found.summary).toMatch(/the text that all pollers received/)
        expect(found.verdict).toBe("undecided")
        expect(found.polled).toEqual([
            {
                artifact: artifacts[kind],
                version: 1,
                partners: channels.map((by) => partners[by].id).toSorted(),
            },
        ])
    })

    test("counts against no partner, author or reader of the master", async () => {
        const { best, polled: _, ...found } = await attributed(await polledText(kind))
        expect(JSON.stringify(found)).not.toContain(partners.copies.id)
        const { otherHolders, ...rest } = best ?? { otherHolders: { masterReaders: [] } }
        expect(rest.ranking ?? []).toEqual([])
        expect(otherHolders.masterReaders).toEqual([])
        for (const person of everybody()) expect(JSON.stringify(best)).not.toContain(person)
        for (const { id } of Object.values(partners)) expect(JSON.stringify(rest)).not.toContain(id)
        expect(found.summary).not.toMatch(/author/)
    })
})

test("is recognised by two hundred words too", async () => {
    const words = (await polledText("guidance")).split(/(?<=\s)(?=\S)/)
    expect((await attributed(words.slice(100, 300).join(""))).polled).toMatchObject([
        { artifact: artifacts["guidance"] },
    ])
})

test("identifies no recipient and no poller by a text that no partner polls", async () => {
    const { best, polled, summary } = await attributed(await polledText("technical"))
    expect(polled).toEqual([])
    expect(summary).toMatch(/No partner was served this version unmarked/)
    expect(best.ranking).toEqual([])
    for (const { id } of Object.values(partners)) expect(JSON.stringify(best)).not.toContain(id)
})

test("traces a copy to its owner after the polled text leaked, by one person", async () => {
    const copy = await fetchCopyText(world, partners.copies, artifacts["guidance"] ?? "")
    const { polled, best, budget } = await attributed(copy)
    expect(polled).toEqual([])
    expect(best.ranking[0]).toMatchObject({ partner: partners.copies.id })
    expect(best.ranking[0].log10e).toBeGreaterThan(3)
    expect(budget).toMatchObject({ incident: 1, attempts: 1, before: 0 })
})
