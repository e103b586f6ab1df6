/** A partner's own tool that pulls, opens and acknowledges copies with the client and its own store. */
import { generateX25519Identity, identityToRecipient } from "age-encryption"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { TestLog, TestPortal, problem } from "../../../test/support/doubles/portal.ts"
import { type Client, type PullEvent, type ConnectionSettings, type WatchEvent, connect } from "./connect.ts"
import { nodeVerifiers, signingNoteKey } from "@tocsin/audit-log/commands/node-keys"
import { formatNoteKey } from "@tocsin/audit-log/note-keys"
import { type WitnessPolicy, parseWitnessPolicy } from "@tocsin/audit-log/witness-policy"
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

function client(settings: Partial<ConnectionSettings> = {}): Client {
    return connect({ url: portal.url, token: portal.token, sleep: async () => undefined, chance: () => 0, ...settings })
}

async function pullAll(how: Parameters<Client["pull"]>[1] = {}, input = client()): Promise<PullEvent[]> {
    return await allOf(input.pull(store, how))
}

async function allOf<Of>(events: AsyncIterable<Of>): Promise<Of[]> {
    const list: Of[] = []
    for await (const event of events) list.push(event)
    return list
}

const kindsOf = (events: readonly WatchEvent[]) => events.map(({ kind }) => kind)
const refused = (code: string) => expect.objectContaining({ code }) as Error

describe("a pulling client", () => {
    test("reports each step, holds each copy with its receipt, and opens it", async () => {
        const warning = portal.addWarning("ToolShell", "technical.md")
        const input = client()
        const events = await pullAll({}, input)
        expect(kindsOf(events)).toEqual(["recalled", "fetching", "fetched", "proving", "proven", "pinned", "finished"])
        const log = { ...store.knownLog, isKeyNew: true }
        expect(events.at(-1)).toEqual({ kind: "finished", held: 1, unproven: 0, log })
        const [held] = store.heldCopies
        expect(held).toMatchObject({ warning: warning.id, version: 1, proven: true })
        expect(store.proofs.get(held!.receipt)).toBe(portal.log.receipt(0))
        const plain = await input.open(store.bytes.get(held!.file)!, [identity])
        expect(new TextDecoder().decode(plain)).toBe("what technical.md says\n")
        expect(await input.acknowledge(warning.id)).toMatchObject({ acknowledged: 1 })
        expect(kindsOf(await pullAll())).toEqual(["recalled", "finished"])
    })

    test("opens with any function that unwraps a file key, and without one not at all", async () => {
        portal.addWarning("ToolShell", "technical.md")
        await pullAll()
        const [sealed] = [...store.bytes.values()]
        const opener = { unwrapFileKey: () => null }
        await expect(client().open(sealed!, [opener])).rejects.toThrow(refused("open.not_a_recipient"))
        await expect(client().open(sealed!, ["hello"])).rejects.toThrow(refused("open.bad_identity"))
        await expect(client().open(sealed!, ["AGE-SECRET-KEY-1QQ"])).rejects.toThrow(refused("open.bad_identity"))
        await expect(client().open(sealed!.subarray(0, -1), [identity])).rejects.toThrow(refused("open.damaged"))
        expect(await client().open(sealed!, [opener, identity])).toHaveLength(23)
    })

    test("reports a recall until its deletion is confirmed", async () => {
        const warning = portal.addWarning("ToolShell", "technical.md")
        await pullAll()
        const recall = portal.recallArtifact(warning, "technical.md")
        expect(await pullAll()).toContainEqual({ kind: "recalled", recalls: [recall] })
        await client().confirmDeletion(recall.id)
        expect(await pullAll()).toContainEqual({ kind: "recalled", recalls: [] })
    })

    test("reports why a copy was refused, by the portal or by the store, and continues", async () => {
        portal.addWarning("ToolShell", "technical.md", "summary.md", "request.rules")
        portal.faults.set("GET copy", [problem(404, "request.not_found")])
        store.place = (name) => (name === "summary.md" ? refuse("conflict", "files.already_exists", "taken") : name)
        const events = await pullAll()
        expect(events.filter(({ kind }) => kind === "refused")).toMatchObject([
            { item: "technical.md", code: "request.not_found" },
            { item: "summary.md", code: "files.already_exists" },
        ])
        expect(store.heldCopies.map(({ file }) => file)).toEqual(["request.rules"])
        expect(portal.deliveries).toHaveLength(1)
    })

    test("says why a partner without access gets no warnings, and a watch tries again", async () => {
        portal.addWarning("ToolShell", "technical.md")
        portal.status = "invited"
        await expect(pullAll()).rejects.toThrow(/is `invited` and has no access to warnings/)
        await expect(pullAll()).rejects.toThrow(refused("pull.no_access"))
        const stop = new AbortController()
        const kinds: string[] = []
        for await (const event of client({ signal: stop.signal }).watch(store, { everyMs: 1 })) {
            kinds.push(event.kind)
            if (event.kind === "outage") portal.status = "active"
            if (event.kind === "finished") stop.abort()
        }
        expect(kinds).toEqual(expect.arrayContaining(["outage", "fetched", "finished"]))
    })

    test("fetches only what it asks for: each copy is recorded", async () => {
        portal.addWarning("ToolShell", "technical.md", "summary.md")
        for await (const { kind } of client().pull(store)) if (kind === "fetched") break
        expect(portal.deliveries).toHaveLength(1)
        expect(store.heldCopies).toHaveLength(1)
    })

    test("waits for receipts when the next batch is near", async () => {
        portal.addWarning("ToolShell", "technical.md")
        portal.unbatched = 1
        expect(kindsOf(await pullAll())).toContain("waiting")
        expect(store.heldCopies[0]?.proven).toBe(true)
    })

    test("stops on its signal", async () => {
        portal.addWarning("ToolShell", "technical.md")
        const stop = AbortSignal.abort(new Error("enough"))
        await expect(pullAll({ signal: stop })).rejects.toThrow("enough")
        await expect(pullAll({}, client({ signal: stop }))).rejects.toThrow("enough")
        expect(portal.count("GET copy")).toBe(0)
    })
})

