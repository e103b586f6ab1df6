/** Attributes a leak to the copies that it can come from. */
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import {
    type AttributionResult,
    alphaDefault,
    alphaOnePersonMax,
    resultOf,
    validateAlpha,
    verdictOf,
} from "../attribution.ts"
import { Refusal, refuse } from "@tocsin/base/refusal"
import { encryptForEvidence, loadEvidence } from "../../evidence/actions/load-evidence.ts"
import { findText, retryExtraction } from "../../evidence/actions/read-evidence.ts"
import { assertReadable } from "@tocsin/marks/align"
import { findPublicMatch } from "../../evidence/actions/find-similar.ts"
import { lockEvidence } from "../../evidence/actions/hold-evidence.ts"
import {
    type DeliveredVersion,
    listDeliveredVersions,
    listUnmarkedVersions,
} from "../../../share/delivery/actions/list-exposure.ts"
import { findPolledSlots, polledVersionsIn, servedOnlyUnmarked } from "./recognise-polled-text.ts"
import { type Reading, weighReadings } from "./weigh-readings.ts"
import { findQuotations } from "./find-quotations.ts"
import type { Slot } from "@tocsin/marks/carriers/carrier"
import { type Marks, findDeliveredMarks } from "../../../share/marking/actions/mark-copy.ts"
import { type Master, findMaster } from "../../../share/artifacts/actions/load-artifacts.ts"
import { rawText } from "@tocsin/marks/carriers/resolved-text"
import { LimitExceeded, runHereOrInThread } from "../../../platform/sandbox/thread-pool.ts"
import * as store from "../store.ts"
import { personOf } from "../../../kernel/actor.ts"

/**
 * Weighs the copies of all partners and staff, of every version that the text can come from. Takes the versions of the
 * evidence's case, or of all cases where the evidence has none. `alpha` bounds the probability that an innocent
 * recipient is identified, over all tries on the case's leaks. `approval` is the signed approval: α above
 * `alphaOnePersonMax` needs one. Returns the attribution's id. Refuses `attribution.bad_alpha`,
 * `attribution.needs_signature`, `attribution.no_text` and `attribution.already_public`.
 */
export async function attribute(
    ctx: ActionContext,
    evidence: string,
    alpha = alphaDefault,
    approval: string | null = null,
): Promise<string> {
    validateAlpha(alpha)
    if (alpha > alphaOnePersonMax && approval === null) {
        refuse(
            "forbidden",
            "attribution.needs_signature",
            `an error above ${alphaOnePersonMax} needs a second signature: request an approval first`,
            { max: alphaOnePersonMax },
        )
    }
    const piece = await loadEvidence(ctx, evidence)
    if (ctx.actor.kind === "operator") await retryExtraction(ctx, evidence)
    const leak = await findText(ctx, evidence)
    if (leak === null)
        refuse(
            "conflict",
            "attribution.no_text",
            "no text can be read from this evidence: only a text can be attributed",
        )
    assertReadable(leak.length)
    if ((await findPublicMatch(ctx, piece, leak))?.isPublic) {
        refuse(
            "conflict",
            "attribution.already_public",
            "all of this text was public when it was observed: it cannot be attributed",
        )
    }
    await lockEvidence(ctx, evidence)
    const delivered = await listDeliveredVersions(ctx, piece.case)
    const unmarked = await listUnmarkedVersions(ctx, piece.case)
    const versions = [...delivered, ...servedOnlyUnmarked(unmarked, delivered)]
    const isLong = leak.length * versions.length > withoutThreadMax
    const versionReadings = await readVersions(ctx, versions, leak, isLong)
    const readings = versionReadings.filter(hasCopies)
    const tested = await weighReadings(ctx, readings, { alpha, isLong, isSigned: approval !== null })
    const quoted = await findQuotations(ctx, leak)
    const result = resultOf(tested, alpha, delivered.length - readings.length, quoted)
    return await saveAttribution(
        ctx,
        evidence,
        { ...result, polled: polledVersionsIn(versionReadings, unmarked) },
        approval,
    )
}

