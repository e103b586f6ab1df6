/**
 * Where a program marks what TAXII carries: each partner's objects hold its own copy's words, under the ids that all share;
 * what leaks from a machine names its partner; and no copy goes out that the record has not committed to.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { parseInstant } from "../src/lib/instant.ts"
import { warningObjects } from "../src/channels/taxii/objects.ts"
import { joined } from "../src/channels/taxii/written.ts"
import { copiesHandedOut, deliveredVersions, servedUnmarked } from "../src/share/delivery/actions/exposure.ts"
import { addArtifact } from "../src/share/artifacts/actions.ts"
import { keptNow } from "../src/share/delivery/actions/shown.ts"
import { attribute, attributionsOf } from "../src/trace/attribution/actions.ts"
import { fileLeak } from "../src/trace/evidence/actions.ts"
import type { Act } from "../src/trust/audit/actions.ts"
import { recorded, system } from "./acting.ts"
import { type Portal, portalOf, tokenOf } from "./polled.ts"
import {
    type Program,
    type TestPartner,
    fall,
    fetched,
    forgetTries,
    newArtifact,
    newCase,
    newPartner,
    program,
} from "./program.ts"

const opened = parseInstant("2025-07-04T17:00:00Z")

interface Stix {
    readonly id: string
    readonly modified: string
    readonly type: string
    readonly description?: string
    readonly pattern?: string
}

let its: Program
let of: string
let guidance: string
let rule: string
let portal: Portal
const partners: TestPartner[] = []
const tokens = new Map<TestPartner, string>()

beforeAll(async () => {
    its = await program()
    its.clock.now = opened
    for (let n = 0; n < 4; n++) partners.push(await newPartner(its, "validate"))
    of = await newCase(its, "toolshell")
    guidance = await newArtifact(its, of, "guidance", "toolshell/guidance.md")
    rule = await newArtifact(its, of, "rules", "toolshell/request-web-log.yml")
    await fall(its, of, "validate", [guidance, rule])
    its.clock.now += 1000
    portal = await portalOf(its, { marksPolled: true })
    for (const one of partners) tokens.set(one, await tokenOf(its, one))
}, 120_000)
afterAll(async () => {
    await portal.app.close()
    await its.database.close()
})

async function page(partner: TestPartner, app = portal.app): Promise<string> {
    const headers = { authorization: `Bearer ${tokens.get(partner)}` }
    const answer = await app.inject({ url: "/taxii2/api/collections/warnings/objects/", headers })
    expect(answer.statusCode).toBe(200)
    return answer.body
}

const objectsIn = (text: string) => (JSON.parse(text) as { readonly objects: readonly Stix[] }).objects
const one = (text: string, type: string) => objectsIn(text).find((its_) => its_.type === type)

async function accusedOf(leak: string): Promise<readonly string[]> {
    const words = { name: "paste.txt", source: "a paste site", note: "", case: of, clock: "unknown" as const }
    const content = Buffer.from(leak)
    const evidence = await its.acting(its.investigator, (act) =>
        fileLeak(act, { ...words, content, seenAt: its.clock.now }),
    )
    await forgetTries(its)
    await its.acting(its.investigator, (act) => attribute(act, evidence, 1e-3))
    const [newest] = await its.acting(its.investigator, (act) => attributionsOf(act, evidence))
    return newest?.result.best?.findings.identified ?? []
}

describe("what machines of partners are shown", () => {
    test("are the words of each one's own copy, under the same ids and versions", async () => {
        const pages: string[] = []
        for (const partner of partners) pages.push(await page(partner))
        const named = pages.map((text) => objectsIn(text).map(({ id, modified }) => `${id} ${modified}`))
        expect(new Set(named.map((ids) => ids.join())).size).toBe(1)
        expect(new Set(pages).size).toBe(partners.length)
        for (const [n, partner] of partners.entries()) {
            const copy = (await fetched(its, partner, guidance)).trim()
            expect(one(pages[n] ?? "", "course-of-action")?.description?.trim()).toBe(copy)
            expect(one(pages[n] ?? "", "indicator")?.pattern?.trim()).toBe((await fetched(its, partner, rule)).trim())
        }
    })

    test("is the same each time, for both persons of one partner", async () => {
        const [first] = partners
        if (!first) throw new Error("nobody polls")
        const known = await page(first)
        expect(await page(first)).toBe(known)
        const { app } = await portalOf(its, { marksPolled: true, db: { ...its.doors.db } })
        expect(await page(first, app)).toBe(known)
        await app.close()
    })

    test("names its partner where it leaks, as it was sent or as it reads", async () => {
        for (const partner of partners) {
            const text = await page(partner)
            expect(await accusedOf(text)).toEqual([partner.id])
            expect(await accusedOf(one(text, "course-of-action")?.description ?? "")).toEqual([partner.id])
        }
    })

    test("was committed to on record before it went, and counts as a copy", async () => {
        const events = await recorded(its.database)
        const at = (kind: string) => events.findIndex((event) => event.kind === kind)
        expect(at("marks.committed")).toBeGreaterThan(-1)
        expect(at("marks.committed")).toBeLessThan(at("objects.served"))
        const versions = await its.acting(system, (act) => deliveredVersions(act, of))
        const ids = partners.map(({ id }) => id).toSorted()
        expect(versions.map(({ recipients }) => recipients.toSorted())).toEqual([ids, ids])
        const version = { artifact: guidance, version: 1 }
        expect(await its.acting(system, (act) => servedUnmarked(act, version, its.clock.now))).toEqual([])
        const handed = await its.acting(system, (act) => copiesHandedOut(act, version, its.clock.now))
        expect(handed.length).toBe(2 * partners.length)
    })
})

test("to turn it on later is to hand out something new", async () => {
    const plain = await portalOf(its)
    const late = await newPartner(its, "validate")
    tokens.set(late, await tokenOf(its, late))
    its.clock.now += 1000
    await page(late, plain.app)
    const version = { artifact: guidance, version: 1 }
    expect(await its.acting(system, (act) => servedUnmarked(act, version, its.clock.now))).toEqual([late.id])
    its.clock.now += 1000
    const own = await page(late)
    const handed = await its.acting(system, (act) => copiesHandedOut(act, version, its.clock.now))
    expect(handed.filter(({ recipient }) => recipient === late.id)).toHaveLength(1)
    expect(await accusedOf(own)).toEqual([late.id])
    await plain.app.close()
    expect(portal.faults).toEqual([])
})

test("a long text comes as soon as its marks are found, and holds nothing else up", async () => {
    const text = `${"For example, the server checks the header first, and then it reads the body.\n\n".repeat(700)}`
    const long = await its.acting(its.author, (act) =>
        addArtifact(act, { case: of, class: "guidance", tlp: "RED", pap: "RED", name: "long.md", content: text }),
    )
    await fall(its, of, "advance", [long])
    const partner = await newPartner(its, "advance")
    tokens.set(partner, await tokenOf(its, partner))
    its.clock.now += 1000
    const seen = async () => objectsIn(await page(partner)).filter(({ type }) => type === "course-of-action").length
    expect(await seen()).toBe(0)
    await expect.poll(seen, { timeout: 30_000, interval: 200 }).toBe(1)
    expect(portal.faults).toEqual([])
})

test("what was written in a transaction that failed is not what goes out later: its secret was never kept", async () => {
    const other = await program()
    other.clock.now = opened
    const partner = await newPartner(other, "validate")
    const about = await newCase(other, "toolshell")
    const artifact = await newArtifact(other, about, "summary", "toolshell/summary.md")
    await fall(other, about, "validate", [artifact])
    other.clock.now += 1000
    const texts = (act: Act) => keptNow({ ...act, doors: { ...act.doors, marksPolled: true } }, warningObjects)
    const note = (rows: Awaited<ReturnType<typeof texts>>) =>
        joined([...rows].filter((row) => row.of.type === "note")).pieces.join("")
    const failed = await other
        .acting(partner.analyst, async (act) => {
            throw new Error(note(await texts(act)))
        })
        .catch((error: Error) => error.message)
    const kept = note(await other.acting(partner.analyst, texts))
    const { content } = JSON.parse(kept) as { content: string }
    expect(content.trim()).toBe((await fetched(other, partner, artifact)).trim())
    expect(kept).not.toBe(failed)
    await other.database.close()
})
