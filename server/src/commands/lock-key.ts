/** Runs `tocsin lock-key`: locks the key file with a passphrase or with shares, or removes the lock. */
import { type Command, InvalidArgumentError } from "commander"
import { refuse } from "@tocsin/base/refusal"
import {
    type ShareCounts,
    lockWithPassphrase,
    lockWithShares,
    startUnlocking,
    parseLockedKey,
} from "../platform/crypto/key-lock.ts"
import { keyFromText, readKeyFileText, replaceKeyFile } from "../platform/crypto/keys.ts"
import { unlockWith } from "./key.ts"
import { type ProgramFlags, settingsFrom, withProgramFlags } from "./processes.ts"
import { type SecretReader, openSecretReader } from "./secret-reader.ts"

/** How to lock a key file. Without any of them it has no lock. */
export interface LockFlags {
    readonly passphrase?: boolean
    readonly shares?: number
    readonly needed?: number
}

interface Flags extends ProgramFlags, LockFlags {
    readonly remove?: boolean
}

/** Adds the flags that say how to lock a key file. */
export const withLockFlags = (command: Command): Command =>
    command
        .option("--passphrase", "lock it with a passphrase")
        .option("--shares <n>", "lock it with this many shares, 2 to 16", parseCount)
        .option("--needed <n>", "how many of the shares open it", parseCount)

/** Whether `--shares` and `--needed` were given together. */
export const areCountsPaired = ({ shares, needed }: LockFlags): boolean =>
    (shares === undefined) === (needed === undefined)

/** Adds `tocsin lock-key` to the program. */
export function lockKeyCommand(program: Command): void {
    const command = program
        .command("lock-key")
        .description("Lock the key file with a passphrase or shares, which each start of the server then needs")
    withLockFlags(withProgramFlags(command))
        .option("--remove", "remove the lock")
        .action(async (flags: Flags) => {
            const { passphrase = false, shares, remove = false } = flags
            const ways = [passphrase, shares !== undefined, remove].filter(Boolean).length
            if (ways !== 1 || !areCountsPaired(flags))
                command.error("error: give --passphrase, or --shares with --needed, or --remove")
            await runLockKey(flags)
        })
}

function parseCount(text: string): number {
    if (!/^\d{1,2}$/.test(text)) throw new InvalidArgumentError("Give a number.")
    return Number(text)
}

async function runLockKey(flags: Flags): Promise<void> {
    const { remove = false } = flags
    const { keyFile, dataDir } = settingsFrom(flags)
    const current = readKeyFileText(keyFile, dataDir)
    const reader = openSecretReader()
    try {
        const locked = parseLockedKey(current)
        const text = locked === null ? current : await unlockWith(reader, startUnlocking(locked))
        keyFromText(text, keyFile)
        replaceKeyFile(keyFile, current, await lockText(reader, text, flags))
    } finally {
        reader.close()
    }
    process.stderr.write(
        remove
            ? "The key file has no lock now\n"
            : "Locked. Delete each unlocked copy of the key file: it opens the data\n",
    )
}

/** Returns the text of a key file, locked as the flags say. */
export async function lockText(
    reader: SecretReader,
    text: string,
    { passphrase = false, shares, needed }: LockFlags,
): Promise<string> {
    if (shares !== undefined && needed !== undefined) return await lockByShares(reader, text, { shares, needed })
    return passphrase ? await lockWithPassphrase(text, await askTwice(reader)) : text
}

/** Returns only after people have given back as many of the new shares as open the key file. */
async function lockByShares(reader: SecretReader, text: string, counts: ShareCounts): Promise<string> {
    const { locked, shares } = await lockWithShares(text, counts)
    await writeOut(sharesText(shares, counts.needed))
    const parsed = parseLockedKey(locked)
    if (parsed === null || (await unlockWith(reader, startUnlocking(parsed))) !== text)
        throw new Error("the new lock does not give the key back")
    return locked
}

/** Throws if standard output is full or closed. */
async function writeOut(lines: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    process.stdout.write(lines, (error) => (error ? reject(error) : resolve()))
    await promise
}

function sharesText(shares: readonly string[], needed: number): string {
    return [
        `Give each share to another person. ${needed} of them open the key file. They are shown only now:`,
        ...shares.map((share, n) => `${n + 1}  ${share}`),
        `To lock the key file, type ${needed} of them from the people's own copies:`,
        "",
    ].join("\n")
}

/** Asks for a new passphrase, at a terminal twice. */
async function askTwice(reader: SecretReader): Promise<string> {
    const first = (await reader.next("New passphrase: ")) ?? ""
    const second = reader.isTerminal ? await reader.next("The same again: ") : first
    if (first !== second) refuse("invalid", "keys.passphrases_differ", "the two passphrases differ: start again")
    return first.trim()
}
