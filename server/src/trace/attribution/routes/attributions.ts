/** Routes of attributions, for investigators. Each e-value has its verbal equivalent, and each answer its caution. */
import { type Instant, formatInstant } from "@tocsin/base/instant"
import { type CopyOwner, separateOwners, ownerOf } from "@tocsin/marks/recipient"
import { type ActionContext, route } from "../../../kernel/action-context.ts"
import { readAttributions, readLeakView } from "../actions/load-attributions.ts"
import { type OtherHolders, listUnmarkedHolders, findOtherHolders, listCopyMakers } from "../actions/list-holders.ts"
import { liftHold } from "../actions/lift-hold.ts"
import { attributeWithAlpha } from "../actions/attribute-with-alpha.ts"
import { supportOf, missingSlotsOf } from "@tocsin/marks/evidence/hypotheses"
import { type Attribution, type TestedVersion, describeSpending, summaryOf } from "../attribution.ts"
import { hypothesesOf, hypothesesWithoutCopies, runnerUpOf } from "@tocsin/marks/evidence/hypotheses"
import { cautions, scale } from "../caution.ts"
import type { Quotations } from "../quotation.ts"
import { crossCaseEvidenceRoute } from "./cross-case-evidence.ts"
import { byId } from "../../../kernel/schemas.ts"
import {
    attributeEvidenceAnswer,
    attributeEvidenceBody,
    attributionsAnswer,
    attributionsQuery,
    liftHoldAnswer,
    liftHoldBody,
    masterAnswer,
} from "../schemas.ts"

const noHolders: OtherHolders = { masterReaders: [], polled: [], reproducedBy: [], keyHolders: [] }

async function presentAttribution(ctx: ActionContext, attribution: Attribution) {
    const { result, at, ...rest } = attribution
    const otherHolders = await findOtherHolders(ctx, attribution)
    const { alpha, tests, untested, documents, quoted, polled } = result
    // Where the text is polled unmarked, a version that was not recognised counts against no recipient.
    const isOther = polled.length > 0 && result.best?.findings.verdict === "unrelated"
    const best = isOther ? null : result.best
    return {
        ...rest,
        alpha,
        tests,
        untested,
        documents: documents.map(presentDocument),
        budget: presentBudget(best),
        at: formatInstant(at),
        summary: summaryOf(result),
        caution: cautions.copy,
        quoted: quoted && (await presentQuotations(ctx, quoted, at)),
        best: best && presentBest(best, otherHolders ?? noHolders, isPolled(best, polled)),
        polled: (await listUnmarkedHolders(ctx, attribution)).map((holders) => ({
            ...holders,
            partners: [...holders.partners],
        })),
    }
}

function presentBudget(best: TestedVersion | null) {
    if (best?.spending === undefined) return null
    const { factor: _, restored = false, ...spending } = best.spending
    return { ...spending, restored, text: describeSpending(best.spending) }
}

async function presentQuotations(ctx: ActionContext, { found, log10e, ...rest }: Quotations, at: Instant) {
    const canaries = []
    for (const canary of found) {
        const { recipient, ...canaryFields } = canary
        const { reproducedBy, keyHolders } = await listCopyMakers(ctx, canary, at)
        const owner = canaryFields.decoy ? noOwner : ownerOf(recipient)
        canaries.push({ ...canaryFields, ...owner, reproducedBy: [...reproducedBy], keyHolders: [...keyHolders] })
    }
    return { ...rest, log10e, support: supportOf(log10e), caution: cautions.canary, found: canaries }
}

function presentDocument({ identified, ...rest }: Attribution["result"]["documents"][number]) {
    const { partners, people } = separateOwners(identified)
    return { ...rest, identified: partners, identifiedPeople: people }
}

const noOwner: CopyOwner = { partner: null, person: null }

const isPolled = (best: TestedVersion, polled: Attribution["result"]["polled"]): boolean =>
    polled.some(
        (artifactVersion) => artifactVersion.artifact === best.artifact && artifactVersion.version === best.version,
    )

