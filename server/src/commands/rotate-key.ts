/**
 * Runs `tocsin rotate-key`: lets a new key-encryption key open the database while servers run. The former one opens it
 * too, until `tocsin rotate-key --finish`. `tocsin rotate-key --data-keys` then protects later content from a thief who
 * has the former key and a database of its time. `--signing-keys` and `--publisher-key` replace keys that sign.
 */
import fs from "node:fs"
import type { Command } from "commander"
import { formatVerifierKey } from "@tocsin/audit-log/checkpoint"
import { formatNoteKey } from "@tocsin/audit-log/note-keys"
import { openPgpKeyPath } from "@tocsin/formats/csaf/provider"
import { refuse } from "@tocsin/base/refusal"
import { type ActionContext, record } from "../kernel/action-context.ts"
import type { Services } from "../kernel/services.ts"
import type { Settings } from "../platform/config/settings.ts"
import { runKeyCommand } from "../platform/crypto/key-command.ts"
import { parseLockedKey } from "../platform/crypto/key-lock.ts"
import { createKeyFile, installKeyFile, keyFromText, newKeyText, readKeyFileText } from "../platform/crypto/keys.ts"
import { addKeyEncryptionKey, addWrappingHalf, keyIdOf, removeFormerKeys } from "../platform/crypto/root-key.ts"
import { openLog } from "../platform/log/log.ts"
import { findNewestRoot } from "../trust/audit-log/actions/export-log.ts"
import { findVisibleRoot } from "../trust/receipts/actions/load-receipts.ts"
import { saveAccessChanges } from "../trust/continuity/actions/guard-database.ts"
import { loadLogKeys } from "../trust/signing-keys/actions/load-log-keys.ts"
import { replacePublisherKey } from "../trust/publisher-keys/actions/replace-publisher-key.ts"
import { addSigningKeys, endFormerSigningKeys } from "../trust/signing-keys/actions/rotate-signing-keys.ts"
import { openKey, unlockWith } from "./key.ts"
import { type LockFlags, areCountsPaired, lockText, withLockFlags } from "./lock-key.ts"
import {
    type ProgramFlags,
    assertHasCluster,
    openProgram,
    settingsFrom,
    withProgramFlags,
    withRunningDatabase,
} from "./processes.ts"
import { type SecretReader, openSecretReader } from "./secret-reader.ts"

interface Flags extends ProgramFlags, LockFlags {
    readonly newKeyCommand?: string
    readonly finish?: boolean
    readonly dataKeys?: boolean
    readonly signingKeys?: boolean
    readonly publisherKey?: boolean
    readonly revoke?: boolean
}

/** Adds `tocsin rotate-key` to the program. */
export function rotateKeyCommand(program: Command): void {
    const command = program
        .command("rotate-key")
        .description("Replace the key file by a new one while servers run. The former key is valid until --finish.")
    withLockFlags(withProgramFlags(command))
        .option("--new-key-command <file>", "an executable that prints the new key, in place of a key file")
        .option("--finish", "end the former key, or with --signing-keys the former keys of the logs")
        .option("--data-keys", "after --finish: encrypt with new data keys from now on")
        .option("--signing-keys", "add new signing keys of the audit log and of the receipt log")
        .option("--publisher-key", "sign advisories with a new OpenPGP key")
        .option("--revoke", "with --publisher-key: revoke the former keys, because another person may have them")
        .action(async (flags: Flags) => {
            const { passphrase, shares, newKeyCommand, finish, dataKeys, signingKeys, publisherKey, revoke } = flags
            const ends = finish === true && signingKeys !== true
            const locked = [passphrase, shares !== undefined, newKeyCommand !== undefined]
            const ways = [...locked, ends, dataKeys, signingKeys, publisherKey]
            const names =
                "--passphrase, --shares with --needed, --new-key-command, --finish, --data-keys, --signing-keys, " +
                "--publisher-key"
            if (ways.filter(Boolean).length > 1 || !areCountsPaired(flags)) command.error(`error: give one of ${names}`)
            if (revoke === true && publisherKey !== true) command.error("error: --revoke needs --publisher-key")
            await runRotateKey(flags)
        })
}

