import fc from "fast-check"
import { expect, test } from "vitest"
import { type LockedKey, lockWithPassphrase, lockWithShares, parseLockedKey, startUnlocking } from "./key-lock.ts"

const refused = (code: string) => expect.objectContaining({ code })
const text = `${"5a".repeat(32)}\n`
const workFactor = 10

const read = (locked: string): LockedKey => {
    const parsed = parseLockedKey(locked)
    if (parsed === null) throw new Error("not a locked key file")
    return parsed
}

test("a passphrase opens the key file that it locks, and no other does", async () => {
    const locked = await lockWithPassphrase(text, "correct horse battery", workFactor)
    expect(locked).not.toContain("5a5a")
    const unlocking = startUnlocking(read(locked))
    expect(await unlocking.offer("correct horse batterie")).toEqual({ state: "wrong", reason: "wrong passphrase" })
    expect(await unlocking.offer("correct horse battery\n")).toEqual({ state: "open", text })
    for (const weak of ["too short", "x".repeat(257)])
        await expect(lockWithPassphrase(text, weak)).rejects.toThrow(refused("keys.weak_passphrase"))
})

test("a letter with an accent opens in both forms of Unicode", async () => {
    const locked = await lockWithPassphrase(text, "cheval véritable".normalize("NFD"), workFactor)
    const { offer } = startUnlocking(read(locked.replaceAll("\n", "\r\n")))
    expect(await offer("cheval véritable".normalize("NFC"))).toEqual({ state: "open", text })
})

test("any three of five shares open the key file, in any order; two do not", async () => {
    const { locked, shares } = await lockWithShares(text, { shares: 5, needed: 3 })
    expect(new Set(shares).size).toBe(5)
    await fc.assert(
        fc.asyncProperty(fc.shuffledSubarray([...shares], { minLength: 3, maxLength: 3 }), async (chosen) => {
            const { offer } = startUnlocking(read(locked))
            const [first = "", second = "", third = ""] = chosen
            expect(await offer(first)).toEqual({ state: "waiting", have: 1, needed: 3 })
            // The same share again, in capitals, adds nothing.
            expect(await offer(first.toUpperCase())).toEqual({ state: "waiting", have: 1, needed: 3 })
            expect(await offer(second)).toEqual({ state: "waiting", have: 2, needed: 3 })
            expect(await offer(third)).toEqual({ state: "open", text })
        }),
        { numRuns: 20 },
    )
})

test("shares of another set, and changed shares, are refused", async () => {
    const { locked, shares } = await lockWithShares(text, { shares: 3, needed: 2 })
    const other = await lockWithShares(text, { shares: 3, needed: 2 })
    const { offer } = startUnlocking(read(locked))
    const [share = ""] = shares
    const changed = `${share.slice(0, -1)}${share.endsWith("q") ? "p" : "q"}`
    for (const wrong of [other.shares[0] ?? "", changed, "", "correct horse battery"])
        expect(await offer(wrong)).toMatchObject({ state: "wrong" })
    // Shares of a forged set with our name do not open it, and all must be given again.
    const forged = read(other.locked.replace(/shares [0-9a-f]{8}/, locked.slice(20, 35)))
    const { offer: offerForged } = startUnlocking(forged)
    expect(await offerForged(shares[0] ?? "")).toEqual({ state: "waiting", have: 1, needed: 2 })
    expect(await offerForged(shares[1] ?? "")).toMatchObject({ state: "wrong" })
    expect(await offerForged(shares[2] ?? "")).toEqual({ state: "waiting", have: 1, needed: 2 })
})

test.each([
    [1, 1],
    [5, 1],
    [2, 3],
    [17, 3],
    [2.5, 2],
])("%s shares of which %s are needed are refused", async (shares, needed) => {
    await expect(lockWithShares(text, { shares, needed })).rejects.toThrow(refused("keys.bad_share_counts"))
})

test.each([
    text,
    "",
    "tocsin-locked-key/1 shares 00000000 1 5\n",
    "tocsin-locked-key/1 shares 00000000 5 3\n",
    "tocsin-locked-key/2 passphrase\n",
])("%j is not a locked key file", (other) => {
    expect(parseLockedKey(other)).toBeNull()
})

test("a damaged file is not opened by its passphrase", async () => {
    const locked = await lockWithPassphrase(text, "correct horse battery", workFactor)
    const damaged = locked.replace(
        /\n([A-Za-z0-9+/]{20})/g,
        (_, line: string) => `\n${[...line].toReversed().join("")}`,
    )
    expect(await startUnlocking(read(damaged)).offer("correct horse battery")).toMatchObject({ state: "wrong" })
})
