/**
 * Once more what somebody was just shown, without a transaction of its own: the one statement that records it finds out, behind
 * the locks, whether the lease holds, and whose the credential is. Where it does not, nothing was recorded, and all is
 * asked as usual.
 */
import { type AskedAgain, stillSame } from "../../../../kernel/change-detection.ts"
import type { Db } from "../../../../platform/postgres/db.ts"
import type { Services } from "../../../../kernel/services.ts"
import { gathered } from "../../../../kernel/coalesce.ts"
import { type ActionContext, recordIfSame } from "../../../../kernel/action-context.ts"
import type { PartnerActor } from "../../../../kernel/actor.ts"
import { leaseSoon, mayHold } from "./leases.ts"
import { type ServedPage, factsOf } from "./record-served.ts"
import type { Rows } from "./rows.ts"
import { type Kept, viewName } from "./shown.ts"
import { type Lease, type View, viewsOf } from "./views.ts"

const credentialsMax = 10_000
/** Who the owner of a credential was when it asked last, by its hash. The oldest make room. */
const owners = new WeakMap<Db, Map<string, PartnerActor>>()

/** From now on `underLease` knows whose the credential is. */
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

/** What whoever has this credential would be shown, if the lease holds: `mayShow` or `recordAgain` finds out. */
export function underLease<Of>(services: Services, credential: Buffer | null, subject: Kept<Of>): Again<Of> | null {
    const actor = credential && owners.get(services.db)?.get(credential.toString("hex"))
    if (!actor) return null
    const view = viewsOf(services).get(viewName(actor.person, subject.collection)) as View<Of> | null
    if (!view?.dated?.lease) return null
    const { rows, lease } = view.dated
    if (!mayHold(services, lease)) return null
    leaseSoon({ actor, services }, subject, view)
    return { actor, rows, lease, credential }
}

const together = { waysMax: 1, togetherMax: 64 }
/** Whoever asks at the same time is in one statement. */
const askTogether = gathered(together, async ({ clock, db, realNow }: Services, askedAgains: readonly AskedAgain[]) => {
    const { sql, values } = stillSame(clock, realNow(), askedAgains)
    const held = new Set((await db.statement<{ n: number }>(`select n from ${sql}`, values)).map(({ n }) => n))
    return askedAgains.map((_, n) => held.has(n))
})

/** Whether nothing may be said once more. */
export async function mayShow(services: Services, { lease, credential }: Again<unknown>): Promise<boolean> {
    return await askTogether(services, { ...lease, credential })
}

/** Whether the page may be sent: it is on record by then. Nothing of it is handed out for the first time. */
export async function recordAgain(services: Services, again: Again<unknown>, page: ServedPage): Promise<boolean> {
    const { actor, lease, credential } = again
    return await recordIfSame(
        { actor, services },
        { kind: "objects.served", ...factsOf(actor.partner, page) },
        { ...lease, credential },
    )
}