async function runRotateKey(flags: Flags): Promise<void> {
    const settings = settingsFrom(flags)
    assertHasCluster(settings)
    const { finish: finishes = false, dataKeys = false, signingKeys = false, publisherKey = false } = flags
    if (!finishes && !dataKeys && !signingKeys && !publisherKey) assertComplete(settings, flags)
    const log = openLog("warn")
    const reader = openSecretReader()
    try {
        const key = await openKey(settings, (unlocking) => unlockWith(reader, unlocking))
        const lines = await withRunningDatabase(settings, log, async (url) => {
            const services = await openProgram(settings, { url, log, key, isGuarded: false })
            try {
                if (publisherKey) return await rotatePublisherKey(services, flags.revoke === true)
                if (signingKeys) return await rotateSigningKeys(services, finishes)
                if (finishes) return await finish(services, key)
                if (dataKeys) return await renewDataKeys(services, key)
                return await rotate({ services, settings, key, reader, flags })
            } finally {
                await services.db.close()
            }
        })
        process.stdout.write([...lines, ""].join("\n"))
    } finally {
        reader.close()
    }
}

/** Refuses `keys.new_command_needed` and `keys.lock_needed`, before people are asked for shares. */
function assertComplete({ keyFile, keyCommand, dataDir }: Settings, flags: Flags): void {
    if (flags.newKeyCommand !== undefined) return
    if (keyCommand !== null) {
        const fix = "name the executable that prints the new one: `--new-key-command`"
        refuse("invalid", "keys.new_command_needed", `a command gives the key: ${fix}`)
    }
    if (parseLockedKey(readKeyFileText(keyFile, dataDir)) !== null && !locks(flags)) {
        const fix = "say how to lock the new one: `--passphrase`, or `--shares` with `--needed`"
        refuse("invalid", "keys.lock_needed", `the key file is locked: ${fix}`)
    }
}

const locks = ({ passphrase = false, shares }: LockFlags): boolean => passphrase || shares !== undefined

interface Rotation {
    readonly services: Services
    readonly settings: Settings
    /** The key that opens the database now. */
    readonly key: Uint8Array
    readonly reader: SecretReader
    readonly flags: Flags
}

async function rotate(rotation: Rotation): Promise<string[]> {
    const { services, settings, key, flags } = rotation
    const { newKeyCommand } = flags
    if (newKeyCommand === undefined) return await rotateFile(rotation)
    await add(services, key, keyFromText(await runKeyCommand(newKeyCommand), newKeyCommand))
    return [
        ...linesAfter(`The key of ${newKeyCommand} opens the database`, "Set `keyCommand` to it on each server"),
        settings.keyCommand === null
            ? `The former key is in ${settings.keyFile}. ${formerUse}`
            : `${settings.keyCommand} gives the former key. ${formerUse}`,
    ]
}

const formerUse = "Only it opens backups from before: keep it in your safe, and nowhere else."

/** Each new file is on the disk before the next step, and the key file opens the database after each. */
async function rotateFile({ services, settings, key, reader, flags }: Rotation): Promise<string[]> {
    const { keyFile, dataDir } = settings
    const former = readKeyFileText(keyFile, dataDir)
    const text = newKeyText()
    const next = keyFromText(text, keyFile)
    const locked = await lockText(reader, text, flags)
    const formerFile = saveFormer(`${keyFile}.former-${keyIdOf(key).slice(0, 8)}`, dataDir, former)
    const newFile = `${keyFile}.new-${keyIdOf(next).slice(0, 8)}`
    createKeyFile(newFile, dataDir, locked)
    await add(services, key, next)
    try {
        installKeyFile(newFile, keyFile, former)
    } catch {
        refuse(
            "conflict",
            "keys.file_not_replaced",
            `\`${keyFile}\` stays as it is: put \`${newFile}\` in its place, then run \`tocsin rotate-key --finish\``,
        )
    }
    const isBare = locks(flags) && parseLockedKey(former) === null
    return [
        ...linesAfter(`${keyFile} has the new key`, "Copy the key file to each server and to your safe"),
        `The former key is in ${formerFile}${isBare ? ", without a lock" : ""}. ${formerUse}`,
    ]
}

/** Keeps a copy of the key file. Never takes another file of the same name for it. */
function saveFormer(file: string, dataDir: string, text: string): string {
    for (let n = 1; ; n++) {
        const name = n === 1 ? file : `${file}-${n}`
        if (!fs.existsSync(name)) createKeyFile(name, dataDir, text)
        if (fs.statSync(name).isFile() && fs.readFileSync(name, "latin1") === text) return name
    }
}

const linesAfter = (done: string, spread: string): string[] => [
    `${done}. The former key is still valid. No running server needs a restart.`,
    `1. ${spread}.`,
    "2. Run `tocsin rotate-key --finish`: it ends the former key.",
    "3. Make a backup.",
]

