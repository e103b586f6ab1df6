/**
 * Publication to the world, and its corrections. It hangs on the recorded end of the embargo: every form of the case becomes
 * public in one transaction, or none does. What is corrected under two signatures becomes a revision of the same advisory.
 *
 * What is told: the facts of the case, and of its texts the summaries and the guidance that waves opened, which two people
 * let out; never what is TLP:RED, recalled, or frozen. A case without any such text is published with its facts.
 */
import { createHash } from "node:crypto"
import type { AdvisoryContent } from "../../../lib/advisory.ts"
import { placesOf } from "../../../lib/csaf/faults.ts"
import { refuse } from "../../../lib/refusal.ts"
import { type Act, record } from "../../../trust/audit/actions.ts"
import type { Master } from "../../artifacts/actions.ts"
import { recalledAt } from "../../artifacts/actions/recalls.ts"
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
} from "../../release/actions/public-texts.ts"
import { type Draft, firstDraft, nextDraftAfter } from "./drafting.ts"
import { signTexts } from "./signing.ts"

/** The id of the advisory of a case; null before its publication. */
export async function advisoryIdOf(act: Act, caseId: string): Promise<string | null> {
    return (await store.advisoryOf(act.tx, caseId))?.id ?? null
}

/** All that the case has to tell becomes public now. Once: what is published already stays as it is. */
export async function publishCase(act: Act, caseId: string): Promise<void> {
    await store.lockToPublish(act.tx)
    if (await store.advisoryOf(act.tx, caseId)) return
    const its = await caseFile(act, caseId)
    if (!hasToBePublic(its, act)) return
    const texts = await publicTexts(act, caseId)
    if (await deniesUnseen(act, its, texts)) refuseDenial()
    const { year, number, ...draft } = await firstDraft(act, its, texts)
    const { id } = draft.advisory
    await store.insertAdvisory(act.tx, {
        ...{ case: caseId, id, year, number },
        publishedAt: act.now,
        revisedAt: act.now,
    })
    await write(act, draft)
    await record(act, { kind: "advisory.published", case: caseId, advisory: id, revision: 1 })
}

function refuseDenial(): never {
    refuse(
        "conflict",
        "publication.denies_exploitation",
        "the public text denies exploitation that is reported: release a corrected text, amend the case with a second signature, or before publication dismiss false reports",
    )
}

/** Whether the world was told of this case. */
export async function isPublished(act: Act, caseId: string): Promise<boolean> {
    return (await store.advisoryOf(act.tx, caseId)) !== undefined
}

/**
 * A revision of what is published, where the case now tells anything else; before publication, nothing. Refuses
 * `publication.denies_exploitation` for a denial that is not public yet and that no signer saw with the reports.
 */
export async function correctAdvisory(act: Act, caseId: string): Promise<void> {
    await store.lockToPublish(act.tx)
    const row = await store.advisoryOf(act.tx, caseId)
    if (!row) return
    const before = await store.revisions(act.tx, row.id)
    const published = before.at(-1)?.content ?? null
    const [its, masters] = [await caseFile(act, caseId), await publicMasters(act, caseId, [])]
    const denies = await deniesUnseen(act, its, textsOf(masters), published)
    const [shown, texts] = denies ? withoutDenials(its, masters, published) : [its, textsOf(masters)]
    const draft = nextDraftAfter(act, { id: row.id, before }, shown, texts)
    // What was called back leaves the public text also while a denial waits for its signature.
    if (denies && (draft === null || !(await isTextRecalled(act, caseId)))) refuseDenial()
    if (draft === null) return
    const { number, at } = draft.newest
    await store.setRevised(act.tx, row.id, at)
    await write(act, draft)
    await record(act, { kind: "advisory.revised", case: caseId, advisory: row.id, revision: number })
    if (denies) await record(act, { kind: "advisory.update_required", case: caseId })
}

/** The case and its texts without each title and text that denies more than is public. */
function withoutDenials(its: CaseFile, masters: readonly Master[], published: AdvisoryContent | null) {
    const isQuiet = (text: Partial<AdvisoryContent>) =>
        denialsIn({ title: "", summary: null, guidance: null, ...text }, published).length === 0
    const title = published === null || isQuiet({ title: its.title }) ? its.title : published.title
    const quiet = masters.filter((one) => isQuiet(textsOf([one])))
    return [{ ...its, title }, textsOf(quiet)] as const
}

async function isTextRecalled(act: Act, caseId: string): Promise<boolean> {
    const recalled = await recalledAt(act, act.now)
    return (await textsIn(act, caseId)).some(({ id }) => recalled.has(id))
}

/**
 * What the case tells has changed: whatever is public of it by now, or should be, is to follow. A debt of its own, so that
 * an advisory that is refused, or cannot be built, holds nothing else back. Whether anything is to be corrected is seen behind the lock.
 */
export async function oweAdvisory(act: Act, caseId: string): Promise<void> {
    if (!hasToBePublic(await caseFile(act, caseId), act)) return
    await record(act, { kind: "advisory.update_required", case: caseId })
}

/** Its newest revision: every document, and what the lists say. */
async function write(act: Act, { advisory, content, newest, missing, documents, faults }: Draft): Promise<void> {
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
        act,
        documents.filter(({ signed }) => signed).map(({ body }) => body),
    )
    await store.insertRevision(act.tx, advisory.id, { ...newest, content })
    await store.insertDocuments(
        act.tx,
        { advisory: advisory.id, revision: newest.number },
        documents.map(({ path, type, body, signed }) => ({
            ...{ path, type, body, sha256: hashOf("sha256", body), sha512: hashOf("sha512", body) },
            signature: signed ? (signatures.shift() ?? null) : null,
        })),
    )
    await store.setEntries(act.tx, advisory.id, entriesOf(advisory))
}

function hashOf(name: "sha256" | "sha512", text: string): string {
    return createHash(name).update(text, "utf8").digest("hex")
}
