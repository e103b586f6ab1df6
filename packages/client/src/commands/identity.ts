/**
 * Handles the partner's age identity: a file that only its owner may read, as `age-keygen` or an age plugin writes it.
 *
 * The identity is made and stored here. The program only gets the recipient.
 */
import { dirname, join } from "node:path"
import { generateHybridIdentity, generateX25519Identity, identityToRecipient } from "age-encryption"
import type { Opener } from "../open.ts"
import { pluginNameOf, unwrapWithPlugin } from "../age-plugin.ts"
import { refuse } from "@tocsin/base/refusal"
import { isSshKeyFile, readSshIdentity } from "./ssh-identity.ts"
import { createFile, fileExists, makeFolder, readPrivate } from "./files.ts"
import { UsageError } from "@tocsin/base/command-line"
import { type World, configPath } from "./connection.ts"

/** The option `--identity`: the file with age identities. It replaces the one of the configuration. */
export interface IdentityOptions {
    readonly identity?: string | undefined
}

const fileBytesMax = 64 * 1024

/** Finds the identity file: as named, or next to what `tocsin login` saved. */
export function identityPath(options: IdentityOptions, world: Pick<World, "env" | "home">): string {
    return options.identity ?? world.env["TOCSIN_IDENTITY"] ?? join(dirname(configPath(world)), "identity.txt")
}

/**
 * Makes an identity if there is none, and returns its recipient. `isHybrid`: with ML-KEM-768 and X25519. Refuses
 * `identity.already_exists`.
 */
export async function createIdentity(path: string, isHybrid: boolean): Promise<string> {
    if (await fileExists(path)) {
        const reason = "copies that are sealed to it cannot be opened without it"
        refuse("conflict", "identity.already_exists", `\`${path}\` already exists, and ${reason}: name another file`)
    }
    const identity = isHybrid ? await generateHybridIdentity() : await generateX25519Identity()
    const recipient = await identityToRecipient(identity)
    await makeFolder(dirname(path))
    await createFile(path, `# public key: ${recipient}\n${identity}\n`)
    return recipient
}

/** The identities in a file, and the recipients in its comments. */
interface Identities {
    /** `AGE-SECRET-KEY-…` */
    readonly native: readonly string[]
    /** Identities `AGE-PLUGIN-NAME-1…` by plugin name, in the order of the file. */
    readonly plugins: ReadonlyMap<string, readonly string[]>
    /** Recipients from comments `# recipient: age1…`. They are the only source of a plugin's recipient. */
    readonly namedRecipients: readonly string[]
    /** The identity of a private key file of OpenSSH, which holds nothing else. */
    readonly sshKey: ReturnType<typeof readSshIdentity> | null
}

/**
 * Returns the openers of a file with identities: its own identities first, then each plugin, which starts for each
 * copy. Refuses `files.readable_by_others`, `identity.no_identity` and `identity.damaged`. Opening refuses
 * `plugin.…`.
 */
export async function loadOpeners(path: string, { prompt, plugins: startPlugin }: World): Promise<Opener[]> {
    const { native, plugins, sshKey } = await readIdentities(path)
    const pluginOpeners = [...plugins].map(([name, identities]): Opener => {
        return {
            unwrapFileKey: async (stanzas) => {
                if (startPlugin === undefined)
                    throw new UsageError("this program cannot start plugins: give an identity without a plugin")
                return await unwrapWithPlugin(await startPlugin(name), identities, stanzas, prompt)
            },
        }
    })
    return [...native, ...(sshKey === null ? [] : [sshKey]), ...pluginOpeners]
}

/** The recipients of a file's identities. Throws as reading it does, and `identity.no_recipient`. */
export async function loadRecipients(path: string): Promise<string[]> {
    const { native, plugins, namedRecipients, sshKey } = await readIdentities(path)
    if (sshKey !== null) return [sshKey.recipient]
    if (native.length === 0 && namedRecipients.length === 0) {
        const names = [...plugins.keys()].map((name) => `age-plugin-${name}`).join(", ")
        const advice = "give the recipient, `age1…`, or add a line `# recipient: age1…` to the file"
        refuse("conflict", "identity.no_recipient", `only \`${names}\` knows the recipient of its identity: ${advice}`)
    }
    const list = await Promise.all(native.map((identity) => identityToRecipient(identity)))
    return [...new Set([...list, ...(plugins.size > 0 ? namedRecipients : [])])]
}

async function readIdentities(path: string): Promise<Identities> {
    const text = await readPrivate(path, fileBytesMax)
    if (text === null) throw new UsageError(`no identity file \`${path}\`: give --identity, or run \`tocsin keys new\``)
    if (isSshKeyFile(text))
        return { native: [], plugins: new Map(), namedRecipients: [], sshKey: readSshIdentity(text, path) }
    const lines = text.split(/\r?\n/).map((line) => line.trim())
    const namedRecipients = lines.flatMap(
        (line) => /^#\s*(?:(?:public key|recipient):\s*)?(age1[a-z0-9]+)$/i.exec(line)?.[1] ?? [],
    )
    const identities = lines.filter((line) => line !== "" && !line.startsWith("#"))
    if (identities.length === 0)
        refuse("invalid", "identity.no_identity", `\`${path}\` contains no age identity: give another file`)
    const native: string[] = []
    const plugins = new Map<string, string[]>()
    for (const identity of identities) {
        const plugin = pluginNameOf(identity)
        if (plugin !== null) plugins.set(plugin, [...(plugins.get(plugin) ?? []), identity])
        else if (await isIdentity(identity)) native.push(identity)
        else refuse("invalid", "identity.damaged", `\`${path}\` has a line that is not an age identity: remove it`)
    }
    return { native, plugins, namedRecipients, sshKey: null }
}

async function isIdentity(text: string): Promise<boolean> {
    return await identityToRecipient(text).then(
        () => true,
        () => false,
    )
}
