/** Opens cases, links them, and moves their embargo and the partners' consent. */
import { createHmac } from "node:crypto"
import type { Instant } from "../../lib/instant.ts"
import { refuse } from "../../lib/refusal.ts"
import { seal, unseal } from "../../platform/vault.ts"
import { type Act, record } from "../../trust/audit/actions.ts"
import { type CaseDetails, type LinkKind, mustBeCase, originsOf } from "./case.ts"
import { type Consent, type ConsentTurn, answer, consentAt, invite } from "./consent.ts"
import { type Embargo, type Turn, agree, breakOff, end, endOf, move, propose, shippedLimits } from "./embargo.ts"
import * as store from "./store.ts"

export interface CaseFile extends CaseDetails {
    readonly id: string
    readonly createdBy: string
    readonly createdAt: Instant
    readonly embargo: Embargo
    /** The end of the embargo, when publication falls; null while none is agreed. */
    readonly publication: Instant | null
    readonly links: readonly { readonly to: string; readonly kind: LinkKind }[]
    /** The cases that entitlements carry over from. */
    readonly origins: readonly string[]
}

export async function openCase(act: Act, details: CaseDetails): Promise<string> {
    mustBeCase(details)
    if (act.actor.kind !== "operator") refuse("forbidden", "case.not_yours", "a case is opened by the operator")
    const id = act.doors.newId()
    const { title, vulnerabilities, products, finder } = details
    const row = {
        id,
        details_box: await sealed(
            act,
            id,
            "cases.details",
            JSON.stringify({ title, vulnerabilities, products, finder }),
        ),
        created_by: act.actor.person,
        created_at: act.now,
    }
    await store.insertCase(
        act.tx,
        row,
        vulnerabilities.map(({ cve }) => nameHash(act, cve)),
    )
    await record(act, { kind: "case.opened", case: id })
    return id
}

export async function linkCases(act: Act, from: string, to: string, kind: LinkKind): Promise<void> {
    await mustExist(act, from)
    await mustExist(act, to)
    if (from === to || originsOf(to, await store.links(act.tx)).includes(from)) {
        refuse("conflict", "case.link_circle", "a case cannot descend from itself")
    }
    await store.insertLink(act.tx, { from, to, kind })
    await record(act, { kind: "case.linked", case: from, to, link: kind })
}

export async function caseFile(act: Act, id: string): Promise<CaseFile> {
    const row = (await store.caseRow(act.tx, id)) ?? unknown()
    return await fileOf(act, row, await store.turnRows(act.tx, id), await store.links(act.tx))
}

/** All cases, oldest first. */
export async function caseFiles(act: Act): Promise<CaseFile[]> {
    const [rows, turns, links] = [
        await store.caseRows(act.tx),
        await store.turnRows(act.tx, null),
        await store.links(act.tx),
    ]
    const files: CaseFile[] = []
    for (const row of rows) {
        const its = turns.filter((turn) => turn.case_id === row.id)
        files.push(await fileOf(act, row, its, links))
    }
    return files
}

/** The ids of the cases with this CVE id. */
export async function casesNamed(act: Act, cve: string): Promise<string[]> {
    return await store.casesNamed(act.tx, nameHash(act, cve))
}

/** Until when each case is secret, without opening anything that is ciphertext. */
export async function publicationOf(act: Act, id: string): Promise<Instant | null> {
    return endOf(plain(await store.turnRows(act.tx, id)))
}

async function fileOf(
    act: Act,
    row: store.CaseRow,
    turns: readonly store.TurnRow[],
    links: Awaited<ReturnType<typeof store.links>>,
): Promise<CaseFile> {
    const details = JSON.parse(await opened(act, row.id, "cases.details", row.details_box)) as CaseDetails
    const embargo: Turn[] = []
    for (const turn of turns) {
        const why = turn.why_box ? await opened(act, row.id, `embargo_turns.why:${turn.n}`, turn.why_box) : ""
        embargo.push(turnOf(turn, why))
    }
    return {
        ...details,
        id: row.id,
        createdBy: row.created_by,
        createdAt: row.created_at,
        embargo,
        publication: endOf(embargo),
        links: links.filter(({ from }) => from === row.id).map(({ to, kind }) => ({ to, kind })),
        origins: originsOf(row.id, links),
    }
}

function turnOf(row: store.TurnRow, why: string): Turn {
    const endsAt = row.ends_at ?? 0
    if (row.kind === "moved") return { kind: "moved", at: row.at, endsAt, why }
    if (row.kind === "broken") return { kind: "broken", at: row.at, why }
    if (row.kind === "ended") return { kind: "ended", at: row.at }
    return { kind: row.kind, at: row.at, endsAt }
}

function plain(rows: readonly store.TurnRow[]): Embargo {
    return rows.map((row) => turnOf(row, ""))
}

export async function proposeEmbargo(act: Act, id: string, endsAt: Instant): Promise<void> {
    await turn(act, id, (embargo) => propose(embargo, endsAt, act.now, shippedLimits))
}

export async function agreeEmbargo(act: Act, id: string, endsAt: Instant): Promise<void> {
    await turn(act, id, (embargo) => agree(embargo, endsAt, act.now, shippedLimits))
}

/** Moves publication, and with it the waves. What was approved for an earlier instant stands; for a later one not. */
export async function moveEmbargo(act: Act, id: string, endsAt: Instant, why: string): Promise<void> {
    await turn(act, id, (embargo) => move(embargo, endsAt, why, act.now, shippedLimits))
}

export async function breakEmbargo(act: Act, id: string, why: string): Promise<void> {
    await turn(act, id, (embargo) => breakOff(embargo, why, act.now))
}

