/** Verifies signatures and decrypts mail and copies with GnuPG, on machines that have it. */
import { execFileSync, spawnSync } from "node:child_process"
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { recipientsOf } from "@tocsin/client/openpgp-recipient"
import { prepareOpenPgp, readSealingCertificate } from "./seal-openpgp.ts"
import { makeOpenPgpKey, readMailKey, signAndEncrypt, signDetached } from "./openpgp.ts"

const isThere = spawnSync("gpg", ["--version"]).status === 0

describe.skipIf(!isThere)("GnuPG (on machines that have it)", () => {
    // Its agent listens there, on a path that must be short.
    let home = ""
    const now = Date.now()
    const gpg = (args: readonly string[], input = "") =>
        execFileSync("gpg", ["--homedir", home, "--batch", "--status-fd", "1", ...args], {
            encoding: "utf8",
            input,
            stdio: ["pipe", "pipe", "pipe"],
        })
    beforeAll(() => void (home = fs.mkdtempSync(path.join(os.tmpdir(), "gpg-"))))
    afterAll(() => {
        spawnSync("gpgconf", ["--homedir", home, "--kill", "all"])
        fs.rmSync(home, { recursive: true, force: true })
    })

    test("imports the program's key, verifies its signature of a document, and rejects another document", async () => {
        const { publicText, secretText } = await makeOpenPgpKey("Program", now)
        expect(gpg(["--import"], publicText)).toMatch(/IMPORT_OK 1 /)
        const [signature = ""] = await signDetached(secretText, ["A document.\n"], now)
        const file = path.join(home, "document.json.asc")
        fs.writeFileSync(file, signature)
        expect(gpg(["--verify", file, "-"], "A document.\n")).toMatch(/GOODSIG .* Program$/m)
        expect(() => gpg(["--verify", file, "-"], "Another document.\n")).toThrow(/BAD signature/)
    })

    test("decrypts a mail to its own key, and verifies the program's signature", async () => {
        const program = await makeOpenPgpKey("Sender", now)
        gpg(["--import"], program.publicText)
        gpg([
            "--passphrase",
            "",
            "--quick-generate-key",
            "Partner <psirt@partner.example>",
            "default",
            "default",
            "never",
        ])
        const { publicText } = await readMailKey(gpg(["--armor", "--export", "psirt@partner.example"]), Date.now())
        const { armoured } = await signAndEncrypt(program.secretText, [publicText], "Grüße", Date.now())
        const opened = gpg(["--passphrase", "", "--decrypt"], String(armoured))
        expect(opened).toMatch(/GOODSIG .* Sender$/m)
        expect(opened).toContain("Grüße")
    })

    test("DSA is refused before its signatures are verified, which can take minutes", async () => {
        gpg(["--passphrase", "", "--quick-generate-key", "Old <old@partner.example>", "dsa2048", "sign", "never"])
        const armoured = gpg(["--armor", "--export", "old@partner.example"])
        await expect(readMailKey(armoured, Date.now())).rejects.toMatchObject({ code: "openpgp.weak_key" })
    })

    test.each([
        ["Ed25519 with Curve25519", "ed25519", "cv25519"],
        ["RSA of 4096 bits", "rsa4096", "rsa4096"],
    ])("decrypts a copy, and names the same fingerprints: %s", async (name, primary, subkey) => {
        const user = `${name} <psirt@partner.example>`
        const passphrase = ["--passphrase", ""]
        gpg([...passphrase, "--quick-generate-key", user, primary, "cert", "2y"])
        const [, fingerprint = ""] = /^fpr:+(\w+):/m.exec(gpg(["--with-colons", "--list-keys", user])) ?? []
        gpg([...passphrase, "--quick-add-key", fingerprint, subkey, "encr", "1y"])
        const armoured = gpg(["--armor", "--export", fingerprint])
        const certificate = await readSealingCertificate(armoured, Date.now())
        const listed = gpg(["--with-colons", "--with-subkey-fingerprint", "--list-keys", fingerprint])
        const fingerprints = [...listed.matchAll(/^fpr:+(\w+):/gm)].map(([, found]) => found)
        expect(certificate.recipient).toBe(`openpgp:${fingerprints.join("/")}`)
        expect(recipientsOf(armoured)).toEqual([certificate.recipient])
        const [, , , , , , end] = /^sub:.*$/m.exec(listed)?.[0].split(":") ?? []
        expect(certificate.endsAt).toBe(Number(end) * 1000)
        const file = path.join(home, "copy.pgp")
        const text = `${"A copy of some length. ".repeat(10_000)}Grüße\n`
        const sealed = await (await prepareOpenPgp([certificate], Date.now()))(Buffer.from(text))
        fs.writeFileSync(file, sealed)
        const status = path.join(home, "status")
        const args = ["--homedir", home, "--batch", "--status-file", status, "--decrypt", file]
        expect(execFileSync("gpg", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] })).toBe(text)
        const facts = fs.readFileSync(status, "utf8")
        expect(facts).toMatch(/DECRYPTION_INFO 2 9 0$/m)
        expect(facts).toMatch(/PLAINTEXT 62 0 $/m)
        expect(facts).toMatch(/GOODMDC/)
    })
})
