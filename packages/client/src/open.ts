/**
 * Opens a copy with the partner's own age identity. The identity stays where it is and is never sent to the program.
 */
import { Decrypter, type Identity } from "age-encryption"
import { Refusal, refuse } from "@tocsin/base/refusal"
import { sealedFormatOf } from "./sealed-format.ts"

/** An age identity `AGE-SECRET-KEY-…`, or an object that can unwrap a file's key, such as a plugin or a key service. */
export type Opener = string | Identity

/**
 * Decrypts a copy. Returns the content only if all of it is intact. Refuses `open.openpgp`, `open.not_sealed`,
 * `open.not_a_recipient`, `open.damaged` and `open.bad_identity`; openers that are objects may refuse with their own
 * codes. Messages call the copy `name`.
 */
export async function open(sealed: Uint8Array, openers: readonly Opener[], name = "the copy"): Promise<Uint8Array> {
    const format = sealedFormatOf(sealed)
    if (format === "openpgp")
        refuse("conflict", "open.openpgp", `\`${name}\` is sealed to OpenPGP keys: open it with \`gpg --decrypt\``)
    if (format === null) refuse("invalid", "open.not_sealed", `\`${name}\` is not an age file`)
    const decrypter = new Decrypter()
    for (const opener of openers) addIdentity(decrypter, opener)
    try {
        return await decrypter.decrypt(sealed)
    } catch (error) {
        if (error instanceof Refusal) throw error
        if (error instanceof Error && error.message.startsWith("no identity matched")) {
            refuse("forbidden", "open.not_a_recipient", `\`${name}\` is not sealed to this identity`)
        }
        return refuse("invalid", "open.damaged", `\`${name}\` is damaged or incomplete: fetch it again`)
    }
}

function addIdentity(decrypter: Decrypter, opener: Opener): void {
    try {
        decrypter.addIdentity(opener)
    } catch {
        refuse(
            "invalid",
            "open.bad_identity",
            "this is not an age identity: give `AGE-SECRET-KEY-1…`, as `age-keygen` writes it",
        )
    }
}
