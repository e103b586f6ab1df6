/** A partner's own program, which pulls, opens and confirms by the client, with a store of its own. */
import { generateX25519Identity, identityToRecipient } from "age-encryption"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { TestLog, TestPortal, problem } from "../../../test/support/doubles/portal.ts"
import { type Client, type PullEvent, type Settings, type WatchEvent, connect } from "./connect.ts"
import { refuse } from "@tocsin/base/refusal"
import { TestStore } from "../../../test/support/store.ts"

let portal: TestPortal
let store: TestStore
let identity: string

beforeEach(async () => {
    portal = await new TestPortal().listen()
    store = new TestStore()
    identity = await generateX25519Identity()
    await client().addKey(await identityToRecipient(identity))
})
afterEach(() => portal.close())

function client(settings: Partial<Settings> = {}): Client {
    return connect({ url: portal.url, token: portal.token, sleep: async () => undefined, chance: () => 0, ...settings })
}

async function pulled(how: Parameters<Client["pull"]>[1] = {}, input = client()): Promise<PullEvent[]> {
    return await allOf(input.pull(store, how))
}

async function allOf<Of>(events: AsyncIterable<Of>): Promise<Of[]> {
    const list: Of[] = []
    for await (const event of events) list.push(event)
    return list
}

const kinds = (events: readonly WatchEvent[]) => events.map(({ kind }) => kind)
const refused = (code: string) => expect.objectContaining({ code }) as Error

describe("a program that pulls", () => {
    test("is told each step, holds what came with its proof, and opens it", async () => {
        const warning = portal.warn("ToolShell", "technical.md")
        const input = client()
        const events = await pulled({}, input)
        expect(kinds(events)).toEqual(["recalled", "fetching", "fetched", "proving", "pinned", "proven", "finished"])
        expect(events.at(-1)).toEqual({ kind: "finished", held: 1, unproven: 0, log: store.seen })
        const [held] = store.held
        expect(held).toMatchObject({ warning: warning.id, version: 1, proven: true })
        expect(store.proofs.get(held!.receipt)).toBe(portal.log.receipt(0))
        const plain = await input.open(store.bytes.get(held!.file)!, [identity])
        expect(new TextDecoder().decode(plain)).toBe("what technical.md says\n")
        expect(await input.acknowledge(warning.id)).toMatchObject({ acknowledged: 1 })
        expect(kinds(await pulled())).toEqual(["recalled", "finished"])
    })

    test("opens by whatever unwraps a file's key, and by nothing else", async () => {
        portal.warn("ToolShell", "technical.md")
        await pulled()
        const [sealed] = [...store.bytes.values()]
        const opener = { unwrapFileKey: () => null }
        await expect(client().open(sealed!, [opener])).rejects.toThrow(refused("open.not_a_recipient"))
        await expect(client().open(sealed!, ["hello"])).rejects.toThrow(refused("open.bad_identity"))
        await expect(client().open(sealed!, ["AGE-SECRET-KEY-1QQ"])).rejects.toThrow(refused("open.bad_identity"))
        await expect(client().open(sealed!.subarray(0, -1), [identity])).rejects.toThrow(refused("open.damaged"))
        expect(await client().open(sealed!, [opener, identity])).toHaveLength(23)
    })

    test("learns what was recalled until it has given its word", async () => {
        const warning = portal.warn("ToolShell", "technical.md")
        await pulled()
        const recall = portal.recall(warning, "technical.md")
        expect(await pulled()).toContainEqual({ kind: "recalled", recalls: [recall] })
        await client().confirmDeletion(recall.id)
        expect(await pulled()).toContainEqual({ kind: "recalled", recalls: [] })
    })

    test("is told of what one copy is refused for, by the program or by the store, and goes on", async () => {
        portal.warn("ToolShell", "technical.md", "summary.md", "request.rules")
        portal.faults.set("GET copy", [problem(404, "request.not_found")])
        store.place = (name) => (name === "summary.md" ? refuse("conflict", "files.already_exists", "taken") : name)
        const events = await pulled()
        expect(events.filter(({ kind }) => kind === "refused")).toMatchObject([
            { what: "technical.md", code: "request.not_found" },
            { what: "summary.md", code: "files.already_exists" },
        ])
        expect(store.held.map(({ file }) => file)).toEqual(["request.rules"])
        expect(portal.deliveries).toHaveLength(1)
    })

    test("fetches no more than it asks for: each copy is on record", async () => {
        portal.warn("ToolShell", "technical.md", "summary.md")
        for await (const { kind } of client().pull(store)) if (kind === "fetched") break
        expect(portal.deliveries).toHaveLength(1)
        expect(store.held).toHaveLength(1)
    })

    test("waits for receipts where the next batch is near", async () => {
        portal.warn("ToolShell", "technical.md")
        portal.unbatched = 1
        expect(kinds(await pulled())).toContain("waiting")
        expect(store.held[0]?.proven).toBe(true)
    })

    test("keeps to its signal", async () => {
        portal.warn("ToolShell", "technical.md")
        const stop = AbortSignal.abort(new Error("enough"))
        await expect(pulled({ signal: stop })).rejects.toThrow("enough")
        await expect(pulled({}, client({ signal: stop }))).rejects.toThrow("enough")
        expect(portal.count("GET copy")).toBe(0)
    })
})

