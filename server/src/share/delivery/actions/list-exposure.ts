/**
 * Lists who was notified, who fetched and who acknowledged. Inquiries use it, and so does the tracing of a leaked copy.
 */
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { nameOfPerson } from "@tocsin/marks/recipient"
import type { ActionContext } from "../../../kernel/action-context.ts"
import type { ArtifactClass } from "../../artifacts/artifact.ts"
import { listStaffCopies, listStaffCopyHashes } from "../../marking/actions/read-staff-copy.ts"
import { listWaves } from "../../waves/actions.ts"
import * as store from "../store/deliveries.ts"
import { listNotices } from "../notices/store/notices.ts"
import {
    type FirstContact,
    type FirstFetch,
    type DeliveryFilter,
    listFirstAcknowledgementsByPerson,
    listFirstFetches,
    listFirstFetchesByPerson,
    listFirstNoticesByPerson,
} from "../store/first-deliveries.ts"

/**
 * One artifact version, and the recipients of its copies: partners that fetched it, and staff who opened a staff copy.
 */
export interface DeliveredVersion {
    readonly artifact: string
    readonly version: number
    readonly recipients: readonly string[]
}

/** Lists every version of one case (null: all) of which copies were handed out, in order of the first copy. */
export async function listDeliveredVersions(ctx: ActionContext, caseId: string | null): Promise<DeliveredVersion[]> {
    const fetched = await store.listDeliveries(ctx.tx, { partner: null, case: caseId, before: null })
    const staffCopies = await listStaffCopies(ctx, caseId)
    const list = [
        ...fetched
            .filter(({ channel }) => channel === "copy" || channel === "taxii_copy")
            .map((fetched) => ({ ...fetched, recipient: fetched.partner })),
        ...staffCopies.map((item) => ({ ...item, recipient: nameOfPerson(item.person) })),
    ].toSorted((a, b) => a.at - b.at)
    const grouped = Map.groupBy(list, (item) => `${item.artifact} ${item.version}`)
    return [...grouped.values()].flatMap((rows) => {
        const [first] = rows
        if (!first) return []
        const { artifact, version } = first
        return [{ artifact, version, recipients: [...new Set(rows.map((row) => row.recipient))] }]
    })
}

/** A copy as the audit log commits to it: `copy` is SHA-256 of the salt and the copy, in hex. */
export interface CopyCommitment {
    readonly recipient: string
    readonly salt: string
    readonly copy: string
}

/** Lists every copy of a version handed out until an instant, inclusive, each recipient's in order. */
export async function listCopyCommitments(
    ctx: ActionContext,
    version: store.VersionKey,
    until: Instant,
): Promise<CopyCommitment[]> {
    const fetched = await store.listCopies(ctx.tx, version, until)
    const staffCopies = await listStaffCopyHashes(ctx, version, until)
    return [
        ...fetched.map((row) => commitmentOf(row.partner, row.copy_salt, row.copy_hash)),
        ...staffCopies.map((item) => commitmentOf(nameOfPerson(item.person), item.salt, item.hash)),
    ]
}

/** Lists every version of one case (null: all) whose unmarked text was served to a partner, in order of the first. */
export async function listUnmarkedVersions(ctx: ActionContext, caseId: string | null): Promise<store.VersionKey[]> {
    const served = await store.listDeliveries(ctx.tx, { partner: null, case: caseId, before: null })
    const unmarked = served.filter(({ channel }) => channel !== "copy" && channel !== "taxii_copy")
    const names = unmarked.map(({ artifact, version }) => [`${artifact} ${version}`, { artifact, version }] as const)
    return [...new Map(names).values()]
}

/** Lists the partners that were served a version without marks until an instant, inclusive. */
export async function listPartnersServedUnmarked(
    ctx: ActionContext,
    version: store.VersionKey,
    until: Instant,
): Promise<string[]> {
    return await store.listPollingPartners(ctx.tx, version, until)
}

function commitmentOf(recipient: string, salt: Buffer, copy: Buffer): CopyCommitment {
    return { recipient, salt: salt.toString("hex"), copy: copy.toString("hex") }
}

/** The contacts of partners with one case before an instant, each list in order. */
export interface Contacts {
    /** Notices that were sent. A notice that could not be sent notified no partner. */
    readonly notified: readonly { readonly partner: string; readonly wave: string; readonly at: Instant }[]
    readonly fetched: readonly {
        readonly partner: string
        readonly artifact: string
        readonly version: number
        readonly class: ArtifactClass
        readonly at: Instant
    }[]
    readonly acknowledged: readonly { readonly partner: string; readonly artifact: string; readonly at: Instant }[]
}

/** Lists the contacts of a case before an instant, exclusive. */
export async function listContactsBefore(ctx: ActionContext, caseId: string, before: Instant): Promise<Contacts> {
    const filter = { partner: null, case: caseId, before }
    const waves = await listWaves(ctx, caseId)
    const notices = await listNotices(
        ctx.tx,
        waves.map((wave) => wave.id),
    )
    return {
        notified: notices.flatMap(({ partner, wave, state, at }) =>
            state === "sent" && at !== null && at < before ? [{ partner, wave, at }] : [],
        ),
        fetched: await store.listDeliveries(ctx.tx, filter),
        acknowledged: await store.listAcknowledgements(ctx.tx, filter),
    }
}

/** The first contact of each person, and the first fetch of each version by each partner. */
export interface FirstContacts {
    readonly notified: readonly FirstContact[]
    readonly fetched: readonly FirstContact[]
    readonly acknowledged: readonly FirstContact[]
    readonly held: readonly FirstFetch[]
}

/** Returns when each partner first fetched anything of a case, before an instant, exclusive. */
export async function listFirstFetchInstants(
    ctx: ActionContext,
    caseId: string,
    before: Instant,
): Promise<Map<string, Instant>> {
    const filter = { case: caseId, class: null, artifacts: [], partner: null, before }
    const first = new Map<string, Instant>()
    for (const { partner, at } of await listFirstFetchesByPerson(ctx.tx, filter)) {
        first.set(partner, Math.min(at, first.get(partner) ?? at))
    }
    return first
}

const heldMax = 50_000

/** Lists the first contacts; `waves` are those whose notices count. Refuses `delivery.too_large`. */
export async function listFirstContactsBefore(
    ctx: ActionContext,
    filter: DeliveryFilter,
    waves: readonly string[],
): Promise<FirstContacts> {
    const [notified, fetched, acknowledged, held] = await Promise.all([
        listFirstNoticesByPerson(ctx.tx, filter, waves),
        listFirstFetchesByPerson(ctx.tx, filter),
        listFirstAcknowledgementsByPerson(ctx.tx, filter),
        listFirstFetches(ctx.tx, filter, heldMax + 1),
    ])
    if (held.length > heldMax) {
        refuse("conflict", "delivery.too_large", "too many copies for one answer: ask for one class or one partner")
    }
    return { notified, fetched, acknowledged, held }
}
