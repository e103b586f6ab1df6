import { describe, expect, test } from "vitest"
import vectors from "../../test/vectors/record.json" with { type: "json" }
import { TestLog } from "../../test/portal.ts"
import { verifyEd25519 as verify } from "../platform/signing.ts"
import { pinned, seeHead, seeNoHead, seeReceipt } from "./log.ts"

/** A record of some deliveries: `d0`, `d1` … */
function logOf(count: number, seed = 1, word = "d"): TestLog {
    const log = new TestLog(seed)
    for (let n = 0; n < count; n++) log.add("copy.delivered", { delivery: `${word}${n}` })
    return log
}

const refused = (code: string) => expect.objectContaining({ code }) as unknown

describe("the record, seen from outside", () => {
    test("is believed the first time, and followed while it grows", async () => {
        const log = logOf(1)
        const first = seeHead(null, log.head(), verify)
        expect(first).toMatchObject({ verifierKey: log.verifierKey, size: 1 })
        expect(seeHead(first, log.head(), verify)).toEqual(first)
        const grown = logOf(5)
        const second = await seeReceipt(first, grown.receipt(3), "d3", verify)
        expect(second).toMatchObject({ size: 5, root: seeHead(null, grown.head(), verify).root })
        expect(seeHead(second, logOf(6).head(), verify).size).toBe(6)
        expect(await seeReceipt(null, log.receipt(0), "d0", verify)).toEqual(first)
    })

    test.each<[string, () => unknown, string]>([
        ["says less than before", () => logOf(4).head(), "client.log_shrank"],
        ["says something else of the same length", () => logOf(5, 1, "e").head(), "client.log_forked"],
        ["is signed with another key", () => logOf(6, 2).head(), "client.log_other_key"],
        [
            "names the pinned key, and is signed by another",
            () => ({ ...logOf(6, 2).head(), verifierKey: logOf(1).verifierKey }),
            "checkpoint.unsigned",
        ],
        [
            "was changed after it was signed",
            () => ({ ...logOf(6).head(), checkpoint: logOf(6).head().checkpoint.replace("\n6\n", "\n7\n") }),
            "checkpoint.forged",
        ],
    ])("is refused when its head %s", (_, head, code) => {
        const seen = seeHead(null, logOf(5).head(), verify)
        expect(() => seeHead(seen, head() as ReturnType<TestLog["head"]>, verify)).toThrow(refused(code) as Error)
    })

    test.each<[string, () => string, string]>([
        ["is another delivery's", () => logOf(5).receipt(3), "client.other_receipt"],
        [
            "is of another kind",
            () => {
                const log = logOf(5)
                log.add("key.added", { delivery: "d2" })
                return log.receipt(5)
            },
            "client.other_receipt",
        ],
        ["is under a smaller head", () => logOf(4).receipt(2), "client.log_shrank"],
        [
            "is under another head of the same length",
            () => {
                const log = logOf(4)
                log.add("x", {})
                return log.receipt(2)
            },
            "client.log_forked",
        ],
        ["is signed with another key", () => logOf(6, 2).receipt(2), "client.log_other_key"],
        [
            "was changed",
            () => logOf(6).receipt(2).replace('"delivery":"d2"', '"delivery":"d9"'),
            "client.receipt_rejected",
        ],
        ["is empty", () => "", "client.receipt_rejected"],
        ["is two", () => logOf(6).receipt(2).repeat(2), "client.receipt_rejected"],
    ])("is refused when a receipt %s", async (_, receipt, code) => {
        const seen = seeHead(null, logOf(5).head(), verify)
        await expect(seeReceipt(seen, receipt(), "d2", verify)).rejects.toThrow(refused(code) as Error)
    })

    test("is refused when a whole record comes as a receipt", async () => {
        const record = vectors.lines.join("")
        await expect(seeReceipt(null, record, "d2", verify)).rejects.toThrow(refused("client.other_receipt") as Error)
    })

    test("is refused when it has no head any more", () => {
        seeNoHead(null)
        seeNoHead(pinned(logOf(1).verifierKey))
        expect(() => seeNoHead(seeHead(null, logOf(1).head(), verify))).toThrow(refused("client.log_shrank") as Error)
    })

    test("is held to a key that was known before", () => {
        const seen = pinned(logOf(1).verifierKey)
        expect(seeHead(seen, logOf(3).head(), verify).size).toBe(3)
        expect(() => seeHead(seen, logOf(3, 2).head(), verify)).toThrow(refused("client.log_other_key") as Error)
        expect(() => pinned("hello")).toThrow(refused("checkpoint.key_malformed") as Error)
    })
})
