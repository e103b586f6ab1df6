/** Shows age recipients to people. */
import { sha256 } from "@noble/hashes/sha2.js"
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js"

const charsMax = 100

/** Whether a recipient is hybrid: post-quantum, with ML-KEM-768 and X25519. */
export const isHybrid = (recipient: string): boolean => recipient.startsWith("age1pq1")

/** Returns a recipient as it is, or a long one (`age1pq1…`) by its first characters and its SHA-256. */
export function recipientText(recipient: string): string {
    if (recipient.length <= charsMax) return recipient
    return `${recipient.slice(0, 12)}… SHA-256 ${bytesToHex(sha256(utf8ToBytes(recipient)))}`
}
