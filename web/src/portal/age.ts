/** Checks an age key that a person pastes, in the browser. A private key never leaves it. */
import { decodeBech32 } from "@tocsin/client/bech32"
import { t } from "../messages/message.ts"

const secret = /AGE-SECRET-KEY-(?:PQ-)?1[0-9A-Z]+/i
const bytesByPrefix = new Map([
    ["age", 32],
    ["age1pq", 1216],
])

/** Returns the error in a public recipient; null: valid. */
export function recipientFault(pasted: string): string | null {
    const text = pasted.trim()
    if (secret.test(text))
        return t("this is a private identity: keep it secret, and paste the recipient that begins with age1")
    const read = decodeBech32(text)
    const isRecipient =
        read !== null && read.bytes.length === bytesByPrefix.get(read.prefix) && text === text.toLowerCase()
    return isRecipient
        ? null
        : t("not an age recipient: it must begin with age1 and have 62 lower-case characters, or with age1pq1 and 1959")
}

/** Finds the identity in pasted text or a key file with comments; null: there is none. */
export function identityIn(pasted: string): string | null {
    return secret.exec(pasted)?.[0].toUpperCase() ?? null
}
