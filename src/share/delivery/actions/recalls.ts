/**
 * What becomes of the copies that are held of what was recalled: each holder is told by a notice that says nothing,
 * finds in the portal that it is asked to delete them, and confirms that it has. That it did cannot be checked.
 */
import { dayMs, formatInstant, type Instant } from "../../../lib/instant.ts"
import { refuse } from "../../../lib/refusal.ts"
import { hide } from "../../../platform/http.ts"
import { type Act, record } from "../../../trust/audit/actions.ts"
import { partnersWithoutPersons, withinCircle } from "../../../trust/partners/actions/circles.ts"
import { partnerFactsAt, standingOf } from "../../../trust/partners/actions/facts.ts"
import { reachesCases } from "../../../trust/partners/partner.ts"
import { giveReceipt } from "../../../trust/receipts/actions/batching.ts"
import { type Recall, reasonOf, recallOf, recallsOf } from "../../artifacts/actions/recalls.ts"
import * as store from "../store.ts"
import { holdersAmong } from "../store/holders.ts"
import { type Told, type WhyWaiting, toldOf } from "../told.ts"
import { idBehind, nameFor } from "./names.ts"
import { makeNotices } from "./notices.ts"
import { partnerOf } from "./projection.ts"

export interface Holder {
    readonly partner: string
    /** Those that it held when they were recalled. */
    readonly versions: readonly number[]
    /** When the first notice left for one of its persons. */
    readonly toldAt: Instant | null
    /** Null once it was told. */
    readonly waits: WhyWaiting | null
    readonly confirmedAt: Instant | null
    readonly confirmedBy: string | null
    /** Its standing reaches no cases: it can neither be told nor confirm. */
    readonly isOutOfReach: boolean
}

export interface FollowedRecall extends Recall {
    readonly reason: string
    readonly holders: readonly Holder[]
}

/** Every partner that holds it is told. */
export async function tellHolders(act: Act, id: string): Promise<void> {
    const recall = await recallOf(act, id)
    const held = await store.holders(act.tx, recall, null)
    const holders = held.map((one) => one.partner)
    await makeNotices(act, { case: recall.case, recall: id }, holders)
}

/** The recalls of one artifact, the newest first, and what its holders did. */
export async function followedRecalls(act: Act, artifact: string): Promise<FollowedRecall[]> {
    const all: FollowedRecall[] = []
    for (const recall of (await recallsOf(act, artifact)).toReversed()) {
        all.push({ ...recall, reason: await reasonOf(act, recall), holders: await holdersOf(act, recall) })
    }
    return all
}

async function holdersOf(act: Act, recall: Recall): Promise<Holder[]> {
    const held = await store.holders(act.tx, recall, null)
    const notices = await store.recallNotices(act.tx, recall.id)
    const deletions = new Map((await store.deletions(act.tx, { recall: recall.id, partner: null })).map(byPartner))
    const { waiting } = await toldOfRecall(act, recall, held, notices)
    const waits = new Map(waiting.map((one) => [one.partner, one.why]))
    const reached = await withinReach(act)
    return held.map(({ partner, versions }) => ({
        partner,
        versions,
        toldAt: notices.find((one) => one.partner === partner && one.state === "sent")?.at ?? null,
        waits: waits.get(partner) ?? null,
        confirmedAt: deletions.get(partner)?.at ?? null,
        confirmedBy: deletions.get(partner)?.person ?? null,
        isOutOfReach: !reached.has(partner),
    }))
}

/** The partners that can be told, and can confirm. */
async function withinReach(act: Act): Promise<ReadonlySet<string>> {
    const reached = (await partnerFactsAt(act, act.now)).filter(({ standing }) => reachesCases(standing))
    return new Set(reached.map(({ partner }) => partner))
}

const byPartner = (one: store.Deleted) => [one.partner, one] as const

async function toldOfRecall(
    act: Act,
    { case: of }: Recall,
    held: readonly store.Holding[],
    notices: Awaited<ReturnType<typeof store.recallNotices>>,
): Promise<Told> {
    const entitled = held.map((one) => one.partner)
    const withoutPersons = await partnersWithoutPersons(act, entitled, of)
    return toldOf({ entitled, withoutPersons, isFrozen: false }, notices)
}

