/**
 * Serves a page again under a lease, without a transaction of its own.
 *
 * The statement that records the page also checks, behind the locks, that the lease holds and who owns the credential.
 * If the check fails, nothing is recorded, and the request takes the usual path.
 */
import { type AskedAgain, stillSame } from "../../../../kernel/change-detection.ts"
import type { Db } from "../../../../platform/postgres/db.ts"
import type { Services } from "../../../../kernel/services.ts"
import { gathered } from "../../../../kernel/coalesce.ts"
import { type ActionContext, recordIfSame } from "../../../../kernel/action-context.ts"
import type { PartnerActor } from "../../../../kernel/actor.ts"
import { leaseSoon, mayHold } from "./leases.ts"
import { type ServedPage, factsOf } from "./record-page.ts"
import type { Rows } from "./rows.ts"
import { type Kept, viewName } from "./load-feed.ts"
import { type Lease, type View, viewsOf } from "./views.ts"

const credentialsMax = 10_000
/** The owner of each credential at its last use, by the credential's hash. The oldest entries are dropped first. */
const owners = new WeakMap<Db, Map<string, PartnerActor>>()

/** Remembers the owner of a credential for `underLease`. */
export function rememberOwner({ actor, services }: ActionContext, credential: Buffer | null): void {
    if (actor.kind !== "partner" || credential === null) return
    const owner = owners.get(services.db) ?? new Map<string, PartnerActor>()
    owners.set(services.db, owner)
    const name = credential.toString("hex")
    owner.delete(name)
    owner.set(name, actor)
    const [oldest] = owner.keys()
    if (owner.size > credentialsMax && oldest !== undefined) owner.delete(oldest)
}

export interface Again<Of> {
    readonly actor: PartnerActor
    readonly rows: Rows<Of>
    readonly lease: Lease
    readonly credential: Buffer
}

/** Returns what the owner of this credential would see if the lease holds. `mayShow` or `recordAgain` must check it. */
export function underLease<Of>(services: Services, credential: Buffer | null, kept: Kept<Of>): Again<Of> | null {
    const actor = credential && owners.get(services.db)?.get(credential.toString("hex"))
    if (!actor) return null
    const view = viewsOf(services).get(viewName(actor.person, kept.collection)) as View<Of> | null
    if (!view?.dated?.lease) return null
    const { rows, lease } = view.dated
    if (!mayHold(services, lease)) return null
    leaseSoon({ actor, services }, kept, view)
    return { actor, rows, lease, credential }
}

const together = { waysMax: 1, togetherMax: 64 }
/** Checks concurrent requests in one statement. */
const askTogether = gathered(together, async ({ clock, db, realNow }: Services, askedAgains: readonly AskedAgain[]) => {
    const { sql, values } = stillSame(clock, realNow(), askedAgains)
    const held = new Set((await db.statement<{ n: number }>(`select n from ${sql}`, values)).map(({ n }) => n))
    return askedAgains.map((_, n) => held.has(n))
})

/** Whether the leased page may be served again. */
export async function mayShow(services: Services, { lease, credential }: Again<unknown>): Promise<boolean> {
    return await askTogether(services, { ...lease, credential })
}

/** Records the page again, and returns whether it may be sent. Such a page hands out nothing for the first time. */
export async function recordAgain(services: Services, again: Again<unknown>, page: ServedPage): Promise<boolean> {
    const { actor, lease, credential } = again
    return await recordIfSame(
        { actor, services },
        { kind: "objects.served", ...factsOf(actor.partner, page) },
        { ...lease, credential },
    )
}
