/** Saves attestations and regular reports of partners, zero reports included. */
import { dayMs } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { seal, unseal } from "../../../../platform/crypto/vault.ts"
import { type ActionContext, record } from "../../../../kernel/action-context.ts"
import { inForceAt, standsBy } from "../agreement.ts"
import type { PeriodicKind } from "../obligation.ts"
import { type Attestation, type RegularReport, validateReport, assertCovers, statementsADayMax } from "../statement.ts"
import * as agreementStore from "../store/agreements.ts"
import * as store from "../../requirements/store/requirements.ts"
import { lockPartner } from "../../store/partners.ts"
import { agreements } from "./accept-agreement.ts"
import { assertLead, assertMember } from "../../roster/actions/manage-roster.ts"

export interface Statement {
    readonly id: string
    readonly partner: string
    readonly person: string
    readonly kind: PeriodicKind
    readonly version: number
    /** A zero report, or an attestation without exception. */
    readonly nothing: boolean
    readonly body: Attestation | RegularReport
    readonly at: number
}

/** Saves a lead's attestation, which states for each obligation whether it was met. An exception is not a finding. */
export async function attest(ctx: ActionContext, attestation: Attestation): Promise<string> {
    const { partner, person } = assertLead(ctx)
    const version = await assertValid(ctx, partner, "attestation")
    const agreement = (await agreements(ctx)).find((agreement) => agreement.version === version)
    assertCovers(attestation, agreement?.obligations ?? [])
    const broken = attestation.obligations.filter(({ kept }) => !kept)
    const input = { partner, person, kind: "attestation", version, nothing: broken.length === 0 } as const
    const id = await write(ctx, input, attestation)
    await record(ctx, {
        kind: "attestation.submitted",
        partner,
        statement: id,
        version,
        exceptions: broken.map((b) => b.id),
    })
    return id
}

/** Saves a regular report by any person of the partner, zero reports included. */
export async function giveReport(ctx: ActionContext, report: RegularReport): Promise<string> {
    const { partner, person } = assertMember(ctx)
    validateReport(report)
    const version = await assertValid(ctx, partner, "regular_reports")
    const input = { partner, person, kind: "regular_reports", version, nothing: report.nothing } as const
    const id = await write(ctx, input, report)
    await record(ctx, { kind: "regular_report.submitted", partner, statement: id, version, nothing: report.nothing })
    return id
}

/** Lists a partner's statements, newest first. */
export async function statementsOf(ctx: ActionContext, partner: string, max = 100): Promise<Statement[]> {
    const statements: Statement[] = []
    for (const { body_ciphertext: box, ...row } of await store.listStatements(ctx.tx, partner, max)) {
        const text = await unseal(ctx.tx, ctx.services.keys, `partner:${partner}`, placeOf(row.id), box)
        statements.push({ ...row, body: JSON.parse(text) as Statement["body"] })
    }
    return statements
}

/**
 * The accepted version, which must require this kind of statement. Refuses `statement.no_agreement`,
 * `statement.not_required`, `statement.too_many`.
 */
async function assertValid(ctx: ActionContext, partner: string, kind: PeriodicKind): Promise<number> {
    await lockPartner(ctx.tx, partner)
    const versions = await agreementStore.listTermsAt(ctx.tx, ctx.now)
    const accepted = await agreementStore.listAcceptances(ctx.tx, ctx.now, partner)
    const by = standsBy(inForceAt(versions, ctx.now), accepted, ctx.now)
    const current = versions.find(({ version }) => version === by)
    if (!current) refuse("conflict", "statement.no_agreement", "no agreement accepted: accept the agreement first")
    if (!current.owes.some((period) => period.kind === kind)) {
        refuse("conflict", "statement.not_required", `the agreement requires no \`${kind}\`: nothing must be sent`)
    }
    if (!((await store.countStatements(ctx.tx, partner, kind, ctx.now - dayMs)) < statementsADayMax)) {
        refuse(
            "conflict",
            "statement.too_many",
            `\`${statementsADayMax}\` of a kind per day is the limit: try again tomorrow`,
        )
    }
    return current.version
}

async function write(
    ctx: ActionContext,
    statement: Pick<Statement, "partner" | "person" | "kind" | "version" | "nothing">,
    body: Statement["body"],
): Promise<string> {
    const id = ctx.services.newId()
    const box = await seal(ctx.tx, ctx.services.keys, `partner:${statement.partner}`, placeOf(id), JSON.stringify(body))
    await store.insertStatement(ctx.tx, { ...statement, id, body_ciphertext: box, at: ctx.now })
    return id
}

const placeOf = (id: string): string => `partner_statements.body:${id}`