describe("the log is verified against the store", () => {
    function otherLog(size: number, seed = 1): TestLog {
        const log = new TestLog(seed)
        for (let n = 0; n < size; n++) log.add({ kind: "fetched", receipt: `other ${n}` })
        return log
    }

    test.each<[string, () => TestLog, string]>([
        ["forked", () => otherLog(1), "client.log_forked"],
        ["grew from another history", () => otherLog(4), "client.log_forked"],
        ["is signed with another key", () => otherLog(2, 2), "client.log_key_mismatch"],
        ["is empty again", () => otherLog(0), "client.log_behind"],
    ])("and nothing is fetched when it %s", async (_, log, code) => {
        portal.addWarning("ToolShell", "technical.md")
        await pullAll()
        portal.addWarning("Bypass", "summary.md")
        portal.log = log()
        const seen = store.knownLog
        await expect(pullAll()).rejects.toThrow(refused(code))
        expect([store.heldCopies.length, store.knownLog, portal.deliveries.length]).toEqual([1, seen, 1])
    })

    test("a receipt of another fetch ends the pull, and the copy stays unproven", async () => {
        portal.addWarning("ToolShell", "technical.md")
        portal.log.add({ kind: "fetched", receipt: "another" })
        portal.faults.set("GET receipts", [{ body: { receipt: portal.log.receipt(0) } }])
        await expect(pullAll()).rejects.toThrow(refused("client.receipt_mismatch"))
        expect(store.heldCopies).toMatchObject([{ proven: false }])
    })

    test("a key known before is checked from the first look on", async () => {
        portal.log.add({})
        await expect(pullAll({ logKey: otherLog(1, 2).verifierKey })).rejects.toThrow(
            refused("client.log_key_mismatch"),
        )
        await expect(pullAll({ logKey: portal.log.verifierKey })).rejects.toThrow(refused("pull.key_mismatch"))
        store = new TestStore()
        expect(kindsOf(await pullAll({ logKey: portal.log.verifierKey }))).toEqual(["recalled", "finished"])
    })
})

function witnessPolicy(): WitnessPolicy {
    const witness = signingNoteKey("cosignature", new Uint8Array(32).fill(8), () => "w8.example")
    const lines = [`log ${portal.log.verifierKey}`, `witness W ${formatNoteKey(witness)}`, "quorum W", ""]
    return parseWitnessPolicy(Buffer.from(lines.join("\n")))
}

describe("a watching client", () => {
    test("looks again after outages, and ends on its signal without an error", async () => {
        const stop = new AbortController()
        const pauses: number[] = []
        const sleep = async (ms: number) => void pauses.push(ms)
        const events: WatchEvent[] = []
        portal.faults.set("GET warnings", [problem(404, "request.not_found")])
        for await (const event of client({ sleep }).watch(store, { everyMs: 7000, signal: stop.signal })) {
            events.push(event)
            if (event.kind === "outage") portal.addWarning("ToolShell", "technical.md")
            if (event.kind === "fetched") stop.abort()
        }
        expect(kindsOf(events)).toEqual(["recalled", "outage", "recalled", "fetching", "fetched", "proving"])
        expect(pauses).toEqual([7000])
        expect(store.heldCopies).toHaveLength(1)
    })

    test("ends with an error when the log cannot be verified", async () => {
        portal.log.add({})
        const other = new TestLog()
        other.add({ other: true })
        const looks = allOf(client({ sleep: async () => void (portal.log = other) }).watch(store))
        await expect(looks).rejects.toThrow(refused("client.log_forked"))
    })

    test("reports recalls while the server is behind, fetches nothing, and ends after an hour", async () => {
        portal.addWarning("ToolShell", "technical.md")
        await pullAll()
        portal.addWarning("Bypass", "summary.md")
        portal.log = new TestLog()
        const events: WatchEvent[] = []
        const looks = async () => {
            for await (const event of client({ sleep: async () => undefined }).watch(store, { everyMs: 1_800_000 }))
                events.push(event)
        }
        await expect(looks()).rejects.toThrow(refused("client.log_behind"))
        expect(kindsOf(events)).toEqual(["recalled", "outage", "recalled", "outage", "recalled"])
        expect(store.heldCopies).toHaveLength(1)
    })

    test("reports recalls and waits while no witness has signed, and fetches nothing", async () => {
        const witnesses = { policy: witnessPolicy(), mlDsa44: nodeVerifiers.mlDsa44, now: Date.now }
        portal.addWarning("ToolShell", "technical.md")
        await expect(pullAll({ witnesses })).rejects.toThrow(refused("client.not_witnessed"))
        portal.log.add({})
        const stop = new AbortController()
        const watching = client().watch(store, { everyMs: 1, signal: stop.signal, witnesses })
        const kinds: string[] = []
        for await (const event of watching) {
            kinds.push(event.kind)
            if (kinds.length === 6) stop.abort()
        }
        expect(kinds).toEqual(["pinned", "recalled", "outage", "pinned", "recalled", "outage"])
        expect(portal.count("GET copy")).toBe(0)
    })

    test("ends with an error when its token is unknown", async () => {
        const looks = allOf(client({ token: "x".repeat(43) }).watch(store))
        await expect(looks).rejects.toThrow(refused("request.not_signed_in"))
    })
})
