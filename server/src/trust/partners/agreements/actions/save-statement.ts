/** Saves attestations and regular reports of partners, zero reports included. */
import { dayMs } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { encryptText, decryptText } from "../../../../platform/crypto/vault.ts"
import { type ActionContext, record } from "../../../../kernel/action-context.ts"
import { inForceAt, boundVersion } from "../agreement.ts"
import type { PeriodicKind } from "../obligation.ts"
import {
    type Attestation,
    type RegularReport,
    validateReport,
    validateAttestation,
    statementsPerDayMax,
} from "../statement.ts"
import * as agreementStore from "../store/agreements.ts"
import * as store from "../../requirements/store/requirements.ts"
import { lockPartner } from "../../store/partners.ts"
import { listAgreements } from "./accept-agreement.ts"
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
export async function saveAttestation(ctx: ActionContext, attestation: Attestation): Promise<string> {
    const { partner, person } = assertLead(ctx)
    const version = await loadRequiringVersion(ctx, partner, "attestation")
    const agreement = (await listAgreements(ctx)).find((agreement) => agreement.version === version)
    validateAttestation(attestation, agreement?.obligations ?? [])
    const exceptions = attestation.obligations.filter(({ kept }) => !kept)
    const statement = { partner, person, kind: "attestation", version, nothing: exceptions.length === 0 } as const
    const id = await saveStatement(ctx, statement, attestation)
    await record(ctx, {
        kind: "attestation.submitted",
        partner,
        statement: id,
        version,
        exceptions: exceptions.map((obligation) => obligation.id),
    })
    return id
}

/** Saves a regular report by any person of the partner, zero reports included. */
export async function saveRegularReport(ctx: ActionContext, report: RegularReport): Promise<string> {
    const { partner, person } = assertMember(ctx)
    validateReport(report)
    const version = await loadRequiringVersion(ctx, partner, "regular_reports")
    const statement = { partner, person, kind: "regular_reports", version, nothing: report.nothing } as const
    const id = await saveStatement(ctx, statement, report)
    await record(ctx, { kind: "regular_report.submitted", partner, statement: id, version, nothing: report.nothing })
    return id
}

/** Lists a partner's statements, newest first. */
export async function listStatements(ctx: ActionContext, partner: string, max = 100): Promise<Statement[]> {
    const statements: Statement[] = []
    for (const { body_ciphertext: ciphertext, ...row } of await store.listStatements(ctx.tx, partner, max)) {
        const text = await decryptText(ctx.tx, ctx.services.keys, `partner:${partner}`, placeOf(row.id), ciphertext)
        statements.push({ ...row, body: JSON.parse(text) as Statement["body"] })
    }
    return statements
}

/**
 * The accepted version, which must require this kind of statement. Refuses `statement.no_agreement`,
 * `statement.not_required`, `statement.too_many`.
 */
async function loadRequiringVersion(ctx: ActionContext, partner: string, kind: PeriodicKind): Promise<number> {
    await lockPartner(ctx.tx, partner)
    const versions = await agreementStore.listTermsAt(ctx.tx, ctx.now)
    const acceptances = await agreementStore.listAcceptances(ctx.tx, ctx.now, partner)
    const bound = boundVersion(inForceAt(versions, ctx.now), acceptances, ctx.now)
    const current = versions.find(({ version }) => version === bound)
    if (!current) refuse("conflict", "statement.no_agreement", "no agreement accepted: accept the agreement first")
    if (!current.periods.some((period) => period.kind === kind)) {
        refuse("conflict", "statement.not_required", `the agreement requires no \`${kind}\`: nothing must be sent`, {
            kind,
        })
    }
    if (!((await store.countStatements(ctx.tx, partner, kind, ctx.now - dayMs)) < statementsPerDayMax)) {
        refuse(
            "conflict",
            "statement.too_many",
            `\`${statementsPerDayMax}\` of a kind per day is the limit: try again tomorrow`,
            { max: statementsPerDayMax },
        )
    }
    return current.version
}

async function saveStatement(
    ctx: ActionContext,
    statement: Pick<Statement, "partner" | "person" | "kind" | "version" | "nothing">,
    body: Statement["body"],
): Promise<string> {
    const id = ctx.services.newId()
    const ciphertext = await encryptText(
        ctx.tx,
        ctx.services.keys,
        `partner:${statement.partner}`,
        placeOf(id),
        JSON.stringify(body),
    )
    await store.insertStatement(ctx.tx, { ...statement, id, body_ciphertext: ciphertext, at: ctx.now })
    return id
}

const placeOf = (id: string): string => `partner_statements.body:${id}`
