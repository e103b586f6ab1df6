/** A fetched copy changes nothing in the feed. A recall of it does at once. */
import { setTimeout as pause } from "node:timers/promises"
import { afterEach, beforeEach, expect, test } from "vitest"
import { newId } from "../../../../test/support/database.ts"
import {
    type Program,
    type TestPartner,
    releaseWaveNow,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
} from "../../../../test/support/program.ts"
import { parseInstant } from "@tocsin/base/instant"
import { lockToRead } from "../../kernel/locks.ts"
import { type ActionContext, record } from "../../kernel/action-context.ts"
import { recallArtifact } from "../artifacts/actions/recall-artifact.ts"
import { fetchCopy } from "./actions/fetch-copy.ts"
import { aliasFor } from "./actions/resolve-alias.ts"
import { listWarnings } from "./actions/project-warnings.ts"
import type { Feed } from "../feed/actions/lease-feed.ts"
import { readFeed } from "../feed/actions/read-feed.ts"
import { insertDeliveryLast } from "./store/deliveries.ts"

let world: Program
let partner: TestPartner
let subject: string
let summary: string
let rules: string
let requested = 0

/** The TAXII feed: warnings and their available artifacts. */
const seen: Feed<{ readonly id: string }> = {
    collection: "warnings",
    load: async (ctx) => {
        requested++
        const list = (await listWarnings(ctx, partner.id)).flatMap(({ title, artifacts }) => [
            { id: title },
            ...artifacts.flatMap(({ id, version }) => (version === null ? [] : [{ id: `${id} ${version}` }])),
        ])
        return { fingerprint: JSON.stringify(list), loadItems: async () => list }
    },
    isTracked: true,
    keyOf: ({ id }) => id,
    bytesOf: ({ id }) => id.length,
}

beforeEach(async () => {
    world = await createProgram()
    partner = await newPartner(world, "validate")
    subject = await newCase(world, "toolshell")
    summary = await newArtifact(world, subject, "summary", "toolshell/summary.md")
    rules = await newArtifact(world, subject, "rules", "toolshell/indicators.json")
    world.clock.now = parseInstant("2025-06-24T17:00:00Z")
    await releaseWaveNow(world, subject, "validate", [summary, rules])
    requested = 0
}, 120_000)
afterEach(() => world.database.close())

const random = (bytes: number) => Buffer.alloc(bytes, 1)
const actAsPartner = <T>(work: (ctx: ActionContext) => Promise<T>) =>
    world.acting(partner.analyst, (ctx) => work({ ...ctx, services: { ...ctx.services, random } }))
const rows = async () => {
    const rows = await actAsPartner((ctx) => readFeed(ctx, seen))
    return [...rows].map((view) => view.item.id)
}
async function computed(work: () => Promise<unknown>): Promise<number> {
    requested = 0
    await work()
    return requested
}

async function underLease(): Promise<void> {
    for (let n = 0; n < 4; n++) await rows()
    expect(await computed(rows)).toBe(0)
}

/** Records a delivery, permitted or not. */
async function recordDelivery(ctx: ActionContext, artifact: string): Promise<void> {
    const [id, input] = [newId(), { artifact, version: 1, partner: partner.id, case_id: subject, at: ctx.now }]
    const event = await record(ctx, { kind: "copy.delivered", delivery: id, partner: partner.id, artifact })
    const hashes = { copy_hash: Buffer.alloc(32), copy_salt: Buffer.alloc(16) }
    insertDeliveryLast(ctx.tx, {
        ...input,
        ...hashes,
        id,
        event,
        person: partner.analyst.person,
        class: "summary",
        channel: "copy",
    })
}

const because = { version: null, reason: "It was wrong." }

test("a fetched copy ends no lease and changes nothing", async () => {
    await underLease()
    const before = await rows()
    await actAsPartner((ctx) => fetchCopy(ctx, aliasFor(ctx.services.keys, partner.id, "artifact", summary)))
    expect(await computed(rows)).toBe(0)
    world.clock.now += 10_001
    expect(await rows()).toEqual(before)
    expect(requested).toBeGreaterThan(0)
})

test("the recall of a fetched copy ends the lease", async () => {
    await underLease()
    await actAsPartner((ctx) => recordDelivery(ctx, summary))
    await world.acting(world.author, (ctx) => recallArtifact(ctx, summary, because))
    expect(await computed(rows)).toBeGreaterThan(0)
})

test("a delivery of a recalled artifact after its recall changes nothing", async () => {
    await world.acting(world.author, (ctx) => recallArtifact(ctx, summary, because))
    await underLease()
    const before = await rows()
    await actAsPartner((ctx) => recordDelivery(ctx, summary))
    expect(await computed(rows)).toBe(0)
    world.clock.now += 10_001
    expect(await rows()).toEqual(before)
    expect(requested).toBeGreaterThan(0)
})

test("a recall waits for a delivery in progress", async () => {
    let isOver = false
    const handing = actAsPartner(async (ctx) => {
        // Like every permission check of the portal: the row is written at the commit.
        await lockToRead(ctx.tx, partner.id)
        await recordDelivery(ctx, summary)
        const recalling = world.acting(world.author, (other) => recallArtifact(other, summary, because))
        const recalled = recalling.then(() => expect(isOver).toBe(true))
        await pause(200)
        isOver = true
        return { recalled }
    })
    const { recalled } = await handing
    await recalled
})
