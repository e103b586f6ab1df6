/** Adds agreement versions and lets each partner's lead accept them for a term. */
import { createHash } from "node:crypto"
import { refuse } from "@tocsin/base/refusal"
import { canonicalBytes } from "@tocsin/base/canonical"
import { type Instant, dayMs } from "@tocsin/base/instant"
import { lockToChangeProgram } from "../../../../kernel/locks.ts"
import { seal, unseal } from "../../../../platform/crypto/vault.ts"
import { useApproval } from "../../../approvals/actions.ts"
import type { Effects } from "../../../approvals/approval.ts"
import { type ActionContext, record } from "../../../../kernel/action-context.ts"
import {
    type Acceptance,
    type Agreement,
    type Applies,
    applyingAt,
    inForceAt,
    isOvertaken,
    lengthens,
    validateAgreement,
    validateLongestEmbargo,
    assertSeen,
    termEnd,
} from "../agreement.ts"
import { type Obligation, validateObligations, periodsOf } from "../obligation.ts"
import { isJoining, reachesCases } from "../../partner.ts"
import { agreementEffects } from "../../gain.ts"
import * as store from "../store/agreements.ts"
import { lockPartner } from "../../store/partners.ts"
import { needsTwo } from "../../actions/change-partner.ts"
import { partnerFactsAt } from "../../actions/load-facts.ts"
import { assertLead } from "../../roster/actions/manage-roster.ts"
import { rulesNow } from "../../actions/set-program-rules.ts"

const scope = "program"
const placeOf = (version: number): string => `agreements.text:${version}`

/** Terms of a version in addition to its text. Absent terms come from the program rules. */
interface Besides {
    /** Advance consent, in days. */
    readonly longestEmbargoDays?: number | undefined
    readonly applies?: Applies | undefined
    /** Hash of the preview, where partners would expire with too little notice. */
    readonly seen?: string | undefined
    /** The signed approval, needed for longer advance consent. */
    readonly approval?: string | undefined
}

/**
 * The effects that a second person signs before this version is added; null where it consents to no more than before.
 */
export async function agreementEffectsToSign(
    ctx: ActionContext,
    text: string,
    termDays: number | null,
    obligations: readonly Obligation[] = [],
    longestEmbargoDays?: number,
): Promise<Effects | null> {
    const longest = longestEmbargoDays ?? (await rulesNow(ctx, "consent")).rules.longestEmbargoDays
    validateLongestEmbargo(longest)
    validateAgreement(text, termDays)
    validateObligations(obligations)
    const versions = await store.listTermsAt(ctx.tx, ctx.now)
    const isLonger =
        versions.length === 0 ? longest > 0 && (await anybodyIsIn(ctx)) : lengthens(versions, longest, ctx.now)
    if (!isLonger) return null
    return agreementEffects(longest, { text, termDays, obligations })
}

/** Whether any partner is admitted: then the first agreement can open released waves. */
async function anybodyIsIn(ctx: ActionContext): Promise<boolean> {
    return (await partnerFactsAt(ctx, ctx.now)).some(({ standing }) => !isJoining(standing))
}

/**
 * Adds a version and returns its number. When it applies, acceptances of older versions expire and content is
 * withheld.
 */
export async function addAgreement(
    ctx: ActionContext,
    text: string,
    termDays: number | null,
    obligations: readonly Obligation[] = [],
    { longestEmbargoDays, applies, seen, approval }: Besides = {},
): Promise<number> {
    await lockToChangeProgram(ctx.tx)
    const effects = await agreementEffectsToSign(ctx, text, termDays, obligations, longestEmbargoDays)
    const lapse = await lapseBy(ctx, applies, longestEmbargoDays)
    const longest = lapse.longestEmbargoDays
    if (lapse.isShort) assertSeen(seen, lapse.seen, lapse.earliest)
    if (effects) await useApproval(ctx, approval ?? needsTwo(), effects)
    const { version, appliesAt } = lapse
    const sealed = JSON.stringify({ text, termDays, obligations })
    await store.insertAgreement(ctx.tx, {
        version,
        text_ciphertext: await seal(ctx.tx, ctx.services.keys, scope, placeOf(version), sealed),
        owes: periodsOf(obligations),
        longest_embargo_days: longest,
        created_at: ctx.now,
        applies_at: appliesAt,
    })
    await record(ctx, {
        kind: "agreement.added",
        version,
        appliesAt,
        termDays,
        obligations: obligations.map(({ id }) => id),
        longestEmbargoDays: longest,
        approval: effects ? (approval ?? null) : null,
    })
    return version
}

export interface AgreementLapse {
    /** Number of the new version. */
    readonly version: number
    readonly appliesAt: Instant
    /** Advance consent as entered, or from the program rules. */
    readonly longestEmbargoDays: number
    /** Partners whose acceptance would expire then, unless they accept the version before. */
    readonly partners: readonly string[]
    /** Whether any of these partners has less notice than the rules require. Then pass `seen` with the version. */
    readonly isShort: boolean
    readonly earliest: Instant
    readonly seen: string
}