/** One version as the text was read against it. `marks` is null where no copy was made, so no recipient has one. */
interface VersionReading extends Omit<Reading, "marks"> {
    readonly slots: readonly Slot[]
    readonly marks: Marks | null
}

const hasCopies = (reading: VersionReading): reading is VersionReading & Reading =>
    reading.marks !== null && reading.recipients.length > 0

/** Largest product of a leak's characters and the number of versions that is faster to read without a thread. */
const withoutThreadMax = 200_000

/**
 * Reads the leak against each version with marks. Omits versions that exceed the limits of reading, and those of cases
 * whose content was deleted.
 */
async function readVersions(
    ctx: ActionContext,
    delivered: readonly DeliveredVersion[],
    leak: string,
    isLong: boolean,
): Promise<VersionReading[]> {
    const readable: (Omit<VersionReading, "symbols" | "case"> & { readonly master: Master })[] = []
    for (const item of delivered) {
        const master = await findMaster(ctx, item.artifact, item.version)
        if (master === null) continue
        const marks = await findDeliveredMarks(ctx, master)
        const slots = marks?.slots ?? (item.recipients.length === 0 ? await findPolledSlots(ctx, item) : null)
        if (slots !== null) readable.push({ ...item, master, marks, slots })
    }
    const readings = readable.map(async ({ master, ...rest }) => {
        const compared = { name: master.name, master: rawText(master.content), slots: rest.slots, leak }
        const symbols = await runHereOrInThread(isLong, "read", compared).catch(nullIfLimitExceeded)
        return symbols === null ? [] : [{ ...rest, case: master.case, symbols }]
    })
    return (await Promise.all(readings)).flat()
}

function nullIfLimitExceeded(error: unknown): null {
    if (error instanceof LimitExceeded) return null
    throw error
}

async function saveAttribution(
    ctx: ActionContext,
    evidence: string,
    result: AttributionResult,
    approval: string | null,
): Promise<string> {
    await lockEvidence(ctx, evidence)
    const id = ctx.services.newId()
    const { best, documents, tests, alpha } = result
    const [artifact, version] = [best?.artifact ?? null, best?.version ?? null]
    const verdict = verdictOf(result)
    await store.insertAttribution(ctx.tx, {
        id,
        evidence,
        artifact,
        version,
        verdict,
        result_ciphertext: await encryptForEvidence(ctx, evidence, `attributions.result:${id}`, JSON.stringify(result)),
        created_by: personOf(ctx.actor),
        at: ctx.now,
    })
    const versions = documents.map((document) => `${document.artifact}:${document.version}`)
    if (tests > 0) await record(ctx, { kind: "marks.codewords_read", evidence, versions }, true)
    const identified = best?.findings.identified ?? []
    const identifiedElsewhere = result.others.flatMap((tested) =>
        tested.findings.identified.map((recipient) => `${tested.artifact}:${tested.version} ${recipient}`),
    )
    const quoted = [...new Set(result.quoted?.found.map(({ recipient }) => recipient))]
    const facts = { attribution: id, evidence, artifact, version, verdict, alpha, approval }
    await record(ctx, { kind: "attribution.created", ...facts, identified, identifiedElsewhere, quoted }, true)
    return id
}

/** Attributes a new leak once, however often the event handler runs. Records a refusal as `attribution.failed`. */
export async function attributeLeak(ctx: ActionContext, evidence: string): Promise<void> {
    if ((await store.listAttributions(ctx.tx, evidence)).length > 0) return
    try {
        await attribute(ctx, evidence)
    } catch (error) {
        if (!(error instanceof Refusal)) throw error
        await record(ctx, { kind: "attribution.failed", evidence, code: error.code }, true)
    }
}
