/**
 * `tocsin keys new|add|confirm|list|test|dpop`: manages the keys that a partner's copies are sealed to, and
 * makes the key that a token is bound to.
 *
 * The identity is on disk before its recipient is registered. So no copy is ever sealed to a lost key.
 */
import type { Command } from "commander"
import type { Client, Key, KeyChange, KeyCheck } from "../connect.ts"
import { open } from "../open.ts"
import { createSigningKey, thumbprintOf } from "../signing-key.ts"
import type { StartPlugin } from "../age-plugin.ts"
import { Refusal, refuse } from "@tocsin/base/refusal"
import { parseTestCode } from "../test-copy.ts"
import { isCertificate, isOpenPgp, recipientsOf } from "../openpgp-recipient.ts"
import { recipientText } from "../recipient.ts"
import { isSsh, normalRecipient } from "../ssh-recipient.ts"
import { confirmWithIdentity, confirm } from "./confirm.ts"
import { createFile, fileExists, readText } from "./files.ts"
import { isPullFolder, lockFolder, openFolder, readKeyStore } from "./folder.ts"
import { keyChangeText } from "./key-changes.ts"
import { type IdentityOptions, identityPath, createIdentity, loadOpeners, loadRecipients } from "./identity.ts"
import { type ExitCode, UsageError } from "@tocsin/base/command-line"
import {
    type OnlineOptions,
    type World,
    runClientCommand,
    jsonLine,
    connectByOptions,
    onlineOptions,
    realWorld,
} from "./connection.ts"

type KeysOptions = OnlineOptions & IdentityOptions
type ListOptions = OnlineOptions & { readonly out?: string | undefined }
type NewKeyOptions = KeysOptions & {
    readonly postQuantum?: boolean | undefined
    readonly confirmWith?: string | undefined
}

/** Characters of an armoured OpenPGP public key. */
const certificateCharsMax = 40_000

const identityOptionText = "the identity file (or TOCSIN_IDENTITY; default: `identity.txt` next to the saved login)"

/** Adds the commands. */
export function keysCommand(program: Command, plugins: StartPlugin): void {
    const keys = program
        .command("keys")
        .description("Manage the keys to which your copies are sealed, and make keys for tokens")
    onlineOptions(keys.command("new"))
        .description("Create an age identity in a file, and register its recipient")
        .option("--identity <file>", identityOptionText)
        .option("--post-quantum", "create a hybrid identity, `age1pq1…` (ML-KEM-768 and X25519)")
        .option("--confirm-with <file>", "the identity file of a usable key, which confirms the new one")
        .action(async (options: NewKeyOptions) => {
            process.exitCode = await createKey(options, { ...realWorld, plugins })
        })
    onlineOptions(keys.command("add"))
        .description("Register a recipient: the one given, or the one of an identity file")
        .argument("[recipient]", "age1…, an SSH key `ssh-ed25519 AAAA…`, or a file with an armoured OpenPGP public key")
        .option("--identity <file>", identityOptionText)
        .action(async (recipient: string | undefined, options: KeysOptions) => {
            process.exitCode = await addKey(recipient, options, realWorld)
        })
    onlineOptions(keys.command("confirm"))
        .description("Confirm a new key with the identity of a usable one. The new key is then usable at once.")
        .argument("<recipient>", "the new key's recipient as its owner gave it to you, or its SHA-256")
        .option("--identity <file>", identityOptionText)
        .action(async (recipient: string, options: KeysOptions) => {
            process.exitCode = await confirm(recipient, options, { ...realWorld, plugins })
        })
    onlineOptions(keys.command("list"))
        .description("List the keys of your organisation, and check them against the receipts of their changes")
        .option("--out <dir>", "the folder of `tocsin pull`, which remembers the changes seen before", "tocsin")
        .action(async (options: ListOptions) => {
            process.exitCode = await listKeys(options, realWorld)
        })
    onlineOptions(keys.command("test"))
        .description("Open a test copy with each of your keys, and confirm this to the operator")
        .option("--identity <file>", identityOptionText)
        .action(async (options: KeysOptions) => {
            process.exitCode = await testKeys(options, { ...realWorld, plugins })
        })
    keys.command("dpop")
        .description("Create a key in a new file, for a token (DPoP) or a machine client. Prints the public key.")
        .argument("<file>", "the new file for the private key")
        .option("--json", "print JSON instead of text")
        .action(async (file: string, options: { readonly json?: boolean }) => {
            process.exitCode = await createDpopKey(file, options, realWorld)
        })
}

