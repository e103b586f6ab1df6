/** Registers, lists and ends machine clients: tools of a person that get tokens with a signed assertion. */
import { refuse } from "@tocsin/base/refusal"
import { type ActionContext, record } from "../../../../kernel/action-context.ts"
import type { Instant } from "@tocsin/base/instant"
import { personOf } from "../../../../kernel/actor.ts"
import { decryptText, encryptText } from "../../../../platform/crypto/vault.ts"
import type { Scope } from "../../../../models/scopes.ts"
import { assertNetworks } from "../../credential-limits.ts"
import { assertWholeSession } from "../../actions/sign-in.ts"
import { lockPerson } from "../../store.ts"
import * as store from "../store.ts"
import { tokenName, tokensMax } from "../token.ts"
import { type PublicJwk, thumbprintOf } from "./bind-token.ts"

export interface NewClient {
    readonly name: string
    readonly keys: readonly PublicJwk[]
    readonly scopes: readonly Scope[]
    readonly networks: readonly string[]
}

/** A client as its person sees it. */
export interface MachineClient extends Omit<store.ClientRow, "nameCiphertext" | "keys" | "person"> {
    readonly name: string
    /** Thumbprints (RFC 7638) of its keys. */
    readonly keys: readonly string[]
}

const namePlace = (id: string): string => `machine_clients.name:${id}`

/** Lists the caller's clients, oldest first. */
export async function listCallerClients(ctx: ActionContext): Promise<MachineClient[]> {
    const person = personOf(ctx.actor) ?? ""
    const clients: MachineClient[] = []
    for (const { nameCiphertext, keys, person: _, ...client } of await store.listClients(ctx.tx, person)) {
        const place = namePlace(client.id)
        const name = await decryptText(ctx.tx, ctx.services.keys, `person:${person}`, place, nameCiphertext)
        clients.push({ ...client, name, keys: await Promise.all(keys.map((key) => thumbprintOf(key as PublicJwk))) })
    }
    return clients
}

/**
 * Registers a client of the caller and returns its id. Refuses `identity.session_needed`, `identity.bad_token_name`,
 * `identity.bad_network`, `identity.bad_public_key` and `identity.too_many_clients`.
 */
export async function registerClient(ctx: ActionContext, session: Buffer | null, client: NewClient): Promise<string> {
    const { tx, services } = ctx
    const person = personOf(ctx.actor) ?? ""
    await lockPerson(tx, person)
    await assertWholeSession(ctx, session)
    assertNetworks(client.networks)
    const keys = await distinctKeys(client.keys)
    const name = tokenName(client.name)
    if ((await store.listClients(tx, person)).length >= tokensMax) {
        refuse(
            "conflict",
            "identity.too_many_clients",
            `a person has \`${tokensMax}\` clients at most: end one first`,
            {
                max: tokensMax,
            },
        )
    }
    const id = services.newId()
    const { scopes, networks } = client
    const nameCiphertext = await encryptText(tx, services.keys, `person:${person}`, namePlace(id), name)
    await store.insertClient(tx, { id, person, nameCiphertext, keys, scopes, networks, createdAt: services.realNow() })
    await record(ctx, { kind: "machine_client.registered", person, machineClient: id, scopes })
    return id
}

/** Replaces the keys of a client of the caller, and ends its tokens. */
export async function changeClientKeys(
    ctx: ActionContext,
    session: Buffer | null,
    { id, keys }: { readonly id: string; readonly keys: readonly PublicJwk[] },
): Promise<void> {
    const person = personOf(ctx.actor) ?? ""
    await lockPerson(ctx.tx, person)
    await assertWholeSession(ctx, session)
    const distinct = await distinctKeys(keys)
    if ((await store.lockClient(ctx.tx, id))?.person !== person) refuseUnknownClient()
    const realNow = ctx.services.realNow()
    await store.setClientKeys(ctx.tx, id, distinct, realNow)
    await store.endClientTokens(ctx.tx, id, realNow)
    await record(ctx, { kind: "machine_client.keys_changed", person, machineClient: id })
}

/** Ends a client of the caller, and its tokens. */
export async function endCallerClient(ctx: ActionContext, id: string): Promise<void> {
    const person = personOf(ctx.actor) ?? ""
    await lockPerson(ctx.tx, person)
    if (!(await store.endClient(ctx.tx, person, id, ctx.services.realNow()))) refuseUnknownClient()
    await record(ctx, { kind: "machine_client.ended", person, machineClient: id })
}

/**
 * Ends a client after a restore that lost its end, or the replacement of its keys at this instant. False where it is
 * unknown, has ended, or has keys of this instant or later.
 */
export async function endClientAfterRestore(ctx: ActionContext, id: string, at: Instant): Promise<boolean> {
    const { person, keysChangedAt } = (await store.lockClient(ctx.tx, id)) ?? {}
    if (person === undefined || (keysChangedAt ?? at - 1) >= at) return false
    if (!(await store.endClient(ctx.tx, person, id, ctx.services.realNow()))) return false
    await record(ctx, { kind: "machine_client.ended", person, machineClient: id })
    return true
}

async function distinctKeys(keys: readonly PublicJwk[]): Promise<readonly PublicJwk[]> {
    const thumbprints = await Promise.all(keys.map(thumbprintOf))
    return keys.filter((_, n) => thumbprints.indexOf(thumbprints[n] ?? "") === n)
}

function refuseUnknownClient(): never {
    refuse("missing", "identity.client_not_found", "you have no machine client with this id")
}
