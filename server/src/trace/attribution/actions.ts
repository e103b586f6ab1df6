/**
 * Attributes a leaked text to copies. Reads the leak against all delivered versions before it looks at any codeword.
 * The audit log records each look at codewords, as it does each use of a key.
 */
import { assertReadable } from "@tocsin/marks/align"
import type { Slot } from "@tocsin/marks/carriers/carrier"
import { rawText } from "@tocsin/marks/carriers/resolved-text"
import { Refusal, refuse } from "@tocsin/base/refusal"
import { LimitExceeded, runHereOrInThread } from "../../platform/sandbox/thread-pool.ts"
import { type Master, masterOf } from "../../share/artifacts/actions.ts"
import { type Delivered, deliveredVersions, unmarkedVersions } from "../../share/delivery/actions/list-exposure.ts"
import { type Marks, marksOfDelivered } from "../../share/marking/actions.ts"
import { countMaster } from "../../share/marking/actions/limit-master-reads.ts"
import { type ActionContext, record } from "../../kernel/action-context.ts"
import { personOf } from "../../kernel/actor.ts"
import { evidenceOf, openWith, sealWith } from "../evidence/actions.ts"
import { assertNotDeleted } from "../evidence/actions/hold-evidence.ts"
import { inPublicOf } from "../evidence/actions/find-similar.ts"
import { openAgain, textOf } from "../evidence/actions/read-evidence.ts"
import {
    type Attribution,
    type Result,
    alphaAlone,
    alphaDefault,
    validateAlpha,
    resultOf,
    verdictOf,
} from "./attribution.ts"
import { type Part, partsBeside } from "./leak-view.ts"
import { polledIn, slotsOfPolled, withoutCopies } from "./actions/recognise-polled-text.ts"
import { quotedIn } from "./actions/find-quotations.ts"
import { type Reading, weighReadings } from "./actions/weigh-readings.ts"
import * as store from "./store.ts"

/**
 * Weighs the copies of all partners and staff, of every version that the text can come from. Takes the versions of the
 * evidence's case, or of all cases where the evidence has none. `alpha` bounds the probability that an innocent
 * recipient is identified, over all tries on the case's leaks. `approval` is the signed approval: α above `alphaAlone`
 * needs one. Returns the attribution's id. Refuses `attribution.bad_alpha`, `attribution.needs_signature`,
 * `attribution.no_text` and `attribution.already_public`.
 */
export async function attribute(
    ctx: ActionContext,
    evidence: string,
    alpha = alphaDefault,
    approval: string | null = null,
): Promise<string> {
    validateAlpha(alpha)
    if (alpha > alphaAlone && approval === null) {
        refuse(
            "forbidden",
            "attribution.needs_signature",
            `an error above ${alphaAlone} needs a second signature: request an approval first`,
        )
    }
    const input = await evidenceOf(ctx, evidence)
    if (ctx.actor.kind === "operator") await openAgain(ctx, evidence)
    const leak = await textOf(ctx, evidence)
    if (leak === null)
        refuse(
            "conflict",
            "attribution.no_text",
            "no text can be read from this evidence: only a text can be attributed",
        )
    assertReadable(leak.length)
    if ((await inPublicOf(ctx, input, leak))?.isPublic) {
        refuse(
            "conflict",
            "attribution.already_public",
            "all of this text was public when it was observed: it cannot be attributed",
        )
    }
    await assertNotDeleted(ctx, evidence)
    const delivered = await deliveredVersions(ctx, input.case)
    const unmarked = await unmarkedVersions(ctx, input.case)
    const list = [...delivered, ...withoutCopies(unmarked, delivered)]
    const isLong = leak.length * list.length > charactersHereMax
    const read = await readAll(ctx, list, leak, isLong)
    const readings = read.filter(isOfCopies)
    const tested = await weighReadings(ctx, readings, { alpha, isLong, isSigned: approval !== null })
    const quoted = await quotedIn(ctx, leak)
    const result = resultOf(tested, alpha, delivered.length - readings.length, quoted)
    return await keep(ctx, evidence, { ...result, polled: polledIn(read, unmarked) }, approval)
}

/** One version as the text was read against it. `marks` is null where no copy was made, so no recipient has one. */
interface Read extends Omit<Reading, "marks"> {
    readonly slots: readonly Slot[]
    readonly marks: Marks | null
}

const isOfCopies = (reading: Read): reading is Read & Reading => reading.marks !== null && reading.recipients.length > 0

/** Largest product of a leak's characters and the number of versions that is faster to read without a thread. */
const charactersHereMax = 200_000