/** Makes the key pair of a token. Refuses `files.already_exists`. */
export function createDpopKey(
    file: string,
    options: { readonly json?: boolean | undefined },
    world: World,
): Promise<ExitCode> {
    return runClientCommand(world, async () => {
        const { d, ...jwk } = await createSigningKey()
        const thumbprint = await thumbprintOf(jwk)
        await createFile(file, `${JSON.stringify({ ...jwk, d })}\n`)
        if (options.json) world.result(jsonLine({ jwk, thumbprint }))
        else for (const line of [`public key  ${JSON.stringify(jwk)}`, `thumbprint  ${thumbprint}`]) world.result(line)
        world.message(`created the private key \`${file}\`: it stays on this machine`)
        return 0
    })
}

/** Opens a test copy with each registered key and reports the codes. */
export function testKeys(options: KeysOptions, world: World): Promise<ExitCode> {
    return runClientCommand(world, async () => {
        const client = await connectByOptions(options, world)
        const path = identityPath(options, world)
        const list = (await client.loadAccount()).partner.keys.filter(({ revokedAt }) => revokedAt === null)
        for (const { recipient } of list.filter((key) => isOpenPgp(key.recipient) && key.testedAt === null)) {
            world.message(`${recipient}: save its test copy in the portal, and open it with \`gpg --decrypt\``)
        }
        const [openers, recipients] = [await loadOpeners(path, world), await loadRecipients(path)]
        const keys = list.filter(({ recipient }) => recipients.includes(recipient))
        if (keys.length === 0) {
            refuse(
                "conflict",
                "keys.no_identity",
                `no registered key belongs to \`${path}\`: give another file, or run \`tocsin keys add\``,
            )
        }
        for (const { id, recipient } of keys) {
            const opened = await open(await client.fetchTestCopy(id), openers, "the test copy")
            const code = parseTestCode(new TextDecoder().decode(opened))
            if (code === null) refuse("invalid", "keys.not_a_test_copy", "the server sent no test copy: try again")
            await client.submitTestCode(id, code)
            if (options.json) world.result(jsonLine({ id, recipient, opened: true }))
            else world.result(`${recipientText(recipient)}  opened a test copy`)
        }
        return 0
    })
}

/** Makes an identity, registers its recipient, and confirms it with an older identity on this machine. */
export function createKey(options: NewKeyOptions, world: World): Promise<ExitCode> {
    return runClientCommand(world, async () => {
        const { confirmWith } = options
        if (confirmWith !== undefined && !(await fileExists(confirmWith)))
            throw new UsageError(`no identity file \`${confirmWith}\`: give the file of a usable key`)
        const client = await connectByOptions(options, world)
        const path = identityPath(options, world)
        const recipient = await createIdentity(path, options.postQuantum ?? false)
        world.message(`created the identity \`${path}\`: keep it safe and secret, because no one else has a copy`)
        const added = await registerRecipient(client, recipient).catch((error: unknown) => {
            world.message(`the identity is not registered: run \`tocsin keys add --identity ${path}\``)
            throw error
        })
        const older = confirmWith ?? identityPath({}, world)
        const canConfirm = added.usableFrom === null && older !== path && (await fileExists(older))
        const print = (key: Key) => printKey(key, { ...options, identity: path }, world)
        const confirmed = !canConfirm
            ? null
            : await confirmWithIdentity(client, added, older, world).catch((error: unknown) => {
                  print(added)
                  throw error
              })
        print(confirmed ?? added)
        if (confirmed !== null) world.message(`confirmed with \`${older}\`: the key is usable now`)
        else if (added.usableFrom === null) world.message(waitingText(added))
        return 0
    })
}

const waitingText = ({ recipient }: Key): string =>
    `the key is not usable yet: run \`tocsin keys confirm ${shownArgument(recipient)}\` with the identity file ` +
    "of a usable key, or call the operator and read the recipient out"

/** The recipient as an argument, or of a long one its SHA-256. */
function shownArgument(recipient: string): string {
    const [, hash] = / SHA-256 (\w+)$/.exec(recipientText(recipient)) ?? []
    return hash ?? (isSsh(recipient) ? `"${recipient}"` : recipient)
}

/** Registers a recipient. */
export function addKey(recipient: string | undefined, options: KeysOptions, world: World): Promise<ExitCode> {
    return runClientCommand(world, async () => {
        if (recipient?.startsWith("AGE-SECRET-KEY-")) {
            throw new UsageError("this is a secret identity: give its recipient, `age1…`")
        }
        const client = await connectByOptions(options, world)
        const path = identityPath(options, world)
        const recipients = recipient === undefined ? await loadRecipients(path) : [await readRecipient(recipient)]
        const shownPath = recipient === undefined ? path : undefined
        for (const recipient of recipients) {
            const key = await registerRecipient(client, recipient)
            printKey(key, { ...options, identity: shownPath }, world)
            if (key.usableFrom === null) world.message(waitingText(key))
        }
        return 0
    })
}

