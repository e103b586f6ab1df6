/** Lists and ends the sessions of the caller, and confirms the present one with a passkey. */
import { refuse } from "@tocsin/base/refusal"
import { type ActionContext, record } from "../../../../kernel/action-context.ts"
import { personOf } from "../../../../kernel/actor.ts"
import { decryptText } from "../../../../platform/crypto/vault.ts"
import type { Tx } from "../../../../platform/postgres/db.ts"
import type { Instant } from "@tocsin/base/instant"
import { assertSession } from "../../actions/sign-in.ts"
import { devicePlace, lastUsePlace } from "../../machines/actions/collect-uses.ts"
import type { Assertion } from "../../passkeys/passkey.ts"
import { sideOf, useAssertion } from "../../passkeys/actions/use-passkey.ts"
import { endOtherSessions } from "../../store.ts"
import * as store from "../store.ts"
import { confirmedMs } from "../session.ts"

/** A session as its person sees it. */
export interface Session extends Omit<store.SessionRow, "lastUsedFromCiphertext" | "lastUsedOnCiphertext"> {
    readonly lastUsedFrom: string | null
    /** Browser and system. */
    readonly lastUsedOn: string | null
    readonly isCurrent: boolean
}

/** Lists the caller's valid sessions, newest first. */
export async function listCallerSessions(ctx: ActionContext, session: Buffer | null): Promise<Session[]> {
    const person = personOf(ctx.actor) ?? ""
    const current = session === null ? null : store.sessionIdOf(session)
    const sessions: Session[] = []
    for (const row of await store.listSessions(ctx.tx, person, ctx.services.realNow())) {
        const { lastUsedFromCiphertext, lastUsedOnCiphertext, ...shown } = row
        const open = async (place: string, ciphertext: Buffer | null) =>
            ciphertext && (await decryptText(ctx.tx, ctx.services.keys, `person:${person}`, place, ciphertext))
        const lastUsedFrom = await open(lastUsePlace(row.id), lastUsedFromCiphertext)
        const lastUsedOn = await open(devicePlace(row.id), lastUsedOnCiphertext)
        sessions.push({ ...shown, lastUsedFrom, lastUsedOn, isCurrent: row.id === current })
    }
    return sessions
}

/** Ends a session of the caller. Refuses `identity.session_not_found`. */
export async function endCallerSession(ctx: ActionContext, session: Buffer | null, id: string): Promise<void> {
    await assertSession(ctx, session)
    const person = personOf(ctx.actor) ?? ""
    if (!(await store.endSession(ctx.tx, person, id, ctx.services.realNow()))) {
        refuse("missing", "identity.session_not_found", "you have no valid session with this id: reload the list")
    }
    await record(ctx, { kind: "credential.ended", person, credentialKind: "session" })
}

/** Ends the caller's other sessions, and its unused links. */
export async function endCallersOtherSessions(ctx: ActionContext, session: Buffer | null): Promise<void> {
    await assertSession(ctx, session)
    const person = personOf(ctx.actor) ?? ""
    await endOtherSessions(ctx.tx, person, session ?? Buffer.alloc(0), ctx.services.realNow())
    await record(ctx, { kind: "credential.ended", person, credentialKind: "session" })
}

/** Confirms the caller's session with an assertion. Refuses what `useAssertion` refuses. */
export async function confirmSession(ctx: ActionContext, session: Buffer | null, assertion: Assertion): Promise<void> {
    await assertSession(ctx, session)
    const person = personOf(ctx.actor) ?? ""
    await useAssertion(ctx, sideOf(ctx), { purpose: "confirm_session", person }, assertion)
    await store.markConfirmed(ctx.tx, session ?? Buffer.alloc(0), ctx.services.realNow())
}

/**
 * Refuses `identity.confirmation_needed` for a session whose person has not signed in with a link or passkey, or
 * confirmed with a passkey, lately: it may have been left open, or stolen. A token has no person to ask.
 */
export async function assertConfirmed(tx: Tx, credential: Buffer | null, realNow: Instant): Promise<void> {
    if (credential === null || !(await store.isUnconfirmed(tx, credential, realNow - confirmedMs))) return
    refuse(
        "forbidden",
        "identity.confirmation_needed",
        "this session is not confirmed: confirm with your passkey, or sign in again with a passkey or a link",
    )
}
