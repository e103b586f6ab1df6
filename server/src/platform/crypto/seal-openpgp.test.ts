/** Seals for OpenPGP certificates. The library that partners may use opens the copies; gnupg.test.ts asks GnuPG too. */
import { beforeAll, describe, expect, test } from "vitest"
import {
    type PrivateKey,
    type PublicKey,
    decrypt,
    decryptSessionKeys,
    generateKey,
    readKey,
    readMessage,
    revokeKey,
    PublicKeyEncryptedSessionKeyPacket,
    SymEncryptedIntegrityProtectedDataPacket,
} from "openpgp"
import { dayMs } from "@tocsin/base/instant"
import { recipientsOf } from "@tocsin/client/openpgp-recipient"
import { sealedFormatOf } from "@tocsin/client/sealed-format"
import { prepareOpenPgp, readSealingCertificate } from "./seal-openpgp.ts"

const at = Date.parse("2026-01-01T00:00:00Z")
const date = new Date(at)
const userIDs = [{ name: "PSIRT", email: "psirt@partner.example" }]

type Options = Partial<Parameters<typeof generateKey>[0]>
interface Pair {
    readonly privateKey: PrivateKey
    readonly publicKey: PublicKey
}
const pair = async (options: Options): Promise<Pair> =>
    await generateKey({ userIDs, date, ...options, format: "object" })
const textOf = async (options: Options): Promise<string> => (await pair(options)).publicKey.armor()
const curve: Options = { type: "ecc", curve: "ed25519Legacy" }

let item: Pair
beforeAll(async () => void (item = await pair(curve)))

async function seal(pairs: readonly Pair[], plain: Uint8Array): Promise<Buffer> {
    const certificates = await Promise.all(pairs.map(({ publicKey }) => readSealingCertificate(publicKey.armor(), at)))
    return await (
        await prepareOpenPgp(certificates, at)
    )(plain)
}

async function open(sealed: Uint8Array, { privateKey }: Pair) {
    const message = await readMessage({ binaryMessage: sealed })
    return await decrypt({ message, decryptionKeys: privateKey, date, format: "binary" })
}

describe("a sealed copy", () => {
    test.each<[string, Options, number]>([
        ["Ed25519 of version 4 in its older form", curve, 1],
        ["Curve25519", { type: "curve25519" }, 1],
        ["RSA", { type: "rsa", rsaBits: 3072 }, 1],
        ["a certificate that announces AEAD", { ...curve, config: { aeadProtect: true } }, 2],
    ])("opens with its key, bare of all but the text: %s", async (_, options, version) => {
        const key = await pair(options)
        const plain = Buffer.from("Grüße\r\n\n\n")
        const sealed = await seal([key], plain)
        const { data, filename, signatures } = await open(sealed, key)
        expect([Buffer.from(data).toString(), filename, signatures]).toEqual([plain.toString(), null, []])
        const { packets } = await readMessage({ binaryMessage: sealed })
        expect(packets.map((packet) => packet.constructor)).toEqual([
            PublicKeyEncryptedSessionKeyPacket,
            SymEncryptedIntegrityProtectedDataPacket,
        ])
        expect(packets[1]).toMatchObject({ version })
        expect(sealedFormatOf(sealed)).toBe("openpgp")
    })

    test("uses AES-256, also where the certificate asks for less", async () => {
        const key = await pair({ ...curve, config: { preferredSymmetricAlgorithm: 7 } })
        const message = await readMessage({ binaryMessage: await seal([key], Buffer.from("text")) })
        const [sessionKey] = await decryptSessionKeys({ message, decryptionKeys: key.privateKey, date })
        expect(sessionKey).toMatchObject({ algorithm: "aes256" })
        expect(sessionKey?.data).toHaveLength(32)
    })

    test("opens for each of its keys, names them, and opens for no other", async () => {
        const [two, other] = [await pair({ ...curve, config: { aeadProtect: true } }), await pair(curve)]
        const sealed = await seal([item, two], Buffer.from("for two"))
        for (const key of [item, two]) expect(Buffer.from((await open(sealed, key)).data).toString()).toBe("for two")
        await expect(open(sealed, other)).rejects.toThrow()
        const ids = (await readMessage({ binaryMessage: sealed })).getEncryptionKeyIDs().map((id) => id.toHex())
        expect(ids).toEqual([item, two].map(({ publicKey }) => publicKey.subkeys[0]?.getKeyID().toHex()))
    })

    test("shows the length of its text only: two texts of equal length have files of equal size", async () => {
        const sizes = await Promise.all(
            ["a".repeat(5000), "0123456789".repeat(500)].map((text) => seal([item], Buffer.from(text))),
        )
        expect(new Set(sizes.map((sealed) => sealed.length)).size).toBe(1)
        const [first, second] = [await seal([item], Buffer.from("same")), await seal([item], Buffer.from("same"))]
        expect(first).not.toEqual(second)
    })

    test("that was changed does not open", async () => {
        const sealed = await seal([item], Buffer.from("whole or not at all"))
        sealed[sealed.length - 30] = (sealed[sealed.length - 30] ?? 0) ^ 1
        await expect(open(sealed, item)).rejects.toThrow()
    })
})