/** Reads the leak against each version with marks. Omits versions that exceed the limits of reading. */
async function readAll(
    ctx: ActionContext,
    delivered: readonly Delivered[],
    leak: string,
    isLong: boolean,
): Promise<Read[]> {
    const marked: (Omit<Read, "symbols" | "case"> & { readonly master: Master })[] = []
    for (const item of delivered) {
        const master = await masterOf(ctx, item.artifact, item.version)
        const marks = await marksOfDelivered(ctx, master)
        const slots = marks?.slots ?? (item.recipients.length === 0 ? await slotsOfPolled(ctx, item) : null)
        if (slots !== null) marked.push({ ...item, master, marks, slots })
    }
    const readings = marked.map(async ({ master, ...rest }) => {
        const compared = { name: master.name, master: rawText(master.content), slots: rest.slots, leak }
        const symbols = await runHereOrInThread(isLong, "read", compared).catch(nullIfBeyond)
        return symbols === null ? [] : [{ ...rest, case: master.case, symbols }]
    })
    return (await Promise.all(readings)).flat()
}

function nullIfBeyond(error: unknown): null {
    if (error instanceof LimitExceeded) return null
    throw error
}

async function keep(ctx: ActionContext, evidence: string, result: Result, approval: string | null): Promise<string> {
    await assertNotDeleted(ctx, evidence)
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
        result_ciphertext: await sealWith(ctx, evidence, `attributions.result:${id}`, JSON.stringify(result)),
        created_by: personOf(ctx.actor),
        at: ctx.now,
    })
    const read = documents.map((document) => `${document.artifact}:${document.version}`)
    if (tests > 0) await record(ctx, { kind: "marks.codewords_read", evidence, versions: read }, true)
    const identified = best?.findings.identified ?? []
    const identifiedElsewhere = result.others.flatMap((tested) =>
        tested.findings.identified.map((recipient) => `${tested.artifact}:${tested.version} ${recipient}`),
    )
    const quoted = [...new Set(result.quoted?.found.map(({ recipient }) => recipient))]
    const about = { attribution: id, evidence, artifact, version, verdict, alpha, approval }
    await record(ctx, { kind: "attribution.created", ...about, identified, identifiedElsewhere, quoted }, true)
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

/** Lists the attributions of one piece of evidence, newest first. Records the look. */
export async function attributionsOf(ctx: ActionContext, evidence: string): Promise<Attribution[]> {
    await evidenceOf(ctx, evidence)
    const found = await attributionsKept(ctx, evidence)
    await record(ctx, { kind: "attribution.read", evidence }, true)
    return found
}

/** Lists the attributions of one piece of evidence. The caller records the look. */
export async function attributionsKept(ctx: ActionContext, evidence: string): Promise<Attribution[]> {
    const found: Attribution[] = []
    for (const row of await store.listAttributions(ctx.tx, evidence)) found.push(await present(ctx, row))
    return found
}

/**
 * Returns the parts of the master around the slots that the leak shows, with each slot as it was read. Returns none
 * where the text fits no delivered version. Records the look with the version, because the reader sees these parts
 * without marks. Counts as a read of the master. Refuses `attribution.not_found` and `mark.too_many_reads`.
 */
export async function besideOf(ctx: ActionContext, id: string): Promise<Part[]> {
    const { evidence, result } = await attributionWith(ctx, id)
    const { best } = result
    const master = best && (await masterOf(ctx, best.artifact, best.version))
    if (master !== null) await countMaster(ctx, master)
    const shown = best && { artifact: best.artifact, version: best.version }
    await record(ctx, { kind: "attribution.read", evidence, ...shown }, true)
    if (best === null || master === null) return []
    const marks = await marksOfDelivered(ctx, master)
    return marks === null ? [] : partsBeside(rawText(master.content), marks.slots, best.symbols)
}

/** Loads one attribution. The caller records the look. Refuses `attribution.not_found`. */
export async function attributionWith(ctx: ActionContext, id: string): Promise<Attribution> {
    const row = await store.findAttribution(ctx.tx, id)
    return row ? await present(ctx, row) : refuse("missing", "attribution.not_found", "no such attribution")
}

async function present(ctx: ActionContext, row: store.AttributionRow): Promise<Attribution> {
    const { id, evidence, verdict, at, created_by: madeBy } = row
    const text = await openWith(ctx, evidence, `attributions.result:${id}`, row.result_ciphertext)
    // Early attributions kept the best version only.
    const kept = JSON.parse(text) as Omit<Result, "others" | "quoted" | "polled"> & Partial<Result>
    const result = { ...kept, others: kept.others ?? [], quoted: kept.quoted ?? null, polled: kept.polled ?? [] }
    return { id, evidence, verdict, at, madeBy, result }
}
