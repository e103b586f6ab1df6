/** Reads the public documents as written at publication, and the lists, joined from their stored entries. */
import { createHash } from "node:crypto"
import type { Publisher } from "@tocsin/formats/advisory/advisory"
import { atomFeed, listPage } from "@tocsin/formats/advisory/page"
import type { Json } from "@tocsin/base/canonical"
import { type CsafVersion, publicCollection } from "@tocsin/formats/csaf/document"
import { directoryPage, yearPage } from "@tocsin/formats/csaf/directory"
import { providerMetadata, publicOffer, rolieFeed, securityText, serviceDocument } from "@tocsin/formats/csaf/provider"
import { type Instant, formatInstant } from "@tocsin/base/instant"
import type { Db } from "../../../platform/postgres/db.ts"
import { contactUri, publisherOf } from "../../../platform/config/publisher.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { findPublisherKey, listPublisherKeys } from "../../../trust/publisher-keys/actions/publisher-key.ts"
import { keysChangedAt, listedKeys } from "../../../trust/publisher-keys/publisher-key.ts"
import type { ListName } from "../documents.ts"
import { TextCache } from "../text-cache.ts"
import * as store from "../store.ts"

/** A public text, and its last change. */
export interface PublicText {
    readonly text: string
    readonly at: Instant
}

/** A frequently read text, as bytes with their hash. */
export interface PublicList {
    readonly bytes: Buffer
    readonly hash: string
    readonly at: Instant
}

export const publisher = ({ services }: ActionContext): Publisher =>
    publisherOf(services.publisherSettings, services.portalOrigin)

/** The limit of pages and of the Atom feed. CSAF lists are complete. */
const entriesMax = 200
/** Ten thousand documents have lists of about 20 MB. A list above this size is built at each read. */
const cacheBytesMax = 64 * 1024 * 1024
/** A constant instant: lists must not reveal future publications. */
const noInstant: Instant = 0
const caches = new WeakMap<Db, TextCache<PublicList>>()

/** Returns a document, or its `.sha256`, `.sha512` or `.asc` file; null where there is none. */
export async function findPublicDocument(
    ctx: ActionContext,
    path: string,
): Promise<{ readonly type: string; readonly text: string; readonly at: Instant } | null> {
    const suffix = /\.(?:sha256|sha512|asc)$/.exec(path)?.[0] ?? ""
    const row = await store.findDocumentAt(ctx.tx, path.slice(0, path.length - suffix.length))
    if (!row || (suffix !== "" && row.signature === null)) return null
    const { type, body, sha256, sha512, signature, signedBy, revisedAt } = row
    if (suffix === "") return { type, text: body, at: revisedAt }
    const key = suffix === ".asc" ? await findKey(ctx, signedBy) : undefined
    // A document that was signed again has a signature of the key's creation.
    const at = Math.max(revisedAt, key?.createdAt ?? noInstant)
    const name = row.path.slice(row.path.lastIndexOf("/") + 1)
    const contents = { ".sha256": `${sha256}  ${name}\n`, ".sha512": `${sha512}  ${name}\n`, ".asc": signature ?? "" }
    return { type: "text/plain; charset=utf-8", text: contents[suffix as keyof typeof contents], at }
}

/** Returns a cached list, rebuilt once after each change of public content. Otherwise reads one number only. */
async function loadList(
    ctx: ActionContext,
    list: ListName,
    limit: number | null,
    format: ListFormat,
    name: string = list,
): Promise<PublicList> {
    const { db } = ctx.services
    const cache = caches.get(db) ?? new TextCache<PublicList>(cacheBytesMax)
    caches.set(db, cache)
    return await cache.get(name, await store.findGeneration(ctx.tx), async () => {
        const { text, at } = await store.joinEntries(ctx.tx, list, format.separator, limit)
        const bytes = Buffer.from(await format.build(text, at ?? noInstant), "utf8")
        return { bytes, hash: createHash("sha256").update(bytes).digest("base64url"), at: at ?? noInstant }
    })
}

interface ListFormat {
    /** The separator between entries. */
    readonly separator: string
    readonly build: (entries: string, at: Instant) => string | Promise<string>
}

