/** Answers requests for keys: each role gets those that models/key-rights.ts gives it, and no other. */
import { createHash } from "node:crypto"
import { bytesToHex } from "@noble/hashes/utils.js"
import { formatCheckpoint, formatVerifierKey, parseCheckpoint } from "@tocsin/audit-log/checkpoint"
import type { NoteKeyKind } from "@tocsin/audit-log/note-keys"
import type { ActionContext } from "../kernel/action-context.ts"
import { coalesce } from "../kernel/coalesce.ts"
import type { Services } from "../kernel/services.ts"
import type { FileState } from "../kernel/high-water.ts"
import type { ReadFile } from "../kernel/remote-high-water.ts"
import { type HighWater, type LogMark, formatHighWater, hasEndedKey, parseHighWater } from "../models/high-water.ts"
import {
    type KeyRole,
    type ScopeCondition,
    firstPurposes,
    mayDerive,
    maySign,
    scopeConditionOf,
    verifierKeyIn,
} from "../models/key-rights.ts"
import { type KeyRequest, NotForRole } from "../platform/key-process/ask.ts"
import type { AnswerRequest } from "../platform/key-process/listen.ts"
import { oncePerMinute } from "../platform/log/log.ts"
import { limitConcurrency } from "../platform/sandbox/limit-concurrency.ts"
import { listLabels } from "../share/artifacts/actions/load-artifacts.ts"
import { listOpenedVersions, listWaves } from "../share/waves/actions.ts"
import { hasAnyQuestion } from "../trace/inquiries/actions/ask-question.ts"
import { guardAndFollow } from "../trust/continuity/actions/guard-database.ts"
import { findSignedTree, hasBothTrees } from "../trust/receipts/actions/find-signed-tree.ts"
import { loadLogKeys, nameOf } from "../trust/signing-keys/actions/load-log-keys.ts"
import { type LogKey, type LogName, logNames } from "../trust/signing-keys/log-keys.ts"

const placeStart = "data_keys.wrapped:"
const derivedBytesMax = 64
/** Conditions that were met stay met. */
const metMax = 100_000

export interface KeyAnswers {
    readonly answer: AnswerRequest
    /** How often each role was refused. */
    readonly refusals: ReadonlyMap<KeyRole, number>
}

type Input = ReturnType<typeof readerOf>
type Handlers = Readonly<Record<string, (role: KeyRole, input: Input) => Promise<unknown>>>

/** Answers with the keys of this process. */
export function answersFrom(services: Services): KeyAnswers {
    const gate = makeGate(services)
    const handlers: Handlers = {
        ...dataKeyHandlers(services, gate),
        ...derivedKeyHandlers(services, gate),
        ...highWaterHandlers(services, gate),
    } satisfies Record<KeyRequest["do"], unknown>
    return {
        answer: async (role, request) => {
            const input = readerOf(request)
            const name = input.text("do")
            const handler = Object.hasOwn(handlers, name) ? handlers[name] : undefined
            if (handler === undefined) throw new Error("an unknown request")
            return await handler(role, input)
        },
        refusals: gate.refusals,
    }
}

type Gate = ReturnType<typeof makeGate>

/** Throws `NotForRole`. Logs it once a minute for each role, with the count. */
function makeGate(services: Services) {
    const refusals = new Map<KeyRole, number>()
    const logSeldom = oncePerMinute(services.realNow)
    const met = new Set<string>()
    const refuseFor = (role: KeyRole, kind: string): never => {
        const count = (refusals.get(role) ?? 0) + 1
        refusals.set(role, count)
        logSeldom(role, () => services.log.error("a role asked for a key that it does not get", { role, kind, count }))
        throw new NotForRole(`the role ${role} does not get this key`)
    }
    const assertScope = async (role: KeyRole, place: string): Promise<void> => {
        const scope = place.startsWith(placeStart) ? place.slice(placeStart.length) : ""
        const condition = scopeConditionOf(role, scope)
        const [family = "", id = ""] = scope.split(":")
        if (condition === null) return refuseFor(role, family)
        if (condition === "always" || met.has(scope)) return
        if (!(await isMet(services, condition, id))) return refuseFor(role, family)
        if (met.size >= metMax) met.clear()
        met.add(scope)
    }
    return { refusals, refuseFor, assertScope }
}

