/**
 * Tells whose copy a leaked text fits. The leak is read against everything that was handed out before anybody's
 * word is looked at; that a word was looked at is on record, as the use of a key is.
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
import { type Part, partsBeside } from "./similar-cases.ts"
import { polledIn, slotsOfPolled, withoutCopies } from "./actions/find-polled.ts"
import { quotedIn } from "./actions/find-quotations.ts"
import { type Reading, weighReadings } from "./actions/weigh-readings.ts"
import * as store from "./store.ts"

/**
 * Weighs everybody with a copy of a version which the text could be from, persons of the operator too: of the evidence's
 * case, or of all where it has none. `alpha`: anybody innocent is named with this probability at most, over everything that is
 * tried on the case's leaks. `approval`: what a second person signed, without which α has a limit. Returns the attribution's id.
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
    if (leak === null) refuse("conflict", "attribution.no_text", "nothing of it can be read: only a text is attributed")
    assertReadable(leak.length)
    if ((await inPublicOf(ctx, input, leak))?.isPublic) {
        refuse(
            "conflict",
            "attribution.already_public",
            "all of it was public when it was seen: it speaks against nobody",
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

/** A version as the text was read against it; `marks` is null where no copy was made, so that nobody has one. */
interface Read extends Omit<Reading, "marks"> {
    readonly slots: readonly Slot[]
    readonly marks: Marks | null
}

const isOfCopies = (reading: Read): reading is Read & Reading => reading.marks !== null && reading.recipients.length > 0

/** A leak of so many characters, times the versions that it is read against, takes less time than starting threads does. */
const charactersHereMax = 200_000

/** Against each version that carries marks; what is beyond all reading is left out. */
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

/** The step that follows a filed leak: once, however often it runs. */
export async function attributeLeak(ctx: ActionContext, evidence: string): Promise<void> {
    if ((await store.listAttributions(ctx.tx, evidence)).length > 0) return
    try {
        await attribute(ctx, evidence)
    } catch (error) {
        if (!(error instanceof Refusal)) throw error
        await record(ctx, { kind: "attribution.failed", evidence, code: error.code }, true)
    }
}

/** What was found out about one piece of evidence, newest first; the look is on record. */
export async function attributionsOf(ctx: ActionContext, evidence: string): Promise<Attribution[]> {
    await evidenceOf(ctx, evidence)
    const found = await attributionsKept(ctx, evidence)
    await record(ctx, { kind: "attribution.read", evidence }, true)
    return found
}

/** The same, for acts that record themselves what they did with it. */
export async function attributionsKept(ctx: ActionContext, evidence: string): Promise<Attribution[]> {
    const found: Attribution[] = []
    for (const row of await store.listAttributions(ctx.tx, evidence)) found.push(await present(ctx, row))
    return found
}

/**
 * Those parts of the master that the leak shows, with each slot as it was read; none where the text is from nothing that
 * was handed out. The look is on record, with the version: whoever looks has these parts without marks. It counts as a read
 * of the master. Refuses `attribution.not_found` and `mark.too_many_reads`.
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

/** For acts that record themselves what they did with it. Refuses `attribution.not_found`. */
export async function attributionWith(ctx: ActionContext, id: string): Promise<Attribution> {
    const row = await store.findAttribution(ctx.tx, id)
    return row ? await present(ctx, row) : refuse("missing", "attribution.not_found", "no such attribution")
}

async function present(ctx: ActionContext, row: store.AttributionRow): Promise<Attribution> {
    const { id, evidence, verdict, at, created_by: madeBy } = row
    const text = await openWith(ctx, evidence, `attributions.result:${id}`, row.result_ciphertext)
    // Of what was attributed before all versions were kept, the best alone is.
    const kept = JSON.parse(text) as Omit<Result, "others" | "quoted" | "polled"> & Partial<Result>
    const result = { ...kept, others: kept.others ?? [], quoted: kept.quoted ?? null, polled: kept.polled ?? [] }
    return { id, evidence, verdict, at, madeBy, result }
}
