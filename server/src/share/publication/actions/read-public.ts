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
import { contactAddress, publisherOf } from "../../../platform/config/publisher.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import type { List } from "../documents.ts"
import { Kept } from "../text-cache.ts"
import * as store from "../store.ts"
import { publisherKey } from "./sign-texts.ts"

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

const publisher = ({ services }: ActionContext): Publisher => publisherOf(services.publishing, services.portalOrigin)

/** The limit of pages and of the Atom feed. CSAF lists are complete. */
const shownMax = 200
/** Ten thousand documents have lists of about 20 MB. A list above this size is built at each read. */
const keptBytesMax = 64 * 1024 * 1024
/** A constant instant: lists must not reveal what is to come. */
const never: Instant = 0
const kept = new WeakMap<Db, Kept<PublicList>>()

/** Returns a document, or its `.sha256`, `.sha512` or `.asc` file; null where there is none. */
export async function publicDocument(
    ctx: ActionContext,
    path: string,
): Promise<{ readonly type: string; readonly text: string; readonly at: Instant } | null> {
    const suffix = /\.(?:sha256|sha512|asc)$/.exec(path)?.[0] ?? ""
    const row = await store.findDocumentAt(ctx.tx, path.slice(0, path.length - suffix.length))
    if (!row || (suffix !== "" && row.signature === null)) return null
    const { type, body, sha256, sha512, signature, revisedAt: at } = row
    if (suffix === "") return { type, text: body, at }
    const name = row.path.slice(row.path.lastIndexOf("/") + 1)
    const beside = { ".sha256": `${sha256}  ${name}\n`, ".sha512": `${sha512}  ${name}\n`, ".asc": signature ?? "" }
    return { type: "text/plain; charset=utf-8", text: beside[suffix as keyof typeof beside], at }
}

/** Returns a cached list, rebuilt once after each change of public content. Otherwise reads one number only. */
async function listOf(
    ctx: ActionContext,
    list: List,
    most: number | null,
    write: Writing,
    name: string = list,
): Promise<PublicList> {
    const { db } = ctx.services
    const input = kept.get(db) ?? new Kept<PublicList>(keptBytesMax)
    kept.set(db, input)
    return await input.of(name, await store.generation(ctx.tx), async () => {
        const { text, at } = await store.listed(ctx.tx, list, write.between, most)
        const bytes = Buffer.from(await write.whole(text, at ?? never), "utf8")
        return { bytes, hash: createHash("sha256").update(bytes).digest("base64url"), at: at ?? never }
    })
}

interface Writing {
    /** The separator between entries. */
    readonly between: string
    readonly whole: (entries: string, at: Instant) => string | Promise<string>
}

/** Returns `index.txt` or `changes.csv`, newest first. */
export async function lines(ctx: ActionContext, list: List): Promise<PublicList> {
    return await listOf(ctx, list, null, { between: "", whole: (entries) => entries })
}

/** Returns the folder page of all documents, for this address. */
export async function directory(ctx: ActionContext, version: CsafVersion, address: string): Promise<PublicList> {
    const whole = (index: string) => directoryPage(publicCollection(version), filesIn(index), address)
    return await listOf(ctx, "index", null, { between: "", whole }, `directory ${address}`)
}

/** Returns the folder page of one year; null, without caching, where there is none. */
export async function yearDirectory(
    ctx: ActionContext,
    version: CsafVersion,
    year: string,
): Promise<PublicList | null> {
    if (!(await store.hasYear(ctx.tx, Number(year)))) return null
    const whole = (index: string) => yearPage(publicCollection(version), year, filesIn(index), true) ?? ""
    return await listOf(ctx, "index", null, { between: "", whole }, `directory ${version} ${year}`)
}

const filesIn = (index: string): string[] => index.split("\n").slice(0, -1)

export async function rolie(ctx: ActionContext, version: CsafVersion): Promise<PublicList> {
    return await listOf(ctx, `rolie_${version}`, null, {
        between: ",\n",
        whole: (entries, at) =>
            rolieFeed(
                publisher(ctx),
                { collection: publicCollection(version), service: publicOffer(version).service },
                at,
                entries,
            ),
    })
}

export async function atom(ctx: ActionContext): Promise<PublicList> {
    return await listOf(ctx, "atom", shownMax, {
        between: "",
        whole: (entries, at) => atomFeed(publisher(ctx), formatInstant(at), entries),
    })
}

export async function pageOfAll(ctx: ActionContext): Promise<PublicList> {
    return await listOf(ctx, "page", shownMax, {
        between: "",
        whole: async (entries) => listPage(publisher(ctx).name, entries, await store.hasMoreThan(ctx.tx, shownMax)),
    })
}

export async function metadata(ctx: ActionContext, version: CsafVersion): Promise<PublicText> {
    const key = await publisherKey(ctx)
    const at = Math.max(key?.madeAt ?? never, (await store.findNewestAt(ctx.tx)) ?? never)
    return { text: written(providerMetadata(publisher(ctx), publicOffer(version), key, at)), at }
}

/** Null while there is no key yet. */
export async function publicKeyText(ctx: ActionContext): Promise<PublicText | null> {
    const key = await publisherKey(ctx)
    return key && { text: key.publicText, at: key.madeAt }
}

export function service(ctx: ActionContext, version: CsafVersion): string {
    return written(serviceDocument(publisher(ctx), "Public CSAF feeds", publicOffer(version)))
}

/** Returns `security.txt`. It is valid for half a year and some days of wall-clock time, and changes once a month. */
export function security(ctx: ActionContext): string {
    const now = new Date(ctx.services.realNow())
    const expires = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 7, 1)
    const { publishing, portalOrigin } = ctx.services
    return securityText(publisher(ctx), contactAddress(publishing, portalOrigin), expires)
}

const written = (input: Json): string => `${JSON.stringify(input, null, 2)}\n`
