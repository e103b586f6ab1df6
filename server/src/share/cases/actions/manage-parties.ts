/** Manages external parties: staff add and invite them, and they answer with the secret of their invitation. */
import { createHash } from "node:crypto"
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { lockOpenCase, assertExists, opened, sealed } from "../actions.ts"
import { type PartyDetails, type PartyRole, validateParty, partiesMax } from "../party.ts"
import { type PartyRow, listParties, findPartyBySecret, insertParty, setSecret } from "../store/external-parties.ts"
import { type Invitation, answerAs, ask, exitAs, invitationTo, partyAs, turnsBy } from "./answer-invitation.ts"
import { proposeAs } from "./negotiate-embargo.ts"

export interface Party extends PartyDetails {
    readonly id: string
    readonly role: PartyRole
    readonly addedAt: Instant
}

/** Adds a party to a case; returns its id. Refuses `party.staff_only`, `party.too_many`. */
export async function addParty(
    ctx: ActionContext,
    id: string,
    party: PartyDetails & { role: PartyRole },
): Promise<string> {
    if (ctx.actor.kind !== "operator") refuse("forbidden", "party.staff_only", "only staff can add a party")
    validateParty(party)
    await lockOpenCase(ctx, id)
    if (!((await listParties(ctx.tx, id)).length < partiesMax)) {
        refuse("conflict", "party.too_many", `too many parties: a case has at most \`${partiesMax}\``)
    }
    const value = ctx.services.newId()
    const { name, contact, role } = party
    const details = await sealed(ctx, id, placeOf(value), JSON.stringify({ name, contact }))
    await insertParty(ctx.tx, { id: value, case: id, role, details, addedAt: ctx.now, by: ctx.actor.person })
    await record(ctx, { kind: "party.added", case: id, party: value, role })
    return value
}

/** Lists the parties of a case. Refuses `case.not_found`. */
export async function partiesOf(ctx: ActionContext, id: string): Promise<Party[]> {
    await assertExists(ctx, id)
    const parties: Party[] = []
    for (const { id: value, role, details, addedAt } of await listParties(ctx.tx, id)) {
        parties.push({
            ...(JSON.parse(await opened(ctx, id, placeOf(value), details)) as PartyDetails),
            id: value,
            role,
            addedAt,
        })
    }
    return parties
}

/** Invites a party to the embargo. Returns the secret to hand over; it is not stored. */
export async function inviteParty(ctx: ActionContext, id: string, party: string, withinMs?: number): Promise<string> {
    await lockOpenCase(ctx, id)
    if (!(await listParties(ctx.tx, id)).some((row) => row.id === party)) unknownParty()
    await ask(ctx, id, partyAs(party), withinMs)
    return await giveSecret(ctx, id, party)
}

/** Replaces a lost secret. The earlier secret stops working; all entries remain. */
export async function renewSecret(ctx: ActionContext, id: string, party: string): Promise<string> {
    await assertExists(ctx, id)
    if (!(await listParties(ctx.tx, id)).some((row) => row.id === party)) unknownParty()
    if ((await turnsBy(ctx, id, partyAs(party))).length === 0) {
        refuse("conflict", "party.not_invited", "this party has no secret yet: invite it first")
    }
    return await giveSecret(ctx, id, party)
}

async function giveSecret(ctx: ActionContext, id: string, party: string): Promise<string> {
    const secret = Buffer.from(ctx.services.random(32)).toString("base64url")
    await setSecret(ctx.tx, party, hashOf(secret))
    await record(ctx, { kind: "party.secret_given", case: id, party })
    return secret
}

/** Returns the invitation for the holder of a secret: the embargo's history, its end and the party's state. */
export async function invitationBySecret(act: ActionContext, secret: string): Promise<Invitation> {
    const { ctx, row } = await partyBehind(act, secret)
    return await invitationTo(ctx, row.case, partyAs(row.id))
}

export async function answerBySecret(act: ActionContext, secret: string, accepts: boolean): Promise<void> {
    const { ctx, row } = await partyBehind(act, secret)
    await answerAs(ctx, row.case, partyAs(row.id), accepts)
}

export async function proposeBySecret(act: ActionContext, secret: string, endsAt: Instant): Promise<void> {
    const { ctx, row } = await partyBehind(act, secret)
    await proposeAs(ctx, row.case, partyAs(row.id), endsAt)
}

export async function exitBySecret(act: ActionContext, secret: string): Promise<void> {
    const { ctx, row } = await partyBehind(act, secret)
    await exitAs(ctx, row.case, partyAs(row.id))
}

/** Acts as the party, whoever is signed in in this browser. */
async function partyBehind(act: ActionContext, secret: string): Promise<{ ctx: ActionContext; row: PartyRow }> {
    const row = (await findPartyBySecret(act.tx, hashOf(secret))) ?? unknownParty()
    return { ctx: { ...act, actor: { kind: "system", step: "party" } }, row }
}

function unknownParty(): never {
    refuse("missing", "party.not_found", "no such party")
}

const placeOf = (party: string): string => `case_parties.details:${party}`

const hashOf = (secret: string): Buffer => createHash("sha256").update(secret).digest()
