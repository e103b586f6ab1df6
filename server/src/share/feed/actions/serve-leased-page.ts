/**
 * Serves a page again under a lease, without a transaction of its own.
 *
 * The statement that records the page also checks, behind the locks, that the lease is valid and who owns the
 * credential. If the check fails, nothing is recorded, and the request takes the usual path.
 */
import type { Db } from "../../../platform/postgres/db.ts"
import type { Services } from "../../../kernel/services.ts"
import { type ActionContext, isStillValid, recordIfStillValid } from "../../../kernel/action-context.ts"
import type { PartnerActor } from "../../../kernel/actor.ts"
import { type Feed, mayBeValid } from "./lease-feed.ts"
import { findView } from "./read-feed.ts"
import { type ServedPage, factsOf } from "./record-page.ts"
import type { Rows } from "../rows.ts"
import type { Lease } from "./cache-views.ts"

const credentialsMax = 10_000
/** The owner of each credential at its last use, by the credential's hash. The oldest entries are dropped first. */
const owners = new WeakMap<Db, Map<string, PartnerActor>>()

/** Caches the owner of a credential for `findLeasedFeed`. */
export function rememberOwner({ actor, services }: ActionContext, credential: Buffer | null): void {
    if (actor.kind !== "partner" || credential === null) return
    const byCredential = owners.get(services.db) ?? new Map<string, PartnerActor>()
    owners.set(services.db, byCredential)
    const name = credential.toString("hex")
    byCredential.delete(name)
    byCredential.set(name, actor)
    const [oldest] = byCredential.keys()
    if (byCredential.size > credentialsMax && oldest !== undefined) byCredential.delete(oldest)
}

export interface LeasedFeed<Item> {
    readonly actor: PartnerActor
    readonly rows: Rows<Item>
    readonly lease: Lease
    readonly credential: Buffer
}

/** Returns the feed of this credential's owner if the lease is valid. `recordLeasedPage` must check it. */
export function findLeasedFeed<Item>(
    services: Services,
    credential: Buffer | null,
    feed: Feed<Item>,
): LeasedFeed<Item> | null {
    const actor = credential && owners.get(services.db)?.get(credential.toString("hex"))
    if (!actor) return null
    const view = findView(services, actor, feed)
    if (!view?.lease || !mayBeValid(services, view.lease)) return null
    return { actor, rows: view.rows, lease: view.lease, credential }
}

/**
 * Records the page (null: an empty one, which is not recorded), and returns whether it may be sent. Such a page hands
 * out nothing for the first time.
 */
export async function recordLeasedPage(
    services: Services,
    { actor, lease, credential }: LeasedFeed<unknown>,
    page: ServedPage | null,
): Promise<boolean> {
    const check = { ...lease, credential }
    if (page === null) return await isStillValid(services, check)
    const facts = factsOf(actor.partner, page)
    return await recordIfStillValid({ actor, services }, { kind: "objects.served", ...facts }, check)
}
