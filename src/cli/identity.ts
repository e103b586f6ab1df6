/**
 * The partner's age identity: a file that only its owner may read, as `age-keygen` writes it.
 *
 * What a copy is sealed to is made and kept here; the program learns the recipient alone.
 */
import { dirname, join } from "node:path"
import { generateX25519Identity, identityToRecipient } from "age-encryption"
import { refuse } from "../lib/refusal.ts"
import { create, isThere, makeFolder, readPrivate } from "./files.ts"
import { WrongUse } from "./offline.ts"
import { type World, configPath } from "./online.ts"

export interface IdentityOptions {
    readonly identity?: string | undefined
}

const fileBytesMax = 64 * 1024

/** Named, or beside what `tocsin login` saved. */
export function identityPath(options: IdentityOptions, world: Pick<World, "env" | "home">): string {
    return options.identity ?? world.env["TOCSIN_IDENTITY"] ?? join(dirname(configPath(world)), "identity.txt")
}

/** Makes an identity where none is; gives its recipient. Throws `identity.exists`. */
export async function makeIdentity(path: string): Promise<string> {
    if (await isThere(path)) {
        const why = "without it, copies that were sealed to it cannot be opened"
        refuse("conflict", "identity.exists", `\`${path}\` is there already, and is not overwritten: ${why}`)
    }
    const identity = await generateX25519Identity()
    const recipient = await identityToRecipient(identity)
    await makeFolder(dirname(path))
    await create(path, `# public key: ${recipient}\n${identity}\n`)
    return recipient
}

/** Each identity (`AGE-SECRET-KEY-…`) in a file. Throws `files.readable_by_others`, `identity.none`, `identity.damaged`. */
export async function readIdentities(path: string): Promise<string[]> {
    const text = await readPrivate(path, fileBytesMax)
    if (text === null)
        throw new WrongUse(`there is no identity \`${path}\`: name one, or make one by \`tocsin keys new\``)
    const lines = text.split(/\r?\n/).map((line) => line.trim())
    const identities = lines.filter((line) => line !== "" && !line.startsWith("#"))
    if (identities.length === 0) refuse("invalid", "identity.none", `\`${path}\` holds no age identity`)
    for (const identity of identities) {
        await identityToRecipient(identity).catch(() => {
            refuse("invalid", "identity.damaged", `\`${path}\` holds something else than age identities`)
        })
    }
    return identities
}

export async function recipientsIn(path: string): Promise<string[]> {
    return await Promise.all((await readIdentities(path)).map((identity) => identityToRecipient(identity)))
}
