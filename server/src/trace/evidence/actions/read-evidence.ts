/** Reads evidence: a text as it is, or the texts of an archive, extracted once in a subprocess. */
import { leakCharsMax } from "@tocsin/marks/align"
import { decodeText } from "../../../models/content-type.ts"
import { type SandboxedArchive, extractArchiveInSubprocess } from "../../../platform/sandbox/archive.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { findBytes, loadEvidence, decryptForEvidence, encryptForEvidence } from "./load-evidence.ts"
import type { Evidence } from "../evidence.ts"
import { type ArchivePart, selectWeighedTexts } from "../parts.ts"
import * as store from "../store/evidence.ts"
import { lockEvidenceIfPresent } from "./hold-evidence.ts"

export interface ArchiveContents extends Pick<SandboxedArchive, "hasMore" | "isWhole" | "ended"> {
    readonly parts: readonly (ArchivePart & { readonly isWeighed: boolean })[]
}

export interface EvidenceWithContent extends Evidence {
    /** The text that is weighed; null where there is none. */
    readonly content: string | null
    /** Null where it is not an archive. */
    readonly archive: ArchiveContents | null
}

/** Reads one piece with its content, and records the read. */
export async function readEvidence(ctx: ActionContext, id: string): Promise<EvidenceWithContent> {
    const evidence = await loadEvidence(ctx, id)
    const content = await loadContent(ctx, evidence)
    await record(ctx, { kind: "evidence.read", evidence: id }, true)
    return { ...evidence, ...content }
}

/** Returns the original bytes and records the read. Returns null where there are none. */
export async function readOriginal(ctx: ActionContext, id: string): Promise<Buffer | null> {
    const bytes = await findBytes(ctx, id)
    await record(ctx, { kind: "evidence.read", evidence: id, part: "original" }, true)
    return bytes
}

/** Returns the text of evidence, or null where there is none. The caller records its use of the text. */
export async function findText(ctx: ActionContext, id: string): Promise<string | null> {
    return (await loadContent(ctx, await loadEvidence(ctx, id))).content
}

async function loadContent(
    ctx: ActionContext,
    { id, contentType, deletedAt }: Evidence,
): Promise<Pick<EvidenceWithContent, "content" | "archive">> {
    if (deletedAt !== null) return { content: null, archive: null }
    if (contentType?.kind === "text") {
        const bytes = await findBytes(ctx, id)
        return { content: bytes && decodeText(bytes), archive: null }
    }
    return contentType?.kind === "archive" ? await loadArchive(ctx, id) : { content: null, archive: null }
}

type ArchiveList = Omit<ArchiveContents, "parts"> & { readonly parts: readonly ArchivePart[] }

async function loadArchive(ctx: ActionContext, id: string): Promise<Pick<EvidenceWithContent, "content" | "archive">> {
    await extractArchive(ctx, id)
    const row = await store.findExtraction(ctx.tx, id)
    // It was deleted meanwhile.
    if (!row) return { content: null, archive: null }
    const list = await decryptList(ctx, row)
    const texts = JSON.parse(await decryptForEvidence(ctx, id, textsPlace(id), row.texts_ciphertext)) as (
        | string
        | null
    )[]
    const { text, places } = selectWeighedTexts(list.parts, texts, leakCharsMax)
    const parts = list.parts.map((part, place) => ({ ...part, isWeighed: places.has(place) }))
    return { content: text, archive: { ...list, parts } }
}

/** Extracts an archive once. Does nothing for other content. */
export async function extractArchive(
    ctx: ActionContext,
    id: string,
    extract: ArchiveExtractor = extractArchiveInSubprocess,
): Promise<void> {
    const { contentType: content } = await loadEvidence(ctx, id)
    if (content?.kind !== "archive" || (await store.findExtraction(ctx.tx, id))) return
    await saveExtraction(ctx, id, extract)
}

/** Extracts an archive again on request, where the earlier extraction failed, and replaces it. */
export async function retryExtraction(ctx: ActionContext, id: string): Promise<void> {
    const row = await store.findExtraction(ctx.tx, id)
    if (row && isRetriable(await decryptList(ctx, row))) await saveExtraction(ctx, id, extractArchiveInSubprocess)
}

type ArchiveExtractor = (archive: Uint8Array) => Promise<SandboxedArchive>

/** A busy machine can succeed at a later try. */
const attemptsMax = 3
const isRetriable = ({ ended }: Pick<SandboxedArchive, "ended">): boolean => ended === "time" || ended === "broke"

async function saveExtraction(ctx: ActionContext, id: string, extract: ArchiveExtractor): Promise<void> {
    const bytes = await findBytes(ctx, id)
    if (bytes === null) return
    let found = await extract(bytes)
    for (let n = 1; n < attemptsMax && isRetriable(found); n++) found = await extract(bytes)
    const { parts, ...rest } = found
    const list: ArchiveList = {
        ...rest,
        parts: parts.map(({ names, size, sha256, content: contentType, reason }) => ({
            name: names.join(" › "),
            size,
            sha256,
            contentType,
            reason,
        })),
    }
    const texts = parts.map(({ text }) => text)
    const { places } = selectWeighedTexts(list.parts, texts, leakCharsMax)
    const keptTexts = texts.map((text, place) => (places.has(place) ? text : null))
    if (!(await lockEvidenceIfPresent(ctx, id))) return
    const row = await store.findExtraction(ctx.tx, id)
    // Another transaction has extracted it meanwhile.
    if (row && !isRetriable(await decryptList(ctx, row))) return
    await store.replaceExtraction(ctx.tx, {
        evidence: id,
        list_ciphertext: await encryptForEvidence(ctx, id, listPlace(id), JSON.stringify(list)),
        texts_ciphertext: await encryptForEvidence(ctx, id, textsPlace(id), JSON.stringify(keptTexts)),
        extracted_at: ctx.now,
    })
    const opened = parts.filter(({ reason }) => reason === null).length
    const counts = { opened, notOpened: parts.length - opened, ended: rest.ended }
    await record(ctx, { kind: "evidence.archive_extracted", evidence: id, ...counts }, true)
}

async function decryptList(
    ctx: ActionContext,
    { evidence, list_ciphertext }: store.ExtractionRow,
): Promise<ArchiveList> {
    return JSON.parse(await decryptForEvidence(ctx, evidence, listPlace(evidence), list_ciphertext)) as ArchiveList
}

const listPlace = (id: string): string => `archive_extractions.list:${id}`
const textsPlace = (id: string): string => `archive_extractions.texts:${id}`
