/**
 * Who can read what of fallen waves, and by whose signatures. Read from the stores, and knows nothing of how the
 * program decides what takes two.
 */
import { warningObjects } from "../../src/channels/taxii/objects.ts"
import { joined } from "../../src/channels/taxii/written.ts"
import { type SeededPartner, memberActor } from "../../src/demo/seed.ts"
import type { Instant } from "../../src/lib/instant.ts"
import type { Doors } from "../../src/platform/doors.ts"
import { entitlementsOf } from "../../src/share/entitlement/actions/entitlements.ts"
import { keptNow } from "../../src/share/delivery/actions/shown.ts"
import type { Act } from "../../src/trust/audit/actions.ts"
import { system } from "../acting.ts"

/** Something that a partner can read now. */
export interface Reading {
    readonly partner: string
    readonly case: string
    readonly artifact: string
    readonly version: number
    /** Since when one of its waves has had this version open. */
    readonly openedAt: Instant
}

export interface Used {
    readonly act: string
    readonly recipients: readonly string[]
    readonly artifacts: readonly { readonly artifact: string; readonly version: number }[]
    /** Of an act about a case: which. Null: about none, or not said. */
    readonly case: string | null
    readonly at: Instant
}

export async function readings(act: Act, partners: readonly string[]): Promise<Reading[]> {
    const all: Reading[] = []
    for (const partner of partners) {
        for (const { case: of, artifact, version, decision } of await entitlementsOf(act, partner, null)) {
            if (version === null) continue
            const [row] = await act.tx.query<{ at: number }>(
                `select (extract(epoch from min(coalesce(late_released_at, released_at))) * 1000)::float8 as at
                 from wave_artifacts join waves on waves.id = wave_id
                 where artifact_id = $1 and version = $2 and tier = any($3)`,
                [artifact, version, decision.waves],
            )
            all.push({ partner, case: of, artifact, version, openedAt: row?.at ?? 0 })
        }
    }
    return all
}

/** Every approval that was used. */
export async function usedApprovals({ tx }: Act): Promise<Used[]> {
    return await tx.query<Used>(
        `select action as act, effects->'recipients' as recipients, effects->'artifacts' as artifacts,
             effects->'detail'->>'case' as "case", (extract(epoch from applied_at) * 1000)::float8 as at
         from approvals where applied_at is not null order by applied_at`,
    )
}

/** About a partner: what two people give it by these holds for what has fallen before. */
const givesBack = [
    "partner.activate",
    "partner.reinstate",
    "partner.change_tier",
    "partner.relax_duties",
    "partner.relax_restriction",
    "consent.invite",
]

/** What is read though nobody signed for it. */
export function unsigned(all: readonly Reading[], used: readonly Used[]): Reading[] {
    return all.filter((its) => !used.some((one) => covers(one, its)))
}

function covers(used: Used, { partner, artifact, version, openedAt, case: of }: Reading): boolean {
    const named = used.recipients.includes(partner)
    if (named && used.artifacts.some((one) => one.artifact === artifact && one.version === version)) return true
    if (used.at < openedAt) return false
    if (used.act === "policy.activate") return true
    return named && givesBack.includes(used.act) && (used.case === null || used.case === of)
}

/** As things stand at this instant. */
export async function readBy(doors: Doors, now: Instant, partners: readonly string[]) {
    return await doors.db.transaction(async (tx) => {
        const act: Act = { tx, now, doors, actor: system }
        return { all: await readings(act, partners), used: await usedApprovals(act) }
    })
}

/** What machines of the first two are shown now, by what is kept in memory, and as it would be without, in one transaction. */
export async function shownTwice(doors: Doors, now: Instant, partners: readonly SeededPartner[]) {
    const actors = partners.slice(0, 2).map(({ id, persons }) => memberActor(id, persons, "lead"))
    return await doors.db.transaction(async (tx) => {
        const read = async (its: Doors): Promise<string[]> => {
            const all: string[] = []
            for (const actor of actors) {
                const rows = await keptNow({ tx, now, doors: its, actor }, warningObjects)
                all.push(...[...rows].map((row) => `${row.added} ${joined([row]).pieces.join("")}`))
            }
            return all
        }
        return { kept: await read(doors), anew: await read({ ...doors, db: { ...doors.db } }) }
    })
}
