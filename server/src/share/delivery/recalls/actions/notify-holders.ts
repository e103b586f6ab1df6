/**
 * Follows up recalls with the holders of copies.
 *
 * Each holder gets a notice without content, finds in the portal that it must delete its copies, and confirms the
 * deletion. Tocsin cannot check the deletion.
 */
import { dayMs, formatInstant, type Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { hide } from "../../../../kernel/route.ts"
import { type ActionContext, record } from "../../../../kernel/action-context.ts"
import { listPartnersWithoutPeople, filterVisible } from "../../../../trust/partners/roster/actions/set-access-list.ts"
import { listPartnerFacts, loadPartnerStatus } from "../../../../trust/partners/actions/load-facts.ts"
import { hasCaseAccess } from "../../../../trust/partners/partner.ts"
import { queueReceipt } from "../../../../trust/receipts/actions/batch-receipts.ts"
import { type Recall, loadRecallReason, loadRecall, listRecalls } from "../../../artifacts/actions/recall-artifact.ts"
import * as store from "../../store/deliveries.ts"
import { listRecallNotices, retryRecallNotices } from "../../notices/store/notices.ts"
import { listHoldersAmong } from "../store/holders.ts"
import { type NotificationStatus, type UnnotifiedReason, notificationStatusOf } from "../../notices/notification.ts"
import { idOfAlias, aliasFor } from "../../actions/resolve-alias.ts"
import { createNotices } from "../../notices/actions/create-notices.ts"
import { partnerOf } from "../../actions/project-warnings.ts"

export interface Holder {
    readonly partner: string
    /** The versions that the partner held at the recall. */
    readonly versions: readonly number[]
    /** When the first notice to one of its people was sent. */
    readonly notifiedAt: Instant | null
    /** Why the partner is not notified yet; null once it is. */
    readonly unnotifiedReason: UnnotifiedReason | null
    readonly confirmedAt: Instant | null
    readonly confirmedBy: string | null
    /** Whether the partner has no case access: then it can neither be notified nor confirm. */
    readonly lacksCaseAccess: boolean
}

export interface RecallWithHolders extends Recall {
    readonly reason: string
    readonly holders: readonly Holder[]
}

/** Notifies every partner that holds a recalled version. */
export async function notifyHolders(ctx: ActionContext, id: string): Promise<void> {
    const recall = await loadRecall(ctx, id)
    const held = await store.listHolders(ctx.tx, recall, null)
    const holders = held.map((holding) => holding.partner)
    await createNotices(ctx, { case: recall.case, recall: id }, holders)
}

/** Lists the recalls of one artifact, newest first, with what their holders did. */
export async function listRecallsWithHolders(ctx: ActionContext, artifact: string): Promise<RecallWithHolders[]> {
    const list: RecallWithHolders[] = []
    for (const recall of (await listRecalls(ctx, artifact)).toReversed()) {
        list.push({ ...recall, reason: await loadRecallReason(ctx, recall), holders: await loadHolders(ctx, recall) })
    }
    return list
}

async function loadHolders(ctx: ActionContext, recall: Recall): Promise<Holder[]> {
    const held = await store.listHolders(ctx.tx, recall, null)
    const notices = await listRecallNotices(ctx.tx, recall.id)
    const deletions = new Map((await store.listDeletions(ctx.tx, { recall: recall.id, partner: null })).map(byPartner))
    const { unnotified } = await loadNotificationStatus(ctx, recall, held, notices)
    const reasons = new Map(unnotified.map((item) => [item.partner, item.reason]))
    const reachable = await listReachablePartners(ctx)
    return held.map(({ partner, versions }) => ({
        partner,
        versions,
        notifiedAt: notices.find((notice) => notice.partner === partner && notice.state === "sent")?.at ?? null,
        unnotifiedReason: reasons.get(partner) ?? null,
        confirmedAt: deletions.get(partner)?.at ?? null,
        confirmedBy: deletions.get(partner)?.person ?? null,
        lacksCaseAccess: !reachable.has(partner),
    }))
}

/** Returns the partners that can be notified and can confirm. */
async function listReachablePartners(ctx: ActionContext): Promise<ReadonlySet<string>> {
    const reachable = (await listPartnerFacts(ctx, ctx.now)).filter(({ status }) => hasCaseAccess(status))
    return new Set(reachable.map(({ partner }) => partner))
}

const byPartner = (deleted: store.DeletionConfirmation) => [deleted.partner, deleted] as const

async function loadNotificationStatus(
    ctx: ActionContext,
    { case: caseId }: Recall,
    held: readonly store.HolderRow[],
    notices: Awaited<ReturnType<typeof listRecallNotices>>,
): Promise<NotificationStatus> {
    const entitled = held.map((holding) => holding.partner)
    const withoutPeople = await listPartnersWithoutPeople(ctx, entitled, caseId)
    return notificationStatusOf({ entitled, withoutPeople, isFrozen: false }, notices)
}

/**
 * Resends a recall's notices: creates missing ones and retries those that could not be sent. Refuses
 * `delivery.recall_lifted`.
 */
export async function resendRecallNotices(ctx: ActionContext, id: string): Promise<void> {
    const recall = await loadRecall(ctx, id)
    if (recall.liftedAt !== null)
        refuse("conflict", "delivery.recall_lifted", "this recall is lifted: its notices cannot be resent")
    const held = await store.listHolders(ctx.tx, recall, null)
    const { unnotified } = await loadNotificationStatus(ctx, recall, held, await listRecallNotices(ctx.tx, id))
    const recipients = unnotified.filter(({ reason }) => reason !== "no_address").map((item) => item.partner)
    if (recipients.length === 0) return
    await retryRecallNotices(ctx.tx, id, recipients, ctx.services.realNow())
    await createNotices(ctx, { case: recall.case, recall: id }, recipients)
    await record(ctx, { kind: "recall.resent", case: recall.case, recall: id, recipients })
}

/**
 * Notifies a partner that regains case access of every open recall it was not notified of. Notices due while it was
 * locked out were dropped.
 */
export async function notifyReturningHolder(ctx: ActionContext, partner: string): Promise<void> {
    if (!hasCaseAccess(await loadPartnerStatus(ctx, partner))) return
    for (const { id, case: caseId } of await listUnconfirmedDeletions(ctx, partner)) {
        await retryRecallNotices(ctx.tx, id, [partner], ctx.services.realNow())
        await createNotices(ctx, { case: caseId, recall: id }, [partner])
    }
}

/** Lists the deletion confirmations for this case's recalls, including lifted recalls, in order. */
export async function listDeletionsOfCase(ctx: ActionContext, caseId: string): Promise<store.DeletionConfirmation[]> {
    return (await store.listDeletions(ctx.tx, { recall: null, partner: null })).filter(
        (deleted) => deleted.case === caseId,
    )
}

export interface UnconfirmedDeletion extends Recall {
    readonly partner: string
}

/** The time that holders have to confirm, before staff get a task. */
const confirmationMs = 3 * dayMs

/** Lists each holder that could have confirmed in time and did not, by recall. */
export async function listOverdueHolders(ctx: ActionContext): Promise<UnconfirmedDeletion[]> {
    const late = (await listUnconfirmedDeletions(ctx, null)).filter((unconfirmed) => overdueAt(unconfirmed) <= ctx.now)
    if (late.length === 0) return []
    const reachable = await listReachablePartners(ctx)
    return late.filter(({ partner }) => reachable.has(partner))
}

/** Whether a holder that can confirm a recall of this case, and has not, still has time for it. */
export async function hasUnconfirmedRecall(ctx: ActionContext, caseId: string): Promise<boolean> {
    const missing = (await listUnconfirmedDeletions(ctx, null)).filter(
        (unconfirmed) => unconfirmed.case === caseId && ctx.now < overdueAt(unconfirmed),
    )
    if (missing.length === 0) return false
    const reachable = await listReachablePartners(ctx)
    return missing.some(({ partner }) => reachable.has(partner))
}

/** Returns when the confirmation becomes overdue. */
export const overdueAt = ({ at }: UnconfirmedDeletion): Instant => at + confirmationMs

/** Lists the missing confirmations of open recalls, for one partner (null: all). */
async function listUnconfirmedDeletions(ctx: ActionContext, partner: string | null): Promise<UnconfirmedDeletion[]> {
    const openRecalls = (await listRecalls(ctx, null)).filter((recall) => recall.liftedAt === null)
    if (openRecalls.length === 0) return []
    const byId = new Map(openRecalls.map((recall) => [recall.id, recall]))
    const deletions = await store.listDeletions(ctx.tx, { recall: null, partner })
    const done = new Set(deletions.map((deleted) => `${deleted.recall} ${deleted.partner}`))
    return (await listHoldersAmong(ctx.tx, openRecalls, partner)).flatMap(({ recall, partner: holder }) => {
        const openRecall = byId.get(recall)
        return openRecall === undefined || done.has(`${recall} ${holder}`) ? [] : [{ ...openRecall, partner: holder }]
    })
}

/**
 * Confirms, for a person, that the partner's copies are deleted. Returns the receipt's id. Repeating it returns the
 * same id.
 */
export async function confirmDeletion(ctx: ActionContext, alias: string): Promise<string> {
    const { partner, person } = partnerOf(ctx)
    const id = idOfAlias(ctx.services.keys, partner, "recall", alias)
    const visible = await filterVisible(ctx, await listRecalls(ctx, null))
    const recall = visible.find((recall) => recall.id === id && recall.liftedAt === null) ?? hide()
    await store.lockDeliveries(ctx.tx, partner, recall.case)
    const [held] = await store.listHolders(ctx.tx, recall, partner)
    if (!held) hide()
    const [before] = await store.listDeletions(ctx.tx, { recall: id, partner })
    if (before) return before.id
    const deletion = ctx.services.newId()
    const receipt = await queueReceipt(ctx, {
        id: deletion,
        partner,
        body: {
            kind: "deleted",
            at: formatInstant(ctx.now),
            receipt: deletion,
            partner,
            person,
            warning: aliasFor(ctx.services.keys, partner, "warning", recall.case),
            artifact: aliasFor(ctx.services.keys, partner, "artifact", recall.artifact),
            versions: held.versions,
        },
    })
    const confirmed = { case: recall.case, recall: id, artifact: recall.artifact, versions: held.versions.map(String) }
    const event = await record(ctx, { kind: "deletion.confirmed", ...confirmed, partner, receipt })
    const { case: caseId, artifact } = recall
    await store.insertDeletion(ctx.tx, {
        id: deletion,
        event,
        recall: id,
        partner,
        person,
        case: caseId,
        artifact,
        versions: held.versions,
        at: ctx.now,
    })
    return deletion
}
