/** A partner's client that checks the keys which the server lists against the receipts of their changes. */
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { TestLog, TestPortal, problem } from "../../../test/support/doubles/portal.ts"
import { TestStore } from "../../../test/support/store.ts"
import { type Client, type KeyChange, connect } from "./connect.ts"

let portal: TestPortal
let store: TestStore
let client: Client

beforeEach(async () => {
    portal = await new TestPortal().listen()
    portal.issuesKeyReceipts = true
    store = new TestStore()
    client = connect({ url: portal.url, token: portal.token, sleep: async () => undefined, chance: () => 0 })
    await client.addKey("age1first")
    await client.addKey("age1second")
})
afterEach(() => portal.close())

const check = () => client.checkKeys(store)
const refused = (code: string) => expect.objectContaining({ code }) as Error
const kindsOf = (changes: readonly KeyChange[]) => changes.map(({ kind, recipient }) => `${kind} ${recipient}`)

async function pullKinds(): Promise<string[]> {
    const kinds: string[] = []
    for await (const { kind } of client.pull(store)) kinds.push(kind)
    return kinds
}

/** The server revokes the second key, with a receipt. */
function revoke(): void {
    const [first, second] = portal.keys
    const revoked = { ...second!, revokedAt: "2025-07-02T00:00:00Z" }
    portal.keys = [first!, revoked]
    portal.changeKey(revoked, "key_revoked")
}

/** Signs all receipts again in another log, without the change of this number. */
function rewriteWithout(number: number, log: TestLog): void {
    const kept = portal.changes.filter((change) => change.number !== number)
    portal.log = log
    portal.changes = []
    for (const { key, kind } of kept)
        portal.changeKey(
            portal.keys.find(({ id }) => id === key)!,
            kind,
        )
}

describe("a check of keys", () => {
    test("reports each change once, and asks for each receipt once", async () => {
        expect(kindsOf((await check()).added)).toEqual(["key_added age1first", "key_added age1second"])
        expect((await check()).added).toEqual([])
        revoke()
        const { added, changes, pending } = await check()
        expect([kindsOf(added), changes.length, pending]).toEqual([["key_revoked age1second"], 3, []])
        expect(portal.count("GET receipts")).toBe(3)
    })

    test("is part of a pull, which asks for the keys only after a change", async () => {
        expect(await pullKinds()).toEqual(["pinned", "recalled", "keys_changed", "finished"])
        expect(await pullKinds()).toEqual(["recalled", "finished"])
        expect(portal.count("GET keys")).toBe(1)
        portal.changes = portal.changes.slice(0, 1)
        await expect(pullKinds()).rejects.toThrow(refused("keys.receipts_vanished"))
    })

    test("calls a change pending while its receipt is in no batch, and asks again", async () => {
        await check()
        revoke()
        portal.unbatched = 1
        const { added, pending } = await check()
        expect([added, kindsOf(pending)]).toEqual([[], ["key_revoked age1second"]])
        expect(kindsOf((await check()).added)).toEqual(["key_revoked age1second"])
    })

    test("refuses a receipt that stays out of the log", async () => {
        await check()
        revoke()
        portal.unbatched = Infinity
        await check()
        const since = (batches: number) => {
            const pending = store.knownKeys!.pending.map((item) => ({ ...item, since: portal.log.size - batches }))
            store.knownKeys = { ...store.knownKeys!, pending }
        }
        since(1000)
        expect((await check()).pending).toHaveLength(1)
        since(1001)
        await expect(check()).rejects.toThrow(refused("keys.receipt_overdue"))
    })

    test("refuses a server that drops a change while it is pending", async () => {
        await check()
        const before = portal.keys
        revoke()
        portal.unbatched = 1
        await check()
        portal.keys = before
        portal.changes.pop()
        await expect(pullKinds()).rejects.toThrow(refused("keys.receipts_vanished"))
    })

    test("refuses a server that puts another change in the place of a pending one", async () => {
        await check()
        const before = portal.keys
        revoke()
        portal.unbatched = 1
        await check()
        const [first, second] = before
        portal.changes.pop()
        const other = { ...first!, revokedAt: "2025-07-02T00:00:00Z" }
        portal.keys = [other, second!]
        portal.changeKey(other, "key_revoked")
        await expect(check()).rejects.toThrow(refused("keys.receipts_vanished"))
    })

    test.each<[string, () => void, string]>([
        ["shows a key without a receipt", () => portal.keys.push({ ...portal.keys[0]!, id: "x" }), "keys.no_receipt"],
        ["hides a key", () => portal.keys.pop(), "keys.hidden"],
        ["drops the last receipt", () => portal.changes.pop(), "keys.receipts_vanished"],
        ["drops an earlier receipt", () => portal.changes.shift(), "keys.receipts_vanished"],
        ["hides a key and its receipt", () => [portal.keys.pop(), portal.changes.pop()], "keys.receipts_vanished"],
        [
            "shows another recipient than the receipt",
            () => (portal.keys = portal.keys.map((key) => ({ ...key, recipient: "age1other" }))),
            "keys.receipt_differs",
        ],
        [
            "shows a revoked key as usable",
            () => {
                const before = portal.keys
                revoke()
                portal.keys = before
            },
            "keys.receipt_differs",
        ],
        ["rewrites the log", () => rewriteWithout(1, new TestLog()), "client.log_behind"],
        [
            "forks the log",
            () => {
                rewriteWithout(1, new TestLog())
                for (let n = 0; n < 5; n++) portal.log.add({ n })
            },
            "client.log_forked",
        ],
        ["signs with another key", () => rewriteWithout(1, new TestLog(2)), "client.log_key_mismatch"],
    ])("refuses a server that %s", async (_, tamper, code) => {
        await check()
        tamper()
        await expect(check()).rejects.toThrow(refused(code))
    })

    test.each<[string, () => void, string]>([
        ["leaves out a receipt", () => portal.changes.shift(), "keys.receipts_broken"],
        [
            "leaves out a receipt, and numbers the next one again",
            () => portal.changeKey(portal.keys[1]!, "key_revoked", { number: 3, previous: "0".repeat(64) }),
            "keys.receipts_broken",
        ],
        [
            "lists a change differently from its receipt",
            () => (portal.changes = portal.changes.map((change) => ({ ...change, person: null }))),
            "client.receipt_mismatch",
        ],
        [
            "mixes in the receipt of another partner",
            () => portal.changeKey(portal.keys[1]!, "key_revoked", { partner: "another" }),
            "keys.receipts_broken",
        ],
    ])("without an earlier look, refuses a server that %s", async (_, tamper, code) => {
        tamper()
        await expect(check()).rejects.toThrow(refused(code))
    })

    test("before the first batch, has all changes pending", async () => {
        portal.faults.set("GET receipt-log", [problem(404, "receipt.no_batch")])
        portal.unbatched = Infinity
        expect((await check()).pending).toHaveLength(2)
    })
})
