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
import { keysFromText, readKeyFileText, replaceKeyFile } from "../platform/crypto/keys.ts"
import { unlockWith } from "./key.ts"
import { type ProgramFlags, settingsFrom, withProgramFlags } from "./processes.ts"
import { type SecretReader, openSecretReader } from "./secret-reader.ts"

interface Flags extends ProgramFlags {
    readonly passphrase?: boolean
    readonly shares?: number
    readonly needed?: number
    readonly remove?: boolean
}

/** Adds `tocsin lock-key` to the program. */
export function lockKeyCommand(program: Command): void {
    const command = program
        .command("lock-key")
        .description("Lock the key file with a passphrase or shares, which each start of the server then needs")
    withProgramFlags(command)
        .option("--passphrase", "lock it with a passphrase")
        .option("--shares <n>", "lock it with this many shares, 2 to 16", parseCount)
        .option("--needed <n>", "how many of the shares open it", parseCount)
        .option("--remove", "remove the lock")
        .action(async (flags: Flags) => {
            const { passphrase = false, shares, needed, remove = false } = flags
            const ways = [passphrase, shares !== undefined, remove].filter(Boolean).length
            if (ways !== 1 || (shares === undefined) !== (needed === undefined))
                command.error("error: give --passphrase, or --shares with --needed, or --remove")
            await runLockKey(flags)
        })
}

function parseCount(text: string): number {
    if (!/^\d{1,2}$/.test(text)) throw new InvalidArgumentError("Give a number.")
    return Number(text)
}

async function runLockKey(options: Flags): Promise<void> {
    const { shares, needed, remove = false, passphrase: _, ...flags } = options
    const { keyFile, dataDir } = settingsFrom(flags)
    const current = readKeyFileText(keyFile, dataDir)
    const reader = openSecretReader()
    try {
        const locked = parseLockedKey(current)
        const text = locked === null ? current : await unlockWith(reader, startUnlocking(locked))
        keysFromText(text, keyFile)
        if (remove) replaceKeyFile(keyFile, text)
        else if (shares !== undefined && needed !== undefined)
            await lockByShares(reader, { keyFile, text, counts: { shares, needed } })
        else replaceKeyFile(keyFile, await lockWithPassphrase(text, await askTwice(reader)))
    } finally {
        reader.close()
    }
    process.stderr.write(
        remove
            ? "The key file has no lock now\n"
            : "Locked. Delete each unlocked copy of the key file: it opens the data\n",
    )
}

interface ShareLock {
    readonly keyFile: string
    readonly text: string
    readonly counts: ShareCounts
}

/** Replaces the key file only after people have given back as many of the new shares as open it. */
async function lockByShares(reader: SecretReader, { keyFile, text, counts }: ShareLock): Promise<void> {
    const { locked, shares } = await lockWithShares(text, counts)
    await writeOut(sharesText(shares, counts.needed))
    const parsed = parseLockedKey(locked)
    if (parsed === null || (await unlockWith(reader, startUnlocking(parsed))) !== text)
        throw new Error("the new lock does not give the key back")
    replaceKeyFile(keyFile, locked)
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