/** Previews which acceptances a new version would expire. `seen` identifies this preview. */
export async function lapseBy(
    ctx: ActionContext,
    applies: Applies | undefined,
    longest?: number,
): Promise<AgreementLapse> {
    const longestEmbargoDays = longest ?? (await rulesNow(ctx, "consent")).rules.longestEmbargoDays
    const versions = await store.listTermsAt(ctx.tx, ctx.now)
    const inForce = inForceAt(versions, ctx.now)
    const { agreementNoticeDays } = (await rulesNow(ctx, "dues")).rules
    const appliesAt = applyingAt(applies, agreementNoticeDays, ctx.now, inForce === null)
    const version = (versions.at(-1)?.version ?? 0) + 1
    const standing = (await partnerFactsAt(ctx, ctx.now)).filter(
        (partner) => reachesCases(partner.standing) && partner.agreement === "accepted",
    )
    const partners = standing.map(({ partner }) => partner).toSorted()
    const earliest = ctx.now + agreementNoticeDays * dayMs
    const isShort = partners.length > 0 && appliesAt < earliest
    const shown = { version, partners, applies: applies ?? "after its notice", longestEmbargoDays }
    const seen = createHash("sha256").update(canonicalBytes(shown)).digest("hex")
    return { version, appliesAt, longestEmbargoDays, partners, isShort, earliest, seen }
}

/**
 * Accepts the version in force, or a future one, for the lead's partner. Accepting again starts a new term. Refuses
 * `agreement.not_found`, `agreement.not_newest`.
 */
export async function acceptAgreement(ctx: ActionContext, version: number): Promise<Acceptance> {
    const { partner, person } = assertLead(ctx)
    const row = await store.findAgreement(ctx.tx, version)
    if (!row) refuse("missing", "agreement.not_found", "no agreement with this version")
    const versions = await store.listTermsAt(ctx.tx, ctx.now)
    const terms = versions.find((terms) => terms.version === version)
    if (!terms || version < (inForceAt(versions, ctx.now) ?? 0) || isOvertaken(terms, versions)) {
        refuse(
            "conflict",
            "agreement.not_newest",
            `version \`${version}\` is not the newest: read and accept the newest version`,
        )
    }
    await lockPartner(ctx.tx, partner)
    const endless = (await store.listAcceptances(ctx.tx, ctx.now, partner)).find(
        (acceptance) => acceptance.version === version && acceptance.endsAt === null,
    )
    if (endless) return endless
    const { termDays } = await open(ctx, row)
    const acceptance = {
        partner,
        version,
        person,
        at: ctx.now,
        endsAt: termEnd(termDays, Math.max(ctx.now, row.applies_at)),
    }
    await store.insertAcceptance(ctx.tx, acceptance)
    await record(ctx, { kind: "agreement.accepted", partner, version, endsAt: acceptance.endsAt })
    return acceptance
}

/** Lists every version, oldest first. */
export async function agreements(ctx: ActionContext): Promise<Agreement[]> {
    const agreements: Agreement[] = []
    for (const row of await store.listAgreements(ctx.tx)) agreements.push(await open(ctx, row))
    return agreements
}

/** Whether a version began to apply after an instant and expired older acceptances. */
export async function hasAgreementBegunSince(ctx: ActionContext, after: Instant): Promise<boolean> {
    return await store.hasBegun(ctx.tx, after, ctx.now)
}

/** Lists a partner's acceptances in order. */
export async function acceptancesOf(ctx: ActionContext, partner: string): Promise<Acceptance[]> {
    return await store.listAcceptances(ctx.tx, ctx.now, partner)
}

/**
 * Finds the obligation with this id in the partner's newest accepted agreement that has one; null where there is none.
 */
export async function acceptedObligation(
    ctx: ActionContext,
    partner: string,
    id: string,
): Promise<{ readonly agreement: number; readonly obligation: Obligation } | null> {
    const versions = new Map((await agreements(ctx)).map((agreement) => [agreement.version, agreement.obligations]))
    for (const { version } of (await acceptancesOf(ctx, partner)).toReversed()) {
        const obligation = versions.get(version)?.find((obligation) => obligation.id === id)
        if (obligation) return { agreement: version, obligation }
    }
    return null
}

/** Loads each partner's latest acceptance. */
export async function latestAcceptances(ctx: ActionContext): Promise<ReadonlyMap<string, Acceptance>> {
    return new Map(
        (await store.listAcceptances(ctx.tx, ctx.now, null)).map((acceptance) => [acceptance.partner, acceptance]),
    )
}

async function open(ctx: ActionContext, row: store.AgreementRow): Promise<Agreement> {
    const sealed = await unseal(ctx.tx, ctx.services.keys, scope, placeOf(row.version), row.text_ciphertext)
    const { text, termDays, obligations } = JSON.parse(sealed) as Pick<Agreement, "text" | "termDays" | "obligations">
    return {
        version: row.version,
        text,
        termDays,
        obligations,
        longestEmbargoDays: row.longest_embargo_days,
        since: row.created_at,
        appliesAt: row.applies_at,
    }
}
