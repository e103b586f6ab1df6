/** What a partner gives of what it owes: its attestation, and its regular reports, of which many say "nothing". */
import { dayMs } from "../../../lib/instant.ts"
import { refuse } from "../../../lib/refusal.ts"
import { seal, unseal } from "../../../platform/vault.ts"
import { type Act, record } from "../../audit/actions.ts"
import { inForceAt, standsBy } from "../agreement.ts"
import type { PeriodicKind } from "../obligation.ts"
import { type Attestation, type RegularReport, mustBeReport, mustCover, statementsADayMax } from "../statement.ts"
import * as agreementStore from "../store/agreements.ts"
import * as store from "../store/dues.ts"
import { lockPartner } from "../store/partners.ts"
import { agreements } from "./agreements.ts"
import { mustBeLead, mustBeMember } from "./roster.ts"

export interface Statement {
    readonly id: string
    readonly partner: string
    readonly person: string
    readonly kind: PeriodicKind
    readonly version: number
    /** A zero report; an attestation without exception. */
    readonly nothing: boolean
    readonly body: Attestation | RegularReport
    readonly at: number
}

/** A lead says of each obligation whether it was kept; an exception is no breach found, and is owed like the rest. */
export async function attest(act: Act, attestation: Attestation): Promise<string> {
    const { partner, person } = mustBeLead(act)
    const version = await mustStand(act, partner, "attestation")
    const agreement = (await agreements(act)).find((one) => one.version === version)
    mustCover(attestation, agreement?.obligations ?? [])
    const broken = attestation.obligations.filter(({ kept }) => !kept)
    const its = { partner, person, kind: "attestation", version, nothing: broken.length === 0 } as const
    const id = await write(act, its, attestation)
    await record(act, {
        kind: "attestation.submitted",
        partner,
        statement: id,
        version,
        exceptions: broken.map((b) => b.id),
    })
    return id
}

/** Anybody of the partner reports, zero reports included. */
export async function giveReport(act: Act, report: RegularReport): Promise<string> {
    const { partner, person } = mustBeMember(act)
    mustBeReport(report)
    const version = await mustStand(act, partner, "regular reports")
    const its = { partner, person, kind: "regular reports", version, nothing: report.nothing } as const
    const id = await write(act, its, report)
    await record(act, { kind: "regular_report.submitted", partner, statement: id, version, nothing: report.nothing })
    return id
}

/** What a partner gave, the newest first. */
export async function statementsOf(act: Act, partner: string, max = 100): Promise<Statement[]> {
    const all: Statement[] = []
    for (const { body_ciphertext: box, ...row } of await store.statements(act.tx, partner, max)) {
        const text = await unseal(act.tx, act.doors.keys, `partner:${partner}`, placeOf(row.id), box)
        all.push({ ...row, body: JSON.parse(text) as Statement["body"] })
    }
    return all
}

/** The version that the partner stands by, which must ask for such a thing. */
async function mustStand(act: Act, partner: string, kind: PeriodicKind): Promise<number> {
    await lockPartner(act.tx, partner)
    const versions = await agreementStore.termsAt(act.tx, act.now)
    const accepted = await agreementStore.acceptances(act.tx, act.now, partner)
    const by = standsBy(inForceAt(versions, act.now), accepted, act.now)
    const current = versions.find(({ version }) => version === by)
    if (!current) refuse("conflict", "statement.no_agreement", "accept the agreement first: this is given under it")
    if (!current.owes.some((period) => period.kind === kind)) {
        refuse("conflict", "statement.not_required", `the agreement asks for no \`${kind}\``)
    }
    if (!((await store.countStatements(act.tx, partner, kind, act.now - dayMs)) < statementsADayMax)) {
        refuse("conflict", "statement.too_many", `\`${statementsADayMax}\` of a kind are taken a day at most`)
    }
    return current.version
}

async function write(
    act: Act,
    its: Pick<Statement, "partner" | "person" | "kind" | "version" | "nothing">,
    body: Statement["body"],
): Promise<string> {
    const id = act.doors.newId()
    const box = await seal(act.tx, act.doors.keys, `partner:${its.partner}`, placeOf(id), JSON.stringify(body))
    await store.insertStatement(act.tx, { ...its, id, body_ciphertext: box, at: act.now })
    return id
}

const placeOf = (id: string): string => `partner_statements.body:${id}`