async function add(services: Services, key: Uint8Array, next: Uint8Array): Promise<void> {
    const [former, added] = [keyIdOf(key), keyIdOf(next)]
    if (added === former) refuse("invalid", "keys.same_key", "this is the present key: give another one")
    await acting(services, async (ctx) => {
        await addKeyEncryptionKey(ctx.tx, key, next)
        await record(ctx, { kind: "key_encryption_key.added", key: added, former })
    })
}

async function finish(services: Services, key: Uint8Array): Promise<string[]> {
    const removed = await acting(services, async (ctx) => {
        const keys = await removeFormerKeys(ctx.tx, key)
        if (keys.length > 0) await record(ctx, { kind: "key_encryption_key.removed", keys })
        return keys
    })
    return removed.length === 0
        ? ["There is no former key"]
        : ["The former key is no longer valid. Make a backup. Keep the former key for older backups only."]
}

async function renewDataKeys(services: Services, key: Uint8Array): Promise<string[]> {
    await acting(services, async (ctx) => {
        await record(ctx, { kind: "data_keys.renewed", half: await addWrappingHalf(ctx.tx, key) })
    })
    return [
        "Each later write uses new data keys, which no former key file opens.",
        "What was written before keeps its own. Make a backup.",
    ]
}

async function rotateSigningKeys(services: Services, finishes: boolean): Promise<string[]> {
    if (!finishes) {
        const isNew = await acting(services, async (ctx) => {
            const trees = { audit_log: await findNewestRoot(ctx), receipt_log: await findVisibleRoot(ctx) }
            return await addSigningKeys(ctx, trees)
        })
        const done = isNew ? "The logs have new keys" : "The logs have former keys already, and no new one was added"
        return [
            `${done}. The former keys sign too. No running server needs a restart.`,
            ...(await acting(services, listKeyLines)),
            "1. Publish the new keys. Give witnesses, and partners with a policy, all keys of the receipt log.",
            "2. Run `tocsin rotate-key --signing-keys --finish`: the former keys no longer sign.",
            "3. Make a backup.",
        ]
    }
    const isEnded = await acting(services, endFormerSigningKeys)
    await saveEnds(services)
    if (!isEnded) return ["There is no former key"]
    return [
        "The former keys no longer sign. Make a backup. An older one has no new keys.",
        ...(await acting(services, listKeyLines)),
    ]
}

/** A key file elsewhere has no high-water file next to it; then a server saves the end within a second. */
async function saveEnds(services: Services): Promise<void> {
    if ((await services.highWater.read()).state === "sound") await saveAccessChanges(services)
}

async function rotatePublisherKey(services: Services, revokes: boolean): Promise<string[]> {
    const replaced = await acting(services, (ctx) => replacePublisherKey(ctx, revokes))
    if (replaced === null) return ["There is no key yet. The worker makes it at its start."]
    await saveEnds(services)
    const { key, former, revoked } = replaced
    const others = ", and the revoked keys, which the portal has at these addresses"
    return [
        `New key:    ${key.fingerprint}`,
        ...(revokes
            ? revoked.map(({ fingerprint }) => `Revoked:    ${fingerprint} ${openPgpKeyPath(fingerprint)}`)
            : [`Former key: ${former.fingerprint}`]),
        "New documents have the signature of the new key. The worker signs the published ones again.",
        "No running server needs a restart.",
        `1. Publish the new fingerprint${revokes ? others : ""}.`,
        "2. Make a backup. An older one does not have the new key.",
    ]
}

/** The keys that sign, with the lines of a policy for the receipt log. */
async function listKeyLines(ctx: ActionContext): Promise<string[]> {
    const [auditLog, receiptLog] = [await loadLogKeys(ctx, "audit_log"), await loadLogKeys(ctx, "receipt_log")]
    const noteKeys = receiptLog.active.flatMap((key) => key.noteKeys)
    return [
        "",
        "Keys of the audit log:",
        ...auditLog.active.map(formatVerifierKey),
        "",
        "Keys of the receipt log, as in a policy:",
        ...noteKeys.map((key) => `log ${formatNoteKey(key)}`),
        "",
    ]
}

async function acting<T>(services: Services, work: (ctx: ActionContext) => Promise<T>): Promise<T> {
    return await services.db.transaction(async (tx) => {
        const now = await services.clock.now(tx)
        return await work({ tx, now, services, actor: { kind: "system", component: "rotate-key" } })
    })
}
