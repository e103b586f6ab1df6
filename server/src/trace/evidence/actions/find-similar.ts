/**
 * Finds similar evidence and public texts. Fingerprints are keyed under the key-encryption key, so that the tables
 * reveal no text.
 */
import { createHmac } from "node:crypto"
import { leakCharsMax } from "@tocsin/marks/align"
import { type Fingerprint, type Seed, keepFingerprints, computeFingerprints } from "@tocsin/marks/text-fingerprints"
import { proseTokens } from "@tocsin/marks/tokens"
import { listPublicForms } from "../../../share/publication/actions/compare-texts.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { loadEvidence } from "./load-evidence.ts"
import type { Evidence } from "../evidence.ts"
import {
    type SimilarText,
    type PublicMatch,
    selectSimilar,
    bestMatchOf,
    percent,
    publicWordsMin,
} from "../similarity.ts"
import * as store from "../store/text-fingerprints.ts"
import { lockEvidenceIfPresent } from "./hold-evidence.ts"
import { findText } from "./read-evidence.ts"

export interface SimilarEvidence {
    /** Other evidence with the same bytes. */
    readonly identical: readonly string[]
    readonly similar: readonly SimilarText[]
    /** Null where no public text covers enough of it. */
    readonly inPublic: PublicMatch | null
    /** The number of other leaks without fingerprints. */
    readonly withoutFingerprints: number
}

/** Largest number of fingerprints of a text. More would not make the shares usefully more exact. */
const fingerprintsMax = 4096
/** Earlier leaks get fingerprints at this rate. */
const fingerprintedPerCallMax = 20

/** Finds similar evidence, on request and automatically for a new leak. Records the read. */
export async function findSimilarEvidence(ctx: ActionContext, evidence: string): Promise<SimilarEvidence> {
    const piece = await loadEvidence(ctx, evidence)
    for (const evidenceId of await store.listWithoutFingerprints(ctx.tx, evidence, fingerprintedPerCallMax))
        await saveFingerprints(ctx, evidenceId)
    const result = {
        identical: await store.listIdentical(ctx.tx, evidence),
        similar: selectSimilar(await store.listOverlaps(ctx.tx, evidence)),
        inPublic: await findPublicMatch(ctx, piece, await findText(ctx, evidence)),
        withoutFingerprints: await store.countWithoutFingerprints(ctx.tx),
    }
    const counts = {
        equal: result.identical.length,
        similar: result.similar.length,
        inPublic: result.inPublic?.isPublic ?? false,
    }
    await record(ctx, { kind: "evidence.compared", evidence, ...counts }, true)
    return result
}

async function saveFingerprints(ctx: ActionContext, evidence: string): Promise<void> {
    const { level, prints } = keepFingerprints(fingerprintsOf(ctx, await findText(ctx, evidence)), fingerprintsMax)
    const key = ctx.services.keys.derive("evidence/prints", 32)
    const rows = prints.map(({ value, depth }) => {
        const fingerprint = createHmac("sha256", key).update(String(value)).digest().subarray(0, 12)
        return { fingerprint, depth }
    })
    if (await lockEvidenceIfPresent(ctx, evidence)) await store.insertFingerprints(ctx.tx, evidence, level, rows)
}

/** Finds the public text of this case, or of any, that covers most of it. Returns null for a text that is too short. */
export async function findPublicMatch(
    ctx: ActionContext,
    evidence: Evidence,
    text: string | null,
): Promise<PublicMatch | null> {
    if (text === null || proseTokens(text.slice(0, leakCharsMax)).length < publicWordsMin) return null
    const prints = fingerprintsOf(ctx, text)
    const matches: Omit<PublicMatch, "isPublic">[] = []
    for (const { advisory, at, forms } of await listPublicForms(ctx, evidence.case)) {
        const isSameFile = forms.some((form) => form.sha256 === evidence.sha256)
        const texts = forms.flatMap((form) => form.texts)
        const publicValues = new Set(texts.flatMap((text) => fingerprintsOf(ctx, text).map(({ value }) => value)))
        const shared = prints.filter(({ value }) => publicValues.has(value)).length
        const whole = text.length > leakCharsMax ? Infinity : prints.length
        matches.push({ advisory, publicSince: at, percent: isSameFile ? 100 : percent(shared, whole) })
    }
    return bestMatchOf(matches, evidence.observedAt)
}

function fingerprintsOf(ctx: ActionContext, text: string | null): Fingerprint[] {
    const seeds = ctx.services.keys.derive("evidence/seed", 8)
    const seed: Seed = [seeds.readInt32LE(0), seeds.readInt32LE(4)]
    return computeFingerprints(proseTokens((text ?? "").slice(0, leakCharsMax)), seed)
}
