/** Agreements: the operator writes a version, each partner's lead accepts it for a term. */
import { createHash } from "node:crypto"
import { refuse } from "../../../lib/refusal.ts"
import { canonicalBytes } from "../../../lib/canonical.ts"
import { type Instant, dayMs } from "../../../lib/instant.ts"
import { lockToChangeProgram } from "../../../platform/locks.ts"
import { seal, unseal } from "../../../platform/vault.ts"
import { useApproval } from "../../approvals/actions.ts"
import type { Effects } from "../../approvals/approval.ts"
import { type Act, record } from "../../audit/actions.ts"
import {
    type Acceptance,
    type Agreement,
    type Applies,
    applyingAt,
    inForceAt,
    isOvertaken,
    lengthens,
    mustBeAgreement,
    mustBeLongestEmbargo,
    mustBeSeen,
    termEnd,
} from "../agreement.ts"
import { type Obligation, mustBeObligations, periodsOf } from "../obligation.ts"
import { isJoining, reachesCases } from "../partner.ts"
import { agreementEffects } from "../widening.ts"
import * as store from "../store/agreements.ts"
import { lockPartner } from "../store/partners.ts"
import { needsTwo } from "./changes.ts"
import { partnerFactsAt } from "./facts.ts"
import { mustBeLead } from "./roster.ts"
import { rulesNow } from "./rules.ts"

const scope = "program"
const placeOf = (version: number): string => `agreements.text:${version}`

/** What a version says besides its text; whatever is left out, the program's rules say. */
interface Besides {
    /** What it consents to beforehand. */
    readonly longestEmbargoDays?: number | undefined
    readonly applies?: Applies | undefined
    /** From the preview: whoever would be cut off without notice was looked at. */
    readonly seen?: string | undefined
    /** The second person's signature, where it consents to more than before. */
    readonly approval?: string | undefined
}

/** What a second person signs before this version can be added; null where it consents to no more than before. */
export async function agreementEffectsToSign(
    act: Act,
    text: string,
    termDays: number | null,
    obligations: readonly Obligation[] = [],
    longestEmbargoDays?: number,
): Promise<Effects | null> {
    const longest = longestEmbargoDays ?? (await rulesNow(act, "consent")).rules.longestEmbargoDays
    mustBeLongestEmbargo(longest)
    mustBeAgreement(text, termDays)
    mustBeObligations(obligations)
    const versions = await store.termsAt(act.tx, act.now)
    const isLonger =
        versions.length === 0 ? longest > 0 && (await anybodyIsIn(act)) : lengthens(versions, longest, act.now)
    if (!isLonger) return null
    return agreementEffects(longest, { text, termDays, obligations })
}

/** Then the first agreement there is may open what has fallen without one. */
async function anybodyIsIn(act: Act): Promise<boolean> {
    return (await partnerFactsAt(act, act.now)).some(({ standing }) => !isJoining(standing))
}

