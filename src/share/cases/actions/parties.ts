/** Parties that are no partners: added and invited by the operator, they speak by the secret that they were given. */
import { createHash } from "node:crypto"
import type { Instant } from "../../../lib/instant.ts"
import { refuse } from "../../../lib/refusal.ts"
import { type Act, record } from "../../../trust/audit/actions.ts"
import { lockOpenCase, mustExist, opened, sealed } from "../actions.ts"
import { type PartyDetails, type PartyRole, mustBeParty, partiesMax } from "../party.ts"
import * as store from "../store.ts"
import { type Invitation, answerAs, ask, exitAs, invitationTo, partyAs, turnsBy } from "./consents.ts"
import { proposeAs } from "./embargo.ts"

export interface Party extends PartyDetails {
    readonly id: string
    readonly role: PartyRole
    readonly addedAt: Instant
}

export async function addParty(act: Act, id: string, party: PartyDetails & { role: PartyRole }): Promise<string> {
    if (act.actor.kind !== "operator") refuse("forbidden", "party.staff_only", "the operator says who is a party")
    mustBeParty(party)
    await lockOpenCase(act, id)
    if (!((await store.parties(act.tx, id)).length < partiesMax)) {
        refuse("conflict", "party.too_many", `a case has ${partiesMax} other parties at most`)
    }
    const its = act.doors.newId()
    const { name, contact, role } = party
    const details = await sealed(act, id, placeOf(its), JSON.stringify({ name, contact }))
    await store.insertParty(act.tx, { id: its, case: id, role, details, addedAt: act.now, by: act.actor.person })
    await record(act, { kind: "party.added", case: id, party: its, role })
    return its
}

export async function partiesOf(act: Act, id: string): Promise<Party[]> {
    await mustExist(act, id)
    const all: Party[] = []
    for (const { id: its, role, details, addedAt } of await store.parties(act.tx, id)) {
        all.push({
            ...(JSON.parse(await opened(act, id, placeOf(its), details)) as PartyDetails),
            id: its,
            role,
            addedAt,
        })
    }
    return all
}

/** Asks a party to keep the embargo. Returns the secret to hand to it, which is kept nowhere. */
export async function inviteParty(act: Act, id: string, party: string, withinMs?: number): Promise<string> {
    await lockOpenCase(act, id)
    if (!(await store.parties(act.tx, id)).some((one) => one.id === party)) unknownParty()
    await ask(act, id, partyAs(party), withinMs)
    return await giveSecret(act, id, party)
}

/** A lost secret: another, and the one before is no way in any more. What was said stands. */
export async function renewSecret(act: Act, id: string, party: string): Promise<string> {
    await mustExist(act, id)
    if (!(await store.parties(act.tx, id)).some((one) => one.id === party)) unknownParty()
    if ((await turnsBy(act, id, partyAs(party))).length === 0) {
        refuse("conflict", "party.not_invited", "invite this party first: it is given its secret then")
    }
    return await giveSecret(act, id, party)
}

async function giveSecret(act: Act, id: string, party: string): Promise<string> {
    const secret = Buffer.from(act.doors.random(32)).toString("base64url")
    await store.setSecret(act.tx, party, hashOf(secret))
    await record(act, { kind: "party.secret_given", case: id, party })
    return secret
}

/** What the holder of a secret is told: the embargo's turns, its end, its own state. */
export async function invitationBySecret(asked: Act, secret: string): Promise<Invitation> {
    const { act, row } = await partyBehind(asked, secret)
    return await invitationTo(act, row.case, partyAs(row.id))
}

export async function answerBySecret(asked: Act, secret: string, accepts: boolean): Promise<void> {
    const { act, row } = await partyBehind(asked, secret)
    await answerAs(act, row.case, partyAs(row.id), accepts)
}

export async function proposeBySecret(asked: Act, secret: string, endsAt: Instant): Promise<void> {
    const { act, row } = await partyBehind(asked, secret)
    await proposeAs(act, row.case, partyAs(row.id), endsAt)
}

export async function exitBySecret(asked: Act, secret: string): Promise<void> {
    const { act, row } = await partyBehind(asked, secret)
    await exitAs(act, row.case, partyAs(row.id))
}

/** Whoever the browser belongs to besides, here the party acts. */
async function partyBehind(asked: Act, secret: string): Promise<{ act: Act; row: store.PartyRow }> {
    const row = (await store.partyBySecret(asked.tx, hashOf(secret))) ?? unknownParty()
    return { act: { ...asked, actor: { kind: "system", step: "party" } }, row }
}

function unknownParty(): never {
    refuse("missing", "party.not_found", "no such party")
}

const placeOf = (party: string): string => `case_parties.details:${party}`

const hashOf = (secret: string): Buffer => createHash("sha256").update(secret).digest()
