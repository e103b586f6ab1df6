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
import { partnersWithoutPersons, withinCircle } from "../../../../trust/partners/roster/actions/set-access-list.ts"
import { partnerFactsAt, standingOf } from "../../../../trust/partners/actions/load-facts.ts"
import { reachesCases } from "../../../../trust/partners/partner.ts"
import { giveReceipt } from "../../../../trust/receipts/actions/batch-receipts.ts"
import { type Recall, reasonOf, recallOf, recallsOf } from "../../../artifacts/actions/find-recalls.ts"
import * as store from "../../store.ts"
import { recallNotices, retryRecallNotices } from "../../notices/store/notices.ts"
import { listHoldersAmong } from "../store/holders.ts"
import { type Told, type WhyWaiting, toldOf } from "../../notices/notification.ts"
import { idOfAlias, aliasFor } from "../../actions/aliases.ts"
import { makeNotices } from "../../notices/actions/create-notices.ts"
import { partnerOf } from "../../actions/projection.ts"

export interface Holder {
    readonly partner: string
    /** The versions that the partner held at the recall. */
    readonly versions: readonly number[]
    /** When the first notice to one of its people was sent. */
    readonly toldAt: Instant | null
    /** Why the partner still waits for its notice; null once it was notified. */
    readonly waits: WhyWaiting | null
    readonly confirmedAt: Instant | null
    readonly confirmedBy: string | null
    /** Whether the partner has no case access: then it can neither be notified nor confirm. */
    readonly isOutOfReach: boolean
}

export interface FollowedRecall extends Recall {
    readonly reason: string
    readonly holders: readonly Holder[]
}

/** Notifies every partner that holds a recalled version. */
export async function notifyHolders(ctx: ActionContext, id: string): Promise<void> {
    const recall = await recallOf(ctx, id)
    const held = await store.listHolders(ctx.tx, recall, null)
    const holders = held.map((holding) => holding.partner)
    await makeNotices(ctx, { case: recall.case, recall: id }, holders)
}

/** Lists the recalls of one artifact, newest first, with what their holders did. */
export async function followedRecalls(ctx: ActionContext, artifact: string): Promise<FollowedRecall[]> {
    const followedRecalls: FollowedRecall[] = []
    for (const recall of (await recallsOf(ctx, artifact)).toReversed()) {
        followedRecalls.push({ ...recall, reason: await reasonOf(ctx, recall), holders: await holdersOf(ctx, recall) })
    }
    return followedRecalls
}

async function holdersOf(ctx: ActionContext, recall: Recall): Promise<Holder[]> {
    const held = await store.listHolders(ctx.tx, recall, null)
    const notices = await recallNotices(ctx.tx, recall.id)
    const deletions = new Map((await store.listDeletions(ctx.tx, { recall: recall.id, partner: null })).map(byPartner))
    const { waiting } = await toldOfRecall(ctx, recall, held, notices)
    const waits = new Map(waiting.map((item) => [item.partner, item.why]))
    const reached = await withinReach(ctx)
    return held.map(({ partner, versions }) => ({
        partner,
        versions,
        toldAt: notices.find((notice) => notice.partner === partner && notice.state === "sent")?.at ?? null,
        waits: waits.get(partner) ?? null,
        confirmedAt: deletions.get(partner)?.at ?? null,
        confirmedBy: deletions.get(partner)?.person ?? null,
        isOutOfReach: !reached.has(partner),
    }))
}

/** Returns the partners that can be notified and can confirm. */
async function withinReach(ctx: ActionContext): Promise<ReadonlySet<string>> {
    const reached = (await partnerFactsAt(ctx, ctx.now)).filter(({ standing }) => reachesCases(standing))
    return new Set(reached.map(({ partner }) => partner))
}

const byPartner = (deleted: store.Deleted) => [deleted.partner, deleted] as const

async function toldOfRecall(
    ctx: ActionContext,
    { case: caseId }: Recall,
    held: readonly store.Holding[],
    notices: Awaited<ReturnType<typeof recallNotices>>,
): Promise<Told> {
    const entitled = held.map((holding) => holding.partner)
    const withoutPersons = await partnersWithoutPersons(ctx, entitled, caseId)
    return toldOf({ entitled, withoutPersons, isFrozen: false }, notices)
}