/** Those who were not told: notices that were never made are, and those that could not be sent are tried anew. */
export async function tellHoldersAnew(act: Act, id: string): Promise<void> {
    const recall = await recallOf(act, id)
    if (recall.endedAt !== null) refuse("conflict", "delivery.recall_lifted", "this recall has ended: nobody is told")
    const held = await store.holders(act.tx, recall, null)
    const { waiting } = await toldOfRecall(act, recall, held, await store.recallNotices(act.tx, id))
    const recipients = waiting.filter(({ why }) => why !== "no address").map((one) => one.partner)
    if (recipients.length === 0) return
    await store.retryRecallNotices(act.tx, id, recipients, act.doors.realNow())
    await makeNotices(act, { case: recall.case, recall: id }, recipients)
    await record(act, { kind: "recall.resent", case: recall.case, recall: id, recipients })
}

/**
 * A partner whose standing reaches cases again is told of every recall that lasts and that it was not told of: what
 * would have been sent while it was out was dropped.
 */
export async function tellHolderAnew(act: Act, partner: string): Promise<void> {
    if (!reachesCases(await standingOf(act, partner))) return
    for (const { id, case: of } of await unconfirmed(act, partner)) {
        await store.retryRecallNotices(act.tx, id, [partner], act.doors.realNow())
        await makeNotices(act, { case: of, recall: id }, [partner])
    }
}

/** What partners have confirmed of this case's recalls, those that are over too; in that order. */
export async function deletionsOf(act: Act, caseId: string): Promise<store.Deleted[]> {
    return (await store.deletions(act.tx, { recall: null, partner: null })).filter((one) => one.case === caseId)
}

export interface Unconfirmed extends Recall {
    readonly partner: string
}

/** How long holders have to confirm before whoever recalled is told who has not. */
const confirmMs = 3 * dayMs

/** Each holder that could confirm and has not in time, recall by recall. */
export async function overdueHolders(act: Act): Promise<Unconfirmed[]> {
    const late = (await unconfirmed(act, null)).filter((one) => one.at + confirmMs <= act.now)
    if (late.length === 0) return []
    const reached = await withinReach(act)
    return late.filter(({ partner }) => reached.has(partner))
}

export const overdueAt = ({ at }: Unconfirmed): Instant => at + confirmMs

/** Of one partner (null: of all), for each recall that lasts. */
async function unconfirmed(act: Act, partner: string | null): Promise<Unconfirmed[]> {
    const lasting = (await recallsOf(act, null)).filter((one) => one.endedAt === null)
    if (lasting.length === 0) return []
    const byId = new Map(lasting.map((one) => [one.id, one]))
    const deletions = await store.deletions(act.tx, { recall: null, partner })
    const done = new Set(deletions.map((one) => `${one.recall} ${one.partner}`))
    return (await holdersAmong(act.tx, lasting, partner)).flatMap(({ recall, partner: holder }) => {
        const its = byId.get(recall)
        return its === undefined || done.has(`${recall} ${holder}`) ? [] : [{ ...its, partner: holder }]
    })
}

/** A person says that the copies of its partner are deleted; once. Returns the id that the receipt is asked for with. */
export async function confirmDeletion(act: Act, name: string): Promise<string> {
    const { partner, person } = partnerOf(act)
    const id = idBehind(act.doors.keys, partner, "recall", name)
    const known = await withinCircle(act, await recallsOf(act, null))
    const recall = known.find((one) => one.id === id && one.endedAt === null) ?? hide()
    await store.lockDeliveries(act.tx, partner, recall.case)
    const [held] = await store.holders(act.tx, recall, partner)
    if (!held) hide()
    const [before] = await store.deletions(act.tx, { recall: id, partner })
    if (before) return before.id
    const deletion = act.doors.newId()
    const receipt = await giveReceipt(act, {
        id: deletion,
        partner,
        body: {
            ...{ kind: "deleted", at: formatInstant(act.now), receipt: deletion, partner, person },
            warning: nameFor(act.doors.keys, partner, "warning", recall.case),
            artifact: nameFor(act.doors.keys, partner, "artifact", recall.artifact),
            versions: held.versions,
        },
    })
    const what = { case: recall.case, recall: id, artifact: recall.artifact, versions: held.versions.map(String) }
    const event = await record(act, { kind: "deletion.confirmed", ...what, partner, receipt })
    const { case: of, artifact } = recall
    await store.insertDeletion(act.tx, {
        ...{ id: deletion, event, recall: id, partner, person, case: of, artifact, versions: held.versions },
        at: act.now,
    })
    return deletion
}
