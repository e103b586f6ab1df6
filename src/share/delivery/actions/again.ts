/**
 * Once more what somebody was just shown, without a transaction of its own: the one statement that records it finds out, behind
 * the locks, whether the lease holds, and whose the credential is. Where it does not, nothing was recorded, and all is
 * asked as usual.
 */
import { type AskedAgain, stillSame } from "../../../platform/changes.ts"
import type { Db } from "../../../platform/db.ts"
import type { Doors } from "../../../platform/doors.ts"
import { gathered } from "../../../platform/gathering.ts"
import { type Act, recordIfSame } from "../../../trust/audit/actions.ts"
import type { PartnerActor } from "../../../trust/audit/actor.ts"
import { leaseSoon, mayHold } from "./leases.ts"
import { type ServedPage, factsOf } from "./serving.ts"
import type { Rows } from "./rows.ts"
import { type Kept, viewName } from "./shown.ts"
import { type Lease, type View, viewsOf } from "./views.ts"

const credentialsMax = 10_000
/** Who the owner of a credential was when it asked last, by its hash. The oldest make room. */
const owners = new WeakMap<Db, Map<string, PartnerActor>>()

/** From now on `underLease` knows whose the credential is. */
export function rememberOwner({ actor, doors }: Act, credential: Buffer | null): void {
    if (actor.kind !== "partner" || credential === null) return
    const all = owners.get(doors.db) ?? new Map<string, PartnerActor>()
    owners.set(doors.db, all)
    const name = credential.toString("hex")
    all.delete(name)
    all.set(name, actor)
    const [oldest] = all.keys()
    if (all.size > credentialsMax && oldest !== undefined) all.delete(oldest)
}

export interface Again<Of> {
    readonly actor: PartnerActor
    readonly rows: Rows<Of>
    readonly lease: Lease
    readonly credential: Buffer
}

/** What whoever has this credential would be shown, if the lease holds: `mayShow` or `recordAgain` finds out. */
export function underLease<Of>(doors: Doors, credential: Buffer | null, of: Kept<Of>): Again<Of> | null {
    const actor = credential && owners.get(doors.db)?.get(credential.toString("hex"))
    if (!actor) return null
    const view = viewsOf(doors).get(viewName(actor.person, of.collection)) as View<Of> | null
    if (!view?.dated?.lease) return null
    const { rows, lease } = view.dated
    if (!mayHold(doors, lease)) return null
    leaseSoon({ actor, doors }, of, view)
    return { actor, rows, lease, credential }
}

const together = { waysMax: 1, togetherMax: 64 }
/** Whoever asks at the same time is in one statement. */
const askTogether = gathered(together, async ({ clock, db, realNow }: Doors, all: readonly AskedAgain[]) => {
    const { sql, values } = stillSame(clock, realNow(), all)
    const held = new Set((await db.statement<{ n: number }>(`select n from ${sql}`, values)).map(({ n }) => n))
    return all.map((_, n) => held.has(n))
})

/** Whether nothing may be said once more. */
export async function mayShow(doors: Doors, { lease, credential }: Again<unknown>): Promise<boolean> {
    return await askTogether(doors, { ...lease, credential })
}

/** Whether the page may be sent: it is on record by then. Nothing of it is handed out for the first time. */
export async function recordAgain(doors: Doors, again: Again<unknown>, page: ServedPage): Promise<boolean> {
    const { actor, lease, credential } = again
    return await recordIfSame(
        { actor, doors },
        { kind: "objects.served", ...factsOf(actor.partner, page) },
        { ...lease, credential },
    )
}