function dataKeyHandlers({ keys, db }: Services, { assertScope }: Gate) {
    return {
        wrap: async (role, input) => {
            await assertScope(role, input.text("place"))
            return base64(await keys.wrap(input.text("place"), input.bytes("key"), input.count("half")))
        },
        unwrap: async (role, input) => {
            await assertScope(role, input.text("place"))
            return base64(await keys.unwrap(input.text("place"), input.bytes("wrapped")))
        },
        knows: (_, input) => keys.knows(input.bytes("wrapped")),
        newest_half: () => keys.newestHalf(),
        renew: shareNext(() => db.transaction((tx) => keys.renew(tx))),
    } satisfies Handlers
}

function derivedKeyHandlers(services: Services, { refuseFor }: Gate) {
    const { keys } = services
    const isSound = makeHistoryCheck(services)
    return {
        derive: async (role, input) => {
            const [purpose, length] = [input.text("purpose"), input.count("length")]
            if (!mayDerive(role, purpose) || length > derivedBytesMax) refuseFor(role, purpose.split(/[:/]/)[0] ?? "")
            return base64(keys.derive(purpose, length))
        },
        public_key: async (role, input) => {
            const found = await findSigningKey(services, input)
            return found === null ? refuseFor(role, "signature") : base64(found.key.publicKey)
        },
        sign: async (role, input) => {
            const found = await findSigningKey(services, input)
            if (found === null || !found.signs || !maySign(role, found.log)) return refuseFor(role, "signature")
            const message = input.bytes("message")
            const isAllowed = await isSound({ ...found, kind: input.keyKind(), message })
            return isAllowed ? base64(found.key.sign(message)) : refuseFor(role, "signature")
        },
    } satisfies Handlers
}

function highWaterHandlers(services: Services, { refuseFor }: Gate) {
    return {
        guard: shareNext(() => guardAndFollow(services)),
        read_high_water: async (role) => {
            if (role === "portal") refuseFor(role, "high_water")
            const file = await services.highWater.read()
            return { file, digest: digestOf(file) } satisfies ReadFile
        },
        change_high_water: async (role, input) => {
            if (role !== "worker") refuseFor(role, "high_water")
            return await changeHighWater(services, input.text("before"), input.request["next"] as HighWater)
        },
    } satisfies Handlers
}

async function isMet(services: Services, condition: Exclude<ScopeCondition, "always">, id: string): Promise<boolean> {
    if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) return false
    return await withContext(services, async (ctx) => {
        switch (condition) {
            case "released":
                return (await listWaves(ctx, id)).some(({ releasedAt }) => releasedAt !== null)
            case "poc_released": {
                const labels = await listLabels(ctx, id, ctx.now)
                const pocs = new Set(labels.filter((label) => label.class === "poc").map((label) => label.id))
                return (await listOpenedVersions(ctx, id)).some(({ artifact }) => pocs.has(artifact))
            }
            case "questioned":
                return await hasAnyQuestion(ctx, id)
        }
    })
}

const withContext = <T>(services: Services, work: (ctx: ActionContext) => Promise<T>): Promise<T> =>
    services.db.transaction(async (tx) =>
        work({ tx, services, now: await services.clock.now(tx), actor: { kind: "system", component: "keys" } }),
    )

/** Finds a key of either log, by the purpose that a role names. Null: no log has it. */
async function findSigningKey(services: Services, input: Input) {
    const [kind, purpose] = [input.keyKind(), input.text("purpose")]
    return await withContext(services, async (ctx) => {
        for (const log of logNames) {
            const { name, active, ended } = await loadLogKeys(ctx, log)
            const verifierKey = verifierKeyIn(purpose)
            const isMeant = (known: LogKey) =>
                verifierKey === null
                    ? known.addedAt === null && firstPurposes[log].includes(purpose)
                    : known.addedAt !== null && formatVerifierKey(known) === verifierKey
            const found = [...active, ...ended].find(isMeant)
            const key = found?.noteKeys.find((known) => known.kind === kind)
            if (found !== undefined && key !== undefined)
                return { log, name, keyName: nameOf(found), key, signs: active.includes(found) }
        }
        return null
    })
}

