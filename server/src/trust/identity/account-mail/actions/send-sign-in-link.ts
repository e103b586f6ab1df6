/**
 * Mails sign-in links and notices of changes to a person's own mailbox.
 *
 * A sign-in link goes only to its person, staff or partner, because a reader of the link could act as that person. Its
 * secret is made when the mail is sent and is stored nowhere.
 */
import { type Instant, dayMs } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { type ActionContext, record } from "../../../../kernel/action-context.ts"
import { personOf } from "../../../../kernel/actor.ts"
import { findPerson, loadPresentPerson } from "../../actions/load-people.ts"
import type { BounceOutcome } from "../../../mail/bounce.ts"
import { assertMailNotOnOtherSide } from "../../actions/manage-people.ts"
import { assertSession } from "../../actions/sign-in.ts"
import { endAllSignIns } from "../../actions/end-sign-ins.ts"
import { lockPerson } from "../../store.ts"
import { type AccountMailKind, linksPerDayMax, recoveryDelayMs } from "../account-mail.ts"
import * as store from "../store.ts"

/**
 * Ends every session, token, link and passkey of this person, and mails a new link. Refuses
 * `mailbox.too_many_links` above the daily limit of the staff or the partner.
 */
export async function sendLink(ctx: ActionContext, person: string): Promise<void> {
    const { partner } = await loadPresentPerson(ctx, person)
    await assertLinksLeft(ctx, partner)
    await queueLink(ctx, person)
}

async function assertLinksLeft(ctx: ActionContext, partner: string | null): Promise<void> {
    const sent = await store.countLinks(ctx.tx, partner, ctx.services.realNow() - dayMs)
    // A partner's people cannot use up what staff can send for them.
    const max = partner !== null && ctx.actor.kind !== "partner" ? 2 * linksPerDayMax : linksPerDayMax
    if (sent < max) return
    refuse(
        "conflict",
        "mailbox.too_many_links",
        `the limit of \`${max}\` sign-in links a day is reached: try again tomorrow`,
        { max },
    )
}

/** Mails a link like `sendLink`, without a limit: for an admission, which happens once. */
export async function queueLink(ctx: ActionContext, person: string): Promise<void> {
    const { partner, mail } = await loadPresentPerson(ctx, person)
    await assertMailNotOnOtherSide(ctx, { partner, mail })
    await endAllSignIns(ctx, person)
    await store.cancelLinks(ctx.tx, person)
    await queueMail(ctx, person, "link")
    await record(ctx, { kind: "mailbox.link_sent", partner, person })
}

/** Mails a person that was just added its first link, without a limit: for an import, which two people signed. */
export async function queueFirstLink(ctx: ActionContext, partner: string, person: string): Promise<void> {
    await queueMail(ctx, person, "link")
    await record(ctx, { kind: "mailbox.link_sent", partner, person })
}

/**
 * Restores the sign-in of a person that lost it. Where it is urgent, ends the earlier sign-ins and mails the link now.
 * Otherwise notifies the person, and mails the link a day later, when the earlier sign-ins end. Until then the person
 * can cancel it.
 */
export async function recoverSignIn(ctx: ActionContext, person: string, isUrgent: boolean): Promise<void> {
    if (isUrgent) return await sendLink(ctx, person)
    const { partner, mail } = await loadPresentPerson(ctx, person)
    await assertLinksLeft(ctx, partner)
    await assertMailNotOnOtherSide(ctx, { partner, mail })
    await lockPerson(ctx.tx, person)
    await store.cancelLinks(ctx.tx, person)
    await queueMail(ctx, person, "recovery")
    await queueMail(ctx, person, "link", recoveryDelayMs)
    await record(ctx, { kind: "recovery.started", partner, person })
}

/** When the link of the caller's recovery is mailed; null where none is open. */
export async function findCallerRecovery(ctx: ActionContext): Promise<number | null> {
    return (await store.findRecovery(ctx.tx, personOf(ctx.actor) ?? "")) ?? null
}

/**
 * Cancels the recovery of the caller, who can sign in. Refuses `identity.session_needed` for a token, and
 * `identity.no_recovery`.
 */
export async function cancelRecovery(ctx: ActionContext, session: Buffer | null): Promise<void> {
    const person = personOf(ctx.actor) ?? ""
    await assertSession(ctx, session)
    if ((await store.findRecovery(ctx.tx, person)) === undefined || !(await store.cancelLinks(ctx.tx, person))) {
        refuse("conflict", "identity.no_recovery", "no new link is open for you: reload to see the current state")
    }
    await record(ctx, { kind: "recovery.cancelled", person })
}

/**
 * Marks a mail to a staff member as failed, because it came back. False where no mail to staff since this instant has
 * this id. A delay changes nothing.
 */
export async function recordReturnedStaffMail(
    ctx: ActionContext,
    { mail, outcome, since }: { readonly mail: string; readonly outcome: BounceOutcome; readonly since: Instant },
): Promise<boolean> {
    const { person = null } = (await store.findRecentMail(ctx.tx, mail, since)) ?? {}
    if (person === null || (await findPerson(ctx, person))?.partner !== null) return false
    if (outcome === "failed" && (await store.setReturned(ctx.tx, mail))) {
        await record(ctx, { kind: "mailbox.delivery_failed", mail, outcome, partner: null, person })
    }
    return true
}

/** The mail with the last link of each staff member. */
export async function loadStaffLinks({ tx }: ActionContext): Promise<ReadonlyMap<string, store.LinkMail>> {
    return new Map((await store.listStaffLinks(tx)).map((mail) => [mail.person, mail]))
}

/** Queues a mail to a person; it is sent after this transaction, or after `delayMs` of wall-clock time. */
export async function queueMail(ctx: ActionContext, person: string, kind: AccountMailKind, delayMs = 0): Promise<void> {
    const createdAt = ctx.services.realNow()
    const row = { id: ctx.services.newId(), person, kind, isRecovery: delayMs > 0, createdAt }
    await store.insertMail(ctx.tx, row, createdAt + delayMs)
}
