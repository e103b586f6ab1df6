/** Reads the owners of an OpenPGP keyring: name and address of each key that mail can be encrypted to. */
import type { Key } from "openpgp"
import type { Instant } from "@tocsin/base/instant"
import { Refusal, refuse } from "@tocsin/base/refusal"
import { assertCanEncrypt } from "./openpgp.ts"

/** More keys would take the process too long. */
const keysMax = 500

export interface KeyOwner {
    readonly name: string
    readonly mail: string
    /** Why the key cannot be used; null: it can. */
    readonly refusal: Refusal | null
}

/** Reads an armoured or binary keyring. Refuses one without public keys, with too many, or with a secret key. */
export async function readKeyOwners(keyring: string | Uint8Array, at: Instant): Promise<readonly KeyOwner[]> {
    const { readKeys } = await import("openpgp")
    const read = typeof keyring === "string" ? readKeys({ armoredKeys: keyring }) : readKeys({ binaryKeys: keyring })
    const keys = await read.catch((): Key[] => [])
    if (keys.length === 0) {
        refuse("invalid", "openpgp.no_keyring", "the file has no OpenPGP public key: export the keys again")
    }
    if (keys.some((key) => key.isPrivate())) {
        refuse("invalid", "openpgp.secret_keyring", "the file has a secret key: export the public keys only")
    }
    if (keys.length > keysMax) {
        refuse("invalid", "openpgp.too_many_keys", `read ${keysMax} keys at most: split the keyring`, { max: keysMax })
    }
    const owners: KeyOwner[] = []
    for (const key of keys) owners.push(await ownerOf(key, at))
    return owners
}

async function ownerOf(key: Key, at: Instant): Promise<KeyOwner> {
    const refusal = await assertCanEncrypt(key, at).then(
        () => null,
        (error: unknown) => {
            if (error instanceof Refusal) return error
            throw error
        },
    )
    // The primary name of an expired key cannot be verified: the first one is shown with the reason.
    const user = await key.getPrimaryUser(new Date(at)).then(
        (primary) => primary.user,
        () => key.users[0],
    )
    const { name = "", email = "" } = user?.userID ?? {}
    return { name, mail: email, refusal }
}