/** Publication writes this in its own transaction. */
export async function endEmbargo(act: Act, id: string): Promise<void> {
    await turn(act, id, (embargo) => end(embargo, act.now))
}

const eventOf = {
    proposed: "embargo.proposed",
    agreed: "embargo.agreed",
    moved: "embargo.moved",
    broken: "embargo.broken",
    ended: "embargo.ended",
} as const

/** One more turn, by a pure rule, under the case's lock. */
async function turn(act: Act, id: string, rule: (embargo: Embargo) => Embargo): Promise<void> {
    if (!(await store.lockCase(act.tx, id))) unknown()
    const before = plain(await store.turnRows(act.tx, id))
    const last = rule(before).at(-1)
    if (last === undefined) throw new Error("a turn adds one")
    const n = before.length
    const endsAt = "endsAt" in last ? last.endsAt : null
    const why = "why" in last ? await sealed(act, id, `embargo_turns.why:${n}`, last.why.slice(0, 2000)) : null
    await store.insertTurn(act.tx, { case_id: id, n, kind: last.kind, at: last.at, ends_at: endsAt, why_box: why })
    await record(act, { kind: eventOf[last.kind], case: id, endsAt })
}

/** What decisions ask of a case. None of it is ciphertext: to decide takes no key. */
export interface CaseFacts {
    readonly id: string
    /** Without its reasons. */
    readonly embargo: Embargo
    readonly origins: readonly string[]
    /** Each partner's state that was ever asked; the others are signatories by their agreement. */
    readonly consents: ReadonlyMap<string, Consent>
}

/** Of one case (null: of all, oldest first), with the consents at this instant. Refuses `case.unknown`. */
export async function caseFacts(act: Act, id: string | null, at: Instant): Promise<CaseFacts[]> {
    const ids = await store.caseIds(act.tx, id)
    if (id !== null && ids.length === 0) unknown()
    const turns = Map.groupBy(await store.turnRows(act.tx, id), (turn) => turn.case_id)
    const said = Map.groupBy(await store.consentTurns(act.tx, id), (one) => one.case)
    const links = await store.links(act.tx)
    return ids.map((its) => {
        const embargo = plain(turns.get(its) ?? [])
        const consents = consentsIn(said.get(its) ?? [], endOf(embargo), at)
        return { id: its, embargo, origins: originsOf(its, links), consents }
    })
}

function consentsIn(said: readonly store.Said[], publication: Instant | null, at: Instant): Map<string, Consent> {
    const byPartner = Map.groupBy(said, (one) => one.partner)
    return new Map(
        [...byPartner].map(([partner, its]) => [
            partner,
            consentAt(
                its.map((one) => one.turn),
                publication,
                at,
            ),
        ]),
    )
}

/** What this partner was asked and has said, in that order. */
async function turnsOf(act: Act, id: string, partner: string): Promise<ConsentTurn[]> {
    const said = await store.consentTurns(act.tx, id)
    return said.filter((one) => one.partner === partner).map((one) => one.turn)
}

export async function inviteToEmbargo(act: Act, id: string, partner: string): Promise<void> {
    if (!(await store.lockCase(act.tx, id))) unknown()
    await store.insertConsent(act.tx, id, partner, invite(await turnsOf(act, id, partner), act.now))
    await record(act, { kind: "consent.invited", case: id, partner })
}

/** What a partner was asked to keep secret, and until when. It says nothing of what the case is about. */
export interface Invitation {
    readonly case: string
    readonly state: Consent
    readonly publication: Instant | null
    /** Until when an answer counts; null once it was given. */
    readonly answerBy: Instant | null
}

export async function invitationsTo(act: Act, partner: string): Promise<Invitation[]> {
    const invitations: Invitation[] = []
    for (const id of await store.casesAsking(act.tx, partner)) {
        const publication = await publicationOf(act, id)
        const turns = await turnsOf(act, id, partner)
        const last = turns.at(-1)
        const answerBy = last?.kind === "invited" ? last.answerBy : null
        invitations.push({ case: id, state: consentAt(turns, publication, act.now), publication, answerBy })
    }
    return invitations
}

export async function answerInvitation(act: Act, id: string, accepts: boolean): Promise<void> {
    if (act.actor.kind !== "partner") refuse("forbidden", "consent.not_yours", "only an invited partner answers")
    const publication = (await store.lockCase(act.tx, id)) && (await publicationOf(act, id))
    const turns = await turnsOf(act, id, act.actor.partner)
    if (turns.length === 0 || publication === null || publication === undefined) unknown()
    await store.insertConsent(act.tx, id, act.actor.partner, answer(turns, accepts, publication, act.now))
    await record(act, { kind: "consent.answered", case: id, partner: act.actor.partner, accepts })
}

async function mustExist(act: Act, id: string): Promise<void> {
    if (!(await store.caseRow(act.tx, id))) unknown()
}

function unknown(): never {
    refuse("missing", "case.unknown", "no such case")
}

const scopeOf = (id: string): string => `case:${id}`

/** Seals something of a case; its own data key goes when the case is purged. */
export async function sealed(act: Act, id: string, place: string, text: string): Promise<Buffer> {
    return await seal(act.tx, act.doors.keys, scopeOf(id), `${place}:${id}`, text)
}

export async function opened(act: Act, id: string, place: string, box: Buffer): Promise<string> {
    return await unseal(act.tx, act.doors.keys, scopeOf(id), `${place}:${id}`, box)
}

/** A keyed hash, so that the database can be asked for a CVE id without holding one. */
function nameHash(act: Act, cve: string): Buffer {
    return createHmac("sha256", act.doors.keys.derive("case-names", 32)).update(cve).digest()
}
