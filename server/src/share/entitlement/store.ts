/** The tables of policies and of their activations. Rows are never changed, so every past state can be read again. */
import type { Instant } from "@tocsin/base/instant"
import type { Tx } from "../../platform/postgres/db.ts"

export interface Policy {
    readonly version: number
    readonly name: string
    /** In the policy language. Not secret: partners may read the rules that apply to them. */
    readonly text: string
    /** The policy's own examples, in the format of example.ts. */
    readonly examples: string
    readonly createdBy: string | null
    readonly createdAt: Instant
}

export interface Activation {
    readonly version: number
    readonly from: Instant
    readonly by: string | null
}

interface PolicyRow {
    readonly version: number
    readonly name: string
    readonly text: string
    readonly examples: string
    readonly created_by: string | null
    readonly created_at: Instant
}

interface ActivationRow {
    readonly version: number
    readonly from_at: Instant
    readonly by_person: string | null
}

const activationColumns = `version, from_at, actor_id as by_person`

/** Returns the next free version, and locks the table so that no other transaction takes it. */
export async function reserveNextVersion(tx: Tx): Promise<number> {
    await tx.query("lock table policies in share row exclusive mode")
    const rows = await tx.query<{ next: number }>("select coalesce(max(version), 0) + 1 as next from policies")
    return rows[0]?.next ?? 1
}

export async function insertPolicy(tx: Tx, policy: Policy): Promise<void> {
    await tx.query(
        `insert into policies (version, name, text, examples, created_by, created_at) values ($1, $2, $3, $4, $5, $6)`,
        [policy.version, policy.name, policy.text, policy.examples, policy.createdBy, new Date(policy.createdAt)],
    )
}

export async function findPolicy(tx: Tx, version: number): Promise<Policy | undefined> {
    return (await tx.query<PolicyRow>("select * from policies where version = $1", [version])).map(readPolicy)[0]
}

/** Lists all policies, newest first. */
export async function listPolicies(tx: Tx): Promise<Policy[]> {
    return (await tx.query<PolicyRow>("select * from policies order by version desc")).map(readPolicy)
}

/** Returns the policy active at this instant: the last activation inserted with a start at or before it. */
export async function findActivePolicy(tx: Tx, instant: Instant): Promise<Policy | undefined> {
    const rows = await tx.query<PolicyRow>(
        `select policies.* from policy_activations join policies using (version)
         where from_at <= $1 order by seq desc limit 1`,
        [new Date(instant)],
    )
    return rows.map(readPolicy)[0]
}

export async function insertActivation(tx: Tx, activation: Activation): Promise<void> {
    await tx.query("insert into policy_activations (version, from_at, actor_id) values ($1, $2, $3)", [
        activation.version,
        new Date(activation.from),
        activation.by,
    ])
}

/** Lists all activations in order of insertion. */
export async function listActivations(tx: Tx): Promise<Activation[]> {
    const rows = await tx.query<ActivationRow>(`select ${activationColumns} from policy_activations order by seq`)
    return rows.map((row) => ({ version: row.version, from: row.from_at, by: row.by_person }))
}

function readPolicy(row: PolicyRow): Policy {
    const { version, name, text, examples, created_by: createdBy, created_at: createdAt } = row
    return { version, name, text, examples, createdBy, createdAt }
}
