/** Tests keys of OpenSSH as identities, against a file that the age program made. */
import { Decrypter } from "age-encryption"
import { expect, test } from "vitest"
import { Refusal } from "@tocsin/base/refusal"
import { sshBlob, sshRecipient } from "../ssh-recipient.ts"
import { isSshKeyFile, readSshIdentity } from "./ssh-identity.ts"

const seed = Buffer.from("6b95ae09945a9103b4c7e81d260c8a1de34d51759bbfce9f5c3e70309dc17b76", "hex")
const publicKey = Buffer.from("914935ac27a4d613fca02fa0cd23094ed2e3dad6bb4a78c4fe547ad25aa4c8e2", "hex")
/** Made by age 1.2.1 for this key: `sealed by age`. */
const sealed = Buffer.from(
    "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IHNzaC1lZDI1NTE5ICtDQk1mZyBWekR3amltUUMrYldadk91RnpCUSt5UkVpKzgzdFBaSEM5NC9B" +
        "Z0pwTkdVCkF5QjM3M0dadHl3WS9LU1hQMmZFWkZSTFRmOThObW5zTEhTdndya3Zkd0kKLS0tIERKczN3V2lmSGhjN2EvbXM3cW5SNC9z" +
        "UGJlNEIzVmduZ25xR0hBSXdtYTQKzn/vCE1P/xl3M/UzVrhPwviQX9EBPkL8iurWKN3RMGDrttOFZcBzaNPpCIuu",
    "base64",
)

const field = (value: Uint8Array | string): Buffer => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(value.length)
    return Buffer.concat([length, Buffer.from(value)])
}

function keyFile({ encryption = "none", type = "ssh-ed25519", check = 7 } = {}): string {
    const checks = Buffer.from([0, 0, 0, 7, 0, 0, 0, check])
    const secret = [checks, field(type), field(publicKey), field(Buffer.concat([seed, publicKey])), field("me")]
    const bytes = Buffer.concat([
        Buffer.from("openssh-key-v1\0"),
        ...[encryption, "none", ""].map(field),
        Buffer.from([0, 0, 0, 1]),
        field(sshBlob(publicKey)),
        field(Buffer.concat(secret)),
    ])
    const lines = bytes.toString("base64").replaceAll(/(.{70})/g, "$1\n")
    const kind = "OPENSSH PRIVATE KEY"
    return `-----BEGIN ${kind}-----\n${lines}\n-----END ${kind}-----\n`
}

function codeOf(text: string): string {
    try {
        readSshIdentity(text, "id")
    } catch (error) {
        if (error instanceof Refusal) return error.code
        throw error
    }
    return "done"
}

test("a key of OpenSSH opens what the age program sealed to it", async () => {
    const text = keyFile()
    expect(isSshKeyFile(text)).toBe(true)
    const identity = readSshIdentity(text, "id")
    expect(identity.recipient).toBe(sshRecipient(publicKey))
    const reader = new Decrypter()
    reader.addIdentity(identity)
    expect(await reader.decrypt(sealed, "text")).toBe("sealed by age")
})

test("keys with a passphrase, of another type, or cut short are refused", () => {
    expect(codeOf(keyFile({ encryption: "aes256-ctr" }))).toBe("identity.ssh_encrypted")
    expect(codeOf(keyFile({ type: "ssh-rsa" }))).toBe("identity.ssh_unsupported")
    expect(codeOf(keyFile({ check: 8 }))).toBe("identity.ssh_unsupported")
    for (let length = 36; length < keyFile().length - 40; length += 7)
        expect(codeOf(keyFile().slice(0, length))).toMatch(/^identity\.ssh_/)
})