function presentBest(
    { artifact, version, findings: values }: TestedVersion,
    { masterReaders, polled, reproducedBy, keyHolders }: OtherHolders,
    isPolledText: boolean,
) {
    // All recipients of the unmarked text hold the same text, so it counts against no copy.
    const isUnmarked = values.unmarked.explains || isPolledText
    const findings = isUnmarked ? { ...values, ranking: [], together: [], typographyLayer: null } : values
    const { slots, ranking, together, threshold, unmarked, tests, typographyLayer } = findings
    const runnerUp = runnerUpOf(findings)
    return {
        artifact,
        version,
        slots,
        threshold,
        unmarked,
        missingSlots: missingSlotsOf(findings),
        ranking: ranking.map(({ recipient, log10e, identified, fits }) => ({
            ...ownerOf(recipient),
            log10e,
            support: supportOf(log10e),
            identified,
            mismatches: slots.read - fits,
        })),
        together: together.map(({ recipients, log10e }) => ({ ...separateOwners(recipients), log10e })),
        typographyLayer: typographyLayer && {
            ...typographyLayer,
            fits: typographyLayer.fits.map(({ recipient, log10e }) => ({ ...ownerOf(recipient), log10e })),
        },
        tests,
        runnerUp: runnerUp && ownerOf(runnerUp.recipient),
        hypotheses: (isUnmarked ? hypothesesWithoutCopies(values) : hypothesesOf(values)).map(
            ({ recipient, ...rest }) => ({
                ...rest,
                ...(recipient === null ? noOwner : ownerOf(recipient)),
            }),
        ),
        scale,
        otherHolders: {
            masterReaders: [...masterReaders],
            polled: [...polled],
            reproducedBy: [...reproducedBy],
            keyHolders: [...keyHolders],
        },
    }
}

async function presentAttributions(ctx: ActionContext, evidence: string) {
    const attributions = []
    for (const attribution of await readAttributions(ctx, evidence))
        attributions.push(await presentAttribution(ctx, attribution))
    return { attributions }
}

const console = { side: "console" as const }

export const routes = [
    crossCaseEvidenceRoute,
    route(
        {
            ...console,
            method: "POST",
            path: "/api/evidence/{id}/attribute",
            permission: "evidence:write",
            summary:
                "Attributes a leaked text again, with a chosen error over all tries on its case. Above 0.001, " +
                "requests an approval; with the signed approval, attributes the text",
            params: byId,
            body: attributeEvidenceBody,
            answer: attributeEvidenceAnswer,
        },
        async (ctx) => {
            const outcome = await attributeWithAlpha(ctx, ctx.params.id, ctx.body)
            return { ...outcome, ...(await presentAttributions(ctx, ctx.params.id)) }
        },
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/evidence/{id}/hold/lift",
            permission: "evidence:write",
            summary: "Requests the end of a legal hold; with the signed approval, lifts the hold",
            params: byId,
            body: liftHoldBody,
            answer: liftHoldAnswer,
        },
        async ({ params, body, ...ctx }) => ({ ...(await liftHold(ctx, params.id, body)) }),
    ),
    route(
        {
            ...console,
            method: "GET",
            path: "/api/attributions",
            permission: "evidence:read",
            summary: "Lists the attributions of one piece of evidence, newest first, and records the read",
            query: attributionsQuery,
            answer: attributionsAnswer,
        },
        async (ctx) => await presentAttributions(ctx, ctx.query.evidence),
    ),
    route(
        {
            ...console,
            method: "GET",
            path: "/api/attributions/{id}/master",
            permission: "evidence:read",
            summary:
                "Returns the parts of the master that the leak shows, with each slot as it was read, and " +
                "records the read",
            params: byId,
            answer: masterAnswer,
        },
        async (ctx) => {
            const { parts, slots } = await readLeakView(ctx, ctx.params.id)
            return { parts: parts.map((part) => [...part]), slots: [...slots] }
        },
    ),
]
