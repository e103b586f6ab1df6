/**
 * Lists who can read what content of released waves, and by which signatures. Reads the stores, independently of the
 * program's rules for two people.
 */
import { warningObjects } from "../../server/src/channels/taxii/objects.ts"
import { joinObjects } from "../../server/src/channels/taxii/encode.ts"
import { type SeededPartner, memberActor } from "../../server/src/demo/seed.ts"
import type { Instant } from "@tocsin/base/instant"
import type { Services } from "../../server/src/kernel/services.ts"
import { listEntitlements } from "../../server/src/share/entitlement/actions/decide-access.ts"
import { readFeed } from "../../server/src/share/feed/actions/read-feed.ts"
import type { ActionContext } from "../../server/src/kernel/action-context.ts"
import { system } from "../support/actors.ts"

/** Content that a partner can read now. */
export interface Reading {
    readonly partner: string
    readonly case: string
    readonly artifact: string
    readonly version: number
    /** Since when one of its waves has released this version. */
    readonly openedAt: Instant
}

export interface Used {
    readonly action: string
    readonly recipients: readonly string[]
    readonly artifacts: readonly { readonly artifact: string; readonly version: number }[]
    /** The case of the action; null: none. */
    readonly case: string | null
    readonly at: Instant
}

export async function readings(ctx: ActionContext, partners: readonly string[]): Promise<Reading[]> {
    const reading: Reading[] = []
    for (const partner of partners) {
        for (const { case: caseId, artifact, version, decision } of await listEntitlements(ctx, partner, null)) {
            if (version === null) continue
            const [row] = await ctx.tx.query<{ at: number }>(
                `select (extract(epoch from min(coalesce(late_released_at, released_at))) * 1000)::float8 as at
                 from wave_artifacts join waves on waves.id = wave_id
                 where artifact_id = $1 and version = $2 and tier = any($3)`,
                [artifact, version, decision.waves],
            )
            reading.push({ partner, case: caseId, artifact, version, openedAt: row?.at ?? 0 })
        }
    }
    return reading
}

/** Lists every applied approval. */
export async function usedApprovals({ tx }: ActionContext): Promise<Used[]> {
    return await tx.query<Used>(
        `select action, effects->'recipients' as recipients, effects->'artifacts' as artifacts,
             effects->'detail'->>'case' as "case", (extract(epoch from applied_at) * 1000)::float8 as at
         from approvals where applied_at is not null order by applied_at`,
    )
}

/** Actions about a partner by which two people give it access to earlier releases. */
const givesBack = [
    "partner.activate",
    "partner.reinstate",
    "partner.change_tier",
    "partner.relax_duties",
    "partner.relax_restriction",
    "consent.invite",
]

/** Lists readable content without a signature. */
export function unsigned(reading: readonly Reading[], used: readonly Used[]): Reading[] {
    return reading.filter((reading) => !used.some((used) => covers(used, reading)))
}

function covers(used: Used, { partner, artifact, version, openedAt, case: caseId }: Reading): boolean {
    const named = used.recipients.includes(partner)
    if (named && used.artifacts.some((item) => item.artifact === artifact && item.version === version)) return true
    if (used.at < openedAt) return false
    if (used.action === "policy.activate") return true
    return named && givesBack.includes(used.action) && (used.case === null || used.case === caseId)
}

/** At this instant. */
export async function readBy(services: Services, now: Instant, partners: readonly string[]) {
    return await services.db.transaction(async (tx) => {
        const ctx: ActionContext = { tx, now, services, actor: system }
        return { all: await readings(ctx, partners), used: await usedApprovals(ctx) }
    })
}

/** Returns what tools of the first two partners see, with caches and without, in one transaction. */
export async function shownTwice(services: Services, now: Instant, partners: readonly SeededPartner[]) {
    const actors = partners.slice(0, 2).map(({ id, people }) => memberActor(id, people, "lead"))
    return await services.db.transaction(async (tx) => {
        const read = async (doors: Services): Promise<string[]> => {
            const list: string[] = []
            for (const actor of actors) {
                const rows = await readFeed({ tx, now, services: doors, actor }, warningObjects)
                list.push(...[...rows].map((row) => `${row.added} ${joinObjects([row]).pieces.join("")}`))
            }
            return list
        }
        return { kept: await read(services), anew: await read({ ...services, db: { ...services.db } }) }
    })
}
