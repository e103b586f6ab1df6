/** Reads certificates of the library; server/src/platform/crypto/gnupg.test.ts reads GnuPG's. */
import { enums, generateKey } from "openpgp"
import { describe, expect, test } from "vitest"
import { openOpenPgp, testCertificate, testRecipient } from "../../../test/support/doubles/openpgp.ts"
import { prepareOpenPgp } from "../../../server/src/platform/crypto/seal-openpgp.ts"
import { isCertificate, isOpenPgp, recipientsOf } from "./openpgp-recipient.ts"
import { recipientText } from "./recipient.ts"
import { formatOf, sealedFormatOf } from "./sealed-format.ts"

describe("the recipients of a certificate", () => {
    test("are its primary key with each subkey", async () => {
        const { publicKey } = await generateKey({
            type: "rsa",
            rsaBits: 3072,
            userIDs: [{ name: "a".repeat(300) }],
            subkeys: [
                { type: "ecc", curve: "curve25519Legacy" },
                { sign: true, type: "rsa" },
            ] as never,
            format: "object",
        })
        const [primary, ...subkeys] = publicKey.getKeys().map((key) => key.getFingerprint().toUpperCase())
        expect(subkeys).toHaveLength(2)
        expect(recipientsOf(publicKey.armor())).toEqual(subkeys.map((subkey) => `openpgp:${primary}/${subkey}`))
    })

    test("are found among comments and other line ends, without a checksum", async () => {
        const text = await testCertificate()
        const [first = "", ...lines] = text.trim().split(/\r?\n/)
        const bare = lines.filter((line) => !line.startsWith("="))
        for (const form of [
            text,
            `From: me\n\n${text}after`,
            [first, "Version: x", "Comment: y", ...lines].join("\r\n"),
            [first, ...bare].join("\n"),
        ])
            expect([isCertificate(form), recipientsOf(form)]).toEqual([true, [testRecipient]])
    })

    test.each<[string, (text: string) => string]>([
        ["no certificate", () => "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"],
        ["other characters", (text) => text.replace(/^x/m, "!")],
        ["half of it", (text) => `${text.slice(0, text.length / 2)}\n-----END PGP PUBLIC KEY BLOCK-----`],
        ["an empty block", () => "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n-----END PGP PUBLIC KEY BLOCK-----"],
        ["a text", () => "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----"],
    ])("are none: %s", async (_, change) => {
        expect(recipientsOf(change(await testCertificate()))).toEqual([])
    })
})

test("a recipient of OpenPGP is shown whole, and told from others", () => {
    expect(recipientText(testRecipient)).toBe(testRecipient)
    expect([testRecipient, "age1abc", "ssh-ed25519 AAAA"].map(isOpenPgp)).toEqual([true, false, false])
    expect([testRecipient, "age1abc", "ssh-ed25519 AAAA"].map(formatOf)).toEqual(["openpgp", "age", "age"])
})

test("a sealed file is told by its first bytes", async () => {
    const certificate = { recipient: testRecipient, text: await testCertificate() }
    const sealed = await (await prepareOpenPgp([certificate], Date.now()))(Buffer.from("text"))
    expect([sealed[0], sealedFormatOf(sealed)]).toEqual([0xc0 | enums.packet.publicKeyEncryptedSessionKey, "openpgp"])
    expect(await openOpenPgp(sealed)).toBe("text")
    expect(sealedFormatOf(Buffer.from("age-encryption.org/v1\n-> X25519 "))).toBe("age")
    for (const other of ["", "age-encryption.org/v2\n", "hello", "-----BEGIN PGP MESSAGE-----"])
        expect(sealedFormatOf(Buffer.from(other))).toBeNull()
})
