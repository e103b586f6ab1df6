/** Ends every way in which a person signs in. */
import type { Instant } from "@tocsin/base/instant"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import type { Tx } from "../../../platform/postgres/db.ts"
import { cancelAllLinks } from "../account-mail/store.ts"
import { endClientsOfPerson } from "../machines/store.ts"
import { endPasskeysOfPerson } from "../passkeys/store.ts"
import { endIdentities } from "../single-sign-on/actions/end-identities.ts"
import * as store from "../store.ts"

/** How many of each were valid until they were ended. */
export interface EndedSignIns {
    readonly sessions: number
    readonly tokens: number
    readonly links: number
    readonly passkeys: number
    readonly connectedAccounts: number
    readonly machineClients: number
}

export const nothingEnded: EndedSignIns = {
    sessions: 0,
    tokens: 0,
    links: 0,
    passkeys: 0,
    connectedAccounts: 0,
    machineClients: 0,
}

/**
 * Ends every passkey, connected account, session, token, link and machine client of a person, behind the person's lock.
 * Links of the demonstration that can be used again end only with `endsReusable`.
 */
export async function endSignIns(ctx: ActionContext, person: string, endsReusable: boolean): Promise<EndedSignIns> {
    const realNow = ctx.services.realNow()
    await store.lockPerson(ctx.tx, person)
    const passkeys = await endPasskeysOfPerson(ctx.tx, person, realNow)
    for (const id of passkeys) {
        await record(ctx, { kind: "passkey.removed", person, passkey: id.toString("base64url") })
    }
    const connectedAccounts = await endIdentities(ctx, person)
    const kinds = await store.endCredentialsOfPerson(ctx.tx, person, endsReusable, realNow)
    const countOf = (kind: string) => kinds.filter((item) => item === kind).length
    const machineClients = await endClientsOfPerson(ctx.tx, person, realNow)
    return {
        sessions: countOf("session"),
        tokens: countOf("token"),
        links: countOf("link"),
        passkeys: passkeys.length,
        connectedAccounts,
        machineClients,
    }
}

/** Ends what `endSignIns` ends: the person's sign-in is restored, and a lost device must not open it. */
export async function endAllSignIns(ctx: ActionContext, person: string): Promise<void> {
    await endSignIns(ctx, person, false)
    await record(ctx, { kind: "credential.ended", person, credentialKind: "all" })
}

/**
 * Ends all sessions and links of a restored database, also those that wait to be mailed: they can have ended since.
 * Tokens and clients stay.
 */
export async function endSessionsAfterRestore(tx: Tx, realNow: Instant): Promise<void> {
    await store.endAllSessions(tx, realNow)
    await cancelAllLinks(tx)
}
