/** Reads evidence: a text as it is, or the texts of an archive, extracted once in a subprocess. */
import { leakMax } from "@tocsin/marks/align"
import { textIn } from "../../../models/content-type.ts"
import { type OpenedArchive, openArchiveApart } from "../../../platform/sandbox/archive.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { bytesOf, evidenceOf, openWith, sealWith } from "../actions.ts"
import type { Evidence } from "../evidence.ts"
import { type Part, weighed } from "../parts.ts"
import * as store from "../store.ts"
import { isStillThere } from "./hold-evidence.ts"

export interface Inside extends Pick<OpenedArchive, "hasMore" | "isWhole" | "ended"> {
    readonly parts: readonly (Part & { readonly isWeighed: boolean })[]
}

export interface Read extends Evidence {
    /** The text that is weighed; null where there is none. */
    readonly content: string | null
    /** Null where it is not an archive. */
    readonly inside: Inside | null
}

/** Reads one piece with its content, and records the look. */
export async function readEvidence(ctx: ActionContext, id: string): Promise<Read> {
    const evidence = await evidenceOf(ctx, id)
    const read = await readingOf(ctx, evidence)
    await record(ctx, { kind: "evidence.read", evidence: id }, true)
    return { ...evidence, ...read }
}

/** Returns the original bytes and records the look. Returns null where there are none. */
export async function originalOf(ctx: ActionContext, id: string): Promise<Buffer | null> {
    const bytes = await bytesOf(ctx, id)
    await record(ctx, { kind: "evidence.read", evidence: id, what: "original" }, true)
    return bytes
}

/** For acts that record themselves what they did with it; null where there is nothing to read. */
export async function textOf(ctx: ActionContext, id: string): Promise<string | null> {
    return (await readingOf(ctx, await evidenceOf(ctx, id))).content
}

async function readingOf(
    ctx: ActionContext,
    { id, is, deletedAt }: Evidence,
): Promise<Pick<Read, "content" | "inside">> {
    if (deletedAt !== null) return { content: null, inside: null }
    if (is?.kind === "text") {
        const bytes = await bytesOf(ctx, id)
        return { content: bytes && textIn(bytes), inside: null }
    }
    return is?.kind === "archive" ? await within(ctx, id) : { content: null, inside: null }
}

type Listed = Omit<Inside, "parts"> & { readonly parts: readonly Part[] }

async function within(ctx: ActionContext, id: string): Promise<Pick<Read, "content" | "inside">> {
    await openEvidence(ctx, id)
    const row = await store.findOpening(ctx.tx, id)
    // It was deleted meanwhile.
    if (!row) return { content: null, inside: null }
    const list = await listIn(ctx, row)
    const texts = JSON.parse(await openWith(ctx, id, textsPlace(id), row.texts_ciphertext)) as (string | null)[]
    const { text, places } = weighed(list.parts, texts, leakMax)
    const parts = list.parts.map((part, place) => ({ ...part, isWeighed: places.has(place) }))
    return { content: text, inside: { ...list, parts } }
}

/** Extracts an archive once. Does nothing for other content. */
export async function openEvidence(ctx: ActionContext, id: string, open: Open = openArchiveApart): Promise<void> {
    const { is: content } = await evidenceOf(ctx, id)
    if (content?.kind !== "archive" || (await store.findOpening(ctx.tx, id))) return
    await saveOpening(ctx, id, open)
}

/** Extracts an archive again on request, where the earlier extraction failed, and replaces it. */
export async function openAgain(ctx: ActionContext, id: string): Promise<void> {
    const row = await store.findOpening(ctx.tx, id)
    if (row && isInVain(await listIn(ctx, row))) await saveOpening(ctx, id, openArchiveApart)
}

type Open = (archive: Uint8Array) => Promise<OpenedArchive>

/** A busy machine can succeed at a later try. */
const opensMax = 3
const isInVain = ({ ended }: Pick<OpenedArchive, "ended">): boolean => ended === "time" || ended === "broke"

async function saveOpening(ctx: ActionContext, id: string, open: Open): Promise<void> {
    const bytes = await bytesOf(ctx, id)
    if (bytes === null) return
    let found = await open(bytes)
    for (let n = 1; n < opensMax && isInVain(found); n++) found = await open(bytes)
    const { parts, ...rest } = found
    const list: Listed = {
        ...rest,
        parts: parts.map(({ names, size, sha256, content: is, why }) => ({
            name: names.join(" › "),
            size,
            sha256,
            is,
            why,
        })),
    }
    const texts = parts.map(({ text }) => text)
    const { places } = weighed(list.parts, texts, leakMax)
    const kept = texts.map((text, place) => (places.has(place) ? text : null))
    if (!(await isStillThere(ctx, id))) return
    const row = await store.findOpening(ctx.tx, id)
    // Another transaction has extracted it meanwhile.
    if (row && !isInVain(await listIn(ctx, row))) return
    await store.putOpening(ctx.tx, {
        evidence: id,
        list_ciphertext: await sealWith(ctx, id, listPlace(id), JSON.stringify(list)),
        texts_ciphertext: await sealWith(ctx, id, textsPlace(id), JSON.stringify(kept)),
        opened_at: ctx.now,
    })
    const opened = parts.filter(({ why }) => why === null).length
    const counts = { opened, notOpened: parts.length - opened, ended: rest.ended }
    await record(ctx, { kind: "evidence.archive_extracted", evidence: id, ...counts }, true)
}

async function listIn(ctx: ActionContext, { evidence, list_ciphertext }: store.OpeningRow): Promise<Listed> {
    return JSON.parse(await openWith(ctx, evidence, listPlace(evidence), list_ciphertext)) as Listed
}

const listPlace = (id: string): string => `evidence_openings.list:${id}`
const textsPlace = (id: string): string => `evidence_openings.texts:${id}`