/** Returns `index.txt` or `changes.csv`, newest first. */
export async function loadLines(ctx: ActionContext, list: ListName): Promise<PublicList> {
    return await loadList(ctx, list, null, { separator: "", build: (entries) => entries })
}

/** Returns the folder page of all documents, for this address. */
export async function loadDirectory(ctx: ActionContext, version: CsafVersion, address: string): Promise<PublicList> {
    const build = (index: string) => directoryPage(publicCollection(version), filesIn(index), address)
    return await loadList(ctx, "index", null, { separator: "", build }, `directory ${address}`)
}

/** Returns the folder page of one year; null, without caching, where there is none. */
export async function findYearDirectory(
    ctx: ActionContext,
    version: CsafVersion,
    year: string,
): Promise<PublicList | null> {
    if (!(await store.hasYear(ctx.tx, Number(year)))) return null
    const build = (index: string) => yearPage(publicCollection(version), year, filesIn(index), true) ?? ""
    return await loadList(ctx, "index", null, { separator: "", build }, `directory ${version} ${year}`)
}

const filesIn = (index: string): string[] => index.split("\n").slice(0, -1)

export async function loadRolieFeed(ctx: ActionContext, version: CsafVersion): Promise<PublicList> {
    return await loadList(ctx, `rolie_${version}`, null, {
        separator: ",\n",
        build: (entries, at) =>
            rolieFeed(
                publisher(ctx),
                { collection: publicCollection(version), service: publicOffer(version).service },
                at,
                entries,
            ),
    })
}

export async function loadAtomFeed(ctx: ActionContext): Promise<PublicList> {
    return await loadList(ctx, "atom", entriesMax, {
        separator: "",
        build: (entries, at) => atomFeed(publisher(ctx), formatInstant(at), entries),
    })
}

export async function loadListPage(ctx: ActionContext): Promise<PublicList> {
    return await loadList(ctx, "page", entriesMax, {
        separator: "",
        build: async (entries) => listPage(publisher(ctx), entries, await store.hasMoreThan(ctx.tx, entriesMax)),
    })
}

export async function loadProviderMetadata(ctx: ActionContext, version: CsafVersion): Promise<PublicText> {
    const keys = await listPublisherKeys(ctx)
    const at = Math.max(keysChangedAt(keys, ctx.now) ?? noInstant, (await store.findNewestAt(ctx.tx)) ?? noInstant)
    return { text: jsonText(providerMetadata(publisher(ctx), publicOffer(version), listedKeys(keys, ctx.now), at)), at }
}

async function findKey(ctx: ActionContext, fingerprint: string | null) {
    return (await listPublisherKeys(ctx)).find((key) => key.fingerprint === fingerprint)
}

/** Returns a key, by default the one that signs, with its revocation if it was revoked. Null where there is none. */
export async function findPublicKeyText(
    ctx: ActionContext,
    fingerprint: string | null = null,
): Promise<PublicText | null> {
    const key = fingerprint === null ? await findPublisherKey(ctx) : await findKey(ctx, fingerprint)
    return key ? { text: key.publicText, at: key.revokedAt ?? key.createdAt } : null
}

export function serviceText(ctx: ActionContext, version: CsafVersion): string {
    return jsonText(serviceDocument(publisher(ctx), "Public CSAF feeds", publicOffer(version)))
}

/** Returns `security.txt`. It is valid for half a year and some days of wall-clock time, and changes once a month. */
export function securityTxt(ctx: ActionContext): string {
    const now = new Date(ctx.services.realNow())
    const expires = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 7, 1)
    const { publisherSettings: publishing, portalOrigin } = ctx.services
    return securityText(publisher(ctx), contactUri(publishing, portalOrigin), expires)
}

const jsonText = (value: Json): string => `${JSON.stringify(value, null, 2)}\n`

/** Counts the published advisories, and finds the last publication or revision. */
export async function loadPublicUse({
    tx,
}: ActionContext): Promise<{ readonly count: number; readonly lastAt: Instant | null }> {
    return { count: await store.countAdvisories(tx), lastAt: await store.findNewestAt(tx) }
}
