/** Reads SSH public keys as age recipients: `ssh-ed25519 AAAA…`. */
import { base64 } from "@scure/base"

const type = "ssh-ed25519"
const keyBytes = 32
/** Of the type and the key in the wire format of SSH, each with its length. */
const blobBytes = 4 + type.length + 4 + keyBytes

/** Whether a recipient is an SSH key. */
export const isSsh = (recipient: string): boolean => recipient.startsWith("ssh-")

/** An Ed25519 key of SSH. */
export interface SshKey {
    /** The key in the wire format of SSH. */
    readonly blob: Uint8Array
    /** The Ed25519 public key. */
    readonly bytes: Uint8Array
}

/** Reads `ssh-ed25519 AAAA… comment`; null: it is none. */
export function parseSshKey(text: string): SshKey | null {
    const [name, encoded = ""] = text.trim().split(/\s+/)
    if (name !== type) return null
    const blob = decodeBase64(encoded)
    if (blob === null || blob.length !== blobBytes) return null
    const bytes = blob.slice(-keyBytes)
    return base64.encode(sshBlob(bytes)) === encoded ? { blob, bytes } : null
}

/** The wire format of SSH of an Ed25519 public key. */
export function sshBlob(bytes: Uint8Array): Uint8Array {
    const name = new TextEncoder().encode(type)
    const blob = new Uint8Array(blobBytes)
    blob[3] = name.length
    blob.set(name, 4)
    blob[7 + name.length] = keyBytes
    blob.set(bytes, 8 + name.length)
    return blob
}

/** The recipient of a public key, as it is stored. */
export const sshRecipient = (bytes: Uint8Array): string => `${type} ${base64.encode(sshBlob(bytes))}`

/** A recipient in the one spelling in which it is stored: without space around it, and without an SSH key's comment. */
export function normalRecipient(text: string): string {
    const key = parseSshKey(text)
    return key === null ? text.trim() : sshRecipient(key.bytes)
}

function decodeBase64(text: string): Uint8Array | null {
    try {
        return base64.decode(text)
    } catch {
        return null
    }
}