/**
 * Makes the function that says whether a log can sign a message: a checkpoint of a tree that goes with the high-water
 * file and with the newest one signed before, so that the log signs one history. Nothing is signed in quarantine, nor
 * without a sound file. For the audit log the worker has the leaves, and the sizes must not shrink.
 */
function makeHistoryCheck(services: Services) {
    const newest: Partial<Record<LogName, LogMark & { readonly file: string }>> = {}
    const check = async (ctx: ActionContext, request: SigningRequest): Promise<boolean> => {
        const { log, name, keyName, kind, message } = request
        const tree = log === "receipt_log" ? await findSignedTree(ctx, kind, message) : auditTreeIn(name, message)
        const file = await services.highWater.read()
        if (tree === null || file.state !== "sound" || services.highWater.isQuarantined()) return false
        const { id, receiptLog, auditLog } = file.mark
        if (hasEndedKey(file.mark, [keyName])) return false
        const last = newest[log]?.file === id ? newest[log] : null
        for (const known of [log === "receipt_log" ? receiptLog : auditLog, last]) {
            if (known === null) continue
            const isExtended = tree.size > known.size || (tree.size === known.size && tree.root === known.root)
            if (!(log === "receipt_log" ? await hasBothTrees(ctx, known, tree) : isExtended)) return false
        }
        if (last === null || tree.size > last.size) newest[log] = { ...tree, file: id }
        return true
    }
    const runInTurn = { audit_log: limitConcurrency(1), receipt_log: limitConcurrency(1) }
    return (request: SigningRequest): Promise<boolean> =>
        runInTurn[request.log](() => withContext(services, (ctx) => check(ctx, request)))
}

interface SigningRequest {
    readonly log: LogName
    /** The origin of the log. */
    readonly name: string
    /** Of the key, as in the high-water file. */
    readonly keyName: string
    readonly kind: NoteKeyKind
    readonly message: Buffer
}

/** Null: this is no checkpoint of the log. */
function auditTreeIn(origin: string, message: Buffer): LogMark | null {
    const text = message.toString("utf8")
    try {
        const checkpoint = parseCheckpoint(text)
        const isExact = checkpoint.origin === origin && formatCheckpoint(checkpoint) === text
        return isExact ? { size: checkpoint.size, root: bytesToHex(checkpoint.root) } : null
    } catch {
        return null
    }
}

/** Returns false where the file is another one than before. */
async function changeHighWater({ highWater }: Services, before: string, next: HighWater): Promise<boolean> {
    const mac = () => "0".repeat(64)
    if (parseHighWater(formatHighWater(next, mac), mac) === null) throw new Error("this is not a high-water mark")
    let isSame = false
    await highWater.change((current) => {
        isSame = digestOf(current) === before
        return isSame ? next : null
    })
    return isSame
}

/**
 * Runs the work once at a time. Those who ask meanwhile share the next run, which sees all that was committed before
 * they asked.
 */
function shareNext<T>(work: () => Promise<T>): () => Promise<T> {
    const target = {}
    const run = coalesce({ roundTripsMax: 1, callsMax: 1_000 }, async (_: object, calls: readonly null[]) => {
        const answer = await work()
        return calls.map(() => answer)
    })
    return () => run(target, null)
}

const digestOf = (file: FileState): string => createHash("sha256").update(JSON.stringify(file)).digest("hex")
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64")

/** Reads the fields of a request. Throws for another form. */
function readerOf(request: Record<string, unknown>) {
    const text = (name: string): string => {
        const value = request[name]
        if (typeof value !== "string") throw new Error("a field is not a text")
        return value
    }
    return {
        request,
        text,
        bytes: (name: string) => Buffer.from(text(name), "base64"),
        count: (name: string): number => {
            const value = request[name]
            if (typeof value !== "number" || !Number.isInteger(value) || value < 1)
                throw new Error("a field is not a count")
            return value
        },
        keyKind: (): NoteKeyKind => (text("kind") === "ml_dsa_44" ? "ml_dsa_44" : "ed25519"),
    }
}
