/** Reads and writes program rules, by kind and version. */
import type { Instant } from "@tocsin/base/instant"
import type { Tx } from "../../../platform/postgres/db.ts"
import type { Rules, RulesKind } from "../program-rules.ts"

export interface RulesRow<Kind extends RulesKind> {
    readonly version: number
    readonly rules: Rules[Kind]
    readonly by: string | null
    readonly at: Instant
}

const columns = `version, rules, created_by as "by", created_at as at`

/** Finds the newest version at this instant. */
export async function findRulesAt<Kind extends RulesKind>(
    tx: Tx,
    kind: Kind,
    instant: Instant,
): Promise<RulesRow<Kind> | undefined> {
    const rows = await tx.query<RulesRow<Kind>>(
        `select ${columns} from program_rules where kind = $1 and created_at <= $2 order by version desc limit 1`,
        [kind, new Date(instant)],
    )
    return rows[0]
}

/** Lists every version up to this instant, oldest first. */
export async function listRulesUntil<Kind extends RulesKind>(
    tx: Tx,
    kind: Kind,
    instant: Instant,
): Promise<RulesRow<Kind>[]> {
    return await tx.query<RulesRow<Kind>>(
        `select ${columns} from program_rules where kind = $1 and created_at <= $2 order by version`,
        [kind, new Date(instant)],
    )
}

export async function findRules<Kind extends RulesKind>(
    tx: Tx,
    kind: Kind,
    version: number,
): Promise<RulesRow<Kind> | undefined> {
    const rows = await tx.query<RulesRow<Kind>>(
        `select ${columns} from program_rules where kind = $1 and version = $2`,
        [kind, version],
    )
    return rows[0]
}

export async function loadNewestVersion(tx: Tx, kind: RulesKind): Promise<number> {
    const [row] = await tx.query<{ version: number | null }>(
        "select max(version) as version from program_rules where kind = $1",
        [kind],
    )
    return row?.version ?? 0
}

export async function insertRules<Kind extends RulesKind>(tx: Tx, kind: Kind, row: RulesRow<Kind>): Promise<void> {
    await tx.query(
        "insert into program_rules (kind, version, rules, created_by, created_at) values ($1, $2, $3, $4, $5)",
        [kind, row.version, JSON.stringify(row.rules), row.by, new Date(row.at)],
    )
}
