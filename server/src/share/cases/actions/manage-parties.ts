/** Manages external parties: staff add and invite them, and they answer with the secret of their invitation. */
import { createHash } from "node:crypto"
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { lockOpenCase, assertCaseExists, decryptForCase, encryptForCase } from "./load-case.ts"
import { type PartyDetails, type PartyRole, validateParty, partiesMax } from "../party.ts"
import { type PartyRow, listParties, findPartyBySecret, insertParty, setSecret } from "../store/external-parties.ts"
import {
    type Invitation,
    answerAsParticipant,
    inviteParticipant,
    exitAsParticipant,
    loadInvitation,
    partyParticipant,
    listConsentEntries,
} from "./answer-invitation.ts"
import { proposeAsParticipant } from "./negotiate-embargo.ts"

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
        refuse("conflict", "party.too_many", `too many parties: a case has at most \`${partiesMax}\``, {
            max: partiesMax,
        })
    }
    const partyId = ctx.services.newId()
    const { name, contact, role } = party
    const details = await encryptForCase(ctx, id, placeOf(partyId), JSON.stringify({ name, contact }))
    await insertParty(ctx.tx, { id: partyId, case: id, role, details, addedAt: ctx.now, by: ctx.actor.person })
    await record(ctx, { kind: "party.added", case: id, party: partyId, role })
    return partyId
}

/** Lists the parties of a case. Refuses `case.not_found`. */
export async function loadParties(ctx: ActionContext, id: string): Promise<Party[]> {
    await assertCaseExists(ctx, id)
    const parties: Party[] = []
    for (const { id: partyId, role, details, addedAt } of await listParties(ctx.tx, id)) {
        const text = await decryptForCase(ctx, id, placeOf(partyId), details, deletedParty)
        parties.push({ ...(JSON.parse(text) as PartyDetails), id: partyId, role, addedAt })
    }
    return parties
}

/** Invites a party to the embargo. Returns the secret to hand over; it is not stored. */
export async function inviteParty(ctx: ActionContext, id: string, party: string, withinMs?: number): Promise<string> {
    await lockOpenCase(ctx, id)
    if (!(await listParties(ctx.tx, id)).some((row) => row.id === party)) noSuchParty()
    await inviteParticipant(ctx, id, partyParticipant(party), withinMs)
    return await issueSecret(ctx, id, party)
}

/** Replaces a lost secret. The earlier secret stops working; all entries remain. */
export async function renewSecret(ctx: ActionContext, id: string, party: string): Promise<string> {
    await assertCaseExists(ctx, id)
    if (!(await listParties(ctx.tx, id)).some((row) => row.id === party)) noSuchParty()
    if ((await listConsentEntries(ctx, id, partyParticipant(party))).length === 0) {
        refuse("conflict", "party.not_invited", "this party has no secret yet: invite it first")
    }
    return await issueSecret(ctx, id, party)
}

async function issueSecret(ctx: ActionContext, id: string, party: string): Promise<string> {
    const secret = Buffer.from(ctx.services.random(32)).toString("base64url")
    await setSecret(ctx.tx, party, hashOf(secret))
    await record(ctx, { kind: "party.secret_given", case: id, party })
    return secret
}

/** Returns the invitation for the holder of a secret: the embargo's history, its end and the party's state. */
export async function loadInvitationBySecret(caller: ActionContext, secret: string): Promise<Invitation> {
    const { ctx, row } = await loadPartyBySecret(caller, secret)
    return await loadInvitation(ctx, row.case, partyParticipant(row.id))
}

export async function answerBySecret(caller: ActionContext, secret: string, accepts: boolean): Promise<void> {
    const { ctx, row } = await loadPartyBySecret(caller, secret)
    await answerAsParticipant(ctx, row.case, partyParticipant(row.id), accepts)
}

export async function proposeBySecret(caller: ActionContext, secret: string, endsAt: Instant): Promise<void> {
    const { ctx, row } = await loadPartyBySecret(caller, secret)
    await proposeAsParticipant(ctx, row.case, partyParticipant(row.id), endsAt)
}

export async function exitBySecret(caller: ActionContext, secret: string): Promise<void> {
    const { ctx, row } = await loadPartyBySecret(caller, secret)
    await exitAsParticipant(ctx, row.case, partyParticipant(row.id))
}

/** Acts as the party, even if another person is signed in in this browser. */
async function loadPartyBySecret(
    caller: ActionContext,
    secret: string,
): Promise<{ ctx: ActionContext; row: PartyRow }> {
    const row = (await findPartyBySecret(caller.tx, hashOf(secret))) ?? noSuchParty()
    return { ctx: { ...caller, actor: { kind: "system", component: "party" } }, row }
}

function noSuchParty(): never {
    refuse("missing", "party.not_found", "no such party")
}

const deletedParty = JSON.stringify({ name: "", contact: "" } satisfies PartyDetails)

const placeOf = (party: string): string => `case_parties.details:${party}`

const hashOf = (secret: string): Buffer => createHash("sha256").update(secret).digest()
