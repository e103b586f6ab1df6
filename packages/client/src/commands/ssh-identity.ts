/** Reads an unencrypted Ed25519 key file of OpenSSH as an age identity. */
import { refuse } from "@tocsin/base/refusal"
import { sshIdentity } from "../ssh-ed25519.ts"
import { sshBlob } from "../ssh-recipient.ts"

const start = "-----BEGIN OPENSSH PRIVATE KEY-----"
const keyCount = Buffer.from([0, 0, 0, 1])
const magic = "openssh-key-v1\0"

/** Whether a file is a private key of OpenSSH. */
export const isSshKeyFile = (text: string): boolean => text.trimStart().startsWith(start)

/** Reads the identity in such a file. Refuses `identity.ssh_encrypted` and `identity.ssh_unsupported`. */
export function readSshIdentity(text: string, path: string): ReturnType<typeof sshIdentity> {
    const encoded = text.split("-----")[2] ?? ""
    const read = readerOf(Buffer.from(encoded.replaceAll(/\s/g, ""), "base64"))
    const unsupported = () =>
        refuse(
            "invalid",
            "identity.ssh_unsupported",
            `\`${path}\` is not a key of type ssh-ed25519: open its copies with \`age -d -i ${path}\``,
        )
    if (read.take(magic.length).toString("latin1") !== magic) unsupported()
    const [encryption, kdf] = [read.field().toString(), read.field().toString()]
    if (encryption !== "none" || kdf !== "none")
        refuse(
            "invalid",
            "identity.ssh_encrypted",
            `\`${path}\` needs a passphrase, which Tocsin does not ask for: use \`age -d -i ${path}\``,
        )
    read.field()
    const count = read.take(4)
    const publicBlob = read.field()
    const secret = readerOf(read.field())
    if (!count.equals(keyCount) || secret.take(4).compare(secret.take(4)) !== 0) unsupported()
    if (secret.field().toString() !== "ssh-ed25519") unsupported()
    const [publicKey, pair] = [secret.field(), secret.field()]
    if (pair.length !== 64 || publicKey.length !== 32 || publicBlob.compare(sshBlob(publicKey)) !== 0) unsupported()
    return sshIdentity(pair.subarray(0, 32), publicKey)
}

/** Reads fields with their length in front. A file that is too short gives short fields, which no check accepts. */
function readerOf(bytes: Buffer) {
    let at = 0
    const take = (count: number): Buffer => bytes.subarray(at, (at += count))
    const field = (): Buffer => {
        const length = take(4)
        return length.length === 4 ? take(length.readUInt32BE()) : length
    }
    return { take, field }
}
