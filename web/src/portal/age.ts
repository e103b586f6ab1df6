/** Checks a key that a person pastes, in the browser. A private key never leaves it. */
import { decodeBech32 } from "@tocsin/client/bech32"
import { isCertificate } from "@tocsin/client/openpgp-recipient"
import { parseSshKey } from "@tocsin/client/ssh-recipient"
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
    if (/PRIVATE KEY/.test(text)) return t("this is a private key: keep it secret, and paste the public key")
    if (parseSshKey(text) !== null || isCertificate(text)) return null
    const read = decodeBech32(text)
    const isRecipient =
        read !== null && read.bytes.length === bytesByPrefix.get(read.prefix) && text === text.toLowerCase()
    return isRecipient
        ? null
        : t(
              "not a recipient: age1 and 62 lower-case characters in all, age1pq1 and 1959, an SSH key (ssh-ed25519 AAAA…), or an armoured OpenPGP public key",
          )
}

/** Finds the identity in pasted text or a key file with comments; null: there is none. */
export function identityIn(pasted: string): string | null {
    return secret.exec(pasted)?.[0].toUpperCase() ?? null
}
