/** Verifies signatures and decrypts mail with GnuPG, on machines that have it. */
import { execFileSync, spawnSync } from "node:child_process"
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
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
})
