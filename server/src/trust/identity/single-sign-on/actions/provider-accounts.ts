/** Finds the people who connected an account of a provider, for the provider's own requests (docs/design/0063). */
import { createHmac, timingSafeEqual } from "node:crypto"
import type { Instant } from "@tocsin/base/instant"
import type { ActionContext } from "../../../../kernel/action-context.ts"
import type { Side } from "../../../../kernel/route.ts"
import type { ProviderSettings } from "../../../../platform/single-sign-on/identity-provider.ts"
import { loadPeople } from "../../actions/load-people.ts"
import { hashOf } from "../../actions/sign-in.ts"
import type { Person } from "../../person.ts"
import * as store from "../store.ts"
import { isForPerson, isForSide } from "./check-provider.ts"
import { hashAt } from "./end-identities.ts"

/** A present person who connected an account of the provider, now or earlier. */
export interface ProviderAccount {
    /** Constant for the person and the provider; tells nothing of either. */
    readonly id: string
    readonly person: Person
    readonly connectedAt: Instant
}

/** Finds the provider of this side with this secret, in constant time; null for any other credential. */
export function findProviderBySecret(
    { services }: ActionContext,
    side: Side,
    credential: Buffer | null,
): ProviderSettings | null {
    let found: ProviderSettings | null = null
    for (const { settings } of services.identityProviders) {
        const { scimSecret } = settings
        if (scimSecret === undefined || credential === null || !isForSide(settings, side)) continue
        if (timingSafeEqual(hashOf(scimSecret), credential)) found = settings
    }
    return found
}

/** Limits a list to one account: by its id, or by the subject of the connected account. */
export interface AccountFilter {
    readonly id?: string
    readonly subject?: string
}

/**
 * Lists the accounts of a provider, each person once. A disconnected account counts: else a person could avoid the end
 * of its access by disconnecting.
 */
export async function listAccounts(
    ctx: ActionContext,
    provider: ProviderSettings,
    { id, subject }: AccountFilter = {},
): Promise<ProviderAccount[]> {
    const hash = subject === undefined ? null : hashAt(ctx.services, "subject", [provider.issuer, subject])
    const accounts = await store.listAccountsOfProvider(ctx.tx, provider.id)
    // An account that one person disconnected and another connected is the other's.
    const ofSubject = hash === null ? accounts : accounts.filter((row) => hash.equals(row.subjectHash)).slice(0, 1)
    const byPerson = new Map(ofSubject.toReversed().map((row) => [row.person, row]))
    const rows = [...byPerson.values()]
        .map((row) => ({ ...row, id: accountId(ctx, provider, row.person) }))
        .filter((row) => id === undefined || row.id === id)
        .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    const people = await loadPeople(
        ctx,
        rows.map(({ person }) => person),
    )
    const byId = new Map(people.map((person) => [person.id, person]))
    return rows.flatMap((row) => {
        const person = byId.get(row.person)
        if (person === undefined || !isForPerson(provider, person)) return []
        return { id: row.id, person, connectedAt: row.createdAt }
    })
}

function accountId({ services }: ActionContext, provider: ProviderSettings, person: string): string {
    const key = services.keys.derive("scim-account-ids", 32)
    return createHmac("sha256", key)
        .update(JSON.stringify([provider.id, person]))
        .digest("hex")
        .slice(0, 32)
}
