/**
 * `tocsin keys confirm`: confirms a new key of the partner with the identity of an older, usable one.
 *
 * The recipient comes from the caller, not from the server. So the server, or a thief with a lead's session, cannot
 * make this client confirm another key.
 */
import { sha256 } from "@noble/hashes/sha2.js"
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js"
import { Refusal, refuse } from "@tocsin/base/refusal"
import type { ExitCode } from "@tocsin/base/command-line"
import { parseConfirmationCode } from "../confirmation-copy.ts"
import type { Client, Key } from "../connect.ts"
import { open } from "../open.ts"
import { recipientText } from "../recipient.ts"
import { normalRecipient } from "../ssh-recipient.ts"
import { type OnlineOptions, type World, connectByOptions, jsonLine, runClientCommand } from "./connection.ts"
import { type IdentityOptions, identityPath, loadOpeners, loadRecipients } from "./identity.ts"

/** Confirms the key with this recipient, or with this SHA-256 of its recipient. */
export function confirm(text: string, options: OnlineOptions & IdentityOptions, world: World): Promise<ExitCode> {
    return runClientCommand(world, async () => {
        const client = await connectByOptions(options, world)
        const path = identityPath(options, world)
        const { keys } = (await client.loadAccount()).partner
        const key = keys.find(
            ({ recipient }) => recipient === normalRecipient(text) || hashOf(recipient) === text.toLowerCase(),
        )
        if (key === undefined)
            refuse("missing", "keys.not_registered", `no key with the recipient \`${text}\` is registered: compare it`)
        const confirmed = await confirmWithIdentity(client, key, path, world)
        if (confirmed === null)
            refuse(
                "conflict",
                "keys.no_identity",
                `no usable key belongs to \`${path}\`: give the file of an older identity, or confirm it in the portal`,
            )
        if (options.json) world.result(jsonLine(confirmed))
        else world.result(`${recipientText(confirmed.recipient)}  usable from ${confirmed.usableFrom}`)
        return 0
    })
}

/** Confirms a key with the first usable key of an identity file. Returns null where the file has none. */
export async function confirmWithIdentity(client: Client, key: Key, path: string, world: World): Promise<Key | null> {
    const recipients = await loadRecipients(path)
    const { keys } = (await client.loadAccount()).partner
    const candidates = keys.filter(
        ({ id, recipient, usableFrom, revokedAt }) =>
            id !== key.id && usableFrom !== null && revokedAt === null && recipients.includes(recipient),
    )
    const openers = candidates.length === 0 ? [] : await loadOpeners(path, world)
    for (const { id: by } of candidates) {
        const sealed = await client.fetchConfirmationCopy(key.id, by).catch(nullIfNotUsable)
        if (sealed === null) continue
        const text = new TextDecoder().decode(await open(sealed, openers, "the confirmation copy"))
        const code = parseConfirmationCode(text, key.recipient)
        if (code === null)
            refuse(
                "conflict",
                "keys.not_a_confirmation_copy",
                "the confirmation copy names another recipient: confirm nothing, and call the operator",
            )
        return await client.confirmKey(key.id, by, code)
    }
    return null
}

function nullIfNotUsable(error: unknown): null {
    if (error instanceof Refusal && error.code === "key.cannot_confirm") return null
    throw error
}

const hashOf = (recipient: string): string => bytesToHex(sha256(utf8ToBytes(recipient)))
