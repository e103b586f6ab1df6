import { generateHybridIdentity, generateX25519Identity, identityToRecipient } from "age-encryption"
import { describe, expect, test } from "vitest"
import { identityIn, recipientFault } from "./age.ts"

const identity = await generateX25519Identity()
const recipient = await identityToRecipient(identity)
const hybridRecipient = await identityToRecipient(await generateHybridIdentity())

describe("a pasted recipient", () => {
    test.each([
        ["is good as it is", recipient, null],
        ["is good as a hybrid one", hybridRecipient, null],
        ["is good with space around it", ` ${recipient}\n`, null],
        ["is good as an OpenPGP public key", "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nxjME", null],
        ["is never a private key of OpenPGP", "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nxVgE", /private key/],
        ["is never a private key of SSH", "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl", /private key/],
        ["is never the private identity", identity, /private identity/],
        ["is never the private identity, in small letters", identity.toLowerCase(), /private identity/],
        [
            "is no key file, which holds the private identity",
            `# public key: ${recipient}\n${identity}`,
            /private identity/,
        ],
        ["has a checksum that holds", recipient.replace(/.$/, (last) => (last === "q" ? "p" : "q")), /not a recipient/],
        ["is whole", recipient.slice(0, -1), /not a recipient/],
        ["is in small letters", recipient.toUpperCase(), /not a recipient/],
        ["is no other kind of key", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA", /not a recipient/],
    ])("%s", (_, pasted, fault) => {
        if (fault === null) expect(recipientFault(pasted)).toBeNull()
        else expect(recipientFault(pasted)).toMatch(fault)
    })
})

describe("an identity", () => {
    test("is found in a key file whose lines were joined by an input field", () => {
        const file = `# created: 2025-06-01T00:00:00Z # public key: ${recipient} ${identity}`
        expect(identityIn(file)).toBe(identity)
    })

    test("is not found where there is none", () => {
        expect([recipient, "", "AGE-SECRET-KEY-"].map(identityIn)).toEqual([null, null, null])
    })
})
