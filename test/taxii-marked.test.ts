/**
 * Marked TAXII: each partner's objects contain its own codewords under shared ids. A leak from a tool identifies its
 * partner, and no copy is sent before its commitment in the log.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { parseInstant } from "@tocsin/base/instant"
import { warningObjects } from "../server/src/channels/taxii/objects.ts"
import { joinObjects } from "../server/src/channels/taxii/encode.ts"
import {
    listCopyCommitments,
    listDeliveredVersions,
    listPartnersServedUnmarked,
} from "../server/src/share/delivery/actions/list-exposure.ts"
import { addArtifact } from "../server/src/share/artifacts/actions/add-artifact.ts"
import { readFeed } from "../server/src/share/feed/actions/read-feed.ts"
import { attribute } from "../server/src/trace/attribution/actions/attribute-leak.ts"
import { readAttributions } from "../server/src/trace/attribution/actions/load-attributions.ts"
import { addLeak } from "../server/src/trace/evidence/actions/add-evidence.ts"
import type { ActionContext } from "../server/src/kernel/action-context.ts"
import { listEvents, system } from "./support/actors.ts"
import { type Portal, openPortal, createToken } from "./support/polled-pages.ts"
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
} from "./support/program.ts"

const opened = parseInstant("2025-07-04T17:00:00Z")

interface Stix {
    readonly id: string
    readonly modified: string
    readonly type: string
    readonly description?: string
    readonly pattern?: string
}

let world: Program
let subject: string
let guidance: string
let rule: string
let portal: Portal
const partners: TestPartner[] = []
const tokens = new Map<TestPartner, string>()

beforeAll(async () => {
    world = await createProgram()
    world.clock.now = opened
    for (let n = 0; n < 4; n++) partners.push(await newPartner(world, "validate"))
    subject = await newCase(world, "toolshell")
    guidance = await newArtifact(world, subject, "guidance", "toolshell/guidance.md")
    rule = await newArtifact(world, subject, "rules", "toolshell/request-web-log.yml")
    await releaseWaveNow(world, subject, "validate", [guidance, rule])
    world.clock.now += 1000
    portal = await openPortal(world, { marksTaxiiTexts: true })
    for (const partner of partners) tokens.set(partner, await createToken(world, partner))
}, 120_000)
afterAll(async () => {
    await portal.app.close()
    await world.database.close()
})

async function page(partner: TestPartner, app = portal.app): Promise<string> {
    const headers = { authorization: `Bearer ${tokens.get(partner)}` }
    const answer = await app.inject({ url: "/taxii2/api/collections/warnings/objects/", headers })
    expect(answer.statusCode).toBe(200)
    return answer.body
}

const objectsIn = (text: string) => (JSON.parse(text) as { readonly objects: readonly Stix[] }).objects
const each = (text: string, type: string) => objectsIn(text).find((its_) => its_.type === type)

async function accusedOf(leak: string): Promise<readonly string[]> {
    const words = { name: "paste.txt", source: "a paste site", note: "", case: subject, clock: "unknown" as const }
    const content = Buffer.from(leak)
    const evidence = await world.acting(world.investigator, (ctx) =>
        addLeak(ctx, { ...words, content, observedAt: world.clock.now }),
    )
    await deleteTracingBudgets(world)
    await world.acting(world.investigator, (ctx) => attribute(ctx, evidence, 1e-3))
    const [newest] = await world.acting(world.investigator, (ctx) => readAttributions(ctx, evidence))
    return newest?.result.best?.findings.identified ?? []
}

describe("objects for partners' tools", () => {
    test("contain the partner's own codewords, under the same ids and versions", async () => {
        const pages: string[] = []
        for (const partner of partners) pages.push(await page(partner))
        const named = pages.map((text) => objectsIn(text).map(({ id, modified }) => `${id} ${modified}`))
        expect(new Set(named.map((ids) => ids.join())).size).toBe(1)
        expect(new Set(pages).size).toBe(partners.length)
        for (const [n, partner] of partners.entries()) {
            const copy = (await fetchCopyText(world, partner, guidance)).trim()
            expect(each(pages[n] ?? "", "course-of-action")?.description?.trim()).toBe(copy)
            expect(each(pages[n] ?? "", "indicator")?.pattern?.trim()).toBe(
                (await fetchCopyText(world, partner, rule)).trim(),
            )
        }
    })

    test("are the same each time, for both people of one partner", async () => {
        const [first] = partners
        if (!first) throw new Error("nobody polls")
        const known = await page(first)
        expect(await page(first)).toBe(known)
        const { app } = await openPortal(world, { marksTaxiiTexts: true, db: { ...world.services.db } })
        expect(await page(first, app)).toBe(known)
        await app.close()
    })

    test("identify their partner after a leak, as sent and as displayed", async () => {
        for (const partner of partners) {
            const text = await page(partner)
            expect(await accusedOf(text)).toEqual([partner.id])
            expect(await accusedOf(each(text, "course-of-action")?.description ?? "")).toEqual([partner.id])
        }
    })

    test("are committed to in the log before they are sent, and count as copies", async () => {
        const events = await listEvents(world.database)
        const at = (kind: string) => events.findIndex((event) => event.kind === kind)
        expect(at("marks.committed")).toBeGreaterThan(-1)
        expect(at("marks.committed")).toBeLessThan(at("objects.served"))
        const versions = await world.acting(system, (ctx) => listDeliveredVersions(ctx, subject))
        const ids = partners.map(({ id }) => id).toSorted()
        expect(versions.map(({ recipients }) => recipients.toSorted())).toEqual([ids, ids])
        const version = { artifact: guidance, version: 1 }
        expect(await world.acting(system, (ctx) => listPartnersServedUnmarked(ctx, version, world.clock.now))).toEqual(
            [],
        )
        const handed = await world.acting(system, (ctx) => listCopyCommitments(ctx, version, world.clock.now))
        expect(handed.length).toBe(2 * partners.length)
    })
})

test("turning marks on later counts as a new delivery", async () => {
    const plain = await openPortal(world)
    const late = await newPartner(world, "validate")
    tokens.set(late, await createToken(world, late))
    world.clock.now += 1000
    await page(late, plain.app)
    const version = { artifact: guidance, version: 1 }
    expect(await world.acting(system, (ctx) => listPartnersServedUnmarked(ctx, version, world.clock.now))).toEqual([
        late.id,
    ])
    world.clock.now += 1000
    const own = await page(late)
    const handed = await world.acting(system, (ctx) => listCopyCommitments(ctx, version, world.clock.now))
    expect(handed.filter(({ recipient }) => recipient === late.id)).toHaveLength(1)
    expect(await accusedOf(own)).toEqual([late.id])
    await plain.app.close()
    expect(portal.faults).toEqual([])
})

test("a long text appears as soon as its marks are found, without delay for other objects", async () => {
    const text = `${"For example, the server checks the header first, and then it reads the body.\n\n".repeat(700)}`
    const long = await world.acting(world.author, (ctx) =>
        addArtifact(ctx, { case: subject, class: "guidance", tlp: "RED", pap: "RED", name: "long.md", content: text }),
    )
    await releaseWaveNow(world, subject, "advance", [long])
    const partner = await newPartner(world, "advance")
    tokens.set(partner, await createToken(world, partner))
    world.clock.now += 1000
    const seen = async () => objectsIn(await page(partner)).filter(({ type }) => type === "course-of-action").length
    expect(await seen()).toBe(0)
    await expect.poll(seen, { timeout: 30_000, interval: 200 }).toBe(1)
    expect(portal.faults).toEqual([])
})

test("a text from a failed transaction is not sent later: its secret was never stored", async () => {
    const other = await createProgram()
    other.clock.now = opened
    const partner = await newPartner(other, "validate")
    const about = await newCase(other, "toolshell")
    const artifact = await newArtifact(other, about, "summary", "toolshell/summary.md")
    await releaseWaveNow(other, about, "validate", [artifact])
    other.clock.now += 1000
    const texts = (ctx: ActionContext) =>
        readFeed({ ...ctx, services: { ...ctx.services, marksTaxiiTexts: true } }, warningObjects)
    const note = (rows: Awaited<ReturnType<typeof texts>>) =>
        joinObjects([...rows].filter((row) => row.item.type === "note")).pieces.join("")
    const failed = await other
        .acting(partner.analyst, async (ctx) => {
            throw new Error(note(await texts(ctx)))
        })
        .catch((error: Error) => error.message)
    const kept = note(await other.acting(partner.analyst, texts))
    const { content } = JSON.parse(kept) as { content: string }
    expect(content.trim()).toBe((await fetchCopyText(other, partner, artifact)).trim())
    expect(kept).not.toBe(failed)
    await other.database.close()
})
