/**
 * Proposes changes to the next release of a case's classes, so that a leak reveals more. For members of an inquiry who
 * read evidence. It reads no codeword, and shows no partner's probability.
 */
import { endingOf, markedEndings } from "@tocsin/marks/carriers/registry"
import { unmarkedText } from "@tocsin/marks/carriers/resolved-text"
import { isLasting } from "@tocsin/marks/evidence/reach"
import { hourMs } from "@tocsin/base/instant"
import { canariesIn } from "@tocsin/marks/canary"
import { type Artifact, listArtifacts } from "../../../share/artifacts/actions/load-artifacts.ts"
import { type ArtifactClass, artifactClasses, polledClasses } from "../../../share/artifacts/artifact.ts"
import { mayHaveCanaries } from "../../../share/artifacts/canary-use.ts"
import { findClosure } from "../../../share/cases/actions/load-case.ts"
import { assertOpen } from "../../../share/cases/case.ts"
import { type Entitlement, loadMatrix } from "../../../share/entitlement/actions/decide-access.ts"
import { loadVersionDesign } from "../../../share/marking/actions/mark-copy.ts"
import { loadActiveDesign } from "../../../share/marking/actions/set-code-design.ts"
import { listWaves } from "../../../share/waves/actions.ts"
import type { Wave } from "../../../share/waves/wave.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { listPartnerFacts } from "../../../trust/partners/actions/load-facts.ts"
import { hasCaseAccess } from "../../../trust/partners/partner.ts"
import { readCrossCaseEvidence } from "../../attribution/actions/read-cross-case-evidence.ts"
import { loadInquiry } from "../../inquiries/actions/open-inquiry.ts"
import { weightOf } from "../../inquiries/inquiry.ts"
import { modelFor } from "../information-model.ts"
import { type Document, type Options, type Recipient, type Release, bounds, optionsOf } from "../options.ts"
import { validateColluders } from "../instruction.ts"
import { type PriorWeightInput, priorWeightsOf } from "../prior-weights.ts"

export interface ClassOptions extends Options {
    readonly class: ArtifactClass
    readonly recipients: number
    readonly documents: readonly Pick<Document, "artifact" | "version" | "hasCodewords">[]
    /** Slots of all documents that survive formatters. */
    readonly lasting: number
}

/**
 * Proposes changes for each class with recipients before publication, and records the read. Refuses
 * `inquiry.not_found`.
 */
export async function listOptions(
    ctx: ActionContext,
    inquiry: string,
    caseId: string,
    assumedColluders: number,
): Promise<ClassOptions[]> {
    const { hypotheses } = await loadInquiry(ctx, inquiry)
    validateColluders(assumedColluders)
    assertOpen(await findClosure(ctx, caseId))
    const { ranking } = await readCrossCaseEvidence(ctx)
    const facts = (await listPartnerFacts(ctx, ctx.now)).filter(({ status }) => hasCaseAccess(status))
    const priorInput: Omit<PriorWeightInput, "recipients"> = {
        weights: new Map(hypotheses.map((hypothesis) => [hypothesis.key, weightOf(hypothesis)])),
        log10e: new Map(ranking.map(({ recipient, log10e }) => [recipient, log10e])),
        partners: facts.map(({ partner }) => partner).toSorted(),
    }
    const found: ClassOptions[] = []
    for (const { class: kind, release } of await loadReleases(ctx, caseId)) {
        const recipients = new Set(release.recipients.map(({ partner }) => partner))
        const options = optionsOf(
            priorWeightsOf({ ...priorInput, recipients }),
            release,
            modelFor(assumedColluders),
            bounds,
        )
        const lasting = release.documents.reduce((sum, document) => sum + document.lasting.length, 0)
        const documents = release.documents.map(({ artifact, version, hasCodewords }) => ({
            artifact,
            version,
            hasCodewords,
        }))
        found.push({ class: kind, recipients: recipients.size, documents, lasting, ...options })
    }
    await record(ctx, { kind: "inquiry.read", inquiry, about: "planning", case: caseId }, true)
    return found
}

async function loadReleases(ctx: ActionContext, caseId: string): Promise<{ class: ArtifactClass; release: Release }[]> {
    const artifacts = (await listArtifacts(ctx, caseId)).filter(({ recalled }) => !recalled)
    const waves = (await listWaves(ctx, caseId)).filter(
        (wave) => wave.releasedAt === null && wave.tier !== "publication",
    )
    const { entitlements } = await loadMatrix(ctx, caseId, { nothingOverdue: true })
    const found: { class: ArtifactClass; release: Release }[] = []
    for (const kind of artifactClasses) {
        const entries = artifacts.filter((artifact) => artifact.class === kind)
        const ids = new Set(entries.map(({ id }) => id))
        const recipients = recipientsOf(
            entitlements.filter(({ artifact, decision }) => ids.has(artifact) && decision.grantedClass === kind),
            waves,
        )
        if (recipients.length === 0) continue
        const documents: Document[] = []
        for (const artifact of entries) documents.push(await loadDocument(ctx, artifact))
        const isPolledUnmarked = polledClasses.includes(kind) && !ctx.services.marksTaxiiTexts
        found.push({ class: kind, release: { documents, recipients, isPolledUnmarked } })
    }
    return found
}

/** Lists each recipient with the earliest wave that is still to be released. */
function recipientsOf(entitlements: readonly Entitlement[], waves: readonly Wave[]): Recipient[] {
    const hours = new Map<string, number>()
    for (const { partner, decision } of entitlements) {
        for (const { tier, offsetMs } of waves) {
            if (!decision.waves.includes(tier)) continue
            hours.set(partner, Math.max(hours.get(partner) ?? 0, -offsetMs / hourMs))
        }
    }
    return [...hours].map(([partner, value]) => ({ partner, hours: value }))
}

async function loadDocument(ctx: ActionContext, { id, name, class: kind, version }: Artifact): Promise<Document> {
    const drawing = markedEndings.includes(endingOf(name)) ? await loadVersionDesign(ctx, id, version) : null
    const mayHaveCanary = mayHaveCanaries({ class: kind, name })
    if (drawing === null) {
        const none = { lasting: [], design: 2, hasCodewords: true, hasCanary: false, mayHaveCanary: false } as const
        return { artifact: id, version, ...none }
    }
    const { design: drawn, slots, master } = drawing
    return {
        artifact: id,
        version,
        lasting: slots.filter(isLasting),
        design: drawn ?? (await loadActiveDesign(ctx, master)),
        hasCodewords: drawn !== null,
        hasCanary: mayHaveCanary && canariesIn(unmarkedText(master.name, master.content)).length > 0,
        mayHaveCanary,
    }
}
