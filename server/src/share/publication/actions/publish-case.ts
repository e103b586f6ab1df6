/**
 * Publication to the world, and its corrections. It hangs on the recorded end of the embargo: every form of the case becomes
 * public in one transaction, or none does. What is corrected under two signatures becomes a revision of the same advisory.
 *
 * What is told: the facts of the case, and of its texts the summaries and the guidance that waves opened, which two people
 * let out; never what is TLP:RED, recalled, or frozen. A case without any such text is published with its facts.
 */
import { createHash } from "node:crypto"
import type { AdvisoryContent } from "@tocsin/formats/advisory/advisory"
import { placesOf } from "@tocsin/formats/csaf/issues"
import { refuse } from "@tocsin/base/refusal"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import type { Master } from "../../artifacts/actions.ts"
import { recalledAt } from "../../artifacts/actions/find-recalls.ts"
import { type CaseFile, caseFile } from "../../cases/actions.ts"
import { entriesOf } from "../documents.ts"
import * as store from "../store.ts"
import {
    deniesUnseen,
    denialsIn,
    hasToBePublic,
    publicMasters,
    publicTexts,
    textsIn,
    textsOf,
} from "../../release/actions/load-public-texts.ts"
import { type Draft, firstDraft, nextDraftAfter } from "./draft-advisory.ts"
import { signTexts } from "./sign-texts.ts"

/** The id of the advisory of a case; null before its publication. */
export async function advisoryIdOf(ctx: ActionContext, caseId: string): Promise<string | null> {
    return (await store.findAdvisory(ctx.tx, caseId))?.id ?? null
}

/** All that the case has to tell becomes public now. Once: what is published already stays as it is. */
export async function publishCase(ctx: ActionContext, caseId: string): Promise<void> {
    await store.lockToPublish(ctx.tx)
    if (await store.findAdvisory(ctx.tx, caseId)) return
    const input = await caseFile(ctx, caseId)
    if (!hasToBePublic(input, ctx)) return
    const texts = await publicTexts(ctx, caseId)
    if (await deniesUnseen(ctx, input, texts)) refuseDenial()
    const { year, number, ...draft } = await firstDraft(ctx, input, texts)
    const { id } = draft.advisory
    await store.insertAdvisory(ctx.tx, {
        ...{ case: caseId, id, year, number },
        publishedAt: ctx.now,
        revisedAt: ctx.now,
    })
    await write(ctx, draft)
    await record(ctx, { kind: "advisory.published", case: caseId, advisory: id, revision: 1 })
}

function refuseDenial(): never {
    refuse(
        "conflict",
        "publication.denies_exploitation",
        "the public text denies exploitation that is reported: release a corrected text, amend the case with a second signature, or before publication dismiss false reports",
    )
}

/** Whether the world was told of this case. */
export async function isPublished(ctx: ActionContext, caseId: string): Promise<boolean> {
    return (await store.findAdvisory(ctx.tx, caseId)) !== undefined
}

/**
 * A revision of what is published, where the case now tells anything else; before publication, nothing. Refuses
 * `publication.denies_exploitation` for a denial that is not public yet and that no signer saw with the reports.
 */
export async function correctAdvisory(ctx: ActionContext, caseId: string): Promise<void> {
    await store.lockToPublish(ctx.tx)
    const row = await store.findAdvisory(ctx.tx, caseId)
    if (!row) return
    const before = await store.listRevisions(ctx.tx, row.id)
    const published = before.at(-1)?.content ?? null
    const [input, masters] = [await caseFile(ctx, caseId), await publicMasters(ctx, caseId, [])]
    const denies = await deniesUnseen(ctx, input, textsOf(masters), published)
    const [shown, texts] = denies ? withoutDenials(input, masters, published) : [input, textsOf(masters)]
    const draft = nextDraftAfter(ctx, { id: row.id, before }, shown, texts)
    // What was called back leaves the public text also while a denial waits for its signature.
    if (denies && (draft === null || !(await isTextRecalled(ctx, caseId)))) refuseDenial()
    if (draft === null) return
    const { number, at } = draft.newest
    await store.setRevised(ctx.tx, row.id, at)
    await write(ctx, draft)
    await record(ctx, { kind: "advisory.revised", case: caseId, advisory: row.id, revision: number })
    if (denies) await record(ctx, { kind: "advisory.update_required", case: caseId })
}

/** The case and its texts without each title and text that denies more than is public. */
function withoutDenials(caseFile: CaseFile, masters: readonly Master[], published: AdvisoryContent | null) {
    const isQuiet = (text: Partial<AdvisoryContent>) =>
        denialsIn({ title: "", summary: null, guidance: null, ...text }, published).length === 0
    const title = published === null || isQuiet({ title: caseFile.title }) ? caseFile.title : published.title
    const quiet = masters.filter((master) => isQuiet(textsOf([master])))
    return [{ ...caseFile, title }, textsOf(quiet)] as const
}

async function isTextRecalled(ctx: ActionContext, caseId: string): Promise<boolean> {
    const recalled = await recalledAt(ctx, ctx.now)
    return (await textsIn(ctx, caseId)).some(({ id }) => recalled.has(id))
}

/**
 * What the case tells has changed: whatever is public of it by now, or should be, is to follow. A debt of its own, so that
 * an advisory that is refused, or cannot be built, holds nothing else back. Whether anything is to be corrected is seen behind the lock.
 */
export async function oweAdvisory(ctx: ActionContext, caseId: string): Promise<void> {
    if (!hasToBePublic(await caseFile(ctx, caseId), ctx)) return
    await record(ctx, { kind: "advisory.update_required", case: caseId })
}

/** Its newest revision: every document, and what the lists say. */
async function write(
    ctx: ActionContext,
    { advisory, content, newest, missing, documents, faults }: Draft,
): Promise<void> {
    if (missing.length > 0) {
        refuse(
            "unprocessable",
            "publication.incomplete",
            `complete the case, and it is published: ${missing.join("; ")}`,
        )
    }
    if (faults.length > 0) {
        const places = placesOf(faults.map(({ line }) => line))
        refuse(
            "unprocessable",
            "publication.not_valid",
            `correct the case or the settings, and it is published: as it is it gives no valid CSAF (\`${places}\`)`,
        )
    }
    const signatures = await signTexts(
        ctx,
        documents.filter(({ signed }) => signed).map(({ body }) => body),
    )
    await store.insertRevision(ctx.tx, advisory.id, { ...newest, content })
    await store.insertDocuments(
        ctx.tx,
        { advisory: advisory.id, revision: newest.number },
        documents.map(({ path, type, body, signed }) => ({
            ...{ path, type, body, sha256: hashOf("sha256", body), sha512: hashOf("sha512", body) },
            signature: signed ? (signatures.shift() ?? null) : null,
        })),
    )
    await store.setEntries(ctx.tx, advisory.id, entriesOf(advisory))
}

function hashOf(name: "sha256" | "sha512", text: string): string {
    return createHash(name).update(text, "utf8").digest("hex")
}
