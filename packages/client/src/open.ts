/**
 * Opening a copy with the partner's own age identity, where that identity is: never at the program.
 */
import { Decrypter, type Identity } from "age-encryption"
import { Refusal, refuse } from "@tocsin/base/refusal"

/** `AGE-SECRET-KEY-…`, or whatever can unwrap a file's key: a plugin, a service that holds it. */
export type Opener = string | Identity

/**
 * The content, which is handed on only when all of it was found whole. Throws `open.not_sealed`, `open.not_a_recipient`, `open.damaged`,
 * `open.bad_identity`, and the refusals of openers that are no strings. `name` is how the copy is called in these.
 */
export async function open(sealed: Uint8Array, openers: readonly Opener[], name = "the copy"): Promise<Uint8Array> {
    const start = new TextDecoder("latin1").decode(sealed.subarray(0, 64))
    if (!start.startsWith("age-encryption.org/v1\n")) {
        refuse("invalid", "open.not_sealed", `\`${name}\` is no age file`)
    }
    const decrypter = new Decrypter()
    for (const opener of openers) add(decrypter, opener)
    try {
        return await decrypter.decrypt(sealed)
    } catch (error) {
        if (error instanceof Refusal) throw error
        if (error instanceof Error && error.message.startsWith("no identity matched")) {
            refuse("forbidden", "open.not_a_recipient", `\`${name}\` is not sealed to this identity`)
        }
        return refuse("invalid", "open.damaged", `\`${name}\` was changed, or cut short: fetch it again`)
    }
}

function add(decrypter: Decrypter, opener: Opener): void {
    try {
        decrypter.addIdentity(opener)
    } catch {
        refuse(
            "invalid",
            "open.bad_identity",
            "this is no age identity: `AGE-SECRET-KEY-1…`, as `age-keygen` writes it",
        )
    }
}