/** The recipient as given, or the armoured OpenPGP public key in a file of that name. */
async function readRecipient(given: string): Promise<string> {
    if (/^(age1|ssh-)/.test(given) || !(await fileExists(given))) return given
    const text = await readText(given, certificateCharsMax)
    const advice = "export it with `gpg --armor --export FINGERPRINT`"
    if (/PRIVATE KEY/.test(text)) throw new UsageError(`\`${given}\` has a secret key: give the public key, ${advice}`)
    if (!isCertificate(text)) throw new UsageError(`\`${given}\` is not an armoured OpenPGP public key: ${advice}`)
    return text
}

/** Registers a recipient. Refuses `keys.recipient_mismatch` where the server answers with another key. */
async function registerRecipient(client: Client, recipient: string): Promise<Key> {
    const possible = isCertificate(recipient) ? recipientsOf(recipient) : [normalRecipient(recipient)]
    if (possible.length === 0)
        throw new UsageError("this certificate cannot be read: export it again with `gpg --armor --export FINGERPRINT`")
    const key = await client.addKey(recipient)
    if (!possible.includes(key.recipient))
        refuse(
            "conflict",
            "keys.recipient_mismatch",
            "the server answered with another key than yours: confirm nothing, and call the operator",
        )
    return key
}

function printKey(key: Key, { json, identity }: KeysOptions, world: World): void {
    if (json) world.result(jsonLine({ ...key, identity: identity ?? null }))
    else world.result(keyText(key))
}

/** Lists the registered keys, checks them against their receipts, and shows what changed since the last look. */
export function listKeys(options: ListOptions, world: World): Promise<ExitCode> {
    return runClientCommand(world, async () => {
        const client = await connectByOptions(options, world)
        const { roster } = (await client.loadAccount()).partner
        const out = options.out ?? "tocsin"
        const remembers = await isPullFolder(out)
        const {
            added,
            pending,
            newlyPending: _,
            ...list
        } = remembers ? await checkWithMemory(client, out) : await client.checkKeys(await readKeyStore(out))
        if (options.json) world.result(jsonLine({ ...list, added, pending }))
        else for (const key of list.keys) world.result(keyText(key, list.keys))
        const print = (change: KeyChange) => world.message(keyChangeText(change, list.changes, roster))
        if (!remembers)
            world.message(`\`${out}\` is not a folder of \`tocsin pull\`, so no earlier look is known: give --out`)
        if (added.length > 0) world.message(`changes of your keys${remembers ? " since your last look" : ""}:`)
        for (const change of added) print(change)
        if (pending.length > 0) world.message("changes whose receipts are pending (they come within a minute):")
        for (const change of pending) print(change)
        if (list.keys.length === 0) world.message("no key yet: run `tocsin keys new`")
        else {
            const last = list.head === null ? "none proven yet" : `the last is ${list.head.slice(0, 16)}`
            world.message(`each key agrees with its receipts (changes: ${list.changes.length}, ${last})`)
        }
        return 0
    })
}

/** Checks with what a folder remembers. While a pull uses the folder, nothing new is remembered. */
async function checkWithMemory(client: Client, out: string): Promise<KeyCheck> {
    const unlock = await lockFolder(out, process.pid).catch((error: unknown) => {
        if (error instanceof Refusal && error.code === "holdings.in_use") return null
        throw error
    })
    if (unlock === null) return await client.checkKeys(await readKeyStore(out))
    try {
        return await client.checkKeys(await openFolder(out))
    } finally {
        await unlock()
    }
}

/** One line about a key. `keys`: those of the partner, to name the one that confirmed it. */
function keyText({ recipient, usableFrom, revokedAt, ...key }: Key, keys: readonly Key[] = []): string {
    const older = keys.find(({ id }) => id === key.confirmedBy)
    const origin =
        older === undefined
            ? key.acceptedAt === null
                ? ""
                : "  accepted by the operator"
            : `  confirmed by ${recipientText(older.recipient)}`
    const start = usableFrom === null ? "not usable yet: neither confirmed nor accepted" : `usable from ${usableFrom}`
    return `${recipientText(recipient)}  ${revokedAt === null ? start : `revoked at ${revokedAt}`}${origin}`
}
