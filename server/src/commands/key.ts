/**
 * Opens the key-encryption key of a program: from the key file, from a locked key file with what people type, or from
 * a command of the operator.
 */
import { refuse } from "@tocsin/base/refusal"
import { type Unlocking, parseLockedKey, startUnlocking } from "../platform/crypto/key-lock.ts"
import { keyFromText, readKeyFileText } from "../platform/crypto/keys.ts"
import { runKeyCommand } from "../platform/crypto/key-command.ts"
import { type Log, causeOf } from "../platform/log/log.ts"
import type { Settings } from "../platform/config/settings.ts"
import { type SecretReader, openSecretReader } from "./secret-reader.ts"

/** Unlocks a key file. Returns the text of the unlocked file. */
export type Unlock = (unlocking: Unlocking) => Promise<string>

type KeySettings = Pick<Settings, "keyFile" | "keyCommand" | "dataDir">

/**
 * Opens the key. A locked key file is unlocked from the terminal, unless `unlock` says how. Refuses what
 * `readKeyFileText`, `keyFromText` and `unlock` refuse, and `keys.command_failed`.
 */
export async function openKey(settings: KeySettings, unlock: Unlock = unlockAtTerminal): Promise<Buffer> {
    const { keyFile, keyCommand, dataDir } = settings
    if (keyCommand !== null) return keyFromText(await runKeyCommand(keyCommand), keyCommand)
    const text = readKeyFileText(keyFile, dataDir)
    const locked = parseLockedKey(text)
    return keyFromText(locked === null ? text : await unlock(startUnlocking(locked)), keyFile)
}

/** A transaction waits for this command, with its locks. */
const commandAgainMsMax = 5_000

/**
 * Makes the function that reads the key again, where no person is needed. It returns null where the key file is locked
 * or the key cannot be read, and logs the latter once until it succeeds.
 */
export function keyReader({ keyFile, keyCommand, dataDir }: KeySettings, log: Log): () => Promise<Buffer | null> {
    let isFailing = false
    return async () => {
        try {
            const text =
                keyCommand === null
                    ? readKeyFileText(keyFile, dataDir)
                    : await runKeyCommand(keyCommand, commandAgainMsMax)
            const isLocked = keyCommand === null && parseLockedKey(text) !== null
            const key = isLocked ? null : keyFromText(text, keyCommand ?? keyFile)
            isFailing = false
            return key
        } catch (error) {
            if (!isFailing) log.error("the key cannot be read again", { error: causeOf(error) })
            isFailing = true
            return null
        }
    }
}

/** Unlocks from the terminal, or from lines of standard input. */
async function unlockAtTerminal(unlocking: Unlocking): Promise<string> {
    const reader = openSecretReader()
    try {
        return await unlockWith(reader, unlocking)
    } finally {
        reader.close()
    }
}

/** Asks for the passphrase or the shares, until the key file is open. Refuses `unlock.no_secret`. */
export async function unlockWith(reader: SecretReader, unlocking: Unlocking): Promise<string> {
    for (;;) {
        const secret = await reader.next(promptOf(unlocking))
        if (secret === null) refuse("missing", "unlock.no_secret", "the key file is locked: give what opens it")
        const result = await unlocking.offer(secret)
        if (result.state === "open") return result.text
        process.stderr.write(`${result.state === "wrong" ? result.reason : countOf(result)}\n`)
    }
}

/** Like "1 of 3 shares". */
export const countOf = ({ have, needed }: { readonly have: number; readonly needed: number }): string =>
    `${have} of ${needed} shares`

const promptOf = ({ lock }: Unlocking): string =>
    lock.kind === "passphrase" ? "Passphrase of the key file: " : `A share (${lock.needed} are needed): `