/** A new version; returns its number. From when it applies, acceptances of older ones are lapsed, and content waits. */
export async function addAgreement(
    act: Act,
    text: string,
    termDays: number | null,
    obligations: readonly Obligation[] = [],
    { longestEmbargoDays, applies, seen, approval }: Besides = {},
): Promise<number> {
    await lockToChangeProgram(act.tx)
    const effects = await agreementEffectsToSign(act, text, termDays, obligations, longestEmbargoDays)
    const lapse = await lapseBy(act, applies, longestEmbargoDays)
    const longest = lapse.longestEmbargoDays
    if (lapse.isShort) mustBeSeen(seen, lapse.seen, lapse.earliest)
    if (effects) await useApproval(act, approval ?? needsTwo(), effects)
    const { version, appliesAt } = lapse
    const sealed = JSON.stringify({ text, termDays, obligations })
    await store.insertAgreement(act.tx, {
        version,
        text_ciphertext: await seal(act.tx, act.doors.keys, scope, placeOf(version), sealed),
        owes: periodsOf(obligations),
        longest_embargo_days: longest,
        created_at: act.now,
        applies_at: appliesAt,
    })
    await record(act, {
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
    /** The number that the new version would get. */
    readonly version: number
    readonly appliesAt: Instant
    /** As it was said, or as the rules say. */
    readonly longestEmbargoDays: number
    /** Who would be lapsed from then on, unless it accepts the version before. */
    readonly partners: readonly string[]
    /** Some of them would have less notice than the rules say: `seen` is handed in with the version. */
    readonly isShort: boolean
    readonly earliest: Instant
    readonly seen: string
}

/** Whom a new version that applies from then on would lapse; `seen` stands for this preview, and for no other version's. */
export async function lapseBy(act: Act, applies: Applies | undefined, longest?: number): Promise<AgreementLapse> {
    const longestEmbargoDays = longest ?? (await rulesNow(act, "consent")).rules.longestEmbargoDays
    const versions = await store.termsAt(act.tx, act.now)
    const inForce = inForceAt(versions, act.now)
    const { agreementNoticeDays } = (await rulesNow(act, "dues")).rules
    const appliesAt = applyingAt(applies, agreementNoticeDays, act.now, inForce === null)
    const version = (versions.at(-1)?.version ?? 0) + 1
    const standing = (await partnerFactsAt(act, act.now)).filter(
        (one) => reachesCases(one.standing) && one.agreement === "accepted",
    )
    const partners = standing.map(({ partner }) => partner).toSorted()
    const earliest = act.now + agreementNoticeDays * dayMs
    const isShort = partners.length > 0 && appliesAt < earliest
    const shown = { version, partners, applies: applies ?? "after its notice", longestEmbargoDays }
    const seen = createHash("sha256").update(canonicalBytes(shown)).digest("hex")
    return { version, appliesAt, longestEmbargoDays, partners, isShort, earliest, seen }
}

/** A lead accepts, for its partner, the version in force or one to come; done once more, the term begins anew. */
export async function acceptAgreement(act: Act, version: number): Promise<Acceptance> {
    const { partner, person } = mustBeLead(act)
    const row = await store.agreement(act.tx, version)
    if (!row) refuse("missing", "agreement.not_found", "no such agreement")
    const versions = await store.termsAt(act.tx, act.now)
    const terms = versions.find((one) => one.version === version)
    if (!terms || version < (inForceAt(versions, act.now) ?? 0) || isOvertaken(terms, versions)) {
        refuse("conflict", "agreement.not_newest", `version \`${version}\` is not the newest: read and accept that one`)
    }
    await lockPartner(act.tx, partner)
    const endless = (await store.acceptances(act.tx, act.now, partner)).find(
        (one) => one.version === version && one.endsAt === null,
    )
    if (endless) return endless
    const { termDays } = await open(act, row)
    const acceptance = {
        partner,
        version,
        person,
        at: act.now,
        endsAt: termEnd(termDays, Math.max(act.now, row.applies_at)),
    }
    await store.insertAcceptance(act.tx, acceptance)
    await record(act, { kind: "agreement.accepted", partner, version, endsAt: acceptance.endsAt })
    return acceptance
}

/** Every version, oldest first. */
export async function agreements(act: Act): Promise<Agreement[]> {
    const all: Agreement[] = []
    for (const row of await store.agreements(act.tx)) all.push(await open(act, row))
    return all
}

/** Whether a version has come to apply since an instant, and with it what was accepted of it before. */
export async function hasAgreementBegunSince(act: Act, after: Instant): Promise<boolean> {
    return await store.hasBegun(act.tx, after, act.now)
}

/** What a partner has accepted so far, in order. */
export async function acceptancesOf(act: Act, partner: string): Promise<Acceptance[]> {
    return await store.acceptances(act.tx, act.now, partner)
}

/** The obligation of this id in the newest agreement that this partner has accepted and that has one; null: it is under none. */
export async function acceptedObligation(
    act: Act,
    partner: string,
    id: string,
): Promise<{ readonly agreement: number; readonly obligation: Obligation } | null> {
    const versions = new Map((await agreements(act)).map((one) => [one.version, one.obligations]))
    for (const { version } of (await acceptancesOf(act, partner)).toReversed()) {
        const obligation = versions.get(version)?.find((one) => one.id === id)
        if (obligation) return { agreement: version, obligation }
    }
    return null
}

/** The latest of each partner that made one. */
export async function latestAcceptances(act: Act): Promise<ReadonlyMap<string, Acceptance>> {
    return new Map((await store.acceptances(act.tx, act.now, null)).map((one) => [one.partner, one]))
}

async function open(act: Act, row: store.AgreementRow): Promise<Agreement> {
    const sealed = await unseal(act.tx, act.doors.keys, scope, placeOf(row.version), row.text_ciphertext)
    const { text, termDays, obligations } = JSON.parse(sealed) as Pick<Agreement, "text" | "termDays" | "obligations">
    return {
        ...{ version: row.version, text, termDays, obligations },
        longestEmbargoDays: row.longest_embargo_days,
        ...{ since: row.created_at, appliesAt: row.applies_at },
    }
}
