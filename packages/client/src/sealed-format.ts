/** Tells the two forms of sealed copies apart: age files and OpenPGP messages. */
import { isOpenPgp } from "./openpgp-recipient.ts"

export const sealedFormats = ["age", "openpgp"] as const

/** The form of a sealed copy: an age file, or an OpenPGP message. */
export type SealedFormat = (typeof sealedFormats)[number]

/** The form of copies for a recipient. */
export const formatOf = (recipient: string): SealedFormat => (isOpenPgp(recipient) ? "openpgp" : "age")

/** The endings of the names of sealed files. */
export const endings: Readonly<Record<SealedFormat, string>> = { age: ".age", openpgp: ".pgp" }

const ageStart = "age-encryption.org/v1\n"
/** A packet of type 1, "public-key encrypted session key", in each form of a header. */
const openPgpStarts = [0xc1, 0x84, 0x85]

/** The form of a sealed copy by its first bytes; null: it is neither. */
export function sealedFormatOf(sealed: Uint8Array): SealedFormat | null {
    if (openPgpStarts.includes(sealed[0] ?? 0)) return "openpgp"
    return new TextDecoder("latin1").decode(sealed.subarray(0, ageStart.length)) === ageStart ? "age" : null
}
