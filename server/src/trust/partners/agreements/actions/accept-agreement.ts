/** Adds agreement versions and lets each partner's lead accept them for a term. */
import { createHash } from "node:crypto"
import { refuse } from "@tocsin/base/refusal"
import { canonicalBytes } from "@tocsin/base/canonical"
import { type Instant, dayMs } from "@tocsin/base/instant"
import { lockToChangeProgram } from "../../../../kernel/locks.ts"
import { encryptText, decryptText } from "../../../../platform/crypto/vault.ts"
import { applyApproval } from "../../../approvals/actions/request-approval.ts"
import type { Effects } from "../../../approvals/approval.ts"
import { type ActionContext, record } from "../../../../kernel/action-context.ts"
import {
    type Acceptance,
    type Agreement,
    type AgreementStart,
    startOf,
    inForceAt,
    isSuperseded,
    isLongerEmbargo,
    validateAgreement,
    validateLongestEmbargo,
    assertPreviewed,
    termEnd,
} from "../agreement.ts"
import { type Obligation, validateObligations, periodsOf } from "../obligation.ts"
import { isOnboarding, hasCaseAccess } from "../../partner.ts"
import { agreementEffects } from "../../approval-effects.ts"
import * as store from "../store/agreements.ts"
import { lockPartner } from "../../store/partners.ts"
import { refuseWithoutApproval } from "../../actions/change-partner.ts"
import { listPartnerFacts } from "../../actions/load-facts.ts"
import { assertLead } from "../../roster/actions/manage-roster.ts"
import { loadRules } from "../../actions/set-program-rules.ts"

const scope = "program"
const placeOf = (version: number): string => `agreements.text:${version}`

/** Terms of a version in addition to its text. Absent terms come from the program rules. */
interface AgreementOptions {
    /** Advance consent, in days. */
    readonly longestEmbargoDays?: number | undefined
    readonly applies?: AgreementStart | undefined
    /** Hash of the preview, where partners would expire with too little notice. */
    readonly seen?: string | undefined
    /** The signed approval, needed for longer advance consent. */
    readonly approval?: string | undefined
}

/**
 * The effects that a second person signs before this version is added; null where it consents to no more than before.
 */
export async function computeAgreementEffects(
    ctx: ActionContext,
    text: string,
    termDays: number | null,
    obligations: readonly Obligation[] = [],
    longestEmbargoDays?: number,
): Promise<Effects | null> {
    const longest = longestEmbargoDays ?? (await loadRules(ctx, "consent")).rules.longestEmbargoDays
    validateLongestEmbargo(longest)
    validateAgreement(text, termDays)
    validateObligations(obligations)
    const versions = await store.listTermsAt(ctx.tx, ctx.now)
    const isLonger =
        versions.length === 0
            ? longest > 0 && (await hasAdmittedPartner(ctx))
            : isLongerEmbargo(versions, longest, ctx.now)
    if (!isLonger) return null
    return agreementEffects(longest, { text, termDays, obligations })
}

