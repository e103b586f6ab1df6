/** Validates OpenPGP keys that partners register for mail. */
import { beforeAll, describe, expect, test } from "vitest"
import {
    type PrivateKey,
    decrypt,
    enums,
    generateKey,
    readKey,
    readMessage,
    readPrivateKey,
    readSignature,
} from "openpgp"
import { dayMs } from "@tocsin/base/instant"
import { publicKeyCharsMax, makeOpenPgpKey, readMailKey, signAndEncrypt, signDetached } from "./openpgp.ts"

const at = Date.parse("2026-01-01T00:00:00Z")
const userIDs = [{ name: "PSIRT", email: "psirt@partner.example" }]
const date = new Date(at)

type Options = Partial<Parameters<typeof generateKey>[0]>
const createTestKey = async (options: Options): Promise<{ privateKey: PrivateKey; text: string }> => {
    const { privateKey, publicKey } = await generateKey({ userIDs, date, ...options, format: "object" })
    return { privateKey, text: publicKey.armor() }
}

let item: { privateKey: PrivateKey; text: string }
beforeAll(async () => {
    item = await createTestKey({ type: "ecc", curve: "ed25519Legacy", keyExpirationTime: (30 * dayMs) / 1000 })
})

describe("a key for mail", () => {
    test("is read with its fingerprint and its expiry, and serialised again", async () => {
        const key = await readMailKey(`Comment of some sort\n${item.text}`, at)
        expect(key).toMatchObject({
            fingerprint: item.privateKey.getFingerprint().toUpperCase(),
            endsAt: at + 30 * dayMs,
        })
        expect(await readMailKey(key.publicText, at)).toEqual(key)
        const endless = await createTestKey({ type: "ecc", curve: "ed25519Legacy" })
        expect((await readMailKey(endless.text, at)).endsAt).toBeNull()
        const rsa = await createTestKey({ type: "rsa", rsaBits: 3072 })
        expect((await readMailKey(rsa.text, at)).fingerprint).toMatch(/^[0-9A-F]{40}$/)
    })

    test.each<[string, () => Promise<string> | string, string]>([
        ["empty input", () => "", "openpgp.no_key"],
        ["an age recipient", () => "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj", "openpgp.no_key"],
        ["a damaged key", () => item.text.replace(/^(.{3})(.)/m, "$1!"), "openpgp.no_key"],
        ["a key that is too long", () => item.text + " ".repeat(publicKeyCharsMax), "openpgp.no_key"],
        ["a secret key", () => item.privateKey.armor(), "openpgp.secret_key"],
        ["RSA of 2048", async () => (await createTestKey({ type: "rsa", rsaBits: 2048 })).text, "openpgp.weak_key"],
        [
            "another curve",
            async () => (await createTestKey({ type: "ecc", curve: "nistP256" })).text,
            "openpgp.weak_key",
        ],
        [
            "version 6",
            async () => (await createTestKey({ type: "curve25519", config: { v6Keys: true } })).text,
            "openpgp.weak_key",
        ],
        [
            "a key that only signs",
            async () => (await createTestKey({ type: "ecc", curve: "ed25519Legacy", subkeys: [{ sign: true }] })).text,
            "openpgp.not_usable",
        ],
        [
            "a key whose encryption subkey is weak",
            async () =>
                (await createTestKey({ type: "rsa", rsaBits: 3072, subkeys: [{ rsaBits: 2048 }] as never })).text,
            "openpgp.weak_key",
        ],
    ])("is refused: %s", async (_, text, code) => {
        await expect(readMailKey(await text(), at)).rejects.toMatchObject({ code })
    })

    test("is refused once it expired, and nothing is encrypted to it", async () => {
        const ended = at + 30 * dayMs
        await expect(readMailKey(item.text, ended)).rejects.toMatchObject({ code: "openpgp.not_usable" })
        const program = await makeOpenPgpKey("Program", at)
        const other = await createTestKey({ type: "ecc", curve: "ed25519Legacy" })
        const keys = [item.text, other.text]
        const seal = (texts: readonly string[]) => signAndEncrypt(program.secretText, texts, "Grüße", ended)
        const { armoured, failed } = await seal(keys)
        expect(failed).toEqual([item.privateKey.getFingerprint().toUpperCase()])
        const decryptionKeys = await readPrivateKey({ armoredKey: other.privateKey.armor() })
        const message = await readMessage({ armoredMessage: String(armoured) })
        expect(message.getEncryptionKeyIDs()).toHaveLength(1)
        expect((await decrypt({ message, decryptionKeys, date: new Date(ended) })).data).toBe("Grüße")
        expect((await seal([item.text])).armoured).toBeNull()
    })
})

test("the program's key and its signatures use version 4 and the older form of Ed25519", async () => {
    const { publicText, secretText } = await makeOpenPgpKey("Program", at)
    const [armoredSignature = ""] = await signDetached(secretText, ["text"], at)
    const { keyPacket } = await readKey({ armoredKey: publicText })
    const [signature] = (await readSignature({ armoredSignature })).packets
    const older = enums.publicKey.eddsaLegacy
    expect(older).toBe(22)
    expect([keyPacket.version, keyPacket.algorithm]).toEqual([4, older])
    expect([signature?.version, signature?.publicKeyAlgorithm]).toEqual([4, older])
})