describe("a certificate", () => {
    test("is reduced to its primary key, one name and the newest subkey, which the recipient names", async () => {
        const other = await pair(curve)
        const { privateKey } = item
        const later = await privateKey.addSubkey({ ...curve, date: new Date(at + 1000) } as never)
        const named = await later.toPublic().signAllUsers([other.privateKey], new Date(at + 2000))
        expect(named.users[0]?.otherCertifications).toHaveLength(1)
        const read = await readSealingCertificate(named.armor(), at + 3000)
        const [old, fresh] = later.subkeys.map((subkey) => subkey.getFingerprint().toUpperCase())
        const primary = privateKey.getFingerprint().toUpperCase()
        expect(read.recipient).toBe(`openpgp:${primary}/${fresh}`)
        expect(recipientsOf(named.armor())).toEqual([`openpgp:${primary}/${old}`, read.recipient])
        const kept = await readKey({ armoredKey: read.text })
        expect(kept.subkeys.map((subkey) => subkey.getFingerprint().toUpperCase())).toEqual([fresh])
        expect(kept.users.map((user) => user.otherCertifications)).toEqual([[]])
        expect(await readSealingCertificate(read.text, at + 3000)).toEqual(read)
    })

    test("is another recipient once its subkey was replaced", async () => {
        const before = await readSealingCertificate(item.publicKey.armor(), at)
        const later = await item.privateKey.addSubkey({ ...curve, date: new Date(at + 1000) } as never)
        const after = await readSealingCertificate(later.toPublic().armor(), at + 1000)
        expect(after.recipient).not.toBe(before.recipient)
        expect(after.recipient.slice(0, 48)).toBe(before.recipient.slice(0, 48))
        await expect(prepareOpenPgp([{ ...after, recipient: before.recipient }], at + 1000)).rejects.toThrow(
            "is not that of",
        )
    })

    test("ends with the primary key or the subkey, whichever ends first", async () => {
        const seconds = (days: number) => (days * dayMs) / 1000
        const both = { ...curve, keyExpirationTime: seconds(30), subkeys: [{ keyExpirationTime: seconds(10) }] }
        const primary = { ...curve, keyExpirationTime: seconds(30), subkeys: [{ keyExpirationTime: seconds(60) }] }
        const ends = await Promise.all(
            [curve, both, primary].map(
                async (options) => (await readSealingCertificate(await textOf(options), at)).endsAt,
            ),
        )
        expect(ends).toEqual([null, at + 10 * dayMs, at + 30 * dayMs])
    })

    test("that has ended seals nothing more", async () => {
        const options = { ...curve, keyExpirationTime: (30 * dayMs) / 1000 }
        const read = await readSealingCertificate(await textOf(options), at)
        await expect(prepareOpenPgp([read], at + 30 * dayMs)).rejects.toMatchObject({ code: "openpgp.not_usable" })
    })

    test.each<[string, () => Promise<string> | string, string]>([
        ["an empty text", () => "", "openpgp.no_key"],
        ["a damaged one", () => item.publicKey.armor().replace(/^(.{3})(.)/m, "$1!"), "openpgp.no_key"],
        ["a secret key", () => item.privateKey.armor(), "openpgp.secret_key"],
        ["one that only signs", () => textOf({ ...curve, subkeys: [{ sign: true }] }), "openpgp.not_usable"],
        ["RSA of 2048", () => textOf({ type: "rsa", rsaBits: 2048 }), "openpgp.weak_key"],
        ["NIST P-256", () => textOf({ type: "ecc", curve: "nistP256" }), "openpgp.weak_key"],
        ["version 6", () => textOf({ type: "curve25519", config: { v6Keys: true } }), "openpgp.weak_key"],
        [
            "an expired one",
            () => textOf({ ...curve, date: new Date(at - dayMs), keyExpirationTime: 60 }),
            "openpgp.not_usable",
        ],
        ["one of tomorrow", () => textOf({ ...curve, date: new Date(at + dayMs) }), "openpgp.not_usable"],
        [
            "a revoked one",
            async () => (await revokeKey({ key: item.privateKey, date, format: "object" })).publicKey.armor(),
            "openpgp.not_usable",
        ],
    ])("is refused: %s", async (_, text, code) => {
        await expect(readSealingCertificate(await text(), at)).rejects.toMatchObject({ code })
    })
})