/** Whether any partner is admitted: then the first agreement can open released waves. */
async function hasAdmittedPartner(ctx: ActionContext): Promise<boolean> {
    return (await listPartnerFacts(ctx, ctx.now)).some(({ status }) => !isOnboarding(status))
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
    { longestEmbargoDays, applies, seen: previewHash, approval }: AgreementOptions = {},
): Promise<number> {
    await lockToChangeProgram(ctx.tx)
    const effects = await computeAgreementEffects(ctx, text, termDays, obligations, longestEmbargoDays)
    const preview = await previewExpiry(ctx, applies, longestEmbargoDays)
    const longest = preview.longestEmbargoDays
    if (preview.hasShortNotice) assertPreviewed(previewHash, preview.seen, preview.earliest)
    if (effects) await applyApproval(ctx, approval ?? refuseWithoutApproval(), effects)
    const { version, appliesAt } = preview
    const plaintext = JSON.stringify({ text, termDays, obligations })
    await store.insertAgreement(ctx.tx, {
        version,
        text_ciphertext: await encryptText(ctx.tx, ctx.services.keys, scope, placeOf(version), plaintext),
        periods: periodsOf(obligations),
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

export interface ExpiryPreview {
    /** Number of the new version. */
    readonly version: number
    readonly appliesAt: Instant
    /** Advance consent as entered, or from the program rules. */
    readonly longestEmbargoDays: number
    /** Partners whose acceptance would expire then, unless they accept the version before. */
    readonly partners: readonly string[]
    /** Whether any of these partners has less notice than the rules require. Then pass `seen` with the version. */
    readonly hasShortNotice: boolean
    readonly earliest: Instant
    readonly seen: string
}

/** Previews which acceptances a new version would expire. `seen` identifies this preview. */
export async function previewExpiry(
    ctx: ActionContext,
    applies: AgreementStart | undefined,
    longest?: number,
): Promise<ExpiryPreview> {
    const longestEmbargoDays = longest ?? (await loadRules(ctx, "consent")).rules.longestEmbargoDays
    const versions = await store.listTermsAt(ctx.tx, ctx.now)
    const inForce = inForceAt(versions, ctx.now)
    const { agreementNoticeDays } = (await loadRules(ctx, "requirements")).rules
    const appliesAt = startOf(applies, agreementNoticeDays, ctx.now, inForce === null)
    const version = (versions.at(-1)?.version ?? 0) + 1
    const accepting = (await listPartnerFacts(ctx, ctx.now)).filter(
        (partner) => hasCaseAccess(partner.status) && partner.agreement === "accepted",
    )
    const partners = accepting.map(({ partner }) => partner).toSorted()
    const earliest = ctx.now + agreementNoticeDays * dayMs
    const hasShortNotice = partners.length > 0 && appliesAt < earliest
    const previewed = { version, partners, applies: applies ?? "after its notice", longestEmbargoDays }
    const previewHash = createHash("sha256").update(canonicalBytes(previewed)).digest("hex")
    return { version, appliesAt, longestEmbargoDays, partners, hasShortNotice, earliest, seen: previewHash }
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
    if (!terms || version < (inForceAt(versions, ctx.now) ?? 0) || isSuperseded(terms, versions)) {
        refuse(
            "conflict",
            "agreement.not_newest",
            `version \`${version}\` is not the newest: read and accept the newest version`,
            { version },
        )
    }
    await lockPartner(ctx.tx, partner)
    const endlessAcceptance = (await store.listAcceptances(ctx.tx, ctx.now, partner)).find(
        (acceptance) => acceptance.version === version && acceptance.endsAt === null,
    )
    if (endlessAcceptance) return endlessAcceptance
    const { termDays } = await decryptAgreement(ctx, row)
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
export async function listAgreements(ctx: ActionContext): Promise<Agreement[]> {
    const agreements: Agreement[] = []
    for (const row of await store.listAgreements(ctx.tx)) agreements.push(await decryptAgreement(ctx, row))
    return agreements
}

/** Whether a version began to apply after an instant and expired older acceptances. */
export async function hasAgreementStartedSince(ctx: ActionContext, after: Instant): Promise<boolean> {
    return await store.hasStarted(ctx.tx, after, ctx.now)
}

/** Lists a partner's acceptances in order. */
export async function listAcceptances(ctx: ActionContext, partner: string): Promise<Acceptance[]> {
    return await store.listAcceptances(ctx.tx, ctx.now, partner)
}

/**
 * Finds the obligation with this id in the partner's newest accepted agreement that has one; null where there is none.
 */
export async function findAcceptedObligation(
    ctx: ActionContext,
    partner: string,
    id: string,
): Promise<{ readonly agreement: number; readonly obligation: Obligation } | null> {
    const versions = new Map((await listAgreements(ctx)).map((agreement) => [agreement.version, agreement.obligations]))
    for (const { version } of (await listAcceptances(ctx, partner)).toReversed()) {
        const obligation = versions.get(version)?.find((obligation) => obligation.id === id)
        if (obligation) return { agreement: version, obligation }
    }
    return null
}

/** Loads each partner's latest acceptance. */
export async function listLatestAcceptances(ctx: ActionContext): Promise<ReadonlyMap<string, Acceptance>> {
    return new Map(
        (await store.listAcceptances(ctx.tx, ctx.now, null)).map((acceptance) => [acceptance.partner, acceptance]),
    )
}

async function decryptAgreement(ctx: ActionContext, row: store.AgreementRow): Promise<Agreement> {
    const plaintext = await decryptText(ctx.tx, ctx.services.keys, scope, placeOf(row.version), row.text_ciphertext)
    const { text, termDays, obligations } = JSON.parse(plaintext) as Pick<
        Agreement,
        "text" | "termDays" | "obligations"
    >
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
