/** Ends connected accounts: one by its person, or all of a person. */
import { createHmac } from "node:crypto"
import { refuse } from "@tocsin/base/refusal"
import { type ActionContext, record } from "../../../../kernel/action-context.ts"
import { personOf } from "../../../../kernel/actor.ts"
import type { Services } from "../../../../kernel/services.ts"
import { endSessionsBySignOn, lockPerson } from "../../store.ts"
import * as store from "../store.ts"

/** Keyed hash of a subject, session or logout token of a provider. A plain hash could be guessed. */
export function hashAt(
    { keys }: Pick<Services, "keys">,
    purpose: "subject" | "session" | "logout",
    [issuer, name]: readonly [issuer: string, name: string],
): Buffer {
    const key = keys.derive(`single-sign-on-${purpose}`, 32)
    return createHmac("sha256", key)
        .update(JSON.stringify([issuer, name]))
        .digest()
}

/** Disconnects the caller from a provider, and ends the sessions through it. Refuses `identity.not_connected`. */
export async function disconnect(ctx: ActionContext, provider: string): Promise<void> {
    const person = personOf(ctx.actor) ?? ""
    await lockPerson(ctx.tx, person)
    const identity = (await store.listIdentities(ctx.tx, person)).find((row) => row.provider === provider)
    if (identity === undefined) refuse("missing", "identity.not_connected", "you are not connected to this provider")
    await endIdentity(ctx, identity)
}

async function endIdentity(ctx: ActionContext, { id, person, provider }: store.IdentityRow): Promise<void> {
    const realNow = ctx.services.realNow()
    await store.endIdentity(ctx.tx, id, realNow)
    await record(ctx, { kind: "identity.disconnected", person, provider })
    const ended = await endSessionsBySignOn(ctx.tx, { identity: id, providerSession: null }, realNow)
    if (ended.length > 0) await record(ctx, { kind: "credential.ended", person, credentialKind: "session" })
}

/** Ends every connected identity of a person, and returns how many. The caller ends its sessions. */
export async function endIdentities(ctx: ActionContext, person: string): Promise<number> {
    const providers = await store.endIdentitiesOfPerson(ctx.tx, person, ctx.services.realNow())
    for (const provider of providers) await record(ctx, { kind: "identity.disconnected", person, provider })
    return providers.length
}

/** Ends an identity by its id, after a restore that lost this end. False where it is unknown or has ended. */
export async function endIdentityAfterRestore(ctx: ActionContext, id: string): Promise<boolean> {
    const identity = await store.findIdentity(ctx.tx, id)
    if (identity === undefined) return false
    await lockPerson(ctx.tx, identity.person)
    await endIdentity(ctx, identity)
    return true
}
