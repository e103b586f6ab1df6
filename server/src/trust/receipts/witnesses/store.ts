/** Reads and writes the witnesses' signatures and their last answers. */
import type { Instant } from "@tocsin/base/instant"
import type { Tx } from "../../../platform/postgres/db.ts"
import type { WitnessProblem, WitnessState } from "./state.ts"

export interface Cosignature {
    readonly size: number
    readonly witness: string
    /** With its newline. */
    readonly line: string
    readonly signedAt: Instant
}

export async function listWitnesses(tx: Tx): Promise<WitnessState[]> {
    return await tx.query<WitnessState>(
        `select name, first_asked_at as "firstAskedAt", asked_at as "askedAt", signed_size as "signedSize", problem
         from witnesses order by name`,
    )
}

export async function saveWitness(
    tx: Tx,
    witness: { readonly name: string; readonly signedSize: number; readonly problem: WitnessProblem | null },
    now: Instant,
): Promise<void> {
    await tx.query(
        `insert into witnesses (name, first_asked_at, asked_at, signed_size, problem) values ($1, $2, $2, $3, $4)
         on conflict (name) do update set asked_at = $2, problem = $4,
            signed_size = greatest(witnesses.signed_size, $3)`,
        [witness.name, new Date(now), witness.signedSize, witness.problem],
    )
}

/** A later signature of the same size replaces the earlier one. */
export async function saveCosignature(tx: Tx, { size, witness, line, signedAt }: Cosignature): Promise<void> {
    await tx.query(
        `insert into cosignatures (size, witness, line, signed_at) values ($1, $2, $3, $4)
         on conflict (size, witness) do update set line = $3, signed_at = $4`,
        [size, witness, line, new Date(signedAt)],
    )
}

/** Lists all signatures that are kept, those of the largest size first. */
export async function listCosignatures(tx: Tx): Promise<Cosignature[]> {
    return await tx.query<Cosignature>(
        `select size, witness, line, signed_at as "signedAt" from cosignatures order by size desc, witness`,
    )
}

/** Deletes the signatures of sizes below `below`, except those of the size `except`. */
export async function deleteCosignatures(
    tx: Tx,
    { below, except }: { readonly below: number; readonly except: number },
): Promise<void> {
    await tx.query("delete from cosignatures where size < $1 and size <> $2", [below, except])
}