describe("the log is held to what the store has seen", () => {
    function otherLog(size: number, seed = 1): TestLog {
        const log = new TestLog(seed)
        for (let n = 0; n < size; n++) log.add({ kind: "fetched", receipt: `other ${n}` })
        return log
    }

    test.each<[string, () => TestLog, string]>([
        ["forked", () => otherLog(1), "client.log_forked"],
        ["grew out of another", () => otherLog(4), "client.log_forked"],
        ["is signed with another key", () => otherLog(2, 2), "client.log_key_mismatch"],
        ["is empty again", () => otherLog(0), "client.log_shrank"],
    ])("and nothing is fetched from one that %s", async (_, log, code) => {
        portal.warn("ToolShell", "technical.md")
        await pulled()
        portal.warn("Bypass", "summary.md")
        portal.log = log()
        const seen = store.seen
        await expect(pulled()).rejects.toThrow(refused(code))
        expect([store.held.length, store.seen, portal.deliveries.length]).toEqual([1, seen, 1])
    })

    test("a receipt that proves something else ends it, and the copy stays unproven", async () => {
        portal.warn("ToolShell", "technical.md")
        portal.log.add({ kind: "fetched", receipt: "another" })
        portal.faults.set("GET receipts", [{ body: { receipt: portal.log.receipt(0) } }])
        await expect(pulled()).rejects.toThrow(refused("client.receipt_mismatch"))
        expect(store.held).toMatchObject([{ proven: false }])
    })

    test("a key that is known before counts from the first look", async () => {
        portal.log.add({})
        await expect(pulled({ logKey: otherLog(1, 2).verifierKey })).rejects.toThrow(refused("client.log_key_mismatch"))
        await expect(pulled({ logKey: portal.log.verifierKey })).rejects.toThrow(refused("pull.key_mismatch"))
        store = new TestStore()
        expect(kinds(await pulled({ logKey: portal.log.verifierKey }))).toEqual(["recalled", "finished"])
    })
})

describe("a program that watches", () => {
    test("looks again through outages, and ends by its signal without an error", async () => {
        const stop = new AbortController()
        const pauses: number[] = []
        const sleep = async (ms: number) => void pauses.push(ms)
        const events: WatchEvent[] = []
        portal.faults.set("GET warnings", [problem(404, "request.not_found")])
        for await (const event of client({ sleep }).watch(store, { everyMs: 7000, signal: stop.signal })) {
            events.push(event)
            if (event.kind === "outage") portal.warn("ToolShell", "technical.md")
            if (event.kind === "fetched") stop.abort()
        }
        expect(kinds(events)).toEqual(["recalled", "outage", "recalled", "fetching", "fetched", "proving"])
        expect(pauses).toEqual([7000])
        expect(store.held).toHaveLength(1)
    })

    test("ends with an error where the log is not to be believed", async () => {
        portal.log.add({})
        const looks = allOf(client({ sleep: async () => void (portal.log = new TestLog()) }).watch(store))
        await expect(looks).rejects.toThrow(refused("client.log_shrank"))
    })

    test("ends with an error where its token is not known", async () => {
        const looks = allOf(client({ token: "x".repeat(43) }).watch(store))
        await expect(looks).rejects.toThrow(refused("request.not_signed_in"))
    })
})
