/**
 * Publication to the world, and its corrections. It hangs on the recorded end of the embargo: every form of the case becomes
 * public in one transaction, or none does. What is corrected under two signatures becomes a revision of the same advisory.
 *
 * What is told: the facts of the case, and of its texts the summaries and the guidance that waves opened, which two people
 * let out; never what is TLP:RED, recalled, or frozen. A case without any such text is published with its facts.
 */
import { createHash } from "node:crypto"
import {
    type Advisory,
    type AdvisoryContent,
    type Revision,
    changeBetween,
    idOf,
    newestOf,
} from "../../../lib/advisory.ts"
import { refuse } from "../../../lib/refusal.ts"
import { csafFaults, placesOf } from "../../../lib/csaf/faults.ts"
import { publisherOf } from "../../../platform/publishing.ts"
import { type Act, record } from "../../../trust/audit/actions.ts"
import { artifactsOf, masterOf } from "../../artifacts/actions.ts"
import { recalledAt } from "../../artifacts/actions/recalls.ts"
import { isRecalled } from "../../artifacts/recall.ts"
import { caseFile } from "../../cases/actions.ts"
import { phase } from "../../cases/embargo.ts"
import { plannedAndOpenAt } from "../../waves/actions.ts"
import { contentOf, documentsOf, entriesOf, isPublicText } from "../documents.ts"
import * as store from "../store.ts"
import { signTexts } from "./signing.ts"

/** All that the case has to tell becomes public now. Once: what is published already stays as it is. */
export async function publishCase(act: Act, caseId: string): Promise<void> {
    await store.lockToPublish(act.tx)
    if (await store.advisoryOf(act.tx, caseId)) return
    const its = await caseFile(act, caseId)
    if (its.closing !== null || phase(its.embargo, act.now) !== "ended") return
    const year = new Date(act.now).getUTCFullYear()
    const number = await store.nextNumber(act.tx, year)
    const id = idOf(act.doors.publishing.prefix, year, number)
    const content = contentOf(its, await releasedTexts(act, caseId))
    const revisions = [{ number: 1, at: act.now, summary: "Published." }]
    await store.insertAdvisory(act.tx, {
        ...{ case: caseId, id, year, number },
        publishedAt: act.now,
        revisedAt: act.now,
    })
    await write(act, { id, content, revisions })
    await record(act, { kind: "advisory.published", case: caseId, advisory: id, revision: 1 })
}

/** A revision of what is published, where the case now tells anything else; before publication, nothing. */
export async function correctAdvisory(act: Act, caseId: string): Promise<void> {
    await store.lockToPublish(act.tx)
    const row = await store.advisoryOf(act.tx, caseId)
    if (!row) return
    const before = await store.revisions(act.tx, row.id)
    const last = before.at(-1)
    if (!last) throw new Error("an advisory has a first revision")
    const content = contentOf(await caseFile(act, caseId), await releasedTexts(act, caseId))
    const summary = changeBetween(last.content, content)
    if (summary === null) return
    // No revision is older than the one before it, whatever the clock says.
    const revision = { number: last.number + 1, at: Math.max(act.now, last.at), summary }
    await store.setRevised(act.tx, row.id, revision.at)
    await write(act, { id: row.id, content, revisions: [...before, revision] })
    await record(act, { kind: "advisory.revised", case: caseId, advisory: row.id, revision: revision.number })
}

interface Written {
    readonly id: string
    readonly content: AdvisoryContent
    readonly revisions: readonly Revision[]
}

/** Its newest revision: every document, and what the lists say. */
async function write(act: Act, { id, content, revisions }: Written): Promise<void> {
    const { publishing, portalOrigin } = act.doors
    const advisory: Advisory = {
        ...content,
        ...{ id, publisher: publisherOf(publishing, portalOrigin) },
        revisions: revisions.map(({ number, at, summary }) => ({ number, at, summary })),
    }
    const documents = documentsOf(advisory, publishing.cna)
    const faults = documents.filter(({ signed }) => signed).flatMap(({ body }) => csafFaults(body))
    if (faults.length > 0) {
        refuse(
            "unprocessable",
            "publication.not_valid",
            `correct the case or the settings, and it is published: as it is it gives no valid CSAF (\`${placesOf(faults)}\`)`,
        )
    }
    const signatures = await signTexts(
        act,
        documents.filter(({ signed }) => signed).map(({ body }) => body),
    )
    const newest = newestOf(revisions)
    await store.insertRevision(act.tx, id, { ...newest, content })
    await store.insertDocuments(
        act.tx,
        { advisory: id, revision: newest.number },
        documents.map(({ path, type, body, signed }) => ({
            ...{ path, type, body, sha256: hashOf("sha256", body), sha512: hashOf("sha512", body) },
            signature: signed ? (signatures.shift() ?? null) : null,
        })),
    )
    await store.setEntries(act.tx, id, entriesOf(advisory))
}

function hashOf(name: "sha256" | "sha512", text: string): string {
    return createHash(name).update(text, "utf8").digest("hex")
}

/** The newest version of each that stands open, put together by class in the order in which they were written. */
async function releasedTexts(
    act: Act,
    caseId: string,
): Promise<{ readonly summary: string | null; readonly guidance: string | null }> {
    const { opened } = await plannedAndOpenAt(act, caseId, act.now)
    const recalled = await recalledAt(act, act.now)
    const texts: Record<"summary" | "guidance", string[]> = { summary: [], guidance: [] }
    for (const { id, class: its, name, tlp } of await artifactsOf(act, caseId)) {
        if ((its !== "summary" && its !== "guidance") || !isPublicText(name, tlp)) continue
        const version = Math.max(...opened.filter(({ artifact }) => artifact === id).map((one) => one.version))
        if (!Number.isFinite(version) || isRecalled(recalled.get(id) ?? [], version)) continue
        texts[its].push((await masterOf(act, id, version)).content.trim())
    }
    return { summary: joined(texts.summary), guidance: joined(texts.guidance) }
}

const joined = (texts: readonly string[]): string | null => (texts.length === 0 ? null : texts.join("\n\n"))