/**
 * Resends a recall's notices: creates missing ones and retries those that could not be sent. Refuses
 * `delivery.recall_lifted`.
 */
export async function notifyHoldersAgain(ctx: ActionContext, id: string): Promise<void> {
    const recall = await recallOf(ctx, id)
    if (recall.endedAt !== null)
        refuse("conflict", "delivery.recall_lifted", "this recall is lifted: its notices cannot be resent")
    const held = await store.listHolders(ctx.tx, recall, null)
    const { waiting } = await toldOfRecall(ctx, recall, held, await recallNotices(ctx.tx, id))
    const recipients = waiting.filter(({ why }) => why !== "no_address").map((item) => item.partner)
    if (recipients.length === 0) return
    await retryRecallNotices(ctx.tx, id, recipients, ctx.services.realNow())
    await makeNotices(ctx, { case: recall.case, recall: id }, recipients)
    await record(ctx, { kind: "recall.resent", case: recall.case, recall: id, recipients })
}

/**
 * Notifies a partner that regains case access of every open recall it was not notified of. Notices due while it was
 * locked out were dropped.
 */
export async function notifyHolderAgain(ctx: ActionContext, partner: string): Promise<void> {
    if (!reachesCases(await standingOf(ctx, partner))) return
    for (const { id, case: caseId } of await unconfirmed(ctx, partner)) {
        await retryRecallNotices(ctx.tx, id, [partner], ctx.services.realNow())
        await makeNotices(ctx, { case: caseId, recall: id }, [partner])
    }
}

/** Lists the deletion confirmations for this case's recalls, including lifted recalls, in order. */
export async function deletionsOf(ctx: ActionContext, caseId: string): Promise<store.Deleted[]> {
    return (await store.listDeletions(ctx.tx, { recall: null, partner: null })).filter(
        (deleted) => deleted.case === caseId,
    )
}

export interface Unconfirmed extends Recall {
    readonly partner: string
}

/** The time that holders have before staff are told which of them have not confirmed. */
const confirmMs = 3 * dayMs

/** Lists each holder that could have confirmed in time and did not, by recall. */
export async function overdueHolders(ctx: ActionContext): Promise<Unconfirmed[]> {
    const late = (await unconfirmed(ctx, null)).filter((unconfirmed) => unconfirmed.at + confirmMs <= ctx.now)
    if (late.length === 0) return []
    const reached = await withinReach(ctx)
    return late.filter(({ partner }) => reached.has(partner))
}

/** Returns when the confirmation becomes overdue. */
export const overdueAt = ({ at }: Unconfirmed): Instant => at + confirmMs

/** Lists the missing confirmations of open recalls, for one partner (null: all). */
async function unconfirmed(ctx: ActionContext, partner: string | null): Promise<Unconfirmed[]> {
    const lasting = (await recallsOf(ctx, null)).filter((recall) => recall.endedAt === null)
    if (lasting.length === 0) return []
    const byId = new Map(lasting.map((recall) => [recall.id, recall]))
    const deletions = await store.listDeletions(ctx.tx, { recall: null, partner })
    const done = new Set(deletions.map((deleted) => `${deleted.recall} ${deleted.partner}`))
    return (await listHoldersAmong(ctx.tx, lasting, partner)).flatMap(({ recall, partner: holder }) => {
        const lasts = byId.get(recall)
        return lasts === undefined || done.has(`${recall} ${holder}`) ? [] : [{ ...lasts, partner: holder }]
    })
}

/**
 * Confirms, for a person, that the partner's copies are deleted. Returns the receipt's id. Repeating it returns the
 * same id.
 */
export async function confirmDeletion(ctx: ActionContext, name: string): Promise<string> {
    const { partner, person } = partnerOf(ctx)
    const id = idOfAlias(ctx.services.keys, partner, "recall", name)
    const known = await withinCircle(ctx, await recallsOf(ctx, null))
    const recall = known.find((recall) => recall.id === id && recall.endedAt === null) ?? hide()
    await store.lockDeliveries(ctx.tx, partner, recall.case)
    const [held] = await store.listHolders(ctx.tx, recall, partner)
    if (!held) hide()
    const [before] = await store.listDeletions(ctx.tx, { recall: id, partner })
    if (before) return before.id
    const deletion = ctx.services.newId()
    const receipt = await giveReceipt(ctx, {
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
