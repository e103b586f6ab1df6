/**
 * Submits each new checkpoint of the receipt log to the witnesses, and keeps their signatures (C2SP tlog-witness).
 *
 * The requests are made outside of transactions, all at once, so that a slow witness holds nothing. An answer counts
 * only with a signature of a known key over our checkpoint.
 */
import { consistencyRanges, type Hash } from "@tocsin/audit-log/merkle"
import { type NoteKey, keyName, verifiedLines } from "@tocsin/audit-log/note-keys"
import { nodeVerifiers } from "@tocsin/audit-log/commands/node-keys"
import { formatWitnessRequest } from "@tocsin/audit-log/witness-request"
import type { ActionContext } from "../../../../kernel/action-context.ts"
import type { Services, WitnessAnswer, Witnessing } from "../../../../kernel/services.ts"
import type { BackgroundJob } from "../../../../kernel/worker.ts"
import { countBatches, loadProof } from "../../actions/load-receipts.ts"
import { type SignedLog, findVisibleLog } from "../../actions/serve-tiles.ts"
import { type WitnessProblem, type WitnessState, clockMsMax, retryMs } from "../state.ts"
import * as store from "../store.ts"
import { findQuorum } from "./load-witnessed-log.ts"

const linesMax = 16

export const askWitnessesJob: BackgroundJob = {
    name: "witnesses",
    runsSeldom: true,
    run: async (services) => {
        if (services.witnessing !== null) await askWitnesses(services, services.witnessing)
        return false
    },
}

/** One address: a witness with one key or several, which sign together. */
interface Witness {
    readonly url: string
    readonly keys: readonly NoteKey[]
    readonly signedSize: number
}

interface Outcome {
    readonly signedSize: number
    readonly problem: WitnessProblem | null
    readonly cosignatures: readonly store.Cosignature[]
}

const runAsSystem = <T>(services: Services, work: (ctx: ActionContext) => Promise<T>): Promise<T> =>
    services.db.transaction(async (tx) =>
        work({ tx, now: await services.clock.now(tx), services, actor: { kind: "system", component: "witnesses" } }),
    )

/** Asks each witness that has not signed the newest checkpoint. */
export async function askWitnesses(services: Services, witnessing: Witnessing): Promise<void> {
    const found = await runAsSystem(services, async (ctx) => {
        const log = await findVisibleLog(ctx)
        if (log === null) return null
        const due = dueWitnesses(witnessing, await store.listWitnesses(ctx.tx), log.size, services.realNow())
        return { log, due }
    })
    if (found === null || found.due.length === 0) return
    const { log, due } = found
    const outcomes = await Promise.all(
        due.map(async (witness) => ({ witness, outcome: await askWitness(services, witnessing, witness, log) })),
    )
    await runAsSystem(services, async (ctx) => {
        for (const { witness, outcome } of outcomes) if (outcome !== null) await saveOutcome(ctx, witness, outcome)
        // The quorum before the newest checkpoint stays, for processes whose clock does not show this one yet. A size
        // between is never submitted again, so it gets no further signature.
        const quorum = await findQuorum(ctx, log.size - 1)
        await store.deleteCosignatures(ctx.tx, { below: log.size, except: quorum?.size ?? 0 })
    })
    for (const { witness, outcome } of outcomes) {
        const isWrong = outcome?.problem === "ahead" || outcome?.problem === "differs"
        const text = `${witness.url}: ${outcome?.problem}`
        if (isWrong) services.log.error("a witness says that it signed another receipt log than this one", { text })
    }
}

function dueWitnesses(
    { policy }: Witnessing,
    states: readonly WitnessState[],
    size: number,
    realNow: number,
): Witness[] {
    const byUrl = Map.groupBy(policy.witnesses, ({ url }) => url)
    return [...byUrl].flatMap(([url, witnesses]) => {
        if (url === null) return []
        const keys = witnesses.map(({ key }) => key)
        const known = keys.map((key) => states.find(({ name }) => name === keyName(key)))
        const hasSigned = known.every((state) => state?.problem === null && state.signedSize >= size)
        // One that signed with some of its keys only has failed too.
        const mustWait = known.some((state) => state && state.problem !== null && realNow < state.askedAt + retryMs)
        const isDue = !hasSigned && !mustWait
        // A key that was added later has signed nothing, but its witness has.
        const signedSize = Math.max(...known.map((state) => state?.signedSize ?? 0))
        return isDue ? [{ url, keys, signedSize: Math.min(signedSize, size) }] : []
    })
}

/**
 * Asks once, and again with the size that the witness says. Null: it knows a newer batch of ours. Never throws for what
 * a witness does.
 */
async function askWitness(
    services: Services,
    { ask }: Witnessing,
    witness: Witness,
    log: SignedLog,
): Promise<Outcome | null> {
    let oldSize = witness.signedSize
    for (let attempt = 0; attempt < 2; attempt++) {
        const proof = await loadGrowth(services, oldSize, log.size)
        const answer = await ask(witness.url, formatWitnessRequest({ oldSize, proof, note: log.note }))
        if (answer?.status !== 409) return outcomeOf(witness, log, answer, services.realNow())
        const size = /^(0|[1-9]\d{0,14})\n$/.test(answer.text) ? Number(answer.text) : -1
        if (size > log.size) {
            // Another process can have submitted a batch meanwhile, and saves what it found.
            const batches = await services.db.transaction(countBatches)
            return size > batches ? failed(witness, "ahead") : null
        }
        if (size === log.size && size === oldSize) return failed(witness, "differs")
        if (size < 0 || size === oldSize) return failed(witness, "bad_answer")
        oldSize = size
    }
    return failed(witness, "bad_answer")
}

const loadGrowth = async (services: Services, oldSize: number, size: number): Promise<readonly Hash[]> =>
    oldSize === 0 ? [] : await services.db.transaction((tx) => loadProof(tx, consistencyRanges(oldSize, size)))

const failed = ({ signedSize }: Witness, problem: WitnessProblem): Outcome => ({
    signedSize,
    problem,
    cosignatures: [],
})

const problems: Readonly<Record<number, WitnessProblem>> = {
    400: "bad_answer",
    403: "key_refused",
    404: "unknown_log",
    422: "differs",
}

function outcomeOf(witness: Witness, log: SignedLog, answer: WitnessAnswer | null, realNow: number): Outcome {
    if (answer?.status !== 200) return failed(witness, problems[answer?.status ?? 0] ?? "unreachable")
    const cosignatures = verifiedLines(log.text, answer.text.split("\n", linesMax), witness.keys, nodeVerifiers)
        .map(({ key, time, line }) => ({ size: log.size, witness: keyName(key), line, signedAt: time * 1000 }))
        // The clocks of witness and server must roughly agree.
        .filter(({ signedAt }) => Math.abs(signedAt - realNow) <= clockMsMax)
    const signers = new Set(cosignatures.map((cosignature) => cosignature.witness))
    if (signers.size < witness.keys.length) return { ...failed(witness, "bad_answer"), cosignatures }
    return { signedSize: log.size, problem: null, cosignatures }
}

async function saveOutcome(
    { tx, services }: ActionContext,
    { keys }: Witness,
    { signedSize, problem, cosignatures }: Outcome,
): Promise<void> {
    for (const cosignature of cosignatures) await store.saveCosignature(tx, cosignature)
    for (const key of keys) {
        const hasSigned = cosignatures.some(({ witness }) => witness === keyName(key))
        const state = { name: keyName(key), signedSize, problem: hasSigned ? null : problem }
        await store.saveWitness(tx, state, services.realNow())
    }
}
