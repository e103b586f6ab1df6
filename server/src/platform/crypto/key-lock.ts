/**
 * Locks the key file with a passphrase, or with shares of which several are needed, so that the file alone opens
 * nothing.
 *
 * A locked key file has a first line that says how it is locked. Below is an armored age file (https://c2sp.org/age)
 * with the text of the unlocked key file: `age -d` opens one that a passphrase locks. Shares are made by Shamir's
 * scheme from the bytes of an age identity, and written in Bech32: `tocsin-share1…`.
 */
import { randomBytes } from "node:crypto"
import { Decrypter, Encrypter, armor, identityToRecipient } from "age-encryption"
import { combine, split } from "shamir-secret-sharing"
import { refuse } from "@tocsin/base/refusal"
import { decodeBech32, encodeBech32 } from "@tocsin/client/bech32"

const format = "tocsin-locked-key/1"
const sharePrefix = "tocsin-share"
const setBytes = 4
const identityBytes = 32
const passphraseCharsMin = 12
const passphraseCharsMax = 256

/** The most shares of a key. */
export const sharesMax = 16

export interface ShareCounts {
    /** How many shares exist, 2 to 16. */
    readonly shares: number
    /** How many of them open the key file, 2 at least. */
    readonly needed: number
}

/** How a key file is locked. `set` names shares that were made together, in hex. */
export type Lock = { readonly kind: "passphrase" } | ({ readonly kind: "shares"; readonly set: string } & ShareCounts)

export interface LockedKey {
    readonly lock: Lock
    /** The armored age file. */
    readonly armored: string
}

/** The result of a passphrase or a share. `open` has the text of the unlocked key file. */
export type OfferResult =
    | { readonly state: "open"; readonly text: string }
    | { readonly state: "waiting"; readonly have: number; readonly needed: number }
    | { readonly state: "wrong"; readonly reason: string }

/** Collects what opens one locked key file. */
export interface Unlocking {
    readonly lock: Lock
    /** Takes a passphrase or a share. Calls run one after the other. */
    readonly offer: (secret: string) => Promise<OfferResult>
}

/**
 * Locks the text of a key file with a passphrase. `workFactor` is the base-2 logarithm of scrypt's cost. Refuses
 * `keys.weak_passphrase`.
 */
export async function lockWithPassphrase(text: string, passphrase: string, workFactor = 18): Promise<string> {
    const { length } = [...passphrase]
    if (length < passphraseCharsMin || length > passphraseCharsMax) {
        const range = `${passphraseCharsMin} to ${passphraseCharsMax}`
        refuse("invalid", "keys.weak_passphrase", `a passphrase has \`${range}\` characters`)
    }
    const age = new Encrypter()
    age.setPassphrase(normalized(passphrase))
    age.setScryptWorkFactor(workFactor)
    return `${format} passphrase\n${armor.encode(await age.encrypt(text))}`
}

/** Locks the text of a key file with new shares. Refuses `keys.bad_share_counts`. */
export async function lockWithShares(
    text: string,
    { shares, needed }: ShareCounts,
): Promise<{ readonly locked: string; readonly shares: readonly string[] }> {
    if (!isCount(shares) || !isCount(needed) || needed > shares) {
        const counts = `2 to ${sharesMax} shares, and as many needed at most`
        refuse("invalid", "keys.bad_share_counts", `these numbers do not fit: give \`${counts}\``)
    }
    const [secret, set] = [randomBytes(identityBytes), randomBytes(setBytes)]
    const age = new Encrypter()
    age.addRecipient(await identityToRecipient(identityOf(secret)))
    const parts = await split(Uint8Array.from(secret), shares, needed)
    return {
        locked: `${format} shares ${set.toString("hex")} ${needed} ${shares}\n${armor.encode(await age.encrypt(text))}`,
        shares: parts.map((part) => encodeBech32(sharePrefix, Buffer.concat([set, part]))),
    }
}

/** Terminals differ in how they write a letter with an accent. */
const normalized = (passphrase: string): string => passphrase.trim().normalize("NFC")

const isCount = (count: number): boolean => Number.isInteger(count) && count >= 2 && count <= sharesMax

const identityOf = (secret: Uint8Array): string => encodeBech32("age-secret-key-", secret).toUpperCase()

/** Reads a locked key file. Null: the text is not one. */
export function parseLockedKey(text: string): LockedKey | null {
    const [first = "", ...rest] = text.replaceAll("\r\n", "\n").split("\n")
    const armored = rest.join("\n")
    if (first === `${format} passphrase`) return { lock: { kind: "passphrase" }, armored }
    const [, set = "", needed, shares] =
        /^tocsin-locked-key\/1 shares ([0-9a-f]{8}) (\d{1,2}) (\d{1,2})$/.exec(first) ?? []
    if (needed === undefined) return null
    const counts = { needed: Number(needed), shares: Number(shares) }
    if (!isCount(counts.needed) || !isCount(counts.shares) || counts.needed > counts.shares) return null
    return { lock: { kind: "shares", set, ...counts }, armored }
}

/** Starts to unlock. Nothing that was offered is kept after it opened, or after the shares turned out to be wrong. */
export function startUnlocking({ lock, armored }: LockedKey): Unlocking {
    const parts = new Map<string, Uint8Array>()
    const offerShare = async (share: string, set: string, needed: number): Promise<OfferResult> => {
        const part = partOf(share, set)
        if (part === null) return { state: "wrong", reason: "this is not a share of this key file" }
        const number = String(part.at(-1))
        const known = parts.get(number)
        if (known !== undefined && !Buffer.from(known).equals(part))
            return { state: "wrong", reason: "another share with this number was given: one of them is forged" }
        parts.set(number, part)
        if (parts.size < needed) return { state: "waiting", have: parts.size, needed }
        const secret = await combine([...parts.values()])
        parts.clear()
        const text = await open(armored, (age) => age.addIdentity(identityOf(secret)))
        return text === null
            ? { state: "wrong", reason: "these shares do not open the key file: give all of them again" }
            : { state: "open", text }
    }
    const take = async (secret: string): Promise<OfferResult> => {
        if (lock.kind === "shares") return await offerShare(secret, lock.set, lock.needed)
        const text = await open(armored, (age) => age.addPassphrase(normalized(secret)))
        return text === null ? { state: "wrong", reason: "wrong passphrase" } : { state: "open", text }
    }
    let last: Promise<unknown> = Promise.resolve()
    return {
        lock,
        offer: (secret) => {
            const result = last.then(() => take(secret))
            last = result.catch(() => undefined)
            return result
        },
    }
}

function partOf(share: string, set: string): Uint8Array | null {
    const decoded = decodeBech32(share.trim().toLowerCase())
    if (decoded === null || decoded.prefix !== sharePrefix) return null
    const bytes = Buffer.from(decoded.bytes)
    const isOurs = bytes.length === setBytes + identityBytes + 1 && bytes.toString("hex", 0, setBytes) === set
    // The last byte is the share's own number, from 1.
    return isOurs && bytes.at(-1) !== 0 ? Uint8Array.from(bytes.subarray(setBytes)) : null
}

async function open(armored: string, addSecret: (age: Decrypter) => void): Promise<string | null> {
    const age = new Decrypter()
    try {
        addSecret(age)
        return await age.decrypt(armor.decode(armored), "text")
    } catch {
        return null
    }
}
