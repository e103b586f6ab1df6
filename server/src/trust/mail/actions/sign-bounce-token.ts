/** Signs and checks the token in a mail's return address. A reader of ids alone cannot make a token. */
import { createHmac, timingSafeEqual } from "node:crypto"
import { type Keys, keyBytes } from "../../../platform/crypto/keys.ts"

const idLength = 32
const proofLength = 16

/** Returns the token of a mail: its id with a proof. */
export function tokenFor(keys: Keys, mail: string): string {
    const id = mail.replaceAll("-", "")
    return id + proofOf(keys, id)
}

/** Returns the mail's id, or null where the token is not ours. */
export function mailIdIn(keys: Keys, token: string): string | null {
    const id = token.slice(0, idLength)
    const [received, expected] = [token.slice(idLength), proofOf(keys, id)].map((proof) => Buffer.from(proof))
    if (!received || !expected || received.length !== expected.length || !timingSafeEqual(received, expected))
        return null
    return id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5")
}

function proofOf(keys: Keys, id: string): string {
    return createHmac("sha256", keys.derive("mail/returns", keyBytes)).update(id).digest("hex").slice(0, proofLength)
}
