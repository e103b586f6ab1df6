/** Finds the newest checkpoint that enough witnesses have signed. */
import { isQuorum } from "@tocsin/audit-log/witness-policy"
import { keyName } from "@tocsin/audit-log/note-keys"
import type { ActionContext } from "../../../../kernel/action-context.ts"
import { type SignedLog, signLogAt } from "../../actions/serve-tiles.ts"
import { type WitnessingState, lateSince } from "../state.ts"
import * as store from "../store.ts"

interface Quorum {
    readonly size: number
    readonly cosignatures: readonly store.Cosignature[]
}

/** Finds the quorum of the largest size up to `sizeMax`; null where there is none, or no policy. */
export async function findQuorum(
    { tx, services: { witnessing } }: ActionContext,
    sizeMax = Infinity,
): Promise<Quorum | null> {
    if (witnessing === null) return null
    const { policy } = witnessing
    const names = new Map(policy.witnesses.map(({ name, key }) => [keyName(key), name]))
    const known = (await store.listCosignatures(tx)).filter(
        ({ witness, size }) => names.has(witness) && size <= sizeMax,
    )
    for (const [size, cosignatures] of Map.groupBy(known, (cosignature) => cosignature.size)) {
        const signers = cosignatures.map(({ witness }) => names.get(witness) ?? "")
        if (isQuorum(policy, new Set(signers))) return { size, cosignatures }
    }
    return null
}

/**
 * Signs the newest checkpoint with a quorum, and adds the witnesses' signatures; null where there is none. `visible`:
 * the number of visible batches. Witnesses can have signed a batch that the clock of this process does not show yet.
 */
export async function loadWitnessedLog(ctx: ActionContext, visible: number): Promise<SignedLog | null> {
    const quorum = await findQuorum(ctx, visible)
    if (quorum === null) return null
    const signed = await signLogAt(ctx, quorum.size)
    return { ...signed, note: signed.note + quorum.cosignatures.map(({ line }) => line).join("") }
}

export async function loadWitnessingState(ctx: ActionContext): Promise<WitnessingState> {
    const { tx, services } = ctx
    if (services.witnessing === null) return { isExpected: false, quorum: null, lateSince: null, witnesses: [] }
    const names = new Set(services.witnessing.policy.witnesses.map(({ key }) => keyName(key)))
    const witnesses = (await store.listWitnesses(tx)).filter(({ name }) => names.has(name))
    const found = await findQuorum(ctx)
    const at = found && Math.max(...found.cosignatures.map(({ signedAt }) => signedAt))
    const start = witnesses.length === 0 ? null : Math.min(...witnesses.map(({ firstAskedAt }) => firstAskedAt))
    return {
        isExpected: true,
        quorum: found && at !== null ? { size: found.size, at } : null,
        lateSince: lateSince(at ?? start, services.receiptsIntervalMs, services.realNow()),
        witnesses,
    }
}
